"""Reader of the payment code (QR) of a bill, ГОСТ Р 56042-2014.

`ST`, version `0001`, one digit of the encoding, the separator, then `Key=Value` joined by the separator. Billing
programs are careless, so the reader is patient: any case of keys, a wrong digit of the encoding, a separator at
the end, `=` inside values.
"""

from dataclasses import dataclass
from types import MappingProxyType

from lkk_reflex.accounts.requisites import has_right_key, is_inn

_MARK = "ST0001"
_ENCODINGS = {"1": "cp1251", "2": "utf-8", "3": "koi8-r"}
_MANDATORY = ("name", "personalacc", "bankname", "bic", "correspacc")
_HEAD = len(_MARK) + 2


@dataclass(frozen=True, slots=True)
class PaymentCode:
    """The fields of a payment code by lower-case key, unknown ones too."""

    fields: MappingProxyType[str, str]

    @property
    def account_number(self) -> str:
        """Return the subscriber's account as written, or an empty text."""
        return self.fields.get("persacc") or self.fields.get("personalaccount", "")

    @property
    def payee_inn(self) -> str:
        """Return the taxpayer number of the receiver, or an empty text."""
        return self.fields.get("payeeinn", "")

    def doubts(self) -> list[str]:
        """Return Russian sentences about what does not fit together; none of them makes the code useless."""
        missing = [key for key in _MANDATORY if not self.fields.get(key)]
        doubts = [f"В коде нет обязательных полей: {', '.join(missing)}."] if missing else []
        if "personalacc" not in missing and not has_right_key(self.fields["personalacc"], self.fields.get("bic", "")):
            doubts.append("Расчётный счёт не подходит к БИК.")
        if self.payee_inn and not is_inn(self.payee_inn):
            doubts.append("В ИНН получателя ошибка.")
        if not self.fields.get("sum", "0").isdecimal():
            doubts.append("Сумма должна быть в копейках, без точки.")
        return doubts


def is_payment_code(text: str) -> bool:
    """Tell whether the text begins as a payment code does."""
    bare = text.strip("\ufeff \t\r\n")
    return len(bare) >= _HEAD and bare.upper().startswith(_MARK)


def decode(data: bytes) -> str:
    """Return the text of a scanned code: by its digit of the encoding, or by another one when that fails."""
    bare = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    told = _ENCODINGS.get(bare[len(_MARK) : len(_MARK) + 1].decode("ascii", "replace"), "utf-8")
    for encoding in (told, "utf-8", "cp1251"):
        try:
            return bare.decode(encoding)
        except UnicodeDecodeError:
            continue
    return bare.decode("koi8-r")


def parse(text: str) -> PaymentCode:
    """Read a payment code.

    Raises:
        ValueError: when the text is no payment code.
    """
    bare = text.strip("\ufeff \t\r\n")
    if not is_payment_code(bare):
        raise ValueError("not a payment code")
    separator = bare[_HEAD - 1]
    pairs = (part.partition("=") for part in bare[_HEAD:].split(separator))
    return PaymentCode(MappingProxyType({key.strip().lower(): value.strip() for key, _, value in pairs if key}))
