"""kill -9 before the gateway is asked, after it has answered, after a notification is stored, and anywhere."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlmodel import select

from lkk_reflex.kit import clock
from lkk_reflex.kit.clock import clock_from
from lkk_reflex.kit.db import reading
from lkk_reflex.payments import fault_hooks, inbox, rules
from lkk_reflex.payments.checkout import PayForm
from lkk_reflex.payments.invariants import verify
from lkk_reflex.payments.models import GatewayEvent, LedgerEntry, Payment, PaymentStatus
from lkk_reflex.payments.watch import advance_due
from lkk_reflex.settings import get_settings
from tests.faults.conftest import SECRET, Portal, objects_of, paid_kopecks
from tests.support import patience

VICTIM = Path(__file__).with_name("victim.py")
ROOT = VICTIM.parents[2]


def start(portal: Portal, url: str, *arguments: str, fault: str = "") -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "LKK_MODE": "demo",
        "LKK_DATABASE_URL": url,
        "LKK_SECRET_KEY": SECRET,
        "LKK_YOOKASSA_API_URL": portal.bank.api_url,
        fault_hooks.VARIABLE: fault,
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.Popen([sys.executable, VICTIM, *arguments], env=environment, stdout=subprocess.PIPE)


def killed(portal: Portal, url: str, *arguments: str, fault: str) -> None:
    """Run the victim until it kills itself."""
    with start(portal, url, *arguments, fault=fault) as victim:
        output, _ = victim.communicate(timeout=patience.SECONDS)
    assert victim.returncode == -signal.SIGKILL
    assert output == b"", "nobody has been told anything"


def text_of(portal: Portal, form: PayForm) -> str:
    return json.dumps(
        {
            "subscriber_id": portal.payable.viewer.subscriber_id,
            "intent_id": form.intent_id,
            "link_id": form.link_id,
            "amount": form.amount_text,
        }
    )


def payments() -> list[Payment]:
    with reading() as session:
        return list(session.exec(select(Payment)).all())


def advance_after_the_lease(portal: Portal, times: int = 1) -> None:
    later = clock.now() + times * (rules.LEASE + rules.FIRST_SEND_GRACE)
    with clock_from(lambda: later):
        advance_due(portal.connect)


@pytest.mark.parametrize(("fault", "made_before"), [("before_gateway", 0), ("after_gateway", 1)])
def test_a_kill_around_the_gateways_answer_makes_one_payment(
    portal: Portal, database_url: str, fault: str, made_before: int
) -> None:
    killed(portal, database_url, "pay", text_of(portal, portal.payable.own_form("100")), fault=fault)
    (payment,) = payments()
    assert payment.status is PaymentStatus.SENDING
    assert payment.provider_id is None
    assert len(objects_of(portal.bank)) == made_before
    advance_after_the_lease(portal)
    (payment,) = payments()
    assert payment.status is PaymentStatus.PENDING
    assert [len(same) for same in objects_of(portal.bank).values()] == [1]
    keys = {request["idempotence_key"] for request in portal.bank.requests() if request["verb"] == "POST"}
    bodies = {request["body"] for request in portal.bank.requests() if request["verb"] == "POST"}
    assert keys == {payment.idem_key}
    assert bodies == {payment.body}


def test_a_click_after_the_restart_finds_the_payment_of_before(portal: Portal, database_url: str) -> None:
    form = portal.payable.own_form("100")
    killed(portal, database_url, "pay", text_of(portal, form), fault="after_gateway")
    with start(portal, database_url, "pay", text_of(portal, form)) as again:
        output, _ = again.communicate(timeout=patience.SECONDS)
    assert output.decode().split() == [payments()[0].id]
    advance_after_the_lease(portal)
    assert [len(same) for same in objects_of(portal.bank).values()] == [1]


def test_a_kill_before_the_notifications_answer_credits_once(portal: Portal, database_url: str) -> None:
    with start(portal, database_url, "pay", text_of(portal, portal.payable.own_form("100"))) as payer:
        payer.communicate(timeout=patience.SECONDS)
    (payment,) = payments()
    provider_id = str(payment.provider_id)
    portal.bank.pay(provider_id)
    body = json.dumps({"event": "payment.succeeded", "object": {"id": provider_id}})
    killed(portal, database_url, "hook", portal.payable.webhook_token, body, fault="after_commit")
    with start(portal, database_url, "hook", portal.payable.webhook_token, body) as redelivery:
        assert redelivery.communicate(timeout=patience.SECONDS)[0] == b"200\n"
    inbox.work_on_due(portal.connect)
    with reading() as session:
        assert [event.times for event in session.exec(select(GatewayEvent)).all()] == [2]
        assert len(session.exec(select(LedgerEntry)).all()) == 1


def test_a_kill_while_the_answer_is_applied_loses_nothing(portal: Portal, database_url: str) -> None:
    """The payment is paid; the process that would have credited it dies with the answer in its hands."""
    with start(portal, database_url, "pay", text_of(portal, portal.payable.own_form("100"))) as payer:
        payer.communicate(timeout=patience.SECONDS)
    (payment,) = payments()
    portal.bank.pay(str(payment.provider_id))
    killed(portal, database_url, "ask", payment.id, fault="after_gateway")
    with reading() as session:
        assert session.exec(select(LedgerEntry)).all() == []
    advance_after_the_lease(portal)
    with reading() as session:
        assert len(session.exec(select(LedgerEntry)).all()) == 1


def test_kills_anywhere_lose_nothing_and_double_nothing(portal: Portal, database_url: str) -> None:
    dice = random.Random(5)
    forms = [portal.payable.own_form(f"{100 + number}") for number in range(60)]
    told: set[str] = set()
    for cycle in range(5):
        some = forms[cycle * 12 : cycle * 12 + 12]
        with start(portal, database_url, "pay", *(text_of(portal, form) for form in some)) as victim:
            assert victim.stdout
            # Killed somewhere after its first answer.
            first = victim.stdout.readline()
            time.sleep(dice.uniform(0.0, 0.15))
            victim.kill()
            told |= {line for line in (first + victim.stdout.read()).decode().split("\n") if line}
    advance_after_the_lease(portal)
    objects = objects_of(portal.bank)
    assert told <= set(objects)
    assert {len(same) for same in objects.values()} == {1}
    assert set(objects) == {payment.id for payment in payments()}
    assert {payment.status for payment in payments()} == {PaymentStatus.PENDING}
    for (seen,) in objects.values():
        portal.bank.pay(str(seen["id"]))
    advance_after_the_lease(portal, times=2)
    with reading() as session:
        report = verify(session)
    assert report.breaches == ()
    assert report.total_kopecks == paid_kopecks(portal.bank)
    assert report.lines == len(objects)


@pytest.mark.parametrize("mode", ["production", "demo"])
def test_the_hooks_are_closed_outside_the_demo(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fates: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: fates.append((pid, number)))
    monkeypatch.setenv(fault_hooks.VARIABLE, "before_gateway")
    monkeypatch.setattr(fault_hooks, "get_settings", lambda: type("S", (), {"is_demo": mode == "demo"}))
    fault_hooks._asked_for.cache_clear()
    fault_hooks.reach(fault_hooks.Point.BEFORE_GATEWAY)
    fault_hooks.reach(fault_hooks.Point.AFTER_GATEWAY)
    fault_hooks._asked_for.cache_clear()
    assert fates == ([(os.getpid(), signal.SIGKILL)] if mode == "demo" else [])
    assert get_settings().is_demo
