"""Messages about outages: the announcement, other times, the end; each of them once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from lkk_reflex.accounts.masking import account_title
from lkk_reflex.accounts.models import AccountLink, LinkLevel, PersonalAccount, ServiceProvider
from lkk_reflex.identity.models import NoticeEvent
from lkk_reflex.identity.notices import Notice
from lkk_reflex.kit import clock
from lkk_reflex.outages import repository
from lkk_reflex.outages.models import Outage, OutageKind, OutageState
from lkk_reflex.outages.projection import KIND_LABELS, PAGE, place_of, span
from lkk_reflex.outages.rules import SHOWN_AFTER

#: What could not be told for so long is not told any more.
_NEWS: Final = timedelta(days=7)


def fresh_outages(session: Session) -> Sequence[tuple[Outage, ServiceProvider]]:
    """Return the outages of which there may be something to tell, told already or not."""
    now = clock.now()
    found = repository.revised_since(session, now - _NEWS)
    return [(outage, provider) for outage, provider in found if now < _tellable_until(outage)]


def is_urgent(outage: Outage, wakes_at: datetime) -> bool:
    """Tell whether people are told at any hour: what has broken, and what begins before they wake."""
    is_unexpected = outage.kind is OutageKind.EMERGENCY or outage.starts_at < wakes_at
    return outage.state is OutageState.ANNOUNCED and is_unexpected


def notices_of(
    session: Session, outage: Outage, provider: ServiceProvider, *, heard_until: int | None, after: int, limit: int
) -> list[tuple[int, Notice]]:
    """Return the notices for the next connections, each with the id of its own.

    `heard_until` is the last connection that has been told of this outage before, None when all have. Who has never
    heard of it hears of its announcement only, and of its end nothing.
    """
    last = heard_until if outage.state is not OutageState.ANNOUNCED else None
    rows = repository.links_concerned(session, outage, after=after, last=last, limit=limit)
    return [
        (link.id or 0, _notice(outage, provider, link, account, _template(outage, link, heard_until)))
        for link, account in rows
    ]


def _notice(
    outage: Outage, provider: ServiceProvider, link: AccountLink, account: PersonalAccount, template: str
) -> Notice:
    # At basic access nobody has proved that the account is theirs, and the text may name streets.
    is_extended = link.level is LinkLevel.EXTENDED
    zone = ZoneInfo(provider.time_zone)
    return Notice(
        link.subscriber_id,
        NoticeEvent.OUTAGE,
        template,
        {
            "account": account_title(link.own_name, account.number),
            "provider": provider.name,
            "service": outage.service,
            "kind": KIND_LABELS[outage.kind].lower(),
            "when": span(outage, zone, clock.now(), is_kept=True),
            "starts": _short(outage.starts_at, zone),
            "ends": _short_end(outage, zone),
            "place": place_of(outage) if is_extended else "",
            "text": outage.text if is_extended else "",
            "is_cancelled": outage.state is OutageState.CANCELLED,
        },
        dedupe_key=f"outage:{outage.id}:{outage.revision}:{account.id}:{link.subscriber_id}",
        path=PAGE,
        expires_at=_tellable_until(outage),
    )


def _template(outage: Outage, link: AccountLink, heard_until: int | None) -> str:
    if outage.state is not OutageState.ANNOUNCED:
        return "outage_over"
    is_heard_of = heard_until is None or (link.id or 0) <= heard_until
    return "outage_changed" if is_heard_of else "outage_announced"


def _tellable_until(outage: Outage) -> datetime:
    is_over = outage.state is not OutageState.ANNOUNCED
    return outage.revised_at + SHOWN_AFTER if is_over else outage.ends_at


def _short(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{local:%d.%m} {local.hour}:{local:%M}"


def _short_end(outage: Outage, zone: ZoneInfo) -> str:
    """Return the end without the day of the beginning, so that both fit into one message."""
    whole = _short(outage.ends_at, zone)
    day = f"{outage.starts_at.astimezone(zone):%d.%m} "
    return whole.removeprefix(day)
