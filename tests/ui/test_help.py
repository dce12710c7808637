"""Every «?» leads to words, and every word can be found on the help page."""

import re
from collections import Counter
from pathlib import Path

import pytest

from lkk_reflex.help.chapters import CHAPTERS
from lkk_reflex.help.components import help_tip
from lkk_reflex.help.topics import PASSWORD_RULES, TOPICS
from lkk_reflex.settings import PasswordProfile

SOURCES = Path(__file__).resolve().parents[2] / "lkk_reflex"
_LONGEST_SENTENCE = 20


@pytest.mark.parametrize("key", TOPICS)
def test_topic_has_a_title_and_whole_sentences(key: str) -> None:
    topic = TOPICS[key]
    assert topic.title
    assert topic.text.endswith(".")
    assert "!" not in topic.text + topic.where


@pytest.mark.parametrize("key", TOPICS)
def test_topic_is_short_enough_to_be_read(key: str) -> None:
    sentences = [sentence for sentence in re.split(r"[.:] ", TOPICS[key].text) if sentence]
    words = [len(sentence.split()) for sentence in sentences]
    assert max(words) <= _LONGEST_SENTENCE
    assert sum(words) / len(words) <= 15


def test_every_topic_stands_once_on_the_help_page() -> None:
    listed = Counter(key for chapter in CHAPTERS for key in chapter.topics)
    assert set(listed) == set(TOPICS)
    assert max(listed.values()) == 1


def test_every_tip_used_on_a_page_exists() -> None:
    used = {
        key
        for source in SOURCES.rglob("*.py")
        for key in re.findall(r"""help_tip\(\s*["']([^"']+)""", source.read_text(encoding="utf-8"))
    }
    assert used <= set(TOPICS)


def test_every_help_topic_of_a_page_is_a_chapter() -> None:
    used = {
        key
        for source in SOURCES.rglob("*.py")
        for key in re.findall(r"""help_topic=["']([^"']+)""", source.read_text(encoding="utf-8"))
    }
    assert used <= {chapter.key for chapter in CHAPTERS}


def test_every_password_profile_has_its_rule_in_words() -> None:
    assert set(PASSWORD_RULES) == set(PasswordProfile)


def test_unknown_tip_is_refused_when_pages_are_compiled() -> None:
    with pytest.raises(KeyError):
        help_tip("no.such.topic")


def test_only_the_account_number_shows_the_drawn_bill() -> None:
    assert [key for key, topic in TOPICS.items() if topic.has_bill] == ["account.number"]
