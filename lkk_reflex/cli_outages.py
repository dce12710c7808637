"""`lkk outage`: what the staff says of outages until the operator's pages exist."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlmodel import Session

from lkk_reflex import runtime
from lkk_reflex.accounts.errors import ProviderUnknown
from lkk_reflex.accounts.models import ServiceProvider
from lkk_reflex.accounts.providers import providers_of_staff
from lkk_reflex.accounts.register.directives import local_moment
from lkk_reflex.cli_asking import confirm
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.outages import staff
from lkk_reflex.outages.models import OutageKind
from lkk_reflex.outages.projection import KIND_LABELS, PHASE_LABELS, place_of
from lkk_reflex.outages.rules import NewOutage, Where
from lkk_reflex.outages.staff import Reach, StaffOutage
from lkk_reflex.settings import get_settings

_SYSTEM = Viewer.system()
_Provider = Annotated[str, typer.Argument(help="Код поставщика, см. lkk provider list.")]
_Number = Annotated[int, typer.Argument(help="Номер отключения, см. lkk outage list.")]
_MOMENT = "время поставщика: «2026-11-25 09:00»."

app = typer.Typer(help="Отключения: что, где и когда не будет подаваться.", no_args_is_help=True)


@app.command("announce")
def announce(
    provider: _Provider,
    service: Annotated[str, typer.Option(help="Что отключат, как прочтёт абонент: «холодная вода».")],
    kind: Annotated[OutageKind, typer.Option(help="planned — плановое, emergency — авария.")],
    starts: Annotated[str, typer.Option("--from", help=f"Начало, {_MOMENT}")],
    until: Annotated[str, typer.Option("--until", help=f"Окончание, {_MOMENT}")],
    text: Annotated[str, typer.Option(help="Что ещё сказать: причина, где взять воду.")] = "",
    street: Annotated[str, typer.Option(help="Улица: «ул. Ленина», «с. Дубки, ул. Ленина».")] = "",
    house: Annotated[
        list[str] | None, typer.Option(help="Дом; можно повторить: 12, 12А, «12 корп. 2». Без него — вся улица.")
    ] = None,
    everywhere: Annotated[bool, typer.Option("--all", help="Все счета поставщика.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Не спрашивать подтверждения.")] = False,
) -> None:
    """Объявить отключение; абоненты увидят его в кабинете и получат сообщение."""
    where = Where(street.strip(), tuple(house or ()))
    if bool(where.street) == everywhere or (everywhere and where.houses):
        raise typer.BadParameter("Укажите --street «УЛИЦА» и, если нужно, --house ДОМ или одно --all.")
    with runtime.open_runtime(get_settings()):
        with reading() as session:
            found = _provider(session, provider)
            first, last = (_moment(each, ZoneInfo(found.time_zone)) for each in (starts, until))
            new = NewOutage(found.id or 0, service, kind, first, last, text, where)
            reached = staff.preview(session, _SYSTEM, new=new)
        typer.echo("\n".join(_reached(reached)))
        if not yes:
            confirm("Объявить отключение?")
        with unit_of_work() as session:
            number = staff.announce(session, _SYSTEM, reach=reached).id
    typer.echo(f"Отключение {number} объявлено. Изменить: lkk outage change {number} --help")


@app.command("list")
def list_outages(
    provider: Annotated[str, typer.Argument(help="Только этого поставщика, см. lkk provider list.")] = "",
) -> None:
    """Показать отключения: будущие, нынешние и те, что закончились за 30 дней."""
    with runtime.open_runtime(get_settings()), reading() as session:
        provider_id = _provider(session, provider).id if provider else None
        found = staff.staff_outages(session, _SYSTEM, provider_id=provider_id)
    for each in found:
        typer.echo("\t".join(_line(each)))
    if not found:
        typer.echo("Отключений нет.")


@app.command("change")
def change(
    number: _Number,
    starts: Annotated[str | None, typer.Option("--from", help=f"Новое начало, {_MOMENT}")] = None,
    until: Annotated[str | None, typer.Option("--until", help=f"Новое окончание, {_MOMENT}")] = None,
    text: Annotated[str | None, typer.Option(help="Новый текст вместо прежнего.")] = None,
) -> None:
    """Изменить время или текст; о новом времени абонентам придёт сообщение."""
    with runtime.open_runtime(get_settings()), unit_of_work() as session:
        zone = staff.zone_of(session, _SYSTEM, number=number)
        staff.change(
            session,
            _SYSTEM,
            number=number,
            starts_at=_moment(starts, zone) if starts else None,
            ends_at=_moment(until, zone) if until else None,
            text=text,
        )
    typer.echo(f"Отключение {number} изменено.")


@app.command("end")
def end(number: _Number) -> None:
    """Сообщить, что подача возобновлена."""
    with runtime.open_runtime(get_settings()), unit_of_work() as session:
        staff.end(session, _SYSTEM, number=number)
    typer.echo(f"Отключение {number} закончено, абоненты получат сообщение.")


@app.command("cancel")
def cancel(number: _Number) -> None:
    """Отменить отключение, которое ещё не началось."""
    with runtime.open_runtime(get_settings()), unit_of_work() as session:
        staff.cancel(session, _SYSTEM, number=number)
    typer.echo(f"Отключение {number} отменено, абоненты получат сообщение.")


def _reached(found: Reach) -> list[str]:
    return [f"Счетов: {found.accounts}.", *(f"  например: {address}" for address in found.examples)]


def _line(found: StaffOutage) -> list[str]:
    outage, zone = found.outage, ZoneInfo(found.provider.time_zone)
    first, last = (moment.astimezone(zone) for moment in (outage.starts_at, outage.ends_at))
    accounts = [f"счетов: {found.named_accounts}"] if outage.street else []
    return [
        str(outage.id),
        found.provider.code,
        PHASE_LABELS[found.phase],
        KIND_LABELS[outage.kind],
        outage.service,
        f"{first:%d.%m.%Y %H:%M} — {last:%d.%m.%Y %H:%M}",
        place_of(outage),
        *accounts,
    ]


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        return local_moment(text).replace(tzinfo=zone)
    except ValueError as error:
        raise typer.BadParameter("Момент пишется так: «2026-11-25 09:00».") from error


def _provider(session: Session, code: str) -> ServiceProvider:
    found = next((each for each in providers_of_staff(session, _SYSTEM) if each.code == code), None)
    if found is None:
        raise ProviderUnknown(provider_code=code)
    return found
