"""PINs as people get and type them, and how often a proof may be tried."""

import secrets
from datetime import date, timedelta

from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.money import Money
from lkk_reflex.kit.rate_limit import Limit, Scope

#: Neither 0 and O nor 1, I and L: nobody has to guess what is printed. 8 of 31 are 39.6 bits.
PIN_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
PIN_LENGTH = 8
PIN_LIFE = timedelta(days=60)
PIN_TRIES = 5
#: So many months back a bill may lie that proves something: what people still keep.
BILL_MONTHS = 6
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
    """Return the months whose bills may prove something, the latest first; the same for every account."""
    this = BillingPeriod(today.year, today.month)
    return [this.shifted(-back) for back in range(1, BILL_MONTHS + 1)]


def typed_month(typed: str, today: date) -> BillingPeriod | None:
    """Return the chosen month, or None when it is none of those that are offered."""
    return next((month for month in bill_months(today) if str(month.key) == typed), None)


def typed_sum(typed: str) -> Money | None:
    """Return the sum in any spelling of money, or None when it is none."""
    try:
        return Money.parse(typed)
    except ValueError:
        return None
