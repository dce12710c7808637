"""Lost answers, refusals, expired keys: what becomes of a payment until it is final."""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.payments import repository, rules, shops, watch
from lkk_reflex.payments.gateways.base import Misconfigured, NotFound, Rejected, Throttled, Unknown
from lkk_reflex.payments.models import PaymentStatus, Review
from lkk_reflex.payments.watch import Asker, advance_all, advance_due, recheck
from tests.payments.conftest import Desk
from tests.support import patience

LOST = Unknown("ReadTimeout")


def test_a_lost_answer_is_asked_for_again_with_the_same_key_and_body(desk: Desk) -> None:
    desk.gateway.fail_next("create", LOST, after=True)
    payment_id = desk.pay()
    assert desk.payment(payment_id).status is PaymentStatus.SENDING
    assert desk.poll(seconds=4) == 0
    assert desk.poll(seconds=1) == 1
    keys = [key for verb, key in desk.gateway.calls if verb == "create"]
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert len(desk.gateway.payments) == 1
    assert desk.payment(payment_id).status is PaymentStatus.PENDING


def test_pauses_between_attempts_grow_to_a_minute(desk: Desk) -> None:
    for _ in range(5):
        desk.gateway.fail_next("create", LOST)
    payment_id = desk.pay()
    pauses = []
    for _ in range(4):
        payment = desk.payment(payment_id)
        assert payment.next_check_at
        pauses.append((payment.next_check_at - desk.time()).total_seconds())
        desk.poll(seconds=pauses[-1])
    assert pauses == [5, 15, 60, 60]


def test_after_a_replay_the_present_state_is_asked_for(desk: Desk) -> None:
    """The payer has paid meanwhile, and the replayed answer is the first one of long ago."""
    desk.gateway.fail_next("create", LOST, after=True)
    payment_id = desk.pay()
    desk.gateway.pay(desk.gateway.only_id())
    desk.poll(seconds=10)
    assert [verb for verb, _ in desk.gateway.calls] == ["create", "create", "get"]
    assert desk.payment(payment_id).status is PaymentStatus.SUCCEEDED
    assert len(desk.ledger()) == 1


def test_a_clear_refusal_ends_the_payment(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.gateway.fail_next("create", Rejected("HTTP 400 code=invalid_request", http=400))
    payment = desk.payment(desk.pay())
    assert payment.status is PaymentStatus.REJECTED
    assert payment.last_error == "HTTP 400 code=invalid_request"
    assert "ALARM" in caplog.text


def test_after_a_refusal_the_same_sum_can_be_tried_anew(desk: Desk) -> None:
    desk.gateway.fail_next("create", Rejected("HTTP 400", http=400))
    first = desk.pay()
    second = desk.pay()
    assert second != first
    keys = [key for verb, key in desk.gateway.calls if verb == "create"]
    assert len(set(keys)) == 2


def test_a_refusal_after_a_doubt_is_no_refusal(desk: Desk) -> None:
    desk.gateway.fail_next("create", LOST, after=True)
    desk.gateway.fail_next("create", Rejected("HTTP 400", http=400))
    payment_id = desk.pay()
    desk.poll(seconds=10)
    doubted = desk.payment(payment_id)
    assert doubted.status is PaymentStatus.SENDING
    assert doubted.review is Review.REFUSED_AFTER_DOUBT
    desk.poll(minutes=2)
    found = desk.payment(payment_id)
    assert (found.status, found.review) == (PaymentStatus.PENDING, None)


@pytest.mark.parametrize(
    "harmless", [Throttled("HTTP 429", http=429), Unknown("ConnectionError", was_sent=False)], ids=["429", "not sent"]
)
def test_a_refusal_after_an_attempt_that_did_nothing_is_a_refusal(desk: Desk, harmless: Throttled | Unknown) -> None:
    desk.gateway.fail_next("create", harmless)
    desk.gateway.fail_next("create", Rejected("HTTP 400", http=400))
    payment_id = desk.pay()
    assert desk.payment(payment_id).status is PaymentStatus.SENDING
    desk.poll(seconds=10)
    assert desk.payment(payment_id).status is PaymentStatus.REJECTED


def test_a_process_that_died_while_sending_leaves_a_doubt(desk: Desk) -> None:
    payment_id = desk.begin()
    with unit_of_work() as session:
        assert watch._take(session, payment_id, Asker.CHECKOUT)
    desk.gateway.fail_next("create", Rejected("HTTP 400", http=400))
    assert desk.poll(seconds=44) == 0
    assert desk.poll(seconds=1) == 1
    assert desk.payment(payment_id).review is Review.REFUSED_AFTER_DOUBT


def test_a_payment_written_down_by_a_process_that_died_is_sent(desk: Desk) -> None:
    payment_id = desk.begin()
    assert desk.poll(seconds=5) == 1
    assert desk.payment(payment_id).status is PaymentStatus.PENDING


@pytest.mark.parametrize("provider_knows_it", [True, False])
def test_a_key_is_used_for_23_hours_and_then_the_list_is_searched(desk: Desk, provider_knows_it: bool) -> None:
    desk.gateway.fail_next("create", LOST, after=provider_knows_it)
    payment_id = desk.pay()
    created = desk.payment(payment_id).created_at
    desk.gateway.fail_next("create", LOST, after=provider_knows_it)
    desk.poll(hours=22, minutes=59)
    assert [verb for verb, _ in desk.gateway.calls] == ["create"] * 2
    desk.poll(minutes=1)
    assert [verb for verb, _ in desk.gateway.calls] == ["create", "create", "list"]
    asked_from = desk.gateway.calls[-1][1]
    assert asked_from <= created.isoformat()
    payment = desk.payment(payment_id)
    if provider_knows_it:
        assert (payment.status, payment.review) == (PaymentStatus.PENDING, None)
    else:
        assert (payment.status, payment.review) == (PaymentStatus.SENDING, Review.KEY_EXPIRED)


def test_a_payment_not_in_the_list_twice_an_hour_apart_was_never_made(desk: Desk) -> None:
    desk.gateway.fail_next("create", LOST)
    payment_id = desk.pay()
    desk.poll(hours=23)
    desk.advance(payment_id)
    assert desk.poll(minutes=59) == 0
    assert desk.payment(payment_id).status is PaymentStatus.SENDING
    assert desk.poll(minutes=1) == 1
    assert desk.payment(payment_id).status is PaymentStatus.REJECTED
    assert [verb for verb, _ in desk.gateway.calls] == ["create", "list", "list"]


def test_a_payment_found_in_the_list_and_paid_is_credited(desk: Desk) -> None:
    desk.gateway.fail_next("create", LOST, after=True)
    payment_id = desk.pay()
    desk.gateway.pay(desk.gateway.only_id())
    desk.poll(hours=23)
    assert desk.payment(payment_id).status is PaymentStatus.SUCCEEDED
    assert len(desk.ledger()) == 1


def test_a_key_used_with_another_body_is_looked_up_and_not_sent_again(desk: Desk) -> None:
    desk.gateway.fail_next("create", Unknown("HTTP 400", http=400, is_key_used=True))
    payment_id = desk.pay()
    assert desk.payment(payment_id).review is Review.KEY_CONFLICT
    desk.poll(minutes=1)
    assert [verb for verb, _ in desk.gateway.calls] == ["create", "list"]


def test_a_refused_key_stops_the_shop_and_keeps_its_payments(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    payment_id = desk.pay()
    desk.gateway.fail_next("get", Misconfigured("HTTP 401 code=invalid_credentials", http=401))
    desk.poll(seconds=10)
    assert "ALARM shop" in caplog.text
    assert desk.payment(payment_id).status is PaymentStatus.PENDING
    calls = len(desk.gateway.calls)
    desk.poll(minutes=10)
    assert len(desk.gateway.calls) == calls
    with unit_of_work() as session:
        shops.resume_shop(session, Viewer.system(), desk.payable.gateway_id, secret="test_new")
    desk.gateway.pay(desk.gateway.only_id())
    assert advance_due(desk.gateway.connect) == 1
    assert desk.payment(payment_id).status is PaymentStatus.SUCCEEDED


def test_a_key_refused_at_the_first_attempt_ends_the_payment_too(desk: Desk) -> None:
    desk.gateway.fail_next("create", Misconfigured("HTTP 401", http=401))
    payment_id = desk.pay()
    assert desk.payment(payment_id).status is PaymentStatus.REJECTED
    with reading() as session:
        shop = repository.shop_by_gateway_id(session, desk.payable.gateway_id)
    assert shop
    assert shop.stopped_reason == "HTTP 401"


def test_a_payment_the_gateway_has_lost_is_never_called_failed(desk: Desk) -> None:
    payment_id = desk.pay()
    desk.gateway.fail_next("get", NotFound("HTTP 404 code=not_found", http=404))
    desk.poll(seconds=10)
    payment = desk.payment(payment_id)
    assert (payment.status, payment.review) == (PaymentStatus.PENDING, Review.GONE)
    desk.gateway.pay(desk.gateway.only_id())
    desk.poll(hours=1)
    payment = desk.payment(payment_id)
    assert (payment.status, payment.review) == (PaymentStatus.SUCCEEDED, None)


@pytest.mark.parametrize("error", [LOST, Throttled("HTTP 429", http=429), Rejected("HTTP 400", http=400)])
def test_a_question_without_answer_is_asked_again(desk: Desk, error: Unknown | Throttled | Rejected) -> None:
    payment_id = desk.pay()
    desk.gateway.fail_next("get", error)
    desk.poll(seconds=5)
    payment = desk.payment(payment_id)
    assert payment.status is PaymentStatus.PENDING
    assert payment.last_error == error.text
    desk.gateway.pay(desk.gateway.only_id())
    desk.poll(seconds=5)
    assert desk.payment(payment_id).status is PaymentStatus.SUCCEEDED


def test_the_poller_finds_a_payment_that_nobody_told_us_of(desk: Desk) -> None:
    payment_id = desk.pay()
    desk.gateway.pay(desk.gateway.only_id())
    assert desk.poll(seconds=4) == 0
    assert desk.poll(seconds=1) == 1
    assert desk.payment(payment_id).status is PaymentStatus.SUCCEEDED
    assert desk.poll(hours=5) == 0


def test_the_poller_asks_rarely_after_hours(desk: Desk) -> None:
    desk.pay()
    asked = 0
    for _ in range(24 * 60):
        asked += desk.poll(minutes=1)
    assert 60 < asked < 90


def test_two_pollers_at_once_ask_once_and_credit_once(desk: Desk) -> None:
    payment_id = desk.pay()
    desk.gateway.pay(desk.gateway.only_id())
    desk.time.advance(seconds=10)
    start = threading.Barrier(4)

    def poll(_: int) -> int:
        start.wait()
        return advance_due(desk.gateway.connect)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(poll, range(4))) == 1
    assert [verb for verb, _ in desk.gateway.calls].count("get") == 1
    assert len(desk.ledger()) == 1
    assert desk.payment(payment_id).status is PaymentStatus.SUCCEEDED


def test_while_one_worker_asks_nobody_else_does(desk: Desk) -> None:
    payment_id = desk.pay()
    desk.time.advance(seconds=10)
    others: list[bool] = []
    desk.gateway.meanwhile = lambda: others.extend(desk.advance(payment_id, asker) for asker in Asker)
    assert desk.poll() == 1
    assert others == [False] * len(Asker)


def test_a_locked_payment_is_read_by_the_next_worker_as_the_first_one_leaves_it(desk: Desk) -> None:
    payment_id = desk.pay()
    is_waiting = threading.Event()

    def second() -> PaymentStatus:
        with unit_of_work() as session:
            stale = repository.payment(session, payment_id) if desk_is_postgresql else None
            is_waiting.set()
            locked = repository.lock_payment(session, payment_id)
            assert locked
            assert stale is None or stale is locked
            return locked.status

    with unit_of_work() as session:
        desk_is_postgresql = session.get_bind().dialect.name == "postgresql"
        first = repository.lock_payment(session, payment_id)
        assert first
        with ThreadPoolExecutor(1) as pool:
            status = pool.submit(second)
            # On SQLite the second worker waits before its first question already.
            is_waiting.wait(patience.SECONDS if desk_is_postgresql else 0.3)
            time.sleep(0.1)
            assert not status.done()
            first.status = PaymentStatus.CANCELED
            session.commit()
            assert status.result(patience.SECONDS) is PaymentStatus.CANCELED


def test_two_workers_with_an_answer_each_credit_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lease has run out while the first worker waited for a slow gateway."""
    payment_id = desk.pay()
    desk.gateway.pay(desk.gateway.only_id())
    both_have_asked = threading.Barrier(2, timeout=patience.SECONDS)
    monkeypatch.setattr(rules, "LEASE", -rules.LEASE)
    desk.gateway.meanwhile = both_have_asked.wait
    with ThreadPoolExecutor(2) as pool:
        asked = list(pool.map(lambda _: desk.advance(payment_id), range(2)))
    assert asked == [True, True]
    assert len(desk.ledger()) == 1


def test_the_return_page_asks_at_most_every_three_seconds(desk: Desk) -> None:
    payment_id = desk.pay()
    assert desk.advance(payment_id, Asker.RETURN_PAGE) is False
    desk.time.advance(seconds=3)
    assert desk.advance(payment_id, Asker.RETURN_PAGE) is True
    assert desk.advance(payment_id, Asker.RETURN_PAGE) is False


def test_the_return_page_does_not_hurry_a_payment_that_is_being_sent(desk: Desk) -> None:
    desk.gateway.fail_next("create", LOST)
    payment_id = desk.pay()
    desk.time.advance(seconds=4)
    assert desk.advance(payment_id, Asker.RETURN_PAGE) is False


def test_nobody_asks_about_a_final_payment(desk: Desk) -> None:
    payment_id = desk.pay()
    desk.gateway.cancel(desk.gateway.only_id())
    desk.poll(seconds=10)
    assert [desk.advance(payment_id, asker) for asker in Asker] == [False] * len(Asker)


def test_one_payments_fault_stops_no_other(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    first, second = desk.begin(), desk.begin(desk.payable.own_form("5"))

    def explode() -> None:
        raise ZeroDivisionError

    desk.gateway.meanwhile = explode
    assert advance_all([first, second], Asker.CHECKOUT, desk.gateway.connect) == 0
    desk.gateway.meanwhile = lambda: None
    desk.poll(minutes=2)
    assert {payment.status for payment in desk.payments()} == {PaymentStatus.PENDING}
    assert "could not be advanced" in caplog.text


def test_a_person_can_let_a_payment_under_review_be_asked_about_again(desk: Desk) -> None:
    payment_id = desk.pay()
    desk.gateway.change(desk.gateway.only_id(), is_test=False)
    desk.poll(seconds=10)
    assert desk.payment(payment_id).review is Review.MISMATCH
    assert desk.poll(hours=2) == 0
    desk.gateway.change(desk.gateway.only_id(), is_test=True)
    desk.gateway.pay(desk.gateway.only_id())
    with unit_of_work() as session:
        recheck(session, Viewer.system(), payment_id)
    assert advance_due(desk.gateway.connect) == 1
    assert desk.payment(payment_id).status is PaymentStatus.SUCCEEDED


def test_only_the_system_rechecks(desk: Desk) -> None:
    payment_id = desk.pay()
    for viewer, subject in ((desk.payable.viewer, payment_id), (Viewer.system(), payment_id), (Viewer.system(), "no")):
        with pytest.raises(Forbidden), unit_of_work() as session:
            recheck(session, viewer, subject)


def test_the_log_names_the_payment_and_never_the_key_of_the_shop(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    payment_id = desk.pay()
    assert payment_id in caplog.text
    assert desk.gateway.only_id() in caplog.text
    assert "test_water" not in caplog.text
