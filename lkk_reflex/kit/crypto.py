"""Keys derived from the one secret of the installation: keyed hashes, the pepper, encryption at rest."""

import base64
import hashlib
import hmac
from dataclasses import dataclass

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


@dataclass(frozen=True, slots=True)
class Keyring:
    """The present secret and older ones that are still accepted, newest first."""

    secrets: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<Keyring of {len(self.secrets)}>"

    def derive(self, purpose: str, secret: str | None = None) -> bytes:
        """Return a 32-byte key for one purpose; keys of different purposes tell nothing of each other."""
        material = (secret or self.secrets[0]).encode()
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"lkk:{purpose}".encode()).derive(material)

    def key_id(self, secret: str | None = None) -> str:
        """Return eight characters that tell which secret made something, and nothing of the secret."""
        return hashlib.sha256(self.derive("key-id", secret)).hexdigest()[:8]

    def secret_by_id(self, key_id: str) -> str | None:
        """Return the secret with this id, or None when it has been dropped from the settings."""
        return next((secret for secret in self.secrets if self.key_id(secret) == key_id), None)

    def keyed_hash(self, purpose: str, *parts: str, secret: str | None = None) -> str:
        """Return the hex HMAC-SHA256 of the parts; a reader of the database cannot try all codes against it.

        `secret` is an older one, for a hash that was made with it.
        """
        message = "\x1f".join(parts).encode()
        return hmac.new(self.derive(purpose, secret), message, hashlib.sha256).hexdigest()

    def keyed_hashes(self, purpose: str, *parts: str) -> list[str]:
        """Return the hash by the present secret and those by the older ones, to find what was stored under any."""
        return [self.keyed_hash(purpose, *parts, secret=secret) for secret in self.secrets]

    def encrypt(self, text: str) -> str:
        """Encrypt a short secret (a shop's key) for the database."""
        return self._fernet().encrypt(text.encode()).decode()

    def decrypt(self, token: str) -> str:
        """Decrypt what `encrypt` made with the present or an older secret.

        Raises:
            cryptography.fernet.InvalidToken: when no known secret fits.
        """
        return self._fernet().decrypt(token.encode()).decode()

    def _fernet(self) -> MultiFernet:
        keys = (self.derive("encryption", secret) for secret in self.secrets)
        return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])


class _Binding:
    keyring: Keyring | None = None


def bind(keyring: Keyring) -> None:
    """Make `keyring` the one of this process (done once by the edge)."""
    _Binding.keyring = keyring


def keyring() -> Keyring:
    """Return the keyring of this process.

    Raises:
        RuntimeError: when the edge has not called `bind` yet.
    """
    if _Binding.keyring is None:
        raise RuntimeError("no secret is bound")
    return _Binding.keyring
