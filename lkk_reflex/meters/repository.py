"""SQL of what subscribers see and send; that of files of the provider is in `loading_repository`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, col, select

from lkk_reflex.kit.db import violates, waited_in_vain, with_patience
from lkk_reflex.meters.dial import from_milli, to_milli
from lkk_reflex.meters.models import (
    Meter,
    MeterPolicy,
    MeterScale,
    MeterState,
    Reading,
    ReadingState,
    ReadingValue,
    Resource,
    Tariff,
)

#: Ten times what a submission takes; a file takes minutes, and the answer must come while somebody looks.
_PATIENCE = timedelta(seconds=2)


class KnownReading(NamedTuple):
    """A reading with what its scales showed."""

    row: Reading
    values: Mapping[int, Decimal]


def meters(session: Session, account_id: int, *, active: bool) -> Sequence[Meter]:
    """Return the meters of an account, those that are read or all, in the order of their services."""
    statement = select(Meter).where(Meter.account_id == account_id)
    if active:
        statement = statement.where(Meter.state == MeterState.ACTIVE)
    found = session.exec(statement.order_by(col(Meter.place), col(Meter.serial))).all()
    order = list(Resource)
    return sorted(found, key=lambda meter: order.index(meter.resource))


def lock(session: Session, account_id: int) -> bool:
    """Let nobody else change the meters of an account and their waiting readings until this unit of work ends.

    Who exports readings changes them without their meters, so these are locked themselves. What only refers to the
    meters is not waited for: a provider's file adds readings to all of them in one long unit of work. False when
    somebody is changing the rows themselves for longer than a person waits; the unit of work is good for nothing then.
    """
    own = select(Meter.id).where(Meter.account_id == account_id).order_by(col(Meter.id))
    with_patience(session, _PATIENCE)
    try:
        ids = session.exec(own.with_for_update(key_share=True)).all()
        waiting = select(Reading.id).where(col(Reading.meter_id).in_(ids), Reading.state == ReadingState.ACCEPTED)
        session.exec(waiting.order_by(col(Reading.id)).with_for_update()).all()
    except OperationalError as error:
        if waited_in_vain(error):
            return False
        raise
    return True


def scales(session: Session, meter_ids: Iterable[int]) -> Mapping[int, Mapping[int, str]]:
    """Return the labels of the scales of each meter, by their numbers."""
    rows = session.exec(
        select(MeterScale)
        .where(col(MeterScale.meter_id).in_(list(meter_ids)))
        .order_by(col(MeterScale.meter_id), col(MeterScale.scale))
    )
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for row in rows:
        found[row.meter_id][row.scale] = row.label
    return found


def readings(session: Session, meter_ids: Iterable[int]) -> Mapping[int, list[KnownReading]]:
    """Return every version of every reading of each meter, in the order in which they were taken."""
    ids = list(meter_ids)
    rows = session.exec(
        select(Reading)
        .where(col(Reading.meter_id).in_(ids))
        .order_by(col(Reading.taken_on), col(Reading.id))
        # What another process has done to a row since it was read last has to be seen here.
        .execution_options(populate_existing=True)
    ).all()
    told = session.exec(
        select(ReadingValue)
        .join(Reading, col(Reading.id) == col(ReadingValue.reading_id))
        .where(col(Reading.meter_id).in_(ids))
    )
    values: dict[int, dict[int, Decimal]] = defaultdict(dict)
    for value in told:
        values[value.reading_id][value.scale] = from_milli(value.value_milli)
    found: dict[int, list[KnownReading]] = defaultdict(list)
    for row in rows:
        found[row.meter_id].append(KnownReading(row, values[row.id or 0]))
    return found


def policies(session: Session, provider_id: int) -> Mapping[Resource, MeterPolicy]:
    """Return the provider's rules for the resources that have one."""
    rows = session.exec(select(MeterPolicy).where(MeterPolicy.provider_id == provider_id))
    return {row.resource: row for row in rows}


def tariffs(session: Session, provider_id: int) -> Sequence[Tariff]:
    """Return all tariffs of a provider, past and coming ones too."""
    return session.exec(select(Tariff).where(Tariff.provider_id == provider_id).order_by(col(Tariff.id))).all()


def is_number_taken(session: Session, number: str) -> bool:
    """Tell whether a reading has this number already."""
    return session.exec(select(Reading.id).where(Reading.number == number)).first() is not None


def insert_reading(session: Session, new: Reading, values: Mapping[int, Decimal]) -> bool:
    """Add a reading with its values; False when its number was taken in the meantime."""
    try:
        with session.begin_nested():
            session.add(new)
            session.flush()
    except IntegrityError as error:
        if violates(error, "uq_reading_number"):
            return False
        raise
    reading_id = new.id or 0
    session.add_all(
        ReadingValue(reading_id=reading_id, scale=scale, value_milli=to_milli(value)) for scale, value in values.items()
    )
    session.flush()
    return True


def last_version(session: Session, meter_id: int, period: int) -> int:
    """Return the newest version of a meter's reading of a period, 0 when there is none."""
    newest = select(func.max(Reading.version)).where(Reading.meter_id == meter_id, Reading.period == period)
    return session.exec(newest).one() or 0


def reading_by_number(session: Session, account_id: int, number: str) -> tuple[Reading, Meter] | None:
    """Return a reading of an account with its meter."""
    statement = (
        select(Reading, Meter)
        .join(Meter, col(Meter.id) == col(Reading.meter_id))
        .where(Meter.account_id == account_id, Reading.number == number)
        .execution_options(populate_existing=True)
    )
    return session.exec(statement).one_or_none()


def serials(session: Session, account_id: int) -> Sequence[str]:
    """Return the serial numbers of the meters of an account that are read."""
    statement = select(Meter.serial).where(Meter.account_id == account_id, Meter.state == MeterState.ACTIVE)
    return session.exec(statement).all()
