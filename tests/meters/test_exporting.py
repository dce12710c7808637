"""Readings on their way to the provider and into its bills."""

import csv
from pathlib import Path

import pytest
from sqlmodel import col, select

from lkk_reflex.accounts.errors import RegisterUnreadable
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.meters.errors import FileRefused
from lkk_reflex.meters.exporting import HEADER, Export, export_readings, mark_counted
from lkk_reflex.meters.models import Reading, ReadingSource, ReadingState, Resource
from lkk_reflex.meters.provider_file import FileReport
from lkk_reflex.meters.submitting import submit, withdraw
from tests.factories.accounts import make_account, make_link, make_provider
from tests.factories.meters import make_form, make_meter, make_reading
from tests.meters.conftest import Flat, Write
from tests.support.portal import HeldClock

SYSTEM = Viewer.system()
NOVEMBER, DECEMBER = BillingPeriod(2026, 11), BillingPeriod(2026, 12)


def _export(period: BillingPeriod | None = None, *, again: bool = False) -> Export:
    with unit_of_work() as session:
        return export_readings(session, SYSTEM, provider_code="water", period=period, again=again)


def _counted(file: Path, period: BillingPeriod | None = None) -> FileReport:
    with unit_of_work() as session:
        return mark_counted(session, SYSTEM, file=file, provider_code="water", period=period)


def _number(flat: Flat, value: str = "107") -> str:
    saved = flat.sent(value).saved
    assert saved is not None
    return saved.number


def _sent() -> list[Reading]:
    with reading() as session:
        own = select(Reading).where(Reading.source == ReadingSource.SUBSCRIBER).order_by(col(Reading.id))
        return list(session.exec(own).all())


def test_a_line_holds_what_the_provider_needs(flat: Flat) -> None:
    number = _number(flat)
    assert HEADER == "ЛС;№ПУ;услуга;T1;T2;T3;дата;источник;id;фото"
    assert _export().lines == (
        HEADER, f"{flat.account.number};{flat.meter.serial};Холодная вода;107;;;20.11.2026;абонент;{number};",
    )  # fmt: skip


def test_the_file_is_utf8_with_a_mark_and_decimal_commas(flat: Flat) -> None:
    with unit_of_work() as session:
        power = make_meter(session, flat.account, scales=2, resource=Resource.ELECTRICITY, digits_frac=1)
        submit(session, flat.owner, form=make_form(flat.owner_link, (power, ("1000,5", "0400"))))
    content = _export().to_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(content.decode("utf-8-sig").splitlines(), delimiter=";")
    assert (row["T1"], row["T2"], row["T3"]) == ("1000,5", "400", "")


def test_a_reading_goes_out_once(flat: Flat, held: HeldClock) -> None:
    _number(flat)
    assert _export().readings == 1
    (row,) = _sent()
    assert (row.state, row.exported_at) == (ReadingState.EXPORTED, held.now)
    held.pass_(minutes=1)
    assert _export().readings == 0


def test_the_same_file_can_be_written_again_and_changes_nothing(flat: Flat, held: HeldClock) -> None:
    _number(flat)
    first, (before,) = _export(), _sent()
    held.pass_(days=1)
    assert _export(NOVEMBER, again=True) == first
    assert _sent() == [before]
    assert _export(DECEMBER, again=True).readings == 0


def test_only_the_last_version_goes_out(flat: Flat, held: HeldClock) -> None:
    _number(flat)
    number = _number(flat, "108")
    (_, line) = _export().lines
    assert line.endswith(f";108;;;20.11.2026;абонент;{number};")


def test_what_was_withdrawn_or_came_from_the_provider_does_not_go_out(flat: Flat) -> None:
    number = _number(flat)
    with unit_of_work() as session:
        withdraw(session, flat.owner, link_id=flat.owner_link, number=number)
    assert _export().readings == 0


def test_a_reading_for_the_next_bill_waits_for_its_month(flat: Flat, held: HeldClock) -> None:
    held.pass_(days=8)
    _number(flat)
    assert _export().readings == 0
    assert _export(DECEMBER).readings == 1


def test_the_readings_of_other_providers_stay_where_they_are(flat: Flat) -> None:
    with unit_of_work() as session:
        account = make_account(session, make_provider(session, code="other"))
        meter = make_meter(session, account)
        link = make_link(session, flat.owner, account).public_id
        submit(session, flat.owner, form=make_form(link, (meter, "5")))
    assert _export().readings == 0
    assert [row.state for row in _sent()] == [ReadingState.ACCEPTED]


def test_no_cell_is_a_formula_or_another_column(flat: Flat) -> None:
    with unit_of_work() as session:
        for serial in ("=1+1;2", "+7", "-7", "@x"):
            meter = make_meter(session, flat.account, serial=serial)
            submit(session, flat.owner, form=make_form(flat.owner_link, (meter, "5")))
    rows = csv.reader(_export().lines[1:], delimiter=";")
    assert sorted(row[1] for row in rows) == ["'+7", "'-7", "'=1+1 2", "'@x"]


# --- Counted


def test_the_file_of_an_export_tells_what_was_counted(flat: Flat, write: Write, held: HeldClock) -> None:
    _number(flat)
    file = write(*_export().lines)
    held.pass_(days=12)
    report = _counted(file)
    (row,) = _sent()
    assert (row.state, row.counted_at, row.counted_period) == (ReadingState.COUNTED, held.now, NOVEMBER.key)
    assert report.sentences() == ["Прочитано строк: 1, отклонено: 0.", "Учтено показаний: 1."]
    assert _counted(file).notes == ["Учтено показаний: 0."]


def test_a_list_of_numbers_does_too_with_the_period_of_the_bill(flat: Flat, write: Write) -> None:
    number = _number(flat)
    _export()
    _counted(write("id;Период", f"{number};12.2026"), period=NOVEMBER)
    assert _sent()[0].counted_period == DECEMBER.key


def test_the_period_may_be_told_for_all(flat: Flat, write: Write) -> None:
    number = _number(flat)
    _counted(write("id", number), period=DECEMBER)
    (row,) = _sent()
    assert row.counted_period == DECEMBER.key
    assert row.exported_at == row.counted_at


def test_numbers_that_cannot_be_counted_are_named(flat: Flat, write: Write) -> None:
    old, new = _number(flat), _number(flat, "108")
    report = _counted(write("id", new, old, "99-9999"))
    assert report.rejected == 2
    assert report.reasons == [
        f"  строка 3: показание {old} отозвано или исправлено абонентом",
        "  строка 4: показания 99-9999 у поставщика нет",
    ]


def test_a_period_that_cannot_be_read_is_named(flat: Flat, write: Write) -> None:
    with pytest.raises(FileRefused) as refused:
        _counted(write("id;Период", f"{_number(flat)};вчера"))
    report = refused.value.params["report"]
    assert isinstance(report, FileReport)
    assert report.reasons == ["  строка 2: период «вчера» не читается"]


def test_readings_of_another_provider_are_not_counted(flat: Flat, write: Write) -> None:
    with unit_of_work() as session:
        make_provider(session, code="other")
    file = write("id", _number(flat))
    with unit_of_work() as session, pytest.raises(FileRefused):
        mark_counted(session, SYSTEM, file=file, provider_code="other")


def test_a_table_without_numbers_is_refused(flat: Flat, write: Write) -> None:
    with pytest.raises(RegisterUnreadable):
        _counted(write("ЛС;Показание", "1;2"))


def test_a_counted_reading_is_what_the_next_one_is_compared_with(flat: Flat, write: Write, held: HeldClock) -> None:
    _number(flat)
    _counted(write(*_export().lines))
    held.pass_(days=15)
    assert flat.sent("110").checked.consumption == 3


def test_a_later_reading_of_an_operator_is_exported_too(flat: Flat) -> None:
    with unit_of_work() as session:
        make_reading(
            session, flat.meter, 105, number="50-5050", source=ReadingSource.OPERATOR, state=ReadingState.ACCEPTED
        )
    (_, line) = _export().lines
    assert line.endswith(";оператор;50-5050;")
