"""Addresses and numbers for people who have not proved that the account is theirs, and for mailboxes."""

import re

_HIDDEN = "**"
_SHOWN_FIGURES = 4
_FLAT = re.compile(r"^(?:кв|квартира|ком|комната|пом|помещение)\b\.?\s*(?P<number>.+)$", re.IGNORECASE)
_HOUSE = re.compile(r"^(?:д|дом|влд|владение|зд|здание)\b\.?\s*(?P<number>\d.*)$", re.IGNORECASE)
_STREET = re.compile(
    r"^(?P<kind>ул|улица|пер|переулок|пр-т|пр-д|пр|просп|проспект|проезд|пл|площадь|б-р|бульвар|наб|набережная"
    r"|ш|шоссе|туп|тупик|мкр|микрорайон|кв-л|квартал|снт|аллея|линия)\b\.?\s*(?P<name>.+)$",
    re.IGNORECASE,
)
_BARE_NUMBER = re.compile(r"^\d+\s*[А-Яа-яA-Za-z]?(?:/\d+)?$")
_INDEX = re.compile(r"^\d{6}$")


def mask_number(number: str) -> str:
    """Return the end of an account's number, by which its owner recognises it: `•••3456`; of a short one, less."""
    return f"•••{number[-min(_SHOWN_FIGURES, len(number) // 2) :]}" if len(number) > 1 else "•••"


def account_title(own_name: str, number: str) -> str:
    """Return how a message names an account to who has connected it: by its own name, or by a masked number."""
    return f"«{own_name}»" if own_name else f"лицевой счёт {mask_number(number)}"


def mask_address(address: str) -> str:
    """Return enough to recognise one's own home and too little to find somebody else's.

    `г. Рязань, ул. Ленина, д. 10, кв. 15` is `ул. Л***, д. 10, кв. **`. The town is dropped; the number of a house
    without flats is hidden, because there it names the home. What is not understood is not shown.
    """
    parts = [part.strip() for part in address.split(",") if part.strip() and not _INDEX.match(part.strip())]
    flat = _flat_index(parts)
    street = _street_index(parts)
    shown = [_masked_street(parts[street])] if street is not None else []
    for index, part in enumerate(parts):
        if index == flat:
            shown.append(f"кв. {_HIDDEN}")
        elif _is_house(part) and index != street:
            shown.append(_house(part) if flat is not None else f"д. {_HIDDEN}")
    return ", ".join(shown)


def _is_house(part: str) -> bool:
    return bool(_HOUSE.match(part) or _BARE_NUMBER.match(part))


def _house(part: str) -> str:
    match = _HOUSE.match(part)
    return f"д. {match['number'] if match else part}"


def _flat_index(parts: list[str]) -> int | None:
    named = next((index for index, part in enumerate(parts) if _FLAT.match(part)), None)
    if named is not None:
        return named
    # Registers of banks write `город,улица,дом,кв`: the second bare number is the flat.
    houses = [index for index, part in enumerate(parts) if _is_house(part)]
    return houses[1] if len(houses) > 1 and _BARE_NUMBER.match(parts[houses[1]]) else None


def _street_index(parts: list[str]) -> int | None:
    named = next((index for index, part in enumerate(parts) if _STREET.match(part)), None)
    if named is not None:
        return named
    houses = [index for index, part in enumerate(parts) if _is_house(part)]
    before = houses[0] - 1 if houses else -1
    return before if before >= 0 else None


def _masked_street(part: str) -> str:
    match = _STREET.match(part)
    kind, name = (match["kind"].lower(), match["name"]) if match else ("ул", part)
    dot = "" if "-" in kind or len(kind) > 5 else "."
    return f"{kind}{dot} {name.strip()[:1].upper()}***"
