"""Ports for the servers of a run, which nobody else takes between the choice and the start."""

import os
import secrets
import socket

#: Below those that systems give away by themselves, to servers without a port and to every connection.
_FIRST, _PAST = 20_000, 32_000
#: Each worker of the run has ports of its own.
_WORKERS = 16
_given: set[int] = set()


def free_port() -> int:
    """Return a port of loopback that nobody listens on and that no worker of this run is given again."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
    while True:
        port = _FIRST + secrets.randbelow((_PAST - _FIRST) // _WORKERS) * _WORKERS + worker
        if port not in _given and _is_free(port):
            _given.add(port)
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
