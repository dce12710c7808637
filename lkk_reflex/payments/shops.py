"""Shops of the providers: adding them, seeing them, stopping and resuming."""

import logging
import re
from dataclasses import asdict, dataclass, field
from datetime import date

from sqlmodel import Session

from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.crypto import keyring
from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.kit.tokens import new_token
from lkk_reflex.payments import repository
from lkk_reflex.payments.errors import ShopRefused
from lkk_reflex.payments.gateways.base import ShopAccess
from lkk_reflex.payments.models import ReceiptsMode, ReceiptTerms, Shop, ShopRecipient
from lkk_reflex.settings import get_settings

logger = logging.getLogger(__name__)

_TEST_KEY, _LIVE_KEY = "test_", "live_"
_DIGITS = {
    "inn": (10, "ИНН получателя — 10 цифр (у предпринимателей 12, им платежи за ЖКУ недоступны)."),
    "kpp": (9, "КПП получателя — 9 цифр."),
    "bank_bic": (9, "БИК — 9 цифр."),
    "bank_account": (20, "расчётный счёт — 20 цифр."),
    "bank_correspondent_account": (20, "корреспондентский счёт — 20 цифр."),
}
_BANK_NAME = 45
_VAT_CODES = range(1, 13)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom the payment orders of a utility shop name (`payment_order.recipient` of the API)."""

    name: str
    inn: str
    kpp: str
    bank_name: str
    bank_bic: str
    bank_account: str
    bank_correspondent_account: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What fiscal receipts say from `valid_from` on; codes of https://yookassa.ru/developers/54fz/parameters-values."""

    valid_from: date
    debt_vat_code: int
    advance_vat_code: int
    tax_system_code: int | None = None
    debt_subject: str = "service"


@dataclass(frozen=True, slots=True)
class NewShop:
    """A shop as the company's merchant cabinet shows it. With `recipient` it is a utility shop."""

    provider_id: int
    gateway_id: str
    secret: str = field(repr=False)
    recipient: Recipient | None = None
    receipts_mode: ReceiptsMode = ReceiptsMode.OFF
    terms: tuple[Terms, ...] = ()


@dataclass(frozen=True, slots=True)
class ShopShown:
    """A shop without its key, for the one who sets the portal up."""

    provider_id: int
    gateway_id: str
    is_test: bool
    is_utilities: bool
    receipts_mode: ReceiptsMode
    is_enabled: bool
    stopped_reason: str
    #: To be entered in the merchant's cabinet, «Интеграция — HTTP-уведомления».
    notification_url: str


def add_shop(session: Session, viewer: Viewer, shop: NewShop) -> ShopShown:
    """Add a provider's shop; it takes the provider's payments from now on.

    Raises:
        Forbidden: for anybody but the system.
        ShopRefused: for data that YooKassa would refuse, a test shop in production or a live one in the demo.
    """
    viewer.require_system()
    problem = _problem_of(shop, is_demo=get_settings().is_demo)
    if problem is None and repository.shop_by_gateway_id(session, shop.gateway_id):
        problem = "магазин с таким номером уже есть."
    if problem:
        raise ShopRefused(reason=problem)
    for old in repository.shops_of_provider(session, shop.provider_id):
        old.is_enabled = False
    row = Shop(
        provider_id=shop.provider_id,
        gateway_id=shop.gateway_id,
        secret_encrypted=keyring().encrypt(shop.secret),
        is_test=shop.secret.startswith(_TEST_KEY),
        is_utilities=shop.recipient is not None,
        webhook_token=new_token(),
        receipts_mode=shop.receipts_mode,
        created_at=clock.now(),
    )
    shop_id = repository.add_shop(session, row)
    if shop.recipient:
        session.add(ShopRecipient(shop_id=shop_id, **asdict(shop.recipient)))
    for terms in shop.terms:
        session.add(ReceiptTerms(shop_id=shop_id, **asdict(terms)))
    return _shown(row)


def list_shops(session: Session, viewer: Viewer) -> list[ShopShown]:
    """Return all shops, the present ones and those of the past.

    Raises:
        Forbidden: for anybody but the system.
    """
    viewer.require_system()
    return [_shown(row) for row in repository.all_shops(session)]


def resume_shop(session: Session, viewer: Viewer, gateway_id: str, *, secret: str | None = None) -> None:
    """Let a stopped shop work again, with a new key if one was issued.

    Raises:
        Forbidden: for anybody but the system, or when there is no such shop.
        ShopRefused: for a key of the other kind (test or live).
    """
    viewer.require_system()
    row = repository.shop_by_gateway_id(session, gateway_id)
    if row is None:
        raise Forbidden
    if secret and not secret.startswith(_TEST_KEY if row.is_test else _LIVE_KEY):
        raise ShopRefused(reason="новый ключ другого вида: тестовый вместо рабочего или наоборот.")
    # Payments first, the shop second: the order in which everybody locks them.
    repository.wake_payments_of(session, row, clock.now())
    row.stopped_reason = ""
    if secret:
        row.secret_encrypted = keyring().encrypt(secret)


def stop_shop(shop: Shop, reason: str) -> None:
    """Stop a shop whose key YooKassa refuses, and raise the alarm once."""
    if not shop.stopped_reason:
        shop.stopped_reason = reason[:200]
        logger.error("ALARM shop %s is stopped: %s", shop.gateway_id, reason)


def access_of(shop: Shop) -> ShopAccess:
    """Return what it takes to act for the shop."""
    return ShopAccess(shop.gateway_id, keyring().decrypt(shop.secret_encrypted), shop.is_test)


def _problem_of(shop: NewShop, *, is_demo: bool) -> str | None:
    """Return in Russian what is wrong, or None."""
    expected = _TEST_KEY if is_demo else _LIVE_KEY
    if not re.fullmatch(r"[0-9]{1,20}", shop.gateway_id):
        return "номер магазина (shopId) состоит из цифр."
    if not shop.secret.startswith(expected):
        return f"секретный ключ {'демонстрации' if is_demo else 'рабочего портала'} начинается с {expected}."
    if shop.receipts_mode is not ReceiptsMode.OFF and not shop.terms:
        return "для чеков укажите ставки НДС."
    if any({terms.debt_vat_code, terms.advance_vat_code} - set(_VAT_CODES) for terms in shop.terms):
        return "код ставки НДС — число от 1 до 12."
    return _problem_of_recipient(shop.recipient) if shop.recipient else None


def _problem_of_recipient(recipient: Recipient) -> str | None:
    for name, (length, words) in _DIGITS.items():
        value = getattr(recipient, name)
        if not re.fullmatch(rf"[0-9]{{{length}}}", value):
            return words
    if not 1 <= len(recipient.bank_name) <= _BANK_NAME:
        return f"название банка — не длиннее {_BANK_NAME} знаков."
    return None if recipient.name else "укажите название получателя."


def _shown(row: Shop) -> ShopShown:
    return ShopShown(
        provider_id=row.provider_id,
        gateway_id=row.gateway_id,
        is_test=row.is_test,
        is_utilities=row.is_utilities,
        receipts_mode=row.receipts_mode,
        is_enabled=row.is_enabled,
        stopped_reason=row.stopped_reason,
        notification_url=f"{get_settings().public_url}/hooks/yookassa/{row.webhook_token}",
    )
