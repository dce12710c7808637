"""The home of the cabinet: debts less payments, each payment counted once, few queries."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session, select

from lkk_reflex.accounts.models import Bill, PersonalAccount, ServiceProvider
from lkk_reflex.accounts.register.importer import import_register
from lkk_reflex.accounts.register.opening import ImportOrder
from lkk_reflex.cabinet.summary import account_now, cabinet_home
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.payments.models import LedgerEntry, LedgerKind
from tests.factories import accounts as made
from tests.factories.identity import make_viewer
from tests.factories.payments import DEBT, Payable, make_payable, make_payment
from tests.support.portal import HeldClock, configured, hash_quickly, held_clock


@pytest.fixture
def held(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[HeldClock]:
    """A portal whose time stands still."""
    hash_quickly(monkeypatch)
    with held_clock() as held, configured(monkeypatch, tmp_path):
        yield held


@pytest.fixture
def session(held: HeldClock) -> Iterator[Session]:
    """A unit of work."""
    with unit_of_work() as session:
        yield session


def credit(session: Session, payable: Payable, kopecks: int) -> None:
    """Credit money to the account now."""
    payment = make_payment(session, payable, is_offered=False)
    entry = LedgerEntry(
        account_id=payable.account_id,
        kopecks=kopecks,
        kind=LedgerKind.PAYMENT,
        payment_id=payment.id,
        credited_at=clock.now(),
    )
    session.add(entry)
    session.flush()


def shown(session: Session, payable: Payable) -> tuple[str, str]:
    """Return kind and sum of the account as its page shows it."""
    card = account_now(session, payable.viewer, public_id=payable.link_id)
    return card.balance_kind, card.amount


def test_a_paid_bill_shows_nothing_to_pay_at_once(session: Session, held: HeldClock) -> None:
    payable = make_payable(session)
    assert shown(session, payable)[1] == str(DEBT)
    held.pass_(minutes=1)
    credit(session, payable, DEBT.kopecks)
    assert shown(session, payable) == ("clear", "0,00\u00a0₽")


def test_a_payment_beyond_the_debt_is_an_overpayment(session: Session, held: HeldClock) -> None:
    payable = make_payable(session)
    held.pass_(minutes=1)
    credit(session, payable, DEBT.kopecks + 12000)
    assert shown(session, payable) == ("overpaid", "120,00\u00a0₽")


@pytest.mark.parametrize(
    ("closing", "as_of_hours", "expected"),
    [
        # The next register was made before the payment: the payment is still to be subtracted.
        ("2542,30", -1, "1\u202f000,00\u00a0₽"),
        # It was made after the payment and counts it already.
        ("1000,00", 1, "1\u202f000,00\u00a0₽"),
    ],
)
def test_a_payment_is_counted_once_whenever_the_next_register_was_made(
    engine: Engine, held: HeldClock, tmp_path: Path, closing: str, as_of_hours: int, expected: str
) -> None:
    with unit_of_work() as session:
        payable = make_payable(session)
        held.pass_(hours=2)
        credit(session, payable, DEBT.kopecks)
        paid_at = clock.now()
        provider = session.get_one(ServiceProvider, payable.provider_id).code
        number = session.get_one(PersonalAccount, payable.account_id).number
        period = session.exec(select(Bill.period)).one() + 1
    held.pass_(days=1)
    file = tmp_path / "next.csv"
    file.write_text(f"ЛС;Период;К оплате\n{number};{period};{closing}\n")
    order = ImportOrder(file, provider, tmp_path, data_as_of=paid_at + timedelta(hours=as_of_hours))
    with unit_of_work() as session:
        import_register(session, Viewer.system(), order=order)
    with unit_of_work() as session:
        assert shown(session, payable)[1] == expected


def test_the_home_adds_up_debts_and_leaves_overpayments_alone(session: Session) -> None:
    viewer, provider = make_viewer(session), made.make_provider(session)
    for closing in (100_00, -500_00, 50_25, None):
        account = made.make_account(session, provider)
        made.make_link(session, viewer, account)
        if closing is not None:
            made.make_bill(session, account, closing)
    home = cabinet_home(session, viewer)
    assert (home.total_due, home.has_debt) == ("150,25\u00a0₽", True)
    assert [account.card.balance_kind for account in home.accounts] == ["overdue", "overpaid", "overdue", "unknown"]


def test_an_empty_cabinet_asks_the_database_once(session: Session, engine: Engine) -> None:
    viewer = make_viewer(session)
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    home = cabinet_home(session, viewer)
    assert (home.accounts, home.has_debt, len(asked)) == ((), False, 1)


def test_a_cabinet_of_many_accounts_takes_three_queries(session: Session, engine: Engine) -> None:
    viewer, provider = make_viewer(session), made.make_provider(session)
    for _ in range(7):
        account = made.make_account(session, provider)
        made.make_link(session, viewer, account)
        made.make_bill(session, account)
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    assert len(cabinet_home(session, viewer).accounts) == 7
    assert len(asked) == 3
