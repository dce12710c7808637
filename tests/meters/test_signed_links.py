"""Links of letters: what they open, until when, and for whom they do not."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from lkk_reflex.accounts.models import AccountLink, LinkLevel
from lkk_reflex.kit import clock, crypto
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.crypto import Keyring
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.kit.tokens import new_token
from lkk_reflex.meters.errors import SignedLinkOver
from lkk_reflex.meters.models import Meter, MeterPolicy, Resource
from lkk_reflex.meters.signed_links import open_signed, signed_link, signed_token
from tests.factories import accounts as made
from tests.factories.identity import make_viewer
from tests.support.portal import SECRET, HeldClock, configured, hash_quickly, held_clock

NOVEMBER = BillingPeriod(2026, 11)


@pytest.fixture
def time(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[HeldClock]:
    """A portal on either database at a Sunday noon of Moscow, 22 November 2026."""
    hash_quickly(monkeypatch)
    with held_clock() as held, configured(monkeypatch, tmp_path):
        yield held


@pytest.fixture
def session(time: HeldClock) -> Iterator[Session]:
    """A unit of work."""
    with unit_of_work() as session:
        yield session


@pytest.fixture
def link(session: Session) -> AccountLink:
    """A connection with extended access to an account with a meter."""
    account = made.make_account(session, made.make_provider(session))
    session.add(
        Meter(
            public_id=new_token()[:16],
            account_id=account.id or 0,
            resource=Resource.COLD_WATER,
            serial="12-345678",
            created_at=clock.now(),
        )
    )
    return made.make_link(session, make_viewer(session), account, level=LinkLevel.EXTENDED)


def test_a_link_opens_the_account_at_basic_access_and_for_nobody(session: Session, link: AccountLink) -> None:
    opened = open_signed(session, token=signed_token(link.public_id, NOVEMBER))
    assert (opened.account.account_id, opened.period) == (link.account_id, NOVEMBER)
    assert not opened.account.is_extended
    assert opened.account.subscriber_id is None
    assert f"{opened.works_until:%d.%m.%Y}" == "28.11.2026"


def test_the_address_is_the_portals_and_fits_an_address(session: Session) -> None:
    # Names of real connections have 22 signs.
    name = "A" * 22
    assert signed_link(name, NOVEMBER) == f"http://localhost:3000/quick/readings/{signed_token(name, NOVEMBER)}"
    assert len(signed_token(name, NOVEMBER)) <= 64


def test_a_link_lives_until_the_window_has_been_closed_for_three_days(
    session: Session, link: AccountLink, time: HeldClock
) -> None:
    token = signed_token(link.public_id, NOVEMBER)
    time.now = datetime(2026, 11, 28, 20, 59, tzinfo=UTC)
    open_signed(session, token=token)
    time.pass_(minutes=1)
    with pytest.raises(SignedLinkOver):
        open_signed(session, token=token)


def test_the_window_is_the_providers_own(session: Session, link: AccountLink, time: HeldClock) -> None:
    provider_id = open_signed(session, token=signed_token(link.public_id, NOVEMBER)).account.provider_id
    session.add(MeterPolicy(provider_id=provider_id, resource=Resource.COLD_WATER, window_from=10, window_to=15))
    session.flush()
    with pytest.raises(SignedLinkOver):
        open_signed(session, token=signed_token(link.public_id, NOVEMBER))


def test_a_link_ends_with_its_connection(session: Session, link: AccountLink) -> None:
    link.ended_at = clock.now()
    session.add(link)
    session.flush()
    with pytest.raises(SignedLinkOver):
        open_signed(session, token=signed_token(link.public_id, NOVEMBER))


def test_an_account_without_meters_opens_nothing(session: Session) -> None:
    account = made.make_account(session, made.make_provider(session))
    bare = made.make_link(session, make_viewer(session), account)
    with pytest.raises(SignedLinkOver):
        open_signed(session, token=signed_token(bare.public_id, NOVEMBER))


def test_nothing_of_a_link_can_be_changed(session: Session, link: AccountLink) -> None:
    token = signed_token(link.public_id, NOVEMBER)
    for place in range(len(token)):
        other = "7" if token[place] != "7" else "8"
        forged = token[:place] + other + token[place + 1 :]
        with pytest.raises(SignedLinkOver):
            open_signed(session, token=forged)


def test_the_signature_of_one_connection_is_not_that_of_another(session: Session, link: AccountLink) -> None:
    account = made.make_account(session, made.make_provider(session))
    other = made.make_link(session, make_viewer(session), account)
    mine = signed_token(link.public_id, NOVEMBER)
    with pytest.raises(SignedLinkOver):
        open_signed(session, token=mine[:28] + other.public_id)


@pytest.mark.parametrize("token", ["", "7", "202611", "999999" + "A" * 44, "202611" + "A" * 44, "../..", "x" * 100_000])
def test_what_is_no_link_is_refused_alike(session: Session, token: str) -> None:
    with pytest.raises(SignedLinkOver):
        open_signed(session, token=token)


def test_a_link_survives_a_change_of_the_secret_while_the_old_one_is_known(session: Session, link: AccountLink) -> None:
    token = signed_token(link.public_id, NOVEMBER)
    crypto.bind(Keyring(("another secret that is long enough for this", SECRET)))
    open_signed(session, token=token)
    crypto.bind(Keyring(("another secret that is long enough for this",)))
    with pytest.raises(SignedLinkOver):
        open_signed(session, token=token)
