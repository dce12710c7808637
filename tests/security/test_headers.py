"""The headers of every kind of answer that the portal gives."""

from collections.abc import Iterator

import httpx
import pytest

from tests.support.live_portal import LivePortal

_OWN_POLICY = ("/sandbox/bank/pay/unknown",)


@pytest.fixture
def web(live_portal: LivePortal) -> Iterator[httpx.Client]:
    """A browser's end of HTTP without a browser."""
    with httpx.Client(base_url=f"http://127.0.0.1:{live_portal.port}", trust_env=False) as client:
        yield client


def _script(web: httpx.Client) -> str:
    page = web.get("/").text
    return "/assets/" + page.split('"/assets/', 1)[1].split('"', 1)[0]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/sign-in", 200),
        ("GET", "/account/unknown", 200),
        ("GET", "/pay/return/unknown", 200),
        ("GET", "/nothing-is-here", 404),
        ("GET", "script", 200),
        ("GET", "/portal.css", 200),
        ("GET", "/fonts/golos-text.woff2", 200),
        ("GET", "/ping", 200),
        ("GET", "/health", 200),
        ("GET", "/auth/link?token=x", 200),
        ("POST", "/auth/redeem", 303),
        ("POST", "/auth/sign-out", 303),
        ("POST", "/sign-in", 405),
        ("POST", "/hooks/yookassa/unknown", 400),
        ("GET", "/demo/inbox", 200),
        ("GET", "/sandbox/bank/pay/unknown", 404),
        ("GET", "/sandbox/bank/v3/me", 401),
        ("GET", "/sandbox/bank/_control/snapshot", 404),
    ],
)
def test_every_answer_carries_the_security_headers(
    web: httpx.Client, live_portal: LivePortal, method: str, path: str, status: int
) -> None:
    path = _script(web) if path == "script" else path
    answer = web.request(method, path, headers={"Origin": live_portal.address})
    assert answer.status_code == status
    headers = answer.headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert headers.get_list("server") == [""]
    policy = dict(directive.split(" ", 1) for directive in headers["content-security-policy"].split("; "))
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert "script-src" in policy or policy["default-src"] == "'none'"


def test_only_what_is_the_same_for_everybody_is_kept_by_caches(web: httpx.Client) -> None:
    assert web.get(_script(web)).headers["cache-control"] == "public, max-age=31536000, immutable"
    for path in ("/", "/sign-in", "/cabinet", "/account/unknown"):
        assert web.get(path).headers["cache-control"] == "no-cache"
    for path in ("/auth/link?token=x", "/demo/inbox", "/health", "/sandbox/bank/pay/unknown"):
        assert web.get(path).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/_health", "/_all_routes", "/_upload", "/_reflex/x", "/docs", "/openapi.json", "/.env", "/.git/HEAD"]
)
def test_nothing_of_the_framework_or_the_files_answers(web: httpx.Client, path: str) -> None:
    assert web.get(path).status_code == 404
    assert web.post(path).status_code in (404, 405)


def test_prerendered_pages_hold_nothing_of_anybody(web: httpx.Client, live_portal: LivePortal) -> None:
    """Pages are compiled once; a number or a name in them would be everybody's."""
    numbers = [str(row[0]) for row in live_portal.rows("SELECT number FROM personal_account")]
    for path in ("/", "/cabinet", "/payments", "/cabinet/connect", "/account/unknown", "/pay/unknown"):
        page = web.get(path).text
        assert not [number for number in numbers if number in page]
