"""What people type as an account number, and what registers hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkk_reflex.accounts.account_number import NumberRule, TypedKind, normalise, recognise, unified_number

CODE = (
    "ST00012|Name=ООО «Горводоканал»|PersonalAcc=40702810938000012345|BankName=ПАО СБЕРБАНК|BIC=044525225"
    "|CorrespAcc=30101810400000000225|PayeeINN=7707083893|PersAcc=1000123456|Sum=154230"
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("л/с № 1000 123 456", "1000123456"),
        ("ЛС:0012345", "0012345"),
        ("12345-678-90", "1234567890"),
        ("12345\u2013678\u201190", "1234567890"),
        ("Лицевой счёт N 12", "12"),
        ("лиц.счет 12", "12"),
        ("№ 7", "7"),
        ("  0000  ", "0000"),
        ("10\u00a000", "1000"),
        ("10\u200b00\ufeff", "1000"),
        ("аб-12", "АБ12"),
        ("n123", "N123"),
    ],
)
def test_signs_and_words_around_a_number_are_dropped(text: str, number: str) -> None:
    assert normalise(text) == number


def test_dashes_stay_where_they_tell_accounts_apart() -> None:
    assert normalise("12\u20143", drops_dashes=False) == "12-3"
    assert normalise("12-3", drops_dashes=False) != normalise("1-23", drops_dashes=False)


@given(st.text(max_size=40), st.booleans())
def test_a_normalised_number_stays_as_it_is(text: str, drops_dashes: bool) -> None:
    once = normalise(text, drops_dashes=drops_dashes)
    assert normalise(once, drops_dashes=drops_dashes) == once


@given(st.text(alphabet="0123456789", min_size=1, max_size=30))
def test_leading_zeros_are_never_lost(digits: str) -> None:
    assert normalise(f"л/с № {digits}") == digits


@pytest.mark.parametrize("text", ["75да533315", "75DA533315".replace("D", "Д"), "75ДА 533315", "75ДА533315-01"])
def test_a_unified_number_is_written_in_one_way(text: str) -> None:
    assert unified_number(text) == "75ДА533315"


def test_latin_letters_that_look_cyrillic_give_the_same_unified_number() -> None:
    assert unified_number("12KH345678") == unified_number("12КН345678")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1000123456", TypedKind.NUMBER),
        ("", TypedKind.EMPTY),
        ("л/с №", TypedKind.EMPTY),
        ("40702810938000012345", TypedKind.BANK_ACCOUNT),
        ("4070 2810 9380 0001 2345", TypedKind.BANK_ACCOUNT),
        ("75ДА533315", TypedKind.UNIFIED),
        ("7707083893", TypedKind.INN),
        ("ул. Ленина, 10", TypedKind.UNFIT),
        ("1" * 31, TypedKind.UNFIT),
    ],
)
def test_what_was_typed_is_recognised(text: str, kind: TypedKind) -> None:
    assert recognise(text, NumberRule(inn="7707083893")).kind is kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("123456789012", TypedKind.NUMBER),
        ("044525225", TypedKind.BIC),
        ("7707083893", TypedKind.INN),
        ("40702810938000012345", TypedKind.BANK_ACCOUNT),
        ("12345", TypedKind.UNFIT),
    ],
)
def test_what_does_not_fit_the_provider_is_named(text: str, kind: TypedKind) -> None:
    assert recognise(text, NumberRule(pattern=r"\d{12}")).kind is kind


def test_a_number_that_fits_the_provider_is_its_number_even_if_it_looks_like_something_else() -> None:
    assert recognise("75ДА533315", NumberRule(pattern=r"\d\d[А-Я]{2}\d{6}")).kind is TypedKind.NUMBER


@pytest.mark.parametrize("text", [CODE, f"\ufeff {CODE}|\r\n", CODE.replace("PersAcc", "PERSACC")])
def test_a_pasted_payment_code_gives_number_and_receiver(text: str) -> None:
    typed = recognise(text, NumberRule())
    assert (typed.kind, typed.value, typed.payee_inn) == (TypedKind.NUMBER, "1000123456", "7707083893")


def test_a_payment_code_without_an_account_is_known_as_one() -> None:
    assert recognise("ST00012|Name=ООО", NumberRule()).kind is TypedKind.CODE_ALONE


@given(st.text(max_size=400))
def test_no_text_breaks_the_recognition(text: str) -> None:
    assert recognise(text, NumberRule()).kind in TypedKind
    assert recognise(f"ST00012|{text}", NumberRule()).kind in TypedKind
    assert recognise(f"ST0001{text}", NumberRule()).kind in TypedKind
