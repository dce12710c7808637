"""The log: one line an event, no secrets."""

import io
import logging
import re

import pytest

from lkk_reflex.kit.log import RedactingFormatter, configure, new_reference, redact, report_fault


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def logger(stream: io.StringIO) -> logging.Logger:
    made = logging.getLogger("tests.log")
    made.propagate = False
    handler = logging.StreamHandler(stream)
    handler.setFormatter(RedactingFormatter("%(levelname)s %(message)s"))
    made.handlers = [handler]
    return made


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("GET /auth/link?token=abc-DEF_123 200", "abc-DEF_123"),
        ("ticket=abc&next=/x", "abc"),
        ("{'password': 'k7Wm2pXq', 'login': 'x'}", "k7Wm2pXq"),
        ('{"code":"482913"}', "482913"),
        ("https://sms.ru/sms/send?api_id=AB-12&to=79251234567", "AB-12"),
        ("https://sms.ru/sms/send?api_id=AB-12&to=79251234567", "79251234567"),
        ("https://smsc.ru/sys/send.php?login=x&psw=hush", "hush"),
        ("Authorization: Basic c2hvcDpzZWNyZXQ=", "c2hvcDpzZWNyZXQ"),
        ("cookie: lkk=abcdef; lkk-flow=ghijkl", "ghijkl"),
        ("{'cookie': 'lkk=abcdef; lkk-flow=ghijkl'}", "ghijkl"),
        ("Key (login)=(ivan.petrov@mail.ru) already exists", "ivan.petrov"),
        ("call +7 912 345-67-89 now", "345-67-89"),
        ("call 8(912)345-67-89 now", "345-67-89"),
        ("to +79123456789", "9123456789"),
    ],
)
def test_secrets_and_addresses_are_blanked_out(text: str, secret: str) -> None:
    assert secret not in redact(text)


@pytest.mark.parametrize(
    "text",
    ["status_code: 200 in 12 ms", "payment 2f1a-000f succeeded", "account 1000123456", "at 2026-11-22 09:00:00,123"],
)
def test_other_words_stay(text: str) -> None:
    assert redact(text) == text


def test_line_breaks_cannot_forge_a_line(logger: logging.Logger, stream: io.StringIO) -> None:
    logger.warning("login %s", "x\r\nCRITICAL all is lost")
    assert stream.getvalue().count("\n") == 1
    assert "\r" not in stream.getvalue()


def test_trace_is_without_secrets(logger: logging.Logger, stream: io.StringIO) -> None:
    with pytest.raises(ValueError, match="k7Wm2pXq") as caught:
        _fail()
    reference = report_fault(logger, caught.value)
    assert f"fault {reference}" in stream.getvalue()
    assert "Traceback" in stream.getvalue()
    assert "k7Wm2pXq" not in stream.getvalue()
    assert "ivan" not in stream.getvalue()


def _fail() -> None:
    raise ValueError("password=k7Wm2pXq for ivan@mail.ru")


def test_reference_is_short_and_easy_to_read_out() -> None:
    references = {new_reference() for _ in range(300)}
    assert len(references) > 290
    assert all(re.fullmatch(r"[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{2}", one) for one in references)


def test_configured_log_redacts_and_keeps_urls_of_requests_out() -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        configure("WARNING")
        assert [type(handler.formatter) for handler in root.handlers] == [RedactingFormatter]
        assert root.level == logging.WARNING
        assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)
    finally:
        root.handlers[:], root.level = before, level
