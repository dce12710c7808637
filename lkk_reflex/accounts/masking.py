"""Numbers of accounts for mailboxes and for people who have not proved that the account is theirs."""

_SHOWN_FIGURES = 4


def mask_number(number: str) -> str:
    """Return the end of an account's number, by which its owner recognises it: `•••3456`; of a short one, less."""
    return f"•••{number[-min(_SHOWN_FIGURES, len(number) // 2) :]}" if len(number) > 1 else "•••"


def account_title(own_name: str, number: str) -> str:
    """Return how a message names an account to who has connected it: by its own name, or by a masked number."""
    return f"«{own_name}»" if own_name else f"лицевой счёт {mask_number(number)}"
