"""Keys derived from the one secret of the installation."""

import pytest
from cryptography.fernet import InvalidToken

from lkk_reflex.kit import crypto
from lkk_reflex.kit.crypto import Keyring

OLD, NEW = "the-old-secret-of-the-installation-01", "the-new-secret-of-the-installation-02"


def test_keys_of_different_purposes_are_different() -> None:
    keyring = Keyring((OLD,))
    keys = {keyring.derive(purpose) for purpose in ("pepper", "encryption", "limit", "")}
    assert len(keys) == 4
    assert all(len(key) == 32 for key in keys)
    assert keyring.derive("pepper") == Keyring((OLD,)).derive("pepper")


def test_what_was_encrypted_with_the_old_secret_is_still_read() -> None:
    token = Keyring((OLD,)).encrypt("ключ магазина")
    assert "ключ" not in token
    assert Keyring((NEW, OLD)).decrypt(token) == "ключ магазина"
    with pytest.raises(InvalidToken):
        Keyring((NEW,)).decrypt(token)


def test_changed_text_is_noticed() -> None:
    token = Keyring((OLD,)).encrypt("x")
    with pytest.raises(InvalidToken):
        Keyring((OLD,)).decrypt(token[:-4] + "AAAA")


def test_secret_is_found_by_its_id_while_it_is_kept() -> None:
    key_id = Keyring((OLD,)).key_id()
    assert Keyring((NEW, OLD)).secret_by_id(key_id) == OLD
    assert Keyring((NEW,)).secret_by_id(key_id) is None


def test_keyring_does_not_show_its_secrets() -> None:
    assert OLD not in f"{Keyring((OLD,))!r} {Keyring((OLD,))}"


def test_process_without_a_secret_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crypto._Binding, "keyring", None)
    with pytest.raises(RuntimeError, match="no secret is bound"):
        crypto.keyring()
