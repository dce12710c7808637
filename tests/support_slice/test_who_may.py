"""Who may do what: every use case of the slice against every kind of viewer."""

from collections.abc import Callable

import pytest
from sqlmodel import Session

from lkk_reflex.attachments.files import Cleaned, FileKind
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import bound_engine, unit_of_work
from lkk_reflex.kit.errors import Forbidden, PortalError, SignInRequired
from lkk_reflex.support import attachments, deadlines, dialogue, opening, own_data, staff, tickets
from lkk_reflex.support.writing import new_id
from tests.factories.files import photo
from tests.factories.support import company_form, make_ticket, support_form, upload
from tests.support_slice.conftest import Town

OK, NO, SIGN_IN = None, Forbidden, SignInRequired
#: The order of the columns below.
VIEWERS = ("anonymous", "owner", "other_subscriber", "operator_of_this_provider", "operator_of_another", "system")

Answers = tuple[type[PortalError] | None, ...]
OWN_ONLY: Answers = (SIGN_IN, OK, NO, SIGN_IN, SIGN_IN, SIGN_IN)
SUBSCRIBERS: Answers = (SIGN_IN, OK, OK, SIGN_IN, SIGN_IN, SIGN_IN)
STAFF: Answers = (NO, NO, NO, OK, NO, OK)
SERVER: Answers = (NO, NO, NO, NO, NO, OK)
EVERYBODY: Answers = (OK, OK, OK, OK, OK, OK)


class Case:
    """A ticket of the owner to the company, with a file; and one to the portal's support, answered."""

    def __init__(self, session: Session, town: Town) -> None:
        anna = town.anna
        self.file_id = upload(session, anna).public_id
        self.waiting_id = upload(session, anna).public_id
        ticket = make_ticket(session, anna, company_form(account=town.link_id, files=(self.file_id,)))
        staff.answer(session, Viewer.system(), number=ticket.number, text="Ответ")
        closed = make_ticket(session, anna, company_form(account=town.link_id))
        dialogue.close(session, anna, public_id=closed.public_id)
        self.id, self.number, self.closed_id = ticket.public_id, ticket.number, closed.public_id
        self.support_number = make_ticket(session, anna).number
        self.provider_id = town.provider_id


Use = Callable[[Session, Viewer, Case], object]


def _write(session: Session, viewer: Viewer, case: Case) -> object:
    dialogue.add_message(session, viewer, public_id=case.id, intent_id=new_id(), text="Ещё")
    return None


def _store(session: Session, viewer: Viewer, _case: Case) -> object:
    return attachments.store(session, viewer, file=Cleaned(FileKind.JPEG, photo()), name="a.jpg")


USE_CASES: dict[str, tuple[Use, Answers]] = {
    "open_ticket": (lambda s, v, _: opening.open_ticket(s, v, form=support_form()), SUBSCRIBERS),
    "whom_to_ask": (lambda s, v, _: tickets.whom_to_ask(s, v), SUBSCRIBERS),
    "promise_for": (lambda s, v, _: tickets.promise_for(s, v, form=support_form()), SUBSCRIBERS),
    "own_tickets": (lambda s, v, _: tickets.own_tickets(s, v), SUBSCRIBERS),
    "contacts": (lambda s, v, _: tickets.contacts(s, v), EVERYBODY),
    "own_ticket": (lambda s, v, case: tickets.own_ticket(s, v, public_id=case.id), OWN_ONLY),
    "add_message": (_write, OWN_ONLY),
    "close": (lambda s, v, case: dialogue.close(s, v, public_id=case.id), OWN_ONLY),
    "reopen": (lambda s, v, case: dialogue.reopen(s, v, public_id=case.closed_id), OWN_ONLY),
    "rate": (lambda s, v, case: dialogue.rate(s, v, public_id=case.id, rating="5"), OWN_ONLY),
    "require_room_for_upload": (lambda s, v, _: attachments.require_room_for_upload(s, v), SUBSCRIBERS),
    "store": (_store, SUBSCRIBERS),
    "discard": (lambda s, v, case: attachments.discard(s, v, public_id=case.waiting_id), SUBSCRIBERS),
    "file_of, sent": (
        lambda s, v, case: attachments.file_of(s, v, public_id=case.file_id), (SIGN_IN, OK, NO, OK, NO, OK),
    ),
    "file_of, waiting": (
        lambda s, v, case: attachments.file_of(s, v, public_id=case.waiting_id), (SIGN_IN, OK, NO, NO, NO, NO),
    ),
    "staff_tickets": (lambda s, v, _: staff.staff_tickets(s, v), (NO, NO, NO, OK, OK, OK)),
    "staff_tickets of this provider": (
        lambda s, v, case: staff.staff_tickets(s, v, provider_id=case.provider_id), STAFF,
    ),
    "staff_ticket": (lambda s, v, case: staff.staff_ticket(s, v, number=case.number), STAFF),
    "staff_ticket to the support": (lambda s, v, case: staff.staff_ticket(s, v, number=case.support_number), SERVER),
    "answer": (lambda s, v, case: staff.answer(s, v, number=case.number, text="Ответ"), STAFF),
    "answer to the support": (lambda s, v, case: staff.answer(s, v, number=case.support_number, text="О"), SERVER),
    "close_by_staff": (lambda s, v, case: staff.close_by_staff(s, v, number=case.number), STAFF),
    "set_term": (
        lambda s, v, _: deadlines.set_term(s, v, provider_code=None, topic=None, working_days=5), SERVER,
    ),
    "own_tables": (lambda s, v, _: own_data.own_tables(s, v), SUBSCRIBERS),
    "own_files": (lambda s, v, _: list(own_data.own_files(s, v)), SUBSCRIBERS),
    "erase": (lambda s, v, _: own_data.erase(s, v, subscriber_id=1), SERVER),
}  # fmt: skip


@pytest.mark.parametrize("use_case", USE_CASES)
def test_each_use_case_lets_pass_only_whom_it_serves(town: Town, use_case: str) -> None:
    with unit_of_work() as session:
        case = Case(session, town)
    use, answers = USE_CASES[use_case]
    found = {name: _answer(use, town.viewers[name], case) for name in VIEWERS}
    assert found == dict(zip(VIEWERS, answers, strict=True))


def _answer(use: Use, viewer: Viewer, case: Case) -> type[PortalError] | None:
    """Return the refusal, or None; whatever was done is undone, so that each viewer finds the same portal."""
    with Session(bound_engine().execution_options(sqlite_begin="IMMEDIATE")) as session:
        try:
            use(session, viewer, case)
        except PortalError as refusal:
            return type(refusal)
        return None


def test_a_subscriber_sees_own_tickets_only(town: Town) -> None:
    with unit_of_work() as session:
        Case(session, town)
        assert len(tickets.own_tickets(session, town.anna).lines) == 3
        assert not tickets.own_tickets(session, town.boris).lines
        assert not own_data.own_tables(session, town.boris)[0].rows
        assert not list(own_data.own_files(session, town.boris))


def test_stranger_discards_nothing(town: Town) -> None:
    with unit_of_work() as session:
        case = Case(session, town)
        attachments.discard(session, town.boris, public_id=case.waiting_id)
        attachments.discard(session, town.anna, public_id=case.file_id)
        assert attachments.file_of(session, town.anna, public_id=case.waiting_id).content
        assert attachments.file_of(session, town.anna, public_id=case.file_id).content


def test_operators_see_tickets_to_their_company_only(town: Town) -> None:
    with unit_of_work() as session:
        case = Case(session, town)
        seen = staff.staff_tickets(session, town.viewers["operator_of_this_provider"], with_closed=True)
        assert case.support_number not in {found.ticket.number for found in seen}
        assert len(seen) == 2
        assert not staff.staff_tickets(session, town.viewers["operator_of_another"], with_closed=True)
