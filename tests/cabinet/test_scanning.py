"""The photo of a bill: which account its codes name, what is told of them, and the route that reads it."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from PIL import Image
from sqlalchemy import Engine
from starlette.applications import Starlette

from lkk_reflex.accounts import lookup
from lkk_reflex.accounts.errors import CodeWithoutNumber
from lkk_reflex.accounts.guests import THROTTLE
from lkk_reflex.accounts.providers import public_choices
from lkk_reflex.cabinet import scanning
from lkk_reflex.cabinet.connecting import ConnectForm, provider_id_of
from lkk_reflex.cabinet.errors import CodeNotFound, CodeOfAnotherKind, SeveralCodes
from lkk_reflex.cabinet.routes import routes
from lkk_reflex.cabinet.scanning import ScannedAccount, account_on
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.rate_limit import address_keys
from tests.factories import accounts as made
from tests.factories.files import document, photo
from tests.support.bill_photos import code_picture, file_of, side_by_side
from tests.support.portal import configured, held_clock
from tests.support.visitor import Visitor

OWN = {"sec-fetch-site": "same-origin"}
MEGABYTE = 1024 * 1024
WATER_INN, GAS_INN, HOUSE_INN, NOBODYS_INN = "7501001110", "7501002227", "7501003333", "7707083893"
PERSONAL = (
    "Иванов",
    "Иван",
    "Петрович",
    "Ленина",
    "1542",
    "154230",
    "79001234567",
    "40702810938000012345",
    "Горвод ООО",
)


def code(number: str = "1000123456", inn: str = WATER_INN, **fields: str) -> str:
    """Write the code of a bill that tells everything of the payer."""
    told = {
        "Name": "Горвод ООО", "PersonalAcc": "40702810938000012345", "BankName": "ПАО СБЕРБАНК", "BIC": "044525225",
        "CorrespAcc": "30101810400000000225", "PayeeINN": inn, "PersAcc": number, "PaymPeriod": "102026",
        "Sum": "154230", "LastName": "Иванов", "FirstName": "Иван", "MiddleName": "Петрович",
        "PayerAddress": "г. Рязань, ул. Ленина, д. 10, кв. 15", "Phone": "79001234567", "UIN": "0",
    }  # fmt: skip
    return "|".join(["ST00012", *(f"{key}={value}" for key, value in (told | fields).items())])


@dataclass
class Town:
    """Three providers, two of which have one taxpayer number."""

    number: str
    account_id: int

    def account_on(self, *codes: str, chosen: str = "") -> ScannedAccount:
        """Ask what these codes name."""
        with reading() as session:
            return account_on(session, codes=[text.encode() for text in codes], provider_code=chosen)


@pytest.fixture
def town(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Town]:
    with held_clock(), configured(monkeypatch, tmp_path):
        with unit_of_work() as session:
            water = made.make_provider(session, code="water", name="Горводоканал", inn=WATER_INN)
            made.make_provider(session, code="gas", name="Межрайгаз", inn=GAS_INN)
            for name in ("house", "garden"):
                made.make_provider(session, code=name, name=name, inn=HOUSE_INN)
            account = made.make_account(session, water, number="1000123456")
            town = Town(account.number, account.id or 0)
        yield town


def test_code_names_the_number_and_the_provider(town: Town) -> None:
    found = town.account_on(code())
    assert (found.number, found.provider) == ("1000123456", "water")
    assert found.said == "Код прочитан: Горводоканал, №\N{NO-BREAK SPACE}1000123456. Проверьте и продолжайте."


def test_nothing_personal_of_a_code_is_told(town: Town) -> None:
    for inn in (WATER_INN, NOBODYS_INN):
        told = str(town.account_on(code(inn=inn)))
        assert not [word for word in PERSONAL if word in told]


@pytest.mark.parametrize(
    "number",
    ["Иванов Иван Иванович", "ИВАНОВ", "<b>1</b>", "=1+1", "1" * 31, "40702810938000012345"],
)
def test_what_stands_in_place_of_the_number_and_looks_like_none_is_not_told(town: Town, number: str) -> None:
    with pytest.raises(CodeWithoutNumber):
        town.account_on(code(number))


def test_what_stands_in_place_of_the_payee_and_is_no_number_is_not_told(town: Town) -> None:
    found = town.account_on(code(inn="ИП Иванов"))
    assert (found.provider, found.code) == ("", "ST00012|PersAcc=1000123456")


def test_short_code_is_understood_by_the_field(town: Town) -> None:
    found = town.account_on(code())
    with unit_of_work() as session:
        choices = public_choices(session)
        provider_id = provider_id_of(choices, ConnectForm("", found.code))
        other = next(choice.id for choice in choices if choice.code == "gas")
        for asked in (provider_id, other):
            account = lookup.find_account(
                session, THROTTLE, address_keys("203.0.113.9"), provider_id=asked, typed=found.code
            )
            assert account.account_id == town.account_id


def test_number_keeps_its_dashes_zeros_and_letters(town: Town) -> None:
    for number in ("0012-3", "12/3", "75ДА533000"):
        assert town.account_on(code(number)).number == number


def test_payee_that_is_none_of_ours_leaves_the_choice_of_the_provider(town: Town) -> None:
    found = town.account_on(code(inn=NOBODYS_INN), chosen="water")
    assert (found.number, found.provider) == ("1000123456", "")
    assert found.said == "Код прочитан: №\N{NO-BREAK SPACE}1000123456. Проверьте номер и поставщика."


def test_payee_that_is_two_of_ours_is_the_chosen_one_or_is_asked_for(town: Town) -> None:
    assert town.account_on(code(inn=HOUSE_INN)).provider == ""
    assert town.account_on(code(inn=HOUSE_INN), chosen="garden").provider == "garden"
    assert town.account_on(code(inn=HOUSE_INN), chosen="water").provider == ""


@pytest.mark.parametrize(
    ("chosen", "inns", "provider"),
    [
        ("", [NOBODYS_INN, WATER_INN], "water"),
        ("gas", [NOBODYS_INN, WATER_INN, GAS_INN], "gas"),
        ("gas", [NOBODYS_INN, WATER_INN], "water"),
        ("no-such-provider", [NOBODYS_INN, GAS_INN], "gas"),
    ],
)
def test_of_several_codes_the_chosen_provider_wins_and_then_ours(
    town: Town, chosen: str, inns: list[str], provider: str
) -> None:
    codes = [code(f"100000000{number}", inn) for number, inn in enumerate(inns)]
    for order in (codes, codes[::-1]):
        assert town.account_on("https://example.ru/app", *order, chosen=chosen).provider == provider


def test_codes_of_different_accounts_that_are_equally_good_are_asked_about(town: Town) -> None:
    for first, second in ((WATER_INN, GAS_INN), (NOBODYS_INN, "7501004440"), (WATER_INN, WATER_INN)):
        with pytest.raises(SeveralCodes):
            town.account_on(code("1", first), code("2", second))


def test_same_account_twice_is_one(town: Town) -> None:
    assert town.account_on(code(), code(Sum="1")).provider == "water"


@pytest.mark.parametrize(
    ("codes", "refusal"),
    [
        ([], CodeNotFound),
        (["https://example.ru/app"], CodeOfAnotherKind),
        (["WIFI:S:дом;;", ""], CodeOfAnotherKind),
        ([code(""), "https://example.ru"], CodeWithoutNumber),
        (["ST00012|Name=Магазин|Sum=100"], CodeWithoutNumber),
    ],
)
def test_what_names_no_account_is_refused_by_its_reason(town: Town, codes: list[str], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        town.account_on(*codes)


# --- The route --------------------------------------------------------------------------------------------------------


def sent(content: bytes, *, headers: dict[str, str] | None = None, chosen: str = "") -> httpx.Response:
    """Send a photo as the page does, signed in as nobody."""
    browser = Visitor(Starlette(routes=routes), "http://localhost:3000")
    files = {"file": ("квитанция.jpg", content, "image/jpeg")}
    return browser.ask("POST", f"/scan/bill?provider={chosen}", files=files, headers=headers or OWN)


def photo_of(*texts: bytes) -> bytes:
    return file_of(side_by_side(*map(code_picture, texts)))


def test_anybody_may_have_a_bill_read(town: Town, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    caplog.set_level(logging.DEBUG)
    before = sorted(tmp_path.rglob("*"))
    answer = sent(photo_of(code().encode()))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.json() == {
        "number": "1000123456",
        "provider": "water",
        "code": f"ST00012|PersAcc=1000123456|PayeeINN={WATER_INN}",
        "said": "Код прочитан: Горводоканал, №\N{NO-BREAK SPACE}1000123456. Проверьте и продолжайте.",
    }
    assert sorted(tmp_path.rglob("*")) == before
    assert not [word for word in (*PERSONAL, "1000123456") if word in caplog.text]


def test_answer_holds_nothing_personal_in_any_spelling(town: Town) -> None:
    for encoding, digit in (("utf-8", "2"), ("cp1251", "1"), ("koi8-r", "3")):
        text = code().replace("ST00012", f"ST0001{digit}")
        answer = sent(photo_of(text.encode(encoding)))
        assert answer.status_code == 200
        told = json.dumps(answer.json(), ensure_ascii=False) + answer.text
        assert not [word for word in PERSONAL if word in told]


def test_code_in_cp1251_is_read(town: Town) -> None:
    text = code("75ДА533000").replace("ST00012", "ST00011")
    assert sent(photo_of(text.encode("cp1251"))).json()["number"] == "75ДА533000"


def test_of_two_codes_the_chosen_provider_is_told(town: Town) -> None:
    both = photo_of(code().encode(), code("3700", GAS_INN).encode())
    assert sent(both, chosen="gas").json()["number"] == "3700"
    refused = sent(both)
    assert (refused.status_code, refused.json()) == (422, {"error": SeveralCodes.text})


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.ru"}]
)
def test_foreign_pages_have_nothing_read(town: Town, headers: dict[str, str]) -> None:
    answer = sent(photo_of(code().encode()), headers=headers)
    assert (answer.status_code, "1000123456" in answer.text) == (403, False)


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"", 422, "Файл пустой."),
        (document(), 422, "Подойдёт фото"),
        (photo(), 422, "На снимке не нашли код. Снимите ближе, чтобы код занял половину кадра, или введите номер."),
        (file_of(code_picture(b"https://example.ru/?n=1000123456")), 422, "Это не платёжный код."),
        (file_of(Image.new("1", (9000, 9000)), "PNG"), 422, "больше 50 мегапикселей"),
        (b"\xff\xd8" + b"\0" * (11 * MEGABYTE), 413, "больше 10 МБ"),
    ],
    ids=["empty", "document", "no code", "address", "bomb", "11 MB"],
)
def test_what_cannot_be_read_is_refused_in_words(town: Town, content: bytes, status: int, words: str) -> None:
    answer = sent(content)
    assert (answer.status_code, list(answer.json())) == (status, ["error"])
    assert words in answer.json()["error"]


def test_body_that_hides_its_length_is_not_read_to_its_end(town: Town) -> None:
    read = 0

    async def endless() -> object:
        nonlocal read
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
        while read < 40 * MEGABYTE:
            read += MEGABYTE
            yield b"\0" * MEGABYTE

    browser = Visitor(Starlette(routes=routes), "http://localhost:3000")
    form = {"content-type": "multipart/form-data; boundary=x"}
    answer = browser.ask("POST", "/scan/bill", content=endless(), headers=OWN | form)
    assert answer.status_code == 413
    assert read <= 11 * MEGABYTE


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "image/jpeg", "multipart/form-data"])
def test_body_that_is_no_upload_is_refused(town: Town, content_type: str) -> None:
    browser = Visitor(Starlette(routes=routes), "http://localhost:3000")
    answer = browser.ask("POST", "/scan/bill", content=b"file=x", headers=OWN | {"content-type": content_type})
    assert answer.status_code == 422


def test_photo_after_photo_ends_in_a_wait_before_anything_is_read(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    few = tuple(limit for limit in scanning.LIMITS if limit.amount == 40)
    for _ in range(few[0].amount):
        assert sent(b"").status_code == 422
    monkeypatch.setattr("lkk_reflex.cabinet.routes.received", None)
    answer = sent(photo_of(code().encode()))
    assert (answer.status_code, answer.json()["error"][:23]) == (429, "Слишком много попыток. ")
