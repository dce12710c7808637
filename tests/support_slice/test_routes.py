"""The HTTP routes of attachments, asked as a browser would and as nobody should."""

import json
import shutil
from pathlib import Path

import httpx
import pytest
from sqlmodel import select
from starlette.responses import PlainTextResponse
from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from lkk_reflex.attachments import storage
from lkk_reflex.attachments.routes import UNFIT
from lkk_reflex.identity.models import Subscriber
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.rate_limit import Scope as LimitScope
from lkk_reflex.kit.rate_limit import left, take
from lkk_reflex.settings import get_settings
from lkk_reflex.support import attachments
from lkk_reflex.support.attachments import UPLOADS
from lkk_reflex.support.models import TicketAttachment
from lkk_reflex.support.routes import routes
from tests.factories.files import document, photo, photo_with_place
from tests.factories.identity import open_session
from tests.factories.support import make_ticket, support_form
from tests.support.portal import HeldClock
from tests.support.visitor import Visitor
from tests.support_slice.conftest import Town

OWN = {"sec-fetch-site": "same-origin"}
PATH = "/support/attachments"
MEGABYTE = 1024 * 1024


async def nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    """Stand in for the page that says there is none."""
    await PlainTextResponse("Такой страницы нет", 404)(scope, receive, send)


@pytest.fixture
def anna(town: Town) -> Visitor:
    return visitor(town.anna.subscriber_id)


@pytest.fixture
def boris(town: Town) -> Visitor:
    return visitor(town.boris.subscriber_id)


@pytest.fixture
def guest(town: Town) -> Visitor:
    return visitor()


def visitor(subscriber_id: int | None = None) -> Visitor:
    """Return a browser in which this subscriber is signed in, or nobody."""
    made = Visitor(Router(routes, default=nothing_here), "http://localhost:3000")
    if subscriber_id:
        with unit_of_work() as session:
            opened = open_session(session, session.get_one(Subscriber, subscriber_id))
        made.cookies.set("lkk", opened.session_token)
    return made


def send(
    browser: Visitor,
    content: bytes | None = None,
    name: str = "счётчик.jpg",
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    files = {"file": (name, photo() if content is None else content, "image/jpeg")}
    return browser.ask("POST", PATH, files=files, headers=headers or OWN)


def stored() -> list[Path]:
    directory = get_settings().data_dir / "uploads"
    return sorted(directory.iterdir()) if directory.exists() else []


def test_nearly_full_disk_takes_no_files(anna: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "LEFT_FREE", shutil.disk_usage(get_settings().data_dir.parent).total * 2)
    answer = send(anna)
    assert answer.status_code == 422
    assert "мало места" in answer.json()["error"]
    assert stored() == []


def test_photo_is_kept_clean_private_and_under_a_random_name(anna: Visitor) -> None:
    answer = send(anna, photo_with_place(), name="../../фото.exe")
    assert answer.status_code == 200
    assert answer.json()["name"] == "фото.jpg"
    assert set(answer.json()) == {"id", "name", "size"}
    (file,) = stored()
    assert b"Secret" not in file.read_bytes()
    assert "фото" not in file.name
    assert len(file.name) == 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_owner_gets_the_photo_to_look_at_and_the_document_to_save(anna: Visitor) -> None:
    shown = anna.get(f"{PATH}/{send(anna).json()['id']}")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert shown.headers["content-disposition"].startswith(
        "inline; filename=\"file.jpg\"; filename*=UTF-8''%D1%81%D1%87"
    )
    saved = anna.get(f"{PATH}/{send(anna, document(), name='акт.pdf').json()['id']}")
    assert saved.headers["content-type"] == "application/pdf"
    assert saved.headers["content-disposition"] == (
        "attachment; filename=\"file.pdf\"; filename*=UTF-8''%D0%B0%D0%BA%D1%82.pdf"
    )
    for answer in (shown, saved):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "sandbox" in answer.headers["content-security-policy"]


def test_file_is_nowhere_for_everybody_else(anna: Visitor, boris: Visitor, guest: Visitor) -> None:
    public_id = send(anna).json()["id"]
    for browser in (boris, guest):
        for name in (public_id, "nothing-is-here", stored()[0].name, "..%2F..%2Fsecret.key", "%00"):
            answer = browser.get(f"{PATH}/{name}")
            assert (answer.status_code, answer.text) == (404, "Такой страницы нет")


def test_file_that_vanished_from_the_disk_is_nowhere(anna: Visitor) -> None:
    public_id = send(anna).json()["id"]
    stored()[0].unlink()
    assert anna.get(f"{PATH}/{public_id}").status_code == 404


def test_guest_uploads_nothing(guest: Visitor) -> None:
    answer = send(guest)
    assert (answer.status_code, answer.json()) == (401, {"error": "Войдите в кабинет, чтобы продолжить."})
    assert stored() == []


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.ru"}, {"x-own": "1"}],
)
def test_foreign_pages_upload_and_discard_nothing(anna: Visitor, headers: dict[str, str]) -> None:
    public_id = send(anna).json()["id"]
    assert send(anna, headers=headers).status_code == 403
    assert anna.ask("DELETE", f"{PATH}/{public_id}", headers=headers).status_code == 403
    assert len(stored()) == 1
    assert anna.get(f"{PATH}/{public_id}").status_code == 200


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"", 422, "пустой"),
        (b"MZ\0\0", 422, "Подойдут фото"),
        (document(script="x"), 422, "программы"),
        (document(password="x"), 422, "паролем"),
        (b"\xff\xd8" + b"\0" * (11 * MEGABYTE), 413, "больше 10 МБ"),
        (b"\xff\xd8" + b"\0" * (10 * MEGABYTE), 413, "больше 10 МБ"),
    ],
    ids=["empty", "program", "script", "locked", "11 MB", "a little over 10 MB"],
)
def test_bad_file_is_refused_in_words_and_leaves_nothing(
    anna: Visitor, content: bytes, status: int, words: str
) -> None:
    answer = send(anna, content)
    assert answer.status_code == status
    assert words in answer.json()["error"]
    assert stored() == []


def test_file_after_file_that_does_not_fit_ends_in_a_wait_for_who_sends_them_alone(
    anna: Visitor, boris: Visitor, held: HeldClock
) -> None:
    for _ in range(UNFIT.amount):
        assert send(anna, b"MZ").status_code == 422
    answer = send(anna)
    assert (answer.status_code, answer.json()["error"]) == (
        429,
        "Слишком много файлов подряд не подошло. Следующий можно приложить через 15 мин.",
    )
    assert send(boris).status_code == 200
    held.pass_(minutes=15)
    assert send(anna).status_code == 200


def test_files_that_fit_are_not_counted_as_ones_that_do_not(anna: Visitor, town: Town) -> None:
    assert send(anna).status_code == 200
    with reading() as session:
        assert left(session, UNFIT, {LimitScope.SUBJECT: str(town.anna.subscriber_id)}) == UNFIT.amount


def test_body_without_an_announced_length_is_cut_off_as_well(anna: Visitor) -> None:
    asked = 0

    async def endless():  # type: ignore[no-untyped-def]
        nonlocal asked
        head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
        yield head
        for _ in range(100):
            asked += 1
            yield b"\0" * MEGABYTE

    headers = OWN | {"content-type": "multipart/form-data; boundary=b"}
    answer = anna.ask("POST", PATH, content=endless(), headers=headers)
    assert answer.status_code == 413
    # The transport hands over what it has; our side stopped keeping it long before.
    assert stored() == []


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("", b""),
        ("application/x-www-form-urlencoded", b"file=x"),
        ("application/json", b"{}"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=", b"x"),
        ("multipart/form-data; boundary=b", b"garbage"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--\r\n',
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\nx\r\n--b--\r\n',
        ),
        ("multipart/form-data; boundary=b; charset=\xff", b"--b--\r\n"),
    ],
)
def test_request_without_a_file_is_refused(anna: Visitor, content_type: str, body: bytes) -> None:
    answer = anna.ask("POST", PATH, content=body, headers=OWN | {"content-type": content_type.encode("latin-1")})
    assert answer.status_code == 422
    assert "error" in answer.json()


def test_several_files_at_once_are_refused(anna: Visitor) -> None:
    files = [("file", ("a.jpg", photo())), ("file", ("b.jpg", photo()))]
    assert anna.ask("POST", PATH, files=files, headers=OWN).status_code == 422
    assert stored() == []


def test_files_that_wait_unsent_are_counted(anna: Visitor) -> None:
    names = [send(anna).json()["id"] for _ in range(10)]
    assert send(anna).status_code == 429
    assert anna.ask("DELETE", f"{PATH}/{names[0]}", headers=OWN).status_code == 204
    assert send(anna).status_code == 200


def test_sixty_files_a_day_are_enough(anna: Visitor, town: Town) -> None:
    with unit_of_work() as session:
        for _ in range(60):
            take(session, [UPLOADS], {LimitScope.SUBJECT: str(town.anna.subscriber_id)})
    answer = send(anna)
    assert answer.status_code == 429
    assert "Слишком много файлов" in answer.json()["error"]


def test_discarded_file_is_nowhere(anna: Visitor, boris: Visitor, guest: Visitor) -> None:
    public_id = send(anna).json()["id"]
    assert boris.ask("DELETE", f"{PATH}/{public_id}", headers=OWN).status_code == 204
    assert guest.ask("DELETE", f"{PATH}/{public_id}", headers=OWN).status_code == 401
    assert anna.get(f"{PATH}/{public_id}").status_code == 200
    assert anna.ask("DELETE", f"{PATH}/{public_id}", headers=OWN).status_code == 204
    assert anna.get(f"{PATH}/{public_id}").status_code == 404


def test_forgotten_uploads_leave_the_disk_and_sent_ones_stay(anna: Visitor, town: Town, held: HeldClock) -> None:
    sent, _forgotten = (send(anna).json()["id"] for _ in range(2))
    with unit_of_work() as session:
        make_ticket(session, town.anna, support_form(files=(sent,)))
    held.pass_(hours=25)
    fresh, being_stored = send(anna).json()["id"], attachments.FILES.keep(b"its row is not committed yet")
    with unit_of_work() as session:
        attachments.purge(session)
        left = {row.public_id: row.stored_name for row in session.exec(select(TicketAttachment))}
    assert set(left) == {sent, fresh}
    assert {file.name for file in stored()} == {*left.values(), being_stored}
    held.pass_(hours=2)
    with unit_of_work() as session:
        attachments.purge(session)
    assert {file.name for file in stored()} == set(left.values())


def test_purge_before_the_first_upload_does_nothing(town: Town) -> None:
    with unit_of_work() as session:
        attachments.purge(session)
    assert not attachments.FILES.path_of("x").parent.exists()


def test_refusal_tells_nothing_of_the_machine(anna: Visitor) -> None:
    told = json.dumps(send(anna, b"%PDF-1.7 broken").json(), ensure_ascii=False)
    assert "Traceback" not in told
    assert str(get_settings().data_dir) not in told
