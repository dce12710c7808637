"""Asking at the terminal, in Russian: the library asks `y/N` and takes no «да»."""

import typer

_YES = frozenset({"да", "д", "yes", "y"})


def confirm(question: str) -> None:
    """Go on only after a yes.

    Raises:
        Abort: anything else was answered, or nobody can answer.
    """
    answer = typer.prompt(f"{question} [да/нет]", default="нет", show_default=False)
    if answer.strip().casefold() not in _YES:
        raise typer.Abort
