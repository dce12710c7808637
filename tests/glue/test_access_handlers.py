"""The handlers of the window of extended access, called without a browser."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from lkk_reflex.accounts import errors, pins, proofs
from lkk_reflex.accounts.models import ProofKind
from lkk_reflex.cabinet import access_state
from lkk_reflex.cabinet.access_state import AccessErrors, AccessState
from lkk_reflex.cabinet.account_state import AccountState
from lkk_reflex.identity import guard
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.kit.errors import Forbidden, SignInRequired
from tests.factories import accounts as made
from tests.factories.identity import make_viewer
from tests.support.handlers import JUNK, argument, call, run_background_handlers_in_place, state_at
from tests.support.portal import configured, hash_quickly, held_clock

WRONG = "ZZZZ-ZZZZ"


@dataclass
class Flat:
    """An account at basic access, its PIN, and a neighbour who has connected it too."""

    owner: Viewer
    neighbour: Viewer
    link_id: str
    provider_id: int
    pin: str

    @property
    def path(self) -> str:
        """Where the window opens."""
        return f"/account/{self.link_id}"

    def allow(self, *kinds: ProofKind) -> None:
        """Let the provider accept more than the PIN."""
        with unit_of_work() as session:
            proofs.set_proofs(session, Viewer.system(), provider_id=self.provider_id, kinds=kinds)


@pytest.fixture
def flat(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Flat]:
    """A connected account and its PIN; time stands still."""
    hash_quickly(monkeypatch)
    run_background_handlers_in_place(monkeypatch)
    with held_clock(), configured(monkeypatch, tmp_path, support_phone="8 800 100-00-00"):
        with unit_of_work() as session:
            provider = made.make_provider(session)
            account = made.make_account(session, provider, number="1000123456")
            made.make_bill(session, account, 1542_30)
            made.make_bill(session, account, 1310_00, period=made.PERIOD.shifted(-1))
            owner, neighbour = make_viewer(session), make_viewer(session)
            link = made.make_link(session, owner, account)
            issued = pins.issue_pin(session, Viewer.system(), provider_id=provider.id or 0, number="1000123456")
            flat = Flat(owner, neighbour, link.public_id, provider.id or 0, issued.pin)
        yield flat


async def opened(flat: Flat, viewer: Viewer | None = None) -> Any:
    state = state_at(AccessState, flat.path)
    await call(viewer or flat.owner, state, "begin")
    return state


def said(
    wrong: Mapping[str, str], *, bill: Mapping[str, str] = MappingProxyType({}),
    serial: Mapping[str, str] = MappingProxyType({}),
) -> AccessErrors:  # fmt: skip
    """Return errors with these sentences at their fields, and lists of them above the forms."""
    return AccessErrors(bill_summary=list(bill.items()), serial_summary=list(serial.items()), **wrong)


async def is_extended(flat: Flat) -> bool:
    state = state_at(AccountState, flat.path)
    await call(flat.owner, state, "load")
    return bool(state.account.is_extended)


def test_every_handler_is_for_subscribers() -> None:
    levels = {handler.fn.__access__ for name, handler in AccessState.event_handlers.items() if name != "setvar"}
    assert levels == {guard.Access.SUBSCRIBER}


async def test_pin_opens_everything_and_the_page_is_read_anew(flat: Flat) -> None:
    state = await opened(flat)
    events: list[Any] = await call(flat.owner, state, "activate", {"pin": f" {flat.pin.lower()} "})
    assert (state.is_open, state.is_busy, state.errors) == (True, False, AccessErrors())
    assert AccountState.load in events
    assert argument(events[1:], "ref") == ["ref_access_done"]
    assert await is_extended(flat)
    await call(flat.owner, state, "begin")
    assert not state.is_open


async def test_refusals_stand_at_their_fields_and_the_focus_goes_there(flat: Flat) -> None:
    flat.allow(ProofKind.BILL_SUM, ProofKind.METER_SERIAL, ProofKind.SURNAME)
    state = await opened(flat)
    full = {"bill_month": "202609", "bill_sum": "1"}
    told_all = full | {"bill_owner": "Иванов"}
    for handler, told, field, error, left in (
        ("activate", {}, "pin", errors.PinMissing, 0),
        ("activate", {"pin": "12"}, "pin", errors.PinUnreadable, 0),
        ("activate", {"pin": WRONG}, "pin", errors.PinRefused, 4),
        ("tell_bill", told_all | {"bill_month": "202610"}, "bill_month", errors.BillMonthMissing, 0),
        ("tell_bill", told_all | {"bill_sum": "x"}, "bill_sum", errors.BillSumUnreadable, 0),
        ("tell_bill", full, "bill_owner", errors.SurnameMissing, 0),
        ("tell_bill", full | {"serial_owner": "Иванов"}, "bill_owner", errors.SurnameMissing, 0),
        ("tell_bill", told_all, "bill_sum", errors.BillSumRefused, 3),
        ("tell_serial", {"serial_owner": "Иванов"}, "serial", errors.SerialMissing, 0),
        ("tell_serial", {"serial": "1234", "serial_owner": "Иванов"}, "serial", errors.SerialTooShort, 0),
        ("tell_serial", {"serial": "12345"}, "serial_owner", errors.SurnameMissing, 0),
        ("tell_serial", {"serial": "12345", "serial_owner": "Иванов"}, "serial", errors.SerialRefused, 2),
    ):
        events = await call(flat.owner, state, handler, told)
        sentence = error.text.format(next_try=f"Осталось попыток: {left}.") if left else error.text
        assert state.errors == said({field: sentence})
        assert argument(events, "ref") == [f"ref_{field}"]
        assert not state.is_busy
    assert not await is_extended(flat)


async def test_everything_wrong_with_a_form_is_told_at_once(flat: Flat) -> None:
    flat.allow(ProofKind.BILL_SUM, ProofKind.METER_SERIAL, ProofKind.SURNAME)
    state = await opened(flat)
    events = await call(flat.owner, state, "tell_bill", {})
    wrong = {
        "bill_month": errors.BillMonthMissing.text,
        "bill_sum": errors.BillSumUnreadable.text,
        "bill_owner": errors.SurnameMissing.text,
    }
    assert state.errors == said(wrong, bill=wrong)
    assert argument(events, "ref") == ["ref_bill_month"]
    events = await call(flat.owner, state, "tell_serial", {"serial": "12"})
    wrong = {"serial": errors.SerialTooShort.text, "serial_owner": errors.SurnameMissing.text}
    assert state.errors == said(wrong, serial=wrong)
    assert argument(events, "ref") == ["ref_serial"]


async def test_window_offers_what_the_provider_accepts(flat: Flat) -> None:
    state = await opened(flat)
    assert (state.has_serial, state.has_surname, state.months) == (False, False, [])
    flat.allow(ProofKind.BILL_SUM, ProofKind.METER_SERIAL)
    await call(flat.owner, state, "begin")
    assert (state.has_serial, state.has_surname) == (True, False)
    assert [month.title for month in state.months][:2] == ["сентябрь 2026", "август 2026"]
    flat.allow(ProofKind.METER_SERIAL, ProofKind.SURNAME)
    await call(flat.owner, state, "begin")
    assert (state.has_serial, state.has_surname, state.months) == (True, True, [])


async def test_sum_of_an_earlier_bill_opens_everything(flat: Flat) -> None:
    flat.allow(ProofKind.BILL_SUM)
    state = await opened(flat)
    await call(flat.owner, state, "tell_bill", {"bill_month": "202609", "bill_sum": "1 310,00 ₽"})
    assert state.is_open
    assert await is_extended(flat)


async def test_sum_and_the_surname_where_it_is_demanded_open_everything(flat: Flat) -> None:
    flat.allow(ProofKind.BILL_SUM, ProofKind.SURNAME)
    state = await opened(flat)
    told = {"bill_month": "202609", "bill_sum": "1310"}
    await call(flat.owner, state, "tell_bill", told | {"bill_owner": "Петров"})
    assert not state.is_open
    await call(flat.owner, state, "tell_bill", told | {"bill_owner": " иванов "})
    assert state.is_open
    assert await is_extended(flat)


async def test_serial_number_of_a_meter_opens_everything(flat: Flat, monkeypatch: pytest.MonkeyPatch) -> None:
    def matches(_session: Session, *, account_id: int, typed: str) -> bool:
        return bool(account_id) and typed == "12-345678"

    monkeypatch.setattr(access_state, "serial_matches", matches)
    flat.allow(ProofKind.METER_SERIAL)
    state = await opened(flat)
    await call(flat.owner, state, "tell_serial", {"serial": "12-345679"})
    assert state.errors.serial == errors.SerialRefused.text.format(next_try="Осталось попыток: 4.")
    await call(flat.owner, state, "tell_serial", {"serial": "12-345678"})
    assert await is_extended(flat)


async def test_long_wait_stands_at_the_field_and_names_another_way(flat: Flat) -> None:
    state = await opened(flat)
    flat.allow(ProofKind.BILL_SUM, ProofKind.METER_SERIAL)
    for _ in range(5):
        await call(flat.owner, state, "activate", {"pin": WRONG})
    assert "Попытки закончились, новые будут через 24 ч." in state.errors.pin
    for handler, field in (("activate", "pin"), ("tell_bill", "bill_sum"), ("tell_serial", "serial")):
        events = await call(flat.owner, state, handler, {})
        assert argument(events, "ref") == [f"ref_{field}"]
        wait = "Слишком много попыток. Попробуйте через 24 ч. Или позвоните нам: 8 800 100-00-00."
        assert state.errors == said({field: wait})


async def test_neighbour_neither_sees_nor_opens_anything(flat: Flat) -> None:
    flat.allow(ProofKind.METER_SERIAL, ProofKind.BILL_SUM, ProofKind.SURNAME)
    state = await opened(flat, flat.neighbour)
    assert (state.has_serial, state.has_surname, state.months) == (False, False, [])
    await call(flat.neighbour, state, "activate", {"pin": flat.pin})
    assert (state.is_open, state.errors.form) == (False, Forbidden.text)
    assert not await is_extended(flat)


async def test_nobody_gets_past_the_use_case_without_a_session(flat: Flat) -> None:
    with pytest.raises(SignInRequired):
        await opened(flat, Viewer())
    state = state_at(AccessState, flat.path)
    await call(Viewer(), state, "activate", {"pin": flat.pin})
    assert state.errors.form == SignInRequired.text


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: repr(junk)[:20])
@pytest.mark.parametrize("handler", ["activate", "tell_bill", "tell_serial"])
async def test_any_payload_is_answered_in_words(flat: Flat, handler: str, junk: Any) -> None:
    flat.allow(ProofKind.METER_SERIAL, ProofKind.BILL_SUM, ProofKind.SURNAME)
    state = await opened(flat)
    names = ("pin", "bill_month", "bill_sum", "bill_owner", "serial", "serial_owner")
    for data in (junk, dict.fromkeys(names, junk)):
        await call(flat.owner, state, handler, data)
        assert state.errors != AccessErrors()
        assert not state.is_open
