"""The hosted page on which a person pays: plain HTML forms, no scripts, clearly a demonstration."""

import hashlib
from pathlib import Path

import anyio.to_thread
import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from lkk_reflex.sandbox import bank_payments
from lkk_reflex.sandbox.bank_cards import (
    GOOD_CARD,
    REFUSAL_TEXTS,
    REFUSED_CARD,
    TEST_CARDS,
    CardForm,
    read_card_form,
)
from lkk_reflex.sandbox.bank_checks import web_address
from lkk_reflex.sandbox.bank_core import Core
from lkk_reflex.sandbox.bank_lifecycle import let_time_act
from lkk_reflex.sandbox.bank_notifications import Courier
from lkk_reflex.sandbox.bank_payments import Means, PaymentIsOver, money_of
from lkk_reflex.sandbox.bank_storage import Item

_TEMPLATES = Path(__file__).parent / "templates"
_STYLE = (_TEMPLATES / "bank.css").read_bytes()
_STYLE_VERSION = hashlib.sha256(_STYLE).hexdigest()[:12]
_SAMPLES = {"ok": GOOD_CARD, "refused": REFUSED_CARD}
_SAMPLE_CODE = "123"
_FIELDS = ("number", "expiry", "code")


class HostedPage:
    """Shows a payment to the payer and takes what the payer decides."""

    def __init__(self, core: Core, courier: Courier) -> None:
        self._core, self._courier = core, courier
        self._templates = Environment(
            loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )

    def routes(self) -> list[Route]:
        """Return the page and its style sheet."""
        return [
            Route("/pay/{id}", self._page, methods=["GET", "POST"]),
            Route("/bank.css", self._style, methods=["GET"]),
        ]

    async def _style(self, _: Request) -> Response:
        headers = {"Cache-Control": "public, max-age=31536000, immutable"}
        return Response(_STYLE, media_type="text/css", headers=headers)

    async def _page(self, request: Request) -> Response:
        if request.method != "POST":
            return await anyio.to_thread.run_sync(self._show, request)
        form = await request.form()
        response = await anyio.to_thread.run_sync(self._take, request, form)
        self._courier.wake()
        return response

    def _payment(self, payment_id: str) -> tuple[Item, str] | None:
        let_time_act(self._core)
        with self._core.storage.books() as books:
            payment = books.find("payment", payment_id)
            shop = books.shop(payment.shop_id) if payment else None
            return (payment, str(shop["name"])) if payment and shop else None

    def _show(self, request: Request) -> Response:
        found = self._payment(request.path_params["id"])
        if found is None:
            return self._render("missing.html", 404)
        payment, shop_name = found
        if not bank_payments.waits_for_payer(payment):
            return self._finished(payment, shop_name)
        number = _SAMPLES.get(request.query_params.get("card", ""), "")
        month_and_year = self._core.clock.now().strftime("12/") + f"{self._core.clock.now().year % 100 + 3:02d}"
        values = {"number": _spaced(number), "expiry": month_and_year, "code": _SAMPLE_CODE} if number else {}
        refusal = REFUSAL_TEXTS.get(request.query_params.get("refused", ""), "")
        return self._form(payment, shop_name, _method(request.query_params.get("method")), values, refusal=refusal)

    def _take(self, request: Request, form: FormData) -> Response:
        found = self._payment(request.path_params["id"])
        if found is None:
            return self._render("missing.html", 404)
        payment, shop_name = found
        method, action = _method(_text(form, "method")), _text(form, "action")
        if action not in ("pay", "quick", "refuse"):
            return _see_other(self._address(payment))
        card_form = None
        if action == "pay" and method == "bank_card":
            card_form = read_card_form({name: _text(form, name) for name in _FIELDS}, self._core.clock.now().date())
        if card_form and card_form.errors and bank_payments.waits_for_payer(payment):
            return self._form(payment, shop_name, method, _kept(form, card_form), errors=card_form.errors)
        try:
            return self._decide(payment.id, method, action, card_form)
        except PaymentIsOver:
            return self._finished(self._reread(payment), shop_name, status=409)

    def _decide(self, payment_id: str, method: str, action: str, card_form: CardForm | None) -> Response:
        """Act inside one transaction on the payment as it is now, so that of two tabs only one succeeds."""
        with self._core.storage.books() as books:
            payment = books.find("payment", payment_id)
            if payment is None:
                raise PaymentIsOver
            card = card_form.card if card_form else TEST_CARDS[GOOD_CARD]
            offered = bank_payments.allows_card if method == "bank_card" else bank_payments.allows_sbp
            refusal = "payment_method_restricted" if not offered(payment) else ""
            if action == "refuse":
                refusal = "general_decline"
            elif method == "bank_card" and card is not None and card.refusal:
                refusal = card.refusal
            if refusal:
                bank_payments.refuse(self._core, books, payment, refusal)
            else:
                expiry = (card_form.expiry if card_form else None) or (12, self._core.clock.now().year + 3)
                means = Means(card, expiry) if method == "bank_card" else Means()
                bank_payments.pay(self._core, books, payment, means)
        if refusal and payment.status == "pending":
            return _see_other(f"{self._address(payment)}?method={method}&refused={refusal}")
        return _see_other(payment.private["return_url"] or self._address(payment))

    def _reread(self, payment: Item) -> Item:
        with self._core.storage.books() as books:
            return books.find("payment", payment.id) or payment

    def _address(self, payment: Item) -> str:
        return self._core.config.url(f"/pay/{payment.id}")

    def _form(
        self,
        payment: Item,
        shop_name: str,
        method: str,
        values: dict[str, str],
        *,
        errors: dict[str, str] | None = None,
        refusal: str = "",
    ) -> Response:
        methods = {"bank_card": bank_payments.allows_card(payment), "sbp": bank_payments.allows_sbp(payment)}
        if not methods[method] and any(methods.values()):
            method = next(name for name, is_offered in methods.items() if is_offered)
        address = self._address(payment)
        return self._render(
            "pay.html",
            422 if errors else 200,
            payment,
            shop_name=shop_name,
            methods=methods,
            method=method,
            values={name: values.get(name, "") for name in _FIELDS},
            errors=errors or {},
            focus=next((name for name in _FIELDS if name in (errors or {})), "" if values else "number"),
            refusal=refusal,
            address=address,
            samples=(("ok", _spaced(GOOD_CARD)), ("refused", _spaced(REFUSED_CARD))),
            qr=_qr(f"{address}?method=sbp") if method == "sbp" else "",
        )

    def _finished(self, payment: Item, shop_name: str, status: int = 200) -> Response:
        reason = payment.object.get("cancellation_details", {}).get("reason", "")
        state = "settling" if payment.private.get("settling") else payment.status
        state = "expired" if reason.startswith("expired") else state
        return self._render("finished.html", status, payment, shop_name=shop_name, state=state)

    def _render(self, template: str, status: int, payment: Item | None = None, **values: object) -> Response:
        return_url = payment.private["return_url"] if payment else None
        if payment:
            values |= {
                "amount": str(money_of(payment.object["amount"])),
                "description": payment.object.get("description", ""),
                "return_url": return_url,
            }
        values["style"] = self._core.config.url(f"/bank.css?v={_STYLE_VERSION}")
        html = self._templates.get_template(template).render(values)
        return HTMLResponse(html, status_code=status, headers=self._headers(return_url))

    def _headers(self, return_url: str | None) -> dict[str, str]:
        own = _origin(self._core.config.public_base_url)
        # Browsers apply form-action to the redirect after a form as well, hence the shop's own origin in it.
        targets = f"'self' {own} {_origin(return_url)}" if return_url else f"'self' {own}"
        policy = (
            f"default-src 'none'; style-src 'self' {own}; form-action {targets}; "
            "base-uri 'none'; frame-ancestors 'none'"
        )
        return {
            "Content-Security-Policy": policy,
            "Cache-Control": "no-store",
            # Stricter, and browsers would name the origin of the page's own forms "null", which a gate may refuse.
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        }


def _method(name: str | None) -> str:
    return "sbp" if name == "sbp" else "bank_card"


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _kept(form: FormData, card_form: CardForm) -> dict[str, str]:
    """Return what is shown again after a mistake: never a number that may be a real card, never a code."""
    number = _spaced(card_form.card.number) if card_form.card else ""
    return {"number": number, "expiry": _text(form, "expiry")[:7]}


def _spaced(number: str) -> str:
    return " ".join(number[place : place + 4] for place in range(0, len(number), 4))


def _origin(url: str) -> str:
    address = web_address(url)
    return f"{address.scheme}://{address.netloc.decode()}"


def _see_other(url: str) -> Response:
    # Starlette's RedirectResponse would quote the address again; the shop's own must come back as it was given,
    # except that a header holds no Cyrillic.
    location = url if url.isascii() else str(web_address(url))
    return Response(status_code=303, headers={"Location": location, "Cache-Control": "no-store"})


def _qr(url: str) -> Markup:
    # Made by the library out of numbers only, hence safe to put into the page as it is.
    code = segno.make(url, error="m", micro=False)
    return Markup(code.svg_inline(omitsize=True, light="#ffffff", dark="#101820", border=3, svgclass="qr"))  # noqa: S704
