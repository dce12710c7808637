"""PINs as they are printed and typed, and the months of bills that may prove something."""

import hmac
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkk_reflex.accounts import proof_rules as rules
from lkk_reflex.kit.money import Money


def test_pin_is_eight_of_thirty_one_characters_that_nobody_mixes_up() -> None:
    assert len(set(rules.PIN_ALPHABET)) == 31
    assert not set("01ILO") & set(rules.PIN_ALPHABET)
    pins = {rules.new_pin() for _ in range(200)}
    assert len(pins) == 200
    assert all(len(pin) == 8 and set(pin) <= set(rules.PIN_ALPHABET) for pin in pins)


@pytest.mark.parametrize(
    "typed",
    [
        "7KMP-2XHA",
        "7kmp2xha",
        " 7kmp - 2xha ",
        "7KMP–2XHA",
        "7KMP\N{NO-BREAK SPACE}2XHA",
        "7КМР-2ХНА",
        "7кмр 2хна",
        "7\u200bKMP2XHA\ufeff",
    ],
)
def test_pin_is_taken_as_people_type_it(typed: str) -> None:
    assert rules.clean_pin(typed) == "7KMP2XHA"


@pytest.mark.parametrize("typed", ["", "7KMP", "7KMP2XHA9", "7KMP2XH0", "7KMP2XHI", "7KMP2XH!", "Щ" * 8, "٣" * 8])
def test_what_can_be_no_pin_is_none(typed: str) -> None:
    assert rules.clean_pin(typed) is None


@given(st.text(rules.PIN_ALPHABET, min_size=8, max_size=8))
def test_printed_pin_reads_back(pin: str) -> None:
    assert rules.clean_pin(rules.shown_pin(pin)) == pin


@given(st.text())
def test_any_text_is_read_without_a_fault(typed: str) -> None:
    pin = rules.clean_pin(typed)
    assert pin is None or set(pin) <= set(rules.PIN_ALPHABET)


def test_months_of_bills_are_six_and_leave_out_the_one_whose_sum_everybody_sees() -> None:
    months = rules.bill_months(date(2027, 2, 3))
    assert [month.key for month in months] == [202612, 202611, 202610, 202609, 202608, 202607]
    assert rules.typed_month("202611", date(2027, 2, 3)) == months[1]


@pytest.mark.parametrize("typed", ["202701", "202702", "202606", "202512", "", "сентябрь", "2026-11"])
def test_month_that_is_not_offered_is_none(typed: str) -> None:
    assert rules.typed_month(typed, date(2027, 2, 3)) is None


@pytest.mark.parametrize("typed", ["1 542,30", "1542.30", "1542,3 ₽", "1542,30 руб."])
def test_sum_is_taken_in_any_spelling_of_money(typed: str) -> None:
    assert rules.typed_sum(typed) == Money(1542_30)


@pytest.mark.parametrize("typed", ["", "  ", "много", "1,234", "=1+1", "🙂", "9" * 60])
def test_what_is_no_sum_is_none(typed: str) -> None:
    assert rules.typed_sum(typed) is None


@pytest.mark.parametrize(
    ("typed", "folded"),
    [("", ""), (" - _ /", ""), ("🙂🙂🙂🙂🙂", ""), ("12-34", "1234"), ("№ 12-345 А", "12345A"), ("01234", "1234"),
     ("№ N1234", "1234"), ("00012", "12"), ("00000", ""), ("№ 0012-ав 345", "12AB345")],
)  # fmt: skip
def test_serial_number_is_counted_and_compared_without_what_nobody_types(typed: str, folded: str) -> None:
    assert rules.folded_serial(typed) == folded


@pytest.mark.parametrize(
    ("typed", "owner"),
    [
        ("Соловьёв", "Соловьев Пётр Ильич"),
        ("СОЛОВЬЕВ", "Соловьёв П.И."),
        (" соловьев ", "СОЛОВЬЕВ  П. И."),
        ("Соловье\u0308в", "Соловьёв Пётр"),
        ("Cоловьeв", "Соловьев Пётр"),
        ("Соловьев Петр Ильич", "Соловьёв Пётр Ильич"),
        ("Римский-Корсаков", "Римский Корсаков Николай"),
        ("римский корсаков", "Римский — Корсаков Н.А."),
        ("римскийкорсаков", "Римский-Корсаков Н.А."),
        ("О'Нил", "О’Нил Джон"),
        ("Соловьев", "П.И. Соловьёв"),
        ("smith", "Smith John"),
        ("Ким", "Ким"),
        ("Иванов", "ИП Иванов Иван"),
        ("Иванов", "индивидуальный предприниматель Иванов И.И."),
        ("Иванов", "ИП Глава КФХ Иванов Иван"),
        ("Филипов", "Филипов Иван"),
        ("Цой", "Цой. В."),
        ("Цой", "Цой.В."),
        ("Цой", "В. Цой"),
        ("Ли", "Ли.А."),
        ("Ли", "Ли А.А."),
        ("Ли", "А.А. Ли"),
        ("Ли", "Ли.Ю"),
        ("О", "О Чан Ву"),
        ("Смит", "Дж. Смит"),
        ("Петров", "Петров / Петрова"),
        ("Петрова", "Петров / Петрова"),
        ("Петров", "Петров, Петрова"),
        ("Петрова", "Петров А.А., Петрова Б.Б."),
        ("Сидорова", "Петров 1/2, Сидорова А.А. 1/2"),
        ("Соловьев П.И.", "Соловьёв П. И."),
        ("Петров", "Петров АО"),
        ("Петров", "Петров ИП"),
    ],
)
def test_surname_is_taken_as_people_type_it(typed: str, owner: str) -> None:
    assert rules.is_surname_of(rules.folded_name(typed), owner)


@pytest.mark.parametrize(
    ("typed", "owner"),
    [
        ("Соловьева", "Соловьев Пётр Ильич"),
        ("Соловь", "Соловьев Пётр Ильич"),
        ("Петр", "Соловьев Пётр Ильич"),
        ("Римский", "Римский-Корсаков Николай"),
        ("-", "-"),
        ("-", ""),
        ("Соловьев", ""),
        ("Соловьев", "  "),
        ("", ""),
        ("", "Соловьев"),
        ("ИП", "ИП Иванов Иван"),
        ("Иван", "ИП Иванов Иван"),
        ("В", "Цой. В."),
        ("А", "Ли.А."),
        ("А", "А.А."),
        ("2", "Петров 1/2, Сидорова 1/2"),
        ("Горводоканал", "ООО «Горводоканал»"),
        ("ООО", "ООО «Горводоканал»"),
        ("OOO", "OOO Ромашка"),
        ("Петрова", "ООО «Петров, Петрова и дети»"),
        ("Ромашка", "Ромашка, ООО"),
        ("АО", "АО «Ромашка»"),
        ("Ромашка", "АО «Ромашка»"),
        ("Администрация", "Администрация города"),
    ],
)
def test_another_name_or_none_in_the_register_is_not_the_surname(typed: str, owner: str) -> None:
    assert not rules.is_surname_of(rules.folded_name(typed), owner)


@given(st.text(), st.text())
def test_any_surname_is_compared_with_any_owner_without_a_fault(typed: str, owner: str) -> None:
    assert rules.is_surname_of(rules.folded_name(typed), owner) in {True, False}


@pytest.mark.parametrize(
    "owner",
    ["", "Ким", "Соловьев Пётр Ильич", "Шаймиев Минтимер Шарипович угли", "ООО Ромашка", "ИП Ким", "Ким / Ким А.А.",
     "А Б В Г/А Б В Г/А Б В Г/А Б В Г/А Б В Г"],
)  # fmt: skip
def test_every_owner_takes_the_same_comparisons(owner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[bytes] = []

    def counted(_left: bytes, right: bytes) -> bool:
        compared.append(right)
        return True

    monkeypatch.setattr(hmac, "compare_digest", counted)
    rules.is_surname_of("КИМ", owner)
    assert len(compared) == 12


def test_refusal_counts_the_tries_down_and_then_names_the_time() -> None:
    assert rules.next_try(3, timedelta(0)) == "Осталось попыток: 3."
    assert rules.next_try(0, timedelta(hours=24)) == "Попытки закончились, новые будут через 24 ч."
