"""What the page of one's own data shows: ready-to-show values only."""

from dataclasses import dataclass

from lkk_reflex.identity.models import LoginKind, SubscriberProfile
from lkk_reflex.identity.rules import Login, shown_phone


@dataclass(frozen=True, slots=True)
class ProfileView:
    """What the fields hold when the page opens."""

    surname: str = ""
    name: str = ""
    patronymic: str = ""
    phone: str = ""
    second_email: str = ""
    #: The login is a phone, so that the second e-mail is the only one.
    is_only_email: bool = False


def profile_view(told: SubscriberProfile, waiting_email: str | None, login_kind: LoginKind) -> ProfileView:
    """Show what a subscriber has told, as they would write it; an e-mail that waits for its code hides the former."""
    second_email = waiting_email or told.second_email
    return ProfileView(
        surname=told.surname,
        name=told.name,
        patronymic=told.patronymic,
        phone=shown_phone(told.phone) if told.phone else "",
        second_email=Login(LoginKind.EMAIL, second_email).shown if second_email else "",
        is_only_email=login_kind is LoginKind.PHONE,
    )
