"""Writer of the payment code (QR) of a bill, ГОСТ Р 56042-2014; its reader is `payment_code`."""

from collections.abc import Mapping
from dataclasses import dataclass

from lkk_reflex.accounts.models import CodeEncoding

_DIGITS = {CodeEncoding.WINDOWS_1251: "1", CodeEncoding.UTF_8: "2"}
#: In this order: the first that stands in no value parts the fields.
_SEPARATORS = "|#;:^_~{}!$%&()*+,/@"
_NAME_LIMIT, _BANK_NAME_LIMIT = 160, 45
#: Of the mandatory fields together with their names and separators.
_MANDATORY_BYTES = 300
_NO_CORRESPONDENT_ACCOUNT = "0"
#: Longest values of the fields that we write; the standard gives the payer's address no limit of its own.
_LIMITS = {
    "Sum": 18,
    "Purpose": 160,
    "PayeeINN": 12,
    "KPP": 9,
    "LastName": 100,
    "FirstName": 100,
    "MiddleName": 100,
    "PayerAddress": 160,
    "PersAcc": 30,
    "PaymPeriod": 7,
    "TechCode": 2,
}


@dataclass(frozen=True, slots=True)
class Receiver:
    """The mandatory fields: who gets the money, and where. The correspondent account may be empty."""

    name: str
    bank_account: str
    bank_name: str
    bic: str
    correspondent_account: str


def write_code(
    receiver: Receiver, fields: Mapping[str, str], encoding: CodeEncoding = CodeEncoding.UTF_8
) -> bytes:  # fmt: skip
    """Return the bytes of a payment code: mandatory fields in the order of the standard, then `fields` in their own.

    Line breaks are taken out, what is too long is cut off, empty fields are left out, one separator that stands in
    no value parts all fields and none ends the code. Signs that cp1251 lacks become question marks in it.
    """
    mandatory = {
        "Name": _one_line(receiver.name)[:_NAME_LIMIT],
        "PersonalAcc": receiver.bank_account,
        "BankName": _one_line(receiver.bank_name)[:_BANK_NAME_LIMIT],
        "BIC": receiver.bic,
        "CorrespAcc": receiver.correspondent_account or _NO_CORRESPONDENT_ACCOUNT,
    }
    while len(_joined(mandatory, "|").encode(encoding, "replace")) > _MANDATORY_BYTES:
        mandatory["Name"] = mandatory["Name"][:-1]
    optional = {name: _one_line(value)[: _LIMITS.get(name)] for name, value in fields.items()}
    told = mandatory | {name: value for name, value in optional.items() if value}
    separator = next((sign for sign in _SEPARATORS if not any(sign in value for value in told.values())), None)
    if separator is None:
        separator = _SEPARATORS[0]
        told = {name: value.replace(separator, " ") for name, value in told.items()}
    return f"ST0001{_DIGITS[encoding]}{separator}{_joined(told, separator)}".encode(encoding, "replace")


def _joined(fields: Mapping[str, str], separator: str) -> str:
    return separator.join(f"{name}={value}" for name, value in fields.items())


def _one_line(text: str) -> str:
    return " ".join(text.split())
