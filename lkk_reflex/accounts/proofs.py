"""Extended access: proving that a connected account is the subscriber's own.

Numbers are printed and sequential, so a connection alone shows nothing personal. Every failed proof is answered by
one sentence after the same work, its tries are counted before they are evaluated, and all of it is audited.
"""

from collections.abc import Callable, Iterable

from sqlmodel import Session

from lkk_reflex.accounts import proof_rules as rules
from lkk_reflex.accounts import proofs_repository, repository
from lkk_reflex.accounts.errors import (
    BillMonthMissing,
    BillSumRefused,
    BillSumUnreadable,
    PinMissing,
    PinRefused,
    PinUnreadable,
    ProofRefused,
    SerialMissing,
    SerialRefused,
)
from lkk_reflex.accounts.models import AccountLink, LinkLevel, ProofKind
from lkk_reflex.identity import audit
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.crypto import keyring
from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.kit.rate_limit import Scope, address_keys, give_back, take
from lkk_reflex.kit.tokens import same_hash

_PURPOSE = "pin"
#: What is compared when there is no PIN: as long as a hash, and never one.
_NO_HASH = "-" * 64
_REFUSALS: dict[ProofKind, type[ProofRefused]] = {
    ProofKind.PIN: PinRefused,
    ProofKind.BILL_SUM: BillSumRefused,
    ProofKind.METER_SERIAL: SerialRefused,
}


def offered_proofs(session: Session, viewer: Viewer, *, public_id: str) -> tuple[ProofKind, ...]:
    """Return what proves that this account is the viewer's, the PIN first.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has no such connection.
    """
    link = _own_link(session, viewer, public_id)
    return _accepted(session, link)


def activate_pin(session: Session, viewer: Viewer, *, public_id: str, typed: str) -> None:
    """Open extended access by the PIN of the account; it is used up by that.

    Nothing happens to an account with extended access already.

    Raises:
        SignInRequired, Forbidden: as `offered_proofs`.
        PinMissing, PinUnreadable: it cannot be a PIN; no try is spent.
        TooManyAttempts: too many wrong proofs.
        PinRefused: for every other reason.
    """
    link = _own_link(session, viewer, public_id)
    if not typed:
        raise PinMissing
    pin = rules.clean_pin(typed)
    if pin is None:
        raise PinUnreadable
    _prove(session, viewer, link, ProofKind.PIN, lambda: _uses_up(session, link.account_id, pin))


def prove_by_bill(session: Session, viewer: Viewer, *, public_id: str, month: str, amount: str) -> None:
    """Open extended access by the sum of an earlier bill; `month` is the key of its period.

    Raises:
        SignInRequired, Forbidden: as `offered_proofs`; also where the provider accepts no sums.
        BillMonthMissing, BillSumUnreadable: nothing can be compared; no try is spent.
        TooManyAttempts: too many wrong proofs.
        BillSumRefused: for every other reason.
    """
    link = _own_link(session, viewer, public_id)
    period, wanted = rules.typed_month(month, clock.now().date()), rules.typed_sum(amount)
    if period is None:
        raise BillMonthMissing
    if wanted is None:
        raise BillSumUnreadable
    _prove(
        session, viewer, link, ProofKind.BILL_SUM,
        lambda: proofs_repository.has_earlier_bill(session, link, period.key, wanted.kopecks),
    )  # fmt: skip


def prove_by_meter(
    session: Session, viewer: Viewer, *, public_id: str, serial: str, matches: Callable[[Session, int, str], bool]
) -> None:
    """Open extended access by the serial number of a meter.

    `matches` tells whether a meter of the account with this id has the serial number; this slice knows no meters.

    Raises:
        SignInRequired, Forbidden: as `offered_proofs`; also where the provider accepts no serial numbers.
        SerialMissing: nothing was typed; no try is spent.
        TooManyAttempts: too many wrong proofs.
        SerialRefused: for every other reason.
    """
    link = _own_link(session, viewer, public_id)
    if not serial:
        raise SerialMissing
    _prove(session, viewer, link, ProofKind.METER_SERIAL, lambda: matches(session, link.account_id, serial))


def set_proofs(session: Session, viewer: Viewer, *, provider_id: int, kinds: Iterable[ProofKind]) -> None:
    """Let a provider accept these proofs beside the PIN, and no others.

    Raises:
        Forbidden: for everybody but the staff of the provider.
    """
    viewer.require_staff_of(provider_id)
    wanted = frozenset(kinds) - {ProofKind.PIN}
    proofs_repository.put_proofs(session, provider_id, sorted(wanted), clock.now())
    audit.record(session, viewer, "proofs.chosen", subject=",".join(sorted(wanted)))


def proofs_of(session: Session, viewer: Viewer, *, provider_id: int) -> frozenset[ProofKind]:
    """Return what a provider accepts beside the PIN.

    Raises:
        Forbidden: for everybody but the staff of the provider.
    """
    viewer.require_staff_of(provider_id)
    return proofs_repository.proofs_of(session, provider_id)


def pin_hash(account_id: int, pin: str, *, secret: str | None = None) -> str:
    """Return what is kept of a PIN: bound to its account and to the secret of the installation."""
    return keyring().keyed_hash(_PURPOSE, str(account_id), pin, secret=secret)


def _own_link(session: Session, viewer: Viewer, public_id: str) -> AccountLink:
    link = repository.own_link(session, viewer, public_id)
    if link is None:
        raise Forbidden
    return link


def _accepted(session: Session, link: AccountLink) -> tuple[ProofKind, ...]:
    allowed = proofs_repository.proofs_of(session, proofs_repository.provider_of(session, link.account_id))
    return tuple(kind for kind in ProofKind if kind is ProofKind.PIN or kind in allowed)


def _prove(session: Session, viewer: Viewer, link: AccountLink, kind: ProofKind, is_right: Callable[[], bool]) -> None:
    """Count the try, then evaluate it: a refusal tells nothing but that it is one."""
    if kind not in _accepted(session, link):
        raise Forbidden
    if link.level is LinkLevel.EXTENDED:
        return
    keys = {Scope.SUBJECT: str(link.subscriber_id)} | address_keys(viewer.address)
    account_keys = {Scope.SUBJECT: str(link.account_id)}
    # A PIN has tries of its own; what can be guessed at for ever is limited by the account too.
    account_limits = () if kind is ProofKind.PIN else rules.ACCOUNT_LIMITS
    take(session, account_limits, account_keys)
    take(session, rules.LIMITS, keys)
    is_proved = is_right()
    audit.record(
        session, viewer, f"{kind}.{'used' if is_proved else 'refused'}",
        subscriber_id=link.subscriber_id, subject=str(link.account_id),
    )  # fmt: skip
    if not is_proved:
        raise _REFUSALS[kind]
    give_back(session, account_limits, account_keys)
    give_back(session, rules.LIMITS, keys)
    link.level = LinkLevel.EXTENDED
    session.add(link)


def _uses_up(session: Session, account_id: int, pin: str) -> bool:
    now = clock.now()
    taken = proofs_repository.take_pin_try(session, account_id, now)
    secret = keyring().secret_by_id(taken.key_id) if taken else None
    stored = taken.pin_hash if taken else _NO_HASH
    if not same_hash(stored, pin_hash(account_id, pin, secret=secret)):
        return False
    return proofs_repository.use_pin(session, account_id, stored, now)
