"""Consents: what was agreed to, giving, withdrawing, the log."""

from collections.abc import Callable, Mapping

import pytest
from sqlmodel import Session, col, select

from lkk_reflex.identity import consent_texts, consents
from lkk_reflex.identity.consent_texts import KINDS, NEWS, PERSONAL_DATA, ConsentKind, current
from lkk_reflex.identity.consents import OwnConsent, OwnConsents
from lkk_reflex.identity.errors import ConsentNeeded, ConsentTextChanged
from lkk_reflex.identity.models import AuditEvent, Consent, ConsentWithdrawal, ConsentWording
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Forbidden, PortalError, SignInRequired
from tests.factories.identity import make_viewer
from tests.identity.conftest import Portal

COMPANY = "Горводоканал"


def subscriber(portal: Portal, login: str = "ivan@mail.ru") -> Viewer:
    portal.registered(login)
    with reading() as session:
        consent = session.exec(select(Consent).order_by(Consent.id.desc())).first()  # type: ignore[union-attr]
    assert consent
    return Viewer(role=Role.SUBSCRIBER, subscriber_id=consent.subscriber_id, address="203.0.113.7")


def seen(viewer: Viewer) -> OwnConsents:
    with reading() as session:
        return consents.own_consents(session, viewer)


def of(viewer: Viewer, kind: str) -> OwnConsent:
    return next(consent for consent in seen(viewer).consents if consent.kind == kind)


def give(viewer: Viewer, kind: str = NEWS, text_hash: str | None = None) -> None:
    with unit_of_work() as session:
        wanted = text_hash if text_hash is not None else current(kind, COMPANY).text_hash
        consents.give(session, viewer, kind=kind, text_hash=wanted)


def withdraw(viewer: Viewer, kind: str = NEWS) -> None:
    with unit_of_work() as session:
        consents.withdraw(session, viewer, kind=kind)


def rows(table: type[Consent | ConsentWithdrawal | ConsentWording]) -> int:
    with reading() as session:
        return len(session.exec(select(table)).all())


def test_consent_of_the_registration_is_shown_with_its_words_time_and_address(portal: Portal) -> None:
    viewer = subscriber(portal)
    shown = of(viewer, PERSONAL_DATA)
    assert shown.is_given
    assert not shown.is_optional
    assert shown.text == current(PERSONAL_DATA, COMPANY).text
    assert shown.state == "Дано 22.11.2026 в 12:00 по Москве, адрес в сети 203.0.113.7, редакция от 22.11.2026"


def test_letters_of_news_are_never_agreed_to_by_registering(portal: Portal) -> None:
    viewer = subscriber(portal)
    assert not of(viewer, NEWS).is_given
    assert of(viewer, NEWS).state == ""
    with reading() as session:
        assert not consents.is_given(session, subscriber_id=viewer.require_subscriber(), kind=NEWS)


def test_every_purpose_has_a_document_of_its_own(portal: Portal) -> None:
    texts = [current(kind, COMPANY).text for kind in KINDS]
    assert len(set(texts)) == len(KINDS)
    assert all(COMPANY in text and "{" not in text for text in texts)
    assert len({consent_texts.document_path(kind) for kind in KINDS}) == len(KINDS)


def test_optional_consent_is_given_and_taken_back(portal: Portal) -> None:
    viewer = subscriber(portal)
    give(viewer)
    assert of(viewer, NEWS).is_given
    with reading() as session:
        assert consents.is_given(session, subscriber_id=viewer.require_subscriber(), kind=NEWS)
    withdraw(viewer)
    assert not of(viewer, NEWS).is_given
    assert of(viewer, NEWS).state.startswith("Отозвано 22.11.2026 в ")
    assert rows(Consent) == 2


def test_giving_and_taking_back_twice_changes_nothing_more(portal: Portal) -> None:
    viewer = subscriber(portal)
    for _ in range(2):
        give(viewer)
    assert rows(Consent) == 2
    for _ in range(2):
        withdraw(viewer)
    assert rows(ConsentWithdrawal) == 1


def test_log_tells_everything_in_order(portal: Portal) -> None:
    viewer = subscriber(portal)
    for act in (give, withdraw, give):
        portal.clock.pass_(minutes=1)
        act(viewer)
    lines = seen(viewer).log
    titles = [line.what.partition(",")[0] for line in lines]
    assert titles == [
        "Новости и полезные письма: дано",
        "Новости и полезные письма: отозвано",
        "Новости и полезные письма: дано",
        "Обработка персональных данных: дано",
    ]
    assert lines[0].at == "22.11.2026 в 12:05 по Москве"


def test_each_act_is_audited(portal: Portal) -> None:
    viewer = subscriber(portal)
    give(viewer)
    withdraw(viewer)
    with reading() as session:
        actions = [row.action for row in session.exec(select(AuditEvent).order_by(col(AuditEvent.id)))]
    assert actions[-2:] == ["consent.given.news", "consent.withdrawn.news"]


def test_consent_without_which_there_is_no_cabinet_is_not_taken_back_here(portal: Portal) -> None:
    viewer = subscriber(portal)
    with pytest.raises(ConsentNeeded):
        withdraw(viewer, PERSONAL_DATA)
    assert of(viewer, PERSONAL_DATA).is_given


@pytest.fixture
def new_text(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let the company change the text of the obligatory consent."""

    def change() -> None:
        former = KINDS[PERSONAL_DATA]
        texts: Mapping[str, str] = {**former.texts, "2027-01": "Новое согласие для {company}"}
        changed = ConsentKind(former.title, is_optional=False, texts=texts)
        monkeypatch.setattr(consent_texts, "KINDS", {**KINDS, PERSONAL_DATA: changed})
        monkeypatch.setattr(consents, "KINDS", {**KINDS, PERSONAL_DATA: changed})

    return change


def test_changed_text_is_offered_and_the_former_one_stays_readable(
    portal: Portal, new_text: Callable[[], None]
) -> None:
    viewer = subscriber(portal)
    former = of(viewer, PERSONAL_DATA).text
    new_text()
    shown = of(viewer, PERSONAL_DATA)
    assert shown.is_outdated
    assert shown.text == former
    portal.clock.pass_(days=1)
    give(viewer, PERSONAL_DATA, shown.text_hash)
    shown = of(viewer, PERSONAL_DATA)
    assert not shown.is_outdated
    assert shown.text == "Новое согласие для Горводоканал"
    assert rows(Consent) == 2


def test_nobody_agrees_to_another_text_than_was_shown(portal: Portal, new_text: Callable[[], None]) -> None:
    viewer = subscriber(portal)
    shown = of(viewer, PERSONAL_DATA)
    new_text()
    with pytest.raises(ConsentTextChanged):
        give(viewer, PERSONAL_DATA, shown.text_hash)
    assert rows(Consent) == 1


def test_words_are_kept_once_and_survive_a_new_name_of_the_company(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = subscriber(portal)
    subscriber(portal, "anna@mail.ru")
    assert rows(ConsentWording) == 1
    monkeypatch.setattr(consents, "_present", lambda kind: current(kind, "Другая компания"))
    assert COMPANY in of(first, PERSONAL_DATA).text
    assert of(first, PERSONAL_DATA).is_outdated


def test_consents_from_before_the_words_were_kept_are_found_by_their_hash(portal: Portal) -> None:
    with unit_of_work() as session:
        viewer = make_viewer(session)
        old = consent_texts.of_version(PERSONAL_DATA, "2026-11", COMPANY)
        for text_hash in (old.text_hash, "0" * 64):
            session.add(
                Consent(
                    subscriber_id=viewer.require_subscriber(),
                    kind=PERSONAL_DATA,
                    version="2026-11",
                    text_hash=text_hash,
                    given_at=portal.clock.now,
                )
            )
            portal.clock.pass_(minutes=1)
    with reading() as session:
        texts = [row[6] for row in consents.own_rows(session, viewer)]
    assert texts[1] == old.text
    assert "0" * 64 in str(texts[0])


Use = Callable[[Session, Viewer], object]
USES: dict[str, Use] = {
    "own_consents": consents.own_consents,
    "own_rows": consents.own_rows,
    "give": lambda session, viewer: consents.give(
        session, viewer, kind=NEWS, text_hash=current(NEWS, COMPANY).text_hash
    ),
    "withdraw": lambda session, viewer: consents.withdraw(session, viewer, kind=NEWS),
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize(
    ("viewer", "refusal"),
    [
        (Viewer(), SignInRequired),
        (Viewer(role=Role.OPERATOR, provider_ids=frozenset({1})), SignInRequired),
        (Viewer(role=Role.CLOSED, subscriber_id=1), SignInRequired),
        (Viewer.system(), SignInRequired),
    ],
)
def test_only_subscribers_have_consents(portal: Portal, use: str, viewer: Viewer, refusal: type[PortalError]) -> None:
    with pytest.raises(refusal), unit_of_work() as session:
        USES[use](session, viewer)


def test_other_people_s_consents_are_neither_seen_nor_changed(portal: Portal) -> None:
    ivan, anna = subscriber(portal), subscriber(portal, "anna@mail.ru")
    give(ivan)
    withdraw(anna)
    assert of(ivan, NEWS).is_given
    assert not of(anna, NEWS).is_given
    assert len(seen(anna).log) == 1


@pytest.mark.parametrize("kind", ["", "cookies", "personal_data "])
def test_unknown_purpose_is_refused(portal: Portal, kind: str) -> None:
    viewer = subscriber(portal)
    with pytest.raises(Forbidden):
        give(viewer, kind, "x")
    with pytest.raises(Forbidden):
        withdraw(viewer, kind)


@pytest.mark.parametrize("viewer", [Viewer(), Viewer(role=Role.SUBSCRIBER, subscriber_id=1)])
def test_only_the_system_ends_all_consents_of_somebody(portal: Portal, viewer: Viewer) -> None:
    with pytest.raises(Forbidden), unit_of_work() as session:
        consents.withdraw_all(session, viewer, subscriber_id=1)
