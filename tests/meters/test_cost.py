"""What a consumption will cost by dated tariffs."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from lkk_reflex.kit.money import Money
from lkk_reflex.meters import cost
from lkk_reflex.meters.cost import Price, Volume
from lkk_reflex.meters.models import Resource

COLD, HOT, POWER = Resource.COLD_WATER, Resource.HOT_WATER, Resource.ELECTRICITY
JANUARY, JULY = date(2026, 1, 1), date(2026, 7, 1)


def _price(
    text: str, *, resource: Resource = COLD, scale: int = 0, service: str = "Вода", since: date = JANUARY
) -> Price:
    return Price(resource, scale, service, since, Decimal(text))


def _volume(amount: str, resource: Resource = COLD, scale: int = 1) -> Volume:
    return Volume(resource, scale, Decimal(amount))


def test_the_latest_tariff_that_has_begun_holds() -> None:
    prices = [_price("40"), _price("45", since=JULY), _price("50", since=date(2027, 1, 1))]
    assert [price.price for price in cost.prices_on(prices, date(2026, 6, 30))] == [40]
    assert [price.price for price in cost.prices_on(prices, JULY)] == [45]
    assert cost.prices_on(prices, date(2025, 12, 31)) == []


def test_several_services_follow_one_volume() -> None:
    prices = [_price("47.88"), _price("38.80", service="Водоотведение")]
    lines = cost.estimate([_volume("7")], prices)
    assert [(line.service, line.cost) for line in lines] == [
        ("Вода", Money(335_16)), ("Водоотведение", Money(271_60)),
    ]  # fmt: skip
    assert cost.total(lines) == Money(606_76)


def test_meters_of_one_resource_and_waste_water_of_two_make_one_line_each() -> None:
    prices = [
        _price("40"),
        _price("30", service="Водоотведение"),
        _price("30", resource=HOT, service="Водоотведение"),
    ]
    lines = cost.estimate([_volume("2"), _volume("3"), _volume("1", HOT)], prices)
    assert [(line.service, line.volume) for line in lines] == [("Вода", Decimal(5)), ("Водоотведение", Decimal(6))]


def test_each_scale_has_its_own_price() -> None:
    prices = [
        _price("6", resource=POWER, scale=1, service="День"),
        _price("3", resource=POWER, scale=2, service="Ночь"),
    ]
    lines = cost.estimate([_volume("10", POWER), _volume("20", POWER, 2)], prices)
    assert [(line.service, line.cost) for line in lines] == [("День", Money(60_00)), ("Ночь", Money(60_00))]


def test_a_line_is_rounded_once_and_half_up() -> None:
    assert cost.estimate([_volume("0.5"), _volume("0.5")], [_price("0.005")])[0].cost == Money(1)
    assert cost.estimate([_volume("1")], [_price("0.005")])[0].cost == Money(1)
    assert cost.estimate([_volume("1")], [_price("0.0049")])[0].cost == Money(0)


def test_a_resource_without_a_tariff_costs_nothing_that_is_known() -> None:
    assert cost.estimate([_volume("7", HOT)], [_price("40")]) == []


@given(st.lists(st.decimals(0, 500, places=3), min_size=1, max_size=5), st.decimals(0, 9999, places=2))
def test_the_total_is_the_sum_of_lines_to_the_kopeck(amounts: list[Decimal], price: Decimal) -> None:
    lines = cost.estimate([Volume(COLD, 1, amount) for amount in amounts], [_price(str(price))])
    assert cost.total(lines) == Money.from_decimal(sum(amounts, Decimal(0)) * price)
