"""What may follow what, and when the gateway is asked again."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkk_reflex.kit.money import Money
from lkk_reflex.payments import rules
from lkk_reflex.payments.models import PaymentStatus as Status

GATEWAY_STATES = ["pending", "waiting_for_capture", "succeeded", "canceled"]


@pytest.mark.parametrize("ours", [Status.NEW, Status.SENDING])
@pytest.mark.parametrize("theirs", GATEWAY_STATES)
def test_a_sent_payment_takes_any_state_the_gateway_gives(ours: Status, theirs: str) -> None:
    assert rules.next_status(ours, theirs) == theirs


@pytest.mark.parametrize(
    ("ours", "theirs", "after"),
    [
        (Status.PENDING, "pending", Status.PENDING),
        (Status.PENDING, "waiting_for_capture", Status.WAITING_FOR_CAPTURE),
        (Status.PENDING, "succeeded", Status.SUCCEEDED),
        (Status.PENDING, "canceled", Status.CANCELED),
        (Status.WAITING_FOR_CAPTURE, "succeeded", Status.SUCCEEDED),
        (Status.WAITING_FOR_CAPTURE, "canceled", Status.CANCELED),
    ],
)
def test_states_move_forward(ours: Status, theirs: str, after: Status) -> None:
    assert rules.next_status(ours, theirs) is after


@pytest.mark.parametrize("ours", [Status.WAITING_FOR_CAPTURE, Status.SUCCEEDED, Status.CANCELED])
def test_an_answer_from_the_past_moves_nothing_back(ours: Status) -> None:
    assert rules.next_status(ours, "pending") is ours


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(Status.SUCCEEDED, "canceled"), (Status.CANCELED, "succeeded"), *((Status.REJECTED, to) for to in GATEWAY_STATES)],
)
def test_a_final_state_is_never_changed(ours: Status, theirs: str) -> None:
    assert rules.next_status(ours, theirs) is None


def test_the_table_answers_for_every_state_of_ours_and_of_the_gateway() -> None:
    contradictions = {
        (ours, theirs) for ours in Status for theirs in GATEWAY_STATES if rules.next_status(ours, theirs) is None
    }
    assert all(ours in rules.FINAL for ours, _ in contradictions)


@given(st.sampled_from(list(Status)), st.lists(st.sampled_from(GATEWAY_STATES), max_size=8))
def test_no_sequence_of_answers_leaves_a_final_state(start: Status, answers: list[str]) -> None:
    state = start
    for answer in answers:
        after = rules.next_status(state, answer)
        if after is None:
            continue
        assert state not in rules.FINAL or after is state
        state = after


def test_an_unknown_answer_is_sent_again_after_5_15_60_seconds_and_then_every_minute() -> None:
    pauses = [rules.resend_after(sends).total_seconds() for sends in range(1, 6)]
    assert pauses == [5, 15, 60, 60, 60]


@pytest.mark.parametrize(
    ("watched", "pause"),
    [
        (timedelta(0), 5),
        (timedelta(seconds=119), 5),
        (timedelta(minutes=2), 60),
        (timedelta(minutes=15), 300),
        (timedelta(hours=2), 1800),
        (timedelta(days=3), 1800),
    ],
)
def test_questions_become_rarer_with_time(watched: timedelta, pause: int) -> None:
    assert rules.poll_after(watched).total_seconds() == pause


@pytest.mark.parametrize(
    ("status", "age", "is_utilities", "overdue"),
    [
        (Status.SENDING, timedelta(minutes=10), False, False),
        (Status.SENDING, timedelta(minutes=11), False, True),
        (Status.PENDING, timedelta(hours=2), False, False),
        (Status.PENDING, timedelta(hours=3), False, True),
        (Status.PENDING, timedelta(hours=3), True, False),
        (Status.PENDING, timedelta(hours=25), True, True),
        (Status.SUCCEEDED, timedelta(days=9), False, False),
    ],
)
def test_a_payment_that_waits_too_long_raises_an_alarm(
    status: Status, age: timedelta, is_utilities: bool, overdue: bool
) -> None:
    assert rules.is_overdue(status, age, is_utilities=is_utilities) is overdue


@given(st.integers(1, 10**8), st.integers(-(10**8), 10**8))
def test_a_receipt_divides_a_payment_without_loss(amount: int, debt: int) -> None:
    split = rules.split_for_receipt(Money(amount), Money(debt))
    assert split.debt + split.advance == Money(amount)
    assert Money.zero() <= split.debt <= max(Money(debt), Money.zero())
