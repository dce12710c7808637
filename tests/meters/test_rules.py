"""When readings are taken, what is asked and what refused about a value."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.meters import rules
from lkk_reflex.meters.dial import Dial
from lkk_reflex.meters.errors import ConsumptionTooLarge, LowerThanPrevious, ZeroRefused
from lkk_reflex.meters.rules import Limits, Previous, QuestionKind, Taken, Usage, VerificationKind, Weighed

OCTOBER, NOVEMBER = BillingPeriod(2026, 10), BillingPeriod(2026, 11)
DIAL = Dial(5)
DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
MONTH_DAYS = st.integers(1, 31)


def _weighed(last: int | str, new: int | str, **more: object) -> Weighed:
    limits = more.pop("limits", Limits(largest=Decimal(10_000)))
    previous = Previous({1: Decimal(last)}, date(2026, 10, 20), OCTOBER)
    return rules.weigh({1: Decimal(new)}, previous, dial=DIAL, limits=limits, **more)  # type: ignore[arg-type]


def _asked(weighed: Weighed) -> list[QuestionKind]:
    return [doubt.kind for doubt in weighed.doubts]


# --- Values


def test_a_dial_that_begins_anew_is_asked_about() -> None:
    weighed = _weighed(99_990, 7)
    assert weighed.consumption == 17
    assert _asked(weighed) == [QuestionKind.ROLLOVER]


def test_a_reading_lower_than_the_previous_is_refused_with_what_was_read() -> None:
    refusal = _weighed(100, 95).refusals[1]
    assert isinstance(refusal, LowerThanPrevious)
    assert "100\xa0м³, 20.10.2026" in refusal.message


def test_a_rollover_is_a_refusal_where_the_provider_takes_none() -> None:
    limits = Limits(takes_rollover=False, largest=Decimal(10_000))
    assert isinstance(_weighed(99_990, 7, limits=limits).refusals[1], LowerThanPrevious)


def test_a_turn_of_the_dial_that_would_use_too_much_is_a_mistake() -> None:
    assert isinstance(_weighed(99_990, 50_000).refusals[1], LowerThanPrevious)


def test_a_reading_equal_to_the_previous_is_asked_about() -> None:
    weighed = _weighed(100, 100)
    assert not weighed.refusals
    assert _asked(weighed) == [QuestionKind.ZERO]


def test_no_consumption_is_refused_where_the_provider_takes_none() -> None:
    assert isinstance(_weighed(100, 100, limits=Limits(takes_zero=False)).refusals[1], ZeroRefused)


def test_more_than_possible_is_refused() -> None:
    refusal = _weighed(100, 151, limits=Limits(largest=Decimal(50))).refusals[1]
    assert isinstance(refusal, ConsumptionTooLarge)
    assert (
        refusal.message
        == "Расход 51\xa0м³ больше возможного (50\xa0м³). Проверьте, нет ли лишней или пропущенной цифры."
    )


def test_without_a_limit_it_is_a_tenth_of_the_dial() -> None:
    assert not _weighed(100, 10_100, limits=Limits()).refusals
    assert _weighed(100, 10_101, limits=Limits()).refusals


def test_the_limit_is_for_a_month_and_grows_with_months_without_readings() -> None:
    limits = Limits(largest=Decimal(50))
    assert _weighed(100, 200, limits=limits).refusals
    assert not _weighed(100, 200, limits=limits, months=2).refusals


def test_much_more_than_usual_is_asked_about() -> None:
    assert _asked(_weighed(100, 135, average=Decimal(10))) == [QuestionKind.ANOMALY]
    assert _asked(_weighed(100, 130, average=Decimal(10))) == []
    assert _asked(_weighed(100, 135, average=Decimal(10), months=2)) == []
    assert _asked(_weighed(100, 135, average=Decimal(-10))) == []
    assert _asked(_weighed(100, 135)) == []


def test_a_first_reading_has_nothing_to_be_compared_with() -> None:
    weighed = rules.weigh({1: Decimal(5)}, None, dial=DIAL, limits=Limits())
    assert weighed.consumption is None
    assert not weighed.doubts
    assert not weighed.refusals


def test_digits_that_are_not_asked_for_do_not_make_a_reading_lower() -> None:
    weighed = _weighed("123.456", 123)
    assert weighed.consumption == 0
    assert _asked(weighed) == [QuestionKind.ZERO]


def _of_two(day: int, night: int, **more: object) -> Weighed:
    previous = Previous({1: Decimal(100), 2: Decimal(50)}, date(2026, 10, 20), OCTOBER)
    values = {1: Decimal(day), 2: Decimal(night)}
    return rules.weigh(values, previous, dial=DIAL, limits=Limits(largest=Decimal(60)), **more)  # type: ignore[arg-type]


def test_each_scale_is_judged_and_their_sum_too() -> None:
    assert set(_of_two(90, 40).refusals) == {1, 2}
    assert set(_of_two(110, 40).refusals) == {2}
    assert isinstance(_of_two(140, 90).refusals[1], ConsumptionTooLarge)
    assert _of_two(130, 80).consumption == 60


def test_one_scale_may_stand_still_while_another_moves() -> None:
    assert _asked(_of_two(110, 50)) == []
    assert _asked(_of_two(100, 50)) == [QuestionKind.ZERO]


def test_the_sum_of_scales_is_held_against_what_is_usual() -> None:
    assert _asked(_of_two(116, 66, average=Decimal(10))) == [QuestionKind.ANOMALY]


@given(st.integers(0, 99_999), st.integers(0, 99_999))
def test_consumption_is_never_negative_and_explains_the_new_value(last: int, new: int) -> None:
    weighed = _weighed(last, new)
    if not weighed.refusals:
        assert weighed.consumption is not None
        assert weighed.consumption >= 0
        assert (last + weighed.consumption) % 100_000 == new


def test_another_value_is_another_question() -> None:
    doubt = _weighed(100, 100).doubts[0]
    first = rules.question_key("m", doubt, {1: Decimal(100)})
    assert first == rules.question_key("m", doubt, {1: Decimal("100.0")})
    assert first != rules.question_key("m", doubt, {1: Decimal(101)})
    assert first != rules.question_key("n", doubt, {1: Decimal(100)})


# --- Windows


@pytest.mark.parametrize(
    ("day", "period", "is_open"),
    [
        (date(2026, 11, 1), (2026, 11), True), (date(2026, 11, 25), (2026, 11), True),
        (date(2026, 11, 26), (2026, 12), False), (date(2026, 12, 31), (2027, 1), False),
    ],
)  # fmt: skip
def test_the_usual_window_is_from_the_first_to_the_25th(day: date, period: tuple[int, int], is_open: bool) -> None:
    window = rules.window_at(day, 1, 25)
    assert (window.period, window.is_open) == (BillingPeriod(*period), is_open)


def test_before_a_window_opens_a_reading_is_for_its_period() -> None:
    window = rules.window_at(date(2026, 11, 5), 15, 20)
    assert (window.period, window.is_open) == (NOVEMBER, False)
    assert (window.opens_on, window.closes_on) == (date(2026, 11, 15), date(2026, 11, 20))


def test_a_window_may_span_the_end_of_a_month() -> None:
    for day in (date(2026, 11, 23), date(2026, 12, 3)):
        window = rules.window_at(day, 23, 3)
        assert (window.period, window.is_open) == (NOVEMBER, True)
    after = rules.window_at(date(2026, 12, 4), 23, 3)
    assert (after.period, after.is_open, after.opens_on) == (BillingPeriod(2026, 12), False, date(2026, 12, 23))


def test_a_month_without_the_day_ends_on_its_last_one() -> None:
    assert rules.window_at(date(2027, 2, 28), 20, 31).closes_on == date(2027, 2, 28)
    assert rules.window_at(date(2028, 2, 29), 30, 31).opens_on == date(2028, 2, 29)


@given(DAYS, MONTH_DAYS, MONTH_DAYS)
def test_every_day_has_a_window_that_is_open_or_comes_next(day: date, day_from: int, day_to: int) -> None:
    window = rules.window_at(day, day_from, day_to)
    assert window.closes_on >= day
    assert window.is_open == (window.opens_on <= day)
    before = rules.window_of(window.period.shifted(-1), day_from, day_to, day)
    assert before.closes_on < day


# --- Verification


def test_the_last_day_of_a_verification_still_counts() -> None:
    until = date(2027, 1, 20)
    found = {left: rules.verification_on(until - timedelta(days=left), until) for left in (61, 60, 0, -1)}
    kinds = [VerificationKind.VALID, VerificationKind.SOON, VerificationKind.SOON, VerificationKind.EXPIRED]
    assert [verification.kind for verification in found.values()] == kinds
    assert all(verification.days_left == left for left, verification in found.items())
    assert rules.verification_on(until, None).kind is VerificationKind.UNKNOWN


# --- What was used


def _taken(*values: tuple[int, int]) -> list[Taken]:
    return [Taken(BillingPeriod(2026, month), {1: Decimal(value)}) for month, value in values]


def test_months_without_readings_share_what_the_next_one_shows() -> None:
    history = rules.usages(_taken((1, 100), (2, 110), (5, 140)), Decimal(100_000))
    assert rules.by_month(history) == {
        BillingPeriod(2026, 2): 10, BillingPeriod(2026, 3): 10, BillingPeriod(2026, 4): 10, BillingPeriod(2026, 5): 10,
    }  # fmt: skip


@given(st.lists(st.integers(0, 500), min_size=2, max_size=12), st.integers(1, 4))
def test_months_add_up_to_what_the_dial_has_moved(steps: list[int], gap: int) -> None:
    values, readings = 0, []
    for place, step in enumerate(steps):
        values += step
        readings.append(Taken(BillingPeriod(2024, 1).shifted(place * gap), {1: Decimal(values)}))
    months = rules.by_month(rules.usages(readings, Decimal(100_000)))
    assert sum(months.values()) == values - steps[0]
    assert len(months) == (len(steps) - 1) * gap


def test_a_turn_of_the_dial_and_a_correction_downwards_are_told_apart() -> None:
    span = Decimal(100_000)
    assert rules.used_between({1: Decimal(99_990)}, {1: Decimal(7)}, span) == {1: 17}
    assert rules.used_between({1: Decimal(130)}, {1: Decimal(125)}, span) == {1: -5}


def test_the_average_wants_three_months_and_looks_back_at_twelve() -> None:
    def used(*amounts: int) -> list[Usage]:
        return [Usage(BillingPeriod(2025, 1).shifted(n), {1: Decimal(amount)}) for n, amount in enumerate(amounts)]

    assert rules.average_of(used(10, 20)) is None
    assert rules.average_of(used(10, 20, 30)) == 20
    assert rules.average_of(used(1000, *[10] * 12)) == 10
    assert rules.average_of([Usage(OCTOBER, {1: Decimal(30)}, months=3)]) == 10


@pytest.mark.parametrize(
    ("last_told", "until"),
    [
        ([], None),
        ([NOVEMBER], NOVEMBER),
        ([NOVEMBER, OCTOBER], OCTOBER),
        ([NOVEMBER, NOVEMBER.shifted(-3)], NOVEMBER.shifted(-3)),
        # Who has been silent for longer is charged by a norm and waited for no more.
        ([NOVEMBER, NOVEMBER.shifted(-4)], NOVEMBER),
        ([NOVEMBER.shifted(-4), OCTOBER, NOVEMBER], OCTOBER),
    ],
)
def test_a_month_is_known_once_all_meters_have_told_of_it(
    last_told: list[BillingPeriod], until: BillingPeriod | None
) -> None:
    assert rules.told_until(last_told) == until
