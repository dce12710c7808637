"""The texts of messages."""

import re
from pathlib import Path

import pytest
from jinja2 import UndefinedError

import lkk_reflex.notifications.rendering as module
from lkk_reflex.notifications.models import Channel
from lkk_reflex.notifications.rendering import SMS_CHARACTERS, Brand, blocks, html, render

TEMPLATES = Path(module.__file__).parent / "templates"
BRAND = Brand.of("Горводоканал", "#0B6E69", "8 800 000-00-00", "", "по будням с 8 до 17")
PARAMS = {
    "code": "482913",
    "link": "https://lk.example.ru/auth/link?token=abc",
    "minutes": 30,
    "sign_in_link": "https://lk.example.ru/sign-in",
    "reset_link": "https://lk.example.ru/reset",
    "register_link": "https://lk.example.ru/register",
    "at": "22.11.2026 в 12:02 по Москве",
    "device": "Firefox, Windows",
    "amount": "350 000,00 ₽",
    "account": "«Квартира бабушки, та, что на улице Ленина, второй подъезд, 5»",
    "number": "•••3456",
    "provider": "Городской водопроводно-канализационный комбинат имени Первого мая",
    "reference": "48-1120",
    "reason": "Недостаточно средств. Попробуйте другую карту или СБП.",
    "period": "сентябрь 2026",
    "due": "15 сентября 2026",
    "until": "25 сентября",
    "left": "сегодня последний день",
    "is_tomorrow": True,
    "meter": "горячей воды № 12-345678-АБВ",
    "quick_link": "https://lk.example.ru/quick/readings/abc",
    "settings_link": "https://lk.example.ru/settings/notifications",
    "confirmation": "2026-48-1120",
    "lines": ["Электроэнергия, день: 12345,67, расход 340 кВт·ч", "Электроэнергия, ночь: 2345,67, расход 120 кВт·ч"],
    "note": "Исправить их можно до 25 сентября.",
    "author": "Городской водопроводно-канализационный комбинат имени Первого мая",
    "login": "+7 ••• •••-45-67",
    "is_on": True,
    "is_used": True,
    "new_device": "Яндекс Браузер",
    "is_clear": False,
    "service": "горячее водоснабжение и отопление",
    "kind": "плановое",
    "when": "с 25 сентября 2026, 22:00 до 26 сентября 2026, 6:00",
    "starts": "25.09 22:00",
    "ends": "26.09 16:00",
    "place": "с. Дубки, ул. Ленина, 12, 14",
    "text": "Меняем трубу. Вода — у подъездов.",
    "is_cancelled": False,
}


def names(channel: Channel) -> list[str]:
    return sorted(path.name.split(".")[0] for path in TEMPLATES.glob(f"*.{channel}.txt"))


def test_every_message_exists_for_both_ways() -> None:
    assert names(Channel.EMAIL) == names(Channel.SMS)


@pytest.mark.parametrize("name", names(Channel.SMS))
def test_sms_fits_one_segment(name: str) -> None:
    text = render(Channel.SMS, name, PARAMS, BRAND).body
    assert 0 < len(text) <= SMS_CHARACTERS


@pytest.mark.parametrize("name", names(Channel.SMS))
@pytest.mark.parametrize("company", ["Г", "МУП «Городской водопроводно-канализационный комбинат» города Рязани"])
def test_long_name_of_a_company_is_cut_before_the_words(name: str, company: str) -> None:
    brand = Brand.of(company, "#0B6E69")
    text = render(Channel.SMS, name, PARAMS, brand).body
    assert len(text) <= SMS_CHARACTERS
    whole = render(Channel.SMS, name, PARAMS, Brand.of("Г", "#0B6E69")).body.removesuffix("Г").rstrip()
    assert text.startswith(whole)


@pytest.mark.parametrize("name", names(Channel.EMAIL))
def test_email_has_a_subject_of_one_line_and_a_body(name: str) -> None:
    text = render(Channel.EMAIL, name, PARAMS, BRAND)
    assert text.subject
    assert "\n" not in text.subject
    assert text.body
    assert "{" not in text.body


@pytest.mark.parametrize("channel", Channel)
def test_no_message_speaks_english_cries_or_leaves_a_place_unfilled(channel: Channel) -> None:
    spoken = PARAMS | {"device": "Яндекс Браузер"}
    for name in names(channel):
        text = render(channel, name, spoken, BRAND)
        words = re.sub(r"https?://\S+", "", f"{text.subject}\n{text.body}")
        assert not re.search(r"[A-Za-z]{2,}|[!{}]|None|\bTrue\b", words), (name, words)
        assert "  " not in words, name


@pytest.mark.parametrize("name", names(Channel.SMS))
def test_an_sms_holds_neither_own_names_nor_addresses(name: str) -> None:
    text = render(Channel.SMS, name, PARAMS, BRAND).body
    for personal in ("account", "login", "meter", "device", "new_device", "place", "text"):
        assert str(PARAMS[personal]) not in text


def test_a_notice_leads_to_where_it_is_switched_off_and_stays_readable_as_a_page() -> None:
    text = render(Channel.EMAIL, "new_bill", PARAMS, BRAND)
    assert text.body.endswith(str(PARAMS["settings_link"]))
    page = html(text.body, BRAND)
    assert f'href="{PARAMS["settings_link"]}"' in page


def test_a_bill_of_an_account_that_was_not_proved_tells_no_sum() -> None:
    text = render(Channel.EMAIL, "new_bill", PARAMS | {"amount": "", "due": ""}, BRAND)
    assert "К оплате" not in text.body
    assert "\n\n\n\n" not in text.body


def test_code_and_link_stand_out_in_the_html() -> None:
    text = render(Channel.EMAIL, "registration_code", PARAMS | {"code": "482 913"}, BRAND)
    kinds = [block.kind for block in blocks(text.body)]
    assert kinds == ["text", "code", "text", "link", "text", "text"]
    page = html(text.body, BRAND)
    assert 'href="https://lk.example.ru/auth/link?token=abc"' in page
    assert "8 800 000-00-00, по будням с 8 до 17" in page


def test_html_shows_foreign_text_as_text() -> None:
    page = html("<script>alert(1)</script>", Brand.of('"><img src=x>', "#0B6E69"))
    assert "<script>" not in page
    assert "<img" not in page


def test_missing_parameter_is_noticed_when_the_message_is_queued() -> None:
    with pytest.raises(UndefinedError):
        render(Channel.SMS, "sign_in_code", {}, BRAND)


def test_new_bill_without_a_sum_says_where_the_sum_is() -> None:
    shown = render(Channel.EMAIL, "new_bill", PARAMS, BRAND).body
    hidden = render(Channel.EMAIL, "new_bill", PARAMS | {"amount": "", "due": ""}, BRAND).body
    assert "видно в личном кабинете:" not in shown
    assert "видно в личном кабинете:\n\nhttps://" in hidden


def test_letter_keeps_its_colours_in_a_dark_mailbox_and_breaks_long_addresses() -> None:
    page = html("Подробности: https://lk.example.ru/settings/notifications", BRAND)
    assert '<meta name="color-scheme" content="light only">' in page
    assert "a{color:#0B6E69}" in page
    assert "overflow-wrap:anywhere" in page
