"""Pure rules of the second factor: codes of an authenticator (TOTP, RFC 6238) and recovery codes."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyotp
import segno

from lkk_reflex.identity.errors import FirstCodeUnreadable, SecondCodeUnreadable
from lkk_reflex.identity.rules import clean_code

STEP_SECONDS: Final = 30
TOTP_DIGITS: Final = 6
#: Digits, so that they are typed on the same keys as the codes; twelve make 40 bits.
RECOVERY_DIGITS: Final = 12
RECOVERY_CODES: Final = 10
#: A clock may run half a minute fast or slow.
_ACCEPTED_STEPS: Final = (-1, 0, 1)
#: Longer names make a picture too fine for the camera of an old telephone.
_MAX_ISSUER: Final = 30


@dataclass(frozen=True, slots=True)
class TypedCode:
    """What was typed, told apart by its length."""

    digits: str

    @property
    def is_recovery(self) -> bool:
        """Tell whether it is a recovery code."""
        return len(self.digits) == RECOVERY_DIGITS


def read_code(text: str) -> TypedCode:
    """Read a code of the application or a recovery code, with or without spaces and dashes.

    Raises:
        SecondCodeUnreadable: when it is neither.
    """
    digits = clean_code(text, TOTP_DIGITS) or clean_code(text, RECOVERY_DIGITS)
    if digits is None:
        raise SecondCodeUnreadable
    return TypedCode(digits)


def read_first_code(text: str) -> str:
    """Read the code that shows that the application has been set up; recovery codes come only after it.

    Raises:
        FirstCodeUnreadable: when it is no code of an application.
    """
    digits = clean_code(text, TOTP_DIGITS)
    if digits is None:
        raise FirstCodeUnreadable
    return digits


def matching_step(secret: str, digits: str, now: datetime) -> int | None:
    """Return the time step whose code this is, of the present one and its neighbours; None when it is of none.

    All three are compared, each in constant time, so that the answer does not tell which was near.
    """
    totp = pyotp.TOTP(secret, digits=TOTP_DIGITS, interval=STEP_SECONDS)
    present = totp.timecode(now)
    fitting = [
        present + offset
        for offset in _ACCEPTED_STEPS
        if pyotp.utils.strings_equal(totp.generate_otp(present + offset), digits)
    ]
    return max(fitting, default=None)


def provisioning_uri(secret: str, *, login: str, company: str) -> str:
    """Return what the picture holds: the secret, and how the application is to call it (`otpauth://totp/…`)."""
    totp = pyotp.TOTP(secret, digits=TOTP_DIGITS, interval=STEP_SECONDS)
    return totp.provisioning_uri(name=login, issuer_name=company.replace(":", " ")[:_MAX_ISSUER].strip())


def picture(uri: str) -> str:
    """Return the QR code as an SVG in a `data:` address; black on white in every theme, as cameras need it."""
    code = segno.make_qr(uri, error="l")
    return code.svg_data_uri(border=4, dark="#000", light="#fff", omitsize=True)


def grouped(text: str, size: int = 4, separator: str = " ") -> str:
    """Return a secret or a code in groups, as people read and type it."""
    return separator.join(re.findall(f".{{1,{size}}}", text))
