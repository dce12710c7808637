"""Consents: what was agreed to, when and from where; giving, withdrawing, and the log that the person sees."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from lkk_reflex.identity import audit, codes, own_changes, privacy_repository, repository
from lkk_reflex.identity.consent_texts import KINDS, ConsentText, current, document_path, edition, of_version
from lkk_reflex.identity.errors import ConsentNeeded, ConsentTextChanged
from lkk_reflex.identity.models import Consent, ConsentWithdrawal, ConsentWording
from lkk_reflex.identity.own_changes import Change
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.kit.own_table import Cell
from lkk_reflex.settings import get_settings

_Stored = tuple[Consent, ConsentWithdrawal | None, ConsentWording | None]


@dataclass(frozen=True, slots=True)
class OwnConsent:
    """One purpose as its person sees it."""

    kind: str = ""
    title: str = ""
    is_optional: bool = False
    is_given: bool = False
    #: The text that was agreed to is not the one that is given now.
    is_outdated: bool = False
    #: `Дано 22.11.2026 в 14:05 по Москве, адрес в сети 203.0.113.7, редакция от 22.11.2026`; empty if it never was.
    state: str = ""
    #: What was agreed to, or what would be.
    text: str = ""
    #: Names the text that is given now, so that nobody agrees to another one than was shown.
    text_hash: str = ""
    #: Where the text that is given now can be read.
    document: str = ""


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """A line of the log."""

    at: str = ""
    what: str = ""


@dataclass(frozen=True, slots=True)
class OwnConsents:
    """All purposes and the log, the newest line first."""

    consents: tuple[OwnConsent, ...]
    log: tuple[ConsentEvent, ...]


def own_consents(session: Session, viewer: Viewer) -> OwnConsents:
    """Return what the viewer has agreed to.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    stored = privacy_repository.consents_of(session, viewer.require_subscriber())
    return OwnConsents(tuple(_shown(kind, stored) for kind in KINDS), _log(stored))


def give(session: Session, viewer: Viewer, *, kind: str, text_hash: str) -> None:
    """Agree to the text with this hash; nothing happens when that was done before.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: there is no such purpose.
        ConsentTextChanged: the text that was shown is no longer the present one.
        TooManyChanges: consents were given too often. Taking one back is never refused.
    """
    subscriber_id = viewer.require_subscriber()
    if kind not in KINDS:
        raise Forbidden
    text = _present(kind)
    if text.text_hash != text_hash:
        raise ConsentTextChanged
    valid = _valid(kind, privacy_repository.consents_of(session, subscriber_id))
    if valid and valid[0].text_hash == text_hash:
        return
    own_changes.count(session, viewer, Change.CONSENT)
    record(session, viewer, subscriber_id=subscriber_id, text=text)
    audit.record(session, viewer, f"consent.given.{kind}", subscriber_id=subscriber_id, subject=text.version)


def withdraw(session: Session, viewer: Viewer, *, kind: str) -> None:
    """Take an optional consent back; nothing happens when there is none.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: there is no such purpose.
        ConsentNeeded: without this one there can be no cabinet: `closing.close` is the way.
    """
    subscriber_id = viewer.require_subscriber()
    if kind not in KINDS:
        raise Forbidden
    if not KINDS[kind].is_optional:
        raise ConsentNeeded
    _end(session, viewer, subscriber_id, kind)


def withdraw_all(session: Session, viewer: Viewer, *, subscriber_id: int) -> None:
    """End every consent of a subscriber, because the cabinet is erased.

    Raises:
        Forbidden: the viewer is not the system.
    """
    viewer.require_system()
    for kind in KINDS:
        _end(session, viewer, subscriber_id, kind)


def own_rows(session: Session, viewer: Viewer) -> list[tuple[Cell, ...]]:
    """Return every consent of the viewer with its text, for the copy of own data, the newest first.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    stored = privacy_repository.consents_of(session, viewer.require_subscriber())
    return [
        (
            consent.kind,
            _title(consent.kind),
            consent.version,
            consent.given_at,
            consent.address,
            withdrawal.withdrawn_at if withdrawal else None,
            _text((consent, withdrawal, wording)),
        )
        for consent, withdrawal, wording in stored
    ]


def is_given(session: Session, *, subscriber_id: int, kind: str) -> bool:
    """Tell whether a purpose may be served: letters of news ask this before they are written."""
    return _valid(kind, privacy_repository.consents_of(session, subscriber_id)) is not None


def record(session: Session, viewer: Viewer, *, subscriber_id: int, text: ConsentText) -> None:
    """Store the proof of a consent given now."""
    privacy_repository.keep_wording(session, text.text_hash, text.text)
    session.add(
        Consent(
            subscriber_id=subscriber_id,
            kind=text.kind,
            version=text.version,
            text_hash=text.text_hash,
            given_at=clock.now(),
            address=viewer.address,
        )
    )
    session.flush()


def _end(session: Session, viewer: Viewer, subscriber_id: int, kind: str) -> None:
    stored = privacy_repository.consents_of(session, subscriber_id)
    open_ones = [consent for consent, withdrawal, _ in stored if consent.kind == kind and withdrawal is None]
    for consent in open_ones:
        privacy_repository.withdraw_consent(session, repository.stored_id(consent.id), clock.now(), viewer.address)
    if open_ones:
        audit.record(session, viewer, f"consent.withdrawn.{kind}", subscriber_id=subscriber_id)


def _valid(kind: str, stored: Sequence[_Stored]) -> _Stored | None:
    """Return the newest consent of a purpose that was not taken back."""
    return next((found for found in stored if found[0].kind == kind and found[1] is None), None)


def _shown(kind: str, stored: Sequence[_Stored]) -> OwnConsent:
    present, valid = _present(kind), _valid(kind, stored)
    newest = next((found for found in stored if found[0].kind == kind), None)
    return OwnConsent(
        kind=kind,
        title=KINDS[kind].title,
        is_optional=KINDS[kind].is_optional,
        is_given=valid is not None,
        is_outdated=valid is not None and valid[0].text_hash != present.text_hash,
        state=_state(valid or newest),
        text=_text(valid) if valid else present.text,
        text_hash=present.text_hash,
        document=document_path(kind),
    )


def _state(found: _Stored | None) -> str:
    if found is None:
        return ""
    consent, withdrawal, _ = found
    if withdrawal:
        return f"Отозвано {codes.moment(withdrawal.withdrawn_at)}"
    return f"Дано {codes.moment(consent.given_at)}{_from(consent.address)}, {edition(consent.version)}"


def _text(found: _Stored) -> str:
    """Return the words that were agreed to; consents older than the kept wordings are found by their hash."""
    consent, _, wording = found
    if wording:
        return wording.text
    if consent.kind in KINDS and consent.version in KINDS[consent.kind].texts:
        text = of_version(consent.kind, consent.version, get_settings().company_name)
        if text.text_hash == consent.text_hash:
            return text.text
    return f"Текст хранится у оператора ({edition(consent.version)}), его отпечаток {consent.text_hash}."


def _log(stored: Sequence[_Stored]) -> tuple[ConsentEvent, ...]:
    lines = []
    for consent, withdrawal, _ in stored:
        title = _title(consent.kind)
        said = f"{title}: дано, {edition(consent.version)}{_from(consent.address)}"
        lines.append((consent.given_at, said))
        if withdrawal:
            lines.append((withdrawal.withdrawn_at, f"{title}: отозвано{_from(withdrawal.address)}"))
    lines.sort(key=lambda line: line[0], reverse=True)
    return tuple(ConsentEvent(codes.moment(at), said) for at, said in lines)


def _from(address: str) -> str:
    return f", адрес в сети {address}" if address else ""


def _title(kind: str) -> str:
    return KINDS[kind].title if kind in KINDS else kind


def _present(kind: str) -> ConsentText:
    return current(kind, get_settings().company_name)
