"""Payments as people see them: sums, states in plain words, what can be done next."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from lkk_reflex.kit.money import Money
from lkk_reflex.kit.numbers import numbered
from lkk_reflex.payments import rules
from lkk_reflex.payments.models import Payment, PaymentStatus

#: Longer than this, and the person is told that it takes longer.
_SENDING_PATIENCE = timedelta(seconds=10)
_CHECKING_PATIENCE = timedelta(minutes=2)

_PREPARING = "Готовим оплату… Не закрывайте страницу."
_PREPARING_LONGER = (
    "Платёжный сервис отвечает дольше обычного. Мы продолжаем попытки; страница обновится сама. "
    "Повторно нажимать не нужно."
)
_READY = "Платёж создан и ждёт оплаты. Ссылка действует около часа."
_CHECKING = (
    "Проверяем оплату. Обычно это занимает до минуты. Если деньги уже списаны, они не потеряются: "
    "мы зачислим их, как только получим подтверждение."
)
_CHECKING_LONGER = (
    "Подтверждение ещё не пришло. Можно закрыть страницу: результат появится в истории платежей, и мы вам о нём "
    "напишем. Пожалуйста, не платите второй раз."
)
_REJECTED = "Сейчас оплату создать не удалось. Деньги не списаны. Мы уже разбираемся; попробуйте позже."
_REVIEW = "Платёж проверяет специалист. Деньги не потеряны. Номер обращения: {reference}."

_BANK_REFUSED = "Банк отклонил оплату без объяснения. Обратитесь в банк или заплатите другим способом."
_CARD_DATA = "Проверьте данные карты: номер, срок, код на обороте."
_UNAVAILABLE = "Банк или платёжный сервис временно недоступен. Деньги не списаны. Попробуйте позже."
_OTHER_CARD = "Этой картой заплатить нельзя. Используйте другую."
_OTHER_REASON = "Оплата не прошла, деньги не списаны. Попробуйте другой способ."
#: Reasons of https://yookassa.ru/developers/payment-acceptance/after-the-payment/declined-payments; the list grows.
CANCEL_TEXTS = {
    "expired_on_confirmation": (
        "Время на оплату истекло, деньги не списаны. Если банк успел их списать, они вернутся автоматически."
    ),
    "insufficient_funds": "Недостаточно средств. Попробуйте другую карту или СБП.",
    "3d_secure_failed": "Банк не подтвердил операцию (код из смс или приложения). Попробуйте ещё раз.",
    "card_expired": _CARD_DATA,
    "invalid_card_number": _CARD_DATA,
    "invalid_csc": _CARD_DATA,
    "call_issuer": _BANK_REFUSED,
    "payment_method_restricted": _BANK_REFUSED,
    "general_decline": _BANK_REFUSED,
    "payment_method_limit_exceeded": ("Превышен лимит карты или магазина. Попробуйте завтра или другим способом."),
    "issuer_unavailable": _UNAVAILABLE,
    "internal_timeout": _UNAVAILABLE,
    "rejected_by_timeout": _UNAVAILABLE,
    "fraud_suspected": _OTHER_CARD,
    "country_forbidden": _OTHER_CARD,
    "identification_required": "Кошелёк превысил ограничения. Подтвердите его или выберите другой способ.",
}

_METHODS = {
    "bank_card": "Банковская карта",
    "sbp": "СБП",
    "sberbank": "SberPay",
    "tinkoff_bank": "T-Pay",
    "alfa_pay": "Alfa Pay",
    "yoo_money": "ЮMoney",
}


class Tone(StrEnum):
    """How a state is coloured."""

    WAITING = "waiting"
    GOOD = "good"
    BAD = "bad"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class PaymentState:
    """What everybody may see who has the address of the return page: the sum and the state."""

    amount: str
    #: Two or three words for a list.
    title: str
    #: The whole sentence.
    text: str
    tone: Tone
    #: Nothing will change any more; the page may stop asking.
    is_over: bool
    #: Whether it makes sense to offer a new payment.
    may_try_again: bool


@dataclass(frozen=True, slots=True)
class PaymentView:
    """What the payer sees."""

    payment_id: str
    state: PaymentState
    created_at: datetime
    #: `20.11.2026, 12:00` in the provider's time zone.
    at: str
    provider: str
    account: str
    method: str
    reference: str
    #: The gateway's page, while the payment waits to be paid.
    pay_url: str
    #: The viewer's connection to the account and own name for it; empty when it is not connected now.
    link_id: str
    own_name: str
    #: The viewer will be given the paper that proves it.
    has_proof: bool


@dataclass(frozen=True, slots=True)
class UnfinishedPayment:
    """A payment that may still succeed."""

    payment_id: str
    state: PaymentState


def state_of(payment: Payment, now: datetime, account_number: str = "") -> PaymentState:
    """Say where a payment stands; the account is named only where its number is given."""
    is_settled = payment.status in rules.FINAL and payment.review is None
    return PaymentState(
        amount=str(Money(payment.amount_kopecks)),
        title=_title(payment),
        text=_text(payment, now, account_number),
        tone=_tone(payment),
        is_over=is_settled or payment.review in rules.FOR_A_PERSON,
        may_try_again=is_settled and payment.status is not PaymentStatus.SUCCEEDED,
    )


def view_of(
    payment: Payment,
    now: datetime,
    *,
    provider: str,
    account_number: str,
    time_zone: str,
    link_id: str = "",
    own_name: str = "",
    has_proof: bool = False,
) -> PaymentView:
    """Show a payment to the payer."""
    return PaymentView(
        payment_id=payment.id,
        state=state_of(payment, now, account_number),
        created_at=payment.created_at,
        at=payment.created_at.astimezone(ZoneInfo(time_zone)).strftime("%d.%m.%Y, %H:%M"),
        provider=provider,
        account=account_number,
        method=method_of(payment),
        reference=rules.reference_of(payment.id),
        pay_url=pay_url_of(payment),
        link_id=link_id,
        own_name=own_name,
        has_proof=has_proof,
    )


def pay_url_of(payment: Payment) -> str:
    """Return the gateway's page of a payment that waits to be paid; else an empty text."""
    is_payable = payment.status is PaymentStatus.PENDING and payment.review is None
    return payment.confirmation_url if is_payable else ""


def method_of(payment: Payment) -> str:
    """Return how it was paid, in words: `СБП`; empty before the gateway has told it."""
    return _METHODS.get(payment.method_type, payment.method_title)


def _title(payment: Payment) -> str:
    if payment.review is not None:
        return "На проверке"
    match payment.status:
        case PaymentStatus.NEW | PaymentStatus.SENDING:
            return "Готовим оплату"
        case PaymentStatus.SUCCEEDED:
            return "Оплачено"
        case PaymentStatus.CANCELED | PaymentStatus.REJECTED:
            return "Оплата не прошла"
        case PaymentStatus.PENDING if payment.returned_at is None:
            return "Ждёт оплаты"
        case _:
            return "Проверяем оплату"


def _text(payment: Payment, now: datetime, account_number: str) -> str:
    if payment.review is not None:
        return _REVIEW.format(reference=rules.reference_of(payment.id))
    match payment.status:
        case PaymentStatus.NEW | PaymentStatus.SENDING:
            return _PREPARING if now - payment.created_at <= _SENDING_PATIENCE else _PREPARING_LONGER
        case PaymentStatus.SUCCEEDED:
            number = f" {numbered(account_number)}" if account_number else ""
            return f"Оплата {Money(payment.amount_kopecks)} прошла. Деньги зачислены на лицевой счёт{number}."
        case PaymentStatus.CANCELED:
            return CANCEL_TEXTS.get(payment.cancel_reason, _OTHER_REASON)
        case PaymentStatus.REJECTED:
            return _REJECTED
        case PaymentStatus.PENDING if payment.returned_at is None:
            return _READY
        case _:
            since = payment.returned_at or payment.created_at
            return _CHECKING if now - since <= _CHECKING_PATIENCE else _CHECKING_LONGER


def _tone(payment: Payment) -> Tone:
    if payment.review is not None:
        return Tone.REVIEW
    if payment.status is PaymentStatus.SUCCEEDED:
        return Tone.GOOD
    return Tone.BAD if payment.status in rules.FINAL else Tone.WAITING
