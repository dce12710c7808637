"""The handlers of paying, of the return page and of the history, called without a browser."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import reflex as rx
from reflex.event import EventSpec
from reflex.istate.data import RouterData
from sqlalchemy import Engine
from sqlmodel import select

from lkk_reflex.accounts.models import AccountLink, LinkLevel
from lkk_reflex.cabinet import pay_state, returning
from lkk_reflex.cabinet.pay_projection import PayDesk, PayErrors, PayPurpose
from lkk_reflex.cabinet.pay_state import PayState
from lkk_reflex.cabinet.payments_state import PaymentsState
from lkk_reflex.cabinet.return_state import ReturnState
from lkk_reflex.identity import guard
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.kit.money import Money
from lkk_reflex.payments import checkout
from lkk_reflex.payments.gateways.base import Unknown
from lkk_reflex.payments.models import PaymentStatus
from tests.factories.payments import DEBT, make_bill, make_payable
from tests.support import patience
from tests.support.patience import until
from tests.support.pay_desk import PayRoom, give_receipts, pay_room

UNKNOWN = "1c9e3f0a-5b0a-4f0e-9a53-7e1f6d1f2a3b"
BANK = "https://bank.example/pay/1"
JUNK: list[Any] = [None, 7, 1.5, True, [], {}, {"a": {"b": 1}}, "x" * 100_000, "\x00", b"bytes"]


@pytest.fixture
def room(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[PayRoom]:
    """A debt, its payer, a gateway and a clock; background handlers run without the framework's lock."""
    monkeypatch.setattr(rx.State, "__aenter__", _as_it_is, raising=False)
    monkeypatch.setattr(rx.State, "__aexit__", _as_it_is, raising=False)
    monkeypatch.setattr("lkk_reflex.cabinet.return_state.pass_in", _no_pass)
    with pay_room(engine, monkeypatch, tmp_path) as made:
        yield made


async def _as_it_is(state: Any, *_: object) -> Any:
    return state


async def _no_pass(_state: Any) -> str:
    return ""


@contextmanager
def seen_by(viewer: Viewer) -> Iterator[None]:
    """Call handlers for this person, as the gate does."""
    before = guard._viewer.set(viewer)
    yield
    guard._viewer.reset(before)


def state_at(kind: Any, path: str) -> Any:
    """Return a state whose browser shows this page."""
    state = kind(_reflex_internal_init=True)
    state.router = RouterData.from_router_data({"headers": {}, "asPath": path, "pathname": path, "query": {}})
    return state


def in_background(state: Any, name: str, *arguments: object) -> Any:
    """Call a background handler, which the framework lets nobody call by its name."""
    return type(state).event_handlers[name].fn(state, *arguments)


async def done(handler: AsyncIterator[EventSpec | None] | Awaitable[EventSpec | None]) -> list[EventSpec]:
    """Run a handler to its end and return the events it sends to the browser."""
    if isinstance(handler, AsyncIterator):
        return [event async for event in handler if event is not None]
    event = await handler
    return [] if event is None else [event]


def argument(events: list[EventSpec], name: str) -> list[str]:
    """Return this argument of the events that have it."""
    return [str(value).strip('"') for event in events for key, value in event.args if str(key) == name]


async def opened(room: PayRoom, viewer: Viewer | None = None) -> Any:
    """Return the state of an open pay page."""
    state = state_at(PayState, f"/pay/{room.payable.link_id}")
    with seen_by(viewer or room.payable.viewer):
        await done(state.open())
    return state


async def sent(room: PayRoom, state: Any, fields: object, viewer: Viewer | None = None) -> list[EventSpec]:
    """Send the form."""
    with seen_by(viewer or room.payable.viewer):
        return await done(in_background(state, "pay", fields))


async def test_wrong_sum_and_wrong_contact_are_told_together_and_mended_one_by_one(room: PayRoom) -> None:
    give_receipts(room)
    state = await opened(room)
    with seen_by(room.payable.viewer):
        await done(state.choose("own"))
    events = await sent(room, state, {"kind": "own", "amount": "много", "receipt_contact": "почта"})
    assert [name for name, _ in state.errors.summary] == ["amount", "receipt_contact"]
    assert argument(events, "ref") == ["ref_amount"]
    contact = state.errors.receipt_contact
    with seen_by(room.payable.viewer):
        await done(state.type_amount("100"))
    assert (state.errors.amount, state.errors.receipt_contact, state.errors.summary) == ("", contact, [])
    assert not room.payments()


async def test_what_the_payment_goes_for_follows_the_typed_sum(room: PayRoom) -> None:
    assert (await opened(room)).desk.purposes == []
    with unit_of_work() as session:
        link = session.exec(select(AccountLink).where(AccountLink.public_id == room.payable.link_id)).one()
        link.level = LinkLevel.EXTENDED
        session.add(link)
    state = await opened(room)
    assert state.desk.purposes == [PayPurpose("Начислено за месяц", str(DEBT))]
    with seen_by(room.payable.viewer):
        await done(state.choose("own"))
        assert state.desk.purposes == []
        await done(state.type_amount("2000"))
        assert [part.amount for part in state.desk.purposes] == [str(DEBT), str(Money(457_70))]
        await done(state.type_amount("много"))
        assert state.desk.purposes == []
        await done(state.choose("debt"))
    assert state.desk.purposes == [PayPurpose("Начислено за месяц", str(DEBT))]


def test_every_handler_says_who_may_call_it() -> None:
    levels = {
        f"{kind.__name__}.{name}": handler.fn.__access__
        for kind in (PayState, PaymentsState, ReturnState)
        for name, handler in kind.event_handlers.items()
        if name != "setvar"
    }
    assert levels == {
        "PayState.open": guard.Access.SUBSCRIBER,
        "PayState.choose": guard.Access.SUBSCRIBER,
        "PayState.type_amount": guard.Access.SUBSCRIBER,
        "PayState.leave_amount": guard.Access.SUBSCRIBER,
        "PayState.type_value": guard.Access.SUBSCRIBER,
        "PayState.leave_value": guard.Access.SUBSCRIBER,
        "PayState.revise": guard.Access.SUBSCRIBER,
        "PayState.pay": guard.Access.SUBSCRIBER,
        "PaymentsState.open": guard.Access.SUBSCRIBER,
        "PaymentsState.show_more": guard.Access.SUBSCRIBER,
        "ReturnState.follow": guard.Access.PUBLIC,
    }


async def test_page_opens_with_the_debt_on_its_button(room: PayRoom) -> None:
    state = await opened(room)
    assert (state.stage, state.total) == ("ready", str(DEBT))
    assert state.kind == "debt"


async def test_page_without_a_debt_opens_with_the_own_sum_chosen(room: PayRoom) -> None:
    with unit_of_work() as session:
        other = make_payable(session, debt=Money(-5))
    state = state_at(PayState, f"/pay/{other.link_id}/")
    with seen_by(other.viewer):
        await done(state.open())
    assert (state.stage, state.kind, state.total) == ("ready", "own", "—")


@pytest.mark.parametrize("who", ["anonymous", "stranger"])
async def test_somebody_else_sees_no_form(room: PayRoom, who: str) -> None:
    state = await opened(room, Viewer() if who == "anonymous" else room.stranger)
    assert state.stage == "missing"
    assert state.desk == PayDesk()
    assert await sent(room, state, {"kind": "own", "amount": "5"}, room.stranger) == []
    assert room.payments() == []


@pytest.mark.parametrize("path", ["/pay/nobody", "/pay/", "", "/", "/pay/%00", "/pay/" + "x" * 5000, "/pay/a'b"])
async def test_address_of_nothing_opens_no_form(room: PayRoom, path: str) -> None:
    state = state_at(PayState, path)
    with seen_by(room.payable.viewer):
        await done(state.open())
    assert state.stage == "missing"


async def test_opening_again_makes_a_new_form(room: PayRoom) -> None:
    state = await opened(room)
    intent = state._intent_id
    with seen_by(room.payable.viewer):
        await done(state.choose("own"))
        await done(state.type_amount("5"))
        await done(state.open())
    assert (state.kind, state.total, state.opened) == ("debt", str(DEBT), 2)
    assert state._intent_id != intent


async def test_debt_is_paid_by_one_click(room: PayRoom) -> None:
    state = await opened(room)
    assert await sent(room, state, {"kind": "debt", "amount": ""}) == []
    assert (state.leave_to, state.busy) == (BANK, False)
    assert room.only_payment().amount_kopecks == DEBT.kopecks


async def test_typed_sum_is_paid_exactly(room: PayRoom) -> None:
    state = await opened(room)
    with seen_by(room.payable.viewer):
        await done(state.choose("own"))
        await done(state.type_amount("100,5"))
    assert state.total == str(Money(100_50))
    await sent(room, state, {"kind": "own", "amount": "100,5"})
    assert room.only_payment().amount_kopecks == 100_50


async def test_second_click_leads_to_the_same_payment(room: PayRoom) -> None:
    state = await opened(room)
    await sent(room, state, {"kind": "debt"})
    await sent(room, state, {"kind": "debt"})
    assert state.leave_to == BANK
    assert room.only_payment().sends == 1


async def test_click_while_the_first_one_works_does_nothing(room: PayRoom) -> None:
    state = await opened(room)
    state.busy = True
    assert await sent(room, state, {"kind": "debt"}) == []
    assert room.payments() == []


async def test_gateway_that_does_not_answer_leads_to_the_page_that_waits(room: PayRoom) -> None:
    room.gateway.fail_next("create", Unknown("no answer"))
    state = await opened(room)
    events = await sent(room, state, {"kind": "debt"})
    assert argument(events, "path") == [f"/pay/return/{room.only_payment().id}"]
    assert state.leave_to == ""
    assert not state.busy


async def test_slow_gateway_leads_to_the_page_that_waits_and_the_payment_is_made_all_the_same(
    room: PayRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pay_state, "_PATIENCE_SECONDS", 0.05)
    answer = threading.Event()
    room.gateway.meanwhile = lambda: answer.wait(patience.SECONDS)
    state = await opened(room)
    events = await sent(room, state, {"kind": "debt"})
    payment = room.only_payment()
    assert argument(events, "path") == [f"/pay/return/{payment.id}"]
    answer.set()
    until(lambda: room.only_payment().status is PaymentStatus.PENDING)
    assert room.only_payment().confirmation_url == BANK


async def test_changed_debt_is_shown_and_asked_about_before_it_is_paid(room: PayRoom) -> None:
    state = await opened(room)
    with unit_of_work() as session:
        make_bill(session, room.payable.account_id, Money(2000_00), period=202611)
    await sent(room, state, {"kind": "debt"})
    assert "изменилась" in state.errors.form
    assert state.total == str(Money(2000_00))
    assert room.payments() == []
    await sent(room, state, {"kind": "debt"})
    assert state.errors == PayErrors()
    assert room.only_payment().amount_kopecks == 2000_00


async def test_debt_paid_in_another_tab_is_not_paid_twice(room: PayRoom) -> None:
    state = await opened(room)
    checkout.pay(room.payable.viewer, room.payable.debt_form())
    room.pay_at_the_bank()
    await sent(room, state, {"kind": "debt"})
    assert "Долга нет" in state.errors.form
    assert len(room.payments()) == 1


@pytest.mark.parametrize("typed", ["", "0,5", "сто", "350 001"])
async def test_refused_sum_is_said_at_its_field_and_gets_the_focus(room: PayRoom, typed: str) -> None:
    state = await opened(room)
    with seen_by(room.payable.viewer):
        await done(state.choose("own"))
    events = await sent(room, state, {"kind": "own", "amount": typed})
    assert state.errors.amount
    assert argument(events, "ref") == ["ref_amount"]
    assert not state.busy


async def test_field_says_what_is_wrong_only_after_it_was_left(room: PayRoom) -> None:
    state = await opened(room)
    with seen_by(room.payable.viewer):
        await done(state.choose("own"))
        await done(state.type_amount("0,"))
        assert (state.errors.amount, state.total) == ("", "—")
        await done(state.leave_amount("0,"))
        assert state.errors.amount
        await done(state.type_amount("0,5"))
        assert state.errors.amount
        await done(state.type_amount("5"))
        assert state.errors.amount == ""


async def test_refusal_of_an_empty_sum_outlives_the_late_news_that_the_field_was_emptied(room: PayRoom) -> None:
    state = await opened(room)
    with seen_by(room.payable.viewer):
        await done(state.choose("own"))
    await sent(room, state, {"kind": "own", "amount": ""})
    with seen_by(room.payable.viewer):
        await done(state.type_amount(""))
    assert state.errors.amount


@pytest.mark.parametrize("junk", JUNK)
async def test_whatever_a_socket_sends_makes_no_payment_of_its_own(room: PayRoom, junk: Any) -> None:
    state = await opened(room)
    with seen_by(room.payable.viewer):
        await done(state.choose(junk))
        await done(state.type_amount(junk))
        await done(state.leave_amount(junk))
    await sent(room, state, {"kind": "own", "amount": junk, "receipt_contact": junk})
    assert room.payments() == []
    assert len(state._typed) <= 40


@pytest.mark.parametrize("junk", JUNK)
async def test_junk_in_place_of_the_form_pays_at_most_the_debt_on_the_button(room: PayRoom, junk: Any) -> None:
    await sent(room, await opened(room), junk)
    assert room.only_payment().amount_kopecks == DEBT.kopecks


async def test_browser_is_told_ready_values_only(room: PayRoom) -> None:
    state = await opened(room)
    await sent(room, state, {"kind": "debt"})
    told = str(state.dict())
    for secret in (state._intent_id, room.only_payment().id, str(DEBT.kopecks), room.gateway.only_id()):
        assert secret not in told


async def test_return_page_shows_a_stranger_the_sum_and_the_state(room: PayRoom) -> None:
    payment_id = checkout.pay(room.payable.viewer, room.payable.debt_form())
    room.pay_at_the_bank()
    state = state_at(ReturnState, f"/pay/return/{payment_id}")
    with seen_by(Viewer()):
        await done(in_background(state, "follow"))
    assert (state.stage, state.view.amount, state.view.heading) == ("shown", str(DEBT), "Оплата прошла")
    assert not state.view.is_known
    assert (state.leave_to, state.is_waiting_longer) == ("", False)


@pytest.mark.parametrize("payment_id", ["", "x", UNKNOWN, "x" * 5000])
async def test_return_page_of_no_payment_says_so(room: PayRoom, payment_id: str) -> None:
    state = state_at(ReturnState, f"/pay/return/{payment_id}")
    with seen_by(Viewer()):
        await done(in_background(state, "follow"))
    assert state.stage == "missing"


async def test_return_page_goes_on_to_the_gateway_when_its_address_appears(
    room: PayRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(returning, "_LOOK_SECONDS", 0.01)
    monkeypatch.setattr(returning, "_WATCH_SECONDS", patience.SECONDS)
    room.gateway.fail_next("create", Unknown("no answer"))
    payment_id = checkout.pay(room.payable.viewer, room.payable.debt_form())
    room.clock.pass_(seconds=6)
    state = state_at(ReturnState, f"/pay/return/{payment_id}")
    with seen_by(room.payable.viewer):
        following = asyncio.ensure_future(done(in_background(state, "follow")))
        await asyncio.to_thread(until, lambda: bool(state.leave_to) or following.done())
        # Its patience is over.
        returning._followed.clear()
        await following
    assert state.leave_to == BANK
    assert state.is_waiting_longer


async def test_return_page_opened_on_a_waiting_payment_sends_nobody_away(
    room: PayRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(returning, "_LOOK_SECONDS", 0.01)
    monkeypatch.setattr(returning, "_WATCH_SECONDS", 0.1)
    payment_id = checkout.pay(room.payable.viewer, room.payable.debt_form())
    state = state_at(ReturnState, f"/pay/return/{payment_id}")
    with seen_by(room.payable.viewer):
        await done(in_background(state, "follow"))
    assert (state.leave_to, state.view.pay_url) == ("", BANK)


async def test_history_is_loaded_and_continued(room: PayRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lkk_reflex.cabinet.past_payments.PAGE_LINES", 2)
    for kopecks in (100, 200, 300):
        checkout.pay(room.payable.viewer, room.payable.own_form(f"{kopecks}"))
    state = state_at(PaymentsState, "/payments")
    with seen_by(room.payable.viewer):
        await done(state.open())
        assert (state.stage, len(state.lines), state.has_more) == ("ready", 2, True)
        await done(state.show_more())
        assert (len(state.lines), state.has_more, state.busy) == (3, False, False)
        await done(state.show_more())
        assert len(state.lines) == 3
        await done(state.open())
        assert len(state.lines) == 2


async def test_history_of_a_stranger_is_empty(room: PayRoom) -> None:
    checkout.pay(room.payable.viewer, room.payable.debt_form())
    state = state_at(PaymentsState, "/payments")
    with seen_by(room.stranger):
        await done(state.open())
    assert (state.stage, state.lines) == ("ready", [])
