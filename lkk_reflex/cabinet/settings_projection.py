"""A connected account as the settings name it."""

from dataclasses import dataclass

from lkk_reflex.accounts.models import LinkLevel
from lkk_reflex.accounts.statements import LinkedBill
from lkk_reflex.kit.numbers import numbered


@dataclass(frozen=True, slots=True)
class ConnectedAccount:
    """One line of the list."""

    public_id: str = ""
    title: str = ""
    own_name: str = ""
    #: The number, behind the provider where the title is the person's own: `Горводоканал · № 1000 123 456`.
    where: str = ""
    is_extended: bool = False


def connected_account(bill: LinkedBill) -> ConnectedAccount:
    """Take from an account what the settings show: nothing personal, at any level."""
    number = numbered(bill.number_shown)
    return ConnectedAccount(
        bill.public_id,
        bill.title,
        bill.own_name,
        f"{bill.provider_name} · {number}" if bill.own_name else number,
        bill.level is LinkLevel.EXTENDED,
    )


def name_saved(own_name: str, title: str) -> str:
    """Say how an account is called now; the provider, whose name has quotes of its own, where a name was taken away."""
    return f"Сохранено: «{title}»" if own_name else f"Название убрано, счёт снова называется: {title}"
