"""The ways out: a mail server, two SMS gateways by their recorded answers, files of the demo."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest

from lkk_reflex.notifications.models import Channel
from lkk_reflex.notifications.sender import Outgoing
from lkk_reflex.notifications.senders.chosen import senders_of
from lkk_reflex.notifications.senders.file import FileSender
from lkk_reflex.notifications.senders.sms_ru import SmsRuSender
from lkk_reflex.notifications.senders.smsc import SmscSender
from lkk_reflex.notifications.senders.smtp import SmtpSender
from lkk_reflex.settings import load_settings
from tests.support.mail_server import MailServer, running_mail_server
from tests.support.portal import SECRET, sent_files

SMS = Outgoing(7, "+79251234567", "", "Код 482913. Никому не сообщайте. Горводоканал", "<a@lk>")
LETTER = Outgoing(8, "ivan@mail.ru", "Код: 482 913", "Введите код:\n\n482 913", "<b@lk.example.ru>")


class Gateway:
    """Answers requests with what it is given and keeps them."""

    def __init__(self, *answers: object) -> None:
        self._answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        self.requests.append(request)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, int):
            return httpx.Response(answer)
        return httpx.Response(200, json=answer) if isinstance(answer, dict) else httpx.Response(200, text=str(answer))

    @property
    def form(self) -> dict[str, list[str]]:
        """The fields of the last request."""
        return parse_qs(self.requests[-1].content.decode())


def sms_ru(gateway: Callable[[httpx.Request], httpx.Response]) -> SmsRuSender:
    return SmsRuSender("api-key", "Vodokanal", httpx.MockTransport(gateway))


def smsc(gateway: Callable[[httpx.Request], httpx.Response]) -> SmscSender:
    return SmscSender("login", "secret", "Vodokanal", httpx.MockTransport(gateway))


def sms_ru_answer(code: int, status: str = "ERROR") -> dict[str, object]:
    number = {"status": status, "status_code": code, "sms_id": "000000-10000000"}
    return {"status": "OK", "status_code": 100, "sms": {"79251234567": number}, "balance": 4122.56}


def test_sms_ru_accepts() -> None:
    gateway = Gateway(sms_ru_answer(100, "OK"))
    delivery = sms_ru(gateway).send(SMS)
    assert (delivery.ok, delivery.provider_id) == (True, "000000-10000000")
    assert str(gateway.requests[0].url) == "https://sms.ru/sms/send"
    assert gateway.form == {
        "api_id": ["api-key"], "to": ["79251234567"], "msg": [SMS.body], "json": ["1"], "from": ["Vodokanal"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("code", "retryable"),
    [
        (202, False),
        (204, False),
        (207, False),
        (209, False),
        (230, False),
        (232, False),
        (220, True),
        (231, True),
        (201, True),
    ],
)
def test_sms_ru_refuses_the_number_though_the_whole_answer_is_ok(code: int, retryable: bool) -> None:
    delivery = sms_ru(Gateway(sms_ru_answer(code))).send(SMS)
    assert (delivery.ok, delivery.error, delivery.retryable) == (False, f"sms_ru_{code}", retryable)


@pytest.mark.parametrize(
    ("answer", "error", "retryable"),
    [
        ({"status": "ERROR", "status_code": 200, "status_text": "bad api_id"}, "sms_ru_200", False),
        ({"status": "OK", "status_code": 100, "sms": {}}, "sms_ru_100", False),
        (502, "sms_ru_http_502", True),
        ("<html>", "sms_ru_unreadable", True),
        (httpx.ReadTimeout("slow"), "sms_ru_ReadTimeout", True),
        (httpx.ConnectError("down"), "sms_ru_ConnectError", True),
    ],
)
def test_sms_ru_fails_otherwise(answer: object, error: str, retryable: bool) -> None:
    delivery = sms_ru(Gateway(answer)).send(SMS)
    assert (delivery.ok, delivery.error, delivery.retryable) == (False, error, retryable)


def test_smsc_accepts() -> None:
    gateway = Gateway({"id": 41, "cnt": 1})
    delivery = smsc(gateway).send(SMS)
    assert (delivery.ok, delivery.provider_id) == (True, "41")
    assert gateway.form["phones"] == ["+79251234567"]
    assert gateway.form["mes"] == [SMS.body]
    assert gateway.form["fmt"] == ["3"]
    assert gateway.form["charset"] == ["utf-8"]


@pytest.mark.parametrize(
    ("code", "retryable"), [(1, False), (2, True), (3, True), (4, True), (6, False), (7, False), (8, False), (9, True)]
)
def test_smsc_refuses(code: int, retryable: bool) -> None:
    delivery = smsc(Gateway({"error": "…", "error_code": code, "id": 41})).send(SMS)
    assert (delivery.ok, delivery.error, delivery.retryable) == (False, f"smsc_{code}", retryable)


def test_smsc_asks_its_second_host_when_the_first_is_out_of_reach() -> None:
    gateway = Gateway(httpx.ConnectError("down"), {"id": 42, "cnt": 1})
    assert smsc(gateway).send(SMS).ok
    assert [request.url.host for request in gateway.requests] == ["smsc.ru", "www2.smsc.ru"]


def test_smsc_does_not_ask_twice_after_a_slow_answer() -> None:
    gateway = Gateway(httpx.ReadTimeout("slow"))
    delivery = smsc(gateway).send(SMS)
    assert (delivery.ok, delivery.retryable, len(gateway.requests)) == (False, True, 1)


@pytest.mark.parametrize("answer", [500, "oops", {}])
def test_smsc_fails_otherwise(answer: object) -> None:
    delivery = smsc(Gateway(answer)).send(SMS)
    assert (delivery.ok, delivery.retryable) == (False, True)


def test_nothing_secret_is_in_what_a_sender_reports() -> None:
    for sender in (sms_ru(Gateway(httpx.ConnectError("api-key"))), smsc(Gateway(*[httpx.ConnectError("secret")] * 2))):
        report = str(sender.send(SMS))
        for secret in ("api-key", "secret", "79251234567", "482913"):
            assert secret not in report


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with running_mail_server() as server:
        yield server


def smtp(server: MailServer) -> SmtpSender:
    return SmtpSender(
        load_settings(
            {
                "LKK_SECRET_KEY": SECRET,
                "LKK_MAIL_SENDER": "smtp",
                "LKK_SMTP_HOST": "127.0.0.1",
                "LKK_SMTP_PORT": str(server.port),
                "LKK_SMTP_SECURITY": "none",
                "LKK_COMPANY_NAME": "Горводоканал",
                "LKK_MAIL_FROM": "lk@example.ru",
            }
        )
    )


def test_letter_arrives_as_text_and_html(mail_server: MailServer) -> None:
    assert smtp(mail_server).send(LETTER).ok
    (letter,) = mail_server.letters
    assert letter["Subject"] == "Код: 482 913"
    assert letter["To"] == "ivan@mail.ru"
    assert letter["From"] == "Горводоканал <lk@example.ru>"
    assert letter["Message-ID"] == "<b@lk.example.ru>"
    assert letter["Auto-Submitted"] == "auto-generated"
    text, page = letter.get_body(["plain"]), letter.get_body(["html"])
    assert text
    assert text.get_content().splitlines()[:5] == ["Введите код:", "", "482 913", "", "Горводоканал"]
    assert page
    assert "482 913" in page.get_content()


@pytest.mark.parametrize(
    ("answers", "error", "retryable"),
    [
        ({"RCPT": "550 no such user"}, "smtp_550", False),
        ({"RCPT": "450 greylisted"}, "smtp_450", True),
        ({"DATA": "554 spam"}, "smtp_554", False),
        ({"DATA": "451 later"}, "smtp_451", True),
        ({"MAIL": "421 too busy"}, "smtp_421", True),
        ({"DATA": ""}, "smtp_SMTPServerDisconnected", True),
    ],
)
def test_refusals_of_the_mail_server(
    mail_server: MailServer, answers: dict[str, str], error: str, retryable: bool
) -> None:
    mail_server.answers = answers
    delivery = smtp(mail_server).send(LETTER)
    assert (delivery.ok, delivery.error, delivery.retryable) == (False, error, retryable)


def test_mail_server_out_of_reach_is_tried_again() -> None:
    with running_mail_server() as server:
        sender = smtp(server)
    delivery = sender.send(LETTER)
    assert (delivery.ok, delivery.error, delivery.retryable) == (False, "smtp_ConnectionRefusedError", True)


def test_demo_writes_files(tmp_path: Path) -> None:
    sender = FileSender(tmp_path / "outbox", Channel.EMAIL)
    assert sender.send(LETTER).ok
    assert sender.send(LETTER).ok
    (letter,) = sent_files(tmp_path)
    assert (letter["channel"], letter["to"], letter["body"]) == ("email", "ivan@mail.ru", LETTER.body)
    assert [path.suffix for path in (tmp_path / "outbox").iterdir()] == [".json"]


@pytest.mark.parametrize(
    ("values", "email", "sms"),
    [
        ({}, FileSender, FileSender),
        ({"LKK_MAIL_SENDER": "smtp", "LKK_SMTP_HOST": "mail"}, SmtpSender, FileSender),
        ({"LKK_SMS_SENDER": "sms_ru", "LKK_SMS_RU_API_ID": "x"}, FileSender, SmsRuSender),
        ({"LKK_SMS_SENDER": "smsc", "LKK_SMSC_LOGIN": "x", "LKK_SMSC_PASSWORD": "y"}, FileSender, SmscSender),
        ({"LKK_SMS_SENDER": "off"}, FileSender, None),
    ],
)
def test_settings_choose_the_senders(values: dict[str, str], email: type, sms: type | None) -> None:
    chosen = senders_of(load_settings({"LKK_SECRET_KEY": SECRET, **values})).by_channel
    assert type(chosen[Channel.EMAIL]) is email
    assert (type(chosen[Channel.SMS]) if Channel.SMS in chosen else None) is sms
