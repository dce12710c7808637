"""What the payer is told, and when."""

import pytest
from sqlmodel import col, select

from lkk_reflex.accounts.models import AccountLink, PersonalAccount
from lkk_reflex.identity.models import NoticeEvent, Subscriber
from lkk_reflex.kit import clock, wake
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.money import Money
from lkk_reflex.notifications.models import Channel, OutboxMessage
from lkk_reflex.notifications.outbox import Content
from lkk_reflex.payments import checkout, repository
from lkk_reflex.payments.messages import tell_of_refusals
from lkk_reflex.payments.models import Payment
from tests.factories.identity import make_viewer
from tests.factories.notices import choose
from tests.factories.payments import make_link
from tests.payments.conftest import Desk


def messages() -> list[OutboxMessage]:
    with reading() as session:
        return list(session.exec(select(OutboxMessage).order_by(col(OutboxMessage.id))).all())


def pay_and_credit(desk: Desk) -> str:
    payment_id = desk.pay()
    desk.gateway.pay(desk.gateway.only_id())
    desk.poll(seconds=10)
    return payment_id


def test_the_payer_is_told_once_that_the_money_has_come(desk: Desk) -> None:
    payment_id = pay_and_credit(desk)
    (message,) = messages()
    content = Content.decrypted(message.content)
    with reading() as session:
        payer = session.get_one(Subscriber, desk.payable.viewer.require_subscriber())
    assert content.to == payer.login
    assert "1\N{NARROW NO-BREAK SPACE}542,30" in content.subject
    assert "Горводоканал" in content.body
    assert payment_id[:8].upper() in content.body
    assert wake.bell("messages").is_set()


def test_a_payer_without_an_e_mail_gets_one_short_message_when_it_was_chosen(desk: Desk) -> None:
    with unit_of_work() as session:
        viewer = make_viewer(session, login="+79161234567")
        link_id = make_link(session, viewer, desk.payable.account_id)
        choose(session, viewer, NoticeEvent.PAYMENT_CREDITED, Channel.SMS)
    form = checkout.PayForm(checkout.new_intent(), link_id, checkout.AmountChoice.OWN, amount_text="350000")
    checkout.pay(viewer, form, desk.gateway.connect)
    desk.gateway.pay(desk.gateway.only_id())
    desk.poll(seconds=10)
    (message,) = messages()
    assert message.channel is Channel.SMS
    content = Content.decrypted(message.content)
    assert str(Money(350_000_00)) in content.body
    assert len(content.body) <= 70


def test_the_message_names_the_account_as_its_payer_does_and_never_in_full(desk: Desk) -> None:
    with unit_of_work() as session:
        link = session.exec(select(AccountLink)).one()
        number = session.get_one(PersonalAccount, link.account_id).number
    pay_and_credit(desk)
    with unit_of_work() as session:
        link.own_name = "Дача"
        session.add(link)
    desk.pay(desk.payable.own_form("5"))
    desk.gateway.pay(list(desk.gateway.payments)[-1])
    desk.poll(seconds=10)
    masked, named = (Content.decrypted(message.content).body for message in messages())
    assert f"•••{number[-4:]}" in masked
    assert "«Дача»" in named
    assert number not in masked + named


def test_a_refusal_is_told_once_with_its_reason_after_the_payer_has_come_back(desk: Desk) -> None:
    payment_id = desk.pay()
    desk.gateway.cancel(desk.gateway.only_id(), reason="insufficient_funds")
    desk.poll(seconds=10)
    tell_of_refusals()
    assert messages() == []
    with unit_of_work() as session:
        session.get_one(Payment, payment_id).returned_at = clock.now()
    for _ in range(2):
        tell_of_refusals()
    (message,) = messages()
    content = Content.decrypted(message.content)
    assert "не прошла" in content.subject
    assert "Недостаточно средств" in content.body
    assert "/payments" in content.body


def test_a_refusal_is_told_after_ten_minutes_to_who_has_not_come_back(desk: Desk) -> None:
    desk.pay()
    desk.gateway.cancel(desk.gateway.only_id())
    desk.poll(seconds=10)
    desk.time.advance(minutes=9)
    tell_of_refusals()
    assert messages() == []
    desk.time.advance(minutes=1)
    tell_of_refusals()
    assert len(messages()) == 1


def test_who_has_tried_again_is_not_told_of_the_refusal_before(desk: Desk) -> None:
    desk.pay()
    desk.gateway.cancel(desk.gateway.only_id())
    desk.poll(seconds=10)
    desk.time.advance(minutes=11)
    desk.pay()
    tell_of_refusals()
    assert messages() == []


def test_a_refusal_of_long_ago_is_not_told_any_more(desk: Desk) -> None:
    desk.pay()
    desk.gateway.cancel(desk.gateway.only_id())
    desk.poll(seconds=10)
    desk.time.advance(days=2)
    tell_of_refusals()
    assert messages() == []


@pytest.mark.parametrize("ending", ["cancel", "none"])
def test_nobody_is_told_of_money_that_has_not_come(desk: Desk, ending: str) -> None:
    desk.pay()
    if ending == "cancel":
        desk.gateway.cancel(desk.gateway.only_id())
    desk.poll(seconds=10)
    assert messages() == []


def test_a_credit_that_is_undone_leaves_no_message(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(repository, "credit", fail)
    pay_and_credit(desk)
    assert messages() == []
    assert desk.ledger() == []
