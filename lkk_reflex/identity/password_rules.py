"""Which new passwords are accepted, by profile.

`instruction` is the rule of the printed instruction: 5 to 10 Latin letters and digits. It is short, so whatever an
attacker tries first is refused. `standard` is ASVS 5.0 6.2 and NIST SP 800-63B-4: any 8 to 128 characters,
no composition rules, the frequent ones refused.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from zxcvbn.matching import omnimatch

from lkk_reflex.identity.errors import (
    PasswordCommon,
    PasswordDate,
    PasswordDigitsOnly,
    PasswordFamiliar,
    PasswordMissing,
    PasswordPattern,
    PasswordRefused,
    PasswordShapeWrong,
    PasswordTooLong,
    PasswordTooShort,
)
from lkk_reflex.identity.models import LoginKind
from lkk_reflex.identity.rules import Login
from lkk_reflex.kit.passwords import MAX_PASSWORD_CHARACTERS
from lkk_reflex.settings import PasswordProfile

_INSTRUCTION_SHAPE: Final = re.compile(r"[A-Za-z0-9]{5,10}")
_MIN_STANDARD: Final = 8
_MIN_DIGITS_ONLY: Final = 8
_MIN_FAMILIAR: Final = 4
_MIN_PHONE_PART: Final = 5
#: What is left after taking the familiar word away must be a password by itself.
_MIN_BESIDE_FAMILIAR: Final = 8
#: Longer ones are no words, and matching them would take long.
_MAX_MATCHED: Final = 32
_MIN_DIFFERENT: Final = 4

_TRADE_WORDS: Final = ("vodokanal", "abonent", "kabinet", "kvartplata", "kvitancia", "parol", "пароль", "водоканал")
#: What a pattern of zxcvbn means, the clearest reason first.
_REASONS: Final[Mapping[str, type[PasswordRefused]]] = {
    "dictionary": PasswordCommon,
    "date": PasswordDate,
    "spatial": PasswordPattern,
    "repeat": PasswordPattern,
    "sequence": PasswordPattern,
}
_TRANSLITERATION: Final = str.maketrans(
    {
        **dict(zip("абвгдезийклмнопрстуфыэ", "abvgdeziyklmnoprstufye", strict=True)),
        "ё": "e",
        "ж": "zh",
        "х": "h",
        "ц": "c",
        "ч": "ch",
        "ш": "sh",
        "щ": "sch",
        "ъ": "",
        "ь": "",
        "ю": "yu",
        "я": "ya",
    }
)
_KEYBOARD: Final = str.maketrans("йцукенгшщзхъфывапролджэячсмитьбю", "qwertyuiop[]asdfghjkl;'zxcvbnm,.")


def check_new_password(password: str, *, profile: PasswordProfile, login: Login, company: str) -> str:
    """Return the password in the form that is hashed (NFC).

    Raises:
        PasswordRefused: one of its subclasses, whose sentence says what to change.
    """
    password = unicodedata.normalize("NFC", password)
    if not password:
        raise PasswordMissing
    if profile is PasswordProfile.INSTRUCTION:
        _check_instruction_shape(password)
    else:
        _check_standard_shape(password)
    _check_familiar(password, login, company)
    _check_guessable(password, allowed_extra=1 if profile is PasswordProfile.INSTRUCTION else 0)
    return password


def _check_instruction_shape(password: str) -> None:
    if not _INSTRUCTION_SHAPE.fullmatch(password):
        raise PasswordShapeWrong
    if password.isdigit() and len(password) < _MIN_DIGITS_ONLY:
        raise PasswordDigitsOnly


def _check_standard_shape(password: str) -> None:
    if len(password) < _MIN_STANDARD:
        raise PasswordTooShort(characters=_MIN_STANDARD)
    if len(password) > MAX_PASSWORD_CHARACTERS:
        raise PasswordTooLong(characters=MAX_PASSWORD_CHARACTERS)


def _check_guessable(password: str, allowed_extra: int) -> None:
    """Refuse a password that one dictionary word, date or pattern covers, but for `allowed_extra` characters."""
    if len(set(password)) < _MIN_DIFFERENT:
        raise PasswordPattern
    if len(password) > _MAX_MATCHED:
        return
    needed = len(password) - allowed_extra
    # «йцукенгш» and «зфыыцщкв» are patterns and words of the Latin keyboard typed without switching it.
    typed = (password, password.casefold().translate(_KEYBOARD))
    matches = (match for text in dict.fromkeys(typed) for match in omnimatch(text))
    covering = {match["pattern"] for match in matches if len(match["token"]) >= needed}
    for pattern, refusal in _REASONS.items():
        if pattern in covering:
            raise refusal


def _check_familiar(password: str, login: Login, company: str) -> None:
    folded = password.casefold()
    for word in _familiar_words(login, company):
        if word in folded and len(folded) - len(word) < _MIN_BESIDE_FAMILIAR:
            raise PasswordFamiliar
    if login.kind is LoginKind.PHONE:
        parts = re.findall(rf"[0-9]{{{_MIN_PHONE_PART},}}", folded)
        if any(part in login.value or login.value.removeprefix("+7") in part for part in parts):
            raise PasswordFamiliar


def _familiar_words(login: Login, company: str) -> set[str]:
    own = login.value.split("@")[0] if login.kind is LoginKind.EMAIL else ""
    words = re.findall(r"\w+", f"{company.casefold()} {own}")
    # A Russian name is typed in Latin letters either by sound or without switching the keyboard.
    spellings = {
        spelling for word in words for spelling in (word, word.translate(_TRANSLITERATION), word.translate(_KEYBOARD))
    }
    return {word for word in spellings | set(_TRADE_WORDS) if len(word) >= _MIN_FAMILIAR}
