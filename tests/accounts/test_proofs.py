"""Extended access: what proves that an account is one's own, what a failed proof tells, how guessing is stopped."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session, col, select

from lkk_reflex.accounts import errors, linking, pins, proof_rules, proofs, proofs_repository, statements
from lkk_reflex.accounts.models import AccountLink, LinkLevel, PersonalAccount, Pin, ProofKind
from lkk_reflex.accounts.owner_change import end_links
from lkk_reflex.identity.models import AuditEvent
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import crypto, tokens
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.crypto import Keyring
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Forbidden, PortalError
from lkk_reflex.kit.rate_limit import TooManyAttempts
from lkk_reflex.notifications.models import OutboxMessage
from tests.factories.accounts import make_account, make_bill, make_link, make_operator, make_provider
from tests.factories.identity import make_viewer
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

    def bill(self, amount: str, month: str = "202609") -> None:
        """Tell the sum of a bill."""
        with unit_of_work() as session:
            proofs.prove_by_bill(session, self.owner, public_id=self.public_id, month=month, amount=amount)

    def meter(self, serial: str) -> None:
        """Tell the serial number of a meter; the account has one, 12-345678."""
        with unit_of_work() as session:
            proofs.prove_by_meter(
                session, self.owner, public_id=self.public_id, serial=serial,
                matches=lambda _session, account_id, told: account_id == self.account.id and told == "12-345678",
            )  # fmt: skip

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
    ("typed", "error"), [("", errors.PinMissing), ("12", errors.PinUnreadable), ("🙂" * 8, errors.PinUnreadable)]
)
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
    monkeypatch.setattr(proof_rules, "LIMITS", ())
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
        together.wait(timeout=20)
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
    [("1310,01", "202609"), ("1310,00", "202608"), ("-1310,00", "202609"), ("1542,30", "202610")],
    ids=["another sum", "another month", "another sign", "the newest bill, whose sum everybody sees"],
)
def test_sum_that_proves_nothing_is_refused(flat: Flat, amount: str, month: str) -> None:
    flat.allow(ProofKind.BILL_SUM)
    refused = refusal(flat.bill, amount, month)
    assert isinstance(refused, errors.BillSumRefused)
    assert refused.message == errors.PinRefused.text
    assert flat.level is LinkLevel.BASIC


def test_bill_that_was_the_newest_while_the_account_was_connected_proves_nothing(flat: Flat, held: HeldClock) -> None:
    flat.allow(ProofKind.BILL_SUM)
    held.pass_(days=30)
    with unit_of_work() as session:
        make_bill(session, flat.account, 900_00, period=BillingPeriod(2026, 11), counts_until=held.now)
    assert isinstance(refusal(flat.bill, "1542,30", "202610"), errors.BillSumRefused)
    flat.bill("1310")


@pytest.mark.parametrize(
    ("amount", "month", "error"),
    [("1310", "", errors.BillMonthMissing), ("1310", "199001", errors.BillMonthMissing),
     ("много", "202609", errors.BillSumUnreadable), ("", "202609", errors.BillSumUnreadable)],
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


def test_change_of_owner_leaves_other_accounts_connected(flat: Flat) -> None:
    with unit_of_work() as session:
        provider = make_provider(session)
        second = make_account(session, provider)
        make_link(session, flat.owner, second)
        assert isinstance(second, PersonalAccount)
        end_links(session, flat.operator, provider_id=flat.provider_id, number="1000123456")
    with reading() as session:
        assert [linked.account_id for linked in statements.linked_bills(session, flat.owner)] == [second.id]
