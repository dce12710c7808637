"""The address that a person has just typed in this tab: a typo in it is found only where it is shown in full."""

import reflex as rx


class TypedLoginState(rx.State):
    """Lives with the tab, also while it goes from the form to the page of the code; another tab has its own."""

    _login: str = ""


async def remember_typed(state: rx.State, login: str) -> None:
    """Keep what was typed in the tab of a state, in place of what was typed before."""
    kept = await state.get_state(TypedLoginState)
    kept._login = login  # noqa: SLF001 - vars with a line stay on the server.


async def typed_in(state: rx.State) -> str:
    """Return what was typed in the tab of a state; an empty text when nothing was."""
    kept = await state.get_state(TypedLoginState)
    return kept._login  # noqa: SLF001 - the same.
