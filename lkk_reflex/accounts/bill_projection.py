"""What of bills goes to the browser: ready-to-show text; only for who has proved that the account is theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from babel.dates import format_date

from lkk_reflex.accounts.explaining import Accrual, Cause, Change, Explanation, Line, Part, explain
from lkk_reflex.accounts.models import Bill, Charge
from lkk_reflex.accounts.projection import Tone
from lkk_reflex.accounts.settling import Settled
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.money import Money

_DASH: Final = "—"


@dataclass(frozen=True, slots=True)
class BillSums:
    """The way from the opening to what is to be paid; a sum that the register lacks is an empty text."""

    opening_label: str = ""
    opening: str = ""
    charged: str = ""
    recalculated: str = ""
    conceded: str = ""
    penalty: str = ""
    paid: str = ""
    closing: str = ""


@dataclass(frozen=True, slots=True)
class BillRow:
    """One bill in the list of all."""

    title: str = ""
    charged: str = ""
    recalculated: str = ""
    paid: str = ""
    closing: str = ""
    badge: str = ""
    tone: Tone = "info"
    href: str = ""
    pdf_href: str = ""


@dataclass(frozen=True, slots=True)
class BillLine:
    """One service of a bill; sums that are nothing are empty texts."""

    service: str = ""
    #: `5 м³`.
    volume: str = ""
    tariff: str = ""
    charged: str = ""
    recalculated: str = ""
    conceded: str = ""
    penalty: str = ""
    total: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """A cause with what it makes: `меньше расход, 5 → 3 м³`, `−110,20 ₽`."""

    text: str = ""
    amount: str = ""


@dataclass(frozen=True, slots=True)
class WhyLine:
    """One service of the comparison with the bill before."""

    service: str = ""
    before: str = ""
    after: str = ""
    difference: str = ""
    reasons: list[Reason] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Why:
    """«Почему столько?»: a short sentence, and the same by service."""

    #: `На 68,10 ₽ меньше, чем за сентябрь.`
    comparison: str = ""
    #: `Меньше расход −110,20 ₽, новый тариф +42,10 ₽.`
    sentence: str = ""
    lines: list[WhyLine] = field(default_factory=list)


SETTLED_WORDS: Final[Mapping[Settled, tuple[str, Tone]]] = {
    Settled.PAID: ("Оплачено", "good"),
    Settled.PARTLY: ("Оплачено частично", "warn"),
    Settled.UNPAID: ("Не оплачено", "bad"),
    Settled.OVERPAID: ("Переплата", "good"),
    Settled.UNKNOWN: ("", "info"),
}

#: How a cause is said when it makes the bill larger, and smaller.
CAUSE_WORDS: Final[Mapping[Cause, tuple[str, str]]] = {
    Cause.VOLUME: ("больше расход", "меньше расход"),
    Cause.TARIFF: ("новый тариф", "новый тариф"),
    Cause.RECALCULATION: ("перерасчёт", "перерасчёт"),
    Cause.CONCESSION: ("льготы", "льготы"),
    Cause.PENALTY: ("пени", "пени"),
    Cause.APPEARED: ("новая услуга", "новая услуга"),
    Cause.GONE: ("услуги больше нет", "услуги больше нет"),
    Cause.OTHER: ("другие изменения", "другие изменения"),
}
_WHOLE_BILL: Final = "Счёт в целом"
_NO_EARLIER: Final = "Это первая квитанция в портале: сравнить пока не с чем."
_NO_SUMS: Final = "Поставщик передаёт порталу только общую сумму, поэтому сравнить строки нельзя."


def bill_sums(bill: Bill) -> BillSums:
    """Show the sums that the register had; what is subtracted has a minus."""
    month = format_date(BillingPeriod.from_key(bill.period).first_day, "MMMM", locale="ru")
    return BillSums(
        opening_label=f"На начало {month}",
        opening=_figures(bill.opening_kopecks),
        charged=_figures(bill.charged_kopecks),
        recalculated=_figures(bill.recalculated_kopecks),
        conceded=_figures(_minus(bill.conceded_kopecks)),
        penalty=_figures(bill.penalty_kopecks),
        paid=_figures(_minus(bill.paid_kopecks)),
        closing=_figures(bill.closing_kopecks),
    )


def bill_row(bill: Bill, public_id: str, state: Settled) -> BillRow:
    """Make a line of the list."""
    period = BillingPeriod.from_key(bill.period)
    badge, tone = SETTLED_WORDS[state]
    return BillRow(
        title=capital(period.label),
        charged=_figures(bill.charged_kopecks) or _DASH,
        recalculated=_figures(bill.recalculated_kopecks) or _DASH,
        paid=_figures(bill.paid_kopecks) or _DASH,
        closing=_figures(bill.closing_kopecks),
        badge=badge,
        tone=tone,
        href=f"/bill/{public_id}/{bill.period}",
        pdf_href=f"/papers/bill/{public_id}/{bill.period}.pdf",
    )


def bill_lines(lines: Sequence[Charge]) -> list[BillLine]:
    """Show the services of a bill."""
    return [
        BillLine(
            service=line.service,
            volume="\N{NO-BREAK SPACE}".join(filter(None, (_comma(line.volume), line.unit))),
            tariff=_comma(line.tariff),
            charged=_figures(line.charged_kopecks),
            recalculated=_figures(line.recalculated_kopecks or None),
            conceded=_figures(_minus(line.conceded_kopecks) or None),
            penalty=_figures(line.penalty_kopecks or None),
            total=_figures(line.total_kopecks),
        )
        for line in lines
    ]


def why(bill: Bill, lines: Sequence[Charge], earlier: Bill | None, earlier_lines: Sequence[Charge]) -> Why:
    """Say what makes a bill differ from the one before, or why that cannot be said."""
    if earlier is None:
        return Why(comparison=_NO_EARLIER)
    has_lines = bool(lines and earlier_lines)
    after, before = _accrual(bill, lines if has_lines else ()), _accrual(earlier, earlier_lines if has_lines else ())
    if after is None or before is None:
        return Why(comparison=_NO_SUMS)
    found = explain(after, before)
    return Why(_comparison(found), _sentence(found.by_cause()), [_why_line(change) for change in found.changes])


def capital(text: str) -> str:
    """Return the text with its first letter large: `Октябрь 2026`."""
    return text[:1].upper() + text[1:]


def _accrual(bill: Bill, lines: Sequence[Charge]) -> Accrual | None:
    """Return what a bill charges; without lines it is one line that has only sums, and without those it is nothing."""
    period = BillingPeriod.from_key(bill.period)
    if bill.charged_kopecks is None:
        total = sum(line.total_kopecks for line in lines)
        return Accrual(period, tuple(map(_line, lines)), Money(total)) if lines else None
    parts = [
        Money(kopecks or 0) for kopecks in (bill.recalculated_kopecks, bill.conceded_kopecks, bill.penalty_kopecks)
    ]
    recalculated, conceded, penalty = parts
    charged = Money(bill.charged_kopecks)
    all_of_it = charged + recalculated - conceded + penalty
    whole = Line(_WHOLE_BILL, "", None, None, charged, recalculated, conceded, penalty, all_of_it)
    return Accrual(period, tuple(map(_line, lines)) or (whole,), all_of_it)


def _line(line: Charge) -> Line:
    return Line(
        service=line.service,
        unit=line.unit,
        volume=_decimal(line.volume),
        tariff=_decimal(line.tariff),
        charged=Money(line.charged_kopecks),
        recalculated=Money(line.recalculated_kopecks),
        conceded=Money(line.conceded_kopecks),
        penalty=Money(line.penalty_kopecks),
        total=Money(line.total_kopecks),
    )


def _comparison(found: Explanation) -> str:
    against = found.earlier.label
    if not found.difference:
        said = f"Начислено столько же, сколько за {against}."
    else:
        amount, more = Money(abs(found.difference.kopecks)), found.difference > Money.zero()
        said = f"Начислено на {amount} {'больше' if more else 'меньше'}, чем за {against}."
    return f"{said} Между ними месяцы без начислений." if found.months_between else said


def _sentence(parts: Sequence[Part]) -> str:
    said = ", ".join(f"{_word(part)} {signed(part.amount)}" for part in parts)
    return f"{capital(said)}." if said else ""


def _why_line(change: Change) -> WhyLine:
    return WhyLine(
        service=change.service or _WHOLE_BILL,
        before=change.before.total.figures() if change.before else _DASH,
        after=change.after.total.figures() if change.after else _DASH,
        difference=signed(change.difference, bare=True),
        reasons=[Reason(_reason(part, change), signed(part.amount)) for part in change.parts],
    )


def _reason(part: Part, change: Change) -> str:
    """Say a cause with what it is made of: `меньше расход, 5 → 3 м³`."""
    word = _word(part)
    before, after = change.before, change.after
    if before and after and part.cause is Cause.VOLUME:
        return (
            f"{word}, {_comma(f'{before.volume}')} → {_comma(f'{after.volume}')}\N{NO-BREAK SPACE}{after.unit}".strip()
        )
    if before and after and part.cause is Cause.TARIFF and None not in (before.tariff, after.tariff):
        return f"{word}, {_comma(f'{before.tariff}')} → {_comma(f'{after.tariff}')}\N{NO-BREAK SPACE}₽"
    return word


def _word(part: Part) -> str:
    return CAUSE_WORDS[part.cause][0 if part.amount > Money.zero() else 1]


def signed(amount: Money, *, bare: bool = False) -> str:
    """Return `+42,10 ₽` or `−110,20 ₽`; `bare` is for tables, without the rouble."""
    text = amount.figures() if bare else str(amount)
    return f"+{text}" if amount > Money.zero() else text


def _decimal(text: str) -> Decimal | None:
    return Decimal(text.replace(",", ".")) if text else None


def _figures(kopecks: int | None) -> str:
    return "" if kopecks is None else Money(kopecks).figures()


def _minus(kopecks: int | None) -> int | None:
    return None if kopecks is None else -kopecks


def _comma(text: str) -> str:
    return text.replace(".", ",")
