"""Leaving the portal for a page of somebody else, or of another program on the same address."""

import reflex as rx
from reflex_base.constants.compiler import MemoizationDisposition, MemoizationMode
from reflex_components_core.el.elements.base import BaseHTML

from lkk_reflex.ui.buttons import Text


class LeavePage(BaseHTML):
    """The element of assets/portal.js that opens the address it is given."""

    tag = "leave-page"
    # The framework names a memoized part after its tag, and a dash is no letter of a name.
    _memoization_mode = MemoizationMode(disposition=MemoizationDisposition.NEVER)

    to: rx.Var[str]


def leave_page(to: Text) -> rx.Component:
    """Open an absolute address by a full page load as soon as the state names one. `leave_page(PayState.leave_to)`

    A redirect by the framework stays inside its pages when the host is the same, as the demo's bank is. Only a
    change counts, so that whoever comes back with the browser's button is not sent away again: therefore it
    stands inside the part of the page that appears when the state is loaded.
    """
    return LeavePage.create(to=to)
