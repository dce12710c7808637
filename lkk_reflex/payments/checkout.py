"""Starting a payment: the row, its key and its frozen request first, the gateway afterwards."""

import re
import uuid
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import Session

from lkk_reflex.identity.errors import LoginUnreadable
from lkk_reflex.identity.models import LoginKind
from lkk_reflex.identity.rules import normalise_login
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Forbidden, Problems
from lkk_reflex.kit.money import Money
from lkk_reflex.kit.tokens import new_token
from lkk_reflex.payments import debt, repository, request_body, rules
from lkk_reflex.payments.debt import PayableAccount
from lkk_reflex.payments.errors import (
    AmountTooLarge,
    AmountTooSmall,
    AmountUnreadable,
    DebtChanged,
    DebtUnknown,
    FormAlreadySent,
    NothingToPay,
    PaymentUnavailable,
    ReceiptContactNeeded,
)
from lkk_reflex.payments.gateways import yookassa
from lkk_reflex.payments.gateways.base import GatewayFactory
from lkk_reflex.payments.models import Payment, PaymentStatus, ReceiptsMode, Shop
from lkk_reflex.payments.watch import Asker, advance
from lkk_reflex.settings import get_settings

_INTENT = re.compile(r"[A-Za-z0-9_-]{20,64}")
_MAX_TYPED = 40
_ENDED_UNPAID = frozenset({PaymentStatus.CANCELED, PaymentStatus.REJECTED})


class AmountChoice(StrEnum):
    """Which sum the person wants to pay."""

    DEBT = "debt"
    OWN = "own"
    WITH_READINGS = "with_readings"  # the debt and what the readings just given will cost


@dataclass(frozen=True, slots=True)
class PayForm:
    """What the pay form sends. `debt_shown` is the sum that stood on the button, in kopecks, unless it was typed."""

    #: From `new_intent`, the same for every click on the same form.
    intent_id: str
    #: `AccountLink.public_id`.
    link_id: str
    choice: AmountChoice
    debt_shown: int = 0
    #: What the readings just given will cost, in kopecks: counted by the server, never sent by a browser.
    estimate: int = 0
    amount_text: str = ""
    receipt_contact: str = ""


def new_intent() -> str:
    """Return the id of one form: all its clicks make one payment."""
    return new_token()


def parse_amount(text: str) -> Money:
    """Read a sum that a person typed and hold it against the limits of one payment.

    Raises:
        AmountUnreadable, AmountTooSmall, AmountTooLarge: with the sentence for the field.
    """
    try:
        amount = Money.parse(text[:_MAX_TYPED])
    except ValueError:
        raise AmountUnreadable from None
    return within_limits(amount)


def within_limits(amount: Money) -> Money:
    """Return the amount if the gateway takes it at once.

    Raises:
        AmountTooSmall, AmountTooLarge: if it does not.
    """
    if amount < rules.SMALLEST:
        raise AmountTooSmall(smallest=rules.SMALLEST)
    if amount > rules.LARGEST:
        raise AmountTooLarge(largest=rules.LARGEST)
    return amount


def receipts_mode(session: Session, provider_id: int) -> ReceiptsMode:
    """Return who makes the fiscal receipts of a provider's payments.

    Raises:
        PaymentUnavailable: when nobody takes the provider's payments now.
    """
    return _working_shop(session, provider_id)[1].receipts_mode


def begin(session: Session, viewer: Viewer, form: PayForm) -> str:
    """Write a payment down and return its id; nothing is sent yet, see `watch.advance`.

    The same form, and another form for the same account and sum while that payment is open, lead to the same
    payment.

    Raises:
        SignInRequired: for who is neither a subscriber nor a guest with a pass for paying.
        Forbidden: for an account the viewer has not connected, or another person's form.
        PortalError: a refusal of `payments.errors` that tells the person what to change.
    """
    subscriber_id = viewer.require_payer()
    account = debt.payable(session, viewer, form.link_id)
    if not _INTENT.fullmatch(form.intent_id):
        raise Forbidden
    if earlier := repository.payment_by_intent(session, form.intent_id):
        return _same_form(earlier, form, account, subscriber_id)
    amount = _read_amount(session, form, account)
    for _ in range(2):
        if offered := repository.offered_payment(session, account.account_id, amount.kopecks):
            return offered.id
        payment = _new_payment(session, form, account, amount, subscriber_id)
        if repository.insert_payment(session, payment):
            return payment.id
        # A click at the same moment was quicker; its row is there now.
        if earlier := repository.payment_by_intent(session, form.intent_id):
            return _same_form(earlier, form, account, subscriber_id)
    raise PaymentUnavailable


def pay(viewer: Viewer, form: PayForm, connect: GatewayFactory = yookassa.connect) -> str:
    """Write a payment down, send it, return its id. Blocks for as long as the gateway takes.

    When the open payment of the same sum turns out to have ended unpaid (its link is dead), a new one is made.

    Raises:
        PortalError: as `begin`.
    """
    payment_id = ""
    for _ in range(2):
        with unit_of_work() as session:
            payment_id = begin(session, viewer, form)
        advance(payment_id, Asker.CHECKOUT, connect)
        with reading() as session:
            payment = repository.payment(session, payment_id)
        if payment is None or payment.intent_id == form.intent_id or payment.status not in _ENDED_UNPAID:
            break
    return payment_id


def _same_form(earlier: Payment, form: PayForm, account: PayableAccount, subscriber_id: int | None) -> str:
    """Return the payment this form has made, if the form still says the same."""
    if earlier.account_id != account.account_id or earlier.subscriber_id != subscriber_id:
        raise Forbidden
    is_own = form.choice is AmountChoice.OWN
    wanted = parse_amount(form.amount_text) if is_own else Money(form.debt_shown)
    if wanted.kopecks != earlier.amount_kopecks:
        raise FormAlreadySent(amount=Money(earlier.amount_kopecks))
    return earlier.id


def _read_amount(session: Session, form: PayForm, account: PayableAccount) -> Money:
    """Return the sum; who has to mend it is told at once what is wrong with the other field."""
    problems = Problems()
    with problems.noted():
        amount = _chosen_amount(form, account)
    if problems:
        with problems.noted():
            _receipt(session, _working_shop(session, account.provider_id)[1], form, account)
    problems.refuse()
    return amount


def _chosen_amount(form: PayForm, account: PayableAccount) -> Money:
    if form.choice is AmountChoice.OWN:
        return parse_amount(form.amount_text)
    if account.due is None and form.choice is AmountChoice.DEBT:
        raise DebtUnknown
    # An overpayment goes into what the readings cost, as it will in the next bill.
    amount = (account.due or Money.zero()) + Money(form.estimate)
    if amount <= Money.zero():
        raise NothingToPay
    if amount.kopecks != form.debt_shown:
        raise DebtChanged(amount=amount)
    return within_limits(amount)


def _new_payment(
    session: Session, form: PayForm, account: PayableAccount, amount: Money, subscriber_id: int | None
) -> Payment:
    shop_id, shop = _working_shop(session, account.provider_id)
    payment_id, now = str(uuid.uuid4()), clock.now()
    order = request_body.PaymentOrder(
        payment_id=payment_id,
        amount=amount,
        account_number=account.number,
        unified_number=account.unified_number,
        period=account.period,
        return_url=f"{get_settings().public_url}/pay/return/{payment_id}",
        recipient=repository.recipient_of(session, shop_id) if shop.is_utilities else None,
        receipt=_receipt(session, shop, form, account),
    )
    return Payment(
        id=payment_id,
        intent_id=form.intent_id,
        shop_id=shop_id,
        account_id=account.account_id,
        subscriber_id=subscriber_id,
        amount_kopecks=amount.kopecks,
        idem_key=str(uuid.uuid4()),
        body=yookassa.freeze(request_body.build(order)),
        next_check_at=now + rules.FIRST_SEND_GRACE,
        created_at=now,
    )


def _working_shop(session: Session, provider_id: int) -> tuple[int, Shop]:
    shop = repository.working_shop(session, provider_id)
    # In production only live shops take money, in the demo only test ones.
    if shop is None or shop.id is None or shop.is_test is not get_settings().is_demo:
        raise PaymentUnavailable
    return shop.id, shop


def _receipt(session: Session, shop: Shop, form: PayForm, account: PayableAccount) -> request_body.ReceiptOrder | None:
    if shop.receipts_mode is ReceiptsMode.OFF or shop.id is None:
        return None
    terms = repository.receipt_terms(session, shop.id, clock.today(account.time_zone))
    if terms is None:
        raise PaymentUnavailable
    return request_body.ReceiptOrder(
        mode=shop.receipts_mode,
        terms=terms,
        contact=_contact(form.receipt_contact, shop.receipts_mode),
        debt=account.due or Money.zero(),
    )


def _contact(text: str, mode: ReceiptsMode) -> str:
    """Return the normalised address of the fiscal receipt; «Чеки от ЮKassa» go to e-mails only."""
    what = "электронную почту" if mode is ReceiptsMode.YOOKASSA else "электронную почту или мобильный телефон"
    try:
        contact = normalise_login(text)
    except LoginUnreadable:
        raise ReceiptContactNeeded(what=what) from None
    if mode is ReceiptsMode.YOOKASSA and contact.kind is not LoginKind.EMAIL:
        raise ReceiptContactNeeded(what=what)
    return contact.value
