"""Places where a fault test can kill the process, to show that nothing is lost there. Closed outside the demo."""

import os
import signal
from enum import StrEnum
from functools import cache

from lkk_reflex.settings import get_settings

VARIABLE = "LKK_FAULTS"


class Point(StrEnum):
    """Where the process may be killed."""

    BEFORE_GATEWAY = "before_gateway"  # the row says that it is being sent, the request has not left
    AFTER_GATEWAY = "after_gateway"  # the gateway has answered, nothing is written down yet
    AFTER_COMMIT = "after_commit"  # a notification is stored, its sender has not been told


def reach(point: Point) -> None:
    """Kill this process if the environment asks for it at this point."""
    if _asked_for() == point:
        os.kill(os.getpid(), signal.SIGKILL)


@cache
def _asked_for() -> str:
    """Read the environment once."""
    return os.environ.get(VARIABLE, "") if get_settings().is_demo else ""
