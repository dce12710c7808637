"""Which of a person's accounts have meters, and which of these want to be verified: one query for all of them."""

from datetime import date

from sqlmodel import Session

from lkk_reflex.accounts.models import AccountLink, LinkLevel
from lkk_reflex.accounts.statements import linked_bill
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.meters import overview_repository
from lkk_reflex.meters.access import seen_serial
from lkk_reflex.meters.dial import RESOURCE_NAMES
from lkk_reflex.meters.glance import MeteredAccount, MeterGlance
from lkk_reflex.meters.models import Meter
from lkk_reflex.meters.rules import verification_on


def metered_accounts(session: Session, viewer: Viewer) -> list[MeteredAccount]:
    """Return the viewer's accounts that have meters, in the order of connecting.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    rows = overview_repository.connected_meters(session, viewer.require_subscriber())
    found: dict[str, MeteredAccount] = {}
    for link, account, provider, meter in rows:
        known = found.get(link.public_id)
        today = known.today if known else clock.today(provider.time_zone)
        found[link.public_id] = MeteredAccount(
            link_id=link.public_id,
            title=link.own_name or provider.name,
            provider_name=provider.name,
            number_shown=account.number_shown,
            today=today,
            meters=(*(known.meters if known else ()), _glance(link, meter, today)),
        )
    return list(found.values())


def account_name(session: Session, viewer: Viewer, *, link_id: str) -> str:
    """Return how the viewer knows an account: `Дача · № 3700 1234 5678`.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has no such connection.
    """
    bill = linked_bill(session, viewer, public_id=link_id)
    return f"{bill.own_name or bill.provider_name} · №\N{NO-BREAK SPACE}{bill.number_shown}"


def _glance(link: AccountLink, meter: Meter, today: date) -> MeterGlance:
    return MeterGlance(
        RESOURCE_NAMES[meter.resource],
        seen_serial(meter.serial, is_extended=link.level is LinkLevel.EXTENDED),
        verification_on(today, meter.verified_until),
    )
