"""Leases: of several processes, one does a periodic job, once in its period."""

from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Field, Session, SQLModel, col

from lkk_reflex.kit import clock


class JobLease(SQLModel, table=True):
    """When a job began last, and until when nobody else may begin it."""

    __tablename__ = "job_lease"

    name: str = Field(primary_key=True, max_length=40)
    began_at: datetime | None = None
    held_until: datetime


def take(session: Session, name: str, *, period: timedelta, longest: timedelta) -> bool:
    """Take a job that is due; False when it is not, or another process is at it.

    `longest` is how long the job may take: after that the process that took it is thought to be dead.
    """
    now = clock.now()
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    session.exec(insert(JobLease).values(name=name, began_at=None, held_until=now).on_conflict_do_nothing())
    is_due = or_(col(JobLease.began_at).is_(None), col(JobLease.began_at) <= now - period)
    taken = session.exec(
        update(JobLease)
        .where(col(JobLease.name) == name, col(JobLease.held_until) <= now, is_due)
        .values(began_at=now, held_until=now + longest)
        .returning(col(JobLease.name))
    )
    return taken.scalar_one_or_none() is not None


def give_back(session: Session, name: str) -> None:
    """Say that the job is done; the next one begins when its period is over."""
    session.exec(update(JobLease).where(col(JobLease.name) == name).values(held_until=clock.now()))
