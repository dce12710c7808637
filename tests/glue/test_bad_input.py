"""Every field of every form with what people and machines put into fields: nothing breaks, nothing is lost.

A value that a field cannot take is answered by a Russian sentence, and the focus goes to the field. Fields keep what
was typed by themselves, so no answer may put anything into them. What a field takes all the same (a name may hold a
formula, because it is never calculated) is told by the table.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

import pytest
import reflex as rx
from reflex.istate.data import RouterData
from sqlalchemy import Engine
from sqlmodel import select

import lkk_reflex
from lkk_reflex.accounts import guests
from lkk_reflex.accounts.models import AccountLink, PersonalAccount, ProofKind, ServiceProvider
from lkk_reflex.accounts.proofs import set_proofs
from lkk_reflex.cabinet import quick_readings_state, quick_state
from lkk_reflex.cabinet.access_state import AccessState
from lkk_reflex.cabinet.account_state import AccountState
from lkk_reflex.cabinet.connect_state import ConnectState
from lkk_reflex.cabinet.pay_state import PayState
from lkk_reflex.cabinet.privacy_state import PrivacyState
from lkk_reflex.cabinet.quick_readings_state import QuickReadingsState
from lkk_reflex.cabinet.quick_state import QuickDeskState, QuickState
from lkk_reflex.cabinet.settings_state import SettingsState
from lkk_reflex.identity import exchange, registration
from lkk_reflex.identity.cookies import Browser
from lkk_reflex.identity.login_change_state import LoginChangeState
from lkk_reflex.identity.password_change_state import PasswordChangeState
from lkk_reflex.identity.profile_state import ProfileState
from lkk_reflex.identity.second_factor_state import SecondFactorState
from lkk_reflex.identity.state import CodeState, RegisterState, ResetState, SignInState
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.meters.dial import field_name
from lkk_reflex.meters.readings_state import ReadingsState
from lkk_reflex.support.new_ticket_state import NewTicketState
from lkk_reflex.support.ticket_state import TicketState
from tests.factories.identity import PASSWORD
from tests.factories.meters import make_history, make_meter
from tests.factories.support import company_form, make_ticket
from tests.support.handlers import argument, call, run_background_handlers_in_place
from tests.support.pay_desk import PayRoom, pay_room
from tests.support.portal import hash_quickly

VALUES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "too long": "я" * 6_000,
        "empty": "",
        "blanks": " \u00a0\u2009 ",
        "another alphabet": "漢字 Ωμέγα",
        "emoji": "😀👨‍👩‍👧😀",
        "pasted around blanks": " \u00a012 345\t",
        "leading zeros": "000012",
        "negative": "-5",
        "huge": "9" * 60,
        "HTML": "<img src=x onerror=alert(1)>",
        "formula": '=HYPERLINK("http://evil.example")',
        "control": "\x00\x07\x1b[31m",
        "backwards": "\u202e54321",
        "half of an emoji": "\ud83d",
    }
)
_ALL = frozenset(VALUES)
_AT_ONCE = timedelta(0)
_METER = "0123456789abcdef"
_VALUE = field_name(_METER, 1)
_RUSSIAN = re.compile(r"[А-Яа-яЁё]{3,}.*[.?!»]\s*$", re.DOTALL)
#: Far above what an answer needs; what was typed may be as long as it likes.
_LONGEST_ANSWER = 400


@dataclass(frozen=True)
class Blank:
    """A field of a form: whose handler takes it, what else is filled in, and which values it takes."""

    kind: Any
    path: str
    opens: str
    handler: str
    name: str
    rest: Mapping[str, object] = field(default_factory=dict)
    takes: frozenset[str] = frozenset()
    #: Fields that a list has drawn are focused by what the state says, see `ui.focusing`.
    is_focused_by_event: bool = True
    #: Where the focus goes, if not to an element of this name.
    leads_to: str = ""
    #: Values that are refused together with the rest of the form: the answer must not tell which of it was wrong.
    is_one_of_several: frozenset[str] = frozenset()
    viewer: Literal["owner", "stranger", "guest"] = "owner"
    #: What is pressed before the form is sent.
    first: tuple[tuple[str, object], ...] = ()
    #: Limits count by days, and here only fields are asked about; what ends sooner is asked about at once.
    waits: timedelta = timedelta(days=1)

    def __str__(self) -> str:
        """Return the name of the test."""
        return f"{self.kind.__name__}.{self.handler}.{self.name}"


@dataclass
class Room:
    """Where all the forms stand: an account with a debt and a meter, a ticket, a confirmation that waits."""

    pay: PayRoom
    link_id: str
    ticket_id: str
    number: str
    provider_code: str
    flow_token: str

    def state(self, blank: Blank) -> Any:
        """Return the state of the form's page in the browser of the person."""
        path = blank.path.format(link=self.link_id, ticket=self.ticket_id)
        # In the tree of its tab, by which handlers reach one state from another.
        state = rx.State(_reflex_internal_init=True).get_substate(blank.kind.get_full_name().split("."))  # type: ignore[call-arg]
        state.router = RouterData.from_router_data(
            {
                "headers": {"cookie": f"lkk-flow={self.flow_token}"},
                "asPath": path,
                "pathname": path,
                "query": {},
            }
        )
        return state


@pytest.fixture
def room(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Room]:
    """Everything that forms ask about."""
    hash_quickly(monkeypatch)
    run_background_handlers_in_place(monkeypatch)
    with pay_room(engine, monkeypatch, tmp_path) as pay:
        viewer = pay.payable.viewer
        with unit_of_work() as session:
            link = session.exec(select(AccountLink).where(AccountLink.public_id == pay.payable.link_id)).one()
            account = session.get_one(PersonalAccount, link.account_id)
            provider = session.get_one(ServiceProvider, account.provider_id)
            set_proofs(session, Viewer.system(), provider_id=account.provider_id, kinds=ProofKind)
            meter = make_meter(session, account, public_id=_METER)
            make_history(session, meter, 100, *[8] * 8)
            token = guests.open_pass(session, Viewer(), provider_id=account.provider_id, typed=account.number)
            ticket = make_ticket(session, viewer, company_form(account=link.public_id))
            found = Room(pay, link.public_id, ticket.public_id, account.number, provider.code, "")

        async def the_pass(_state: Any) -> str:
            return token

        monkeypatch.setattr(quick_state, "pass_in", the_pass)
        monkeypatch.setattr(quick_readings_state, "pass_in", the_pass)
        asked = registration.register(Viewer(), login="new@mail.ru", password=PASSWORD, consent=True)
        with unit_of_work() as session:
            answer = exchange.redeem(session, Viewer(), ticket=asked, browser=Browser())
        found.flow_token = answer.flow_token or ""
        yield found


_OWN_NAME = _ALL - {"too long"}
_CLEANED = frozenset({"pasted around blanks", "leading zeros"})
_EMPTY = frozenset({"empty", "blanks", "half of an emoji"})
#: There may be an owner of such a name; what has no letter is refused at its field.
_A_NAME = _ALL - _EMPTY - {"emoji"}
_REGISTER = {"login": "new@mail.ru", "password": PASSWORD, "consent": True}
_TICKET = {"recipient": "support", "topic_support": "paying", "text": "Почему 140?"}
_PERSON = {"surname": "Петрова", "name": "Мария"}

BLANKS = (
    Blank(RegisterState, "/register", "load", "submit", "login", _REGISTER),
    Blank(RegisterState, "/register", "load", "submit", "password", _REGISTER),
    Blank(SignInState, "/sign-in", "load", "submit", "login", {"password": PASSWORD}),
    Blank(SignInState, "/sign-in", "load", "submit", "password", {"login": "new@mail.ru"}),
    Blank(CodeState, "/activate", "load", "submit", "code", waits=_AT_ONCE),
    Blank(ResetState, "/reset", "load", "ask", "login"),
    Blank(ConnectState, "/cabinet/connect", "load", "choose", "provider", takes=_ALL - _EMPTY),
    Blank(ConnectState, "/cabinet/connect/water", "load", "connect", "number", {"provider": "{provider}"}),
    Blank(
        ConnectState, "/cabinet/connect/water", "load", "connect", "own_name",
        {"provider": "{provider}", "number": "{number}"}, takes=_OWN_NAME, viewer="stranger",
    ),
    Blank(AccountState, "/account/{link}", "load", "rename", "own_name", takes=_OWN_NAME),
    Blank(AccessState, "/account/{link}", "begin", "activate", "pin"),
    Blank(
        AccessState, "/account/{link}", "begin", "tell_bill", "bill_month",
        {"bill_sum": "1,00", "bill_owner": "Петрова"},
    ),
    Blank(
        AccessState, "/account/{link}", "begin", "tell_bill", "bill_sum",
        {"bill_month": "202609", "bill_owner": "Петрова"},
    ),
    Blank(AccessState, "/account/{link}", "begin", "tell_serial", "serial", {"serial_owner": "Петрова"}),
    Blank(
        AccessState, "/account/{link}", "begin", "tell_bill", "bill_owner",
        {"bill_month": "202609", "bill_sum": "1,00"}, is_one_of_several=_A_NAME,
    ),
    Blank(
        AccessState, "/account/{link}", "begin", "tell_serial", "serial_owner", {"serial": "12-345678"},
        is_one_of_several=_A_NAME,
    ),
    Blank(
        PayState, "/pay/{link}", "open", "pay", "amount", {"kind": "own"}, takes=_CLEANED,
        first=(("choose", "own"),),
    ),
    Blank(QuickState, "/quick", "load", "find", "number", {"provider": "{provider}"}, viewer="guest", waits=_AT_ONCE),
    Blank(QuickDeskState, "/quick/account", "open", "pay", "amount", viewer="guest", waits=_AT_ONCE, takes=_CLEANED),
    Blank(ReadingsState, "/readings/{link}", "open", "send", _VALUE, is_focused_by_event=False),
    Blank(
        QuickReadingsState, "/quick/readings", "open", "send", _VALUE, viewer="guest", waits=_AT_ONCE,
        is_focused_by_event=False,
    ),
    Blank(NewTicketState, "/support/new", "open", "send", "text", _TICKET, takes=_ALL - _EMPTY - {"too long"}),
    Blank(NewTicketState, "/support/new", "open", "send", "topic_support", _TICKET),
    Blank(TicketState, "/support/{ticket}", "load", "send", "text", takes=_ALL - _EMPTY - {"too long"}),
    Blank(ProfileState, "/settings/profile", "load", "save", "surname", _PERSON, takes=_EMPTY),
    Blank(ProfileState, "/settings/profile", "load", "save", "name", _PERSON, takes=_EMPTY),
    Blank(ProfileState, "/settings/profile", "load", "save", "patronymic", _PERSON, takes=_EMPTY),
    Blank(
        ProfileState, "/settings/profile", "load", "confirm", "code", waits=_AT_ONCE,
        first=(("save", {"second_email": "second@mail.ru"}),),
    ),
    Blank(
        LoginChangeState, "/settings/security/login", "load", "confirm", "code", waits=_AT_ONCE,
        first=(("ask", {"login": "new@mail.ru", "own_password": PASSWORD}),),
    ),
    Blank(
        SecondFactorState, "/settings/security/second-factor", "load", "switch_on", "second_code",
        first=(("prepare", {"own_password": PASSWORD}),),
    ),
    Blank(TicketState, "/support/{ticket}", "load", "rate", "rating", leads_to="rating_5"),
    Blank(ProfileState, "/settings/profile", "load", "save", "phone", _PERSON, takes=_EMPTY),
    Blank(ProfileState, "/settings/profile", "load", "save", "second_email", _PERSON, takes=_EMPTY),
    Blank(LoginChangeState, "/settings/security/login", "load", "ask", "login", {"own_password": PASSWORD}),
    Blank(LoginChangeState, "/settings/security/login", "load", "ask", "own_password", {"login": "new@mail.ru"}),
    Blank(
        PasswordChangeState, "/settings/security/password", "load", "change", "own_password", {"password": "n3wPass77"},
    ),
    Blank(
        PasswordChangeState, "/settings/security/password", "load", "change", "password", {"own_password": PASSWORD},
    ),
    Blank(SecondFactorState, "/settings/security/second-factor", "load", "prepare", "own_password"),
    Blank(PrivacyState, "/settings/privacy", "load", "ask_data", "own_password"),
    Blank(PrivacyState, "/settings/privacy", "load", "close", "close_password"),
    Blank(SettingsState, "/settings", "load", "rename", "own_name", {"account": "{link}"}, takes=_OWN_NAME,
        first=(("ask_name", "{link}"),),
    ),
)  # fmt: skip


#: Forms that are not in the table.
_ELSEWHERE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "AccountState.choose_paper": "one box to tick; anything else asks for paper",
        "ResetState.prove": "the code of `CodeState` at a later step",
        "ResetState.choose": "the password of `RegisterState` at a later step",
        "SecondStepState.submit": "the code of `SecondFactorState` on the way in",
        "SecondFactorState.prove": "the code of `SecondFactorState` and a password",
        "NoticesState.save": "boxes to tick; what is not one of them is no wish",
    }
)


def test_every_form_stands_in_the_table() -> None:
    told = {f"{blank.kind.__name__}.{blank.handler}" for blank in BLANKS}
    assert sorted(set(_forms()) - told - _ELSEWHERE.keys()) == []
    assert _ELSEWHERE.keys() <= set(_forms())


def _forms() -> Iterator[str]:
    """Yield the handlers that are given a form."""
    for file in Path(lkk_reflex.__file__).parent.rglob("*state.py"):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            for handler in node.body if isinstance(node, ast.ClassDef) else ():
                if isinstance(handler, ast.AsyncFunctionDef) and {"data", "fields"} & {
                    argument.arg for argument in handler.args.args
                }:
                    yield f"{getattr(node, 'name', '')}.{handler.name}"


@pytest.mark.parametrize("blank", BLANKS, ids=str)
async def test_field_answers_to_everything_that_may_be_put_into_it(room: Room, blank: Blank) -> None:
    people = {"owner": room.pay.payable.viewer, "stranger": room.pay.stranger, "guest": Viewer(address="203.0.113.9")}
    viewer = people[blank.viewer]
    wrong = []
    for kind, value in VALUES.items():
        room.pay.clock.pass_(seconds=blank.waits.total_seconds())
        state = room.state(blank)
        await call(viewer, state, blank.opens)
        for handler, argument_of_it in blank.first:
            await call(viewer, state, handler, _known(argument_of_it, room))
        before = set(_texts(state))
        events = await call(viewer, state, blank.handler, {**_filled(blank.rest, room), blank.name: value})
        said = [text for text in set(_texts(state)) - before if _RUSSIAN.search(text)]
        wrong += [f"{kind}: puts {text}" for text in argument(events, "value")]
        wrong += [f"{kind}: says too much" for text in said if len(text) > _LONGEST_ANSWER and kind not in blank.takes]
        if kind in blank.takes:
            continue
        if not said:
            wrong.append(f"{kind}: says nothing")
        led = argument(events, "ref")[:1]
        if (
            blank.is_focused_by_event
            and kind not in blank.is_one_of_several
            and led != [f"ref_{blank.leads_to or blank.name}"]
        ):
            wrong.append(f"{kind}: leads to {led}")
    assert not wrong, "\n".join(wrong)


def _filled(rest: Mapping[str, object], room: Room) -> dict[str, object]:
    return {name: _known(value, room) for name, value in rest.items()}


def _known(value: object, room: Room) -> object:
    known = {"{provider}": room.provider_code, "{number}": room.number, "{link}": room.link_id}
    return known.get(str(value), value)


def _texts(state: Any) -> Iterator[str]:
    """Yield every text that the state shows."""
    for name in state.base_vars:
        yield from _texts_in(getattr(state, name))


def _texts_in(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for one in value.values():
                yield from _texts_in(one)
        case list() | tuple() | set():
            for one in value:
                yield from _texts_in(one)
        case _ if is_dataclass(value) and not isinstance(value, type):
            yield from _texts_in(asdict(value))
