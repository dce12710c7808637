"""The handlers of giving readings and of their history, called without a browser."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select, update

from lkk_reflex.accounts.models import LinkLevel, ServiceProvider
from lkk_reflex.identity import guard
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.numbers import numbered
from lkk_reflex.meters.dial import field_name
from lkk_reflex.meters.exporting import export_readings
from lkk_reflex.meters.giving import LIMITS
from lkk_reflex.meters.history_state import HistoryState
from lkk_reflex.meters.models import MeterPolicy, OutsideWindow, Reading, ReadingSource, ReadingState, WhenExpired
from lkk_reflex.meters.past import PAGE
from lkk_reflex.meters.readings_state import Answer, ChoiceState, ReadingsState
from tests.factories.accounts import make_account, make_link, make_provider
from tests.factories.identity import make_viewer
from tests.factories.meters import make_history, make_meter, make_policy, make_tariff
from tests.support.handlers import JUNK, argument, call, run_background_handlers_in_place, show_page, state_at
from tests.support.portal import HeldClock, configured, hash_quickly, held_clock

#: Inside the window of November.
NOON = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SERIAL = "12-345678"


@dataclass
class Home:
    """A flat with a meter of cold water that showed 123 in October, its owner and a neighbour."""

    owner: Viewer
    neighbour: Viewer
    link_id: str
    guest_link_id: str
    field: str
    second_field: str
    second_serial: str
    clock: HeldClock


@pytest.fixture
def home(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Home]:
    """A flat with two meters; the neighbour has connected it without any proof."""
    hash_quickly(monkeypatch)
    run_background_handlers_in_place(monkeypatch)
    with held_clock() as held, configured(monkeypatch, tmp_path):
        held.now = NOON
        with unit_of_work() as session:
            provider = make_provider(session)
            account = make_account(session, provider)
            owner, neighbour = make_viewer(session), make_viewer(session)
            link = make_link(session, owner, account, level=LinkLevel.EXTENDED)
            guest = make_link(session, neighbour, account)
            until = date(2027, 1, 20)
            meter = make_meter(session, account, serial=SERIAL, place="кухня", verified_until=until)
            second = make_meter(session, account, place="санузел")
            make_history(session, meter, 100, 7, 8, 8)
            make_history(session, second, 10, 2, 2, 2)
            make_tariff(session, provider, "58.90")
            fields = field_name(meter.public_id, 1), field_name(second.public_id, 1)
        yield Home(owner, neighbour, link.public_id, guest.public_id, *fields, second.serial, held)


async def opened(home: Home, viewer: Viewer | None = None, link_id: str = "") -> Any:
    """Return the state of an open form."""
    who = viewer or home.owner
    state = state_at(ReadingsState, f"/readings/{link_id or home.link_id}")
    await call(who, state, "open")
    return state


async def send(home: Home, state: Any, value: str, viewer: Viewer | None = None, **more: Any) -> list[Any]:
    """Send a value of the first meter as the form does."""
    fields = {"intent": state.intent, home.field: value, home.second_field: "", **more}
    return await call(viewer or home.owner, state, "send", fields)


def focused(state: Any) -> str:
    return str(state.answer.focus).partition(" ")[0]


def first(state: Any) -> Any:
    return state.meters[0]


def given() -> list[Reading]:
    with reading() as session:
        own = select(Reading).where(Reading.source == ReadingSource.SUBSCRIBER).order_by(Reading.id)  # type: ignore[arg-type]
        return list(session.exec(own).all())


def test_every_handler_says_who_may_call_it() -> None:
    levels = {
        f"{kind.__name__}.{name}": handler.fn.__access__
        for kind in (ChoiceState, ReadingsState, HistoryState)
        for name, handler in kind.event_handlers.items()
        if name != "setvar"
    }
    assert set(levels.values()) == {guard.Access.SUBSCRIBER}
    assert sorted(levels) == [
        "ChoiceState.open",
        "HistoryState.open",
        "HistoryState.show_more",
        "ReadingsState.correct",
        "ReadingsState.keep",
        "ReadingsState.leave_value",
        "ReadingsState.open",
        "ReadingsState.revise",
        "ReadingsState.send",
        "ReadingsState.type_value",
        "ReadingsState.withdraw",
    ]


async def test_only_account_with_meters_is_opened_at_once(home: Home) -> None:
    state = state_at(ChoiceState, "/readings")
    events = await call(home.owner, state, "open")
    assert argument(events, "path") == [f"/readings/{home.link_id}"]


async def test_who_has_several_accounts_chooses(home: Home) -> None:
    with unit_of_work() as session:
        provider = make_provider(session, code="gas", name="Межрайгаз", inn="7501002227")
        account = make_account(session, provider)
        make_meter(session, account)
        make_link(session, home.owner, account).own_name = "Дача"
    state = state_at(ChoiceState, "/readings")
    assert await call(home.owner, state, "open") == []
    assert [account.title for account in state.accounts] == ["Горводоканал", "Дача"]
    assert state.accounts[0].meters == "2 счётчика: холодная вода"


async def test_form_says_what_was_read_last_and_until_when_it_is_taken(home: Home) -> None:
    state = await opened(home)
    meter = first(state)
    assert (state.stage, meter.title, meter.where) == ("ready", "Холодная вода", f"{numbered(SERIAL)} · кухня")
    assert meter.scales[0].was == "Было 123 (20 октября)"
    assert meter.window == "Приём за ноябрь — до 25 ноября"
    assert (meter.verification, meter.verification_tone) == ("", "")


async def test_late_reading_is_announced_for_the_next_month(home: Home) -> None:
    home.clock.now = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
    meter = first(await opened(home))
    assert meter.is_late
    assert meter.window == "Приём за ноябрь закрыт 25 числа. Это показание учтём при расчёте за декабрь."
    assert "осталось 53\xa0дня" in meter.verification


@pytest.mark.parametrize("who", ["anonymous", "neighbour"])
async def test_somebody_elses_address_shows_nothing(home: Home, who: str) -> None:
    viewer = Viewer() if who == "anonymous" else home.neighbour
    state = state_at(ReadingsState, f"/readings/{home.link_id}")
    if who == "anonymous":
        with pytest.raises(Exception, match="sign_in_required"):
            await call(viewer, state, "open")
        return
    await call(viewer, state, "open")
    assert (state.stage, state.meters, state.account) == ("missing", [], "")
    await send(home, state, "130", viewer)
    assert given() == []


@pytest.mark.parametrize("path", ["/readings/nobody", "/readings/%00", "/readings/" + "x" * 5000, "/", ""])
async def test_address_of_nothing_opens_no_form(home: Home, path: str) -> None:
    state = state_at(ReadingsState, path)
    await call(home.owner, state, "open")
    assert state.stage == "missing"


async def test_account_without_meters_says_so(home: Home) -> None:
    with unit_of_work() as session:
        provider = make_provider(session, code="heat", name="Теплосеть", inn="7501002228")
        link = make_link(session, home.owner, make_account(session, provider))
    assert (await opened(home, link_id=link.public_id)).stage == "empty"


async def test_typed_value_tells_consumption_and_cost(home: Home) -> None:
    state = await opened(home)
    await call(home.owner, state, "type_value", home.field, "130")
    assert first(state).use == "Расход 7\xa0м³ ≈\xa0412,30\xa0₽"
    await call(home.owner, state, "type_value", home.second_field, "18")
    assert state.total == "≈\xa0530,10\xa0₽"
    assert given() == []


async def test_wrong_value_is_named_when_its_field_is_left(home: Home) -> None:
    state = await opened(home)
    await call(home.owner, state, "type_value", home.field, "12")
    assert first(state).scales[0].error == ""
    await call(home.owner, state, "leave_value", home.field, "12")
    assert "Меньше прошлого показания" in first(state).scales[0].error
    assert state.meters[1].scales[0].error == ""
    await call(home.owner, state, "type_value", home.field, "130")
    assert first(state).scales[0].error == ""


async def test_saved_reading_names_number_period_and_last_day_of_correction(home: Home) -> None:
    state = await opened(home)
    await send(home, state, "130,000")
    (row,) = given()
    (saved,) = state.answer.saved
    assert saved.text == (
        f"Показания приняты 20.11.2026 в\xa012:00, {numbered(row.number or '')}. "
        "Учтём при расчёте за ноябрь. Их можно исправить до 25 ноября."
    )
    assert first(state).sent == "За ноябрь передано 130"
    assert (first(state).is_open, state.meters[1].is_open, state.is_busy) == (False, True, False)
    assert focused(state) == "saved"


async def test_same_form_sent_twice_saves_once_even_after_a_lost_connection(home: Home) -> None:
    state = await opened(home)
    intent = state.intent
    await send(home, state, "130")
    reopened = await opened(home)
    await send(home, reopened, "130", intent=intent)
    assert len(given()) == 1
    assert [saved.short for saved in reopened.answer.saved] == [saved.short for saved in state.answer.saved]


async def test_zero_is_asked_and_the_yes_belongs_to_that_value(home: Home) -> None:
    state = await opened(home)
    await send(home, state, "123")
    assert given() == []
    assert state.answer.questions.texts == [
        f"Холодная вода, {numbered(SERIAL)}. Расход 0. Так бывает, если никого не было дома. Подтвердить?"
    ]
    asked = state.answer.questions.asked
    await send(home, state, "124", confirmed=asked)
    assert [row.state for row in given()] == [ReadingState.ACCEPTED]
    await send(home, state, "123", confirmed="")
    assert state.answer.questions.asked == asked
    await send(home, state, "123", confirmed=asked)
    assert [row.state for row in given()] == [ReadingState.REPLACED, ReadingState.ACCEPTED]


async def test_late_pause_and_leaving_the_field_take_no_answer_back(home: Home) -> None:
    state = await opened(home)
    await send(home, state, "12")
    error = first(state).scales[0].error
    await call(home.owner, state, "type_value", home.field, "12")
    assert first(state).scales[0].error == error
    await send(home, state, "123")
    for name in ("type_value", "leave_value"):
        await call(home.owner, state, name, home.field, "123")
    assert state.answer.questions.asked
    await call(home.owner, state, "type_value", home.field, "124")
    assert not state.answer.questions.asked


async def test_revising_takes_the_question_away_and_saves_nothing(home: Home) -> None:
    state = await opened(home)
    await send(home, state, "123")
    await call(home.owner, state, "revise")
    assert state.answer.questions.asked == ""
    assert focused(state) == home.field
    assert given() == []


async def test_question_speaks_of_the_value_that_was_sent_and_not_of_the_one_before(home: Home) -> None:
    state = await opened(home)
    await call(home.owner, state, "type_value", home.field, "900")
    await send(home, state, "200")
    assert state.answer.questions.asked
    assert "Расход 77\xa0м³" in first(state).use
    assert state.total == "≈\xa04\u202f535,30\xa0₽"


async def test_refused_value_stands_at_its_field_and_the_other_meter_is_saved(home: Home) -> None:
    state = await opened(home)
    second: dict[str, Any] = {home.second_field: "18"}
    await send(home, state, "12", **second)
    assert "Меньше прошлого показания (123" in first(state).scales[0].error
    assert state.answer.summary[0][0] == home.field
    assert [row.state for row in given()] == [ReadingState.ACCEPTED]
    assert [saved.title for saved in state.answer.saved] == [f"Холодная вода, {numbered(home.second_serial)}: 18"]
    assert focused(state) == home.field


async def test_empty_form_is_told_what_to_do(home: Home) -> None:
    state = await opened(home)
    await send(home, state, "  ")
    assert state.answer.refusal == "Введите показание хотя бы одного счётчика."
    assert not state.is_busy


async def test_correction_and_withdrawal(home: Home) -> None:
    state = await opened(home)
    await send(home, state, "130")
    assert await call(home.owner, state, "correct", "unknown") == []
    await call(home.owner, state, "correct", first(state).id)
    assert (first(state).is_open, first(state).scales[0].value) == (True, "130")
    await send(home, state, "131")
    assert "исправлены" in state.answer.saved[0].text
    number = first(state).number
    await call(home.owner, state, "withdraw", number)
    assert state.answer.note == f"Показание {numbered(number)} отозвано."
    assert (first(state).sent, first(state).is_open) == ("", True)
    await call(home.owner, state, "withdraw", number)
    assert state.answer.refusal
    await send(home, state, "132")
    assert state.answer.saved[0].text.startswith("Показания приняты")


async def test_correction_can_be_given_up(home: Home) -> None:
    state = await opened(home)
    await send(home, state, "130")
    meter_id = first(state).id
    await call(home.owner, state, "correct", meter_id)
    await call(home.owner, state, "type_value", home.second_field, "18")
    await call(home.owner, state, "type_value", home.field, "150")
    both = state.total
    await call(home.owner, state, "leave_value", home.field, "15")
    assert first(state).scales[0].error
    await call(home.owner, state, "keep", meter_id)
    meter = first(state)
    assert (meter.sent, meter.is_open, meter.scales[0].error, meter.use) == ("За ноябрь передано 130", False, "", "")
    assert (state.total, state.meters[1].is_open) == ("≈\xa0117,80\xa0₽", True)
    assert state.total != both
    assert focused(state) == f"sent-{meter_id}"
    # The pause after typing may end only now.
    await call(home.owner, state, "type_value", home.field, "150")
    assert (first(state).use, state.total) == ("", "≈\xa0117,80\xa0₽")
    await call(home.owner, state, "correct", meter_id)
    assert (first(state).is_open, first(state).scales[0].value) == (True, "130")


async def test_nothing_is_given_up_where_nothing_is_corrected(home: Home) -> None:
    state = await opened(home)
    meters, total = list(state.meters), state.total
    for meter_id in (first(state).id, "unknown"):
        await call(home.owner, state, "keep", meter_id)
    assert (state.meters, state.total) == (meters, total)


def set_policy(**fields: Any) -> None:
    with unit_of_work() as session:
        make_policy(session, session.exec(select(ServiceProvider)).one(), **fields)


def export() -> None:
    with unit_of_work() as session:
        code = session.exec(select(ServiceProvider.code)).one()
        export_readings(session, Viewer.system(), provider_code=code)


def number_given() -> str:
    return next(str(row.number) for row in given())


async def test_reading_of_the_month_is_shown_after_its_window(home: Home) -> None:
    await send(home, await opened(home), "130")
    set_policy(window_to=19, outside_window=OutsideWindow.REFUSE)
    way = f"{numbered(number_given())}, 20.11.2026 в\xa012:00"
    meter = first(await opened(home))
    assert meter.refusal.startswith("Сейчас показания не принимаются")
    assert (meter.sent, meter.last) == ("", "За ноябрь передано 130")
    assert meter.last_note == (f"{way} — принято. Исправить может только поставщик: напишите в «Обратную связь».")
    export()
    meter = first(await opened(home))
    assert meter.last_note.startswith(f"{way} — выгружено поставщику.")
    with unit_of_work() as session:
        row = session.exec(select(Reading).where(Reading.source == ReadingSource.SUBSCRIBER)).one()
        row.state, row.counted_period = ReadingState.COUNTED, 202612
    meter = first(await opened(home))
    assert meter.last_note == f"{way} — учтено в начислении за декабрь. Если в нём ошибка, напишите в «Обратную связь»."
    guests = first(await opened(home, home.neighbour, home.guest_link_id))
    assert (guests.last, guests.last_note) == ("Показание за ноябрь передано", "Его передали не из этого кабинета.")


async def test_late_reading_is_asked_for_beside_the_one_of_the_month(home: Home) -> None:
    await send(home, await opened(home), "130")
    home.clock.now = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
    state = await opened(home)
    assert (first(state).last, first(state).sent, first(state).is_open) == ("За ноябрь передано 130", "", True)
    await send(home, state, "133")
    assert (first(state).last, first(state).sent) == ("За ноябрь передано 130", "За декабрь передано 133")
    home.clock.now = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)
    assert (first(await opened(home)).last, first(await opened(home)).sent) == ("", "За декабрь передано 133")


async def test_exported_reading_is_told_once_with_its_value(home: Home) -> None:
    await send(home, await opened(home), "130")
    export()
    meter = first(await opened(home))
    assert (meter.sent, meter.refusal, meter.may_correct, meter.is_open) == ("За ноябрь передано 130", "", False, False)
    assert meter.sent_note == (
        f"{numbered(number_given())}, 20.11.2026 в\xa012:00 — выгружено поставщику. "
        "Исправить может только поставщик: напишите в «Обратную связь»."
    )


async def test_correction_is_promised_only_for_when_it_is_possible(home: Home) -> None:
    home.clock.now = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
    state = await opened(home)
    await send(home, state, "130")
    assert "Их можно исправить до 25 декабря." in state.answer.saved[0].text
    assert "Можно исправить до 25 декабря." in first(state).sent_note
    set_policy(outside_window=OutsideWindow.REFUSE)
    state = await opened(home)
    assert not first(state).may_correct
    assert "Можно исправить до" not in first(state).sent_note
    assert "Исправить можно будет с 1 по 25 декабря." in first(state).sent_note


async def test_answer_to_the_same_click_promises_no_correction_of_what_is_exported(home: Home) -> None:
    state = await opened(home)
    intent = state.intent
    await send(home, state, "130")
    export()
    reopened = await opened(home)
    await send(home, reopened, "130", intent=intent)
    (saved,) = reopened.answer.saved
    assert "исправить" not in saved.text


async def test_verification_is_told_also_when_nothing_can_be_given(home: Home) -> None:
    home.clock.now = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
    set_policy(outside_window=OutsideWindow.REFUSE)
    meter = first(await opened(home))
    assert meter.refusal
    assert ("осталось 53" in meter.verification, meter.verification_tone) == (True, "warn")
    home.clock.now = datetime(2027, 2, 3, 9, 0, tzinfo=UTC)
    with unit_of_work() as session:
        for policy in session.exec(select(MeterPolicy)):
            policy.when_expired = WhenExpired.REFUSE
    meter = first(await opened(home))
    assert "Поставщик не принимает показания, пока счётчик не поверен" in meter.refusal
    assert (meter.verification, meter.verification_tone) == ("", "")


async def test_neighbour_may_give_but_neither_correct_nor_withdraw_the_owners_reading(home: Home) -> None:
    state = await opened(home)
    await send(home, state, "130")
    number = first(state).number
    guests = await opened(home, home.neighbour, home.guest_link_id)
    assert (first(guests).sent, first(guests).may_correct) == ("Показание за ноябрь передано", False)
    await call(home.neighbour, guests, "withdraw", number)
    assert [row.state for row in given()] == [ReadingState.ACCEPTED]


@pytest.mark.parametrize("junk", JUNK, ids=repr)
async def test_junk_in_place_of_arguments_saves_nothing(home: Home, junk: Any) -> None:
    state = await opened(home)
    for name in ("type_value", "leave_value"):
        await call(home.owner, state, name, junk, junk)
        await call(home.owner, state, name, home.field, junk)
    for name in ("correct", "keep", "withdraw", "send"):
        await call(home.owner, state, name, junk)
    await call(home.owner, state, "send", {home.field: junk, "intent": junk, "confirmed": junk})
    # A whole number is no text, as a socket of ours never sends it.
    assert given() == []


async def test_opening_again_forgets_what_was_answered(home: Home) -> None:
    state = await opened(home)
    await send(home, state, "12")
    intent = state.intent
    await call(home.owner, state, "open")
    assert (state.answer, state.opened) == (Answer(), 2)
    assert state.intent != intent


async def test_who_sends_form_after_form_is_told_to_wait(home: Home) -> None:
    state = await opened(home)
    for number in range(LIMITS[0].amount + 1):
        await send(home, state, str(130 + number % 2))
    assert "Попробуйте" in state.answer.refusal
    assert len(given()) == LIMITS[0].amount


async def history_of(home: Home, viewer: Viewer, link_id: str) -> Any:
    state = state_at(HistoryState, f"/readings/{link_id}")
    await call(viewer, state, "open")
    return state


async def test_owner_sees_the_history_and_the_chart(home: Home) -> None:
    form = await opened(home)
    await send(home, form, "130")
    state = await history_of(home, home.owner, home.link_id)
    assert state.charts[0].note.startswith("10\xa0м³ — октябрь 2026")
    second: dict[str, Any] = {home.second_field: "18"}
    await send(home, await opened(home), "", **second)
    state = await history_of(home, home.owner, home.link_id)
    newest = state.lines[0]
    assert (newest.period, newest.value, newest.consumption, newest.state) == (
        "Ноябрь 2026",
        "130",
        "7\xa0м³",
        "Принято",
    )
    assert newest.way == ["Принято 20.11.2026 в\xa012:00"]
    assert (len(state.lines), state.has_more) == (8, True)
    (chart,) = state.charts
    assert chart.title == "Холодная вода: расход, м³"
    assert [bar.short for bar in chart.chart.bars][-1] == "ноя"
    assert chart.note.startswith("9\xa0м³ — ноябрь 2026")


@pytest.mark.parametrize(
    ("source", "begun"),
    [
        (ReadingSource.PROVIDER, "Передано поставщиком, снято 20.10.2026"),
        (ReadingSource.ESTIMATED, "Рассчитано поставщиком на 20.10.2026"),
    ],
)
async def test_what_came_from_the_provider_bears_its_own_day_and_not_that_of_its_file(
    home: Home, source: ReadingSource, begun: str
) -> None:
    with unit_of_work() as session:
        of_october = update(Reading).where(col(Reading.period) == 202610)
        session.exec(of_october.values(source=source, counted_at=clock.now()))
    state = await history_of(home, home.owner, home.link_id)
    (line, *_) = (line for line in state.lines if line.period == "Октябрь 2026")
    assert (line.state, line.way) == ("Учтено", [begun, "Учтено в начислении за октябрь 2026"])


async def test_basic_access_shows_own_readings_and_no_chart(home: Home) -> None:
    form = await opened(home, home.neighbour, home.guest_link_id)
    await send(home, form, "130", home.neighbour)
    state = await history_of(home, home.neighbour, home.guest_link_id)
    assert [line.value for line in state.lines] == ["130"]
    assert (state.is_extended, state.charts) == (False, [])
    assert SERIAL not in repr(state.lines)
    assert SERIAL not in repr(form.meters)


async def test_foreign_history_is_empty(home: Home) -> None:
    state = await history_of(home, home.neighbour, home.link_id)
    assert (state.lines, state.charts, state.has_more) == ([], [], False)
    show_page(state, "/readings/%00")
    await call(home.neighbour, state, "open")
    assert state.lines == []


async def test_long_history_comes_page_by_page(home: Home) -> None:
    with unit_of_work() as session:
        provider = make_provider(session, code="gas", name="Межрайгаз", inn="7501002227")
        account = make_account(session, provider)
        link = make_link(session, home.owner, account, level=LinkLevel.EXTENDED)
        make_history(session, make_meter(session, account), 0, *range(30))
    state = await history_of(home, home.owner, link.public_id)
    assert (len(state.lines), state.has_more) == (PAGE, True)
    while state.has_more:
        await call(home.owner, state, "show_more")
    assert len(state.lines) == 31
    assert await call(home.owner, state, "show_more") == []
