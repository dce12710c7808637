"""How long tests wait for what has to come: a slow machine is no failure where the test is not about speed."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

#: Nothing takes a tenth of it on a quiet machine.
SECONDS: Final = 60.0
_LOOK_SECONDS: Final = 0.05


def until(is_so: Callable[[], bool], *, seconds: float = SECONDS) -> None:
    """Wait for a condition.

    Raises:
        TimeoutError: when it has not come true.
    """
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:.0f} s: {is_so.__qualname__}")
        time.sleep(_LOOK_SECONDS)


def settled(look: Callable[[], T], expected: T, *, seconds: float = SECONDS) -> T:
    """Look until the expected is seen; return what was seen last, for an assertion that tells the difference."""
    deadline = time.monotonic() + seconds
    while (seen := look()) != expected and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
    return seen
