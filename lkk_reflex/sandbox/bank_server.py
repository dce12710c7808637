"""Runs the bank alone: a real HTTP server in a process of its own, and the handle by which tests hold it."""

import argparse
import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import httpx
from granian.constants import Interfaces
from granian.server.embed import Server

from lkk_reflex.sandbox.bank import make_bank
from lkk_reflex.sandbox.bank_config import BankConfig, BankRefusesToStart, Shop
from lkk_reflex.sandbox.bank_proxy import FaultProxy
from lkk_reflex.sandbox.bank_storage import Json

_START_SECONDS = 30.0
#: The directory the package lies in, so that the process finds the package whether it is installed or not.
_HOUSE = Path(__file__).resolve().parents[2]


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


async def serve(config: BankConfig, port: int, *, end_with_input: bool = False) -> None:
    """Serve until SIGINT, SIGTERM or, if asked, the end of standard input.

    With control on, a fault proxy stands in front, so that resets are real.
    """
    bank = make_bank(config)
    inner_port = free_port() if config.control else port
    inner_host = "127.0.0.1" if config.control else config.host
    server = Server(bank, address=inner_host, port=inner_port, interface=Interfaces.ASGI, log_enabled=False)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.stop)
    if end_with_input:
        loop.add_reader(sys.stdin.fileno(), server.stop)
    serving = asyncio.create_task(server.serve())
    async with contextlib.AsyncExitStack() as stack:
        if config.control:
            await stack.enter_async_context(FaultProxy(inner_port).listening(config.host, port))
        await _until_listening(inner_host, inner_port, serving)
        if not serving.done():
            sys.stdout.write(f"Демо-банк работает: {config.url('/v3')}\n")
            sys.stdout.flush()
        await serving
    bank.close()


async def _until_listening(host: str, port: int, serving: "asyncio.Task[None]") -> None:
    while not serving.done():
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
            return
        await asyncio.sleep(0.02)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m lkk_reflex.sandbox.bank_server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--storage", type=Path, help="SQLite file; without it nothing outlives the process")
    parser.add_argument("--public-url", help="address under which people reach the bank")
    parser.add_argument(
        "--shop", action="append", default=[], metavar="ID:SECRET[:NOTIFY_URL[:utilities]]", help="may repeat"
    )
    parser.add_argument("--control", action="store_true", help="fault injection under /_control")
    parser.add_argument("--seed", type=int, help="repeatable identifiers and chances")
    parser.add_argument("--end-with-input", action="store_true", help="stop when standard input ends")
    given = parser.parse_args(arguments)
    try:
        config = BankConfig(
            public_base_url=given.public_url or f"http://{given.host}:{given.port}",
            storage=given.storage,
            shops=tuple(Shop.parse(text) for text in given.shop),
            host=given.host,
            control=given.control,
            seed=given.seed,
        )
    except BankRefusesToStart as refusal:
        parser.error(str(refusal))
    asyncio.run(serve(config, given.port, end_with_input=given.end_with_input))
    # The embedded server's threads may outlive the loop and abort the interpreter while it takes itself down.
    sys.stdout.flush()
    os._exit(0)


class RunningBank:
    """A bank in a process of its own, with control on: what fault tests talk to and pull the levers of."""

    def __init__(self, *shops: Shop, storage: Path | None = None, seed: int | None = None) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.api_url = f"{self.url}/v3"
        self._command = [sys.executable, "-m", "lkk_reflex.sandbox.bank_server", "--control", "--port", str(self.port)]
        # The process ends with its starter, even if the starter is killed.
        self._command.append("--end-with-input")
        self._command += ["--storage", str(storage.resolve())] if storage else []
        self._command += ["--seed", str(seed)] if seed is not None else []
        self._shops = shops
        self._levers = httpx.Client(base_url=f"{self.url}/_control", trust_env=False, timeout=30.0)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process and wait until it answers.

        Raises:
            RuntimeError: when it does not answer in time, with what it has written.
        """
        with tempfile.TemporaryFile() as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own module.
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output, cwd=_HOUSE
            )
            line = self._process.stdout.readline() if self._process.stdout else b""
            if not line:
                self.kill()
                output.seek(0)
                raise RuntimeError(f"The bank did not start: {output.read().decode(errors='replace')}")
        for shop in self._shops:
            self.register_shop(shop)

    def stop(self) -> None:
        """End the process in an orderly way."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the process at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(_START_SECONDS)
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    stream.close()
            self._process = None

    def close(self) -> None:
        """End the process and let go of the connection to its levers."""
        self.stop()
        self._levers.close()

    def _pull(self, verb: str, path: str, /, **body: object) -> Json:
        response = self._levers.request(verb, path, json=body)
        response.raise_for_status()
        answer: Json = response.json()
        return answer

    def register_shop(self, shop: Shop) -> None:
        """Add a shop or replace its settings."""
        fields = ("shop_id", "secret", "name", "notify_url", "utilities")
        self._pull("POST", "/shops", **{name: getattr(shop, name) for name in fields})

    def point_notifications(self, shop: Shop, url: str) -> None:
        """Tell a shop's notifications another address."""
        self.register_shop(replace(shop, notify_url=url))

    def reset(self) -> None:
        """Forget everything but the shops."""
        self._pull("POST", "/reset")

    def advance(self, seconds: float) -> None:
        """Skip the bank's clock forward."""
        self._pull("POST", "/clock", seconds=seconds)

    def fault(self, fault: str, **rule: object) -> None:
        """Add a fault rule; see `FaultRule` for its fields."""
        self._pull("POST", "/faults", fault=fault, **rule)

    def no_faults(self) -> None:
        """Drop all fault rules."""
        self._pull("DELETE", "/faults")

    def turn(self, **switches: object) -> None:
        """Turn switches; see `Switches` for their names."""
        self._pull("POST", "/switches", **switches)

    def pay(self, payment_id: str, **means: object) -> Json:
        """Pay as the hosted page would: `method="sbp"` or `card="…"`. Raises `httpx.HTTPStatusError` if over."""
        return self._pull("POST", f"/payments/{payment_id}/pay", **means)

    def refuse(self, payment_id: str, **refusal: object) -> Json:
        """Refuse as the hosted page would: `reason="…"`, `final=True` ends the payment."""
        return self._pull("POST", f"/payments/{payment_id}/refuse", **refusal)

    def release_notifications(self) -> None:
        """Let held notifications go."""
        self._pull("POST", "/notifications/release")

    def forge(self, shop: Shop, event: str, content: Json) -> None:
        """Send a shop a notification the bank has no reason for."""
        self._pull("POST", "/notifications/forged", shop_id=shop.shop_id, event=event, object=content)

    def snapshot(self) -> Json:
        """Return everything the bank knows: objects, notifications, attempts, switches, faults."""
        return self._pull("GET", "/snapshot")

    def requests(self) -> list[Json]:
        """Return the recorded requests to the API."""
        return list(self._pull("GET", "/requests")["requests"])


@contextlib.contextmanager
def running_bank(*shops: Shop, storage: Path | None = None, seed: int | None = None) -> Iterator[RunningBank]:
    """Run a bank for the length of the block."""
    bank = RunningBank(*shops, storage=storage, seed=seed)
    bank.start()
    try:
        yield bank
    finally:
        bank.close()


if __name__ == "__main__":
    main()
