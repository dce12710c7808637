"""When an outage is coming, going on and over, and what may still be said of it. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from lkk_reflex.kit.errors import PortalError
from lkk_reflex.outages.addresses import Address, names_a_place, read_address, read_house, split_houses
from lkk_reflex.outages.errors import (
    HouseUnfit,
    OutageBegun,
    OutageNotBegun,
    OutageOver,
    ServiceUnfit,
    StreetUnfit,
    TextTooLong,
    TimesReversed,
    TimesTooLong,
    UntilPassed,
)
from lkk_reflex.outages.models import OutageKind, OutageState

#: A planned outage is shown on the first pages from so long before it.
SHOWN_BEFORE: Final = timedelta(days=7)
#: And the end of any outage for so long.
SHOWN_AFTER: Final = timedelta(days=1)
#: The page of outages looks back so far.
REMEMBERED: Final = timedelta(days=30)
_SERVICE_LIMIT, _TEXT_LIMIT, _STREET_LIMIT, _HOUSES_LIMIT = 33, 1000, 120, 500
#: `холодная вода, горячая вода`: letters, spaces, commas, hyphens within words.
_SERVICE: Final = re.compile(r"[^\W\d_]+(?:(?:, ?| |-)[^\W\d_]+)*")
#: Nothing that stays off longer is an outage; rather a slip in the year.
_LONGEST: Final = timedelta(days=120)


class Phase(StrEnum):
    """How an outage stands at a moment."""

    COMING = "coming"
    ON = "on"
    PASSED = "passed"  # its announced end is over, and nobody has said that the service is back
    ENDED = "ended"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Where:
    """Which accounts of a provider an outage concerns, as staff writes it; without a street all of them."""

    street: str = ""
    #: Each of them may be several, parted by commas.
    houses: Sequence[str] = ()

    @property
    def each_house(self) -> list[str]:
        """Return the houses one by one, as they were written."""
        return [house for written in self.houses for house in split_houses(written)]


@dataclass(frozen=True, slots=True)
class NewOutage:
    """What is told of an outage when it is announced; the moments are aware."""

    provider_id: int
    service: str
    kind: OutageKind
    starts_at: datetime
    ends_at: datetime
    text: str = ""
    where: Where = Where()


@dataclass(frozen=True, slots=True)
class Sought:
    """The addresses that an outage concerns."""

    street: Address
    #: In the way of `Address.house`, by what staff wrote.
    houses: dict[str, str]


def phase_at(state: OutageState, starts_at: datetime, ends_at: datetime, now: datetime) -> Phase:
    """Say how an outage stands."""
    if state is not OutageState.ANNOUNCED:
        return Phase.ENDED if state is OutageState.ENDED else Phase.CANCELLED
    if now < starts_at:
        return Phase.COMING
    return Phase.ON if now < ends_at else Phase.PASSED


def sought_by(where: Where) -> Sought:
    """Read the street and the houses.

    Raises:
        StreetUnfit: no street can be read, or several, or a house stands with it.
        HouseUnfit: something is no number of a house, or is several.
    """
    street = read_address(where.street)
    if not street.is_one_street or street.house or len(where.street) > _STREET_LIMIT:
        raise StreetUnfit(limit=_STREET_LIMIT)
    houses = {house: read_house(house) for house in where.each_house}
    for house, read in houses.items():
        if not read:
            raise HouseUnfit(house=house)
    if len(", ".join(houses)) > _HOUSES_LIMIT:
        raise HouseUnfit(house="; ".join(houses)[:40])
    return Sought(street, houses)


def check_service(service: str) -> str:
    """Return the name of a service without blanks around it.

    Raises:
        ServiceUnfit: there is none, it is too long for a message, or it may name an address: everybody reads it who has
            connected an account, also before the account was proved to be theirs.
    """
    plain = " ".join(service.split())
    if len(plain) > _SERVICE_LIMIT or not _SERVICE.fullmatch(plain) or names_a_place(plain):
        raise ServiceUnfit(limit=_SERVICE_LIMIT)
    return plain


def check_text(text: str) -> str:
    """Return the text without blanks around it.

    Raises:
        TextTooLong: as it says.
    """
    if len(text.strip()) > _TEXT_LIMIT:
        raise TextTooLong(limit=_TEXT_LIMIT)
    return text.strip()


def check_times(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Refuse times that cannot be meant.

    Raises:
        TimesReversed, UntilPassed, TimesTooLong: as they say.
    """
    if ends_at <= starts_at:
        raise TimesReversed
    if ends_at <= now:
        raise UntilPassed
    if ends_at - starts_at > _LONGEST:
        raise TimesTooLong(days=_LONGEST.days)


def require(phase: Phase, *allowed: Phase) -> None:
    """Refuse what comes too early or too late.

    Raises:
        OutageNotBegun, OutageBegun, OutageOver: the phase is none of the allowed ones.
    """
    if phase in allowed:
        return
    refusals: dict[Phase, type[PortalError]] = {Phase.COMING: OutageNotBegun, Phase.ON: OutageBegun}
    raise refusals.get(phase, OutageOver)
