"""All SQL of loading a register: a temporary table takes the lines, set-based statements merge them.

Row by row would be ten times slower; the databases do the joining, so memory does not grow with the register.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, cast

import psycopg
from sqlalchemy import (
    CursorResult,
    Executable,
    Select,
    Subquery,
    Table,
    case,
    delete,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as sqlmodel_select

from lkk_reflex.accounts.models import Bill, Charge, PersonalAccount, Register
from lkk_reflex.accounts.register.models import PART_COLUMNS, staged_by_bill, staged_lines

_LINES_PER_DELETE = 500

_s = staged_lines.c
_accounts, _bills, _charges = (
    SQLModel.metadata.tables[model.__tablename__] for model in (PersonalAccount, Bill, Charge)
)
_account, _bill = _accounts.c, _bills.c


class StagedTotals(NamedTuple):
    """What the staging table holds."""

    rows: int
    accounts: int
    period_from: int
    period_to: int
    closing: int


class Unbalanced(NamedTuple):
    """A line of a bill whose parts do not add up; amounts are kopecks of the whole bill."""

    line: int
    closing: int
    expected: int


def register_by_hash(session: Session, provider_id: int, file_hash: str) -> Register | None:
    """Return the load of the same bytes, if there was one."""
    statement = sqlmodel_select(Register).where(
        col(Register.provider_id) == provider_id, col(Register.file_hash) == file_hash
    )
    return session.exec(statement).one_or_none()


def create_staging(session: Session) -> None:
    """Make an empty staging table for this transaction."""
    if _is_postgresql(session):
        # A load is one long transaction; the limit for answers to people is not meant for it.
        _run(session, text("SET LOCAL statement_timeout = 0"))
    drop_staging(session)
    _run(session, CreateTable(staged_lines))


def drop_staging(session: Session) -> None:
    """Remove the staging table."""
    _run(session, text("DROP TABLE IF EXISTS staged_line"))


def stage(session: Session, columns: Sequence[str], lines: Sequence[tuple[object, ...]]) -> None:
    """Put a batch of lines into the staging table by the fastest way of the database."""
    if not lines:
        return
    names = ", ".join(columns)
    connection = session.connection()
    if _is_postgresql(session):
        raw = cast(psycopg.Connection, connection.connection.driver_connection)
        with raw.cursor() as cursor, cursor.copy(f"COPY staged_line ({names}) FROM STDIN") as copy:
            for line in lines:
                copy.write_row(line)
        return
    marks = ", ".join("?" * len(columns))
    # The names are columns of our own staging table, not words of the file.
    connection.exec_driver_sql(f"INSERT INTO staged_line ({names}) VALUES ({marks})", list(lines))  # noqa: S608


def index_staging(session: Session) -> None:
    """Prepare the staging table for checks and for merging."""
    _run(session, CreateIndex(staged_by_bill))
    if _is_postgresql(session):
        _run(session, text("ANALYZE staged_line"))


def repeated_lines(session: Session) -> dict[int, int]:
    """Return the lines whose account and period stand in the file more than once, with the first such line."""
    first = func.min(_s.line).label("first")
    groups = select(_s.number, _s.period, first).group_by(_s.number, _s.period).having(func.count() > 1).subquery()
    same = (_s.number == groups.c.number) & (_s.period == groups.c.period)
    rows = _run(session, select(_s.line, groups.c.first).join(groups, same))
    return {row[0]: row[1] for row in rows}


def unbalanced_lines(session: Session) -> list[Unbalanced]:
    """Return the lines of bills in which opening + charges - payments is not what is to pay."""
    opening, charged, recalculated, conceded, penalty, paid = (
        func.coalesce(func.sum(_s[part]), 0) for part in PART_COLUMNS
    )
    expected = opening + charged + recalculated - conceded + penalty - paid
    closing = func.sum(_s.closing)
    groups = (
        select(_s.number, _s.period, closing.label("closing"), expected.label("expected"))
        .group_by(_s.number, _s.period)
        .having(closing != expected)
        .subquery()
    )
    same = (_s.number == groups.c.number) & (_s.period == groups.c.period)
    rows = _run(session, select(_s.line, groups.c.closing, groups.c.expected).join(groups, same))
    return [Unbalanced(line, int(told), int(counted)) for line, told, counted in rows]


def unstage(session: Session, lines: Iterable[int]) -> None:
    """Take rejected lines out of the staging table."""
    ordered = sorted(lines)
    for start in range(0, len(ordered), _LINES_PER_DELETE):
        _run(session, delete(staged_lines).where(_s.line.in_(ordered[start : start + _LINES_PER_DELETE])))


def staged_totals(session: Session) -> StagedTotals:
    """Return what is left to load."""
    row = _run(
        session,
        select(
            func.count(),
            func.count(_s.number.distinct()),
            func.coalesce(func.min(_s.period), 0),
            func.coalesce(func.max(_s.period), 0),
            func.coalesce(func.sum(_s.closing), 0),
        ),
    ).one()
    return StagedTotals(*(int(value) for value in row))


def staged_periods(session: Session) -> list[int]:
    """Return the keys of the periods in the staging table."""
    return list(_run(session, select(_s.period).distinct()).scalars())


def has_register_of(session: Session, provider_id: int, period_from: int, period_to: int) -> bool:
    """Tell whether a register with bills of these periods has been loaded before."""
    statement = select(col(Register.id)).where(
        col(Register.provider_id) == provider_id,
        col(Register.period_from) <= period_to,
        col(Register.period_to) >= period_from,
    )
    return _run(session, statement.limit(1)).first() is not None


def count_accounts(session: Session, provider_id: int) -> int:
    """Return how many accounts a provider has."""
    statement = select(func.count()).select_from(PersonalAccount).where(_account.provider_id == provider_id)
    return int(_run(session, statement).scalar_one())


def count_known_accounts(session: Session, provider_id: int) -> int:
    """Return how many accounts of the staging table the provider has already."""
    numbers = select(_s.number).distinct().subquery()
    statement = (
        select(func.count())
        .select_from(numbers)
        .join(PersonalAccount, (_account.provider_id == provider_id) & (_account.number == numbers.c.number))
    )
    return int(_run(session, statement).scalar_one())


def count_present_bills(session: Session, provider_id: int, data_as_of: datetime) -> tuple[int, int]:
    """Return how many staged bills exist already: older than the register, and newer than it."""
    bills = select(_s.number, _s.period).distinct().subquery()
    is_newer = case((_bill.counts_payments_until > data_as_of, 1), else_=0)
    statement = (
        select(func.count(), func.coalesce(func.sum(is_newer), 0))
        .select_from(bills)
        .join(PersonalAccount, (_account.provider_id == provider_id) & (_account.number == bills.c.number))
        .join(Bill, (_bill.account_id == _account.id) & (_bill.period == bills.c.period))
    )
    present, newer = _run(session, statement).one()
    return int(present) - int(newer), int(newer)


def merge_accounts(session: Session, provider_id: int, created_at: datetime, *, is_one_line_each: bool) -> None:
    """Add new accounts; refresh names and addresses of known ones where the register tells them."""
    chosen = ["number", "number_shown", "unified_number", "owner_name", "address"]
    source = _one_line_of_each_account(is_one_line_each=is_one_line_each)
    rows = select(
        literal(provider_id), *(source.c[name] for name in chosen), literal(created_at, _account.created_at.type)
    ).where(source.c.line > 0)
    statement = _insert(session, _accounts).from_select(
        ["provider_id", *chosen, "created_at"], rows.order_by(source.c.number)
    )
    new = statement.excluded
    told = {
        name: case((new[name] == "", _account[name]), else_=new[name])
        for name in ("unified_number", "owner_name", "address")
    } | {"number_shown": new.number_shown}
    changes = [_account[name] != value for name, value in told.items()]
    _run(
        session,
        statement.on_conflict_do_update(
            index_elements=["provider_id", "number"],
            set_=told,
            where=changes[0] | changes[1] | changes[2] | changes[3],
        ),
    )


def merge_bills(
    session: Session,
    register: Register,
    *,
    due_on: Mapping[int, date],
    is_one_line_each: bool,
) -> None:
    """Add the bills; replace those of the same account and period that are no newer than the register."""
    amounts = [*PART_COLUMNS, "closing"]
    same_account = (_account.provider_id == register.provider_id) & (_account.number == _s.number)
    told = [_s[name] if is_one_line_each else func.sum(_s[name]) for name in amounts]
    rows = select(
        _account.id,
        _s.period,
        *told,
        case(due_on, value=_s.period),
        literal(register.data_as_of, _bill.counts_payments_until.type),
        literal(register.id),
    ).join_from(staged_lines, PersonalAccount, same_account)
    rows = rows.where(_s.period > 0)
    if not is_one_line_each:
        rows = rows.group_by(_account.id, _s.number, _s.period)
    columns = [f"{name}_kopecks" for name in amounts]
    tail = ["due_on", "counts_payments_until", "register_id"]
    statement = _insert(session, _bills).from_select(
        ["account_id", "period", *columns, *tail], rows.order_by(_s.number, _s.period)
    )
    _run(
        session,
        statement.on_conflict_do_update(
            index_elements=["account_id", "period"],
            set_={name: statement.excluded[name] for name in (*columns, *tail)},
            where=_bill.counts_payments_until <= statement.excluded.counts_payments_until,
        ),
    )


def replace_charges(session: Session, register: Register) -> None:
    """Write the lines of the register's bills in place of those that the bills had before."""
    own_bills = select(_bill.id).where(_bill.register_id == register.id)
    _run(session, delete(Charge).where(col(Charge.bill_id).in_(own_bills)))
    place = func.row_number().over(partition_by=_bill.id, order_by=_s.line)
    charged, recalculated, conceded, penalty = (func.coalesce(_s[part], 0) for part in PART_COLUMNS[1:5])
    # A register of sums by service has no parts: the sum itself is what the service costs.
    is_bare = (_s.charged.is_(None)) & (_s.opening.is_(None)) & (_s.recalculated.is_(None))
    rows: Select[*tuple[Any, ...]] = (
        select(
            _bill.id,
            place,
            _s.service,
            _s.unit,
            _s.volume,
            _s.tariff,
            case((is_bare, _s.closing), else_=charged),
            recalculated,
            conceded,
            penalty,
            case((is_bare, _s.closing), else_=charged + recalculated - conceded + penalty),
        )
        .join_from(
            staged_lines,
            PersonalAccount,
            (_account.provider_id == register.provider_id) & (_account.number == _s.number),
        )
        .join(Bill, (_bill.account_id == _account.id) & (_bill.period == _s.period))
        .where(_bill.register_id == register.id, _s.service != "")
    )
    names = ["bill_id", "line", "service", "unit", "volume", "tariff"]
    sums = ["charged_kopecks", "recalculated_kopecks", "conceded_kopecks", "penalty_kopecks", "total_kopecks"]
    _run(session, _insert(session, _charges).from_select([*names, *sums], rows))


def _one_line_of_each_account(*, is_one_line_each: bool) -> Subquery:
    """Choose the line that describes an account: the latest of those with a name or an address."""
    if is_one_line_each:
        return select(staged_lines).subquery()
    says_nothing = case(((_s.owner_name == "") & (_s.address == ""), 1), else_=0)
    order = (says_nothing, _s.period.desc(), _s.line.desc())
    place = func.row_number().over(partition_by=_s.number, order_by=order).label("place")
    ranked = select(staged_lines, place).subquery()
    return select(ranked).where(ranked.c.place == 1).subquery()


def _insert(session: Session, table: Table) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if _is_postgresql(session) else sqlite.insert(table)


def _run(session: Session, statement: Executable) -> CursorResult[*tuple[Any, ...]]:
    """Run a statement about rows, past the session's objects; what the session still holds goes first."""
    session.flush()
    return session.connection().execute(statement)


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
