"""From the fields of one row to one line of the staging table. Pure, and the hot loop of a load."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from lkk_reflex.accounts.account_number import NumberRule, normalise, unified_number
from lkk_reflex.accounts.register.presets import MAX_METERS, METER_FIELDS, Column, Preset
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.money import Money

_PLAIN_AMOUNT = re.compile(r"(-?)(\d{1,11})[.,](\d\d)")
_DECIMAL = re.compile(r"-?\d{1,12}(?:[.,]\d{1,8})?")
_MAX_KOPECKS = 10**12
_METER_KINDS = frozenset(str(kind) for kind in range(1, 14))
_NOTHING = frozenset({"", "[]"})
_LONGEST = {
    Column.NAME: 160, Column.ADDRESS: 250, Column.SERVICE: 120, Column.UNIT: 20, Column.VOLUME: 24,
    Column.TARIFF: 24,
}  # fmt: skip
_PARTS = (
    Column.OPENING, Column.CHARGED, Column.RECALCULATED, Column.CONCEDED, Column.PENALTY, Column.PAID,
)  # fmt: skip


class LineRejected(Exception):
    """A row cannot be accepted; the text says why, in Russian."""


class StagedLine(NamedTuple):
    """One accepted row, in the order of the staging table's columns after `line`. Amounts are kopecks."""

    number: str
    number_shown: str
    unified_number: str
    owner_name: str
    address: str
    #: Zero in a register of meters, which has no bills.
    period: int
    closing: int | None
    service: str
    unit: str = ""
    volume: str = ""
    tariff: str = ""
    opening: int | None = None
    charged: int | None = None
    recalculated: int | None = None
    conceded: int | None = None
    penalty: int | None = None
    paid: int | None = None


class RowParser:
    """Parses the rows of one register.

    `columns` are those of the preset or of the file's header, `None` where a column means nothing to us; `period`
    is used where a row has none.
    """

    def __init__(
        self,
        preset: Preset,
        columns: Sequence[Column | None],
        *,
        rule: NumberRule,
        period: BillingPeriod | None,
    ) -> None:
        self._places = {column: place for place, column in enumerate(columns) if column is not None}
        self._width = len(columns)
        self._has_meters = preset.has_meters
        self._is_sparse = not preset.columns
        self._rule = rule
        self._accepts = re.compile(rule.pattern).fullmatch if rule.pattern else None
        self._periods: dict[str, int] = {}
        self._period = period.key if period else None
        # A column that the register lacks is read from the empty field put behind the last one.
        place = self._place
        self._number, self._name, self._address = place(Column.NUMBER), place(Column.NAME), place(Column.ADDRESS)
        self._unified, self._closing = place(Column.UNIFIED), place(Column.CLOSING)
        self._period_place, self._service = place(Column.PERIOD), place(Column.SERVICE)
        self._either = place(Column.PERIOD_OR_SERVICE)
        self._has_details = any(part in self._places for part in (*_PARTS, Column.VOLUME, Column.TARIFF, Column.UNIT))

    @property
    def has_services(self) -> bool:
        """Tell whether several rows of one account and period are lines of one bill."""
        return Column.SERVICE in self._places or Column.PERIOD_OR_SERVICE in self._places

    @property
    def has_balance(self) -> bool:
        """Tell whether a bill's parts must add up to what is to pay."""
        return {Column.OPENING, Column.CHARGED, Column.PAID, Column.CLOSING} <= self._places.keys()

    @property
    def has_period(self) -> bool:
        """Tell whether a row itself may say its period."""
        return Column.PERIOD in self._places or Column.PERIOD_OR_SERVICE in self._places

    def amount_of(self, fields: list[str]) -> int | None:
        """Return the kopecks to pay of a row that may be bad otherwise; None when that cannot be told."""
        if self._closing < 0 or not self._width <= len(fields) <= self._width + 1:
            return None
        try:
            return kopecks(fields[self._closing])
        except LineRejected:
            return None

    def parse(self, fields: list[str], original: str) -> StagedLine:
        """Read one row.

        Raises:
            LineRejected: with the reason.
        """
        if not original.isprintable():
            fields = [_cleaned(cell) for cell in fields]
        self._check_width(fields)
        meters = fields[self._width :]
        del fields[self._width :]
        fields.append("")
        shown = fields[self._number].strip()
        number = self._account_number(shown)
        service = fields[self._service].strip()
        period_text = fields[self._period_place].strip()
        either = fields[self._either].strip()
        if either:
            period_text, service = (either, service) if _is_period(either) else (period_text, either)
        name, address = fields[self._name].strip(), fields[self._address].strip()
        if len(name) > _LONGEST[Column.NAME] or len(address) > _LONGEST[Column.ADDRESS] or len(service) > 120:
            raise LineRejected("слишком длинное ФИО, адрес или название услуги")
        unified = fields[self._unified]
        if self._has_meters:
            check_meters(meters)
            return StagedLine(number, shown, unified and unified_number(unified), name, address, 0, None, "")
        period = self._period_key(period_text)
        line = StagedLine(number, shown, unified and unified_number(unified), name, address, period, None, service)
        if not self._has_details:
            return line._replace(closing=kopecks(fields[self._closing]))
        return self._with_details(line, fields)

    def _place(self, column: Column) -> int:
        return self._places.get(column, -1)

    def _check_width(self, fields: list[str]) -> None:
        count = len(fields)
        if count == self._width or (self._has_meters and count > self._width):
            return
        if count == self._width + 1 and not fields[-1].strip():
            return
        if self._is_sparse and count < self._width:
            # A spreadsheet does not write the empty cells at the end of a row.
            fields.extend([""] * (self._width - count))
            return
        raise LineRejected(f"полей {count}, а нужно {self._width}")

    def _account_number(self, shown: str) -> str:
        number = normalise(shown, drops_dashes=self._rule.drops_dashes)
        if not number:
            raise LineRejected("нет номера лицевого счёта")
        accepted = self._accepts(number) if self._accepts else self._rule.accepts(number)
        if not accepted or len(number) > 30 or len(shown) > 60:
            raise LineRejected(f"номер счёта «{shown[:40]}» не подходит поставщику")
        return number

    def _period_key(self, text: str) -> int:
        known = self._periods.get(text)
        if known is None:
            known = self._period if not text else self._read_period(text)
            if known is None:
                raise LineRejected("нет расчётного периода")
            if len(self._periods) < 1000:
                self._periods[text] = known
        return known

    def _read_period(self, text: str) -> int:
        try:
            return BillingPeriod.parse(text).key
        except ValueError:
            raise LineRejected(f"период «{text[:20]}» не читается") from None

    def _with_details(self, line: StagedLine, fields: list[str]) -> StagedLine:
        opening, charged, recalculated, conceded, penalty, paid = (
            kopecks(fields[self._place(part)], or_nothing=True) for part in _PARTS
        )
        closing = kopecks(fields[self._closing], or_nothing=True)
        if self._closing < 0:
            added = (opening or 0) + (charged or 0) + (recalculated or 0) + (penalty or 0)
            closing = added - (conceded or 0) - (paid or 0)
        return StagedLine(
            *line[:6],
            closing or 0,
            line.service,
            _within(fields[self._place(Column.UNIT)], Column.UNIT),
            _decimal(fields[self._place(Column.VOLUME)], Column.VOLUME),
            _decimal(fields[self._place(Column.TARIFF)], Column.TARIFF),
            opening,
            charged,
            recalculated,
            conceded,
            penalty,
            paid,
        )


def kopecks(text: str, *, or_nothing: bool = False) -> int | None:
    """Read an amount of roubles; with `or_nothing` an empty field is None.

    Raises:
        LineRejected: when it is no amount, or one of ten milliard roubles.
    """
    match = _PLAIN_AMOUNT.fullmatch(text)
    if match is not None and text.isascii():
        sign, roubles, rest = match.groups()
        value = int(roubles + rest)
        return -value if sign else value
    if or_nothing and not text.strip():
        return None
    try:
        value = Money.parse(text).kopecks
    except ValueError:
        raise LineRejected(f"сумма «{text.strip()[:30]}» не читается") from None
    if abs(value) >= _MAX_KOPECKS:
        raise LineRejected(f"сумма «{text.strip()[:30]}» слишком большая")
    return value


def check_meters(fields: Sequence[str]) -> None:
    """Check the blocks of meters of preset F: kind, number, name, verification, value, date of the value, remark.

    Raises:
        LineRejected: with the reason.
    """
    cells = [cell.strip() for cell in fields]
    while cells and cells[-1] in _NOTHING and len(cells) % METER_FIELDS:
        cells.pop()
    if len(cells) > MAX_METERS * METER_FIELDS:
        raise LineRejected(f"приборов учёта больше {MAX_METERS}")
    cells += [""] * (-len(cells) % METER_FIELDS)
    for start in range(0, len(cells), METER_FIELDS):
        kind, serial, _, verified, value, taken, _ = cells[start : start + METER_FIELDS]
        if {kind, serial, value} <= _NOTHING:
            continue
        if kind not in _METER_KINDS:
            raise LineRejected(f"тип прибора учёта «{kind[:10]}» неизвестен")
        if serial in _NOTHING:
            raise LineRejected("нет номера прибора учёта")
        if value not in _NOTHING and not _DECIMAL.fullmatch(value):
            raise LineRejected(f"показание «{value[:20]}» не читается")
        for day in (verified, taken):
            _check_date(day)


def _check_date(text: str) -> None:
    if text in _NOTHING:
        return
    try:
        datetime.strptime(text, "%d.%m.%Y")  # noqa: DTZ007 - a date as written; no moment is made of it.
    except ValueError:
        raise LineRejected(f"дата «{text[:20]}» не читается") from None


def _is_period(text: str) -> bool:
    try:
        BillingPeriod.parse(text)
    except ValueError:
        return False
    return len(text) in (4, 6, 7)


def _cleaned(text: str) -> str:
    bare = " ".join(text.split())
    if not bare.isprintable():
        raise LineRejected("есть нечитаемые знаки")
    return bare


def _within(text: str, column: Column) -> str:
    bare = text.strip()
    if len(bare) > _LONGEST[column]:
        raise LineRejected(f"столбец «{column}» слишком длинный")
    return bare


def _decimal(text: str, column: Column) -> str:
    bare = _within(text, column)
    if bare and not _DECIMAL.fullmatch(bare):
        raise LineRejected(f"{column.lower()} «{bare}» — не число")
    return bare
