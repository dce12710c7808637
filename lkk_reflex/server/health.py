"""Whether the portal can do its work, for supervisors and load balancers."""

import logging
from collections.abc import Callable

from sqlmodel import select
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from lkk_reflex.kit.bridge import in_thread
from lkk_reflex.kit.db import reading

logger = logging.getLogger(__name__)


def database_answers() -> None:
    """Ask the database the smallest question; raises whatever the driver raises."""
    with reading() as session:
        session.exec(select(1))


def health_route(check_database: Callable[[], None]) -> Route:
    """Return `GET /health`: 200 if the check passes, 503 if it raises. Details go to the log only."""

    async def health(_request: Request) -> JSONResponse:
        try:
            await in_thread(check_database)
        except Exception as error:  # noqa: BLE001 - whatever is wrong, the portal is not well.
            logger.warning("the database does not answer: %s", type(error).__name__)
            return JSONResponse({"status": "unavailable", "database": "unavailable"}, status_code=503)
        return JSONResponse({"status": "ok", "database": "ok"})

    return Route("/health", health, methods=["GET"])
