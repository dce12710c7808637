"""A portal on either database, with a held clock; a company with an account, and who has connected it."""

from dataclasses import dataclass

import pytest
from sqlalchemy import Engine

from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import unit_of_work
from tests.accounts.conftest import held, portal, session
from tests.factories.accounts import everybody, make_account, make_link, make_provider

__all__ = ["held", "portal", "session"]


@dataclass(frozen=True)
class Town:
    """A company, and everybody who may want something of its tickets."""

    provider_id: int
    link_id: str
    account_id: int
    viewers: dict[str, Viewer]

    @property
    def anna(self) -> Viewer:
        """Who has connected the account."""
        return self.viewers["owner"]

    @property
    def boris(self) -> Viewer:
        """Another subscriber."""
        return self.viewers["other_subscriber"]


@pytest.fixture
def town(portal: Engine) -> Town:
    """Store a water company with an account that Anna has connected."""
    with unit_of_work() as session:
        provider = make_provider(session, code="water", name="Горводоканал", email="water@example.ru")
        account = make_account(session, provider, number="1000123456")
        viewers = everybody(session, provider)
        link = make_link(session, viewers["owner"], account)
        return Town(provider.id or 0, link.public_id, account.id or 0, viewers)
