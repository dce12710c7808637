"""Processes that live no longer than the tests: the database server, the portal under test."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_OWNER_VARIABLE = "LKK_TEST_OWNER"
_LOOK_SECONDS = 0.5
_STOP_SECONDS = 10.0

#: Watchers started by this process; kept, so that each is waited for and none is left a zombie.
_watchers: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Account:
    """The system user a process runs as."""

    uid: int
    gid: int


class _StopAsked(Exception):
    """Raised inside a watcher by SIGTERM."""


def become_owner() -> None:
    """Declare this process the owner: what it or its workers start by `start_owned` ends with it."""
    os.environ[_OWNER_VARIABLE] = str(os.getpid())


def start_owned(
    command: Sequence[str | Path],
    *,
    output: Path,
    account: Account | None = None,
    environment: Mapping[str, str] | None = None,
) -> int:
    """Start `command` under a watcher that ends it when the owner is gone, even if the owner was killed.

    What the command prints goes to the file `output`. Returns the process id of the watcher, for `stop`.
    """
    owner = os.environ.get(_OWNER_VARIABLE, str(os.getpid()))
    identity = [str(account.uid), str(account.gid)] if account else ["-", "-"]
    with output.open("ab") as log:
        watcher = subprocess.Popen(
            [sys.executable, __file__, owner, *identity, *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            start_new_session=True,
        )
    _watchers[watcher.pid] = watcher
    return watcher.pid


def is_running(pid: int) -> bool:
    """Tell whether a watcher, and so its command, still runs."""
    watcher = _watchers.get(pid)
    return watcher.poll() is None if watcher else psutil.pid_exists(pid)


def stop(pid: int) -> None:
    """End a watcher and its command, and wait until both are gone; one that is gone already is fine."""
    watcher = _watchers.pop(pid, None)
    if watcher:
        watcher.terminate()
        watcher.wait(_STOP_SECONDS * 2)
    elif psutil.pid_exists(pid):
        process = psutil.Process(pid)
        process.terminate()
        process.wait(_STOP_SECONDS * 2)


def _watch(owner: int, account: Account | None, command: Sequence[str]) -> int:
    """Run `command` until it ends, the owner disappears or SIGTERM asks to stop."""

    def ask_to_stop(_signal: int, _frame: object) -> None:
        raise _StopAsked

    if account:
        child = subprocess.Popen(command, user=account.uid, group=account.gid, extra_groups=[], cwd="/")
    else:
        child = subprocess.Popen(command)
    try:
        signal.signal(signal.SIGTERM, ask_to_stop)
        while child.poll() is None and psutil.pid_exists(owner):
            try:
                child.wait(_LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                continue
    except _StopAsked:
        pass
    # The polite request: PostgreSQL answers it with a fast shutdown, a web server as to Ctrl+C.
    child.send_signal(signal.SIGINT)
    try:
        return child.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()


def _main() -> int:
    owner, uid, gid, *command = sys.argv[1:]
    account = None if uid == "-" else Account(int(uid), int(gid))
    return _watch(int(owner), account, command)


if __name__ == "__main__":
    sys.exit(_main())
