"""How a provider takes readings: the rules of each resource, as the company sets them."""

import re
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session

from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.meters import loading_repository as repository
from lkk_reflex.meters.dial import to_milli
from lkk_reflex.meters.errors import PolicyUnfit
from lkk_reflex.meters.models import MeterPolicy, OutsideWindow, Resource, WhenExpired
from lkk_reflex.meters.provider_file import provider_of_staff

_LAST_DAY = 31
_MEASURE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,3})?")
_LEAST_PERCENT, _MOST_PERCENT = 110, 10_000


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """What is to be changed in a rule; None leaves it."""

    window_from: int | None = None
    window_to: int | None = None
    outside_window: OutsideWindow | None = None
    takes_zero: bool | None = None
    takes_rollover: bool | None = None
    takes_fraction: bool | None = None
    max_consumption: Decimal | None = None
    alarm_percent: int | None = None
    when_expired: WhenExpired | None = None


def policy_of(session: Session, viewer: Viewer, *, provider_code: str, resource: Resource) -> MeterPolicy:
    """Return the rule of a resource; the defaults where the company has set none.

    Raises:
        Forbidden: the viewer does not work for this provider.
        ProviderUnknown: there is no such provider.
    """
    provider = provider_of_staff(session, viewer, provider_code)
    found = repository.policy(session, provider.id or 0, resource)
    return found or MeterPolicy(provider_id=provider.id or 0, resource=resource)


def set_policy(
    session: Session, viewer: Viewer, *, provider_code: str, resource: Resource, change: PolicyChange
) -> MeterPolicy:
    """Change the rule of a resource and return it.

    Raises:
        Forbidden, ProviderUnknown: as `policy_of`.
        PolicyUnfit: a value cannot be right.
    """
    policy = policy_of(session, viewer, provider_code=provider_code, resource=resource)
    _check(change)
    for name in change.__slots__:
        value = getattr(change, name)
        if value is not None and name != "max_consumption":
            setattr(policy, name, value)
    if change.max_consumption is not None:
        policy.max_consumption_milli = to_milli(change.max_consumption)
    repository.add(session, [policy])
    return policy


def _check(change: PolicyChange) -> None:
    if any(day is not None and not 1 <= day <= _LAST_DAY for day in (change.window_from, change.window_to)):
        raise PolicyUnfit(reason="день приёма — от 1 до 31.")
    if change.alarm_percent is not None and not _LEAST_PERCENT <= change.alarm_percent <= _MOST_PERCENT:
        raise PolicyUnfit(reason="переспрашивать можно о расходе от 110 до 10000 процентов обычного.")
    largest = change.max_consumption
    if largest is not None and not (_MEASURE.fullmatch(f"{largest}") and largest > 0):
        raise PolicyUnfit(reason="наибольший расход — число больше нуля, не больше трёх цифр после запятой.")
