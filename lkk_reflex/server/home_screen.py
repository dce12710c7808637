"""What a phone needs to keep the portal on its home screen like an application: a manifest and icons.

Made from the settings at the start, so that every company has its own name and colour there.
"""

import io
import json
from collections.abc import Awaitable, Callable, Iterator
from functools import cache
from typing import TypeAlias

from PIL import Image, ImageDraw
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lkk_reflex.settings import get_settings
from lkk_reflex.ui.theme import palettes

Point: TypeAlias = tuple[float, float]

PATH = "/home-screen"
#: Pixels: what Android asks for, and the same for its splash screen.
ICON_SIZES = (192, 512)
#: A name under an icon has room for so many letters.
_SHORT_NAME = 12
_SHORT_NAME_OF_ALL = "Мой кабинет"
#: Drawn so many times larger and then made small, which smooths the edges.
_SHARPNESS = 4
#: The drop of the brand on a grid of 32: two cubic curves from its tip; a half circle closes it below.
_CURVES: tuple[tuple[Point, Point, Point, Point], ...] = (
    ((16, 6), (20, 10.6), (23, 14.2), (23, 18)),
    ((9, 18), (9, 14.2), (12, 10.6), (16, 6)),
)
_BELLY = (9, 11, 23, 25)
_STEPS = 24
_A_DAY = {"Cache-Control": "public, max-age=86400"}


async def manifest(_request: Request) -> Response:
    """Answer with the name, the colours and the icons."""
    return Response(_manifest(), media_type="application/manifest+json", headers=_A_DAY)


def icon(size: int) -> Callable[[Request], Awaitable[Response]]:
    """Return what answers with the icon of a size in pixels."""

    async def answer(_request: Request) -> Response:
        return Response(_icon(get_settings().accent_color, size), media_type="image/png", headers=_A_DAY)

    return answer


routes = [
    Route(f"{PATH}/manifest.webmanifest", manifest, methods=["GET"]),
    *(Route(f"{PATH}/icon-{size}.png", icon(size), methods=["GET"]) for size in ICON_SIZES),
]


def _manifest() -> str:
    """Return the web application manifest (W3C)."""
    settings = get_settings()
    light, _ = palettes(settings.accent_color)
    company = settings.company_name
    return json.dumps(
        {
            "name": company,
            "short_name": company if len(company) <= _SHORT_NAME else _SHORT_NAME_OF_ALL,
            "description": "Личный кабинет абонента: долг, оплата, показания",
            "lang": "ru",
            "dir": "ltr",
            "id": "/",
            "start_url": "/cabinet",
            "scope": "/",
            "display": "standalone",
            "background_color": light.background,
            "theme_color": light.background,
            "icons": [
                {
                    "src": f"{PATH}/icon-{size}.png",
                    "sizes": f"{size}x{size}",
                    "type": "image/png",
                    "purpose": "any maskable",
                }
                for size in ICON_SIZES
            ],
            "shortcuts": [
                {"name": "Передать показания", "url": "/readings"},
                {"name": "Оплатить без входа", "url": "/quick"},
            ],
        },
        ensure_ascii=False,
    )


@cache
def _icon(accent: str, size: int) -> bytes:
    """Draw the drop on the accent; the phone itself cuts the corners, so the ground fills the square."""
    scale = size * _SHARPNESS / 32
    picture = Image.new("RGB", (size * _SHARPNESS,) * 2, accent)
    draw = ImageDraw.Draw(picture)
    draw.polygon([(x * scale, y * scale) for x, y in _outline()], fill="#ffffff")
    draw.ellipse([edge * scale for edge in _BELLY], fill="#ffffff")
    written = io.BytesIO()
    picture.resize((size, size), Image.Resampling.LANCZOS).save(written, "PNG", optimize=True)
    return written.getvalue()


def _outline() -> Iterator[Point]:
    for start, first, second, end in _CURVES:
        for step in range(_STEPS + 1):
            part = step / _STEPS
            shares = ((1 - part) ** 3, 3 * part * (1 - part) ** 2, 3 * part**2 * (1 - part), part**3)
            curve = tuple(zip(shares, (start, first, second, end), strict=True))
            yield sum(share * point[0] for share, point in curve), sum(share * point[1] for share, point in curve)
