"""The small script of every page, in a real browser with the real style sheet and no server behind."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, Route, expect

from lkk_reflex.ui.icons import icon

ASSETS = Path(__file__).resolve().parents[2] / "assets"

pytestmark = pytest.mark.browser

_POLICY = "default-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'"
_PAGE = """<!DOCTYPE html><html lang="ru"><head><title>Опыт</title>
<link rel="stylesheet" href="/portal.css"><script src="/portal.js" defer></script></head><body>
<main class="page"><form class="form" action="/sent" method="get">
<button type="button" class="round" aria-label="Подсказка" data-tip="tip" popovertarget="tip"><span></span></button>
<div id="tip" class="tip" role="tooltip" popover="auto">Номер стоит рядом с фамилией.</div>
<fieldset class="field picker"><button type="button" class="button-text picker-change">Изменить</button>
<input type="search" aria-label="Найти" class="input picker-search" data-filter="list">
<div class="picker-list" id="list">
<label class="choice"><input type="radio" name="provider" value="1"><span>Горводоканал</span></label>
<label class="choice"><input type="radio" name="provider" value="2"><span>УК Тёплый дом</span></label></div>
<p class="picker-none" hidden>Ничего не нашлось</p></fieldset>
<div class="with-button"><input type="password" id="password" class="input" aria-label="Пароль" value="abc12">
<button type="button" class="button-text" data-reveal="password"><span class="reveal-show">Показать</span>
<span class="reveal-hide">Скрыть</span></button></div>
<wait-button seconds="0" restart="0"><button type="button" class="wait-ready">Ещё раз</button>
<span class="wait-text">через&nbsp;<time></time></span></wait-button>
<focus-on to=""></focus-on>
<input name="number" class="input" aria-label="Номер"><div id="scanned" role="status"></div>
<label class="button">Сканировать<input type="file" class="sr-only" data-scan="scanned"></label>
<button type="submit" class="button">Отправить</button></form><p id="outside">Рядом</p></main></body></html>"""


def _answer(route: Route) -> None:
    name = route.request.url.rsplit("/", 1)[-1]
    if name in ("portal.css", "portal.js"):
        route.fulfill(path=ASSETS / name)
    elif name == "":
        route.fulfill(body=_PAGE, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": _POLICY})
    else:
        route.fulfill(status=204)


def _opened(browser: Browser, *, has_touch: bool = False) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=has_touch)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if "Content Security" in message.text else None)
    page.route("**/*", _answer)
    page.goto("http://portal.invalid/")
    yield page
    assert complaints == []
    context.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    yield from _opened(browser)


@pytest.fixture
def touch_page(browser: Browser) -> Iterator[Page]:
    yield from _opened(browser, has_touch=True)


@pytest.fixture
def tip(page: Page) -> Locator:
    return page.get_by_role("tooltip")


def _opener(page: Page) -> Locator:
    return page.get_by_role("button", name="Подсказка")


def test_hint_opens_on_hover_and_stays_while_the_pointer_is_on_it(page: Page, tip: Locator) -> None:
    _opener(page).hover()
    expect(tip).to_be_visible()
    tip.hover()
    page.wait_for_timeout(400)
    expect(tip).to_be_visible()
    page.locator("#outside").hover()
    expect(tip).to_be_hidden()


def test_hint_closes_by_escape_without_moving_the_pointer(page: Page, tip: Locator) -> None:
    _opener(page).hover()
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()


def test_hint_opens_for_a_keyboard_and_closes_when_it_goes_on(page: Page, tip: Locator) -> None:
    page.keyboard.press("Tab")
    expect(_opener(page)).to_be_focused()
    expect(tip).to_be_visible()
    page.keyboard.press("Enter")
    expect(tip).to_be_hidden()
    page.keyboard.press("Enter")
    expect(tip).to_be_visible()
    page.keyboard.press("Tab")
    expect(tip).to_be_hidden()


def test_clicked_hint_stays_until_a_click_elsewhere(page: Page, tip: Locator) -> None:
    _opener(page).click()
    expect(tip).to_be_visible()
    expect(_opener(page)).to_have_attribute("aria-expanded", "true")
    page.locator("#outside").hover()
    page.wait_for_timeout(400)
    expect(tip).to_be_visible()
    page.locator("#outside").click()
    expect(tip).to_be_hidden()
    expect(_opener(page)).to_have_attribute("aria-expanded", "false")


def test_hint_opens_and_closes_by_touch(touch_page: Page) -> None:
    hint = touch_page.get_by_role("tooltip")
    _opener(touch_page).tap()
    expect(hint).to_be_visible()
    touch_page.locator("#outside").tap()
    expect(hint).to_be_hidden()


def test_hint_never_leaves_the_screen(page: Page, tip: Locator) -> None:
    _opener(page).click()
    box = tip.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert box["y"] >= 0


def test_password_is_shown_on_request_and_hidden_when_sent(page: Page) -> None:
    field = page.get_by_label("Пароль")
    page.get_by_role("button", name="Показать").click()
    expect(field).to_have_attribute("type", "text")
    expect(page.get_by_role("button", name="Скрыть")).to_be_visible()
    page.get_by_role("button", name="Отправить").click()
    expect(field).to_have_attribute("type", "password")


def test_double_click_sends_a_form_once(page: Page) -> None:
    page.evaluate("window.sent = 0; document.forms[0].addEventListener('submit', () => window.sent++)")
    # A slow machine would take longer than a person does between the two.
    page.clock.install(time=0)
    page.clock.pause_at(1)
    page.get_by_role("button", name="Отправить").dblclick()
    assert page.evaluate("window.sent") == 1
    page.clock.run_for(500)
    page.get_by_role("button", name="Отправить").click()
    assert page.evaluate("window.sent") == 2


def test_changed_form_can_be_sent_again_at_once(page: Page) -> None:
    page.evaluate("window.sent = 0; document.forms[0].addEventListener('submit', () => window.sent++)")
    page.get_by_role("button", name="Отправить").click()
    page.get_by_label("Пароль").fill("abc123")
    page.get_by_role("button", name="Отправить").click()
    assert page.evaluate("window.sent") == 2


def test_list_is_searched_without_regard_to_case_and_yo(page: Page) -> None:
    page.get_by_label("Найти").fill("ТЕПЛЫЙ")
    expect(page.get_by_text("Горводоканал")).to_be_hidden()
    expect(page.get_by_text("УК Тёплый дом")).to_be_visible()
    page.get_by_label("Найти").fill("газ")
    expect(page.get_by_text("Ничего не нашлось")).to_be_visible()


def test_word_is_found_however_it_ends(page: Page) -> None:
    for typed in ("тёплая", "тёплые дома", "дом"):
        page.get_by_label("Найти").fill(typed)
        expect(page.get_by_text("УК Тёплый дом")).to_be_visible()
        expect(page.get_by_text("Горводоканал")).to_be_hidden()
    page.get_by_label("Найти").fill("дым")
    expect(page.get_by_text("УК Тёплый дом")).to_be_hidden()


def test_chosen_line_stays_alone_until_a_change_is_asked_for(page: Page) -> None:
    page.get_by_text("Горводоканал").click()
    expect(page.get_by_text("УК Тёплый дом")).to_be_hidden()
    page.get_by_role("button", name="Изменить").click()
    expect(page.get_by_text("УК Тёплый дом")).to_be_visible()
    expect(page.get_by_label("Найти")).to_be_focused()


def test_arrow_keys_walk_the_list_and_enter_settles_the_choice(page: Page) -> None:
    page.get_by_label("Найти").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_text("Горводоканал")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Горводоканал")).to_be_hidden()
    expect(page.get_by_text("УК Тёплый дом")).to_be_visible()


def test_repeat_button_appears_when_the_seconds_are_over(page: Page) -> None:
    again = page.get_by_role("button", name="Ещё раз")
    expect(again).to_be_visible()
    page.clock.install(time=0)
    page.clock.pause_at(1)
    page.locator("wait-button").evaluate("element => element.setAttribute('seconds', '2')")
    for left in ("0:02", "0:01"):
        expect(again).to_be_hidden()
        expect(page.locator("time")).to_have_text(left)
        expect(page.locator("time")).to_be_visible()
        page.clock.run_for(1100)
    expect(again).to_be_visible()


def test_same_wait_starts_anew_after_another_message(page: Page) -> None:
    waiting = page.locator("wait-button")
    page.clock.install(time=0)
    page.clock.pause_at(1)
    waiting.evaluate("element => element.setAttribute('seconds', '1')")
    expect(page.get_by_role("button", name="Ещё раз")).to_be_hidden()
    page.clock.run_for(1100)
    expect(page.get_by_role("button", name="Ещё раз")).to_be_visible()
    waiting.evaluate("element => element.setAttribute('restart', '1')")
    expect(page.get_by_role("button", name="Ещё раз")).to_be_hidden()


def test_named_element_gets_the_focus_and_gets_it_again(page: Page) -> None:
    def name(what: str) -> None:
        page.evaluate("what => document.querySelector('focus-on').setAttribute('to', what)", what)

    name("password 1")
    expect(page.locator("#password")).to_be_focused()
    page.get_by_role("searchbox").focus()
    name("password 2")
    expect(page.locator("#password")).to_be_focused()
    name("nothing-of-the-page 3")
    expect(page.locator("#password")).to_be_focused()


def _scanner(page: Page) -> Locator:
    return page.get_by_label("Сканировать")


def _answers(page: Page, *answers: dict[str, str] | None) -> list[str]:
    """Answer photo after photo; None is a lost connection. The list fills with what was asked."""
    asked: list[str] = []
    waiting = list(answers)

    def answer(route: Route) -> None:
        asked.append(f"{route.request.method} {route.request.url.partition('invalid')[2]}")
        told = waiting.pop(0)
        if told is None:
            route.abort()
        else:
            route.fulfill(json=told, status=200 if "said" in told else 422)

    page.route("**/scan/bill*", answer)
    return asked


_BILL: FilePayload = {"name": "bill.jpg", "mimeType": "image/jpeg", "buffer": b"photo"}
_WATER = {"number": "77", "provider": "1", "code": "ST00012|PersAcc=77|PayeeINN=1", "said": "Код прочитан."}


def test_photo_of_a_bill_fills_the_form_in_and_leaves_the_sending_to_the_person(page: Page) -> None:
    asked = _answers(page, _WATER)
    page.evaluate("window.sent = 0; document.forms[0].addEventListener('submit', () => window.sent++)")
    _scanner(page).set_input_files(_BILL)
    expect(page.get_by_role("status")).to_have_text("Код прочитан.")
    expect(page.get_by_label("Номер")).to_have_value("77")
    expect(page.get_by_text("УК Тёплый дом")).to_be_hidden()
    assert page.locator("[name=provider]:checked").input_value() == "1"
    expect(page.get_by_role("button", name="Отправить")).to_be_focused()
    assert (asked, page.evaluate("window.sent")) == (["POST /scan/bill?provider="], 0)


def test_photo_of_the_chosen_provider_keeps_the_choice(page: Page) -> None:
    asked = _answers(page, _WATER)
    page.get_by_text("Горводоканал").click()
    _scanner(page).set_input_files(_BILL)
    expect(page.get_by_label("Номер")).to_have_value("77")
    assert asked == ["POST /scan/bill?provider=1"]


def test_photo_of_a_provider_that_the_form_has_not_becomes_a_code(page: Page) -> None:
    _answers(page, _WATER | {"provider": "3"}, _WATER | {"provider": ""})
    _scanner(page).set_input_files(_BILL)
    expect(page.get_by_label("Номер")).to_have_value(_WATER["code"])
    _scanner(page).set_input_files(_BILL)
    expect(page.get_by_label("Номер")).to_have_value("77")
    assert page.locator("[name=provider]:checked").count() == 0


def test_refused_photo_leaves_what_was_typed_and_another_may_be_sent(page: Page) -> None:
    asked = _answers(page, {"error": "На снимке не нашли код."}, None, _WATER)
    page.get_by_label("Номер").fill("12")
    for told in ("На снимке не нашли код.", "Не получилось. Проверьте связь и попробуйте ещё раз."):
        _scanner(page).set_input_files(_BILL)
        expect(page.locator("#scanned .field-error")).to_have_text(f"Ошибка: {told}")
        expect(page.locator("#scanned .field-error > .icon + span")).to_have_text(f"Ошибка: {told}")
        expect(page.locator("#scanned .icon")).to_be_visible()
        expect(page.get_by_label("Номер")).to_have_value("12")
        expect(_scanner(page)).to_be_focused()
    _scanner(page).set_input_files(_BILL)
    expect(page.get_by_label("Номер")).to_have_value("77")
    assert len(asked) == 3


def test_refusal_of_the_script_is_drawn_as_that_of_a_field(page: Page) -> None:
    _answers(page, {"error": "На снимке не нашли код."})
    _scanner(page).set_input_files(_BILL)
    drawn = page.locator("#scanned .icon")
    expect(drawn).to_be_visible()
    path = str(icon("alert", small=True).children[0].d).strip('"')  # type: ignore[attr-defined]
    assert drawn.evaluate("icon => [icon.getAttribute('class'), icon.firstChild.getAttribute('d')]") == [
        "icon icon-small",
        path,
    ]


def test_photo_that_is_too_large_is_not_sent_at_all(page: Page) -> None:
    asked = _answers(page)
    page.evaluate("""() => {
        const files = new DataTransfer();
        files.items.add(new File([new Uint8Array(10 * 1024 * 1024 + 1)], "bill.jpg", { type: "image/jpeg" }));
        const input = document.querySelector("[data-scan]");
        input.files = files.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
    }""")
    expect(page.get_by_role("status")).to_have_text("Ошибка: Снимок больше 10 МБ. Уменьшите его или введите номер.")
    assert asked == []


def _held(page: Page) -> Callable[[dict[str, str]], None]:
    """Leave photos unanswered until the test calls this with the answer."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    def answer(told: dict[str, str]) -> None:
        # The page says that it asks before the question has come.
        while not held:
            page.wait_for_timeout(10)
        held.pop().fulfill(json=told)

    page.route("**/scan/bill*", hold)
    return answer


def test_while_a_photo_is_read_neither_another_nor_the_form_can_be_sent(page: Page) -> None:
    answer = _held(page)
    page.evaluate("window.sent = 0; document.forms[0].addEventListener('submit', () => window.sent++)")
    _scanner(page).set_input_files(_BILL)
    expect(page.get_by_role("status")).to_contain_text("Читаем код…")
    expect(page.get_by_role("progressbar", name="Читаем код")).to_be_visible()
    expect(_scanner(page)).to_be_disabled()
    page.get_by_role("button", name="Отправить").click()
    assert page.evaluate("window.sent") == 0
    answer(_WATER)
    expect(page.get_by_label("Номер")).to_have_value("77")
    expect(_scanner(page)).to_be_enabled()
    page.get_by_role("button", name="Отправить").click()
    assert page.evaluate("window.sent") == 1
    expect(page.get_by_role("status")).to_have_text("")


def test_form_that_was_drawn_anew_while_a_photo_was_read_gets_the_number(page: Page) -> None:
    answer = _held(page)
    _scanner(page).set_input_files(_BILL)
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.evaluate("""() => {
        const form = document.forms[0], anew = form.cloneNode(true);
        anew.querySelector("#scanned").replaceChildren();
        form.replaceWith(anew);
    }""")
    answer(_WATER)
    expect(page.get_by_label("Номер")).to_have_value("77")
    expect(page.get_by_role("status")).to_have_text("Код прочитан.")
