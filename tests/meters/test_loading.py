"""Files of the provider: meters with their history, tariffs, rules."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import Engine, event
from sqlmodel import Session, col, func, select

from lkk_reflex.accounts.errors import ProviderUnknown, RegisterUnreadable
from lkk_reflex.accounts.models import PersonalAccount
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.meters.errors import FileRefused, PolicyUnfit
from lkk_reflex.meters.loading import LoadReport, load_meters
from lkk_reflex.meters.models import (
    Meter,
    MeterScale,
    MeterState,
    OutsideWindow,
    Reading,
    ReadingSource,
    ReadingState,
    ReadingValue,
    Resource,
    Tariff,
    WhenExpired,
)
from lkk_reflex.meters.policies import PolicyChange, policy_of, set_policy
from lkk_reflex.meters.provider_file import FileReport
from lkk_reflex.meters.tariffs import load_tariffs
from tests.factories.accounts import make_provider
from tests.meters.conftest import Flat, Write

HEADER = "ЛС;№ ПУ;услуга;место;разряды;после запятой;число шкал;поверка до;установлен;T1;T2;T3;дата"
SYSTEM = Viewer.system()
Load = Callable[..., LoadReport]


@pytest.fixture
def load(flat: Flat, write: Write) -> Load:
    """Load lines below the header, or below another one."""

    def load(*lines: str, header: str = HEADER, **more: Any) -> LoadReport:
        file = write(header, *lines)
        with unit_of_work() as session:
            return load_meters(session, SYSTEM, file=file, provider_code="water", **more)

    return load


def _meter(flat: Flat, serial: str) -> Meter:
    with reading() as session:
        return session.exec(select(Meter).where(Meter.serial == serial)).one()


def _readings(serial: str) -> list[tuple[date, list[object], ReadingState]]:
    with reading() as session:
        rows = session.exec(
            select(Reading).join(Meter, col(Meter.id) == col(Reading.meter_id)).where(Meter.serial == serial)
            .order_by(col(Reading.taken_on), col(Reading.id))
        ).all()  # fmt: skip
        return [(row.taken_on, _values(session, row), row.state) for row in rows]


def _values(session: Session, row: Reading) -> list[object]:
    values = session.exec(
        select(ReadingValue.value_milli).where(ReadingValue.reading_id == row.id).order_by(col(ReadingValue.scale))
    )
    return [Decimal(value) / 1000 for value in values]


def test_a_line_makes_a_meter_with_its_reading(flat: Flat, load: Load) -> None:
    number = flat.account.number
    report = load(f"{number};77-1;Электроэнергия;площадка;6;1;2;01.02.2030;12.03.2020;1000,5;400;;15.11.2026")
    meter = _meter(flat, "77-1")
    assert (meter.resource, meter.place, meter.digits_int, meter.digits_frac) == (
        Resource.ELECTRICITY, "площадка", 6, 1,
    )  # fmt: skip
    assert (meter.verified_until, meter.installed_on) == (date(2030, 2, 1), date(2020, 3, 12))
    assert len(meter.public_id) == 16
    with reading() as session:
        scales = session.exec(select(MeterScale.label).where(MeterScale.meter_id == meter.id)).all()
    assert set(scales) == {"день", "ночь"}
    assert _readings("77-1") == [(date(2026, 11, 15), [Decimal("1000.5"), 400], ReadingState.COUNTED)]
    assert (report.meters_new, report.readings_new, report.rejected) == (1, 1, 0)
    assert "Счётчиков новых: 1, изменено: 0." in report.sentences()


def test_several_lines_of_a_meter_are_its_history(flat: Flat, load: Load) -> None:
    number = flat.account.number
    load(
        f"{number};77-1;ХВС;кухня;5;3;1;;;10;;;20.09.2026",
        f"{number};77-1;ХВС;;;;;;;15;;;20.10.2026",
        f"{number};77-1;ХВС;;;;;;;19,5;;;20.11.2026",
    )
    assert [values for _, values, _ in _readings("77-1")] == [[10], [15], [Decimal("19.5")]]
    assert _meter(flat, "77-1").place == "кухня"


def test_the_same_file_twice_changes_nothing(flat: Flat, load: Load) -> None:
    line = f"{flat.account.number};77-1;Газ;кухня;5;0;1;01.02.2030;;10;;;20.10.2026"
    load(line)
    report = load(line)
    assert (report.meters_new, report.meters_changed, report.readings_new) == (0, 0, 0)
    assert len(_readings("77-1")) == 1


def test_a_later_file_changes_what_it_tells_and_leaves_the_rest(flat: Flat, load: Load) -> None:
    number = flat.account.number
    load(f"{number};77-1;Газ;кухня;5;0;1;01.02.2030;;;;;")
    report = load(f"{number};77-1;Газ;;;;;01.02.2036;;;;;")
    meter = _meter(flat, "77-1")
    assert (meter.place, meter.verified_until) == ("кухня", date(2036, 2, 1))
    assert report.meters_changed == 1


def test_columns_stand_in_any_order_and_most_may_be_missing(flat: Flat, load: Load) -> None:
    load(f"Газ;{flat.account.number};77-1", header="Услуга;ЛС;Заводской номер")
    assert _meter(flat, "77-1").digits_int == 5


def test_a_file_that_does_not_tell_the_digits_shows_them(flat: Flat, load: Load) -> None:
    load(f"{flat.account.number};77-1;Электроэнергия;;;;;;;1234567;;;20.10.2026")
    assert _meter(flat, "77-1").digits_int == 7


def test_a_new_meter_takes_the_place_of_the_old_one(flat: Flat, load: Load) -> None:
    header = f"{HEADER};Вместо"
    number, old = flat.account.number, flat.meter.serial
    load(f"{number};77-1;ХВС;;;;;;15.11.2026;0;;;15.11.2026;{old}", header=header)
    before, after = _meter(flat, old), _meter(flat, "77-1")
    assert (before.state, before.replaced_by_id, before.removed_on) == (
        MeterState.REPLACED, after.id, date(2026, 11, 15),
    )  # fmt: skip
    assert after.state is MeterState.ACTIVE


def test_a_meter_to_be_replaced_that_is_not_there_is_noted(flat: Flat, load: Load) -> None:
    report = load(f"{flat.account.number};77-1;ХВС;;;;;;;;;;;99", header=f"{HEADER};Вместо")
    assert "Строка 2: прежнего счётчика 99 в портале нет." in report.notes


def test_a_removed_meter_is_no_longer_read(flat: Flat, load: Load) -> None:
    load(f"{flat.account.number};{flat.meter.serial};ХВС;;;;;;;;;;;01.11.2026", header=f"{HEADER};Снят")
    meter = _meter(flat, flat.meter.serial)
    assert (meter.state, meter.removed_on) == (MeterState.REMOVED, date(2026, 11, 1))


def test_a_reading_of_the_provider_that_is_the_subscribers_counts_it(flat: Flat, load: Load) -> None:
    flat.send("107")
    report = load(f"{flat.account.number};{flat.meter.serial};ХВС;;;;;;;107;;;20.11.2026")
    assert (report.readings_counted, report.readings_new) == (1, 0)
    *_, (_, values, state) = _readings(flat.meter.serial)
    assert (values, state) == ([107], ReadingState.COUNTED)


def test_another_reading_of_the_provider_stands_beside_the_subscribers(flat: Flat, load: Load) -> None:
    flat.send("107")
    load(f"{flat.account.number};{flat.meter.serial};ХВС;;;;;;;106;;;20.11.2026")
    assert [(values, state) for _, values, state in _readings(flat.meter.serial)][1:] == [
        ([107], ReadingState.ACCEPTED), ([106], ReadingState.COUNTED),
    ]  # fmt: skip


def test_the_period_and_the_kind_of_a_reading_may_be_told(flat: Flat, load: Load) -> None:
    header = f"{HEADER};Период;Вид"
    load(f"{flat.account.number};77-1;ХВС;;;;;;;10;;;01.11.2026;10.2026;расчёт", header=header)
    with reading() as session:
        row = session.exec(select(Reading).order_by(col(Reading.id).desc())).first()
    assert row is not None
    assert (row.period, row.source) == (202610, ReadingSource.ESTIMATED)


BAD = {
    "X": "номер счёта «» не подходит",
    "999;77-1;ХВС;;;;;;;;;;": "счёта 999 у поставщика нет",
    "{ls};;ХВС;;;;;;;;;;": "нет номера прибора учёта",
    "{ls};77-1;Лифт;;;;;;;;;;": "услуга «Лифт» неизвестна",
    "{ls};77-1;ХВС;;12;;;;;;;;": "разряды: «12», а нужно число от 1 до 9",
    "{ls};77-1;ХВС;;;;5;;;;;;": "число шкал: «5», а нужно число от 1 до 3",
    "{ls};77-1;ХВС;;;;;31.02.2030;;;;;": "поверка до: дата «31.02.2030» не читается",
    "{ls};77-1;ХВС;;;;;;;сто;;;20.10.2026": "показание «сто» не читается",
    "{ls};77-1;ХВС;;;;;;;-5;;;20.10.2026": "показание «-5» не читается",
    "{ls};77-1;ХВС;;;;;;;5;;;": "у показания нет даты",
    "{ls};77-1;ХВС;;;;;;;5;;;21.11.2026": "дата показания 21.11.2026 ещё не наступила",
    "{ls};77-1;ХВС;;;;2;;;5;;;20.10.2026": "показаний не столько, сколько шкал",
    "{ls};77-1;ХВС;;;;;;;5;;7;20.10.2026": "показаний не столько, сколько шкал",
    "{ls};77-1;ХВС;;3;;;;;5000;;;20.10.2026": "показание не помещается на счётчик: разрядов 3",
    "{ls};{own};ХВС;;;;;;;5;6;;20.10.2026": "шкал: 1",
}


@pytest.mark.parametrize("line", BAD)
def test_a_bad_line_is_named_with_its_reason_and_nothing_is_loaded(flat: Flat, load: Load, line: str) -> None:
    bad = line.format(ls=flat.account.number, own=flat.meter.serial).replace("X", ";77-1;ХВС")
    with pytest.raises(FileRefused) as refused:
        load(f"{flat.account.number};88-8;ХВС;;;;;;;;;;", bad)
    report = refused.value.params["report"]
    assert isinstance(report, LoadReport)
    assert report.reasons[0].startswith("  строка 3: ")
    assert BAD[line] in report.reasons[0]
    with reading() as session:
        assert session.exec(select(func.count()).select_from(Meter)).one() == 1


def test_good_lines_are_loaded_when_bad_ones_are_to_be_skipped(flat: Flat, load: Load) -> None:
    report = load(f"{flat.account.number};88-8;ХВС;;;;;;;;;;", "999;1;ХВС;;;;;;;;;;", skips_bad=True)
    assert (report.read, report.rejected, report.meters_new) == (2, 1, 1)


def test_a_file_without_anything_good_is_refused(load: Load) -> None:
    with pytest.raises(FileRefused, match=r"meters\.file_refused"):
        load("999;1;ХВС;;;;;;;;;;", skips_bad=True)
    with pytest.raises(FileRefused):
        load()


def test_a_table_of_something_else_is_refused(flat: Flat, load: Load) -> None:
    with pytest.raises(RegisterUnreadable) as refused:
        load("1;2", header="ЛС;Сумма")
    assert "№ ПУ" in refused.value.message


def test_a_workbook_is_read_too(flat: Flat, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["ЛС", "№ ПУ", "Услуга", "Т1", "Дата"])
    sheet.append([flat.account.number, "77-1", "Холодная вода", 12.5, date(2026, 10, 20)])
    book.save(tmp_path / "meters.xlsx")
    with unit_of_work() as session:
        load_meters(session, SYSTEM, file=tmp_path / "meters.xlsx", provider_code="water")
    assert _readings("77-1") == [(date(2026, 10, 20), [Decimal("12.5")], ReadingState.COUNTED)]


def test_an_old_encoding_is_recognised(flat: Flat, write: Write) -> None:
    lines = [f"{flat.account.number};77-{n};Холодная вода;ванная комната;5;0;1;;;;;;" for n in range(9)]
    file = write(HEADER, *lines, encoding="cp1251")
    with unit_of_work() as session:
        load_meters(session, SYSTEM, file=file, provider_code="water")
    assert _meter(flat, "77-1").place == "ванная комната"


def test_an_unknown_provider_is_named(flat: Flat, write: Write) -> None:
    with unit_of_work() as session, pytest.raises(ProviderUnknown):
        load_meters(session, SYSTEM, file=write(HEADER), provider_code="nobody")


def test_many_meters_are_loaded_with_few_questions_to_the_database(portal: Engine, write: Write) -> None:
    many = 3000
    with unit_of_work() as session:
        provider = make_provider(session, code="water")
        session.add_all(
            PersonalAccount(
                provider_id=provider.id or 0, number=f"{n:06}", number_shown=f"{n:06}", created_at=clock.now()
            )
            for n in range(many)
        )
    lines = [f"{n:06};12-{n};ХВС;кухня;5;3;1;01.02.2030;;{n % 900};;;20.10.2026" for n in range(many)]
    asked: list[str] = []
    event.listen(portal, "before_cursor_execute", lambda *call: asked.append(call[2].split()[0]))
    with unit_of_work() as session:
        report = load_meters(session, SYSTEM, file=write(HEADER, *lines), provider_code="water")
    assert (report.meters_new, report.readings_new) == (many, many)
    assert len(asked) < many / 30


# --- Tariffs


TARIFFS = "Услуга;Шкала;Строка квитанции;Действует с;Тариф"


def _tariffs(write: Write, *lines: str) -> list[tuple[object, ...]]:
    with unit_of_work() as session:
        load_tariffs(session, SYSTEM, file=write(TARIFFS, *lines), provider_code="water")
    with reading() as session:
        rows = session.exec(select(Tariff).order_by(col(Tariff.id))).all()
    return [(row.resource, row.scale, row.service, row.valid_from, row.price) for row in rows]


def test_tariffs_are_dated_and_replaced_by_the_same_day(flat: Flat, write: Write) -> None:
    first = _tariffs(
        write, "ХВС;;;01.01.2026;40", "ХВС;;Водоотведение;01.01.2026;30,15", "ЭЛЕКТРОЭНЕРГИЯ;Т2;Ночь;2026-07-01;3.5"
    )
    assert first == [
        (Resource.COLD_WATER, 0, "ХВС", date(2026, 1, 1), "40"),
        (Resource.COLD_WATER, 0, "Водоотведение", date(2026, 1, 1), "30.15"),
        (Resource.ELECTRICITY, 2, "Ночь", date(2026, 7, 1), "3.5"),
    ]
    second = _tariffs(write, "ХВС;;;01.01.2026;41", "ХВС;;;01.07.2026;45")
    assert [row[-1] for row in second] == ["41", "30.15", "3.5", "45"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Лифт;;;01.01.2026;40", "услуга «Лифт» неизвестна"),
        ("ХВС;7;;01.01.2026;40", "шкала «7»"),
        ("ХВС;;;вчера;40", "дата «вчера» не читается"),
        ("ХВС;;;01.01.2026;=1+1", "тариф «=1+1» не читается"),
        ("ХВС;;;01.01.2026;", "тариф «» не читается"),
        (f"ХВС;;{'я' * 121};01.01.2026;40", "длиннее 120"),
    ],
)
def test_a_bad_tariff_refuses_the_file(flat: Flat, write: Write, line: str, reason: str) -> None:
    with pytest.raises(FileRefused) as refused:
        _tariffs(write, "ХВС;;;01.01.2026;40", line)
    report = refused.value.params["report"]
    assert isinstance(report, FileReport)
    assert reason in report.reasons[0]
    with reading() as session:
        assert session.exec(select(Tariff)).all() == []


# --- Rules of the provider


def test_a_rule_is_the_default_until_the_company_changes_it(flat: Flat) -> None:
    told = {"provider_code": "water", "resource": Resource.GAS}
    with unit_of_work() as session:
        before = policy_of(session, SYSTEM, **told)  # type: ignore[arg-type]
        assert (before.window_from, before.window_to, before.outside_window) == (1, 25, OutsideWindow.NEXT_PERIOD)
        change = PolicyChange(window_to=20, outside_window=OutsideWindow.REFUSE, max_consumption=Decimal("50.5"))
        set_policy(session, SYSTEM, change=change, **told)  # type: ignore[arg-type]
        set_policy(session, SYSTEM, change=PolicyChange(when_expired=WhenExpired.REFUSE), **told)  # type: ignore[arg-type]
    with reading() as session:
        after = policy_of(session, SYSTEM, **told)  # type: ignore[arg-type]
    assert (after.window_from, after.window_to, after.max_consumption_milli) == (1, 20, 50_500)
    assert after.when_expired is WhenExpired.REFUSE


@pytest.mark.parametrize(
    "change",
    [
        PolicyChange(window_from=0), PolicyChange(window_to=32), PolicyChange(alarm_percent=100),
        PolicyChange(max_consumption=Decimal(0)), PolicyChange(max_consumption=Decimal("0.0001")),
        PolicyChange(max_consumption=Decimal("NaN")), PolicyChange(max_consumption=Decimal("1e9")),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_right_is_refused(flat: Flat, change: PolicyChange) -> None:
    with unit_of_work() as session, pytest.raises(PolicyUnfit):
        set_policy(session, SYSTEM, provider_code="water", resource=Resource.GAS, change=change)
