"""SQL of the files that go between the portal and a provider: whole batches, never row by row."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, func, insert, text, update
from sqlalchemy.sql.dml import ReturningInsert
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from lkk_reflex.accounts.models import PersonalAccount
from lkk_reflex.meters.dial import from_milli, to_milli
from lkk_reflex.meters.models import (
    Meter,
    MeterPolicy,
    MeterScale,
    Reading,
    ReadingPhoto,
    ReadingSource,
    ReadingState,
    ReadingValue,
    Resource,
    Tariff,
)

_KEYS_PER_QUERY = 1000
_SENT = (ReadingSource.SUBSCRIBER, ReadingSource.OPERATOR)


class OutgoingReading(NamedTuple):
    """A reading for the provider."""

    id: int
    number: str
    account_number: str
    serial: str
    resource: Resource
    taken_on: Any
    source: ReadingSource
    has_photo: bool


def lift_time_limit(session: Session) -> None:
    """Let the statements of a whole file take longer than those that answer a person."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(text("SET LOCAL statement_timeout = 0"))


# --- Meters


def account_ids(session: Session, provider_id: int, numbers: Collection[str]) -> dict[str, int]:
    """Return the accounts with these normalised numbers."""
    found: dict[str, int] = {}
    for some in _portions(numbers):
        rows = session.exec(
            select(PersonalAccount.number, PersonalAccount.id).where(
                PersonalAccount.provider_id == provider_id, col(PersonalAccount.number).in_(some)
            )
        )
        found |= {number: account_id or 0 for number, account_id in rows}
    return found


def meters_of(session: Session, account_ids: Collection[int]) -> list[Meter]:
    """Return all meters of accounts."""
    found: list[Meter] = []
    for some in _portions(account_ids):
        found += session.exec(select(Meter).where(col(Meter.account_id).in_(some))).all()
    return found


def count_scales(session: Session, meter_ids: Collection[int]) -> dict[int, int]:
    """Return how many scales each meter has."""
    found: dict[int, int] = {}
    for some in _portions(meter_ids):
        rows = session.exec(
            select(MeterScale.meter_id, func.count())
            .where(col(MeterScale.meter_id).in_(some))
            .group_by(col(MeterScale.meter_id))
        )
        found |= dict(rows.all())
    return found


def add_meters(session: Session, new: Sequence[Meter], labels: Sequence[Sequence[str]]) -> None:
    """Add meters with the labels of their scales; to be changed they are looked up again."""
    ids = {
        row.public_id: row.id
        for row in _add_all(session, insert(Meter).returning(col(Meter.public_id), col(Meter.id)), new)
    }
    rows = [
        {"meter_id": ids[meter.public_id], "scale": scale, "label": label}
        for meter, told in zip(new, labels, strict=True)
        for scale, label in enumerate(told, 1)
    ]
    if rows:
        session.connection().execute(insert(MeterScale), rows)


# --- Readings


def readings_of(session: Session, meter_ids: Collection[int], periods: Collection[int]) -> list[Reading]:
    """Return every version of the readings of meters for some periods; nobody corrects them meanwhile."""
    found: list[Reading] = []
    for some in _portions(meter_ids):
        found += session.exec(
            select(Reading)
            .where(col(Reading.meter_id).in_(some), col(Reading.period).in_(list(periods)))
            .order_by(col(Reading.id))
            .with_for_update()
        ).all()
    return found


def values_of(session: Session, reading_ids: Collection[int]) -> Mapping[int, dict[int, Decimal]]:
    """Return what the scales showed, by reading."""
    found: dict[int, dict[int, Decimal]] = defaultdict(dict)
    for some in _portions(reading_ids):
        for row in session.exec(
            select(ReadingValue.reading_id, ReadingValue.scale, ReadingValue.value_milli).where(
                col(ReadingValue.reading_id).in_(some)
            )
        ):
            found[row[0]][row[1]] = from_milli(row[2])
    return found


def add_readings(session: Session, new: Sequence[tuple[Reading, Mapping[int, Decimal]]]) -> None:
    """Add readings with their values; no two of them may have the same meter, period and version."""
    key = (col(Reading.meter_id), col(Reading.period), col(Reading.version))
    added = _add_all(session, insert(Reading).returning(*key, col(Reading.id)), [reading for reading, _ in new])
    ids = {(row.meter_id, row.period, row.version): row.id for row in added}
    rows = [
        {
            "reading_id": ids[reading.meter_id, reading.period, reading.version],
            "scale": scale,
            "value_milli": to_milli(value),
        }
        for reading, values in new
        for scale, value in values.items()
    ]
    if rows:
        session.connection().execute(insert(ReadingValue), rows)


def mark_exported(session: Session, provider_id: int, last_period: int, now: datetime) -> None:
    """Hand the waiting readings over to the provider: from now on they cannot be corrected here."""
    waiting = (
        col(Reading.state) == ReadingState.ACCEPTED,
        col(Reading.period) <= last_period,
        col(Reading.meter_id).in_(_meters_of_provider(provider_id)),
    )
    session.exec(
        update(Reading)
        .where(*waiting)
        .values(state=ReadingState.EXPORTED, exported_at=now)
        .execution_options(synchronize_session=False)
    )


def exported_at(session: Session, provider_id: int, moment: datetime) -> Iterator[OutgoingReading]:
    """Yield the readings that were exported at a moment."""
    return _outgoing(session, provider_id, col(Reading.exported_at) == moment)


def exported_of(session: Session, provider_id: int, period: int) -> Iterator[OutgoingReading]:
    """Yield the readings of a period that have been exported, whenever that was."""
    return _outgoing(session, provider_id, (col(Reading.exported_at).is_not(None)) & (col(Reading.period) == period))


def _outgoing(session: Session, provider_id: int, which: ColumnElement[bool]) -> Iterator[OutgoingReading]:
    rows = session.connection().execute(
        select(  # type: ignore[call-overload]  # the overloads end at four columns.
            Reading.id,
            Reading.number,
            PersonalAccount.number_shown,
            Meter.serial,
            Meter.resource,
            Reading.taken_on,
            Reading.source,
            col(ReadingPhoto.id).is_not(None),
        )
        .join(Meter, col(Meter.id) == col(Reading.meter_id))
        .join(PersonalAccount, col(PersonalAccount.id) == col(Meter.account_id))
        .outerjoin(ReadingPhoto, col(ReadingPhoto.reading_id) == col(Reading.id))
        .where(PersonalAccount.provider_id == provider_id, col(Reading.source).in_(_SENT), which)
        .order_by(col(PersonalAccount.number), col(Meter.serial), col(Reading.id))
    )
    return (OutgoingReading(*row) for row in rows)


def sent_readings(session: Session, provider_id: int, numbers: Collection[str]) -> dict[str, Reading]:
    """Return the readings with these numbers that the provider's subscribers have sent; nobody changes them now."""
    found: dict[str, Reading] = {}
    for some in _portions(numbers):
        rows = session.exec(
            select(Reading)
            .where(col(Reading.number).in_(some), col(Reading.meter_id).in_(_meters_of_provider(provider_id)))
            .order_by(col(Reading.id))
            .with_for_update()
        )
        found |= {row.number or "": row for row in rows}
    return found


# --- Rules and tariffs


def policy(session: Session, provider_id: int, resource: Resource) -> MeterPolicy | None:
    """Return the rules of a provider for a resource, if it has its own."""
    statement = select(MeterPolicy).where(MeterPolicy.provider_id == provider_id, MeterPolicy.resource == resource)
    return session.exec(statement).one_or_none()


def tariffs_of(session: Session, provider_id: int) -> Sequence[Tariff]:
    """Return the tariffs of a provider."""
    return session.exec(select(Tariff).where(Tariff.provider_id == provider_id)).all()


def add(session: Session, rows: Iterable[MeterPolicy | Tariff]) -> None:
    """Store rules or tariffs, new ones and changed ones."""
    session.add_all(rows)
    session.flush()


def _add_all(
    session: Session, statement: ReturningInsert[*tuple[Any, ...]], new: Sequence[Meter | Reading]
) -> Sequence[Row[Any]]:
    """Insert many rows with few statements; objects of the session would go one by one where ids are wanted back."""
    session.flush()
    rows = [one.model_dump(exclude={"id"}) for one in new]
    return session.connection().execute(statement, rows).all() if rows else []


def _meters_of_provider(provider_id: int) -> SelectOfScalar[Any]:
    own: SelectOfScalar[Any] = (
        select(Meter.id)
        .join(PersonalAccount, col(PersonalAccount.id) == col(Meter.account_id))
        .where(PersonalAccount.provider_id == provider_id)
    )
    return own


def _portions(keys: Collection[Any]) -> Iterator[list[Any]]:
    ordered = sorted(keys)
    for start in range(0, len(ordered), _KEYS_PER_QUERY):
        yield ordered[start : start + _KEYS_PER_QUERY]
