"""What a login is, and which passwords are accepted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkk_reflex.identity.errors import (
    LoginUnreadable,
    PasswordCommon,
    PasswordDate,
    PasswordDigitsOnly,
    PasswordFamiliar,
    PasswordMissing,
    PasswordPattern,
    PasswordRefused,
    PasswordShapeWrong,
    PasswordTooLong,
    PasswordTooShort,
)
from lkk_reflex.identity.models import LoginKind
from lkk_reflex.identity.password_rules import check_new_password
from lkk_reflex.identity.rules import Login, clean_code, device_name, local_path, normalise_login, sign_in_address
from lkk_reflex.settings import PasswordProfile

EMAIL = Login(LoginKind.EMAIL, "petrova.maria@mail.ru")
PHONE = Login(LoginKind.PHONE, "+79123456789")


@pytest.mark.parametrize(
    "text",
    [
        "+7 912 345-67-89",
        "8 (912) 345-67-89",
        "89123456789",
        "79123456789",
        "9123456789",
        " 8-912-345-67-89 ",
        "+7(912)345–67–89",
        "8.912.345.67.89",
        "тел. 8 912 345 67 89",
    ],
)
def test_every_usual_spelling_of_a_phone_is_one_login(text: str) -> None:
    assert normalise_login(text) == PHONE


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Ivan@Mail.RU", "ivan@mail.ru"),
        (" ivan@mail.ru ", "ivan@mail.ru"),
        ("ivan.petrov+dom@yandex.ru", "ivan.petrov+dom@yandex.ru"),
        ("info@Пример.РФ", "info@xn--e1afmkfd.xn--p1ai"),
        ("info@xn--e1afmkfd.xn--p1ai", "info@xn--e1afmkfd.xn--p1ai"),
    ],
)
def test_spellings_of_an_email_are_one_login(text: str, value: str) -> None:
    assert normalise_login(text) == Login(LoginKind.EMAIL, value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ivan",
        "ivan@",
        "@mail.ru",
        "a@b",
        "ivan@localhost",
        "иван@mail.ru",
        "+7 495 123-45-67",
        "+7 701 123 45 67",
        "+1 202 555 0123",
        "8 912 345 67 8",
        "1000123456",
        "9123456789 доб 5",
        "+7 912 345-67-89 доб. 12",
        "9123456789 ext. 5",
        "9123456789;ext=5",
        "a@b.ru, c@d.ru",
        "x" * 300,
        "ivan@mail.ru\nbcc: x@y.ru",
    ],
)
def test_anything_else_is_no_login(text: str) -> None:
    with pytest.raises(LoginUnreadable):
        normalise_login(text)


@given(st.text(max_size=60))
def test_reading_a_login_never_fails_otherwise(text: str) -> None:
    try:
        login = normalise_login(text)
    except LoginUnreadable:
        return
    assert normalise_login(login.value) == login


def test_masked_login_is_known_to_its_owner_only() -> None:
    assert PHONE.masked == "+7\N{NO-BREAK SPACE}•••\N{NO-BREAK SPACE}•••-67-89"
    assert Login(LoginKind.EMAIL, "ivan@mail.ru").masked == "i•••@mail.ru"
    assert Login(LoginKind.EMAIL, "info@xn--e1afmkfd.xn--p1ai").masked == "i•••@пример.рф"


def test_login_is_shown_in_full_as_its_owner_would_write_it() -> None:
    assert PHONE.shown == "+7\N{NO-BREAK SPACE}912\N{NO-BREAK SPACE}345-67-89"
    assert Login(LoginKind.EMAIL, "info@xn--e1afmkfd.xn--p1ai").shown == "info@пример.рф"


@pytest.mark.parametrize("text", ["482913", "482 913", " 482-913\n", "482\u00a0913", "4 8 2 9 1 3", "482–913"])
def test_pasted_code_is_understood(text: str) -> None:
    assert clean_code(text, 6) == "482913"


@pytest.mark.parametrize("text", ["", "48291", "4829130", "48291a", "٤٨٢٩١٣", "4" * 5000])
def test_what_is_no_code_is_refused(text: str) -> None:
    assert clean_code(text, 6) is None


@pytest.mark.parametrize(
    "path",
    ["/cabinet", "/pay/a1B2-_c", "/account/x", "/settings/security?done=password", "/bill/x/2026-10", "/outages"],
)
def test_who_signs_in_is_sent_on_to_the_page_of_a_letter(path: str) -> None:
    assert local_path(path, "/home") == path


def test_nobody_is_sent_to_a_foreign_site() -> None:
    for path in (
        "",
        "//evil.ru",
        "https://evil.ru",
        "/\\evil.ru",
        "/cabinet?x=//evil",
        "/auth/sign-out",
        "/pay/../x",
        "/settings?done=//x",
    ):
        assert local_path(path, "/home") == "/home"


@pytest.mark.parametrize(
    ("path", "had_session", "address"),
    [
        ("/pay/a1B2-_c", False, "/sign-in?next=/pay/a1B2-_c"),
        ("/pay/a1B2-_c", True, "/sign-in?next=/pay/a1B2-_c&ended=1"),
        *((path, had, "/sign-in") for path in ("", "/", "/sign-in", "//evil.ru", "/\\evil") for had in (False, True)),
    ],
)
def test_only_whose_session_has_ended_is_told_so_and_led_back(path: str, address: str, *, had_session: bool) -> None:
    assert sign_in_address(path, had_session=had_session) == address


def test_device_is_named_in_words() -> None:
    yandex = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 YaBrowser/24.12 Safari/537.36"
    assert device_name(yandex) == "Яндекс Браузер, Windows"
    assert device_name("") == "Браузер"


def accept(password: str, profile: PasswordProfile, login: Login = EMAIL, company: str = "Горводоканал") -> str:
    return check_new_password(password, profile=profile, login=login, company=company)


@pytest.mark.parametrize("password", ["k7Wm2", "k7Wm2pXq91", "Zb4dY", "73518264", "Rk29Lm"])
def test_instruction_accepts_five_to_ten_latin_letters_and_digits(password: str) -> None:
    assert accept(password, PasswordProfile.INSTRUCTION) == password


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", PasswordMissing),
        ("k7Wm", PasswordShapeWrong),
        ("k7Wm2pXq918", PasswordShapeWrong),
        ("k7Wm 2pX", PasswordShapeWrong),
        ("k7Wm2!", PasswordShapeWrong),
        ("парольК7", PasswordShapeWrong),
        ("k7Wm2\n", PasswordShapeWrong),
        ("4829137", PasswordDigitsOnly),
        ("qwerty", PasswordCommon),
        ("Qwerty1", PasswordCommon),
        ("gfhjkm", PasswordCommon),
        ("Passw0rd", PasswordCommon),
        ("natasha", PasswordCommon),
        ("19851203", PasswordDate),
        ("zzzzz", PasswordPattern),
        ("abab1", PasswordPattern),
        ("hjkl7", PasswordPattern),
        ("vodokanal", PasswordFamiliar),
        ("petrova8", PasswordFamiliar),
        ("maria2x", PasswordFamiliar),
    ],
)
def test_instruction_refuses_what_is_guessed_first(password: str, reason: type[PasswordRefused]) -> None:
    with pytest.raises(reason):
        accept(password, PasswordProfile.INSTRUCTION)


@pytest.mark.parametrize("password", ["9123456789", "23456789", "x3456789"])
def test_own_phone_is_no_password(password: str) -> None:
    with pytest.raises(PasswordRefused):
        accept(password, PasswordProfile.INSTRUCTION, PHONE)


@pytest.mark.parametrize("password", ["udacha7Km", "Elfxf7Rm"])
def test_name_of_the_company_is_no_password_by_sound_or_by_keyboard(password: str) -> None:
    with pytest.raises(PasswordFamiliar):
        accept(password, PasswordProfile.INSTRUCTION, company="ООО «Удача»")


@pytest.mark.parametrize(
    "password", ["три слова подряд", "k7Wm2pXq", " лето с пробелом ", "🔑ключ от дома🔑", "я" * 4 + "abcd" * 31]
)
def test_standard_accepts_any_characters(password: str) -> None:
    assert accept(password, PasswordProfile.STANDARD) == password


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("k7Wm2pX", PasswordTooShort),
        ("k7Wm" * 33, PasswordTooLong),
        ("password", PasswordCommon),
        ("PASSWORD123", PasswordCommon),
        ("abcdefghij", PasswordPattern),
        ("aaaaaaaaaaaa", PasswordPattern),
        ("ПарольПароль", PasswordFamiliar),
        ("йцукенгшщ", PasswordCommon),
        ("ЯЧСМИТЬБ", PasswordPattern),
        ("petrova1", PasswordFamiliar),
    ],
)
def test_standard_refuses_short_and_frequent_ones(password: str, reason: type[PasswordRefused]) -> None:
    with pytest.raises(reason):
        accept(password, PasswordProfile.STANDARD)


def test_same_password_typed_in_two_unicode_forms_is_one() -> None:
    assert accept("пустои\u0306 подъезд", PasswordProfile.STANDARD) == "пустой подъезд"


@given(st.text(max_size=140), st.sampled_from(PasswordProfile))
def test_every_password_is_accepted_or_refused_with_a_sentence(password: str, profile: PasswordProfile) -> None:
    sentence = "ok"
    try:
        accept(password, profile)
    except PasswordRefused as refusal:
        sentence = refusal.message
    assert sentence
