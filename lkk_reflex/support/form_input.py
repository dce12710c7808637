"""What arrives from the forms of tickets: names, texts, and the names that the script has added."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lkk_reflex.kit.raw_input import text_of
from lkk_reflex.support.rules import FILES_LIMIT, TEXT_LIMIT

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")
#: Room for the sentence that says by how much a text is too long.
_READ_LIMIT: Final = TEXT_LIMIT * 3


@dataclass(frozen=True, slots=True)
class Written:
    """A message with the public ids of its files; `intent_id` is empty when the browser named none."""

    intent_id: str
    text: str
    files: tuple[str, ...]


def written_in(data: object) -> Written:
    """Read the message of a form."""
    names = text_of(data, "files", limit=1000).split()
    intent_id = text_of(data, "intent")
    return Written(
        intent_id=intent_id if _NAME.fullmatch(intent_id) else "",
        # Not shortened to the limit, so that nobody loses the end of a text unseen.
        text=text_of(data, "text", limit=_READ_LIMIT),
        # One more than allowed is enough to refuse.
        files=tuple(name for name in names if _NAME.fullmatch(name))[: FILES_LIMIT + 1],
    )


def fields_of(data: object, *names: str) -> Mapping[str, str]:
    """Read short fields of a form."""
    return {name: text_of(data, name) for name in names}
