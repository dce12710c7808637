"""Processes that live no longer than the tests: the database server, the portal under test."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

_OWNER_VARIABLE = "LKK_TEST_OWNER"
_LOOK_SECONDS = 0.5
#: A portal has its own last resort long before.
_STOP_SECONDS = 30.0


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
    directory: Path | None = None,
) -> int:
    """Start `command` under a watcher that ends it when the owner is gone, even if the owner was killed.

    What the command prints goes to the file `output`; it works in `directory`. Returns the process id of the
    watcher, for `stop`.
    """
    owner = os.environ.get(_OWNER_VARIABLE, str(os.getpid()))
    identity = [str(account.uid), str(account.gid)] if account else ["-", "-"]
    started = subprocess.run(
        [sys.executable, __file__, owner, *identity, str(output), *map(str, command)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env=environment,
        cwd=directory,
        check=True,
        text=True,
    )
    return int(started.stdout)


def is_running(pid: int) -> bool:
    """Tell whether a watcher, and so its command, still runs."""
    try:
        # Where nobody collects orphans, as in a container without init, an ended process stays visible.
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def stop(pid: int) -> None:
    """End a watcher and its command, and wait until both are gone; one that is gone already is fine.

    Raises:
        TimeoutError: when the command outlived even the watcher's patience.
    """
    deadline = time.monotonic() + 2 * _STOP_SECONDS
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    while is_running(pid):
        if time.monotonic() > deadline:
            raise TimeoutError(f"process {pid} does not end")
        time.sleep(0.02)


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
    owner, uid, gid, output, *command = sys.argv[1:]
    account = None if uid == "-" else Account(int(uid), int(gid))
    watcher = os.fork()
    if watcher:
        print(watcher)
        return 0
    # The watcher belongs to nobody, so that any process of the run can stop it and none waits for it.
    os.setsid()
    with Path(output).open("ab") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
    return _watch(int(owner), account, command)


if __name__ == "__main__":
    sys.exit(_main())
