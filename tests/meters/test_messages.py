"""What senders of readings are told."""

from lkk_reflex.identity.models import NoticeEvent
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.notifications.models import Channel
from tests.factories.notices import choose, told
from tests.meters.conftest import Flat
from tests.support.portal import HeldClock


def test_an_accepted_reading_is_told_with_its_number_and_use(flat: Flat) -> None:
    saved = flat.sent("107").saved
    assert saved
    (letter,) = told()
    assert letter.subject == f"Показания приняты, № {saved.number} — Горводоканал"
    assert "107\N{NO-BREAK SPACE}м³, расход 7\N{NO-BREAK SPACE}м³" in letter.body
    assert "Исправить показания можно до 25 ноября" in letter.body
    assert f"/readings/{flat.owner_link}" in letter.body
    assert flat.account.number not in letter.body


def test_the_same_click_is_told_once_and_a_correction_again(flat: Flat) -> None:
    for _ in range(2):
        flat.sent("107", intent_id="one click")
    assert len(told()) == 1
    flat.sent("108")
    assert len(told()) == 2


def test_what_is_not_saved_is_not_told(flat: Flat) -> None:
    assert not flat.sent("99").saved
    assert told() == []


def test_who_does_not_want_it_is_not_told(flat: Flat) -> None:
    with unit_of_work() as session:
        choose(session, flat.owner, NoticeEvent.READING_ACCEPTED, Channel.EMAIL, is_wanted=False)
    flat.sent("107")
    assert told() == []


def test_after_the_window_the_letter_says_when_the_reading_counts(flat: Flat, held: HeldClock) -> None:
    held.pass_(days=7)
    flat.sent("107")
    (letter,) = told()
    assert "Учтём при расчёте за декабрь 2026." in letter.body
