"""What a screen reader meets on a screen, as text that is approved and kept: names, roles, states, structure.

The trees lie in `tests/accessibility/trees`, a file for each screen. A tree that has changed is looked at and approved
by `pytest --approve-trees`.
"""

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page

APPROVE = "--approve-trees"
TREES = Path(__file__).parents[1] / "accessibility" / "trees"

#: Looks at a page that is another than the approved one, before that is told.
_LOOKS, _LOOK_MS = 300, 100
#: Looks in a row that show the same before it is approved.
_STEADY = 4

#: What follows from chance, from the account or from the hour.
_CHANCE = (
    # Addresses: of their parts only small letters are words; the rest names a thing.
    (re.compile(r"(?<=/)(?<!//)(?![a-z-]+(?:[./?#\s\"]|$))[A-Za-z0-9_-]{4,}"), "имя"),
    (re.compile(r"#(?=[\w-]*\d)[\w-]+"), "#имя"),
    (re.compile(r"token=[\w-]+"), "token=имя"),
    (re.compile(r"[\w.+•-]+@example\.ru"), "почта"),
    # Passwords of people, while they are shown.
    (re.compile(r"\b[0-9a-f]{6}Qz7\b"), "пароль"),
    (re.compile("№\\s[\\w•\N{NON-BREAKING HYPHEN}-]+"), "№ 0"),
    # Codes: of a PIN or of a recovery, of the second step.
    (re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b"), "код"),
    (re.compile(r"(?:\b[A-Z2-7]{4}\s?){4,}"), "код"),
    (re.compile(r"(?<!\[level=)\d+(?:[\s.,:]\d+)*"), "0"),
)
_MONTHS = "январ|феврал|март|апрел|ма|июн|июл|август|сентябр|октябр|ноябр|декабр"
_MONTH = re.compile(rf"\b(?:{_MONTHS})[ьйяеа]?\b", re.IGNORECASE)
#: Those which say the same are there as often as there are months, meters or letters.
_REPEATED = re.compile(r"- (?:row|listitem|option)\b")

_AS_ABOVE = " …"


def tree_of(page: Page) -> str:
    """Return what a screen reader meets on a page now, without what is different in every run."""
    return plain(page.locator("body").aria_snapshot())


def plain(snapshot: str) -> str:
    """Return a snapshot without numbers, dates and names by chance; what repeats itself is there once.

    `plain('- row "август 2026 1 542,30"\\n- row "июль 2026 99,00"')` is `- row "месяц 0 0"`.
    """
    for pattern, word in _CHANCE:
        snapshot = pattern.sub(word, snapshot)
    return "\n".join(_once(_MONTH.sub("месяц", snapshot).splitlines()))


def _once(lines: list[str]) -> list[str]:
    """Leave out what a brother above has said in the same words."""
    kept: list[str] = []
    said: list[list[str]] = []
    for block in _blocks(lines):
        body = [block[0], *_once(block[1:])]
        if body in said:
            continue
        kept += body
        if _REPEATED.match(block[0].lstrip()):
            said.append(body)
    return kept


def _blocks(lines: list[str]) -> Iterator[list[str]]:
    """Part lines into those of the least indentation, each with what is below it."""
    block: list[str] = []
    for line in lines:
        if block and _depth(line) <= _depth(block[0]):
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


class Trees:
    """The approved trees of one screen, by its states in their order."""

    def __init__(self, screen: str, *, approves: bool) -> None:
        """Read what has been approved; `approves` takes whatever is met and keeps it."""
        self.file = TREES / f"{screen}.yaml"
        self._approves = approves
        self._approved = _read(self.file.read_text(encoding="utf-8")) if self.file.exists() else {}
        self._met: dict[str, str] = {}

    def changes(self, page: Page, state: str) -> list[str]:
        """Return what differs from the approved tree of a state, as lines of a comparison; waits a little for it."""
        assert state not in self._met, f"two states are called {state}"
        self._met[state] = tree = self._settled(page, self._approved.get(state))
        if self._approves:
            return []
        approved = self._approved.get(state)
        if approved is None:
            return [f"no approved tree of {state}: look at it and run `pytest {APPROVE}`"]
        return list(difflib.unified_diff(approved.split("\n"), tree.split("\n"), "approved", state, n=1, lineterm=""))

    def left(self) -> list[str]:
        """End the walk: keep what is approved, or return what was approved and not met."""
        if self._approves:
            self.file.parent.mkdir(exist_ok=True)
            self.file.write_text(_written(self._met), encoding="utf-8")
            return []
        return [f"never met: {state}" for state in self._approved if state not in self._met]

    def _settled(self, page: Page, approved: str | None) -> str:
        """Look until the tree is the approved one, or does not change any more."""
        seen: list[str] = []
        for _ in range(_LOOKS):
            seen.append(tree_of(page))
            is_steady = len(seen) >= _STEADY and len(set(seen[-_STEADY:])) == 1
            if seen[-1] == approved or (is_steady and (self._approves or approved is None)):
                break
            page.wait_for_timeout(_LOOK_MS)
        return seen[-1]


def _written(trees: dict[str, str]) -> str:
    """Return the text of a file; what stands on the page as in a state above is only named."""
    lines: list[str] = []
    known: dict[str, list[str]] = {}
    for state, tree in trees.items():
        lines.append(f"{state}:")
        for block in _blocks(tree.split("\n")):
            is_known = len(block) > 1 and known.get(block[0]) == block
            lines += [f"  {line}" for line in ([block[0] + _AS_ABOVE] if is_known else block)]
            known[block[0]] = block
    return "\n".join([*lines, ""])


def _read(text: str) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    known: dict[str, list[str]] = {}
    for state, *indented in _blocks(text.splitlines()):
        lines = found[state.removesuffix(":")] = []
        for block in _blocks([line[2:] for line in indented]):
            head = block[0].removesuffix(_AS_ABOVE)
            known[head] = known[head] if head != block[0] else block
            lines += known[head]
    return {state: "\n".join(lines) for state, lines in found.items()}
