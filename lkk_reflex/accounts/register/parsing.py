"""From the fields of one row to one line of the staging table. Pure, and the hot loop of a load."""

import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, TypeAlias

from lkk_reflex.accounts.account_number import NumberRule, normalise, unified_number
from lkk_reflex.accounts.register.models import DETAIL_COLUMNS, SUM_COLUMNS
from lkk_reflex.accounts.register.presets import MAX_METERS, METER_FIELDS, Column, Preset
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.days import written_day
from lkk_reflex.kit.money import Money

_PLAIN_AMOUNT = re.compile(r"(-?)(\d{1,11})[.,](\d\d)")
_DECIMAL = re.compile(r"-?\d{1,12}(?:[.,]\d{1,8})?")
_MAX_KOPECKS = 10**12
_METER_KINDS = frozenset(str(kind) for kind in range(1, 14))
_NOTHING = frozenset({"", "[]"})
_NAME_LIMIT, _ADDRESS_LIMIT, _SERVICE_LIMIT, _UNIT_LIMIT, _DECIMAL_LIMIT = 160, 250, 120, 20, 24
_PERIODS_REMEMBERED = 1000
_PARTS = (
    Column.OPENING, Column.CHARGED, Column.RECALCULATED, Column.CONCEDED, Column.PENALTY, Column.PAID,
)  # fmt: skip


class LineRejected(Exception):
    """A row cannot be accepted; the text says why, in Russian."""


#: Where the account's number and the kopecks to pay stand in a parsed row.
NUMBER, CLOSING = SUM_COLUMNS.index("number"), SUM_COLUMNS.index("closing")

#: Plain, because this is made a million times: text, whole kopecks, or None for an amount that is not told.
ParsedRow: TypeAlias = tuple[str | int | None, ...]


class MeterBlock(NamedTuple):
    """A meter as a register of meters tells it; empty and None is what it does not tell."""

    #: 1 to 13, as the format numbers them.
    kind: int
    serial: str
    place: str
    verified_until: date | None
    #: Decimal text with a point.
    value: str
    taken_on: date | None


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
        #: The meters of the row that was parsed last.
        self.meters: Sequence[MeterBlock] = ()
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
        self._unit, self._volume, self._tariff = place(Column.UNIT), place(Column.VOLUME), place(Column.TARIFF)
        self._parts = tuple(place(part) for part in _PARTS)
        self._has_details = max(*self._parts, self._unit, self._volume, self._tariff) >= 0

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

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of what `parse` gives."""
        return SUM_COLUMNS + DETAIL_COLUMNS if self._has_details else SUM_COLUMNS

    def parse(self, fields: list[str], original: str) -> ParsedRow:
        """Read one row.

        Raises:
            LineRejected: with the reason.
        """
        if not original.isprintable():
            fields = [_cleaned(cell) for cell in fields]
        width = self._width
        if len(fields) != width:
            self._settle_width(fields)
        meters = fields[width:]
        fields[width:] = [""]
        shown = fields[self._number].strip()
        number = self._account_number(shown)
        service, period_text = fields[self._service].strip(), fields[self._period_place]
        if self._either >= 0:
            period_text, service = _period_or_service(fields[self._either].strip())
        name, address = fields[self._name].strip(), fields[self._address].strip()
        if len(name) > _NAME_LIMIT or len(address) > _ADDRESS_LIMIT or len(service) > _SERVICE_LIMIT:
            raise LineRejected("слишком длинное ФИО, адрес или название услуги")
        unified = fields[self._unified]
        if unified:
            unified = unified_number(unified)
        if self._has_meters:
            self.meters = meter_blocks(meters)
            return (number, shown, unified, name, address, 0, None, "")
        period = self._periods.get(period_text) or self._period_key(period_text)
        if not self._has_details:
            closing = kopecks(fields[self._closing])
            return (number, shown, unified, name, address, period, closing, service)
        closing, details = self._details(fields)
        return (number, shown, unified, name, address, period, closing, service, *details)

    def _place(self, column: Column) -> int:
        return self._places.get(column, -1)

    def _settle_width(self, fields: list[str]) -> None:
        """Let pass one empty field too many, the blocks of meters, and empty cells that were not written."""
        count = len(fields)
        if self._has_meters and count > self._width:
            return
        if count == self._width + 1 and not fields[-1].strip():
            return
        if not self._is_sparse or count > self._width:
            raise LineRejected(f"полей {count}, а нужно {self._width}")
        fields.extend([""] * (self._width - count))

    def _account_number(self, shown: str) -> str:
        number = normalise(shown, drops_dashes=self._rule.drops_dashes)
        if not number:
            raise LineRejected("нет номера лицевого счёта")
        accepted = self._accepts(number) if self._accepts else self._rule.accepts(number)
        if not accepted or len(number) > 30 or len(shown) > 60:
            raise LineRejected(f"номер счёта «{shown[:40]}» не подходит поставщику")
        return number

    def _period_key(self, text: str) -> int:
        bare = text.strip()
        key = self._read_period(bare) if bare else self._period
        if key is None:
            raise LineRejected("нет расчётного периода")
        if len(self._periods) < _PERIODS_REMEMBERED:
            self._periods[text] = key
        return key

    def _read_period(self, text: str) -> int:
        try:
            return BillingPeriod.parse(text).key
        except ValueError:
            raise LineRejected(f"период «{text[:20]}» не читается") from None

    def _details(self, fields: list[str]) -> tuple[int, ParsedRow]:
        parts = tuple(kopecks(fields[place], or_nothing=True) for place in self._parts)
        closing = kopecks(fields[self._closing], or_nothing=True)
        if self._closing < 0:
            opening, charged, recalculated, conceded, penalty, paid = (part or 0 for part in parts)
            closing = opening + charged + recalculated - conceded + penalty - paid
        unit = fields[self._unit].strip()
        if len(unit) > _UNIT_LIMIT:
            raise LineRejected(f"единица «{unit[:30]}» слишком длинная")
        volume, tariff = _decimal(fields[self._volume], "объём"), _decimal(fields[self._tariff], "тариф")
        return closing or 0, (unit, volume, tariff, *parts)


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


def meter_blocks(fields: Sequence[str]) -> list[MeterBlock]:
    """Read the blocks of meters of preset F: kind, number, name, verification, value, date of the value, remark.

    Raises:
        LineRejected: with the reason.
    """
    cells = [cell.strip() for cell in fields]
    while cells and cells[-1] in _NOTHING and len(cells) % METER_FIELDS:
        cells.pop()
    if len(cells) > MAX_METERS * METER_FIELDS:
        raise LineRejected(f"приборов учёта больше {MAX_METERS}")
    cells += [""] * (-len(cells) % METER_FIELDS)
    blocks = (cells[start : start + METER_FIELDS] for start in range(0, len(cells), METER_FIELDS))
    return [_meter_block(block) for block in blocks if not {block[0], block[1], block[4]} <= _NOTHING]


def _meter_block(cells: Sequence[str]) -> MeterBlock:
    kind, serial, place, verified, value, taken, _ = ("" if cell in _NOTHING else cell for cell in cells)
    if kind not in _METER_KINDS:
        raise LineRejected(f"тип прибора учёта «{kind[:10]}» неизвестен")
    if not serial:
        raise LineRejected("нет номера прибора учёта")
    if value and not _DECIMAL.fullmatch(value):
        raise LineRejected(f"показание «{value[:20]}» не читается")
    return MeterBlock(int(kind), serial, place, _date(verified), value.replace(",", "."), _date(taken))


def _date(text: str) -> date | None:
    if not text:
        return None
    try:
        return written_day(text, "%d.%m.%Y")
    except ValueError:
        raise LineRejected(f"дата «{text[:20]}» не читается") from None


def _period_or_service(text: str) -> tuple[str, str]:
    """Part the column that banks use for both: what can be a period is one."""
    if not text:
        return "", ""
    try:
        BillingPeriod.parse(text)
    except ValueError:
        return "", text
    return text, ""


def _cleaned(text: str) -> str:
    bare = " ".join(text.split())
    if not bare.isprintable():
        raise LineRejected("есть нечитаемые знаки")
    return bare


def _decimal(text: str, what: str) -> str:
    bare = text.strip()
    if bare and (len(bare) > _DECIMAL_LIMIT or not _DECIMAL.fullmatch(bare)):
        raise LineRejected(f"{what} «{bare[:30]}» — не число")
    return bare
