"""Which Origin of a browser is the portal itself."""

from urllib.parse import urlsplit


def is_own_origin(origin: str, *, host: str, public_url: str, any_name: bool) -> bool:
    """Tell whether an Origin header names the portal that the Host header was sent to.

    That is the one public address. With `any_name` (a demo is opened by any name of its machine) a page may also
    speak to the host it came from; a foreign site cannot pretend that, because a browser fills both headers itself.
    """
    return origin == public_url or (any_name and bool(host) and urlsplit(origin).netloc == host)
