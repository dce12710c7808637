"""The rows of a register one after another, whatever the kind of file; never the whole file at once."""

import csv
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TypeAlias
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.utils.exceptions import InvalidFileException

from lkk_reflex.accounts.errors import RegisterUnreadable
from lkk_reflex.accounts.register.directives import Directives
from lkk_reflex.accounts.register.inspection import XLSX, FileFacts

_MAX_COLUMNS = 120
_BROKEN_QUOTES = "\N{REPLACEMENT CHARACTER}"


#: Number of the line in the file, its fields, and how it stood there. Plain, because there may be a million.
Row: TypeAlias = tuple[int, list[str], str]


def read_rows(file: Path, facts: FileFacts, directives: Directives, *, is_quoted: bool) -> Iterator[Row]:
    """Yield the rows of data; lines that begin with `#` go to the directives, empty ones nowhere."""
    if facts.encoding == XLSX:
        return _sheet_rows(file, directives)
    return _text_rows(file, facts.encoding, directives, is_quoted=is_quoted)


def _text_rows(file: Path, encoding: str, directives: Directives, *, is_quoted: bool) -> Iterator[Row]:
    # Bytes that are no letters become surrogates: the line is refused by itself, and written back as it was.
    with file.open(encoding=encoding, errors="surrogateescape") as stream:
        for number, text in enumerate(stream, 1):
            line = text.rstrip("\n")
            if line.startswith("#"):
                directives.read(line, number)
            elif line and not line.isspace():
                is_plain = not is_quoted or '"' not in line
                yield number, line.split(";") if is_plain else _unquoted(line), line


def _unquoted(line: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=";", strict=True))
    except csv.Error:
        # The sign is unprintable for the parser, so the line is refused with its number.
        return [_BROKEN_QUOTES]


def _sheet_rows(file: Path, directives: Directives) -> Iterator[Row]:
    try:
        book = load_workbook(file, read_only=True, data_only=True)
    except (InvalidFileException, BadZipFile, KeyError, ValueError, OSError) as error:
        raise RegisterUnreadable(reason="это не таблица XLSX.") from error
    try:
        sheet = book.worksheets[0]
        # A file may claim a million columns; what is beyond the known ones is cut off unread.
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(max_col=_MAX_COLUMNS), 1):
            fields = [_text_of(cell) for cell in cells]
            while fields and not fields[-1]:
                fields.pop()
            if fields and fields[0].startswith("#"):
                directives.read(" ".join(fields), number)
            elif fields:
                yield number, fields, ";".join(fields)
    finally:
        book.close()


def _text_of(cell: Cell | MergedCell) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m") if value.day == 1 else value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value).strip()
    # Fifteen digits are all that a spreadsheet keeps; a mask of zeros such as 0000000 is how it keeps leading ones.
    mask = cell.number_format or ""
    digits = str(value) if isinstance(value, int) else format(value, ".15g")
    return digits.zfill(len(mask)) if mask and set(mask) == {"0"} and digits.isdigit() else digits
