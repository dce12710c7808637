"""The built front end, served from memory.

The framework's own file server reads the disk for every request, sends no cache headers and redirects
`/page` to `/page/`. A built portal is a few megabytes, so here every answer is prepared once, at the
start: body, compressed bodies, headers. A request is one dictionary lookup, which also leaves nothing
for a crafted path to escape to.
"""

import hashlib
import mimetypes
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Final

from starlette.types import Receive, Scope, Send

from lkk_reflex.server.csp import content_security_policy

Headers = list[tuple[bytes, bytes]]

#: Names under /assets/ carry a hash of their content, so the answer never changes.
_FOREVER: Final = b"public, max-age=31536000, immutable"
#: A font or a picture keeps its name between versions: a day without questions, then one short question.
_A_DAY: Final = b"public, max-age=86400"
_ASK_EACH_TIME: Final = b"no-cache"
_ENCODINGS: Final = {"br": ".br", "gzip": ".gz"}
_NOT_FOUND: Final = "404.html"
_FALLBACK: Final = "__spa-fallback.html"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file with its prepared answers by content coding (`""` is the file itself)."""

    etag: bytes
    bodies: dict[str, tuple[bytes, Headers]]
    unchanged: Headers = field(default_factory=list)

    async def send(self, scope: Scope, send: Send, status: int = HTTPStatus.OK) -> None:
        """Answer a GET or HEAD request."""
        accept, if_none_match = _asked(scope)
        if status == HTTPStatus.OK and self.etag in if_none_match:
            await _answer(send, HTTPStatus.NOT_MODIFIED, self.unchanged, b"")
            return
        coding = next((name for name in _ENCODINGS if name in accept and name in self.bodies), "")
        body, headers = self.bodies[coding]
        await _answer(send, status, headers, b"" if scope["method"] == "HEAD" else body)


class StaticSite:
    """The files of one bundle by the path under which a browser asks for them."""

    def __init__(self, client: Path) -> None:
        """Read every file of the built client into memory."""
        self.files: dict[str, Asset] = {}
        sidecars = set(_ENCODINGS.values())
        for file in client.rglob("*"):
            if file.is_file() and file.suffix not in sidecars:
                self.files["/" + file.relative_to(client).as_posix()] = _load(client, file)
        self.pages = {_page_path(name): asset for name, asset in self.files.items() if name.endswith("/index.html")}
        self.not_found = self.files["/" + _NOT_FOUND]
        self.fallback = self.files.get("/" + _FALLBACK, self.not_found)

    def find(self, path: str) -> Asset | None:
        """Return the file or the prerendered page at a path."""
        if path in self.files and not path.endswith(".html"):
            return self.files[path]
        return self.pages.get(path.rstrip("/") or "/")


class Pages:
    """What is neither a file nor a route: a page with a variable part, or the page saying there is none."""

    def __init__(self, site: StaticSite, is_page: Callable[[str], bool]) -> None:
        self._site = site
        self._is_page = is_page

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer with the shell of the page (200) or with the Russian "not found" page (404)."""
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        if scope["method"] not in ("GET", "HEAD"):
            await _answer(send, HTTPStatus.METHOD_NOT_ALLOWED, [(b"allow", b"GET, HEAD")], b"")
        elif self._is_page(scope["path"]):
            await self._site.fallback.send(scope, send)
        else:
            await self._site.not_found.send(scope, send, HTTPStatus.NOT_FOUND)


async def _answer(send: Send, status: int, headers: Headers, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _asked(scope: Scope) -> tuple[set[str], set[bytes]]:
    """Return the accepted content codings and the entity tags that the browser already has."""
    codings: set[str] = set()
    tags: set[bytes] = set()
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            for part in value.decode("latin-1").lower().split(","):
                coding, _, quality = part.partition(";")
                if quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
                    codings.add(coding.strip())
        elif name == b"if-none-match":
            tags.update(tag.strip().removeprefix(b"W/") for tag in value.split(b","))
    return codings, tags


def _load(client: Path, file: Path) -> Asset:
    raw = file.read_bytes()
    etag = b'"' + hashlib.sha256(raw).hexdigest()[:32].encode() + b'"'
    shared: Headers = [
        (b"etag", b"W/" + etag),
        (b"cache-control", _caching(client, file)),
        (b"vary", b"accept-encoding"),
    ]
    if file.suffix == ".html":
        shared.append((b"content-security-policy", content_security_policy(raw).encode()))
    kind = [(b"content-type", _content_type(file).encode())]

    def prepared(body: bytes, coding: str) -> tuple[bytes, Headers]:
        encoding = [(b"content-encoding", coding.encode())] if coding else []
        return body, [*shared, *kind, *encoding, (b"content-length", str(len(body)).encode())]

    bodies = {"": prepared(raw, "")}
    for coding, suffix in _ENCODINGS.items():
        sidecar = file.with_name(file.name + suffix)
        if sidecar.exists():
            bodies[coding] = prepared(sidecar.read_bytes(), coding)
    return Asset(etag=etag, bodies=bodies, unchanged=shared)


def _caching(client: Path, file: Path) -> bytes:
    if file.suffix == ".html":
        return _ASK_EACH_TIME
    return _FOREVER if file.parent == client / "assets" else _A_DAY


def _content_type(file: Path) -> str:
    kind = {
        ".js": "text/javascript",
        ".woff2": "font/woff2",
        ".webmanifest": "application/manifest+json",
    }.get(file.suffix) or (mimetypes.guess_type(file.name)[0] or "application/octet-stream")
    return f"{kind}; charset=utf-8" if kind.startswith("text/") or kind.endswith("json") else kind


def _page_path(name: str) -> str:
    return name.removesuffix("/index.html") or "/"
