"""The headers of every kind of answer that the portal gives."""

import re
import secrets
from collections.abc import Iterator

import httpx
import pytest

from tests.factories.files import photo
from tests.security.surface import Surface
from tests.support import patience
from tests.support.live_portal import LivePortal
from tests.support.residents import Resident, settle
from tests.support.town_bills import accounts_of, newest_period

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def web(live_portal: LivePortal) -> Iterator[httpx.Client]:
    """A browser's end of HTTP without a browser."""
    address = f"http://127.0.0.1:{live_portal.port}"
    with httpx.Client(base_url=address, trust_env=False, timeout=patience.SECONDS) as client:
        yield client


@pytest.fixture
def owner(live_portal: LivePortal) -> Resident:
    """Somebody whose account it is beyond doubt."""
    resident = settle(live_portal, f"owner-{secrets.token_hex(4)}@example.ru", [accounts_of("gorvodokanal")[4]])
    live_portal.change("UPDATE account_link SET level = 'extended' WHERE public_id = ?", *resident.link_ids)
    return resident


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
        ("POST", "/settings/own-data", 303),
        ("GET", "/papers/bill/unknown/202610.pdf", 303),
        ("GET", "/papers/payment/unknown.pdf", 303),
        ("GET", "/papers/statement/unknown.xlsx", 303),
        ("GET", "/support/attachments/unknown", 404),
        ("POST", "/support/attachments", 401),
        ("DELETE", "/support/attachments/unknown", 401),
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
    for path in ("/papers/bill/unknown/202610.pdf", "/papers/statement/unknown.pdf", "/support/attachments/unknown"):
        assert web.get(path).headers["cache-control"] == "no-store"


def test_papers_and_files_of_a_person_are_kept_by_no_cache_and_run_nowhere(
    web: httpx.Client, live_portal: LivePortal, owner: Resident
) -> None:
    (link_id,) = owner.link_ids
    cookie = {"Cookie": f"lkk={owner.session_token}", "Origin": live_portal.address}
    sent = web.post("/support/attachments", headers=cookie, files={"file": ("фото.jpg", photo(), "image/jpeg")})
    assert sent.status_code == 200, sent.text
    for path, kind in (
        (f"/papers/bill/{link_id}/{newest_period().key}.pdf", "application/pdf"),
        (f"/papers/statement/{link_id}.pdf", "application/pdf"),
        (f"/papers/statement/{link_id}.xlsx", _XLSX),
        (f"/support/attachments/{sent.json()['id']}", "image/jpeg"),
    ):
        answer = web.get(path, headers=cookie)
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        names = r"(attachment|inline); filename=\"[\w.-]+\"; filename\*=UTF-8''[\w.%-]+"
        assert re.fullmatch(names, answer.headers["content-disposition"], re.ASCII)
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy


@pytest.mark.parametrize(
    "path", ["/_health", "/_all_routes", "/_upload", "/_reflex/x", "/docs", "/openapi.json", "/.env", "/.git/HEAD"]
)
def test_nothing_of_the_framework_or_the_files_answers(web: httpx.Client, path: str) -> None:
    assert web.get(path).status_code == 404
    assert web.post(path).status_code in (404, 405)


def test_prerendered_pages_hold_nothing_of_anybody(
    web: httpx.Client, live_portal: LivePortal, surface: Surface
) -> None:
    """Pages are compiled once; a number or a name in them would be everybody's."""
    known = live_portal.rows("SELECT number, owner_name, address FROM personal_account")
    personal = {str(value) for row in known for value in row if value}
    for path in surface.pages:
        page = web.get(re.sub(r"\[\w+\]", "unknown", path)).text
        assert not [text for text in personal if text in page], path
