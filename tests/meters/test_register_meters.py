"""Meters that stand in an accrual register of preset F."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from lkk_reflex.accounts.errors import RegisterRefused
from lkk_reflex.accounts.register.importer import import_register
from lkk_reflex.accounts.register.opening import ImportOrder
from lkk_reflex.accounts.register.report import ImportReport
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.meters.models import Meter, Reading, ReadingValue, Resource
from lkk_reflex.meters.register_meters import RegisterMeters
from tests.meters.conftest import Flat, Write

HEAD = "1000123456;ИВАНОВ ИВАН ИВАНОВИЧ;75ДА533315;0c5b2444-70a0-4932-980c-b4dc0d3f02b5;РЯЗАНЬ,ЛЕНИНА,10,15"
F = f"{HEAD};9;12-345678;ХВС кухня;15.03.2028;123,456;20.10.2026;;8;12-345679;ГВС кухня;15.03.2026;77.1;20.10.2026;"
Load = Callable[..., ImportReport]


@pytest.fixture
def load(flat: Flat, write: Write, tmp_path: Path) -> Load:
    """Load the lines of a register of meters."""

    def load(*lines: str, **more: Any) -> ImportReport:
        order = ImportOrder(
            file=write(*lines, name="register.csv"),
            provider_code="water",
            rejects_dir=tmp_path / "rejects",
            preset="sber_14_1",
            meters=RegisterMeters(),
            **more,
        )
        with unit_of_work() as session:
            return import_register(session, Viewer.system(), order=order)

    return load


def _stored(flat: Flat) -> dict[str, tuple[Resource, str, date | None, list[object]]]:
    with reading() as session:
        meters = session.exec(select(Meter).where(Meter.account_id != flat.account.id)).all()
        return {
            meter.serial: (
                meter.resource,
                meter.place,
                meter.verified_until,
                [
                    Decimal(value) / 1000
                    for value in session.exec(
                        select(ReadingValue.value_milli)
                        .join(Reading, col(Reading.id) == col(ReadingValue.reading_id))
                        .where(Reading.meter_id == meter.id)
                        .order_by(col(ReadingValue.scale))
                    )
                ],
            )
            for meter in meters
        }


def test_a_register_of_meters_brings_its_meters(flat: Flat, load: Load) -> None:
    report = load(F)
    assert _stored(flat) == {
        "12-345678": (Resource.COLD_WATER, "ХВС кухня", date(2028, 3, 15), [Decimal("123.456")]),
        "12-345679": (Resource.HOT_WATER, "ГВС кухня", date(2026, 3, 15), [Decimal("77.1")]),
    }
    assert "Счётчиков новых: 2, изменено: 0." in report.notes
    assert "не загружены" not in " ".join(report.notes)


def test_blocks_of_one_electric_meter_are_its_scales(flat: Flat, load: Load) -> None:
    blocks = (("5", "30"), ("6", "10"), ("7", "20"))
    load(HEAD + "".join(f";{kind};55-1;Свет;;{value};20.10.2026;" for kind, value in blocks))
    assert _stored(flat)["55-1"][-1] == [10, 20, 30]


def test_a_dry_run_stores_no_meters(flat: Flat, load: Load) -> None:
    load(F, is_dry_run=True)
    assert not _stored(flat)


def test_a_refused_register_stores_no_meters(flat: Flat, load: Load) -> None:
    with pytest.raises(RegisterRefused):
        load(F, f"{HEAD};99;1;;;;;")
    with pytest.raises(RegisterRefused):
        load(F, F)
    assert not _stored(flat)


def test_a_rejected_line_brings_no_meters(flat: Flat, load: Load) -> None:
    other = HEAD.replace("1000123456", "1000123457")
    load(f"{other};9;77-1;;;;;", F, F, skips_bad=True)
    assert set(_stored(flat)) == {"77-1"}


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ("3;55-1;Свет;;10;20.10.2026;", "названы не все шкалы"),
        ("9;55-1;;;-5;20.10.2026;", "такого на счётчике не бывает"),
        ("9;55-1;;;1,2345;20.10.2026;", "такого на счётчике не бывает"),
        ("9;55-1;;;5;;", "нет даты"),
        ("9;55-1;;;5;21.11.2026;", "дата ещё не наступила"),
    ],
)
def test_a_reading_that_cannot_be_is_named_and_its_meter_stays(flat: Flat, load: Load, block: str, reason: str) -> None:
    report = load(f"{HEAD};{block}")
    assert f"Строка 1: показание счётчика 55-1 не взято — {reason}." in report.notes
    assert _stored(flat)["55-1"][-1] == []


def test_what_is_no_meter_of_ours_is_named(flat: Flat, load: Load) -> None:
    report = load(f"{HEAD};13;55-1;;;;;")
    assert "прибор учёта «55-1» портал не ведёт" in " ".join(report.notes)
    assert not _stored(flat)
