"""Files of the provider with a header: read line by line, each line by the names of its columns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlmodel import Session

from lkk_reflex.accounts.errors import ProviderUnknown, RegisterUnreadable
from lkk_reflex.accounts.models import ServiceProvider
from lkk_reflex.accounts.providers import providers_of_staff
from lkk_reflex.accounts.register.directives import Directives
from lkk_reflex.accounts.register.inspection import inspect
from lkk_reflex.accounts.register.rows import read_rows
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit.days import written_day
from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.meters.errors import FileRefused

_REJECTS_SHOWN = 100
_DAY_FORMATS = ("%d.%m.%Y", "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m")
_LOOK_ALIKE = str.maketrans("TЁ", "ТЕ")
#: Names of columns as they are compared, with the key of the column.
Columns = Mapping[str, str]


@dataclass(slots=True)
class FileReport:
    """The account of one file, in Russian sentences."""

    read: int = 0
    rejected: int = 0
    #: The first hundred, in the order of the file.
    reasons: list[str] = field(default_factory=list)
    #: What was done, and what deserves attention.
    notes: list[str] = field(default_factory=list)

    def reject(self, line: int, reason: str) -> None:
        """Note a line that cannot be accepted."""
        self.rejected += 1
        if len(self.reasons) < _REJECTS_SHOWN:
            self.reasons.append(f"  строка {line}: {reason}")

    def sentences(self) -> list[str]:
        """Return the report, one sentence a line."""
        counted = f"Прочитано строк: {self.read}, отклонено: {self.rejected}."
        return [counted, *self.reasons, *self.notes]

    def refuse_if_bad(self, *, skips_bad: bool) -> None:
        """Refuse the file as a whole when it holds nothing good, or something bad that is not to be skipped.

        Raises:
            FileRefused: with this report.
        """
        if self.read == self.rejected:
            raise FileRefused(reason="в нём нет ни одной годной строки.", report=self)
        if self.rejected and not skips_bad:
            reason = f"строк с ошибками {self.rejected}. Исправьте их или повторите с --skip-bad."
            raise FileRefused(reason=reason, report=self)


class LineRejected(Exception):
    """A line cannot be accepted; the text says why, in Russian."""


def provider_of_staff(session: Session, viewer: Viewer, code: str) -> ServiceProvider:
    """Return the provider for which the viewer works.

    Raises:
        Forbidden: the viewer does not work for this provider.
        ProviderUnknown: there is no such provider, and the viewer works for all.
    """
    known = providers_of_staff(session, viewer)
    found = next((provider for provider in known if provider.code == code), None)
    if found is not None:
        return found
    if viewer.role is not Role.SYSTEM:
        raise Forbidden
    raise ProviderUnknown(provider_code=code)


def lines_of(file: Path, columns: Columns, needed: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the number and the cells of each line, by the keys of `columns`; a column that is not there is empty.

    Raises:
        RegisterUnreadable: it is no table, or its header lacks one of the `needed` columns.
    """
    rows = read_rows(file, inspect(file), Directives(), is_quoted=True)
    _, header, _ = next(rows, (0, [], ""))
    keys = [columns.get(folded(name)) for name in header]
    if lacking := [key for key in needed if key not in keys]:
        names = ", ".join(f"«{next(name for name, key in columns.items() if key == one)}»" for one in lacking)
        raise RegisterUnreadable(reason=f"в заголовке нет столбцов {names}.")
    empty = dict.fromkeys(columns.values(), "")
    for line, cells, _ in rows:
        told = {key: cell.strip() for key, cell in zip(keys, cells, strict=False) if key}
        yield line, empty | told


def day_of(text: str, what: str) -> date:
    """Read a day as files and spreadsheets write it.

    Raises:
        LineRejected: it is none; `what` names the column.
    """
    try:
        return written_day(text, *_DAY_FORMATS)
    except ValueError:
        raise LineRejected(f"{what}: дата «{text[:20]}» не читается") from None


def folded(text: str) -> str:
    """Return words as they are compared: capitals, one space, Ё as Е, Latin T as Cyrillic."""
    return " ".join(text.upper().translate(_LOOK_ALIKE).replace(".", " ").split())
