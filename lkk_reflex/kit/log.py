"""Logging: one line an event, no secrets, a short reference for a fault shown to a person."""

import logging
import re
import secrets
from types import TracebackType

SysExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
# What must never stand in a log, whatever a library puts there: tokens in URLs, cookies, credentials, phones, e-mails.
_GIVEN = r"(['\"]?(?:=|: ?)['\"]?)"
_SECRETS = (
    (re.compile(rf"(?i)\b(authorization|cookie){_GIVEN}[^\r\n'\"]+"), r"\1\2***"),
    (re.compile(rf"(?i)\b(token|ticket|link|code|password|api_id|psw){_GIVEN}[^\s&;,'\"]+"), r"\1\2***"),
    # PostgreSQL repeats the values of the row in the second line of an error.
    (re.compile(r"(DETAIL:)[^\n]*"), r"\1 ***"),
    (re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{2,63}"), "***@***"),
    (re.compile(r"(?<!\d)(?:\+?7|8)[\s(-]*9\d{2}[\s)-]*\d{3}[\s-]*\d{2}[\s-]*\d{2}(?!\d)"), "+7***"),
)


class RedactingFormatter(logging.Formatter):
    """Blank out secrets and keep each message on one line, so that nobody can forge a line of the log."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is the library's.
        """Return the line without secrets and line breaks."""
        return redact(super().formatMessage(record)).replace("\r", "\\r").replace("\n", "\\n")

    def formatException(self, ei: SysExcInfo) -> str:  # noqa: N802 - the name is the library's.
        """Return the trace without secrets."""
        return redact(super().formatException(ei))


def redact(text: str) -> str:
    """Return the text with every known kind of secret blanked out."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def configure(level: str = "INFO") -> None:
    """Send the log to standard error through the redacting formatter."""
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # httpx logs every URL it asks, and a URL may hold a key of an SMS gateway.
    logging.getLogger("httpx").setLevel(logging.WARNING)


def new_reference() -> str:
    """Return a short number by which a person and the log name the same fault: `7F3A-K2`."""
    characters = "".join(secrets.choice(_ALPHABET) for _ in range(6))
    return f"{characters[:4]}-{characters[4:]}"


def report_fault(logger: logging.Logger, error: BaseException) -> str:
    """Log an unexpected error with its trace and return the reference that the person is shown."""
    reference = new_reference()
    logger.error("fault %s", reference, exc_info=error)
    return reference
