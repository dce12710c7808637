"""What payers see of payments, and who sees which."""

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from lkk_reflex.accounts.models import AccountLink, LinkLevel
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Forbidden, SignInRequired
from lkk_reflex.kit.money import Money
from lkk_reflex.payments import debt, history
from lkk_reflex.payments.gateways.base import Unknown
from lkk_reflex.payments.models import Payment, PaymentStatus, Review
from lkk_reflex.payments.projection import CANCEL_TEXTS, PaymentState, Tone, state_of
from lkk_reflex.payments.watch import Asker
from tests.factories.identity import make_viewer
from tests.factories.payments import DEBT, make_bill, make_link, make_payment
from tests.payments.conftest import Desk, StillClock

#: A state in which money may have moved must never be called unpaid.
_CALLS_IT_UNPAID = re.compile(r"не оплачен|не прошла|не списан|попробуйте|снова", re.IGNORECASE)


def state(desk: Desk, payment_id: str) -> PaymentState:
    with reading() as session:
        return history.payment_state(session, payment_id)


def due(desk: Desk) -> Money | None:
    with reading() as session:
        return debt.payable(session, desk.payable.viewer, desk.payable.link_id).due


def test_a_paid_bill_shows_nothing_to_pay_at_once(desk: Desk) -> None:
    desk.pay()
    desk.gateway.pay(desk.gateway.only_id())
    desk.poll(seconds=10)
    assert due(desk) == Money.zero()


@pytest.mark.parametrize("counted", [True, False], ids=["the register knows the payment", "it does not yet"])
def test_the_next_register_never_counts_a_payment_twice(desk: Desk, counted: bool) -> None:
    """The new bill is 300 more; it subtracts the payment itself if the company's data are younger than it."""
    desk.pay()
    desk.gateway.pay(desk.gateway.only_id())
    before_payment = desk.time()
    desk.poll(seconds=10)
    desk.time.advance(days=10)
    closing = Money(300_00) if counted else Money(300_00) + DEBT
    until = desk.time() if counted else before_payment
    with unit_of_work() as session:
        make_bill(session, desk.payable.account_id, closing, period=202611, counts_until=until)
    assert due(desk) == Money(300_00)


def test_the_states_of_a_payment_are_told_in_plain_words(desk: Desk) -> None:
    desk.gateway.fail_next("create", Unknown("ReadTimeout"), after=True)
    payment_id = desk.pay()
    told = [state(desk, payment_id)]
    desk.time.advance(seconds=11)
    told.append(state(desk, payment_id))
    desk.poll()
    told.append(state(desk, payment_id))
    with unit_of_work() as session:
        history.note_return(session, payment_id)
    told.append(state(desk, payment_id))
    desk.time.advance(minutes=3)
    told.append(state(desk, payment_id))
    desk.gateway.pay(desk.gateway.only_id())
    desk.advance(payment_id, Asker.RETURN_PAGE)
    told.append(state(desk, payment_id))
    assert [each.text.split(".")[0] for each in told] == [
        "Готовим оплату… Не закрывайте страницу",
        "Платёжный сервис отвечает дольше обычного",
        "Платёж создан и ждёт оплаты",
        "Проверяем оплату",
        "Подтверждение ещё не пришло",
        f"Оплата {DEBT} прошла",
    ]
    assert [each.tone for each in told] == [Tone.WAITING] * 5 + [Tone.GOOD]
    assert [each.is_over for each in told] == [False] * 5 + [True]
    assert {each.amount for each in told} == {str(DEBT)}


@pytest.mark.parametrize("status", [each for each in PaymentStatus if each not in {"canceled", "rejected"}])
@pytest.mark.parametrize("review", [None, *Review])
@pytest.mark.parametrize("is_back", [True, False])
def test_nothing_is_called_unpaid_before_the_end(
    time: StillClock, status: PaymentStatus, review: Review | None, is_back: bool
) -> None:
    shown = state_of(a_payment(time, status=status, review=review, returned_at=time() if is_back else None), time())
    assert not _CALLS_IT_UNPAID.search(shown.text + shown.title)
    assert not shown.may_try_again


@pytest.mark.parametrize("review", list(Review))
def test_a_payment_under_review_gives_a_number_to_name(time: StillClock, review: Review) -> None:
    payment = a_payment(time, review=review)
    shown = state_of(payment, time())
    assert payment.id[:8].upper() in shown.text
    assert shown.tone is Tone.REVIEW


@pytest.mark.parametrize("reason", [*CANCEL_TEXTS, "never_heard_of", ""])
def test_every_reason_of_a_cancellation_has_words_and_a_way_on(time: StillClock, reason: str) -> None:
    shown = state_of(a_payment(time, status=PaymentStatus.CANCELED, cancel_reason=reason), time())
    assert shown.text
    assert reason not in shown.text or not reason
    assert shown.may_try_again


def test_every_reason_the_api_documents_is_told_apart_or_falls_under_the_general_words() -> None:
    known = (
        "3d_secure_failed call_issuer card_expired country_forbidden expired_on_confirmation fraud_suspected "
        "general_decline identification_required insufficient_funds internal_timeout invalid_card_number invalid_csc "
        "issuer_unavailable payment_method_limit_exceeded payment_method_restricted rejected_by_timeout"
    )
    assert set(CANCEL_TEXTS) == set(known.split())


def a_payment(time: StillClock, **values: Any) -> Payment:
    fields: dict[str, Any] = {
        "id": "5f0c1b1e-4f5d-4a0e-9a57-0d6f6f1d2c3b",
        "intent_id": "intent",
        "shop_id": 1,
        "account_id": 1,
        "amount_kopecks": 100,
        "idem_key": "key",
        "body": "{}",
        "created_at": time(),
        "status": PaymentStatus.PENDING,
    }
    return Payment(**(fields | values))


def test_without_a_sign_in_only_the_sum_and_the_state_are_shown(desk: Desk) -> None:
    payment_id = desk.pay()
    desk.gateway.pay(desk.gateway.only_id())
    desk.poll(seconds=10)
    with reading() as session:
        number = debt.payable(session, desk.payable.viewer, desk.payable.link_id).number
        shown = asdict(history.payment_state(session, payment_id))
    assert number not in str(shown)
    assert "bank.example" not in str(shown)
    assert "Горводоканал" not in str(shown)


def test_who_pays_sees_the_way_to_the_gateways_page(desk: Desk) -> None:
    payment_id = desk.pay()
    with reading() as session:
        view = history.payment_of(session, desk.payable.viewer, payment_id=payment_id)
    assert view.pay_url == "https://bank.example/pay/1"
    assert view.at == "20.11.2026, 12:00"
    assert view.provider == "Горводоканал"


@pytest.mark.parametrize("status", ["succeeded", "canceled"])
def test_a_payment_that_is_over_leads_nowhere(desk: Desk, status: str) -> None:
    payment_id = desk.pay()
    desk.gateway.change(desk.gateway.only_id(), status=status, is_paid=status == "succeeded")
    desk.poll(seconds=10)
    with reading() as session:
        assert history.payment_of(session, desk.payable.viewer, payment_id=payment_id).pay_url == ""


def test_the_history_shows_the_newest_first_with_the_method(desk: Desk) -> None:
    desk.pay(desk.payable.own_form("100"))
    desk.gateway.pay(desk.gateway.only_id())
    desk.poll(seconds=10)
    desk.pay(desk.payable.own_form("200"))
    with reading() as session:
        shown = history.payments_of(session, desk.payable.viewer)
    assert [view.state.amount for view in shown] == [str(Money(200_00)), str(Money(100_00))]
    assert [view.state.title for view in shown] == ["Ждёт оплаты", "Оплачено"]
    assert shown[1].method == "Банковская карта"


def test_at_basic_access_other_peoples_payments_stay_hidden(desk: Desk) -> None:
    desk.pay()
    with unit_of_work() as session:
        neighbour = make_viewer(session)
        make_link(session, neighbour, desk.payable.account_id)
    with reading() as session:
        assert history.payments_of(session, neighbour) == []
    with unit_of_work() as session:
        link = session.exec(select(AccountLink).where(AccountLink.subscriber_id == neighbour.subscriber_id)).one()
        link.level = LinkLevel.EXTENDED
    with reading() as session:
        assert len(history.payments_of(session, neighbour)) == 1


def test_strangers_see_neither_the_history_nor_the_payment(desk: Desk) -> None:
    payment_id = desk.pay()
    with unit_of_work() as session:
        stranger = make_viewer(session)
    with reading() as session:
        assert history.payments_of(session, stranger) == []
        with pytest.raises(Forbidden):
            history.payment_of(session, stranger, payment_id=payment_id)


@pytest.mark.parametrize("viewer", [Viewer(), Viewer(role=Role.OPERATOR), Viewer.system()])
def test_the_history_needs_a_subscriber(desk: Desk, viewer: Viewer) -> None:
    with reading() as session:
        with pytest.raises(SignInRequired):
            history.payments_of(session, viewer)
        with pytest.raises(SignInRequired):
            history.payment_of(session, viewer, payment_id="any")


def test_a_payment_that_does_not_exist_is_not_found(desk: Desk) -> None:
    with reading() as session:
        with pytest.raises(Forbidden):
            history.payment_state(session, "no-such-payment")
        with pytest.raises(Forbidden):
            history.payment_of(session, desk.payable.viewer, payment_id="no-such-payment")
    with pytest.raises(Forbidden), unit_of_work() as session:
        history.note_return(session, "no-such-payment")


def test_the_payers_return_makes_the_questions_frequent_again(desk: Desk) -> None:
    payment_id = desk.pay()
    desk.poll(minutes=30)
    assert desk.poll(minutes=4) == 0
    with unit_of_work() as session:
        history.note_return(session, payment_id)
    desk.advance(payment_id, Asker.RETURN_PAGE)
    assert desk.poll(seconds=5) == 1


def test_a_return_to_a_finished_payment_changes_nothing(desk: Desk) -> None:
    with unit_of_work() as session:
        payment = make_payment(session, desk.payable, status=PaymentStatus.CANCELED, final_at=desk.time())
    with unit_of_work() as session:
        history.note_return(session, payment.id)
    assert desk.payment(payment.id).returned_at is None


def test_the_module_of_words_holds_no_english_on_screen() -> None:
    source = Path(state_of.__code__.co_filename).read_text()
    shown = re.findall(r'^_[A-Z_]+ = \(?\s*"([^"]+)"', source, re.MULTILINE)
    assert len(shown) >= 8
    assert not [text for text in shown if re.search(r"[a-z]{3}", text.replace("{reference}", ""))]
