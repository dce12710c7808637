"""Finding an account by what a stranger has typed: throttled, and silent about everything but success."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from lkk_reflex.accounts import repository
from lkk_reflex.accounts.account_number import NumberRule, Typed, TypedKind, recognise
from lkk_reflex.accounts.errors import (
    AccountNotConfirmed,
    BankAccountTyped,
    BicTyped,
    CodeWithoutNumber,
    InnTyped,
    NumberMissing,
    NumberUnfit,
    ProviderMissing,
    UnifiedNumberUnknown,
)
from lkk_reflex.accounts.models import ServiceProvider
from lkk_reflex.kit.rate_limit import Limit, Scope, give_back, require_room, take

#: All together for one provider, so that a crowd of addresses cannot walk through its numbers.
PROVIDER_ATTEMPTS = 20
PROVIDER_WINDOW = timedelta(minutes=5)
_REFUSALS = {
    TypedKind.EMPTY: NumberMissing,
    TypedKind.CODE_ALONE: CodeWithoutNumber,
    TypedKind.BANK_ACCOUNT: BankAccountTyped,
    TypedKind.INN: InnTyped,
    TypedKind.BIC: BicTyped,
}


@dataclass(frozen=True, slots=True)
class Throttle:
    """How often whom may ask: wrong numbers take from `wrong`, and `found` must have room for a right one."""

    action: str
    wrong: Sequence[Limit]
    found: Sequence[Limit]


@dataclass(frozen=True, slots=True)
class Found:
    """An account that somebody has named."""

    account_id: int
    provider_name: str


def find_account(
    session: Session, throttle: Throttle, keys: Mapping[Scope, str], *, provider_id: int, typed: str
) -> Found:
    """Return the account with the typed number, in any spelling, or of a pasted payment code.

    A payment code that names another provider of this portal is looked up there. A right number takes its attempt
    back, but counts against nothing else here.

    Raises:
        ProviderMissing: there is no such provider.
        NumberMissing, CodeWithoutNumber, NumberUnfit, BankAccountTyped, InnTyped, BicTyped: it cannot be a number of
            this provider; nothing is looked up and no attempt is counted.
        TooManyAttempts: too many wrong numbers.
        UnifiedNumberUnknown: a ЕЛС that the provider's registers do not hold.
        AccountNotConfirmed: for every other reason.
    """
    provider, recognised = _recognised(session, provider_id, typed)
    _refuse_unlike(recognised, provider)
    of_provider = Limit(f"{throttle.action}.{provider.id}", Scope.GLOBAL, PROVIDER_ATTEMPTS, PROVIDER_WINDOW)
    limits = (*throttle.wrong, of_provider)
    # Asked before the number is looked up, so that the answer tells nothing about it.
    require_room(session, throttle.found, keys)
    take(session, limits, keys)
    account_id = _account_id(session, provider, recognised)
    if account_id is None:
        raise UnifiedNumberUnknown if recognised.kind is TypedKind.UNIFIED else AccountNotConfirmed
    give_back(session, limits, keys)
    return Found(account_id, provider.name)


def require_number(session: Session, *, provider_id: int, typed: str) -> None:
    """Refuse what cannot be a number of this provider; nothing is looked up and no attempt is counted.

    Raises:
        ProviderMissing, NumberMissing, CodeWithoutNumber, NumberUnfit, BankAccountTyped, InnTyped, BicTyped: as
            `find_account`.
    """
    provider, recognised = _recognised(session, provider_id, typed)
    _refuse_unlike(recognised, provider)


def _recognised(session: Session, provider_id: int, typed: str) -> tuple[ServiceProvider, Typed]:
    provider = repository.provider_by_id(session, provider_id)
    if provider is None:
        raise ProviderMissing
    found = recognise(typed, _rule(provider))
    if found.payee_inn and found.payee_inn != provider.inn:
        others = repository.providers_by_inn(session, found.payee_inn)
        if len(others) == 1:
            return others[0], recognise(typed, _rule(others[0]))
    return provider, found


def _rule(provider: ServiceProvider) -> NumberRule:
    return NumberRule(provider.account_pattern, drops_dashes=provider.drops_dashes, inn=provider.inn)


def _refuse_unlike(found: Typed, provider: ServiceProvider) -> None:
    if found.kind is TypedKind.UNFIT:
        raise NumberUnfit(hint=provider.account_hint)
    if refusal := _REFUSALS.get(found.kind):
        raise refusal


def _account_id(session: Session, provider: ServiceProvider, found: Typed) -> int | None:
    find = (
        repository.account_id_by_unified_number if found.kind is TypedKind.UNIFIED else repository.account_id_by_number
    )
    return find(session, provider.id or 0, found.value)
