"""The journal in the copy of one's own data is told in words."""

import re
from pathlib import Path

from lkk_reflex.identity import own_data

SOURCES = Path(__file__).resolve().parents[2] / "lkk_reflex"
_RECORDED = re.compile(r"""audit\.record\((?:[^()]|\([^()]*\))*?(f?)"([a-z_{}]+(?:\.[a-z_{}]+)+)["\.]""")


def tags() -> set[str]:
    """Return the tags of the audit as they stand in the sources, those put together apart."""
    found = (_RECORDED.findall(source.read_text(encoding="utf-8")) for source in SOURCES.rglob("*.py"))
    return {tag for matches in found for is_built, tag in matches if not is_built}


def test_every_action_of_the_journal_has_words() -> None:
    known = tags()
    assert {"pin.issued", "session.opened", "ticket.opened"} <= known
    assert {tag for tag in known if own_data._meaning(tag) == own_data._OTHER} == set()


def test_actions_that_name_a_purpose_are_told_by_their_family() -> None:
    assert own_data._meaning("consent.given.cabinet") == "Согласие дано"
    assert own_data._meaning("code_refused.reset") == "Введён неверный код"
