"""Who may do what: every use case of the slice against every kind of viewer."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from lkk_reflex.accounts.models import ServiceProvider
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.outages import own, staff
from lkk_reflex.outages.staff import Reach
from tests.factories import accounts as made
from tests.factories.identity import make_viewer
from tests.factories.outages import make_outage, new_outage
from tests.support.rights import NO, OK, STAFF, SUBSCRIBERS, Answers, answers_of, expected, viewers


@dataclass(frozen=True)
class Case:
    """One outage to come and one that goes on."""

    provider: ServiceProvider
    coming: int
    present: int
    reach: Reach


Use = Callable[[Session, Viewer, Case], object]
USE_CASES: dict[str, tuple[Use, Answers]] = {
    "preview": (lambda s, v, case: staff.preview(s, v, new=new_outage(case.provider)), STAFF),
    "announce": (lambda s, v, case: staff.announce(s, v, reach=case.reach), STAFF),
    "staff_outages": (lambda s, v, _: staff.staff_outages(s, v), (NO, NO, NO, NO, NO, OK, OK, OK)),
    "staff_outages of this provider": (
        lambda s, v, case: staff.staff_outages(s, v, provider_id=case.provider.id or 0), STAFF,
    ),
    "zone_of": (lambda s, v, case: staff.zone_of(s, v, number=case.coming), STAFF),
    "change": (lambda s, v, case: staff.change(s, v, number=case.coming, text="Иначе"), STAFF),
    "end": (lambda s, v, case: staff.end(s, v, number=case.present), STAFF),
    "cancel": (lambda s, v, case: staff.cancel(s, v, number=case.coming), STAFF),
    "outages_now": (lambda s, v, _: own.outages_now(s, v), SUBSCRIBERS),
    "own_outages": (lambda s, v, _: own.own_outages(s, v), SUBSCRIBERS),
}  # fmt: skip


@pytest.mark.parametrize("use_case", USE_CASES)
def test_each_use_case_lets_pass_only_whom_it_serves(portal: Engine, use_case: str) -> None:
    with unit_of_work() as session:
        provider = made.make_provider(session)
        account = made.make_account(session, provider)
        owner, stranger = make_viewer(session), make_viewer(session)
        link = made.make_link(session, owner, account)
        coming = make_outage(session, provider).id or 0
        present = make_outage(session, provider, begins_in=-1).id or 0
        case = Case(provider, coming, present, staff.preview(session, Viewer.system(), new=new_outage(provider)))
        assert own.own_outages(session, owner).present
        # A stranger sees nothing, not even by the name of the connection.
        assert own.own_outages(session, stranger) == own.OwnOutages((), ())
        assert not own.outages_now(session, stranger, link_id=link.public_id)
    known = viewers(owner, stranger, account_id=account.id or 0, provider_id=provider.id or 0)
    use, answers = USE_CASES[use_case]
    assert answers_of(known, lambda session, viewer: use(session, viewer, case)) == expected(answers)
