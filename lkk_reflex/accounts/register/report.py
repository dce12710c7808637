"""What a load has done or would do, for the person who started it."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from lkk_reflex.accounts.rules import plural
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.money import Money


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A line that was not accepted, by its number in the file."""

    line: int
    reason: str


@dataclass(slots=True)
class ImportReport:
    """The account of one load, of a dry run, or of a refusal."""

    file_name: str
    preset: str
    encoding: str
    #: False when the encoding was guessed by the looks of the text.
    is_encoding_certain: bool
    #: The first lines as they were decoded.
    sample: tuple[str, ...]
    data_as_of: datetime
    is_dry_run: bool
    read_rows: int = 0
    accepted_rows: int = 0
    rejected_rows: int = 0
    #: The first hundred; all of them are in `rejects_file`.
    rejected: list[RejectedLine] = field(default_factory=list)
    rejects_file: Path | None = None
    periods: tuple[BillingPeriod, BillingPeriod] | None = None
    total: Money = field(default_factory=Money.zero)
    accounts_total: int = 0
    accounts_new: int = 0
    bills_replaced: int = 0
    #: Bills left alone, because the portal has newer data of them.
    bills_kept: int = 0
    #: Russian sentences about what deserves attention.
    notes: list[str] = field(default_factory=list)

    def sentences(self) -> list[str]:
        """Return the report in Russian, one sentence a line."""
        told = [f"Файл {self.file_name}: формат {self.preset}, кодировка {self.encoding}."]
        if self.sample:
            told += ["Проверьте, что текст читается:", *(f"  {line[:100]}" for line in self.sample)]
        read = plural(self.read_rows, "строка", "строки", "строк")
        told.append(f"Прочитано {self.read_rows} {read}, принято {self.accepted_rows}, отклонено {self.rejected_rows}.")
        by_line = sorted(self.rejected, key=lambda rejected: rejected.line)
        told += [f"  строка {rejected.line}: {rejected.reason}" for rejected in by_line]
        if self.rejects_file:
            told.append(f"Отклонённые строки с причинами: {self.rejects_file}")
        told.append(f"Счетов в файле {self.accounts_total}, из них новых {self.accounts_new}.")
        if self.periods:
            first, last = self.periods
            span = first.label if first == last else f"{first.label} — {last.label}"
            told.append(f"Период: {span}. К оплате всего: {self.total}.")
        if self.bills_replaced:
            told.append(f"Квитанций, на место которых встают более новые: {self.bills_replaced}.")
        if self.bills_kept:
            told.append(f"Квитанций, которых файл не трогает, в портале данные свежее: {self.bills_kept}.")
        return told + self.notes
