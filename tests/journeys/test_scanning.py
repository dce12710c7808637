"""The photo of a bill instead of its number: the bill that the portal itself prints, before the camera of a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, expect

from tests.support.bill_photos import code_picture, file_of, page_of, photographed
from tests.support.people import DESKTOP, PHONE, People, Person
from tests.support.town_bills import TownAccount, newest_period

pytestmark = pytest.mark.browser

_NUMBER = "Номер лицевого счёта"
_SCAN = "Сканировать код с квитанции"


def _photo(content: bytes) -> FilePayload:
    return {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": content}


def _photo_of_the_bill(people: People, account: TownAccount) -> FilePayload:
    """Let the owner of the account download the bill, and take a photo of it."""
    owner = people(DESKTOP)
    owner.settles(account)
    (link_id,) = owner.link_ids
    owner.portal.change("UPDATE account_link SET level = 'extended' WHERE public_id = ?", link_id)
    paper = owner.context.request.get(f"{owner.portal.address}/papers/bill/{link_id}/{newest_period().key}.pdf")
    assert paper.status == 200
    return _photo(file_of(photographed(page_of(paper.body(), dots_per_inch=200), angle=5), quality=80))


def _says(person: Person, text: str) -> None:
    expect(person.page.locator("#scanned")).to_have_text(text)


def _sees_nothing_of_the_owner(person: Person, account: TownAccount) -> None:
    for personal in (*account.owner.split(), account.address):
        assert personal not in person.page.content()


def test_account_is_connected_by_the_photo_of_its_bill(people: People, indebted: Callable[..., TownAccount]) -> None:
    account = indebted()
    photo = _photo_of_the_bill(people, account)
    person = people(PHONE)
    person.secrets.add(account.number)
    # A browser writes every refusal into its console.
    person.watch.expected += ["/scan/bill", "Failed to load resource"]
    person.settles()
    person.open("/cabinet/connect")
    person.chooses_provider(account)
    person.page.get_by_label(_SCAN).scroll_into_view_if_needed()
    person.picture("connect-scan-phone")
    person.page.get_by_label(_SCAN).set_input_files(_photo(file_of(code_picture(b"https://example.ru"))))
    _says(
        person,
        "Ошибка: Это не платёжный код. Снимите тот, рядом с которым стоят реквизиты для оплаты, или введите номер.",
    )
    person.picture("connect-scan-refused-phone")
    person.page.get_by_label(_SCAN).set_input_files(photo)
    _says(person, f"Код прочитан: {account.provider}, № {account.number}. Проверьте и продолжайте.")
    expect(person.field(_NUMBER)).to_have_value(account.number)
    expect(person.button("Подключить")).to_be_focused()
    _sees_nothing_of_the_owner(person, account)
    person.picture("connect-scan-read-phone")
    person.page.keyboard.press("Enter")
    person.sees_heading("Счёт подключён")
    person.sees(f"Счёт {account.provider} подключён.")


def test_bill_of_another_provider_is_connected_where_it_belongs(
    people: People, indebted: Callable[..., TownAccount]
) -> None:
    account = indebted()
    photo = _photo_of_the_bill(people, account)
    person = people(DESKTOP)
    person.secrets.add(account.number)
    person.settles()
    person.open("/cabinet/connect/mezhraigaz")
    person.page.get_by_label(_SCAN).set_input_files(photo)
    _says(person, f"Код прочитан: {account.provider}, № {account.number}. Проверьте и продолжайте.")
    person.press("Подключить")
    person.sees_heading("Счёт подключён")
    person.sees(account.provider)


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_guest_comes_to_the_sum_by_the_photo_of_the_bill(
    people: People, indebted: Callable[..., TownAccount], device: dict[str, object]
) -> None:
    account = indebted()
    photo = _photo_of_the_bill(people, account)
    person = people(device)
    person.secrets.add(account.number)
    person.open("/quick")
    person.page.get_by_label(_SCAN).set_input_files(photo)
    expect(person.page.get_by_role("radio", name=account.provider)).to_be_checked()
    expect(person.field(_NUMBER)).to_have_value(account.number)
    _sees_nothing_of_the_owner(person, account)
    person.picture(f"quick-scan-read-{'phone' if device is PHONE else 'desktop'}")
    person.press("Продолжить")
    person.sees_heading("Оплата без входа")
    person.sees_sum(account.sum_on_screen)


def test_button_is_not_there_without_scripts(people: People) -> None:
    person = people(PHONE)
    for path in ("/quick", "/cabinet/connect/gorvodokanal"):
        page = person.context.request.get(person.portal.address + path)
        assert page.status == 200
        assert _SCAN not in page.text()
