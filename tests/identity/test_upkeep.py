"""What is forgotten in time: here the network addresses in the audit."""

from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlmodel import Session, col, select

from lkk_reflex.identity import audit, upkeep
from lkk_reflex.identity.models import AuditEvent
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from tests.factories.identity import make_viewer
from tests.identity.conftest import Portal

ADDRESS = "203.0.113.7"


def noted(session: Session, *, subscriber_id: int | None = None, address: str = ADDRESS) -> None:
    """Leave a line, of a subscriber or of a stranger."""
    role = Role.SUBSCRIBER if subscriber_id else Role.ANONYMOUS
    viewer = Viewer(role=role, subscriber_id=subscriber_id, address=address)
    audit.record(session, viewer, "sign_in.refused", subscriber_id=subscriber_id, subject="thing")


def addresses() -> list[str]:
    """Return the addresses of the audit in the order of its lines."""
    with reading() as session:
        return list(session.exec(select(AuditEvent.address).order_by(col(AuditEvent.id))))


def lines() -> list[dict[str, object]]:
    """Return everything else of the audit."""
    with reading() as session:
        rows = session.exec(select(AuditEvent).order_by(col(AuditEvent.id)))
        return [row.model_dump(exclude={"address"}) for row in rows]


def test_addresses_of_the_audit_are_kept_for_a_year_and_everything_else_for_good(portal: Portal) -> None:
    with unit_of_work() as session:
        person = make_viewer(session).subscriber_id
        noted(session, subscriber_id=person)
        noted(session)
    before = lines()
    portal.clock.pass_(days=365)
    with unit_of_work() as session:
        noted(session, subscriber_id=person)
    upkeep.blank_old_audit_addresses()
    assert addresses() == [ADDRESS] * 3
    portal.clock.pass_(minutes=1)
    upkeep.blank_old_audit_addresses()
    assert addresses() == ["", "", ADDRESS]
    assert lines()[:2] == before


def test_a_long_audit_is_gone_through_piece_by_piece_though_many_lines_are_of_one_moment(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "_LINES_AT_ONCE", 3)
    for count in (1, 5, 2, 4, 1):
        with unit_of_work() as session:
            for number in range(count):
                noted(session, address=ADDRESS if number % 2 else "")
        portal.clock.pass_(minutes=1)
    portal.clock.pass_(days=366)
    upkeep.blank_old_audit_addresses()
    assert addresses() == [""] * 13


def test_where_nothing_is_to_be_forgotten_nothing_is_written(portal: Portal) -> None:
    with unit_of_work() as session:
        noted(session)
    portal.clock.pass_(days=366)
    upkeep.blank_old_audit_addresses()
    written: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        written.append(statement.split(maxsplit=1)[0])

    event.listen(portal.engine, "after_cursor_execute", note)
    portal.clock.pass_(days=1)
    upkeep.blank_old_audit_addresses()
    event.remove(portal.engine, "after_cursor_execute", note)
    assert "SELECT" in written
    assert "UPDATE" not in written


def test_addresses_that_come_after_a_cabinet_is_erased_are_forgotten_too(portal: Portal) -> None:
    with unit_of_work() as session:
        person = make_viewer(session).subscriber_id
        noted(session, subscriber_id=person, address="")
        # Somebody goes on trying the login of a cabinet that is gone.
        noted(session)
    portal.clock.now += timedelta(days=400)
    upkeep.blank_old_audit_addresses()
    assert addresses() == ["", ""]
