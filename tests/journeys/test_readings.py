"""Giving readings: for themselves and together with a payment, at a phone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.factories.files import photo_with_place
from tests.support.live_portal import LivePortal
from tests.support.people import PHONE, People, Person
from tests.support.residents import print_pin
from tests.support.town_bills import TownAccount, newest_period
from tests.support.town_dials import dials_of

pytestmark = pytest.mark.browser

FIELD = "Показание на сегодня, м³"


@pytest.fixture
def account(indebted: Callable[..., TownAccount], live_portal: LivePortal) -> TownAccount:
    """A home with a debt and a gas meter, whose dial does not begin anew in the middle of a test."""
    found = indebted("mezhraigaz")
    while dials_of(live_portal, found.number)[0].last > 99_000:
        found = indebted("mezhraigaz")
    return found


@pytest.fixture
def resident(people: People, account: TownAccount) -> Person:
    """Somebody with the account connected."""
    person = people(PHONE)
    person.settles(account)
    return person


@pytest.fixture
def last(resident: Person, account: TownAccount) -> int:
    """What the meter showed last."""
    (dial,) = dials_of(resident.portal, account.number)
    return dial.last


def stands_at_the_form(person: Person) -> None:
    person.open("/readings")
    person.sees_heading("Передать показания")
    expect(person.field(FIELD)).to_be_visible()


def gives(person: Person, value: int | str) -> None:
    person.fill(FIELD, str(value))
    person.press("Передать показания")


def saved_values(person: Person) -> list[tuple[object, ...]]:
    return person.portal.rows(
        "SELECT reading.state, reading_value.value_milli / 1000 FROM reading "
        "JOIN reading_value ON reading_value.reading_id = reading.id JOIN meter ON meter.id = reading.meter_id "
        "JOIN account_link ON account_link.account_id = meter.account_id "
        "WHERE account_link.public_id = ? AND reading.source = 'subscriber' ORDER BY reading.id",
        person.link_ids[0],
    )


def payments(person: Person) -> list[tuple[object, ...]]:
    return person.portal.rows(
        "SELECT payment.status, payment.amount_kopecks FROM payment JOIN account_link USING (account_id) "
        "WHERE account_link.public_id = ? ORDER BY payment.created_at",
        person.link_ids[0],
    )


def test_reading_is_given_corrected_and_withdrawn(resident: Person, last: int) -> None:
    stands_at_the_form(resident)
    resident.sees(re.compile(f"Было {last}"))
    resident.fill(FIELD, str(last + 12))
    resident.sees(re.compile(r"Расход 12\s+м³ ≈.*₽"))
    resident.sees("Предварительно")
    resident.picture("readings-typed")
    resident.press("Передать показания")
    resident.sees(re.compile(r"Показания приняты .*№\s\d\d[-‑]\d{4}.*Учтём при расчёте"))
    resident.sees(f"Передано {last + 12}")
    resident.picture("readings-accepted")
    resident.press("Исправить")
    expect(resident.field(FIELD)).to_have_value(str(last + 12))
    resident.fill(FIELD, str(last + 40))
    resident.press("Не исправлять")
    expect(resident.field(FIELD)).to_be_hidden()
    assert saved_values(resident) == [("accepted", last + 12)]
    resident.press("Исправить")
    expect(resident.field(FIELD)).to_have_value(str(last + 12))
    expect(resident.field(FIELD)).to_be_focused()
    resident.picture("readings-correcting")
    resident.page.wait_for_timeout(500)
    gives(resident, last + 14)
    resident.sees(re.compile("Показания исправлены"))
    resident.sees(f"Передано {last + 14}")
    assert saved_values(resident) == [("replaced", last + 12), ("accepted", last + 14)]
    resident.page.get_by_text("Отозвать", exact=True).click()
    resident.press("Да, отозвать")
    resident.sees(re.compile("отозвано"))
    expect(resident.field(FIELD)).to_be_visible()
    assert saved_values(resident)[-1] == ("withdrawn", last + 14)
    gives(resident, last + 15)
    resident.sees(re.compile(r"Показания приняты .*№\s\d\d[-‑]\d{4}"))


def test_home_says_at_once_whether_the_reading_is_in(resident: Person, last: int) -> None:
    resident.open("/cabinet")
    # By the end of the month the window is over.
    resident.sees(re.compile(r"Передайте показания до \d+|Показания за .+ не переданы"))
    resident.picture("home-reading-due")
    stands_at_the_form(resident)
    gives(resident, last + 12)
    resident.sees(re.compile("Показания приняты"))
    resident.page.get_by_role("link", name="На главную").click()
    resident.sees(re.compile(r"Показания за .+ переданы"))
    resident.picture("home-reading-given")


def test_reading_that_is_on_its_way_into_the_bill_is_told_once_with_its_value(resident: Person, last: int) -> None:
    stands_at_the_form(resident)
    gives(resident, last + 12)
    resident.sees(re.compile("Показания приняты"))
    resident.portal.change(
        "UPDATE reading SET state = 'exported', exported_at = submitted_at WHERE source = 'subscriber' AND meter_id IN "
        "(SELECT meter.id FROM meter JOIN account_link USING (account_id) WHERE account_link.public_id = ?)",
        resident.link_ids[0],
    )
    resident.open("/readings")
    resident.sees(f"передано {last + 12}")
    resident.sees(re.compile("выгружено поставщику. Исправить может только поставщик"))
    resident.does_not_see(re.compile("уже передано поставщику"))
    expect(resident.button("Исправить")).to_have_count(0)
    resident.picture("readings-exported")


def test_zero_consumption_is_asked_about_and_can_be_revised(resident: Person, last: int) -> None:
    stands_at_the_form(resident)
    gives(resident, last)
    resident.sees(re.compile("Расход 0"))
    resident.picture("readings-question")
    assert saved_values(resident) == []
    resident.press("Исправить")
    expect(resident.button("Передать показания")).to_be_visible()
    resident.page.wait_for_timeout(500)
    resident.press("Передать показания")
    expect(resident.button("Да, всё верно")).to_be_visible()
    # A second press right after the first is taken for a double click.
    resident.page.wait_for_timeout(500)
    resident.press("Да, всё верно")
    resident.sees(re.compile("Показания приняты"))
    assert saved_values(resident) == [("accepted", last)]


def test_surprising_reading_is_proved_by_a_photo(resident: Person, last: int) -> None:
    resident.watch.own_words |= {"jpg"}
    # Far more than usual, and the dial may begin anew.
    value = (last + 2_000) % 100_000
    stands_at_the_form(resident)
    gives(resident, value)
    expect(resident.button("Да, всё верно")).to_be_visible()
    resident.sees(re.compile("можно приложить фото счётчика"))
    choosing = resident.page.locator("photo-field input[type=file]")
    choosing.set_input_files({"name": "счётчик.jpg", "mimeType": "image/jpeg", "buffer": photo_with_place()})
    resident.sees(re.compile("счётчик.jpg, 1.КБ"))
    resident.picture("readings-photo")
    resident.page.wait_for_timeout(500)
    resident.press("Да, всё верно")
    resident.sees(re.compile("Фото приложено"))
    assert saved_values(resident) == [("accepted", value)]
    resident.sees("с фото")
    shown = resident.page.viewport_size
    assert shown is not None
    resident.opens_in_place(resident.page.locator("td summary").first)
    resident.page.set_viewport_size(shown)
    resident.page.get_by_text("Принято", exact=True).click()
    picture = resident.page.get_by_role("img", name="Фото счётчика")
    expect(picture).to_be_visible()
    resident.page.wait_for_function("document.querySelector('.thumbnail').naturalWidth === 40")
    resident.picture("readings-photo-history")
    nobody = resident.page.context.browser
    assert nobody is not None
    stranger = nobody.new_context()
    answer = stranger.request.get(resident.portal.address + str(picture.get_attribute("src")))
    assert answer.status == 404
    stranger.close()


def test_yes_to_one_value_is_no_yes_to_another(resident: Person, last: int) -> None:
    stands_at_the_form(resident)
    gives(resident, last)
    expect(resident.button("Да, всё верно")).to_be_visible()
    resident.fill(FIELD, str(last + 5))
    expect(resident.button("Передать показания")).to_be_visible()
    resident.press("Передать показания")
    resident.sees(re.compile("Показания приняты"))
    assert saved_values(resident) == [("accepted", last + 5)]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("-5", "не бывает отрицательным"),
        ("1234567", "лишней цифры"),
        ("двадцать", "только цифры"),
        ("1", "Меньше прошлого показания"),
    ],
)
def test_wrong_value_is_explained_at_its_field_and_stays_there(resident: Person, typed: str, sentence: str) -> None:
    stands_at_the_form(resident)
    gives(resident, typed)
    expect(resident.error_of(FIELD)).to_contain_text(sentence)
    expect(resident.field(FIELD)).to_be_focused()
    expect(resident.field(FIELD)).to_have_value(typed)
    resident.sees("Проверьте, что введено")
    assert saved_values(resident) == []
    resident.picture("readings-refused")


def test_slow_press_sends_although_the_field_left_behind_speaks_up(resident: Person) -> None:
    stands_at_the_form(resident)
    resident.fill(FIELD, "1")
    resident.button("Передать показания").hover()
    resident.page.mouse.down()
    resident.page.wait_for_timeout(700)
    resident.page.mouse.up()
    resident.sees("Проверьте, что введено")


def test_empty_form_is_told_what_to_do(resident: Person) -> None:
    stands_at_the_form(resident)
    resident.press("Передать показания")
    resident.sees("Введите показание хотя бы одного счётчика.")
    expect(resident.field(FIELD)).to_be_focused()


def test_comma_and_a_space_are_read_as_people_write_them(resident: Person, last: int) -> None:
    stands_at_the_form(resident)
    gives(resident, f" {last + 3},0 ")
    resident.sees(re.compile("Показания приняты"))
    assert saved_values(resident) == [("accepted", last + 3)]


def test_pressing_twice_saves_once(resident: Person, last: int) -> None:
    stands_at_the_form(resident)
    resident.fill(FIELD, str(last + 6))
    resident.button("Передать показания").dblclick()
    resident.sees(re.compile("Показания приняты"))
    assert saved_values(resident) == [("accepted", last + 6)]


def test_charts_and_the_whole_history_come_with_extended_access(
    resident: Person, account: TownAccount, last: int
) -> None:
    stands_at_the_form(resident)
    resident.sees(re.compile("видны с расширенным доступом"))
    pin = print_pin(resident.portal, account)
    resident.secrets.add(pin)
    resident.portal.change("UPDATE account_link SET level = 'extended' WHERE public_id = ?", resident.link_ids[0])
    stands_at_the_form(resident)
    drawing = resident.page.get_by_role("img", name=re.compile("расход по месяцам"))
    expect(drawing).to_be_visible()
    resident.page.get_by_text("Показать таблицей").click()
    table = resident.page.get_by_role("table", name="Расход по месяцам")
    expect(table.get_by_role("rowheader", name=newest_period().label)).to_be_visible()
    drawing.scroll_into_view_if_needed()
    resident.picture("readings-chart")


def chooses_readings(person: Person) -> Locator:
    person.open(f"/pay/{person.link_ids[0]}")
    person.sees_heading("Оплата")
    person.page.get_by_role("radio", name="С показаниями счётчиков").check()
    expect(person.field(FIELD)).to_be_visible()
    return person.page.get_by_role("button", name=re.compile("^Оплатить"))


def test_debt_and_new_consumption_are_paid_at_once(resident: Person, account: TownAccount, last: int) -> None:
    pay = chooses_readings(resident)
    resident.fill(FIELD, str(last + 7))
    resident.sees(re.compile(r"Расход 7\sм³ ≈"))
    expect(pay).not_to_have_text(f"Оплатить {account.sum_on_screen}")
    resident.picture("pay-with-readings")
    pay.click()
    resident.page.wait_for_url("**/sandbox/bank/pay/**")
    assert saved_values(resident) == [("accepted", last + 7)]
    resident.pays_by_card()
    resident.sees_heading("Оплата прошла")
    resident.sees(re.compile(rf"Газ: {last + 7} — приняты, №\s\d\d[-‑]\d{{4}}"))
    resident.picture("paid-with-readings")
    ((status, kopecks),) = payments(resident)
    assert status == "succeeded"
    assert int(str(kopecks)) > account.owes_kopecks


def test_refused_payment_keeps_the_reading(resident: Person, last: int) -> None:
    pay = chooses_readings(resident)
    resident.fill(FIELD, str(last + 7))
    resident.sees(re.compile(r"Расход 7\sм³ ≈"))
    pay.click()
    resident.page.wait_for_url("**/sandbox/bank/pay/**")
    resident.press("Банк отказал")
    resident.sees("Оплата не прошла.")
    resident.open("/readings")
    resident.sees(f"Передано {last + 7}")
    assert saved_values(resident) == [("accepted", last + 7)]


def test_refused_reading_says_so_and_the_debt_can_still_be_paid(resident: Person, account: TownAccount) -> None:
    pay = chooses_readings(resident)
    resident.fill(FIELD, "1")
    pay.click()
    expect(resident.error_of(FIELD)).to_contain_text("Меньше прошлого показания")
    resident.sees(re.compile("оплата не начата"))
    assert payments(resident) == []
    resident.page.get_by_role("radio", name="Текущий долг").check()
    resident.starts_paying(account.sum_on_screen)
    assert saved_values(resident) == []


def test_who_comes_back_by_the_button_pays_and_gives_once(resident: Person, last: int) -> None:
    pay = chooses_readings(resident)
    resident.fill(FIELD, str(last + 9))
    resident.sees(re.compile(r"Расход 9\sм³ ≈"))
    pay.click()
    resident.page.wait_for_url("**/sandbox/bank/pay/**")
    resident.page.go_back()
    # The page is built anew: before that it shows for a moment what it was left with.
    resident.sees("Дождитесь результата, чтобы не заплатить дважды.")
    resident.page.get_by_role("radio", name="С показаниями счётчиков").check()
    expect(resident.field(FIELD)).to_have_value(str(last + 9))
    resident.sees(re.compile(r"Расход 9\sм³ ≈"))
    pay.click()
    resident.page.wait_for_url("**/sandbox/bank/pay/**")
    assert len(payments(resident)) == 1
    assert saved_values(resident) == [("accepted", last + 9)]
