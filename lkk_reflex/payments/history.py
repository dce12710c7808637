"""Payments as their payers look at them: one after the return from the gateway, and all of them."""

from sqlmodel import Session

from lkk_reflex.accounts.models import LinkLevel, PersonalAccount, ServiceProvider
from lkk_reflex.accounts.statements import GUEST_LINK, LinkedBill, linked_bill, linked_bills
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.kit.money import Money
from lkk_reflex.payments import repository
from lkk_reflex.payments.models import Payment
from lkk_reflex.payments.projection import (
    PaymentState,
    PaymentView,
    UnfinishedPayment,
    pay_url_of,
    state_of,
    view_of,
)
from lkk_reflex.payments.proof import has_proof_for


def payments_of(session: Session, viewer: Viewer, *, after: str = "", limit: int = 50) -> list[PaymentView]:
    """Return the newest payments first: the viewer's own, and all those for accounts with extended access.

    At basic access, which needs no proof that the account is the viewer's, other people's payments stay hidden.
    `after` is the id of the last payment of the page before.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    subscriber_id = viewer.require_subscriber()
    linked = {bill.account_id: bill for bill in linked_bills(session, viewer)}
    proved = [account_id for account_id, bill in linked.items() if bill.level is LinkLevel.EXTENDED]
    newest = repository.newest_payments(session, subscriber_id, proved, after=after, limit=limit)
    return [_shown(*found, subscriber_id, linked.get(found[0].account_id)) for found in newest]


def payment_of(session: Session, viewer: Viewer, *, payment_id: str) -> PaymentView:
    """Return a payment with the way to the gateway's page, for who made it or has connected its account.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: for everybody else, and when there is no such payment.
    """
    subscriber_id = viewer.require_subscriber()
    found = repository.payment_with_account(session, payment_id)
    if found is None:
        raise Forbidden
    payment = found[0]
    # Who has connected the account may have been led to somebody's open payment of the same sum.
    linked = next((bill for bill in linked_bills(session, viewer) if bill.account_id == payment.account_id), None)
    if payment.subscriber_id != subscriber_id and linked is None:
        raise Forbidden
    return _shown(*found, subscriber_id, linked)


def unfinished_payment(session: Session, viewer: Viewer, *, account_id: int) -> UnfinishedPayment | None:
    """Return the viewer's own payment for an account whose end is not known: who pays again is to know of it.

    A guest has none: whose a payment without a cabinet is, nobody can tell.

    Raises:
        SignInRequired: the viewer is neither a subscriber nor a guest who pays.
    """
    subscriber_id = viewer.require_payer()
    payment = repository.unfinished_payment(session, subscriber_id, account_id) if subscriber_id else None
    return UnfinishedPayment(payment.id, state_of(payment, clock.now())) if payment else None


def unfinished_payments(session: Session, viewer: Viewer) -> list[str]:
    """Return the sums of the viewer's own payments whose end is not known, the newest first.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    found = repository.payments_made_by(session, viewer.require_subscriber())
    return [str(Money(payment.amount_kopecks)) for payment, _, _ in found if payment.final_at is None]


def payment_state(session: Session, payment_id: str) -> PaymentState:
    """Return the sum and the state, and nothing else: the bank's app may open another browser without a sign-in.

    Raises:
        Forbidden: when there is no such payment.
    """
    payment = repository.payment(session, payment_id)
    if payment is None:
        raise Forbidden
    return state_of(payment, clock.now())


def guest_pay_url(session: Session, viewer: Viewer, *, payment_id: str) -> str:
    """Return the way to the gateway's page of a payment for the guest's account, while it can be paid; else nothing.

    Raises:
        SignInRequired: the viewer is no guest.
        Forbidden: the payment is for another account.
    """
    payment = repository.payment(session, payment_id)
    if payment is None or payment.account_id != viewer.require_guest():
        raise Forbidden
    return pay_url_of(payment)


def guest_payment(session: Session, viewer: Viewer, *, payment_id: str) -> PaymentView:
    """Return a payment that was made without a cabinet for the guest's account; the account by the end of its number.

    Raises:
        SignInRequired: the viewer is no guest.
        Forbidden: the payment is for another account, or was made in somebody's cabinet.
    """
    account_id = viewer.require_guest()
    payment = repository.payment(session, payment_id)
    if payment is None or payment.account_id != account_id or payment.subscriber_id is not None:
        raise Forbidden
    bill = linked_bill(session, viewer, public_id=GUEST_LINK)
    return view_of(
        payment,
        clock.now(),
        provider=bill.provider_name,
        account_number=bill.number_shown,
        time_zone=bill.time_zone,
    )


def public_pay_url(session: Session, payment_id: str) -> str:
    """Return the same for a payment made without a cabinet: only its payer has been told its id."""
    payment = repository.payment(session, payment_id)
    return pay_url_of(payment) if payment and payment.subscriber_id is None else ""


def note_return(session: Session, payment_id: str) -> None:
    """Remember that the payer is back from the gateway's page; from now on it is asked often again.

    Who waits for the address of that page has not been there yet.

    Raises:
        Forbidden: when there is no such payment.
    """
    payment = repository.lock_payment(session, payment_id)
    if payment is None:
        raise Forbidden
    if payment.returned_at is None and payment.confirmation_url:
        payment.returned_at = clock.now()


def _shown(
    payment: Payment,
    account: PersonalAccount,
    provider: ServiceProvider,
    subscriber_id: int,
    linked: LinkedBill | None,
) -> PaymentView:
    return view_of(
        payment,
        clock.now(),
        provider=provider.name,
        account_number=account.number_shown,
        time_zone=provider.time_zone,
        link_id=linked.public_id if linked else "",
        own_name=linked.own_name if linked else "",
        has_proof=has_proof_for(payment, subscriber_id, linked),
    )
