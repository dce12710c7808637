"""All meters of a person at a glance, and the page of the past."""

from datetime import date

import pytest
from sqlalchemy import Engine, event
from sqlmodel import select

from lkk_reflex.accounts.models import AccountLink
from lkk_reflex.cabinet.home_projection import verification_banners
from lkk_reflex.cabinet.summary import cabinet_home
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Forbidden, SignInRequired
from lkk_reflex.kit.numbers import numbered
from lkk_reflex.meters.glance import MeteredAccount
from lkk_reflex.meters.models import Meter, MeterState
from lkk_reflex.meters.overview import account_name, metered_accounts
from lkk_reflex.meters.past import past, past_page
from lkk_reflex.meters.rules import VerificationKind
from tests.factories.accounts import make_account, make_link, make_provider
from tests.factories.meters import make_meter
from tests.meters.conftest import Flat

NOBODIES = [Viewer(), Viewer(role=Role.OPERATOR)]


def seen_by(viewer: Viewer) -> list[MeteredAccount]:
    with reading() as session:
        return metered_accounts(session, viewer)


def change_meter(flat: Flat, **fields: object) -> None:
    with unit_of_work() as session:
        meter = session.get_one(Meter, flat.meter.id)
        for name, value in fields.items():
            setattr(meter, name, value)


def test_owner_sees_the_serial_in_full_and_the_guest_its_end(flat: Flat) -> None:
    ((own,), (foreign,)) = seen_by(flat.owner)[0].meters, seen_by(flat.guest)[0].meters
    assert own.serial == flat.meter.serial
    assert foreign.serial == f"••{flat.meter.serial[-2:]}"


@pytest.mark.parametrize("viewer", NOBODIES)
def test_nobody_else_sees_anything(flat: Flat, viewer: Viewer) -> None:
    with pytest.raises(SignInRequired):
        seen_by(viewer)
    with reading() as session, pytest.raises(SignInRequired):
        past(session, viewer, link_id=flat.owner_link)


def test_account_is_named_to_who_has_connected_it_alone(flat: Flat) -> None:
    with reading() as session:
        assert account_name(session, flat.owner, link_id=flat.owner_link).startswith("Горводоканал · №\xa0")
        with pytest.raises(Forbidden):
            account_name(session, flat.guest, link_id=flat.owner_link)
        with pytest.raises(SignInRequired):
            account_name(session, Viewer(), link_id=flat.owner_link)


def test_another_persons_past_is_hidden(flat: Flat) -> None:
    with reading() as session, pytest.raises(Forbidden):
        past(session, flat.guest, link_id=flat.owner_link)
    with reading() as session, pytest.raises(Forbidden):
        past_page(session, flat.guest, link_id=flat.owner_link)


def test_past_has_charts_only_with_extended_access(flat: Flat) -> None:
    flat.send("107")
    with reading() as session:
        own = past(session, flat.owner, link_id=flat.owner_link)
        foreign = past(session, flat.guest, link_id=flat.guest_link)
    assert [line.value for line in own.lines] == ["107", "100"]
    assert (own.is_extended, len(own.charts)) == (True, 1)
    assert (foreign.lines, foreign.charts, foreign.is_extended) == ((), (), False)


def test_meters_that_are_gone_and_accounts_disconnected_are_left_out(flat: Flat) -> None:
    change_meter(flat, state=MeterState.REPLACED)
    assert seen_by(flat.owner) == []
    change_meter(flat, state=MeterState.ACTIVE)
    with unit_of_work() as session:
        link = session.exec(select(AccountLink).where(AccountLink.public_id == flat.owner_link)).one()
        link.ended_at = clock.now()
    assert seen_by(flat.owner) == []
    assert len(seen_by(flat.guest)) == 1


@pytest.mark.parametrize(
    ("until", "kind", "words"),
    [
        (None, VerificationKind.UNKNOWN, ""),
        (date(2027, 1, 20), VerificationKind.VALID, ""),
        (date(2027, 1, 19), VerificationKind.SOON, "Поверка действует до 19.01.2027 — осталось 60\xa0дней."),
        (date(2026, 11, 20), VerificationKind.SOON, "Поверка действует до 20.11.2026 — сегодня последний день."),
        (date(2026, 3, 15), VerificationKind.EXPIRED, "Срок поверки истёк 15.03.2026. Пока счётчик не поверен"),
    ],
)
def test_verification_is_spoken_of_from_sixty_days_on(
    flat: Flat, until: date | None, kind: VerificationKind, words: str
) -> None:
    change_meter(flat, verified_until=until)
    accounts = seen_by(flat.owner)
    assert accounts[0].meters[0].verification.kind is kind
    banners = verification_banners(accounts)
    assert [banner.tone for banner in banners] == ([] if not words else ["bad" if "истёк" in words else "warn"])
    assert all(words in banner.text and numbered(flat.meter.serial) in banner.title for banner in banners)
    assert all(numbered(accounts[0].number_shown) in banner.text for banner in banners)


def test_home_leads_to_the_readings_of_metered_accounts_alone_in_three_queries(flat: Flat, portal: Engine) -> None:
    with unit_of_work() as session:
        provider = make_provider(session, code="gas", name="Межрайгаз", inn="7501002227")
        bare = make_link(session, flat.owner, make_account(session, provider)).public_id
        make_meter(session, flat.account)
    asked: list[str] = []
    event.listen(portal, "before_cursor_execute", lambda *args: asked.append(args[2]))
    with reading() as session:
        home = cabinet_home(session, flat.owner)
    led = {account.card.public_id: account.readings_href for account in home.accounts}
    assert led == {flat.owner_link: f"/readings/{flat.owner_link}", bare: ""}
    assert len([sql for sql in asked if "SELECT" in sql]) == 3
