"""What browsers keep of the states, which for this portal is nothing."""

import functools
from typing import Any

from reflex.state import BaseState


def remember_what_browsers_store() -> None:
    """Let the framework remember of every var whether a browser stores it.

    At each visit it asks that of all vars in turn and remembers the last 128 answers; the portal has more vars than
    that, so that every answer would be forgotten just before it is wanted again. The answers never change. There is no
    public place for this; tests/server/test_client_storage.py notices if the question moves.
    """
    remembered: Any = functools.cache(BaseState.__dict__["_is_client_storage"].__func__.__wrapped__)
    BaseState._is_client_storage = classmethod(remembered)  # type: ignore[method-assign,assignment]  # noqa: SLF001
