"""The meters of the demo town: two years of readings whose differences are the volumes of the town's bills.

Everything follows from the registers of the town and the numbers below, the ends of verifications from the day too.
"""

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from typing import TypeAlias

from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.meters.models import Resource
from lkk_reflex.meters.policies import PolicyChange
from lkk_reflex.sandbox.town_maker import BOOKS, tariff_in

METERS_HEADER = "ЛС;№ ПУ;Услуга;Место;Разряды;После запятой;Число шкал;Поверка до;Установлен;T1;T2;T3;Дата;Период"
TARIFFS_HEADER = "Услуга;Шкала;Строка квитанции;Действует с;Тариф"

_SEED = "20261101/meters"
#: Homes by their place in the book of their provider.
_ENDS_SOON, _NEAR_ROLLOVER, _HAS_EXPIRED = 0, 2, 4
_SOON, _EXPIRED = timedelta(days=60), timedelta(days=40)
#: All other verifications end in this calendar year from now or in one of the four after it.
_ORDINARY_YEARS = 2
#: What a dial of five digits shows a month or so before it begins anew.
_ALMOST_FULL = 99_994
_EVERY_WITH_TWO, _EVERY_WITH_THREE_SCALES = 4, 3
#: What a day, a night and a peak cost in November 2024, and how much of each a person uses in a month.
_POWER = (("день", "6.12", 62), ("ночь", "3.45", 31), ("пик", "7.90", 24))

#: Red digits are not asked for, as on most bills for water and gas.
POLICIES: dict[str, tuple[Resource, PolicyChange]] = {
    "gorvodokanal": (Resource.COLD_WATER, PolicyChange(takes_fraction=False)),
    "mezhraigaz": (Resource.GAS, PolicyChange(takes_fraction=False)),
    "teploset": (Resource.HOT_WATER, PolicyChange(takes_fraction=False)),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """The meters that one provider reads: by which line of the bill, and how their dials look."""

    resource: str
    #: The line of the bill that tells the volume, and all lines that follow it.
    services: tuple[str, ...]
    digits: int
    fraction: int
    places: tuple[str, ...]


#: What was used in a month, by period.
Volumes: TypeAlias = dict[BillingPeriod, int]

KINDS = {
    "gorvodokanal": Kind("Холодная вода", ("Холодная вода", "Водоотведение"), 5, 3, ("кухня", "санузел")),
    "mezhraigaz": Kind("Газ", ("Газ природный",), 5, 3, ("кухня",)),
    "teploset": Kind("Горячая вода", ("Горячая вода",), 5, 3, ("санузел",)),
}
_POWER_PROVIDER = "uyutny-dom"


def meter_lines(provider_code: str, register: Path, today: date) -> Iterator[str]:
    """Yield the lines of a provider's file of meters, the header first; none for a provider without meters."""
    book = next(book for book in BOOKS if book.provider_code == provider_code)
    if provider_code == _POWER_PROVIDER:
        periods = sorted({period for *_, period in _rows(register)})
        yield METERS_HEADER
        for place in book.homes:
            yield from _power_meter(book.number(place), place, periods, today)
    elif provider_code in KINDS:
        yield METERS_HEADER
        used = _volumes(register, KINDS[provider_code].services[0])
        for place in book.homes:
            yield from _meters(KINDS[provider_code], book.number(place), place, used[book.number(place)], today)


def tariff_lines(provider_code: str, register: Path) -> Iterator[str]:
    """Yield the lines of a provider's file of tariffs: those of its bills, from the period on in which they appear."""
    yield TARIFFS_HEADER
    if provider_code == _POWER_PROVIDER:
        yield from _power_tariffs(sorted({period for *_, period in _rows(register)}))
    elif provider_code in KINDS:
        kind = KINDS[provider_code]
        last: dict[str, str] = {}
        seen = {(period, service): tariff for _, service, _, tariff, period in _rows(register)}
        for (period, service), tariff in sorted(seen.items()):
            if service in kind.services and last.get(service) != tariff:
                last[service] = tariff
                yield f"{kind.resource};;{service};{period.first_day:%d.%m.%Y};{tariff}"


def _rows(register: Path) -> Iterator[tuple[str, str, str, str, BillingPeriod]]:
    """Yield the account, the service, its volume, its tariff and the period of each line of a register."""
    with register.open(encoding="utf-8", newline="") as stream:
        table = csv.DictReader((line for line in stream if not line.startswith("#")), delimiter=";")
        for row in table:
            yield row["ЛС"], row["Услуга"], row["Объём"], row["Тариф"], BillingPeriod.parse(row["Период"])


def _volumes(register: Path, service: str) -> dict[str, Volumes]:
    found: dict[str, Volumes] = {}
    for number, name, volume, _, period in _rows(register):
        if name == service:
            found.setdefault(number, {})[period] = int(volume)
    return found


def _meters(kind: Kind, number: str, place: int, used: Volumes, today: date) -> Iterator[str]:
    chance = _chance(kind.resource, number)
    has_two = len(kind.places) > 1 and place % _EVERY_WITH_TWO == 0
    first = {
        period: int(volume * (0.35 + 0.3 * chance.random())) if has_two else volume for period, volume in used.items()
    }
    second = {period: volume - first[period] for period, volume in used.items()}
    for where, volumes in zip(kind.places, (first, second) if has_two else (first,), strict=False):
        total = sum(volumes.values())
        start = _ALMOST_FULL - total if place == _NEAR_ROLLOVER else 40 + int(chance.random() * 900)
        # Where there are two meters, the one whose verification matters stands second.
        is_last = where == kind.places[-1] or not has_two
        yield from _lines(
            [number, _serial(chance), kind.resource, where, str(kind.digits), str(kind.fraction), "1"],
            [[value] for value in accumulate(volumes.values(), initial=start)],
            sorted(volumes),
            _verified(place if is_last else None, chance, today),
            chance,
        )


def _power_meter(number: str, place: int, periods: Sequence[BillingPeriod], today: date) -> Iterator[str]:
    chance = _chance("power", number)
    people = 1 + int(chance.random() * 4)
    count = 3 if place % _EVERY_WITH_THREE_SCALES == 1 else 2
    scales = [
        list(
            accumulate(
                (int(usual * people * (0.8 + 0.4 * chance.random())) for _ in periods),
                initial=1000 + int(chance.random() * 20000),
            )
        )
        for _, _, usual in _POWER[:count]
    ]
    yield from _lines(
        [number, _serial(chance), "Электроэнергия", "площадка", "6", "1", str(count)],
        [list(values) for values in zip(*scales, strict=True)],
        periods,
        _verified(None, chance, today),
        chance,
    )


def _lines(
    description: list[str],
    values: Sequence[Sequence[int]],
    periods: Sequence[BillingPeriod],
    verified_until: date,
    chance: random.Random,
) -> Iterator[str]:
    """Yield the readings of one meter: one before the first bill, one for each."""
    installed_on = periods[0].shifted(-30 - int(chance.random() * 24)).first_day.replace(day=12)
    for period, shown in zip([periods[0].shifted(-1), *periods], values, strict=True):
        day = period.first_day.replace(day=18 + int(chance.random() * 8))
        cells = [str(value) for value in shown] + [""] * (3 - len(shown))
        facts = [f"{verified_until:%d.%m.%Y}", f"{installed_on:%d.%m.%Y}"]
        yield ";".join([*description, *facts, *cells, f"{day:%d.%m.%Y}", f"{period.month:02d}.{period.year}"])


def _power_tariffs(periods: Sequence[BillingPeriod]) -> Iterator[str]:
    for scale, (label, base, _) in enumerate(_POWER, 1):
        last = None
        for period in periods:
            tariff = tariff_in(period, Decimal(base))
            if tariff != last:
                last = tariff
                price = f"{tariff}".replace(".", ",")
                yield f"Электроэнергия;{scale};Электроэнергия, {label};{period.first_day:%d.%m.%Y};{price}"


def _verified(place: int | None, chance: random.Random, today: date) -> date:
    years = _ORDINARY_YEARS + int(chance.random() * 5)
    ordinary = date(today.year + years, 1 + int(chance.random() * 12), 1 + int(chance.random() * 28))
    if place == _ENDS_SOON:
        return today + _SOON
    return today - _EXPIRED if place == _HAS_EXPIRED else ordinary


def _serial(chance: random.Random) -> str:
    return f"{10 + int(chance.random() * 14)}-{100000 + int(chance.random() * 900000)}"


def _chance(*names: str) -> random.Random:
    """Return chances of one meter's own, so that a new one changes no other."""
    return random.Random("/".join((_SEED, *names)))  # noqa: S311 - repeatable, not secret.
