"""The official SDK, over a real connection, finds at the bank what it expects of YooKassa."""

import re
from decimal import Decimal

import pytest
from yookassa.domain.exceptions.bad_request_error import BadRequestError
from yookassa.domain.exceptions.not_found_error import NotFoundError
from yookassa.domain.exceptions.unauthorized_error import UnauthorizedError

from lkk_reflex.sandbox.bank_config import Shop
from lkk_reflex.sandbox.bank_server import RunningBank
from tests.sandbox.conftest import SHOP, UTILITIES, Sdk
from tests.sandbox.sdk import ShopClient, bound, payment_body

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def test_created_payment_waits_and_leads_to_the_hosted_page(bank: RunningBank, sdk: Sdk) -> None:
    payment = sdk.payments.create(payment_body(), "key-1")
    assert _ID.fullmatch(payment.id)
    assert (payment.status, payment.paid, payment.test, payment.refundable) == ("pending", False, True, False)
    assert payment.confirmation.confirmation_url == f"{bank.url}/pay/{payment.id}"
    assert payment.recipient.account_id == SHOP.shop_id
    assert payment.payment_method is None
    assert payment.metadata["payment_ref"] == "ref-1"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", payment.created_at)


def test_payment_by_card_tells_the_card_and_what_is_left_after_commission(bank: RunningBank, sdk: Sdk) -> None:
    payment_id = sdk.payments.create(payment_body("1000.00"), "key-1").id
    bank.pay(payment_id, card="2202474301322987")
    paid = sdk.payments.find_one(payment_id)
    assert (paid.status, paid.paid, paid.refundable, paid.confirmation) == ("succeeded", True, True, None)
    assert (paid.payment_method.type, paid.payment_method.card.last4) == ("bank_card", "2987")
    assert paid.income_amount.value == Decimal("957.30")  # 3.5 % and 22 % of VAT upon them.
    assert len(paid.authorization_details.rrn) == 12
    assert paid.captured_at >= paid.created_at


def test_payment_by_sbp_tells_the_operation_and_the_bank(bank: RunningBank, sdk: Sdk) -> None:
    payment_id = sdk.payments.create(payment_body(), "key-1").id
    bank.pay(payment_id, method="sbp")
    method = sdk.payments.find_one(payment_id).payment_method
    assert method.type == "sbp"
    assert len(method.sbp_operation_id) == 32
    assert method.payer_bank_details.bic == "044525225"


def test_held_payment_is_captured_in_whole_by_an_empty_body(bank: RunningBank, sdk: Sdk) -> None:
    payment_id = sdk.payments.create(payment_body(capture=False), "key-1").id
    bank.pay(payment_id)
    held = sdk.payments.find_one(payment_id)
    assert (held.status, held.paid) == ("waiting_for_capture", True)
    assert held.expires_at > held.created_at
    captured = sdk.payments.capture(payment_id, idempotency_key="key-2")
    assert (captured.status, captured.amount.value) == ("succeeded", Decimal("1542.30"))


def test_held_payment_is_captured_in_part(bank: RunningBank, sdk: Sdk) -> None:
    payment_id = sdk.payments.create(payment_body("100.00", capture=False), "key-1").id
    bank.pay(payment_id)
    part = {"amount": {"value": "40.00", "currency": "RUB"}}
    assert sdk.payments.capture(payment_id, part, "key-2").amount.value == Decimal("40.00")


def test_held_payment_is_canceled_by_the_shop(bank: RunningBank, sdk: Sdk) -> None:
    payment_id = sdk.payments.create(payment_body(capture=False), "key-1").id
    bank.pay(payment_id)
    canceled = sdk.payments.cancel(payment_id, "key-2")
    assert (canceled.status, canceled.paid) == ("canceled", False)
    assert (canceled.cancellation_details.party, canceled.cancellation_details.reason) == (
        "merchant",
        "canceled_by_merchant",
    )


def test_waiting_payment_can_be_neither_captured_nor_canceled(sdk: Sdk) -> None:
    payment_id = sdk.payments.create(payment_body(), "key-1").id
    with pytest.raises(BadRequestError):
        sdk.payments.capture(payment_id, idempotency_key="key-2")
    with pytest.raises(BadRequestError):
        sdk.payments.cancel(payment_id, "key-3")
    assert sdk.payments.find_one(payment_id).status == "pending"


def test_list_walks_over_all_payments_by_its_cursor(bank: RunningBank, sdk: Sdk) -> None:
    created = [sdk.payments.create(payment_body(), f"key-{number}").id for number in range(250)]
    walked: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = sdk.payments.list({"limit": 100, **cursor})
        walked += [payment.id for payment in page.items]
        if page.next_cursor is None:
            break
        cursor = {"cursor": page.next_cursor}
    assert walked == created[::-1]


def test_list_filters_by_status_method_and_time(bank: RunningBank, sdk: Sdk) -> None:
    old = sdk.payments.create(payment_body(), "key-1")
    bank.advance(60)
    by_card, by_sbp, waiting = (sdk.payments.create(payment_body(), f"key-{number}").id for number in (2, 3, 4))
    bank.pay(by_card)
    bank.pay(by_sbp, method="sbp")

    def found(**filters: str) -> set[str]:
        return {payment.id for payment in sdk.payments.list(filters).items}

    assert found(status="pending") == {old.id, waiting}
    assert found(payment_method="sbp") == {by_sbp}
    assert found(**{"created_at.gt": old.created_at}) == {by_card, by_sbp, waiting}
    assert found(**{"created_at.lte": old.created_at}) == {old.id}
    assert found(**{"captured_at.gte": old.created_at}) == {by_card, by_sbp}


def test_refunds_in_parts_never_exceed_the_payment(bank: RunningBank, sdk: Sdk) -> None:
    payment_id = sdk.payments.create(payment_body("100.00"), "key-1").id
    bank.pay(payment_id)

    def body(value: str) -> dict[str, object]:
        return {"payment_id": payment_id, "amount": {"value": value, "currency": "RUB"}}

    refund = sdk.refunds.create(body("60.00"), "key-2")
    assert (refund.status, refund.payment_id) == ("succeeded", payment_id)
    with pytest.raises(BadRequestError):
        sdk.refunds.create(body("40.01"), "key-3")
    sdk.refunds.create(body("40.00"), "key-4")
    payment = sdk.payments.find_one(payment_id)
    assert (payment.refunded_amount.value, payment.refundable) == (Decimal("100.00"), False)
    assert len(sdk.refunds.list({"payment_id": payment_id}).items) == 2
    assert sdk.refunds.find_one(refund.id).id == refund.id


def test_refused_refund_is_canceled_with_the_reason_and_leaves_the_payment_whole(bank: RunningBank, sdk: Sdk) -> None:
    payment_id = sdk.payments.create(payment_body("100.00"), "key-1").id
    bank.pay(payment_id)
    bank.turn(refund_refusal="insufficient_funds")
    refund = sdk.refunds.create({"payment_id": payment_id, "amount": {"value": "10.00", "currency": "RUB"}}, "key-2")
    assert (refund.status, refund.cancellation_details.reason) == ("canceled", "insufficient_funds")
    assert sdk.payments.find_one(payment_id).refunded_amount.value == Decimal("0.00")


def test_receipt_is_registered_a_while_after_it_was_sent(bank: RunningBank, sdk: Sdk) -> None:
    payment_id = sdk.payments.create(payment_body("100.00"), "key-1").id
    bank.pay(payment_id)
    amount = {"value": "100.00", "currency": "RUB"}
    line = {"description": "Вода", "quantity": "1.000", "amount": amount, "vat_code": 1}
    receipt = sdk.receipts.create(
        {
            "type": "payment",
            "payment_id": payment_id,
            "customer": {"email": "a@b.ru"},
            "items": [line],
            "send": True,
            "settlements": [{"type": "cashless", "amount": amount}],
        },
        "key-2",
    )
    assert receipt.status == "pending"
    bank.advance(10)
    assert sdk.receipts.find_one(receipt.id).status == "succeeded"
    assert [found.id for found in sdk.receipts.list({"payment_id": payment_id}).items] == [receipt.id]


def test_settings_of_the_shop_say_it_is_a_test_shop(sdk: Sdk) -> None:
    settings = sdk.settings.get_account_settings()
    assert (settings["account_id"], settings["test"]) == (SHOP.shop_id, True)


def test_wrong_key_is_refused(bank: RunningBank, sdk: Sdk) -> None:
    stranger = Shop(shop_id=SHOP.shop_id, secret="test_guess")
    with pytest.raises(UnauthorizedError) as refusal:
        bound(sdk.payments, ShopClient(stranger, bank.api_url)).list()
    assert refusal.value.error.code == "invalid_credentials"


def test_foreign_shop_sees_nothing_of_a_payment(bank: RunningBank, sdk: Sdk) -> None:
    payment_id = sdk.payments.create(payment_body(), "key-1").id
    foreign = bound(sdk.payments, ShopClient(UTILITIES, bank.api_url))
    with pytest.raises(NotFoundError):
        foreign.find_one(payment_id)
    assert foreign.list().items == []


def test_unpaid_payment_expires_after_an_hour(bank: RunningBank, sdk: Sdk) -> None:
    payment_id = sdk.payments.create(payment_body(), "key-1").id
    bank.advance(3599)
    assert sdk.payments.find_one(payment_id).status == "pending"
    bank.advance(1)
    expired = sdk.payments.find_one(payment_id)
    assert (expired.status, expired.confirmation) == ("canceled", None)
    assert (expired.cancellation_details.party, expired.cancellation_details.reason) == (
        "yoo_money",
        "expired_on_confirmation",
    )


def test_held_payment_expires_after_seven_days(bank: RunningBank, sdk: Sdk) -> None:
    payment_id = sdk.payments.create(payment_body(capture=False), "key-1").id
    bank.pay(payment_id)
    bank.advance(7 * 24 * 3600)
    assert sdk.payments.find_one(payment_id).cancellation_details.reason == "expired_on_capture"
