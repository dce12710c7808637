"""Connecting an account from the form: the provider by its code or by a pasted payment code, the own name with it."""

from dataclasses import dataclass

from sqlmodel import Session

from lkk_reflex.accounts import payment_code
from lkk_reflex.accounts.errors import PayeeUnknown, ProviderMissing
from lkk_reflex.accounts.linking import Connection, Outcome, checked_own_name, connect, name_first
from lkk_reflex.accounts.lookup import require_number
from lkk_reflex.accounts.providers import ProviderChoice, provider_choices
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.errors import PortalError, Problems


@dataclass(frozen=True, slots=True)
class ConnectForm:
    """What was filled in; without a provider the typed text must be a payment code that names one."""

    provider_code: str
    typed: str
    own_name: str = ""


def connect_account(session: Session, viewer: Viewer, *, form: ConnectForm) -> Connection:
    """Connect the account and give it the person's own name, both or nothing.

    An account that is connected already keeps the name that it has.

    Raises:
        SignInRequired, TooManyAttempts and the refusals of numbers: as `accounts.linking.connect`.
        ProviderMissing: there is no provider of this code.
        PayeeUnknown: no provider was chosen, and the text is no payment code that names one.
        OwnNameTooLong: more than 60 characters; no number is looked up then.
        FormRefused: the name is too long, and the typed text cannot be a number of the provider.
    """
    # What is wrong with the form comes before looking the number up. A wrong name undoes the connection, so it would
    # tell of a right number without counting the attempt.
    problems = Problems()
    with problems.noted():
        provider_id = provider_id_of(provider_choices(session, viewer), form)
        require_number(session, provider_id=provider_id, typed=form.typed)
    with problems.noted():
        checked_own_name(form.own_name)
    problems.refuse()
    connection = connect(session, viewer, provider_id=provider_id, typed=form.typed)
    if form.own_name and connection.outcome is not Outcome.ALREADY:
        name_first(session, viewer, public_id=connection.public_id, own_name=form.own_name)
    return connection


def provider_id_of(choices: list[ProviderChoice], form: ConnectForm) -> int:
    """Return the chosen provider, or the one that a pasted payment code names.

    Raises:
        ProviderMissing, PayeeUnknown: as `connect_account`.
    """
    if form.provider_code:
        found = [choice for choice in choices if choice.code == form.provider_code]
        refusal: PortalError = ProviderMissing()
    else:
        is_code = payment_code.is_payment_code(form.typed)
        inn = payment_code.parse(form.typed).payee_inn if is_code else ""
        found = [choice for choice in choices if inn and choice.inn == inn]
        refusal = PayeeUnknown()
    if len(found) != 1:
        raise refusal
    return found[0].id
