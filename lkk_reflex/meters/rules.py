"""When readings are taken, and what is asked or refused about a value. Pure.

Sources: ПП РФ № 354 п. 31 and 34 (readings by the 25th unless the contract says otherwise).
"""

import calendar
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.errors import PortalError
from lkk_reflex.meters.dial import Dial, to_milli
from lkk_reflex.meters.errors import ConsumptionTooLarge, LowerThanPrevious, ZeroRefused

#: Fewer months say too little about what is usual.
MONTHS_FOR_AVERAGE = 3
MONTHS_OF_AVERAGE = 12
#: So long a silent meter is charged for by its average (ПП РФ № 354 п. 59); then nobody waits for it any more.
MONTHS_OF_WAITING = 3
#: From this many days before its end on, the end of a verification is spoken of.
VERIFICATION_SOON_DAYS = 60
_TENTH = 10
_THOUSANDTH = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Window:
    """The submission window for a period; a reading taken outside it is counted for this period too."""

    period: BillingPeriod
    opens_on: date
    closes_on: date
    is_open: bool


def window_at(day: date, day_from: int, day_to: int) -> Window:
    """Return the window that is open on a day, or the next one.

    `day_from` and `day_to` are days of the month, both included; a month that lacks the day ends on its last one.
    With `day_from > day_to` the window of a month ends in the next one.
    """
    month = BillingPeriod.of(day)
    # The window of the month before may still be open, that of this month may be over.
    windows = (_window(month.shifted(shift), day_from, day_to, day) for shift in (-1, 0, 1))
    return next(window for window in windows if window.closes_on >= day)


def _window(period: BillingPeriod, day_from: int, day_to: int, day: date) -> Window:
    opens_on = _day_of(period, day_from)
    closes_on = _day_of(period if day_from <= day_to else period.shifted(1), day_to)
    return Window(period, opens_on, closes_on, is_open=opens_on <= day <= closes_on)


def window_of(period: BillingPeriod, day_from: int, day_to: int, day: date) -> Window:
    """Return the window of one period, as it stands on a day."""
    return _window(period, day_from, day_to, day)


def _day_of(period: BillingPeriod, day: int) -> date:
    last = calendar.monthrange(period.year, period.month)[1]
    return date(period.year, period.month, min(day, last))


class VerificationKind(StrEnum):
    """How the verification of a meter stands."""

    UNKNOWN = "unknown"
    VALID = "valid"
    SOON = "soon"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Verification:
    """How the verification of a meter stands on a day; `days_left` is negative after its end."""

    kind: VerificationKind
    until: date | None = None
    days_left: int = 0


def verification_on(day: date, until: date | None) -> Verification:
    """Say how a verification stands; the last day still counts."""
    if until is None:
        return Verification(VerificationKind.UNKNOWN)
    left = (until - day).days
    if left < 0:
        return Verification(VerificationKind.EXPIRED, until, left)
    kind = VerificationKind.SOON if left <= VERIFICATION_SOON_DAYS else VerificationKind.VALID
    return Verification(kind, until, left)


@dataclass(frozen=True, slots=True)
class Previous:
    """The reading with which a new one is compared."""

    values: Mapping[int, Decimal]
    taken_on: date
    period: BillingPeriod


@dataclass(frozen=True, slots=True)
class Limits:
    """What a provider lets pass for one meter. `largest` is for a month."""

    takes_zero: bool = True
    takes_rollover: bool = True
    largest: Decimal | None = None
    #: A consumption above so many averages is asked about.
    alarm_factor: Decimal = Decimal(3)


class QuestionKind(StrEnum):
    """What a person is asked to confirm."""

    ZERO = "zero"
    ROLLOVER = "rollover"
    ANOMALY = "anomaly"


@dataclass(frozen=True, slots=True)
class ScaleUse:
    """What one scale shows and what was used since the last reading; None before the first one."""

    scale: int
    value: Decimal
    previous: Decimal | None
    consumption: Decimal | None
    is_rollover: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something to ask; `scale` is None for the meter as a whole."""

    kind: QuestionKind
    scale: int | None
    consumption: Decimal


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the values of a meter mean. `refusals` are by scale; with any of them the rest is of no use."""

    uses: tuple[ScaleUse, ...]
    doubts: tuple[Doubt, ...]
    refusals: Mapping[int, PortalError]

    @property
    def consumption(self) -> Decimal | None:
        """Return what all scales together have used; None before the first reading."""
        used = [use.consumption for use in self.uses if use.consumption is not None]
        return sum(used, Decimal(0)) if used else None


def weigh(
    values: Mapping[int, Decimal],
    previous: Previous | None,
    *,
    dial: Dial,
    limits: Limits,
    average: Decimal | None = None,
    months: int = 1,
) -> Weighed:
    """Compare the values of all scales of a meter with those of the last reading.

    `average` is what the meter uses in a month, None where too little is known; `months` is how many months the
    consumption covers.
    """
    if previous is None:
        uses = tuple(ScaleUse(scale, value, None, None) for scale, value in sorted(values.items()))
        return Weighed(uses, (), {})
    largest = (limits.largest if limits.largest is not None else dial.span / _TENTH) * max(months, 1)
    refusals: dict[int, PortalError] = {}
    found: list[ScaleUse] = []
    for scale, value in sorted(values.items()):
        try:
            found.append(_use(scale, value, previous, dial, largest, takes_rollover=limits.takes_rollover))
        except PortalError as refusal:
            refusals[scale] = refusal
    uses = tuple(found)
    if not refusals and (of_all := _refusal_of_all(uses, dial, limits, largest)):
        refusals[min(values)] = of_all
    return Weighed(uses, () if refusals else tuple(_doubts(uses, limits, average, months)), refusals)


def _use(
    scale: int, value: Decimal, previous: Previous, dial: Dial, largest: Decimal, *, takes_rollover: bool
) -> ScaleUse:
    if scale not in previous.values:
        return ScaleUse(scale, value, None, None)
    # Digits that nobody asks for must not make an unmoved dial look lower than it was.
    before = dial.whole(previous.values[scale])
    used = value - before
    is_rollover = used < 0 and takes_rollover and used + dial.span <= largest
    if is_rollover:
        used += dial.span
    if used < 0:
        raise LowerThanPrevious(previous=dial.shown(before), taken_on=f"{previous.taken_on:%d.%m.%Y}")
    if used > largest:
        raise ConsumptionTooLarge(consumption=dial.shown(used), limit=dial.shown(largest))
    return ScaleUse(scale, value, before, used, is_rollover)


def _refusal_of_all(uses: Sequence[ScaleUse], dial: Dial, limits: Limits, largest: Decimal) -> PortalError | None:
    known = [use for use in uses if use.consumption is not None]
    total = _total(known)
    if total > largest:
        return ConsumptionTooLarge(consumption=dial.shown(total), limit=dial.shown(largest))
    if known and not total and not limits.takes_zero:
        return ZeroRefused(previous=dial.shown(known[0].value))
    return None


def _doubts(uses: Sequence[ScaleUse], limits: Limits, average: Decimal | None, months: int) -> Iterator[Doubt]:
    known = [use for use in uses if use.consumption is not None]
    for use in known:
        if use.is_rollover:
            yield Doubt(QuestionKind.ROLLOVER, use.scale, use.consumption or Decimal(0))
    total = _total(known)
    if known and not total:
        yield Doubt(QuestionKind.ZERO, None, total)
    # A meter that the provider has put right downwards may have used less than nothing: then nothing is usual.
    elif average is not None and average > 0 and total > average * limits.alarm_factor * max(months, 1):
        yield Doubt(QuestionKind.ANOMALY, None, total)


def _total(uses: Iterable[ScaleUse]) -> Decimal:
    return sum((use.consumption for use in uses if use.consumption is not None), Decimal(0))


@dataclass(frozen=True, slots=True)
class Taken:
    """One reading in the life of a meter."""

    period: BillingPeriod
    values: Mapping[int, Decimal]


@dataclass(frozen=True, slots=True)
class Usage:
    """What a meter has used up to the reading of a period, over so many months, by scale."""

    period: BillingPeriod
    by_scale: Mapping[int, Decimal]
    months: int = 1

    @property
    def total(self) -> Decimal:
        """Return what all scales together have used."""
        return sum(self.by_scale.values(), Decimal(0))


def used_between(before: Mapping[int, Decimal], after: Mapping[int, Decimal], span: Decimal) -> dict[int, Decimal]:
    """Return what each scale has used; `span` is the value at which the dial begins anew.

    A dial that went back a little was corrected: that is less than nothing, not a whole turn.
    """
    used = {scale: value - before[scale] for scale, value in after.items() if scale in before}
    return {
        scale: amount + span if amount < 0 and amount + span <= span / _TENTH else amount
        for scale, amount in used.items()
    }


def usages(readings: Sequence[Taken], span: Decimal) -> list[Usage]:
    """Return what was used between successive readings; of several of one period the last one counts."""
    last_of = {taken.period: taken for taken in readings}
    ordered = [last_of[period] for period in sorted(last_of)]
    return [
        Usage(
            after.period,
            used_between(before.values, after.values, span),
            months_between(before.period, after.period),
        )
        for before, after in pairwise(ordered)
    ]


def by_month(history: Iterable[Usage]) -> dict[BillingPeriod, Decimal]:
    """Return what was used in each month; months without a reading share alike what the next one shows."""
    found: dict[BillingPeriod, Decimal] = {}
    for usage in history:
        part = (usage.total / usage.months).quantize(_THOUSANDTH)
        for back in range(usage.months):
            # The month of the reading takes what does not divide.
            amount = part if back else usage.total - part * (usage.months - 1)
            period = usage.period.shifted(-back)
            found[period] = found.get(period, Decimal(0)) + amount
    return found


def told_until(last_told: Iterable[BillingPeriod]) -> BillingPeriod | None:
    """Return the newest month of which all meters of a resource have told, out of the last month of each.

    A meter that has been silent for long keeps the others back no more. None without any meter.
    """
    ordered = sorted(last_told)
    return next((last for last in ordered if months_between(last, ordered[-1]) <= MONTHS_OF_WAITING), None)


def average_of(history: Sequence[Usage]) -> Decimal | None:
    """Return what is used in a month, over at most the last twelve; None when fewer than three are known."""
    total, months = Decimal(0), 0
    for usage in reversed(history):
        if months >= MONTHS_OF_AVERAGE:
            break
        total, months = total + usage.total, months + usage.months
    return total / months if months >= MONTHS_FOR_AVERAGE else None


def months_between(earlier: BillingPeriod, later: BillingPeriod) -> int:
    """Return how many months later a period is; at least one."""
    return max(1, (later.year - earlier.year) * 12 + later.month - earlier.month)


def question_key(meter_id: str, doubt: Doubt, values: Mapping[int, Decimal]) -> str:
    """Return what a person confirms with «Да, верно»: other values are another question."""
    told = ",".join(f"{scale}={to_milli(value)}" for scale, value in sorted(values.items()))
    return f"{doubt.kind}:{meter_id}:{told}"
