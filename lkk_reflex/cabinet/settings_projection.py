"""A connected account as the settings name it."""

from dataclasses import dataclass

from lkk_reflex.accounts.projection import AccountCard


@dataclass(frozen=True, slots=True)
class ConnectedAccount:
    """One line of the list."""

    public_id: str = ""
    title: str = ""
    own_name: str = ""
    #: The provider and the number: `Горводоканал · № 1000 123 456`.
    where: str = ""
    is_extended: bool = False


def connected_account(card: AccountCard) -> ConnectedAccount:
    """Take from the card what the settings show."""
    return ConnectedAccount(
        card.public_id,
        card.title,
        card.own_name,
        f"{card.provider} · №\N{NO-BREAK SPACE}{card.number}",
        card.is_extended,
    )
