"""What a consumption will cost by the tariffs of its month: an estimate, the bill is the provider's. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from lkk_reflex.kit.money import Money
from lkk_reflex.meters.models import Resource

_EVERY_SCALE = 0


@dataclass(frozen=True, slots=True)
class Price:
    """What a service costs for a unit of a resource from a day on; `scale` 0 is for every scale."""

    resource: Resource
    scale: int
    service: str
    valid_from: date
    price: Decimal


@dataclass(frozen=True, slots=True)
class Volume:
    """What one scale of a meter has used."""

    resource: Resource
    scale: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class CostLine:
    """One line of the estimate: a service at one price."""

    service: str
    volume: Decimal
    price: Decimal
    cost: Money


def prices_on(prices: Iterable[Price], day: date) -> list[Price]:
    """Return the prices that hold on a day: of each service, resource and scale the latest that has begun."""
    valid = sorted((price for price in prices if price.valid_from <= day), key=lambda price: price.valid_from)
    return list({(price.service, price.resource, price.scale): price for price in valid}.values())


def estimate(volumes: Sequence[Volume], prices: Sequence[Price]) -> list[CostLine]:
    """Return the lines of services, each rounded half up to kopecks as a bill is; `prices` hold on one day.

    Volumes of several meters at one price make one line. A resource without a tariff makes none.
    """
    amounts: dict[tuple[str, Decimal], Decimal] = {}
    by_resource = _by_resource(prices)
    for volume in volumes:
        for price in by_resource.get(volume.resource, ()):
            if price.scale in (_EVERY_SCALE, volume.scale):
                key = (price.service, price.price)
                amounts[key] = amounts.get(key, Decimal(0)) + volume.amount
    return [
        CostLine(service, amount, price, Money.from_decimal(amount * price))
        for (service, price), amount in amounts.items()
    ]


def total(lines: Iterable[CostLine]) -> Money:
    """Return the sum of lines."""
    return sum((line.cost for line in lines), Money.zero())


def _by_resource(prices: Sequence[Price]) -> Mapping[Resource, list[Price]]:
    def resource(price: Price) -> Resource:
        return price.resource

    return {key: list(group) for key, group in groupby(sorted(prices, key=resource), key=resource)}
