"""What a person types or pastes as an account number, and what a register holds: one normaliser for both."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from lkk_reflex.accounts import payment_code
from lkk_reflex.accounts.requisites import is_bank_account, is_inn

_PREFIX = re.compile(
    r"^(?:(?:Л\s*/?\s*С(?:Ч(?:[ЕЁ]Т)?)?|ЛИЦ(?:\.|ЕВОЙ)?\s*СЧ(?:[ЕЁ]Т|\.)?)(?![А-ЯЁ])[\s№N#:.]*|[\s№#:]+)"
)
_SPACES = re.compile(r"\s+")
_DASHES = re.compile(r"[-\u2010-\u2015\u2212]")
_UNIFIED = re.compile(r"(\d{2})([А-ЯA-Z]{2})(\d{6})(?:-?\d{2})?")
_BIC = re.compile(r"0[14]\d{7}")
_ANY_NUMBER = re.compile(r"[0-9A-ZА-ЯЁ][0-9A-ZА-ЯЁ/\-]{0,29}")
#: Letters that look alike: ЕЛС is written with Cyrillic ones, keyboards offer both.
_LOOK_ALIKE = str.maketrans("ABCEHKMOPTXY", "АВСЕНКМОРТХУ")


class TypedKind(StrEnum):
    """What the typed text turned out to be."""

    NUMBER = "number"
    UNIFIED = "unified"
    BANK_ACCOUNT = "bank_account"
    INN = "inn"
    BIC = "bic"
    UNFIT = "unfit"
    EMPTY = "empty"
    CODE_ALONE = "code_alone"  # a payment code that names no account


@dataclass(frozen=True, slots=True)
class NumberRule:
    """How the account numbers of one provider look."""

    pattern: str | None = None
    drops_dashes: bool = True
    inn: str = ""

    def accepts(self, number: str) -> bool:
        """Tell whether a normalised number looks like one of this provider's."""
        pattern = re.compile(self.pattern) if self.pattern else _ANY_NUMBER
        return pattern.fullmatch(number) is not None


@dataclass(frozen=True, slots=True)
class Typed:
    """The text after recognition; `value` is normalised, `payee_inn` is known for a pasted payment code only."""

    kind: TypedKind
    value: str = ""
    payee_inn: str = ""


def normalise(text: str, *, drops_dashes: bool = True) -> str:
    """Return the number as it is stored: `«л/с № 1000 123 456»` is `1000123456`.

    Trimmed, upper case, without the words «л/с», «лицевой счёт» and their signs, without spaces; without dashes
    unless the provider's `12-3` and `1-23` are different accounts. Never a number: leading zeros stay.
    """
    if text.isdigit() and text.isascii():
        return text
    bare = "".join(sign for sign in text.upper() if unicodedata.category(sign) != "Cf").strip()
    dash = "" if drops_dashes else "-"
    while (shorter := _DASHES.sub(dash, _SPACES.sub("", _PREFIX.sub("", bare)))) != bare:
        bare = shorter
    return bare


def unified_number(text: str) -> str:
    """Return the ЕЛС of ГИС ЖКХ (two digits, two letters, six digits) in Cyrillic capitals, or an empty text.

    An ИЖКУ (`ЕЛС-NN`) gives its ЕЛС. Source: ГИС ЖКХ, formats of identifiers.
    """
    match = _UNIFIED.fullmatch(_SPACES.sub("", text.upper()))
    if match is None:
        return ""
    start, letters, end = match.groups()
    return f"{start}{letters.translate(_LOOK_ALIKE)}{end}"


def recognise(text: str, rule: NumberRule) -> Typed:
    """Say what the text is for a provider: its number, a ЕЛС, something else from the bill, or nothing like it."""
    payee_inn = ""
    if payment_code.is_payment_code(text):
        code = payment_code.parse(text)
        text, payee_inn = code.account_number, code.payee_inn
        if not text:
            return Typed(TypedKind.CODE_ALONE, payee_inn=payee_inn)
    number = normalise(text, drops_dashes=rule.drops_dashes)
    return Typed(_kind_of(number, text, rule), unified_number(text) or number, payee_inn)


def _kind_of(number: str, text: str, rule: NumberRule) -> TypedKind:
    if not number:
        return TypedKind.EMPTY
    if rule.pattern and rule.accepts(number):
        return TypedKind.NUMBER
    if unified_number(text):
        return TypedKind.UNIFIED
    if number == rule.inn:
        return TypedKind.INN
    if is_bank_account(number):
        return TypedKind.BANK_ACCOUNT
    if rule.accepts(number):
        return TypedKind.NUMBER
    return _look_alike_kind(number)


def _look_alike_kind(number: str) -> TypedKind:
    """Name the other number of a bill that does not fit the provider's pattern."""
    if _BIC.fullmatch(number):
        return TypedKind.BIC
    return TypedKind.INN if is_inn(number) else TypedKind.UNFIT
