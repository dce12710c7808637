"""HTTP routes that set and clear the HttpOnly cookies, and the page behind the link of a message."""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from lkk_reflex.identity import exchange, limits, sessions
from lkk_reflex.identity.codes import LINK_PATH
from lkk_reflex.identity.cookies import Browser, browser_of, cookie_names
from lkk_reflex.identity.errors import LoginTaken
from lkk_reflex.identity.exchange import Answer
from lkk_reflex.identity.rules import SIGN_IN_PAGE, sign_in_address
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit import bridge
from lkk_reflex.kit.errors import PortalError
from lkk_reflex.kit.own_origin import is_own_origin
from lkk_reflex.settings import get_settings
from lkk_reflex.ui.plain_page import frame_values, with_frame
from lkk_reflex.ui.theme import tokens_css

#: Forms that may be posted before the page has come to life.
_EARLY_PAGES: Final = frozenset(
    {
        "/register",
        "/activate",
        "/sign-in",
        "/sign-in/code",
        "/sign-in/second",
        "/reset",
        "/settings/profile",
        "/settings/security/login",
        "/settings/security/password",
        "/settings/security/second-factor",
    }
)
#: Larger than any form here; a longer body is refused unread.
_MAX_FORM_BYTES: Final = 2048
_YEAR_SECONDS: Final = 365 * 24 * 3600
_templates = Environment(loader=with_frame(PackageLoader("lkk_reflex.identity", "templates")), autoescape=True)
_folder = Path(__file__).parent / "templates"


async def redeem(request: Request) -> Response:
    """Exchange the ticket of a handler for its cookie."""
    refusal = refused(request)
    if refusal:
        return refusal
    ticket = await form_field(request, "ticket")
    try:
        answer = await bridge.write(exchange.redeem, _viewer(request), ticket=ticket, browser=_browser(request))
    except PortalError:
        return _see_other(f"{SIGN_IN_PAGE}?expired=1")
    return _with_cookies(answer)


async def sign_out(request: Request) -> Response:
    """End the session, or with `everywhere` all of its owner, and wipe what the page keeps in the browser."""
    refusal = refused(request)
    if refusal:
        return refusal
    token = _browser(request).session_token
    everywhere = await form_field(request, "everywhere") != ""
    if token:
        await bridge.write(sessions.sign_out, _viewer(request), session_token=token, everywhere=everywhere)
    # The page of a cabinet that has just been closed leaves by this way too.
    is_closed = "closed" in request.query_params
    note = "closed" if is_closed else "bye_all" if everywhere else "bye"
    response = _see_other(f"{SIGN_IN_PAGE}?{note}=1")
    names = cookie_names(is_https=get_settings().is_https)
    for name in (names.session, names.flow):
        _delete(response, name)
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


async def early(request: Request) -> Response:
    """Answer a form that was sent before the page came to life: nothing was done, show it again."""
    refusal = refused(request)
    if refusal:
        return refusal
    page = urlsplit(request.headers.get("referer", "")).path.rstrip("/")
    return _see_other(f"{page if page in _EARLY_PAGES else SIGN_IN_PAGE}?again=1")


async def show_link(request: Request) -> Response:
    """Show the page that follows the link of a message.

    Opening it changes nothing, because mail scanners open links too. In the browser that asked, the page goes on by
    itself; elsewhere a person presses the button.
    """
    page = _rendered(
        "link.html",
        token=request.query_params.get("token", "")[:100],
        goes_on=_browser(request).flow_token is not None,
    )
    # The address holds the token: it must not reach another site.
    return HTMLResponse(page, headers={"Cache-Control": "no-store", "Referrer-Policy": "same-origin"})


async def follow_link(request: Request) -> Response:
    """Do what the link of a message is for."""
    refusal = refused(request)
    if refusal:
        return refusal
    token = await form_field(request, "token")
    try:
        answer = await bridge.write(exchange.follow_link, _viewer(request), token=token, browser=_browser(request))
    except LoginTaken:
        return _see_other(f"{SIGN_IN_PAGE}?activated=1")
    except PortalError as error:
        return HTMLResponse(
            _rendered("refusal.html", message=error.message), status_code=410, headers={"Cache-Control": "no-store"}
        )
    return _with_cookies(answer)


async def _script(_request: Request) -> Response:
    return Response((_folder / "link.js").read_bytes(), media_type="text/javascript")


async def _style(_request: Request) -> Response:
    css = tokens_css(get_settings().accent_color) + (_folder / "plain.css").read_text(encoding="utf-8")
    return Response(css, media_type="text/css")


routes: Final = [
    Route("/auth/redeem", redeem, methods=["POST"]),
    Route("/auth/sign-out", sign_out, methods=["POST"]),
    Route("/auth/early", early, methods=["POST"]),
    Route(LINK_PATH, show_link, methods=["GET"]),
    Route(LINK_PATH, follow_link, methods=["POST"]),
    Route("/auth/link.js", _script, methods=["GET"]),
    Route("/auth/plain.css", _style, methods=["GET"]),
]


async def signed_in(request: Request) -> Viewer:
    """Return who sends a request, by the cookie; an anonymous viewer if nobody is signed in. For routes elsewhere."""
    anybody, token = _viewer(request), _browser(request).session_token
    found = await bridge.in_thread(sessions.resolve_session, token, anybody.address) if token else None
    return found or anybody


def to_sign_in(request: Request, viewer: Viewer, page: str) -> Response:
    """Ask who may not have something to sign in, and lead back to a page of the cabinet. For routes elsewhere."""
    had_session = viewer.role is Role.ANONYMOUS and _browser(request).session_token is not None
    return _see_other(sign_in_address(page, had_session=had_session))


def is_same_origin(request: Request) -> bool:
    """Tell whether a page of the portal sent the request: by Sec-Fetch-Site, else by Origin."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    settings = get_settings()
    return is_own_origin(
        request.headers.get("origin", ""),
        host=request.headers.get("host", ""),
        public_url=settings.public_url,
        any_name=settings.is_demo,
    )


def _rendered(template: str, **values: object) -> str:
    return _templates.get_template(template).render(**frame_values(), **values)


def refused(request: Request) -> Response | None:
    """Return the refusal of a small form that no page of the portal has sent; None when all is well."""
    if not is_same_origin(request):
        return PlainTextResponse("Запрос пришёл с чужого сайта.", 403)
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > _MAX_FORM_BYTES:
        return PlainTextResponse("Слишком большой запрос.", 413)
    return None


async def form_field(request: Request, name: str) -> str:
    """Return a field of a posted form; what is missing or no text is an empty text."""
    async with request.form(max_files=0, max_fields=5) as form:
        value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _viewer(request: Request) -> Viewer:
    return Viewer(address=request.client.host if request.client else "")


def _browser(request: Request) -> Browser:
    return browser_of(
        request.headers.get("cookie", ""),
        request.headers.get("user-agent", ""),
        cookie_names(is_https=get_settings().is_https),
    )


def _see_other(path: str) -> RedirectResponse:
    return RedirectResponse(path, 303, headers={"Cache-Control": "no-store"})


def _with_cookies(answer: Answer) -> Response:
    response = _see_other(answer.path)
    names = cookie_names(is_https=get_settings().is_https)
    if answer.session_token:
        _set(response, names.session, answer.session_token, int(limits.SESSION_LIFE.total_seconds()))
    if answer.device_token:
        _set(response, names.device, answer.device_token, _YEAR_SECONDS)
    if answer.flow_token:
        _set(response, names.flow, answer.flow_token, int(limits.FLOW_LIFE.total_seconds()))
    elif answer.ends_flow:
        _delete(response, names.flow)
    return response


def _set(response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=get_settings().is_https, httponly=True, samesite="lax"
    )


def _delete(response: Response, name: str) -> None:
    response.delete_cookie(name, path="/", secure=get_settings().is_https, httponly=True, samesite="lax")
