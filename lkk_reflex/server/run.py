"""Starts the portal on its port and stops it in order."""

import asyncio
import importlib
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server
from starlette.types import ASGIApp

from lkk_reflex.kit import log
from lkk_reflex.server.build import ensure_front_end
from lkk_reflex.server.environment import PROJECT, serve_prebuilt
from lkk_reflex.settings import Settings

#: Where the framework looks for the application, too.
_APPLICATION = "lkk_reflex.lkk_reflex"
_READY_TRIES, _READY_PAUSE_SECONDS = 600, 0.05


class StartError(Exception):
    """The portal could not start; the message is a Russian sentence for the person at the console."""


def run_portal(settings: Settings, *, echo: Callable[[str], None], lines: Sequence[str] = ()) -> None:
    """Serve the portal until SIGTERM or SIGINT; build its pages first if their sources changed.

    `lines` are printed below the address once the port answers.

    Raises:
        BuildFailedError: if the pages could not be built.
        StartError: if the port is busy or the application did not start.
    """
    address = _free_address(settings)
    bundle = ensure_front_end(settings, echo=echo)
    serve_prebuilt(bundle)
    log.configure(settings.log_level)
    application = load_application()
    banner = [f"Портал открыт: {settings.public_url}", *lines, "Остановить: Ctrl+C"]
    if not asyncio.run(_serve(application, address, settings.port, lambda: echo("\n".join(banner)))):
        raise StartError("Портал остановился из-за ошибки при запуске. Подробности выше, в журнале.")


def load_application() -> ASGIApp:
    """Import the application the way the framework does and return it ready to serve."""
    os.chdir(PROJECT)
    sys.path.insert(0, str(PROJECT))
    application: ASGIApp = importlib.import_module(_APPLICATION).app()
    return application


async def _serve(application: ASGIApp, address: str, port: int, on_ready: Callable[[], None]) -> bool:
    """Serve until a signal comes; tell whether it was a signal that ended it."""
    server = Server(application, address=address, port=port, interface=Interfaces.ASGI, log_level=LogLevels.error)
    is_asked_to_stop = False

    def stop() -> None:
        nonlocal is_asked_to_stop
        is_asked_to_stop = True
        server.stop()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    ready = asyncio.create_task(_when_it_answers(address, port, on_ready))
    try:
        await server.serve()
    finally:
        ready.cancel()
    return is_asked_to_stop


async def _when_it_answers(address: str, port: int, on_ready: Callable[[], None]) -> None:
    for _ in range(_READY_TRIES):
        with suppress(OSError):
            reader, writer = await asyncio.open_connection(address, port)
            writer.write(b"GET /ping HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
            answer = await reader.readline()
            writer.close()
            if b" 200" in answer:
                on_ready()
                return
        await asyncio.sleep(_READY_PAUSE_SECONDS)


def _free_address(settings: Settings) -> str:
    """Return the numeric address to listen on.

    Raises:
        StartError: if nothing can listen there.
    """
    try:
        family, kind, _, _, where = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except PermissionError:
        raise StartError(f"Порт {settings.port} доступен только администратору: выберите LKK_PORT от 1024.") from None
    except OSError as error:
        raise StartError(
            f"Порт {settings.port} на {settings.host} занят или недоступен ({error.strerror}). "
            "Остановите программу, которая его занимает, или выберите другой: LKK_PORT=3001."
        ) from None
    return str(where[0])
