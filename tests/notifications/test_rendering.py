"""The texts of messages."""

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
    "history_link": "https://lk.example.ru/payments",
    "at": "22.11.2026 в 12:02 по Москве",
    "device": "Firefox, Windows",
    "amount": "1 542,30 ₽",
    "account": "1000 123 456",
    "provider": "Горводоканал",
    "reference": "48-1120",
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
