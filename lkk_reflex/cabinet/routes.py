"""HTTP routes of the cabinet: what is downloaded and not shown."""

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from typing import IO, Final, Generic, TypeVar

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from lkk_reflex.accounts.errors import BillMissing
from lkk_reflex.attachments.barcodes import codes_on_photo
from lkk_reflex.attachments.names import disposition
from lkk_reflex.attachments.routes import opened, received, refused_file
from lkk_reflex.cabinet import own_data, papers, scanning
from lkk_reflex.identity.routes import form_field, is_same_origin, refused, signed_in, to_sign_in
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import bridge
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.errors import Forbidden, PortalError, SignInRequired
from lkk_reflex.kit.rate_limit import TooManyAttempts
from lkk_reflex.paper.bill import bill_pdf
from lkk_reflex.paper.confirmation import confirmation_pdf
from lkk_reflex.paper.statement import StatementPaper, statement_pdf, statement_xlsx
from lkk_reflex.ui.plain_page import plain_page

_PRIVACY_PAGE: Final = "/settings/privacy"
_NOT_KEPT: Final = {"Cache-Control": "no-store"}
#: Names of links and payments, and months; whatever else an address holds is not even looked up.
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MONTH: Final = re.compile(r"[0-9]{6}")
_PDF: Final = "application/pdf"
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PIECE_BYTES: Final = 64 * 1024
#: So many papers are typeset at once; the others wait without holding a thread.
_presses: Final = asyncio.Semaphore(2)

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class _Paper(Generic[P]):
    """How one paper is made: what stands on it, the press, the file's names, the page that leads to it."""

    read: Callable[[Session, Viewer], P]
    press: Callable[[P], bytes]
    media_type: str
    #: For browsers that know no Russian, and for the others.
    plain_name: str
    name: str
    page: str


async def give_own_data(request: Request) -> Response:
    """Exchange the ticket of the privacy page for the archive of the person's own data."""
    refusal = refused(request)
    if refusal:
        return refusal
    viewer, ticket = await signed_in(request), await form_field(request, "ticket")
    try:
        archive = await bridge.in_thread(own_data.archive, viewer, ticket=ticket)
    except PortalError:
        return RedirectResponse(f"{_PRIVACY_PAGE}?expired=1", 303, headers=_NOT_KEPT)
    # A file that is named is opened by the server, which may come to it after its end.
    names = disposition(own_data.file_name(), "my-data.zip")
    return StreamingResponse(
        _pieces(archive), media_type="application/zip", headers={**_NOT_KEPT, "Content-Disposition": names}
    )


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        yield from iter(partial(file.read, _PIECE_BYTES), b"")


async def give_bill(request: Request) -> Response:
    """Give the bill of a month as PDF."""
    public_id, month = request.path_params["link"], _month(request.path_params["period"])
    if month is None:
        return await _nothing(request)
    return await _made(
        request,
        _Paper(
            read=partial(papers.bill_paper, public_id=public_id, period=month),
            press=bill_pdf,
            media_type=_PDF,
            plain_name=f"bill-{month.key}.pdf",
            name=f"Квитанция за {month.label}.pdf",
            page=f"/bill/{public_id}/{month.key}",
        ),
    )


async def give_statement_pdf(request: Request) -> Response:
    """Give the statement from one month to another as PDF."""
    return await _statement(request, statement_pdf, _PDF, "pdf")


async def give_statement_xlsx(request: Request) -> Response:
    """Give the same as a spreadsheet."""
    return await _statement(request, statement_xlsx, _XLSX, "xlsx")


async def give_confirmation(request: Request) -> Response:
    """Give the confirmation of a payment as PDF."""
    return await _made(
        request,
        _Paper(
            read=partial(papers.confirmation_paper, payment_id=request.path_params["id"]),
            press=confirmation_pdf,
            media_type=_PDF,
            plain_name="payment.pdf",
            name="Подтверждение платежа.pdf",
            page="/payments",
        ),
    )


async def scan_bill(request: Request) -> Response:
    """Read the payment code on the photo of a bill, for the form in which the account is asked for.

    The query names the provider that is chosen there. Anybody may ask; nothing of the photo is kept.
    """
    if not is_same_origin(request):
        return PlainTextResponse("Запрос пришёл с чужого сайта.", 403)
    provider_code = request.query_params.get("provider", "")
    try:
        viewer = await signed_in(request)
        await bridge.write(scanning.count_scan, viewer)
        _, raw = await received(request)
        codes = await opened(raw, codes_on_photo, whose=viewer.address)
        found = await bridge.read(scanning.account_on, codes=codes, provider_code=provider_code)
    except PortalError as refusal:
        return refused_file(refusal, {TooManyAttempts: 429})
    return JSONResponse(asdict(found), headers=_NOT_KEPT)


async def _statement(
    request: Request, press: Callable[[StatementPaper], bytes], media_type: str, ending: str
) -> Response:
    public_id = request.path_params["link"]
    told = {name: request.query_params.get(name, "") for name in ("from", "to")}
    months = {name: _month(text) for name, text in told.items()}
    if any(told[name] and months[name] is None for name in told):
        return await _nothing(request)
    return await _made(
        request,
        _Paper(
            read=partial(papers.statement_paper, public_id=public_id, first=months["from"], last=months["to"]),
            press=press,
            media_type=media_type,
            plain_name=f"statement.{ending}",
            name=f"Выписка по лицевому счёту.{ending}",
            page=f"/bills/{public_id}",
        ),
    )


async def _made(request: Request, paper: _Paper[P]) -> Response:
    """Make a paper for who may have it; to everybody else it does not exist."""
    if not all(_NAME.fullmatch(part) for part in request.path_params.values()):
        return await _nothing(request)
    viewer = await signed_in(request)
    try:
        await bridge.write(papers.count_paper, viewer)
        content = await bridge.read(paper.read, viewer)
    except SignInRequired:
        return to_sign_in(request, viewer, paper.page)
    except TooManyAttempts as refusal:
        return HTMLResponse(plain_page("Слишком много документов", refusal.message), 429, headers=_NOT_KEPT)
    except BillMissing as refusal:
        return _missing(refusal.message)
    except PortalError:
        return _missing()
    async with _presses:
        made = await bridge.in_thread(paper.press, content)
    names = disposition(paper.name, paper.plain_name)
    return Response(made, media_type=paper.media_type, headers={**_NOT_KEPT, "Content-Disposition": names})


async def _nothing(request: Request) -> Response:
    """Answer an address that can name no paper; who has not signed in learns nothing of that either."""
    viewer = await signed_in(request)
    return _missing() if viewer.subscriber_id else to_sign_in(request, viewer, "/bills")


def _missing(sentence: str = Forbidden.text) -> Response:
    return HTMLResponse(plain_page("Документа нет", sentence), 404, headers=_NOT_KEPT)


def _month(text: str) -> BillingPeriod | None:
    """Read a month of an address, `202610`."""
    if not _MONTH.fullmatch(text):
        return None
    try:
        return BillingPeriod.from_key(int(text))
    except ValueError:
        return None


routes: Final = [
    Route("/papers/bill/{link}/{period}.pdf", give_bill, methods=["GET"]),
    Route("/papers/payment/{id}.pdf", give_confirmation, methods=["GET"]),
    Route("/papers/statement/{link}.pdf", give_statement_pdf, methods=["GET"]),
    Route("/papers/statement/{link}.xlsx", give_statement_xlsx, methods=["GET"]),
    Route("/scan/bill", scan_bill, methods=["POST"]),
    Route("/settings/own-data", give_own_data, methods=["POST"]),
]
