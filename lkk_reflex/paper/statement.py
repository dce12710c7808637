"""The statement of an account: what was charged and paid month by month, as PDF and as a spreadsheet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.money import Money
from lkk_reflex.paper.spreadsheet import Cell, Sheet, workbook
from lkk_reflex.paper.typesetting import typeset
from lkk_reflex.paper.values import Company, Origin, Payer, ServiceLine, Sums, figures


@dataclass(frozen=True, slots=True)
class StatementPaper:
    """The bills of some months, the oldest first."""

    company: Company
    payer: Payer
    first: BillingPeriod
    last: BillingPeriod
    months: tuple[Sums, ...]
    #: The services of each month, as far as the register tells them.
    lines: tuple[tuple[BillingPeriod, ServiceLine], ...]
    origin: Origin

    @property
    def span(self) -> str:
        """Return the months in words: `сентябрь 2026 — октябрь 2026`."""
        ends = dict.fromkeys((self.first.label, self.last.label))
        return " — ".join(ends)


class _Column(NamedTuple):
    """A column of sums; a total of openings would mean nothing."""

    heading: str
    amount: Callable[[Sums], Money | None]
    is_added_up: bool = True


_COLUMNS = (
    _Column("На начало", lambda sums: sums.opening, is_added_up=False),
    _Column("Начислено", lambda sums: sums.charged),
    _Column("Перерасчёт", lambda sums: sums.recalculated),
    _Column("Льготы", lambda sums: None if sums.conceded is None else -sums.conceded),
    _Column("Пени", lambda sums: sums.penalty),
    _Column("Оплачено", lambda sums: None if sums.paid is None else -sums.paid),
    _Column("К оплате", lambda sums: sums.closing, is_added_up=False),
)


def statement_pdf(statement: StatementPaper) -> bytes:
    """Typeset a statement; a year takes one A4 sheet."""
    return typeset(
        "statement",
        {
            "title": f"Выписка за {statement.span}, лицевой счёт № {statement.payer.account}",
            "company": statement.company.name,
            "company_details": statement.company.details,
            "heading": "Выписка",
            "under": statement.span,
            "payer": statement.payer.rows,
            "columns": ["Период", *(column.heading for column in _COLUMNS)],
            "rows": [
                [sums.period.label, *(figures(column.amount(sums)) for column in _COLUMNS)] for sums in statement.months
            ],
            "total": ["Итого", *(_total(column, statement.months) for column in _COLUMNS)],
            "notes": _notes(statement),
            "footer": statement.origin.footer,
        },
    )


def statement_xlsx(statement: StatementPaper) -> bytes:
    """Write the statement as a spreadsheet with real numbers: months, and the services of each month."""
    months = Sheet(
        title="Начисления и оплаты",
        headings=("Период", *(f"{column.heading}, ₽" for column in _COLUMNS)),
        rows=tuple(
            (sums.period.label, *(column.amount(sums) for column in _COLUMNS))
            for sums in statement.months
        ),
    )  # fmt: skip
    services = Sheet(
        title="По услугам",
        headings=(
            "Период", "Услуга", "Единица", "Объём", "Тариф, ₽", "Начислено, ₽", "Перерасчёт, ₽", "Льготы, ₽", "Пени, ₽",
            "Итого, ₽",
        ),
        rows=tuple(_service_row(period, line) for period, line in statement.lines),
    )  # fmt: skip
    about = Sheet(
        title="О выписке",
        headings=("Что", "Значение"),
        rows=(
            ("Поставщик", statement.company.name),
            *((term, value) for term, value, *_ in statement.payer.rows),
            ("Месяцы", statement.span),
            ("Составлено", statement.origin.made_at),
            ("Данные поставщика на", statement.origin.data_as_of),
        ),
    )
    return workbook([months, *([services] if statement.lines else []), about])


def _service_row(period: BillingPeriod, line: ServiceLine) -> tuple[Cell, ...]:
    return (
        period.label,
        line.service,
        line.unit,
        Sheet.number(line.volume),
        Sheet.number(line.tariff),
        line.charged,
        line.recalculated,
        -line.conceded,
        line.penalty,
        line.total,
    )


def _total(column: _Column, months: Sequence[Sums]) -> str:
    if not column.is_added_up:
        return ""
    amounts = [amount for sums in months if (amount := column.amount(sums)) is not None]
    return sum(amounts, Money.zero()).figures() if amounts else "—"


def _notes(statement: StatementPaper) -> list[str]:
    notes = ["В столбце «К оплате» долг на конец месяца, с минусом — переплата."]
    if any(sums.charged is None for sums in statement.months):
        notes.append("Прочерк: этой суммы поставщик порталу не передал.")
    return notes
