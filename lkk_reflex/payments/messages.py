"""What payers are told outside the portal."""

from datetime import timedelta
from typing import Final

from sqlmodel import Session

from lkk_reflex.accounts.masking import account_title, mask_number
from lkk_reflex.accounts.models import PersonalAccount, ServiceProvider
from lkk_reflex.identity.models import NoticeEvent
from lkk_reflex.identity.notices import Notice, tell_all
from lkk_reflex.kit import clock
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.kit.money import Money
from lkk_reflex.payments import repository, rules
from lkk_reflex.payments.models import Payment
from lkk_reflex.payments.projection import state_of

#: Who looks at a refusal on the screen needs no message; so long the page of the payment may be on its way to it.
_SCREEN_TIME: Final = timedelta(minutes=10)
#: A message about a refusal of long ago would only confuse.
_NEWS: Final = timedelta(days=1)


def tell_payer(session: Session, payment: Payment) -> None:
    """Queue the message that a payment has been credited, once, in the unit of work that credits it."""
    paid_for = repository.payment_with_account(session, payment.id)
    if payment.subscriber_id is None or paid_for is None:
        return
    notice = _notice(session, *paid_for, event=NoticeEvent.PAYMENT_CREDITED, template="payment_succeeded")
    tell_all(session, [notice])


def tell_of_refusals() -> None:
    """Queue a message for every payment that has failed of late, once, with the reason in plain words."""
    now = clock.now()
    with unit_of_work() as session:
        refused = repository.refused_payments(session, over_since=now - _NEWS, begun_before=now - _SCREEN_TIME)
        tell_all(
            session,
            [
                _notice(session, *found, event=NoticeEvent.PAYMENT_REFUSED, template="payment_refused")
                for found in refused
            ],
        )


def _notice(
    session: Session,
    payment: Payment,
    account: PersonalAccount,
    provider: ServiceProvider,
    *,
    event: NoticeEvent,
    template: str,
) -> Notice:
    subscriber_id = payment.subscriber_id or 0
    own_name = repository.own_name_of(session, subscriber_id, payment.account_id)
    return Notice(
        subscriber_id,
        event,
        template,
        {
            "amount": Money(payment.amount_kopecks),
            "account": account_title(own_name, account.number),
            "number": mask_number(account.number),
            "provider": provider.name,
            "reference": rules.reference_of(payment.id),
            "reason": state_of(payment, clock.now()).text,
        },
        dedupe_key=f"{template}:{payment.id}",
        path="/payments",
    )
