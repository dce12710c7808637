"""`lkk act`: acts about destroyed personal data, for whoever has to show them to Roskomnadzor."""

import typer

from lkk_reflex import runtime
from lkk_reflex.identity import closing
from lkk_reflex.identity.closing import Act
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import reading
from lkk_reflex.settings import get_settings

app = typer.Typer(help="Акты об уничтожении персональных данных.", no_args_is_help=True)


@app.command("list")
def list_acts() -> None:
    """Показать акты с выгрузкой из журнала, новые — первыми (приказ Роскомнадзора № 179)."""
    with runtime.open_runtime(get_settings()), reading() as session:
        found = closing.acts(session, Viewer.system())
    for act in found:
        typer.echo("\n".join(_lines(act)))
    if not found:
        typer.echo("Актов нет.")


def _lines(act: Act) -> list[str]:
    return [
        f"Акт № {act.number} об уничтожении персональных данных, {act.destroyed_at}",
        f"  Оператор: {act.company}",
        f"  Субъект: абонент, кабинет № {act.cabinet}",
        f"  Причина: {act.reason}",
        "  Система: личный кабинет абонента; способ: удаление записей из базы данных и файлов с диска",
        *(f"  {category}: {count}" for category, count in act.counts.items()),
    ]
