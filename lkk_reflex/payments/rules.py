"""What may follow what, when to ask again, which sums are accepted. Pure."""

from dataclasses import dataclass
from datetime import timedelta

from lkk_reflex.kit.money import Money
from lkk_reflex.payments.models import PaymentStatus as Status
from lkk_reflex.payments.models import Review

#: Limits of one payment by card (https://yookassa.ru/docs/support/payments/limits).
SMALLEST = Money(1_00)
LARGEST = Money(350_000_00)

#: Longer than the time-outs of connecting and reading together, so that two workers do not ask at once.
LEASE = timedelta(seconds=45)
#: How long the checkout that made the payment has for sending it, before the poller does.
FIRST_SEND_GRACE = timedelta(seconds=5)
#: The return page asks the gateway no oftener.
PAGE_INTERVAL = timedelta(seconds=3)
#: YooKassa forgets a key after 24 hours; then the same request would make a second payment.
KEY_LIFE = timedelta(hours=23)
LOOKUP_INTERVAL = timedelta(hours=1)
LOOKUPS_UNTIL_REJECTED = 2
#: The shop's key is refused: nothing to ask until somebody acts.
STOPPED_SHOP_INTERVAL = timedelta(minutes=5)
SENDING_ALARM = timedelta(minutes=10)
PENDING_ALARM = timedelta(hours=2)
PENDING_ALARM_UTILITIES = timedelta(hours=24)

FINAL = frozenset({Status.SUCCEEDED, Status.CANCELED, Status.REJECTED})
OPEN = frozenset(Status) - FINAL

#: Reviews that only a person ends; in the others the portal goes on asking and they end by themselves.
FOR_A_PERSON = frozenset({Review.MISMATCH, Review.FINAL_CHANGED})
#: The payment may or may not exist at the gateway: it is looked up in the list instead of being sent again.
LOOKED_UP = frozenset({Review.KEY_EXPIRED, Review.KEY_CONFLICT, Review.REFUSED_AFTER_DOUBT})

_RESEND_AFTER = (timedelta(seconds=5), timedelta(seconds=15), timedelta(seconds=60))
#: Age of the watch -> pause until the next question.
_POLL = (
    (timedelta(minutes=2), timedelta(seconds=5)),
    (timedelta(minutes=15), timedelta(minutes=1)),
    (timedelta(hours=2), timedelta(minutes=5)),
)
_POLL_LATE = timedelta(minutes=30)
_EVENT_RETRY = (timedelta(seconds=1), timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=5))
_EVENT_LIFE = timedelta(hours=24)

#: From our state by the gateway's state to ours. A pair that is missing contradicts what we know.
TRANSITIONS: dict[tuple[Status, str], Status] = {
    **{(Status.NEW, str(to)): to for to in Status if to not in (Status.NEW, Status.SENDING, Status.REJECTED)},
    **{(Status.SENDING, str(to)): to for to in Status if to not in (Status.NEW, Status.SENDING, Status.REJECTED)},
    (Status.PENDING, "pending"): Status.PENDING,
    (Status.PENDING, "waiting_for_capture"): Status.WAITING_FOR_CAPTURE,
    (Status.PENDING, "succeeded"): Status.SUCCEEDED,
    (Status.PENDING, "canceled"): Status.CANCELED,
    (Status.WAITING_FOR_CAPTURE, "waiting_for_capture"): Status.WAITING_FOR_CAPTURE,
    (Status.WAITING_FOR_CAPTURE, "succeeded"): Status.SUCCEEDED,
    (Status.WAITING_FOR_CAPTURE, "canceled"): Status.CANCELED,
    (Status.SUCCEEDED, "succeeded"): Status.SUCCEEDED,
    (Status.CANCELED, "canceled"): Status.CANCELED,
    # An answer that was on its way while a newer one was applied: the past, not a contradiction.
    (Status.WAITING_FOR_CAPTURE, "pending"): Status.WAITING_FOR_CAPTURE,
    (Status.SUCCEEDED, "pending"): Status.SUCCEEDED,
    (Status.SUCCEEDED, "waiting_for_capture"): Status.SUCCEEDED,
    (Status.CANCELED, "pending"): Status.CANCELED,
    (Status.CANCELED, "waiting_for_capture"): Status.CANCELED,
}
_GATEWAY_STATES = frozenset({"pending", "waiting_for_capture", "succeeded", "canceled"})


def is_known_state(gateway_status: str) -> bool:
    """Tell whether we know what the gateway's state means; an unknown one is asked about again later."""
    return gateway_status in _GATEWAY_STATES


def next_status(ours: Status, gateway_status: str) -> Status | None:
    """Return the state after an answer; None when the answer contradicts what we know."""
    return TRANSITIONS.get((ours, gateway_status))


def resend_after(sends: int) -> timedelta:
    """Return the pause before the next attempt after `sends` attempts: 5, 15, 60 s, then a minute each."""
    return _RESEND_AFTER[min(max(sends, 1), len(_RESEND_AFTER)) - 1]


def poll_after(watched: timedelta) -> timedelta:
    """Return the pause before the next question about a payment that has been watched so long."""
    return next((pause for age, pause in _POLL if watched < age), _POLL_LATE)


def event_retry_after(tries: int) -> timedelta:
    """Return the pause before a notification is worked on again after `tries` times."""
    return _EVENT_RETRY[min(max(tries, 1), len(_EVENT_RETRY)) - 1]


def is_event_stale(age: timedelta) -> bool:
    """Tell whether a notification has waited long enough: the gateway itself repeats for 24 hours."""
    return age > _EVENT_LIFE


def is_overdue(status: Status, age: timedelta, *, is_utilities: bool) -> bool:
    """Tell whether a payment has stayed open so long that somebody should look."""
    if status in (Status.NEW, Status.SENDING):
        return age > SENDING_ALARM
    return status in OPEN and age > (PENDING_ALARM_UTILITIES if is_utilities else PENDING_ALARM)


@dataclass(frozen=True, slots=True)
class ReceiptSplit:
    """How a payment divides over the lines of a fiscal receipt."""

    debt: Money
    advance: Money


def split_for_receipt(amount: Money, debt: Money) -> ReceiptSplit:
    """Divide a payment into what closes the debt and what is paid ahead."""
    closing = min(amount, max(debt, Money.zero()))
    return ReceiptSplit(debt=closing, advance=amount - closing)


def reference_of(payment_id: str) -> str:
    """Return the short number by which a person and support name a payment."""
    return payment_id[:8].upper()
