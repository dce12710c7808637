"""What pages show of identity: ready-to-show values only."""

from dataclasses import dataclass

from lkk_reflex.identity.models import Purpose


@dataclass(frozen=True, slots=True)
class FlowView:
    """What a browser has begun and must confirm."""

    purpose: Purpose
    #: Masked: «i•••@mail.ru».
    login: str
    by_email: bool
    #: Length of the code.
    digits: int
    #: How long «Отправить ещё раз» must wait.
    resend_seconds: int
    #: A reset is confirmed and waits for the new password.
    is_proved: bool


@dataclass(frozen=True, slots=True)
class SessionView:
    """One signed-in browser in the list of one's own."""

    id: int
    device: str
    last_seen: str
    is_this_one: bool
