"""Loading a register: all of it or nothing, in the caller's one transaction."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple, cast
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from lkk_reflex.accounts import rules
from lkk_reflex.accounts.errors import (
    ProviderUnknown,
    RegisterAlreadyLoaded,
    RegisterRefused,
    RegisterUnreadable,
)
from lkk_reflex.accounts.models import Register, ServiceProvider
from lkk_reflex.accounts.register import repository
from lkk_reflex.accounts.register.inspection import FileFacts, inspect
from lkk_reflex.accounts.register.opening import ImportOrder, OpenRegister, open_register
from lkk_reflex.accounts.register.parsing import CLOSING, NUMBER, LineRejected
from lkk_reflex.accounts.register.rejects import RejectsFile
from lkk_reflex.accounts.register.report import ImportReport, RejectedLine
from lkk_reflex.accounts.register.rows import Row
from lkk_reflex.accounts.repository import provider_by_code
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.db import violates
from lkk_reflex.kit.money import Money

_ROWS_PER_BATCH = 5000
_REJECTS_SHOWN = 100
_CLOCK_SKEW = timedelta(minutes=10)


class _Load(NamedTuple):
    """One load under way."""

    session: Session
    provider: ServiceProvider
    order: ImportOrder
    facts: FileFacts
    register: OpenRegister
    rejects: RejectsFile
    report: ImportReport


def import_register(session: Session, viewer: Viewer, *, order: ImportOrder) -> ImportReport:
    """Load one register of a provider, or say what a load would do.

    Raises:
        ProviderUnknown: there is no such provider.
        Forbidden: the viewer does not work for this provider.
        RegisterUnreadable: the file as a whole is no register.
        RegisterAlreadyLoaded: the same bytes were loaded before.
        PresetNotChosen: the format was not named, and the file does not say it itself.
        RegisterRefused: control sums do not match, or there are bad lines; the report is in its parameters.
    """
    provider = provider_by_code(session, order.provider_code)
    if provider is None or provider.id is None:
        raise ProviderUnknown(provider_code=order.provider_code)
    viewer.require_staff_of(provider.id)
    facts = inspect(order.file, order.encoding)
    _refuse_second_load(session, provider, facts)
    register = open_register(order, provider, facts)
    with RejectsFile(order.rejects_dir, order.file, facts) as rejects:
        report = _new_report(order, facts, register)
        load = _Load(session, provider, order, facts, register, rejects, report)
        control_total = _stage(load)
        _reject_lines_that_contradict(load)
        report.rejects_file = rejects.written
    _fill_in(load)
    if reason := _reason_to_refuse(load, control_total):
        raise RegisterRefused(reason=reason, report=report)
    if not order.is_dry_run:
        _merge(load)
        if order.meters is not None and register.preset.has_meters:
            report.notes += order.meters.store(session, provider)
    repository.drop_staging(session)
    return report


def _refuse_second_load(session: Session, provider: ServiceProvider, facts: FileFacts) -> None:
    loaded = repository.register_by_hash(session, provider.id or 0, facts.file_hash)
    if loaded is not None:
        raise RegisterAlreadyLoaded(loaded_at=_shown(loaded.loaded_at, provider))


def _new_report(order: ImportOrder, facts: FileFacts, register: OpenRegister) -> ImportReport:
    report = ImportReport(
        file_name=order.file.name,
        preset=register.preset.code,
        encoding=facts.encoding,
        is_encoding_certain=facts.is_certain,
        sample=facts.sample,
        data_as_of=clock.now(),
        is_dry_run=order.is_dry_run,
    )
    if register.ignored_columns:
        report.notes.append(f"Столбцы не использованы: {', '.join(register.ignored_columns)}.")
    if register.preset.has_meters and order.meters is None:
        report.notes.append(
            "Это реестр счётчиков: взяты счета, ФИО и адреса. Сами счётчики проверены, но не загружены."
        )
    return report


def _stage(load: _Load) -> int | None:
    """Put the good rows into the staging table; return the sum of all rows in kopecks, None where unreadable."""
    repository.create_staging(load.session)
    columns = ("line", *load.register.parser.columns)
    total: int | None = 0
    while batch := list(islice(load.register.rows, _ROWS_PER_BATCH)):
        load.report.read_rows += len(batch)
        amounts: list[int | None] = []
        repository.stage(load.session, columns, list(_parsed(load, batch, amounts)))
        whole = total is not None and None not in amounts
        total = (total or 0) + sum(amount or 0 for amount in amounts) if whole else None
    repository.index_staging(load.session)
    return total


def _parsed(load: _Load, batch: Sequence[Row], amounts: list[int | None]) -> Iterator[tuple[object, ...]]:
    parser = load.register.parser
    parse = parser.parse
    for line, fields, original in batch:
        try:
            parsed = parse(fields, original)
        except LineRejected as rejection:
            # Control sums are of the whole file, so a rejected line counts too.
            amounts.append(parser.amount_of(fields))
            _reject(load, line, original, str(rejection))
        else:
            amounts.append(cast(int, parsed[CLOSING] or 0))
            if parser.meters and load.order.meters is not None:
                load.order.meters.take(line, cast(str, parsed[NUMBER]), parser.meters)
            yield line, *parsed


def _reject(load: _Load, line: int, original: str, reason: str) -> None:
    load.report.rejected_rows += 1
    if len(load.report.rejected) < _REJECTS_SHOWN:
        load.report.rejected.append(RejectedLine(line, reason))
    load.rejects.add(original, reason)


def _reject_lines_that_contradict(load: _Load) -> None:
    """Find what only the whole file shows: the same account twice, bills whose parts do not add up."""
    parser = load.register.parser
    reasons: dict[int, str] = {}
    if not parser.has_services:
        for line, lines in repository.repeated_lines(load.session).items():
            reasons[line] = f"счёт и период стоят в файле не один раз, впервые в строке {lines}"
    if parser.has_balance:
        for wrong in repository.unbalanced_lines(load.session):
            reasons[wrong.line] = (
                f"по частям квитанции выходит {Money(wrong.expected)}, а к оплате {Money(wrong.closing)}"
            )
    if not reasons:
        return
    repository.unstage(load.session, reasons)
    if load.order.meters is not None:
        load.order.meters.drop(reasons.keys())
    again = open_register(load.order, load.provider, load.facts)
    for line, _, original in again.rows:
        if line in reasons:
            _reject(load, line, original, reasons[line])


def _fill_in(load: _Load) -> None:
    report, totals = load.report, repository.staged_totals(load.session)
    report.accepted_rows, report.accounts_total, report.total = (
        totals.rows, totals.accounts, Money(totals.closing),
    )  # fmt: skip
    report.data_as_of = _data_as_of(load)
    provider_id = load.provider.id or 0
    known = repository.count_accounts(load.session, provider_id)
    report.accounts_new = totals.accounts
    if known:
        report.accounts_new -= repository.count_known_accounts(load.session, provider_id)
    if not totals.period_to:
        return
    span = (totals.period_from, totals.period_to)
    report.periods = (BillingPeriod.from_key(span[0]), BillingPeriod.from_key(span[1]))
    if repository.has_register_of(load.session, provider_id, *span):
        report.bills_replaced, report.bills_kept = repository.count_present_bills(
            load.session, provider_id, report.data_as_of
        )


def _data_as_of(load: _Load) -> datetime:
    told = load.order.data_as_of or load.register.directives.data_as_of
    if told is not None and told.tzinfo is None:
        told = told.replace(tzinfo=ZoneInfo(load.provider.time_zone))
    now = clock.now()
    if told is None:
        load.report.notes.append(
            "Момент данных не указан, взят нынешний: считаем, что все прежние платежи портала в суммах уже учтены."
        )
        return now
    if told > now + _CLOCK_SKEW:
        # Payments made until then would be taken for known to the company and never be subtracted.
        raise RegisterUnreadable(reason=f"момент данных {_shown(told, load.provider)} ещё не наступил.")
    return told


def _reason_to_refuse(load: _Load, control_total: int | None) -> str:
    report, directives, preset = load.report, load.register.directives, load.register.preset
    if preset.required_total and directives.total is None:
        return f"в начале файла нет строки #{preset.required_total} с суммой."
    if directives.rows is not None and directives.rows != report.read_rows:
        return f"строк в файле {report.read_rows}, а по контрольной строке {directives.rows}."
    if directives.total is not None and control_total != directives.total.kopecks:
        counted = "не считается" if control_total is None else str(Money(control_total))
        return f"сумма строк {counted}, а по контрольной строке {directives.total}."
    if not report.accepted_rows:
        return "в нём нет ни одной годной строки."
    if report.rejected_rows and not load.order.skips_bad:
        return f"строк с ошибками {report.rejected_rows}. Исправьте их или повторите с --skip-bad."
    return ""


def _merge(load: _Load) -> None:
    session, report, provider = load.session, load.report, load.provider
    register = _record(load)
    has_services = load.register.parser.has_services
    is_one_period = report.periods is None or report.periods[0] == report.periods[1]
    repository.merge_accounts(
        session, register.provider_id, clock.now(), is_one_line_each=is_one_period and not has_services
    )
    if report.periods is None:
        return
    due_on = {
        key: rules.due_date(BillingPeriod.from_key(key), provider.due_day) for key in repository.staged_periods(session)
    }
    repository.merge_bills(session, register, due_on=due_on, is_one_line_each=not has_services)
    if has_services or report.bills_replaced:
        repository.replace_charges(session, register)


def _record(load: _Load) -> Register:
    report, now = load.report, clock.now()
    month = BillingPeriod.of(report.data_as_of.astimezone(ZoneInfo(load.provider.time_zone)).date())
    first, last = report.periods or (month, month)
    register = Register(
        provider_id=load.provider.id or 0,
        file_name=report.file_name[:250],
        file_hash=load.facts.file_hash,
        preset=report.preset,
        encoding=report.encoding,
        period_from=first.key,
        period_to=last.key,
        data_as_of=report.data_as_of,
        accepted_rows=report.accepted_rows,
        rejected_rows=report.rejected_rows,
        total_kopecks=report.total.kopecks,
        loaded_at=now,
    )
    load.session.add(register)
    try:
        load.session.flush()
    except IntegrityError as error:
        if violates(error, "uq_register_provider_id_file_hash"):
            raise RegisterAlreadyLoaded(loaded_at=_shown(now, load.provider)) from error
        raise
    return register


def _shown(moment: datetime, provider: ServiceProvider) -> str:
    return moment.astimezone(ZoneInfo(provider.time_zone)).strftime("%d.%m.%Y в %H:%M")
