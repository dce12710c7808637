"""Bells by which one part of the process tells a background job that there is work, without knowing the job."""

import threading
from collections import defaultdict

from sqlalchemy import event
from sqlmodel import Session

_bells: defaultdict[str, threading.Event] = defaultdict(threading.Event)


def bell(name: str) -> threading.Event:
    """Return the bell of a job; the job waits for it and clears it."""
    return _bells[name]


def ring(name: str) -> None:
    """Tell the job of this name in this process that there is work; nothing happens if it does not run here."""
    _bells[name].set()


def ring_after_commit(session: Session, name: str) -> None:
    """Ring when the session's work can be seen by others; never, if it is undone."""
    event.listen(session, "after_commit", lambda _session: ring(name), once=True)
