"""What is known of each meter at the moment when its reading is asked for or taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session

from lkk_reflex.kit import clock
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.errors import PortalError
from lkk_reflex.meters import repository, rules
from lkk_reflex.meters.access import MeterAccount
from lkk_reflex.meters.cost import Price
from lkk_reflex.meters.dial import Dial, from_milli, unit_of
from lkk_reflex.meters.errors import CorrectionRequested, SentBySomebodyElse, VerificationExpired, WindowClosed
from lkk_reflex.meters.models import (
    Meter,
    MeterPolicy,
    OutsideWindow,
    ReadingSource,
    ReadingState,
    Tariff,
    WhenExpired,
)
from lkk_reflex.meters.repository import KnownReading
from lkk_reflex.meters.rules import Limits, Previous, Taken, Verification, VerificationKind, Window

#: Readings that stand; the others are kept for the record.
LIVING = frozenset({ReadingState.ACCEPTED, ReadingState.EXPORTED, ReadingState.COUNTED})
#: Whose readings may be corrected by sending another one.
SENT = frozenset({ReadingSource.SUBSCRIBER, ReadingSource.OPERATOR})
_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class MeterFacts:
    """One meter that is read, on one day."""

    meter: Meter
    labels: Mapping[int, str]
    policy: MeterPolicy
    dial: Dial
    window: Window
    verification: Verification
    #: What was sent for the window's period.
    present: KnownReading | None
    #: What was sent for the period before, while its window is over and the next one is not open.
    last: KnownReading | None
    previous: Previous | None
    average: Decimal | None
    #: Every version of every reading, in the order in which they were taken.
    readings: Sequence[KnownReading]

    @property
    def limits(self) -> Limits:
        """Return what the provider lets pass."""
        policy = self.policy
        largest = self.meter.max_consumption_milli or policy.max_consumption_milli
        return Limits(
            takes_zero=policy.takes_zero,
            takes_rollover=policy.takes_rollover,
            largest=None if largest is None else from_milli(largest),
            alarm_factor=Decimal(policy.alarm_percent) / _HUNDRED,
        )

    @property
    def months(self) -> int:
        """Return how many months a reading of the window's period covers."""
        return rules.months_between(self.previous.period, self.window.period) if self.previous else 1

    @property
    def coefficient(self) -> Decimal:
        """Return by what a volume is multiplied to be paid for."""
        return Decimal(self.meter.coefficient or 1)

    def refusal(self, account: MeterAccount) -> PortalError | None:
        """Return why no reading is taken of this viewer now, whatever it would be."""
        if not self.window.is_open and self.policy.outside_window is OutsideWindow.REFUSE:
            window = self.window
            return WindowClosed(opens_on=f"{window.opens_on:%d.%m.%Y}", closes_on=f"{window.closes_on:%d.%m.%Y}")
        is_expired = self.verification.kind is VerificationKind.EXPIRED
        if is_expired and self.policy.when_expired is WhenExpired.REFUSE:
            return VerificationExpired(verified_until=f"{self.verification.until:%d.%m.%Y}")
        return self.refusal_to_correct(account)

    def refusal_to_correct(self, account: MeterAccount) -> PortalError | None:
        """Return why what was sent for the period may not be corrected by this viewer."""
        if self.present is None:
            return None
        if self.present.row.state is not ReadingState.ACCEPTED:
            return CorrectionRequested(period=self.window.period.label)
        if not account.is_extended and not is_own(self.present, account):
            return SentBySomebodyElse(period=self.window.period.label)
        return None


def is_own(known: KnownReading, account: MeterAccount) -> bool:
    """Tell whether the viewer has sent this reading."""
    return known.row.subscriber_id is not None and known.row.subscriber_id == account.subscriber_id


def meters_now(session: Session, account: MeterAccount) -> list[MeterFacts]:
    """Return the meters of an account that are read, as they stand today."""
    found = repository.meters(session, account.account_id, active=True)
    ids = [meter.id or 0 for meter in found]
    labels, readings = repository.scales(session, ids), repository.readings(session, ids)
    policies = repository.policies(session, account.provider_id)
    today = clock.today(account.time_zone)
    return [
        _facts(
            meter,
            labels.get(meter.id or 0, {}),
            policies.get(meter.resource) or MeterPolicy(provider_id=account.provider_id, resource=meter.resource),
            readings.get(meter.id or 0, []),
            today,
        )
        for meter in found
    ]


def _facts(
    meter: Meter, labels: Mapping[int, str], policy: MeterPolicy, readings: Sequence[KnownReading], today: date
) -> MeterFacts:
    window = rules.window_at(today, policy.window_from, policy.window_to)
    living = [known for known in readings if known.row.state in LIVING]
    present = _sent_for(living, window.period)
    earlier = [known for known in living if known is not present and known.row.source is not ReadingSource.ESTIMATED]
    dial = dial_of(meter, policy)
    return MeterFacts(
        meter=meter,
        labels=labels,
        policy=policy,
        dial=dial,
        window=window,
        verification=rules.verification_on(today, meter.verified_until),
        present=present,
        last=None if window.is_open else _sent_for(living, window.period.shifted(-1)),
        previous=_previous(earlier[-1]) if earlier else None,
        average=rules.average_of(rules.usages(taken(earlier), dial.span)),
        readings=readings,
    )


def taken(readings: Sequence[KnownReading]) -> list[Taken]:
    """Return readings as the rules want them."""
    return [Taken(BillingPeriod.from_key(known.row.period), known.values) for known in readings]


def dial_of(meter: Meter, policy: MeterPolicy | None) -> Dial:
    """Return the dial as far as it is read."""
    takes_fraction = policy is None or policy.takes_fraction
    return Dial(meter.digits_int, meter.digits_frac if takes_fraction else 0, unit_of(meter.resource))


def prices_of(tariffs: Sequence[Tariff]) -> list[Price]:
    """Return tariffs as the estimate wants them."""
    return [Price(row.resource, row.scale, row.service, row.valid_from, Decimal(row.price)) for row in tariffs]


def _sent_for(living: Sequence[KnownReading], period: BillingPeriod) -> KnownReading | None:
    sent = (known for known in reversed(living) if known.row.period == period.key and known.row.source in SENT)
    return next(sent, None)


def _previous(known: KnownReading) -> Previous:
    return Previous(known.values, known.row.taken_on, BillingPeriod.from_key(known.row.period))
