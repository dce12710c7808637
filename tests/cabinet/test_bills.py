"""Bills in the cabinet: whose they are, how they stand, and why so much."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from lkk_reflex.accounts.bill_projection import Reason
from lkk_reflex.accounts.errors import BillMissing, ExtendedAccessRequired
from lkk_reflex.accounts.models import AccountLink, Bill, Charge, LinkLevel, PersonalAccount
from lkk_reflex.accounts.provider_requisites import set_requisites
from lkk_reflex.accounts.statements import bill_sheet, statement_of
from lkk_reflex.cabinet import papers
from lkk_reflex.cabinet.account_overview import account_details
from lkk_reflex.cabinet.billing import STEP, bill_details, bill_list
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.kit.errors import Forbidden, PortalError, SignInRequired
from lkk_reflex.kit.rate_limit import TooManyAttempts
from tests.accounts.test_payment_code_writing import GOLDEN_OF_A_BILL
from tests.accounts.test_provider_requisites import RIGHT
from tests.factories import accounts as made
from tests.factories.accounts import PERIOD, everybody
from tests.support.portal import HeldClock, configured, hash_quickly, held_clock

SEPTEMBER = PERIOD.shifted(-1)


@dataclass
class Home:
    """An account with two bills, its owner with extended access, and everybody else."""

    session: Session
    people: dict[str, Viewer]
    account: PersonalAccount
    link: AccountLink
    bills: dict[BillingPeriod, Bill]

    @property
    def owner(self) -> Viewer:
        """Who has proved that the account is his."""
        return self.people["owner"]

    @property
    def public_id(self) -> str:
        """The account's name in addresses."""
        return self.link.public_id

    def line(self, period: BillingPeriod, place: int, **values: object) -> None:
        """Add a service to a bill."""
        given: dict[str, Any] = {
            "service": "Холодная вода",
            "unit": "м³",
            "charged_kopecks": 0,
            "total_kopecks": 0,
            **values,
        }
        self.session.add(Charge(bill_id=self.bills[period].id or 0, line=place, **given))
        self.session.flush()


@pytest.fixture
def held(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[HeldClock]:
    """A portal whose time stands still."""
    hash_quickly(monkeypatch)
    with held_clock() as held, configured(monkeypatch, tmp_path):
        yield held


@pytest.fixture
def home(held: HeldClock) -> Iterator[Home]:
    """An account of the water company with bills of September and October."""
    with unit_of_work() as session:
        provider = made.make_provider(session, name="Горводоканал", code="water", inn="7707083893")
        people = everybody(session, provider)
        account = made.make_account(session, provider, number="1000123456")
        link = made.make_link(session, people["owner"], account, level=LinkLevel.EXTENDED)
        september = made.make_bill(
            session, account, 1310_00, period=SEPTEMBER, opening_kopecks=0, charged_kopecks=1310_00, paid_kopecks=0
        )
        october = made.make_bill(
            session, account, 1542_30, opening_kopecks=1310_00, charged_kopecks=1542_30, paid_kopecks=1310_00
        )
        yield Home(session, people, account, link, {SEPTEMBER: september, PERIOD: october})


def refusal_of(use: Callable[[], object]) -> type[PortalError] | None:
    """Return the refusal of a use case."""
    try:
        use()
    except PortalError as refusal:
        return type(refusal)
    return None


def test_accounts_of_one_provider_are_told_apart_by_their_numbers(home: Home) -> None:
    provider = made.make_provider(home.session, name="Межрайгаз", code="gas")
    gas = made.make_link(home.session, home.owner, made.make_account(home.session, provider))
    found = bill_list(home.session, home.owner, public_id=gas.public_id)
    assert found
    assert [choice.title for choice in found.choices] == ["Горводоканал", "Межрайгаз"]
    mothers = made.make_account(home.session, provider, number="2000000017")
    made.make_link(home.session, home.owner, mothers)
    found = bill_list(home.session, home.owner, public_id=gas.public_id)
    assert found
    titles = [choice.title for choice in found.choices]
    assert titles[0] == "Горводоканал"
    assert titles[2] == "Межрайгаз · №\xa02000000017"


USE_CASES: dict[str, Callable[[Session, Viewer, str], object]] = {
    "bill_list": lambda session, viewer, link: bill_list(session, viewer, public_id=link),
    "bill_details": lambda session, viewer, link: bill_details(session, viewer, public_id=link, period=PERIOD),
    "account_details": lambda session, viewer, link: account_details(session, viewer, public_id=link),
    "bill_sheet": lambda session, viewer, link: bill_sheet(session, viewer, public_id=link, period=PERIOD),
    "statement_of": lambda session, viewer, link: statement_of(
        session, viewer, public_id=link, first=SEPTEMBER, last=PERIOD
    ),
    "bill_paper": lambda session, viewer, link: papers.bill_paper(session, viewer, public_id=link, period=PERIOD),
    "statement_paper": lambda session, viewer, link: papers.statement_paper(session, viewer, public_id=link),
}
#: What shows something at basic access too, and nothing personal then.
FOR_BASIC = {"bill_list", "bill_details", "account_details"}


@pytest.mark.parametrize("name", USE_CASES)
def test_only_the_owner_sees_bills(home: Home, name: str) -> None:
    seen = {
        who: refusal_of(partial(USE_CASES[name], home.session, viewer, home.public_id))
        for who, viewer in home.people.items()
    }
    assert seen == {
        "anonymous": SignInRequired,
        "owner": None,
        "other_subscriber": Forbidden,
        "operator_of_this_provider": SignInRequired,
        "operator_of_another": SignInRequired,
        "system": SignInRequired,
    }


@pytest.mark.parametrize("name", USE_CASES)
def test_basic_access_shows_nothing_of_bills(home: Home, name: str) -> None:
    home.link.level = LinkLevel.BASIC
    home.session.flush()
    if name in FOR_BASIC:
        told = str(USE_CASES[name](home.session, home.owner, home.public_id))
        assert "1\u202f310,00" not in told
        assert "Иванов" not in told
        assert "кв. 15" not in told
    else:
        assert refusal_of(lambda: USE_CASES[name](home.session, home.owner, home.public_id)) is ExtendedAccessRequired


def test_disconnected_account_shows_no_bill_any_more(home: Home) -> None:
    home.link.ended_at = clock.now()
    home.session.flush()
    assert {refusal_of(partial(use, home.session, home.owner, home.public_id)) for use in USE_CASES.values()} == {
        Forbidden
    }


def test_list_says_how_each_bill_stands(home: Home) -> None:
    found = bill_list(home.session, home.owner)
    assert found is not None
    assert [(row.title, row.charged, row.paid, row.closing, row.badge) for row in found.rows] == [
        ("Октябрь 2026", "1\u202f542,30", "1\u202f310,00", "1\u202f542,30", "Не оплачено"),
        ("Сентябрь 2026", "1\u202f310,00", "0,00", "1\u202f310,00", "Оплачено"),
    ]
    assert found.rows[0].pdf_href == f"/papers/bill/{home.public_id}/202610.pdf"
    assert not found.has_more


def test_long_list_comes_step_by_step_and_nothing_is_cut(home: Home) -> None:
    for back in range(2, 60):
        made.make_bill(home.session, home.account, 100, period=PERIOD.shifted(-back))
    titles: list[str] = []
    has_more = True
    while has_more:
        found = bill_list(home.session, home.owner, public_id=home.public_id, skip=len(titles))
        assert found is not None
        assert len(found.rows) <= STEP <= 50
        titles += [row.title for row in found.rows]
        has_more = found.has_more
    assert len(titles) == len(set(titles)) == 60


def test_nobody_with_an_empty_cabinet_is_refused(home: Home) -> None:
    assert bill_list(home.session, home.people["other_subscriber"]) is None


def test_bill_shows_its_lines_and_why_it_is_so_much(home: Home) -> None:
    home.line(SEPTEMBER, 1, volume="5", tariff="262", charged_kopecks=1310_00, total_kopecks=1310_00)
    home.line(PERIOD, 1, volume="5,5", tariff="280.4182", charged_kopecks=1542_30, total_kopecks=1542_30)
    view = bill_details(home.session, home.owner, public_id=home.public_id, period=PERIOD)
    (line,) = view.lines
    assert (line.service, line.volume, line.tariff, line.total) == (
        "Холодная вода",
        "5,5\u00a0м³",
        "280,4182",
        "1\u202f542,30",
    )
    assert (view.sums.opening_label, view.sums.opening) == ("На начало октября", "1\u202f310,00")
    assert (view.sums.paid, view.sums.closing, view.sums.penalty) == ("−1\u202f310,00", "1\u202f542,30", "")
    assert view.why.comparison == "Начислено на 232,30\u00a0₽ больше, чем за сентябрь 2026."
    assert view.why.sentence == "Больше расход +131,00\u00a0₽, новый тариф +101,30\u00a0₽."
    assert view.why.lines[0].reasons == [
        Reason("больше расход, 5 → 5,5\u00a0м³", "+131,00\u00a0₽"),
        Reason("новый тариф, 262 → 280,4182\u00a0₽", "+101,30\u00a0₽"),
    ]
    assert view.is_payable


def test_first_bill_and_missing_months_are_told_of(home: Home) -> None:
    view = bill_details(home.session, home.owner, public_id=home.public_id, period=SEPTEMBER)
    assert view.why.comparison == "Это первая квитанция в портале: сравнить пока не с чем."
    assert not view.is_payable
    made.make_bill(home.session, home.account, 100, period=PERIOD.shifted(-4), charged_kopecks=1310_00)
    view = bill_details(home.session, home.owner, public_id=home.public_id, period=SEPTEMBER)
    assert view.why.comparison == (
        "Начислено столько же, сколько за июнь 2026. Между ними месяцы без начислений."
    )  # fmt: skip


def test_sums_alone_cannot_be_compared_and_say_so(home: Home) -> None:
    made.make_bill(home.session, home.account, 900, period=PERIOD.shifted(1))
    view = bill_details(home.session, home.owner, public_id=home.public_id, period=PERIOD.shifted(1))
    assert view.why.comparison.startswith("Поставщик передаёт порталу только общую сумму")
    assert (view.sums.charged, view.lines) == ("", [])


def test_month_without_a_bill_is_told_in_words(home: Home) -> None:
    with pytest.raises(BillMissing, match="bill_missing") as refusal:
        bill_details(home.session, home.owner, public_id=home.public_id, period=PERIOD.shifted(5))
    assert refusal.value.message == "За этот период начислений нет."


def test_account_page_shows_owner_sums_and_newest_bills(home: Home) -> None:
    card, view = account_details(home.session, home.owner, public_id=home.public_id)
    assert card.address == made.ADDRESS
    assert view.owner == "Иванов Иван Иванович"
    assert (view.newest_href, len(view.bills)) == (f"/bill/{home.public_id}/202610", 2)
    assert view.why.lines == []
    assert view.why.comparison.startswith("Начислено на 232,30\u00a0₽ больше")


def test_code_of_a_bill_is_the_golden_one(home: Home) -> None:
    set_requisites(home.session, Viewer.system(), provider_code="water", new=RIGHT)
    home.account.address = "г. Рязань, ул. Ленина, д. 10, кв. 15"
    home.session.flush()
    paper = papers.bill_paper(home.session, home.owner, public_id=home.public_id, period=PERIOD)
    assert paper.code.decode() == GOLDEN_OF_A_BILL
    assert paper.payee is not None
    assert paper.payee.bank_account == RIGHT.bank_account


def test_bill_of_the_past_and_a_company_without_requisites_have_no_code(home: Home) -> None:
    assert not papers.bill_paper(home.session, home.owner, public_id=home.public_id, period=PERIOD).code
    set_requisites(home.session, Viewer.system(), provider_code="water", new=RIGHT)
    home.session.flush()
    old = papers.bill_paper(home.session, home.owner, public_id=home.public_id, period=SEPTEMBER)
    assert (old.code, old.is_newest) == (b"", False)


def test_statement_holds_the_months_that_were_asked_for_in_any_order(home: Home) -> None:
    home.line(PERIOD, 1, charged_kopecks=1542_30, total_kopecks=1542_30)
    both = papers.statement_paper(
        home.session, home.owner, public_id=home.public_id, first=PERIOD.shifted(9), last=SEPTEMBER.shifted(-9)
    )
    assert [month.period for month in both.months] == [SEPTEMBER, PERIOD]
    assert (both.first, both.last) == (SEPTEMBER, PERIOD)
    assert [(period, line.service) for period, line in both.lines] == [(PERIOD, "Холодная вода")]
    with pytest.raises(BillMissing):
        papers.statement_paper(
            home.session, home.owner, public_id=home.public_id, first=PERIOD.shifted(1), last=PERIOD.shifted(2)
        )


def test_papers_of_one_person_are_counted(home: Home) -> None:
    for _ in range(papers.LIMITS[0].amount):
        papers.count_paper(home.session, home.owner)
    with pytest.raises(TooManyAttempts):
        papers.count_paper(home.session, home.owner)
    papers.count_paper(home.session, home.people["other_subscriber"])
    with pytest.raises(SignInRequired):
        papers.count_paper(home.session, Viewer())
