"""Makes meters, their readings, rules and tariffs."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from sqlmodel import Session

from lkk_reflex.accounts.models import PersonalAccount, ServiceProvider
from lkk_reflex.kit import clock
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.meters.dial import SCALE_LABELS, field_name, to_milli
from lkk_reflex.meters.models import (
    Meter,
    MeterPolicy,
    MeterScale,
    Reading,
    ReadingSource,
    ReadingState,
    ReadingValue,
    Resource,
    Tariff,
)
from lkk_reflex.meters.views import Form

_numbers = count(1)


def make_meter(session: Session, account: PersonalAccount, *, scales: int = 1, **fields: Any) -> Meter:
    """Store a meter of cold water with five digits, unless something else is told."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "public_id": f"{number:016x}",
        "account_id": account.id,
        "resource": Resource.COLD_WATER,
        "serial": f"31-{number:06d}",
        "created_at": clock.now(),
    }
    meter = Meter(**(values | fields))
    session.add(meter)
    session.flush()
    session.add_all(
        MeterScale(meter_id=meter.id or 0, scale=scale, label=label)
        for scale, label in enumerate(SCALE_LABELS[scales], 1)
    )
    session.flush()
    return meter


def make_reading(
    session: Session, meter: Meter, *values: str | int, on: date = date(2026, 10, 20), **fields: Any
) -> Reading:
    """Store a reading that the provider has counted, unless something else is told; values by scale."""
    told: dict[str, Any] = {
        "meter_id": meter.id,
        "period": BillingPeriod.of(on).key,
        "taken_on": on,
        "source": ReadingSource.PROVIDER,
        "state": ReadingState.COUNTED,
        "submitted_at": clock.now(),
    }
    reading = Reading(**(told | fields))
    session.add(reading)
    session.flush()
    session.add_all(
        ReadingValue(reading_id=reading.id or 0, scale=scale, value_milli=to_milli(Decimal(value)))
        for scale, value in enumerate(values, 1)
    )
    session.flush()
    return reading


def make_history(session: Session, meter: Meter, first: int, *used: int, until: date = date(2026, 10, 20)) -> None:
    """Store a reading of each month up to a day, the first value and what was used in each month after it."""
    value = first
    for back, amount in zip(range(len(used), -1, -1), (0, *used), strict=True):
        value += amount
        month = BillingPeriod.of(until).shifted(-back)
        make_reading(session, meter, value, on=date(month.year, month.month, until.day))


def make_policy(
    session: Session, provider: ServiceProvider, resource: Resource = Resource.COLD_WATER, **fields: Any
) -> MeterPolicy:
    """Store the rule of a provider for a resource."""
    policy = MeterPolicy(provider_id=provider.id or 0, resource=resource, **fields)
    session.add(policy)
    session.flush()
    return policy


def make_tariff(session: Session, provider: ServiceProvider, price: str, **fields: Any) -> Tariff:
    """Store a tariff of cold water from January on, unless something else is told."""
    told: dict[str, Any] = {
        "provider_id": provider.id,
        "resource": Resource.COLD_WATER,
        "service": "Холодная вода",
        "valid_from": date(2026, 1, 1),
        "price": price,
    }
    tariff = Tariff(**(told | fields))
    session.add(tariff)
    session.flush()
    return tariff


def make_form(
    link_id: str, *told: tuple[Meter, str | tuple[str, ...]], intent_id: str = "", confirmed: Iterable[str] = ()
) -> Form:
    """Fill in a form: for each meter a value, or those of its scales."""
    typed = {
        field_name(meter.public_id, scale): text
        for meter, texts in told
        for scale, text in enumerate((texts,) if isinstance(texts, str) else texts, 1)
    }
    return Form(link_id, intent_id or f"intent-{next(_numbers)}", typed, frozenset(confirmed))
