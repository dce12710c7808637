"""Notifications reach the shop as YooKassa's do: asynchronously, again and again, in any order, or never."""

import socket

from lkk_reflex.sandbox.bank_config import Shop
from lkk_reflex.sandbox.bank_server import RunningBank
from tests.sandbox.conftest import SHOP, Sdk
from tests.sandbox.receiver import Receiver
from tests.sandbox.sdk import payment_body
from tests.support.patience import settled, until


def _paid(bank: RunningBank, sdk: Sdk, key: str = "key-1") -> str:
    payment_id: str = sdk.payments.create(payment_body(), key).id
    bank.pay(payment_id)
    return payment_id


def _states(bank: RunningBank, expected: list[str]) -> list[str]:
    """Wait for what the notifications are to have come to, and return what they have."""
    return settled(lambda: [note["state"] for note in bank.snapshot()["notifications"]], expected)


def _attempted(bank: RunningBank, count: int) -> list[int | None]:
    """Wait for so many recorded attempts and return their statuses."""
    until(lambda: len(bank.snapshot()["attempts"]) >= count)
    return [attempt["http_status"] for attempt in bank.snapshot()["attempts"]]


def test_success_is_told_with_the_object_of_the_moment(bank: RunningBank, sdk: Sdk, receiver: Receiver) -> None:
    bank.turn(hold=True)
    payment_id = _paid(bank, sdk)
    amount = {"value": "1.00", "currency": "RUB"}
    sdk.refunds.create({"payment_id": payment_id, "amount": amount}, "key-2")
    bank.release_notifications()
    told = {note["event"]: note for note in receiver.wait_for(2)}
    snapshot = told["payment.succeeded"]["object"]
    assert told["payment.succeeded"]["type"] == "notification"
    assert (snapshot["id"], snapshot["status"]) == (payment_id, "succeeded")
    assert snapshot["refunded_amount"]["value"] == "0.00"  # The refund came later.
    assert told["refund.succeeded"]["object"]["payment_id"] == payment_id


def test_creation_and_refused_refund_tell_nothing(bank: RunningBank, sdk: Sdk, receiver: Receiver) -> None:
    payment_id = _paid(bank, sdk)
    receiver.wait_for(1)
    bank.turn(refund_refusal="insufficient_funds")
    amount = {"value": "1.00", "currency": "RUB"}
    sdk.refunds.create({"payment_id": payment_id, "amount": amount}, "key-2")
    assert receiver.stays_at(1)


def test_hold_and_cancellation_are_told(bank: RunningBank, sdk: Sdk, receiver: Receiver) -> None:
    payment_id = sdk.payments.create(payment_body(capture=False), "key-1").id
    bank.pay(payment_id)
    receiver.wait_for(1)
    sdk.payments.cancel(payment_id, "key-2")
    events = [note["event"] for note in receiver.wait_for(2)]
    assert events == ["payment.waiting_for_capture", "payment.canceled"]


def test_expiry_is_told_without_anybody_asking(bank: RunningBank, sdk: Sdk, receiver: Receiver) -> None:
    sdk.payments.create(payment_body(), "key-1")
    bank.advance(3600)
    (told,) = receiver.wait_for(1)
    assert told["object"]["cancellation_details"]["reason"] == "expired_on_confirmation"


def test_only_200_ends_the_redelivery(bank: RunningBank, sdk: Sdk, receiver: Receiver) -> None:
    receiver.answers = [500, 204, 404]
    _paid(bank, sdk)
    for count in range(1, 4):
        receiver.wait_for(count)
        assert len(_attempted(bank, count)) == count
        bank.advance(900)
    receiver.wait_for(4)
    assert _attempted(bank, 4) == [500, 204, 404, 200]
    bank.advance(4 * 3600)
    assert receiver.stays_at(4)
    assert _states(bank, ["delivered"]) == ["delivered"]


def test_redelivery_pauses_grow(bank: RunningBank, sdk: Sdk, receiver: Receiver) -> None:
    receiver.answers = [500] * 9
    _paid(bank, sdk)
    receiver.wait_for(1)
    _attempted(bank, 1)
    bank.advance(10)
    receiver.wait_for(2)
    _attempted(bank, 2)
    bank.advance(15)
    assert receiver.stays_at(2)
    bank.advance(15)
    receiver.wait_for(3)


def test_redelivery_ends_after_a_day(bank: RunningBank, sdk: Sdk, receiver: Receiver) -> None:
    receiver.answers = [500] * 9
    _paid(bank, sdk)
    receiver.wait_for(1)
    _attempted(bank, 1)
    bank.advance(24 * 3600 + 1)
    assert receiver.stays_at(1)
    assert _states(bank, ["expired"]) == ["expired"]


def test_shop_that_does_not_answer_is_recorded(bank: RunningBank, sdk: Sdk) -> None:
    bank.point_notifications(SHOP, "http://127.0.0.1:9/nobody")
    _paid(bank, sdk)
    assert _attempted(bank, 1) == [None]
    assert bank.snapshot()["attempts"][0]["error"] == "ConnectError"


def test_shop_without_an_address_is_told_nothing(bank: RunningBank, sdk: Sdk) -> None:
    _paid(bank, sdk)
    assert bank.snapshot()["notifications"] == []


def test_copies_arrive_as_asked(bank: RunningBank, sdk: Sdk, receiver: Receiver) -> None:
    bank.turn(duplicates=2)
    _paid(bank, sdk)
    first, *others = receiver.wait_for(3)
    assert others == [first, first]


def test_held_notifications_wait_for_their_release(bank: RunningBank, sdk: Sdk, receiver: Receiver) -> None:
    bank.turn(hold=True)
    _paid(bank, sdk)
    assert receiver.stays_at(0)
    bank.release_notifications()
    receiver.wait_for(1)


def test_dropped_notifications_never_arrive(bank: RunningBank, sdk: Sdk, receiver: Receiver) -> None:
    bank.turn(drop=True)
    _paid(bank, sdk)
    bank.turn(drop=False)
    bank.release_notifications()
    assert receiver.stays_at(0)
    assert _states(bank, ["dropped"]) == ["dropped"]


def test_delayed_notifications_come_later(bank: RunningBank, sdk: Sdk, receiver: Receiver) -> None:
    bank.turn(delay_seconds=600)
    _paid(bank, sdk)
    assert receiver.stays_at(0)
    bank.advance(600)
    receiver.wait_for(1)


def test_shuffled_notifications_lose_their_order(bank: RunningBank, sdk: Sdk, receiver: Receiver) -> None:
    bank.turn(shuffle_seconds=500)
    paid = [_paid(bank, sdk, f"key-{number}") for number in range(8)]
    due = [note["item_id"] for note in bank.snapshot()["notifications"]]
    assert sorted(due) == sorted(paid)
    assert due != paid
    bank.advance(500)
    receiver.wait_for(8)


def test_notification_may_overtake_the_answer_to_the_creation(bank: RunningBank, sdk: Sdk, receiver: Receiver) -> None:
    bank.turn(before_answer=True, pay_on_create=True)
    created = sdk.payments.create(payment_body(), "key-1")
    assert created.status == "pending"
    (told,) = receiver.received
    assert (told["object"]["id"], told["object"]["status"]) == (created.id, "succeeded")


def test_forged_notification_is_sent_though_nothing_happened(bank: RunningBank, sdk: Sdk, receiver: Receiver) -> None:
    payment_id = sdk.payments.create(payment_body(), "key-1").id
    bank.forge(SHOP, "payment.succeeded", {"id": payment_id, "status": "succeeded"})
    (told,) = receiver.wait_for(1)
    assert told["object"] == {"id": payment_id, "status": "succeeded"}
    assert sdk.payments.find_one(payment_id).status == "pending"


def test_slow_shop_does_not_keep_others_waiting(bank: RunningBank, sdk: Sdk, receiver: Receiver) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        other = Shop(shop_id="100502", secret="test_slow", notify_url=f"http://127.0.0.1:{silent.getsockname()[1]}/")
        bank.register_shop(other)
        bank.forge(other, "payment.succeeded", {"id": "1"})
        connection, _ = silent.accept()
        _paid(bank, sdk)
        receiver.wait_for(1)
        connection.close()
