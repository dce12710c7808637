"""Readings inside the pay form: what they cost, and that they are kept whatever becomes of the payment."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from lkk_reflex.accounts.models import PersonalAccount, ServiceProvider
from lkk_reflex.cabinet import pay_readings, paying, returning
from lkk_reflex.cabinet.pay_readings import Given, PayReadings
from lkk_reflex.cabinet.pay_state import PayState
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Forbidden, SignInRequired
from lkk_reflex.kit.money import Money
from lkk_reflex.kit.numbers import numbered
from lkk_reflex.meters.dial import field_name
from lkk_reflex.meters.models import Reading, ReadingSource, ReadingState
from lkk_reflex.meters.views import Form
from lkk_reflex.payments.gateways.base import Unknown
from tests.factories.meters import make_meter, make_reading, make_tariff
from tests.factories.payments import DEBT, make_bill, make_payable
from tests.support.handlers import JUNK, argument, call, run_background_handlers_in_place, state_at
from tests.support.pay_desk import PayRoom, pay_room

#: Seven cubic metres by the tariff below.
ESTIMATE = Money(412_30)


@dataclass
class MeteredRoom:
    """A pay page of an account with a debt and a meter that showed 123."""

    room: PayRoom
    field: str

    @property
    def viewer(self) -> Viewer:
        """Return who pays."""
        return self.room.payable.viewer

    @property
    def link_id(self) -> str:
        """Return the account."""
        return self.room.payable.link_id

    def given(self) -> list[Reading]:
        """Return the readings that came from subscribers."""
        with reading() as session:
            told = session.exec(select(Reading).where(Reading.source == ReadingSource.SUBSCRIBER)).all()
            return sorted(told, key=lambda one: one.id or 0)

    async def opened(self, viewer: Viewer | None = None) -> Any:
        """Return the state of an open pay page with readings chosen."""
        state = state_at(PayState, f"/pay/{self.link_id}")
        await call(viewer or self.viewer, state, "open")
        await call(viewer or self.viewer, state, "choose", "with_readings")
        return state

    async def typed(self, value: str) -> Any:
        """Return the state of an open pay page with a reading in its field."""
        state = await self.opened()
        await call(self.viewer, state, "type_value", self.field, value)
        return state

    async def pay(self, state: Any, value: str, **more: str) -> list[Any]:
        """Press the button."""
        fields = {"kind": "with_readings", "shown": state.shown, self.field: value, **more}
        return await call(self.viewer, state, "pay", fields)


@pytest.fixture
def metered(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[MeteredRoom]:
    """The room, on a day inside the window."""
    run_background_handlers_in_place(monkeypatch)
    with pay_room(engine, monkeypatch, tmp_path) as room:
        room.clock.now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
        with unit_of_work() as session:
            account = session.get_one(PersonalAccount, room.payable.account_id)
            meter = make_meter(session, account)
            make_reading(session, meter, 123)
            make_tariff(session, session.get_one(ServiceProvider, room.payable.provider_id), "58.90")
            field = field_name(meter.public_id, 1)
        yield MeteredRoom(room, field)


def test_readings_are_offered_only_where_there_are_meters(metered: MeteredRoom) -> None:
    with unit_of_work() as session:
        bare = make_payable(session)
    with reading() as session:
        assert pay_readings.offered(session, metered.viewer, link_id=metered.link_id).readings.has_meters
        assert not pay_readings.offered(session, bare.viewer, link_id=bare.link_id).readings.has_meters


@pytest.mark.parametrize("who", ["anonymous", "stranger"])
def test_nobody_else_sees_or_gives_readings(metered: MeteredRoom, who: str) -> None:
    viewer = Viewer() if who == "anonymous" else metered.room.stranger
    refusal = SignInRequired if who == "anonymous" else Forbidden
    form = Form(metered.link_id, "intent", {metered.field: "130"})
    with reading() as session, pytest.raises(refusal):
        pay_readings.offered(session, viewer, link_id=metered.link_id)
    with reading() as session, pytest.raises(refusal):
        pay_readings.weigh(session, viewer, form=form, readings=PayReadings(), left="")
    with unit_of_work() as session, pytest.raises(refusal):
        pay_readings.give(session, viewer, form=form, readings=PayReadings())
    assert metered.given() == []


def test_given_readings_say_what_they_cost(metered: MeteredRoom) -> None:
    form = Form(metered.link_id, "intent", {metered.field: "130"})
    with unit_of_work() as session:
        given: Given = pay_readings.give(session, metered.viewer, form=form, readings=PayReadings())
    assert (given.estimate, given.is_complete, given.is_anything_saved) == (ESTIMATE, True, True)


async def test_sum_on_the_button_is_the_debt_and_the_estimate(metered: MeteredRoom) -> None:
    state = await metered.typed("130")
    assert state.total == str(DEBT + ESTIMATE)
    assert state.readings.meters[0].use == "Расход 7\xa0м³ ≈\xa0412,30\xa0₽"
    await call(metered.viewer, state, "choose", "debt")
    assert state.total == str(DEBT)


async def test_without_a_debt_the_estimate_alone_is_paid(metered: MeteredRoom) -> None:
    with unit_of_work() as session:
        make_bill(session, metered.room.payable.account_id, Money(0), period=202611)
    state = await metered.typed("130")
    assert state.total == str(ESTIMATE)
    await metered.pay(state, "130")
    assert metered.room.only_payment().amount_kopecks == ESTIMATE.kopecks


async def test_overpayment_above_the_estimate_keeps_the_reading_and_pays_nothing(metered: MeteredRoom) -> None:
    with unit_of_work() as session:
        make_bill(session, metered.room.payable.account_id, Money(-5000_00), period=202611)
    state = await metered.typed("130")
    assert state.total == "—"
    await metered.pay(state, "130")
    assert "Долга нет" in state.errors.form
    assert [row.state for row in metered.given()] == [ReadingState.ACCEPTED]
    assert metered.room.payments() == []


async def test_reading_and_payment_are_made_by_one_press(metered: MeteredRoom) -> None:
    state = await metered.typed("130")
    await metered.pay(state, "130")
    payment, (row,) = metered.room.only_payment(), metered.given()
    assert payment.amount_kopecks == (DEBT + ESTIMATE).kopecks
    assert row.state is ReadingState.ACCEPTED
    assert state.leave_to == "https://bank.example/pay/1"
    assert state.readings.saved == [f"Холодная вода: 130 — приняты, {numbered(row.number or '')}"]


async def test_second_press_gives_and_pays_nothing_more(metered: MeteredRoom) -> None:
    state = await metered.typed("130")
    await metered.pay(state, "130")
    await metered.pay(state, "130")
    assert (len(metered.room.payments()), len(metered.given())) == (1, 1)


async def test_opened_anew_and_pressed_again_leads_to_the_same_payment_and_reading(metered: MeteredRoom) -> None:
    await metered.pay(await metered.typed("130"), "130")
    again = await metered.opened()
    assert (again.readings.meters[0].scales[0].value, again.total) == ("130", str(DEBT + ESTIMATE))
    await metered.pay(again, "130")
    assert (len(metered.room.payments()), len(metered.given())) == (1, 1)


async def test_changed_debt_keeps_the_reading_and_asks_again(metered: MeteredRoom) -> None:
    state = await metered.typed("130")
    with unit_of_work() as session:
        make_bill(session, metered.room.payable.account_id, Money(2000_00), period=202611)
    await metered.pay(state, "130")
    assert "изменилась" in state.errors.form
    assert (len(metered.room.payments()), len(metered.given())) == (0, 1)
    assert state.total == str(Money(2000_00) + ESTIMATE)
    await metered.pay(state, "131")
    assert metered.room.payments() == []
    await metered.pay(state, "131")
    assert metered.room.only_payment().amount_kopecks == (Money(2000_00) + Money(471_20)).kopecks
    assert [row.state for row in metered.given()] == [ReadingState.REPLACED, ReadingState.ACCEPTED]


@pytest.mark.parametrize("shown", ["0", "1", "-1", "999999999999999999", "nan", "", "154230"])
async def test_sum_that_the_socket_claims_is_never_believed(metered: MeteredRoom, shown: str) -> None:
    state = await metered.typed("130")
    await metered.pay(state, "130", shown=shown)
    assert metered.room.payments() == []
    assert state.errors.form


async def test_refused_reading_begins_no_payment_and_says_so(metered: MeteredRoom) -> None:
    state = await metered.typed("12")
    await metered.pay(state, "12")
    assert "Меньше прошлого показания" in state.readings.meters[0].scales[0].error
    assert state.errors.form == paying.READING_REFUSED
    assert state.readings.focus.startswith(metered.field)
    assert (metered.room.payments(), metered.given(), state.busy) == ([], [], False)
    await call(metered.viewer, state, "choose", "debt")
    await call(metered.viewer, state, "pay", {"kind": "debt", metered.field: "12"})
    assert metered.room.only_payment().amount_kopecks == DEBT.kopecks


async def test_question_is_asked_before_anything_is_saved_or_paid(metered: MeteredRoom) -> None:
    state = await metered.typed("123")
    await metered.pay(state, "123")
    assert (metered.room.payments(), metered.given()) == ([], [])
    asked = state.readings.questions.asked
    await call(metered.viewer, state, "revise")
    assert state.readings.questions.asked == ""
    await metered.pay(state, "123", confirmed=asked)
    assert metered.room.only_payment().amount_kopecks == DEBT.kopecks
    assert len(metered.given()) == 1


async def test_late_pause_and_leaving_the_field_take_no_answer_back(metered: MeteredRoom) -> None:
    state = await metered.opened()
    await metered.pay(state, "123")
    for name in ("type_value", "leave_value"):
        await call(metered.viewer, state, name, metered.field, "123")
    assert state.readings.questions.asked
    await call(metered.viewer, state, "type_value", metered.field, "124")
    assert not state.readings.questions.asked


async def test_question_and_sum_speak_of_the_value_that_was_sent(metered: MeteredRoom) -> None:
    state = await metered.typed("130")
    await metered.pay(state, "123")
    assert state.readings.questions.asked
    assert state.total == str(DEBT)
    await metered.pay(state, "123", confirmed=state.readings.questions.asked)
    assert metered.room.only_payment().amount_kopecks == DEBT.kopecks


async def test_form_without_a_reading_says_what_to_do_until_one_is_typed(metered: MeteredRoom) -> None:
    state = await metered.opened()
    await metered.pay(state, "")
    assert state.errors.form == "Введите показание хотя бы одного счётчика."
    assert metered.room.payments() == []
    await call(metered.viewer, state, "type_value", metered.field, "130")
    assert state.errors.form == ""


async def test_page_names_the_account_where_several_are_of_one_provider(metered: MeteredRoom) -> None:
    state = await metered.opened()
    with reading() as session:
        account = session.get_one(PersonalAccount, metered.room.payable.account_id)
        provider = session.get_one(ServiceProvider, metered.room.payable.provider_id)
        assert state.desk.account == f"{provider.name} · {numbered(account.number_shown)}"


async def test_gateway_that_does_not_answer_loses_no_reading(metered: MeteredRoom) -> None:
    metered.room.gateway.fail_next("create", Unknown("nobody answers"))
    state = await metered.typed("130")
    events = await metered.pay(state, "130")
    assert argument(events, "path") == [f"/pay/return/{metered.room.only_payment().id}"]
    assert len(metered.given()) == 1


@pytest.mark.parametrize("junk", JUNK, ids=repr)
async def test_junk_in_place_of_arguments_gives_and_pays_nothing(metered: MeteredRoom, junk: Any) -> None:
    state = await metered.opened()
    for name in ("type_value", "leave_value"):
        await call(metered.viewer, state, name, junk, junk)
        await call(metered.viewer, state, name, metered.field, junk)
    fields = {"kind": "with_readings", "shown": junk, metered.field: junk, "confirmed": junk}
    await call(metered.viewer, state, "pay", fields)
    assert (metered.room.payments(), metered.given()) == ([], [])


async def test_result_names_the_readings_given_with_the_payment(metered: MeteredRoom) -> None:
    state = await metered.typed("130")
    await metered.pay(state, "130")
    payment, (row,) = metered.room.only_payment(), metered.given()
    with unit_of_work() as session:
        mine = returning.arrive(session, metered.viewer, payment_id=payment.id)
        strangers = returning.arrive(session, metered.room.stranger, payment_id=payment.id)
    assert mine.readings == [f"Холодная вода: 130 — приняты, {numbered(row.number or '')}"]
    assert strangers.readings == []


async def test_result_names_no_reading_of_another_day(metered: MeteredRoom) -> None:
    state = await metered.typed("130")
    await metered.pay(state, "130")
    with unit_of_work() as session:
        row = session.get_one(Reading, metered.given()[0].id)
        row.submitted_at = row.submitted_at.replace(day=18)
    with unit_of_work() as session:
        shown = returning.arrive(session, metered.viewer, payment_id=metered.room.only_payment().id)
    assert shown.readings == []
