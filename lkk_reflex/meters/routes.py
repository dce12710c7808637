"""HTTP routes of the photos of dials: upload, take back, look at."""

from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lkk_reflex.attachments.contents import photo_alone
from lkk_reflex.attachments.routes import Upload, hand_out, receive, take_back
from lkk_reflex.kit.raw_input import name_in_address
from lkk_reflex.meters import photos
from lkk_reflex.meters.errors import PhotosFull
from lkk_reflex.meters.history_projection import PHOTOS_PATH


async def upload(request: Request) -> Response:
    """Receive a photo of the meter that the address names, for the reading that will follow."""
    meter_id = name_in_address(request.url.path)
    how = Upload(
        require_room=partial(photos.require_room_for_photo, meter_id=meter_id),
        clean=photo_alone,
        store=partial(photos.store, meter_id=meter_id),
        statuses={PhotosFull: 429},
    )
    return await receive(request, how)


async def discard(request: Request) -> Response:
    """Forget a photo that was not sent."""
    return await take_back(request, partial(photos.discard, public_id=name_in_address(request.url.path)))


async def show(request: Request) -> Response:
    """Show a photo to whom its reading belongs."""
    return await hand_out(request, partial(photos.photo_of, public_id=name_in_address(request.url.path)))


routes: Final = [
    Route(f"{PHOTOS_PATH}/{{meter_id}}", upload, methods=["POST"]),
    Route(f"{PHOTOS_PATH}/{{public_id}}", show, methods=["GET"]),
    Route(f"{PHOTOS_PATH}/{{public_id}}", discard, methods=["DELETE"]),
]
