"""Bills without paper: who has proved an account may ask the company to send its bill no more by post."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from lkk_reflex.accounts import paperless_repository, repository
from lkk_reflex.accounts.errors import ExtendedAccessRequired, NoNewsOfBills
from lkk_reflex.accounts.models import AccountLink, LinkLevel, PaperlessChoice
from lkk_reflex.identity import audit, notices, own_changes
from lkk_reflex.identity.models import NoticeEvent
from lkk_reflex.identity.own_changes import Change
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.errors import Forbidden


@dataclass(frozen=True, slots=True)
class PaperlessAccount:
    """An account whose bill need not be printed."""

    number: str
    address: str
    since: datetime


def is_paperless(session: Session, viewer: Viewer, *, public_id: str) -> bool:
    """Tell whether the viewer has asked for no paper bill of a connected account, told of new bills or not.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has no such connection.
    """
    choice = paperless_repository.choice_of(session, _own(session, viewer, public_id).id or 0)
    return choice is not None and choice.ended_at is None


def is_heeded(session: Session, viewer: Viewer, *, public_id: str) -> bool:
    """Tell whether no paper bill of a connected account comes: who has asked for none is told of new bills.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has no such connection.
    """
    chosen = paperless_repository.living_of_account(session, _own(session, viewer, public_id).account_id)
    choosers = {link.subscriber_id for _, link in chosen}
    return bool(notices.told_of(session, subscriber_ids=choosers, event=NoticeEvent.NEW_BILL))


def choose_paper(session: Session, viewer: Viewer, *, public_id: str, wants_paper: bool) -> None:
    """Ask for no paper bill of a connected account, or for paper again; asking twice changes nothing.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has no such connection.
        ExtendedAccessRequired: nothing has proved yet that the account is the viewer's.
        NoNewsOfBills: the viewer is told of new bills by no channel, so that paper is the only news.
        TooManyChanges: paper was refused too often. Asking for it again is never refused.
    """
    link = repository.lock_own_link(session, viewer, public_id)
    if link is None:
        raise Forbidden
    if link.level is not LinkLevel.EXTENDED:
        raise ExtendedAccessRequired
    choice = paperless_repository.choice_of(session, link.id or 0)
    living = choice if choice is not None and choice.ended_at is None else None
    if wants_paper:
        if living is not None:
            _end(session, viewer, living, link, at=clock.now())
    elif living is None:
        if not notices.is_told(session, subscriber_id=viewer.require_subscriber(), event=NoticeEvent.NEW_BILL):
            raise NoNewsOfBills
        own_changes.count(session, viewer, Change.PAPER)
        _begin(session, viewer, choice or PaperlessChoice(link_id=link.id or 0, chosen_at=clock.now()), link)


def end_with(
    session: Session, viewer: Viewer, *, account_id: int, ended_at: datetime, link_id: int | None = None
) -> None:
    """End the choices for an account whose connections end: all, or that of one connection. Part of ending them."""
    for choice, link in paperless_repository.living_of_account(session, account_id):
        if link_id in (None, link.id):
            _end(session, viewer, choice, link, at=ended_at)


def restore_with(session: Session, viewer: Viewer, *, link: AccountLink, ended_at: datetime) -> None:
    """Bring back the choice that ended together with a connection whose end is taken back. Part of taking it back."""
    choice = paperless_repository.choice_of(session, link.id or 0)
    if choice is not None and choice.ended_at == ended_at and link.level is LinkLevel.EXTENDED:
        _begin(session, viewer, choice, link)


def paperless_accounts(session: Session, viewer: Viewer, *, provider_id: int) -> list[PaperlessAccount]:
    """Return the accounts of a provider whose bills need not be printed, by number.

    Where nobody who has asked for no paper is told of new bills any more, paper is the only news of them again.

    Raises:
        Forbidden: for everybody but the staff of the provider.
    """
    viewer.require_staff_of(provider_id)
    chosen = paperless_repository.living_of_provider(session, provider_id)
    choosers = {subscriber_id for _, subscriber_id, _ in chosen}
    told = notices.told_of(session, subscriber_ids=choosers, event=NoticeEvent.NEW_BILL)
    # The earliest choice of an account comes first, so that the others do not replace it.
    found: dict[int, PaperlessAccount] = {}
    for account, subscriber_id, since in chosen:
        if subscriber_id in told:
            found.setdefault(account.id or 0, PaperlessAccount(account.number_shown, account.address, since))
    return list(found.values())


def _begin(session: Session, viewer: Viewer, choice: PaperlessChoice, link: AccountLink) -> None:
    choice.chosen_at, choice.ended_at = clock.now(), None
    paperless_repository.put(session, choice)
    _record(session, viewer, "paperless.chosen", link)


def _end(session: Session, viewer: Viewer, choice: PaperlessChoice, link: AccountLink, *, at: datetime) -> None:
    choice.ended_at = at
    paperless_repository.put(session, choice)
    _record(session, viewer, "paperless.ended", link)


def _record(session: Session, viewer: Viewer, action: str, link: AccountLink) -> None:
    audit.record(session, viewer, action, subscriber_id=link.subscriber_id, subject=str(link.account_id))


def _own(session: Session, viewer: Viewer, public_id: str) -> AccountLink:
    link = repository.own_link(session, viewer, public_id)
    if link is None:
        raise Forbidden
    return link
