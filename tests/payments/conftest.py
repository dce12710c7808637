"""A database with one account that can be paid for, a gateway inside the process, and a clock that stands still."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from lkk_reflex.kit import clock, crypto
from lkk_reflex.kit.crypto import Keyring
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.payments import checkout
from lkk_reflex.payments.checkout import PayForm
from lkk_reflex.payments.models import LedgerEntry, Payment
from lkk_reflex.payments.watch import Asker, advance, advance_due
from tests.factories.payments import FakeGateway, Payable, make_payable


@pytest.fixture(autouse=True)
def secret() -> None:
    """The installation's secret."""
    crypto.bind(Keyring(("a secret of this test run only, long enough",)))


@dataclass
class StillClock:
    """Time that passes only when told to."""

    moment: datetime = field(default_factory=lambda: datetime(2026, 11, 20, 9, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **duration: float) -> None:
        """Let time pass: `advance(hours=1)`."""
        self.moment += timedelta(**duration)


@pytest.fixture
def time() -> Iterator[StillClock]:
    """The portal's clock, standing still."""
    still = StillClock()
    with clock.clock_from(still):
        yield still


@pytest.fixture
def gateway() -> FakeGateway:
    """A gateway inside the process."""
    return FakeGateway()


@pytest.fixture
def payable(engine: Engine, time: StillClock) -> Payable:
    """A subscriber with a debt and a provider with a shop."""
    with unit_of_work() as session:
        return make_payable(session)


@dataclass
class Desk:
    """What the tests of payments do again and again."""

    payable: Payable
    gateway: FakeGateway
    time: StillClock

    def pay(self, form: PayForm | None = None) -> str:
        """Submit the pay form and return the payment's id."""
        return checkout.pay(self.payable.viewer, form or self.payable.debt_form(), self.gateway.connect)

    def begin(self, form: PayForm | None = None) -> str:
        """Only write the payment down, as a process does that is killed right after."""
        with unit_of_work() as session:
            return checkout.begin(session, self.payable.viewer, form or self.payable.debt_form())

    def advance(self, payment_id: str, asker: Asker = Asker.NOTIFICATION) -> bool:
        """Ask the gateway at once."""
        return advance(payment_id, asker, self.gateway.connect)

    def poll(self, **duration: float) -> int:
        """Let time pass and the poller come by."""
        self.time.advance(**duration)
        return advance_due(self.gateway.connect)

    def payment(self, payment_id: str) -> Payment:
        """Return the payment as it is now."""
        with reading() as session:
            return session.get_one(Payment, payment_id)

    def payments(self) -> list[Payment]:
        """Return all payments."""
        with reading() as session:
            return list(session.exec(select(Payment)).all())

    def ledger(self) -> list[LedgerEntry]:
        """Return all lines of the ledger."""
        with reading() as session:
            return list(session.exec(select(LedgerEntry)).all())


@pytest.fixture
def desk(payable: Payable, gateway: FakeGateway, time: StillClock) -> Desk:
    """The subscriber, the gateway and the clock together."""
    return Desk(payable, gateway, time)
