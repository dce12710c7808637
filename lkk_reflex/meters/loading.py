"""Loading the meters of a provider with their readings: all of a file or nothing, batch by batch."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

from sqlmodel import Session

from lkk_reflex.accounts.account_number import NumberRule
from lkk_reflex.accounts.models import ServiceProvider
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.meters import loading_repository as repository
from lkk_reflex.meters.meter_file import COLUMNS, DEFAULT_DIGITS, NEEDED, MeterLine, labels_of, parse_line
from lkk_reflex.meters.models import Meter, MeterState, Reading, ReadingSource, ReadingState, Resource
from lkk_reflex.meters.provider_file import FileReport, LineRejected, lines_of, provider_of_staff

_LINES_PER_BATCH = 2000
_PUBLIC_ID_BYTES = 8
#: Account, resource and serial number: what makes a meter.
Key: TypeAlias = tuple[int, Resource, str]
#: A day's reading of a meter by the provider.
_Moment: TypeAlias = tuple[int, int]


@dataclass(slots=True)
class LoadReport(FileReport):
    """The account of one load of meters."""

    meters_new: int = 0
    meters_changed: int = 0
    readings_new: int = 0
    #: Readings of subscribers that the provider's own readings show to be counted.
    readings_counted: int = 0

    def sentences(self) -> list[str]:
        """Return the report, one sentence a line."""
        return [
            *FileReport.sentences(self),
            f"Счётчиков новых: {self.meters_new}, изменено: {self.meters_changed}.",
            f"Показаний поставщика новых: {self.readings_new}, показаний абонентов учтено: {self.readings_counted}.",
        ]


def load_meters(
    session: Session, viewer: Viewer, *, file: Path, provider_code: str, skips_bad: bool = False
) -> LoadReport:
    """Load a file of meters; what it does not tell of known meters stays as it is.

    A line with values is a reading that the provider has counted. Several lines of one meter are its history.

    Raises:
        Forbidden: the viewer does not work for this provider.
        ProviderUnknown: there is no such provider.
        RegisterUnreadable: the file as a whole is no table of meters.
        FileRefused: there are bad lines; the report is in its parameters.
    """
    provider = provider_of_staff(session, viewer, provider_code)
    report = LoadReport()
    store_meters(session, provider, _parsed(file, provider, report), report)
    report.refuse_if_bad(skips_bad=skips_bad)
    return report


def store_meters(session: Session, provider: ServiceProvider, lines: Iterable[MeterLine], report: LoadReport) -> None:
    """Store what lines tell, whatever file they come from; what cannot be stored goes into the report."""
    repository.lift_time_limit(session)
    coming = iter(lines)
    while batch := list(islice(coming, _LINES_PER_BATCH)):
        _Batch(session, provider.id or 0, report).store(batch)


def _parsed(file: Path, provider: ServiceProvider, report: LoadReport) -> Iterator[MeterLine]:
    rule = NumberRule(provider.account_pattern, drops_dashes=provider.drops_dashes)
    today = clock.today(provider.time_zone)
    for line, cells in lines_of(file, COLUMNS, NEEDED):
        report.read += 1
        try:
            yield parse_line(line, cells, rule, today)
        except LineRejected as rejection:
            report.reject(line, str(rejection))


@dataclass(slots=True)
class _Batch:
    """Some lines on their way into the tables."""

    session: Session
    provider_id: int
    report: LoadReport
    meters: dict[Key, Meter] = field(default_factory=dict)
    scales: dict[Key, int] = field(default_factory=dict)

    def store(self, lines: Sequence[MeterLine]) -> None:
        """Store the meters first, then their readings, then what has been replaced."""
        accounts = repository.account_ids(self.session, self.provider_id, {line.number for line in lines})
        self._look_up(accounts.values())
        kept = [(key, line) for line in lines if (key := self._key(line, accounts)) is not None]
        first = {key: line for key, line in reversed(kept) if key not in self.meters}
        if first:
            self._add_meters(dict(reversed(first.items())), kept)
            self._look_up(accounts.values())
        fitting = [(key, line) for key, line in kept if self._fits(key, line)]
        for key, line in fitting:
            self._refresh(self.meters[key], line, is_new=key in first)
        self.session.flush()
        self._add_readings(fitting)
        for key, line in fitting:
            self._end(self.meters[key], line)

    def _look_up(self, account_ids: Iterable[int]) -> None:
        known = repository.meters_of(self.session, set(account_ids))
        counts = repository.count_scales(self.session, {meter.id or 0 for meter in known})
        for meter in known:
            self.meters[_key_of(meter)] = meter
            self.scales[_key_of(meter)] = counts.get(meter.id or 0, 1)

    def _key(self, line: MeterLine, accounts: Mapping[str, int]) -> Key | None:
        account_id = accounts.get(line.number)
        if account_id is None:
            self.report.reject(line.line, f"счёта {line.number} у поставщика нет")
            return None
        return account_id, line.resource, line.serial

    def _add_meters(self, new: Mapping[Key, MeterLine], kept: Sequence[tuple[Key, MeterLine]]) -> None:
        largest: dict[Key, Decimal] = {}
        for key, line in kept:
            largest[key] = max([largest.get(key, Decimal(0)), *(line.values or {}).values()])
        now = clock.now()
        meters = []
        for key, line in new.items():
            # A file that does not tell the digits shows at least how many there must be.
            digits = max(DEFAULT_DIGITS, len(str(int(largest[key]))))
            meter = Meter(
                public_id=secrets.token_hex(_PUBLIC_ID_BYTES),
                account_id=key[0],
                resource=line.resource,
                serial=line.serial,
                created_at=now,
                **{"digits_int": digits, **_told(line)},
            )
            meters.append(meter)
        labels = [labels_of(line.scales or len(line.values or {}) or 1) for line in new.values()]
        repository.add_meters(self.session, meters, labels)
        self.report.meters_new += len(new)

    def _fits(self, key: Key, line: MeterLine) -> bool:
        """Tell whether the values can stand on the dial of the meter; if not, the line is rejected."""
        meter, values = self.meters[key], line.values or {}
        digits = line.digits_int or meter.digits_int
        reason = ""
        if (line.scales or len(values) or self.scales[key]) != self.scales[key]:
            reason = f"у счётчика {line.serial} шкал: {self.scales[key]}"
        elif any(value >= Decimal(10) ** digits for value in values.values()):
            reason = f"показание не помещается на счётчик: разрядов {digits}"
        if reason:
            self.report.reject(line.line, reason)
        return not reason

    def _refresh(self, meter: Meter, line: MeterLine, *, is_new: bool) -> None:
        changes = {name: value for name, value in _told(line).items() if value != getattr(meter, name)}
        for name, value in changes.items():
            setattr(meter, name, value)
        self.report.meters_changed += bool(changes) and not is_new

    def _end(self, meter: Meter, line: MeterLine) -> None:
        """Take a meter out of use, or the one that stood in its place before."""
        if line.removed_on and meter.state is MeterState.ACTIVE:
            meter.state, meter.removed_on = MeterState.REMOVED, line.removed_on
        old = self.meters.get((meter.account_id, meter.resource, line.replaces)) if line.replaces else None
        if line.replaces and old is None:
            self.report.notes.append(f"Строка {line.line}: прежнего счётчика {line.replaces} в портале нет.")
        if old is not None and old is not meter:
            old.state, old.replaced_by_id = MeterState.REPLACED, meter.id
            old.removed_on = old.removed_on or line.installed_on or line.taken_on
            self.session.add(old)

    def _add_readings(self, lines: Sequence[tuple[Key, MeterLine]]) -> None:
        told = [(self.meters[key].id or 0, line, line.values) for key, line in lines if line.values]
        periods = {_period_of(line).key for _, line, _ in told}
        known = repository.readings_of(self.session, {meter_id for meter_id, _, _ in told}, periods)
        book = _Book(known, repository.values_of(self.session, {row.id or 0 for row in known}))
        now = clock.now()
        for meter_id, line, values in told:
            self._take(book, meter_id, line, values, now)
        repository.add_readings(self.session, book.new)
        self.report.readings_new += len(book.new)

    def _take(
        self, book: "_Book", meter_id: int, line: MeterLine, values: Mapping[int, Decimal], now: datetime
    ) -> None:
        period = _period_of(line)
        same = book.same(meter_id, period, values)
        if sent := next((row for row in same if row.number), None):
            # The provider's own reading is what the subscriber has sent: it came into the bill.
            if sent.state is not ReadingState.COUNTED:
                count_in(sent, period, now)
                self.report.readings_counted += 1
            return
        if any(row.taken_on == line.taken_on for row in same):
            return
        assert line.taken_on is not None  # noqa: S101 - the line was refused otherwise.
        row = Reading(
            meter_id=meter_id,
            period=period.key,
            taken_on=line.taken_on,
            source=ReadingSource.ESTIMATED if line.is_estimated else ReadingSource.PROVIDER,
            state=ReadingState.COUNTED,
            version=book.next_version(meter_id, period),
            submitted_at=now,
            counted_at=now,
            counted_period=period.key,
        )
        book.add(row, values)


class _Book:
    """The readings of a batch: those that are there and those that come."""

    def __init__(self, known: Iterable[Reading], values: Mapping[int, Mapping[int, Decimal]]) -> None:
        self.new: list[tuple[Reading, Mapping[int, Decimal]]] = []
        self._versions: dict[_Moment, int] = {}
        self._rows: dict[_Moment, list[tuple[Reading, Mapping[int, Decimal]]]] = {}
        for row in known:
            self._note(row, values.get(row.id or 0, {}))

    def same(self, meter_id: int, period: BillingPeriod, values: Mapping[int, Decimal]) -> list[Reading]:
        """Return the standing readings of a period that show the same."""
        ended = (ReadingState.REPLACED, ReadingState.WITHDRAWN)
        rows = self._rows.get((meter_id, period.key), [])
        return [row for row, shown in rows if shown == values and row.state not in ended]

    def next_version(self, meter_id: int, period: BillingPeriod) -> int:
        """Return the version of one more reading of a period."""
        return self._versions.get((meter_id, period.key), 0) + 1

    def add(self, row: Reading, values: Mapping[int, Decimal]) -> None:
        """Take in a new reading."""
        self.new.append((row, values))
        self._note(row, values)

    def _note(self, row: Reading, values: Mapping[int, Decimal]) -> None:
        moment = (row.meter_id, row.period)
        self._rows.setdefault(moment, []).append((row, values))
        self._versions[moment] = max(self._versions.get(moment, 0), row.version)


def count_in(reading: Reading, period: BillingPeriod, now: datetime) -> None:
    """Note that a reading of a subscriber came into the bill of a period."""
    reading.state, reading.counted_at, reading.counted_period = ReadingState.COUNTED, now, period.key
    reading.exported_at = reading.exported_at or now


def _told(line: MeterLine) -> dict[str, Any]:
    """Return what a line tells of the meter itself."""
    told = {
        "place": line.place or None,
        "digits_int": line.digits_int,
        "digits_frac": line.digits_frac,
        "verified_until": line.verified_until,
        "installed_on": line.installed_on,
        "coefficient": line.coefficient or None,
        "max_consumption_milli": line.largest_milli,
    }
    return {name: value for name, value in told.items() if value is not None}


def _key_of(meter: Meter) -> Key:
    return meter.account_id, meter.resource, meter.serial


def _period_of(line: MeterLine) -> BillingPeriod:
    if line.period is not None:
        return line.period
    assert line.taken_on is not None  # noqa: S101 - a reading has a day.
    return BillingPeriod.of(line.taken_on)
