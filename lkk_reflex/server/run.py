"""Starts the portal on its port and stops it in order."""

import asyncio
import gc
import importlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

import reflex as rx
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server
from starlette.types import ASGIApp, Receive, Scope, Send

from lkk_reflex.server.build import ensure_front_end
from lkk_reflex.server.environment import PROJECT, serve_prebuilt
from lkk_reflex.server.opening import until_it_answers
from lkk_reflex.settings import Settings

#: Where the framework looks for the application, too.
_APPLICATION = "lkk_reflex.lkk_reflex"
_CLOSE_SECONDS, _STOP_SECONDS = 1.0, 8.0
#: New objects, then rounds. A visit makes some thousand objects that go away by themselves and leaves some hundred, the
#: states of its tab; whoever looks more often sees the same ones again.
_COLLECTED_AFTER = 5_000, 5, 40


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
    application = load_application()
    banner = [f"Портал открыт: {settings.public_url}", *lines, "Остановить: Ctrl+C"]
    if not asyncio.run(serve(application, address, settings.port, lambda: echo("\n".join(banner)))):
        raise StartError("Портал остановился из-за ошибки при запуске. Подробности выше, в журнале.")


def load_application() -> rx.App:
    """Import the application the way the framework does."""
    os.chdir(PROJECT)
    sys.path.insert(0, str(PROJECT))
    # The framework imports this at the first event otherwise, while everybody waits.
    importlib.import_module("reflex.model")
    application: rx.App = importlib.import_module(_APPLICATION).app
    return application


async def serve(app: rx.App, address: str, port: int, on_ready: Callable[[], None]) -> bool:
    """Serve until SIGTERM or SIGINT; tell whether it was a signal that ended it."""
    sockets = OpenSockets(app())
    server = Server(sockets, address=address, port=port, interface=Interfaces.ASGI, log_level=LogLevels.error)
    asked = asyncio.Event()

    async def stop_when_asked() -> None:
        await asked.wait()
        _exit_in_any_case()
        await sockets.close()
        server.stop()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked.set)
    beside = [
        asyncio.create_task(stop_when_asked()),
        asyncio.create_task(_when_it_answers(address, port, on_ready)),
    ]
    try:
        await server.serve()
    finally:
        for task in beside:
            task.cancel()
        # Or what is written in C++ calls all that was kept a leak, in thirty lines, when the process ends.
        gc.unfreeze()
    return asked.is_set()


class OpenSockets:
    """Knows the open websockets, so that a stop does not wait for people to leave."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the whole application."""
        self._app = app
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; a websocket lives in a task of its own."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        task = asyncio.ensure_future(self._app(scope, receive, send))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with suppress(asyncio.CancelledError):
            await task

    async def close(self) -> None:
        """Close every open websocket; browsers come back by themselves."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_CLOSE_SECONDS)


def _exit_in_any_case() -> None:
    """End the process even if a call to the outside hangs; every unit of work survives a crash anyway."""
    last_resort = threading.Timer(_STOP_SECONDS, os._exit, args=(0,))
    last_resort.daemon = True
    last_resort.start()


async def _when_it_answers(address: str, port: int, on_ready: Callable[[], None]) -> None:
    if await until_it_answers(address, port):
        keep_for_good()
        on_ready()


def keep_for_good() -> None:
    """Take what is loaded by now out of the garbage collector's sight: it is needed as long as the process lives.

    The code, the pages and the tables are some hundred thousand objects; going through them takes a third of a second,
    in which nobody is answered, and would come round every few hundred visits.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTED_AFTER)


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
    except socket.gaierror:
        raise StartError(f"LKK_HOST: адреса {settings.host} нет. Обычно это 127.0.0.1 или 0.0.0.0.") from None
    except PermissionError:
        raise StartError(f"Порт {settings.port} доступен только администратору: выберите LKK_PORT от 1024.") from None
    except OSError:
        raise StartError(
            f"Порт {settings.port} на {settings.host} занят или недоступен. "
            "Остановите программу, которая его занимает, или выберите другой: LKK_PORT=3001."
        ) from None
    return str(where[0])
