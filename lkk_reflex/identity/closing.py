"""Closing a cabinet: the days in which it can be taken back, and the end of what identity holds of the person.

What other slices hold goes first; `cabinet.erasing` leads through all of them and ends here.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from lkk_reflex.identity import audit, codes, consents, own_password, privacy_repository, repository
from lkk_reflex.identity.errors import CabinetErased
from lkk_reflex.identity.models import CabinetClosing, DestructionAct, ErasureStep
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.notifications import outbox
from lkk_reflex.settings import get_settings

#: 152-ФЗ ст. 21 ч. 5 gives thirty days from the withdrawal of a consent to the destruction.
GRACE: Final = timedelta(days=30)
_REASON: Final = "Закрытие личного кабинета по требованию субъекта персональных данных (152-ФЗ, ст. 21)"


@dataclass(frozen=True, slots=True)
class ClosedCabinet:
    """What a closed cabinet says of itself."""

    closed_at: str = ""
    #: The last day on which it can be taken back: `22.12.2026`.
    until: str = ""
    #: The days are over; the data are being erased.
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """An act of destruction with the extract of the log, as order 179 of Roskomnadzor asks for them."""

    number: int
    #: By which the person is named, because everything else is gone.
    cabinet: int
    company: str
    destroyed_at: str
    reason: str
    #: Categories of data with the number of records.
    counts: Mapping[str, int]


def close(viewer: Viewer, *, password: str) -> None:
    """Close the viewer's cabinet and sign out everywhere; nothing more happens when it is closed already.

    Opens its own units of work, because the password is compared between them.

    Raises:
        SignInRequired: for who is not a subscriber.
        OwnPasswordWrong, TooManyAttempts, PasswordsBusy: see `own_password.prove`.
    """
    own_password.prove(viewer, password=password)
    with unit_of_work() as session:
        _close(session, viewer)


def closed_cabinet(session: Session, viewer: Viewer) -> ClosedCabinet:
    """Return what the closed cabinet of the viewer says.

    Raises:
        SignInRequired: the viewer has no closed cabinet.
        Forbidden: it was taken back meanwhile.
    """
    closing = privacy_repository.closing_of(session, viewer.require_closed())
    if closing is None:
        raise Forbidden
    return ClosedCabinet(
        codes.moment(closing.requested_at), _day(closing.erase_after), is_over=closing.erase_after <= clock.now()
    )


def take_back(session: Session, viewer: Viewer) -> None:
    """Open the closed cabinet of the viewer again; nothing happens when that was done already.

    Raises:
        SignInRequired: the viewer has no closed cabinet.
        CabinetErased: the days for it are over.
    """
    subscriber_id = viewer.require_closed()
    closing = privacy_repository.lock_closing(session, subscriber_id)
    if closing is None:
        return
    if closing.erase_after <= clock.now():
        raise CabinetErased
    closing.returned_at = clock.now()
    session.add(closing)
    audit.record(session, viewer, "cabinet.returned", subscriber_id=subscriber_id)


def last_day_if_closed_now() -> str:
    """Return until which day a cabinet that is closed now could be taken back: `22.12.2026`."""
    return _day(clock.now() + GRACE)


def due(session: Session, viewer: Viewer) -> list[int]:
    """Return the ids of the closings whose cabinets are to be erased.

    Raises:
        Forbidden: the viewer is not the system.
    """
    viewer.require_system()
    return [repository.stored_id(closing.id) for closing in privacy_repository.due_closings(session, clock.now())]


def subscriber_to_erase(session: Session, viewer: Viewer, *, closing_id: int) -> int | None:
    """Return whose data a closing is to erase; None when it was taken back, is not due yet or is done.

    Raises:
        Forbidden: the viewer is not the system.
    """
    viewer.require_system()
    closing = privacy_repository.closing_by_id(session, closing_id)
    is_due = closing.returned_at is None and closing.erased_at is None and closing.erase_after <= clock.now()
    return closing.subscriber_id if is_due else None


def is_step_done(session: Session, *, closing_id: int, name: str) -> bool:
    """Tell whether a part of an erasure was finished before."""
    return any(step.name == name for step in privacy_repository.steps_of(session, closing_id))


def note_step(session: Session, *, closing_id: int, name: str, counts: Mapping[str, int]) -> None:
    """Remember that a part of an erasure is finished, in the unit of work that does it."""
    session.add(
        ErasureStep(
            closing_id=closing_id, name=name, counts=json.dumps(counts, ensure_ascii=False), done_at=clock.now()
        )
    )


def finish(session: Session, viewer: Viewer, *, closing_id: int) -> None:
    """Erase what identity holds of the person, free the login and write the act; every other slice is done.

    The consents stay as proofs, the audit stays without addresses.

    Raises:
        Forbidden: the viewer is not the system.
    """
    subscriber_id = subscriber_to_erase(session, viewer, closing_id=closing_id)
    if subscriber_id is None:
        return
    closing = privacy_repository.closing_by_id(session, closing_id)
    login = privacy_repository.subscriber(session, subscriber_id).login
    counts = Counter[str]()
    for step in privacy_repository.steps_of(session, closing_id):
        counts.update(json.loads(step.counts))
    counts.update(_erase(session, viewer, subscriber_id, login))
    now = clock.now()
    closing.erased_at = now
    session.add(closing)
    session.add(
        DestructionAct(
            closing_id=closing_id,
            subscriber_id=subscriber_id,
            login_hash=audit.hashed(login),
            company=get_settings().company_name[:160],
            reason=_REASON,
            counts=json.dumps({name: count for name, count in counts.items() if count}, ensure_ascii=False),
            destroyed_at=now,
        )
    )
    audit.record(session, viewer, "cabinet.erased", subscriber_id=subscriber_id, subject=audit.hashed(login))


def acts(session: Session, viewer: Viewer) -> list[Act]:
    """Return every act of destruction, the newest first.

    Raises:
        Forbidden: the viewer is not the system.
    """
    viewer.require_system()
    return [
        Act(
            repository.stored_id(row.id),
            row.subscriber_id,
            row.company,
            codes.moment(row.destroyed_at),
            row.reason,
            json.loads(row.counts),
        )
        for row in privacy_repository.acts(session)
    ]


def _close(session: Session, viewer: Viewer) -> None:
    subscriber_id, now = viewer.require_subscriber(), clock.now()
    closing = CabinetClosing(subscriber_id=subscriber_id, requested_at=now, erase_after=now + GRACE)
    if not privacy_repository.add_closing(session, closing):
        return
    repository.revoke_sessions(session, subscriber_id, now)
    audit.record(session, viewer, "cabinet.closed", subscriber_id=subscriber_id)
    # The last message: from now on `notices.tell` keeps silent.
    outbox.queue(
        session,
        to=privacy_repository.subscriber(session, subscriber_id).login,
        template="cabinet_closed",
        params={
            "at": codes.moment(now),
            "until": _day(closing.erase_after),
            "sign_in_link": f"{get_settings().public_url}/sign-in",
        },
    )


def _erase(session: Session, viewer: Viewer, subscriber_id: int, login: str) -> Mapping[str, int]:
    consents.withdraw_all(session, viewer, subscriber_id=subscriber_id)
    addresses = [login, *privacy_repository.other_addresses(session, subscriber_id)]
    counts = {
        "Сообщения, которые ждали отправки или были отправлены": outbox.forget(session, addresses),
        **privacy_repository.erase_rows(session, subscriber_id, login),
        "Адреса в сети в журнале действий": privacy_repository.blank_audit_addresses(
            session, subscriber_id, audit.all_hashed(login)
        ),
        "Логин и пароль": 1,
    }
    # No address and no phone, so that nobody can sign in by it and the login is free for another registration.
    privacy_repository.blank_subscriber(session, subscriber_id, f"erased-{subscriber_id}")
    return counts


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo('Europe/Moscow')):%d.%m.%Y}"
