"""Forms that a browser posts by itself, without the framework."""

from typing import Any, Self, cast

import reflex as rx
from reflex_base.utils.imports import ImportDict
from reflex_components_core.el.elements.base import BaseHTML


class NativeForm(BaseHTML):
    """A `<form>` that really posts: the framework's own form always keeps the browser from it.

    For sign-in, sign-out and everything else that sets or clears the session cookie.
    """

    tag = "form"

    action: rx.Var[str]
    method: rx.Var[str]
    auto_complete: rx.Var[str]
    enc_type: rx.Var[str]


class TicketForm(NativeForm):
    """A hidden form that posts itself once its one-time ticket becomes known.

    A handler cannot set an HttpOnly cookie, because the answer to it travels over the websocket. It stores a
    short-lived ticket and puts it into a state var; the browser then posts the ticket to a route, which sets
    the cookie and redirects. The submission is compiled into the page, so no script is evaluated.
    """

    ticket: rx.Var[str]

    @classmethod
    def create(cls, *children: Any, **props: Any) -> Self:  # noqa: ANN401 - the signature is the framework's.
        """Create the form; `ticket` is a state var, empty until the handler has issued one."""
        ticket = rx.el.input(type="hidden", name="ticket", value=props["ticket"], read_only=True)
        defaults = {"id": "ticket-form", "method": "post", "action": "/auth/redeem", "hidden": True}
        form = super().create(ticket, *children, **{**defaults, **props})
        return cast("Self", form)

    def add_imports(self) -> ImportDict:
        """Import the hook of React that the submission needs."""
        return {"react": "useEffect"}

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        """Submit once per ticket, after React has put its value into the hidden field.

        The state may still hold a used ticket when the person comes back to the page, so the tab remembers it.
        """
        ticket = str(self.ticket)
        submit = (
            f"if ({ticket} && sessionStorage.getItem('ticket') !== {ticket}) {{ "
            f"sessionStorage.setItem('ticket', {ticket}); {self.get_ref()}.current?.requestSubmit(); }}"
        )
        return [f"useEffect(() => {{ {submit} }}, [{ticket}])"]

    def _exclude_props(self) -> list[str]:
        return ["ticket"]
