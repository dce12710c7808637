"""Feedback: a question to the support and to a company, with a photo; the staff answers from its command line."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from lkk_reflex.kit.numbers import numbered, plain_number
from tests.factories.files import document, photo, photo_with_place
from tests.support.patience import until
from tests.support.people import DESKTOP, PHONE, People, Person, Theme
from tests.support.town_bills import TownAccount

pytestmark = pytest.mark.browser

_QUESTION = "Здравствуйте!\nСчётчик показывает 130, а в квитанции 140. Почему?"
#: Where the demo's staff gets its letters.
_SUPPORT = "help@example.ru"
_COMPANY = "abonent@gorvodokanal.example"


def picks_topic(person: Person, topic: str) -> None:
    """Choose in the field of the recipient, which the answer of the server shows."""
    field = person.page.get_by_label("О чём обращение").filter(visible=True)
    expect(field).to_contain_text(topic)
    field.select_option(topic)


def writes(person: Person, text: str = _QUESTION) -> None:
    """Fill in the message of the form on the screen."""
    person.page.locator("textarea[name=text]").fill(text)


def attaches(person: Person, name: str, content: bytes) -> None:
    """Choose a file as a phone or a computer does."""
    kind = {"jpg": "image/jpeg", "pdf": "application/pdf"}.get(name.rpartition(".")[2], "application/octet-stream")
    person.page.locator("input[type=file]").set_input_files({"name": name, "mimeType": kind, "buffer": content})


def opens_ticket(person: Person, topic: str, *, recipient: str = "") -> str:
    """Send the form that is filled in, and return the number that the page names."""
    if recipient:
        person.page.get_by_role("radio", name=recipient).check()
    picks_topic(person, topic)
    writes(person)
    person.press("Отправить")
    person.sees_heading(re.compile(r"Обращение №\s\d{3}[-‑]\d{4}"))
    found = re.search(r"\d{3}-\d{4}", plain_number(person.page.locator("h1").inner_text()))
    assert found
    return found[0]


@pytest.mark.parametrize(
    ("device", "theme"), [(PHONE, "light"), (PHONE, "dark"), (DESKTOP, "light"), (DESKTOP, "dark")]
)
def test_question_to_the_support_is_answered_rated_closed_and_opened_again(
    people: People, device: dict[str, Any], theme: Theme
) -> None:
    person = people(device, theme)
    screen = f"{device['viewport']['width']}-{theme}"
    person.settles()
    person.open("/support")
    person.sees("Обращений пока нет.")
    person.picture(f"support-empty-{screen}")
    letters = len(person.portal.messages(_SUPPORT))
    person.follow("Написать")
    person.sees_heading("Написать нам")
    person.sees(re.compile(r"Ответим до .* \(10 рабочих дней\)"))
    person.picture(f"support-new-{screen}")
    number = opens_ticket(person, "Оплата на портале")
    person.sees("Сообщение отправлено")
    person.sees(re.compile(r"Ответим до .* \(10 рабочих дней\)"))
    person.picture(f"support-sent-{screen}")
    until(lambda: len(person.portal.messages(_SUPPORT)) > letters)

    assert number in person.portal.lkk("ticket", "list")
    assert "130, а в квитанции 140" in person.portal.lkk("ticket", "show", number)
    person.portal.lkk("ticket", "answer", number, "--text", "Проверили.\nСпишем лишнее в ноябре.")
    link = re.search(r"https?://\S+/support/\S+", person.portal.message(person.login))
    assert link
    person.page.goto(link[0])
    person.sees("Спишем лишнее в ноябре.")
    expect(person.page.locator(".badge")).to_have_text("Есть ответ")
    person.picture(f"support-answered-{screen}")

    writes(person, "Спасибо, а когда придёт квитанция?")
    person.press("Отправить")
    person.sees("Сообщение отправлено")
    expect(person.page.get_by_role("textbox", name="Ваше сообщение")).to_have_value("")
    expect(person.page.locator(".badge")).to_have_text("Ждёт ответа")
    person.page.get_by_text("Оценить ответ").click()
    person.page.get_by_role("radio", name="Хорошо").check()
    person.picture(f"support-rating-{screen}")
    person.press("Оценить")
    person.sees("Ваша оценка: 4 из 5")
    person.press("Вопрос решён, закрыть")
    person.sees("Обращение закрыто.")
    person.press("Открыть снова")
    person.sees("Обращение снова открыто")
    expect(person.page.get_by_role("textbox", name="Ваше сообщение")).to_be_visible()
    person.open("/support")
    expect(person.page.locator("li.topic")).to_contain_text(numbered(number))
    person.picture(f"support-list-{screen}")


def test_photo_reaches_the_company_clean_and_nobody_else(people: People, indebted: Callable[..., TownAccount]) -> None:
    person, stranger = people(PHONE), people(PHONE)
    person.settles(indebted())
    stranger.settles()
    person.watch.own_words |= {"jpg", "pdf"}
    person.open("/support/new")
    attaches(person, "счётчик.jpg", photo_with_place())
    attaches(person, "акт.pdf", document())
    attaches(person, "лишнее.jpg", photo())
    expect(person.page.get_by_role("button", name="Убрать")).to_have_count(3)
    expect(person.page.locator("progress")).to_have_count(0)
    person.button("Убрать лишнее.jpg").click()
    expect(person.page.get_by_role("button", name="Убрать")).to_have_count(2)
    person.picture("support-files")
    letters = len(person.portal.messages(_COMPANY))
    number = opens_ticket(person, "Начисления и перерасчёт")
    until(lambda: len(person.portal.messages(_COMPANY)) > letters)
    person.sees("МУП «Горводоканал»")
    expect(person.page.locator("article a")).to_have_text(["счётчик.jpg", "акт.pdf"])
    person.picture("support-with-files")

    shown = person.portal.lkk("ticket", "show", number)
    paths = [Path(path) for path in re.findall(r"КБ: (\S+)", shown)]
    assert [path.stat().st_mode & 0o777 for path in paths] == [0o600, 0o600]
    assert paths[0].parent.stat().st_mode & 0o777 == 0o700
    assert b"SecretCameraMaker" not in paths[0].read_bytes()

    href = str(person.page.locator("article a").first.get_attribute("href"))
    own = person.context.request.get(person.portal.address + href)
    assert (own.status, own.headers["content-type"]) == (200, "image/jpeg")
    foreign = stranger.context.request.get(stranger.portal.address + href)
    nothing = stranger.context.request.get(f"{stranger.portal.address}/support/attachments/nothing-is-here")
    assert foreign.status == nothing.status == 404
    assert foreign.text() == nothing.text()


def test_nothing_typed_is_lost_by_an_error_or_a_reload_and_a_sent_draft_is_gone(
    people: People, indebted: Callable[..., TownAccount]
) -> None:
    person = people(PHONE)
    person.settles(indebted())
    person.watch.own_words.add("jpg")
    person.open("/support/new")
    attaches(person, "счётчик.jpg", photo())
    expect(person.button("Убрать счётчик.jpg")).to_be_visible()
    expect(person.page.locator("progress")).to_have_count(0)
    writes(person)
    person.press("Отправить")
    person.sees("Выберите, о чём обращение.")
    expect(person.page.get_by_label("О чём обращение").filter(visible=True)).to_be_focused()
    expect(person.page.locator("textarea[name=text]")).to_have_value(_QUESTION)
    person.picture("support-refused")
    picks_topic(person, "Показания")
    person.page.get_by_role("radio", name="Технической поддержке").check()
    picks_topic(person, "Оплата на портале")
    person.page.get_by_label("О каком лицевом счёте").select_option("")
    person.page.reload()
    expect(person.page.locator("textarea[name=text]")).to_have_value(_QUESTION)
    expect(person.button("Убрать счётчик.jpg")).to_be_visible()
    expect(person.page.get_by_role("radio", name="Технической поддержке")).to_be_checked()
    topic = person.page.get_by_label("О чём обращение").filter(visible=True)
    expect(topic).to_have_value("paying")
    expect(person.page.get_by_label("О каком лицевом счёте")).to_have_value("")
    person.picture("support-reloaded")
    person.press("Отправить")
    person.sees_heading(re.compile("Обращение №"))
    person.sees("Оплата на портале")
    expect(person.page.locator("article a")).to_have_text("счётчик.jpg")
    person.open("/support/new")
    expect(person.page.locator("textarea[name=text]")).to_have_value("")
    expect(person.page.get_by_role("radio", name="Технической поддержке")).not_to_be_checked()
    expect(topic).to_have_value("")
    expect(person.page.get_by_role("button", name="Убрать")).to_have_count(0)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("вирус.jpg", b"MZ" + b"\0" * 100, "Подойдут фото"),
        ("акт.pdf", document(script="app.alert(1)"), "вложенные файлы или программы"),
        ("пусто.jpg", b"", "Файл пустой"),
        ("большой.jpg", b"\xff\xd8" + b"\0" * (10 * 1024 * 1024), "больше 10 МБ"),
    ],
)
def test_file_that_is_not_taken_is_explained_and_can_be_taken_away(
    people: People, name: str, content: bytes, sentence: str
) -> None:
    person = people(PHONE)
    person.settles()
    person.watch.own_words |= {"jpg", "pdf"}
    # The browser reports an answer of refusal to its console.
    person.watch.expected += ["/support/attachments", "Failed to load resource"]
    person.open("/support/new")
    attaches(person, name, content)
    person.sees(re.compile(sentence))
    person.button(f"Убрать {name}").click()
    expect(person.page.get_by_role("button", name="Убрать")).to_have_count(0)
    opens_ticket(person, "Другое")


@pytest.mark.parametrize(("device", "screen"), [(PHONE, "390"), (DESKTOP, "1280")])
def test_guest_sees_whom_to_call_and_the_way_to_sign_in(people: People, device: dict[str, Any], screen: str) -> None:
    person = people(device)
    person.open("/support")
    person.sees_heading("Обратная связь")
    person.sees("8 800 000-00-00")
    person.sees("по будням с 8 до 17")
    person.sees(_COMPANY)
    person.picture(f"support-guest-{screen}")
    person.follow("Войти и написать")
    person.sees_heading("Вход в кабинет")


def test_contacts_of_the_support_stand_on_every_public_page(people: People) -> None:
    person = people(PHONE)
    for path in ("/", "/sign-in", "/register", "/help", "/support"):
        person.open(path)
        footer = person.page.locator("footer")
        expect(footer).to_contain_text("8 800 000-00-00")
        expect(footer).to_contain_text(_SUPPORT)


def test_ticket_of_somebody_else_looks_like_a_wrong_address(people: People) -> None:
    owner, stranger = people(PHONE), people(PHONE)
    owner.settles()
    stranger.settles()
    owner.open("/support/new")
    opens_ticket(owner, "Другое")
    texts = []
    for path in (owner.page.url.removeprefix(owner.portal.address), "/support/there-is-no-such-ticket"):
        stranger.open(path)
        expect(stranger.link("На главную")).to_be_visible()
        texts.append(stranger.page.locator("main").inner_text())
    assert texts[0] == texts[1]
