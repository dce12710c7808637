"""Telling subscribers what has happened: to their confirmed addresses, by the channels they have chosen, once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Final

from sqlmodel import Session

from lkk_reflex.identity import notice_repository as repository
from lkk_reflex.identity.models import NoticeEvent
from lkk_reflex.identity.notice_repository import Addresses, Chosen
from lkk_reflex.kit import rate_limit
from lkk_reflex.kit.rate_limit import Limit, Scope, TooManyAttempts
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
        NoticeEvent.ACCOUNT_SHARED,
    }
)
SETTINGS_PATH: Final = "/settings/notifications"
_DAY: Final = timedelta(days=1)
#: What somebody does oneself may cause a message each time, and all short messages of a day share one cap: without
#: these limits one person could use it up, so that nobody got a code for signing in.
ORDINARY_SMS: Final = Limit("notice-sms", Scope.SUBJECT, 20, _DAY)
#: Counted apart, so that who breaks into a cabinet cannot use up the warnings by something else.
SECURITY_SMS: Final = Limit("security-sms", Scope.SUBJECT, 20, _DAY)
#: So many addresses a subscriber has on one channel at most: that of the login and a second one.
_MOST_ADDRESSES: Final = 2
#: A query names so many subscribers at once.
_PORTION: Final = 1000


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
    #: At most 113 characters; the same cause never makes a second message on a channel.
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
    """Queue the messages of many notices, with two questions to the database for all of them together.

    Who has been sent too many short messages today gets no more of them; letters go on.
    """
    people = {notice.subscriber_id for notice in notices}
    addresses = repository.addresses_of(session, people)
    choices = repository.choices_of(session, people)
    messages = [
        (notice, channel, copy, to)
        for notice in notices
        for reach in (reach_of(addresses.get(notice.subscriber_id, Addresses()), notice.event),)
        for channel in wanted_channels(notice.event, reach, choices.get(notice.subscriber_id, {}))
        for copy, to in enumerate(reach[channel])
    ]
    withheld = _withheld(session, [notice for notice, channel, _, _ in messages if channel is Channel.SMS])
    portal = get_settings().public_url
    for notice, channel, copy, to in messages:
        if channel is Channel.SMS and notice.dedupe_key in withheld:
            continue
        outbox.queue(
            session,
            to=to,
            template=notice.template,
            params={"link": f"{portal}{notice.path}", "settings_link": f"{portal}{SETTINGS_PATH}", **notice.params},
            dedupe_key=_message_key(notice, channel, copy),
            expires_at=notice.expires_at,
        )


def untold(session: Session, notices: Sequence[Notice]) -> list[Notice]:
    """Return the notices of which no message has been queued yet, by whatever channel, as far as the outbox knows.

    Who is looked for day after day is so told once, though a channel or an address has been added since.
    """
    keys = {
        _message_key(notice, channel, copy): notice.dedupe_key
        for notice in notices
        for channel in Channel
        for copy in range(_MOST_ADDRESSES)
    }
    told = {keys[key] for key in outbox.known(session, keys)}
    return [notice for notice in notices if notice.dedupe_key not in told]


def _message_key(notice: Notice, channel: Channel, copy: int) -> str:
    return f"{notice.dedupe_key}:{channel}{copy or ''}"


def _withheld(session: Session, paid: Sequence[Notice]) -> set[str]:
    """Count these short messages, and return the keys of those that are too many for one person."""
    withheld: set[str] = set()
    # In one order everywhere, so that two tellers never wait for each other.
    for notice in sorted(paid, key=attrgetter("subscriber_id")):
        limit = SECURITY_SMS if notice.event in SECURITY else ORDINARY_SMS
        try:
            rate_limit.take(session, [limit], {Scope.SUBJECT: str(notice.subscriber_id)})
        except TooManyAttempts:
            withheld.add(notice.dedupe_key)
    return withheld


def is_told(session: Session, *, subscriber_id: int, event: NoticeEvent) -> bool:
    """Tell whether a subscriber hears of an event by any channel."""
    return bool(told_of(session, subscriber_ids=[subscriber_id], event=event))


def told_of(session: Session, *, subscriber_ids: Collection[int], event: NoticeEvent) -> set[int]:
    """Return which of these subscribers hear of an event by any channel."""
    ordered = sorted(set(subscriber_ids))
    told: set[int] = set()
    for first in range(0, len(ordered), _PORTION):
        portion = ordered[first : first + _PORTION]
        addresses = repository.addresses_of(session, portion)
        choices = repository.choices_of(session, portion)
        # Who is missing among the addresses has closed the cabinet and hears of nothing.
        told.update(
            each
            for each, found in addresses.items()
            if wanted_channels(event, reach_of(found, event), choices.get(each, {}))
        )
    return told


def reach_of(addresses: Addresses, event: NoticeEvent) -> dict[Channel, tuple[str, ...]]:
    """Return where a subscriber can be told of an event now; without a gateway no phone can be written to.

    A second e-mail gets a copy, but not of what concerns security, unless there is no other.
    """
    emails = tuple(filter(None, (addresses.login_email, addresses.second_email)))
    if event in SECURITY:
        emails = emails[:1]
    phones = (addresses.phone,) if addresses.phone and get_settings().sms_sender is not SmsSender.OFF else ()
    return {channel: found for channel, found in ((Channel.EMAIL, emails), (Channel.SMS, phones)) if found}


def wanted_channels(event: NoticeEvent, reach: Collection[Channel], chosen: Chosen) -> list[Channel]:
    """Return by which of the reachable channels a subscriber is told of an event.

    Without a choice it is the e-mail, and for what concerns security the phone too. That goes by one channel at
    least: where all have been switched off, or the chosen one cannot be used any more, by the first that can.
    """
    is_security = event in SECURITY
    wanted = [channel for channel in reach if chosen.get((event, channel), channel is Channel.EMAIL or is_security)]
    return wanted or (list(reach)[:1] if is_security else [])
