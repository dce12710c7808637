"""The test cards of a YooKassa test shop and what each of them leads to.

Source: https://yookassa.ru/developers/payment-acceptance/testing-and-going-live/testing.
"""

from dataclasses import dataclass
from datetime import date

GOOD_CARD = "5555555555554444"
REFUSED_CARD = "5555555555554600"


@dataclass(frozen=True, slots=True)
class TestCard:
    """A card number the bank knows: it pays when `refusal` is empty, else it is refused with that reason."""

    number: str
    scheme: str
    refusal: str = ""
    three_d_secure: bool = False

    __test__ = False  # Keeps pytest from taking the class for a test case.


_PAYING = (
    TestCard("5555555555554477", "MasterCard", three_d_secure=True),
    TestCard(GOOD_CARD, "MasterCard"),
    TestCard("4793128161644804", "Visa", three_d_secure=True),
    TestCard("4111111111111111", "Visa"),
    TestCard("2200000000000004", "Mir", three_d_secure=True),
    TestCard("2202474301322987", "Mir"),
)
_REFUSED = {
    REFUSED_CARD: "insufficient_funds",
    "5555555555554592": "3d_secure_failed",
    "5555555555554535": "call_issuer",
    "5555555555554543": "card_expired",
    "5555555555554568": "fraud_suspected",
    "5555555555554527": "general_decline",
    "5555555555554618": "invalid_card_number",
    "5555555555554626": "invalid_csc",
    "5555555555554501": "issuer_unavailable",
    "5555555555554576": "payment_method_limit_exceeded",
    "5555555555554550": "payment_method_restricted",
    "5555555555554584": "country_forbidden",
}
TEST_CARDS: dict[str, TestCard] = {card.number: card for card in _PAYING} | {
    number: TestCard(number, "MasterCard", refusal=reason) for number, reason in _REFUSED.items()
}

REFUSAL_TEXTS = {
    "insufficient_funds": "На карте недостаточно денег. Попробуйте другую карту или СБП.",
    "3d_secure_failed": "Банк не подтвердил операцию кодом. Попробуйте ещё раз.",
    "call_issuer": "Банк отклонил оплату. Позвоните в банк, выпустивший карту, или заплатите другой картой.",
    "card_expired": "Срок действия карты истёк. Попробуйте другую карту.",
    "fraud_suspected": "Этой картой заплатить нельзя. Попробуйте другую карту.",
    "general_decline": "Банк отклонил оплату без объяснения. Попробуйте другую карту или СБП.",
    "invalid_card_number": "Банк не узнал номер карты. Проверьте номер.",
    "invalid_csc": "Код на обороте карты не подошёл. Проверьте код.",
    "issuer_unavailable": "Банк, выпустивший карту, не отвечает. Попробуйте позже или другой картой.",
    "payment_method_limit_exceeded": "Превышен лимит операций. Попробуйте другую карту или меньшую сумму.",
    "payment_method_restricted": "Операции по этой карте запрещены банком. Попробуйте другую карту.",
    "country_forbidden": "Картой этой страны заплатить нельзя. Попробуйте другую карту.",
}


def party_of(reason: str) -> str:
    """Return who refuses for this reason: YooKassa itself or the payment network behind the card."""
    return "yoo_money" if reason in ("country_forbidden", "expired_on_confirmation") else "payment_network"


def is_luhn_valid(digits: str) -> bool:
    """Check the control digit of a card number (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


@dataclass(frozen=True, slots=True)
class CardForm:
    """What a person typed into the card form; `errors` maps a field to a sentence in Russian."""

    card: TestCard | None
    expiry: tuple[int, int] | None
    errors: dict[str, str]


def read_card_form(typed: dict[str, str], today: date) -> CardForm:
    """Judge the fields `number`, `expiry`, `code` of the card form.

    Any date to come and any three digits of a code do.
    """
    errors: dict[str, str] = {}
    card = _read_number(typed["number"], errors)
    month_and_year = _read_expiry(typed["expiry"], today, errors)
    code = typed["code"].strip()
    if not (len(code) == 3 and code.isascii() and code.isdigit()):
        errors["code"] = "Введите три цифры с оборота карты."
    return CardForm(card, month_and_year, errors)


def _read_number(text: str, errors: dict[str, str]) -> TestCard | None:
    digits = "".join(text.replace("-", " ").split())
    if not digits:
        errors["number"] = "Введите номер карты."
    elif not (digits.isascii() and digits.isdigit() and 13 <= len(digits) <= 19 and is_luhn_valid(digits)):
        errors["number"] = "В номере карты ошибка. Проверьте цифры или возьмите тестовую карту из списка."
    elif digits not in TEST_CARDS:
        errors["number"] = "Это не тестовая карта. Демо-банк не принимает настоящие карты: возьмите номер из списка."
    return TEST_CARDS.get(digits)


def _read_expiry(text: str, today: date, errors: dict[str, str]) -> tuple[int, int] | None:
    digits = "".join(sign for sign in text if sign.isascii() and sign.isdigit())
    if len(digits) != 4 or not 1 <= int(digits[:2]) <= 12:
        errors["expiry"] = "Введите срок действия: месяц и год, например 12/30."
        return None
    month, year = int(digits[:2]), 2000 + int(digits[2:])
    if (year, month) < (today.year, today.month):
        errors["expiry"] = "Срок действия карты прошёл. Введите будущую дату."
        return None
    return month, year
