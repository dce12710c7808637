"""Spreadsheets (XLSX) that open well and run nothing: numbers are numbers, texts stay texts."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, TYPE_STRING
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from lkk_reflex.kit.money import Money

Cell: TypeAlias = str | Money | Decimal | None

_AUTHOR = "Личный кабинет абонента"
_MONEY_FORMAT = "#,##0.00"
_NARROWEST, _WIDEST = 10, 48
_HEAD_FILL = PatternFill("solid", fgColor="F3F2EE")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: a row of headings that stays in sight, and rows of values."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @staticmethod
    def number(text: str) -> Decimal | str:
        """Return a decimal text as a number; what is none stays a text."""
        try:
            return Decimal(text.replace(",", "."))
        except InvalidOperation:
            return text


def workbook(sheets: Iterable[Sheet]) -> bytes:
    """Return the bytes of an XLSX file with these sheets."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator, book.properties.language = _AUTHOR, "ru"
    for sheet in sheets:
        _fill(book.create_sheet(sheet.title), sheet)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _fill(target: Worksheet, sheet: Sheet) -> None:
    for row, cells in enumerate((sheet.headings, *sheet.rows), start=1):
        for column, value in enumerate(cells, start=1):
            _write(target, row, column, value)
    for column, heading in enumerate(sheet.headings, start=1):
        head = target.cell(1, column)
        head.font, head.fill = Font(bold=True), _HEAD_FILL
        head.alignment = Alignment(wrap_text=True, vertical="top")
        longest = max([len(heading), *(len(str(cells[column - 1] or "")) for cells in sheet.rows)])
        width = min(_WIDEST, max(_NARROWEST, longest + 2))
        target.column_dimensions[get_column_letter(column)].width = width
    target.freeze_panes = "B2"


def _write(target: Worksheet, row: int, column: int, value: Cell) -> None:
    cell = target.cell(row, column)
    if isinstance(value, Money):
        # A spreadsheet knows no kopecks; the library writes a Decimal as the very same digits.
        cell.value, cell.number_format = Decimal(value.kopecks) / 100, _MONEY_FORMAT
    elif isinstance(value, Decimal):
        cell.value = value
    elif value is not None:
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
        # Without this a name that begins with `=` would be a formula.
        cell.data_type = TYPE_STRING
