"""Every «?» leads to words, and every word can be found on the help page."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from lkk_reflex.help.chapters import CHAPTERS, PICTURE_SIZE
from lkk_reflex.help.components import help_tip
from lkk_reflex.help.topics import PASSWORD_RULES, TOPICS
from lkk_reflex.settings import PasswordProfile

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "lkk_reflex"
PICTURES = ROOT / "assets" / "help"
_LONGEST_SENTENCE = 20
_MOST_BYTES = 40 * 1024
#: Frames of pages, and what builds its pages of them.
_FRAMES = {"cabinet_page", "public_page", "settings_page"}
#: The front door explains itself, the help is the help, and nobody came to a wrong address for something.
_WITHOUT_HELP = {"front_door", "guide_page", "not_found"}
#: What a chapter or a hint quotes and no page says: the folder of a mailbox, and names that people may choose.
_NOT_ON_SCREEN = {"Спам", "Квартира", "Дача", "Для мамы"}


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


def test_every_page_leads_to_its_help() -> None:
    helpless = set()
    for source in SOURCES.rglob("*.py"):
        tree = ast.parse(source.read_text(encoding="utf-8"))
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            frames = [
                node
                for node in ast.walk(function)
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FRAMES
            ]
            if any(not _topic_of(frame) for frame in frames):
                helpless.add(function.name)
    assert helpless == _WITHOUT_HELP


def _topic_of(frame: ast.Call) -> bool:
    """Tell whether a frame is given its help; a frame of the settings has one of its own."""
    named = {keyword.arg: keyword.value for keyword in frame.keywords}
    is_settings = isinstance(frame.func, ast.Name) and frame.func.id == "settings_page"
    topic = named.get("help_topic")
    return is_settings if topic is None else not (isinstance(topic, ast.Constant) and not topic.value)


def test_every_quoted_word_stands_on_a_screen_just_so() -> None:
    own = {SOURCES / "help" / "chapters.py", SOURCES / "help" / "topics.py"}
    said = {
        node.value.strip()
        for source in set(SOURCES.rglob("*.py")) - own
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    told = [text for chapter in CHAPTERS for text in (*chapter.steps, *chapter.notes, chapter.picture_text)]
    # Where a term stands on paper is another matter.
    told += [topic.text for topic in TOPICS.values()]
    quoted = {words for text in told for words in re.findall("«([^»]+)»", text)}
    assert quoted - said == _NOT_ON_SCREEN


def test_every_picture_is_there_small_and_of_the_promised_shape() -> None:
    wanted = {chapter.picture for chapter in CHAPTERS if chapter.picture}
    assert {file.name for file in PICTURES.iterdir()} == {f"{name}.webp" for name in wanted}
    for file in PICTURES.iterdir():
        assert file.stat().st_size <= _MOST_BYTES, file.name
        with Image.open(file) as picture:
            assert picture.width / picture.height == PICTURE_SIZE[0] / PICTURE_SIZE[1], file.name


def test_every_picture_is_told_in_words() -> None:
    assert [chapter.key for chapter in CHAPTERS if bool(chapter.picture) != bool(chapter.picture_text)] == []


def test_every_password_profile_has_its_rule_in_words() -> None:
    assert set(PASSWORD_RULES) == set(PasswordProfile)


def test_unknown_tip_is_refused_when_pages_are_compiled() -> None:
    with pytest.raises(KeyError):
        help_tip("no.such.topic")


def test_only_the_account_number_shows_the_drawn_bill() -> None:
    assert [key for key, topic in TOPICS.items() if topic.has_bill] == ["account.number"]
