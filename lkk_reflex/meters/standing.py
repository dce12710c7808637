"""Whether the readings of an account are in: one answer for all its meters. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.meters.rules import Window


class StandingKind(StrEnum):
    """How the readings of an account stand."""

    NOTHING = "nothing"  # nothing can be said, or nothing is waited for
    DUE = "due"
    PARTLY = "partly"  # some meters are told of and others are not
    GIVEN = "given"
    MISSED = "missed"  # the window is over


@dataclass(frozen=True, slots=True)
class Standing:
    """How the readings of an account stand; `closes_on` is the last day of the window in question."""

    kind: StandingKind = StandingKind.NOTHING
    period: BillingPeriod | None = None
    closes_on: date | None = None


@dataclass(frozen=True, slots=True)
class MeterStanding:
    """One meter whose readings are taken."""

    #: Open on the day, or the next one.
    window: Window
    #: The one before it, which is over.
    before: Window
    #: For which periods a reading was sent.
    sent: frozenset[BillingPeriod]
    #: For which periods it was read, by whomever.
    read: frozenset[BillingPeriod]


def standing_of(meters: Sequence[MeterStanding]) -> Standing:
    """Return how the readings of an account stand: first what is still to be given, then what has been."""
    taken = [meter for meter in meters if meter.window.is_open]
    waited_for = [meter.window for meter in taken if meter.window.period not in meter.sent]
    if waited_for:
        window = min(waited_for, key=lambda waited: waited.closes_on)
        is_begun = any(window.period in meter.sent for meter in taken)
        return _standing(StandingKind.PARTLY if is_begun else StandingKind.DUE, window)
    if not meters:
        return Standing()
    windows = [meter.window for meter in taken or meters]
    if all(meter.window.period in meter.sent for meter in taken or meters):
        return _standing(StandingKind.GIVEN, max(windows, key=lambda window: window.closes_on))
    over = max((meter.before for meter in meters), key=lambda window: window.closes_on)
    if not all(meter.before.period in meter.read for meter in meters):
        return _standing(StandingKind.MISSED, over)
    is_given = any(meter.before.period in meter.sent for meter in meters)
    return _standing(StandingKind.GIVEN, over) if is_given else Standing()


def _standing(kind: StandingKind, window: Window) -> Standing:
    return Standing(kind, window.period, window.closes_on)
