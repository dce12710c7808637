"""What a dial can show: reading what people type, whole thousandths, and the words for it. Pure."""

import re
from dataclasses import dataclass
from decimal import Decimal

from lkk_reflex.kit.errors import PortalError
from lkk_reflex.meters.errors import ReadingNegative, ReadingUnreadable, TooManyDecimals, TooManyDigits
from lkk_reflex.meters.models import Resource

MAX_FRACTION = 3
_THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"
_SPACES = re.compile(r"[\s\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}]+")
_VALUE = re.compile(r"([0-9]+)(?:[.,]([0-9]*))?")
_NEGATIVE = re.compile(r"[-\N{MINUS SIGN}\N{EN DASH}][0-9]+(?:[.,][0-9]*)?")
_FIELD = re.compile(r"value-([0-9a-f]{16})-([1-3])")
_METER = re.compile(r"[0-9a-f]{16}")
_PHOTO = "photo-"
_BIG, _SMALL = 10_000, 10

#: The names of services as bills have them.
RESOURCE_NAMES: dict[Resource, str] = {
    Resource.COLD_WATER: "Холодная вода",
    Resource.HOT_WATER: "Горячая вода",
    Resource.GAS: "Газ",
    Resource.ELECTRICITY: "Электроэнергия",
    Resource.HEAT: "Отопление",
    Resource.SEWAGE: "Водоотведение",
    Resource.IRRIGATION: "Полив",
}
UNITS: dict[Resource, str] = {
    Resource.ELECTRICITY: "кВт·ч",
    Resource.HEAT: "Гкал",
}
_CUBIC_METRE = "м³"
#: Labels of scales by how many there are; companies may name them otherwise.
SCALE_LABELS: dict[int, tuple[str, ...]] = {1: ("",), 2: ("день", "ночь"), 3: ("день", "ночь", "пик")}


@dataclass(frozen=True, slots=True)
class Dial:
    """How many digits are read before and after the point."""

    digits_int: int
    digits_frac: int = 0
    unit: str = "м³"

    @property
    def span(self) -> Decimal:
        """Return the value at which the dial begins anew: 100000 for five digits."""
        return Decimal(10) ** self.digits_int

    @property
    def allowed(self) -> str:
        """Return the words for what may be typed."""
        whole = f"не больше {self.digits_int}\N{NO-BREAK SPACE}цифр"
        if not self.digits_frac:
            return f"целое число, {whole}"
        return f"{whole} до запятой и не больше {self.digits_frac} после"

    def whole(self, value: Decimal) -> Decimal:
        """Return the part of a value that is read: without the digits that nobody asks for."""
        return value.quantize(Decimal(1).scaleb(-self.digits_frac), rounding="ROUND_FLOOR")

    def shown(self, value: Decimal) -> str:
        """Return a value with its unit: `7 м³`."""
        return f"{shown(value)}\N{NO-BREAK SPACE}{self.unit}"

    def parse(self, text: str) -> Decimal:
        """Read what a person types: comma or point, spaces, leading zeros.

        Raises:
            ReadingUnreadable, ReadingNegative, TooManyDigits, TooManyDecimals: with the words for what is allowed.
        """
        bare = _SPACES.sub("", text)
        match = _VALUE.fullmatch(bare)
        if match is None:
            is_negative = _NEGATIVE.fullmatch(bare) is not None
            raise (ReadingNegative if is_negative else ReadingUnreadable)(allowed=self.allowed)
        whole, fraction = match[1].lstrip("0"), (match[2] or "").rstrip("0")
        if len(whole) > self.digits_int:
            raise TooManyDigits(allowed=self.allowed)
        if len(fraction) > self.digits_frac:
            raise TooManyDecimals(allowed=self.allowed)
        return trimmed(Decimal(f"{whole or '0'}.{fraction or '0'}"))


def parsed(dial: Dial, text: str) -> Decimal | PortalError:
    """Read what a person types, or return the refusal."""
    try:
        return dial.parse(text)
    except PortalError as refusal:
        return refusal


def to_milli(value: Decimal) -> int:
    """Return a value as whole thousandths.

    Raises:
        ValueError: when it has more than three digits after the point.
    """
    scaled = value.scaleb(MAX_FRACTION)
    if scaled != scaled.to_integral_value():
        raise ValueError("more than three digits after the point")
    return int(scaled)


def from_milli(milli: int) -> Decimal:
    """Return whole thousandths as a value without needless zeros."""
    return trimmed(Decimal(milli).scaleb(-MAX_FRACTION))


def trimmed(value: Decimal) -> Decimal:
    """Return the same value without needless zeros and without an exponent: 7.000 is 7."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def about(value: Decimal) -> Decimal:
    """Return a value as it is told roughly: whole, or with one digit after the point when it is small."""
    return value.quantize(Decimal(1) if abs(value) >= _SMALL else Decimal("0.1"), rounding="ROUND_HALF_UP")


def shown(value: Decimal) -> str:
    """Return `123,456`, with thin spaces in what has more than four digits before the comma."""
    bare = trimmed(value)
    grouped = f"{bare:,f}" if abs(bare) >= _BIG else f"{bare:f}"
    return grouped.replace(",", _THIN_SPACE).replace(".", ",").replace("-", "\N{MINUS SIGN}")


def unit_of(resource: Resource) -> str:
    """Return the unit in which a resource is measured."""
    return UNITS.get(resource, _CUBIC_METRE)


def with_unit(value: Decimal, resource: Resource) -> str:
    """Return a value with the unit of its resource: `7 м³`."""
    return f"{shown(value)}\N{NO-BREAK SPACE}{unit_of(resource)}"


def field_name(meter_id: str, scale: int) -> str:
    """Return the name of the field of a form for one scale of the meter with this public id."""
    return f"value-{meter_id}-{scale}"


def photo_field_name(meter_id: str) -> str:
    """Return the name of the hidden field that names the photo of the meter with this public id."""
    return f"{_PHOTO}{meter_id}"


def meter_of_photo(field: str) -> str:
    """Return the public id of the meter whose photo a field names; an empty text for any other field."""
    meter_id = field.removeprefix(_PHOTO)
    return meter_id if meter_id != field and _METER.fullmatch(meter_id) else ""


def meter_and_scale(field: str) -> tuple[str, int] | None:
    """Return the public id of the meter and the scale that a field names; None for any other field."""
    match = _FIELD.fullmatch(field)
    return (match[1], int(match[2])) if match else None
