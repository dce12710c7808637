"""The copy of everything that the portal holds of a person: one archive for the person and for programs."""

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from lkk_reflex.accounts import own_data as accounts_data
from lkk_reflex.identity import audit, codes, own_password, tickets
from lkk_reflex.identity import own_data as identity_data
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock, rate_limit
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.money import Money
from lkk_reflex.kit.own_table import Cell, OwnFile, OwnTable
from lkk_reflex.kit.rate_limit import Limit, Scope
from lkk_reflex.meters import own_data as meters_data
from lkk_reflex.payments import own_data as payments_data
from lkk_reflex.settings import get_settings
from lkk_reflex.support import own_data as support_data

#: Every slice that holds something of a person gives its tables.
TABLES: Final[tuple[Callable[[Session, Viewer], list[OwnTable]], ...]] = (
    identity_data.own_tables,
    accounts_data.own_tables,
    payments_data.own_tables,
    meters_data.own_tables,
    support_data.own_tables,
)
#: And the files that the person has sent.
FILES: Final[tuple[Callable[[Session, Viewer], Iterable[OwnFile]], ...]] = (
    support_data.own_files,
    meters_data.own_files,
)

_LIMITS: Final = (Limit("own-data", Scope.SUBJECT, 3, timedelta(days=1)),)
_MOSCOW: Final = ZoneInfo("Europe/Moscow")
#: What a program for tables takes for a formula; a quote before it makes it a text.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_README: Final = """\
Копия ваших данных из личного кабинета: {company}
Сделана {at}.

data.json — все таблицы для программ: кодировка UTF-8, время по Гринвичу (ISO 8601), суммы в рублях с точкой.
Файлы .csv — те же таблицы для чтения: откройте их в программе таблиц. Кодировка UTF-8, разделитель «;», \
время московское, суммы в рублях с запятой. Если значение начинается со знака формулы, перед ним стоит апостроф.

Таблицы:
{tables}

Паролей, кодов и ключей в копии нет: портал хранит их отпечатки, а ключ второго шага — зашифрованным.
По счетам с базовым доступом нет имени владельца и подробных начислений: доступ не подтверждён.
Храните архив там, куда нет доступа посторонним.
"""


def ask(viewer: Viewer, *, password: str) -> str:
    """Return the ticket for which the route gives the archive, three times a day.

    Opens its own units of work, because the password is compared between them.

    Raises:
        SignInRequired: for who is not a subscriber.
        OwnPasswordWrong, TooManyAttempts, PasswordsBusy: see `own_password.prove`.
    """
    own_password.prove(viewer, password=password)
    with unit_of_work() as session:
        subscriber_id = viewer.require_subscriber()
        rate_limit.take(session, _LIMITS, {Scope.SUBJECT: str(subscriber_id)})
        audit.record(session, viewer, "own_data.asked", subscriber_id=subscriber_id)
        return tickets.for_own_data(session, subscriber_id)


def archive(viewer: Viewer, *, ticket: str) -> IO[bytes]:
    """Return the archive of the viewer's own data, open at its beginning; it is gone once the caller closes it.

    Raises:
        SignInRequired: for who is not a subscriber.
        TicketUnusable: the ticket has expired, was used, or is somebody else's.
    """
    with unit_of_work() as session:
        tickets.use_for_own_data(session, viewer, ticket)
    with ExitStack() as until_packed:
        file = until_packed.enter_context(tempfile.TemporaryFile())
        with reading() as session, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            _pack(session, viewer, packed)
        file.seek(0)
        until_packed.pop_all()
    return file


def file_name() -> str:
    """Return how the archive of today is called: `Мои данные на 22.11.2026.zip`."""
    return f"Мои данные на {clock.today('Europe/Moscow'):%d.%m.%Y}.zip"


def _pack(session: Session, viewer: Viewer, packed: zipfile.ZipFile) -> None:
    tables = [table for give in TABLES for table in give(session, viewer)]
    packed.writestr("data.json", json.dumps(_for_programs(tables), ensure_ascii=False, indent=1))
    for table in tables:
        packed.writestr(f"{table.name}.csv", _for_reading(table))
    listed = "\n".join(f"{table.name}.csv — {table.title}: записей {len(table.rows)}" for table in tables)
    company, at = get_settings().company_name, codes.moment(clock.now())
    # A reader on Windows takes a text without the mark for another encoding.
    packed.writestr(
        "README.txt", "\N{ZERO WIDTH NO-BREAK SPACE}" + _README.format(company=company, at=at, tables=listed)
    )
    for give in FILES:
        for file in give(session, viewer):
            packed.writestr(f"files/{Path(file.name).name}", file.content)


def _for_programs(tables: list[OwnTable]) -> dict[str, Any]:
    return {
        "made_at": clock.now().isoformat(),
        "company": get_settings().company_name,
        **{
            table.name: [dict(zip(table.columns, map(_value, row), strict=True)) for row in table.rows]
            for table in tables
        },
    }


def _for_reading(table: OwnTable) -> str:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow(table.columns.values())
    writer.writerows([_text(cell) for cell in row] for row in table.rows)
    return "\N{ZERO WIDTH NO-BREAK SPACE}" + written.getvalue()


def _value(cell: Cell) -> str | int | bool | None:
    match cell:
        case Money():
            return cell.to_api()
        case datetime() | date():
            return cell.isoformat()
        case Decimal():
            return str(cell)
        case _:
            return cell


def _text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "да" if cell else "нет"
        case Money():
            return cell.to_api().replace(".", ",")
        case Decimal():
            return str(cell).replace(".", ",")
        case datetime():
            return f"{cell.astimezone(_MOSCOW):%d.%m.%Y %H:%M:%S}"
        case date():
            return f"{cell:%d.%m.%Y}"
        case int():
            return str(cell)
        case str():
            return f"'{cell}" if cell.startswith(_FORMULA) else cell
