"""The page that shows what the demo has sent."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from starlette.applications import Starlette

from lkk_reflex.accounts.proofs import activate_pin
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.notifications.models import Channel
from lkk_reflex.notifications.sender import Outgoing
from lkk_reflex.notifications.senders.file import FileSender
from lkk_reflex.sandbox import town_pins
from lkk_reflex.sandbox.inbox import PATH, routes
from tests.factories.accounts import make_account, make_link, make_provider
from tests.factories.identity import make_viewer
from tests.support.portal import configured, held_clock
from tests.support.visitor import Visitor


@pytest.fixture
def visitor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Visitor]:
    with configured(monkeypatch, tmp_path), held_clock():
        yield Visitor(Starlette(routes=routes), "http://localhost:3000")


def send(data_dir: Path, number: int, channel: Channel, body: str, subject: str = "") -> None:
    FileSender(data_dir / "outbox", channel).send(Outgoing(number, "ivan@mail.ru", subject, body, "<x@lk>"))


def test_nothing_sent_yet_says_what_to_do(visitor: Visitor) -> None:
    page = visitor.get(PATH)
    assert page.status_code == 200
    assert "Пока ничего не отправлено" in page.text


def test_newest_message_stands_first(visitor: Visitor, tmp_path: Path) -> None:
    send(tmp_path, 9, Channel.EMAIL, "первое")
    send(tmp_path, 10, Channel.SMS, "второе")
    page = visitor.get(PATH).text
    assert page.index("второе") < page.index("первое")
    assert page.index("СМС</span>") < page.index("Письмо</span>")
    assert "22.11.2026, 12:00:00" in page


def test_codes_stand_out_and_links_stay_on_the_name_of_the_visitor(visitor: Visitor, tmp_path: Path) -> None:
    body = "Код:\n\n482 913\n\nhttp://localhost:3000/auth/link?token=abc_-9"
    send(tmp_path, 1, Channel.EMAIL, body, "Код")
    send(tmp_path, 2, Channel.SMS, "Код 482913. Никому не сообщайте.")
    page = visitor.get(PATH).text
    assert '<strong class="code">482 913</strong>' in page
    assert '<strong class="code">482913</strong>' in page
    assert '<a href="/auth/link?token=abc_-9">' in page


def test_text_of_a_message_is_text(visitor: Visitor, tmp_path: Path) -> None:
    send(tmp_path, 1, Channel.EMAIL, "<script>alert(1)</script>", "<img src=x>")
    page = visitor.get(PATH).text
    assert "<script>alert" not in page
    assert "<img" not in page


def test_page_does_not_exist_in_production(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    production = {
        "mode": "production", "public_url": "https://lk.example.ru", "mail_sender": "smtp", "smtp_host": "mail",
    }  # fmt: skip
    with configured(monkeypatch, tmp_path, **production):
        assert Visitor(Starlette(routes=routes), "https://lk.example.ru").get(PATH).status_code == 404


@pytest.mark.parametrize("name", ["inbox.css", "inbox.js"])
def test_files_of_the_page_are_served(visitor: Visitor, name: str) -> None:
    assert visitor.get(f"/demo/{name}").status_code == 200


def test_pins_of_the_accounts_to_try_are_told_and_open_them(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with configured(monkeypatch, tmp_path), held_clock():
        with unit_of_work() as session:
            provider = make_provider(session, name="Водоканал", code="gorvodokanal")
            account = make_account(session, provider, number="77")
            town_pins.open_office(session, [("Водоканал", "77")], data_dir=tmp_path)
            subscriber = make_viewer(session)
            link = make_link(session, subscriber, account)
        (told,) = town_pins.told_pins(tmp_path)
        page = Visitor(Starlette(routes=routes), "http://localhost:3000").get(PATH).text
        assert f"Водоканал, № {told.number}" in page
        assert told.pin in page
        with unit_of_work() as session:
            activate_pin(session, subscriber, public_id=link.public_id, typed=told.pin)


def test_no_pins_are_told_without_a_town(visitor: Visitor) -> None:
    assert "Пин-коды" not in visitor.get(PATH).text
