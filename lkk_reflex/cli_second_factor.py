"""`lkk second-factor`: help for who has lost both the telephone and the recovery codes."""

from typing import Annotated

import typer

from lkk_reflex import runtime
from lkk_reflex.identity import second_factor
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.kit.errors import PortalError
from lkk_reflex.settings import get_settings

app = typer.Typer(help="Второй шаг входа абонентов.", no_args_is_help=True)


@app.command("off")
def switch_off(
    login: Annotated[str, typer.Argument(help="Телефон или почта, по которым входит абонент.")],
    is_sure: Annotated[bool, typer.Option("--identity-checked", help="Личность проверена по документу.")] = False,
) -> None:
    """Выключить второй шаг у абонента, который потерял и телефон, и запасные коды."""
    if not is_sure:
        typer.echo("Сначала проверьте личность по документу, затем повторите с --identity-checked.", err=True)
        raise typer.Exit(2)
    try:
        with runtime.open_runtime(get_settings()), unit_of_work() as session:
            second_factor.switch_off_for(session, Viewer.system(), login=login)
    except PortalError as refusal:
        typer.echo(refusal.message, err=True)
        raise typer.Exit(1) from None
    typer.echo("Второй шаг выключен, все устройства вышли из кабинета, абоненту отправлено сообщение.")
