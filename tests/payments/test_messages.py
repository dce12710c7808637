"""What the payer is told, and when."""

import pytest
from sqlmodel import select

from lkk_reflex.kit import wake
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.money import Money
from lkk_reflex.notifications.models import Channel, OutboxMessage
from lkk_reflex.notifications.outbox import Content
from lkk_reflex.payments import checkout, repository
from tests.factories.identity import make_viewer
from tests.factories.payments import make_link
from tests.payments.conftest import Desk


def messages() -> list[OutboxMessage]:
    with reading() as session:
        return list(session.exec(select(OutboxMessage)).all())


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
        assert content.to == repository.login_of(session, desk.payable.viewer.require_subscriber())
    assert "1\N{NARROW NO-BREAK SPACE}542,30" in content.subject
    assert "Горводоканал" in content.body
    assert payment_id[:8].upper() in content.body
    assert wake.bell("messages").is_set()


def test_a_payer_without_an_e_mail_gets_one_short_message(desk: Desk) -> None:
    with unit_of_work() as session:
        viewer = make_viewer(session, login="+79161234567")
        link_id = make_link(session, viewer, desk.payable.account_id)
    form = checkout.PayForm(checkout.new_intent(), link_id, checkout.AmountChoice.OWN, amount_text="350000")
    checkout.pay(viewer, form, desk.gateway.connect)
    desk.gateway.pay(desk.gateway.only_id())
    desk.poll(seconds=10)
    (message,) = messages()
    assert message.channel is Channel.SMS
    content = Content.decrypted(message.content)
    assert str(Money(350_000_00)) in content.body
    assert len(content.body) <= 70


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
