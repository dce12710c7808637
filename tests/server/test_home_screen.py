"""The portal on the home screen of a phone."""

import io
from collections.abc import AsyncIterator

import httpx
import pytest
from PIL import Image
from starlette.applications import Starlette

from lkk_reflex.server import home_screen
from lkk_reflex.settings import get_settings

MANIFEST = "/home-screen/manifest.webmanifest"


@pytest.fixture
async def phone(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    monkeypatch.setenv("LKK_ACCENT_COLOR", "#0B6E69")
    get_settings.cache_clear()
    transport = httpx.ASGITransport(app=Starlette(routes=home_screen.routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://portal") as client:
        yield client
    get_settings.cache_clear()


async def test_manifest_opens_the_cabinet_like_an_application_in_russian(phone: httpx.AsyncClient) -> None:
    answer = await phone.get(MANIFEST)
    told = answer.json()
    assert answer.headers["content-type"].startswith("application/manifest+json")
    assert (told["lang"], told["display"], told["start_url"], told["scope"]) == ("ru", "standalone", "/cabinet", "/")


@pytest.mark.parametrize(
    ("company", "short"),
    [("Водоканал", "Водоканал"), ("МУП «Среднереченский горводоканал»", "Мой кабинет")],
)
async def test_short_name_fits_under_an_icon(
    phone: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, company: str, short: str
) -> None:
    monkeypatch.setenv("LKK_COMPANY_NAME", company)
    get_settings.cache_clear()
    told = (await phone.get(MANIFEST)).json()
    assert (told["name"], told["short_name"]) == (company, short)


async def test_every_icon_of_the_manifest_is_a_picture_of_its_size_in_the_accent(phone: httpx.AsyncClient) -> None:
    icons = (await phone.get(MANIFEST)).json()["icons"]
    assert [icon["sizes"] for icon in icons] == ["192x192", "512x512"]
    for icon in icons:
        picture = Image.open(io.BytesIO((await phone.get(icon["src"])).content)).convert("RGB")
        assert f"{picture.width}x{picture.height}" == icon["sizes"]
        assert picture.getpixel((1, 1)) == (0x0B, 0x6E, 0x69)
        assert picture.getpixel((picture.width // 2, picture.height // 2)) == (255, 255, 255)
