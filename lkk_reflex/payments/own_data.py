"""What the portal holds of a person's payments: for the person's own copy, and to be made nobody's."""

import json
from collections.abc import Mapping

from sqlmodel import Session

from lkk_reflex.accounts.models import PersonalAccount, ServiceProvider
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.money import Money
from lkk_reflex.kit.own_table import Cell, OwnTable
from lkk_reflex.payments import repository
from lkk_reflex.payments.models import Payment
from lkk_reflex.payments.projection import view_of
from lkk_reflex.payments.rules import FINAL, KEY_LIFE


def own_tables(session: Session, viewer: Viewer) -> list[OwnTable]:
    """Return the payments that the viewer has made; those of others for the same account are theirs.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    found = repository.payments_made_by(session, viewer.require_subscriber())
    return [
        OwnTable(
            "payments",
            "Платежи",
            {
                "reference": "Номер",
                "created_at": "Создан",
                "finished_at": "Завершён",
                "amount": "Сумма",
                "state": "Состояние",
                "method": "Способ",
                "provider": "Поставщик",
                "account": "Лицевой счёт",
                "receipt_contact": "Куда отправлен чек",
            },
            [_row(*row) for row in found],
        )
    ]


def erase(session: Session, viewer: Viewer, *, subscriber_id: int) -> Mapping[str, int]:
    """Part the payments of a subscriber from the person; the payments stay, as bookkeeping asks (402-ФЗ ст. 29).

    Raises:
        Forbidden: the viewer is not the system.
    """
    viewer.require_system()
    payments = [payment for payment, _, _ in repository.payments_made_by(session, subscriber_id)]
    for payment in payments:
        payment.subscriber_id = None
        if not _may_be_sent(payment):
            # The address of the receipt is the person's.
            payment.body = _without_contact(payment.body)
        session.add(payment)
    session.flush()
    return {"Платежи, которые больше не связаны с человеком": len(payments)}


def _may_be_sent(payment: Payment) -> bool:
    """Tell whether the request may still go to the gateway; one that waits for a review is looked up, not sent."""
    is_young = payment.first_sent_at is None or clock.now() - payment.first_sent_at < KEY_LIFE
    return payment.status not in FINAL and is_young


def _row(payment: Payment, account: PersonalAccount, provider: ServiceProvider) -> tuple[Cell, ...]:
    shown = view_of(
        payment,
        clock.now(),
        provider=provider.name,
        account_number=account.number_shown,
        time_zone=provider.time_zone,
    )
    return (
        shown.reference,
        payment.created_at,
        payment.final_at,
        Money(payment.amount_kopecks),
        shown.state.title,
        shown.method,
        provider.name,
        account.number_shown,
        _contact(payment.body),
    )


def _contact(body: str) -> str:
    customer = _customer(json.loads(body))
    return str(customer.get("email") or customer.get("phone") or "")


def _without_contact(body: str) -> str:
    request = json.loads(body)
    customer = _customer(request)
    customer.clear()
    return json.dumps(request, ensure_ascii=False)


def _customer(request: object) -> dict[str, object]:
    receipt = request.get("receipt") if isinstance(request, dict) else None
    customer = receipt.get("customer") if isinstance(receipt, dict) else None
    return customer if isinstance(customer, dict) else {}
