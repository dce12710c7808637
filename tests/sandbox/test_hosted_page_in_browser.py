"""The hosted page as a person meets it: any width, any theme, without a mouse and without scripts."""

from collections.abc import Iterator
from typing import Literal

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from lkk_reflex.sandbox.bank_server import RunningBank
from tests.sandbox.conftest import SHOP
from tests.sandbox.receiver import listening
from tests.sandbox.sdk import payment_body
from tests.support import patience

pytestmark = pytest.mark.browser

_SMALL_CONTROLS = """
() => [...document.querySelectorAll("a, button, input:not([type=hidden])")]
  .filter(control => control.getBoundingClientRect().height < 44).map(control => control.textContent)
"""
_CONTRASTS = """
() => {
  const rgb = text => text.match(/[0-9.]+/g).map(Number);
  const luminance = colour => colour.slice(0, 3).map(part => part / 255)
    .map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const ground = node => {
    for (let at = node; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll("body *")]
    .filter(node => [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim()))
    .map(node => {
      const [a, b] = [luminance(rgb(getComputedStyle(node).color)), luminance(ground(node))].sort((x, y) => y - x);
      return [(a + 0.05) / (b + 0.05), node.textContent.trim()];
    })
    .filter(([contrast]) => contrast < 4.5);
}
"""


@pytest.fixture(params=[(390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")], ids=lambda p: f"{p[0]}-{p[1]}")
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page without scripts, of every width and theme in turn, that fails on a breach of the content policy."""
    width, theme = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=theme, java_script_enabled=False, locale="ru-RU"
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    yield page
    context.close()
    assert complaints == []


@pytest.fixture(scope="module")
def back() -> Iterator[str]:
    """Address of the shop's page to come back to; its origin is another than the bank's, as in life."""
    with listening() as shop:
        yield f"{shop.url}/return?from=bank"


def _payment(bank: RunningBank, back: str) -> str:
    """Create a payment and return the address of its hosted page."""
    body = payment_body(confirmation={"type": "redirect", "return_url": back})
    answer = requests.post(
        f"{bank.api_url}/payments",
        json=body,
        auth=(SHOP.shop_id, SHOP.secret),
        headers={"Idempotence-Key": "1"},
        timeout=patience.SECONDS,
    )
    address: str = answer.json()["confirmation"]["confirmation_url"]
    return address


def _status(bank: RunningBank) -> str:
    status: str = bank.snapshot()["payments"][0]["status"]
    return status


def test_person_pays_by_a_sample_card(bank: RunningBank, page: Page, back: str) -> None:
    address = _payment(bank, back)
    page.goto(address)
    expect(page.get_by_role("heading", name="Оплата", exact=True)).to_be_visible()
    page.get_by_role("link", name="оплата пройдёт").click()
    with page.expect_request(lambda request: request.method == "POST") as posted:
        page.get_by_role("button", name="Оплатить 1").click()
    assert posted.value.header_value("origin") == bank.url
    page.wait_for_url(back)
    assert _status(bank) == "succeeded"


def test_person_is_refused_and_pays_by_sbp(bank: RunningBank, page: Page, back: str) -> None:
    address = _payment(bank, back)
    page.goto(address)
    page.get_by_role("link", name="банк откажет").click()
    page.get_by_role("button", name="Оплатить 1").click()
    expect(page.get_by_role("alert")).to_contain_text("На карте недостаточно денег.")
    assert _status(bank) == "pending"
    page.get_by_role("link", name="СБП").click()
    expect(page.get_by_role("img", name="QR-код")).to_be_visible()
    page.get_by_role("button", name="Оплатить в приложении банка").click()
    page.wait_for_url(back)
    assert _status(bank) == "succeeded"


def test_person_pays_by_keyboard_alone(bank: RunningBank, page: Page, back: str) -> None:
    address = _payment(bank, back)
    page.goto(address)
    expect(page.get_by_label("Номер карты")).to_be_focused()
    page.keyboard.type("4111 1111 1111 1111")
    page.keyboard.press("Tab")
    page.keyboard.type("12/40")
    page.keyboard.press("Tab")
    page.keyboard.type("123")
    page.keyboard.press("Enter")
    page.wait_for_url(back)
    assert _status(bank) == "succeeded"


def test_person_turns_back_without_paying(bank: RunningBank, page: Page, back: str) -> None:
    address = _payment(bank, back)
    page.goto(address)
    page.get_by_role("link", name="Вернуться, не платя").click()
    page.wait_for_url(back)
    assert _status(bank) == "pending"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_page_is_readable_and_within_reach(
    bank: RunningBank, browser: Browser, back: str, width: int, theme: Literal["light", "dark"]
) -> None:
    address = _payment(bank, back)
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=theme)
    page = context.new_page()
    for query in ("", "?card=ok", "?method=sbp", "?refused=call_issuer"):
        page.goto(address + query)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert page.evaluate(_SMALL_CONTROLS) == []
        assert page.evaluate(_CONTRASTS) == []
    context.close()
