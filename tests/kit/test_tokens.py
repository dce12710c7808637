"""Random tokens and codes."""

import re
from collections.abc import Iterator

import pytest

from lkk_reflex.kit import crypto
from lkk_reflex.kit.crypto import Keyring
from lkk_reflex.kit.tokens import code_hash, new_code, new_token, same_hash, token_hash


@pytest.fixture(autouse=True)
def secret() -> Iterator[None]:
    before = crypto._Binding.keyring
    crypto.bind(Keyring(("the-secret-of-the-installation-000001",)))
    yield
    crypto._Binding.keyring = before


def test_tokens_are_long_and_never_repeat() -> None:
    tokens = {new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(re.fullmatch(r"[\w-]{43}", token) for token in tokens)


def test_codes_keep_their_leading_zeros_and_use_every_digit() -> None:
    codes = [new_code(6) for _ in range(2000)]
    assert all(re.fullmatch(r"\d{6}", code) for code in codes)
    assert {code[0] for code in codes} == set("0123456789")
    assert len(new_code(8)) == 8


def test_hash_of_a_code_belongs_to_its_purpose_its_owner_and_the_secret() -> None:
    first = code_hash("reset", "1", "482913")
    assert first == code_hash("reset", "1", "482913")
    others = {code_hash("sign_in", "1", "482913"), code_hash("reset", "2", "482913"), code_hash("reset", "1", "482914")}
    crypto.bind(Keyring(("another-secret-of-the-installation-02",)))
    others.add(code_hash("reset", "1", "482913"))
    assert len(others - {first}) == 4


def test_parts_of_a_hash_do_not_run_together() -> None:
    assert code_hash("reset", "1", "23456") != code_hash("reset", "12", "3456")


def test_hash_of_a_token_is_sha256() -> None:
    assert token_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert same_hash(token_hash("abc"), token_hash("abc"))
    assert not same_hash(token_hash("abc"), token_hash("abd"))
