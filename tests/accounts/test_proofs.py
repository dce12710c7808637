"""Extended access: what proves that an account is one's own, what a failed proof tells, how guessing is stopped."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session, col, select

from lkk_reflex.accounts import (
    errors,
    guests,
    linking,
    own_data,
    pins,
    proof_rules,
    proofs,
    proofs_repository,
    statements,
)
from lkk_reflex.accounts.models import AccountLink, Bill, LinkLevel, PersonalAccount, Pin, ProofKind, ServiceProvider
from lkk_reflex.accounts.owner_change import end_links
from lkk_reflex.identity.models import AuditEvent, NoticeEvent
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock, crypto, tokens
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.crypto import Keyring
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Forbidden, PortalError
from lkk_reflex.kit.rate_limit import Limit, Scope, TooManyAttempts
from lkk_reflex.notifications.models import Channel, OutboxMessage
from tests.factories.accounts import make_account, make_bill, make_link, make_operator, make_provider
from tests.factories.identity import make_viewer
from tests.factories.notices import choose, told
from tests.support import patience
from tests.support.portal import SECRET, HeldClock

WRONG = "ZZZZ-ZZZZ"
SEPTEMBER = BillingPeriod(2026, 9)


class Flat:
    """An account connected by one subscriber at basic access, and the company's operator."""

    def __init__(self) -> None:
        with unit_of_work() as session:
            provider = make_provider(session, name="Водоканал", code="water")
            self.provider_id = provider.id or 0
            self.account = make_account(session, provider, number="1000123456")
            make_bill(session, self.account, 1542_30)
            make_bill(session, self.account, 1310_00, period=SEPTEMBER)
            self.owner = make_viewer(session)
            self.public_id = make_link(session, self.owner, self.account).public_id
        self.operator = make_operator(self.provider_id)

    def pin(self) -> str:
        """Let the office print a PIN."""
        with unit_of_work() as session:
            return pins.issue_pin(session, self.operator, provider_id=self.provider_id, number="1000 123 456").pin

    def allow(self, *kinds: ProofKind) -> None:
        """Let the provider accept more than PINs."""
        with unit_of_work() as session:
            proofs.set_proofs(session, self.operator, provider_id=self.provider_id, kinds=kinds)

    def activate(self, typed: str, viewer: Viewer | None = None, public_id: str = "") -> None:
        """Press «Активировать»."""
        with unit_of_work() as session:
            proofs.activate_pin(session, viewer or self.owner, public_id=public_id or self.public_id, typed=typed)

    def bill(self, amount: str, month: str = "202609", surname: str = "") -> None:
        """Tell the sum of a bill."""
        with unit_of_work() as session:
            proofs.prove_by_bill(
                session, self.owner, public_id=self.public_id, month=month, amount=amount, surname=surname
            )

    def meter(self, serial: str, surname: str = "") -> None:
        """Tell the serial number of a meter; the account has one, 12-345678."""
        with unit_of_work() as session:
            proofs.prove_by_meter(
                session, self.owner, public_id=self.public_id, serial=serial, surname=surname,
                matches=lambda _session, account_id, told: account_id == self.account.id and told == "12-345678",
            )  # fmt: skip

    def see_bills(self) -> None:
        """Open «Начисления»."""
        with reading() as session:
            statements.bills_of(session, self.owner, public_id=self.public_id)

    def own(self, name: str) -> None:
        """Load a register that names this owner."""
        with unit_of_work() as session:
            account = session.get_one(PersonalAccount, self.account.id)
            account.owner_name = name
            session.add(account)

    def lock_out(self) -> None:
        """Spend every try of the owner."""
        for _ in range(5):
            refusal(self.activate, WRONG)

    def neighbour(self, address: str = "") -> tuple[Viewer, str]:
        """Let another subscriber connect the same account."""
        with unit_of_work() as session:
            viewer = make_viewer(session)
            link = make_link(session, viewer, self.account)
        return Viewer(viewer.role, viewer.subscriber_id, address=address), link.public_id

    @property
    def level(self) -> LinkLevel:
        """What the owner sees."""
        with reading() as session:
            return session.exec(select(AccountLink).where(AccountLink.public_id == self.public_id)).one().level

    def audited(self) -> list[str]:
        """Return the actions of the audit in their order."""
        with reading() as session:
            return list(session.exec(select(AuditEvent.action).order_by(col(AuditEvent.id))))


def refusal(act: Callable[..., None], *arguments: Any) -> PortalError:
    """Return how the act was refused."""
    with pytest.raises(PortalError) as refused:
        act(*arguments)
    return refused.value


@pytest.fixture
def flat(portal: Engine) -> Flat:
    """An account to prove."""
    return Flat()


def test_pin_opens_extended_access_once(flat: Flat) -> None:
    pin = flat.pin()
    with reading() as session, pytest.raises(errors.ExtendedAccessRequired):
        statements.bills_of(session, flat.owner, public_id=flat.public_id)
    flat.activate(pin.lower())
    assert flat.level is LinkLevel.EXTENDED
    with reading() as session:
        assert len(statements.bills_of(session, flat.owner, public_id=flat.public_id)) == 2
    other, other_id = flat.neighbour()
    assert isinstance(refusal(flat.activate, pin, other, other_id), errors.PinRefused)
    assert flat.audited() == ["pin.issued", "pin.used", "pin.refused"]


def test_pin_of_an_account_with_extended_access_is_not_spent(flat: Flat) -> None:
    flat.activate(flat.pin())
    pin = flat.pin()
    flat.activate(pin)
    other, other_id = flat.neighbour()
    flat.activate(pin, other, other_id)


def test_pin_of_another_account_is_refused(flat: Flat) -> None:
    with unit_of_work() as session:
        provider = make_provider(session)
        foreign = make_account(session, provider)
        pin = pins.issue_pin(session, Viewer.system(), provider_id=provider.id or 0, number=foreign.number).pin
    flat.pin()
    assert isinstance(refusal(flat.activate, pin), errors.PinRefused)


def test_new_pin_ends_the_old_one(flat: Flat) -> None:
    old, new = flat.pin(), flat.pin()
    assert isinstance(refusal(flat.activate, old), errors.PinRefused)
    flat.activate(new)


def test_pin_dies_after_sixty_days(flat: Flat, held: HeldClock) -> None:
    pin = flat.pin()
    held.pass_(days=60)
    assert isinstance(refusal(flat.activate, pin), errors.PinRefused)


def test_pin_lives_for_sixty_days(flat: Flat, held: HeldClock) -> None:
    pin = flat.pin()
    held.pass_(days=59, hours=23)
    flat.activate(pin)


def test_pin_dies_after_five_wrong_tries_of_whomever(flat: Flat, held: HeldClock) -> None:
    pin = flat.pin()
    for number in range(5):
        other, other_id = flat.neighbour(f"198.51.{number}.1")
        refusal(flat.activate, WRONG, other, other_id)
    held.pass_(days=2)
    assert isinstance(refusal(flat.activate, pin), errors.PinRefused)


def test_revoked_pin_is_refused(flat: Flat) -> None:
    pin = flat.pin()
    with unit_of_work() as session:
        assert pins.revoke_pin(session, flat.operator, provider_id=flat.provider_id, number="1000123456")
        assert not pins.revoke_pin(session, flat.operator, provider_id=flat.provider_id, number="1000123456")
    assert isinstance(refusal(flat.activate, pin), errors.PinRefused)


@pytest.mark.parametrize(
    ("typed", "error"),
    [("", errors.PinMissing), (" \u00a0 ", errors.PinMissing), ("12", errors.PinUnreadable),
     ("7KMP2XHAA", errors.PinUnreadable), ("7KMP2XH0", errors.PinUnreadable), ("🙂" * 8, errors.PinUnreadable)],
)  # fmt: skip
def test_what_can_be_no_pin_is_told_and_spends_nothing(flat: Flat, typed: str, error: type[PortalError]) -> None:
    pin = flat.pin()
    for _ in range(30):
        assert type(refusal(flat.activate, typed)) is error
    flat.activate(pin)


def test_pin_is_kept_as_a_keyed_hash_alone(flat: Flat) -> None:
    pin = flat.pin()
    with reading() as session:
        stored = session.exec(select(Pin)).one()
    told = f"{stored!r}{stored.pin_hash}"
    assert pin not in told
    assert pin.replace("-", "") not in told
    crypto.bind(Keyring(("another-secret-of-the-tests-long-enough",)))
    assert proofs.pin_hash(stored.account_id, pin.replace("-", "")) != stored.pin_hash


def test_printed_pin_outlives_a_change_of_the_secret(flat: Flat) -> None:
    pin = flat.pin()
    crypto.bind(Keyring(("a-newer-secret-of-the-tests-long-enough", SECRET)))
    flat.activate(pin)
    assert flat.level is LinkLevel.EXTENDED


def test_pin_without_its_secret_is_refused_like_a_wrong_one(flat: Flat) -> None:
    pin = flat.pin()
    crypto.bind(Keyring(("a-newer-secret-of-the-tests-long-enough",)))
    assert isinstance(refusal(flat.activate, pin), errors.PinRefused)


def test_every_failure_is_one_sentence_after_the_same_questions(flat: Flat, held: HeldClock) -> None:
    """Wrong, used, old, dead, revoked or never issued: the answer and the work are the same."""

    def tried(prepare: Callable[[], object]) -> tuple[str, str, list[str]]:
        asked: list[str] = []
        prepare()
        other, other_id = flat.neighbour()
        held.pass_(days=1, seconds=1)

        def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            asked.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            refused = refusal(flat.activate, WRONG, other, other_id)
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        return refused.message, refused.field, asked

    def with_pin(**change: Any) -> Callable[[], object]:
        def prepare() -> None:
            flat.pin()
            with unit_of_work() as session:
                pin = session.exec(select(Pin)).one()
                for name, value in change.items():
                    setattr(pin, name, value)
                session.add(pin)

        return prepare

    never = tried(lambda: None)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    ways = [with_pin(), *(with_pin(**{name: moment}) for name in ("used_at", "ended_at", "expires_at"))]
    assert all(tried(way) == never for way in [*ways, with_pin(tries_left=0)])


def test_wrong_pins_are_limited_by_subscriber_on_all_accounts_together(flat: Flat, held: HeldClock) -> None:
    flat.pin()
    for _ in range(5):
        assert isinstance(refusal(flat.activate, WRONG), errors.PinRefused)
    with unit_of_work() as session:
        second = make_account(session, make_provider(session))
        link_id = make_link(session, flat.owner, second).public_id
    assert isinstance(refusal(flat.activate, WRONG, flat.owner, link_id), TooManyAttempts)
    held.pass_(days=1, seconds=1)
    assert isinstance(refusal(flat.activate, WRONG, flat.owner, link_id), errors.PinRefused)


@pytest.mark.parametrize(("addresses", "passed"), [(["203.0.113.9"] * 20, 10), (None, 20)], ids=["address", "global"])
def test_wrong_pins_are_limited_by_address_and_altogether(flat: Flat, addresses: list[str] | None, passed: int) -> None:
    answers = []
    for number, address in enumerate(addresses or [f"10.{number}.0.1" for number in range(25)]):
        other, other_id = flat.neighbour(address)
        answers.append(type(refusal(flat.activate, WRONG, other, other_id)))
        assert number < passed or answers[-1] is TooManyAttempts
    assert answers.count(errors.PinRefused) == passed


def test_right_pin_takes_its_attempt_back_and_no_others(flat: Flat) -> None:
    for _ in range(4):
        refusal(flat.activate, WRONG)
    flat.activate(flat.pin())
    with unit_of_work() as session:
        link = session.exec(select(AccountLink)).one()
        link.level = LinkLevel.BASIC
        session.add(link)
    assert isinstance(refusal(flat.activate, WRONG), errors.PinRefused)
    assert isinstance(refusal(flat.activate, WRONG), TooManyAttempts)


def test_nothing_passes_when_attempts_cannot_be_counted(flat: Flat, monkeypatch: pytest.MonkeyPatch) -> None:
    pin = flat.pin()

    def broken(*_: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(proofs, "take", broken)
    with pytest.raises(ConnectionError):
        flat.activate(pin)
    assert flat.level is LinkLevel.BASIC


def _guess_at_once(flat: Flat, monkeypatch: pytest.MonkeyPatch, guesses: int, threads: int) -> int:
    """Let strangers guess at the same moment; return how many guesses were evaluated."""
    flat.pin()
    # Here the tries of the PIN alone count.
    monkeypatch.setattr(proof_rules, "LIMITS", (Limit("tests", Scope.SUBJECT, 1000, timedelta(days=1)),))
    strangers = [flat.neighbour() for _ in range(threads)]
    evaluated: list[str] = []
    compare = tokens.same_hash

    def counted(left: str, right: str) -> bool:
        if left != proofs._NO_HASH:
            evaluated.append(right)
        return compare(left, right)

    monkeypatch.setattr(proofs, "same_hash", counted)

    def guess(number: int) -> PortalError:
        return refusal(flat.activate, WRONG, *strangers[number % threads])

    with ThreadPoolExecutor(threads) as pool:
        assert {type(refused) for refused in pool.map(guess, range(guesses))} == {errors.PinRefused}
    return len(evaluated)


def test_of_two_hundred_guesses_at_once_exactly_five_are_evaluated(flat: Flat, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _guess_at_once(flat, monkeypatch, 200, 12) == 5


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_reading_and_then_writing_would_let_more_guesses_pass(flat: Flat, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: without the one atomic statement the same attack succeeds, so the test above can fail."""
    together = Barrier(12)

    def read_then_write(session: Session, account_id: int, _now: object) -> proofs_repository.TakenTry | None:
        pin = session.exec(select(Pin).where(Pin.account_id == account_id)).one()
        if pin.tries_left <= 0:
            return None
        together.wait(timeout=patience.SECONDS)
        pin.tries_left -= 1
        session.add(pin)
        return proofs_repository.TakenTry(pin.pin_hash, pin.key_id)

    monkeypatch.setattr(proofs_repository, "take_pin_try", read_then_write)
    assert _guess_at_once(flat, monkeypatch, 12, 12) > 5


def test_right_pin_typed_twice_at_once_opens_one_link(flat: Flat) -> None:
    pin, other = flat.pin(), flat.neighbour()
    together = Barrier(2)

    def activate(who: tuple[Viewer, str]) -> bool:
        together.wait()
        try:
            flat.activate(pin, *who)
        except errors.PinRefused:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(activate, [(flat.owner, flat.public_id), other])) == [False, True]


def test_sum_of_an_earlier_bill_with_its_month_opens_extended_access(flat: Flat) -> None:
    flat.allow(ProofKind.BILL_SUM)
    flat.bill("1 310,00 ₽")
    assert flat.level is LinkLevel.EXTENDED
    assert flat.audited()[-1] == "bill_sum.used"


@pytest.mark.parametrize(
    ("amount", "month"),
    [("1310,01", "202609"), ("1310,00", "202608"), ("-1310,00", "202609")],
    ids=["another sum", "another month", "another sign"],
)
def test_sum_that_proves_nothing_is_refused(flat: Flat, amount: str, month: str) -> None:
    flat.allow(ProofKind.BILL_SUM)
    refused = refusal(flat.bill, amount, month)
    assert isinstance(refused, errors.BillSumRefused)
    assert refused.message == errors.PinRefused.text.format(next_try="Осталось попыток: 4.")
    assert flat.level is LinkLevel.BASIC


def test_newest_bill_is_not_offered_and_costs_no_try(flat: Flat) -> None:
    flat.allow(ProofKind.BILL_SUM)
    assert isinstance(refusal(flat.bill, "1542,30", "202610"), errors.BillMonthMissing)
    assert "Осталось попыток: 4." in refusal(flat.bill, "1", "202609").message


def test_newest_bill_of_an_account_whose_bills_come_late_is_refused_like_a_wrong_sum(
    flat: Flat, held: HeldClock
) -> None:
    """The list is the same for everybody, so an offered month may be the newest one of this account."""
    flat.allow(ProofKind.BILL_SUM)
    held.pass_(days=60)
    assert 202610 in {month.key for month in proof_rules.bill_months(held.now.date())}
    newest, wrong = refusal(flat.bill, "1542,30", "202610"), refusal(flat.bill, "1542,31", "202610")
    assert type(newest) is type(wrong) is errors.BillSumRefused
    assert newest.message.replace("4", "3") == wrong.message
    flat.bill("1310", "202609")


def test_bill_that_was_the_newest_while_the_account_was_connected_proves_nothing(flat: Flat, held: HeldClock) -> None:
    flat.allow(ProofKind.BILL_SUM)
    held.pass_(days=30)
    with unit_of_work() as session:
        make_bill(session, flat.account, 900_00, period=BillingPeriod(2026, 11), counts_until=held.now)
    assert isinstance(refusal(flat.bill, "1542,30", "202610"), errors.BillSumRefused)
    flat.bill("1310")


class Stranger:
    """Who knows a number, reads the newest sum without proof, and tries it from a cabinet of the next months."""

    def __init__(self, flat: Flat, held: HeldClock) -> None:
        self.flat, self.held = flat, held
        flat.allow(ProofKind.BILL_SUM)
        with unit_of_work() as session:
            linking.disconnect(session, flat.owner, public_id=flat.public_id)
            for link in session.exec(select(AccountLink)):
                session.delete(link)

    def load(self, closing: int, month: int) -> None:
        """Let the company load the bills of a month of 2026."""
        with unit_of_work() as session:
            make_bill(
                session, self.flat.account, closing, period=BillingPeriod(2026, month), counts_until=self.held.now
            )

    def load_again(self, *months: int) -> None:
        """Let the company load corrected bills of these months, with the same sums."""
        with unit_of_work() as session:
            other = make_account(session, session.get_one(ServiceProvider, self.flat.provider_id))
            register = make_bill(session, other, period=BillingPeriod(2026, months[0]), counts_until=self.held.now)
            for bill in session.exec(select(Bill).where(Bill.account_id == self.flat.account.id)):
                if bill.period % 100 in months:
                    bill.register_id = register.register_id
                    session.add(bill)

    def look_as_guest(self) -> None:
        """Open `/quick`."""
        with unit_of_work() as session:
            guests.open_pass(session, Viewer(), provider_id=self.flat.provider_id, typed="1000123456")

    def connect(self) -> tuple[Viewer, str]:
        """Connect the account in a fresh cabinet."""
        return self.flat.neighbour()

    def proves(self, amount: str, month: str) -> bool:
        """Try a sum from a fresh cabinet, a day after any other try."""
        self.held.pass_(days=1, seconds=1)
        viewer, public_id = self.connect()
        try:
            with unit_of_work() as session:
                proofs.prove_by_bill(session, viewer, public_id=public_id, month=month, amount=amount)
        except errors.BillSumRefused as refused:
            message = refused.message
        else:
            return True
        assert "Осталось попыток: 4." in message
        return False


@pytest.fixture
def stranger(flat: Flat, held: HeldClock) -> Stranger:
    """A stranger to the flat in the months when October's bill is the newest one."""
    return Stranger(flat, held)


def test_sum_that_nobody_could_see_without_proof_proves(stranger: Stranger) -> None:
    stranger.held.pass_(days=30)
    stranger.load(900_00, 11)
    stranger.held.pass_(days=10)
    assert stranger.proves("1542,30", "202610")


def test_sum_that_a_guest_could_see_while_it_was_the_newest_proves_nothing(stranger: Stranger) -> None:
    stranger.look_as_guest()
    with unit_of_work() as session:
        stranger.held.pass_(hours=2)
        guests.purge(session)
    stranger.held.pass_(days=30)
    stranger.load(900_00, 11)
    stranger.held.pass_(days=10)
    assert not stranger.proves("1542,30", "202610")
    stranger.load(700_00, 12)
    assert not stranger.proves("1542,30", "202610")


def test_guest_whose_pass_outlived_the_loading_could_see_the_sum(stranger: Stranger) -> None:
    stranger.held.pass_(days=30)
    stranger.look_as_guest()
    stranger.held.pass_(minutes=59)
    stranger.load(900_00, 11)
    stranger.held.pass_(days=20)
    stranger.load(700_00, 12)
    stranger.held.pass_(days=30)
    assert not stranger.proves("900", "202611")


def test_guest_before_the_loading_or_after_the_next_one_saw_another_sum(stranger: Stranger) -> None:
    stranger.held.pass_(days=30)
    stranger.look_as_guest()
    stranger.held.pass_(hours=2)
    stranger.load(900_00, 11)
    stranger.held.pass_(days=20)
    stranger.load(700_00, 12)
    stranger.held.pass_(days=30)
    stranger.look_as_guest()
    assert stranger.proves("900", "202611")


def test_sum_that_any_cabinet_could_see_without_proof_proves_nothing(stranger: Stranger) -> None:
    """Also one that has disconnected the account since, before the next bill came."""
    viewer, public_id = stranger.connect()
    stranger.held.pass_(days=1)
    with unit_of_work() as session:
        linking.disconnect(session, viewer, public_id=public_id)
    stranger.held.pass_(days=30)
    stranger.load(900_00, 11)
    stranger.held.pass_(days=10)
    assert not stranger.proves("1542,30", "202610")


def test_sum_seen_from_a_cabinet_that_is_erased_by_now_proves_nothing(stranger: Stranger) -> None:
    viewer, _ = stranger.connect()
    stranger.held.pass_(days=30)
    with unit_of_work() as session:
        own_data.erase(session, Viewer.system(), subscriber_id=viewer.require_subscriber())
    stranger.load(900_00, 11)
    stranger.held.pass_(days=10)
    assert not stranger.proves("1542,30", "202610")


def test_sum_seen_after_a_proof_or_of_another_account_still_proves(stranger: Stranger) -> None:
    with unit_of_work() as session:
        make_link(session, make_viewer(session), stranger.flat.account, level=LinkLevel.EXTENDED)
        other = make_account(session, session.get_one(ServiceProvider, stranger.flat.provider_id))
        gone = make_viewer(session)
        make_link(session, gone, other)
        make_link(session, gone, stranger.flat.account, level=LinkLevel.EXTENDED)
        guests.open_pass(session, Viewer(), provider_id=stranger.flat.provider_id, typed=other.number)
    with unit_of_work() as session:
        own_data.erase(session, Viewer.system(), subscriber_id=gone.require_subscriber())
    stranger.held.pass_(days=30)
    stranger.load(900_00, 11)
    stranger.held.pass_(days=10)
    assert stranger.proves("1542,30", "202610")


@pytest.mark.parametrize(("closing", "month"), [(1542_30, 11), (1542_30, 8)], ids=["newest", "earlier"])
def test_sum_that_another_month_has_too_proves_nothing(stranger: Stranger, closing: int, month: int) -> None:
    """What a norm costs is the same every month: who sees it once knows all of them."""
    stranger.held.pass_(days=30)
    stranger.load(closing, month)
    stranger.load(900_00, 12)
    stranger.held.pass_(days=10)
    assert not stranger.proves("1542,30", "202610")
    assert stranger.proves("1310", "202609")


@pytest.mark.parametrize("late", [11, 12], ids=["together", "after it"])
def test_sum_of_a_bill_that_came_with_a_newer_one_was_shown_to_nobody(stranger: Stranger, late: int) -> None:
    stranger.connect()
    stranger.look_as_guest()
    stranger.held.pass_(minutes=1)
    if late == 12:
        stranger.load(700_00, 12)
        stranger.held.pass_(minutes=1)
    stranger.load(900_00, 11)
    if late == 11:
        stranger.load(700_00, 12)
    stranger.held.pass_(days=50)
    assert stranger.proves("900", "202611")


@pytest.mark.parametrize("months", [(10,), (10, 11)], ids=["the bill", "both"])
def test_sum_that_was_seen_is_not_forgotten_when_bills_are_loaded_again(
    stranger: Stranger, months: tuple[int, ...]
) -> None:
    stranger.look_as_guest()
    stranger.held.pass_(days=30)
    stranger.load(900_00, 11)
    stranger.held.pass_(days=10)
    stranger.load_again(*months)
    assert not stranger.proves("1542,30", "202610")


def test_every_sum_is_refused_after_the_same_questions(stranger: Stranger) -> None:
    stranger.look_as_guest()
    stranger.held.pass_(days=30)
    stranger.load(900_00, 11)
    stranger.held.pass_(days=50)
    asked: list[list[str]] = []
    for amount, month in (("1542,30", "202610"), ("1", "202610"), ("900", "202611"), ("1", "202608")):
        statements_of_it: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_rest: Any, _into: list[str] = statements_of_it) -> None:
            _into.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            assert not stranger.proves(amount, month)
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        asked.append(statements_of_it)
    assert all(statements_of_it == asked[0] for statements_of_it in asked)


@pytest.mark.parametrize(
    ("amount", "month", "error"),
    [("1310", "", errors.BillMonthMissing), ("1310", "199001", errors.BillMonthMissing),
     ("1310", "202610", errors.BillMonthMissing), ("много", "202609", errors.BillSumUnreadable),
     ("", "202609", errors.BillSumUnreadable), ("   ", "202609", errors.BillSumUnreadable),
     ("0", "202609", errors.BillSumZero), ("-0,00 ₽", "202609", errors.BillSumZero)],
)  # fmt: skip
def test_sum_that_cannot_be_compared_spends_no_try(
    flat: Flat, amount: str, month: str, error: type[PortalError]
) -> None:
    flat.allow(ProofKind.BILL_SUM)
    for _ in range(10):
        assert type(refusal(flat.bill, amount, month)) is error
    flat.bill("1310")


def test_serial_number_of_a_meter_opens_extended_access(flat: Flat) -> None:
    flat.allow(ProofKind.METER_SERIAL)
    assert type(refusal(flat.meter, "")) is errors.SerialMissing
    assert type(refusal(flat.meter, "12-345679")) is errors.SerialRefused
    flat.meter("12-345678")
    assert flat.level is LinkLevel.EXTENDED
    assert flat.audited()[-2:] == ["meter_serial.refused", "meter_serial.used"]


@pytest.mark.parametrize(
    ("typed", "error"),
    [("", errors.SerialMissing), (" \u00a0 ", errors.SerialMissing), ("--/--", errors.SerialMissing),
     ("12-34", errors.SerialTooShort), ("01234", errors.SerialTooShort), ("№ N1234", errors.SerialTooShort),
     ("00012", errors.SerialTooShort), ("00000", errors.SerialMissing)],
)  # fmt: skip
def test_what_can_be_no_serial_number_is_told_and_spends_nothing(
    flat: Flat, typed: str, error: type[PortalError]
) -> None:
    flat.allow(ProofKind.METER_SERIAL)
    for _ in range(10):
        assert type(refusal(flat.meter, typed)) is error
    flat.meter("12-345678")


def test_who_is_locked_out_hears_of_that_whatever_is_typed(flat: Flat) -> None:
    flat.allow(ProofKind.BILL_SUM, ProofKind.METER_SERIAL, ProofKind.SURNAME)
    flat.lock_out()
    for act, *typed in ((flat.activate, ""), (flat.activate, "12"), (flat.bill, "", ""), (flat.meter, " ")):
        assert isinstance(refusal(act, *typed), TooManyAttempts)


def test_tries_of_who_is_locked_out_do_not_spend_those_of_the_account(flat: Flat) -> None:
    flat.allow(ProofKind.BILL_SUM)
    flat.lock_out()
    for _ in range(5):
        assert isinstance(refusal(flat.bill, "1310"), TooManyAttempts)
    other, other_id = flat.neighbour("10.1.0.1")
    with unit_of_work() as session:
        proofs.prove_by_bill(session, other, public_id=other_id, month="202609", amount="1310")


def test_each_refusal_tells_how_many_tries_are_left_and_the_last_one_when_there_will_be_more(
    flat: Flat, held: HeldClock
) -> None:
    flat.allow(ProofKind.BILL_SUM)
    acts: list[tuple[int, Callable[..., None], str]] = [
        (4, flat.activate, WRONG), (3, flat.bill, "1"), (2, flat.activate, WRONG), (1, flat.bill, "1"),
    ]  # fmt: skip
    for left, act, typed in acts:
        assert f"Осталось попыток: {left}." in refusal(act, typed).message
    held.pass_(hours=4)
    assert "Попытки закончились, новые будут через 20 ч." in refusal(flat.activate, WRONG).message
    assert refusal(flat.activate, WRONG).message == "Слишком много попыток. Попробуйте через 20 ч."
    held.pass_(hours=20, seconds=1)
    assert "Осталось попыток: 4." in refusal(flat.activate, WRONG).message


def test_tries_that_are_left_tell_nothing_of_the_pin(flat: Flat) -> None:
    """A PIN that others have tried nearly to its end counts like none."""
    never = refusal(flat.activate, WRONG).message
    flat.pin()
    strangers = [flat.neighbour(f"10.{number}.0.1") for number in range(4)]
    assert {refusal(flat.activate, WRONG, *stranger).message for stranger in strangers} == {never}


def test_tries_that_are_left_tell_of_those_that_the_account_has(flat: Flat) -> None:
    flat.allow(ProofKind.BILL_SUM)
    for number in range(3):
        other, other_id = flat.neighbour(f"10.{number}.0.1")
        with pytest.raises(errors.BillSumRefused), unit_of_work() as session:
            proofs.prove_by_bill(session, other, public_id=other_id, month="202609", amount="1")
    assert "Осталось попыток: 1." in refusal(flat.bill, "1").message


SURNAME_TOO = (ProofKind.BILL_SUM, ProofKind.METER_SERIAL, ProofKind.SURNAME)


def _both_ways(flat: Flat) -> Iterator[tuple[Callable[[str, str], None], str, str, str]]:
    """Yield each proof to which a surname is demanded, with what is right, what is wrong, and the surname's field."""
    yield (lambda typed, surname: flat.bill(typed, surname=surname)), "1310", "1310,01", "bill_owner"
    yield flat.meter, "12-345678", "12-345679", "serial_owner"


@pytest.mark.parametrize("way", [0, 1], ids=["sum", "serial"])
def test_demanded_surname_opens_only_together_with_the_other_proof(flat: Flat, way: int) -> None:
    flat.allow(*SURNAME_TOO)
    prove, right, wrong, field = list(_both_ways(flat))[way]
    for nothing in ("", "  ", "-"):
        missing = refusal(prove, right, nothing)
        assert (type(missing), missing.field) == (errors.SurnameMissing, field)
    answers = [refusal(prove, *typed) for typed in ((wrong, "Иванов"), (right, "Петров"), (wrong, "Петров"))]
    assert len({(type(answer), answer.field) for answer in answers}) == 1
    assert [answer.message for answer in answers] == [
        errors.ProofRefused.text.format(next_try=f"Осталось попыток: {left}.") for left in (4, 3, 2)
    ]
    assert isinstance(refusal(flat.see_bills), errors.ExtendedAccessRequired)
    prove(right, " ивaнов")
    flat.see_bills()


@pytest.mark.parametrize("way", [0, 1], ids=["sum", "serial"])
def test_wrong_surname_and_no_owner_in_the_register_are_answered_after_the_same_questions(
    flat: Flat, held: HeldClock, way: int
) -> None:
    flat.allow(*SURNAME_TOO)
    prove, right, wrong, _ = list(_both_ways(flat))[way]

    def tried(owner: str, typed: str, surname: str) -> tuple[str, str, list[str]]:
        asked: list[str] = []
        flat.own(owner)
        held.pass_(days=1, seconds=1)

        def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            asked.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            refused = refusal(prove, typed, surname)
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        return refused.message, refused.field, asked

    answers = [
        tried("Иванов И.И.", right, "Петров"),
        tried("Иванов И.И.", wrong, "Иванов"),
        tried("Иванов И.И.", wrong, "Петров"),
        tried("", right, "Иванов"),
        tried("", wrong, "Иванов"),
    ]
    assert all(answer == answers[0] for answer in answers)


def test_pin_needs_no_surname(flat: Flat) -> None:
    flat.allow(*SURNAME_TOO)
    flat.activate(flat.pin())
    assert flat.level is LinkLevel.EXTENDED


def test_surname_that_is_not_demanded_is_not_looked_at(flat: Flat) -> None:
    flat.allow(ProofKind.BILL_SUM)
    flat.bill("1310", surname="Петров")
    assert flat.level is LinkLevel.EXTENDED


@pytest.mark.parametrize("kinds", [(ProofKind.SURNAME,), (ProofKind.SURNAME, ProofKind.PIN)])
def test_surname_is_never_accepted_alone(flat: Flat, kinds: tuple[ProofKind, ...]) -> None:
    flat.allow(ProofKind.METER_SERIAL)
    assert isinstance(refusal(flat.allow, *kinds), errors.SurnameAlone)
    with reading() as session:
        offered = proofs.offered_proofs(session, flat.owner, public_id=flat.public_id)
    assert offered == (ProofKind.PIN, ProofKind.METER_SERIAL)


def test_surname_that_stands_alone_in_the_table_is_not_offered(flat: Flat) -> None:
    with unit_of_work() as session:
        proofs_repository.put_proofs(session, flat.provider_id, [ProofKind.SURNAME], clock.now())
    with reading() as session:
        assert proofs.offered_proofs(session, flat.owner, public_id=flat.public_id) == (ProofKind.PIN,)
    assert isinstance(refusal(flat.bill, "1310", "202609", "Иванов"), Forbidden)


def _opened_by(flat: Flat, viewer: Viewer, public_id: str) -> None:
    flat.activate(flat.pin(), viewer, public_id)


def test_who_has_extended_access_is_told_when_another_cabinet_gets_it(flat: Flat) -> None:
    _opened_by(flat, flat.owner, flat.public_id)
    assert told() == []
    flat.neighbour()
    _opened_by(flat, *flat.neighbour())
    (letter,) = told()
    with reading() as session:
        (row,) = session.exec(select(OutboxMessage))
    assert letter.channel is Channel.EMAIL
    assert letter.subject == "Расширенный доступ к счёту открыт ещё в одном кабинете — Водоканал"
    assert "к лицевому счёту •••3456 (Водоканал) подключён расширенный доступ" in letter.body
    assert "обратитесь в компанию" in letter.body
    assert f"/account/{flat.public_id}" in letter.body
    assert flat.account.number not in letter.body
    assert flat.account.owner_name.split()[0] not in letter.body
    assert (row.dedupe_key or "").startswith("account_shared:")


def test_each_of_those_who_have_extended_access_is_told_by_own_name_and_channel(flat: Flat) -> None:
    other, other_id = flat.neighbour()
    with unit_of_work() as session:
        linking.rename(session, flat.owner, public_id=flat.public_id, own_name="Дача")
        for event_of_security in (NoticeEvent.ACCOUNT_SHARED, NoticeEvent.NEW_DEVICE):
            choose(session, flat.owner, event_of_security, Channel.EMAIL, is_wanted=False)
    _opened_by(flat, flat.owner, flat.public_id)
    _opened_by(flat, other, other_id)
    _opened_by(flat, *flat.neighbour())
    letters = told()
    # It concerns security: the only channel cannot be switched off.
    assert ["«Дача»" in letter.body for letter in letters] == [True, True, False]
    assert letters[0].to == letters[1].to != letters[2].to


def test_nobody_is_told_of_a_refusal_of_an_ended_link_or_of_another_account(flat: Flat) -> None:
    with unit_of_work() as session:
        second = make_account(session, make_provider(session))
        make_link(session, make_viewer(session), second, level=LinkLevel.EXTENDED)
    other, other_id = flat.neighbour()
    _opened_by(flat, other, other_id)
    refusal(flat.activate, WRONG)
    assert told() == []
    with unit_of_work() as session:
        linking.disconnect(session, other, public_id=other_id)
    _opened_by(flat, flat.owner, flat.public_id)
    assert told() == []


def test_access_that_is_open_already_is_told_to_nobody_again(flat: Flat) -> None:
    _opened_by(flat, *flat.neighbour())
    _opened_by(flat, flat.owner, flat.public_id)
    assert len(told()) == 1
    _opened_by(flat, flat.owner, flat.public_id)
    assert len(told()) == 1


def test_guessing_sums_is_stopped_by_the_account_whoever_asks(flat: Flat, held: HeldClock) -> None:
    flat.allow(ProofKind.BILL_SUM)
    for number in range(5):
        other, other_id = flat.neighbour(f"10.{number}.0.1")
        with pytest.raises(errors.BillSumRefused), unit_of_work() as session:
            proofs.prove_by_bill(session, other, public_id=other_id, month="202609", amount="1")
    assert isinstance(refusal(flat.bill, "1310"), TooManyAttempts)
    flat.activate(flat.pin())


def test_proof_that_the_provider_does_not_accept_is_as_good_as_none(flat: Flat) -> None:
    assert isinstance(refusal(flat.bill, "1310"), Forbidden)
    assert isinstance(refusal(flat.meter, "12-345678"), Forbidden)
    with reading() as session:
        assert proofs.offered_proofs(session, flat.owner, public_id=flat.public_id) == (ProofKind.PIN,)
    flat.allow(ProofKind.METER_SERIAL, ProofKind.PIN)
    with reading() as session:
        offered = proofs.offered_proofs(session, flat.owner, public_id=flat.public_id)
    assert offered == (ProofKind.PIN, ProofKind.METER_SERIAL)
    flat.allow()
    assert isinstance(refusal(flat.meter, "12-345678"), Forbidden)


def test_audit_of_proofs_holds_no_secret(flat: Flat) -> None:
    pin = flat.pin()
    refusal(flat.activate, WRONG)
    flat.activate(pin)
    with reading() as session:
        told = repr([row.model_dump() for row in session.exec(select(AuditEvent))])
    assert not any(secret in told for secret in (pin, pin.replace("-", ""), WRONG, "ZZZZZZZZ", "1000123456"))


def test_disconnected_account_begins_anew_at_basic_access(flat: Flat) -> None:
    flat.activate(flat.pin())
    with unit_of_work() as session:
        linking.disconnect(session, flat.owner, public_id=flat.public_id)
        linking.connect(session, flat.owner, provider_id=flat.provider_id, typed="1000123456")
    assert flat.level is LinkLevel.BASIC


def test_change_of_owner_ends_every_link_and_the_pin_and_tells_those_who_had_them(flat: Flat) -> None:
    flat.activate(flat.pin())
    pin = flat.pin()
    flat.neighbour()
    with unit_of_work() as session:
        count = end_links(session, flat.operator, provider_id=flat.provider_id, number="1000123456")
        assert not end_links(session, flat.operator, provider_id=flat.provider_id, number="1000123456")
    assert count == 2
    with reading() as session:
        assert not statements.linked_bills(session, flat.owner)
        assert len(session.exec(select(OutboxMessage)).all()) == 2
    assert flat.audited().count("link.ended") == 2
    with unit_of_work() as session:
        linking.connect(session, flat.owner, provider_id=flat.provider_id, typed="1000123456")
    assert flat.level is LinkLevel.BASIC
    assert isinstance(refusal(flat.activate, pin), errors.PinRefused)


def test_proof_is_void_after_a_change_of_owner_for_who_had_just_disconnected_too(flat: Flat) -> None:
    flat.activate(flat.pin())
    with unit_of_work() as session:
        linking.disconnect(session, flat.owner, public_id=flat.public_id)
        end_links(session, flat.operator, provider_id=flat.provider_id, number="1000123456")
    with unit_of_work() as session:
        linking.take_back_disconnection(session, flat.owner, public_id=flat.public_id)
    assert flat.level is LinkLevel.BASIC


def test_proof_given_during_a_change_of_owner_does_not_outlive_it(flat: Flat, monkeypatch: pytest.MonkeyPatch) -> None:
    flat.allow(ProofKind.BILL_SUM)
    prove = proofs_repository.has_unseen_bill

    def change_owner() -> None:
        with unit_of_work() as session:
            end_links(session, flat.operator, provider_id=flat.provider_id, number="1000123456")

    with ThreadPoolExecutor(1) as office:

        def proved_meanwhile(*asked: Any) -> bool:
            wait([office.submit(change_owner)], timeout=0.5)
            return prove(*asked)

        monkeypatch.setattr(proofs_repository, "has_unseen_bill", proved_meanwhile)
        flat.bill("1310")
    with unit_of_work() as session:
        linking.take_back_disconnection(session, flat.owner, public_id=flat.public_id)
    assert flat.level is LinkLevel.BASIC


@pytest.mark.parametrize("was_connected", [True, False])
def test_former_owner_proves_nothing_by_what_was_known_before(
    flat: Flat, held: HeldClock, *, was_connected: bool
) -> None:
    """Papers and meters are known to who has lived there, with a cabinet or without."""
    flat.allow(ProofKind.BILL_SUM, ProofKind.METER_SERIAL)
    with unit_of_work() as session:
        if not was_connected:
            linking.disconnect(session, flat.owner, public_id=flat.public_id)
        end_links(session, flat.operator, provider_id=flat.provider_id, number="1000123456")
        linking.connect(session, flat.owner, provider_id=flat.provider_id, typed="1000123456")
    assert isinstance(refusal(flat.bill, "1310"), errors.BillSumRefused)
    assert isinstance(refusal(flat.meter, "12-345678"), errors.SerialRefused)
    flat.activate(flat.pin())
    assert flat.level is LinkLevel.EXTENDED


def test_bills_that_came_after_a_change_of_owner_prove(stranger: Stranger) -> None:
    with unit_of_work() as session:
        end_links(session, stranger.flat.operator, provider_id=stranger.flat.provider_id, number="1000123456")
    stranger.held.pass_(days=30)
    stranger.load(900_00, 11)
    stranger.held.pass_(days=30)
    stranger.load(700_00, 12)
    stranger.held.pass_(days=5)
    assert not stranger.proves("1542,30", "202610")
    assert stranger.proves("900", "202611")


def test_change_of_owner_leaves_other_accounts_connected(flat: Flat) -> None:
    with unit_of_work() as session:
        provider = make_provider(session)
        second = make_account(session, provider)
        make_link(session, flat.owner, second)
        assert isinstance(second, PersonalAccount)
        end_links(session, flat.operator, provider_id=flat.provider_id, number="1000123456")
    with reading() as session:
        assert [linked.account_id for linked in statements.linked_bills(session, flat.owner)] == [second.id]
