"""What the portal holds of one person, as tables that a slice gives and the archive of own data writes down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from lkk_reflex.kit.money import Money

#: What a cell may hold; a moment is aware UTC.
Cell: TypeAlias = str | int | bool | Decimal | Money | date | datetime | None


@dataclass(frozen=True, slots=True)
class OwnTable:
    """Rows of one kind.

    `name` is the name of the file and of the list for programs; `columns` are keys for programs with the headings
    that a person reads; every row has a cell for each column.
    """

    name: str
    title: str
    columns: Mapping[str, str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A file that the person has sent; `name` is its path in the archive."""

    name: str
    content: bytes
