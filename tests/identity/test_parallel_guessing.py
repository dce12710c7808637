"""Guesses made at the same moment get no more tries than there are."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlmodel import Session, col, select

from lkk_reflex.identity import codes, repository
from lkk_reflex.identity.errors import CodeUnusable, CodeWrong
from lkk_reflex.identity.models import ConfirmationCode
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import tokens
from lkk_reflex.kit.errors import PortalError
from lkk_reflex.kit.rate_limit import TooManyAttempts
from tests.identity.conftest import Portal
from tests.support import patience

GUESSES = 60
THREADS = 12


def guess_at_once(portal: Portal, guesses: int = GUESSES) -> list[PortalError]:
    """Type wrong codes from many addresses at the same time."""
    flow = portal.begin_registration("ivan@mail.ru")

    def guess(number: int) -> PortalError:
        try:
            portal.activate(flow, "000000", Viewer(address=f"10.{number}.0.1"))
        except PortalError as refusal:
            return refusal
        raise AssertionError("a wrong code was accepted")

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(guess, range(guesses)))


def count_comparisons(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    seen: list[int] = []
    compare = tokens.same_hash

    def counted(left: str, right: str) -> bool:
        seen.append(1)
        return compare(left, right)

    monkeypatch.setattr(codes, "same_hash", counted)
    return seen


def test_exactly_five_parallel_guesses_are_evaluated(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = count_comparisons(monkeypatch)
    refusals = guess_at_once(portal)
    assert len(compared) == 5
    assert sum(isinstance(one, CodeWrong) for one in refusals) == 4
    assert all(isinstance(one, CodeWrong | CodeUnusable | TooManyAttempts) for one in refusals)


def test_right_code_typed_twice_at_once_creates_one_cabinet(portal: Portal) -> None:
    flow = portal.begin_registration("ivan@mail.ru")
    code = portal.last_letter().code
    together = Barrier(2)

    def activate(_: int) -> bool:
        together.wait()
        try:
            portal.activate(flow, code)
        except PortalError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(activate, range(2))) == [False, True]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_reading_and_then_writing_would_let_more_guesses_pass(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: without the one atomic statement the same attack succeeds, so the test above can fail."""

    def read_then_write(session: Session, confirmation_id: int, _now: object) -> tuple[int, str, int] | None:
        query = select(ConfirmationCode).where(col(ConfirmationCode.confirmation_id) == confirmation_id)
        row = session.exec(query).one()
        if row.tries_left <= 0:
            return None
        together.wait(timeout=patience.SECONDS)
        left = row.tries_left - 1
        row.tries_left = left
        session.add(row)
        return row.id or 0, row.code_hash, left

    together = Barrier(THREADS)
    # The counters of addresses make the guesses wait for one another; here only the tries of the code count.
    monkeypatch.setattr("lkk_reflex.identity.limits.CODE", ())
    monkeypatch.setattr(repository, "take_code_try", read_then_write)
    compared = count_comparisons(monkeypatch)
    guess_at_once(portal, THREADS)
    assert len(compared) > 5
