"""The writer of payment codes: what a bank's app reads is to the letter what the standard wants."""

import pytest
import segno

from lkk_reflex.accounts.models import CodeEncoding
from lkk_reflex.accounts.payment_code import decode, parse
from lkk_reflex.accounts.payment_code_writing import Receiver, write_code

GOLDEN_OF_A_CLUB = (
    "ST00012|Name=ООО «Три кита»|PersonalAcc=40702810138250123017|BankName=ОАО \"БАНК\"|BIC=044525225"
    "|CorrespAcc=30101810400000000225|PayeeINN=6200098765|LastName=Иванов|FirstName=Иван|MiddleName=Иванович"
    "|Purpose=Оплата членского взноса|PayerAddress=г.Рязань ул.Ленина д.10 кв.15|Sum=100000"
)  # fmt: skip
GOLDEN_OF_A_BILL = (
    "ST00012|Name=ООО «Горводоканал»|PersonalAcc=40702810938000012345|BankName=ПАО СБЕРБАНК|BIC=044525225"
    "|CorrespAcc=30101810400000000225|PayeeINN=7707083893|KPP=620001001|PersAcc=1000123456|PaymPeriod=102026"
    "|Sum=154230|LastName=Иванов|FirstName=Иван|MiddleName=Иванович"
    "|PayerAddress=г. Рязань, ул. Ленина, д. 10, кв. 15|Purpose=Оплата ЖКУ за 10.2026|TechCode=02"
)
CLUB = Receiver("ООО «Три кита»", "40702810138250123017", 'ОАО "БАНК"', "044525225", "30101810400000000225")
COMPANY = Receiver("ООО «Горводоканал»", "40702810938000012345", "ПАО СБЕРБАНК", "044525225", "30101810400000000225")
OF_A_CLUB = {
    "PayeeINN": "6200098765",
    "LastName": "Иванов",
    "FirstName": "Иван",
    "MiddleName": "Иванович",
    "Purpose": "Оплата членского взноса",
    "PayerAddress": "г.Рязань ул.Ленина д.10 кв.15",
    "Sum": "100000",
}
OF_A_BILL = {
    "PayeeINN": "7707083893",
    "KPP": "620001001",
    "PersAcc": "1000123456",
    "PaymPeriod": "102026",
    "Sum": "154230",
    "LastName": "Иванов",
    "FirstName": "Иван",
    "MiddleName": "Иванович",
    "PayerAddress": "г. Рязань, ул. Ленина, д. 10, кв. 15",
    "Purpose": "Оплата ЖКУ за 10.2026",
    "TechCode": "02",
}


@pytest.mark.parametrize(
    ("receiver", "fields", "golden"),
    [(CLUB, OF_A_CLUB, GOLDEN_OF_A_CLUB), (COMPANY, OF_A_BILL, GOLDEN_OF_A_BILL)],
    ids=["club", "bill"],
)
def test_code_is_the_golden_one(receiver: Receiver, fields: dict[str, str], golden: str) -> None:
    assert write_code(receiver, fields).decode() == golden


def test_both_encodings_make_codes_of_the_known_sizes() -> None:
    utf8 = write_code(COMPANY, OF_A_BILL)
    cp1251 = write_code(COMPANY, OF_A_BILL, CodeEncoding.WINDOWS_1251)
    assert (len(utf8), len(cp1251)) == (432, 357)
    assert cp1251.decode("cp1251") == GOLDEN_OF_A_BILL.replace("ST00012", "ST00011", 1)
    drawn = [segno.make(code, mode="byte", error="m", boost_error=False).designator for code in (utf8, cp1251)]
    assert drawn == ["16-M", "14-M"]


def test_another_separator_parts_all_fields_when_a_value_holds_the_usual_one() -> None:
    code = write_code(COMPANY, {"Purpose": "вода|стоки#слив", "Sum": "1"}).decode()
    assert code.startswith("ST00012;Name=ООО «Горводоканал»;PersonalAcc=")
    assert code.endswith(";Purpose=вода|стоки#слив;Sum=1")
    assert parse(code).fields["purpose"] == "вода|стоки#слив"


def test_values_that_hold_every_separator_still_make_a_code_that_can_be_read() -> None:
    code = write_code(COMPANY, {"Purpose": "|#;:^_~{}!$%&()*+,/@", "Sum": "1"}).decode()
    assert parse(code).fields["sum"] == "1"


def test_line_breaks_and_empty_fields_are_left_out_and_nothing_ends_the_code() -> None:
    code = write_code(COMPANY, {"KPP": "", "LastName": "Ива\r\nнов", "Sum": "1"}).decode()
    assert "KPP" not in code
    assert code.endswith("|LastName=Ива нов|Sum=1")


def test_long_values_are_cut_at_their_limits() -> None:
    receiver = Receiver("Ю" * 400, COMPANY.bank_account, "Б" * 90, COMPANY.bic, "")
    fields = parse(write_code(receiver, {"Purpose": "п" * 400, "PersAcc": "9" * 40}).decode()).fields
    assert (len(fields["bankname"]), len(fields["purpose"]), len(fields["persacc"])) == (45, 160, 30)
    assert fields["correspacc"] == "0"
    mandatory = "|".join(f"{name}={fields[name.lower()]}" for name in ("Name", "PersonalAcc", "BankName", "BIC"))
    assert len(f"{mandatory}|CorrespAcc=0".encode()) <= 300


def test_sign_that_cp1251_lacks_becomes_a_question_mark() -> None:
    code = write_code(COMPANY, {"LastName": "Ӣванов 😀"}, CodeEncoding.WINDOWS_1251)
    assert decode(code).endswith("LastName=?ванов ?")
