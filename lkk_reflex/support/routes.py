"""HTTP routes of attachments: upload, take back, read."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Final
from urllib.parse import quote

from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from lkk_reflex.identity.cookies import browser_of, cookie_names
from lkk_reflex.identity.routes import is_same_origin
from lkk_reflex.identity.sessions import resolve_session
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.bridge import in_thread, read, write
from lkk_reflex.kit.errors import PortalError, SignInRequired
from lkk_reflex.kit.raw_input import name_in_address
from lkk_reflex.settings import get_settings
from lkk_reflex.support import attachments
from lkk_reflex.support.errors import FilesTooMany, FileTooLarge, UploadBroken, UploadsFull
from lkk_reflex.support.models import FileKind
from lkk_reflex.support.projection import FILES_PATH, size_in_words
from lkk_reflex.support.rules import FILE_LIMIT, MEGABYTE

#: The file with the lines that a browser writes around it.
_LARGEST_BODY: Final = FILE_LIMIT + 64 * 1024
#: Ten megabytes over a slow mobile connection.
_BODY_SECONDS: Final = 180.0
_TYPES: Final = {FileKind.JPEG: "image/jpeg", FileKind.PNG: "image/png", FileKind.PDF: "application/pdf"}
_STATUSES: Final[dict[type[PortalError], int]] = {
    SignInRequired: 401,
    FileTooLarge: 413,
    FilesTooMany: 429,
    UploadsFull: 429,
}
#: Opening a photo of fifty megapixels takes memory: one at a time.
_opening = asyncio.Semaphore(1)


class _TooMuch(MultiPartException):
    """The body is larger than a file may be; of this kind, so that the parser closes what it has begun."""


class _NotFound(Response):
    """The page of the portal for an address that leads nowhere."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["router"].default(scope, receive, send)


async def upload(request: Request) -> Response:
    """Receive one file, check it by its content, keep it for the message that will follow; answer in JSON."""
    if not is_same_origin(request):
        return PlainTextResponse("Запрос пришёл с чужого сайта.", 403)
    viewer = await _viewer(request)
    try:
        await read(attachments.require_room_for_upload, viewer)
        async with asyncio.timeout(_BODY_SECONDS):
            name, raw = await _received(request)
        async with _opening:
            file = await in_thread(attachments.cleaned, raw)
        stored = await write(attachments.store, viewer, file=file, name=name)
    except (ClientDisconnect, TimeoutError):
        return _refused(UploadBroken(), 408)
    except PortalError as refusal:
        return _refused(refusal, _STATUSES.get(type(refusal), 422))
    return JSONResponse({"id": stored.public_id, "name": stored.name, "size": size_in_words(stored.size)})


async def discard(request: Request) -> Response:
    """Forget a file that was not sent."""
    if not is_same_origin(request):
        return PlainTextResponse("Запрос пришёл с чужого сайта.", 403)
    try:
        await write(attachments.discard, await _viewer(request), public_id=_named(request))
    except SignInRequired as refusal:
        return _refused(refusal, 401)
    return Response(status_code=204)


async def download(request: Request) -> Response:
    """Hand a file out to whom it belongs; for everybody else there is none."""
    try:
        file = await read(attachments.file_of, await _viewer(request), public_id=_named(request))
    except PortalError:
        return _NotFound()
    # A picture that we have drawn ourselves may be shown; a document is only ever saved.
    manner = "attachment" if file.kind is FileKind.PDF else "inline"
    return Response(
        file.content,
        media_type=_TYPES[file.kind],
        headers={
            "Content-Disposition": f"{manner}; filename*=UTF-8''{quote(file.name, safe='')}",
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )


routes: Final = [
    Route(FILES_PATH, upload, methods=["POST"]),
    Route(f"{FILES_PATH}/{{public_id}}", download, methods=["GET"]),
    Route(f"{FILES_PATH}/{{public_id}}", discard, methods=["DELETE"]),
]


def _named(request: Request) -> str:
    """Return the name of a file in the address; what can be none is an empty text."""
    return name_in_address(request.url.path)


async def _viewer(request: Request) -> Viewer:
    names = cookie_names(is_https=get_settings().is_https)
    token = browser_of(request.headers.get("cookie", ""), "", names).session_token
    address = request.client.host if request.client else ""
    found = await in_thread(resolve_session, token, address) if token else None
    return found or Viewer(address=address)


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


def _refused(refusal: PortalError, status: int) -> Response:
    return JSONResponse({"error": refusal.message}, status)
