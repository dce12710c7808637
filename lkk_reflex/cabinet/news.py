"""What subscribers are to be told of: new bills, windows for readings that open or close, verifications that end."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from lkk_reflex.accounts.masking import account_title, mask_number
from lkk_reflex.accounts.models import AccountLink, Bill, LinkLevel, PersonalAccount, Register, ServiceProvider
from lkk_reflex.accounts.rules import amount_due, day_and_month, days_left
from lkk_reflex.cabinet import announcing_repository as repository
from lkk_reflex.identity.models import NoticeEvent
from lkk_reflex.identity.notices import Notice
from lkk_reflex.kit import clock
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.money import Money
from lkk_reflex.meters.access import seen_serial
from lkk_reflex.meters.dial import RESOURCE_NAMES
from lkk_reflex.meters.models import Meter, MeterPolicy, Resource
from lkk_reflex.meters.rules import Window, window_at
from lkk_reflex.meters.signed_links import signed_link
from lkk_reflex.payments.balance import credited_after

#: A bill whose month ended longer ago is history, not news.
_NEWS: Final = timedelta(days=45)
_VERIFICATION_DAYS: Final = (60, 30, 7)
#: What is told so many days before a window closes, the later first.
_WINDOW_EVENTS: Final = {0: NoticeEvent.WINDOW_LAST_DAY, 2: NoticeEvent.WINDOW_TWO_DAYS}

#: Takes the connection after which to look and how many notices are wanted; returns them in the order of the
#: connections, each with the id of its own.
Finder = Callable[[Session, int, int], list[tuple[int, Notice]]]


@dataclass(frozen=True, slots=True)
class News:
    """One piece of news; `name` tells it from every other."""

    name: str
    find: Finder


def news_of_today(session: Session, providers: Sequence[ServiceProvider]) -> list[News]:
    """Return everything that these providers' subscribers are to be told today, told already or not."""
    return [*_bills(session, providers), *_windows(session, providers), *_verifications(providers)]


def _bills(session: Session, providers: Sequence[ServiceProvider]) -> Iterator[News]:
    by_id = {provider.id or 0: provider for provider in providers}
    for register in repository.registers_since(session, list(by_id), clock.now() - _NEWS):
        yield News(f"bill:{register.id}", _bill_finder(by_id[register.provider_id], register))


def _bill_finder(provider: ServiceProvider, register: Register) -> Finder:
    today = clock.today(provider.time_zone)
    oldest = BillingPeriod.of(today - _NEWS).key

    def find(session: Session, after: int, limit: int) -> list[tuple[int, Notice]]:
        rows = repository.links_with_bill(session, register, oldest_period=oldest, after=after, limit=limit)
        # What was paid after the data of the bill is not in it: who has paid must not be asked to pay again.
        paid = credited_after(session, {bill.account_id: bill.counts_payments_until for _, _, bill in rows})
        return [
            (link.id or 0, _bill_notice(provider, link, account, bill, Money(paid[bill.account_id]), today))
            for link, account, bill in rows
        ]

    return find


def _bill_notice(
    provider: ServiceProvider, link: AccountLink, account: PersonalAccount, bill: Bill, paid: Money, today: date
) -> Notice:
    # A letter can be read by others, and at basic access nobody has proved that the account is theirs.
    tells_sum = link.level is LinkLevel.EXTENDED
    to_pay = amount_due(Money(bill.closing_kopecks), paid)
    is_owed = tells_sum and to_pay > Money.zero()
    return Notice(
        link.subscriber_id,
        NoticeEvent.NEW_BILL,
        "new_bill",
        {
            **_named(provider, link, account),
            "period": BillingPeriod.from_key(bill.period).label,
            "amount": to_pay if is_owed else "",
            "due": day_and_month(bill.due_on, today) if is_owed else "",
            "is_clear": tells_sum and not is_owed,
        },
        dedupe_key=f"bill:{account.id}:{bill.period}:{link.subscriber_id}",
        path=f"/bill/{link.public_id}/{bill.period}" if tells_sum else f"/account/{link.public_id}",
    )


def _windows(session: Session, providers: Sequence[ServiceProvider]) -> Iterator[News]:
    ids = [provider.id or 0 for provider in providers]
    own = {(policy.provider_id, policy.resource): policy for policy in repository.policies(session, ids)}
    for provider in providers:
        today = clock.today(provider.time_zone)
        resources: dict[Window, list[Resource]] = {}
        for resource in Resource:
            policy = own.get((provider.id or 0, resource)) or MeterPolicy(provider_id=0, resource=resource)
            resources.setdefault(window_at(today, policy.window_from, policy.window_to), []).append(resource)
        for window, found in resources.items():
            if event := _event_of(window, today):
                # Other windows of the month may end on the same day, and concern other people.
                days = f"{window.opens_on.day}-{window.closes_on.day}"
                name = f"{event}:{provider.id}:{window.period.key}:{days}"
                yield News(name, _window_finder(provider, window, found, event))


def _event_of(window: Window, today: date) -> NoticeEvent | None:
    """Return the last event whose day has come: a day on which nothing could be told is made up for."""
    if not window.is_open:
        return None
    for left, event in _WINDOW_EVENTS.items():
        # On the day of the opening that is the news, and what it says need not be said again.
        if window.opens_on < window.closes_on - timedelta(days=left) <= today:
            return event
    return NoticeEvent.WINDOW_OPENS


def _window_finder(
    provider: ServiceProvider, window: Window, resources: Sequence[Resource], event: NoticeEvent
) -> Finder:
    today = clock.today(provider.time_zone)
    over = datetime.combine(window.closes_on + timedelta(days=1), time(), ZoneInfo(provider.time_zone))

    def find(session: Session, after: int, limit: int) -> list[tuple[int, Notice]]:
        rows = repository.links_without_reading(
            session, provider.id or 0, resources, period=window.period.key, after=after, limit=limit
        )
        return [(link.id or 0, notice(link, account)) for link, account in rows]

    def notice(link: AccountLink, account: PersonalAccount) -> Notice:
        return Notice(
            link.subscriber_id,
            event,
            str(event),
            {
                **_named(provider, link, account),
                "period": window.period.label,
                "until": day_and_month(window.closes_on, today),
                "is_tomorrow": window.closes_on - today == timedelta(days=1),
                "quick_link": signed_link(link.public_id, window.period),
            },
            dedupe_key=f"{event}:{account.id}:{window.period.key}:{window.closes_on.day}:{link.subscriber_id}",
            path=f"/readings/{link.public_id}",
            expires_at=over,
        )

    return find


def _verifications(providers: Sequence[ServiceProvider]) -> Iterator[News]:
    for provider in providers:
        today = clock.today(provider.time_zone)
        # A round of everybody each day: who could not be told on the day of a reminder, because nothing could be told
        # then or the meter or the connection came later, is told as soon as can be before the next reminder is due.
        yield News(f"verification:{provider.id}:{today}", _verification_finder(provider, today))


def _verification_finder(provider: ServiceProvider, today: date) -> Finder:
    zone = ZoneInfo(provider.time_zone)
    last = today + timedelta(days=max(_VERIFICATION_DAYS))

    def find(session: Session, after: int, limit: int) -> list[tuple[int, Notice]]:
        rows = repository.links_to_verify(session, provider.id or 0, today, last, after=after, limit=limit)
        return [(link.id or 0, notice(link, account, meter, until)) for link, account, meter, until in rows]

    def notice(link: AccountLink, account: PersonalAccount, meter: Meter, until: date) -> Notice:
        left = (until - today).days
        due = min(day for day in _VERIFICATION_DAYS if day >= left)
        serial = seen_serial(meter.serial, is_extended=link.level is LinkLevel.EXTENDED)
        return Notice(
            link.subscriber_id,
            NoticeEvent.VERIFICATION,
            "verification",
            {
                **_named(provider, link, account),
                "meter": f"«{RESOURCE_NAMES[meter.resource]}» № {serial}",
                "until": f"{until:%d.%m.%Y}",
                "left": days_left(left),
            },
            dedupe_key=f"verification:{meter.id}:{until}:{due}:{link.subscriber_id}",
            path=f"/readings/{link.public_id}",
            expires_at=datetime.combine(until + timedelta(days=1), time(), zone),
        )

    return find


def _named(provider: ServiceProvider, link: AccountLink, account: PersonalAccount) -> dict[str, object]:
    return {
        "account": account_title(link.own_name, account.number),
        "number": mask_number(account.number),
        "provider": provider.name,
    }
