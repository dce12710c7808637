"""What a proof asks of the audit must not read all of it: a long one has millions of lines."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert, text
from sqlmodel import Session

from lkk_reflex.accounts import proofs_repository
from lkk_reflex.accounts.proofs_repository import Shown
from lkk_reflex.identity.models import AuditEvent
from lkk_reflex.identity.viewer import Role
from lkk_reflex.kit import clock
from lkk_reflex.kit.db import reading, unit_of_work

Question = Callable[[Session], object]


def changed(session: Session) -> object:
    return proofs_repository.has_changed_owner(session, 7)


def unseen(session: Session) -> object:
    shown = Shown(clock.now() - timedelta(days=60), clock.now())
    return proofs_repository.has_unseen_bill(session, 7, 202610, 1542_30, shown, timedelta(hours=1))


def a_long_audit(portal: Engine) -> None:
    """Fill the audit with one day of many accounts: what is empty is read by any index, or whole."""
    now = clock.now()
    lines = [
        {
            "at": now - timedelta(seconds=number),
            "actor_role": Role.GUEST,
            "subject": str(number),
            "action": action,
            "address": "",
        }
        for number in range(2000)
        for action in ("guest.opened", "link.erased", "owner.changed")
    ]
    with unit_of_work() as session:
        session.connection().execute(insert(AuditEvent), lines)
    if portal.dialect.name == "postgresql":
        # It plans by what it has counted, which it does by itself at any time or never.
        with unit_of_work() as session:
            session.connection().execute(text("ANALYZE audit_event"))


@pytest.mark.parametrize("question", [changed, unseen])
def test_the_audit_is_asked_by_the_thing_it_is_about(portal: Engine, question: Question) -> None:
    a_long_audit(portal)
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    with reading() as session:
        event.listen(portal, "before_cursor_execute", note)
        question(session)
        event.remove(portal, "before_cursor_execute", note)
        statement, parameters = asked[-1]
        explain = "EXPLAIN" if portal.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
        rows = session.connection().exec_driver_sql(f"{explain} {statement}", parameters)
        plan = [" ".join(str(cell) for cell in row) for row in rows]
    about_audit = [line for line in plan if "audit_event" in line]
    assert about_audit
    assert all("ix_audit_event_subject_action" in line for line in about_audit), plan
