"""Telling subscribers what has happened: to their confirmed addresses, by the channels they have chosen, once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session

from lkk_reflex.identity import notice_repository as repository
from lkk_reflex.identity.models import NoticeEvent
from lkk_reflex.identity.notice_repository import Chosen
from lkk_reflex.notifications import outbox
from lkk_reflex.notifications.models import Channel
from lkk_reflex.settings import SmsSender, get_settings

#: Who breaks into a cabinet must not be able to silence these: at least one channel stays.
SECURITY: Final = frozenset(
    {
        NoticeEvent.NEW_DEVICE,
        NoticeEvent.PASSWORD_CHANGED,
        NoticeEvent.LOGIN_CHANGED,
        NoticeEvent.SECOND_FACTOR_CHANGED,
        NoticeEvent.ACCOUNT_UNLINKED,
    }
)
SETTINGS_PATH: Final = "/settings/notifications"


@dataclass(frozen=True, slots=True)
class Notice:
    """What one subscriber is to be told.

    `params` fill in the template, besides `link` (the absolute address of `path`) and `settings_link`. After
    `expires_at` the message is of no use and is not sent any more.
    """

    subscriber_id: int
    event: NoticeEvent
    template: str
    params: Mapping[str, object]
    #: At most 114 characters; the same cause never makes a second message on a channel.
    dedupe_key: str
    path: str = ""
    expires_at: datetime | None = None


def tell(
    session: Session,
    *,
    subscriber_id: int,
    event: NoticeEvent,
    template: str,
    params: Mapping[str, object],
    dedupe_key: str,
    path: str = "",
    expires_at: datetime | None = None,
) -> None:
    """Queue the messages of one notice in the unit of work of what it tells; see `Notice`."""
    tell_all(session, [Notice(subscriber_id, event, template, params, dedupe_key, path, expires_at)])


def tell_all(session: Session, notices: Sequence[Notice]) -> None:
    """Queue the messages of many notices, with two questions to the database for all of them together."""
    people = {notice.subscriber_id for notice in notices}
    addresses = repository.addresses_of(session, people)
    choices = repository.choices_of(session, people)
    portal = get_settings().public_url
    for notice in notices:
        reach = usable(addresses.get(notice.subscriber_id, {}))
        for channel in wanted_channels(notice.event, reach, choices.get(notice.subscriber_id, {})):
            outbox.queue(
                session,
                to=reach[channel],
                template=notice.template,
                params={
                    "link": f"{portal}{notice.path}",
                    "settings_link": f"{portal}{SETTINGS_PATH}",
                    **notice.params,
                },
                dedupe_key=f"{notice.dedupe_key}:{channel}",
                expires_at=notice.expires_at,
            )


def usable(addresses: Mapping[Channel, str]) -> dict[Channel, str]:
    """Return the addresses that can be written to now: without a gateway no phone can."""
    has_gateway = get_settings().sms_sender is not SmsSender.OFF
    return {channel: to for channel, to in addresses.items() if channel is not Channel.SMS or has_gateway}


def wanted_channels(event: NoticeEvent, reach: Mapping[Channel, str], chosen: Chosen) -> list[Channel]:
    """Return by which of the reachable channels a subscriber is told of an event.

    Without a choice it is the e-mail. What concerns the security of the cabinet goes by one channel at least: the
    e-mail, or the phone of who has no e-mail here.
    """
    wanted = [channel for channel in reach if chosen.get((event, channel), channel is Channel.EMAIL)]
    if wanted or event not in SECURITY:
        return wanted
    return [channel for channel in (Channel.EMAIL, Channel.SMS) if channel in reach][:1]
