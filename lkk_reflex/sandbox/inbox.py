"""The page `/demo/inbox`: the e-mails and SMS that the demo has sent, and the PINs that its offices have issued."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import anyio.to_thread
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from lkk_reflex.notifications.models import Channel
from lkk_reflex.notifications.rendering import blocks
from lkk_reflex.notifications.senders.chosen import demo_directory
from lkk_reflex.sandbox.town_pins import told_pins
from lkk_reflex.settings import Settings, get_settings
from lkk_reflex.ui.theme import icon_address

PATH: Final = "/demo/inbox"
_SHOWN: Final = 50
_FOLDER: Final = Path(__file__).parent / "templates"
_PARTS: Final = re.compile(r"(https?://\S+|\b\d{3} \d{3}\b|\b\d{6}\b|\b\d{4}-\d{4}\b)")
_FILES: Final = {"inbox.css": "text/css", "inbox.js": "text/javascript"}
_templates = Environment(
    loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text: `words`, a `code` to be selected by one tap, or a `link`."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message as the page shows it."""

    kind: str
    to: str
    at: str
    subject: str
    paragraphs: list[list[Part]]


def shown_messages(settings: Settings) -> list[ShownMessage]:
    """Return what the demo has sent, newest first."""
    files = sorted(demo_directory(settings).glob("*.json"), reverse=True)[:_SHOWN]
    return [_shown(json.loads(file.read_text(encoding="utf-8")), settings) for file in files]


async def _page(_request: Request) -> Response:
    settings = get_settings()
    if not settings.is_demo:
        return PlainTextResponse("Такой страницы нет.", 404)
    messages = await anyio.to_thread.run_sync(shown_messages, settings)
    page = _templates.get_template("inbox.html").render(
        messages=messages,
        pins=told_pins(settings.data_dir),
        company=settings.company_name,
        icon=icon_address(settings.accent_color),
    )
    return HTMLResponse(page, headers={"Cache-Control": "no-store"})


async def _file(request: Request) -> Response:
    name = request.url.path.rpartition("/")[2]
    return Response((_FOLDER / name).read_bytes(), media_type=_FILES[name])


routes: Final = [
    Route(PATH, _page, methods=["GET"]),
    *(Route(f"/demo/{name}", _file, methods=["GET"]) for name in _FILES),
]


def _shown(message: dict[str, str], settings: Settings) -> ShownMessage:
    sent_at = datetime.fromisoformat(message["sent_at"]).astimezone(ZoneInfo("Europe/Moscow"))
    return ShownMessage(
        kind="Письмо" if message["channel"] == Channel.EMAIL else "СМС",
        to=message["to"],
        at=sent_at.strftime("%d.%m.%Y, %H:%M:%S"),
        subject=message["subject"],
        paragraphs=[list(_parts(block.text, settings)) for block in blocks(message["body"])],
    )


def _parts(text: str, settings: Settings) -> Iterator[Part]:
    for piece in filter(None, _PARTS.split(text)):
        if piece.startswith("http"):
            # The demo is opened by any name of its machine: a link to itself stays on that name.
            yield Part("link", piece.removeprefix(settings.public_url))
        else:
            yield Part("code" if _PARTS.fullmatch(piece) else "words", piece)
