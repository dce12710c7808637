"""Somebody at a browser, in front of the real portal: what a person does and sees, in the words of the screen."""

import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from itertools import count
from pathlib import Path
from typing import Any, Literal, Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, expect

from tests.support import patience
from tests.support.fresh_town import has_debtors_for_a_file, renew
from tests.support.line import Line, has_many_addresses, line
from tests.support.live_portal import LivePortal, own_portal, shared_portal
from tests.support.locks import locked
from tests.support.residents import Resident, settle
from tests.support.screen import Watch, until_alive
from tests.support.town_bills import TownAccount, take_indebted

Theme = Literal["light", "dark"]

#: Where pictures of the screens go, if anywhere.
SCREENSHOTS = "LKK_SCREENSHOTS"
_PLACE_IN_TABLE = """line => {
  const [own, table] = [line, line.closest("table")].map(part => part.getBoundingClientRect());
  return [own.left - table.left, own.top - table.top, own.width, own.height];
}"""

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}

_PATIENCE_MS = 1000 * patience.SECONDS
#: Narrower screens have no side bar.
_SIDE_BAR_WIDTH = 900
#: More stops than any page has.
_LONGEST_WAY = 120
#: A ring may be drawn by the element itself or by the card whose radio button it is.
_IS_FOCUS_SEEN = """
() => {
  const drawn = (node) => {
    const style = getComputedStyle(node);
    return style.boxShadow !== "none" || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0);
  };
  const focused = document.activeElement;
  const card = focused.closest("label");
  return focused.matches(":focus-visible") && (drawn(focused) || (card && drawn(card)));
}
"""


class Person:
    """One person with a browser of his own: no cookies, no history, an address of his own."""

    def __init__(self, context: BrowserContext, portal: LivePortal, way: Line, watch: Watch) -> None:
        """Sit down at an empty tab."""
        self.context, self.portal, self.line, self.watch = context, portal, way, watch
        self.page = context.new_page()
        name = secrets.token_hex(4)
        self.login = f"{name}@example.ru"
        self.password = f"{secrets.token_hex(3)}Qz7"
        #: The names of the accounts in addresses.
        self.link_ids: tuple[str, ...] = ()
        #: What must never stand in a log.
        self.secrets: set[str] = {self.login, self.password}

    def settles(self, *accounts: TownAccount) -> Resident:
        """Have had a cabinet with these accounts for a while, and be signed in; return who that is to the portal."""
        resident = settle(self.portal, self.login, accounts)
        self.password, self.link_ids = resident.password, resident.link_ids
        self.secrets |= {account.number for account in accounts} | {resident.session_token, resident.device_token}
        self.secrets.add(self.password)
        tokens = {"lkk": resident.session_token, "lkk-device": resident.device_token}
        self.context.add_cookies(
            [
                {"name": name, "value": token, "url": self.portal.address, "httpOnly": True, "sameSite": "Lax"}
                for name, token in tokens.items()
            ]
        )
        return resident

    def open(self, path: str) -> None:
        """Type an address and wait until the page is alive."""
        self.page.goto(self.portal.address + path)
        until_alive(self.page)

    def use(self, page: Page) -> None:
        """Go on in another tab."""
        self.page = page
        page.bring_to_front()
        until_alive(page)

    def press(self, name: str) -> None:
        """Press a button."""
        self.button(name).click()

    def follow(self, name: str) -> None:
        """Follow a link."""
        self.link(name).click()

    def link(self, name: str) -> Locator:
        """Return a link by what is written on it."""
        return self.page.get_by_role("link", name=name, exact=True).first

    def button(self, name: str) -> Locator:
        """Return a button by what is written on it."""
        return self.page.get_by_role("button", name=name, exact=True)

    def field(self, label: str) -> Locator:
        """Return a field by its label."""
        return self.page.get_by_label(label, exact=True)

    def fill(self, label: str, text: str) -> None:
        """Type into a field."""
        self.field(label).fill(text)

    def sees_heading(self, text: str | re.Pattern[str]) -> None:
        """Wait for the heading of a page."""
        expect(self.page.locator("h1")).to_have_text(text)
        until_alive(self.page)

    def sees(self, text: str | re.Pattern[str]) -> None:
        """Wait for words on the screen."""
        expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible()

    def sees_sum(self, text: str) -> None:
        """Wait for the sum that the screen is about."""
        expect(self.page.locator(".amount").first).to_have_text(text)

    def does_not_see(self, text: str | re.Pattern[str]) -> None:
        """Be sure that words are not on the screen."""
        expect(self.page.get_by_text(text).filter(visible=True)).to_have_count(0)

    def error_of(self, label: str) -> Locator:
        """Return the message that belongs to a field, as a screen reader finds it."""
        described_by = str(self.field(label).get_attribute("aria-describedby"))
        return self.page.locator(f"#{described_by.split()[-1]}")

    def code(self, *, after: int = 0) -> str:
        """Read the code out of the next message."""
        code = self.portal.code(self.login, after=after)
        self.secrets.add(code)
        return code

    def fill_registration(self) -> None:
        """Fill the form in as the instruction says."""
        self.fill("Телефон или электронная почта", self.login)
        self.fill("Придумайте пароль", self.password)
        self.page.get_by_role("checkbox").check()

    def registers(self) -> None:
        """Create a cabinet by the code of the message, from the front door on."""
        self.open("/register")
        self.fill_registration()
        self.press("Зарегистрироваться")
        self.sees_heading("Подтверждение")
        self.fill("Введите код из сообщения", self.code())
        self.press("Подтвердить")
        self.sees_heading("Подключить лицевой счёт")

    def signs_in(self) -> None:
        """Give login and password on the page of signing in."""
        self.fill("Телефон или электронная почта", self.login)
        self.fill("Пароль", self.password)
        self.press("Войти")

    def signs_out(self) -> None:
        """Leave the cabinet."""
        self.keep_keys()
        screen = self.page.viewport_size
        if screen and screen["width"] < _SIDE_BAR_WIDTH:
            # The bar of a phone has no room for it.
            self.open("/settings")
        # The settings of a wide screen have one beside that of the side bar; either will do.
        self.button("Выйти").first.click()
        self.sees_heading("Вход в кабинет")

    def connects(self, account: TownAccount, *, own_name: str = "") -> None:
        """Connect an account; stands on the first step."""
        self.secrets.add(account.number)
        self.chooses_provider(account)
        self.fill("Номер лицевого счёта", account.number)
        if own_name:
            self.fill("Своё название (необязательно)", own_name)
        self.press("Подключить")
        self.sees_heading("Счёт подключён")

    def chooses_provider(self, account: TownAccount) -> None:
        """Choose whose bill it is."""
        self.sees_heading("Подключить лицевой счёт")
        self.page.get_by_role("radio", name=account.provider).check()
        self.press("Дальше")
        expect(self.field("Номер лицевого счёта")).to_be_visible()

    def starts_paying(self, sum_on_screen: str) -> None:
        """Press the button with the sum and come to the bank."""
        self.sees_heading("Оплата")
        self.press(f"Оплатить {sum_on_screen}")
        self.page.wait_for_url("**/sandbox/bank/pay/**")
        expect(self.page.locator(".sum")).to_have_text(sum_on_screen)

    def pays_by_card(self) -> None:
        """Pay on the bank's page with its test card."""
        self.page.get_by_role("link", name="Подставить: оплата пройдёт").click()
        # Until the filled page has come, the button is that of the page before.
        self.page.wait_for_url("**card=ok**")
        self.page.get_by_role("button", name="Оплатить").first.click()
        self.page.wait_for_url("**/pay/return/**")

    def sees_paid(self, sum_on_screen: str) -> None:
        """Wait for the end of every journey."""
        self.sees_heading("Оплата прошла")
        self.sees_sum(sum_on_screen)

    def opens_in_place(self, summary: Locator) -> None:
        """Open and close what stands behind a line of a table, on screens of all widths; the line stays in place."""
        for width in (320, 390, 768, 1280):
            self.page.set_viewport_size({"width": width, "height": 844})
            summary.scroll_into_view_if_needed()
            before = summary.evaluate(_PLACE_IN_TABLE)
            summary.click()
            expect(summary.locator("..")).to_have_attribute("open", "")
            assert summary.evaluate(_PLACE_IN_TABLE) == before, width
            self.picture(f"opened-in-place-{self.page.url.split('/')[3]}-{width}")
            summary.click()

    def tabs_to(self, target: Locator) -> None:
        """Press Tab until the focus stands on the target, seeing at every stop where it is."""
        deadline = time.monotonic() + patience.SECONDS
        for stop in count(1):
            self.page.keyboard.press("Tab")
            if target.evaluate("node => node === document.activeElement"):
                assert self.page.evaluate(_IS_FOCUS_SEEN), "the focus cannot be seen"
                return
            # What is busy is no stop, so that a slow answer takes more rounds.
            if stop > _LONGEST_WAY and time.monotonic() > deadline:
                break
        raise AssertionError(f"no way by the keyboard to {target}")

    def types(self, target: Locator, text: str) -> None:
        """Go to a field by the keyboard and type."""
        self.tabs_to(target)
        self.page.keyboard.type(text)

    def picture(self, name: str) -> None:
        """Keep a picture of the screen if pictures are asked for; the name says what is on it."""
        folder = os.environ.get(SCREENSHOTS)
        if folder:
            self.page.wait_for_load_state("networkidle")
            self.page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled")

    def keep_keys(self) -> None:
        """Remember the cookies and the key of the state tree as what must never stand in a log."""
        self.secrets.update(str(cookie["value"]) for cookie in self.context.cookies())
        for page in self.context.pages:
            with suppress(Error):
                self.secrets.update(filter(None, [page.evaluate("sessionStorage.getItem('token')")]))

    def cookies(self) -> dict[str, dict[str, Any]]:
        """Return the cookies of the portal by name."""
        return {str(cookie["name"]): dict(cookie) for cookie in self.context.cookies()}


class People(Protocol):
    """Invites one more person; see the fixture `people`."""

    def __call__(
        self, device: dict[str, Any] = ..., theme: Theme = ..., *, portal: LivePortal | None = None
    ) -> Person: ...


@pytest.fixture(scope="module")
def peopled_town(town_directory: Path) -> Path:
    """The directory of this worker's portal, with enough debtors in its town for the tests of a module."""
    if not has_debtors_for_a_file(town_directory):
        renew(town_directory)
    return town_directory


@pytest.fixture(scope="module")
def live_portal(peopled_town: Path) -> LivePortal:
    """The portal of this worker, with the demo town in it; tests share it and must not disturb one another."""
    return shared_portal(peopled_town)


@pytest.fixture
def portal_of_its_own(town_directory: Path, tmp_path: Path) -> Iterator[LivePortal]:
    """A portal that the test may stop and kill; asked for before `people`, so that they leave before it ends."""
    with own_portal(town_directory, tmp_path / "var") as portal:
        yield portal


@pytest.fixture
def indebted(peopled_town: Path) -> Callable[..., TownAccount]:
    """Give an account of the town that owes something and that no other test touches."""

    def take(provider_code: str = "gorvodokanal") -> TownAccount:
        return take_indebted(peopled_town, provider_code)

    return take


@pytest.fixture
def people(browser: Browser, request: pytest.FixtureRequest, town_directory: Path) -> Iterator[People]:
    """Invite persons; when the test is over, nothing may have been wrong with what they saw, nor with the logs."""
    if not has_many_addresses():
        pytest.skip("visitors need addresses of their own out of 127.0.0.0/8, which Linux has: run it there")
    invited: list[Person] = []
    with ExitStack() as stack:

        def invite(
            device: dict[str, Any] = PHONE, theme: Theme = "light", *, portal: LivePortal | None = None
        ) -> Person:
            way = stack.enter_context(line(_next_address(town_directory)))
            context = browser.new_context(
                **device, color_scheme=theme, locale="ru-RU", timezone_id="Europe/Moscow", proxy={"server": way.proxy}
            )
            stack.callback(context.close)
            context.set_default_timeout(_PATIENCE_MS)
            watch = Watch()
            watch.over(context)
            house = portal or request.getfixturevalue("live_portal")
            person = Person(context, house, way, watch)
            invited.append(person)
            return person

        yield invite
        for person in invited:
            person.keep_keys()
    for person in invited:
        wrong = person.watch.unexpected()
        assert not wrong, "\n".join(wrong)
        assert not person.line.foreign, "a page asked another host"
        assert not told_in_log(person), "a secret stands in the log"


def told_in_log(person: Person) -> list[str]:
    """Return what of a person's secrets stands in the log of his portal."""
    log = person.portal.log.read_text(encoding="utf-8")
    return [secret for secret in person.secrets if re.search(rf"(?<![\w-]){re.escape(secret)}(?![\w-])", log)]


def _next_address(directory: Path) -> str:
    """Return an address in a network that nobody of this run has used."""
    note = directory / "addresses"
    with locked(note.with_suffix(".lock")):
        number = int(note.read_text()) if note.exists() else 1
        note.write_text(str(number + 1))
    return f"127.{10 + number // 250}.{1 + number % 250}.7"


expect.set_options(timeout=_PATIENCE_MS)
