"""What the pages of the security settings show: ready-to-show values only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_timedelta

from lkk_reflex.identity.models import SecondFactor

_MOSCOW = ZoneInfo("Europe/Moscow")
#: Being here is noted no more often than every five minutes.
_NOW = timedelta(minutes=6)


@dataclass(frozen=True, slots=True)
class FactorView:
    """The second factor as its owner sees it."""

    is_on: bool = False
    #: «Включён 22 ноября 2026 г.»
    since: str = ""
    #: «Запасных кодов осталось: 8».
    codes_left: str = ""
    #: So few codes are left that new ones should be made.
    is_low: bool = False


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The secret of an authenticator, at the one moment when it is shown."""

    #: An SVG of the QR code in a `data:` address.
    picture: str = ""
    #: The same to be typed, in groups of four.
    secret: str = ""


@dataclass(frozen=True, slots=True)
class SecurityView:
    """The cards of the page."""

    login: str = ""
    password_changed: str = ""
    #: The new login that waits for its code, masked; empty when none does.
    new_login: str = ""
    factor: FactorView = FactorView()


def factor_view(factor: SecondFactor | None, codes_left: int) -> FactorView:
    """Show the state of a second factor."""
    if factor is None or factor.enabled_at is None:
        return FactorView()
    left = f"Запасных кодов осталось: {codes_left}" if codes_left else "Запасных кодов не осталось"
    return FactorView(True, f"Включён {day(factor.enabled_at)}", left, is_low=codes_left <= 2)


def day(at: datetime) -> str:
    """Return `22 ноября 2026`."""
    return format_datetime(at.astimezone(_MOSCOW), "d MMMM y", locale="ru").replace(" ", "\N{NO-BREAK SPACE}", 1)


def day_and_time(at: datetime) -> str:
    """Return `22 ноября, 14:05`."""
    return format_datetime(at.astimezone(_MOSCOW), "d MMMM, HH:mm", locale="ru").replace(" ", "\N{NO-BREAK SPACE}", 1)


def ago(passed: timedelta) -> str:
    """Return `сейчас` or `2 часа назад`."""
    return "сейчас" if passed < _NOW else format_timedelta(-passed, add_direction=True, locale="ru", threshold=1.5)
