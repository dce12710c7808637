"""Readings on their way to the provider: the file of what was sent, and what came into the bills."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path

from sqlmodel import Session

from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.meters import loading_repository as repository
from lkk_reflex.meters.dial import RESOURCE_NAMES
from lkk_reflex.meters.loading import count_in
from lkk_reflex.meters.loading_repository import OutgoingReading
from lkk_reflex.meters.models import ReadingSource, ReadingState
from lkk_reflex.meters.provider_file import FileReport, lines_of, provider_of_staff

HEADER = "ЛС;№ПУ;услуга;T1;T2;T3;дата;источник;id;фото"
SOURCE_NAMES = {
    ReadingSource.SUBSCRIBER: "абонент",
    ReadingSource.OPERATOR: "оператор",
    ReadingSource.PROVIDER: "поставщик",
    ReadingSource.ESTIMATED: "расчёт",
}
_ROWS_PER_BATCH = 5000
_COUNTED_COLUMNS = {"ID": "id", "ПЕРИОД": "period"}
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Export:
    """The lines of a file for the provider, the header first, without ends of lines."""

    lines: tuple[str, ...]

    @property
    def readings(self) -> int:
        """Return how many readings are in the file."""
        return len(self.lines) - 1

    def to_bytes(self) -> bytes:
        """Return the file: UTF-8 with a mark, for spreadsheets and 1C."""
        return "".join(f"{line}\r\n" for line in self.lines).encode("utf-8-sig")


def export_readings(
    session: Session, viewer: Viewer, *, provider_code: str, period: BillingPeriod | None = None, again: bool = False
) -> Export:
    """Hand over the readings that wait, up to the bill of `period` (None: of the present month).

    Each goes out once; the column `id` names it, so that the same file read twice counts it once. With `again` the
    readings of the period that have gone out before are written anew, and nothing changes.

    Raises:
        Forbidden: the viewer does not work for this provider.
        ProviderUnknown: there is no such provider.
    """
    provider = provider_of_staff(session, viewer, provider_code)
    provider_id = provider.id or 0
    last = period or BillingPeriod.of(clock.today(provider.time_zone))
    repository.lift_time_limit(session)
    if again:
        found = repository.exported_of(session, provider_id, last.key)
    else:
        now = clock.now()
        repository.mark_exported(session, provider_id, last.key, now)
        found = repository.exported_at(session, provider_id, now)
    return Export((HEADER, *_lines(session, found)))


def mark_counted(
    session: Session, viewer: Viewer, *, file: Path, provider_code: str, period: BillingPeriod | None = None
) -> FileReport:
    """Note which readings came into bills: a table with the column `id`, and `Период` where it is not the reading's.

    A file that the portal has exported will do. `period` is for the lines that tell none.

    Raises:
        Forbidden, ProviderUnknown: as `export_readings`.
        RegisterUnreadable: it is no table with such a column.
        FileRefused: no line names a reading of this provider.
    """
    provider = provider_of_staff(session, viewer, provider_code)
    repository.lift_time_limit(session)
    report, counted = FileReport(), 0
    rows = lines_of(file, _COUNTED_COLUMNS, ("id",))
    while batch := list(islice(rows, _ROWS_PER_BATCH)):
        report.read += len(batch)
        counted += _count(session, provider.id or 0, batch, period, report)
    report.refuse_if_bad(skips_bad=True)
    report.notes.append(f"Учтено показаний: {counted}.")
    return report


def _count(
    session: Session,
    provider_id: int,
    batch: Iterable[tuple[int, Mapping[str, str]]],
    period: BillingPeriod | None,
    report: FileReport,
) -> int:
    named = {cells["id"].lstrip("'"): (line, cells["period"]) for line, cells in batch}
    known = repository.sent_readings(session, provider_id, list(named))
    now, counted = clock.now(), 0
    for number, (line, told) in named.items():
        reading = known.get(number)
        if reading is None:
            report.reject(line, f"показания {number[:20]} у поставщика нет")
        elif reading.state in (ReadingState.REPLACED, ReadingState.WITHDRAWN):
            report.reject(line, f"показание {number[:20]} отозвано или исправлено абонентом")
        elif reading.state is not ReadingState.COUNTED:
            try:
                own = BillingPeriod.parse(told) if told else period or BillingPeriod.from_key(reading.period)
            except ValueError:
                report.reject(line, f"период «{told[:20]}» не читается")
                continue
            count_in(reading, own, now)
            counted += 1
    session.flush()
    return counted


def _lines(session: Session, found: Iterator[OutgoingReading]) -> Iterator[str]:
    while batch := list(islice(found, _ROWS_PER_BATCH)):
        values = repository.values_of(session, [row.id for row in batch])
        for row in batch:
            yield _line(row, values.get(row.id, {}))


def _line(row: OutgoingReading, values: Mapping[int, Decimal]) -> str:
    cells = (
        row.account_number,
        row.serial,
        RESOURCE_NAMES[row.resource],
        *(_figure(values.get(scale)) for scale in (1, 2, 3)),
        f"{row.taken_on:%d.%m.%Y}",
        SOURCE_NAMES[row.source],
        row.number,
        "да" if row.has_photo else "",
    )
    return ";".join(_harmless(cell) for cell in cells)


def _figure(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}".replace(".", ",")


def _harmless(cell: str) -> str:
    """Return a cell that neither ends the column nor is taken for a formula by a spreadsheet."""
    bare = cell.replace(";", " ").replace('"', "'")
    return f"'{bare}" if bare.startswith(_FORMULA_SIGNS) else bare
