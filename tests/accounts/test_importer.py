"""Loading registers, on both databases: every preset, all or nothing, nothing twice, nothing silently."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from openpyxl import Workbook
from sqlmodel import Session, col, select

from lkk_reflex.accounts.errors import (
    PresetNotChosen,
    ProviderUnknown,
    RegisterAlreadyLoaded,
    RegisterRefused,
    RegisterUnreadable,
)
from lkk_reflex.accounts.models import Bill, Charge, PersonalAccount, Register
from lkk_reflex.accounts.register.report import ImportReport
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.db import reading
from tests.accounts.conftest import Load, Write
from tests.accounts.test_presets import A, B, C, D, E, F
from tests.factories.accounts import make_provider
from tests.support.portal import HeldClock

HEADER = "ЛС;ФИО;Адрес;Период;Услуга;Объём;Тариф;Начислено;Перерасчёт;Льгота;Пени;На начало;Оплачено;К оплате"
FIRST = "0012;Иванов И. И.;ул. Мира, д. 1, кв. 2;10.2026;Вода;4;38,46;153,84;-3,84;;1,00;500,00;400,00;251,00"
SECOND = "0012;;;10.2026;Стоки;6;8,00;48,00;;;;;;48,00"


T = TypeVar("T", PersonalAccount, Bill, Charge, Register)


def stored(kind: type[T]) -> list[T]:
    """Return all rows of a table."""
    with reading() as session:
        return list(session.exec(select(kind).order_by(col(kind.id))))


def bills() -> dict[tuple[str, int], int]:
    """Return kopecks to pay by account and period."""
    with reading() as session:
        rows = session.exec(
            select(PersonalAccount.number, Bill.period, Bill.closing_kopecks).join(
                Bill, col(Bill.account_id) == col(PersonalAccount.id)
            )
        )
        return {(number, period): closing for number, period, closing in rows}


def refused(load: Load, file: Path, **order: Any) -> tuple[str, ImportReport]:
    """Load what must be refused; return the sentence and the report, and see that nothing was written."""
    before = stored(PersonalAccount), stored(Bill), stored(Charge), stored(Register)
    with pytest.raises(RegisterRefused) as refusal:
        load(file, **order)
    assert (stored(PersonalAccount), stored(Bill), stored(Charge), stored(Register)) == before
    report = refusal.value.params["report"]
    assert isinstance(report, ImportReport)
    return refusal.value.message, report


@pytest.mark.parametrize(
    ("encoding", "end"),
    [
        ("cp1251", "\r\n"),
        ("koi8-r", "\n"),
        ("cp866", ";\r\n"),
        ("utf-8", "\r\n\r\n"),
        ("utf-8-sig", "\n"),
    ],
)
def test_each_encoding_and_line_end_gives_the_same_account(load: Load, write: Write, encoding: str, end: str) -> None:
    report = load(write(A, encoding=encoding, end=end), preset="ls_fio_addr")
    assert bills() == {("1000123456", 202610): 154230}
    account = stored(PersonalAccount)[0]
    assert (account.owner_name, account.address) == ("ИВАНОВ ИВАН ИВАНОВИЧ", "Г РЯЗАНЬ, УЛ ЛЕНИНА, Д 10, КВ 15")
    assert (report.read_rows, report.accepted_rows, report.encoding) == (1, 1, encoding)


def test_the_last_line_needs_no_end(load: Load, write: Write) -> None:
    load(write(A + "\r\n" + A.replace("1000123456", "77"), end=""), preset="ls_fio_addr")
    assert bills() == {("1000123456", 202610): 154230, ("77", 202610): 154230}


@pytest.mark.parametrize(
    ("preset", "lines", "charges"),
    [
        ("ls_fio_addr", (A,), 0),
        ("sber_coop", (B,), 0),
        ("sber_old", ("#Реестр начислений за 10.2026", C), 0),
        ("sber_gis", ("#за 10.2026", D), 0),
        ("gorod_cft", ("#FILESUM 1542.30", "#TYPE 7", "#SERVICE 1234", "#начисления за 10.2026", E), 1),
    ],
)
def test_every_preset_gives_the_same_bill(
    load: Load, write: Write, preset: str, lines: tuple[str, ...], charges: int
) -> None:
    load(write(*lines, encoding="cp1251"), preset=preset)
    assert bills() == {("1000123456", 202610): 154230}
    assert len(stored(Charge)) == charges


def test_a_register_of_meters_gives_accounts_and_says_what_it_leaves(load: Load, write: Write) -> None:
    report = load(write(F), preset="sber_14_1")
    account = stored(PersonalAccount)[0]
    assert (account.number, account.unified_number) == ("1000123456", "75ДА533315")
    assert not stored(Bill)
    assert "Сами счётчики проверены, но не загружены." in " ".join(report.notes)


def test_a_code_of_service_in_place_of_the_period_makes_lines_of_a_bill(load: Load, write: Write) -> None:
    file = write(B.replace("1026", "ХВС"), B.replace("1026", "ГВС"))
    load(file, preset="sber_coop", period=BillingPeriod(2026, 9))
    assert bills() == {("1000123456", 202609): 2 * 154230}
    assert [charge.service for charge in stored(Charge)] == ["ХВС", "ГВС"]


def test_our_own_format_keeps_services_parts_and_leading_zeros(load: Load, write: Write) -> None:
    file = write("#ДАННЫЕ НА 01.11.2026 18:00", "#СТРОК 2", "#ИТОГО 299,00", HEADER, FIRST, SECOND)
    report = load(file)
    (bill,) = stored(Bill)
    parts = (bill.opening_kopecks, bill.charged_kopecks, bill.recalculated_kopecks, bill.conceded_kopecks)
    assert parts == (50000, 20184, -384, None)
    assert (bill.penalty_kopecks, bill.paid_kopecks, bill.closing_kopecks) == (100, 40000, 29900)
    assert bill.counts_payments_until == datetime(2026, 11, 1, 15, 0, tzinfo=UTC) == report.data_as_of
    assert bill.due_on.isoformat() == "2026-11-15"
    lines = stored(Charge)
    assert [(line.line, line.service, line.volume, line.total_kopecks) for line in lines] == [
        (1, "Вода", "4", 15100),
        (2, "Стоки", "6", 4800),
    ]
    assert bills() == {("0012", 202610): 29900}


def test_a_line_without_a_period_takes_the_one_that_was_told(load: Load, write: Write) -> None:
    load(write("ЛС;Период;К оплате", "1;;10,00", "2;09.2026;20,00"), period=BillingPeriod(2026, 8))
    assert bills() == {("1", 202608): 1000, ("2", 202609): 2000}


def test_a_bank_s_file_name_tells_the_period(load: Load, write: Write) -> None:
    load(write(C, name="7707083893_40702810012345678912_001_0926.txt"), preset="sber_old")
    assert bills() == {("1000123456", 202609): 154230}


def test_a_file_of_another_company_is_refused_by_its_name(load: Load, write: Write) -> None:
    file = write(C, name="1234567890_40702810012345678912_001_0926.txt")
    with pytest.raises(RegisterUnreadable) as refusal:
        load(file, preset="sber_old")
    assert "другой организации" in refusal.value.message


def test_a_register_without_any_period_is_refused(load: Load, write: Write) -> None:
    with pytest.raises(RegisterUnreadable) as refusal:
        load(write(C), preset="sber_old")
    assert "--period" in refusal.value.message


def test_a_workbook_is_read_like_our_csv(load: Load, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    rows: list[list[object]] = [
        ["#ДАННЫЕ НА", "2026-11-01 18:00"],
        ["ЛС", "ФИО", "Период", "Услуга", "Начислено", "К оплате", "Примечание"],
        ["0012", "Иванов И. И.", datetime(2026, 10, 1), "Вода", 0.1 + 0.2, 0.3, "x"],  # noqa: DTZ001
        [],
        [1234567, None, "10.2026", "Вода", 154.5, 154.5],
    ]
    for row in rows:
        sheet.append(row)
    sheet["A5"].number_format = "0000000000"
    book.save(tmp_path / "register.xlsx")
    report = load(tmp_path / "register.xlsx")
    assert bills() == {("0012", 202610): 30, ("0001234567", 202610): 15450}
    assert "Примечание" in " ".join(report.notes)


def test_a_workbook_that_claims_a_million_columns_is_read_without_them(load: Load, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["ЛС", "Период", "К оплате"])
    sheet.append(["12", "10.2026", 10])
    sheet.cell(2, 16_000, "far away")
    book.save(tmp_path / "register.xlsx")
    load(tmp_path / "register.xlsx")
    assert bills() == {("12", 202610): 1000}


def test_the_same_bytes_are_never_loaded_twice(load: Load, write: Write) -> None:
    load(write(A), preset="ls_fio_addr")
    with pytest.raises(RegisterAlreadyLoaded) as refusal:
        load(write(A, name="other name.csv"), preset="ls_fio_addr")
    assert "22.11.2026 в 12:00" in refusal.value.message
    assert len(stored(Register)) == 1


def test_a_format_is_offered_and_never_applied_by_itself(load: Load, write: Write) -> None:
    with pytest.raises(PresetNotChosen) as refusal:
        load(write(A))
    assert "--preset ls_fio_addr" in refusal.value.message
    assert not stored(Bill)


def test_an_unknown_format_or_provider_is_named(load: Load, write: Write) -> None:
    with pytest.raises(PresetNotChosen, match="preset_not_chosen"):
        load(write(A), preset="excel")
    with pytest.raises(ProviderUnknown, match="provider_unknown"):
        load(write(A), provider_code="nobody")


BAD_LINES = {
    "1000;ИВАНОВ;ул. Мира, 1;1026": "полей 4, а нужно 5",
    "1000;ИВАНОВ; ООО;ул. Мира, 1;1026;10.00": "полей 6, а нужно 5",
    ";ИВАНОВ;ул. Мира, 1;1026;10.00": "нет номера",
    "л/с №;ИВАНОВ;ул. Мира, 1;1026;10.00": "нет номера",
    "10 000 руб.;ИВАНОВ;ул. Мира, 1;1026;10.00": "не подходит поставщику",
    "1.23E+11;ИВАНОВ;ул. Мира, 1;1026;10.00": "не подходит поставщику",
    "1001;ИВАНОВ;ул. Мира, 1;1326;10.00": "период «1326» не читается",
    "1002;ИВАНОВ;ул. Мира, 1;;10.00": "нет расчётного периода",
    "1003;ИВАНОВ;ул. Мира, 1;1026;": "не читается",
    "1004;ИВАНОВ;ул. Мира, 1;1026;1.234": "не читается",
    "1005;ИВАНОВ;ул. Мира, 1;1026;1e5": "не читается",
    "1006;ИВАНОВ;ул. Мира, 1;1026;nan": "не читается",
    "1007;ИВАНОВ;ул. Мира, 1;1026;99999999999999": "не читается",
    "1008;ИВАНОВ;ул. Мира, 1;1026;9999999999999": "слишком большая",
    f"1009;{'И' * 161};ул. Мира, 1;1026;10.00": "слишком длинное",
    "1010;ИВА\x07НОВ;ул. Мира, 1;1026;10.00": "нечитаемые знаки",
    "2000;ИВАНОВ;ул. Мира, 1;1026;10.00": "не один раз",
}


def test_each_bad_line_is_reported_with_number_and_reason_and_nothing_is_loaded(load: Load, write: Write) -> None:
    lines = [*BAD_LINES, "2000;ПЕТРОВ;ул. Мира, 2;1026;20.00", A]
    message, report = refused(load, write(*lines, encoding="cp1251"), preset="ls_fio_addr", encoding="cp1251")
    assert "--skip-bad" in message
    found = {line.line: line.reason for line in report.rejected}
    assert set(found) == set(range(1, len(BAD_LINES) + 2))
    for number, reason in enumerate(BAD_LINES.values(), 1):
        assert reason in found[number]
    assert report.rejects_file is not None
    rejects = report.rejects_file.read_bytes().decode("cp1251").splitlines()
    assert sorted(line.rpartition(";")[0] for line in rejects) == sorted([*BAD_LINES, lines[-2]])


def test_good_lines_of_a_bad_register_are_loaded_only_when_asked(load: Load, write: Write) -> None:
    lines = [*BAD_LINES, "2000;ПЕТРОВ;ул. Мира, 2;1026;20.00", A]
    report = load(write(*lines), preset="ls_fio_addr", skips_bad=True)
    assert (report.accepted_rows, report.rejected_rows) == (1, len(lines) - 1)
    assert bills() == {("1000123456", 202610): 154230}


def test_bytes_that_are_no_letters_come_back_as_they_were(load: Load, tmp_path: Path) -> None:
    file = tmp_path / "register.txt"
    bad = b"1001;\xd0\x98\xff;x;1026;1.00"
    file.write_bytes(bad + b"\r\n" + A.encode() + b"\r\n")
    report = load(file, preset="ls_fio_addr", encoding="utf-8", skips_bad=True)
    assert report.rejects_file is not None
    assert report.rejects_file.read_bytes().startswith(bad + b";")


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        (("#FILESUM 1542.31",), "по контрольной строке"),
        (("#TYPE 7",), "нет строки #FILESUM"),
        (("#FILESUM 1542.30", "#СТРОК 2"), "строк в файле 1"),
    ],
)
def test_control_sums_that_do_not_match_refuse_the_whole_file(
    load: Load, write: Write, first: tuple[str, ...], reason: str
) -> None:
    message, _ = refused(load, write(*first, "#за 10.2026", E), preset="gorod_cft", skips_bad=True)
    assert reason in message


def test_a_control_sum_counts_rejected_lines_too(load: Load, write: Write) -> None:
    bad = E.replace("1000123456", "ЛС №")
    report = load(write("#FILESUM 3084.60", "#за 10.2026", E, bad), preset="gorod_cft", skips_bad=True)
    assert (report.accepted_rows, report.rejected_rows) == (1, 1)


def test_a_control_sum_over_an_unreadable_amount_cannot_match(load: Load, write: Write) -> None:
    bad = E.replace("1542.30", "много")
    message, _ = refused(load, write("#FILESUM 1542.30", "#за 10.2026", E, bad), preset="gorod_cft", skips_bad=True)
    assert "не считается" in message


@pytest.mark.parametrize("line", ["#ИТОГО много", "#СТРОК два", "#ДАННЫЕ НА вчера"])
def test_a_control_line_that_cannot_be_read_is_an_error_with_its_number(load: Load, write: Write, line: str) -> None:
    with pytest.raises(RegisterUnreadable) as refusal:
        load(write("#remark", line, HEADER, FIRST))
    assert "строка 2" in refusal.value.message


def test_a_bill_whose_parts_do_not_add_up_is_rejected_with_both_sums(load: Load, write: Write) -> None:
    _, report = refused(load, write(HEADER, FIRST, SECOND.replace(";48,00;;", ";47,00;;")))
    assert [line.line for line in report.rejected] == [2, 3]
    assert "298,00" in report.rejected[0].reason
    assert "299,00" in report.rejected[0].reason


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("ФИО;ЛС;Период", "нужны столбцы"),
        ("ЛС;ЛС;К оплате", "повторяется"),
    ],
)
def test_a_header_that_lacks_the_main_columns_is_refused(load: Load, write: Write, header: str, reason: str) -> None:
    with pytest.raises(RegisterUnreadable) as refusal:
        load(write(header, "1;2;3"), preset="own")
    assert reason in refusal.value.message


def test_quotes_of_spreadsheets_are_understood_in_our_format_only(load: Load, write: Write) -> None:
    load(write("ЛС;ФИО;Период;К оплате", '1;"ООО ""Рога; копыта""";10.2026;5,00'))
    account = stored(PersonalAccount)[0]
    assert account.owner_name == 'ООО "Рога; копыта"'


def test_a_quote_that_never_ends_rejects_its_line_alone(load: Load, write: Write) -> None:
    report = load(write("ЛС;ФИО;Период;К оплате", '1;"ООО;10.2026;5,00', "2;x;10.2026;5,00"), skips_bad=True)
    assert [line.line for line in report.rejected] == [2]


def test_an_overpayment_is_a_negative_sum(load: Load, write: Write) -> None:
    load(write(A.replace("1542.30", "-100,05")), preset="ls_fio_addr")
    assert bills() == {("1000123456", 202610): -10005}


def test_a_file_without_a_single_good_line_is_refused(load: Load, write: Write) -> None:
    message, _ = refused(load, write("1;2;3"), preset="ls_fio_addr", skips_bad=True)
    assert "ни одной годной" in message


def test_a_dry_run_says_everything_and_changes_nothing(load: Load, write: Write) -> None:
    load(write(A), preset="ls_fio_addr")
    file = write(A.replace("1542.30", "1.00"), A.replace("1000123456", "77"), name="next.csv")
    report = load(file, preset="ls_fio_addr", is_dry_run=True)
    assert (report.accounts_total, report.accounts_new, report.bills_replaced) == (2, 1, 1)
    assert bills() == {("1000123456", 202610): 154230}
    assert "Счетов в файле 2, из них новых 1." in report.sentences()
    assert load(file, preset="ls_fio_addr").bills_replaced == 1


def test_a_newer_register_replaces_the_bill_with_its_lines(load: Load, write: Write, held: HeldClock) -> None:
    load(write(HEADER, FIRST, SECOND))
    held.pass_(days=1)
    report = load(write(HEADER, SECOND.replace("Стоки", "Полив"), name="next.csv"))
    assert report.bills_replaced == 1
    assert bills() == {("0012", 202610): 4800}
    assert [charge.service for charge in stored(Charge)] == ["Полив"]


def test_a_newer_register_of_sums_takes_the_old_lines_away(load: Load, write: Write, held: HeldClock) -> None:
    load(write(HEADER, FIRST, SECOND))
    held.pass_(days=1)
    load(write("0012;;;1026;7.00", name="next.txt"), preset="ls_fio_addr")
    assert bills() == {("0012", 202610): 700}
    assert not stored(Charge)


def test_an_older_register_does_not_overwrite_newer_bills(load: Load, write: Write, held: HeldClock) -> None:
    load(write(HEADER, FIRST, SECOND))
    report = load(
        write("0012;;;1026;7.00", name="old.txt"), preset="ls_fio_addr", data_as_of=held.now - timedelta(days=1)
    )
    assert (report.bills_replaced, report.bills_kept) == (0, 1)
    assert bills() == {("0012", 202610): 29900}
    assert len(stored(Charge)) == 2


def test_an_empty_name_or_address_does_not_erase_the_known_one(load: Load, write: Write) -> None:
    load(write(A), preset="ls_fio_addr")
    load(write("1000123456;;;1126;1.00", name="next.txt"), preset="ls_fio_addr")
    load(write("1000123456;ПЕТРОВ;;1226;1.00", name="third.txt"), preset="ls_fio_addr")
    account = stored(PersonalAccount)[0]
    assert (account.owner_name, account.address) == ("ПЕТРОВ", "Г РЯЗАНЬ, УЛ ЛЕНИНА, Д 10, КВ 15")


def test_the_same_number_of_two_providers_is_two_accounts(load: Load, write: Write, session: Session) -> None:
    make_provider(session, code="gas")
    session.commit()
    load(write(A), preset="ls_fio_addr")
    load(write(A), preset="ls_fio_addr", provider_code="gas")
    assert len(stored(PersonalAccount)) == 2


def test_data_of_the_future_are_refused(load: Load, write: Write, held: HeldClock) -> None:
    with pytest.raises(RegisterUnreadable) as refusal:
        load(write(A), preset="ls_fio_addr", data_as_of=held.now + timedelta(days=1))
    assert "не наступил" in refusal.value.message


def test_without_a_moment_the_present_one_is_taken_and_said(load: Load, write: Write, held: HeldClock) -> None:
    report = load(write(A), preset="ls_fio_addr")
    assert report.data_as_of == held.now
    assert "взят нынешний" in " ".join(report.sentences())


def test_a_local_moment_belongs_to_the_provider_s_zone(load: Load, write: Write) -> None:
    report = load(write(A), preset="ls_fio_addr", data_as_of=datetime(2026, 11, 1, 18, 0))  # noqa: DTZ001
    assert report.data_as_of == datetime(2026, 11, 1, 15, 0, tzinfo=UTC)
