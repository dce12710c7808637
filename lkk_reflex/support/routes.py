"""HTTP routes of attachments: upload, take back, read."""

from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lkk_reflex.attachments.contents import cleaned
from lkk_reflex.attachments.routes import Upload, hand_out, receive, take_back
from lkk_reflex.kit.raw_input import name_in_address
from lkk_reflex.support import attachments
from lkk_reflex.support.errors import FilesTooMany, UploadsFull
from lkk_reflex.support.projection import FILES_PATH

_UPLOAD: Final = Upload(
    require_room=attachments.require_room_for_upload,
    clean=cleaned,
    store=attachments.store,
    statuses={FilesTooMany: 429, UploadsFull: 429},
)


async def upload(request: Request) -> Response:
    """Receive one file for the message that will follow."""
    return await receive(request, _UPLOAD)


async def discard(request: Request) -> Response:
    """Forget a file that was not sent."""
    return await take_back(request, partial(attachments.discard, public_id=name_in_address(request.url.path)))


async def download(request: Request) -> Response:
    """Hand a file out to whom it belongs."""
    return await hand_out(request, partial(attachments.file_of, public_id=name_in_address(request.url.path)))


routes: Final = [
    Route(FILES_PATH, upload, methods=["POST"]),
    Route(f"{FILES_PATH}/{{public_id}}", download, methods=["GET"]),
    Route(f"{FILES_PATH}/{{public_id}}", discard, methods=["DELETE"]),
]
