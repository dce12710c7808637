"""Screens of the feedback, in every state, width and theme."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.factories.files import photo
from tests.support.residents import answer_ticket
from tests.support.screens import Screen, Screens, Stage

pytestmark = pytest.mark.browser

SCREENS = Screens()

_TEXT = "textarea[name=text]"


@SCREENS.of("/support")
def guest(stage: Stage) -> Iterator[str]:
    stage.person.open("/support")
    stage.person.sees("8 800 000-00-00")
    yield "contacts"


@SCREENS.of("/support", "/support/new", "/support/[id]")
def ticket(stage: Stage) -> Iterator[str]:
    person = stage.settled("gorvodokanal")
    person.watch.own_words.add("jpg")
    person.open("/support")
    person.sees("Обращений пока нет.")
    yield "none"
    person.open("/support/new")
    expect(person.page.locator(_TEXT)).to_be_visible()
    yield "new"
    person.press("Отправить")
    person.sees("Выберите, о чём обращение.")
    expect(person.page.get_by_label("О чём обращение").filter(visible=True)).to_be_focused()
    yield "errors-new"
    person.page.locator("input[type=file]").set_input_files(
        {"name": "счётчик.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    expect(person.page.locator("progress")).to_have_count(0)
    person.page.get_by_label("О чём обращение").filter(visible=True).select_option("Другое")
    person.page.locator(_TEXT).fill("Почему в квитанции 140?\nСчётчик показывает 130.")
    yield "filled"
    person.press("Отправить")
    person.sees("Сообщение отправлено")
    yield "done"
    person.press("Отправить")
    expect(person.page.locator("#text-error")).not_to_be_empty()
    expect(person.page.locator(_TEXT)).to_be_focused()
    yield "error-text"
    answer_ticket(person.portal, person.page.url.rpartition("/")[2], "Проверили.\nСпишем лишнее в ноябре.")
    person.page.reload()
    person.sees("Спишем лишнее в ноябре.")
    person.page.get_by_text("Оценить ответ").click()
    yield "answered"
    person.press("Оценить")
    expect(person.page.locator("#rating-error")).not_to_be_empty()
    yield "error-rating"
    person.press("Вопрос решён, закрыть")
    person.sees("Обращение закрыто.")
    yield "done-closed"
    person.open("/support")
    expect(person.page.locator("li.topic")).to_have_count(1)
    yield "list"
    person.open("/support/nothing-is-here")
    expect(person.page.locator("main").get_by_role("link", name="На главную")).to_be_visible()
    yield "missing"


@pytest.mark.parametrize("screen", SCREENS.params())
def test_screen_is_for_everybody(stage: Stage, screen: Screen) -> None:
    found = screen.obstacles(stage)
    assert not found, "\n".join(found)
