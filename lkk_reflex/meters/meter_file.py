"""From a line of the provider's file of meters to a meter with its reading.

The format is the portal's own; `docs/registers.ru.md` describes it for people.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lkk_reflex.accounts.account_number import NumberRule, normalise
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.meters.dial import MAX_FRACTION, SCALE_LABELS, to_milli
from lkk_reflex.meters.models import Resource
from lkk_reflex.meters.provider_file import LineRejected, day_of, folded

#: The header's names, as `folded` gives them, and the keys of the cells.
COLUMNS = {
    "ЛС": "number",
    "№ ПУ": "serial",
    "№ПУ": "serial",
    "НОМЕР ПУ": "serial",
    "ЗАВОДСКОЙ НОМЕР": "serial",
    "УСЛУГА": "resource",
    "МЕСТО": "place",
    "РАЗРЯДЫ": "digits_int",
    "ПОСЛЕ ЗАПЯТОЙ": "digits_frac",
    "ЧИСЛО ШКАЛ": "scales",
    "ПОВЕРКА ДО": "verified_until",
    "УСТАНОВЛЕН": "installed_on",
    "СНЯТ": "removed_on",
    "ВМЕСТО": "replaces",
    "КОЭФФИЦИЕНТ": "coefficient",
    "ПРЕДЕЛ": "largest",
    "Т1": "t1",
    "Т2": "t2",
    "Т3": "t3",
    "ДАТА": "taken_on",
    "ПЕРИОД": "period",
    "ВИД": "kind",
}
NEEDED = ("number", "serial", "resource")
#: What companies call the services.
RESOURCES = {
    "ХОЛОДНАЯ ВОДА": Resource.COLD_WATER,
    "ХОЛОДНОЕ ВОДОСНАБЖЕНИЕ": Resource.COLD_WATER,
    "ХВС": Resource.COLD_WATER,
    "ГОРЯЧАЯ ВОДА": Resource.HOT_WATER,
    "ГОРЯЧЕЕ ВОДОСНАБЖЕНИЕ": Resource.HOT_WATER,
    "ГВС": Resource.HOT_WATER,
    "ГАЗ": Resource.GAS,
    "ГАЗ ПРИРОДНЫЙ": Resource.GAS,
    "ГАЗОСНАБЖЕНИЕ": Resource.GAS,
    "ЭЛЕКТРОЭНЕРГИЯ": Resource.ELECTRICITY,
    "ЭЛЕКТРИЧЕСТВО": Resource.ELECTRICITY,
    "ЭЛЕКТРОСНАБЖЕНИЕ": Resource.ELECTRICITY,
    "ОТОПЛЕНИЕ": Resource.HEAT,
    "ТЕПЛОВАЯ ЭНЕРГИЯ": Resource.HEAT,
    "ВОДООТВЕДЕНИЕ": Resource.SEWAGE,
    "ПОЛИВ": Resource.IRRIGATION,
}
DEFAULT_DIGITS = 5
_MOST_DIGITS = 9
_SERIAL_LIMIT, _PLACE_LIMIT = 40, 80
_VALUE = re.compile(r"[0-9]{1,9}(?:[.,][0-9]{1,3})?")
_COEFFICIENT = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{1,8})?")
_ESTIMATED = frozenset({"РАСЧЕТ", "РАСЧЕТНОЕ", "СРЕДНЕЕ", "НОРМАТИВ"})


@dataclass(frozen=True, slots=True)
class MeterLine:
    """What a line tells of one meter; None and empty texts are what it does not tell."""

    line: int
    #: Of the account, normalised.
    number: str
    resource: Resource
    serial: str
    place: str = ""
    digits_int: int | None = None
    digits_frac: int | None = None
    scales: int | None = None
    verified_until: date | None = None
    installed_on: date | None = None
    removed_on: date | None = None
    #: Serial number of the meter that stood there before.
    replaces: str = ""
    coefficient: str = ""
    largest_milli: int | None = None
    #: By scale; empty when the line tells no reading.
    values: Mapping[int, Decimal] | None = None
    taken_on: date | None = None
    period: BillingPeriod | None = None
    is_estimated: bool = False


def parse_line(line: int, cells: Mapping[str, str], rule: NumberRule, today: date) -> MeterLine:
    """Read one line of the file.

    Raises:
        LineRejected: with the reason.
    """
    values = {scale: _value(cells[f"t{scale}"]) for scale in (1, 2, 3) if cells[f"t{scale}"]}
    scales = _whole(cells["scales"], "число шкал", 1, 3)
    taken_on = _day(cells["taken_on"], "дата показания")
    _check_reading(values, scales, taken_on, today)
    return MeterLine(
        line=line,
        number=_account(cells["number"], rule),
        resource=_resource(cells["resource"]),
        serial=serial_of(cells["serial"]),
        place=_cut(cells["place"], _PLACE_LIMIT, "место"),
        digits_int=_whole(cells["digits_int"], "разряды", 1, _MOST_DIGITS),
        digits_frac=_whole(cells["digits_frac"], "после запятой", 0, MAX_FRACTION),
        scales=scales,
        verified_until=_day(cells["verified_until"], "поверка до"),
        installed_on=_day(cells["installed_on"], "установлен"),
        removed_on=_day(cells["removed_on"], "снят"),
        replaces=_cut(cells["replaces"], _SERIAL_LIMIT, "вместо"),
        coefficient=_coefficient(cells["coefficient"]),
        largest_milli=to_milli(_value(cells["largest"])) if cells["largest"] else None,
        values=values or None,
        taken_on=taken_on,
        period=_period(cells["period"]),
        is_estimated=folded(cells["kind"]) in _ESTIMATED,
    )


def labels_of(scales: int) -> tuple[str, ...]:
    """Return the labels of so many scales."""
    return SCALE_LABELS[scales]


def serial_of(text: str) -> str:
    """Return a serial number as it is stored.

    Raises:
        LineRejected: there is none, or it is too long.
    """
    if not text:
        raise LineRejected("нет номера прибора учёта")
    return _cut(text, _SERIAL_LIMIT, "номер прибора учёта")


def _check_reading(values: Mapping[int, Decimal], scales: int | None, taken_on: date | None, today: date) -> None:
    if not values:
        return
    if sorted(values) != list(range(1, (scales or len(values)) + 1)):
        raise LineRejected("показаний не столько, сколько шкал")
    if taken_on is None:
        raise LineRejected("у показания нет даты")
    if taken_on > today:
        raise LineRejected(f"дата показания {taken_on:%d.%m.%Y} ещё не наступила")


def _account(text: str, rule: NumberRule) -> str:
    number = normalise(text, drops_dashes=rule.drops_dashes)
    if not rule.accepts(number):
        raise LineRejected(f"номер счёта «{text[:40]}» не подходит поставщику")
    return number


def _resource(text: str) -> Resource:
    found = RESOURCES.get(folded(text))
    if found is None:
        raise LineRejected(f"услуга «{text[:40]}» неизвестна")
    return found


def _value(text: str) -> Decimal:
    bare = text.replace(" ", "").replace("\N{NO-BREAK SPACE}", "")
    if not _VALUE.fullmatch(bare):
        raise LineRejected(f"показание «{text[:20]}» не читается")
    return Decimal(bare.replace(",", "."))


def _coefficient(text: str) -> str:
    if text and not _COEFFICIENT.fullmatch(text):
        raise LineRejected(f"коэффициент «{text[:20]}» не читается")
    return text.replace(",", ".")


def _whole(text: str, what: str, least: int, most: int) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and least <= int(text[:4]) <= most):
        raise LineRejected(f"{what}: «{text[:20]}», а нужно число от {least} до {most}")
    return int(text)


def _day(text: str, what: str) -> date | None:
    return day_of(text, what) if text else None


def _period(text: str) -> BillingPeriod | None:
    try:
        return BillingPeriod.parse(text) if text else None
    except ValueError:
        raise LineRejected(f"период «{text[:20]}» не читается") from None


def _cut(text: str, limit: int, what: str) -> str:
    if len(text) > limit or not text.isprintable():
        raise LineRejected(f"{what}: «{text[:30]}» длиннее {limit} знаков или с нечитаемыми знаками")
    return text
