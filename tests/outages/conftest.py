"""A portal on either database, with a held clock."""

from tests.accounts.conftest import held, portal, session

__all__ = ["held", "portal", "session"]
