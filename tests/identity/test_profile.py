"""What a subscriber tells after the registration."""

import pytest
from sqlmodel import select

from lkk_reflex.identity import own_confirmations, profile, sessions
from lkk_reflex.identity.errors import (
    CodeWrong,
    NameNotRussian,
    NameTooLong,
    NameUnreadable,
    NothingPending,
    PhoneUnreadable,
    SecondEmailIsLogin,
    SecondEmailUnreadable,
)
from lkk_reflex.identity.models import AuditEvent, Purpose
from lkk_reflex.identity.profile import Saved, TypedProfile
from lkk_reflex.identity.profile_projection import ProfileView
from lkk_reflex.identity.profile_rules import clean_name, clean_phone, clean_second_email
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import FormRefused, PortalError, SignInRequired
from lkk_reflex.kit.rate_limit import TooManyAttempts
from tests.identity.conftest import Portal

LOGIN = "ivan@mail.ru"
SECOND = "doch@yandex.ru"


def signed_in(portal: Portal, login: str = LOGIN) -> Viewer:
    viewer = sessions.resolve_session(portal.registered(login).session_token or "")
    assert viewer
    return viewer


def save(viewer: Viewer, typed: TypedProfile) -> Saved:
    with unit_of_work() as session:
        return profile.save(session, viewer, typed=typed)


def shown(viewer: Viewer) -> ProfileView:
    with reading() as session:
        return profile.view(session, viewer)


def confirm(viewer: Viewer, code: str) -> str:
    with unit_of_work() as session:
        return profile.confirm_second_email(session, viewer, code=code)


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("", ""),
        ("   ", ""),
        (" Петрова ", "Петрова"),
        ("Салтыков-Щедрин", "Салтыков-Щедрин"),
        ("Мамин  Сибиряк", "Мамин Сибиряк"),
        ("О'Генри", "О'Генри"),
        ("Гарсиа де ла Вега", "Гарсиа де ла Вега"),
        ("А. С.", "А. С."),
        ("Ғәлиә", "Ғәлиә"),
        ("Й" + "\u0438\u0306", "Йй"),
        ("ё" * 60, "ё" * 60),
    ],
)
def test_names_are_kept_without_spare_blanks(typed: str, cleaned: str) -> None:
    assert clean_name("surname", typed) == cleaned


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("Petrova", NameNotRussian),
        ("Пeтрова", NameNotRussian),
        ("<b>Петрова</b>", NameNotRussian),
        ("=СУММ(1)", NameUnreadable),
        ("Иван1", NameUnreadable),
        ("Иван 😀", NameUnreadable),
        ("-Иван", NameUnreadable),
        ("Иван--Пётр", NameUnreadable),
        ("+7 912 345-67-89", NameUnreadable),
        ("Иван\u202eПётр", NameUnreadable),
        ("Иван;Пётр", NameUnreadable),
        ("ё" * 61, NameTooLong),
        ("Ю" * 100_000, NameTooLong),
    ],
)
def test_what_is_no_name_is_refused_at_its_field(typed: str, refusal: type[PortalError]) -> None:
    with pytest.raises(refusal) as refused:
        clean_name("patronymic", typed)
    assert refused.value.field == "patronymic"
    assert refused.value.message.startswith("Отчество: ")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("", ""),
        ("8 (912) 345-67-89", "+79123456789"),
        ("+7 4912 12-34-56", "+74912123456"),
        ("8 495 123 45 67", "+74951234567"),
    ],
)
def test_any_russian_phone_may_be_left(typed: str, stored: str) -> None:
    assert clean_phone(typed) == stored


@pytest.mark.parametrize(
    "typed",
    ["12-34-56", "+1 202 555 0123", "+7 701 123 45 67", "9123456789 доб 5", "иван", "=1+1", "-5", "0" * 50, "9" * 5000],
)
def test_what_is_no_russian_phone_is_refused(typed: str) -> None:
    with pytest.raises(PhoneUnreadable):
        clean_phone(typed)


@pytest.mark.parametrize(
    "typed", ["ivan", "+7 912 345-67-89", "иван@почта", "a@b", "x" * 300 + "@mail.ru", "<a@mail.ru>"]
)
def test_what_is_no_email_is_refused(typed: str) -> None:
    with pytest.raises(SecondEmailUnreadable):
        clean_second_email(typed)


def test_profile_is_empty_at_first_and_says_what_was_saved(portal: Portal) -> None:
    viewer = signed_in(portal)
    assert shown(viewer) == ProfileView()
    typed = TypedProfile(surname=" Петров ", name="Иван", phone="8 912 345 67 89")
    assert save(viewer, typed) == Saved(("фамилия", "имя", "телефон для связи"))
    assert shown(viewer) == ProfileView("Петров", "Иван", "", "+7\u00a0912\u00a0345-67-89", "")
    assert save(viewer, typed) == Saved(())
    assert save(viewer, TypedProfile(surname="Петров", name="Иван")).parts == ("телефон для связи",)
    assert shown(viewer).phone == ""


def test_everything_wrong_is_said_at_once_and_nothing_is_stored(portal: Portal) -> None:
    viewer = signed_in(portal)
    typed = TypedProfile("Petrov", "Иван", "1", "12", LOGIN.upper())
    with pytest.raises(FormRefused) as refused:
        save(viewer, typed)
    assert [problem.field for problem in refused.value.problems] == ["surname", "patronymic", "phone", "second_email"]
    assert isinstance(refused.value.problems[-1], SecondEmailIsLogin)
    assert shown(viewer) == ProfileView()


def test_second_email_is_used_only_after_its_code(portal: Portal) -> None:
    viewer = signed_in(portal)
    assert save(viewer, TypedProfile(second_email=SECOND.upper())) == Saved((), is_code_sent=True)
    letter = portal.last_letter()
    assert (letter.to, letter.template) == (SECOND, "second_email_code")
    with reading() as session:
        assert own_confirmations.pending(session, viewer, purpose=Purpose.SECOND_EMAIL)
    with pytest.raises(CodeWrong):
        confirm(viewer, "000000")
    assert confirm(viewer, letter.code) == SECOND
    assert shown(viewer).second_email == SECOND
    with pytest.raises(NothingPending):
        confirm(viewer, letter.code)


def test_saving_a_name_does_not_disturb_an_email_that_waits_for_its_code(portal: Portal) -> None:
    viewer = signed_in(portal)
    save(viewer, TypedProfile(second_email=SECOND))
    sent = len(portal.letters())
    portal.clock.pass_(minutes=2)
    assert shown(viewer).second_email == SECOND
    assert save(viewer, TypedProfile(name="Иван", second_email=SECOND)) == Saved(("имя",), is_code_awaited=True)
    assert len(portal.letters()) == sent
    assert confirm(viewer, portal.last_letter().code) == SECOND


@pytest.mark.parametrize(("login", "is_only"), [(LOGIN, False), ("+7 912 345-67-89", True)])
def test_page_knows_whether_there_is_another_email(portal: Portal, login: str, is_only: bool) -> None:
    assert shown(signed_in(portal, login)).is_only_email is is_only


def test_emptied_second_email_is_given_up_at_once(portal: Portal) -> None:
    viewer = signed_in(portal)
    save(viewer, TypedProfile(second_email=SECOND))
    confirm(viewer, portal.last_letter().code)
    assert save(viewer, TypedProfile()) == Saved(("почта для уведомлений убрана",))
    assert shown(viewer).second_email == ""


def test_another_second_email_cancels_the_code_of_the_former(portal: Portal) -> None:
    viewer = signed_in(portal)
    save(viewer, TypedProfile(second_email=SECOND))
    former = portal.last_letter().code
    save(viewer, TypedProfile(second_email="syn@yandex.ru"))
    with pytest.raises(CodeWrong):
        confirm(viewer, "000000" if former == portal.last_letter().code else former)
    assert confirm(viewer, portal.last_letter().code) == "syn@yandex.ru"


def test_one_subscriber_cannot_send_codes_to_many_addresses(portal: Portal) -> None:
    viewer = signed_in(portal)
    for number in range(10):
        save(viewer, TypedProfile(second_email=f"stranger{number}@mail.ru"))
    with pytest.raises(TooManyAttempts):
        save(viewer, TypedProfile(second_email="stranger@mail.ru"))


def test_two_subscribers_see_and_change_only_their_own(portal: Portal) -> None:
    ivan, anna = signed_in(portal), signed_in(portal, "anna@mail.ru")
    save(ivan, TypedProfile(name="Иван", second_email=SECOND))
    code = portal.last_letter().code
    assert shown(anna) == ProfileView()
    with pytest.raises(NothingPending):
        confirm(anna, code)
    save(anna, TypedProfile(name="Анна"))
    assert shown(ivan).name == "Иван"


@pytest.mark.parametrize("role", [Role.ANONYMOUS, Role.OPERATOR, Role.SYSTEM])
def test_only_subscribers_have_a_profile(portal: Portal, role: Role) -> None:
    viewer = Viewer(role=role, subscriber_id=1)
    for action in (
        lambda: shown(viewer),
        lambda: save(viewer, TypedProfile()),
        lambda: confirm(viewer, "000000"),
    ):
        with pytest.raises(SignInRequired):
            action()


def test_audit_tells_which_parts_changed_and_not_what_they_hold(portal: Portal) -> None:
    viewer = signed_in(portal)
    save(viewer, TypedProfile(surname="Петров", phone="+7 912 345-67-89", second_email=SECOND))
    confirm(viewer, portal.last_letter().code)
    with reading() as session:
        rows = [row.model_dump() for row in session.exec(select(AuditEvent)).all()]
    assert {"profile.changed", "second_email.confirmed"} <= {row["action"] for row in rows}
    assert not any(told in str(rows) for told in ("Петров", "9123456789", SECOND))
