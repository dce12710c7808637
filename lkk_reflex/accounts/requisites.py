"""Numbers of banks and companies that stand on a bill beside the account number, and their check digits."""

import re

_BANK_ACCOUNT = re.compile(r"[1-9]\d{4}[0-9ABCEHKMPTX]\d{14}")
_BIC = re.compile(r"\d{9}")
_KEY_WEIGHTS = (7, 1, 3)
_INN_WEIGHTS = {
    10: ((2, 4, 10, 3, 5, 9, 4, 6, 8),),
    12: ((7, 2, 4, 10, 3, 5, 9, 4, 6, 8), (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)),
}


def is_bank_account(text: str) -> bool:
    """Tell whether the text looks like a 20-character bank account (ГОСТ Р 56042-2014, PersonalAcc)."""
    return _BANK_ACCOUNT.fullmatch(text) is not None


def is_inn(text: str) -> bool:
    """Tell whether the text is a taxpayer number of 10 or 12 digits with right check digits."""
    if not (text.isascii() and text.isdigit()) or len(text) not in _INN_WEIGHTS:
        return False
    digits = [int(sign) for sign in text]
    rows = _INN_WEIGHTS[len(text)]
    checks = [sum(a * b for a, b in zip(row, digits, strict=False)) % 11 % 10 for row in rows]
    return checks == digits[-len(rows) :]


def has_right_key(bank_account: str, bic: str) -> bool:
    """Tell whether the key of a bank account fits its bank.

    The last three digits of the BIC and the account, weighted 7, 1, 3…, sum up to a multiple of ten (rule of the
    Bank of Russia). False also when one of the two is not a number at all.
    """
    digits = bic[-3:] + bank_account
    if not (_BIC.fullmatch(bic) and is_bank_account(bank_account) and digits.isdigit()):
        return False
    return sum(int(sign) * _KEY_WEIGHTS[place % 3] % 10 for place, sign in enumerate(digits)) % 10 == 0


def has_right_correspondent_key(correspondent_account: str, bic: str) -> bool:
    """Tell whether the key of a bank's own account fits its BIC; its key counts `0` and two digits of the BIC."""
    return has_right_key(correspondent_account, f"{bic[:6]}0{bic[4:6]}")


def is_bic(text: str) -> bool:
    """Tell whether the text looks like a BIC."""
    return _BIC.fullmatch(text) is not None
