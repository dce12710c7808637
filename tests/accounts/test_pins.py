"""PINs on the company's side: what is issued, listed and revoked."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, func, select

from lkk_reflex.accounts import errors, pins, proof_rules
from lkk_reflex.accounts.models import Pin
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import unit_of_work
from tests.factories.accounts import make_account, make_provider
from tests.support.portal import HeldClock

SYSTEM = Viewer.system()


def test_every_account_of_the_provider_gets_a_pin_of_its_own(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lkk_reflex.accounts.proofs_repository._BATCH", 2)
    provider, other = make_provider(session), make_provider(session)
    numbers = [make_account(session, provider).number for _ in range(5)]
    make_account(session, other)
    issued = pins.issue_pins(session, SYSTEM, provider_id=provider.id or 0)
    assert [pin.number for pin in issued] == numbers
    assert len({pin.pin for pin in issued}) == 5
    assert all(proof_rules.clean_pin(pin.pin) for pin in issued)
    assert session.exec(select(func.count()).select_from(Pin)).one() == 5
    again = pins.issue_pins(session, SYSTEM, provider_id=provider.id or 0)
    assert {pin.pin for pin in again}.isdisjoint(pin.pin for pin in issued)
    assert session.exec(select(func.count()).select_from(Pin)).one() == 5


def test_provider_without_accounts_gets_no_pins(session: Session) -> None:
    assert not pins.issue_pins(session, SYSTEM, provider_id=make_provider(session).id or 0)


def test_number_of_another_provider_is_unknown(session: Session) -> None:
    provider, other = make_provider(session), make_provider(session)
    foreign = make_account(session, other)
    with pytest.raises(errors.AccountUnknown):
        pins.issue_pin(session, SYSTEM, provider_id=provider.id or 0, number=foreign.number)
    with pytest.raises(errors.ProviderUnknown):
        pins.issue_pin(session, SYSTEM, provider_id=10**6, number=foreign.number)


def test_issued_pin_does_not_tell_itself_in_a_log(session: Session) -> None:
    provider = make_provider(session)
    account = make_account(session, provider)
    issued = pins.issue_pin(session, SYSTEM, provider_id=provider.id or 0, number=account.number)
    assert issued.pin not in repr(issued)


@pytest.mark.parametrize(
    ("change", "state"),
    [({}, "действует"), ({"tries_left": 0}, "попытки кончились"), ({"used": True}, "использован"),
     ({"ended": True}, "отозван"), ({"old": True}, "истёк")],
)  # fmt: skip
def test_list_says_how_each_pin_stands(portal: Engine, held: HeldClock, change: dict[str, object], state: str) -> None:
    with unit_of_work() as session:
        provider = make_provider(session)
        account = make_account(session, provider, number="77", number_shown="0-77")
        pins.issue_pin(session, SYSTEM, provider_id=provider.id or 0, number="77")
        pin = session.exec(select(Pin)).one()
        pin.tries_left = int(str(change.get("tries_left", pin.tries_left)))
        pin.used_at = held.now if "used" in change else None
        pin.ended_at = held.now if "ended" in change else None
        session.add(pin)
        assert account.id
    held.pass_(days=60 if "old" in change else 1)
    with unit_of_work() as session:
        (status,) = pins.list_pins(session, SYSTEM, provider_id=provider.id or 0)
    assert (status.number, status.state) == ("0-77", state)
