"""Makes outages."""

from datetime import timedelta
from typing import Any

from sqlmodel import Session

from lkk_reflex.accounts.models import ServiceProvider
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.outages import staff
from lkk_reflex.outages.models import Outage, OutageKind
from lkk_reflex.outages.rules import NewOutage, Where

#: The street of the accounts that the factories make.
STREET = "ул. Ленина"
TEXT = "Меняем трубу на улице Ленина."


def new_outage(provider: ServiceProvider, *, begins_in: float = 24, lasts: float = 8, **fields: Any) -> NewOutage:
    """Describe a planned outage of the factories' street; the times are hours."""
    starts_at = clock.now() + timedelta(hours=begins_in)
    values: dict[str, Any] = {
        "provider_id": provider.id or 0,
        "service": "холодная вода",
        "kind": OutageKind.PLANNED,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=lasts),
        "text": TEXT,
        "where": Where(STREET),
    }
    return NewOutage(**(values | fields))


def make_outage(session: Session, provider: ServiceProvider, **fields: Any) -> Outage:
    """Announce an outage."""
    system = Viewer.system()
    reach = staff.preview(session, system, new=new_outage(provider, **fields))
    outage = staff.announce(session, system, reach=reach)
    session.flush()
    return outage
