"""`lkk meters` and `lkk readings`: meters, tariffs and rules come in, readings go out."""

import os
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from lkk_reflex import runtime
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.meters import exporting, loading, photos, policies
from lkk_reflex.meters import tariffs as tariff_files
from lkk_reflex.meters.dial import RESOURCE_NAMES, from_milli, shown, unit_of
from lkk_reflex.meters.models import MeterPolicy, OutsideWindow, Resource, WhenExpired
from lkk_reflex.meters.policies import PolicyChange
from lkk_reflex.settings import get_settings

_SYSTEM = Viewer.system()
_PROVIDER_HELP = "Код поставщика, см. lkk provider list."
_Provider = Annotated[str, typer.Option(help=_PROVIDER_HELP)]
_OUTSIDE = {OutsideWindow.REFUSE: "не принимать", OutsideWindow.NEXT_PERIOD: "учесть в следующем месяце"}
_EXPIRED = {WhenExpired.ACCEPT: "принимать с предупреждением", WhenExpired.REFUSE: "не принимать"}

meters_app = typer.Typer(help="Приборы учёта, тарифы и правила приёма показаний.", no_args_is_help=True)
readings_app = typer.Typer(help="Показания абонентов.", no_args_is_help=True)


@meters_app.command("load")
def load_meters(
    file: Annotated[Path, typer.Argument(help="Таблица приборов учёта: CSV или XLSX, см. docs/meters.ru.md.")],
    provider: _Provider,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Загрузить годные строки, плохие пропустить.")] = False,
) -> None:
    """Загрузить приборы учёта с показаниями поставщика."""
    with runtime.open_runtime(get_settings()), unit_of_work() as session:
        report = loading.load_meters(session, _SYSTEM, file=file, provider_code=provider, skips_bad=skip_bad)
    typer.echo("\n".join(report.sentences()))


@meters_app.command("tariffs")
def load_tariffs(
    file: Annotated[Path, typer.Argument(help="Таблица тарифов: CSV или XLSX, см. docs/meters.ru.md.")],
    provider: _Provider,
) -> None:
    """Загрузить тарифы, по которым портал прикидывает стоимость показаний."""
    with runtime.open_runtime(get_settings()), unit_of_work() as session:
        report = tariff_files.load_tariffs(session, _SYSTEM, file=file, provider_code=provider)
    typer.echo("\n".join(report.sentences()))


@meters_app.command("policy")
def policy(
    provider: _Provider,
    resource: Annotated[
        list[Resource] | None, typer.Option(help="Услуга; можно повторить. Без неё — все услуги.")
    ] = None,
    window_from: Annotated[int | None, typer.Option(help="День, с которого принимаются показания.")] = None,
    window_to: Annotated[int | None, typer.Option(help="День, по который принимаются.")] = None,
    outside: Annotated[
        OutsideWindow | None, typer.Option(help="Вне срока: refuse — не принимать, next_period — учесть позже.")
    ] = None,
    zero: Annotated[bool | None, typer.Option("--zero/--no-zero", help="Принимать нулевой расход.")] = None,
    rollover: Annotated[
        bool | None, typer.Option("--rollover/--no-rollover", help="Принимать переход через ноль.")
    ] = None,
    fraction: Annotated[
        bool | None, typer.Option("--fraction/--no-fraction", help="Спрашивать цифры после запятой.")
    ] = None,
    max_consumption: Annotated[str | None, typer.Option(help="Наибольший расход за месяц.")] = None,
    alarm_percent: Annotated[
        int | None, typer.Option(help="Переспрашивать о расходе больше стольких процентов обычного.")
    ] = None,
    expired: Annotated[
        WhenExpired | None, typer.Option(help="После срока поверки: accept — принимать, refuse — нет.")
    ] = None,
) -> None:
    """Показать правила приёма показаний или изменить их."""
    change = PolicyChange(
        window_from=window_from,
        window_to=window_to,
        outside_window=outside,
        takes_zero=zero,
        takes_rollover=rollover,
        takes_fraction=fraction,
        max_consumption=_decimal(max_consumption),
        alarm_percent=alarm_percent,
        when_expired=expired,
    )
    is_asked = change == PolicyChange()
    said: list[str] = []
    with runtime.open_runtime(get_settings()), reading() if is_asked else unit_of_work() as session:
        for one in resource or list(Resource):
            if is_asked:
                found = policies.policy_of(session, _SYSTEM, provider_code=provider, resource=one)
            else:
                found = policies.set_policy(session, _SYSTEM, provider_code=provider, resource=one, change=change)
            said.append(_sentence(found))
    # Not before it is saved: a pager that is left early ends the command.
    typer.echo("\n".join(said))


@readings_app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="Куда записать показания (CSV).")],
    provider: _Provider,
    period: Annotated[str | None, typer.Option(help="По какой месяц, например 2026-11; без него — нынешний.")] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Записать ещё раз то, что за этот месяц уже выгружали.")
    ] = False,
) -> None:
    """Выгрузить принятые показания поставщику; после этого абонент их уже не исправит."""
    if file.exists():
        raise typer.BadParameter("Такой файл уже есть, выберите другое имя.")
    with runtime.open_runtime(get_settings()), unit_of_work() as session:
        found = exporting.export_readings(session, _SYSTEM, provider_code=provider, period=_period(period), again=again)
        # Before the readings are marked: should the commit fail, the same file is simply written anew.
        _write(file, found.to_bytes())
    typer.echo(f"Выгружено показаний: {found.readings}. Файл: {file}")


@readings_app.command("counted")
def counted(
    file: Annotated[Path, typer.Argument(help="Таблица со столбцом id: можно вернуть файл выгрузки.")],
    provider: _Provider,
    period: Annotated[str | None, typer.Option(help="В начислении за какой месяц учтены: 2026-11.")] = None,
) -> None:
    """Отметить показания, учтённые в начислении."""
    with runtime.open_runtime(get_settings()), unit_of_work() as session:
        report = exporting.mark_counted(session, _SYSTEM, file=file, provider_code=provider, period=_period(period))
    typer.echo("\n".join(report.sentences()))


@readings_app.command("photo")
def photo(
    number: Annotated[str, typer.Argument(help="Номер показания: столбец id выгрузки.")],
    file: Annotated[Path, typer.Argument(help="Куда записать снимок счётчика.")],
) -> None:
    """Записать фото счётчика, которое абонент приложил к показанию."""
    if file.exists():
        raise typer.BadParameter("Такой файл уже есть, выберите другое имя.")
    with runtime.open_runtime(get_settings()), reading() as session:
        found = photos.photo_of_reading(session, _SYSTEM, number=number)
    _write(file, found.content)
    typer.echo(f"Фото записано. Файл: {file}")


def _write(file: Path, content: bytes) -> None:
    draft = file.with_name(f".{file.name}.part")
    try:
        with draft.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
    except OSError as error:
        raise typer.BadParameter("Файл не записан: проверьте папку, права и место на диске.") from error


def _sentence(policy: MeterPolicy) -> str:
    largest = policy.max_consumption_milli
    limit = "десятая часть счётчика" if largest is None else f"{shown(from_milli(largest))} {unit_of(policy.resource)}"
    return (
        f"{RESOURCE_NAMES[policy.resource]}: с {policy.window_from} по {policy.window_to} число, "
        f"вне срока — {_OUTSIDE[policy.outside_window]}; нулевой расход — {_yes(policy.takes_zero)}, "
        f"переход через ноль — {_yes(policy.takes_rollover)}, цифры после запятой — {_yes(policy.takes_fraction)}; "
        f"не больше за месяц: {limit}; переспрашивать после {policy.alarm_percent} % обычного; "
        f"поверка истекла — {_EXPIRED[policy.when_expired]}."
    )


def _yes(value: bool) -> str:
    return "да" if value else "нет"


def _decimal(text: str | None) -> Decimal | None:
    try:
        return Decimal(text.replace(",", ".")) if text else None
    except InvalidOperation as error:
        raise typer.BadParameter("Расход пишется так: 50 или 12,5.") from error


def _period(text: str | None) -> BillingPeriod | None:
    try:
        return BillingPeriod.parse(text) if text else None
    except ValueError as error:
        raise typer.BadParameter("Период пишется так: 2026-11.") from error
