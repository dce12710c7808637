"""The HTTP routes of photos of dials, asked as a browser would and as nobody should."""

from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from lkk_reflex.identity.models import Subscriber
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.meters.photos import PHOTOS
from lkk_reflex.meters.routes import routes
from tests.factories.files import document, photo, photo_with_place
from tests.factories.identity import make_viewer, open_session
from tests.meters.conftest import Flat
from tests.support.visitor import Visitor

OWN = {"sec-fetch-site": "same-origin"}
PATH = "/readings/photo"
MEGABYTE = 1024 * 1024


async def nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    """Stand in for the page that says there is none."""
    await PlainTextResponse("Такой страницы нет", 404)(scope, receive, send)


def visitor(viewer: Viewer | None = None) -> Visitor:
    made = Visitor(Router(routes, default=nothing_here), "http://localhost:3000")
    if viewer:
        with unit_of_work() as session:
            opened = open_session(session, session.get_one(Subscriber, viewer.subscriber_id))
        made.cookies.set("lkk", opened.session_token)
    return made


@pytest.fixture
def owner(flat: Flat) -> Visitor:
    return visitor(flat.owner)


@pytest.fixture
def guest(flat: Flat) -> Visitor:
    return visitor(flat.guest)


def send(
    browser: Visitor, flat: Flat, content: bytes | None = None, headers: dict[str, str] | None = None
) -> httpx.Response:
    files = {"file": ("../счётчик.exe", photo() if content is None else content, "image/jpeg")}
    return browser.ask("POST", f"{PATH}/{flat.meter.public_id}", files=files, headers=headers or OWN)


def stored() -> list[Path]:
    folder = PHOTOS.path_of("x").parent
    return sorted(folder.iterdir()) if folder.exists() else []


def test_photo_is_kept_clean_private_and_shown_to_its_sender(owner: Visitor, guest: Visitor, flat: Flat) -> None:
    answer = send(owner, flat, photo_with_place())
    assert answer.status_code == 200
    assert answer.json()["name"] == "счётчик.jpg"
    (file,) = stored()
    assert b"Secret" not in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    shown = owner.get(f"{PATH}/{answer.json()['id']}")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert shown.headers["content-disposition"].startswith("inline;")
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["cache-control"] == "no-store"
    assert "sandbox" in shown.headers["content-security-policy"]
    for nobody in (guest, visitor()):
        for name in (answer.json()["id"], file.name, "..%2F..%2Fsecret.key", "%00"):
            missing = nobody.get(f"{PATH}/{name}")
            assert (missing.status_code, missing.text) == (404, "Такой страницы нет")


def test_guest_of_the_portal_uploads_nothing(flat: Flat) -> None:
    assert send(visitor(), flat).status_code == 401
    assert stored() == []


def test_nobody_uploads_for_the_meter_of_others(flat: Flat) -> None:
    with unit_of_work() as session:
        stranger = make_viewer(session)
    assert send(visitor(stranger), flat).status_code == 404
    assert stored() == []


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.ru"}]
)
def test_foreign_pages_upload_and_discard_nothing(owner: Visitor, flat: Flat, headers: dict[str, str]) -> None:
    public_id = send(owner, flat).json()["id"]
    assert send(owner, flat, headers=headers).status_code == 403
    assert owner.ask("DELETE", f"{PATH}/{public_id}", headers=headers).status_code == 403
    assert len(stored()) == 1
    assert owner.get(f"{PATH}/{public_id}").status_code == 200


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"", 422, "пустой"),
        (b"MZ\0\0", 422, "Подойдёт фото"),
        (document(), 422, "Подойдёт фото"),
        (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 100, 422, "HEIC"),
        (b"\xff\xd8" + b"\0" * (11 * MEGABYTE), 413, "больше 10 МБ"),
    ],
    ids=["empty", "program", "document", "heic", "11 MB"],
)
def test_what_is_no_photo_is_refused_in_words_and_leaves_nothing(
    owner: Visitor, flat: Flat, content: bytes, status: int, words: str
) -> None:
    answer = send(owner, flat, content)
    assert answer.status_code == status
    assert words in answer.json()["error"]
    assert stored() == []


def test_too_many_waiting_photos_are_refused(owner: Visitor, flat: Flat) -> None:
    names = [send(owner, flat).json()["id"] for _ in range(20)]
    assert send(owner, flat).status_code == 429
    assert owner.ask("DELETE", f"{PATH}/{names[0]}", headers=OWN).status_code == 204
    assert send(owner, flat).status_code == 200


def test_discarded_photo_is_nowhere(owner: Visitor, guest: Visitor, flat: Flat) -> None:
    public_id = send(owner, flat).json()["id"]
    assert guest.ask("DELETE", f"{PATH}/{public_id}", headers=OWN).status_code == 204
    assert visitor().ask("DELETE", f"{PATH}/{public_id}", headers=OWN).status_code == 401
    assert owner.get(f"{PATH}/{public_id}").status_code == 200
    assert owner.ask("DELETE", f"{PATH}/{public_id}", headers=OWN).status_code == 204
    assert owner.get(f"{PATH}/{public_id}").status_code == 404
