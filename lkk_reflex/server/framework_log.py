"""Keeps what people typed, and the keys to their state trees, out of the framework's log messages."""

import logging
import re

_LOGGERS = (
    "reflex.app",
    "reflex_base.event.processor.base_state_processor",
    "reflex_base.event.processor.event_processor",
    "reflex_base.vars.base",
)
#: The framework builds its messages from the values themselves, so they are cut by the words around them.
_VALUES = (
    re.compile(r"(?<=Event data: ).*", re.DOTALL),
    re.compile(r"(?<=with value ').*(?=' and type hint)", re.DOTALL),
    re.compile(r"(?<=, but got ).*(?= of type)", re.DOTALL),
    re.compile(r"(?<=event queue entry for ).*(?= \[txid=)", re.DOTALL),
    re.compile(r"(?<=disconnected client ').*(?=')"),
    re.compile(r"(?<=Failed to deserialize event data: ).*", re.DOTALL),
)


class _WithoutValues(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        for value in _VALUES:
            message = value.sub("***", message)
        record.msg, record.args = message, None
        return True


def keep_values_out() -> None:
    """Filter the loggers of the framework that quote events; calling it again changes nothing."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(known, _WithoutValues) for known in logger.filters):
            logger.addFilter(_WithoutValues())
    # It tells about its plugins when the framework first touches it.
    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)
