"""What the pages of one account share."""

import reflex as rx

from lkk_reflex.accounts.projection import AccountCard
from lkk_reflex.cabinet.account_state import AccountState
from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.ui.amounts import amount, card
from lkk_reflex.ui.buttons import button_link
from lkk_reflex.ui.feedback import content_or_skeleton, empty_state


def missing_or(content: rx.Component, placeholder: rx.Component) -> rx.Component:
    """Show the content, its skeleton while it loads, or the same sentence for a foreign address and a wrong one."""
    nothing = card(empty_state("account", Forbidden.text, button_link("На главную", "/cabinet", main=True)))
    return rx.cond(AccountState.is_missing, nothing, content_or_skeleton(AccountState.is_loaded, content, placeholder))


def headline(account: AccountCard) -> rx.Component:
    """Show the sum as big as it deserves; one in words is smaller."""
    return rx.cond(account.is_sum, amount(account.headline), amount(account.headline, middle=True))


def pay_link(account: AccountCard) -> rx.Component:
    """Lead to the pay page; it is the main thing to do only while something is owed."""
    address = f"/pay/{account.public_id}"
    return rx.cond(
        account.is_payable, button_link("Оплатить онлайн", address, main=True), button_link("Пополнить", address)
    )
