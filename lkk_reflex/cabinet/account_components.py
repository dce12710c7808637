"""What the pages of accounts share."""

from typing import Any

import reflex as rx
from reflex.vars.number import ternary_operation

from lkk_reflex.accounts.projection import AccountCard
from lkk_reflex.cabinet.account_state import AccountState
from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.ui.addresses import address_part
from lkk_reflex.ui.amounts import amount, card
from lkk_reflex.ui.buttons import button_link
from lkk_reflex.ui.feedback import content_or_skeleton, empty_state


def known_or_missing(content: rx.Component, placeholder: rx.Component) -> rx.Component:
    """Show the account of the address, its skeleton until it is known, or that there is none.

    A foreign address and a wrong one get the same sentence.
    """
    nothing = card(empty_state("account", Forbidden.text, button_link("На главную", "/cabinet", main=True)))
    return content_or_skeleton(_is_answered(), rx.cond(AccountState.is_missing, nothing, content), placeholder)


def once_known(text: str, otherwise: str) -> rx.Var[str]:
    """Say something of the account of the address, or something else until it is known."""
    return text_if(is_known(), text, otherwise)


def text_if(condition: rx.Var[bool], text: str | rx.Var[str], otherwise: str | rx.Var[str]) -> rx.Var[str]:
    """Choose one of two texts. `text_if(State.is_known, State.title, "Счёт")`"""
    # The annotations of the library let no Var in here.
    texts: tuple[Any, Any] = (text, otherwise)
    said: rx.Var[str] = ternary_operation(condition, *texts)
    return said


def is_known() -> rx.Var[bool]:
    """Tell whether the state holds the account of the address."""
    is_missing = rx.Var.create(AccountState.is_missing).to(bool)
    found: rx.Var[bool] = _is_answered() & ~is_missing
    return found


def headline(account: AccountCard) -> rx.Component:
    """Show the sum as big as it deserves; one in words is smaller."""
    return rx.cond(account.is_sum, amount(account.headline), amount(account.headline, middle=True))


def pay_link(account: AccountCard) -> rx.Component:
    """Lead to the pay page; it is the main thing to do only while something is owed."""
    address = f"/pay/{account.public_id}"
    return rx.cond(
        account.is_payable, button_link("Оплатить онлайн", address, main=True), button_link("Пополнить", address)
    )


def _is_answered() -> rx.Var[bool]:
    """Tell whether the state speaks of this address; one that can name nothing is asked for as an empty text."""
    asked_id = rx.Var.create(AccountState.asked_id).to(str)
    is_missing = rx.Var.create(AccountState.is_missing).to(bool)
    return (asked_id == address_part("id")) | (is_missing & (asked_id == ""))
