"""Sending, correcting and withdrawing readings."""

import secrets
import threading
from collections.abc import Callable
from datetime import date

import pytest
from sqlmodel import col, select

from lkk_reflex.accounts.models import LinkLevel
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Forbidden, PortalError
from lkk_reflex.kit.money import Money
from lkk_reflex.meters import repository
from lkk_reflex.meters.desk import check, desk
from lkk_reflex.meters.dial import field_name
from lkk_reflex.meters.errors import (
    ConsumptionTooLarge,
    CorrectionRequested,
    FormAlreadySent,
    LowerThanPrevious,
    MeterNotRead,
    ReadingEnded,
    ReadingMissing,
    ReadingUnreadable,
    ScaleMissing,
    SentBySomebodyElse,
    VerificationExpired,
    WindowClosed,
)
from lkk_reflex.meters.exporting import export_readings
from lkk_reflex.meters.models import (
    MeterState,
    OutsideWindow,
    Reading,
    ReadingSource,
    ReadingState,
    Resource,
    WhenExpired,
)
from lkk_reflex.meters.readings_projection import summary_of
from lkk_reflex.meters.rules import QuestionKind
from lkk_reflex.meters.submitting import submit, withdraw
from lkk_reflex.meters.views import Form, Outcome
from lkk_reflex.notifications.models import OutboxMessage
from tests.factories.accounts import make_account, make_link
from tests.factories.meters import make_form, make_history, make_meter, make_policy, make_reading, make_tariff
from tests.meters.conftest import Flat
from tests.support.portal import HeldClock

NOVEMBER, DECEMBER = BillingPeriod(2026, 11), BillingPeriod(2026, 12)


def _rows(flat: Flat) -> list[Reading]:
    with reading() as session:
        own = select(Reading).where(Reading.meter_id == flat.meter.id, Reading.source == ReadingSource.SUBSCRIBER)
        return list(session.exec(own.order_by(col(Reading.id))).all())


def _refusal(outcome: Outcome) -> PortalError:
    assert outcome.saved is None
    return outcome.checked.refusals[0].error


def _export(flat: Flat) -> None:
    with unit_of_work() as session:
        export_readings(session, Viewer.system(), provider_code=flat.provider.code)


def test_a_reading_gets_a_number_a_time_a_period_and_a_last_day_for_corrections(flat: Flat, held: HeldClock) -> None:
    outcome = flat.sent("107")
    assert outcome.saved is not None
    assert len(outcome.saved.number.replace("-", "")) == 6
    assert int(outcome.saved.number[:2]) > 12
    assert outcome.saved.submitted_at == held.now
    assert (outcome.saved.period, outcome.saved.counts_for_next_period) == (NOVEMBER, False)
    assert outcome.saved.correctable_until == date(2026, 11, 25)
    assert outcome.checked.consumption == 7
    (row,) = _rows(flat)
    assert (row.state, row.version, row.subscriber_id) == (ReadingState.ACCEPTED, 1, flat.owner.subscriber_id)


def test_the_cost_of_all_meters_is_estimated_by_the_tariffs_of_the_month(flat: Flat) -> None:
    with unit_of_work() as session:
        second = make_meter(session, flat.account, place="кухня")
        make_reading(session, second, 10)
        make_tariff(session, flat.provider, "47.88")
        make_tariff(session, flat.provider, "99.99", valid_from=date(2026, 12, 1))
        make_tariff(session, flat.provider, "38.80", service="Водоотведение")
        form = make_form(flat.owner_link, (flat.meter, "105"), (second, "12"))
    with reading() as session:
        checked = check(session, flat.owner, form=form)
    with unit_of_work() as session:
        sent = submit(session, flat.owner, form=form)
    assert checked.is_ready
    assert {line.service: line.cost for line in checked.lines} == {
        "Холодная вода": Money(335_16), "Водоотведение": Money(271_60),
    }  # fmt: skip
    assert checked.total == sent.total == Money(606_76)
    assert sent.lines == checked.lines
    assert {meter.cost for meter in checked.meters} == {Money(433_40), Money(173_36)}


def test_gas_is_paid_by_its_volume_at_standard_conditions(flat: Flat) -> None:
    with unit_of_work() as session:
        gas = make_meter(session, flat.account, resource=Resource.GAS, coefficient="1.05")
        make_reading(session, gas, 1000)
        make_tariff(session, flat.provider, "10", resource=Resource.GAS, service="Газ")
        sent = submit(session, flat.owner, form=make_form(flat.owner_link, (gas, "1100")))
    assert sent.total == Money(1050_00)


def test_each_meter_has_its_own_outcome(flat: Flat) -> None:
    with unit_of_work() as session:
        second = make_meter(session, flat.account)
        make_reading(session, second, 50)
        sent = submit(session, flat.owner, form=make_form(flat.owner_link, (flat.meter, "107"), (second, "40")))
    good, bad = sorted(sent.outcomes, key=lambda outcome: outcome.saved is None)
    assert good.saved
    assert isinstance(_refusal(bad), LowerThanPrevious)
    assert bad.checked.refusals[0].field == field_name(second.public_id, 1)
    assert (sent.is_complete, sent.is_anything_saved) == (False, True)


def test_a_form_without_values_is_refused(flat: Flat) -> None:
    with pytest.raises(ReadingMissing):
        flat.send("  ")


def test_all_scales_of_a_meter_go_together(flat: Flat) -> None:
    with unit_of_work() as session:
        power = make_meter(session, flat.account, scales=2, resource=Resource.ELECTRICITY)
        make_reading(session, power, 1000, 400)
        half = submit(session, flat.owner, form=make_form(flat.owner_link, (power, ("1100",))))
        whole = submit(session, flat.owner, form=make_form(flat.owner_link, (power, ("1100", "440"))))
    refusal = half.outcomes[0].checked.refusals[0]
    assert isinstance(refusal.error, ScaleMissing)
    assert refusal.field == field_name(power.public_id, 2)
    ((_, sentence),) = summary_of([half.outcomes[0].checked])
    assert sentence.startswith("Электроэнергия, ночь: ")
    assert whole.outcomes[0].saved
    assert whole.outcomes[0].checked.consumption == 140


def test_a_bad_value_is_named_at_its_field(flat: Flat) -> None:
    outcome = flat.sent("<b>12</b>")
    assert isinstance(_refusal(outcome), ReadingUnreadable)
    assert outcome.checked.refusals[0].field == field_name(flat.meter.public_id, 1)
    assert not _rows(flat)


# --- Questions


def test_a_question_keeps_the_reading_back_until_it_is_confirmed(flat: Flat) -> None:
    asked = flat.sent("100")
    assert asked.saved is None
    (question,) = asked.checked.questions
    assert question.kind is QuestionKind.ZERO
    assert question.text == "Расход 0. Так бывает, если никого не было дома. Подтвердить?"
    assert not _rows(flat)
    assert flat.sent("100", confirmed=[question.key]).saved


def test_a_changed_value_is_asked_about_again(flat: Flat) -> None:
    with unit_of_work() as session:
        other = make_meter(session, flat.account)
        make_history(session, other, 100, 10, 10, 10)
        first = submit(session, flat.owner, form=make_form(flat.owner_link, (other, "165")))
        (question,) = first.outcomes[0].checked.questions
        form = make_form(flat.owner_link, (other, "175"), confirmed=[question.key])
        second = submit(session, flat.owner, form=form)
    assert question.kind is QuestionKind.ANOMALY
    assert "35\xa0м³: обычно у вас около 10\xa0м³ в месяц" in question.text
    assert second.outcomes[0].saved is None
    assert second.outcomes[0].checked.questions[0].key != question.key


def test_what_is_usual_is_not_told_to_who_has_not_proved_the_account(flat: Flat) -> None:
    with unit_of_work() as session:
        other = make_meter(session, flat.account)
        make_history(session, other, 100, 10, 10, 10)
        form = make_form(flat.guest_link, (other, "165"))
        (outcome,) = submit(session, flat.guest, form=form).outcomes
    assert outcome.checked.questions[0].text == "Расход 35\xa0м³: это намного больше обычного. Всё верно?"


def test_a_rollover_is_confirmed_and_counted(flat: Flat) -> None:
    with unit_of_work() as session:
        old = make_meter(session, flat.account)
        make_reading(session, old, 99_990)
        (asked,) = submit(session, flat.owner, form=make_form(flat.owner_link, (old, "00007"))).outcomes
        keys = [question.key for question in asked.checked.questions]
        assert [question.kind for question in asked.checked.questions] == [QuestionKind.ROLLOVER]
        form = make_form(flat.owner_link, (old, "00007"), confirmed=keys)
        (sent,) = submit(session, flat.owner, form=form).outcomes
    assert sent.saved
    assert sent.checked.consumption == 17


def test_the_limit_of_the_meter_goes_before_that_of_the_provider(flat: Flat) -> None:
    with unit_of_work() as session:
        make_policy(session, flat.provider, max_consumption_milli=50_000)
    assert isinstance(_refusal(flat.sent("151")), ConsumptionTooLarge)
    with unit_of_work() as session:
        flat.meter.max_consumption_milli = 60_000
        session.merge(flat.meter)
    assert flat.sent("151").saved


# --- Windows and verification


def test_outside_the_window_a_reading_is_for_the_next_bill(flat: Flat, held: HeldClock) -> None:
    held.pass_(days=8)
    saved = flat.sent("107").saved
    assert saved is not None
    assert (saved.period, saved.counts_for_next_period) == (DECEMBER, True)
    assert saved.correctable_until == date(2026, 12, 25)


def test_a_strict_provider_refuses_outside_the_window_and_says_when_it_opens(flat: Flat, held: HeldClock) -> None:
    with unit_of_work() as session:
        make_policy(session, flat.provider, outside_window=OutsideWindow.REFUSE)
    held.pass_(days=8)
    refusal = _refusal(flat.sent("107"))
    assert isinstance(refusal, WindowClosed)
    assert "с 01.12.2026 по 25.12.2026" in refusal.message
    held.pass_(days=3)
    assert flat.sent("107").saved


@pytest.mark.parametrize(("zone", "is_open"), [("Europe/Kaliningrad", True), ("Asia/Kamchatka", False)])
def test_the_window_closes_at_the_midnight_of_the_provider(
    flat: Flat, held: HeldClock, zone: str, *, is_open: bool
) -> None:
    with unit_of_work() as session:
        flat.provider.time_zone = zone
        session.merge(flat.provider)
        make_policy(session, flat.provider, outside_window=OutsideWindow.REFUSE)
    held.now = held.now.replace(day=25, hour=14)
    assert (flat.sent("107").saved is not None) == is_open


def test_the_window_belongs_to_the_service(flat: Flat) -> None:
    with unit_of_work() as session:
        make_policy(session, flat.provider, Resource.GAS, outside_window=OutsideWindow.REFUSE, window_from=25)
        gas = make_meter(session, flat.account, resource=Resource.GAS)
        form = make_form(flat.owner_link, (flat.meter, "107"), (gas, "5"))
        water, other = submit(session, flat.owner, form=form).outcomes
    assert water.saved
    assert isinstance(_refusal(other), WindowClosed)


@pytest.mark.parametrize("when", WhenExpired)
def test_an_expired_verification_is_the_providers_matter(flat: Flat, when: WhenExpired) -> None:
    with unit_of_work() as session:
        flat.meter.verified_until = date(2026, 11, 19)
        session.merge(flat.meter)
        make_policy(session, flat.provider, when_expired=when)
    outcome = flat.sent("107")
    if when is WhenExpired.ACCEPT:
        assert outcome.saved
    else:
        assert isinstance(_refusal(outcome), VerificationExpired)
        assert "19.11.2026" in _refusal(outcome).message


# --- Twice


def test_the_same_form_sent_twice_saves_once(flat: Flat) -> None:
    first, second = flat.sent("107", intent_id="one").saved, flat.sent("107", intent_id="one").saved
    assert first == second
    assert len(_rows(flat)) == 1


def test_the_same_value_sent_again_is_no_new_version(flat: Flat) -> None:
    first, second = flat.sent("107").saved, flat.sent("107,0").saved
    assert first == second
    assert len(_rows(flat)) == 1


def test_a_confirmed_question_is_not_asked_of_the_same_value_again(flat: Flat) -> None:
    asked = flat.sent("100")
    flat.sent("100", confirmed=[asked.checked.questions[0].key])
    assert flat.sent("100").saved


def test_a_form_that_was_sent_does_not_save_another_value(flat: Flat) -> None:
    flat.sent("107", intent_id="one")
    assert isinstance(_refusal(flat.sent("108", intent_id="one")), FormAlreadySent)
    assert len(_rows(flat)) == 1


def test_a_late_click_does_not_bring_a_corrected_value_back(flat: Flat) -> None:
    flat.sent("107", intent_id="one")
    flat.sent("108", intent_id="two")
    assert isinstance(_refusal(flat.sent("107", intent_id="one")), FormAlreadySent)
    assert [row.state for row in _rows(flat)] == [ReadingState.REPLACED, ReadingState.ACCEPTED]


def _at_once(*calls: Callable[[], object]) -> list[object]:
    start, found = threading.Barrier(len(calls)), []

    def run(call: Callable[[], object]) -> None:
        start.wait()
        try:
            found.append(call())
        except PortalError as refusal:
            found.append(refusal)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_a_double_click_at_the_same_time_saves_once(flat: Flat) -> None:
    found = _at_once(*[lambda: flat.sent("107", intent_id="one").saved for _ in range(6)])
    assert len({str(saved) for saved in found}) == 1
    assert len(_rows(flat)) == 1


def test_forms_of_several_people_at_the_same_time_leave_one_reading(flat: Flat) -> None:
    _at_once(*[lambda value=value: flat.sent(value) for value in ("107", "108", "109", "110")])
    rows = _rows(flat)
    assert sorted(row.version for row in rows) == [1, 2, 3, 4]
    assert [row.state for row in rows].count(ReadingState.ACCEPTED) == 1


def test_an_export_at_the_same_time_neither_loses_nor_doubles_a_reading(flat: Flat) -> None:
    flat.sent("107")
    _at_once(lambda: _export(flat), lambda: flat.sent("108"))
    living = [row.state for row in _rows(flat) if row.state is not ReadingState.REPLACED]
    assert living in ([ReadingState.EXPORTED], [ReadingState.ACCEPTED])


def test_numbers_stay_unique_when_they_become_scarce(flat: Flat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "randbelow", lambda _: 7)
    first = flat.sent("107").saved
    second = flat.sent("108").saved
    assert first is not None
    assert second is not None
    assert (first.number, second.number) == ("20-1007", "20-1007-1007")


def test_a_number_taken_in_the_same_moment_is_tried_again(flat: Flat, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = flat.sent("107").saved
    assert taken is not None
    with unit_of_work() as session:
        row = Reading(
            number=taken.number, meter_id=flat.meter.id or 0, period=DECEMBER.key, taken_on=date(2026, 11, 20),
            source=ReadingSource.SUBSCRIBER, submitted_at=taken.submitted_at,
        )  # fmt: skip
        assert not repository.insert_reading(session, row, {})


# --- Corrections


def test_a_correction_is_a_new_version_and_the_old_one_stays(flat: Flat, held: HeldClock) -> None:
    first = flat.sent("107").saved
    held.pass_(hours=1)
    second = flat.sent("108").saved
    assert first is not None
    assert second is not None
    assert (first.is_correction, second.is_correction) == (False, True)
    assert first.number != second.number
    old, new = _rows(flat)
    assert (old.state, old.version, old.ended_at) == (ReadingState.REPLACED, 1, held.now)
    assert (new.state, new.version) == (ReadingState.ACCEPTED, 2)


def test_what_follows_a_withdrawn_reading_is_a_new_one_and_no_correction(flat: Flat) -> None:
    flat.send("107")
    saved = flat.sent("108").saved
    assert saved is not None
    with unit_of_work() as session:
        withdraw(session, flat.owner, link_id=flat.owner_link, number=saved.number)
    told = [flat.sent("109", intent_id="one click").saved for _ in range(2)]
    assert [again.is_correction for again in told if again] == [False, False]
    told = [flat.sent("110", intent_id="another").saved for _ in range(2)]
    assert [again.is_correction for again in told if again] == [True, True]


def test_a_correction_is_compared_with_the_reading_of_the_month_before(flat: Flat) -> None:
    flat.sent("150")
    assert flat.sent("107").checked.consumption == 7


def test_after_export_the_company_corrects(flat: Flat) -> None:
    flat.sent("107")
    _export(flat)
    refusal = _refusal(flat.sent("108"))
    assert isinstance(refusal, CorrectionRequested)
    assert "ноябрь 2026" in refusal.message
    assert "Обратная связь" in refusal.message


def test_the_click_that_was_exported_meanwhile_still_finds_its_reading(flat: Flat) -> None:
    first = flat.sent("107", intent_id="one").saved
    _export(flat)
    assert flat.sent("107", intent_id="one").saved == first


def test_after_export_the_next_month_is_a_new_reading(flat: Flat, held: HeldClock) -> None:
    flat.sent("107")
    _export(flat)
    held.pass_(days=15)
    outcome = flat.sent("112")
    assert outcome.saved is not None
    assert outcome.saved.period == DECEMBER
    assert outcome.checked.consumption == 5


def test_who_has_not_proved_the_account_does_not_overwrite_what_others_sent(flat: Flat) -> None:
    flat.sent("107")
    assert isinstance(_refusal(flat.sent("150", viewer=flat.guest)), SentBySomebodyElse)
    assert [row.state for row in _rows(flat)] == [ReadingState.ACCEPTED]


def test_who_has_not_proved_the_account_corrects_own_readings(flat: Flat) -> None:
    flat.sent("150", viewer=flat.guest)
    assert flat.sent("107", viewer=flat.guest).saved


def test_the_owner_corrects_what_somebody_else_sent(flat: Flat) -> None:
    flat.sent("150", viewer=flat.guest)
    assert flat.sent("107").saved


def test_a_control_reading_of_the_provider_is_the_previous_one(flat: Flat) -> None:
    with unit_of_work() as session:
        make_reading(session, flat.meter, 104, on=date(2026, 11, 10))
    outcome = flat.sent("107")
    assert outcome.saved
    assert outcome.checked.consumption == 3


def test_an_estimate_of_the_provider_may_be_higher_than_the_dial(flat: Flat) -> None:
    with unit_of_work() as session:
        make_reading(session, flat.meter, 130, on=date(2026, 11, 5), source=ReadingSource.ESTIMATED)
    assert flat.sent("107").checked.consumption == 7


# --- Other people's and former meters


def test_a_meter_of_another_account_is_not_read_here(flat: Flat) -> None:
    with unit_of_work() as session:
        stranger = make_meter(session, make_account(session, flat.provider))
        form = make_form(flat.owner_link, (stranger, "5"))
        (outcome,) = submit(session, flat.owner, form=form).outcomes
    assert isinstance(_refusal(outcome), MeterNotRead)


@pytest.mark.parametrize("state", [MeterState.REPLACED, MeterState.REMOVED])
def test_a_former_meter_is_not_read(flat: Flat, state: MeterState) -> None:
    with unit_of_work() as session:
        flat.meter.state = state
        session.merge(flat.meter)
    assert isinstance(_refusal(flat.sent("107")), MeterNotRead)


def test_fields_that_are_no_values_mean_nothing(flat: Flat) -> None:
    form = Form(flat.owner_link, "one", {"intent": "5", f"value-{flat.meter.public_id}-9": "5"})
    with unit_of_work() as session, pytest.raises(ReadingMissing):
        submit(session, flat.owner, form=form)


# --- Withdrawing


def _withdraw(flat: Flat, number: str, viewer: Viewer | None = None, link: str = "") -> None:
    with unit_of_work() as session:
        withdraw(session, viewer or flat.owner, link_id=link or flat.owner_link, number=number)


def _number(outcome: Outcome) -> str:
    assert outcome.saved is not None
    return outcome.saved.number


def test_a_withdrawn_reading_leaves_room_for_another(flat: Flat, held: HeldClock) -> None:
    _withdraw(flat, _number(flat.sent("107")))
    (row,) = _rows(flat)
    assert (row.state, row.ended_at) == (ReadingState.WITHDRAWN, held.now)
    with reading() as session:
        assert desk(session, flat.owner, link_id=flat.owner_link).meters[0].present is None
    assert flat.sent("107").saved
    assert [row.version for row in _rows(flat)] == [1, 2]


def test_a_replayed_click_does_not_bring_a_withdrawn_reading_back(flat: Flat) -> None:
    _withdraw(flat, _number(flat.sent("107", intent_id="one")))
    assert isinstance(_refusal(flat.sent("107", intent_id="one")), FormAlreadySent)
    assert len(_rows(flat)) == 1


def test_nothing_is_withdrawn_twice_after_a_correction_or_after_export(flat: Flat, held: HeldClock) -> None:
    old = _number(flat.sent("107"))
    new = _number(flat.sent("108"))
    with pytest.raises(ReadingEnded):
        _withdraw(flat, old)
    _export(flat)
    with pytest.raises(ReadingEnded):
        _withdraw(flat, new)


def test_nothing_is_withdrawn_after_its_window(flat: Flat, held: HeldClock) -> None:
    number = _number(flat.sent("107"))
    held.pass_(days=8)
    with pytest.raises(ReadingEnded):
        _withdraw(flat, number)


def test_others_readings_are_withdrawn_by_the_owner_alone(flat: Flat) -> None:
    number = _number(flat.sent("107"))
    with pytest.raises(Forbidden):
        _withdraw(flat, number, flat.guest, flat.guest_link)
    theirs = _number(flat.sent("109", viewer=flat.owner))
    _withdraw(flat, theirs)


def test_a_number_of_another_account_does_not_exist_here(flat: Flat) -> None:
    with unit_of_work() as session:
        other = make_account(session, flat.provider)
        link = make_link(session, flat.guest, other, level=LinkLevel.EXTENDED).public_id
    number = _number(flat.sent("107"))
    for unknown, where in ((number, link), ("99-9999", flat.owner_link)):
        viewer = flat.guest if where == link else flat.owner
        with pytest.raises(Forbidden):
            _withdraw(flat, unknown, viewer, where)


def test_the_sender_is_told_once(flat: Flat) -> None:
    flat.sent("107", intent_id="one")
    flat.sent("107", intent_id="one")
    with reading() as session:
        told = session.exec(select(OutboxMessage)).all()
    assert [message.template for message in told] == ["reading_accepted"]
