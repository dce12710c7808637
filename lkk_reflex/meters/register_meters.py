"""Meters that stand in an accrual register (template 14-1 of banks), handed over by the register's import."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from decimal import Decimal

from sqlmodel import Session

from lkk_reflex.accounts.models import ServiceProvider
from lkk_reflex.accounts.register.parsing import MeterBlock
from lkk_reflex.kit import clock
from lkk_reflex.meters.dial import MAX_FRACTION
from lkk_reflex.meters.loading import LoadReport, store_meters
from lkk_reflex.meters.meter_file import MeterLine
from lkk_reflex.meters.models import Resource

#: Kinds of the format: the resource, the scale, how many scales such a meter has.
_KINDS = {
    1: (Resource.GAS, 1, 1),
    2: (Resource.ELECTRICITY, 1, 1),
    3: (Resource.ELECTRICITY, 1, 2),
    4: (Resource.ELECTRICITY, 2, 2),
    5: (Resource.ELECTRICITY, 3, 3),
    6: (Resource.ELECTRICITY, 1, 3),
    7: (Resource.ELECTRICITY, 2, 3),
    8: (Resource.HOT_WATER, 1, 1),
    9: (Resource.COLD_WATER, 1, 1),
    10: (Resource.HEAT, 1, 1),
    11: (Resource.SEWAGE, 1, 1),
    12: (Resource.IRRIGATION, 1, 1),
}
_SERIAL_LIMIT, _PLACE_LIMIT = 40, 80
_LARGEST = Decimal(10) ** 9


class RegisterMeters:
    """Collects the meters of a register while it is read, and stores them behind its accounts."""

    def __init__(self) -> None:
        self._told: dict[int, tuple[str, Sequence[MeterBlock]]] = {}

    def take(self, line: int, number: str, meters: Sequence[MeterBlock]) -> None:
        """Take in the meters of the account with this normalised number."""
        self._told[line] = (number, meters)

    def drop(self, lines: Collection[int]) -> None:
        """Forget what these lines told: they have been rejected."""
        for line in lines:
            self._told.pop(line, None)

    def store(self, session: Session, provider: ServiceProvider) -> list[str]:
        """Store the meters; what cannot be stored is said in the sentences, and the register stays loaded."""
        report = LoadReport()
        today = clock.today(provider.time_zone)
        store_meters(session, provider, self._lines(report, today), report)
        return report.sentences()

    def _lines(self, report: LoadReport, today: date) -> Iterator[MeterLine]:
        for line, (number, blocks) in self._told.items():
            grouped: dict[tuple[Resource, str], list[MeterBlock]] = {}
            for block in blocks:
                report.read += 1
                if block.kind not in _KINDS or len(block.serial) > _SERIAL_LIMIT:
                    report.reject(line, f"прибор учёта «{block.serial[:_SERIAL_LIMIT]}» портал не ведёт")
                    continue
                grouped.setdefault((_KINDS[block.kind][0], block.serial), []).append(block)
            for (resource, serial), same in grouped.items():
                yield _meter_line(line, number, resource, serial, same, report, today)


def _meter_line(
    line: int,
    number: str,
    resource: Resource,
    serial: str,
    blocks: Sequence[MeterBlock],
    report: LoadReport,
    today: date,
) -> MeterLine:
    scales = max(_KINDS[block.kind][2] for block in blocks)
    values = {_KINDS[block.kind][1]: Decimal(block.value) for block in blocks if block.value}
    taken_on = max((block.taken_on for block in blocks if block.taken_on), default=None)
    if values and (problem := _problem(values, scales, taken_on, today)):
        report.notes.append(f"Строка {line}: показание счётчика {serial} не взято — {problem}.")
        values = {}
    return MeterLine(
        line=line,
        number=number,
        resource=resource,
        serial=serial,
        place=blocks[0].place[:_PLACE_LIMIT],
        scales=scales,
        verified_until=max((block.verified_until for block in blocks if block.verified_until), default=None),
        values=values or None,
        taken_on=taken_on,
    )


def _problem(values: dict[int, Decimal], scales: int, taken_on: date | None, today: date) -> str:
    if sorted(values) != list(range(1, scales + 1)):
        return "названы не все шкалы"
    if any(not 0 <= value < _LARGEST or round(value, MAX_FRACTION) != value for value in values.values()):
        return "такого на счётчике не бывает"
    if taken_on is None:
        return "нет даты"
    return "дата ещё не наступила" if taken_on > today else ""
