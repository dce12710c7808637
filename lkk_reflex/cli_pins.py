"""`lkk pin`, `lkk account` and `lkk provider proofs`: who gets extended access, and how."""

import csv
import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, TextIO
from zoneinfo import ZoneInfo

import typer
from sqlmodel import Session

from lkk_reflex import runtime
from lkk_reflex.accounts import owner_change, paperless, pins, proofs
from lkk_reflex.accounts.errors import ProofUnknown, ProviderUnknown
from lkk_reflex.accounts.models import ProofKind, ServiceProvider
from lkk_reflex.accounts.pins import IssuedPin
from lkk_reflex.accounts.providers import providers_of_staff
from lkk_reflex.cli_asking import confirm
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.settings import get_settings

_SYSTEM = Viewer.system()
#: A spreadsheet would run a cell that begins so.
_FORMULA = ("=", "+", "-", "@")
_HEADS = ("Лицевой счёт", "Адрес", "Пин-код", "Действует по")
_PROOF_WORDS = {
    ProofKind.BILL_SUM: "сумма из прежней квитанции",
    ProofKind.METER_SERIAL: "заводской номер счётчика",
}
_Provider = Annotated[str, typer.Option(help="Код поставщика, см. lkk provider list.")]
_Account = Annotated[str, typer.Option(help="Номер лицевого счёта.")]

app = typer.Typer(help="Пин-коды расширенного доступа.", no_args_is_help=True)
account_app = typer.Typer(help="Лицевые счета.", no_args_is_help=True)


@app.command("issue")
def issue(
    provider: _Provider,
    account: Annotated[str, typer.Option(help="Номер лицевого счёта: один пин-код на экран.")] = "",
    everybody: Annotated[bool, typer.Option("--all", help="Всем счетам поставщика, в файл.")] = False,
    out: Annotated[Path | None, typer.Option(help="Новый файл CSV для печати писем и квитанций.")] = None,
) -> None:
    """Выдать пин-код одному счёту или всем; прежние пин-коды этих счетов перестают действовать."""
    if bool(account) == everybody or everybody != bool(out):
        raise typer.BadParameter("Укажите --account НОМЕР или --all вместе с --out ФАЙЛ.csv.")
    with runtime.open_runtime(get_settings()), unit_of_work() as session:
        found = _provider(session, provider)
        provider_id = found.id or 0
        if out is None:
            issued = pins.issue_pin(session, _SYSTEM, provider_id=provider_id, number=account)
            said = f"Пин-код счёта {issued.number}: {issued.pin}\nДействует по {_day(issued.expires_at, found)}."
        else:
            batch = pins.issue_pins(session, _SYSTEM, provider_id=provider_id)
            # Before the unit of work ends: a file that cannot be written must not end the former ones.
            with _new_private_file(out) as file:
                _write(file, batch, found)
            said = f"Выдано пин-кодов: {len(batch)}. Файл: {out}. Напечатайте их и удалите файл."
    typer.echo(said)


@app.command("list")
def list_pins(provider: _Provider) -> None:
    """Показать, каким счетам выданы пин-коды и что с ними стало; сами пин-коды не хранятся."""
    with runtime.open_runtime(get_settings()), reading() as session:
        found = _provider(session, provider)
        listed = pins.list_pins(session, _SYSTEM, provider_id=found.id or 0)
    for pin in listed:
        typer.echo(f"{pin.number}\t{pin.state}\tвыдан {_day(pin.issued_at, found)}, по {_day(pin.expires_at, found)}")
    if not listed:
        typer.echo("Пин-кодов пока нет. Выдать: lkk pin issue --help")


@app.command("revoke")
def revoke(provider: _Provider, account: _Account) -> None:
    """Отозвать пин-код счёта."""
    with runtime.open_runtime(get_settings()), unit_of_work() as session:
        provider_id = _provider(session, provider).id or 0
        was_alive = pins.revoke_pin(session, _SYSTEM, provider_id=provider_id, number=account)
    typer.echo("Пин-код отозван." if was_alive else "Действующего пин-кода у счёта нет.")


@account_app.command("end-links")
def end_links(
    provider: _Provider,
    account: _Account,
    yes: Annotated[bool, typer.Option("--yes", help="Не спрашивать подтверждения.")] = False,
) -> None:
    """Отключить счёт от всех кабинетов: у квартиры сменился владелец. Ему понадобится пин-код, см. lkk pin issue."""
    if not yes:
        confirm("Счёт пропадёт из всех кабинетов, где он подключён. Продолжить?")
    with runtime.open_runtime(get_settings()), unit_of_work() as session:
        provider_id = _provider(session, provider).id or 0
        ended = owner_change.end_links(session, _SYSTEM, provider_id=provider_id, number=account)
    typer.echo(
        f"Отключено кабинетов: {ended}. Прежние владельцы получат сообщение.\n"
        "Прежние квитанции и номера счётчиков счёт больше не подтверждают: выдайте новому владельцу пин-код."
    )


@account_app.command("paperless")
def paperless_accounts(
    provider: _Provider, out: Annotated[Path, typer.Option(help="Новый файл CSV для печати квитанций.")]
) -> None:
    """Записать счета, по которым абонент отказался от бумажной квитанции."""
    with runtime.open_runtime(get_settings()), reading() as session:
        found = _provider(session, provider)
        listed = paperless.paperless_accounts(session, _SYSTEM, provider_id=found.id or 0)
        rows = [(each.number, each.address, _day(each.since, found)) for each in listed]
    with _new_private_file(out) as file:
        _write_table(file, ("Лицевой счёт", "Адрес", "Отказ с"), rows)
    typer.echo(f"Счетов без бумажной квитанции: {len(rows)}. Файл: {out}")


def choose_proofs(
    provider: _Provider,
    allow: Annotated[
        str | None,
        typer.Option(
            help="Через запятую: bill_sum, meter_serial и, если к ним нужна ещё фамилия владельца, surname; "
            "none — только пин-код."
        ),
    ] = None,
) -> None:
    """Показать или выбрать (--allow), чем кроме пин-кода абонент подтверждает, что счёт его."""
    kinds = None if allow is None else _kinds(allow)
    with runtime.open_runtime(get_settings()), unit_of_work() as session:
        provider_id = _provider(session, provider).id or 0
        if kinds is not None:
            proofs.set_proofs(session, _SYSTEM, provider_id=provider_id, kinds=kinds)
        accepted = proofs.proofs_of(session, _SYSTEM, provider_id=provider_id)
        nameless = proofs.count_nameless(session, _SYSTEM, provider_id=provider_id)
    words = ["пин-код", *(words for kind, words in _PROOF_WORDS.items() if kind in accepted)]
    surname = " Без пин-кода нужна ещё фамилия владельца." if ProofKind.SURNAME in accepted else ""
    typer.echo(f"Счёт подтверждают: {', '.join(words)}.{surname}")
    if surname and nameless:
        typer.echo(f"Счетов без фамилии владельца в реестре: {nameless}. Их подтвердит только пин-код.")


def _kinds(allow: str) -> list[ProofKind]:
    known = {kind.value: kind for kind in (*_PROOF_WORDS, ProofKind.SURNAME)}
    named = [] if allow.strip() == "none" else [name.strip() for name in allow.split(",")]
    unknown = next((name for name in named if name not in known), None)
    if unknown is not None:
        raise ProofUnknown(proof=unknown or "без названия", known=", ".join(known))
    return [known[name] for name in named]


def _new_private_file(path: Path) -> TextIO:
    """Open a file that did not exist and that nobody else may read."""
    try:
        return os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8-sig", newline=""
        )
    except FileExistsError as error:
        raise typer.BadParameter(f"Файл {path} уже есть. Назовите другой.") from error
    except OSError as error:
        raise typer.BadParameter(f"Файл {path} не записать.") from error


def _write(file: TextIO, batch: Sequence[IssuedPin], provider: ServiceProvider) -> None:
    cells = [(issued.number, issued.address, issued.pin, _day(issued.expires_at, provider)) for issued in batch]
    _write_table(file, _HEADS, cells)


def _write_table(file: TextIO, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = csv.writer(file, delimiter=";")
    table.writerow(heads)
    for row in rows:
        table.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])


def _day(moment: datetime, provider: ServiceProvider) -> str:
    return moment.astimezone(ZoneInfo(provider.time_zone)).strftime("%d.%m.%Y")


def _provider(session: Session, code: str) -> ServiceProvider:
    found = next((provider for provider in providers_of_staff(session, _SYSTEM) if provider.code == code), None)
    if found is None:
        raise ProviderUnknown(provider_code=code)
    return found
