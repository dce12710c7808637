"""What is off in the demo town: water in one street next week, gas everywhere since the morning."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.outages.models import OutageKind
from lkk_reflex.outages.rules import NewOutage, Where
from lkk_reflex.outages.staff import announce, preview

_DAYS_BEFORE = 5
_STREET = "ул. Садовая"


def announce_outages(session: Session, provider_ids: Mapping[str, int], zone: str) -> None:
    """Announce the outages of the town, from its present day on."""
    system, now = Viewer.system(), clock.now()
    day = clock.today(zone) + timedelta(days=_DAYS_BEFORE)
    planned = NewOutage(
        provider_ids["gorvodokanal"],
        "холодная вода",
        OutageKind.PLANNED,
        datetime.combine(day, time(9), ZoneInfo(zone)),
        datetime.combine(day, time(17), ZoneInfo(zone)),
        "Меняем участок трубы. Запаситесь водой заранее.",
        Where(_STREET),
    )
    hour = now.replace(minute=0, second=0, microsecond=0)
    emergency = NewOutage(
        provider_ids["mezhraigaz"],
        "газ",
        OutageKind.EMERGENCY,
        hour - timedelta(hours=2),
        hour + timedelta(hours=10),
        "Чиним газопровод после аварии. Проверьте, что краны плиты и котла закрыты.",
    )
    for outage in (planned, emergency):
        announce(session, system, reach=preview(session, system, new=outage))
