"""The portal goes down while somebody pays, and nothing is lost."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import expect

from lkk_reflex.sandbox import town
from lkk_reflex.sandbox.bank_config import Shop
from lkk_reflex.sandbox.bank_server import RunningBank, running_bank
from tests.support.live_portal import LivePortal, own_portal
from tests.support.people import DESKTOP, PHONE, People, Person
from tests.support.raw_socket import RawSocket
from tests.support.town_bills import TownAccount

pytestmark = pytest.mark.browser

_CROWD = 150
_STOP_SECONDS, _RETURN_SECONDS = 5.0, 10.0
#: What was not sent is sent again after 5, 15 and 60 seconds.
_RESENT_MS = 3 * 60_000


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBank]:
    """A bank in a process of its own, as the real one is, with faults on demand."""
    shops = [
        Shop(shop_id=shop.gateway_id, secret=shop.secret, name=shop.name, utilities=shop.is_utilities)
        for shop in town.SHOPS
    ]
    with running_bank(*shops, storage=tmp_path_factory.mktemp("bank") / "bank.sqlite3") as running:
        yield running


@pytest.fixture(scope="module")
def portal(town_directory: Path, tmp_path_factory: pytest.TempPathFactory, bank: RunningBank) -> Iterator[LivePortal]:
    """A portal that speaks to that bank, to be stopped and killed."""
    data_dir = tmp_path_factory.mktemp("portal") / "var"
    with own_portal(town_directory, data_dir, yookassa_api_url=bank.api_url) as running:
        yield running


@pytest.fixture
def account(indebted: Callable[..., TownAccount]) -> TownAccount:
    """An account with a debt."""
    return indebted()


@pytest.fixture
def payer(people: People, portal: LivePortal, bank: RunningBank, account: TownAccount) -> Iterator[Person]:
    """Somebody on the pay page of an account with a debt."""
    if not portal.is_running:
        portal.start()
    person = people(PHONE, portal=portal)
    person.settles(account)
    person.open(f"/pay/{person.link_ids[0]}")
    yield person
    bank.no_faults()


def _loses_the_portal(payer: Person) -> None:
    payer.sees("Нет связи с сервером. Пробуем снова…")
    payer.field("Сумма, ₽").evaluate("field => field.dataset.drawn = 'before'")


def _has_it_again(payer: Person) -> None:
    """Be sure that the page has begun anew: what is done to the fields before goes with them."""
    payer.does_not_see("Нет связи с сервером. Пробуем снова…")
    expect(payer.page.locator("[data-drawn]")).to_have_count(0)
    expect(payer.field("Сумма, ₽")).to_be_visible()


def _starts_paying(payer: Person, bank: RunningBank, account: TownAccount) -> None:
    payer.press(f"Оплатить {account.sum_on_screen}")
    payer.page.wait_for_url(f"{bank.url}/pay/**")


def _result_address(bank: RunningBank) -> str:
    """Return where the bank sends the payer of its newest payment."""
    newest = max(bank.snapshot()["payments"], key=lambda payment: payment["created_at"])
    return str(newest["confirmation"]["return_url"])


def _credits(payer: Person) -> list[tuple[object, ...]]:
    return payer.portal.rows(
        "SELECT payment.status, ledger_entry.kopecks FROM payment JOIN account_link USING (account_id) "
        "LEFT JOIN ledger_entry ON ledger_entry.payment_id = payment.id WHERE account_link.public_id = ?",
        payer.link_ids[0],
    )


def _is_paid(payer: Person, account: TownAccount) -> None:
    """Be sure that the payment is credited once and that the payer is still signed in."""
    payer.sees_paid(account.sum_on_screen)
    payer.sees(f"№ {account.number}")
    payer.follow("На главную")
    payer.sees_heading("Лицевые счета")
    payer.sees_sum("0,00 ₽")
    assert _credits(payer) == [("succeeded", account.owes_kopecks)]


@pytest.mark.parametrize("end", [LivePortal.stop, LivePortal.kill], ids=["stopped", "killed"])
def test_portal_is_down_while_the_bank_takes_the_money(
    payer: Person, portal: LivePortal, bank: RunningBank, account: TownAccount, end: Callable[[LivePortal], None]
) -> None:
    _starts_paying(payer, bank, account)
    address = _result_address(bank)
    end(portal)
    payer.watch.expected += ["ERR_SOCKS_CONNECTION_FAILED", "WebSocket connection"]
    with payer.page.expect_event("requestfailed", lambda request: request.url == address):
        payer.press("Оплатить")
    portal.start()
    payer.open(address.removeprefix(portal.address))
    _is_paid(payer, account)


def test_demo_is_restarted_with_its_bank_while_somebody_is_there(
    portal_of_its_own: LivePortal, people: People, account: TownAccount
) -> None:
    payer = people(DESKTOP, portal=portal_of_its_own)
    payer.settles(account)
    payer.open(f"/pay/{payer.link_ids[0]}")
    payer.starts_paying(account.sum_on_screen)
    payer.watch.expected.append("WebSocket connection")
    portal_of_its_own.kill()
    portal_of_its_own.start()
    payer.pays_by_card()
    _is_paid(payer, account)


def test_portal_is_killed_while_a_form_is_filled_in(payer: Person, portal: LivePortal, account: TownAccount) -> None:
    """The page notices by itself, says so, keeps what was typed, and goes on when the portal is back."""
    payer.page.get_by_role("radio", name="Другая сумма").check()
    payer.fill("Сумма, ₽", "77")
    expect(payer.button("Оплатить 77,00 ₽")).to_be_visible()
    payer.watch.expected += ["ERR_SOCKS_CONNECTION_FAILED", "WebSocket connection"]
    portal.kill()
    _loses_the_portal(payer)
    portal.start()
    _has_it_again(payer)
    expect(payer.field("Сумма, ₽")).to_have_value("77")
    payer.fill("Сумма, ₽", "78")
    expect(payer.button("Оплатить 78,00 ₽")).to_be_visible()


def test_answer_of_the_bank_is_lost_and_the_payment_is_made_once(
    payer: Person, bank: RunningBank, account: TownAccount
) -> None:
    made_before = len(bank.snapshot()["payments"])
    bank.fault("reset", verb="POST", path="/payments", committed=True, count=0)
    payer.press(f"Оплатить {account.sum_on_screen}")
    payer.sees_heading("Готовим оплату")
    payer.sees("Не закрывайте страницу.")
    bank.no_faults()
    payer.page.wait_for_url(f"{bank.url}/pay/**", timeout=_RESENT_MS)
    payer.press("Оплатить")
    _is_paid(payer, account)
    assert len(bank.snapshot()["payments"]) == made_before + 1


def test_bank_is_away_and_the_payment_is_made_when_it_is_back(
    payer: Person, bank: RunningBank, account: TownAccount
) -> None:
    bank.stop()
    payer.press(f"Оплатить {account.sum_on_screen}")
    payer.sees_heading("Готовим оплату")
    bank.start()
    payer.page.wait_for_url(f"{bank.url}/pay/**", timeout=_RESENT_MS)
    payer.press("Оплатить")
    _is_paid(payer, account)


def test_bank_refuses_for_good_and_a_new_payment_is_offered(
    payer: Person, bank: RunningBank, account: TownAccount
) -> None:
    _starts_paying(payer, bank, account)
    address = _result_address(bank)
    newest = max(bank.snapshot()["payments"], key=lambda payment: payment["created_at"])
    bank.refuse(newest["id"], reason="insufficient_funds", final=True)
    payer.open(address.removeprefix(payer.portal.address))
    payer.sees_heading("Оплата не прошла")
    payer.sees("Недостаточно средств. Попробуйте другую карту или СБП.")
    payer.follow("Оплатить снова")
    payer.sees_heading("Оплата")
    _starts_paying(payer, bank, account)
    payer.press("Оплатить")
    payer.sees_paid(account.sum_on_screen)
    assert sorted(_credits(payer), key=str) == [("canceled", None), ("succeeded", account.owes_kopecks)]


def test_line_of_the_person_breaks_and_comes_back(payer: Person, account: TownAccount) -> None:
    payer.page.get_by_role("radio", name="Другая сумма").check()
    payer.fill("Сумма, ₽", "50")
    expect(payer.button("Оплатить 50,00 ₽")).to_be_visible()
    payer.watch.expected += ["ERR_SOCKS_CONNECTION_FAILED", "ERR_PROXY", "ERR_CONNECTION", "WebSocket connection"]
    payer.line.cut()
    _loses_the_portal(payer)
    payer.line.mend()
    _has_it_again(payer)
    expect(payer.field("Сумма, ₽")).to_have_value("50")
    payer.press("Оплатить 50,00 ₽")
    payer.page.wait_for_url("**/pay/**")


def test_portal_is_restarted_with_many_people_connected(portal: LivePortal) -> None:
    """Nobody is waited for at the end, and everybody is let in again at once."""
    address = f"http://127.0.0.1:{portal.port}"
    with ExitStack() as people:
        sockets = [people.enter_context(RawSocket(address, path="/sign-in")) for _ in range(_CROWD)]
        began = time.monotonic()
        portal.stop()
        assert time.monotonic() - began < _STOP_SECONDS
        assert all(socket.is_cut_off() for socket in sockets)
    portal.start()
    began = time.monotonic()
    with ExitStack() as people:
        for _ in range(_CROWD):
            people.enter_context(RawSocket(address, path="/sign-in"))
        assert time.monotonic() - began < _RETURN_SECONDS


def test_stopped_portal_ends_without_a_word_of_its_libraries(portal: LivePortal) -> None:
    """What looks like a fault at every Ctrl+C is no end for who tries the portal out."""
    if not portal.is_running:
        portal.start()
    said_before = portal.log.stat().st_size
    portal.stop()
    assert portal.log.read_bytes()[said_before:] == b""
