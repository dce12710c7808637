"""HTTP routes of the cabinet: what is downloaded and not shown."""

from pathlib import Path
from typing import Final

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from lkk_reflex.cabinet import own_data
from lkk_reflex.identity.routes import form_field, refused, signed_in
from lkk_reflex.kit import bridge
from lkk_reflex.kit.errors import PortalError

_PRIVACY_PAGE: Final = "/settings/privacy"
_NOT_KEPT: Final = {"Cache-Control": "no-store"}


async def give_own_data(request: Request) -> Response:
    """Exchange the ticket of the privacy page for the archive of the person's own data."""
    refusal = refused(request)
    if refusal:
        return refusal
    viewer, ticket = await signed_in(request), await form_field(request, "ticket")
    try:
        path = await bridge.in_thread(own_data.archive, viewer, ticket=ticket)
    except PortalError:
        return RedirectResponse(f"{_PRIVACY_PAGE}?expired=1", 303, headers=_NOT_KEPT)
    return FileResponse(
        path,
        media_type="application/zip",
        filename=own_data.file_name(),
        headers=_NOT_KEPT,
        background=BackgroundTask(Path.unlink, path, missing_ok=True),
    )


routes: Final = [Route("/settings/own-data", give_own_data, methods=["POST"])]
