"""What arrives from a browser may be anything: here it becomes a text of a sensible length."""

import re
from collections.abc import Mapping

_LAST_PART = re.compile(r"/([A-Za-z0-9_-]{1,64})/?")


def text_of(data: object, name: str, *, limit: int = 200) -> str:
    """Return a field of a form, cut at `limit` characters; what is missing or no text is an empty text."""
    return plain_text(data.get(name) if isinstance(data, Mapping) else None, limit=limit)


def plain_text(value: object, *, limit: int = 200) -> str:
    """Return an argument of an event, cut at `limit` characters; what is no text is an empty text."""
    # No text of PostgreSQL can hold the character number zero, and nobody types it.
    return whole_signs(value[:limit]).replace("\0", "").strip() if isinstance(value, str) else ""


def whole_signs(text: str) -> str:
    """Return a text without halves of signs (surrogates of UTF-16), which can neither be stored nor hashed."""
    return text.encode(errors="ignore").decode()


def name_in_address(path: str) -> str:
    """Return what the address of a page names with its last part: `Ab-3` in `/account/Ab-3`; else an empty text."""
    match = _LAST_PART.fullmatch(path[path.rstrip("/").rfind("/") :])
    return match[1] if match else ""
