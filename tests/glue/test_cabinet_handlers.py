"""The handlers of the home, of connecting and of an account's page, called without a browser."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from reflex.event import EventSpec
from sqlalchemy import Engine, event
from sqlmodel import select

from lkk_reflex.accounts.errors import ExtendedAccessRequired
from lkk_reflex.accounts.linking import LIMITS
from lkk_reflex.accounts.models import AccountLink, LinkLevel, PersonalAccount
from lkk_reflex.cabinet.access_state import AccessErrors
from lkk_reflex.cabinet.account_state import AccountState
from lkk_reflex.cabinet.connect_state import ConnectState
from lkk_reflex.cabinet.home_state import HomeState
from lkk_reflex.identity import guard, own_changes
from lkk_reflex.identity.errors import TooManyChanges
from lkk_reflex.identity.models import NoticeEvent
from lkk_reflex.identity.own_changes import Change
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.kit.errors import PortalError, SignInRequired
from lkk_reflex.kit.numbers import numbered
from lkk_reflex.kit.rate_limit import Limit, Scope
from lkk_reflex.notifications.models import Channel
from tests.factories import accounts as made
from tests.factories.identity import make_viewer
from tests.factories.meters import make_meter
from tests.factories.notices import choose
from tests.support.handlers import (
    JUNK,
    argument,
    call,
    run_background_handlers_in_place,
    show_page,
    state_at,
)
from tests.support.portal import configured, hash_quickly, held_clock

NUMBER = "1000123456"
UNKNOWN_NUMBER = "1000999999"
#: What only extended access may show.
PERSONAL = ("Иванов", "Ленина", "кв. 15")


@dataclass
class Street:
    """A water company with a connected account, a gas company, and two neighbours."""

    owner: Viewer
    neighbour: Viewer
    link_id: str
    account_id: int


@pytest.fixture
def street(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Street]:
    """Two companies and one connected account with a debt; time stands still."""
    hash_quickly(monkeypatch)
    run_background_handlers_in_place(monkeypatch)
    with held_clock(), configured(monkeypatch, tmp_path):
        with unit_of_work() as session:
            water = made.make_provider(
                session,
                code="water",
                inn="7501001110",
                address="г. Рязань, ул. Речная, д. 1",
                account_pattern=r"\d{10}",
                account_example="1000123456",
                account_hint="10 цифр.",
            )
            made.make_provider(session, code="gas", name="Межрайгаз", inn="7501002227", account_pattern=r"\d{12}")
            account = made.make_account(session, water, number=NUMBER)
            made.make_bill(session, account, 1542_30, charged_kopecks=1542_30)
            owner, neighbour = make_viewer(session), make_viewer(session)
            link = made.make_link(session, owner, account)
            street = Street(owner, neighbour, link.public_id, account.id or 0)
        yield street


async def home(viewer: Viewer) -> Any:
    state = state_at(HomeState, "/cabinet")
    await call(viewer, state, "load")
    return state


async def account(street: Street, viewer: Viewer | None = None) -> Any:
    state = state_at(AccountState, f"/account/{street.link_id}")
    await call(viewer or street.owner, state, "load")
    return state


async def number_step(viewer: Viewer) -> Any:
    state = state_at(ConnectState, "/cabinet/connect/water")
    await call(viewer, state, "load")
    return state


async def typed(viewer: Viewer, state: Any, number: str, **fields: str) -> list[EventSpec]:
    return await call(viewer, state, "connect", {"provider": "water", "number": number, **fields})


def payment_code(**fields: str) -> str:
    values = {
        "Name": "АО «Межрайгаз»",
        "PersonalAcc": "40702810338000077504",
        "BankName": "Банк",
        "BIC": "044525225",
        "CorrespAcc": "30101810400000000225",
        **fields,
    }
    return "ST00012|" + "|".join(f"{key}={value}" for key, value in values.items())


def test_every_handler_is_for_subscribers() -> None:
    levels = {
        handler.fn.__access__
        for kind in (HomeState, ConnectState, AccountState)
        for name, handler in kind.event_handlers.items()
        if name != "setvar"
    }
    assert levels == {guard.Access.SUBSCRIBER}


@pytest.mark.parametrize(
    ("kind", "name", "arguments"),
    [
        (HomeState, "load", ()),
        (ConnectState, "load", ()),
        (AccountState, "rename", ({"own_name": "Дача"},)),
        (AccountState, "disconnect", ()),
        (AccountState, "choose_paper", ({"paper": "no"},)),
        (AccountState, "load", ()),
    ],
)
async def test_use_cases_refuse_who_got_past_the_gate_without_a_session(
    street: Street, kind: Any, name: str, arguments: tuple[object, ...]
) -> None:
    state = state_at(kind, f"/account/{street.link_id}")
    if name == "rename":
        await call(Viewer(), state, name, *arguments)
        assert state.refusal == SignInRequired.text
    else:
        with pytest.raises(SignInRequired):
            await call(Viewer(), state, name, *arguments)
    assert (await home(street.owner)).accounts[0].card.title == "Горводоканал"


async def test_home_shows_the_debt_and_nothing_personal(street: Street) -> None:
    state = await home(street.owner)
    (card,) = [account.card for account in state.accounts]
    assert (card.headline, card.badge, card.note) == (
        "1\u202f542,30\u00a0₽",
        "Просрочено 7\u00a0дней",
        "к оплате до 15 ноября",
    )
    assert card.data_as_of == "данные\u00a0на\u00a002.11,\u00a012:00"
    assert card.is_payable
    assert not [word for word in PERSONAL if word in str(card)]
    # Ids of rows are numbers.
    assert all(isinstance(getattr(card, name), str | bool) for name in card.__slots__)


async def test_home_adds_up_only_several_debts(street: Street) -> None:
    assert (await home(street.owner)).total_due == ""
    with unit_of_work() as session:
        other = made.make_account(session, made.make_provider(session))
        made.make_bill(session, other, 100_00)
        made.make_link(session, street.owner, other)
    assert (await home(street.owner)).total_due == "1\u202f642,30\u00a0₽"


async def test_home_says_of_metered_accounts_whether_the_readings_are_in(street: Street) -> None:
    (card,) = (await home(street.owner)).accounts
    assert (card.readings_href, card.readings) == ("", "")
    with unit_of_work() as session:
        make_meter(session, session.get_one(PersonalAccount, street.account_id))
    (card,) = (await home(street.owner)).accounts
    assert card.readings.startswith("Передайте показания до ")


async def test_home_asks_once_for_bills_once_for_payments_and_once_for_meters(street: Street, engine: Engine) -> None:
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _cur, statement, *_: asked.append(statement))
    await home(street.owner)
    assert len([statement for statement in asked if statement.startswith("SELECT")]) == 3


async def test_who_has_no_account_is_led_to_connecting_one_and_can_come_back(street: Street) -> None:
    state = state_at(HomeState, "/cabinet")
    assert argument(await call(street.neighbour, state, "load"), "path") == ["/cabinet/connect"]
    assert await call(street.neighbour, state, "load") == []
    assert state.is_loaded
    assert state.accounts == []


async def test_who_has_an_account_stays_at_home_also_after_disconnecting_it(street: Street) -> None:
    state = state_at(HomeState, "/cabinet")
    assert await call(street.owner, state, "load") == []
    await call(street.owner, await account(street), "disconnect")
    assert await call(street.owner, state, "load") == []
    assert state.accounts == []


async def test_first_step_lists_providers_by_code_kind_and_town(street: Street) -> None:
    state = state_at(ConnectState, "/cabinet/connect")
    assert await call(street.neighbour, state, "load") == []
    assert [(option.value, option.title, option.note) for option in state.providers] == [
        ("water", "Горводоканал", "вода · г.\u00a0Рязань"),
        ("gas", "Межрайгаз", "вода"),
    ]


async def test_form_greets_who_has_just_come_and_speaks_plainly_to_who_has_disconnected_everything(
    street: Street,
) -> None:
    assert (await number_step(street.neighbour)).greeted == "first"
    assert (await number_step(street.owner)).greeted == ""
    await call(street.owner, await account(street), "disconnect")
    assert (await number_step(street.owner)).greeted == "again"


async def test_choosing_leads_to_the_number_and_choosing_nothing_says_so(street: Street) -> None:
    state = state_at(ConnectState, "/cabinet/connect")
    await call(street.neighbour, state, "load")
    assert argument(await call(street.neighbour, state, "choose", {"provider": "gas"}), "path") == [
        "/cabinet/connect/gas"
    ]
    await call(street.neighbour, state, "choose", {})
    assert state.errors.provider == "Выберите поставщика из списка."
    events = await call(street.neighbour, state, "choose", {"provider": "../../../evil?x"})
    assert argument(events, "path") == ["/cabinet/connect/..%2F..%2F..%2Fevil%3Fx"]


async def test_number_step_repeats_the_provider_and_says_how_its_numbers_look(street: Street) -> None:
    state = await number_step(street.neighbour)
    assert state.provider.name == "Горводоканал"
    assert state.provider.hint == "10 цифр. Например, 1000123456. Пробелы можно не убирать."


async def test_number_step_of_an_unknown_provider_leads_back(street: Street) -> None:
    state = state_at(ConnectState, "/cabinet/connect/no-such")
    assert argument(await call(street.neighbour, state, "load"), "path") == ["/cabinet/connect"]
    assert state.provider.code == ""


async def test_connecting_leads_to_the_congratulation_which_names_the_account(street: Street) -> None:
    state = await number_step(street.neighbour)
    (path,) = argument(await typed(street.neighbour, state, "л/с № 1000 123-456", own_name="Дача"), "path")
    assert path.startswith("/cabinet/connected/")
    assert not state.is_busy
    congratulation = state_at(AccountState, path)
    await call(street.neighbour, congratulation, "load")
    assert (congratulation.account.title, congratulation.account.number) == ("Дача", numbered(NUMBER))
    assert [account.card.title for account in (await home(street.neighbour)).accounts] == ["Дача"]


@pytest.mark.parametrize(
    ("number", "field", "words"),
    [
        ("", "number", "Введите номер"),
        (UNKNOWN_NUMBER, "number", "Не удалось подтвердить счёт"),
        ("40702810338000077504", "number", "расчётный счёт"),
        ("80АА123456", "number", "единый лицевой счёт"),
        ("12345", "number", "10 цифр."),
    ],
)
async def test_refusal_stands_at_the_field_and_takes_the_focus(
    street: Street, number: str, field: str, words: str
) -> None:
    state = await number_step(street.neighbour)
    events = await typed(street.neighbour, state, number)
    assert words in getattr(state.errors, field)
    assert argument(events, "ref") == [f"ref_{field}"]
    assert argument(events, "path") == []
    assert not state.is_busy


async def test_wrong_number_and_too_long_a_name_are_told_together(street: Street) -> None:
    state = await number_step(street.neighbour)
    events = await typed(street.neighbour, state, "", own_name="я" * 61)
    assert [name for name, _ in state.errors.summary] == ["number", "own_name"]
    assert state.errors.number == "Введите номер лицевого счёта из квитанции."
    assert state.errors.own_name == "Название не длиннее 60 знаков."
    assert argument(events, "ref") == ["ref_number"]
    assert (await home(street.neighbour)).accounts == []


async def test_too_long_own_name_tells_nothing_of_the_number(street: Street) -> None:
    state = await number_step(street.neighbour)
    told = []
    for number in (NUMBER, UNKNOWN_NUMBER):
        events = await typed(street.neighbour, state, number, own_name="я" * 61)
        told.append((state.errors, argument(events, "ref")))
    assert told[0] == told[1]
    assert told[0][0].number == ""


async def test_too_long_own_name_connects_nothing(street: Street) -> None:
    state = await number_step(street.neighbour)
    events = await typed(street.neighbour, state, NUMBER, own_name="я" * 61)
    assert state.errors.own_name == "Название не длиннее 60 знаков."
    assert argument(events, "ref") == ["ref_own_name"]
    assert (await home(street.neighbour)).accounts == []


async def test_guessing_ends_in_a_wait_that_belongs_to_no_field(street: Street) -> None:
    state = await number_step(street.neighbour)
    for _ in range(LIMITS[0].amount):
        await typed(street.neighbour, state, UNKNOWN_NUMBER)
    events = await typed(street.neighbour, state, NUMBER)
    assert state.errors.form.startswith("Слишком много попыток")
    assert state.errors.number == ""
    assert events == []
    assert (await home(street.neighbour)).accounts == []


async def test_account_connected_already_is_shown_and_keeps_its_name(street: Street) -> None:
    state = await number_step(street.owner)
    events = await typed(street.owner, state, NUMBER, own_name="Другое")
    assert state.known_id == street.link_id
    # The framework's own "no operation" would be an event that the gate does not know.
    assert events == []
    assert [account.card.own_name for account in (await home(street.owner)).accounts] == [""]


async def test_pasted_payment_code_chooses_the_provider(street: Street) -> None:
    state = state_at(ConnectState, "/cabinet/connect")
    await call(street.neighbour, state, "load")
    code = payment_code(PayeeINN="7501001110", PersAcc=NUMBER)
    (path,) = argument(await call(street.neighbour, state, "connect", {"number": code}), "path")
    assert path.startswith("/cabinet/connected/")


@pytest.mark.parametrize(
    "text",
    ["", "hello", NUMBER, payment_code(PersAcc=NUMBER), payment_code(PayeeINN="7707083893", PersAcc=NUMBER)],
    ids=["nothing", "words", "number", "code without a payee", "code of a stranger"],
)
async def test_text_that_names_no_provider_says_so(street: Street, text: str) -> None:
    state = state_at(ConnectState, "/cabinet/connect")
    await call(street.neighbour, state, "load")
    await call(street.neighbour, state, "connect", {"number": text})
    assert state.errors.number.startswith("Не нашли поставщика")


@pytest.mark.parametrize("sent", JUNK, ids=lambda sent: repr(sent)[:12])
async def test_anything_a_socket_may_send_is_refused_in_words(street: Street, sent: Any) -> None:
    state = await number_step(street.neighbour)
    for fields in (sent, {"provider": sent, "number": sent}, {"provider": "water", "number": sent}):
        await call(street.neighbour, state, "choose", fields)
        await call(street.neighbour, state, "connect", fields)
        assert state.errors.number or state.errors.provider
        assert not state.is_busy
    page = await account(street)
    await call(street.owner, page, "rename", sent)
    assert page.account.title == "Горводоканал"


@pytest.mark.parametrize("path", ["/account/", "/account/%00", "/account/a\x00b", "/account/" + "x" * 5000, "", "/"])
async def test_address_that_names_nothing_is_a_page_that_is_not_there(street: Street, path: str) -> None:
    state = state_at(AccountState, path)
    await call(street.owner, state, "load")
    assert state.is_missing


async def test_foreign_and_unknown_accounts_look_the_same(street: Street) -> None:
    foreign = await account(street, street.neighbour)
    unknown = state_at(AccountState, "/account/unknown")
    await call(street.neighbour, unknown, "load")
    for state in (foreign, unknown):
        assert state.is_missing
        assert state.account.public_id == ""
        assert state.details.newest_href == ""


async def test_another_subscriber_can_neither_rename_nor_disconnect(street: Street) -> None:
    state = await account(street, street.neighbour)
    await call(street.neighbour, state, "rename", {"own_name": "Чужое"})
    await call(street.neighbour, state, "disconnect")
    assert state.is_missing
    assert not state.is_disconnected
    assert [account.card.own_name for account in (await home(street.owner)).accounts] == [""]


async def test_basic_access_shows_a_masked_address_and_no_parts_of_the_bill(street: Street) -> None:
    state = await account(street)
    assert state.account.where == f"№\u00a0{NUMBER}"
    assert (state.details.newest_href, state.details.owner) == ("", "")
    assert not state.account.is_extended


async def test_extended_access_shows_the_address_and_the_parts_of_the_bill(street: Street) -> None:
    with unit_of_work() as session:
        link = made.make_link(session, street.neighbour, session.get_one(PersonalAccount, street.account_id))
        link.level = LinkLevel.EXTENDED
        street.link_id = link.public_id
    state = await account(street, street.neighbour)
    assert state.account.where.endswith(made.ADDRESS)
    assert (state.details.sums.charged, state.details.owner) == ("1\u202f542,30", "Иванов Иван Иванович")


async def test_name_is_saved_said_and_taken_away(street: Street) -> None:
    state = await account(street)
    assert await call(street.owner, state, "rename", {"own_name": "  Квартира   на Ленина "}) == []
    assert (state.account.title, state.saved) == ("Квартира на Ленина", "Сохранено: «Квартира на Ленина»")
    await call(street.owner, state, "rename", {"own_name": ""})
    assert state.account.title == "Горводоканал"
    assert state.saved == "Название убрано, счёт снова называется: Горводоканал"


@pytest.mark.parametrize("data", [{"paper": "no"}, *JUNK], ids=lambda data: repr(data)[:12])
async def test_paper_is_refused_by_who_has_proved_the_account_and_by_nothing_else(street: Street, data: Any) -> None:
    state = await account(street)
    await call(street.owner, state, "choose_paper", data)
    assert (state.details.is_paperless, state.paper_refused) == (False, ExtendedAccessRequired.text)
    with unit_of_work() as session:
        link = session.exec(select(AccountLink)).one()
        link.level = LinkLevel.EXTENDED
        session.add(link)
    await call(street.owner, state, "choose_paper", data)
    is_refused = data == {"paper": "no"}
    assert state.details.is_paperless is is_refused
    taken_back = "Ваш отказ от бумажной квитанции снят."
    assert state.paper_saved == ("Бумажную квитанцию не пришлют." if is_refused else taken_back)
    assert (await account(street)).details.is_paperless is is_refused
    await call(street.owner, state, "choose_paper", {"paper": "yes"})
    assert not state.details.is_paperless
    # A co-owner may have refused paper too, of which nothing is told: so nobody is promised that it comes.
    assert state.paper_saved == taken_back


async def test_who_changes_the_mind_about_paper_all_the_time_is_told_when_to_go_on(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(own_changes.LIMITS, Change.PAPER, (Limit("paper", Scope.SUBJECT, 1, timedelta(hours=1)),))
    with unit_of_work() as session:
        link = session.exec(select(AccountLink)).one()
        link.level = LinkLevel.EXTENDED
        session.add(link)
    state = await account(street)
    for paper in ("no", "yes", "no"):
        await call(street.owner, state, "choose_paper", {"paper": paper})
    assert (state.paper_saved, state.paper_refused) == ("", TooManyChanges(wait="60 мин").message)
    assert not (await account(street)).details.is_paperless


async def test_who_is_told_of_no_new_bill_reads_that_paper_comes_nevertheless(street: Street) -> None:
    with unit_of_work() as session:
        link = session.exec(select(AccountLink)).one()
        link.level = LinkLevel.EXTENDED
        session.add(link)
    state = await account(street)
    await call(street.owner, state, "choose_paper", {"paper": "no"})
    assert not state.details.is_unheard
    with unit_of_work() as session:
        choose(session, street.owner, NoticeEvent.NEW_BILL, Channel.EMAIL, is_wanted=False)
    details = (await account(street)).details
    assert (details.is_paperless, details.is_unheard) == (True, True)
    await call(street.owner, state, "choose_paper", {"paper": "no"})
    assert (state.details.is_unheard, state.paper_saved) == (True, "Бумажную квитанцию пришлют.")


async def test_another_subscriber_does_not_choose_for_the_owner(street: Street) -> None:
    state = await account(street, street.neighbour)
    await call(street.neighbour, state, "choose_paper", {"paper": "no"})
    assert state.is_missing
    assert not state.details.is_paperless


async def test_too_long_name_is_refused_at_the_field(street: Street) -> None:
    state = await account(street)
    events = await call(street.owner, state, "rename", {"own_name": "я" * 61})
    assert (state.refusal, state.saved) == ("Название не длиннее 60 знаков.", "")
    assert argument(events, "ref") == ["ref_own_name"]


async def test_disconnected_account_is_gone_and_can_be_connected_again(street: Street) -> None:
    state = await account(street)
    await call(street.owner, state, "disconnect")
    assert state.is_disconnected
    await call(street.owner, state, "disconnect")
    assert (state.is_disconnected, state.is_missing) == (True, False)
    assert (await home(street.owner)).accounts == []
    (path,) = argument(await typed(street.owner, await number_step(street.owner), NUMBER), "path")
    assert path == f"/cabinet/connected/{street.link_id}"


async def test_page_opened_anew_says_nothing_of_the_former_one(street: Street) -> None:
    state = await account(street)
    await call(street.owner, state, "rename", {"own_name": "Дача"})
    show_page(state, "/account/another")
    await call(street.owner, state, "load")
    assert (state.asked_id, state.saved, state.account.title) == ("another", "", "")


def test_every_refusal_of_an_account_has_a_field_of_a_form() -> None:
    of_accounts = {refusal for refusal in _refusals(PortalError) if refusal.code.startswith("accounts.")}
    of_proofs = {refusal for refusal in of_accounts if refusal.field in AccessErrors.__slots__}
    assert {refusal.field for refusal in of_accounts - of_proofs} <= {"", "provider", "number", "own_name"}
    assert {refusal.field for refusal in of_proofs} == {"pin", "bill_month", "bill_sum", "serial"}


def _refusals(kind: type[PortalError]) -> Iterator[type[PortalError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _refusals(child)
