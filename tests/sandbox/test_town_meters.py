"""The meters of the demo town: their readings are what its bills charge."""

import shutil
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from lkk_reflex.accounts.models import AccountLink, Bill, Charge, LinkLevel, PersonalAccount, ServiceProvider
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.db import make_engine, reading, unit_of_work
from lkk_reflex.kit.money import Money
from lkk_reflex.meters import cost
from lkk_reflex.meters.cost import Price, Volume
from lkk_reflex.meters.desk import desk
from lkk_reflex.meters.history import consumption
from lkk_reflex.meters.models import Meter, MeterScale, Reading, Resource, Tariff
from lkk_reflex.meters.rules import VerificationKind
from lkk_reflex.meters.views import Desk
from lkk_reflex.sandbox import town, town_meters
from lkk_reflex.sandbox.town_maker import DATA
from tests.factories.accounts import make_link
from tests.factories.identity import make_viewer
from tests.support.portal import configured, held_clock

VOLUMES = {
    "gorvodokanal": (Resource.COLD_WATER, "Холодная вода"),
    "mezhraigaz": (Resource.GAS, "Газ природный"),
    "teploset": (Resource.HOT_WATER, "Горячая вода"),
}


class Town:
    """A demo portal with the town in it, and somebody who has connected accounts."""

    def __init__(self, engine: Engine, viewer: Viewer) -> None:
        self.engine, self.viewer = engine, viewer

    def link(self, session: Session, provider: str, place: int = 0) -> str:
        """Connect an account of a provider, by its place in the provider's book."""
        account = session.exec(
            select(PersonalAccount)
            .join(ServiceProvider, col(ServiceProvider.id) == col(PersonalAccount.provider_id))
            .where(ServiceProvider.code == provider)
            .order_by(col(PersonalAccount.id))
            .offset(place)
            .limit(1)
        ).one()
        return make_link(session, self.viewer, account, level=LinkLevel.EXTENDED).public_id

    def desk(self, provider: str, place: int = 0) -> Desk:
        """Return the form of an account; the connection is forgotten again."""
        with held_clock(), Session(self.engine) as session:
            return desk(session, self.viewer, link_id=self.link(session, provider, place))


@pytest.fixture(scope="module")
def demo(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A demo portal with the town in it, for looking only."""
    directory = tmp_path_factory.mktemp("town")
    engine = make_engine(f"sqlite:///{shutil.copy(migrated_sqlite, directory / 'town.sqlite3')}")
    with pytest.MonkeyPatch.context() as patch, held_clock(), configured(patch, directory):
        with unit_of_work(engine) as session:
            town.load_town(session, rejects_dir=directory / "rejects")
            viewer = make_viewer(session)
        yield Town(engine, viewer)
    engine.dispose()


@pytest.mark.parametrize("provider", VOLUMES)
def test_what_meters_show_is_what_bills_charge(demo: Town, provider: str) -> None:
    resource, service = VOLUMES[provider]
    for place in (0, 1, 2, 17, 40):
        with held_clock(), Session(demo.engine) as session:
            link = demo.link(session, provider, place)
            (used,) = consumption(session, demo.viewer, link_id=link, months=24)
            charged = _charged(session, link, service)
        assert used.resource is resource
        assert {month.period: month.amount for month in used.months} == charged


def _charged(session: Session, link: str, service: str) -> dict[BillingPeriod, Decimal | None]:
    rows = session.exec(
        select(Bill.period, Charge.volume)
        .join(Charge, col(Charge.bill_id) == col(Bill.id))
        .join(AccountLink, col(AccountLink.account_id) == col(Bill.account_id))
        .where(AccountLink.public_id == link, Charge.service == service)
    )
    return {BillingPeriod.from_key(period): Decimal(volume.replace(",", ".")) for period, volume in rows}


def test_the_estimate_of_a_billed_volume_is_what_was_charged(demo: Town) -> None:
    with reading(demo.engine) as session:
        rows = session.exec(
            select(Bill.period, Charge.service, Charge.volume, Charge.charged_kopecks)
            .join(Charge, col(Charge.bill_id) == col(Bill.id))
            .where(col(Charge.service).in_(["Холодная вода", "Водоотведение"]))
        ).all()
        prices = [
            Price(row.resource, row.scale, row.service, row.valid_from, Decimal(row.price))
            for row in session.exec(select(Tariff).where(Tariff.resource == Resource.COLD_WATER))
        ]
    assert len(rows) == 110 * 24 * 2
    for period, service, volume, charged in rows[::37]:
        day = BillingPeriod.from_key(period).first_day
        own = [price for price in cost.prices_on(prices, day) if price.service == service]
        (line,) = cost.estimate([Volume(Resource.COLD_WATER, 1, Decimal(volume))], own)
        assert line.cost == Money(charged)


def test_some_homes_have_two_meters_and_some_dials_three_scales(demo: Town) -> None:
    assert [meter.place for meter in demo.desk("gorvodokanal").meters] == ["кухня", "санузел"]
    assert len(demo.desk("gorvodokanal", 1).meters) == 1
    with reading(demo.engine) as session:
        counts = session.exec(
            select(func.count())
            .select_from(MeterScale)
            .join(Meter, col(Meter.id) == col(MeterScale.meter_id))
            .where(Meter.resource == Resource.ELECTRICITY)
            .group_by(col(Meter.id))
        ).all()
    assert set(counts) == {2, 3}


def test_the_town_shows_what_may_happen_to_a_meter(demo: Town) -> None:
    soon, expired = demo.desk("gorvodokanal").meters[1], demo.desk("gorvodokanal", 4).meters[1]
    assert (soon.verification.kind, soon.verification.days_left) == (VerificationKind.SOON, 60)
    assert (expired.verification.kind, expired.verification.days_left) == (VerificationKind.EXPIRED, -40)
    (full,) = demo.desk("gorvodokanal", 2).meters
    assert full.scales[0].previous == 99_994


def test_a_reading_can_be_sent_of_every_account_to_try(demo: Town) -> None:
    for provider in ("gorvodokanal", "mezhraigaz", "uyutny-dom"):
        for meter in demo.desk(provider).meters:
            assert meter.refusal is None
            assert meter.average
            assert meter.previous_on
            assert meter.previous_on.month == 10
            assert all(scale.previous for scale in meter.scales)


def test_no_reading_is_lower_than_the_one_before(demo: Town) -> None:
    with reading(demo.engine) as session:
        assert session.exec(select(func.max(Reading.version))).one() == 1
        readings = session.exec(select(func.count()).select_from(Reading)).one()
        meters = session.exec(select(func.count()).select_from(Meter)).one()
    assert readings == meters * 25


def test_the_same_day_makes_the_same_meters() -> None:
    def made(code: str) -> list[str]:
        return list(town_meters.meter_lines(code, DATA / f"{code}.csv", date(2026, 11, 22)))

    for provider in town.PROVIDERS:
        assert made(provider.code) == made(provider.code)
        assert len(made(provider.code)) > 1000
