"""The address to which the gateway sends its notifications."""

import asyncio
import json
import logging

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from lkk_reflex.kit import wake
from lkk_reflex.kit.bridge import write
from lkk_reflex.kit.log import report_fault
from lkk_reflex.payments import fault_hooks, inbox

logger = logging.getLogger(__name__)

#: The bell of the job that works on notifications.
INBOX_BELL = "gateway_inbox"
_LARGEST = 64 * 1024
_BODY_SECONDS = 10.0


def routes() -> list[Route]:
    """Return `POST /hooks/yookassa/<token>`, one address for each shop."""
    return [Route("/hooks/yookassa/{token:str}", _receive, methods=["POST"])]


async def _receive(request: Request) -> Response:
    """Store the notification and say so: 200 once it is safe, 500 when it is not and must be sent again."""
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            raw = await _body(request)
    except TimeoutError:
        return Response(status_code=408)
    except ClientDisconnect:
        return Response(status_code=400)
    if raw is None:
        return Response(status_code=413)
    try:
        text = raw.decode()
        notification = inbox.read_notification(json.loads(text), text)
    except (ValueError, RecursionError, inbox.UnreadableNotification):
        return Response(status_code=400)
    address = request.client.host if request.client else ""
    try:
        is_known = await write(inbox.receive, request.path_params["token"], notification, address)
    except Exception as error:  # noqa: BLE001 - whatever is wrong, the gateway must send it again.
        report_fault(logger, error)
        return Response(status_code=500)
    if not is_known:
        return Response(status_code=404)
    fault_hooks.reach(fault_hooks.Point.AFTER_COMMIT)
    wake.ring(INBOX_BELL)
    return Response(status_code=200)


async def _body(request: Request) -> bytes | None:
    """Return the body, or None as soon as it is larger than any notification."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST:
            return None
    return bytes(body)
