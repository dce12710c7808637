"""What the portal holds of a person's connected accounts: for the person's own copy, and to be erased."""

from collections.abc import Iterator, Mapping

from sqlmodel import Session

from lkk_reflex.accounts import own_data_repository as repository
from lkk_reflex.accounts import paperless_repository
from lkk_reflex.accounts.models import AccountLink, Bill, LinkLevel, PersonalAccount, ServiceProvider
from lkk_reflex.identity import audit
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.money import Money
from lkk_reflex.kit.own_table import Cell, OwnTable

_LEVELS = {LinkLevel.BASIC: "базовый", LinkLevel.EXTENDED: "расширенный"}


def own_tables(session: Session, viewer: Viewer) -> list[OwnTable]:
    """Return the viewer's connections and choices, and of accounts with extended access the bills with their lines.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    subscriber_id = viewer.require_subscriber()
    links = repository.links(session, subscriber_id)
    proved = [
        (account, provider)
        for link, account, provider in links
        if link.ended_at is None and link.level is LinkLevel.EXTENDED
    ]
    return [
        OwnTable(
            "accounts",
            "Лицевые счета",
            {
                "provider": "Поставщик",
                "number": "Номер",
                "own_name": "Своё название",
                "level": "Доступ",
                "owner": "Владелец",
                "address": "Адрес",
                "connected_at": "Подключён",
                "disconnected_at": "Отключён",
            },
            [_account_row(*found) for found in links],
        ),
        OwnTable(
            "bills",
            "Начисления по месяцам",
            {
                "provider": "Поставщик",
                "account": "Лицевой счёт",
                "period": "Месяц",
                "opening": "На начало",
                "charged": "Начислено",
                "recalculated": "Перерасчёт",
                "conceded": "Льготы",
                "penalty": "Пени",
                "paid": "Оплачено",
                "closing": "К оплате",
                "due_on": "Срок",
            },
            [
                (provider.name, account.number_shown, *_bill_cells(bill))
                for account, provider in proved
                for bill in repository.bills(session, account.id or 0)
            ],
        ),
        OwnTable(
            "charges",
            "Строки начислений",
            {
                "provider": "Поставщик",
                "account": "Лицевой счёт",
                "period": "Месяц",
                "service": "Услуга",
                "volume": "Объём",
                "unit": "Единица",
                "tariff": "Тариф",
                "charged": "Начислено",
                "recalculated": "Перерасчёт",
                "conceded": "Льготы",
                "penalty": "Пени",
                "total": "Итого",
            },
            list(_charge_rows(session, proved)),
        ),
        OwnTable(
            "paperless",
            "Отказ от бумажной квитанции",
            {"provider": "Поставщик", "account": "Лицевой счёт", "chosen_at": "Выбран", "ended_at": "Отменён"},
            [
                (provider.name, account.number_shown, choice.chosen_at, choice.ended_at)
                for choice, account, provider in paperless_repository.choices_of(session, subscriber_id)
            ],
        ),
    ]


def erase(session: Session, viewer: Viewer, *, subscriber_id: int) -> Mapping[str, int]:
    """Delete the connections of a subscriber and what was chosen for them; the provider's accounts and bills stay.

    Raises:
        Forbidden: the viewer is not the system.
    """
    viewer.require_system()
    paperless_repository.delete_choices(session, subscriber_id)
    # Whose sums somebody saw without proof must not be forgotten with the cabinet: they prove nothing any more.
    for account_id in repository.unproved_accounts(session, subscriber_id):
        audit.record(session, viewer, "link.erased", subject=str(account_id))
    return {"Подключения лицевых счетов": repository.delete_links(session, subscriber_id)}


def _account_row(link: AccountLink, account: PersonalAccount, provider: ServiceProvider) -> tuple[Cell, ...]:
    sees_all = link.level is LinkLevel.EXTENDED and link.ended_at is None
    return (
        provider.name,
        account.number_shown,
        link.own_name,
        _LEVELS[link.level],
        account.owner_name if sees_all else "",
        account.address if sees_all else "",
        link.created_at,
        link.ended_at,
    )


def _bill_cells(bill: Bill) -> tuple[Cell, ...]:
    return (
        BillingPeriod.from_key(bill.period).label,
        _money(bill.opening_kopecks),
        _money(bill.charged_kopecks),
        _money(bill.recalculated_kopecks),
        _money(bill.conceded_kopecks),
        _money(bill.penalty_kopecks),
        _money(bill.paid_kopecks),
        Money(bill.closing_kopecks),
        bill.due_on,
    )


def _charge_rows(session: Session, proved: list[tuple[PersonalAccount, ServiceProvider]]) -> Iterator[tuple[Cell, ...]]:
    for account, provider in proved:
        for bill, line in repository.charges(session, account.id or 0):
            yield (
                provider.name,
                account.number_shown,
                BillingPeriod.from_key(bill.period).label,
                line.service,
                line.volume,
                line.unit,
                line.tariff,
                Money(line.charged_kopecks),
                Money(line.recalculated_kopecks),
                Money(line.conceded_kopecks),
                Money(line.penalty_kopecks),
                Money(line.total_kopecks),
            )


def _money(kopecks: int | None) -> Money | None:
    return None if kopecks is None else Money(kopecks)
