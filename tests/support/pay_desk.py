"""A debt, its payer, a gateway and a clock: what the tests of the pay pages begin with."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from lkk_reflex.cabinet import returning
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.payments import checkout, repository, watch
from lkk_reflex.payments.models import LedgerEntry, Payment, ReceiptsMode, ReceiptTerms
from tests.factories.identity import make_viewer
from tests.factories.payments import FakeGateway, Payable, make_payable
from tests.support.portal import HeldClock, configured, held_clock


@dataclass
class PayRoom:
    """Everything that stands around a pay page."""

    payable: Payable
    stranger: Viewer
    gateway: FakeGateway
    clock: HeldClock

    def payments(self) -> list[Payment]:
        """Return all payments."""
        with reading() as session:
            return list(session.exec(select(Payment)).all())

    def only_payment(self) -> Payment:
        """Return the only payment there is."""
        (payment,) = self.payments()
        return payment

    def credited(self) -> int:
        """Return the kopecks in the ledger."""
        with reading() as session:
            return sum(line.kopecks for line in session.exec(select(LedgerEntry)).all())

    def pay_at_the_bank(self) -> None:
        """Let the payer pay there, and the portal hear of it."""
        payment = self.only_payment()
        self.gateway.pay(payment.provider_id or "")
        watch.advance(payment.id, watch.Asker.NOTIFICATION, self.gateway.connect)


def give_receipts(room: PayRoom) -> None:
    """Let the provider's payments carry fiscal receipts, so that the form asks where to."""
    with unit_of_work() as session:
        shop = repository.shop_by_gateway_id(session, room.payable.gateway_id)
        assert shop is not None
        assert shop.id is not None
        shop.receipts_mode = ReceiptsMode.YOOKASSA
        session.add(ReceiptTerms(shop_id=shop.id, valid_from=date(2026, 1, 1), debt_vat_code=1, advance_vat_code=1))


@contextmanager
def pay_room(engine: Engine, monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> Iterator[PayRoom]:
    """Stand in front of the pay page of an account with a debt; the gateway lives inside the process."""
    gateway = FakeGateway()
    monkeypatch.setattr(checkout, "pay", partial(checkout.pay, connect=gateway.connect))
    monkeypatch.setattr(returning, "advance", partial(watch.advance, connect=gateway.connect))
    with configured(monkeypatch, data_dir), held_clock() as clock:
        with unit_of_work(engine) as session:
            payable, stranger = make_payable(session), make_viewer(session)
        yield PayRoom(payable, stranger, gateway, clock)
