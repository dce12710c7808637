"""Passes of guests: who gets one, what it lets see, how looking numbers up is stopped."""

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from lkk_reflex.accounts import errors, guests, lookup, proofs, statements
from lkk_reflex.accounts.models import GuestPass, LinkLevel
from lkk_reflex.accounts.owner_change import end_links
from lkk_reflex.accounts.statements import GUEST_LINK
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Forbidden, PortalError, SignInRequired
from lkk_reflex.kit.rate_limit import TooManyAttempts
from tests.factories.accounts import make_account, make_bill, make_link, make_provider
from tests.factories.identity import make_viewer
from tests.support.portal import HeldClock

PERSONAL = ("Иванов", "Ленина", "кв. 15", "1000123456")


class Door:
    """A house with an account that somebody has connected and one that nobody has."""

    def __init__(self) -> None:
        with unit_of_work() as session:
            provider = make_provider(session, name="Водоканал", account_pattern=r"\d{10}")
            self.provider_id = provider.id or 0
            account = make_account(session, provider, number="1000123456")
            make_bill(session, account, 1542_30)
            make_link(session, make_viewer(session), account, level=LinkLevel.EXTENDED)
            make_bill(session, make_account(session, provider, number="1000777777"), 100_00)
            for index in range(30):
                make_account(session, provider, number=f"30000000{index:02d}")

    def knock(self, typed: str, address: str = "203.0.113.9") -> str:
        """Ask for a pass."""
        with unit_of_work() as session:
            return guests.open_pass(session, Viewer(address=address), provider_id=self.provider_id, typed=typed)

    def refusal(self, typed: str, address: str = "203.0.113.9") -> PortalError:
        """Ask for a pass and be refused."""
        with pytest.raises(PortalError) as refused:
            self.knock(typed, address)
        return refused.value

    def guest(self, token: str) -> Viewer:
        """Come in by a pass."""
        with reading() as session:
            return guests.guest_of(session, Viewer(address="203.0.113.9"), token=token)


@pytest.fixture
def door(portal: Engine) -> Door:
    """A house to knock at."""
    return Door()


def test_pass_shows_the_sum_and_nothing_personal(door: Door) -> None:
    guest = door.guest(door.knock("л/с 1000 123 456"))
    with reading() as session:
        bill = statements.linked_bill(session, guest, public_id=GUEST_LINK)
    assert (bill.closing_kopecks, bill.number_shown, bill.level) == (1542_30, "•••3456", LinkLevel.BASIC)
    assert not [word for word in PERSONAL if word in str(bill)]


def test_pass_looks_the_same_whether_somebody_has_connected_the_account(door: Door) -> None:
    shown = []
    for number in ("1000123456", "1000777777"):
        with reading() as session:
            bill = statements.linked_bill(session, door.guest(door.knock(number)), public_id=GUEST_LINK)
        shown.append(bill._replace(account_id=0, number_shown="", closing_kopecks=0))
    assert shown[0] == shown[1]


def test_guest_sees_neither_bills_nor_lists_nor_proves_anything(door: Door) -> None:
    guest = door.guest(door.knock("1000123456"))
    with reading() as session:
        for look in (
            lambda: statements.linked_bills(session, guest),
            lambda: statements.linked_bill(session, guest, public_id="another"),
            lambda: statements.bills_of(session, guest, public_id=GUEST_LINK),
            lambda: proofs.activate_pin(session, guest, public_id=GUEST_LINK, typed="7K4M-2X9A"),
        ):
            with pytest.raises(SignInRequired):
                look()


def test_pass_of_a_signed_in_person_is_that_of_a_stranger(door: Door) -> None:
    token = door.knock("1000123456")
    with unit_of_work() as session:
        viewer = make_viewer(session)
        guest = guests.guest_of(session, viewer, token=token)
    assert (guest.role, guest.subscriber_id, guest.provider_ids) == (Role.GUEST, None, frozenset())


def test_name_of_a_pass_opens_nothing_for_who_holds_none(door: Door) -> None:
    with unit_of_work() as session:
        viewer = make_viewer(session)
        with pytest.raises(Forbidden):
            statements.linked_bill(session, viewer, public_id=GUEST_LINK)
        with pytest.raises(SignInRequired):
            statements.linked_bill(session, Viewer(), public_id=GUEST_LINK)


def test_pass_ends_after_an_hour_and_is_then_forgotten(door: Door, held: HeldClock) -> None:
    token = door.knock("1000123456")
    held.pass_(minutes=59)
    door.guest(token)
    held.pass_(minutes=1)
    with pytest.raises(errors.PassEnded):
        door.guest(token)
    with unit_of_work() as session:
        guests.purge(session)
        assert not session.exec(select(GuestPass)).all()


@pytest.mark.parametrize("token", ["", "x", "1000123456"])
def test_token_that_was_never_given_opens_nothing(door: Door, token: str) -> None:
    with pytest.raises(errors.PassEnded):
        door.guest(token)


def test_pass_ends_with_a_change_of_owner(door: Door) -> None:
    token, other = door.knock("1000123456"), door.knock("1000777777")
    with unit_of_work() as session:
        end_links(session, Viewer.system(), provider_id=door.provider_id, number="1000123456")
    with pytest.raises(errors.PassEnded):
        door.guest(token)
    assert door.guest(other).guest_account_id


def test_only_the_hash_of_a_token_is_kept(door: Door) -> None:
    token = door.knock("1000123456")
    with reading() as session:
        assert token not in repr(session.exec(select(GuestPass)).one().model_dump())


def test_wrong_numbers_are_refused_alike_and_limited_by_address(door: Door) -> None:
    answers = [door.refusal(f"900000000{index}") for index in range(10)]
    assert {(type(answer), answer.message) for answer in answers} == {
        (errors.AccountNotConfirmed, errors.AccountNotConfirmed.text)
    }
    right, wrong = door.refusal("1000123456"), door.refusal("9999999999")
    assert isinstance(right, TooManyAttempts)
    assert (type(wrong), wrong.message) == (type(right), right.message)
    assert door.knock("1000123456", "198.51.100.7")


def test_wrong_numbers_of_one_provider_are_limited_from_wherever(door: Door) -> None:
    answers = [type(door.refusal("9999999999", f"10.{crowd}.0.1")) for crowd in range(24)]
    assert answers.count(errors.AccountNotConfirmed) == lookup.PROVIDER_ATTEMPTS
    assert answers.count(TooManyAttempts) == 4


def test_right_numbers_are_limited_too_so_that_nobody_reads_a_streets_debts(door: Door) -> None:
    for index in range(20):
        door.knock(f"30000000{index:02d}")
    right, wrong = door.refusal("3000000020"), door.refusal("9999999999")
    assert isinstance(right, TooManyAttempts)
    assert (type(wrong), wrong.message) == (type(right), right.message)


def test_what_cannot_be_a_number_uses_up_no_attempts(door: Door) -> None:
    for _ in range(30):
        door.refusal("40702810938000012345")
    assert door.knock("1000123456")
