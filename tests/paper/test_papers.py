"""Papers opened again: what stands on them, on how many sheets, in which letters."""

import io
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import segno
from openpyxl import load_workbook
from pypdf import PdfReader

from lkk_reflex.attachments.barcodes import codes_on_photo
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.money import Money
from lkk_reflex.paper.alphabet import ALPHABET, printable
from lkk_reflex.paper.bill import BillPaper, Payee, bill_pdf
from lkk_reflex.paper.code_picture import code_svg
from lkk_reflex.paper.confirmation import ConfirmationPaper, confirmation_pdf
from lkk_reflex.paper.spreadsheet import Sheet, workbook
from lkk_reflex.paper.statement import StatementPaper, statement_pdf, statement_xlsx
from lkk_reflex.paper.typesetting import typeset
from lkk_reflex.paper.values import Company, Origin, Payer, ServiceLine, Sums
from tests.support.bill_photos import file_of, page_of, photographed

OCTOBER = BillingPeriod(2026, 10)
COMPANY = Company(
    "МУП «Горводоканал»", "г. Рязань, ул. Речная, д. 1", "8 (4912) 55-01-01", "a@voda.example", "7707083893"
)
PAYER = Payer("1000 123 456", "Иванов Иван Иванович", "г. Рязань, ул. Ленина, д. 10, кв. 15", "75ДА533000")
ORIGIN = Origin("Горводоканал", "22.11.2026, 12:00", "01.11.2026, 18:00")
PAYEE = Payee("ООО «Горводоканал»", "7707083893", "620001001", "ПАО СБЕРБАНК", "044525225", "40702810938000012345", "")
CODE = "ST00012|Name=ООО «Горводоканал»|Sum=154230|LastName=Иванов".encode()
#: As long as such codes become: everything that the standard lets us tell.
GOLDEN = (
    "ST00012|Name=ООО «Горводоканал»|PersonalAcc=40702810938000012345|BankName=ПАО СБЕРБАНК|BIC=044525225"
    "|CorrespAcc=30101810400000000225|PayeeINN=7707083893|KPP=620001001|PersAcc=1000123456|PaymPeriod=102026"
    "|Sum=154230|LastName=Иванов|FirstName=Иван|MiddleName=Иванович"
    "|PayerAddress=г. Рязань, ул. Ленина, д. 10, кв. 15|TechCode=02"
)
SUMS = Sums(
    OCTOBER, Money(1542_30), Money(1310_00), Money(1567_90), Money(-24_50), Money(2_68), Money(1_58), Money(1310_00)
)


def service(name: str, **values: Any) -> ServiceLine:
    """Make a line of 5 m³."""
    nothing = Money.zero()
    line = ServiceLine(name, "м³", "5.25", "38.46", Money(201_92), nothing, nothing, nothing, Money(201_92))
    return replace(line, **values)


BILL = BillPaper(
    company=COMPANY,
    payer=PAYER,
    sums=SUMS,
    lines=(
        service("Холодная вода", recalculated=Money(-24_50), total=Money(177_42)),
        service("Водоотведение", conceded=Money(2_68), penalty=Money(1_58), total=Money(200_82)),
    ),
    due_on=date(2026, 11, 15),
    credited_later=Money.zero(),
    is_newest=True,
    origin=ORIGIN,
    payee=PAYEE,
    code=CODE,
)
NASTY = [
    '#strong[x] $a_b$ *жир* _курсив_ @ссылка <метка> \\ // /* "кавычки" `код` = заголовок',
    "Zoë 😀 \u0301 \u202e \x07 \u200b 漢字 𝔘",
    "Ю" * 400,
    "Длинное имя " * 33,
    "<svg onload=alert(1)>",
    "=СУММ(A1)",
    "\r\n\t ",
    "{{ x }} ${x} %s {0} sys.inputs",
]


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in read(pdf).pages)


def fonts_of(pdf: bytes) -> Iterator[Any]:
    for page in read(pdf).pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            for descendant in font.get_object()["/DescendantFonts"]:
                yield descendant.get_object()


def test_bill_says_who_owes_what_for_what_and_how_to_pay_it() -> None:
    text = text_of(bill_pdf(BILL))
    for words in (
        "МУП «Горводоканал»",
        "Иванов Иван Иванович",
        "г. Рязань, ул. Ленина, д. 10, кв. 15",
        "№ 1000 123 456",
        "К оплате до 15 ноября 2026",
        "1\u202f542,30 ₽",
        "Холодная вода 5,25 м³ 38,46 201,92 −24,50 0,00 0,00 177,42",
        "На начало октября 1\u202f310,00",
        "Оплачено −1\u202f310,00",
        "40702810938000012345",
        "Данные поставщика на 01.11.2026, 18:00.",
    ):
        assert words in text.replace("\u00a0", " "), words


def test_bill_is_one_tagged_sheet_of_a4_in_russian_with_its_fonts_inside() -> None:
    pdf = bill_pdf(BILL)
    paper = read(pdf)
    (page,) = paper.pages
    assert [round(float(side) / 72 * 25.4) for side in page.mediabox[2:]] == [210, 297]
    root: Any = paper.trailer["/Root"]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("ru", True)
    assert paper.metadata is not None
    assert paper.metadata.title == "Квитанция за октябрь 2026, лицевой счёт № 1000 123 456"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf or "pdfuaid" in str(root["/Metadata"].get_data())
    fonts = list(fonts_of(pdf))
    assert fonts
    for font in fonts:
        assert "GolosText" in font["/BaseFont"]
        assert {"/FontFile2", "/FontFile3"} & set(font["/FontDescriptor"])


def test_bill_of_twenty_services_still_fits_one_sheet() -> None:
    lines = tuple(service(f"Услуга {number} на общие нужды дома") for number in range(20))
    assert len(read(bill_pdf(replace(BILL, lines=lines))).pages) == 1


def test_bill_of_a_hundred_services_goes_on_with_numbered_sheets() -> None:
    pdf = bill_pdf(replace(BILL, lines=tuple(service(f"Услуга {number}") for number in range(100))))
    assert "Страница 1 из 3" in text_of(pdf) or "Страница 1 из 4" in text_of(pdf)
    assert "Услуга 99" in text_of(pdf)


def test_bill_of_sums_alone_says_that_the_company_gives_no_lines() -> None:
    text = text_of(bill_pdf(replace(BILL, lines=(), sums=Sums(OCTOBER, Money(1542_30)))))
    assert "Поставщик передаёт порталу только общую сумму" in text
    assert "На начало" not in text


def test_bill_after_a_payment_asks_for_the_rest() -> None:
    text = text_of(bill_pdf(replace(BILL, credited_later=Money(1000_00)))).replace("\u00a0", " ")
    assert "Оплачено после неё −1\u202f000,00" in text
    assert "Оплатить 542,30 ₽" in text


@pytest.mark.parametrize(
    ("credited", "words"), [(1542_30, "Всё оплачено"), (1600_00, "спишем в счёт следующих начислений")]
)
def test_paid_bill_asks_for_nothing(credited: int, words: str) -> None:
    text = text_of(bill_pdf(replace(BILL, credited_later=Money(credited), code=b"")))
    assert words in text
    assert "отсканируйте" not in text


def test_bill_of_the_past_warns_against_paying_it() -> None:
    text = text_of(bill_pdf(replace(BILL, is_newest=False, code=b""))).replace(" \n", " ")
    assert "есть более поздняя квитанция: платите по ней" in text
    assert "Расчётный счёт" not in text


@pytest.mark.parametrize("nasty", NASTY)
def test_no_value_can_break_a_paper_or_change_what_is_typeset(nasty: str) -> None:
    bill = replace(
        BILL,
        company=Company(nasty, nasty, nasty, nasty, nasty),
        payer=Payer(nasty, nasty, nasty, nasty),
        lines=(service(nasty, unit=nasty[:20], volume=nasty[:24], tariff=nasty[:24]),),
        payee=Payee(nasty, nasty, nasty, nasty, nasty, nasty, nasty),
        origin=Origin(nasty, nasty, nasty),
    )
    text = text_of(bill_pdf(bill))
    shown = printable(nasty).split()
    assert all(word in text for word in shown if len(word) < 30)
    statement = StatementPaper(
        bill.company, bill.payer, OCTOBER, OCTOBER, (SUMS,), ((OCTOBER, bill.lines[0]),), bill.origin
    )
    statement_pdf(statement)
    book = load_workbook(io.BytesIO(statement_xlsx(statement)))
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    confirmation_pdf(ConfirmationPaper(bill.company, nasty, Money(1), nasty, nasty, nasty, nasty, nasty, bill.origin))


def test_fonts_draw_the_whole_alphabet() -> None:
    # An accessible PDF is refused by the typesetter when a sign has no picture.
    values = {"title": "Алфавит", "company": "".join(sorted(ALPHABET)), "company_details": [], "heading": "Алфавит"}
    rest = {"under": "", "amount": "", "state": "", "rows": [], "remark": "", "footer": ""}
    assert typeset("confirmation", values | rest)


def test_sign_without_a_picture_is_replaced_and_never_lost_in_silence() -> None:
    assert printable("Zoë и 😀\nточка\x07") == "Zoe и ? точка"


def test_code_is_drawn_of_these_very_bytes_and_large_enough_to_be_scanned() -> None:
    expected = segno.make(CODE, mode="byte", error="m", boost_error=False)
    assert code_svg(CODE) == expected.svg_inline(border=4, omitsize=True)
    # 38 mm with the quiet zone of four modules on each side; the largest code here is version 16.
    modules = 16 * 4 + 17
    assert 38 * modules / (modules + 8) >= 30


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251"])
def test_code_of_a_printed_bill_is_read_back_to_the_byte(encoding: str) -> None:
    code = GOLDEN.replace("ST00012", f"ST0001{'2' if encoding == 'utf-8' else '1'}").encode(encoding)
    sheet = page_of(bill_pdf(replace(BILL, code=code)), dots_per_inch=300)
    for photo in (
        sheet,
        sheet.reduce(2),
        sheet.resize((1000, 1414)),
        photographed(sheet, angle=4),
        photographed(sheet.reduce(2), angle=-7, blur=1),
        photographed(sheet, angle=12, noise=0.2, light=0.5),
    ):
        assert codes_on_photo(file_of(photo, quality=80)) == [code]


def test_bill_that_asks_for_nothing_bears_no_code() -> None:
    assert codes_on_photo(file_of(page_of(bill_pdf(replace(BILL, code=b""))))) == []


def test_bill_takes_less_than_a_second() -> None:
    bill_pdf(BILL)
    started = time.monotonic()
    bill_pdf(BILL)
    assert time.monotonic() - started < 1


def test_confirmation_says_that_the_money_has_come_and_is_no_receipt() -> None:
    text = text_of(
        confirmation_pdf(
            ConfirmationPaper(
                COMPANY, "1000 123 456", Money(1542_30), "48-1120", "СБП", "20.11.2026, 12:00", "20.11.2026, 12:01",
                "2d0e9c1b", ORIGIN,
            )
        )
    ).replace("\u00a0", " ")  # fmt: skip
    for words in ("№ 48-1120", "1\u202f542,30 ₽", "Зачислено на лицевой счёт", "не заменяет кассовый чек", "2d0e9c1b"):
        assert words in text


def statement() -> StatementPaper:
    """A year; the first month has sums alone."""
    months = [replace(SUMS, period=OCTOBER.shifted(back)) for back in range(-11, 1)]
    months[0] = Sums(months[0].period, Money(-120_00))
    lines = ((OCTOBER, BILL.lines[0]), (OCTOBER, BILL.lines[1]))
    return StatementPaper(COMPANY, PAYER, months[0].period, OCTOBER, tuple(months), lines, ORIGIN)


def test_statement_of_a_year_is_one_sheet_with_totals() -> None:
    pdf = statement_pdf(statement())
    assert len(read(pdf).pages) == 1
    text = text_of(pdf)
    assert "ноябрь 2025 — — — — — — −120,00" in text
    assert "Итого 17\u202f246,90 −269,50 −29,48 17,38 −14\u202f410,00" in text
    assert "Прочерк: этой суммы поставщик порталу не передал." in text


def test_spreadsheet_holds_real_numbers_under_a_frozen_head() -> None:
    months, services, about = load_workbook(io.BytesIO(statement_xlsx(statement()))).worksheets
    assert (months.title, services.title, about.title) == ("Начисления и оплаты", "По услугам", "О выписке")
    assert [cell.value for cell in months[13]] == ["октябрь 2026", 1310, 1567.9, -24.5, -2.68, 1.58, -1310, 1542.3]
    assert months["C2"].value is None
    assert (months["C13"].number_format, months.freeze_panes) == ("#,##0.00", "B2")
    assert [cell.value for cell in services[2]][:6] == ["октябрь 2026", "Холодная вода", "м³", 5.25, 38.46, 201.92]
    assert services.column_dimensions["B"].width > 10


def test_text_that_looks_like_a_formula_stays_a_text() -> None:
    rows = tuple((text,) for text in ("=1+1", "+7 900", "-5", "@x", "\x01зал"))
    (sheet,) = load_workbook(io.BytesIO(workbook([Sheet("Лист", ("Текст",), rows)]))).worksheets
    assert [(cell.value, cell.data_type) for cell in sheet["A"][1:]] == [
        ("=1+1", "s"), ("+7 900", "s"), ("-5", "s"), ("@x", "s"), ("зал", "s"),
    ]  # fmt: skip


def test_decimal_text_becomes_a_number_and_other_text_stays() -> None:
    assert Sheet.number("5,25") == Decimal("5.25")
    assert Sheet.number("норматив") == "норматив"
    assert Sheet.number("") == ""
