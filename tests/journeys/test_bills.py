"""Bills: the account's page, all months, one month by line, why so much, and the papers."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from babel.dates import format_date
from openpyxl import load_workbook
from playwright.sync_api import expect
from pypdf import PdfReader

from tests.support.people import DESKTOP, PHONE, People, Person
from tests.support.town_bills import TownAccount, newest_period, on_screen

pytestmark = pytest.mark.browser


def owner_of(person: Person, *accounts: TownAccount) -> str:
    """Let somebody have had accounts with extended access for a while; return the first one's name in addresses."""
    person.settles(*accounts)
    for link_id in person.link_ids:
        person.portal.change("UPDATE account_link SET level = 'extended' WHERE public_id = ?", link_id)
    return person.link_ids[0]


def _month(back: int = 0) -> str:
    """Return the month of the newest bill, or one so many months before it, as screens write it."""
    return newest_period().shifted(-back).label


def downloaded(person: Person, name: str) -> tuple[str, bytes]:
    """Follow a link to a file, and return the file's name and its bytes."""
    with person.page.expect_download() as waiting:
        person.page.get_by_role("link", name=name).or_(person.page.get_by_role("button", name=name)).first.click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_section_account_says_how_much_why_and_since_when(
    people: People, indebted: Callable[..., TownAccount], device: dict[str, object]
) -> None:
    person, account = people(device), indebted()
    link_id = owner_of(person, account)
    person.open("/account")
    person.page.wait_for_url(f"**/account/{link_id}")
    person.sees_sum(account.sum_on_screen)
    person.sees(account.owner)
    person.sees(f"На начало {format_date(newest_period().first_day, 'MMMM', locale='ru')}")
    person.sees("Почему столько?")
    person.picture(f"account-{'phone' if device is PHONE else 'desktop'}")
    person.follow("Разобрать по строкам")
    person.sees_heading(_month().capitalize())
    person.sees("Холодная вода")
    person.picture(f"bill-{'phone' if device is PHONE else 'desktop'}")


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_section_bills_holds_every_month_and_its_paper(
    people: People, indebted: Callable[..., TownAccount], device: dict[str, object]
) -> None:
    person, account = people(device, "dark"), indebted("uyutny-dom")
    link_id = owner_of(person, account, indebted())
    person.open("/bills")
    person.sees_heading("Начисления")
    expect(person.page.locator("tbody tr")).to_have_count(24)
    person.picture(f"bills-{'phone' if device is PHONE else 'desktop'}")
    person.page.get_by_role("navigation", name="Лицевой счёт").get_by_role("link").last.click()
    person.page.wait_for_url(f"**/bills/{person.link_ids[1]}")
    person.open(f"/bills/{link_id}")
    person.follow(_month().capitalize())
    person.sees_heading(_month().capitalize())
    person.picture(f"bill-of-many-lines-{'phone' if device is PHONE else 'desktop'}")
    name, paper = downloaded(person, "Скачать квитанцию, PDF")
    assert name == f"Квитанция за {_month()}.pdf"
    (page,) = PdfReader(io.BytesIO(paper)).pages
    text = page.extract_text()
    assert account.owner in text
    assert on_screen(account.owes_kopecks).replace("\u202f₽", "\u00a0₽") in text


def test_statement_of_chosen_months_is_a_pdf_and_a_spreadsheet(
    people: People, indebted: Callable[..., TownAccount]
) -> None:
    person, account = people(DESKTOP), indebted()
    owner_of(person, account)
    person.open("/bills")
    person.page.get_by_label("С месяца").select_option(label=_month(2))
    person.page.get_by_label("По месяц").select_option(label=_month(1))
    name, paper = downloaded(person, "Скачать PDF")
    assert name == "Выписка по лицевому счёту.pdf"
    assert f"{_month(2)} — {_month(1)}" in PdfReader(io.BytesIO(paper)).pages[0].extract_text()
    person.page.get_by_label("По месяц").select_option(label=_month())
    _, spreadsheet = downloaded(person, "Скачать XLSX")
    months = load_workbook(io.BytesIO(spreadsheet)).worksheets[0]
    assert [row[0].value for row in months.iter_rows(min_row=2)] == [_month(2), _month(1), _month()]


def test_basic_access_leads_to_extended_access_and_shows_no_bill(
    people: People, indebted: Callable[..., TownAccount]
) -> None:
    person, account = people(PHONE), indebted()
    person.settles(account)
    for path in ("/bills", f"/bill/{person.link_ids[0]}/{newest_period().key}"):
        person.open(path)
        person.sees("видны после подтверждения, что счёт ваш")
        person.does_not_see("Холодная вода")
        person.does_not_see(account.owner)
    person.picture("bill-basic-phone")
    answer = person.context.request.get(
        f"{person.portal.address}/papers/bill/{person.link_ids[0]}/{newest_period().key}.pdf"
    )
    assert answer.status == 404


def test_section_account_asks_which_of_several(people: People, indebted: Callable[..., TownAccount]) -> None:
    person = people(PHONE)
    owner_of(person, indebted(), indebted("mezhraigaz"))
    person.open("/account")
    person.sees_heading("Лицевой счёт")
    person.picture("account-choice-phone")
    person.page.get_by_role("link", name="Открыть").last.click()
    person.page.wait_for_url(f"**/account/{person.link_ids[1]}")
