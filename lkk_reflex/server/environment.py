"""What the framework is told about this installation, so that a person needs no variables of its own."""

import os
from pathlib import Path

import reflex as rx

from lkk_reflex.server.light_scripts import LightScriptsPlugin
from lkk_reflex.server.own_origin import PLACEHOLDER_ORIGIN, OwnOriginPlugin
from lkk_reflex.settings import Settings, get_settings

#: Where `rxconfig.py`, the package and `assets/` lie together.
PROJECT = Path(__file__).resolve().parents[2]

_ALWAYS = {
    "REFLEX_CHECK_LATEST_VERSION": "false",
    "REFLEX_TELEMETRY_ENABLED": "false",
    # A dead connection is noticed in half a minute, not in two and a half.
    "REFLEX_SOCKET_INTERVAL": "15s",
    "REFLEX_SOCKET_TIMEOUT": "15s",
    # Events are form posts of a few fields; files travel by HTTP routes with limits of their own.
    "REFLEX_SOCKET_MAX_HTTP_BUFFER_SIZE": "131072",
}


def framework_config() -> rx.Config:
    """Return the configuration of the framework for the settings of this process."""
    os.environ.update({name: value for name, value in _ALWAYS.items() if name not in os.environ})
    settings = get_settings()
    modes = rx.constants.StateManagerMode
    return rx.Config(
        app_name="lkk_reflex",
        # The browser takes the address from its page (own_origin.py), so one bundle serves every address.
        api_url=PLACEHOLDER_ORIGIN,
        deploy_url=settings.public_url,
        cors_allowed_origins=cors_origins(settings),
        telemetry_enabled=False,
        show_built_with_reflex=False,
        default_color_mode="system",
        frontend_compression_formats=["brotli", "gzip"],
        plugins=[OwnOriginPlugin(), LightScriptsPlugin()],
        disable_plugins=[rx.plugins.SitemapPlugin],
        # States are disposable, and files of states would hold cookies.
        state_manager_mode=modes.REDIS if settings.redis_url else modes.MEMORY,
        redis_url=settings.redis_url or None,
        redis_token_expiration=12 * 3600,
        # The address of a client is set by proxy.py for HTTP and websocket alike.
        trusted_proxy_hops=0,
    )


def cors_origins(settings: Settings) -> list[str]:
    """Return the origins whose scripts may read answers: the portal's own, and the local ones in the demo."""
    own = [settings.public_url]
    if settings.is_demo:
        own += [f"http://localhost:{settings.port}", f"http://127.0.0.1:{settings.port}"]
    return list(dict.fromkeys(own))


def serve_prebuilt(bundle: Path) -> None:
    """Tell the framework, before it is imported into the serving process, that pages are already compiled."""
    os.environ.update(_ALWAYS)
    os.environ["REFLEX_ENV_MODE"] = "prod"
    os.environ["REFLEX_WEB_WORKDIR"] = str(bundle)
    # The two underscores mark variables that the framework itself passes between its processes.
    os.environ["__REFLEX_SKIP_COMPILE"] = "true"


def prebuilt_client() -> Path | None:
    """Return the folder of built pages that this process serves; None while pages are being compiled."""
    if os.environ.get("__REFLEX_SKIP_COMPILE") != "true":
        return None
    return Path(os.environ["REFLEX_WEB_WORKDIR"]) / "client"
