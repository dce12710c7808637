"""The addresses of papers over HTTP: who gets a file, who a page, who is asked to sign in."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import Engine
from sqlmodel import update
from starlette.applications import Starlette

from lkk_reflex.accounts.models import AccountLink, LinkLevel, PersonalAccount
from lkk_reflex.cabinet import papers
from lkk_reflex.cabinet.routes import routes
from lkk_reflex.identity.models import Subscriber, SubscriberSession
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.payments.models import PaymentStatus, Review
from tests.factories import accounts as made
from tests.factories.identity import make_subscriber, open_session
from tests.factories.payments import Payable, make_payable, make_payment
from tests.support.portal import configured, hash_quickly, held_clock
from tests.support.visitor import Visitor

PDF = b"%PDF-"


@dataclass
class Street:
    """An account with a bill and a payment, and the browsers of those who ask for papers."""

    payable: Payable
    payment_id: str
    tokens: dict[str, str]
    link_ids: dict[str, str]

    @property
    def bill(self) -> str:
        """Address of the owner's bill."""
        return f"/papers/bill/{self.link_ids['owner']}/202610.pdf"

    def visitor(self, who: str) -> Visitor:
        """Sit down at somebody's browser."""
        visitor = Visitor(Starlette(routes=routes), "http://localhost:3000")
        if who in self.tokens:
            visitor.cookies.set("lkk", self.tokens[who])
        return visitor

    def status(self, who: str, path: str) -> int:
        """Ask for a paper."""
        return self.visitor(who).get(path).status_code


@pytest.fixture
def street(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Street]:
    """The owner with extended access, a lodger with the basic one, and a stranger."""
    hash_quickly(monkeypatch)
    with held_clock(), configured(monkeypatch, tmp_path):
        with unit_of_work() as session:
            payable = make_payable(session)
            account = session.get_one(PersonalAccount, payable.account_id)
            account.owner_name = "Иванов Иван Иванович"
            tokens, link_ids = {}, {"owner": payable.link_id}
            owner = session.get_one(Subscriber, payable.viewer.subscriber_id)
            tokens["owner"] = open_session(session, owner).session_token
            session.exec(AccountLink.__table__.update().values(level=LinkLevel.EXTENDED))  # type: ignore[attr-defined]
            for who in ("lodger", "stranger"):
                subscriber = make_subscriber(session)
                tokens[who] = open_session(session, subscriber).session_token
                if who == "lodger":
                    viewer = Viewer(role=Role.SUBSCRIBER, subscriber_id=subscriber.id)
                    link_ids[who] = made.make_link(session, viewer, account).public_id
            values = {"status": PaymentStatus.SUCCEEDED, "is_offered": False, "final_at": clock.now()}
            payment_id = make_payment(session, payable, **values).id
        yield Street(payable, payment_id, tokens, link_ids)


def test_owner_gets_the_bill_as_a_file_that_no_cache_keeps(street: Street) -> None:
    answer = street.visitor("owner").get(street.bill)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["cache-control"] == "no-store"
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith("attachment; filename=\"bill-202610.pdf\"; filename*=UTF-8''")
    assert unquote(disposition.rpartition("''")[2]) == "Квитанция за октябрь 2026.pdf"
    text = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert "Иванов Иван Иванович" in text
    assert "1\u202f542,30" in text


def test_owner_gets_the_statement_in_both_formats(street: Street) -> None:
    address = f"/papers/statement/{street.link_ids['owner']}"
    answer = street.visitor("owner").get(f"{address}.pdf?from=202601&to=202612")
    assert answer.content.startswith(PDF)
    book = load_workbook(io.BytesIO(street.visitor("owner").get(f"{address}.xlsx?from=&to=").content))
    assert book.worksheets[0]["A2"].value == "октябрь 2026"


def test_payer_gets_the_confirmation_of_the_payment(street: Street) -> None:
    answer = street.visitor("owner").get(f"/papers/payment/{street.payment_id}.pdf")
    text = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert "Подтверждение платежа" in text
    assert "1\u202f542,30" in text


@pytest.mark.parametrize("kind", ["bill", "statement.pdf", "statement.xlsx", "payment"])
def test_nobody_else_learns_whether_there_is_such_a_paper(street: Street, kind: str) -> None:
    def address(link_id: str) -> str:
        return {
            "bill": f"/papers/bill/{link_id}/202610.pdf",
            "statement.pdf": f"/papers/statement/{link_id}.pdf",
            "statement.xlsx": f"/papers/statement/{link_id}.xlsx",
            "payment": f"/papers/payment/{street.payment_id}.pdf",
        }[kind]

    nothing = street.visitor("stranger").get("/papers/bill/nothing/202610.pdf")
    assert nothing.status_code == 404
    assert "Такой страницы или записи нет." in nothing.text
    for who, link_id in (("stranger", street.link_ids["owner"]), ("lodger", street.link_ids["lodger"])):
        answer = street.visitor(who).get(address(link_id))
        assert (answer.status_code, answer.text) == (404, nothing.text)
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/papers/bill/the-link/202610.pdf", "/bill/the-link/202610"),
        ("/papers/statement/the-link.pdf?from=202601", "/bills/the-link"),
        ("/papers/statement/the-link.xlsx", "/bills/the-link"),
        ("/papers/payment/the-payment.pdf", "/payments"),
        ("/papers/bill/the%20link/x.pdf", "/bills"),
    ],
)
def test_who_has_not_signed_in_is_asked_to_and_comes_back(street: Street, path: str, page: str) -> None:
    answer = street.visitor("anonymous").get(path)
    assert (answer.status_code, unquote(answer.headers["location"])) == (303, f"/sign-in?next={page}")


def test_whose_session_has_ended_is_told_so_beside_the_sign_in(street: Street) -> None:
    with unit_of_work() as session:
        session.exec(update(SubscriberSession).values(revoked_at=clock.now()))
    answer = street.visitor("owner").get(street.bill)
    assert answer.headers["location"].startswith("/sign-in?next=/bill/")
    assert answer.headers["location"].endswith("&ended=1")


@pytest.mark.parametrize(
    "path",
    [
        "/papers/bill/{link}/202613.pdf",
        "/papers/bill/{link}/20261.pdf",
        "/papers/bill/{link}/202609.pdf",
        "/papers/bill/{link}/２０２６１０.pdf",
        "/papers/bill/%00/202610.pdf",
        "/papers/bill/" + "x" * 65 + "/202610.pdf",
        "/papers/statement/{link}.pdf?from=garbage",
        "/papers/statement/{link}.pdf?from=202611",
        "/papers/statement/{link}.xlsx?to=199912",
        "/papers/payment/%00.pdf",
        "/papers/payment/nothing.pdf",
    ],
)
def test_wrong_address_is_a_page_that_says_so(street: Street, path: str) -> None:
    answer = street.visitor("owner").get(path.format(link=street.link_ids["owner"]))
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


@pytest.mark.parametrize("values", [{"status": PaymentStatus.CANCELED}, {"review": Review.MISMATCH}])
def test_payment_that_has_not_come_has_no_confirmation(street: Street, values: dict[str, object]) -> None:
    with unit_of_work() as session:
        fields = {"status": PaymentStatus.SUCCEEDED, "is_offered": False, **values}
        payment_id = make_payment(session, street.payable, **fields).id
    assert street.status("owner", f"/papers/payment/{payment_id}.pdf") == 404


def test_too_many_papers_in_a_row_are_refused_in_words(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    statuses = [street.status("owner", street.bill) for _ in range(papers.LIMITS[0].amount)]
    assert set(statuses) == {200}
    answer = street.visitor("owner").get(street.bill)
    assert answer.status_code == 429
    assert "Слишком много попыток. Попробуйте через" in answer.text


def test_month_without_a_bill_is_said_to_its_owner(street: Street) -> None:
    answer = street.visitor("owner").get(f"/papers/bill/{street.link_ids['owner']}/202609.pdf")
    assert "За этот период начислений нет." in answer.text
