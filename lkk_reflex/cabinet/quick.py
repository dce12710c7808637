"""Paying and giving readings without a cabinet: what a guest is shown, and what becomes of it."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from lkk_reflex.accounts import guests, payment_code
from lkk_reflex.accounts.errors import NumberMissing, ProviderMissing
from lkk_reflex.accounts.providers import ProviderChoice, public_choices
from lkk_reflex.accounts.statements import GUEST_LINK, linked_bill
from lkk_reflex.cabinet import paying
from lkk_reflex.cabinet.connecting import ConnectForm, provider_id_of
from lkk_reflex.cabinet.quick_projection import QuickDesk, quick_desk
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.errors import Problems
from lkk_reflex.kit.rate_limit import Limit, Scope, address_keys, take
from lkk_reflex.meters import desk as desks
from lkk_reflex.meters import submitting
from lkk_reflex.meters.signed_links import open_signed
from lkk_reflex.meters.views import Desk, Form, Submission
from lkk_reflex.payments import checkout, history
from lkk_reflex.payments.checkout import AmountChoice, PayForm

_QUARTER = timedelta(minutes=15)
#: Far above what a person does. A wrong reading is refused by the last one, so guessing at that is limited too.
PAY_LIMITS = (Limit("quick.pay", Scope.ADDRESS, 20, _QUARTER), Limit("quick.pay", Scope.NETWORK, 200, _QUARTER))
READING_LIMITS = (
    Limit("quick.readings", Scope.ADDRESS, 20, _QUARTER),
    Limit("quick.readings", Scope.NETWORK, 200, _QUARTER),
    Limit("quick.readings", Scope.SUBJECT, 20, _QUARTER),
)


@dataclass(frozen=True, slots=True)
class QuickAmount:
    """What a guest has typed to pay; `intent_id` is the same for every click on the same form."""

    intent_id: str
    amount_text: str
    receipt_contact: str


def choices(session: Session) -> list[ProviderChoice]:
    """Return the providers of the portal; everybody may know them."""
    return public_choices(session)


def open_pass(session: Session, viewer: Viewer, *, form: ConnectForm) -> str:
    """Return the token of a pass to the account of the form.

    Raises:
        ProviderMissing, PayeeUnknown: as `connecting.connect_account`.
        FormRefused: nothing was filled in.
        PortalError: as `guests.open_pass`.
    """
    problems = Problems()
    with problems.noted():
        if not form.provider_code and not payment_code.is_payment_code(form.typed):
            # Who has typed a plain number, or nothing, looks for no fault in a code.
            raise ProviderMissing
    with problems.noted():
        if not form.typed:
            raise NumberMissing
    problems.refuse()
    provider_id = provider_id_of(public_choices(session), form)
    return guests.open_pass(session, viewer, provider_id=provider_id, typed=form.typed)


def open_pass_by_link(session: Session, viewer: Viewer, *, signed: str) -> str:
    """Return the token of a pass to the account whose letter held a signed link: who gives readings may pay too.

    Raises:
        SignedLinkOver: the link of the letter is over or not ours.
        TooManyAttempts: as `guests.open_pass_to`.
    """
    return guests.open_pass_to(session, viewer, account_id=open_signed(session, token=signed).account.account_id)


def desk(session: Session, viewer: Viewer, *, token: str) -> QuickDesk:
    """Return what a pass shows: the provider, the end of the number, the sum.

    Raises:
        PassEnded: there is no such pass any more.
    """
    guest = guests.guest_of(session, viewer, token=token)
    bill = linked_bill(session, guest, public_id=GUEST_LINK)
    return quick_desk(bill, paying.offer(session, guest, link_id=GUEST_LINK).desk)


def payer(session: Session, viewer: Viewer, *, token: str) -> Viewer:
    """Return who pays by a pass, as long as there are not too many tries.

    Raises:
        PassEnded: there is no such pass any more.
        TooManyAttempts: for who begins payment after payment.
    """
    guest = guests.guest_of(session, viewer, token=token)
    take(session, PAY_LIMITS, address_keys(viewer.address))
    return guest


def pay_form(amount: QuickAmount) -> PayForm:
    """Return the form that payments understand: a sum of one's own for the guest's account."""
    return PayForm(
        intent_id=amount.intent_id,
        link_id=GUEST_LINK,
        choice=AmountChoice.OWN,
        amount_text=amount.amount_text,
        receipt_contact=amount.receipt_contact,
    )


def begin(session: Session, guest: Viewer, *, form: PayForm) -> str:
    """Write the payment of a guest down and return its id.

    Raises:
        PortalError: as `checkout.begin`.
    """
    return checkout.begin(session, guest, form)


def way_on(session: Session, guest: Viewer, *, payment_id: str) -> str:
    """Return where the guest goes: an absolute address of the gateway's page, or the page that waits for one.

    Raises:
        Forbidden: the payment is for another account.
    """
    return history.guest_pay_url(session, guest, payment_id=payment_id) or f"/pay/return/{payment_id}"


def reader(session: Session, viewer: Viewer, *, token: str, signed: str) -> Viewer:
    """Return who gives readings: by the signed link of a letter if there is one, else by a pass.

    Raises:
        SignedLinkOver: the link of the letter is over or not ours.
        PassEnded: there is no such pass any more.
    """
    if signed:
        return guests.guest_to(viewer, open_signed(session, token=signed).account.account_id, pays=False)
    return guests.guest_of(session, viewer, token=token)


def readings_desk(session: Session, viewer: Viewer, *, token: str, signed: str) -> Desk:
    """Return the form of readings.

    Raises:
        SignedLinkOver, PassEnded: as `reader`.
    """
    return desks.desk(session, reader(session, viewer, token=token, signed=signed), link_id=GUEST_LINK)


def submit_readings(session: Session, viewer: Viewer, *, token: str, signed: str, form: Form) -> Submission:
    """Save readings that belong to no cabinet.

    Raises:
        SignedLinkOver, PassEnded: as `reader`.
        TooManyAttempts: for who tries value after value.
        ReadingMissing: nothing was typed.
    """
    guest = reader(session, viewer, token=token, signed=signed)
    keys = address_keys(viewer.address) | {Scope.SUBJECT: str(guest.guest_account_id)}
    take(session, READING_LIMITS, keys)
    return submitting.submit(session, guest, form=form)
