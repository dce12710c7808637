"""What pages show of identity: ready-to-show values only."""

from dataclasses import dataclass

from lkk_reflex.identity.models import Purpose


@dataclass(frozen=True, slots=True)
class FlowView:
    """What a browser has begun and must confirm."""

    purpose: Purpose
    #: Masked: «i•••@mail.ru»; in full for who has just typed it.
    login: str
    by_email: bool
    #: Length of the code.
    digits: int
    #: The message holds a link too, which does instead of the code.
    has_link: bool
    #: How long «Отправить ещё раз» must wait.
    resend_seconds: int
    #: A reset is confirmed and waits for the new password.
    is_proved: bool
    #: The new password must come with a code of the second factor.
    needs_second_code: bool


@dataclass(frozen=True, slots=True)
class SessionView:
    """One signed-in browser in the list of one's own."""

    public_id: str
    device: str
    #: IP address.
    address: str
    #: «22 ноября, 14:05».
    opened: str
    #: «сейчас», «2 часа назад».
    last_seen: str
    is_this_one: bool
