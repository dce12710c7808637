"""Passwords: argon2id over a peppered password."""

import threading
import unicodedata
from collections.abc import Iterator

import pytest

from lkk_reflex.kit import crypto, passwords
from lkk_reflex.kit.crypto import Keyring
from lkk_reflex.kit.passwords import PasswordsBusy, hash_password, needs_rehash, spend_time, verify_password
from tests.support import patience
from tests.support.portal import CountedHashing, hash_quickly

OLD, NEW = "the-old-secret-of-the-installation-01", "the-new-secret-of-the-installation-02"


@pytest.fixture(autouse=True)
def secret() -> Iterator[None]:
    before = crypto._Binding.keyring
    crypto.bind(Keyring((OLD,)))
    yield
    crypto._Binding.keyring = before


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> CountedHashing:
    return hash_quickly(monkeypatch)


def test_hash_has_the_parameters_of_the_instruction_profile() -> None:
    stored = hash_password("k7Wm2")
    key_id, _, digest = stored.partition(":")
    assert key_id == crypto.keyring().key_id()
    assert digest.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert verify_password("k7Wm2", stored)
    assert not needs_rehash(stored)


@pytest.mark.parametrize("password", ["k7Wm2", "пароль со словами", "🔑" * 32, "x" * 128])
def test_only_the_very_password_fits(quick: CountedHashing, password: str) -> None:
    stored = hash_password(password)
    assert verify_password(password, stored)
    for other in (password[:-1], password + "x", password.swapcase() + "!", ""):
        assert not verify_password(other, stored)


def test_two_unicode_forms_are_one_password(quick: CountedHashing) -> None:
    stored = hash_password("пустой подъезд")
    assert verify_password(unicodedata.normalize("NFD", "пустой подъезд"), stored)


def test_same_password_has_another_hash_each_time(quick: CountedHashing) -> None:
    assert hash_password("k7Wm2") != hash_password("k7Wm2")


def test_hash_is_of_no_use_without_the_pepper(quick: CountedHashing) -> None:
    stored = hash_password("k7Wm2")
    crypto.bind(Keyring((NEW,)))
    assert not verify_password("k7Wm2", stored)
    crypto.bind(Keyring((NEW, OLD)))
    assert verify_password("k7Wm2", stored)
    assert needs_rehash(stored)


def test_hash_of_weaker_parameters_is_to_be_upgraded(quick: CountedHashing, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = hash_password("k7Wm2")
    monkeypatch.undo()
    assert needs_rehash(stored)


def test_every_refusal_costs_one_hash(quick: CountedHashing) -> None:
    stored = hash_password("k7Wm2")
    for attempt in (
        lambda: verify_password("wrong", stored),
        lambda: verify_password("x" * 5000, stored),
        lambda: verify_password("k7Wm2", stored.replace(stored[:8], "00000000")),
        lambda: spend_time("k7Wm2"),
        lambda: spend_time("x" * 5000),
    ):
        before = quick.calls
        assert not attempt()
        assert quick.calls == before + 1


def test_no_more_hashes_at_once_than_cores_and_no_endless_queue(
    quick: CountedHashing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "_slots", threading.BoundedSemaphore(1))
    monkeypatch.setattr(passwords, "_queue", threading.BoundedSemaphore(3))
    running, most = 0, 0
    entered, release = threading.Semaphore(0), threading.Event()
    compute = quick.hash

    def slow(secret: str) -> str:
        nonlocal running, most
        running += 1
        most = max(most, running)
        entered.release()
        assert release.wait(patience.SECONDS)
        running -= 1
        return compute(secret)

    monkeypatch.setattr(quick, "hash", slow)
    threads = [threading.Thread(target=hash_password, args=("k7Wm2",)) for _ in range(3)]
    threads[0].start()
    assert entered.acquire(timeout=patience.SECONDS)
    for thread in threads[1:]:
        thread.start()
    while passwords._queue._value:
        threading.Event().wait(0.005)
    with pytest.raises(PasswordsBusy):
        hash_password("k7Wm2")
    release.set()
    for thread in threads:
        thread.join(patience.SECONDS)
    assert most == 1
