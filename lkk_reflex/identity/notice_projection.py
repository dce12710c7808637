"""Choices of notices as the page shows them."""

from collections.abc import Collection
from dataclasses import dataclass

from lkk_reflex.identity.models import LoginKind, NoticeEvent
from lkk_reflex.identity.notice_repository import Addresses
from lkk_reflex.identity.rules import Login
from lkk_reflex.notifications.models import Channel


@dataclass(frozen=True, slots=True)
class NoticesView:
    """Where messages go, and which boxes are ticked."""

    #: Masked addresses; empty where there is none, or it cannot be written to.
    email: str = ""
    #: Gets a copy of everything but what concerns security.
    second_email: str = ""
    phone: str = ""
    #: The company sends SMS at all.
    has_gateway: bool = True
    #: Names of the ticked boxes, `new_bill-email`.
    ticked: tuple[str, ...] = ()


def notices_view(
    addresses: Addresses, wanted: Collection[tuple[NoticeEvent, Channel]], *, has_gateway: bool
) -> NoticesView:
    """Show what a subscriber is told of."""
    emails = [*filter(None, (addresses.login_email, addresses.second_email)), "", ""]
    return NoticesView(
        email=_masked(LoginKind.EMAIL, emails[0]),
        second_email=_masked(LoginKind.EMAIL, emails[1]),
        phone=_masked(LoginKind.PHONE, addresses.phone) if has_gateway else "",
        has_gateway=has_gateway,
        ticked=tuple(box_name(event, channel) for event, channel in sorted(wanted)),
    )


def box_name(event: NoticeEvent, channel: Channel) -> str:
    """Return the name of a box in the form."""
    return f"{event}-{channel}"


def _masked(kind: LoginKind, value: str) -> str:
    return Login(kind, value).masked if value else ""
