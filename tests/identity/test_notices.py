"""Who is told what, where and by which channel."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from lkk_reflex.identity import notice_choices, notices
from lkk_reflex.identity.errors import SecurityNoticeNeeded
from lkk_reflex.identity.models import AuditEvent, CabinetClosing, NoticeEvent, SubscriberProfile
from lkk_reflex.identity.notices import SECURITY, Notice, tell, tell_all
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import SignInRequired
from lkk_reflex.notifications.models import Channel
from tests.factories.identity import make_viewer
from tests.factories.notices import choose, told
from tests.identity.conftest import Portal
from tests.support.portal import configured

PHONE = "+79123456789"
ORDINARY = NoticeEvent.NEW_BILL
TEMPLATES = {ORDINARY: "new_bill", NoticeEvent.PASSWORD_CHANGED: "password_changed"}
PARAMS = {
    "account": "«Дача»",
    "number": "•••3456",
    "period": "октябрь 2026",
    "provider": "Горводоканал",
    "amount": "",
    "is_clear": False,
    "due": "",
    "at": "22.11.2026",
}


def somebody(login: str | None = None, *, second_email: str = "") -> Viewer:
    with unit_of_work() as session:
        viewer = make_viewer(session, login=login)
        if second_email:
            session.add(
                SubscriberProfile(
                    subscriber_id=viewer.require_subscriber(), second_email=second_email, changed_at=clock.now()
                )
            )
        return viewer


def tell_of(viewer: Viewer, event: NoticeEvent = ORDINARY, key: str = "cause") -> None:
    with unit_of_work() as session:
        say(session, viewer, event, key)


def say(session: Session, viewer: Viewer, event: NoticeEvent, key: str) -> None:
    tell(
        session,
        subscriber_id=viewer.require_subscriber(),
        event=event,
        template=TEMPLATES[event],
        params=PARAMS,
        dedupe_key=key,
        path="/account/abc",
    )


def chosen(viewer: Viewer, event: NoticeEvent, channel: Channel, *, is_wanted: bool) -> None:
    with unit_of_work() as session:
        choose(session, viewer, event, channel, is_wanted=is_wanted)


def all_wishes(*but: tuple[NoticeEvent, Channel]) -> set[tuple[NoticeEvent, Channel]]:
    return {(event, channel) for event in NoticeEvent for channel in Channel} - set(but)


def test_a_letter_leads_to_the_portal_of_the_settings_and_to_the_choices(portal: Portal) -> None:
    tell_of(somebody("ivan@mail.ru"))
    (letter,) = told()
    assert (letter.to, letter.channel) == ("ivan@mail.ru", Channel.EMAIL)
    assert "http://localhost:3000/account/abc\n" in letter.body
    assert letter.body.endswith("http://localhost:3000/settings/notifications")


def test_the_same_cause_is_told_once(portal: Portal) -> None:
    viewer = somebody()
    for _ in range(3):
        tell_of(viewer)
    assert len(told()) == 1
    tell_of(viewer, key="another cause")
    assert len(told()) == 2


def test_parallel_tellers_of_one_cause_make_one_message(portal: Portal) -> None:
    viewer = somebody()
    at_once = threading.Barrier(2)

    def teller() -> None:
        at_once.wait()
        tell_of(viewer)

    threads = [threading.Thread(target=teller) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told()) == 1


def test_work_that_is_undone_tells_nothing(portal: Portal) -> None:
    viewer = somebody()

    def fail() -> None:
        with unit_of_work() as session:
            say(session, viewer, ORDINARY, "cause")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert told() == []


def test_who_has_only_a_phone_is_told_of_security_alone_until_more_is_chosen(portal: Portal) -> None:
    viewer = somebody(PHONE)
    tell_of(viewer)
    assert told() == []
    tell_of(viewer, NoticeEvent.PASSWORD_CHANGED, "password")
    assert [message.channel for message in told()] == [Channel.SMS]
    chosen(viewer, ORDINARY, Channel.SMS, is_wanted=True)
    tell_of(viewer, key="next")
    assert [message.template for message in told()] == ["password_changed", "new_bill"]


def test_what_was_switched_off_is_not_told(portal: Portal) -> None:
    viewer = somebody()
    chosen(viewer, ORDINARY, Channel.EMAIL, is_wanted=False)
    tell_of(viewer)
    assert told() == []


@pytest.mark.parametrize("login", ["ivan@mail.ru", PHONE])
def test_security_is_told_even_if_every_channel_was_switched_off(portal: Portal, login: str) -> None:
    viewer = somebody(login)
    for channel in Channel:
        chosen(viewer, NoticeEvent.PASSWORD_CHANGED, channel, is_wanted=False)
    tell_of(viewer, NoticeEvent.PASSWORD_CHANGED)
    assert [message.to for message in told()] == [login]


def test_both_channels_tell_when_both_are_chosen(portal: Portal) -> None:
    viewer = somebody(PHONE, second_email="ivan@mail.ru")
    chosen(viewer, ORDINARY, Channel.SMS, is_wanted=True)
    tell_of(viewer)
    assert {message.to for message in told()} == {"ivan@mail.ru", PHONE}


def test_a_second_mailbox_gets_copies_but_not_of_what_concerns_security(portal: Portal) -> None:
    viewer = somebody("ivan@mail.ru", second_email="daughter@mail.ru")
    tell_of(viewer)
    assert [message.to for message in told()] == ["ivan@mail.ru", "daughter@mail.ru"]
    tell_of(viewer, NoticeEvent.PASSWORD_CHANGED, "password")
    assert [message.to for message in told()][2:] == ["ivan@mail.ru"]


def test_without_a_gateway_nothing_is_queued_for_a_phone(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with configured(monkeypatch, tmp_path, sms_sender="off"):
        viewer = somebody(PHONE)
        tell_of(viewer, NoticeEvent.PASSWORD_CHANGED)
        assert told() == []


@pytest.mark.parametrize("event", TEMPLATES)
def test_a_closed_cabinet_is_told_nothing_until_it_is_taken_back(portal: Portal, event: NoticeEvent) -> None:
    viewer, now = somebody(), clock.now()
    closing = CabinetClosing(
        subscriber_id=viewer.require_subscriber(), requested_at=now, erase_after=now + timedelta(days=30)
    )
    with unit_of_work() as session:
        session.add(closing)
    tell_of(viewer, event)
    assert told() == []
    with unit_of_work() as session:
        closing.returned_at = now
        session.add(closing)
    tell_of(viewer, event)
    assert len(told()) == 1


def test_a_thousand_notices_cost_two_questions_and_their_messages(portal: Portal) -> None:
    viewers = [somebody() for _ in range(20)]
    notices = [
        Notice(viewer.require_subscriber(), ORDINARY, "new_bill", PARAMS, f"bill:{number}")
        for number, viewer in enumerate(viewers)
    ]
    before = portal.queries
    with unit_of_work() as session:
        tell_all(session, notices)
    assert portal.queries - before == 2 + len(notices)


def test_choices_show_where_messages_go_and_what_is_chosen(portal: Portal) -> None:
    with reading() as session:
        shown = notice_choices.own_choices(session, somebody("ivan@mail.ru", second_email="olga@mail.ru"))
    assert (shown.email, shown.second_email, shown.phone) == ("i•••@mail.ru", "o•••@mail.ru", "")
    assert shown.has_gateway
    assert set(shown.ticked) == {f"{event}-email" for event in NoticeEvent}


def test_choices_are_kept_and_only_those_that_can_be_used(portal: Portal) -> None:
    viewer = somebody("ivan@mail.ru")
    with unit_of_work() as session:
        shown = notice_choices.choose(session, viewer, wishes=all_wishes((ORDINARY, Channel.EMAIL)))
    assert f"{ORDINARY}-email" not in shown.ticked
    assert not [name for name in shown.ticked if name.endswith("sms")]
    tell_of(viewer)
    tell_of(viewer, NoticeEvent.PASSWORD_CHANGED, "password")
    assert [message.template for message in told()] == ["password_changed"]
    with reading() as session:
        assert "notices.chosen" in {row.action for row in session.exec(select(AuditEvent)).all()}


def test_saving_the_same_again_changes_nothing(portal: Portal) -> None:
    viewer = somebody(PHONE, second_email="ivan@mail.ru")
    wishes = all_wishes((ORDINARY, Channel.SMS))
    for _ in range(2):
        with unit_of_work() as session:
            notice_choices.choose(session, viewer, wishes=wishes)
    with reading() as session:
        assert [row.action for row in session.exec(select(AuditEvent)).all()].count("notices.chosen") == 1


@pytest.mark.parametrize("event", sorted(SECURITY))
def test_security_cannot_be_switched_off(portal: Portal, event: NoticeEvent) -> None:
    viewer = somebody("ivan@mail.ru")
    with pytest.raises(SecurityNoticeNeeded), unit_of_work() as session:
        # An SMS that cannot be sent to this person does not count.
        notice_choices.choose(session, viewer, wishes=all_wishes((event, Channel.EMAIL)))


def test_everything_else_can_be_switched_off(portal: Portal) -> None:
    viewer = somebody("ivan@mail.ru")
    with unit_of_work() as session:
        shown = notice_choices.choose(session, viewer, wishes={(event, Channel.EMAIL) for event in SECURITY})
    assert len(shown.ticked) == len(SECURITY)


@pytest.mark.parametrize("role", [Role.ANONYMOUS, Role.OPERATOR, Role.SYSTEM])
def test_choices_are_for_subscribers_alone(portal: Portal, role: Role) -> None:
    stranger = Viewer(role=role, provider_ids=frozenset({1}))
    with reading() as session, pytest.raises(SignInRequired):
        notice_choices.own_choices(session, stranger)
    with unit_of_work() as session, pytest.raises(SignInRequired):
        notice_choices.choose(session, stranger, wishes=all_wishes())


def test_nobody_changes_the_choices_of_another(portal: Portal) -> None:
    owner, other = somebody(), somebody()
    with unit_of_work() as session:
        notice_choices.choose(session, other, wishes={(event, Channel.EMAIL) for event in SECURITY})
    tell_of(owner)
    assert len(told()) == 1


def test_those_who_hear_are_found_in_portions_as_each_would_be(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "_PORTION", 2)
    hears, silent, by_phone = somebody(), somebody(), somebody(PHONE)
    people = [*(viewer.require_subscriber() for viewer in (hears, silent, by_phone, somebody(), somebody())), 999999]
    with unit_of_work() as session:
        choose(session, silent, ORDINARY, Channel.EMAIL, is_wanted=False)
    with reading() as session:
        told = notices.told_of(session, subscriber_ids=people, event=ORDINARY)
        assert told == {each for each in people if notices.is_told(session, subscriber_id=each, event=ORDINARY)}
        assert told == {people[0], *people[3:5]}
        assert notices.told_of(session, subscriber_ids=[], event=ORDINARY) == set()


@pytest.mark.parametrize("event", [ORDINARY, NoticeEvent.PASSWORD_CHANGED])
def test_nobody_uses_up_the_short_messages_of_all(portal: Portal, event: NoticeEvent) -> None:
    """They share one cap, which the codes for signing in need too; another kind and other people lose nothing."""
    viewer, other = somebody(PHONE), somebody("+79123456780")
    with unit_of_work() as session:
        for each in (viewer, other):
            choose(session, each, ORDINARY, Channel.SMS, is_wanted=True)
    for number in range(25):
        tell_of(viewer, event, f"cause {number}")
    assert len(told()) == 20
    another = NoticeEvent.PASSWORD_CHANGED if event is ORDINARY else ORDINARY
    tell_of(viewer, another, "another kind")
    tell_of(other, event, "somebody else")
    assert len(told()) == 22
    portal.clock.pass_(days=1)
    tell_of(viewer, event, "the next day")
    assert len(told()) == 23


def test_letters_go_on_when_the_short_messages_are_used_up(portal: Portal) -> None:
    viewer = somebody(PHONE, second_email="ivan@mail.ru")
    for number in range(25):
        tell_of(viewer, NoticeEvent.PASSWORD_CHANGED, f"cause {number}")
    assert len([one for one in told() if one.channel is Channel.EMAIL]) == 25
