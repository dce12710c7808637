"""YooKassa's API v3 through the official SDK's models, with a transport of our own for each shop.

The SDK's own transport has one configuration for the whole process, no time-outs, hidden repetitions and failures
that lose their cause, so only its request and response classes and its way of building headers are used.
"""

import copy
import json
import logging
import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import requests
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import ConnectTimeout, RequestException, SSLError
from urllib3.exceptions import NameResolutionError, NewConnectionError
from yookassa.client import ApiClient
from yookassa.domain.common.user_agent import UserAgent
from yookassa.domain.request.payment_request import PaymentRequest
from yookassa.domain.response.payment_response import PaymentResponse

from lkk_reflex.kit.money import Money
from lkk_reflex.payments.gateways.base import (
    GatewayPayment,
    Misconfigured,
    NotFound,
    Rejected,
    ShopAccess,
    Throttled,
    Unknown,
)
from lkk_reflex.settings import get_settings

logger = logging.getLogger(__name__)

Json = dict[str, Any]

CONNECT_SECONDS = 5.0
READ_SECONDS = 35.0
_PAGE = 100
_OBJECT_ID = re.compile(r"[0-9A-Za-z-]{36,39}")
_KEY = re.compile(r"[0-9A-Za-z+_.-]{1,64}")
_AMOUNT = re.compile(r"[0-9]{1,13}\.[0-9]{2}")
#: The SDK adds these even when they are empty, and the API does not need them.
_ADDED_BY_SDK = ("transfers", "statements")


def is_object_id(text: str) -> bool:
    """Tell whether a text from outside may stand in an address of the API."""
    return _OBJECT_ID.fullmatch(text) is not None


def freeze(params: Json) -> str:
    """Check a payment request with the SDK's model and return the text that will be sent, the same every time.

    Raises:
        ValueError: when the model refuses the request, or would send anything else than what it was given:
            it drops misspelt names and bends values silently.
    """
    request = PaymentRequest(copy.deepcopy(params))
    request.validate()
    kept = {name: value for name, value in dict(request).items() if value or name not in _ADDED_BY_SDK}
    if kept != params:
        raise ValueError("the request holds names or values that the gateway's model does not keep")
    return json.dumps(kept, ensure_ascii=False, sort_keys=True)


class _Client(ApiClient):
    """One shop's connection. Nothing is read from the SDK's process-wide configuration."""

    def __init__(self, access: ShopAccess, api_url: str, timeouts: tuple[float, float]) -> None:
        self.endpoint = api_url.rstrip("/")
        self.shop_id, self.shop_password, self.auth_token = access.gateway_id, access.secret, None
        self.user_agent = UserAgent()
        self._timeouts = timeouts

    def __repr__(self) -> str:
        return f"<shop {self.shop_id}>"

    def call(
        self, verb: str, path: str, *, query: Mapping[str, str] | None = None, key: str = "", body: str = ""
    ) -> Json:
        """Make one request and return the object of the answer.

        Raises:
            GatewayError: of the kind that says what is known about the outcome.
            ValueError: for a key the API would not take.
        """
        if key and not _KEY.fullmatch(key):
            raise ValueError("not an idempotency key")
        headers = self.prepare_request_headers({"Idempotence-Key": key} if key else {})
        started = time.monotonic()
        try:
            # A session for each call is safe in threads; without trust in the environment no proxy variable
            # leads the request away and no netrc file replaces the shop's key.
            with requests.Session() as session:
                session.trust_env = False
                response = session.request(
                    verb,
                    self.endpoint + path,
                    params=query,
                    headers=headers,
                    data=body.encode() if body else None,
                    timeout=self._timeouts,
                    allow_redirects=False,
                )
        except RequestException as error:
            self._note(verb, path, key, type(error).__name__, started)
            raise Unknown(type(error).__name__, was_sent=_may_have_left(error)) from None
        answer = _json_object(response)
        self._note(verb, path, key, _summary(response.status_code, answer), started)
        return _judged(response.status_code, answer)

    def _note(self, verb: str, path: str, key: str, outcome: str, started: float) -> None:
        milliseconds = round((time.monotonic() - started) * 1000)
        logger.info("shop=%s %s %s key=%s -> %s in %d ms", self.shop_id, verb, path, key or "-", outcome, milliseconds)


class YooKassa:
    """A shop at YooKassa (`lkk_reflex.payments.gateways.base.Gateway`)."""

    def __init__(
        self, access: ShopAccess, api_url: str, *, timeouts: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS)
    ) -> None:
        self._client = _Client(access, api_url, timeouts)

    def create(self, key: str, body: str) -> GatewayPayment:
        """Create the payment, once for a key; `body` is what `freeze` returned, sent byte for byte."""
        return _read(self._client.call("POST", "/payments", key=key, body=body))

    def get(self, provider_id: str) -> GatewayPayment:
        """Return a payment's present state.

        Raises:
            ValueError: for a text that cannot be an id.
        """
        if not is_object_id(provider_id):
            raise ValueError("not an id of the gateway")
        return _read(self._client.call("GET", f"/payments/{provider_id}"))

    def created_since(self, moment: datetime) -> Iterator[GatewayPayment]:
        """Walk over the shop's payments created at `moment` or later, newest first."""
        return self._walk({"created_at.gte": _stamp(moment)})

    def succeeded_since(self, moment: datetime) -> Iterator[GatewayPayment]:
        """Walk over the shop's payments that succeeded at `moment` or later, newest first."""
        return self._walk({"captured_at.gte": _stamp(moment), "status": "succeeded"})

    def _walk(self, filters: Mapping[str, str]) -> Iterator[GatewayPayment]:
        query = {**filters, "limit": str(_PAGE)}
        while True:
            page = self._client.call("GET", "/payments", query=query)
            items = page.get("items")
            if not isinstance(items, list):
                raise Unknown("a list without items")
            yield from map(_read, items)
            cursor = page.get("next_cursor")
            if not cursor:
                return
            query = {**query, "cursor": str(cursor)}


def connect(access: ShopAccess) -> YooKassa:
    """Return the shop at the address of the settings."""
    return YooKassa(access, get_settings().yookassa_api_url)


def _may_have_left(error: RequestException) -> bool:
    """Tell whether the request may have reached the gateway; a connection that was never made carries nothing."""
    if isinstance(error, ConnectTimeout | SSLError):
        return False
    cause = getattr(error.args[0] if error.args else None, "reason", None)
    never_connected = isinstance(cause, NewConnectionError | NameResolutionError)
    return not (isinstance(error, RequestsConnectionError) and never_connected)


def _json_object(response: requests.Response) -> Json:
    try:
        answer = response.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _judged(http: int, answer: Json) -> Json:
    """Return the object of a good answer, raise what any other answer means."""
    if http == requests.codes.ok:
        if not answer:
            raise Unknown("HTTP 200 without an object", http=http)
        return answer
    text, code, parameter = _summary(http, answer), str(answer.get("code", "")), str(answer.get("parameter", ""))
    # Only YooKassa's own error object says that nothing was done; a 404 of some proxy on the way says nothing.
    # For a wrong verb or content type it answers without a body.
    is_own = answer.get("type") == "error" or http in (405, 415)
    if not (400 <= http < 500 and is_own):
        raise Unknown(text, http=http)
    if http == requests.codes.bad_request and parameter.lower() == "idempotence-key":
        raise Unknown(text, http=http, is_key_used=True)
    kinds = {401: Misconfigured, 403: Misconfigured, 404: NotFound, 410: NotFound, 429: Throttled}
    raise kinds.get(http, Rejected)(text, http=http, code=code, parameter=parameter)


def _summary(http: int, answer: Json) -> str:
    """Return what may be logged of an answer."""
    if answer.get("type") != "error":
        return f"HTTP {http}"
    names = ("code", "parameter", "id")
    return " ".join([f"HTTP {http}", *(f"{name}={str(answer[name])[:80]}" for name in names if answer.get(name))])


def _read(raw: Json) -> GatewayPayment:
    """Read a payment object.

    Raises:
        Unknown: when it is not one; the outcome of the request is unknown then too.
    """
    try:
        # The model writes into its input, so it gets a copy.
        seen = PaymentResponse(copy.deepcopy(raw))
        amount = raw["amount"]
        method = raw.get("payment_method") or {}
        cancellation = raw.get("cancellation_details") or {}
        return GatewayPayment(
            id=_matching(_OBJECT_ID, seen.id),
            status=str(seen.status),
            amount=Money.parse(_matching(_AMOUNT, amount["value"])),
            currency=str(amount["currency"]),
            is_paid=raw.get("paid") is True,
            is_test=raw["test"] if isinstance(raw.get("test"), bool) else None,
            recipient=str(seen.recipient.account_id) if seen.recipient else None,
            payment_ref=str((raw.get("metadata") or {}).get("payment_ref", "")),
            confirmation_url=_web_address(getattr(seen.confirmation, "confirmation_url", None)),
            method_type=str(method.get("type", ""))[:40],
            method_title=str(method.get("title", ""))[:120],
            cancel_party=str(cancellation.get("party", ""))[:40],
            cancel_reason=str(cancellation.get("reason", ""))[:80],
            raw=json.dumps(raw, ensure_ascii=False),
        )
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError) as error:
        raise Unknown(f"an unreadable payment object: {type(error).__name__}", http=200) from None


def _matching(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError("of another form")
    return text


def _web_address(url: str | None) -> str:
    """Return an address a browser may be sent to, or nothing."""
    return url if url and url.startswith(("https://", "http://")) and len(url) <= 2048 else ""


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
