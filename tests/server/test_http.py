"""What the shell answers over HTTP: files, pages, refusals and the headers of every answer."""

import base64
import hashlib
import http.client
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.server.conftest import Portal, run_small_portal
from tests.support import patience
from tests.support.processes import stop
from tests.support.raw_socket import RawSocket


@pytest.fixture(scope="module")
def web(portal: Portal) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=portal.address, timeout=patience.SECONDS) as client:
        yield client


def test_page_is_served_without_a_redirect_and_asked_for_each_time(web: httpx.Client) -> None:
    for path in ("/", "/sign-in", "/sign-in/", "/sign-in?error=1"):
        page = web.get(path)
        assert page.status_code == 200
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["cache-control"] == "no-cache"


def test_unchanged_page_is_not_sent_again(web: httpx.Client) -> None:
    tag = web.get("/sign-in").headers["etag"]
    again = web.get("/sign-in", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["content-security-policy"]
    assert web.get("/", headers={"If-None-Match": tag}).status_code == 200


def test_page_with_a_variable_part_gets_the_shell(web: httpx.Client) -> None:
    page = web.get("/account/7")
    assert (page.status_code, page.text) == (200, "<!doctype html><title>shell</title>")


@pytest.mark.parametrize(
    "path", ["/nothing", "/account", "/account/7/more", "/sign-in/more", "/404.html", "/index.html"]
)
def test_unknown_path_gets_the_shell_that_says_so(web: httpx.Client, path: str) -> None:
    page = web.get(path)
    assert (page.status_code, page.text) == (404, "<!doctype html><title>shell</title>")


@pytest.mark.parametrize("path", ["/_health", "/_all_routes", "/_upload", "/_reflex/x", "/backend/stateful_pages.json"])
def test_inner_doors_of_the_framework_are_closed(web: httpx.Client, path: str) -> None:
    assert web.get(path).status_code == 404


def test_ping_answers(web: httpx.Client) -> None:
    assert web.get("/ping").status_code == 200


@pytest.mark.parametrize(
    ("accepted", "coding", "body"),
    [
        ("gzip, deflate, br", "br", b"compressed by brotli"),
        ("gzip", "gzip", b"compressed by gzip"),
        ("br;q=0, gzip;q=0.5", "gzip", b"compressed by gzip"),
        ("identity", None, b"console.log('identity')"),
        ("*", None, b"console.log('identity')"),
    ],
)
def test_script_comes_in_the_best_coding_the_browser_takes(
    web: httpx.Client, accepted: str, coding: str | None, body: bytes
) -> None:
    with web.stream("GET", "/assets/entry-abc.js", headers={"Accept-Encoding": accepted}) as answer:
        assert b"".join(answer.iter_raw()) == body
        assert answer.headers.get("content-encoding") == coding
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert "accept-encoding" in answer.headers["vary"]


def test_font_is_kept_for_a_day(web: httpx.Client) -> None:
    font = web.get("/fonts/text.woff2")
    assert font.headers["content-type"] == "font/woff2"
    assert font.headers["cache-control"] == "public, max-age=86400"


def test_head_answers_as_get_without_the_body(web: httpx.Client) -> None:
    headers = {"Accept-Encoding": "br"}
    head, get = web.head("/assets/entry-abc.js", headers=headers), web.get("/sign-in")
    assert head.content == b""
    assert head.headers["content-length"] == str(len(b"compressed by brotli"))
    assert web.head("/sign-in").headers["etag"] == get.headers["etag"]


@pytest.mark.parametrize(
    "target",
    ["/../portal.log", "/assets/../../portal.log", "/%2e%2e/portal.log", "/..%2fportal.log", "//etc/passwd", "/%00"],
)
def test_crafted_path_leads_nowhere(portal: Portal, target: str) -> None:
    address = urlsplit(portal.address)
    connection = http.client.HTTPConnection(str(address.hostname), address.port)
    connection.request("GET", target)
    answer = connection.getresponse()
    assert answer.status in (400, 404)
    assert b"ready" not in answer.read()
    connection.close()


def test_other_methods_on_pages_are_refused(web: httpx.Client) -> None:
    assert web.post("/sign-in").status_code == 405
    assert web.request("OPTIONS", "/nothing").status_code == 405


@pytest.mark.parametrize("path", ["/", "/nothing", "/assets/entry-abc.js", "/ping", "/fail", "/account/7"])
def test_every_answer_carries_the_security_headers(web: httpx.Client, path: str) -> None:
    headers = web.head(path).headers if path.endswith(".js") else web.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert headers.get_list("server") == [""]
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "strict-transport-security" not in headers


def test_policy_of_a_page_allows_its_own_inline_script_and_style_only(web: httpx.Client) -> None:
    def source(text: bytes) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text).digest()).decode()}'"

    policy = web.get("/sign-in").headers["content-security-policy"]
    directives = dict(directive.split(" ", 1) for directive in policy.split("; "))
    assert directives["script-src"] == f"'self' {source(b'let b = 1;')}"
    assert directives["style-src"] == f"'self' {source(b'p{margin:0}')}"


def test_broken_route_answers_in_russian_with_a_reference(web: httpx.Client, portal: Portal) -> None:
    page = web.get("/fail")
    assert page.status_code == 500
    assert page.headers["cache-control"] == "no-store"
    assert "Ошибка на нашей стороне" in page.text
    reference = page.text.split("<b>")[1].split("</b>")[0]
    assert f"fault {reference}" in portal.log.read_text()


def test_changing_request_of_a_foreign_page_is_refused(web: httpx.Client, portal: Portal) -> None:
    assert web.post("/echo", headers={"Origin": "https://evil.example"}).status_code == 403
    assert web.post("/echo", headers={"Origin": "null"}).status_code == 403
    assert web.post("/echo", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert web.post("/echo", headers={"Origin": portal.address}).status_code == 200
    assert web.post("/echo").status_code == 200


def test_foreign_page_may_not_read_answers(web: httpx.Client) -> None:
    headers = web.get("/ping", headers={"Origin": "https://evil.example"}).headers
    assert "access-control-allow-origin" not in headers


def test_portal_stops_within_two_seconds_with_people_connected(tmp_path: Path) -> None:
    for portal in run_small_portal(tmp_path):
        with RawSocket(portal.address):
            started = time.monotonic()
            stop(portal.pid)
            assert time.monotonic() - started < 2
        assert "Traceback" not in portal.log.read_text()
