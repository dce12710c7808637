"""What is written into a form, and its files, outlive a reload; the script in a real browser with no server behind."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

ASSETS = Path(__file__).resolve().parents[2] / "assets"

pytestmark = pytest.mark.browser

_POLICY = "default-src 'self'; style-src 'self'; script-src 'self'; form-action 'self'"
_PAGE = """<!DOCTYPE html><html lang="ru"><head><title>Опыт</title>
<link rel="stylesheet" href="/portal.css"><script src="/portal.js" defer></script></head><body>
<kept-draft of="new" sent=""><form action="/sent" method="get"><textarea name="text" aria-label="Сообщение"></textarea>
<label class="button">Прикрепить<input type="file" multiple class="sr-only"></label><ul aria-live="polite"></ul>
<label><input type="radio" name="recipient" value="support">Поддержка</label>
<label><input type="radio" name="recipient" value="provider" checked>Компания</label>
<select name="account" aria-label="Счёт">{options}</select>
<input type="hidden" name="files"><input type="hidden" name="intent"><button>Отправить</button></form></kept-draft>
</body></html>"""


class Server:
    """Answers uploads as it is told, and remembers what was taken back."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, str]] = []
        self.uploaded, self.discarded = 0, list[str]()
        self.accounts = ["первый", "второй"]

    def __call__(self, route: Route) -> None:
        """Answer one request."""
        path = route.request.url.removeprefix("http://portal.invalid")
        if path in ("/portal.css", "/portal.js"):
            route.fulfill(path=ASSETS / path[1:])
        elif path.partition("?")[0] == "/":
            page = {"content_type": "text/html; charset=utf-8", "headers": {"Content-Security-Policy": _POLICY}}
            options = "".join(f"<option>{account}</option>" for account in self.accounts)
            route.fulfill(body=_PAGE.format(options=options), **page)  # type: ignore[arg-type]
        elif route.request.method == "DELETE":
            self.discarded.append(path.rpartition("/")[2])
            route.fulfill(status=204)
        elif path in ("/support/attachments", "/readings/photo/meter"):
            self.uploaded += 1
            told = {"id": f"file-{self.uploaded}", "name": f"{self.uploaded}.jpg", "size": "1 КБ"}
            status, body = self.answers.pop(0) if self.answers else (200, json.dumps(told))
            route.abort() if status == 0 else route.fulfill(status=status, body=body)
        else:
            route.fulfill(status=204)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.route("**/*", server)
    page.goto("http://portal.invalid/")
    yield page
    assert errors == []
    context.close()


def attach(page: Page, *names: str, content: bytes = b"x") -> None:
    files: Any = [{"name": name, "mimeType": "image/jpeg", "buffer": content} for name in names]
    page.locator("input[type=file]").set_input_files(files)


def attach_and_wait(page: Page, *names: str) -> None:
    """Attach files and see every upload answered: until then the form holds no file, though the list shows it."""
    attach(page, *names)
    expect(page.get_by_role("button", name="Убрать")).to_have_count(len(names))
    expect(page.locator("progress")).to_have_count(0)


def taken_back(page: Page) -> AbstractContextManager[Any]:
    """Wait for the server to have been asked to take a file back, which nothing on the page shows."""
    return page.expect_response(lambda response: response.request.method == "DELETE")


def sent_fields(page: Page) -> dict[str, str]:
    found: dict[str, str] = page.evaluate("Object.fromEntries(new FormData(document.forms[0]))")
    return found


def test_text_files_and_the_name_of_the_form_outlive_a_reload(page: Page) -> None:
    page.get_by_label("Сообщение").fill("Две\nстроки")
    attach_and_wait(page, "a.jpg", "b.jpg")
    before = sent_fields(page)
    assert len(before["intent"]) == 32
    assert set(before["files"].split()) == {"file-1", "file-2"}
    page.reload()
    expect(page.get_by_role("button", name="Убрать")).to_have_count(2)
    after = sent_fields(page)
    assert {name: value.replace("\r", "") for name, value in after.items()} == {
        name: value.replace("\r", "") for name, value in before.items()
    }


def test_choices_outlive_a_reload_as_if_the_person_made_them_again(page: Page) -> None:
    page.get_by_label("Поддержка").check()
    page.get_by_label("Счёт").select_option("второй")
    # What the server shows and hides by a choice it learns from the same events.
    page.add_init_script(
        "window.told = []; document.addEventListener('change', ({ target }) => told.push(target.value))"
    )
    page.reload()
    expect(page.get_by_label("Поддержка")).to_be_checked()
    expect(page.get_by_label("Счёт")).to_have_value("второй")
    assert page.evaluate("told") == ["support", "второй"]


def test_account_that_is_no_longer_offered_is_not_chosen_again(page: Page, server: Server) -> None:
    page.get_by_label("Счёт").select_option("второй")
    page.get_by_label("Поддержка").check()
    server.accounts = ["первый", "третий"]
    page.reload()
    expect(page.get_by_label("Поддержка")).to_be_checked()
    expect(page.get_by_label("Счёт")).to_have_value("первый")


def test_address_that_names_an_account_wins_over_what_was_chosen_before(page: Page) -> None:
    page.get_by_label("Сообщение").fill("Вопрос")
    page.get_by_label("Счёт").select_option("второй")
    page.goto("http://portal.invalid/?account=1")
    expect(page.get_by_label("Сообщение")).to_have_value("Вопрос")
    expect(page.get_by_label("Счёт")).to_have_value("первый")
    page.get_by_label("Поддержка").check()
    page.reload()
    expect(page.get_by_label("Поддержка")).to_be_checked()
    expect(page.get_by_label("Счёт")).to_have_value("первый")


def test_saved_form_is_empty_again_and_has_a_new_name(page: Page) -> None:
    page.get_by_label("Сообщение").fill("Вопрос")
    attach_and_wait(page, "a.jpg")
    intent = sent_fields(page)["intent"]
    page.evaluate("intent => document.querySelector('kept-draft').setAttribute('sent', 'other ' + intent)", intent)
    fields = sent_fields(page)
    assert (fields["text"], fields["files"]) == ("", "")
    assert fields["intent"] != intent
    page.reload()
    expect(page.get_by_label("Сообщение")).to_have_value("")


def test_form_saved_elsewhere_is_forgotten(page: Page) -> None:
    page.get_by_label("Сообщение").fill("Вопрос")
    page.evaluate("document.querySelector('kept-draft').setAttribute('sent', 'another form')")
    expect(page.get_by_label("Сообщение")).to_have_value("Вопрос")
    intent = sent_fields(page)["intent"]
    page.evaluate(
        """intent => {
          const other = document.querySelector("kept-draft").cloneNode(true);
          other.setAttribute("of", "ticket");
          other.setAttribute("sent", intent);
          document.body.append(other);
        }""",
        intent,
    )
    assert page.evaluate("sessionStorage.getItem('draft new')") is None


def test_taken_away_file_is_taken_back_from_the_server(page: Page, server: Server) -> None:
    attach_and_wait(page, "a.jpg", "b.jpg")
    with taken_back(page):
        page.get_by_role("button", name="Убрать").first.click()
    expect(page.locator("input[type=file]")).to_be_focused()
    assert len(sent_fields(page)["files"].split()) == 1
    assert len(server.discarded) == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((422, '{"error": "Файл пустой. Выберите другой."}'), "a.jpg: Файл пустой."),
        ((500, "<html>"), "a.jpg: не получилось, попробуйте ещё раз"),
        ((0, ""), "a.jpg: нет связи, попробуйте ещё раз"),
    ],
)
def test_refused_file_is_told_and_not_sent(page: Page, server: Server, answer: tuple[int, str], words: str) -> None:
    server.answers = [answer]
    attach(page, "a.jpg")
    expect(page.get_by_text(words)).to_be_visible()
    expect(page.locator("li .field-error > .icon")).to_be_visible()
    assert sent_fields(page)["files"] == ""
    page.get_by_role("button", name="Убрать").click()
    expect(page.locator("li")).to_have_count(0)


def test_too_many_and_too_large_files_are_not_even_uploaded(page: Page, server: Server) -> None:
    attach(page, "big.jpg", content=b"\0" * (10 * 1024 * 1024 + 1))
    expect(page.get_by_text("файл больше 10 МБ")).to_be_visible()
    page.get_by_role("button", name="Убрать").click()
    attach_and_wait(page, *(f"{number}.jpg" for number in range(6)))
    expect(page.get_by_text("можно не больше 5 файлов")).to_be_visible()
    assert server.uploaded == 5


def test_refused_files_take_no_room_from_those_that_come(page: Page, server: Server) -> None:
    server.answers = [(422, '{"error": "Файл пустой."}')] * 2
    attach(page, "empty.jpg", "empty too.jpg")
    expect(page.get_by_text("Файл пустой.")).to_have_count(2)
    attach(page, "big.jpg", content=b"\0" * (10 * 1024 * 1024 + 1))
    expect(page.get_by_text("файл больше 10 МБ")).to_be_visible()
    attach(page, *(f"{number}.jpg" for number in range(6)))
    expect(page.get_by_text("можно не больше 5 файлов")).to_have_count(1)
    expect(page.get_by_role("button", name="Убрать")).to_have_count(9)
    expect(page.locator("progress")).to_have_count(0)
    assert len(sent_fields(page)["files"].split()) == 5
    assert server.uploaded == 2 + 5


def test_files_are_listed_and_counted_apart_from_what_is_wrong_with_the_form(page: Page, server: Server) -> None:
    page.evaluate(
        """() => document.forms[0].insertAdjacentHTML(
          "afterbegin", '<div role="alert"><ul><li>Выберите тему.</li><li>Напишите.</li></ul></div>')"""
    )
    attach_and_wait(page, *(f"{number}.jpg" for number in range(5)))
    expect(page.locator("ul[aria-live] li")).to_have_count(5)
    page.evaluate("document.querySelector('[role=alert]').remove()")
    assert len(sent_fields(page)["files"].split()) == server.uploaded == 5


def test_form_waits_for_its_files(page: Page, server: Server) -> None:
    page.evaluate(
        "window.sent = 0; document.forms[0].addEventListener('submit', (e) => { e.preventDefault(); window.sent++ })"
    )
    page.unroute("**/*")
    page.route("**/support/attachments", lambda route: None)
    attach(page, "a.jpg")
    expect(page.get_by_label("Загружаем a.jpg")).to_be_visible()
    page.get_by_role("button", name="Отправить").click()
    assert page.evaluate("window.sent") == 0
    page.get_by_role("button", name="Убрать").click()
    page.get_by_role("button", name="Отправить").click()
    assert page.evaluate("window.sent") == 1


def test_photo_field_names_one_photo_and_another_takes_its_place(page: Page, server: Server) -> None:
    page.evaluate(
        """() => document.querySelector('[name=intent]').insertAdjacentHTML('afterend',
        '<photo-field to="/readings/photo/meter"><label>Приложить фото<input type="file"></label>'
        + '<ul aria-live="polite"></ul>'
        + '<input type="hidden" name="photo-meter"></photo-field>')"""
    )
    field = page.locator("photo-field")

    def choose() -> None:
        file: Any = {"name": "dial.jpg", "mimeType": "image/jpeg", "buffer": b"x"}
        field.locator("input[type=file]").set_input_files(file)

    choose()
    expect(field.get_by_role("listitem")).to_have_text("1.jpg, 1 КБУбрать dial.jpg")
    assert sent_fields(page)["photo-meter"] == "file-1"
    assert sent_fields(page)["files"] == ""
    with taken_back(page):
        choose()
    expect(field.get_by_role("listitem")).to_have_text("2.jpg, 1 КБУбрать dial.jpg")
    assert sent_fields(page)["photo-meter"] == "file-2"
    assert server.discarded == ["file-1"]
    field.get_by_role("button", name="Убрать dial.jpg").click()
    expect(field.get_by_role("listitem")).to_have_count(0)
    assert sent_fields(page)["photo-meter"] == ""
    server.answers.append((422, json.dumps({"error": "Подойдёт фото."})))
    choose()
    expect(field.get_by_role("listitem")).to_contain_text("dial.jpg: Подойдёт фото.")
    assert sent_fields(page)["photo-meter"] == ""
