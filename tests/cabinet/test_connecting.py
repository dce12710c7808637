"""Connecting from the form: the number and the person's own name together, both or nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from lkk_reflex.accounts import errors
from lkk_reflex.accounts.linking import LIMITS, Connection
from lkk_reflex.accounts.models import AccountLink
from lkk_reflex.cabinet.connecting import ConnectForm, connect_account
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import PortalError, problems_of
from lkk_reflex.kit.rate_limit import TooManyAttempts
from tests.factories.accounts import make_account, make_provider
from tests.factories.identity import make_viewer
from tests.support.portal import configured, held_clock

TOO_LONG = "я" * 61
RIGHT, WRONG = "1000123456", "1000999999"


class Desk:
    """A subscriber before the form of a provider with one account."""

    def __init__(self) -> None:
        with unit_of_work() as session:
            make_account(session, make_provider(session, code="water", account_pattern=r"[0-9]{10}"), number=RIGHT)
            self.viewer = make_viewer(session)

    def connect(self, typed: str, own_name: str = "", code: str = "water") -> Connection:
        """Press the button."""
        with unit_of_work() as session:
            return connect_account(session, self.viewer, form=ConnectForm(code, typed, own_name))

    def refusals(self, typed: str, own_name: str = "", code: str = "water") -> list[type[PortalError]]:
        """Press the button and return what is wrong."""
        with pytest.raises(PortalError) as refused:
            self.connect(typed, own_name, code)
        return [type(problem) for problem in problems_of(refused.value)]

    def names(self) -> list[str]:
        """Return the names of all connections."""
        with reading() as session:
            return list(session.exec(select(AccountLink.own_name)))


@pytest.fixture
def desk(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Desk]:
    """The form."""
    with held_clock(), configured(monkeypatch, tmp_path):
        yield Desk()


def test_account_is_connected_with_the_name(desk: Desk) -> None:
    desk.connect(RIGHT, " Дача ")
    assert desk.names() == ["Дача"]


def test_too_long_a_name_looks_no_number_up_and_counts_no_attempt(desk: Desk) -> None:
    """Otherwise a wrong number would tell itself apart from a right one, for which nothing is counted."""
    for _ in range(LIMITS[0].amount + 1):
        assert desk.refusals(RIGHT, TOO_LONG) == desk.refusals(WRONG, TOO_LONG) == [errors.OwnNameTooLong]
    assert desk.names() == []
    desk.connect(RIGHT)


def test_who_may_try_no_more_hears_the_same_of_any_number(desk: Desk) -> None:
    for _ in range(LIMITS[0].amount):
        assert desk.refusals(WRONG, "Дача") == [errors.AccountNotConfirmed]
    assert desk.refusals(RIGHT, TOO_LONG) == desk.refusals(WRONG, TOO_LONG) == [errors.OwnNameTooLong]
    assert desk.refusals(RIGHT) == desk.refusals(WRONG) == [TooManyAttempts]


@pytest.mark.parametrize(
    ("typed", "code", "error"),
    [("", "water", errors.NumberMissing), ("12345", "water", errors.NumberUnfit),
     (RIGHT, "no-such", errors.ProviderMissing), (RIGHT, "", errors.PayeeUnknown)],
)  # fmt: skip
def test_what_can_be_no_number_is_told_together_with_the_name(
    desk: Desk, typed: str, code: str, error: type[PortalError]
) -> None:
    assert desk.refusals(typed, TOO_LONG, code) == [error, errors.OwnNameTooLong]
