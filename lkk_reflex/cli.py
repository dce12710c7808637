"""The `lkk` command: thin, calls the same use cases as the pages."""

import re
import sys
from collections.abc import Iterable
from datetime import datetime
from enum import EnumType
from pathlib import Path
from typing import Annotated, get_args

import typer
from sqlalchemy.exc import DBAPIError
from typer.core import TyperGroup
from typer.exceptions import TyperException

from lkk_reflex import (
    checkup,
    cli_acts,
    cli_meters,
    cli_outages,
    cli_pins,
    cli_requisites,
    cli_second_factor,
    cli_shops,
    cli_tickets,
    runtime,
)
from lkk_reflex.accounts import providers
from lkk_reflex.accounts.models import ServiceKind
from lkk_reflex.accounts.providers import NewProvider
from lkk_reflex.accounts.register.directives import local_moment
from lkk_reflex.accounts.register.importer import import_register
from lkk_reflex.accounts.register.inspection import ENCODINGS, inspect
from lkk_reflex.accounts.register.opening import ImportOrder
from lkk_reflex.accounts.register.presets import PRESETS
from lkk_reflex.accounts.register.report import ImportReport
from lkk_reflex.cli_asking import confirm
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Forbidden, PortalError
from lkk_reflex.kit.money import Money
from lkk_reflex.meters.provider_file import FileReport
from lkk_reflex.meters.register_meters import RegisterMeters
from lkk_reflex.payments import invariants
from lkk_reflex.sandbox import town, town_pins
from lkk_reflex.settings import Settings, SettingsError, get_settings

#: Exit codes: 1 = refused, 2 = wrong settings or arguments.
_REFUSED, _MISCONFIGURED = 1, 2
_SYSTEM = Viewer.system()
_CYRILLIC = re.compile("[А-Яа-яЁё]")
_QUOTED = re.compile("'[^']*'")


class _Speaking(TyperGroup):
    """Ends every expected failure with a sentence and an exit code instead of a trace."""

    # Typer keeps its base class to itself, so the argument can be named by its public child alone.
    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]
        """Run the command."""
        try:
            return super().invoke(ctx)
        except TyperException as error:
            if not str(error):
                # No command was named: the error is the help itself.
                raise
            _complain(_misspelt(error), f"Подсказка: {_path_of(error, ctx)} --help")
            raise typer.Exit(_MISCONFIGURED) from error
        except SettingsError as error:
            _complain("Настройки не подходят:", *(f"  {problem}" for problem in error.problems))
            raise typer.Exit(_MISCONFIGURED) from error
        except typer.Abort as error:
            _complain("Отменено.")
            raise typer.Exit(_REFUSED) from error
        except Forbidden as error:
            # A page leads home with it, a terminal has no home.
            _complain("Такой записи нет. Проверьте номер.")
            raise typer.Exit(_REFUSED) from error
        except PortalError as error:
            report = error.params.get("report")
            told = report.sentences() if isinstance(report, ImportReport | FileReport) else ()
            _complain(*told, error.message)
            raise typer.Exit(_REFUSED) from error
        except DBAPIError as error:
            _complain("База данных не отвечает или не подготовлена. Проверьте LKK_DATABASE_URL и выполните: lkk doctor")
            raise typer.Exit(_REFUSED) from error


app = typer.Typer(
    cls=_Speaking,
    help="Личный кабинет абонента: запуск, база данных, реестры, поставщики.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
db_app = typer.Typer(help="База данных.", no_args_is_help=True)
demo_app = typer.Typer(help="Демонстрационный город.", no_args_is_help=True)
register_app = typer.Typer(help="Реестры начислений.", no_args_is_help=True)
provider_app = typer.Typer(help="Поставщики услуг.", no_args_is_help=True)
for _name, _group in {
    "db": db_app, "demo": demo_app, "register": register_app, "provider": provider_app,
    "shop": cli_shops.app, "pin": cli_pins.app, "account": cli_pins.account_app,
    "meters": cli_meters.meters_app, "readings": cli_meters.readings_app,
    "ticket": cli_tickets.app, "outage": cli_outages.app, "act": cli_acts.app, "second-factor": cli_second_factor.app,
}.items():  # fmt: skip
    app.add_typer(_group, name=_name)
provider_app.command("proofs")(cli_pins.choose_proofs)
provider_app.command("requisites")(cli_requisites.requisites)


@app.command()
def run() -> None:
    """Запустить портал: подготовить базу, при первом запуске загрузить демо-город и собрать страницы."""
    # The framework takes a second to import; the other commands do without it.
    from lkk_reflex.server.build import BuildFailedError
    from lkk_reflex.server.run import StartError, run_portal

    settings = get_settings()
    with runtime.open_runtime(settings) as engine:
        runtime.upgrade_database(engine)
        if settings.is_demo:
            _load_town_when_empty(settings)
    try:
        run_portal(settings, echo=typer.echo, lines=_first_steps(settings))
    except (StartError, BuildFailedError) as error:
        _complain(str(error))
        raise typer.Exit(_REFUSED) from error


@app.command()
def build() -> None:
    """Собрать страницы портала заранее, не запуская его."""
    from lkk_reflex.server.build import BuildFailedError, ensure_front_end

    try:
        typer.echo(f"Страницы собраны: {ensure_front_end(get_settings(), echo=typer.echo)}")
    except BuildFailedError as error:
        _complain(str(error))
        raise typer.Exit(_REFUSED) from error


@app.command()
def doctor() -> None:
    """Проверить настройки, базу данных, почту, место на диске и магазины."""
    settings = get_settings()
    with runtime.open_runtime(settings) as engine:
        findings = checkup.examine(settings, engine)
    for finding in findings:
        typer.secho(f"{finding.level.mark} {finding.text}", fg=finding.level.color)
    if any(finding.level is checkup.Level.BAD for finding in findings):
        raise typer.Exit(_REFUSED)


@app.command()
def verify() -> None:
    """Проверить журнал денег: каждый платёж зачислен один раз и на верную сумму."""
    with runtime.open_runtime(get_settings()), reading() as session:
        report = invariants.verify(session)
    for breach in report.breaches:
        _complain(f"✗ {breach.invariant}: {breach.what}")
    typer.echo(f"Строк в журнале: {report.lines}, всего зачислено: {Money(report.total_kopecks)}")
    if report.breaches:
        raise typer.Exit(_REFUSED)
    typer.echo("Журнал сходится с платежами.")


@db_app.command()
def upgrade() -> None:
    """Привести базу данных к нынешней схеме."""
    with runtime.open_runtime(get_settings()) as engine:
        runtime.upgrade_database(engine)
    typer.echo("База данных готова.")


@demo_app.command()
def load() -> None:
    """Загрузить демо-город в пустой портал."""
    settings = _demo_settings()
    with runtime.open_runtime(settings) as engine:
        runtime.upgrade_database(engine)
        if not _load_town_when_empty(settings):
            _complain("В портале уже есть данные. Начать заново: lkk demo reset")
            raise typer.Exit(_REFUSED)
    typer.echo("\n".join(_first_steps(settings)))


@demo_app.command()
def reset(
    yes: Annotated[bool, typer.Option("--yes", help="Не спрашивать подтверждения.")] = False,
) -> None:
    """Удалить ВСЕ данные демонстрации и загрузить город заново."""
    settings = _demo_settings()
    if not yes:
        confirm("Все кабинеты, платежи и счета демонстрации будут удалены. Продолжить?")
    with runtime.open_runtime(settings) as engine:
        runtime.upgrade_database(engine)
        with unit_of_work() as session:
            town.clear_portal(session)
            town.clear_outside_world(settings.data_dir)
            accounts = town.load_town(session, rejects_dir=_rejects_dir(settings))
            town_pins.open_office(session, town.ACCOUNTS_TO_TRY, data_dir=settings.data_dir)
    typer.echo(f"Демо-город загружен заново, счетов: {accounts}.")


@register_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="Файл реестра: CSV, TXT или XLSX.")],
    provider: Annotated[str, typer.Option(help="Код поставщика, см. lkk provider list.")],
    preset: Annotated[str | None, typer.Option(help=f"Формат: {', '.join(PRESETS)}.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Только проверить, ничего не менять.")] = False,
    period: Annotated[str | None, typer.Option(help="Период, если его нет в файле: 2026-10.")] = None,
    data_as_of: Annotated[
        str | None, typer.Option(help="До какого момента учтены платежи: «2026-11-01 18:00», время поставщика.")
    ] = None,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Загрузить годные строки, плохие отложить.")] = False,
    encoding: Annotated[str | None, typer.Option(help=f"Кодировка: {', '.join(ENCODINGS)}.")] = None,
) -> None:
    """Загрузить реестр начислений или проверить его (--dry-run)."""
    settings = get_settings()
    if encoding is not None and encoding not in ENCODINGS:
        raise typer.BadParameter(f"Кодировка — одна из: {', '.join(ENCODINGS)}.")
    encoding = encoding or (None if dry_run else _confirmed_encoding(file))
    with runtime.open_runtime(settings), unit_of_work() as session:
        order = ImportOrder(
            file=file,
            provider_code=provider,
            rejects_dir=_rejects_dir(settings),
            preset=preset,
            encoding=encoding,
            period=_period(period),
            data_as_of=_moment(data_as_of),
            skips_bad=skip_bad,
            is_dry_run=dry_run,
            meters=RegisterMeters(),
        )
        report = import_register(session, _SYSTEM, order=order)
    typer.echo("\n".join(report.sentences()))
    typer.echo("Проверка прошла, ничего не изменено." if dry_run else "Реестр загружен.")


@provider_app.command("list")
def list_providers() -> None:
    """Показать поставщиков."""
    with runtime.open_runtime(get_settings()), reading() as session:
        found = providers.providers_of_staff(session, _SYSTEM)
    for provider in found:
        typer.echo(f"{provider.code}\t{provider.name}\tИНН {provider.inn or '—'}")
    if not found:
        typer.echo("Поставщиков пока нет. Добавить: lkk provider add --help")


@provider_app.command("add")
def add_provider(
    code: Annotated[str, typer.Option(help="Короткий код латиницей: gorvodokanal.")],
    name: Annotated[str, typer.Option(help="Название, как в квитанции.")],
    kind: Annotated[ServiceKind, typer.Option(help="Что поставляет.")],
    inn: Annotated[str, typer.Option(help="ИНН.")] = "",
    phone: Annotated[str, typer.Option(help="Телефон для абонентов.")] = "",
    email: Annotated[str, typer.Option(help="Почта для абонентов.")] = "",
    address: Annotated[str, typer.Option(help="Адрес офиса.")] = "",
    time_zone: Annotated[str, typer.Option(help="Часовой пояс.")] = "Europe/Moscow",
    account_pattern: Annotated[str | None, typer.Option(help=r"Регулярное выражение номера ЛС: \d{10}.")] = None,
    account_example: Annotated[str, typer.Option(help="Пример номера ЛС.")] = "",
    account_hint: Annotated[str, typer.Option(help="Как выглядит номер и где он в квитанции.")] = "",
    keep_dashes: Annotated[
        bool, typer.Option("--keep-dashes", help="Чёрточки значимы: 12-3 и 1-23 — разные счета.")
    ] = False,
    due_day: Annotated[
        int | None, typer.Option(help="День оплаты по договору; без него — по статье 155 ЖК РФ.")
    ] = None,
) -> None:
    """Добавить поставщика."""
    new = NewProvider(
        code=code,
        name=name,
        kind=kind,
        inn=inn,
        phone=phone,
        email=email,
        address=address,
        time_zone=time_zone,
        account_pattern=account_pattern,
        account_example=account_example,
        account_hint=account_hint,
        drops_dashes=not keep_dashes,
        due_day=due_day,
    )
    with runtime.open_runtime(get_settings()), unit_of_work() as session:
        providers.add_provider(session, _SYSTEM, new=new)
    typer.echo(f"Поставщик добавлен. Теперь загрузите реестр: lkk register import ФАЙЛ --provider {code}")


def _first_steps(settings: Settings) -> list[str]:
    if not settings.is_demo:
        return []
    pins = {pin.number: f", пин-код {pin.pin}" for pin in town_pins.told_pins(settings.data_dir)}
    return [
        "Лицевые счета для пробы:",
        *(f"  {name}: {number}{pins.get(number, '')}" for name, number in town.ACCOUNTS_TO_TRY),
        f"Письма и СМС демонстрации: {settings.public_url}/demo/inbox",
    ]


def _load_town_when_empty(settings: Settings) -> bool:
    with unit_of_work() as session:
        if not town.is_empty(session):
            return False
        accounts = town.load_town(session, rejects_dir=_rejects_dir(settings))
        town_pins.open_office(session, town.ACCOUNTS_TO_TRY, data_dir=settings.data_dir)
    typer.echo(f"Загружен демо-город, счетов: {accounts}.")
    return True


def _demo_settings() -> Settings:
    settings = get_settings()
    if not settings.is_demo:
        raise SettingsError(["LKK_MODE: демо-город загружается только в демонстрации (demo)."])
    return settings


def _confirmed_encoding(file: Path) -> str | None:
    """Return the encoding that a person has confirmed, or None where there is nothing to confirm."""
    facts = inspect(file)
    if facts.is_certain:
        return None
    typer.echo("\n".join([f"Кодировка похожа на {facts.encoding}:", *(f"  {line[:100]}" for line in facts.sample)]))
    if not sys.stdin.isatty():
        _complain(f"Подтвердите кодировку: повторите с --encoding {facts.encoding}")
        raise typer.Exit(_REFUSED)
    confirm("Текст читается верно?")
    return facts.encoding


def _period(text: str | None) -> BillingPeriod | None:
    try:
        return BillingPeriod.parse(text) if text else None
    except ValueError as error:
        raise typer.BadParameter("Период пишется так: 2026-10.") from error


def _moment(text: str | None) -> datetime | None:
    try:
        return local_moment(text) if text else None
    except ValueError as error:
        raise typer.BadParameter("Момент пишется так: «2026-11-01 18:00».") from error


def _rejects_dir(settings: Settings) -> Path:
    return settings.data_dir / "rejects"


def _misspelt(error: TyperException) -> str:
    """Say in Russian what is wrong with the words of a command; the library says it in English."""
    parameter = getattr(error, "param", None)
    names = "/".join(parameter.opts) if parameter else getattr(error, "option_name", "")
    # The library quotes what was typed, which may be Russian.
    if isinstance(error, typer.BadParameter) and _CYRILLIC.search(_QUOTED.sub("", error.message)):
        return ": ".join(filter(None, [names, error.message]))
    reasons = {
        "MissingParameter": "не указано",
        "NoSuchOption": "такого ключа нет",
        "BadParameter": "значение не подходит",
    }
    reason = reasons.get(type(error).__name__)
    return f"{names}: {reason}.{_choices(parameter)}" if names and reason else "Команда написана неверно."


def _choices(parameter: object) -> str:
    """Name the values that a parameter takes, when they are few."""
    annotation = getattr(getattr(parameter, "type_descriptor", None), "annotation", None)
    for kind in (annotation, *get_args(annotation)):
        if isinstance(kind, EnumType):
            values: Iterable[object] = kind
            return f" Бывает: {', '.join(map(str, values))}."
    return ""


def _path_of(error: TyperException, ctx: typer.Context) -> str:
    return str((getattr(error, "ctx", None) or ctx).command_path)


def _complain(*sentences: str) -> None:
    typer.secho("\n".join(sentences), fg=typer.colors.RED, err=True)
