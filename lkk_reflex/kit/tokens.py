"""Random tokens and codes; only their hashes are stored."""

import hashlib
import hmac
import secrets

from lkk_reflex.kit.crypto import keyring

#: 256 bits, in 43 characters that need no escaping in a URL or a cookie.
_TOKEN_BYTES = 32


def new_token() -> str:
    """Return an unguessable token."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def token_hash(token: str) -> str:
    """Return the SHA-256 of a token in hex; enough for 256 random bits, too weak for a short code."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_code(digits: int) -> str:
    """Return a decimal code with leading zeros."""
    return f"{secrets.randbelow(10**digits):0{digits}d}"


def code_hash(purpose: str, owner: str, code: str) -> str:
    """Return the keyed hash of a short code, bound to its purpose and owner."""
    return keyring().keyed_hash(f"code:{purpose}", owner, code)


def code_hashes(purpose: str, owner: str, code: str) -> list[str]:
    """Return the same by the present secret and by the older ones, for codes that outlive a change of the secret."""
    return keyring().keyed_hashes(f"code:{purpose}", owner, code)


def same_hash(left: str, right: str) -> bool:
    """Compare two hashes in constant time."""
    return hmac.compare_digest(left, right)
