"""Handlers run over a real database, so the portal of the use cases is at hand."""

from tests.identity.conftest import held, portal, standard_portal

__all__ = ["held", "portal", "standard_portal"]
