"""The small parts of the shell by themselves."""

import gc
from collections.abc import Callable, Mapping

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from lkk_reflex.identity.guard import access
from lkk_reflex.kit import db
from lkk_reflex.server.environment import cors_origins
from lkk_reflex.server.event_limit import Bucket
from lkk_reflex.server.headers import SecurityHeaders
from lkk_reflex.server.health import database_answers, health_route
from lkk_reflex.server.origin import origin_rule
from lkk_reflex.server.proxy import TrustedProxies
from lkk_reflex.server.run import keep_for_good
from lkk_reflex.settings import Settings, load_settings

PRODUCTION = {
    "LKK_MODE": "production",
    "LKK_COMPANY_NAME": "Горводоканал",
    "LKK_PUBLIC_URL": "https://lk.example.ru",
    "LKK_SECRET_KEY": "s" * 40,
    "LKK_MAIL_SENDER": "smtp",
    "LKK_SMTP_HOST": "mail.example.ru",
    "LKK_YOOKASSA_API_URL": "https://api.yookassa.ru/v3",
}
DEMO = {"LKK_PORT": "3000", "LKK_SECRET_KEY": "s" * 40}


def settings_of(values: Mapping[str, str]) -> Settings:
    return load_settings(values)


async def ask(app: ASGIApp, headers: dict[str, str] | None = None, path: str = "/") -> httpx.Response:
    transport = httpx.ASGITransport(app, client=("10.0.0.9", 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://portal") as client:
        return await client.get(path, headers=headers)


async def _seen(request: Request) -> JSONResponse:
    return JSONResponse([request.client.host if request.client else "", request.url.scheme])


@pytest.mark.parametrize(
    ("hops", "headers", "seen"),
    [
        (0, {"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "https"}, ["10.0.0.9", "http"]),
        (1, {"X-Forwarded-For": "6.6.6.6, 1.2.3.4", "X-Forwarded-Proto": "https"}, ["1.2.3.4", "https"]),
        (2, {"X-Forwarded-For": "6.6.6.6, 1.2.3.4, 10.0.0.1", "X-Forwarded-Proto": "https"}, ["1.2.3.4", "https"]),
        (2, {"X-Forwarded-For": "6.6.6.6"}, ["10.0.0.9", "http"]),
        (1, {"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "gopher"}, ["1.2.3.4", "http"]),
        (1, {}, ["10.0.0.9", "http"]),
    ],
)
async def test_address_and_scheme_are_taken_from_trusted_proxies_only(
    hops: int, headers: dict[str, str], seen: list[str]
) -> None:
    app = TrustedProxies(Starlette(routes=[Route("/", _seen)]), hops)
    assert (await ask(app, headers)).json() == seen


@pytest.mark.parametrize(
    ("values", "origin", "host", "is_own"),
    [
        (PRODUCTION, "https://lk.example.ru", "lk.example.ru", True),
        (PRODUCTION, "http://lk.example.ru", "lk.example.ru", False),
        (PRODUCTION, "https://evil.example", "evil.example", False),
        (PRODUCTION, "https://lk.example.ru.evil.example", "lk.example.ru", False),
        (DEMO, "http://localhost:3000", "localhost:3000", True),
        (DEMO, "http://192.168.1.5:3000", "192.168.1.5:3000", True),
        (DEMO, "http://evil.example", "localhost:3000", False),
        (DEMO, "null", "localhost:3000", False),
        (DEMO, "null", "", False),
    ],
)
def test_only_own_pages_may_speak_to_the_portal(values: dict[str, str], origin: str, host: str, is_own: bool) -> None:
    assert origin_rule(settings_of(values))(origin, host) is is_own


def test_production_lets_only_its_own_address_read_answers() -> None:
    assert cors_origins(settings_of(PRODUCTION)) == ["https://lk.example.ru"]


async def _plain(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("text", headers={"Content-Security-Policy": "default-src 'none'", "Server": "x"})


@pytest.mark.parametrize("is_https", [True, False])
async def test_https_is_demanded_from_then_on_where_it_is_used(is_https: bool) -> None:
    answer = await ask(SecurityHeaders(Starlette(routes=[Route("/", _plain)]), is_https=is_https))
    hsts = "max-age=31536000; includeSubDomains" if is_https else None
    assert answer.headers.get("strict-transport-security") == hsts


async def test_route_may_set_a_stricter_policy_but_not_drop_the_other_headers() -> None:
    answer = await ask(SecurityHeaders(Starlette(routes=[Route("/", _plain)]), is_https=True))
    assert answer.headers["content-security-policy"] == "default-src 'none'"
    assert answer.headers["server"] == ""
    assert answer.headers["cache-control"] == "no-store"


async def test_health_is_good_while_the_database_answers(sqlite_url: str) -> None:
    engine = db.make_engine(sqlite_url)
    db.bind(engine)
    answer = await ask(Starlette(routes=[health_route(database_answers)]), path="/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    engine.dispose()


async def test_health_is_bad_when_the_database_does_not_answer() -> None:
    def refuse() -> None:
        raise OSError("password=secret")

    answer = await ask(Starlette(routes=[health_route(refuse)]), path="/health")
    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
    assert "secret" not in answer.text


def test_level_of_access_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="everybody"):
        access("everybody")


def test_bucket_lets_through_a_burst_and_then_the_rate() -> None:
    moment = 0.0
    clock: Callable[[], float] = lambda: moment  # noqa: E731 - a clock is a word, not a function.
    bucket = Bucket(rate=10, burst=3, clock=clock)
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    moment = 0.1
    assert [bucket.take() for _ in range(2)] == [True, False]
    moment = 100
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]


def test_what_is_loaded_is_out_of_the_collectors_sight() -> None:
    loaded: list[list[str]] = [[]]
    keep_for_good()
    try:
        assert all(seen is not loaded for seen in gc.get_objects())
    finally:
        gc.unfreeze()
