"""Who sees what of a payment, and how its page follows it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict

import pytest
from sqlmodel import select

from lkk_reflex.accounts import guests
from lkk_reflex.accounts.models import AccountLink, LinkLevel, PersonalAccount
from lkk_reflex.cabinet import quick, returning
from lkk_reflex.cabinet.past_payments import PAGE_LINES, past_payments
from lkk_reflex.cabinet.return_projection import ReturnView
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Forbidden, SignInRequired
from lkk_reflex.kit.money import Money
from lkk_reflex.kit.numbers import numbered
from lkk_reflex.payments import checkout
from lkk_reflex.payments.gateways.base import Unknown
from lkk_reflex.payments.models import PaymentStatus
from lkk_reflex.payments.proof import proof_of
from lkk_reflex.payments.rules import reference_of
from lkk_reflex.payments.watch import Asker, advance
from tests.factories.identity import make_viewer
from tests.factories.payments import DEBT, make_link, make_payable, make_payment
from tests.support import patience
from tests.support.pay_desk import PayRoom

UNKNOWN = "1c9e3f0a-5b0a-4f0e-9a53-7e1f6d1f2a3b"
ONLY_FOR_THE_PAYER = ("number", "method", "at", "pay_url", "again_href", "paper_href")


def shown(room: PayRoom, viewer: Viewer, payment_id: str) -> ReturnView:
    with reading() as session:
        return returning.result(session, viewer, payment_id=payment_id)


def paid(room: PayRoom) -> str:
    payment_id = checkout.pay(room.payable.viewer, room.payable.debt_form())
    room.pay_at_the_bank()
    return payment_id


def advance_by_hand(room: PayRoom, payment_id: str, asker: Asker) -> None:
    advance(payment_id, asker, room.gateway.connect)


async def first(views: AsyncIterator[ReturnView]) -> ReturnView:
    return await anext(views)


def test_payer_sees_the_account_the_way_and_the_moment(room: PayRoom) -> None:
    payment_id = paid(room)
    view = shown(room, room.payable.viewer, payment_id)
    assert view.heading == "Оплата прошла"
    assert view.amount == str(DEBT)
    assert view.text.startswith("зачислено на счёт №\N{NO-BREAK SPACE}0")
    assert view.method == "Банковская карта"
    assert view.at == "22.11.2026, 12:00"
    assert view.paper_href == f"/papers/payment/{payment_id}.pdf"
    assert view.is_over


@pytest.mark.parametrize("who", ["anonymous", "stranger"])
def test_anybody_else_sees_the_sum_and_the_state_only(room: PayRoom, who: str) -> None:
    payment_id = paid(room)
    view = shown(room, Viewer() if who == "anonymous" else room.stranger, payment_id)
    assert (view.heading, view.amount, view.text) == ("Оплата прошла", str(DEBT), "зачислено на лицевой счёт")
    assert not view.is_known
    assert all(asdict(view)[name] == "" for name in ONLY_FOR_THE_PAYER)


@pytest.mark.parametrize("level", list(LinkLevel))
def test_confirmation_is_offered_to_a_co_owner_exactly_where_it_is_given(room: PayRoom, level: LinkLevel) -> None:
    payment_id = paid(room)
    with unit_of_work() as session:
        viewer = make_viewer(session)
        public_id = make_link(session, viewer, room.payable.account_id)
        session.exec(select(AccountLink).where(AccountLink.public_id == public_id)).one().level = level
    view = shown(room, viewer, payment_id)
    assert view.is_known
    with reading() as session:
        lines = past_payments(session, viewer).lines
        try:
            proof_of(session, viewer, payment_id=payment_id)
        except Forbidden:
            given = ""
        else:
            given = f"/papers/payment/{payment_id}.pdf"
    assert bool(given) == (level is LinkLevel.EXTENDED)
    assert view.paper_href == given
    assert [line.paper_href for line in lines] == [given] * len(lines)


@pytest.fixture
def guests_payment(room: PayRoom) -> tuple[str, str]:
    """A payment made without a cabinet, paid; and the token of the pass by which it was made."""
    with unit_of_work() as session:
        number = session.get_one(PersonalAccount, room.payable.account_id).number
        token = guests.open_pass(session, Viewer(), provider_id=room.payable.provider_id, typed=number)
        guest = guests.guest_of(session, Viewer(), token=token)
    payment_id = checkout.pay(guest, quick.pay_form(quick.QuickAmount(checkout.new_intent(), "10", "a@mail.ru")))
    room.pay_at_the_bank()
    return payment_id, token


def by_pass(viewer: Viewer, payment_id: str, token: str) -> ReturnView:
    with unit_of_work() as session:
        return returning.arrive(session, viewer, payment_id=payment_id, token=token)


def test_guest_sees_what_was_typed_and_the_number_while_the_pass_holds(
    room: PayRoom, guests_payment: tuple[str, str]
) -> None:
    payment_id, token = guests_payment
    with reading() as session:
        account = session.get_one(PersonalAccount, room.payable.account_id)
    for viewer in (Viewer(), room.stranger):
        view = by_pass(viewer, payment_id, token)
        assert (view.amount, view.number, view.at) == (
            str(Money(10_00)),
            numbered(reference_of(payment_id)),
            "22.11.2026, 12:00",
        )
        assert (view.provider, view.account) == ("Горводоканал", numbered(f"•••{account.number[-4:]}"))
        assert not view.is_known
        told = str(view).replace(" ", "")
        assert not [word for word in (account.number, account.owner_name, account.address) if word and word in told]
        assert (view.paper_href, view.method, view.readings) == ("", "", [])


def test_guest_sees_the_sum_alone_once_the_pass_has_ended(room: PayRoom, guests_payment: tuple[str, str]) -> None:
    payment_id, token = guests_payment
    room.clock.pass_(hours=1)
    assert by_pass(Viewer(), payment_id, token) == shown(room, Viewer(), payment_id)
    assert by_pass(Viewer(), payment_id, "another") == shown(room, Viewer(), payment_id)
    assert shown(room, Viewer(), payment_id).number == ""


def test_pass_to_another_account_shows_nothing_more(room: PayRoom, guests_payment: tuple[str, str]) -> None:
    payment_id, _ = guests_payment
    with unit_of_work() as session:
        other = make_payable(session)
        number = session.get_one(PersonalAccount, other.account_id).number
        token = guests.open_pass(session, Viewer(), provider_id=other.provider_id, typed=number)
    assert by_pass(Viewer(), payment_id, token) == shown(room, Viewer(), payment_id)


def test_refused_guest_is_led_back_to_the_form(room: PayRoom) -> None:
    with unit_of_work() as session:
        number = session.get_one(PersonalAccount, room.payable.account_id).number
        token = guests.open_pass(session, Viewer(), provider_id=room.payable.provider_id, typed=number)
        guest = guests.guest_of(session, Viewer(), token=token)
    payment_id = checkout.pay(guest, quick.pay_form(quick.QuickAmount(checkout.new_intent(), "10", "a@mail.ru")))
    assert by_pass(Viewer(), payment_id, token).again_href == ""
    room.gateway.cancel(room.gateway.only_id(), "insufficient_funds")
    advance_by_hand(room, payment_id, Asker.NOTIFICATION)
    assert by_pass(Viewer(), payment_id, token).again_href == "/quick/account"
    assert by_pass(Viewer(), payment_id, "").again_href == ""


def test_open_payment_leads_its_payer_to_the_gateway_and_nobody_else(room: PayRoom) -> None:
    payment_id = checkout.pay(room.payable.viewer, room.payable.debt_form())
    assert shown(room, room.payable.viewer, payment_id).pay_url == "https://bank.example/pay/1"
    assert shown(room, Viewer(), payment_id).pay_url == ""


def test_text_does_not_repeat_the_heading(room: PayRoom) -> None:
    view = shown(room, Viewer(), checkout.pay(room.payable.viewer, room.payable.debt_form()))
    assert view.heading == "Ждёт оплаты"
    with unit_of_work() as session:
        view = returning.arrive(session, Viewer(), payment_id=room.only_payment().id)
    assert (view.heading, view.text[:20]) == ("Проверяем оплату", "Обычно это занимает ")


def test_refused_payment_leads_back_to_the_form_and_an_open_one_does_not(room: PayRoom) -> None:
    payment_id = checkout.pay(room.payable.viewer, room.payable.debt_form())
    assert shown(room, room.payable.viewer, payment_id).again_href == ""
    assert shown(room, room.payable.viewer, payment_id).paper_href == ""
    room.gateway.cancel(room.gateway.only_id(), "insufficient_funds")
    advance_by_hand(room, payment_id, Asker.NOTIFICATION)
    view = shown(room, room.payable.viewer, payment_id)
    assert view.again_href == f"/pay/{room.payable.link_id}"
    assert view.text.startswith("Недостаточно средств")
    assert view.tone == "bad"


@pytest.mark.parametrize(
    "payment_id", ["", "x", "../etc", UNKNOWN, UNKNOWN.upper(), "0" * 36, "\x00" * 36, "9" * 99999]
)
def test_address_that_names_no_payment_is_answered_like_a_foreign_one(room: PayRoom, payment_id: str) -> None:
    with pytest.raises(Forbidden):
        shown(room, room.payable.viewer, payment_id)


async def test_page_follows_the_payment_until_it_is_paid(room: PayRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(returning, "_LOOK_SECONDS", 0.01)
    payment_id = checkout.pay(room.payable.viewer, room.payable.debt_form())
    room.clock.pass_(seconds=5)
    views = returning.follow(room.payable.viewer, payment_id, page="page")
    assert (await first(views)).heading == "Проверяем оплату"
    room.gateway.pay(room.gateway.only_id())
    room.clock.pass_(seconds=5)
    monkeypatch.setattr(returning, "_ASK_SECONDS", 0.0)
    assert (await first(views)).heading == "Оплата прошла"
    assert [view async for view in views] == []
    assert room.credited() == DEBT.kopecks


async def test_page_stops_following_when_its_patience_ends(room: PayRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(returning, "_LOOK_SECONDS", 0.01)
    monkeypatch.setattr(returning, "_WATCH_SECONDS", 0.1)
    payment_id = checkout.pay(room.payable.viewer, room.payable.debt_form())
    last = [view async for view in returning.follow(room.payable.viewer, payment_id, page="page")][-1]
    assert not last.is_over


async def test_return_is_noted_only_by_who_has_been_at_the_gateway(room: PayRoom) -> None:
    room.gateway.fail_next("create", Unknown("no answer"))
    payment_id = checkout.pay(room.payable.viewer, room.payable.debt_form())
    await first(returning.follow(room.payable.viewer, payment_id, page="page"))
    assert room.only_payment().returned_at is None
    room.clock.pass_(seconds=6)
    advance_by_hand(room, payment_id, Asker.POLLER)
    await first(returning.follow(room.payable.viewer, payment_id, page="page"))
    assert room.only_payment().returned_at == room.clock.now


async def test_page_follows_once_however_often_it_is_asked_to(room: PayRoom) -> None:
    with unit_of_work() as session:
        payment_id = make_payment(session, room.payable).id
    former = returning.follow(Viewer(), payment_id, page="page")
    await anext(former)
    newer = returning.follow(Viewer(), payment_id, page="page")
    await anext(newer)
    other = returning.follow(Viewer(), payment_id, page="another page")
    await anext(other)
    with pytest.raises(StopAsyncIteration):
        await asyncio.wait_for(anext(former), timeout=patience.SECONDS)
    for still_going in (newer, other):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(still_going), timeout=0.3)


async def test_nobody_can_follow_what_does_not_exist(room: PayRoom) -> None:
    with pytest.raises(Forbidden):
        await first(returning.follow(Viewer(), UNKNOWN, page="page"))


def test_history_is_paged_and_newest_first(room: PayRoom) -> None:
    with unit_of_work() as session:
        for number in range(PAGE_LINES + 5):
            make_payment(
                session,
                room.payable,
                amount_kopecks=(number + 1) * 100,
                status=PaymentStatus.SUCCEEDED,
                is_offered=False,
                # The same moment for several, as a busy minute has it.
                created_at=room.clock.now.replace(minute=number // 3),
            )
    with reading() as session:
        page = past_payments(session, room.payable.viewer)
        rest = past_payments(session, room.payable.viewer, after=page.next_after)
    lines = [*page.lines, *rest.lines]
    assert (len(page.lines), len(rest.lines), rest.next_after) == (PAGE_LINES, 5, "")
    assert len({line.payment_id for line in lines}) == PAGE_LINES + 5
    assert [line.at for line in lines] == sorted((line.at for line in lines), reverse=True)


def test_history_shows_nothing_of_other_people(room: PayRoom) -> None:
    paid(room)
    with reading() as session:
        assert past_payments(session, room.stranger).lines == ()
        with pytest.raises(SignInRequired):
            past_payments(session, Viewer())


def test_line_of_the_history_is_ready_to_be_shown(room: PayRoom) -> None:
    payment_id = paid(room)
    with reading() as session:
        (line,) = past_payments(session, room.payable.viewer).lines
    assert (line.state, line.tone, line.amount) == ("Оплачено", "good", str(DEBT))
    assert line.account == "Горводоканал"
    assert line.href == f"/pay/return/{payment_id}"
