"""PINs and other proofs as people get and type them, and how often a proof may be tried."""

import hmac
import re
import secrets
import unicodedata
from datetime import date, timedelta

from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.money import Money
from lkk_reflex.kit.rate_limit import Limit, Scope, in_words

#: Neither 0 and O nor 1, I and L: nobody has to guess what is printed. 8 of 31 are 39.6 bits.
PIN_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
PIN_LENGTH = 8
PIN_LIFE = timedelta(days=60)
PIN_TRIES = 5
#: So many months of bills are offered: what people still keep.
BILL_MONTHS = 6
#: The bill of the month before this one is the newest as a rule: its sum everybody sees who knows the number.
_NEWEST_OFFERED = 2
#: Serial numbers of fewer letters and digits, as `folded_serial` leaves them, would be guessed within the tries.
SERIAL_SIGNS = 5
_DAY = timedelta(days=1)
_PROVE = "accounts.prove"
#: Wrong proofs only: a right one takes its attempt back. Per subscriber, address, network, and of everybody.
LIMITS = (
    Limit(_PROVE, Scope.SUBJECT, 5, _DAY),
    Limit(_PROVE, Scope.ADDRESS, 10, _DAY),
    Limit(_PROVE, Scope.NETWORK, 50, _DAY),
    Limit(_PROVE, Scope.GLOBAL, 20, timedelta(minutes=5)),
)
#: Per account, whoever tries; a PIN has tries of its own, so a stranger's guesses at a sum do not spend them.
ACCOUNT_LIMITS = (Limit(f"{_PROVE}.account", Scope.SUBJECT, 5, _DAY),)
#: Cyrillic capitals that look like a Latin one of the alphabet.
_LOOK_ALIKE = str.maketrans("АВЕКМНРСТУХ", "ABEKMHPCTYX")
_BETWEEN = str.maketrans("", "", " -\u2010\u2011\u2012\u2013\u2014\u2212\u00a0\u202f\t\u200b\ufeff")
#: Latin capitals that look like a Cyrillic one, and the letter that half of the people write without its dots.
_AS_CYRILLIC = str.maketrans("ABCEHKMOPTXYЁ", "АВСЕНКМОРТХУЕ")
#: Cyrillic capitals that look like Latin ones on a plate.
_AS_LATIN = str.maketrans("АВСЕНКМОРТХУ", "ABCEHKMOPTXY")
_NO_SIGNS = re.compile(r"[\W_]+")
_HYPHEN = re.compile(r"\s*[-\u2010-\u2015\u2212]+\s*")
#: A surname is what a name begins with; so many beginnings of so many owners are compared for every account.
_BEGINNINGS = 3
_OWNERS = 4
_BETWEEN_OWNERS = re.compile(r"[/,;]")
_WORD = re.compile(r"[^\s.]+\.?")
#: What stands before a dot instead of a name, at most.
_INITIAL_LETTERS = 2
#: What an entrepreneur is called is no part of the name.
_ENTREPRENEUR = re.compile(
    r"^\s*(?:ИП|Индивидуальный\s+предприниматель)\b[\s.:]*(?:Глава\s+КФХ\b[\s.:]*)?", re.IGNORECASE
)
#: What names of organisations hold, folded: they have no surname.
_ORGANISATION = frozenset({
    "ООО", "ОАО", "ЗАО", "ПАО", "НАО", "НКО", "АНО", "ТСЖ", "ТСН", "СНТ", "ДНТ", "ЖСК", "ГСК", "КФХ", "МУП", "ГУП",
    "ФГУП", "МБУ", "МКУ", "МАУ", "ГБУ", "ФГБУ", "МБОУ", "МБДОУ", "ОБЩЕСТВО", "ТОВАРИЩЕСТВО", "АДМИНИСТРАЦИЯ",
    "КООПЕРАТИВ", "ПРЕДПРИЯТИЕ", "УЧРЕЖДЕНИЕ",
})  # fmt: skip
#: These begin the name of one; elsewhere they may be initials: «Петров АО».
_ORGANISATION_FIRST = frozenset({"АО", "УК", "АКЦИОНЕРНОЕ", "МУНИЦИПАЛЬНОЕ", "ГОСУДАРСТВЕННОЕ"})
#: What no folded name can be.
_NO_NAME = "-"


def new_pin() -> str:
    """Return an unguessable PIN."""
    return "".join(secrets.choice(PIN_ALPHABET) for _ in range(PIN_LENGTH))


def shown_pin(pin: str) -> str:
    """Return the PIN as it is printed: `7K4M-2X9A`."""
    half = PIN_LENGTH // 2
    return f"{pin[:half]}-{pin[half:]}"


def clean_pin(typed: str) -> str | None:
    """Return the PIN that was typed in any case, with dashes and spaces, on either keyboard; None if it can be none."""
    bare = typed.translate(_BETWEEN).upper().translate(_LOOK_ALIKE)
    return bare if len(bare) == PIN_LENGTH and set(bare) <= set(PIN_ALPHABET) else None


def bill_months(today: date) -> list[BillingPeriod]:
    """Return the months whose bills may prove something, the latest first; the same for every account.

    An account whose bills come later than others' may have its newest one among them: that one is still refused.
    """
    this = BillingPeriod(today.year, today.month)
    return [this.shifted(-back) for back in range(_NEWEST_OFFERED, _NEWEST_OFFERED + BILL_MONTHS)]


def typed_month(typed: str, today: date) -> BillingPeriod | None:
    """Return the chosen month, or None when it is none of those that are offered."""
    return next((month for month in bill_months(today) if str(month.key) == typed), None)


def typed_sum(typed: str) -> Money | None:
    """Return the sum in any spelling of money, or None when it is none."""
    try:
        return Money.parse(typed)
    except ValueError:
        return None


def folded_serial(text: str) -> str:
    """Return a serial number as it is counted and compared: no signs, no spaces, no leading N and zeros, in capitals.

    Cyrillic letters that look like Latin ones are those.
    """
    return _NO_SIGNS.sub("", text.upper()).translate(_AS_LATIN).removeprefix("N").lstrip("0")


def folded_name(text: str) -> str:
    """Return a name in capitals without spaces and signs, with ё as е and Latin look-alikes as Cyrillic letters."""
    letters = filter(str.isalnum, unicodedata.normalize("NFKC", text).upper())
    return "".join(letters).translate(_AS_CYRILLIC)


def is_surname_of(folded: str, owner_name: str) -> bool:
    """Tell whether a folded name is what the full name of an owner begins with: the surname, or more of the name.

    Of several owners any will do; initials before a surname and «ИП» are passed over; an organisation has no surname.
    Does the same comparisons for every name, and for none.
    """
    owners = [_ENTREPRENEUR.sub("", owner) for owner in _BETWEEN_OWNERS.split(owner_name)[:_OWNERS]]
    people = [] if any(map(_is_organisation, owners)) else owners
    names = [name for person in people for name in _beginnings(person)]
    padded = names + [_NO_NAME] * (_OWNERS * _BEGINNINGS - len(names))
    matches = [hmac.compare_digest(folded.encode(), name.encode()) for name in padded]
    return any(matches)


def _is_organisation(name: str) -> bool:
    words = [folded_name(word) for word in name.split()]
    return not (_ORGANISATION.isdisjoint(words) and _ORGANISATION_FIRST.isdisjoint(words[:1]))


def _beginnings(person: str) -> list[str]:
    """Return the folded surname of a person, and the surname with one and two more words of the name."""
    words = _WORD.findall(_HYPHEN.sub("-", person))
    words = words[_place_of_surname(words) :]
    if not words or not folded_name(words[0]).isalpha():
        # A share, «1/2», is nobody's name.
        return []
    return [folded_name("".join(words[:count])) for count in range(1, min(len(words), _BEGINNINGS) + 1)]


def _place_of_surname(words: list[str]) -> int:
    """Return the place of the first word that is no initial; in «Ли.А.» it is the first one that may be a surname."""
    after = next((place for place, word in enumerate(words) if not _is_initial(word)), len(words))
    if after and not any(_letters(word) > 1 for word in words[after : after + 1]):
        return next((place for place, word in enumerate(words) if _letters(word) > 1), after)
    return after


def _is_initial(word: str) -> bool:
    return word.endswith(".") and _letters(word) <= _INITIAL_LETTERS


def _letters(word: str) -> int:
    return sum(sign.isalpha() for sign in word)


def next_try(left: int, wait: timedelta) -> str:
    """Return a sentence about the tries that remain, or about when there will be new ones."""
    if left:
        return f"Осталось попыток: {left}."
    return f"Попытки закончились, новые будут через {in_words(wait)}."
