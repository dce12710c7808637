"""What a subscriber wants to be told of, and by which channel."""

from collections.abc import Collection

from sqlmodel import Session

from lkk_reflex.identity import audit, own_changes
from lkk_reflex.identity import notice_repository as repository
from lkk_reflex.identity.errors import SecurityNoticeNeeded
from lkk_reflex.identity.models import NoticeEvent
from lkk_reflex.identity.notice_projection import NoticesView, box_name, notices_view
from lkk_reflex.identity.notice_repository import Addresses
from lkk_reflex.identity.notices import SECURITY, reach_of, wanted_channels
from lkk_reflex.identity.own_changes import Change
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.notifications.models import Channel
from lkk_reflex.settings import SmsSender, get_settings

Wish = tuple[NoticeEvent, Channel]


def own_choices(session: Session, viewer: Viewer) -> NoticesView:
    """Return what the viewer is told of now, and where the messages go.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    addresses, wanted = _present(session, viewer)
    return notices_view(addresses, wanted, has_gateway=get_settings().sms_sender is not SmsSender.OFF)


def choose(session: Session, viewer: Viewer, *, wishes: Collection[Wish]) -> NoticesView:
    """Make exactly these the viewer's choices, among the channels that can be used now; the others stay as they are.

    Raises:
        SignInRequired: the viewer is no subscriber.
        SecurityNoticeNeeded: something that concerns the security of the cabinet would be told by no channel.
        TooManyChanges: the choices were changed too often.
    """
    subscriber_id = viewer.require_subscriber()
    addresses, before = _present(session, viewer)
    changes = []
    for event in NoticeEvent:
        reach = reach_of(addresses, event)
        if event in SECURITY and reach and not any((event, channel) in wishes for channel in reach):
            raise SecurityNoticeNeeded(box=box_name(event, next(iter(reach))))
        changes += [
            (event, channel, (event, channel) in wishes)
            for channel in reach
            if ((event, channel) in wishes) is not ((event, channel) in before)
        ]
    if changes:
        own_changes.count(session, viewer, Change.NOTICES)
        repository.choose(session, subscriber_id, changes, clock.now())
        audit.record(session, viewer, "notices.chosen", subscriber_id=subscriber_id)
    return own_choices(session, viewer)


def _present(session: Session, viewer: Viewer) -> tuple[Addresses, set[Wish]]:
    subscriber_id = viewer.require_subscriber()
    addresses = repository.addresses_of(session, [subscriber_id]).get(subscriber_id, Addresses())
    chosen = repository.choices_of(session, [subscriber_id]).get(subscriber_id, {})
    wanted = {
        (event, channel)
        for event in NoticeEvent
        for channel in wanted_channels(event, reach_of(addresses, event), chosen)
    }
    return addresses, wanted
