"""One bundle for every address: after a build the browser talks to wherever its page came from.

The framework compiles the address of the server into the scripts, and then any other host, port or
scheme needs another build. Here the compiled addresses become `location.origin`. The same step
translates the two English phrases that the framework keeps in a script and not in a component. What is
not found stops the build: an upgrade of the framework moved it, and nobody should learn that from a
broken page.
"""

import re
from pathlib import Path
from typing import Any

import reflex as rx

#: Compiled in place of the server's address; `.invalid` never resolves (RFC 6761).
PLACEHOLDER_HOST = "portal.invalid"
PLACEHOLDER_ORIGIN = f"http://{PLACEHOLDER_HOST}"

_QUOTE = r"""["'`]"""
_ADDRESS = re.compile(rf"({_QUOTE})(http|ws)s?://{re.escape(PLACEHOLDER_HOST)}(/[\w/-]*)\1")
_PHRASES = {
    re.compile(rf"({_QUOTE})A new version of this app is available\.\1"): "`Портал обновился.`",
    re.compile(rf"(?<=textContent=)({_QUOTE})Reload\1"): "`Обновить страницу`",
}


class OwnOriginError(Exception):
    """The built scripts do not look as this version of the framework makes them."""


class OwnOriginPlugin(rx.plugins.Plugin):
    """Runs after the production build and before the files are compressed."""

    def post_build(self, **context: Any) -> None:  # noqa: ANN401 - the signature is the framework's.
        """Rewrite the scripts of the built client.

        Raises:
            OwnOriginError: if an address or a phrase is missing, or an address is left.
        """
        rewrite(Path(context["static_dir"]) / "assets")


def rewrite(scripts: Path) -> None:
    """Rewrite every script of a folder in place (see the module)."""
    found = dict.fromkeys((_ADDRESS, *_PHRASES), 0)
    for script in scripts.rglob("*.js"):
        before = text = script.read_text(encoding="utf-8")
        text, found_here = _ADDRESS.subn(_own_address, text)
        found[_ADDRESS] += found_here
        for phrase, russian in _PHRASES.items():
            text, found_here = phrase.subn(russian, text)
            found[phrase] += found_here
        if PLACEHOLDER_HOST in text:
            raise OwnOriginError(f"{script.name} still holds a compiled address")
        if text != before:
            script.write_text(text, encoding="utf-8")
    missing = [pattern.pattern for pattern, times in found.items() if not times]
    if missing:
        raise OwnOriginError(f"nothing matches {', '.join(missing)}")


def _own_address(match: re.Match[str]) -> str:
    origin = "location.origin" if match[2] == "http" else 'location.origin.replace(/^http/,"ws")'
    return f'{origin}+"{match[3]}"'
