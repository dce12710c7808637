"""The formats of accrual registers that are met, as data, and the guess which one a file is in.

Source: exchange modules of banks and regional payment systems; `docs/registers.md` lists them for people.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from lkk_reflex.kit.billing_period import BillingPeriod

#: Preset F repeats seven columns for each meter, at most twelve times.
METER_FIELDS = 7
MAX_METERS = 12


class Column(StrEnum):
    """What a column of a register means; the value is its header in the portal's own format."""

    NUMBER = "ЛС"
    NAME = "ФИО"
    ADDRESS = "Адрес"
    UNIFIED = "ЕЛС"
    PERIOD = "Период"
    SERVICE = "Услуга"
    UNIT = "Ед. изм."
    VOLUME = "Объём"
    TARIFF = "Тариф"
    CHARGED = "Начислено"
    RECALCULATED = "Перерасчёт"
    CONCEDED = "Льгота"
    PENALTY = "Пени"
    OPENING = "На начало"
    PAID = "Оплачено"
    CLOSING = "К оплате"
    #: A bank's column that is a period in some registers and a code of a service in others.
    PERIOD_OR_SERVICE = "Период или код услуги"
    IGNORED = "—"


@dataclass(frozen=True, slots=True)
class Preset:
    """One format: its columns in order; an empty tuple takes them from the file's header."""

    code: str
    title: str
    columns: tuple[Column, ...]
    #: Seven-column blocks of meters follow the columns.
    has_meters: bool = False
    #: The sum of the file must be told by this directive.
    required_total: str = ""
    #: Fields may stand in quotes, as spreadsheets write them.
    is_quoted: bool = False


_C = Column
OWN = Preset("own", "формат портала (с заголовком)", (), is_quoted=True)
LS_FIO_ADDR = Preset("ls_fio_addr", "ЛС;ФИО;адрес;ММГГ;сумма", (_C.NUMBER, _C.NAME, _C.ADDRESS, _C.PERIOD, _C.CLOSING))
SBER_COOP = Preset(
    "sber_coop",
    "ЛС;ФИО;назначение;код услуги или период;сумма",
    (_C.NUMBER, _C.NAME, _C.IGNORED, _C.PERIOD_OR_SERVICE, _C.CLOSING),
)
SBER_OLD = Preset("sber_old", "ФИО;адрес;ЛС;сумма", (_C.NAME, _C.ADDRESS, _C.NUMBER, _C.CLOSING))
SBER_GIS = Preset(
    "sber_gis",
    "ФИО;ЕЛС;ФИАС,кв;адрес;ЛС;сумма",
    (_C.NAME, _C.UNIFIED, _C.IGNORED, _C.ADDRESS, _C.NUMBER, _C.CLOSING),
)
GOROD_CFT = Preset(
    "gorod_cft",
    "#FILESUM, затем ФИО;адрес;ЛС;баланс;услуга",
    (_C.NAME, _C.ADDRESS, _C.NUMBER, _C.CLOSING, _C.SERVICE),
    required_total="FILESUM",
)
SBER_14_1 = Preset(
    "sber_14_1",
    "ЛС;ФИО;ЕЛС;ФИАС;адрес и приборы учёта",
    (_C.NUMBER, _C.NAME, _C.UNIFIED, _C.IGNORED, _C.ADDRESS),
    has_meters=True,
)
PRESETS = {preset.code: preset for preset in (OWN, LS_FIO_ADDR, SBER_COOP, SBER_OLD, SBER_GIS, GOROD_CFT, SBER_14_1)}

_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ACCOUNT = re.compile(r"(?=.*\d)[^\s,]{1,30}")
_AMOUNT = re.compile(r"-?\d+(?:[.,]\d{1,2})?")
_PERIOD = re.compile(r"(?:0[1-9]|1[0-2])\d\d(?:\d\d)?")
_ADDRESS = re.compile(r"\d")
_FILE_NAME = re.compile(r"(\d{10}|\d{12})_\d{20}_\d{3}_((?:0[1-9]|1[0-2])\d{2})\.txt", re.IGNORECASE)


def _folded(text: str) -> str:
    return " ".join(text.upper().replace("Ё", "Е").rstrip(". ").split())


_OWN_COLUMNS = {_folded(column): column for column in Column if column not in (_C.PERIOD_OR_SERVICE, _C.IGNORED)} | {
    "НОМЕР ЛС": _C.NUMBER,
    "ЛИЦЕВОЙ СЧЕТ": _C.NUMBER,
    "ЕДИНИЦА": _C.UNIT,
}


def column_of(header: str) -> Column | None:
    """Return the column of the portal's own format that a cell of the header names."""
    return _OWN_COLUMNS.get(_folded(header))


@dataclass(frozen=True, slots=True)
class Guess:
    """Which formats a file may be in, most likely first."""

    presets: tuple[Preset, ...]

    @property
    def is_own(self) -> bool:
        """Tell whether the header says it, so that there is nothing to ask."""
        return self.presets == (OWN,)

    @property
    def sentence(self) -> str:
        """Return what a person is told about the guess."""
        if not self.presets:
            return "Ни на один известный формат файл не похож. Посмотрите docs/registers.ru.md."
        names = " или ".join(f"{preset.code} ({preset.title})" for preset in self.presets)
        return f"Похоже на {names}. Если так, повторите с --preset {self.presets[0].code}."


def guess(rows: list[list[str]], directives: set[str]) -> Guess:
    """Guess the format by the first rows (without directives) and the names of directives."""
    if rows and Column.NUMBER in (columns := [column_of(cell) for cell in rows[0]]) and len(set(columns)) > 1:
        return Guess((OWN,))
    if GOROD_CFT.required_total in directives:
        return Guess((GOROD_CFT,))
    likely = (_likely(row) for row in rows)
    votes = [preset for presets in likely for preset in presets]
    return Guess(tuple(sorted(dict.fromkeys(votes), key=lambda preset: -votes.count(preset)))[:2])


def _likely(row: list[str]) -> list[Preset]:
    cells = [cell.strip() for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) == 4 and _fits(cells, account=2, amount=3):
        return [SBER_OLD]
    if len(cells) == 6 and _GUID.match(cells[2]) and _fits(cells, account=4, amount=5):
        return [SBER_GIS]
    if len(row) >= 5 + METER_FIELDS and _GUID.match(cells[3]):
        return [SBER_14_1]
    if len(cells) != 5:
        return []
    if _fits(cells, account=0, amount=4):
        is_first = bool(_PERIOD.fullmatch(cells[3]) and _ADDRESS.search(cells[2]))
        return [LS_FIO_ADDR, SBER_COOP] if is_first else [SBER_COOP]
    return [GOROD_CFT] if _fits(cells, account=2, amount=3) else []


def _fits(cells: list[str], *, account: int, amount: int) -> bool:
    return bool(_ACCOUNT.fullmatch(cells[account]) and _AMOUNT.fullmatch(cells[amount]))


class FileNameParts(NamedTuple):
    """What a bank's file name tells."""

    inn: str
    period: BillingPeriod


def parts_of_file_name(name: str) -> FileNameParts | None:
    """Read `ИНН_РС_НОМЕР_ММГГ.txt`; None for any other name. Source: help of Sberbank for registers of charges."""
    match = _FILE_NAME.fullmatch(name)
    return FileNameParts(match[1], BillingPeriod.parse(match[2])) if match else None
