"""«Почему столько?»: what makes a bill differ from the last one, split to the kopeck."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from itertools import groupby
from operator import attrgetter

from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.money import Money

_KOPECK = Decimal("0.01")
_NOTHING = Money(0)


class Cause(StrEnum):
    """What may make a bill larger or smaller than the last one."""

    VOLUME = "volume"
    TARIFF = "tariff"
    RECALCULATION = "recalculation"
    CONCESSION = "concession"
    PENALTY = "penalty"
    APPEARED = "appeared"  # the service was not in the last bill
    GONE = "gone"  # the service is not in this bill any more
    OTHER = "other"  # a coefficient, a correction: what the lines themselves do not tell


@dataclass(frozen=True, slots=True)
class Line:
    """One service of a bill; a volume or a tariff that the company does not tell is None."""

    service: str
    unit: str
    volume: Decimal | None
    tariff: Decimal | None
    charged: Money
    recalculated: Money = _NOTHING
    conceded: Money = _NOTHING
    penalty: Money = _NOTHING
    total: Money = _NOTHING


@dataclass(frozen=True, slots=True)
class Accrual:
    """What a bill charges: its lines, and the sum of the bill itself where the register has it."""

    period: BillingPeriod
    lines: tuple[Line, ...]
    total: Money


@dataclass(frozen=True, slots=True)
class Part:
    """One reason and what it makes, signed: positive makes the bill larger."""

    cause: Cause
    amount: Money


@dataclass(frozen=True, slots=True)
class Change:
    """One service then and now; `parts` add up to `difference`. An empty `service` is the bill as a whole."""

    service: str
    before: Line | None
    after: Line | None
    parts: tuple[Part, ...]

    @property
    def difference(self) -> Money:
        """Return by how much the service costs more than last time."""
        return _total(part.amount for part in self.parts)


@dataclass(frozen=True, slots=True)
class Explanation:
    """The difference of two bills; the parts of `changes` add up to it exactly."""

    earlier: BillingPeriod
    later: BillingPeriod
    difference: Money
    changes: tuple[Change, ...]

    @property
    def months_between(self) -> int:
        """Return how many months without a bill lie between the two; normally none."""
        return (self.later.year - self.earlier.year) * 12 + self.later.month - self.earlier.month - 1

    def by_cause(self) -> tuple[Part, ...]:
        """Return the causes of all services together, the weightiest first, without those that make nothing."""
        parts = sorted((part for change in self.changes for part in change.parts), key=attrgetter("cause"))
        sums = (
            Part(cause, _total(part.amount for part in same)) for cause, same in groupby(parts, attrgetter("cause"))
        )
        return tuple(sorted(filter(attrgetter("amount"), sums), key=lambda part: -abs(part.amount.kopecks)))


def explain(later: Accrual, earlier: Accrual) -> Explanation:
    """Split the difference of two bills by service and cause.

    For a service that is in both bills: the **volume** takes the change of the volume at the earlier price, rounded
    half up; the **tariff** takes what remains of the change of the charge, so the cross term (more volume at the
    new price) and the remainders of rounding are its. With an unchanged tariff they are the volume's. Where the
    lines do not say why a charge has changed, it is the **other** cause. Recalculation, concession and penalty take
    the change of their own column. A service of one bill only **appeared** or is **gone** with its whole total. What
    the sums of the bills hold beyond their lines belongs to the bill as a whole. Nothing is rounded away: all parts
    together are the difference of the two totals.
    """
    before, after = _by_service(earlier.lines), _by_service(later.lines)
    changes = [
        change for key in dict.fromkeys((*after, *before)) if (change := _change(before.get(key), after.get(key))).parts
    ]
    difference = later.total - earlier.total
    if beyond_lines := difference - _total(change.difference for change in changes):
        changes.append(Change("", None, None, (Part(Cause.OTHER, beyond_lines),)))
    return Explanation(earlier.period, later.period, difference, tuple(changes))


def _change(before: Line | None, after: Line | None) -> Change:
    named = after or before
    service = named.service if named else ""
    if before is None or after is None:
        cause, amount = (Cause.APPEARED, after.total) if after else (Cause.GONE, -before.total if before else _NOTHING)
        return Change(service, before, after, (Part(cause, amount),) if amount else ())
    return Change(service, before, after, tuple(part for part in _parts(before, after) if part.amount))


def _parts(before: Line, after: Line) -> Iterator[Part]:
    yield from _parts_of_charge(before, after)
    moved = (
        Part(Cause.RECALCULATION, after.recalculated - before.recalculated),
        Part(Cause.CONCESSION, before.conceded - after.conceded),
        Part(Cause.PENALTY, after.penalty - before.penalty),
    )
    yield from moved
    # A register may give a total of its own that is not the sum of the columns.
    columns = after.charged - before.charged + _total(part.amount for part in moved)
    yield Part(Cause.OTHER, after.total - before.total - columns)


def _parts_of_charge(before: Line, after: Line) -> Iterator[Part]:
    change = after.charged - before.charged
    price = _price(before)
    if before.volume is None or after.volume is None or price is None:
        is_tariff = before.tariff != after.tariff and before.volume == after.volume
        yield Part(Cause.TARIFF if is_tariff else Cause.OTHER, change)
        return
    is_same_tariff = before.tariff is not None and before.tariff == after.tariff
    if before.tariff == after.tariff and _explains(price, after) and before.volume != after.volume:
        yield Part(Cause.VOLUME, change)
        return
    by_volume = Money.from_decimal((after.volume - before.volume) * price)
    yield Part(Cause.VOLUME, by_volume)
    yield Part(Cause.OTHER if is_same_tariff else Cause.TARIFF, change - by_volume)


def _price(line: Line) -> Decimal | None:
    """Return the price of a unit: the tariff where it explains the charge, else what was really charged."""
    if line.volume is None:
        return None
    if line.tariff is not None and _explains(line.tariff, line):
        return line.tariff
    return _roubles(line.charged) / line.volume if line.volume else line.tariff


def _explains(price: Decimal, line: Line) -> bool:
    """Tell whether volume times price is what the line charges, to the kopeck."""
    expected = ((line.volume or 0) * price).quantize(_KOPECK, ROUND_HALF_UP)
    return abs(expected - _roubles(line.charged)) <= _KOPECK


def _by_service(lines: Sequence[Line]) -> Mapping[tuple[str, str], Line]:
    """Return one line for each service and unit; several of them (two meters, a tariff changed midway) become one."""
    found: dict[tuple[str, str], Line] = {}
    for line in lines:
        key = (line.service, line.unit)
        found[key] = _together(found[key], line) if key in found else line
    return found


def _together(one: Line, other: Line) -> Line:
    return Line(
        service=one.service,
        unit=one.unit,
        volume=None if one.volume is None or other.volume is None else one.volume + other.volume,
        # Two tariffs are none: then the price that was really charged counts.
        tariff=one.tariff if one.tariff == other.tariff else None,
        charged=one.charged + other.charged,
        recalculated=one.recalculated + other.recalculated,
        conceded=one.conceded + other.conceded,
        penalty=one.penalty + other.penalty,
        total=one.total + other.total,
    )


def _total(amounts: Iterable[Money]) -> Money:
    return sum(amounts, Money.zero())


def _roubles(amount: Money) -> Decimal:
    return Decimal(amount.kopecks) / 100
