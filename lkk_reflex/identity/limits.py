"""How often what may be tried: the documented controls against guessing (ASVS 5.0 6.1.1), as data.

Per-account limits stop guessing at one account, the others stop spraying over many. Limits of a password count
failures only: a right one is given back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from lkk_reflex.kit.rate_limit import Limit, Scope, Wait, address_keys
from lkk_reflex.settings import PasswordProfile

_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
#: Long enough to mean "ever": a right password or a reset clears the counter.
_EVER: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class PasswordLimits:
    """Limits of wrong passwords for one login."""

    #: Waiting grows with every further failure.
    short: Limit
    #: Past these the owner must prove to be the owner.
    lasting: tuple[Limit, ...]

    @property
    def all(self) -> tuple[Limit, ...]:
        """Return every limit of one login."""
        return (self.short, *self.lasting)


def _password_limits(action: str, short: int, daily: int, ever: int) -> PasswordLimits:
    return PasswordLimits(
        Limit(action, Scope.SUBJECT, short, 15 * _MINUTE, Wait.GROWING),
        (Limit(action, Scope.SUBJECT, daily, _DAY), Limit(action, Scope.SUBJECT, ever, _EVER)),
    )


PASSWORD: Final[Mapping[PasswordProfile, PasswordLimits]] = {
    PasswordProfile.STANDARD: _password_limits("password", 5, 20, 100),
    # A password of five characters gets fewer tries.
    PasswordProfile.INSTRUCTION: _password_limits("password", 3, 10, 30),
}
#: A browser that has confirmed a sign-in counts by itself, so that a stranger's failures do not lock its owner out.
KNOWN_DEVICE: Final[Mapping[PasswordProfile, PasswordLimits]] = {
    PasswordProfile.STANDARD: _password_limits("password-known-device", 5, 20, 100),
    PasswordProfile.INSTRUCTION: _password_limits("password-known-device", 3, 10, 30),
}
PASSWORD_SPRAY: Final = (
    Limit("password", Scope.ADDRESS, 20, 15 * _MINUTE),
    Limit("password", Scope.NETWORK, 100, 15 * _MINUTE),
    Limit("password", Scope.GLOBAL, 500, 5 * _MINUTE),
)
CODE: Final = (
    Limit("code", Scope.ADDRESS, 20, _HOUR),
    Limit("code", Scope.NETWORK, 100, _HOUR),
    Limit("code", Scope.GLOBAL, 100, 5 * _MINUTE),
)
#: The password that who is signed in gives again before a change.
OWN_PASSWORD: Final = (
    Limit("own-password", Scope.SUBJECT, 5, 15 * _MINUTE, Wait.GROWING),
    Limit("own-password", Scope.SUBJECT, 20, _DAY),
)
#: Codes of the application: three of a million fit at any moment, so a year of guessing must stay short.
SECOND_FACTOR: Final = (
    Limit("second-factor", Scope.SUBJECT, 5, 15 * _MINUTE, Wait.GROWING),
    Limit("second-factor", Scope.SUBJECT, 20, _DAY),
    Limit("second-factor", Scope.SUBJECT, 100, _EVER),
)
#: Counted apart, so that whoever uses up the tries of the application cannot keep the owner from a recovery code.
RECOVERY_CODE: Final = (
    Limit("recovery-code", Scope.SUBJECT, 5, 15 * _MINUTE, Wait.GROWING),
    Limit("recovery-code", Scope.SUBJECT, 20, _DAY),
)
#: New addresses that one subscriber asks to confirm.
OWN_CHANGES: Final = (Limit("own-change", Scope.SUBJECT, 10, _DAY),)
_MESSAGE_SPRAY: Final = (
    Limit("message", Scope.ADDRESS, 20, _DAY),
    Limit("message", Scope.NETWORK, 60, _DAY),
)
#: Messages that anybody can cause by typing a login.
MESSAGE: Final = (
    Limit("message", Scope.SUBJECT, 1, _MINUTE),
    Limit("message", Scope.SUBJECT, 5, _DAY),
    *_MESSAGE_SPRAY,
)
#: Codes for a new device, sent after the right password: counted apart, so that a stranger cannot use them up.
MESSAGE_AFTER_PASSWORD: Final = (
    Limit("message-after-password", Scope.SUBJECT, 1, _MINUTE),
    Limit("message-after-password", Scope.SUBJECT, 5, _DAY),
    *_MESSAGE_SPRAY,
)
REGISTRATION: Final = (
    Limit("registration", Scope.ADDRESS, 10, _HOUR),
    Limit("registration", Scope.NETWORK, 50, _HOUR),
    Limit("registration", Scope.GLOBAL, 1000, _HOUR),
)

CODE_TRIES: Final = 5
EMAIL_CODE_LIFE: Final = timedelta(minutes=30)
SMS_CODE_LIFE: Final = timedelta(minutes=10)
LINK_LIFE: Final = timedelta(hours=24)
#: How long a browser may finish what it began; a new code can be asked for during that time.
FLOW_LIFE: Final = timedelta(hours=24)
#: How long a confirmed reset waits for the new password.
PROOF_LIFE: Final = timedelta(minutes=15)
#: How long a given password waits for the second factor.
SECOND_FACTOR_LIFE: Final = timedelta(minutes=15)
TICKET_LIFE: Final = timedelta(seconds=60)
SESSION_IDLE_LIFE: Final = timedelta(days=7)
SESSION_LIFE: Final = timedelta(days=30)
#: `last_seen_at` is written no more often than this: reading a page must not write.
SESSION_TOUCH_EVERY: Final = timedelta(minutes=5)
KNOWN_DEVICE_LIFE: Final = timedelta(days=365)


def keys_of(address: str, subject: str = "") -> dict[Scope, str]:
    """Return the keys by which an attempt from this address on this subject is counted."""
    return {**address_keys(address), Scope.SUBJECT: subject}
