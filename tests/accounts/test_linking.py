"""Connecting accounts: what is typed, what is told, how guessing is stopped."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from lkk_reflex.accounts import errors, linking, lookup
from lkk_reflex.accounts.linking import Outcome
from lkk_reflex.accounts.models import AccountLink, LinkLevel, PersonalAccount, ServiceProvider
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Forbidden, PortalError
from lkk_reflex.kit.rate_limit import TooManyAttempts
from tests.accounts.test_account_number import CODE
from tests.factories.accounts import make_account, make_link, make_provider
from tests.factories.identity import make_viewer
from tests.support.portal import HeldClock


class House:
    """One provider with one account, and a subscriber before the form."""

    def __init__(self) -> None:
        with unit_of_work() as session:
            self.provider = make_provider(session, name="Водоканал", inn="7707083893", account_hint="10 цифр.")
            self.account = make_account(session, self.provider, number="1000123456", unified_number="75ДА533315")
            self.viewer = make_viewer(session)

    def connect(
        self, typed: str, viewer: Viewer | None = None, provider: ServiceProvider | None = None
    ) -> linking.Connection:
        """Press the button."""
        with unit_of_work() as session:
            return linking.connect(
                session, viewer or self.viewer, provider_id=(provider or self.provider).id or 0, typed=typed
            )

    def refusal(self, typed: str, viewer: Viewer | None = None) -> PortalError:
        """Press the button and be refused."""
        with pytest.raises(PortalError) as refusal:
            self.connect(typed, viewer)
        return refusal.value

    def links(self) -> list[AccountLink]:
        """Return all connections."""
        with reading() as session:
            return list(session.exec(select(AccountLink)))


@pytest.fixture
def house(portal: Engine) -> House:
    """A provider, an account, a subscriber."""
    return House()


@pytest.mark.parametrize("typed", ["1000123456", "л/с № 1000 123 456", "10001-234-56", "75да533315", CODE])
def test_the_account_is_connected_whatever_the_spelling(house: House, typed: str) -> None:
    connection = house.connect(typed)
    (link,) = house.links()
    assert connection == linking.Connection(link.public_id, Outcome.CONNECTED, "Водоканал")
    assert (link.account_id, link.level) == (house.account.id, LinkLevel.BASIC)
    assert len(link.public_id) == 22


def test_a_payment_code_of_another_provider_connects_there(house: House) -> None:
    with unit_of_work() as session:
        chosen = make_provider(session, name="Газ", account_pattern=r"\d{12}")
    assert house.connect(CODE, provider=chosen).provider_name == "Водоканал"


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", errors.NumberMissing),
        ("ST00012|Name=ООО|PersonalAcc=40702810938000012345", errors.CodeWithoutNumber),
        ("40702810938000012345", errors.BankAccountTyped),
        ("7707083893", errors.InnTyped),
        ("квартира", errors.AccountNotConfirmed),
        ("квартира №5!", errors.NumberUnfit),
        ("9999999999", errors.AccountNotConfirmed),
        ("75ДА000000", errors.UnifiedNumberUnknown),
    ],
)
def test_what_cannot_be_connected_is_answered_by_what_it_is(house: House, typed: str, error: type[PortalError]) -> None:
    assert type(house.refusal(typed)) is error
    assert not house.links()


def test_an_unknown_provider_is_refused(house: House) -> None:
    with pytest.raises(errors.ProviderMissing), unit_of_work() as session:
        linking.connect(session, house.viewer, provider_id=10**6, typed="1")


def test_a_unified_number_of_two_accounts_connects_neither(house: House) -> None:
    with unit_of_work() as session:
        make_account(session, house.provider, unified_number="75ДА533315")
    assert isinstance(house.refusal("75ДА533315"), errors.UnifiedNumberUnknown)


def test_the_number_of_another_provider_is_refused_like_any_wrong_one(house: House) -> None:
    with unit_of_work() as session:
        foreign = make_account(session, make_provider(session))
    unknown, known_elsewhere = house.refusal("9999999999"), house.refusal(foreign.number)
    assert (unknown.message, unknown.field) == (known_elsewhere.message, known_elsewhere.field)


def test_wrong_numbers_are_limited_by_subscriber_and_forgiven_to_nobody_else(house: House) -> None:
    for _ in range(5):
        assert isinstance(house.refusal("9999999999"), errors.AccountNotConfirmed)
    assert isinstance(house.refusal("1000123456"), TooManyAttempts)
    with unit_of_work() as session:
        another = make_viewer(session)
    elsewhere = Viewer(another.role, another.subscriber_id, address="198.51.100.1")
    assert house.connect("1000123456", elsewhere).outcome is Outcome.CONNECTED


def test_wrong_numbers_from_one_address_are_limited_whoever_asks(house: House) -> None:
    for round_ in range(3):
        with unit_of_work() as session:
            viewer = make_viewer(session)
        neighbour = Viewer(viewer.role, viewer.subscriber_id, address="203.0.113.9")
        answers = [type(house.refusal("9999999999", neighbour)) for _ in range(4)]
        assert (TooManyAttempts in answers) is (round_ == 2)


def test_wrong_numbers_of_one_provider_are_limited_whoever_and_wherever(house: House) -> None:
    answers = []
    for crowd in range(6):
        with unit_of_work() as session:
            viewer = make_viewer(session)
        stranger = Viewer(viewer.role, viewer.subscriber_id, address=f"198.51.{crowd}.1")
        answers += [type(house.refusal("9999999999", stranger)) for _ in range(4)]
    assert answers.count(errors.AccountNotConfirmed) == lookup.PROVIDER_ATTEMPTS
    assert answers.count(TooManyAttempts) == 4


def test_right_numbers_use_up_no_attempts(house: House) -> None:
    for _ in range(8):
        house.connect("1000123456")
    for _ in range(4):
        house.refusal("9999999999")
    assert house.connect("1000123456").outcome is Outcome.ALREADY
    assert isinstance(house.refusal("9999999999"), errors.AccountNotConfirmed)


def test_a_right_number_does_not_wipe_out_the_wrong_ones(house: House) -> None:
    for number in range(4):
        house.refusal(f"200000000{number}")
        house.connect("1000123456")
    house.refusal("2000000005")
    assert isinstance(house.refusal("2000000006"), TooManyAttempts)


def test_right_numbers_are_limited_too_and_the_limit_tells_nothing_of_a_number(house: House) -> None:
    with unit_of_work() as session:
        for index in range(21):
            make_account(session, house.provider, number=f"30000000{index:02d}")
    for index in range(20):
        house.connect(f"30000000{index:02d}")
    right, wrong = house.refusal("3000000020"), house.refusal("3999999999")
    assert isinstance(right, TooManyAttempts)
    assert (type(wrong), wrong.message) == (type(right), right.message)
    assert len(house.links()) == 20


def test_what_cannot_be_a_number_uses_up_no_attempts(house: House) -> None:
    for _ in range(30):
        house.refusal("40702810938000012345")
    assert house.connect("1000123456").outcome is Outcome.CONNECTED


def test_attempts_come_back_after_a_day(house: House, held: HeldClock) -> None:
    for _ in range(6):
        house.refusal("9999999999")
    held.pass_(days=1, seconds=1)
    assert house.connect("1000123456").outcome is Outcome.CONNECTED


def test_parallel_guesses_are_counted_before_they_are_answered(house: House) -> None:
    answers: list[type[PortalError]] = []
    threads = [threading.Thread(target=lambda: answers.append(type(house.refusal("9999999999")))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(errors.AccountNotConfirmed) == 5
    assert answers.count(TooManyAttempts) == 7


def test_a_double_click_connects_once(house: House) -> None:
    outcomes: list[Outcome] = []
    threads = [threading.Thread(target=lambda: outcomes.append(house.connect("1000123456").outcome)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [Outcome.ALREADY] * 3 + [Outcome.CONNECTED]
    assert len(house.links()) == 1


def test_an_ended_connection_begins_anew_without_its_proofs(house: House) -> None:
    first = house.connect("1000123456")
    with unit_of_work() as session:
        link = session.exec(select(AccountLink)).one()
        link.level, link.own_name = LinkLevel.EXTENDED, "Дача"
        link.ended_at = datetime(2026, 11, 1, tzinfo=UTC)
        session.add(link)
    again = house.connect("1000123456")
    (link,) = house.links()
    assert (again.outcome, again.public_id) == (Outcome.RECONNECTED, first.public_id)
    assert (link.ended_at, link.level, link.own_name) == (None, LinkLevel.BASIC, "")


def test_an_own_name_is_tidied_and_limited(house: House) -> None:
    public_id = house.connect("1000123456").public_id
    with unit_of_work() as session:
        assert (
            linking.rename(session, house.viewer, public_id=public_id, own_name="  Дача \x07 у  реки ") == "Дача у реки"
        )
    with pytest.raises(errors.OwnNameTooLong), unit_of_work() as session:
        linking.rename(session, house.viewer, public_id=public_id, own_name="я" * 61)
    assert house.links()[0].own_name == "Дача у реки"


def test_a_disconnected_account_is_gone_for_its_owner(house: House, held: HeldClock) -> None:
    public_id = house.connect("1000123456").public_id
    with unit_of_work() as session:
        linking.disconnect(session, house.viewer, public_id=public_id)
    assert house.links()[0].ended_at == held.now
    with pytest.raises(Forbidden), unit_of_work() as session:
        linking.rename(session, house.viewer, public_id=public_id, own_name="Дача")


def test_several_people_may_connect_one_account_and_one_person_several(house: House, session: Session) -> None:
    second = make_account(session, house.provider)
    another = make_viewer(session)
    make_link(session, another, house.account)
    make_link(session, house.viewer, house.account)
    make_link(session, house.viewer, second)
    assert isinstance(second, PersonalAccount)
    session.flush()
    assert len(session.exec(select(AccountLink)).all()) == 3
