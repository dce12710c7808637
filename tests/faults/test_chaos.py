"""Everything goes wrong at once: answers are lost, slow, refused; notifications are doubled, shuffled, forged;
people click three times; workers race. Afterwards not a kopeck differs and no payment exists twice.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import func
from sqlmodel import col, select

from lkk_reflex.kit.db import reading
from lkk_reflex.payments import checkout, inbox, reconcile
from lkk_reflex.payments.invariants import verify
from lkk_reflex.payments.models import GatewayEvent, LedgerEntry, Payment, PaymentStatus
from lkk_reflex.payments.watch import Asker, advance, advance_due
from tests.factories.payments import object_id
from tests.faults.conftest import LATE_SECONDS, SHOP, Portal, objects_of, paid_kopecks, quick_clock, serving_hooks
from tests.support import patience

INTENTS = 80
#: The time-outs of connecting and reading, so many times as fast, stay below the lease.
SPEED = 20
PATIENCE_SECONDS = 4 * patience.SECONDS

#: What falls on requests to the bank: fault, share, and whether the bank acts first.
FAULTS = [
    ("reset", 0.12, True),
    ("server_error", 0.12, True),
    ("reset", 0.05, False),
    ("server_error", 0.05, False),
    ("latency", 0.05, True),
    ("throttled", 0.03, False),
    ("truncated", 0.03, True),
    ("bad_gateway", 0.03, False),
]


def test_chaos_costs_no_kopeck(portal: Portal) -> None:
    dice, forger = random.Random(11), random.Random(12)
    portal.bank.turn(duplicates=2, shuffle_seconds=0.5)
    for fault, share, committed in FAULTS:
        portal.bank.fault(fault, count=0, probability=share, committed=committed, seconds=LATE_SECONDS)
    with quick_clock(SPEED), serving_hooks() as address:
        hook = f"{address}/hooks/yookassa/{portal.payable.webhook_token}"
        portal.bank.point_notifications(SHOP, hook)
        with _workers(portal, hook, forger):
            with ThreadPoolExecutor(12) as people:
                intents = [(number, dice.random()) for number in range(INTENTS)]
                ids = list(people.map(lambda intent: _a_person_pays(portal, *intent), intents))
            portal.bank.no_faults()
            _until(lambda: _count(PaymentStatus.NEW, PaymentStatus.SENDING) == 0, "everything has been created")
            # Whoever has not paid yet never will: the bank's hour passes.
            portal.bank.advance(3700)
            _until(lambda: _count(PaymentStatus.PENDING) == 0, "everything is final")
        _judge(portal, ids)


def _a_person_pays(portal: Portal, number: int, chance: float) -> str:
    """Click once or three times, then pay, refuse or go away; return the payment's id."""
    form = portal.payable.own_form(f"{100 + number},{number:02d}")
    clicks = 3 if chance < 0.3 else 1
    with ThreadPoolExecutor(clicks) as fingers:
        ids = set(
            fingers.map(lambda _: checkout.pay(portal.payable.viewer, form, portal.connect_hastily), range(clicks))
        )
    assert len(ids) == 1
    payment_id = ids.pop()
    _until(lambda: _payment(payment_id).provider_id is not None, "the payment has been created")
    provider_id = str(_payment(payment_id).provider_id)
    if chance < 0.7:
        portal.bank.pay(provider_id)
        advance(payment_id, Asker.RETURN_PAGE, portal.connect_hastily)
    elif chance < 0.85:
        portal.bank.refuse(provider_id, final=True)
    return payment_id


@contextmanager
def _workers(portal: Portal, hook: str, dice: random.Random) -> Iterator[None]:
    """Run two pollers, two workers of the inbox and a forger for the length of the block."""
    ending = threading.Event()

    def repeat(work: Callable[[], object]) -> None:
        while not ending.is_set():
            work()
            time.sleep(0.05)

    def forge() -> None:
        with reading() as session:
            known = session.exec(select(Payment.provider_id).where(col(Payment.provider_id).is_not(None))).all()
        target = dice.choice([object_id(), *known])
        forged = {"event": "payment.succeeded", "object": {"id": target, "status": "succeeded", "paid": True}}
        assert httpx.post(hook, json=forged, trust_env=False, timeout=patience.SECONDS).status_code == 200

    poll, work = (lambda: advance_due(portal.connect_hastily)), (lambda: inbox.work_on_due(portal.connect_hastily))
    with ThreadPoolExecutor(5) as pool:
        running = [pool.submit(repeat, job) for job in (poll, poll, work, work, forge)]
        try:
            yield
        finally:
            ending.set()
            for future in running:
                future.result()


def _judge(portal: Portal, ids: list[str]) -> None:
    objects = objects_of(portal.bank)
    assert set(objects) == set(ids), "every intent has its payment at the bank, and nothing else has"
    assert {len(same) for same in objects.values()} == {1}, "no payment exists twice"
    paid = {name for name, (seen,) in objects.items() if seen["status"] == "succeeded"}
    with reading() as session:
        credited = session.exec(select(LedgerEntry.payment_id)).all()
        payments = session.exec(select(Payment)).all()
        report = verify(session)
        doubled = session.exec(select(func.count()).where(GatewayEvent.times > 1)).one()
    assert len(credited) == len(set(credited))
    assert set(credited) == paid, "paid is credited, unpaid is not, whatever was forged"
    assert {payment.review for payment in payments} == {None}
    assert report.breaches == ()
    assert report.total_kopecks == paid_kopecks(portal.bank)
    assert reconcile.reconcile(portal.connect) == []
    assert len(paid) > INTENTS / 2
    assert sum(payment.sends for payment in payments) > INTENTS * 1.2, "the faults have fallen"
    assert doubled > 0


def _payment(payment_id: str) -> Payment:
    with reading() as session:
        return session.get_one(Payment, payment_id)


def _count(*statuses: PaymentStatus) -> int:
    with reading() as session:
        return session.exec(select(func.count()).where(col(Payment.status).in_(statuses))).one()


def _until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(f"not reached in time: {what}")
        time.sleep(0.05)
