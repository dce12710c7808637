"""The copy of own data: what is in it, what is not, and who gets it."""

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from sqlalchemy import Engine
from starlette.applications import Starlette

from lkk_reflex.accounts.models import LinkLevel
from lkk_reflex.cabinet import own_data
from lkk_reflex.cabinet.routes import routes
from lkk_reflex.identity import closing, tickets
from lkk_reflex.identity.errors import OwnPasswordWrong, TicketUnusable
from lkk_reflex.identity.models import Subscriber, SubscriberProfile
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import SignInRequired
from lkk_reflex.kit.money import Money
from lkk_reflex.kit.own_table import OwnTable
from lkk_reflex.kit.rate_limit import TooManyAttempts
from lkk_reflex.payments.models import PaymentStatus
from tests.factories import accounts as made
from tests.factories.identity import PASSWORD, make_viewer, open_session
from tests.factories.payments import Payable, make_payable, make_payment
from tests.support.portal import HeldClock, configured, hash_quickly, held_clock
from tests.support.visitor import Visitor

OWN = {"sec-fetch-site": "same-origin"}
PATH = "/settings/own-data"
FORMULA = "=HYPERLINK(1)"


class Flat:
    """One account that two subscribers have connected: Ivan has proved it, Anna has not."""

    def __init__(self, clock: HeldClock) -> None:
        self.clock = clock
        with unit_of_work() as session:
            provider = made.make_provider(session)
            account = made.make_account(session, provider, number="1000123456")
            made.make_bill(session, account, 1542_30, charged_kopecks=1600_00)
            self.ivan, self.anna = (
                make_viewer(session, login="ivan@mail.ru"),
                make_viewer(session, login="anna@mail.ru"),
            )
            made.make_link(session, self.ivan, account, level=LinkLevel.EXTENDED).own_name = FORMULA
            made.make_link(session, self.anna, account)
            payable = make_payable(session)
            self.payments = {}
            for viewer, kopecks in ((self.ivan, 111_00), (self.anna, 222_00)):
                asked = Payable(viewer, "", account.id or 0, provider.id or 0, payable.gateway_id, "")
                self.payments[viewer] = make_payment(
                    session,
                    asked,
                    amount_kopecks=kopecks,
                    status=PaymentStatus.SUCCEEDED,
                    final_at=clock.now,
                    is_offered=False,
                    body='{"receipt": {"customer": {"email": "check@mail.ru"}}}',
                ).id
            session.add(
                SubscriberProfile(subscriber_id=self.ivan.require_subscriber(), surname="Иванов", changed_at=clock.now)
            )
            person = session.get_one(Subscriber, self.ivan.subscriber_id)
            self.token = open_session(session, person).session_token
            self.secret = person.password_hash

    def archive(self, viewer: Viewer) -> zipfile.ZipFile:
        """Ask for the archive as the page does, and open it."""
        with own_data.archive(viewer, ticket=own_data.ask(viewer, password=PASSWORD)) as file:
            return zipfile.ZipFile(io.BytesIO(file.read()))

    def told(self, viewer: Viewer) -> dict[str, Any]:
        """Return what the archive tells a program."""
        told: dict[str, Any] = json.loads(self.archive(viewer).read("data.json"))
        return told


@pytest.fixture
def flat(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Flat]:
    """Two subscribers with one account."""
    hash_quickly(monkeypatch)
    with held_clock() as clock, configured(monkeypatch, tmp_path):
        yield Flat(clock)


@pytest.fixture
def client(flat: Flat) -> Visitor:
    """Ivan's browser."""
    visitor = Visitor(Starlette(routes=routes), "http://localhost:3000")
    visitor.cookies.set("lkk", flat.token, domain="localhost.local")
    return visitor


def test_archive_holds_every_table_for_programs_and_for_reading(flat: Flat) -> None:
    packed = flat.archive(flat.ivan)
    assert packed.testzip() is None
    told = json.loads(packed.read("data.json"))
    tables = {name for name, rows in told.items() if isinstance(rows, list)}
    assert tables >= {
        "profile", "consents", "sessions", "notice_choices", "accounts", "bills", "charges", "payments",
        "readings", "tickets", "ticket_messages", "audit",
    }  # fmt: skip
    assert set(packed.namelist()) == {"data.json", "README.txt", *(f"{name}.csv" for name in tables)}
    readme = packed.read("README.txt").decode("utf-8-sig")
    assert "Горводоканал" in readme
    assert all(f"{name}.csv" in readme for name in tables)


def test_own_things_are_told(flat: Flat) -> None:
    told = flat.told(flat.ivan)
    (profile,) = told["profile"]
    assert (profile["login"], profile["surname"]) == ("ivan@mail.ru", "Иванов")
    (account,) = told["accounts"]
    assert (account["number"], account["owner"], account["address"]) == (
        "1000123456", "Иванов Иван Иванович", made.ADDRESS,
    )  # fmt: skip
    (bill,) = told["bills"]
    assert (bill["charged"], bill["closing"]) == ("1600.00", "1542.30")
    (payment,) = told["payments"]
    assert (payment["amount"], payment["receipt_contact"]) == ("111.00", "check@mail.ru")
    assert any(row["action"] == "own_data.asked" for row in told["audit"])


def test_nothing_of_the_other_subscriber_of_the_account_is_told(flat: Flat) -> None:
    ivan, anna = (
        b"".join(packed.read(name) for name in packed.namelist()).decode()
        for packed in map(flat.archive, (flat.ivan, flat.anna))
    )
    assert "anna@mail.ru" not in ivan
    assert "222" not in ivan
    assert "ivan@mail.ru" not in anna
    assert "111.00" not in anna
    assert FORMULA not in anna


def test_basic_access_tells_no_owner_and_no_bills(flat: Flat) -> None:
    told = flat.told(flat.anna)
    (account,) = told["accounts"]
    assert account["owner"] == ""
    assert account["address"] == ""
    assert told["bills"] == told["charges"] == []
    (payment,) = told["payments"]
    assert payment["amount"] == "222.00"


def test_no_secret_is_told(flat: Flat) -> None:
    packed = flat.archive(flat.ivan)
    everything = b"".join(packed.read(name) for name in packed.namelist()).decode()
    for secret in (flat.secret, flat.token, PASSWORD):
        assert secret not in everything


def test_csv_opens_in_russian_programs_and_runs_nothing(flat: Flat) -> None:
    raw = flat.archive(flat.ivan).read("accounts.csv")
    assert raw.startswith("\N{ZERO WIDTH NO-BREAK SPACE}".encode())
    heading, row = csv.reader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";")
    assert heading[:3] == ["Поставщик", "Номер", "Своё название"]
    assert row[2] == f"'{FORMULA}"
    assert row[6] == "22.11.2026 12:00:00"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_cell_that_looks_like_a_formula_is_a_text(sign: str) -> None:
    written = own_data._for_reading(OwnTable("x", "x", {"a": "А"}, [(f"{sign}1+1",)]))
    assert f"'{sign}1+1" in written


def test_values_are_written_for_people_and_for_programs() -> None:
    cells = (Money(-1542_30), Decimal("12.345"), date(2026, 11, 22), True, None, 7)
    assert [own_data._text(cell) for cell in cells] == ["-1542,30", "12,345", "22.11.2026", "да", "", "7"]
    assert [own_data._value(cell) for cell in cells] == ["-1542.30", "12.345", "2026-11-22", True, None, 7]


def test_wrong_password_gets_no_ticket(flat: Flat) -> None:
    with pytest.raises(OwnPasswordWrong):
        own_data.ask(flat.ivan, password="wrong")


def test_three_copies_a_day_are_enough(flat: Flat) -> None:
    for _ in range(3):
        own_data.ask(flat.ivan, password=PASSWORD)
    with pytest.raises(TooManyAttempts):
        own_data.ask(flat.ivan, password=PASSWORD)
    own_data.ask(flat.anna, password=PASSWORD)
    flat.clock.pass_(days=1)
    own_data.ask(flat.ivan, password=PASSWORD)


def test_ticket_is_for_one_person_once_and_a_minute(flat: Flat) -> None:
    ticket = own_data.ask(flat.ivan, password=PASSWORD)
    with pytest.raises(TicketUnusable):
        own_data.archive(flat.anna, ticket=ticket)
    own_data.archive(flat.ivan, ticket=ticket).close()
    with pytest.raises(TicketUnusable):
        own_data.archive(flat.ivan, ticket=ticket)
    ticket = own_data.ask(flat.ivan, password=PASSWORD)
    flat.clock.pass_(minutes=1)
    with pytest.raises(TicketUnusable):
        own_data.archive(flat.ivan, ticket=ticket)


def test_ticket_of_a_session_gives_no_copy_and_the_other_way_round(flat: Flat) -> None:
    with unit_of_work() as session:
        ticket = tickets.for_session(session, flat.ivan.require_subscriber())
    with pytest.raises(TicketUnusable):
        own_data.archive(flat.ivan, ticket=ticket)


@pytest.mark.parametrize(
    "viewer", [Viewer(), Viewer(role=Role.OPERATOR), Viewer.system(), Viewer(role=Role.CLOSED, subscriber_id=1)]
)
def test_only_subscribers_get_a_copy(flat: Flat, viewer: Viewer) -> None:
    with pytest.raises(SignInRequired):
        own_data.ask(viewer, password=PASSWORD)
    ticket = own_data.ask(flat.ivan, password=PASSWORD)
    with pytest.raises(SignInRequired):
        own_data.archive(viewer, ticket=ticket)
    for give in own_data.TABLES:
        with pytest.raises(SignInRequired), reading() as session:
            give(session, viewer)
    for files in own_data.FILES:
        with pytest.raises(SignInRequired), reading() as session:
            list(files(session, viewer))


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where temporary files are made, with nothing in it."""
    directory = tmp_path / "temporary"
    directory.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(directory))
    return directory


def test_archive_that_fails_leaves_no_file_behind(flat: Flat, monkeypatch: pytest.MonkeyPatch, temporary: Path) -> None:
    monkeypatch.setattr(own_data, "_pack", lambda *_: 1 / 0)
    ticket = own_data.ask(flat.ivan, password=PASSWORD)
    with pytest.raises(ZeroDivisionError):
        own_data.archive(flat.ivan, ticket=ticket)
    assert list(temporary.iterdir()) == []


def fetched(client: Visitor, ticket: str, headers: dict[str, str] | None = None) -> httpx.Response:
    return client.post(PATH, {"ticket": ticket}, headers if headers is not None else OWN)


def test_route_gives_the_archive_once_and_keeps_nothing(flat: Flat, client: Visitor, temporary: Path) -> None:
    ticket = own_data.ask(flat.ivan, password=PASSWORD)
    answer = fetched(client, ticket)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    plain, _, name = answer.headers["content-disposition"].partition("; filename*=UTF-8''")
    assert (plain, unquote(name)) == ('attachment; filename="my-data.zip"', "Мои данные на 22.11.2026.zip")
    assert "data.json" in zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert list(temporary.iterdir()) == []
    again = fetched(client, ticket)
    assert (again.status_code, again.headers["location"]) == (303, "/settings/privacy?expired=1")


@pytest.mark.parametrize("headers", [{}, {"sec-fetch-site": "cross-site"}, {"origin": "https://evil.ru"}])
def test_foreign_pages_get_nothing(flat: Flat, client: Visitor, headers: dict[str, str]) -> None:
    ticket = own_data.ask(flat.ivan, password=PASSWORD)
    assert fetched(client, ticket, headers).status_code == 403
    assert fetched(client, ticket).status_code == 200


def test_who_is_signed_out_gets_nothing_for_a_good_ticket(flat: Flat, client: Visitor) -> None:
    ticket = own_data.ask(flat.ivan, password=PASSWORD)
    client.cookies.clear()
    assert fetched(client, ticket).status_code == 303


def test_closed_cabinet_gives_no_copy(flat: Flat, client: Visitor) -> None:
    ticket = own_data.ask(flat.ivan, password=PASSWORD)
    closing.close(flat.ivan, password=PASSWORD)
    assert fetched(client, ticket).status_code == 303


@pytest.mark.parametrize("ticket", ["", "x" * 43, "\x00", "' OR 1=1"])
def test_invented_ticket_gets_nothing(client: Visitor, ticket: str) -> None:
    assert fetched(client, ticket).status_code == 303


def test_too_long_a_form_is_refused_unread(client: Visitor) -> None:
    assert fetched(client, "x" * 5000).status_code == 413
