"""Which homes an address means: streets and houses as registers and people write them. Pure.

Registers hold addresses as free text: `г. Рязань, ул. Ленина, д. 10, кв. 15`, `Рязань г, Ленина ул, дом № 10`,
`Ленина 10-15`. Words that name a kind of thing (`ул.`, `д.`) part such a text into places, streets and a house; what
stands without any is told by its order. A whole name must be the same, so `Ленина, 1` is not `Ленина, 12`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

#: What looks alike and is typed by mistake.
_LOOK_ALIKE: Final = str.maketrans("abcehkmoptxyё", "авсенкмортхуе")
_GLUED: Final = re.compile(r"\b(д|дом|вл|уч|к|корп|корпус|с|стр|кв|оф|лит)\.?(?=\d)")
_DOTTED: Final = re.compile(r"(?<=\d)(к|корп|с|стр)\.\s*(?=\d)")
_SPACED: Final = re.compile(r"(?<=\d)(к|корп|с|стр)\s+(?=\d)")
_AROUND_STROKE: Final = re.compile(r"(?<=\d)\s*([-/])\s*(?=\d)")
_WORD: Final = re.compile(r"[а-яa-z0-9]+(?:[-/][а-яa-z0-9]+)*")
_ORDINAL: Final = re.compile(r"\d+-[а-я]{1,2}")
_FLAT_AFTER_HOUSE: Final = re.compile(r"(\d+[а-я]?(?:/\d+[а-я]?)?)-\d+")
_HOUSE: Final = re.compile(
    r"(?P<number>\d+)-?(?P<letter>[а-я])?(?:/(?P<corner>\d+[а-я]?))?"
    r"(?:к(?:орп)?(?P<block>\d+[а-я]?))?(?:с(?:тр)?(?P<building>\d+[а-я]?))?"
)
_POSTCODE: Final = re.compile(r"\d{6}")

_STREETS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("ул", "улица"), "улица"),
    **dict.fromkeys(("пр-т", "пр-кт", "просп", "проспект"), "проспект"),
    **dict.fromkeys(("пр-д", "проезд"), "проезд"),
    # An avenue or a passage: nobody can tell.
    "пр": "",
    **dict.fromkeys(("пер", "переулок"), "переулок"),
    **dict.fromkeys(("б-р", "бул", "бульв", "бульвар"), "бульвар"),
    **dict.fromkeys(("ш", "шоссе"), "шоссе"),
    **dict.fromkeys(("наб", "набережная"), "набережная"),
    **dict.fromkeys(("пл", "площадь"), "площадь"),
    **dict.fromkeys(("туп", "тупик"), "тупик"),
    **dict.fromkeys(("ал", "аллея"), "аллея"),
    **dict.fromkeys(("мкр", "мкрн", "мкр-н", "м-н", "микрорайон"), "микрорайон"),
    **dict.fromkeys(("кв-л", "квартал"), "квартал"),
    **dict.fromkeys(("снт", "днт", "гск"), "товарищество"),
    **dict.fromkeys(("тракт", "линия"), "прочее"),
}
#: They may have streets of their own.
_QUARTERS: Final = frozenset({"микрорайон", "квартал", "товарищество"})
#: `5 мкр`: the number before them is their name.
_NUMBERED: Final = frozenset({"микрорайон", "квартал"})
_PLACES: Final = frozenset({
    "г", "гор", "город", "с", "село", "д", "дер", "деревня", "п", "пос", "поселок", "пгт", "рп", "х", "хутор",
    "ст", "станция", "ст-ца", "станица", "аул", "обл", "область", "р-н", "район", "край", "респ", "республика",
    "тер",
})  # fmt: skip
_HOUSES: Final = frozenset({
    "д", "дом", "вл", "влд", "двлд", "домовладение", "зд", "здание", "уч", "участок",
})  # fmt: skip
_BLOCKS: Final[Mapping[str, str]] = {"к": "к", "корп": "к", "корпус": "к", "с": "с", "стр": "с", "строение": "с"}
_LETTERS: Final = frozenset({"лит", "литер", "литера"})
_MORE_OF_A_HOUSE: Final = "|".join((*_BLOCKS, *_LETTERS))
_HOUSE_MARK: Final = re.compile(rf"^\s*(?:{'|'.join(_HOUSES)})\b\.?\s*")
#: One house as somebody types it: a number with at most one letter, corner, block and building.
_ONE_HOUSE: Final = re.compile(
    r"\s*№?\s*\d+\s*-?\s*(?:[а-я]\b)?(?:\s*/\s*(?:\d+[а-я]?|[а-я])\b)?"
    rf"(?:,?\s*(?:{_MORE_OF_A_HOUSE})(?![а-я])\.?\s*(?:№\s*)?(?:\d+\s*[а-я]?|[а-я])\b)*\s*"
)
_BETWEEN_HOUSES: Final = re.compile(rf"[,;](?!\s*(?:{_MORE_OF_A_HOUSE})(?![а-я]))", re.IGNORECASE)
_FLATS: Final = frozenset({
    "кв", "квартира", "оф", "офис", "ком", "комн", "комната", "пом", "помещение", "под", "подъезд", "эт",
    "этаж",
})  # fmt: skip
_SILENT: Final = frozenset({"им", "имени", "№"})

#: Words by which any text names a place, also within a sentence; what is a word of its own besides is left out.
_NAMING: Final = re.compile(
    r"(?<![а-яa-z])(?:"
    r"улиц(?:а|ы|е|у|ой)|дом(?:а|у|ом|е|ов|ам|ах|ами)|проспект\w*|проезд\w*|переул\w+|бульвар\w*|набережн\w+|площад\w+"
    r"|тупик\w*|алле[яеию]\w*|микрорайон\w*|квартал\w*|квартир\w*|корпус\w*|строени\w+|подъезд\w*|этаж\w*"
    r"|участ(?:ок|к\w+)|офис\w*|город(?:а|у|ом|е)|сел[аоеу]|селом|деревн\w+|посел\w+|хутор\w*|станиц\w+"
    r")(?![а-яa-z])"
)
_ELSE: Final = frozenset({"линия", "станция", "литер", "литера", "тер", "край", "с", "к", "х", "ст", "под"})
_ABBREVIATED: Final = frozenset({*_STREETS, *_PLACES, *_HOUSES, *_BLOCKS, *_LETTERS, *_FLATS}) - _ELSE

_UNKNOWN, _PLACE, _HOME, _LETTER, _FLAT = "", "place", "house", "letter", "flat"


@dataclass(frozen=True, slots=True)
class Street:
    """A street; the kind is empty where nothing tells it, and then fits every kind. A village may have none."""

    kind: str
    name: str
    #: It is a place that stands for the street which the address has not.
    is_place: bool = False


@dataclass(frozen=True, slots=True)
class Address:
    """What of an address decides whether an outage concerns it."""

    places: frozenset[str] = frozenset()
    streets: tuple[Street, ...] = ()
    #: `12`, `12а`, `12/2`, `12к2`, `12с1`; empty where there is none.
    house: str = ""

    @property
    def is_one_street(self) -> bool:
        """Tell whether it has a street, and a second one only as the quarter in which the first lies."""
        kinds = [street.kind if street.kind in _QUARTERS else "" for street in self.streets]
        return bool(kinds) and len(set(kinds)) == len(kinds)


@dataclass(slots=True)
class _Part:
    """Words that belong together."""

    kind: str
    words: list[str] = field(default_factory=list)

    @property
    def is_street(self) -> bool:
        return self.kind.startswith("street")

    @property
    def is_name(self) -> bool:
        return self.is_street or self.kind in (_UNKNOWN, _PLACE)

    @property
    def name(self) -> str:
        # `Садовая 1-я` is `1-я Садовая`.
        return " ".join(sorted(self.words))


def read_address(text: str) -> Address:
    """Tell apart the places, the streets and the house of an address."""
    parts = list(_parts(text))
    house = _house(parts)
    named = [part for part in parts if part.is_name and part.words]
    streets = [Street(part.kind.removeprefix("street "), part.name) for part in named if part.is_street]
    rest = [part for part in named if not part.is_street]
    if not streets:
        # The last name without a kind is the street, and without such a name the village itself.
        bare = next((part for part in reversed(rest) if part.kind == _UNKNOWN), None)
        if bare:
            rest.remove(bare)
            streets = [Street("", bare.name)]
        elif rest:
            streets = [Street("", rest[-1].name, is_place=True)]
    return Address(frozenset(part.name for part in rest), tuple(streets), house)


def read_house(text: str) -> str:
    """Return the number of a house in the way of `Address.house`; empty where it is none, or more than one."""
    typed = _SPACED.sub(r"\1", _HOUSE_MARK.sub("", _plain(text)))
    return _house(list(_parts(f"дом {typed}"))) if _ONE_HOUSE.fullmatch(typed) else ""


def split_houses(text: str) -> list[str]:
    """Return what may be houses in `12, 14; 16`, without blanks around them; `12, корп. 2` is one."""
    return [house.strip() for house in _BETWEEN_HOUSES.split(text)]


def names_a_place(text: str) -> bool:
    """Tell whether a text has words that stand in addresses: `вода на улице Мира`, `вода д Ивановка`."""
    plain = text.lower().translate(_LOOK_ALIKE)
    return bool(_NAMING.search(plain)) or not _ABBREVIATED.isdisjoint(_WORD.findall(plain))


def fits(address: Address, sought: Address, houses: Sequence[str] = ()) -> bool:
    """Tell whether an address lies in the sought street, or village, and is one of the houses, if any are named."""
    if houses and address.house not in houses:
        return False
    if not sought.places - {sought.streets[-1].name} <= address.places:
        return False
    return all(_lies_in(address, street) for street in sought.streets)


def _lies_in(address: Address, street: Street) -> bool:
    if street.is_place:
        return street.name in address.places
    return any(
        street.name == each.name and (not street.kind or not each.kind or street.kind == each.kind)
        for each in address.streets
    )


def _plain(text: str) -> str:
    return _GLUED.sub(r"\1 ", _DOTTED.sub(r"\1", text.lower().translate(_LOOK_ALIKE)))


def _parts(text: str) -> Iterator[_Part]:
    for piece in re.split("[,;]", _AROUND_STROKE.sub(r"\1", _plain(text))):
        words = [word for word in _WORD.findall(piece) if word not in _SILENT]
        yield from _parts_of_piece(words)


def _parts_of_piece(words: list[str]) -> Iterator[_Part]:
    part = _Part(_UNKNOWN)
    for place, word in enumerate(words):
        following = words[place + 1 : place + 3]
        kind = _kind_begun_by(word, following)
        if kind is None:
            if not _takes(part, word, following):
                yield part
                is_number = word[0].isdigit() and not _names_a_quarter(word, following)
                part = _Part(_HOME if is_number else _UNKNOWN)
            part.words.append(word)
        elif part.words and _ends_a_name(part, word, kind, following):
            # `Ленина ул`, `Рязань г`: the kind follows the name.
            part.kind = kind
            yield part
            part = _Part(_UNKNOWN)
        else:
            yield part
            part = _Part(kind)
    yield part


def _kind_begun_by(word: str, following: list[str]) -> str | None:
    """Return what a word announces, None for a word of a name or a number."""
    is_number_next = bool(following) and following[0][0].isdigit()
    if word in _HOUSES and is_number_next:
        return _HOME
    if word in _BLOCKS and following and (is_number_next or (len(word) > 1 and len(following[0]) == 1)):
        return f"block {_BLOCKS[word]}"
    if word in _LETTERS:
        return _LETTER
    if word in _FLATS:
        return _FLAT
    if word in _STREETS:
        return f"street {_STREETS[word]}"
    if word in _PLACES and (following or len(word) > 1 or word == "г") and not is_number_next:
        return _PLACE
    return None


def _ends_a_name(part: _Part, word: str, kind: str, following: list[str]) -> bool:
    if part.kind == _UNKNOWN and _names_a_quarter(part.words[0], [word, *following]):
        return True
    is_street = kind.startswith("street")
    if not (is_street and part.kind in (_UNKNOWN, _PLACE)) and not (kind == _PLACE and part.kind == _UNKNOWN):
        return False
    return not following or (not _is_of_a_name(following[0]) and not _is_of_a_name(following[-1]))


def _is_of_a_name(word: str) -> bool:
    return len(word) > 1 and not word[0].isdigit() and _kind_begun_by(word, ["1"]) is None


def _takes(part: _Part, word: str, following: list[str]) -> bool:
    """Tell whether a number or a word goes on with the present part."""
    if not word[0].isdigit():
        return part.is_name or not part.words or (part.kind == _HOME and len(word) == 1)
    if not part.is_name:
        return not part.words
    if _ORDINAL.fullmatch(word) and (part.words or following):
        return True
    if part.words:
        return False
    # `8 Марта`, `микрорайон 5`, `5 мкр`.
    return part.is_street or bool(following and _is_of_a_name(following[0])) or _names_a_quarter(word, following)


def _names_a_quarter(word: str, following: list[str]) -> bool:
    """Tell whether a number is the name of what follows: `5 мкр`, but `12 мкр Южный` is a house before it."""
    is_before = word[0].isdigit() and bool(following) and _STREETS.get(following[0]) in _NUMBERED
    return is_before and not (len(following) > 1 and _is_of_a_name(following[1]))


def _house(parts: Sequence[_Part]) -> str:
    """Put the house together of its number, letter, block and building; numbers after it are of flats."""
    number = next((part for part in parts if part.kind == _HOME and _is_house_number(part.words)), None)
    if number is None:
        return ""
    written = _FLAT_AFTER_HOUSE.sub(r"\1", "".join(number.words))
    found = _HOUSE.fullmatch(written)
    if found is None:
        return written
    told = found.groupdict(default="")
    more = {part.kind.removeprefix("block "): "".join(part.words) for part in parts if part.kind.startswith("block")}
    letter = told["letter"] or next(("".join(part.words) for part in parts if part.kind == _LETTER), "")
    corner = f"/{told['corner']}" if told["corner"] else ""
    block, building = told["block"] or more.get("к", ""), told["building"] or more.get("с", "")
    return "".join([told["number"], letter, corner, f"к{block}" if block else "", f"с{building}" if building else ""])


def _is_house_number(words: list[str]) -> bool:
    return bool(words) and words[0][0].isdigit() and not _POSTCODE.fullmatch(words[0])
