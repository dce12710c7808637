"""Passwords: argon2id over a peppered password. The only module that knows passlib.

The parameters are those of the `instruction` profile: 64 MiB, three passes, one lane. Without the secret of the
installation (the pepper) a stolen table of hashes cannot be searched at all.
"""

import hashlib
import hmac
import os
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from passlib.context import CryptContext

from lkk_reflex.kit.crypto import keyring
from lkk_reflex.kit.errors import PortalError

#: More than this is refused before hashing: the work must not depend on what a stranger sends.
MAX_PASSWORD_CHARACTERS = 128

_context = CryptContext(
    schemes=["argon2"],
    argon2__type="ID",
    argon2__time_cost=3,
    argon2__memory_cost=65536,
    argon2__parallelism=1,
)

#: Each hash takes 64 MiB and a core; one core stays free for everybody else, so that a flood of sign-ins is not felt.
SLOTS = max(1, (os.cpu_count() or 1) - 1)
_MAX_WAITING = 8
_slots = threading.BoundedSemaphore(SLOTS)
# Those who wait hold a worker thread each; a flood must leave threads for everybody else.
_queue = threading.BoundedSemaphore(SLOTS + _MAX_WAITING)


class PasswordsBusy(PortalError):
    """More people sign in at this moment than the machine can hash for."""

    code = "portal.passwords_busy"
    text = "Сейчас входит очень много людей. Попробуйте через минуту."


@contextmanager
def _slot() -> Iterator[None]:
    if not _queue.acquire(blocking=False):
        raise PasswordsBusy
    try:
        with _slots:
            yield
    finally:
        _queue.release()


def _peppered(password: str, secret: str | None = None) -> str:
    pepper = keyring().derive("pepper", secret)
    return hmac.new(pepper, unicodedata.normalize("NFC", password).encode(), hashlib.sha256).hexdigest()


def hash_password(password: str) -> str:
    """Return the stored form: id of the pepper, a colon, the argon2id hash. Takes about 0.2 s; call off the loop.

    Raises:
        PasswordsBusy: when too many wait already; so do `verify_password` and `spend_time`.
    """
    with _slot():
        return f"{keyring().key_id()}:{_context.hash(_peppered(password))}"


def verify_password(password: str, stored: str) -> bool:
    """Tell whether the password is the stored one; False also when its pepper is no longer known.

    Every answer takes the same time, so that it does not tell a known login from an unknown one.
    """
    key_id, _, digest = stored.partition(":")
    secret = keyring().secret_by_id(key_id)
    if secret is None or len(password) > MAX_PASSWORD_CHARACTERS:
        spend_time(password)
        return False
    with _slot():
        return bool(_context.verify(_peppered(password, secret), digest))


def needs_rehash(stored: str) -> bool:
    """Tell whether the parameters or the pepper have changed since the hash was made."""
    key_id, _, digest = stored.partition(":")
    return key_id != keyring().key_id() or bool(_context.needs_update(digest))


def spend_time(password: str) -> None:
    """Do the work of one verification for nothing, so that an unknown login takes as long as a known one."""
    with _slot():
        _context.hash(_peppered(password[:MAX_PASSWORD_CHARACTERS]))
