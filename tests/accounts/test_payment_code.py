"""The reader of payment codes, ГОСТ Р 56042-2014."""

import pytest

from lkk_reflex.accounts import payment_code
from lkk_reflex.accounts.requisites import has_right_key, is_bank_account, is_inn

GOOD = (
    "ST00012|Name=ООО «Горводоканал»|PersonalAcc=40702810938000012345|BankName=ПАО СБЕРБАНК|BIC=044525225"
    "|CorrespAcc=30101810400000000225|PayeeINN=7707083893|KPP=620001001|PersAcc=1000123456|PaymPeriod=102026"
    "|Sum=154230|LastName=Иванов|PayerAddress=г. Рязань, ул. Ленина, д. 10, кв. 15|TechCode=02"
)


def test_a_right_code_raises_no_doubts() -> None:
    code = payment_code.parse(GOOD)
    assert (code.account_number, code.payee_inn, code.doubts()) == ("1000123456", "7707083893", [])


@pytest.mark.parametrize(("digit", "encoding"), [("1", "cp1251"), ("2", "utf-8"), ("3", "koi8-r")])
def test_each_encoding_is_read(digit: str, encoding: str) -> None:
    # The quotes of the example are not in KOI8-R.
    text = GOOD.translate(str.maketrans("«»", '""'))
    data = text.replace("ST00012", f"ST0001{digit}").encode(encoding)
    assert payment_code.parse(payment_code.decode(data)).fields["name"] == 'ООО "Горводоканал"'


@pytest.mark.parametrize("digit", ["1", "2", "9"])
def test_a_wrong_digit_of_the_encoding_does_no_harm_to_the_number(digit: str) -> None:
    for encoding in ("utf-8", "cp1251"):
        data = GOOD.replace("ST00012", f"ST0001{digit}").encode(encoding)
        assert payment_code.parse(payment_code.decode(b"\xef\xbb\xbf" + data)).account_number == "1000123456"


@pytest.mark.parametrize("separator", list("|#;:^_~{}!$%&()*+,/@"))
def test_any_separator_is_understood(separator: str) -> None:
    text = separator.join(["ST00012", "Name=ООО Вода", "PERSACC=77", "Purpose=a=b=c", ""])
    code = payment_code.parse(text)
    assert code.fields == {"name": "ООО Вода", "persacc": "77", "purpose": "a=b=c"}


@pytest.mark.parametrize("text", ["", "ST", "ST0001", "ST00012", "1000123456", "SN00012|Name=x"])
def test_what_is_no_payment_code_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a payment code"):
        payment_code.parse(text)


@pytest.mark.parametrize(
    ("before", "after", "doubt"),
    [
        ("|BIC=044525225", "", "обязательных полей: bic"),
        ("PersonalAcc=40702810938000012345", "PersonalAcc=40702810938000012346", "не подходит к БИК"),
        ("PayeeINN=7707083893", "PayeeINN=6200098765", "ИНН"),
        ("Sum=154230", "Sum=1542.30", "копейках"),
    ],
)
def test_what_does_not_fit_together_is_doubted(before: str, after: str, doubt: str) -> None:
    assert doubt in " ".join(payment_code.parse(GOOD.replace(before, after)).doubts())


def test_check_digits_of_the_standard_s_examples_are_right() -> None:
    assert has_right_key("40702810138250123017", "044525225")
    assert is_inn("7707083893")
    assert is_inn("500100732259")
    assert not is_inn("6200098765")
    assert not is_inn("77070838930")
    assert is_bank_account("40702810138250123017")
    assert not is_bank_account("00702810138250123017")
