"""Paying and giving readings without a cabinet: the handlers, called without a browser."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from lkk_reflex.accounts import errors, guests
from lkk_reflex.accounts.models import AccountLink, PersonalAccount, ServiceProvider
from lkk_reflex.accounts.statements import GUEST_LINK
from lkk_reflex.cabinet import quick
from lkk_reflex.cabinet.connect_state import ConnectState
from lkk_reflex.cabinet.quick_projection import QuickErrors
from lkk_reflex.cabinet.quick_readings_state import QuickReadingsState
from lkk_reflex.cabinet.quick_state import QuickDeskState, QuickState
from lkk_reflex.cabinet.return_state import ReturnState
from lkk_reflex.identity import guard
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Forbidden, SignInRequired
from lkk_reflex.kit.numbers import numbered
from lkk_reflex.kit.rate_limit import TooManyAttempts
from lkk_reflex.meters import submitting
from lkk_reflex.meters.errors import SignedLinkOver
from lkk_reflex.meters.models import Reading
from lkk_reflex.meters.signed_links import signed_token
from lkk_reflex.payments.checkout import new_intent
from lkk_reflex.payments.models import PaymentStatus
from lkk_reflex.payments.rules import reference_of
from tests.factories import accounts as made
from tests.factories import meters
from tests.factories.payments import make_payable, make_payment
from tests.support.handlers import JUNK, argument, call, run_background_handlers_in_place, show_page, state_at
from tests.support.pay_desk import PayRoom, give_receipts, pay_room

STRANGER = Viewer(address="203.0.113.9")
#: What only who has a cabinet, or extended access, may see.
PERSONAL = ("Иванов", "Ленина", "1000123456", "12-3456", "100", "345")


@dataclass
class Porch:
    """An account with a debt and a meter; a subscriber has connected it, the one at the door has not."""

    room: PayRoom
    number: str
    provider_code: str
    link_id: str
    field: str
    token: str = ""


@pytest.fixture
def porch(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Porch]:
    """Somebody without a cabinet at the door; time stands still in the open window of readings."""
    run_background_handlers_in_place(monkeypatch)
    with pay_room(engine, monkeypatch, tmp_path) as room:
        with unit_of_work() as session:
            link = session.exec(select(AccountLink).where(AccountLink.public_id == room.payable.link_id)).one()
            account = session.get_one(PersonalAccount, link.account_id)
            meter = meters.make_meter(session, account, serial="12-345678", place="кухня")
            meters.make_history(session, meter, 281, *[8] * 8)
            session.get_one(ServiceProvider, account.provider_id).inn = "7707083893"
            form = meters.make_form("", (meter, "1"))
            provider = next(iter(quick.choices(session)))
            porch = Porch(room, account.number, provider.code, link.public_id, next(iter(form.values)))

        async def the_pass(_state: Any) -> str:
            return porch.token

        for module in ("quick_state", "quick_readings_state", "return_state"):
            monkeypatch.setattr(f"lkk_reflex.cabinet.{module}.pass_in", the_pass)
        yield porch


async def comes_in(porch: Porch, viewer: Viewer = STRANGER) -> Any:
    state = state_at(QuickState, "/quick")
    await call(viewer, state, "load")
    events = await call(viewer, state, "find", {"provider": porch.provider_code, "number": porch.number})
    assert argument(events, "path") == ["/quick/account"]
    porch.token = state._pass
    return state


async def desk_of(porch: Porch, viewer: Viewer = STRANGER) -> Any:
    state = state_at(QuickDeskState, "/quick/account")
    await call(viewer, state, "open")
    return state


async def readings_of(porch: Porch, path: str = "/quick/readings") -> Any:
    state = state_at(QuickReadingsState, path)
    await call(STRANGER, state, "open")
    return state


def saved() -> list[Reading]:
    with reading() as session:
        return [row for row in session.exec(select(Reading)) if row.number]


def test_every_handler_is_for_everybody() -> None:
    levels = {
        handler.fn.__access__
        for kind in (QuickState, QuickDeskState, QuickReadingsState)
        for name, handler in kind.event_handlers.items()
        if name != "setvar"
    }
    assert levels == {guard.Access.PUBLIC}


async def test_guest_sees_the_provider_the_end_of_the_number_and_the_sum(porch: Porch) -> None:
    found = await comes_in(porch)
    state = await desk_of(porch)
    assert state.stage == "ready"
    assert state.desk.number == f"№\N{NO-BREAK SPACE}•••{porch.number[-4:]}"
    assert state.desk.debt
    told = f"{state.desk} {found.dict()}"
    assert porch.number not in told
    assert porch.token not in str({name: getattr(found, name) for name in found.vars})
    assert not [word for word in PERSONAL[:3] if word in told]


async def test_guest_pays_and_the_payment_is_nobodys(porch: Porch) -> None:
    await comes_in(porch)
    state = await desk_of(porch)
    events = await call(STRANGER, state, "pay", {"amount": state.desk.typed, "receipt_contact": "a@mail.ru"})
    assert events == []
    assert state.leave_to.startswith("https://")
    payment = porch.room.only_payment()
    assert payment.subscriber_id is None
    result = state_at(ReturnState, f"/pay/return/{payment.id}")
    porch.room.pay_at_the_bank()
    await call(STRANGER, result, "follow")
    assert result.view.heading == "Оплата прошла"
    assert not result.view.is_known
    assert (result.view.number, result.view.account) == tuple(
        map(numbered, (reference_of(payment.id), f"•••{porch.number[-4:]}"))
    )
    assert porch.number not in str(result.view)
    assert porch.room.credited() == payment.amount_kopecks


async def test_who_paid_without_a_cabinet_finds_the_way_back_to_the_bank(porch: Porch) -> None:
    await comes_in(porch)
    state = await desk_of(porch)
    await call(STRANGER, state, "pay", {"amount": "10", "receipt_contact": "a@mail.ru"})
    with reading() as session:
        payment = porch.room.only_payment()
        guest = guests.guest_of(session, STRANGER, token=porch.token)
        assert payment.status is PaymentStatus.PENDING
        assert quick.way_on(session, guest, payment_id=payment.id) == payment.confirmation_url


async def test_wrong_sum_is_said_at_its_field(porch: Porch) -> None:
    await comes_in(porch)
    state = await desk_of(porch)
    events = await call(STRANGER, state, "pay", {"amount": "много"})
    assert state.errors.amount
    assert argument(events, "ref") == ["ref_amount"]
    assert not porch.room.payments()


async def test_two_clicks_pay_once(porch: Porch) -> None:
    await comes_in(porch)
    state = await desk_of(porch)
    for _ in range(2):
        await call(STRANGER, state, "pay", {"amount": "10", "receipt_contact": "a@mail.ru"})
    assert len(porch.room.payments()) == 1


async def test_beginning_payment_after_payment_ends_in_a_wait(porch: Porch) -> None:
    await comes_in(porch)
    state = await desk_of(porch)
    for _ in range(21):
        await call(STRANGER, state, "pay", {"amount": "много"})
    assert TooManyAttempts.text.split(".", maxsplit=1)[0] in state.errors.form


async def test_without_a_pass_nothing_is_shown_or_done(porch: Porch) -> None:
    state = await desk_of(porch)
    assert state.stage == "ended"
    assert await call(STRANGER, state, "pay", {"amount": "10"}) == []
    readings = await readings_of(porch)
    assert readings.stage == "ended"
    assert await call(STRANGER, readings, "send", {porch.field: "350"}) == []
    assert not porch.room.payments()
    assert not saved()


async def test_pass_that_ends_meanwhile_is_said_to_have_ended(porch: Porch) -> None:
    await comes_in(porch)
    state, readings = await desk_of(porch), await readings_of(porch)
    porch.room.clock.pass_(hours=1)
    await call(STRANGER, state, "pay", {"amount": "10"})
    await call(STRANGER, readings, "send", {porch.field: "350"})
    assert (state.stage, readings.stage) == ("ended", "ended")
    assert not porch.room.payments()
    assert not saved()


async def test_guest_gives_readings_that_are_nobodys(porch: Porch) -> None:
    await comes_in(porch)
    state = await readings_of(porch)
    assert state.stage == "ready"
    assert await call(STRANGER, state, "send", {porch.field: "350", "intent": state.intent}) == []
    assert state.answer.focus == "saved 1"
    (row,) = saved()
    assert row.subscriber_id is None
    assert numbered(row.number or "") in state.answer.saved[0].text
    assert not state.is_open


async def test_form_of_readings_tells_nothing_of_what_was_read_before(porch: Porch) -> None:
    await comes_in(porch)
    state = await readings_of(porch)
    assert state.meters[0].where == "№\N{NO-BREAK SPACE}••78 · кухня"
    for typed in ("344", "345", "9000", "99999"):
        await call(STRANGER, state, "send", {porch.field: typed, "intent": state.intent})
        assert state.answer.summary or state.answer.questions.asked or state.answer.saved
        told = f"{state.meters} {state.answer.summary} {state.answer.questions.texts}"
        assert "345" not in told
        assert "8655" not in told.replace("\N{NARROW NO-BREAK SPACE}", "")
        assert "20 октября" not in told
    assert not saved()


async def test_doubtful_reading_is_saved_after_a_yes(porch: Porch) -> None:
    await comes_in(porch)
    state = await readings_of(porch)
    await call(STRANGER, state, "send", {porch.field: "345", "intent": state.intent})
    assert state.answer.questions.texts == [
        "Холодная вода. Расход 0. Так бывает, если никого не было дома. Подтвердить?"
    ]
    yes = {porch.field: "345", "intent": state.intent, "confirmed": state.answer.questions.asked}
    await call(STRANGER, state, "revise")
    assert not state.answer.questions.asked
    await call(STRANGER, state, "send", yes)
    assert len(saved()) == 1


async def test_reading_that_somebody_has_sent_is_neither_shown_nor_changed(porch: Porch) -> None:
    await comes_in(porch)
    state = await readings_of(porch)
    await call(STRANGER, state, "send", {porch.field: "350", "intent": state.intent})
    again = await readings_of(porch)
    assert (again.meters[0].sent, again.meters[0].sent_note, again.meters[0].number, again.is_open) == (
        "Показание за этот месяц передано",
        "Исправить его можно в личном кабинете с расширенным доступом.", "", False,
    )  # fmt: skip
    await call(STRANGER, again, "send", {porch.field: "360", "intent": again.intent})
    assert again.answer.summary == [
        (
            porch.field,
            "Показание за этот месяц уже передано. Исправить его можно в личном кабинете с расширенным доступом.",
        )
    ]
    assert len(saved()) == 1


async def test_link_of_a_letter_takes_readings_and_nothing_else(porch: Porch) -> None:
    token = signed_token(porch.link_id, BillingPeriod(2026, 11))
    state = await readings_of(porch, f"/quick/readings/{token}")
    assert state.stage == "ready"
    assert "345" not in str(state.meters)
    await call(STRANGER, state, "send", {porch.field: "350", "intent": state.intent})
    assert [row.subscriber_id for row in saved()] == [None]
    porch.token = token
    assert (await desk_of(porch)).stage == "ended"


async def test_link_of_a_letter_is_exchanged_for_a_pass_to_its_account_by_a_button(porch: Porch) -> None:
    path = f"/quick/readings/{signed_token(porch.link_id, BillingPeriod(2026, 11))}"
    await readings_of(porch, path)
    state = state_at(QuickState, path)
    assert argument(await call(STRANGER, state, "to_pay"), "path") == ["/quick/account"]
    porch.token = state._pass
    desk = await desk_of(porch)
    assert desk.stage == "ready"
    assert desk.desk.number == f"№\N{NO-BREAK SPACE}•••{porch.number[-4:]}"
    assert porch.token not in str({name: getattr(state, name) for name in state.vars})
    events = await call(STRANGER, desk, "pay", {"amount": "10", "receipt_contact": "a@mail.ru"})
    assert events == []
    assert porch.room.only_payment().subscriber_id is None


async def test_links_of_letters_show_no_more_sums_than_numbers_do(porch: Porch) -> None:
    path = f"/quick/readings/{signed_token(porch.link_id, BillingPeriod(2026, 11))}"
    state = state_at(QuickState, path)
    allowed = guests.THROTTLE.found[0].amount
    for _ in range(allowed):
        await call(STRANGER, state, "to_pay")
        assert not state.errors.form
    kept = state._pass
    assert await call(STRANGER, state, "to_pay") == []
    assert state.errors.form
    assert state._pass == kept
    refused = state_at(QuickState, "/quick")
    await call(STRANGER, refused, "find", {"provider": porch.provider_code, "number": porch.number})
    assert refused.errors.form
    assert not refused._pass


async def test_pass_of_a_number_stays_on_the_way_from_readings_to_paying(porch: Porch) -> None:
    state = await comes_in(porch)
    show_page(state, "/quick/readings")
    assert argument(await call(STRANGER, state, "to_pay"), "path") == ["/quick/account"]
    assert state._pass == porch.token


async def test_link_that_is_not_ours_takes_nothing(porch: Porch) -> None:
    state = await readings_of(porch, "/quick/readings/202611AAAAAAAAAAAAAAAAAAAAAAx")
    assert state.stage == "ended"
    asked = state_at(QuickState, "/quick/readings/202611AAAAAAAAAAAAAAAAAAAAAAx")
    assert await call(STRANGER, asked, "to_pay") == []
    assert asked.errors.form == SignedLinkOver.text
    assert not asked._pass


@pytest.mark.parametrize("typed", ["9999999999", "1111111111"])
async def test_number_that_is_none_is_refused_at_its_field(porch: Porch, typed: str) -> None:
    state = state_at(QuickState, "/quick")
    events = await call(STRANGER, state, "find", {"provider": porch.provider_code, "number": typed})
    assert state.errors.number == errors.AccountNotConfirmed.text
    assert argument(events, "ref") == ["ref_number"]
    assert not state._pass


async def test_who_has_chosen_no_provider_is_asked_to_choose_one(porch: Porch) -> None:
    state = state_at(QuickState, "/quick")
    await call(STRANGER, state, "find", {"provider": "", "number": "1000123456"})
    assert state.errors == QuickErrors(provider=errors.ProviderMissing.text)


async def test_empty_form_tells_of_both_fields_and_focuses_the_first(porch: Porch) -> None:
    state = state_at(QuickState, "/quick")
    events = await call(STRANGER, state, "find", {})
    both = {"provider": errors.ProviderMissing.text, "number": errors.NumberMissing.text}
    assert state.errors == QuickErrors(summary=list(both.items()), **both)
    assert argument(events, "ref") == ["ref_provider"]


async def test_wrong_sum_and_wrong_contact_are_told_together(porch: Porch) -> None:
    await comes_in(porch)
    state = await desk_of(porch)
    give_receipts(porch.room)
    events = await call(STRANGER, state, "pay", {"amount": "много", "receipt_contact": "почта"})
    assert [name for name, _ in state.errors.summary] == ["amount", "receipt_contact"]
    assert state.errors.amount
    assert state.errors.receipt_contact
    assert argument(events, "ref") == ["ref_amount"]
    assert not porch.room.payments()


async def test_payment_code_needs_no_provider(porch: Porch) -> None:
    with unit_of_work() as session:
        inn = quick.choices(session)[0].inn
    code = (
        f"ST00012|Name=Водоканал|PersonalAcc=40702810338000077504|BankName=Банк|BIC=044525225|"
        f"CorrespAcc=30101810400000000225|PayeeINN={inn}|PersAcc={porch.number}"
    )
    state = state_at(QuickState, "/quick")
    events = await call(STRANGER, state, "find", {"number": code})
    assert argument(events, "path") == ["/quick/account"]
    assert state._pass


async def test_only_provider_is_not_asked_for(porch: Porch) -> None:
    state = state_at(QuickState, "/quick")
    await call(STRANGER, state, "load")
    is_only = state.only_code == porch.provider_code and state.providers == []
    with unit_of_work() as session:
        count = len(quick.choices(session))
        made.make_provider(session, code="gas", name="Газ")
    assert is_only is (count == 1)
    await call(STRANGER, state, "load")
    assert state.only_code == ""
    assert len(state.providers) == count + 1


async def test_opening_the_page_anew_forgets_the_pass(porch: Porch) -> None:
    state = await comes_in(porch)
    await call(STRANGER, state, "load")
    assert not state._pass


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: repr(junk)[:20])
async def test_any_payload_is_answered_in_words(porch: Porch, junk: Any) -> None:
    await comes_in(porch)
    find, desk, readings = state_at(QuickState, "/quick"), await desk_of(porch), await readings_of(porch)
    for data in (junk, {"provider": junk, "number": junk, "amount": junk, porch.field: junk}):
        await call(STRANGER, find, "find", data)
        await call(STRANGER, desk, "pay", data)
        await call(STRANGER, readings, "send", data)
        assert find.errors != QuickErrors()


async def test_pass_to_one_account_leads_to_no_payment_of_another(porch: Porch) -> None:
    await comes_in(porch)
    with unit_of_work() as session:
        foreign = make_payment(session, make_payable(session)).id
    with reading() as session:
        guest = guests.guest_of(session, STRANGER, token=porch.token)
        with pytest.raises(Forbidden):
            quick.way_on(session, guest, payment_id=foreign)
        for nobody in (STRANGER, porch.room.stranger):
            with pytest.raises(SignInRequired):
                quick.way_on(session, nobody, payment_id=foreign)


async def test_link_of_a_letter_is_not_for_paying(porch: Porch) -> None:
    with unit_of_work() as session:
        guest = quick.reader(session, STRANGER, token="", signed=signed_token(porch.link_id, BillingPeriod(2026, 11)))
        form = quick.pay_form(quick.QuickAmount(new_intent(), "10", "a@mail.ru"))
        with pytest.raises(SignInRequired):
            quick.begin(session, guest, form=form)


async def test_guest_withdraws_no_reading_not_even_that_of_a_guest(porch: Porch) -> None:
    await comes_in(porch)
    state = await readings_of(porch)
    await call(STRANGER, state, "send", {porch.field: "350", "intent": state.intent})
    with unit_of_work() as session:
        guest = guests.guest_of(session, STRANGER, token=porch.token)
        with pytest.raises(Forbidden):
            submitting.withdraw(session, guest, link_id=GUEST_LINK, number=saved()[0].number or "")


async def test_connecting_leaves_out_the_choice_where_there_is_none(porch: Porch) -> None:
    viewer = porch.room.stranger
    first, second = f"/cabinet/connect/{porch.provider_code}", state_at(ConnectState, "/cabinet/connect")
    assert argument(await call(viewer, second, "load"), "path") == [first]
    show_page(second, first)
    assert await call(viewer, second, "load") == []
    assert second.provider.is_only
    with unit_of_work() as session:
        made.make_provider(session, code="gas", name="Газ")
    show_page(second, "/cabinet/connect")
    assert await call(viewer, second, "load") == []
