"""What a subscriber sees of connected accounts, and that payments are counted exactly once."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session

from lkk_reflex.accounts import statements
from lkk_reflex.accounts.errors import ExtendedAccessRequired
from lkk_reflex.accounts.models import Charge, LinkLevel
from lkk_reflex.accounts.projection import account_card
from lkk_reflex.kit import clock
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.money import Money
from tests.factories.accounts import ADDRESS, PERIOD, make_account, make_bill, make_link, make_provider
from tests.factories.identity import make_viewer


def test_each_account_comes_with_its_newest_bill(session: Session) -> None:
    viewer, provider = make_viewer(session), make_provider(session)
    accounts = [make_account(session, provider) for _ in range(3)]
    for account in accounts:
        make_link(session, viewer, account)
    make_bill(session, accounts[0], 100)
    make_bill(session, accounts[0], 300, period=PERIOD.shifted(-1))
    make_bill(session, accounts[1], 200, period=PERIOD.shifted(-5))
    make_bill(session, make_account(session, provider), 999)
    found = statements.linked_bills(session, viewer)
    assert [(bill.account_id, bill.period, bill.closing_kopecks) for bill in found] == [
        (accounts[0].id, 202610, 100),
        (accounts[1].id, 202605, 200),
        (accounts[2].id, None, None),
    ]


def test_all_accounts_take_one_query(session: Session, portal: Engine) -> None:
    viewer, provider = make_viewer(session), make_provider(session)
    for _ in range(5):
        account = make_account(session, provider)
        make_bill(session, account)
        make_link(session, viewer, account)
    asked: list[str] = []
    event.listen(portal, "before_cursor_execute", lambda *args: asked.append(args[2]))
    assert len(statements.linked_bills(session, viewer)) == 5
    assert len(asked) == 1


def test_payments_after_the_moment_of_the_data_are_subtracted(session: Session) -> None:
    viewer = make_viewer(session)
    account = make_account(session, make_provider(session))
    moment = clock.now() - timedelta(days=3)
    make_bill(session, account, 1542_30, counts_until=moment)
    make_link(session, viewer, account)
    bills = statements.linked_bills(session, viewer)
    assert statements.moments_of(bills) == {account.id: moment}
    assert statements.due_now(bills[0], {account.id or 0: 1542_30}) == Money(0)
    assert statements.due_now(bills[0], {}) == Money(1542_30)


def test_without_a_bill_nothing_is_known(session: Session) -> None:
    viewer = make_viewer(session)
    make_link(session, viewer, make_account(session, make_provider(session)))
    (bill,) = statements.linked_bills(session, viewer)
    assert statements.due_now(bill, {}) is None
    assert statements.moments_of([bill]) == {}
    card = account_card(bill, None, clock.now())
    assert (card.balance_kind, card.data_as_of, card.is_payable) == ("unknown", "", False)


def test_basic_access_shows_nothing_personal(session: Session) -> None:
    viewer = make_viewer(session)
    account = make_account(session, make_provider(session, time_zone="Asia/Vladivostok"))
    make_bill(session, account)
    link = make_link(session, viewer, account)
    bill = statements.linked_bill(session, viewer, public_id=link.public_id)
    card = account_card(bill, Money(1542_30), clock.now())
    assert card.address == ""
    assert "Иван" not in repr(card)
    assert (card.amount, card.balance_kind, card.period) == ("1\u202f542,30\u00a0₽", "overdue", "октябрь 2026")
    # Noon of 2 November in Moscow is the evening in Vladivostok.
    assert "02.11" in card.data_as_of
    assert card.data_as_of.endswith("19:00")


def test_details_need_a_proof(session: Session) -> None:
    viewer = make_viewer(session)
    account = make_account(session, make_provider(session))
    bill = make_bill(session, account)
    session.add(Charge(bill_id=bill.id or 0, line=1, service="Вода", charged_kopecks=5, total_kopecks=5))
    link = make_link(session, viewer, account)
    for ask in (
        lambda: statements.bills_of(session, viewer, public_id=link.public_id),
        lambda: statements.charges_of(session, viewer, public_id=link.public_id, period=PERIOD),
    ):
        with pytest.raises(ExtendedAccessRequired):
            ask()
    link.level = LinkLevel.EXTENDED
    session.add(link)
    session.flush()
    make_bill(session, account, period=PERIOD.shifted(-1))
    found = statements.bills_of(session, viewer, public_id=link.public_id)
    assert [shown.period for shown in found] == [202610, 202609]
    newest = statements.bills_of(session, viewer, public_id=link.public_id, most=1)
    assert [shown.period for shown in newest] == [202610]
    lines = statements.charges_of(session, viewer, public_id=link.public_id, period=PERIOD)
    assert [line.service for line in lines] == ["Вода"]
    assert not statements.charges_of(session, viewer, public_id=link.public_id, period=BillingPeriod(2020, 1))
    (shown,) = statements.linked_bills(session, viewer)
    assert account_card(shown, None, clock.now()).address == ADDRESS
