"""What is said of meters where they are not the matter: plain values. Pure."""

from dataclasses import dataclass
from datetime import date

from lkk_reflex.meters.rules import Verification
from lkk_reflex.meters.standing import Standing


@dataclass(frozen=True, slots=True)
class MeterGlance:
    """One meter at a glance."""

    title: str
    #: In full with extended access, else the last digits.
    serial: str
    verification: Verification


@dataclass(frozen=True, slots=True)
class MeteredAccount:
    """A connected account that has meters."""

    link_id: str
    #: The person's own name for it, else the provider's.
    title: str
    provider_name: str
    number_shown: str
    #: In the provider's time zone.
    today: date
    meters: tuple[MeterGlance, ...]
    standing: Standing
