"""The page on which a person pays: what the buttons and the test cards lead to."""

import asyncio
import re
from typing import Any

import httpx
import pytest

from lkk_reflex.sandbox.bank_cards import REFUSAL_TEXTS, TEST_CARDS
from tests.sandbox.conftest import ORIGIN, PREFIX, Desk
from tests.sandbox.sdk import payment_body

_RETURN = payment_body()["confirmation"]["return_url"]
_CARD = {"method": "bank_card", "action": "pay", "number": "5555 5555 5555 4444", "expiry": "12/40", "code": "123"}


def _page(payment: dict[str, Any]) -> str:
    return f"{PREFIX}/pay/{payment['id']}"


async def _submit(desk: Desk, payment: dict[str, Any], **form: str) -> httpx.Response:
    return await desk.web.post(_page(payment), data=_CARD | form)


async def test_page_says_whom_how_much_for_what_and_that_it_is_a_demonstration(desk: Desk) -> None:
    payment = await desk.create(value="1542.30")
    assert payment["confirmation"]["confirmation_url"] == ORIGIN + _page(payment)
    page = await desk.web.get(_page(payment))
    assert page.status_code == 200
    for words in ("Демонстрационная оплата.", "Деньги не списываются", "Горводоканал", "Оплата по лицевому счёту"):
        assert words in page.text
    assert "1\N{NARROW NO-BREAK SPACE}542,30\N{NO-BREAK SPACE}₽" in page.text
    assert "ЮKassa" not in page.text


async def test_page_runs_no_scripts_and_takes_nothing_from_elsewhere(desk: Desk) -> None:
    payment = await desk.create()
    page = await desk.web.get(_page(payment))
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert f"form-action 'self' {ORIGIN} https://portal.example" in policy
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", page.text)
    style = re.search(r'href="([^"]+bank\.css[^"]*)"', page.text)
    assert style
    sheet = await desk.web.get(style[1])
    assert sheet.headers["content-type"].startswith("text/css")
    assert "immutable" in sheet.headers["cache-control"]


@pytest.mark.parametrize("number", [number for number, card in TEST_CARDS.items() if not card.refusal])
async def test_good_card_pays_and_leads_back_with_nothing_added(desk: Desk, number: str) -> None:
    payment = await desk.create()
    answer = await _submit(desk, payment, number=number)
    assert (answer.status_code, answer.headers["location"]) == (303, _RETURN)
    assert (await desk.read(payment["id"]))["status"] == "succeeded"


@pytest.mark.parametrize(("number", "reason"), [(n, card.refusal) for n, card in TEST_CARDS.items() if card.refusal])
async def test_refused_card_leaves_the_payment_open_for_another_try(desk: Desk, number: str, reason: str) -> None:
    payment = await desk.create()
    answer = await _submit(desk, payment, number=number)
    shown = await desk.web.get(answer.headers["location"])
    assert REFUSAL_TEXTS[reason] in shown.text
    assert (await desk.read(payment["id"]))["status"] == "pending"
    assert (await _submit(desk, payment)).headers["location"] == _RETURN


@pytest.mark.parametrize(
    ("number", "party"), [("5555555555554600", "payment_network"), ("5555555555554584", "yoo_money")]
)
async def test_refusal_may_be_set_to_end_the_payment(desk: Desk, number: str, party: str) -> None:
    await desk.lever("/switches", final_refusal=True)
    payment = await desk.create()
    assert (await _submit(desk, payment, number=number)).headers["location"] == _RETURN
    canceled = await desk.read(payment["id"])
    assert canceled["status"] == "canceled"
    assert canceled["cancellation_details"] == {"party": party, "reason": TEST_CARDS[number].refusal}


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"number": ""}, "Введите номер карты."),
        ({"number": "5555 5555 5555 4445"}, "В номере карты ошибка."),
        ({"number": "двенадцать"}, "В номере карты ошибка."),
        ({"number": "4242 4242 4242 4242"}, "Демо-банк не принимает настоящие карты"),
        ({"expiry": "13/40"}, "Введите срок действия"),
        ({"expiry": ""}, "Введите срок действия"),
        ({"expiry": "01/20"}, "Срок действия карты прошёл."),
        ({"code": "12"}, "Введите три цифры"),
        ({"code": "12a"}, "Введите три цифры"),
    ],
)
async def test_mistake_in_the_card_form_is_explained_beside_the_field(
    desk: Desk, form: dict[str, str], sentence: str
) -> None:
    payment = await desk.create()
    answer = await _submit(desk, payment, **form)
    assert answer.status_code == 422
    (field,) = form
    assert re.search(rf'<p class="error" id="{field}-error">[^<]*{re.escape(sentence)}', answer.text)
    assert re.search(rf'<input id="{field}"[^>]*aria-invalid="true" autofocus', answer.text)
    assert (await desk.read(payment["id"]))["status"] == "pending"


async def test_number_that_may_be_a_real_card_is_not_shown_again(desk: Desk) -> None:
    payment = await desk.create()
    answer = await _submit(desk, payment, number="4242 4242 4242 4242", code="987")
    assert "4242" not in answer.text
    assert "987" not in answer.text


async def test_payment_by_sbp_shows_a_code_and_pays_in_the_app(desk: Desk) -> None:
    payment = await desk.create()
    page = await desk.web.get(f"{_page(payment)}?method=sbp")
    assert '<svg viewBox="' in page.text
    assert "Оплатить в приложении банка" in page.text
    answer = await _submit(desk, payment, method="sbp")
    assert answer.headers["location"] == _RETURN
    assert (await desk.read(payment["id"]))["payment_method"]["type"] == "sbp"


async def test_plain_buttons_pay_refuse_and_lead_back(desk: Desk) -> None:
    payment = await desk.create()
    page = (await desk.web.get(_page(payment))).text
    assert f'<a class="button" href="{_RETURN}">Вернуться, не платя</a>' in page
    refused = await _submit(desk, payment, action="refuse")
    assert "Деньги не списаны" in (await desk.web.get(refused.headers["location"])).text
    assert (await desk.read(payment["id"]))["status"] == "pending"
    assert (await _submit(desk, payment, action="quick")).headers["location"] == _RETURN
    assert (await desk.read(payment["id"]))["status"] == "succeeded"


async def test_form_without_a_known_button_does_nothing(desk: Desk) -> None:
    payment = await desk.create()
    assert (await _submit(desk, payment, action="")).headers["location"] == ORIGIN + _page(payment)
    assert (await desk.read(payment["id"]))["status"] == "pending"


@pytest.mark.parametrize(("sample", "number"), [("ok", "5555 5555 5555 4444"), ("refused", "5555 5555 5555 4600")])
async def test_sample_card_is_filled_in_only_on_request(desk: Desk, sample: str, number: str) -> None:
    payment = await desk.create()
    assert f'value="{number}"' not in (await desk.web.get(_page(payment))).text
    page = (await desk.web.get(f"{_page(payment)}?card={sample}")).text
    assert f'value="{number}"' in page
    expiry = re.search(r'name="expiry" value="(\d\d/\d\d)"', page)
    assert expiry
    answer = await _submit(desk, payment, number=number, expiry=expiry[1], code="123")
    assert answer.status_code == 303


async def test_of_two_tabs_paying_at_once_one_succeeds(desk: Desk) -> None:
    payment = await desk.create()
    answers = await asyncio.gather(*(_submit(desk, payment) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [303, 409, 409, 409, 409, 409]
    late = next(answer for answer in answers if answer.status_code == 409)
    assert "Платёж уже завершён" in late.text
    assert f'href="{_RETURN}"' in late.text


@pytest.mark.parametrize("form", [{}, {"action": "refuse"}, {"number": "1"}, {"method": "sbp"}])
async def test_finished_payment_takes_nothing_more(desk: Desk, form: dict[str, str]) -> None:
    payment = await desk.create()
    await _submit(desk, payment)
    paid = await desk.read(payment["id"])
    assert (await _submit(desk, payment, **form)).status_code == 409
    assert await desk.read(payment["id"]) == paid
    assert "Платёж уже завершён" in (await desk.web.get(_page(payment))).text


async def test_expired_payment_says_so_and_leads_back(desk: Desk) -> None:
    payment = await desk.create()
    await desk.lever("/clock", seconds=3600)
    page = await desk.web.get(_page(payment))
    assert "Срок истёк" in page.text
    assert f'href="{_RETURN}"' in page.text
    assert (await _submit(desk, payment)).status_code == 409
    assert (await desk.read(payment["id"]))["status"] == "canceled"


async def test_unknown_payment_is_explained(desk: Desk) -> None:
    page = await desk.web.get(f"{PREFIX}/pay/22e12f66-000f-5000-8000-18db351245c7")
    assert page.status_code == 404
    assert "Платёж не найден" in page.text


@pytest.mark.parametrize(
    ("changes", "offered", "missing"),
    [
        ({"capture": False}, "Банковская карта", ">СБП<"),
        ({"amount": {"value": "400000.00", "currency": "RUB"}}, ">СБП<", "Банковская карта"),
        ({"payment_method_data": {"type": "sbp"}}, ">СБП<", "Банковская карта"),
        ({"payment_method_data": {"type": "bank_card"}}, "Банковская карта", ">СБП<"),
    ],
)
async def test_page_offers_only_what_the_payment_allows(
    desk: Desk, changes: dict[str, Any], offered: str, missing: str
) -> None:
    payment = (await desk.call("POST", "/payments", payment_body() | changes)).json()
    page = (await desk.web.get(_page(payment))).text
    assert offered in page
    assert missing not in page
    wrong = "sbp" if missing == ">СБП<" else "bank_card"
    await _submit(desk, payment, method=wrong)
    assert (await desk.read(payment["id"]))["status"] == "pending"


async def test_words_of_the_shop_are_shown_as_text(desk: Desk) -> None:
    payment = await desk.create(description="<script>alert(1)</script>")
    assert "<script>" not in (await desk.web.get(_page(payment))).text


@pytest.mark.parametrize(
    ("given", "location", "origin"),
    [
        (
            "http://127.0.0.1:3000/a?b=%D1%8F&c=1|2#d",
            "http://127.0.0.1:3000/a?b=%D1%8F&c=1|2#d",
            "http://127.0.0.1:3000",
        ),
        (
            "https://кабинет.рф/оплата",
            "https://xn--80acmlhv0b.xn--p1ai/%D0%BE%D0%BF%D0%BB%D0%B0%D1%82%D0%B0",
            "https://xn--80acmlhv0b.xn--p1ai",
        ),
    ],
)
async def test_return_address_is_kept_letter_by_letter_unless_a_header_cannot_hold_it(
    desk: Desk, given: str, location: str, origin: str
) -> None:
    payment = await desk.create(confirmation={"type": "redirect", "return_url": given})
    page = await desk.web.get(_page(payment))
    assert f"form-action 'self' {ORIGIN} {origin};" in page.headers["content-security-policy"]
    assert (await _submit(desk, payment)).headers["location"] == location
