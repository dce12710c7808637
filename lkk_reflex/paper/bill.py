"""The bill of one month as a sheet of paper, with the payment code that bank apps read."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

from babel.dates import format_date

from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.money import Money
from lkk_reflex.paper.code_picture import code_svg
from lkk_reflex.paper.typesetting import Value, typeset
from lkk_reflex.paper.values import Company, Origin, Payer, ServiceLine, Sums, decimal_comma

_NO_LINES = "Поставщик передаёт порталу только общую сумму, без строк по услугам. За расшифровкой обратитесь к нему."


@dataclass(frozen=True, slots=True)
class Payee:
    """Where the money goes, as it stands in payment orders."""

    name: str
    inn: str
    kpp: str
    bank_name: str
    bic: str
    bank_account: str
    correspondent_account: str


@dataclass(frozen=True, slots=True)
class BillPaper:
    """Everything that stands on the bill of one month."""

    company: Company
    payer: Payer
    sums: Sums
    lines: tuple[ServiceLine, ...]
    due_on: date
    #: Money credited after the company made the bill; counts against the newest bill alone.
    credited_later: Money
    #: A later bill takes the debt of this one over, so this one is not to be paid any more.
    is_newest: bool
    origin: Origin
    payee: Payee | None = None
    #: The payment code, ГОСТ Р 56042-2014; empty when there is nothing to pay by it.
    code: bytes = b""

    @property
    def left(self) -> Money:
        """Return what remains to be paid by this bill."""
        return self.sums.closing - self.credited_later


def bill_pdf(bill: BillPaper) -> bytes:
    """Typeset a bill: one A4 sheet unless it has dozens of services."""
    month = bill.sums.period.label
    columns, lines, total = _table(bill.lines)
    return typeset(
        "bill",
        {
            "title": f"Квитанция за {month}, лицевой счёт № {bill.payer.account}",
            "company": bill.company.name,
            "company_details": bill.company.details,
            "heading": "Квитанция",
            "under": f"за {month}",
            "payer": bill.payer.rows,
            **_due(bill),
            "period": month,
            "columns": columns,
            "lines": lines,
            "total": total,
            "no_lines": _NO_LINES,
            "balance": _balance(bill),
            "closing": [_closing_label(bill), bill.left.figures()],
            "notes": _notes(bill),
            **_payment(bill),
            "footer": bill.origin.footer,
        },
        pictures={"code": code_svg(bill.code) if bill.code else ""},
    )


def _due(bill: BillPaper) -> dict[str, Value]:
    """Say in the tinted box what everybody looks for first."""
    amount = str(Money(abs(bill.left.kopecks)))
    if bill.left <= Money.zero():
        paid = "спишем в счёт следующих начислений" if bill.left else "спасибо"
        label = "Переплата" if bill.left else "Всё оплачено"
        return {"due_label": label, "due_amount": amount, "due_note": paid if bill.is_newest else ""}
    label = f"К оплате до {format_date(bill.due_on, 'd MMMM y', locale='ru')}"
    note = "" if bill.is_newest else "есть более поздняя квитанция: платите по ней"
    return {"due_label": label, "due_amount": amount, "due_note": note}


def _table(lines: Sequence[ServiceLine]) -> tuple[list[str], list[list[str]], list[str]]:
    """Return headings, rows and totals; a column in which nothing stands is left out."""
    names = {
        "charged": "Начислено, ₽",
        "recalculated": "Перерасчёт, ₽",
        "conceded": "Льготы, ₽",
        "penalty": "Пени, ₽",
        "total": "Итого, ₽",
    }
    shown = [name for name in names if name in {"charged", "total"} or any(getattr(line, name) for line in lines)]
    heads = ["Услуга", "Объём", "Ед.", "Тариф, ₽", *(names[name] for name in shown)]
    rows = [
        [line.service, decimal_comma(line.volume), line.unit, decimal_comma(line.tariff)]
        + [_signed(line, name).figures() for name in shown]
        for line in lines
    ]
    sums = [sum((_signed(line, name) for line in lines), Money.zero()).figures() for name in shown]
    return heads, rows, ["Итого", "", "", "", *sums]


def _signed(line: ServiceLine, name: str) -> Money:
    """Return a sum as it counts: a concession is taken off."""
    amount: Money = getattr(line, name)
    return -amount if name == "conceded" else amount


def _balance(bill: BillPaper) -> list[list[str]]:
    """Return the way from the opening to what remains, as far as the register tells it."""
    sums = bill.sums
    parts = {
        f"На начало {_of_month(sums.period)}": sums.opening,
        "Начислено": sums.charged,
        "Перерасчёт": sums.recalculated,
        "Льготы": None if sums.conceded is None else -sums.conceded,
        "Пени": sums.penalty,
        "Оплачено": None if sums.paid is None else -sums.paid,
    }
    rows = [[name, amount.figures()] for name, amount in parts.items() if amount is not None]
    if bill.credited_later:
        rows += [["По квитанции", sums.closing.figures()], ["Оплачено после неё", (-bill.credited_later).figures()]]
    return rows


def _notes(bill: BillPaper) -> list[str]:
    notes = ["За просрочку закон позволяет начислить пени с 31-го дня после срока оплаты."] if bill.code else []
    if bill.company.phone:
        notes.append(f"Вопросы о начислениях: {bill.company.phone}.")
    if not bill.is_newest:
        notes.append("Это квитанция прошлого месяца. Долг по ней вошёл в более позднюю.")
    return notes


def _payment(bill: BillPaper) -> dict[str, Value]:
    """Return what stands below the dashed line."""
    rows: list[list[str]] = []
    if bill.payee and bill.is_newest:
        terms = {
            "name": "Получатель",
            "inn": "ИНН",
            "kpp": "КПП",
            "bank_name": "Банк",
            "bic": "БИК",
            "bank_account": "Расчётный счёт",
            "correspondent_account": "Корр. счёт",
        }
        values = {field.name: getattr(bill.payee, field.name) for field in fields(bill.payee)}
        rows = [[term, values[name]] for name, term in terms.items() if values[name]]
    return {
        "payee": rows,
        "pay_heading": f"Оплатить {bill.left}" if bill.code else "Реквизиты для оплаты",
        "pay_hint": "Откройте приложение своего банка и отсканируйте код: реквизиты, счёт и сумма заполнятся сами."
        if bill.code
        else "",
        "code_alt": f"QR-код для оплаты в приложении банка, сумма {bill.left}",
    }


def _closing_label(bill: BillPaper) -> str:
    if bill.left < Money.zero():
        return "Переплата"
    return "Осталось оплатить" if bill.credited_later else "К оплате"


def _of_month(period: BillingPeriod) -> str:
    return format_date(period.first_day, "MMMM", locale="ru")
