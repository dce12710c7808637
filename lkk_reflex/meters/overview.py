"""Which of a person's accounts have meters, whether their readings are in, which want to be verified: in one query."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Final

from sqlmodel import Session

from lkk_reflex.accounts.models import LinkLevel
from lkk_reflex.accounts.statements import linked_bill
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.meters import overview_repository, rules
from lkk_reflex.meters.access import seen_serial
from lkk_reflex.meters.dial import RESOURCE_NAMES
from lkk_reflex.meters.facts import LIVING, SENT
from lkk_reflex.meters.glance import MeteredAccount, MeterGlance
from lkk_reflex.meters.models import MeterPolicy, Resource, WhenExpired
from lkk_reflex.meters.overview_repository import ConnectedMeter
from lkk_reflex.meters.rules import VerificationKind, verification_on
from lkk_reflex.meters.standing import MeterStanding, standing_of

#: The rules of a provider that has said nothing; they are the same for every resource.
_USUAL: Final = MeterPolicy(provider_id=0, resource=Resource.COLD_WATER)


def metered_accounts(session: Session, viewer: Viewer) -> list[MeteredAccount]:
    """Return the viewer's accounts that have meters, in the order of connecting.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    # A window may end in the next month, and elsewhere it is another day already.
    month = BillingPeriod.of(clock.now().date())
    subscriber_id = viewer.require_subscriber()
    rows = overview_repository.connected_meters(
        session, subscriber_id, first=month.shifted(-3).key, last=month.shifted(2).key, states=LIVING
    )
    return [_account(list(of_account)) for _, of_account in groupby(rows, key=lambda row: row.link_id)]


def account_name(session: Session, viewer: Viewer, *, link_id: str) -> str:
    """Return how the viewer knows an account: `Дача · № 3700 1234 5678`.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has no such connection.
    """
    return linked_bill(session, viewer, public_id=link_id).full_title


def _account(rows: Sequence[ConnectedMeter]) -> MeteredAccount:
    first = rows[0]
    today = clock.today(first.time_zone)
    meters = [list(of_meter) for _, of_meter in groupby(rows, key=lambda row: row.meter_id)]
    standings = [_standing(of_meter, today) for of_meter in meters]
    return MeteredAccount(
        link_id=first.link_id,
        title=first.own_name or first.provider_name,
        provider_name=first.provider_name,
        number_shown=first.number_shown,
        today=today,
        meters=tuple(_glance(of_meter[0], today) for of_meter in meters),
        standing=standing_of([standing for standing in standings if standing]),
    )


def _standing(rows: Sequence[ConnectedMeter], today: date) -> MeterStanding | None:
    """Return how the readings of a meter stand; None when none are taken before it is verified."""
    meter = rows[0]
    is_expired = verification_on(today, meter.verified_until).kind is VerificationKind.EXPIRED
    if is_expired and (meter.when_expired or _USUAL.when_expired) is WhenExpired.REFUSE:
        return None
    days = meter.window_from or _USUAL.window_from, meter.window_to or _USUAL.window_to
    window = rules.window_at(today, *days)
    return MeterStanding(
        window=window,
        before=rules.window_of(window.period.shifted(-1), *days, today),
        sent=frozenset(BillingPeriod.from_key(row.period) for row in rows if row.period and row.source in SENT),
        read=frozenset(BillingPeriod.from_key(row.period) for row in rows if row.period),
    )


def _glance(meter: ConnectedMeter, today: date) -> MeterGlance:
    return MeterGlance(
        RESOURCE_NAMES[meter.resource],
        seen_serial(meter.serial, is_extended=meter.level is LinkLevel.EXTENDED),
        verification_on(today, meter.verified_until),
    )
