"""Pure rules of what a subscriber tells of themselves: names, a phone to call back, a second e-mail."""

import re
import unicodedata
from typing import Final

import phonenumbers

from lkk_reflex.identity.errors import (
    LoginUnreadable,
    NameNotRussian,
    NameTooLong,
    NameUnreadable,
    PhoneUnreadable,
    SecondEmailUnreadable,
)
from lkk_reflex.identity.models import LoginKind
from lkk_reflex.identity.rules import MAX_LOGIN_CHARACTERS, normalise_login

MAX_NAME_CHARACTERS: Final = 60
MAX_PHONE_CHARACTERS: Final = 40
#: What a name is called in the sentence that refuses it.
NAMES: Final = {"surname": "Фамилия", "name": "Имя", "patronymic": "Отчество"}

#: Letters of the languages of Russia; a hyphen, an apostrophe, a dot or one space stands between them.
_LETTERS: Final = "\u0400-\u052f"
_NAME = re.compile(rf"[{_LETTERS}]+(?:(?:[-'’ ]|\. ?)[{_LETTERS}]+)*\.?")
_LATIN = re.compile(r"[A-Za-z]")
_OF_RUSSIA: Final = 7
#: Numbers of +7 that begin so belong to Kazakhstan.
_OF_KAZAKHSTAN: Final = ("6", "7")


def clean_name(field: str, text: str) -> str:
    """Return a surname, name or patronymic without spare blanks; empty stays empty.

    Raises:
        NameTooLong, NameNotRussian, NameUnreadable: with the field it belongs to.
    """
    text = " ".join(unicodedata.normalize("NFC", text).split())
    title = NAMES[field]
    if len(text) > MAX_NAME_CHARACTERS:
        raise NameTooLong(title=title, characters=MAX_NAME_CHARACTERS).at(field)
    if _LATIN.search(text):
        raise NameNotRussian(title=title).at(field)
    if text and not _NAME.fullmatch(text):
        raise NameUnreadable(title=title).at(field)
    return text


def clean_phone(text: str) -> str:
    """Return any Russian phone, of a house too, as `+7XXXXXXXXXX`; empty stays empty.

    Raises:
        PhoneUnreadable: when it is none, or has an extension.
    """
    text = text.strip()
    if not text:
        return ""
    try:
        number = phonenumbers.parse(text[: MAX_PHONE_CHARACTERS + 1], "RU")
    except phonenumbers.NumberParseException:
        raise PhoneUnreadable from None
    is_ours = number.country_code == _OF_RUSSIA and not str(number.national_number).startswith(_OF_KAZAKHSTAN)
    is_whole = phonenumbers.is_valid_number(number) and not number.extension
    if len(text) > MAX_PHONE_CHARACTERS or not is_ours or not is_whole:
        raise PhoneUnreadable
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def clean_second_email(text: str) -> str:
    """Return an e-mail as logins are stored; empty stays empty.

    Raises:
        SecondEmailUnreadable: when it is none.
    """
    if not text.strip():
        return ""
    try:
        found = normalise_login(text[: MAX_LOGIN_CHARACTERS + 1])
    except LoginUnreadable:
        raise SecondEmailUnreadable from None
    if found.kind is not LoginKind.EMAIL:
        raise SecondEmailUnreadable
    return found.value
