"""The confirmation of one payment: that the money has come, and where it has gone."""

from dataclasses import dataclass

from lkk_reflex.kit.money import Money
from lkk_reflex.paper.typesetting import typeset
from lkk_reflex.paper.values import Company, Origin

_NOT_A_RECEIPT = (
    "Подтверждение составлено порталом по данным платёжной службы. "
    "Оно не заменяет кассовый чек: чек приходит отдельно, на почту или телефон."
)


@dataclass(frozen=True, slots=True)
class ConfirmationPaper:
    """One payment that has succeeded; moments are texts in the company's time zone."""

    company: Company
    account: str
    amount: Money
    #: Our number, as the history of payments shows it.
    number: str
    method: str
    begun_at: str
    credited_at: str
    #: The payment's name at the payment service.
    gateway_number: str
    origin: Origin


def confirmation_pdf(payment: ConfirmationPaper) -> bytes:
    """Typeset the confirmation."""
    rows = (
        ("Лицевой счёт", f"№\N{NO-BREAK SPACE}{payment.account}", "bold"),
        ("Получатель", payment.company.name),
        ("ИНН получателя", payment.company.inn),
        ("Оплата начата", payment.begun_at),
        ("Деньги зачислены", payment.credited_at),
        ("Способ", payment.method),
        ("Номер в платёжной службе", payment.gateway_number),
        ("Комиссия", str(Money.zero())),
    )
    return typeset(
        "confirmation",
        {
            "title": f"Подтверждение платежа № {payment.number}",
            "company": payment.company.name,
            "company_details": payment.company.details,
            "heading": "Подтверждение платежа",
            "under": f"№ {payment.number}",
            "amount": str(payment.amount),
            "state": "Зачислено на лицевой счёт",
            "rows": [list(row) for row in rows if row[1]],
            "remark": _NOT_A_RECEIPT,
            "footer": payment.origin.footer,
        },
    )
