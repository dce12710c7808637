"""Texts, names of files, ratings: pure rules."""

from datetime import UTC, datetime, timedelta

import pytest

from lkk_reflex.attachments.files import size_in_words
from lkk_reflex.attachments.names import shown_name
from lkk_reflex.support.errors import CommentTooLong, RatingMissing, TextMissing, TextTooLong
from lkk_reflex.support.models import Recipient, TicketState, Topic
from lkk_reflex.support.projection import RECIPIENT_LABELS, STATE_LABELS, TOPIC_LABELS
from lkk_reflex.support.rules import (
    TEXT_LIMIT,
    TOPICS,
    after_message,
    can_reopen,
    checked_comment,
    checked_rating,
    checked_text,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def test_text_keeps_its_lines_and_loses_what_nobody_can_see() -> None:
    assert checked_text("  Первая\r\nвторая\x00\x1b[31m\n\n\n\n\n\nтретья 😀\t<b>=1+1 ") == (
        "Первая\nвторая[31m\n\n\nтретья 😀\t<b>=1+1"
    )


@pytest.mark.parametrize("typed", ["", " \n\t ", "\x00\x07"])
def test_empty_text_is_refused(typed: str) -> None:
    with pytest.raises(TextMissing):
        checked_text(typed)


def test_text_may_be_as_long_as_the_limit_and_no_longer() -> None:
    assert len(checked_text("ы" * TEXT_LIMIT)) == TEXT_LIMIT
    with pytest.raises(TextTooLong) as refused:
        checked_text("ы" * (TEXT_LIMIT + 1))
    assert "4000" in refused.value.message


def test_comment_may_be_empty_but_not_endless() -> None:
    assert checked_comment(" ") == ""
    with pytest.raises(CommentTooLong):
        checked_comment("а" * 1001)


@pytest.mark.parametrize("typed", ["", "0", "6", "-1", "5.0", "пять", "٣", "05"])
def test_rating_that_is_no_number_from_one_to_five_is_refused(typed: str) -> None:
    with pytest.raises(RatingMissing):
        checked_rating(typed)


@pytest.mark.parametrize(
    ("name", "ending", "shown"),
    [
        ("счётчик.jpeg", "jpg", "счётчик.jpg"),
        ("../../etc/passwd", "jpg", "passwd.jpg"),
        (r"C:\Users\Анна\фото.png", "jpg", "фото.jpg"),
        ("счёт.pdf.exe", "pdf", "счёт.pdf.pdf"),
        ("exe\u202egpj.scr", "jpg", "exegpj.jpg"),
        ('a"b\r\nSet-Cookie: x.jpg', "jpg", "a bSet-Cookie x.jpg"),
        ("", "pdf", "Файл.pdf"),
        ("....", "pdf", "Файл.pdf"),
        (".htaccess", "pdf", "htaccess.pdf"),
        ("ы" * 300 + ".jpg", "jpg", "ы" * 96 + ".jpg"),
    ],
)
def test_name_of_a_file_is_shown_without_tricks_and_with_its_true_ending(name: str, ending: str, shown: str) -> None:
    assert shown_name(name, ending) == shown


@pytest.mark.parametrize(("days", "can"), [(0, True), (30, True), (31, False)])
def test_ticket_is_opened_again_within_thirty_days(days: int, *, can: bool) -> None:
    assert can_reopen(TicketState.CLOSED, NOW - timedelta(days=days), NOW) is can


def test_open_ticket_is_not_opened_again() -> None:
    assert not can_reopen(TicketState.ANSWERED, None, NOW)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (TicketState.NEW, TicketState.NEW),
        (TicketState.ANSWERED, TicketState.WAITING),
        (TicketState.WAITING, TicketState.WAITING),
    ],
)
def test_it_is_the_staffs_turn_after_a_message(before: TicketState, after: TicketState) -> None:
    assert after_message(before) is after


def test_every_word_of_the_slice_has_a_label() -> None:
    assert set(TOPIC_LABELS) == set(Topic)
    assert set(RECIPIENT_LABELS) == set(TOPICS) == set(Recipient)
    assert set(STATE_LABELS) == set(TicketState)
    assert {topic for topics in TOPICS.values() for topic in topics} == set(Topic)


@pytest.mark.parametrize(("size", "words"), [(0, "1\u00a0КБ"), (327_680, "320\u00a0КБ"), (1_468_006, "1,4\u00a0МБ")])
def test_size_is_said_in_words(size: int, words: str) -> None:
    assert size_in_words(size) == words
