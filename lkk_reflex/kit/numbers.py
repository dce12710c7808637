"""Numbers by which people name things: accounts, payments, readings, meters, tickets."""

_NO_BREAK = str.maketrans({" ": "\N{NO-BREAK SPACE}", "-": "\N{NON-BREAKING HYPHEN}"})


def numbered(number: str) -> str:
    """Return a number with its sign for a screen, in one piece: no line ends at its spaces and hyphens.

    `№ 48‑1120`. Files and messages, from which numbers are copied and searched for, keep the plain one.
    """
    return f"№\N{NO-BREAK SPACE}{number.translate(_NO_BREAK)}"


def plain_number(typed: str) -> str:
    """Return a number that somebody may have copied from a screen as it is stored."""
    return typed.replace("\N{NON-BREAKING HYPHEN}", "-").replace("\N{NO-BREAK SPACE}", " ").removeprefix("№").strip()
