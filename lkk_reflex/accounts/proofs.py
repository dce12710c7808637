"""Extended access: proving that a connected account is the subscriber's own.

Numbers are printed and sequential, so a connection alone shows nothing personal. Every failed proof is answered by
one sentence after the same work, its tries are counted before they are evaluated, and all of it is audited. What can
be no proof of any account is told at its field and costs no try.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlmodel import Session

from lkk_reflex.accounts import proof_rules as rules
from lkk_reflex.accounts import proofs_repository, repository
from lkk_reflex.accounts.errors import (
    BillMonthMissing,
    BillSumRefused,
    BillSumUnreadable,
    BillSumZero,
    PinMissing,
    PinRefused,
    PinUnreadable,
    ProofRefused,
    SerialMissing,
    SerialRefused,
    SerialTooShort,
    SurnameAlone,
    SurnameMissing,
)
from lkk_reflex.accounts.guests import PASS_LIFE
from lkk_reflex.accounts.models import AccountLink, LinkLevel, ProofKind
from lkk_reflex.accounts.proof_notices import tell_others
from lkk_reflex.identity import audit
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.crypto import keyring
from lkk_reflex.kit.errors import Forbidden, Problems
from lkk_reflex.kit.money import Money
from lkk_reflex.kit.rate_limit import Limit, Scope, address_keys, give_back, left, require_room, take, wait
from lkk_reflex.kit.tokens import same_hash

#: What a surname is demanded in addition to.
NEEDS_NO_PIN = (ProofKind.BILL_SUM, ProofKind.METER_SERIAL)
_PURPOSE = "pin"
#: What is compared when there is no PIN: as long as a hash, and never one.
_NO_HASH = "-" * 64
_REFUSALS: dict[ProofKind, type[ProofRefused]] = {
    ProofKind.PIN: PinRefused,
    ProofKind.BILL_SUM: BillSumRefused,
    ProofKind.METER_SERIAL: SerialRefused,
}
Counter = tuple[Limit, Mapping[Scope, str]]


@dataclass(frozen=True, slots=True)
class _Try:
    """A proof that may be tried now, and what counts it."""

    link: AccountLink
    kind: ProofKind
    demands_surname: bool
    counters: tuple[Counter, ...]


def offered_proofs(session: Session, viewer: Viewer, *, public_id: str) -> tuple[ProofKind, ...]:
    """Return what proves that this account is the viewer's, the PIN first.

    A surname stands there when it is demanded together with any other proof but the PIN.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has no such connection.
    """
    link = repository.own_link(session, viewer, public_id)
    if link is None:
        raise Forbidden
    return _accepted(session, link)


def activate_pin(session: Session, viewer: Viewer, *, public_id: str, typed: str) -> None:
    """Open extended access by the PIN of the account; it is used up by that.

    Nothing happens to an account with extended access already.

    Raises:
        SignInRequired, Forbidden: as `offered_proofs`.
        TooManyAttempts: too many wrong proofs.
        PinMissing, PinUnreadable: it cannot be a PIN; no try is spent.
        PinRefused: for every other reason.
    """
    one = _try(session, viewer, public_id, ProofKind.PIN)
    if one is None:
        return
    if not typed.strip():
        raise PinMissing
    pin = rules.clean_pin(typed)
    if pin is None:
        raise PinUnreadable
    _judge(session, viewer, one, lambda: _uses_up(session, one.link.account_id, pin))


def prove_by_bill(
    session: Session, viewer: Viewer, *, public_id: str, month: str, amount: str, surname: str = ""
) -> None:
    """Open extended access by the sum of an earlier bill; `month` is the key of its period.

    It proves nothing when somebody without proof could see it while the bill was the newest one, or can tell it from
    another bill of the same sum, or when the account has got another owner since then.

    `surname` is asked about where the provider demands it.

    Raises:
        SignInRequired, Forbidden: as `offered_proofs`; also where the provider accepts no sums.
        TooManyAttempts: too many wrong proofs.
        BillMonthMissing, BillSumUnreadable, BillSumZero, SurnameMissing: nothing can be compared; no try is spent.
        FormRefused: several of these.
        BillSumRefused: for every other reason.
    """
    one = _try(session, viewer, public_id, ProofKind.BILL_SUM)
    if one is None:
        return
    problems = Problems()
    with problems.noted():
        period = _told_month(month)
    with problems.noted():
        wanted = _told_sum(amount)
    with problems.noted():
        owner = _told_owner(one, surname, field="bill_owner")
    problems.refuse()

    def is_right() -> bool:
        # Both are asked about always: the answer must not tell which of them was wrong.
        has_bill = _has_unseen_bill(session, one.link.account_id, period, wanted)
        return _is_owners(session, one, owner) and has_bill

    _judge(session, viewer, one, is_right)


def prove_by_meter(
    session: Session,
    viewer: Viewer,
    *,
    public_id: str,
    serial: str,
    matches: Callable[[Session, int, str], bool],
    surname: str = "",
) -> None:
    """Open extended access by the serial number of a meter; after a change of owner it proves nothing.

    `matches` tells whether a meter of the account with this id has the serial number; this slice knows no meters.
    `surname` is asked about where the provider demands it.

    Raises:
        SignInRequired, Forbidden: as `offered_proofs`; also where the provider accepts no serial numbers.
        TooManyAttempts: too many wrong proofs.
        SerialMissing, SerialTooShort, SurnameMissing: nothing can be compared; no try is spent.
        FormRefused: several of these.
        SerialRefused: for every other reason.
    """
    one = _try(session, viewer, public_id, ProofKind.METER_SERIAL)
    if one is None:
        return
    problems = Problems()
    with problems.noted():
        _require_serial(serial)
    with problems.noted():
        owner = _told_owner(one, surname, field="serial_owner")
    problems.refuse()

    def is_right() -> bool:
        has_meter = matches(session, one.link.account_id, serial)
        # The former owner knows the meters too, and they stay where they are.
        is_known_elsewhere = proofs_repository.has_changed_owner(session, one.link.account_id)
        return _is_owners(session, one, owner) and has_meter and not is_known_elsewhere

    _judge(session, viewer, one, is_right)


def set_proofs(session: Session, viewer: Viewer, *, provider_id: int, kinds: Iterable[ProofKind]) -> None:
    """Let a provider accept these proofs beside the PIN, and no others; with a surname it demands that in addition.

    Raises:
        Forbidden: for everybody but the staff of the provider.
        SurnameAlone: a surname without a proof to which it could be demanded.
    """
    viewer.require_staff_of(provider_id)
    wanted = frozenset(kinds) - {ProofKind.PIN}
    if wanted == {ProofKind.SURNAME}:
        raise SurnameAlone(known=", ".join(NEEDS_NO_PIN))
    proofs_repository.put_proofs(session, provider_id, sorted(wanted), clock.now())
    audit.record(session, viewer, "proofs.chosen", subject=",".join(sorted(wanted)))


def proofs_of(session: Session, viewer: Viewer, *, provider_id: int) -> frozenset[ProofKind]:
    """Return what a provider accepts beside the PIN, and the surname if it demands that too.

    Raises:
        Forbidden: for everybody but the staff of the provider.
    """
    viewer.require_staff_of(provider_id)
    return proofs_repository.proofs_of(session, provider_id)


def count_nameless(session: Session, viewer: Viewer, *, provider_id: int) -> int:
    """Return how many accounts of a provider have no owner's name, so that a demanded surname refuses them always.

    Raises:
        Forbidden: for everybody but the staff of the provider.
    """
    viewer.require_staff_of(provider_id)
    return proofs_repository.count_nameless(session, provider_id)


def pin_hash(account_id: int, pin: str, *, secret: str | None = None) -> str:
    """Return what is kept of a PIN: bound to its account and to the secret of the installation."""
    return keyring().keyed_hash(_PURPOSE, str(account_id), pin, secret=secret)


def _accepted(session: Session, link: AccountLink) -> tuple[ProofKind, ...]:
    allowed = proofs_repository.proofs_of(session, proofs_repository.provider_of(session, link.account_id))
    if allowed.isdisjoint(NEEDS_NO_PIN):
        return (ProofKind.PIN,)
    return tuple(kind for kind in ProofKind if kind is ProofKind.PIN or kind in allowed)


def _try(session: Session, viewer: Viewer, public_id: str, kind: ProofKind) -> _Try | None:
    """Ask whether this proof may be tried at all, before what was typed is looked at; None if there is no need."""
    # Held to the end: what the company ends meanwhile must not become extended after that.
    link = repository.lock_own_link(session, viewer, public_id)
    if link is None:
        raise Forbidden
    accepted = _accepted(session, link)
    if kind not in accepted:
        raise Forbidden
    if link.level is LinkLevel.EXTENDED:
        return None
    keys = {Scope.SUBJECT: str(link.subscriber_id)} | address_keys(viewer.address)
    # A PIN has tries of its own; what can be guessed at for ever is limited by the account too.
    account_limits = () if kind is ProofKind.PIN else rules.ACCOUNT_LIMITS
    account_keys = {Scope.SUBJECT: str(link.account_id)}
    counters = (*((limit, account_keys) for limit in account_limits), *((limit, keys) for limit in rules.LIMITS))
    for limit, keys_of_it in counters:
        require_room(session, [limit], keys_of_it)
    return _Try(link, kind, ProofKind.SURNAME in accepted, counters)


def _told_month(typed: str) -> BillingPeriod:
    period = rules.typed_month(typed, clock.now().date())
    if period is None:
        raise BillMonthMissing
    return period


def _told_sum(typed: str) -> Money:
    wanted = rules.typed_sum(typed)
    if wanted is None:
        raise BillSumUnreadable
    if not wanted:
        raise BillSumZero
    return wanted


def _require_serial(typed: str) -> None:
    told = rules.folded_serial(typed)
    if not told:
        raise SerialMissing
    if len(told) < rules.SERIAL_SIGNS:
        raise SerialTooShort


def _told_owner(one: _Try, surname: str, *, field: str) -> str:
    """Return the folded surname that was typed, an empty text where none is demanded."""
    folded = rules.folded_name(surname) if one.demands_surname else ""
    if one.demands_surname and not folded:
        raise SurnameMissing().at(field)
    return folded


def _has_unseen_bill(session: Session, account_id: int, period: BillingPeriod, told: Money) -> bool:
    """Tell whether this is the sum of a bill that nobody could see without proof while it was the newest one."""
    shown = proofs_repository.newest_while(session, account_id, period.key)
    now = clock.now()
    # The same is asked where the answer is known already: the work must not tell why a sum is refused.
    asked = shown or proofs_repository.Shown(now, now)
    is_unseen = proofs_repository.has_unseen_bill(session, account_id, period.key, told.kopecks, asked, PASS_LIFE)
    return shown is not None and is_unseen


def _is_owners(session: Session, one: _Try, folded: str) -> bool:
    if not one.demands_surname:
        return True
    return rules.is_surname_of(folded, proofs_repository.owner_name(session, one.link.account_id))


def _judge(session: Session, viewer: Viewer, one: _Try, is_right: Callable[[], bool]) -> None:
    """Count the try, then evaluate it: a refusal tells nothing but that it is one, and how many tries remain."""
    for limit, keys in one.counters:
        take(session, [limit], keys)
    is_proved = is_right()
    link = one.link
    audit.record(
        session, viewer, f"{one.kind}.{'used' if is_proved else 'refused'}",
        subscriber_id=link.subscriber_id, subject=str(link.account_id),
    )  # fmt: skip
    if not is_proved:
        raise _REFUSALS[one.kind](next_try=_next_try(session, one))
    for limit, keys in one.counters:
        give_back(session, [limit], keys)
    link.level = LinkLevel.EXTENDED
    session.add(link)
    tell_others(session, link)


def _next_try(session: Session, one: _Try) -> str:
    """Tell of the tries of this subscriber and at this account, not of those of a PIN, nor of others at an address."""
    own = [(limit, keys) for limit, keys in one.counters if limit.scope is Scope.SUBJECT]
    return rules.next_try(
        min(left(session, limit, keys) for limit, keys in own),
        max(wait(session, limit, keys) for limit, keys in own),
    )


def _uses_up(session: Session, account_id: int, pin: str) -> bool:
    now = clock.now()
    taken = proofs_repository.take_pin_try(session, account_id, now)
    secret = keyring().secret_by_id(taken.key_id) if taken else None
    stored = taken.pin_hash if taken else _NO_HASH
    if not same_hash(stored, pin_hash(account_id, pin, secret=secret)):
        return False
    return proofs_repository.use_pin(session, account_id, stored, now)
