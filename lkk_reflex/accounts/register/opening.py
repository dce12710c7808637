"""Finding out what a file is before its rows are read: format, columns, period."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Protocol

from sqlmodel import Session

from lkk_reflex.accounts.account_number import NumberRule
from lkk_reflex.accounts.errors import PresetNotChosen, RegisterUnreadable
from lkk_reflex.accounts.models import ServiceProvider
from lkk_reflex.accounts.register.directives import Directives
from lkk_reflex.accounts.register.inspection import FileFacts
from lkk_reflex.accounts.register.parsing import MeterBlock, RowParser
from lkk_reflex.accounts.register.presets import OWN, PRESETS, Column, Preset, column_of, guess, parts_of_file_name
from lkk_reflex.accounts.register.rows import Row, read_rows
from lkk_reflex.kit.billing_period import BillingPeriod

_ROWS_TO_GUESS_BY = 50


class MeterSink(Protocol):
    """Takes the meters of a register, about which this slice knows nothing."""

    def take(self, line: int, number: str, meters: Sequence[MeterBlock]) -> None:
        """Take in the meters of the account with this normalised number."""

    def drop(self, lines: Collection[int]) -> None:
        """Forget what these lines told: they have been rejected."""

    def store(self, session: Session, provider: ServiceProvider) -> list[str]:
        """Store the meters in the caller's transaction, and say in Russian sentences what was done."""


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """What to load and how."""

    file: Path
    provider_code: str
    #: Where the file of rejected lines goes.
    rejects_dir: Path
    #: Code of a preset; None is enough for the portal's own format, which its header tells.
    preset: str | None = None
    #: Codec that overrides the guess.
    encoding: str | None = None
    #: For registers that tell no period.
    period: BillingPeriod | None = None
    #: Payments credited up to this moment are inside the sums; without a zone it is the provider's local time.
    #: None takes the file's word, then the present moment.
    data_as_of: datetime | None = None
    #: Load the good lines of a register with bad ones.
    skips_bad: bool = False
    is_dry_run: bool = False
    #: Who stores the meters of a register that has them; None leaves them.
    meters: MeterSink | None = None


@dataclass(frozen=True, slots=True)
class OpenRegister:
    """A file that is ready to be read row by row."""

    preset: Preset
    parser: RowParser
    rows: Iterator[Row]
    #: Grows while the rows are read.
    directives: Directives
    ignored_columns: tuple[str, ...]


def open_register(order: ImportOrder, provider: ServiceProvider, facts: FileFacts) -> OpenRegister:
    """Choose the format, read the header, find the period.

    Raises:
        PresetNotChosen: the format was not named, and the file does not say it itself.
        RegisterUnreadable: the file belongs to another company, or lacks its columns or its period.
    """
    head = Directives()
    start = islice(read_rows(order.file, facts, head, is_quoted=True), _ROWS_TO_GUESS_BY)
    first = [fields for _, fields, _ in start]
    preset = _chosen(order.preset, first, head)
    period = order.period or _period_by_name(order.file.name, provider.inn) or head.period
    directives = Directives()
    rows = read_rows(order.file, facts, directives, is_quoted=preset.is_quoted)
    columns: Sequence[Column | None] = preset.columns
    ignored: tuple[str, ...] = ()
    if preset is OWN:
        header = next(rows, None)
        names = header[1] if header else []
        columns = _header_columns(names)
        ignored = tuple(
            name.strip() for name, column in zip(names, columns, strict=True) if not column and name.strip()
        )
    rule = NumberRule(provider.account_pattern, drops_dashes=provider.drops_dashes)
    parser = RowParser(preset, columns, rule=rule, period=period)
    if period is None and not parser.has_period and not preset.has_meters:
        raise RegisterUnreadable(reason="в нём нет расчётного периода. Укажите его: --period 2026-10.")
    return OpenRegister(preset, parser, rows, directives, ignored)


def _chosen(code: str | None, first: list[list[str]], head: Directives) -> Preset:
    if code is not None and code not in PRESETS:
        raise PresetNotChosen(guess=f"Такого формата нет, есть: {', '.join(PRESETS)}.")
    if code is not None:
        return PRESETS[code]
    guessed = guess(first, head.names)
    if not guessed.is_own:
        raise PresetNotChosen(guess=guessed.sentence)
    return OWN


def _period_by_name(file_name: str, inn: str) -> BillingPeriod | None:
    parts = parts_of_file_name(file_name)
    if parts is None:
        return None
    if inn and parts.inn != inn:
        raise RegisterUnreadable(reason="в имени файла ИНН другой организации.")
    return parts.period


def _header_columns(names: list[str]) -> list[Column | None]:
    columns = [column_of(name) for name in names]
    known = [column for column in columns if column]
    if Column.NUMBER not in known or not {Column.CLOSING, Column.CHARGED} & set(known):
        raise RegisterUnreadable(reason="в заголовке нужны столбцы «ЛС» и «К оплате» (или «Начислено»).")
    if len(known) != len(set(known)):
        raise RegisterUnreadable(reason="в заголовке повторяется столбец.")
    return columns
