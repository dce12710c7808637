"""What the routes of files share: receiving one file, taking it back, handing it out."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final, TypeVar

from sqlmodel import Session
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from lkk_reflex.attachments.errors import FileTooLarge, TooManyUnfit, UploadBroken, UploadCutOff
from lkk_reflex.attachments.files import (
    FILE_LIMIT,
    MEGABYTE,
    Cleaned,
    FileKind,
    StoredFile,
    Uploaded,
    size_in_words,
)
from lkk_reflex.attachments.names import ENDINGS, disposition
from lkk_reflex.identity.routes import is_same_origin, signed_in
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.bridge import in_thread, read, write
from lkk_reflex.kit.errors import Forbidden, PortalError, SignInRequired
from lkk_reflex.kit.rate_limit import Limit, TooManyAttempts, require_room, take
from lkk_reflex.kit.rate_limit import Scope as LimitScope
from lkk_reflex.kit.turns import Turns

#: The file with the lines that a browser writes around it.
_LARGEST_BODY: Final = FILE_LIMIT + 64 * 1024
#: Ten megabytes over a slow mobile connection.
_BODY_SECONDS: Final = 180.0
_TYPES: Final = {FileKind.JPEG: "image/jpeg", FileKind.PNG: "image/png", FileKind.PDF: "application/pdf"}
_STATUSES: Final[dict[type[PortalError], int]] = {
    SignInRequired: 401,
    Forbidden: 404,
    UploadCutOff: 408,
    FileTooLarge: 413,
    TooManyUnfit: 429,
}
#: Opening a photo of fifty megapixels takes memory: one at a time.
_opening = asyncio.Semaphore(1)
#: Of all that wait for it each person has one file in the line, so that forty files of one delay others by one.
_turns: Final = Turns()
#: Files that were looked at in vain, by a subscriber: what is taken is limited by the slices.
UNFIT: Final = Limit("files.unfit", LimitScope.SUBJECT, 20, timedelta(minutes=15))

T = TypeVar("T")


class _TooMuch(MultiPartException):
    """The body is larger than a file may be; of this kind, so that the parser closes what it has begun."""


class _NotFound(Response):
    """The page of the portal for an address that leads nowhere."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["router"].default(scope, receive, send)


@dataclass(frozen=True, slots=True)
class Upload:
    """How a slice takes a file.

    `require_room(session, viewer)` refuses before the file is received, `clean` decides what is kept of it, and
    `store(session, viewer, file=, name=)` keeps it until its form is sent. `statuses` are those of the refusals of
    the slice; any other is 422.
    """

    require_room: Callable[[Session, Viewer], None]
    clean: Callable[[bytes], Cleaned]
    store: Callable[..., Uploaded]
    statuses: Mapping[type[PortalError], int] = field(default_factory=dict)


async def receive(request: Request, how: Upload) -> Response:
    """Receive one file, check it by its content, keep it for the form that will follow; answer in JSON."""
    if not is_same_origin(request):
        return PlainTextResponse("Запрос пришёл с чужого сайта.", 403)
    viewer = await signed_in(request)
    try:
        await read(how.require_room, viewer)
        name, raw = await received(request)
        async with _turns.of(str(viewer.require_subscriber())):
            file = await _cleaned(viewer, how, raw)
        stored = await write(partial(how.store, file=file, name=name), viewer)
    except PortalError as refusal:
        return refused_file(refusal, how.statuses)
    return JSONResponse({"id": stored.public_id, "name": stored.name, "size": size_in_words(stored.size)})


async def received(request: Request) -> tuple[str, bytes]:
    """Receive one file; return its name and its content.

    Raises:
        FileTooLarge: the body is longer than a file may be; it is not read further.
        UploadBroken: there is no file in it, or it did not come whole.
    """
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            return await _received(request)
    except (ClientDisconnect, TimeoutError) as error:
        raise UploadCutOff from error


async def opened(raw: bytes, opener: Callable[[bytes], T], *, whose: str) -> T:
    """Open a file in a worker thread when it is the turn of who has sent it; return what `opener` has made of it.

    Raises:
        PortalError: as `opener`.
    """
    async with _turns.of(whose), _opening:
        return await in_thread(opener, raw)


async def _cleaned(viewer: Viewer, how: Upload, raw: bytes) -> Cleaned:
    """Decide what is kept of a file.

    Raises:
        TooManyUnfit: too many of this person's files were refused of late; this one is not looked at.
        PortalError: as `how.clean`; it is counted.
    """
    keys = {LimitScope.SUBJECT: str(viewer.require_subscriber())}
    try:
        await read(require_room, [UNFIT], keys)
    except TooManyAttempts as refusal:
        raise TooManyUnfit(**refusal.params) from refusal
    try:
        async with _opening:
            return await in_thread(how.clean, raw)
    except PortalError:
        await write(take, [UNFIT], keys)
        raise


def refused_file(refusal: PortalError, statuses: Mapping[type[PortalError], int] | None = None) -> Response:
    """Say in JSON why a file was not taken; `statuses` are those of refusals of the slice, any other is 422."""
    status = {**_STATUSES, **(statuses or {})}.get(type(refusal), 422)
    return JSONResponse({"error": refusal.message}, status)


async def take_back(request: Request, discard: Callable[[Session, Viewer], None]) -> Response:
    """Forget a file that was not sent."""
    if not is_same_origin(request):
        return PlainTextResponse("Запрос пришёл с чужого сайта.", 403)
    try:
        await write(discard, await signed_in(request))
    except SignInRequired as refusal:
        return refused_file(refusal)
    return Response(status_code=204)


async def hand_out(request: Request, find: Callable[[Session, Viewer], StoredFile]) -> Response:
    """Hand a file out to whom it belongs; for everybody else there is none."""
    try:
        file = await read(find, await signed_in(request))
    except PortalError:
        return _NotFound()
    # A picture that we have drawn ourselves may be shown; a document is only ever saved.
    manner = "attachment" if file.kind is FileKind.PDF else "inline"
    return Response(
        file.content,
        media_type=_TYPES[file.kind],
        headers={
            "Content-Disposition": disposition(file.name, f"file.{ENDINGS[file.kind]}", manner=manner),
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )


async def _received(request: Request) -> tuple[str, bytes]:
    """Return the name and the content of the one file of the form.

    Raises:
        FileTooLarge: the body is longer than a file may be; it is not read further.
        UploadBroken: there is no file in it.
    """
    too_large = FileTooLarge(most=FILE_LIMIT // MEGABYTE)
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > _LARGEST_BODY:
        raise too_large
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data;"):
        raise UploadBroken
    parser = MultiPartParser(request.headers, _limited(request), max_files=1, max_fields=0)
    try:
        form = await parser.parse()
    except _TooMuch as error:
        raise too_large from error
    except (MultiPartException, KeyError) as error:
        raise UploadBroken from error
    try:
        file = form.get("file")
        if file is None or isinstance(file, str):
            raise UploadBroken
        return file.filename or "", await file.read()
    finally:
        await form.close()


async def _limited(request: Request) -> AsyncGenerator[bytes, None]:
    total = 0
    async for chunk in request.stream():
        total += len(chunk)
        if total > _LARGEST_BODY:
            raise _TooMuch("too much")
        yield chunk
