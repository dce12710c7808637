"""The demo town: the files that ship, what they hold, and that they load."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from lkk_reflex.accounts.account_number import normalise
from lkk_reflex.accounts.errors import ProviderCodeTaken
from lkk_reflex.accounts.models import AccountLink, Bill, Charge, PersonalAccount, Register, ServiceProvider
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.db import make_engine, reading, unit_of_work
from lkk_reflex.meters.models import Meter, Reading
from lkk_reflex.payments.models import Shop
from lkk_reflex.sandbox import town, town_maker
from tests.factories.accounts import make_link
from tests.factories.identity import make_viewer
from tests.support.portal import configured, held_clock
from tests.support.town_bills import accounts_of


@pytest.fixture(scope="module")
def demo(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A demo portal with the town in it, for looking only."""
    directory = tmp_path_factory.mktemp("town")
    engine = make_engine(f"sqlite:///{shutil.copy(migrated_sqlite, directory / 'town.sqlite3')}")
    with pytest.MonkeyPatch.context() as patch, held_clock(), configured(patch, directory):
        with unit_of_work(engine) as session:
            town.load_town(session, rejects_dir=directory / "rejects")
        assert not (directory / "rejects").exists()
    yield engine
    engine.dispose()


def _count(session: Session, kind: type[object]) -> int:
    return session.exec(select(func.count()).select_from(kind)).one()


def test_the_shipped_files_are_what_the_maker_makes(tmp_path: Path) -> None:
    town_maker.write_registers(tmp_path)
    for made in sorted(tmp_path.iterdir()):
        assert made.read_bytes() == (town_maker.DATA / made.name).read_bytes()
    assert len(list(tmp_path.iterdir())) == len(list(town_maker.DATA.iterdir())) == 4


def test_the_town_has_providers_accounts_and_two_years_of_bills(demo: Engine) -> None:
    with reading(demo) as session:
        assert _count(session, ServiceProvider) == _count(session, Shop) == _count(session, Register) == 4
        accounts = _count(session, PersonalAccount)
        assert accounts >= 300
        assert _count(session, Bill) == accounts * 24
        most = session.exec(select(func.count()).select_from(Charge).group_by(col(Charge.bill_id))).all()
        assert max(most) >= 8
        assert session.exec(select(func.min(Bill.period), func.max(Bill.period))).one() == (202411, 202610)


def test_people_of_the_town_owe_overpay_and_are_even(demo: Engine) -> None:
    with reading(demo) as session:
        newest = session.exec(select(Bill).where(Bill.period == 202610)).all()
        signs = [(bill.closing_kopecks > 0) - (bill.closing_kopecks < 0) for bill in newest]
        assert min(signs.count(sign) for sign in (-1, 0, 1)) >= 15
        for amount in (Bill.penalty_kopecks, Bill.recalculated_kopecks, Bill.conceded_kopecks):
            assert session.exec(select(func.count()).where(col(amount) != 0)).one() > 10


def test_each_account_to_try_exists_and_has_a_debt(demo: Engine) -> None:
    assert len(town.ACCOUNTS_TO_TRY) == 3
    with reading(demo) as session:
        for name, number in town.ACCOUNTS_TO_TRY:
            assert 100_00 < _debt(session, name, number, 202610) < 15_000_00


def _debt(session: Session, name: str, number: str, period: int) -> int:
    return session.exec(
        select(Bill.closing_kopecks)
        .join(PersonalAccount, col(PersonalAccount.id) == col(Bill.account_id))
        .join(ServiceProvider, col(ServiceProvider.id) == col(PersonalAccount.provider_id))
        .where(ServiceProvider.name == name, PersonalAccount.number == normalise(number), Bill.period == period)
    ).one()


def test_leading_zeros_of_a_provider_are_kept(demo: Engine) -> None:
    with reading(demo) as session:
        numbers = session.exec(select(PersonalAccount.number).where(col(PersonalAccount.number).startswith("00"))).all()
    assert len(numbers) == 80
    assert {len(number) for number in numbers} == {12}


def test_each_bill_begins_where_the_one_before_ended(demo: Engine) -> None:
    with reading(demo) as session:
        bills = session.exec(select(Bill).order_by(col(Bill.account_id), col(Bill.period))).all()
    pairs = [(a, b) for a, b in pairwise(bills) if a.account_id == b.account_id]
    assert all(before.closing_kopecks == after.opening_kopecks for before, after in pairs)


@pytest.mark.parametrize(
    "today",
    [
        datetime(2026, 11, 30, 21, 0, 30, tzinfo=UTC),  # half a minute into December in Moscow
        datetime(2028, 2, 29, 9, tzinfo=UTC),
        datetime(2036, 12, 31, 20, 59, 59, tzinfo=UTC),
    ],
)
def test_the_town_does_not_grow_old(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, today: datetime
) -> None:
    newest = BillingPeriod.of(today.astimezone(ZoneInfo("Europe/Moscow")).date()).shifted(-1).key
    with held_clock() as held, configured(monkeypatch, tmp_path):
        held.now = today
        with unit_of_work() as session:
            assert town.load_town(session, rejects_dir=tmp_path) >= 300
        with reading() as session:
            assert session.exec(select(func.max(Bill.period))).one() == newest
            assert session.exec(select(func.max(Reading.period))).one() == newest
            assert session.exec(select(func.max(Register.data_as_of))).one() <= today
            for name, number in town.ACCOUNTS_TO_TRY:
                assert 100_00 < _debt(session, name, number, newest) < 15_000_00
            # At each of three providers one meter is there to show it.
            expired = col(Meter.verified_until) < today.date()
            assert session.exec(select(func.count()).select_from(Meter).where(expired)).one() == 3
            told = {account.number: account.owes_kopecks for account in accounts_of("gorvodokanal")}
            assert len(told) == 110
            assert told["1010000000"] == _debt(session, "МУП «Горводоканал»", "1010000000", newest)


def test_the_town_loads_once_and_again_after_a_reset(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with held_clock(), configured(monkeypatch, tmp_path):
        with unit_of_work() as session:
            assert town.is_empty(session)
            accounts = town.load_town(session, rejects_dir=tmp_path)
            assert not town.is_empty(session)
        with pytest.raises(ProviderCodeTaken), unit_of_work() as session:
            town.load_town(session, rejects_dir=tmp_path)
        with unit_of_work() as session:
            make_link(session, make_viewer(session), session.exec(select(PersonalAccount).limit(1)).one())
        with unit_of_work() as session:
            town.clear_portal(session)
            assert _count(session, AccountLink) == 0
            assert town.is_empty(session)
            assert town.load_town(session, rejects_dir=tmp_path) == accounts >= 300
