"""What a person and the log see when a route breaks."""

import logging
from html import escape

from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lkk_reflex.kit.log import report_fault

logger = logging.getLogger(__name__)

_PAGE = """<!doctype html><html lang="ru"><meta charset="utf-8"><title>Что-то сломалось</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<h1>Страница не открылась</h1>
<p>Ошибка на нашей стороне. Попробуйте ещё раз через минуту. Если не поможет, назовите поддержке номер
<b>{reference}</b>.</p><p><a href="/">На главную</a></p></html>"""


class Faults:
    """Turns an unexpected exception of an HTTP route into a page with a reference number."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer 500 if nothing was answered yet."""
        is_answered = False

        async def watch(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception as error:  # noqa: BLE001 - the last place before the network.
            reference = report_fault(logger, error)
            if scope["type"] == "http" and not is_answered:
                page = HTMLResponse(_PAGE.format(reference=escape(reference)), status_code=500)
                await page(scope, receive, send)
