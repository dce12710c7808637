"""PINs on the company's side: issuing them for letters and bills, looking at them, revoking them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from lkk_reflex.accounts import proof_rules as rules
from lkk_reflex.accounts import proofs_repository, repository
from lkk_reflex.accounts.account_number import normalise
from lkk_reflex.accounts.errors import AccountUnknown, ProviderUnknown
from lkk_reflex.accounts.models import PersonalAccount, Pin
from lkk_reflex.accounts.proofs import pin_hash
from lkk_reflex.identity import audit
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.crypto import keyring


@dataclass(frozen=True, slots=True)
class IssuedPin:
    """A PIN on its way to paper; it is seen here once and never again."""

    number: str
    address: str
    #: As it is printed: `7K4M-2X9A`.
    pin: str
    expires_at: datetime

    def __repr__(self) -> str:
        return "<IssuedPin>"


@dataclass(frozen=True, slots=True)
class PinStatus:
    """What the company sees of an issued PIN; `state` is Russian words."""

    number: str
    state: str
    issued_at: datetime
    expires_at: datetime


def issue_pin(session: Session, viewer: Viewer, *, provider_id: int, number: str) -> IssuedPin:
    """Issue a PIN for one account, given in person; it ends the account's former one.

    Raises:
        Forbidden: for everybody but the staff of the provider.
        AccountUnknown: the provider has no account of this number.
    """
    return _issue(session, viewer, [staff_account(session, viewer, provider_id=provider_id, number=number)])[0]


def issue_pins(session: Session, viewer: Viewer, *, provider_id: int) -> list[IssuedPin]:
    """Issue PINs for all accounts of a provider, to be printed in its bills; they end the former ones.

    Raises:
        Forbidden: for everybody but the staff of the provider.
    """
    viewer.require_staff_of(provider_id)
    return _issue(session, viewer, proofs_repository.accounts(session, provider_id))


def list_pins(session: Session, viewer: Viewer, *, provider_id: int) -> list[PinStatus]:
    """Return the latest PIN of each account that has had one; the PINs themselves are not kept.

    Raises:
        Forbidden: for everybody but the staff of the provider.
    """
    viewer.require_staff_of(provider_id)
    now = clock.now()
    found = proofs_repository.pins(session, provider_id)
    return [PinStatus(number, _state(pin, now), pin.issued_at, pin.expires_at) for pin, number in found]


def revoke_pin(session: Session, viewer: Viewer, *, provider_id: int, number: str) -> bool:
    """End the living PIN of an account; return whether there was one.

    Raises:
        Forbidden, AccountUnknown: as `issue_pin`.
    """
    account = staff_account(session, viewer, provider_id=provider_id, number=number)
    ended = proofs_repository.end_pins(session, [account.id or 0], clock.now())
    audit.record(session, viewer, "pin.revoked", subject=str(account.id))
    return bool(ended)


def staff_account(session: Session, viewer: Viewer, *, provider_id: int, number: str) -> PersonalAccount:
    """Return the account that the staff of a provider means by a number in any spelling.

    Raises:
        Forbidden: for everybody but the staff of the provider.
        AccountUnknown: the provider has no account of this number.
    """
    viewer.require_staff_of(provider_id)
    provider = repository.provider_by_id(session, provider_id)
    if provider is None:
        raise ProviderUnknown(provider_code=provider_id)
    bare = normalise(number, drops_dashes=provider.drops_dashes)
    account = proofs_repository.account(session, provider_id, bare)
    if account is None:
        raise AccountUnknown(provider_code=provider.code, number=number)
    return account


def _issue(session: Session, viewer: Viewer, accounts: Sequence[PersonalAccount]) -> list[IssuedPin]:
    now, key_id = clock.now(), keyring().key_id()
    expires_at = now + rules.PIN_LIFE
    rows, issued = [], []
    for account in accounts:
        pin, account_id = rules.new_pin(), account.id or 0
        rows.append(
            {
                "account_id": account_id,
                "pin_hash": pin_hash(account_id, pin),
                "key_id": key_id,
                "tries_left": rules.PIN_TRIES,
                "issued_at": now,
                "expires_at": expires_at,
                "used_at": None,
                "ended_at": None,
            }
        )
        issued.append(IssuedPin(account.number_shown, account.address, rules.shown_pin(pin), expires_at))
        audit.record(session, viewer, "pin.issued", subject=str(account_id))
    proofs_repository.put_pins(session, rows)
    return issued


def _state(pin: Pin, now: datetime) -> str:
    states = (
        (pin.used_at is not None, "использован"),
        (pin.ended_at is not None, "отозван"),
        (pin.expires_at <= now, "истёк"),
        (pin.tries_left <= 0, "попытки кончились"),
    )
    return next((words for is_so, words in states if is_so), "действует")
