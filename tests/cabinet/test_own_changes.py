"""What subscribers change of their own as often as they like, and scripts do not."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, func, select

from lkk_reflex.accounts import linking, paperless
from lkk_reflex.accounts.models import AccountLink, LinkLevel
from lkk_reflex.cabinet.connecting import ConnectForm, connect_account
from lkk_reflex.identity import consents, notice_choices, own_changes, own_confirmations, profile, sessions
from lkk_reflex.identity.consent_texts import NEWS, current
from lkk_reflex.identity.errors import TooManyChanges
from lkk_reflex.identity.models import AuditEvent, Consent, ConsentWithdrawal, NoticeEvent, Purpose
from lkk_reflex.identity.own_changes import Change
from lkk_reflex.identity.profile import TypedProfile
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.rate_limit import Limit, Scope
from lkk_reflex.notifications.models import Channel
from lkk_reflex.support import dialogue, staff
from tests.factories.accounts import make_account, make_link, make_provider
from tests.factories.identity import make_viewer
from tests.factories.support import make_ticket
from tests.support.portal import HeldClock, configured, hash_quickly, held_clock

#: Tables in which a change leaves a row for ever.
_KEPT: tuple[type[SQLModel], ...] = (AuditEvent, Consent, ConsentWithdrawal)
_FEW = 3


class Flat:
    """A subscriber with a proved account and an answered ticket."""

    def __init__(self, clock: HeldClock) -> None:
        self.clock = clock
        with unit_of_work() as session:
            self.provider = make_provider(session)
            account = make_account(session, self.provider, number="1000123456")
            self.viewer = make_viewer(session)
            self.link_id = make_link(session, self.viewer, account, level=LinkLevel.EXTENDED).public_id
            ticket = make_ticket(session, self.viewer)
            staff.answer(session, Viewer.system(), number=ticket.number, text="Ответ")
            self.ticket_id = ticket.public_id

    def does(self, change: Callable[[Session, "Flat", int], object], number: int) -> None:
        """Make one change."""
        with unit_of_work() as session:
            change(session, self, number)

    def rows(self) -> int:
        """Count what is kept for ever."""
        with reading() as session:
            return sum(session.exec(select(func.count()).select_from(table)).one() for table in _KEPT)

    def link(self) -> AccountLink:
        """Return the connection as it stands."""
        with reading() as session:
            return session.exec(select(AccountLink).where(AccountLink.public_id == self.link_id)).one()


@pytest.fixture
def flat(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Flat]:
    """A subscriber who may make few changes an hour; time stands still."""
    hash_quickly(monkeypatch)
    for change, (hourly, daily) in own_changes.LIMITS.items():
        few = Limit(hourly.action, Scope.SUBJECT, _FEW, hourly.window)
        monkeypatch.setitem(own_changes.LIMITS, change, (few, daily))
    with held_clock() as clock, configured(monkeypatch, tmp_path):
        yield Flat(clock)


def _profile(session: Session, flat: Flat, number: int) -> None:
    profile.save(session, flat.viewer, typed=TypedProfile(surname="Петров" if number % 2 else "Сидоров"))


def _consent(session: Session, flat: Flat, _number: int) -> None:
    consents.give(session, flat.viewer, kind=NEWS, text_hash=current(NEWS, "Горводоканал").text_hash)
    consents.withdraw(session, flat.viewer, kind=NEWS)


def _notices(session: Session, flat: Flat, number: int) -> None:
    unwanted = NoticeEvent.OUTAGE if number % 2 else NoticeEvent.VERIFICATION
    wishes = {(event, Channel.EMAIL) for event in NoticeEvent if event is not unwanted}
    notice_choices.choose(session, flat.viewer, wishes=wishes)


def _own_name(session: Session, flat: Flat, number: int) -> None:
    linking.rename(session, flat.viewer, public_id=flat.link_id, own_name=f"Дача {number}")


def _paper(session: Session, flat: Flat, _number: int) -> None:
    for wants_paper in (False, True):
        paperless.choose_paper(session, flat.viewer, public_id=flat.link_id, wants_paper=wants_paper)


def _undone(session: Session, flat: Flat, _number: int) -> None:
    linking.disconnect(session, flat.viewer, public_id=flat.link_id)
    session.flush()
    linking.take_back_disconnection(session, flat.viewer, public_id=flat.link_id)


def _connected_again(session: Session, flat: Flat, number: int) -> None:
    linking.disconnect(session, flat.viewer, public_id=flat.link_id)
    session.flush()
    form = ConnectForm(flat.provider.code, "1000123456", f"Дача {number}")
    connect_account(session, flat.viewer, form=form)


def _rating(session: Session, flat: Flat, number: int) -> None:
    dialogue.rate(session, flat.viewer, public_id=flat.ticket_id, rating=str(1 + number % 5))


CHANGES: Mapping[str, tuple[Change, Callable[[Session, Flat, int], None]]] = {
    "profile": (Change.PROFILE, _profile),
    "consent": (Change.CONSENT, _consent),
    "notices": (Change.NOTICES, _notices),
    "own name": (Change.OWN_NAME, _own_name),
    "paper": (Change.PAPER, _paper),
    "taken back": (Change.RECONNECTION, _undone),
    "connected again": (Change.RECONNECTION, _connected_again),
    "rating": (Change.RATING, _rating),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_script_is_told_when_to_come_back_and_nothing_of_its_change_is_kept(flat: Flat, name: str) -> None:
    _, change = CHANGES[name]
    for number in range(_FEW):
        flat.does(change, number)
    rows, link = flat.rows(), flat.link()
    flat.clock.pass_(minutes=15)
    for _ in range(2):
        with pytest.raises(TooManyChanges) as refusal:
            flat.does(change, _FEW)
        assert refusal.value.message == "Слишком много изменений подряд, это мы не сохранили. Повторите через 45 мин."
    assert (flat.rows(), flat.link()) == (rows, link)
    flat.clock.pass_(minutes=45)
    flat.does(change, _FEW)


def test_every_kind_of_change_is_tried() -> None:
    assert {change for change, _ in CHANGES.values()} == set(Change)


def test_people_never_meet_the_limits_and_a_script_makes_no_more_than_hundreds_of_rows_a_day() -> None:
    for hourly, daily in own_changes.LIMITS.values():
        assert hourly.amount >= 100
        assert daily.amount <= 300


@pytest.mark.parametrize("name", ["profile", "own name", "rating", "notices"])
def test_saving_the_same_again_is_no_change(flat: Flat, name: str) -> None:
    _, change = CHANGES[name]
    flat.does(change, 1)
    rows = flat.rows()
    for _ in range(_FEW + 1):
        flat.does(change, 1)
    assert flat.rows() == rows


def test_leaving_asking_for_paper_and_taking_a_consent_back_are_never_refused(flat: Flat) -> None:
    for name in ("consent", "paper", "taken back"):
        for number in range(_FEW - 1):
            flat.does(CHANGES[name][1], number)
    text_hash = current(NEWS, "Горводоканал").text_hash
    with unit_of_work() as session:
        consents.give(session, flat.viewer, kind=NEWS, text_hash=text_hash)
        paperless.choose_paper(session, flat.viewer, public_id=flat.link_id, wants_paper=False)
    with unit_of_work() as session:
        consents.withdraw(session, flat.viewer, kind=NEWS)
        paperless.choose_paper(session, flat.viewer, public_id=flat.link_id, wants_paper=True)
        linking.disconnect(session, flat.viewer, public_id=flat.link_id)
    assert flat.link().ended_at is not None


def test_one_subscriber_does_not_use_up_the_changes_of_another(flat: Flat) -> None:
    for number in range(_FEW):
        flat.does(_profile, number)
    with unit_of_work() as session:
        profile.save(session, make_viewer(session), typed=TypedProfile(surname="Котов"))


def test_who_has_begun_nothing_and_has_no_other_session_leaves_no_trace_by_ending_them(flat: Flat) -> None:
    rows = flat.rows()
    with unit_of_work() as session:
        own_confirmations.cancel(session, flat.viewer, purpose=Purpose.LOGIN_CHANGE)
        sessions.sign_out_everywhere(session, flat.viewer, keep_this=True)
    assert flat.rows() == rows
