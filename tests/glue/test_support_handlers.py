"""The handlers of the pages of feedback, called without a browser."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from lkk_reflex.identity import guard
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import SignInRequired
from lkk_reflex.kit.numbers import numbered
from lkk_reflex.support import deadlines, staff, tickets
from lkk_reflex.support.models import Topic
from lkk_reflex.support.new_ticket_state import NewTicketState
from lkk_reflex.support.support_state import SupportState
from lkk_reflex.support.ticket_state import TicketState
from lkk_reflex.support.writing import new_id
from tests.factories import accounts as made
from tests.factories.identity import make_viewer
from tests.factories.support import company_form, make_ticket, upload
from tests.support.handlers import JUNK, argument, call, run_background_handlers_in_place, show_page, state_at
from tests.support.portal import configured, hash_quickly, held_clock

TEXT = "Почему 140, а не 130?"
SUPPORT = {"recipient": "support", "topic_support": "paying", "text": TEXT}


@dataclass
class House:
    """Anna with an account and a ticket about it, and Boris, who has neither."""

    anna: Viewer
    boris: Viewer
    link_id: str
    ticket_id: str
    number: str


@pytest.fixture
def house(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[House]:
    """Time stands still."""
    hash_quickly(monkeypatch)
    run_background_handlers_in_place(monkeypatch)
    with held_clock(), configured(monkeypatch, tmp_path):
        with unit_of_work() as session:
            water = made.make_provider(session, code="water", name="Горводоканал", phone="8 (4842) 55-01-01")
            made.make_provider(session, code="gas", name="Межрайгаз")
            anna, boris = make_viewer(session), make_viewer(session)
            link = made.make_link(session, anna, made.make_account(session, water, number="1000123456"))
            ticket = make_ticket(session, anna, company_form(account=link.public_id, text=TEXT))
            house = House(anna, boris, link.public_id, ticket.public_id, ticket.number)
        yield house


async def new_form(viewer: Viewer, path: str = "/support/new") -> Any:
    state = state_at(NewTicketState, path)
    await call(viewer, state, "open")
    return state


async def ticket_page(house: House, viewer: Viewer | None = None) -> Any:
    state = state_at(TicketState, f"/support/{house.ticket_id}")
    await call(viewer or house.anna, state, "load")
    return state


def answer(house: House) -> None:
    with unit_of_work() as session:
        staff.answer(session, Viewer.system(), number=house.number, text="Пересчитали")


def test_handlers_say_who_may_call_them() -> None:
    levels = {
        (kind.__name__, name): handler.fn.__access__
        for kind in (SupportState, NewTicketState, TicketState)
        for name, handler in kind.event_handlers.items()
        if name != "setvar"
    }
    assert levels.pop(("SupportState", "open")) is guard.Access.PUBLIC
    assert set(levels.values()) == {guard.Access.SUBSCRIBER}


@pytest.mark.parametrize(
    ("kind", "name"), [(SupportState, "show_more"), (NewTicketState, "open"), (TicketState, "load")]
)
async def test_use_cases_refuse_who_got_past_the_gate_without_a_session(house: House, kind: Any, name: str) -> None:
    state = state_at(kind, f"/support/{house.ticket_id}")
    if kind is SupportState:
        state.has_more = True
    with pytest.raises(SignInRequired):
        await call(Viewer(), state, name)


async def test_guest_sees_contacts_and_no_tickets(house: House) -> None:
    state = state_at(SupportState, "/support")
    await call(Viewer(), state, "open")
    assert (state.stage, state.lines) == ("guest", [])
    assert [(known.name, known.phone_href) for known in state.contacts] == [
        ("Горводоканал", "tel:84842550101"),
        ("Межрайгаз", "tel:"),
    ]


async def test_list_shows_own_tickets_and_its_next_page(house: House) -> None:
    state = state_at(SupportState, "/support")
    await call(house.anna, state, "open")
    (line,) = state.lines
    assert (line.number, line.topic, line.whom) == (
        numbered(house.number),
        "Начисления и перерасчёт",
        "Горводоканал",
    )
    assert (line.state, line.when) == ("Ждёт ответа", "Ответим до 4\u00a0декабря (10 рабочих дней)")
    assert not state.has_more
    await call(house.anna, state, "show_more")
    assert len(state.lines) == 1
    await call(house.boris, state, "open")
    assert (state.stage, state.lines) == ("ready", [])


async def test_second_page_follows_the_first(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickets, "PAGE_LINES", 3)
    with unit_of_work() as session:
        numbers = {numbered(make_ticket(session, house.boris).number) for _ in range(5)}
    state = state_at(SupportState, "/support")
    await call(house.boris, state, "open")
    assert (len(state.lines), state.has_more) == (3, True)
    await call(house.boris, state, "show_more")
    assert ({line.number for line in state.lines}, state.has_more) == (numbers, False)


async def test_form_begins_with_the_account_and_its_company(house: House) -> None:
    state = await new_form(house.anna)
    assert (state.recipient, state.account) == ("provider", house.link_id)
    assert state.promise == "Ответим до 4\u00a0декабря (10 рабочих дней)"
    assert [option.title for option in state.accounts] == ["Горводоканал · 1000123456"]
    assert [option.value for option in state.providers] == ["water", "gas"]


async def test_who_has_no_account_begins_with_the_support(house: House) -> None:
    state = await new_form(house.boris)
    assert (state.recipient, state.account, state.accounts) == ("support", "", [])
    await call(house.boris, state, "choose", "recipient", "provider")
    assert state.promise == ""
    await call(house.boris, state, "choose", "provider", "gas")
    assert state.promise.startswith("Ответим до")


async def test_promise_is_of_the_topic_that_the_field_of_the_recipient_shows(house: House) -> None:
    with unit_of_work() as session:
        deadlines.set_term(session, Viewer.system(), provider_code="water", topic=Topic.CHARGES, working_days=2)
    state = await new_form(house.anna)
    await call(house.anna, state, "choose", "topic_provider", "charges")
    await call(house.anna, state, "choose", "topic_support", "paying")
    assert state.promise.endswith("(2 рабочих дня)")
    await call(house.anna, state, "choose", "recipient", "support")
    assert state.promise.endswith("(10 рабочих дней)")
    await call(house.anna, state, "choose", "recipient", "provider")
    assert state.promise.endswith("(2 рабочих дня)")


@pytest.mark.parametrize("named", ["somebody-elses", "", "%00"])
async def test_address_names_own_accounts_only(house: House, named: str) -> None:
    assert (await new_form(house.anna, f"/support/new?account={named}")).account == house.link_id


async def test_sent_form_leads_to_its_ticket(house: House) -> None:
    state = await new_form(house.boris)
    (path,) = argument(await call(house.boris, state, "send", SUPPORT), "path")
    assert not state.is_busy
    page = state_at(TicketState, path)
    await call(house.boris, page, "load")
    assert page.ticket.is_new
    assert [message.text for message in page.messages] == [TEXT]


async def test_form_sent_twice_leads_to_one_ticket(house: House) -> None:
    state, form = await new_form(house.boris), {**SUPPORT, "intent": new_id()}
    paths = {tuple(argument(await call(house.boris, state, "send", form), "path")) for _ in range(3)}
    assert len(paths) == 1


@pytest.mark.parametrize(
    ("changed", "field", "focus"),
    [
        ({"recipient": ""}, "recipient", "recipient_support"),
        ({"topic_support": ""}, "topic", "topic_support"),
        ({"topic_support": "charges"}, "topic", "topic_support"),
        ({"recipient": "provider", "topic_provider": "charges"}, "provider", "provider"),
        ({"account": "somebody-elses"}, "account", "account"),
        ({"text": " "}, "text", "text"),
        ({"text": "я" * 4001}, "text", "text"),
        ({"files": new_id()}, "files", "attach"),
        ({"files": " ".join(new_id() for _ in range(9))}, "files", "attach"),
    ],
)
async def test_refusal_stands_at_its_field_and_the_focus_goes_there(
    house: House, changed: dict[str, str], field: str, focus: str
) -> None:
    state = await new_form(house.boris)
    events = await call(house.boris, state, "send", {**SUPPORT, **changed})
    assert getattr(state.errors, field)
    assert argument(events, "ref") == [f"ref_{focus}"]
    assert not state.is_busy


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"topic_support": "", "text": ""}, ["topic_support", "text"]),
        ({"recipient": "", "topic_support": "", "text": ""}, ["recipient_support", "text"]),
        ({"recipient": "provider", "text": ""}, ["topic_provider", "provider", "text"]),
        ({"text": "", "files": new_id()}, ["text", "attach"]),
    ],
)
async def test_all_that_is_wrong_is_said_at_once(house: House, changed: dict[str, str], wrong: list[str]) -> None:
    state = await new_form(house.boris)
    events = await call(house.boris, state, "send", {**SUPPORT, **changed})
    assert [element for element, _ in state.errors.summary] == wrong
    assert argument(events, "ref") == [f"ref_{wrong[0]}"]
    with reading() as session:
        assert not tickets.own_tickets(session, house.boris).lines


async def test_choice_mends_its_own_field_and_leaves_what_was_said_of_others(house: House) -> None:
    state = await new_form(house.boris)
    await call(house.boris, state, "send", {**SUPPORT, "topic_support": "", "text": ""})
    await call(house.boris, state, "choose", "topic_support", "paying")
    assert (state.errors.topic, state.errors.summary) == ("", [])
    assert state.errors.text == "Напишите, что случилось."


async def test_too_many_tickets_are_told_above_the_button(house: House) -> None:
    state = await new_form(house.boris)
    for _ in range(11):
        await call(house.boris, state, "send", SUPPORT)
    assert "много сообщений" in state.errors.form


async def test_ticket_shows_its_dialogue_and_nothing_that_names_a_row(house: House) -> None:
    answer(house)
    state = await ticket_page(house)
    assert (state.ticket.state, state.ticket.whom, state.ticket.account) == (
        "Есть ответ",
        "Горводоканал",
        "№\u00a01000123456",
    )
    assert [(message.author, message.kind, message.at) for message in state.messages] == [
        ("Вы", "own", "22.11.2026, 12:00"),
        ("Горводоканал", "staff", "22.11.2026, 12:00"),
    ]
    assert not [
        name
        for name in state.ticket.__slots__
        if isinstance(getattr(state.ticket, name), int | float) and not isinstance(getattr(state.ticket, name), bool)
    ]


@pytest.mark.parametrize("name", ["load", "close", "reopen", "refresh"])
async def test_somebody_elses_ticket_is_missing(house: House, name: str) -> None:
    state = await ticket_page(house, house.boris)
    await call(house.boris, state, name)
    assert state.is_missing
    assert state.messages == []
    assert (await ticket_page(house)).ticket.is_new


@pytest.mark.parametrize(("name", "data"), [("send", {"text": "Чужое"}), ("rate", {"rating": "1"})])
async def test_nothing_is_written_to_somebody_elses_ticket(house: House, name: str, data: dict[str, str]) -> None:
    state = await ticket_page(house, house.boris)
    await call(house.boris, state, name, data)
    assert state.is_missing
    assert len((await ticket_page(house)).messages) == 1


async def test_message_with_a_file_is_added_and_names_its_form(house: House) -> None:
    with unit_of_work() as session:
        file = upload(session, house.anna)
    state, intent = await ticket_page(house), new_id()
    for _ in range(2):
        await call(house.anna, state, "send", {"text": "Вот фото", "intent": intent, "files": file.public_id})
    assert [message.text for message in state.messages] == [TEXT, "Вот фото"]
    (shown,) = state.messages[1].files
    assert (shown.href, shown.name) == (f"/support/attachments/{file.public_id}", "счётчик.jpg")
    assert intent in state.ticket.saved.split()
    assert (state.done, state.is_busy) == ("Сообщение отправлено", False)


async def test_empty_message_is_refused_at_its_field(house: House) -> None:
    state = await ticket_page(house)
    events = await call(house.anna, state, "send", {"text": ""})
    assert state.errors.text == "Напишите, что случилось."
    assert argument(events, "ref") == ["ref_text"]
    await call(house.anna, state, "send", {"text": "", "files": new_id()})
    assert [element for element, _ in state.errors.summary] == ["text", "attach"]


async def test_ticket_is_rated_closed_and_opened_again(house: House) -> None:
    answer(house)
    state = await ticket_page(house)
    events = await call(house.anna, state, "rate", {})
    assert state.errors.rating
    assert argument(events, "ref") == ["ref_rating_5"]
    await call(house.anna, state, "rate", {"comment": "я" * 2000})
    assert [element for element, _ in state.errors.rating_summary] == ["rating_5", "comment"]
    assert state.errors.summary == []
    await call(house.anna, state, "rate", {"rating": "4", "comment": "Спасибо"})
    assert (state.ticket.rating, state.errors.rating) == ("4 из 5", "")
    await call(house.anna, state, "close")
    assert (state.ticket.is_closed, state.ticket.can_reopen) == (True, True)
    await call(house.anna, state, "send", {"text": "Ещё"})
    assert "закрыто" in state.errors.form
    await call(house.anna, state, "reopen")
    assert not state.ticket.is_closed
    await call(house.anna, state, "reopen")
    assert state.errors.form == "Обращение уже открыто."


async def test_answer_appears_when_the_person_comes_back_to_the_tab(house: House) -> None:
    state = await ticket_page(house)
    answer(house)
    await call(house.anna, state, "refresh")
    assert [message.kind for message in state.messages] == ["own", "staff"]


async def test_tab_that_shows_another_page_is_left_alone(house: House) -> None:
    state = await ticket_page(house)
    show_page(state, "/support/another")
    await call(house.anna, state, "refresh")
    assert not state.is_missing


@pytest.mark.parametrize("junk", JUNK, ids=range(len(JUNK)))
async def test_handlers_take_anything_and_break_on_nothing(house: House, junk: Any) -> None:
    form, ticket = await new_form(house.anna), await ticket_page(house)
    await call(house.anna, form, "choose", junk, junk)
    for place in ("recipient", "topic_support", "topic_provider", "account", "provider"):
        await call(house.anna, form, "choose", place, junk)
        await call(house.anna, form, "choose", "recipient", "provider")
    fields = dict.fromkeys(("recipient", "topic_support", "account", "provider", "text", "files", "intent"), junk)
    for data in (junk, fields, {**SUPPORT, **dict.fromkeys(("account", "provider", "files", "intent"), junk)}):
        await call(house.anna, form, "send", data)
        await call(house.anna, ticket, "send", data)
        await call(house.anna, ticket, "rate", data)
    await call(house.anna, ticket, "rate", {"rating": "5", "comment": junk})
