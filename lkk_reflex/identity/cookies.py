"""Names of the cookies, and reading them from a request. Scripts of the page can read none of them."""

from dataclasses import dataclass
from typing import Final

_MAX_VALUE: Final = 100


@dataclass(frozen=True, slots=True)
class Browser:
    """What a browser brings along: its cookies and its name."""

    device_token: str | None = None
    flow_token: str | None = None
    session_token: str | None = None
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class CookieNames:
    """The cookies of one installation.

    The prefix `__Host-` makes a browser refuse the cookie from a neighbouring host, and needs https; a demo over
    plain http does without.
    """

    session: str
    #: A browser from which a sign-in was confirmed before.
    device: str
    #: What this browser has begun and must confirm.
    flow: str


def cookie_names(*, is_https: bool) -> CookieNames:
    """Return the names for an installation that people reach over https, or over plain http."""
    prefix = "__Host-" if is_https else ""
    return CookieNames(f"{prefix}lkk", f"{prefix}lkk-device", f"{prefix}lkk-flow")


def browser_of(cookie_header: str, user_agent: str, names: CookieNames) -> Browser:
    """Return what a browser brings along, from the Cookie and User-Agent headers."""
    return Browser(
        device_token=_value(cookie_header, names.device),
        flow_token=_value(cookie_header, names.flow),
        session_token=_value(cookie_header, names.session),
        user_agent=user_agent[:300],
    )


def _value(cookie_header: str, name: str) -> str | None:
    for pair in cookie_header.split(";"):
        found, _, value = pair.strip().partition("=")
        if found == name and 0 < len(value) <= _MAX_VALUE:
            return value
    return None
