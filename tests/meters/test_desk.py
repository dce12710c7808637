"""What the form of an account says before anything is typed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import Session

from lkk_reflex.accounts.proof_rules import SERIAL_SIGNS, folded_serial
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.numbers import numbered
from lkk_reflex.meters.desk import check, desk
from lkk_reflex.meters.dial import field_name
from lkk_reflex.meters.errors import CorrectionRequested, WindowClosed
from lkk_reflex.meters.exporting import export_readings
from lkk_reflex.meters.models import OutsideWindow, ReadingState, Resource
from lkk_reflex.meters.rules import VerificationKind
from lkk_reflex.meters.serials import serial_matches
from lkk_reflex.meters.views import Desk, DeskMeter
from tests.factories.accounts import make_account, make_link
from tests.factories.meters import make_form, make_history, make_meter, make_policy
from tests.meters.conftest import Flat
from tests.support.portal import HeldClock


def _desk(flat: Flat, viewer: Viewer | None = None) -> Desk:
    who = viewer or flat.owner
    with reading() as session:
        return desk(session, who, link_id=flat.owner_link if who is flat.owner else flat.guest_link)


def _meter(flat: Flat, viewer: Viewer | None = None) -> DeskMeter:
    (meter,) = _desk(flat, viewer).meters
    return meter


def test_the_form_shows_what_was_read_last_and_until_when_readings_are_taken(flat: Flat) -> None:
    meter = _meter(flat)
    assert (meter.title, meter.serial) == ("Холодная вода", flat.meter.serial)
    assert meter.previous_on == date(2026, 10, 20)
    (scale,) = meter.scales
    assert (scale.previous, scale.present, scale.label) == (Decimal(100), None, "")
    assert scale.field == field_name(flat.meter.public_id, 1)
    assert (meter.window.is_open, meter.window.closes_on) == (True, date(2026, 11, 25))
    assert meter.refusal is None
    assert _desk(flat).fields == (scale.field,)


def test_what_was_sent_may_be_corrected_until_it_is_exported(flat: Flat) -> None:
    saved = flat.sent("107").saved
    assert saved is not None
    meter = _meter(flat)
    assert meter.present is not None
    assert (meter.present.number, meter.present.can_be_corrected, meter.present.is_own) == (saved.number, True, True)
    assert meter.scales[0].previous == 100
    assert meter.scales[0].present == 107
    with unit_of_work() as session:
        export_readings(session, Viewer.system(), provider_code="water")
    after = _meter(flat)
    assert after.present is not None
    assert (after.present.state, after.present.can_be_corrected) == (ReadingState.EXPORTED, False)
    assert after.scales[0].present is None
    assert isinstance(after.refusal, CorrectionRequested)


def test_what_the_owner_sent_is_not_shown_to_who_has_not_proved_the_account(flat: Flat) -> None:
    flat.send("107")
    meter = _meter(flat, flat.guest)
    assert meter.present is not None
    assert (meter.present.is_own, meter.present.can_be_corrected) == (False, False)
    assert meter.scales[0].present is None


def test_basic_access_shows_neither_the_serial_number_nor_what_is_usual(flat: Flat) -> None:
    with unit_of_work() as session:
        make_history(session, flat.meter, 60, 10, 10, 10, until=date(2026, 9, 20))
    assert _meter(flat).average == 10
    stranger = _meter(flat, flat.guest)
    assert stranger.average is None
    assert stranger.serial == f"••{flat.meter.serial[-2:]}"


def test_a_closed_window_says_when_it_opens(flat: Flat, held: HeldClock) -> None:
    with unit_of_work() as session:
        make_policy(session, flat.provider, outside_window=OutsideWindow.REFUSE)
    held.pass_(days=8)
    meter = _meter(flat)
    assert isinstance(meter.refusal, WindowClosed)
    assert (meter.window.is_open, meter.window.opens_on) == (False, date(2026, 12, 1))


def test_the_end_of_a_verification_is_told(flat: Flat) -> None:
    with unit_of_work() as session:
        flat.meter.verified_until = date(2027, 1, 19)
        session.merge(flat.meter)
    verification = _meter(flat).verification
    assert (verification.kind, verification.days_left) == (VerificationKind.SOON, 60)


def test_scales_have_labels_and_fields_of_their_own(flat: Flat) -> None:
    with unit_of_work() as session:
        make_meter(session, flat.account, scales=3, resource=Resource.ELECTRICITY)
    *_, power = _desk(flat).meters
    assert [(scale.scale, scale.label) for scale in power.scales] == [(1, "день"), (2, "ночь"), (3, "пик")]
    assert power.previous_on is None
    assert power.dial.unit == "кВт·ч"


def test_whole_units_are_asked_for_where_the_provider_wants_no_fractions(flat: Flat) -> None:
    with unit_of_work() as session:
        flat.meter.digits_frac = 3
        session.merge(flat.meter)
    assert _meter(flat).dial.digits_frac == 3
    with unit_of_work() as session:
        make_policy(session, flat.provider, takes_fraction=False)
    assert _meter(flat).dial.digits_frac == 0


def test_an_account_without_meters_has_an_empty_form(flat: Flat) -> None:
    with unit_of_work() as session:
        link = make_link(session, flat.owner, make_account(session, flat.provider)).public_id
    with reading() as session:
        assert desk(session, flat.owner, link_id=link).meters == ()


def _matches(session: Session, flat: Flat, typed: str) -> bool:
    return serial_matches(session, account_id=flat.account.id or 0, typed=typed)


def test_a_serial_number_proves_the_account_in_any_spelling(flat: Flat) -> None:
    with unit_of_work() as session:
        make_meter(session, flat.account, serial="0012-АВ 345")
        make_meter(session, make_account(session, flat.provider), serial="99-888777")
    with reading() as session:
        for typed in (flat.meter.serial, flat.meter.serial.replace("-", ""), f"№ {flat.meter.serial}", "12ab345"):
            assert _matches(session, flat, typed)
        for typed in ("", "99-888777", flat.meter.serial[:-1], flat.meter.serial[-2:], "-----", "0", "*" * 300):
            assert not _matches(session, flat, typed)


def test_a_short_serial_number_proves_nothing(flat: Flat) -> None:
    with unit_of_work() as session:
        make_meter(session, flat.account, serial="0007")
        make_meter(session, flat.account, serial="01234")
    with reading() as session:
        for typed in ("0007", "01234", "1234", "№ N1234"):
            assert not _matches(session, flat, typed)


@pytest.mark.parametrize(
    ("serial", "typed"), [("012345", "12345"), ("12345", "№ 012345"), ("N 12345", "12345"), ("12345", "n-12345")]
)
def test_serial_number_that_is_long_enough_to_be_typed_is_compared(flat: Flat, serial: str, typed: str) -> None:
    """What counts the signs also compares them, so no try is spent on what could never be right."""
    with unit_of_work() as session:
        make_meter(session, flat.account, serial=serial)
    with reading() as session:
        assert len(folded_serial(typed)) >= SERIAL_SIGNS
        assert _matches(session, flat, typed)


def test_an_account_without_meters_is_proved_by_no_serial_number(flat: Flat) -> None:
    with unit_of_work() as session:
        empty = make_account(session, flat.provider)
        assert not serial_matches(session, account_id=empty.id or 0, typed="")
        assert not serial_matches(session, account_id=empty.id or 0, typed="-----")


def test_what_was_sent_for_the_month_is_shown_until_the_next_window_opens(flat: Flat, held: HeldClock) -> None:
    saved = flat.sent("107").saved
    assert saved is not None
    assert _meter(flat).last is None
    held.pass_(days=8)
    meter = _meter(flat)
    assert meter.present is None
    assert meter.last is not None
    assert (meter.last.number, meter.last.period.month, meter.last.values) == (saved.number, 11, {1: Decimal(107)})
    assert not meter.last.can_be_corrected
    held.pass_(days=3)
    assert _meter(flat).last is None


def test_the_value_of_an_exported_reading_is_for_who_may_see_it(flat: Flat) -> None:
    flat.send("107")
    with unit_of_work() as session:
        export_readings(session, Viewer.system(), provider_code="water")
    own, strangers = _meter(flat).present, _meter(flat, flat.guest).present
    assert own is not None
    assert strangers is not None
    assert (own.values, strangers.values) == ({1: Decimal(107)}, {})


def test_what_was_sent_for_the_month_before_is_not_told_to_who_has_not_proved_the_account(
    flat: Flat, held: HeldClock
) -> None:
    flat.send("107")
    held.pass_(days=8)
    last = _meter(flat, flat.guest).last
    assert last is not None
    assert (last.is_own, last.values) == (False, {})


def test_meters_of_one_name_are_told_apart_by_their_numbers(flat: Flat) -> None:
    form = make_form(flat.guest_link, (flat.meter, "107"))
    with unit_of_work() as session:
        make_meter(session, flat.account, resource=Resource.GAS)
        assert check(session, flat.guest, form=form).meters[0].title == "Холодная вода"
        make_meter(session, flat.account)
        seen = check(session, flat.guest, form=form).meters[0].title
        own = check(session, flat.owner, form=replace(form, link_id=flat.owner_link)).meters[0].title
    assert own == f"Холодная вода, {numbered(flat.meter.serial)}"
    assert seen == f"Холодная вода, №\xa0••{flat.meter.serial[-2:]}"
