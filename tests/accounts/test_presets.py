"""Which format a file is guessed to be in."""

import pytest

from lkk_reflex.accounts.register import presets
from lkk_reflex.accounts.register.presets import Column, column_of, guess, parts_of_file_name
from lkk_reflex.kit.billing_period import BillingPeriod

GUID = "0c5b2444-70a0-4932-980c-b4dc0d3f02b5"
A = "1000123456;ИВАНОВ ИВАН ИВАНОВИЧ;Г РЯЗАНЬ, УЛ ЛЕНИНА, Д 10, КВ 15;1026;1542.30"
B = "1000123456;ИВАНОВ ИВАН ИВАНОВИЧ;Оплата за воду;1026;1542.30"
C = "ИВАНОВ ИВАН ИВАНОВИЧ;РЯЗАНЬ,ЛЕНИНА,10,15;1000123456;1542.30"
D = f"ИВАНОВ ИВАН ИВАНОВИЧ;75ДА533315;{GUID},15;РЯЗАНЬ,ЛЕНИНА,10,15;1000123456;1542.30"
E = "ИВАНОВ ИВАН ИВАНОВИЧ;РЯЗАНЬ,ЛЕНИНА,10,15;1000123456;1542.30;1234"
F = (
    f"1000123456;ИВАНОВ ИВАН ИВАНОВИЧ;75ДА533315;{GUID};РЯЗАНЬ,ЛЕНИНА,10,15;"
    "9;12-345678;ХВС кухня;15.03.2028;123,456;20.10.2026;;8;12-345679;ГВС кухня;15.03.2026;77.1;20.10.2026;"
)


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        (A, ["ls_fio_addr", "sber_coop"]),
        (B, ["sber_coop"]),
        (C, ["sber_old"]),
        (D, ["sber_gis"]),
        (E, ["gorod_cft"]),
        (F, ["sber_14_1"]),
        ("1;2;3", []),
        ("ФИО;ещё", []),
    ],
)
def test_a_format_is_guessed_by_its_lines_and_never_sure(line: str, codes: list[str]) -> None:
    found = guess([line.split(";")] * 3, set())
    assert [preset.code for preset in found.presets] == codes
    assert not found.is_own


def test_a_line_of_control_sum_tells_the_format_of_the_city() -> None:
    assert guess([E.split(";")], {"FILESUM", "TYPE"}).presets == (presets.GOROD_CFT,)


@pytest.mark.parametrize("header", ["ЛС;К оплате", "лицевой счет;ФИО;Услуга;начислено", "Л/С;ЛС;Пени"])
def test_a_header_of_our_own_needs_no_asking(header: str) -> None:
    assert guess([header.split(";")], set()).is_own


@pytest.mark.parametrize(
    ("name", "column"),
    [("ЛС", Column.NUMBER), (" объем ", Column.VOLUME), ("Ед. изм.", Column.UNIT), ("Итого", None), ("—", None)],
)
def test_headers_are_read_patiently(name: str, column: Column | None) -> None:
    assert column_of(name) is column


def test_the_sentence_says_what_to_repeat() -> None:
    assert "--preset sber_old" in guess([C.split(";")], set()).sentence
    assert "docs/registers" in guess([], set()).sentence


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("1234567890_40702810012345678912_001_1219.txt", ("1234567890", BillingPeriod(2019, 12))),
        ("123456789012_40702810012345678912_001_0126.TXT", ("123456789012", BillingPeriod(2026, 1))),
        ("1234567890_40702810012345678912_001_1319.txt", None),
        ("12345_40702810012345678912_001_1219.txt", None),
        ("register.txt", None),
    ],
)
def test_a_bank_s_file_name_tells_company_and_period(name: str, parts: tuple[str, BillingPeriod] | None) -> None:
    assert parts_of_file_name(name) == parts
