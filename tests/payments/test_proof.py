"""The proof of a payment: who may have it, and when there is one."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from lkk_reflex.accounts.models import AccountLink, LinkLevel
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.kit.errors import Forbidden, PortalError, SignInRequired
from lkk_reflex.payments.models import PaymentStatus, Review
from lkk_reflex.payments.proof import proof_of
from tests.factories.accounts import make_operator
from tests.factories.identity import make_viewer
from tests.factories.payments import Payable, make_link, make_payable, make_payment
from tests.payments.conftest import StillClock

COME: dict[str, Any] = {"status": PaymentStatus.SUCCEEDED, "is_offered": False}


@pytest.fixture
def session(engine: Engine, time: StillClock) -> Iterator[Session]:
    """A unit of work; time stands still."""
    with unit_of_work() as session:
        yield session


def refusal_of(session: Session, viewer: Viewer, payment_id: str) -> type[PortalError] | None:
    try:
        proof_of(session, viewer, payment_id=payment_id)
    except PortalError as refusal:
        return type(refusal)
    return None


def linked(session: Session, payable: Payable, level: LinkLevel) -> Viewer:
    """Return somebody else who has connected the account."""
    viewer = make_viewer(session)
    public_id = make_link(session, viewer, payable.account_id)
    session.exec(select(AccountLink).where(AccountLink.public_id == public_id)).one().level = level
    session.flush()
    return viewer


def test_payer_and_proved_owner_have_it_and_nobody_else(session: Session) -> None:
    payable = make_payable(session)
    payment_id = make_payment(session, payable, **COME, method_type="sbp", final_at=clock.now()).id
    viewers = {
        payable.viewer: None,
        linked(session, payable, LinkLevel.EXTENDED): None,
        linked(session, payable, LinkLevel.BASIC): Forbidden,
        make_viewer(session): Forbidden,
        make_operator(payable.provider_id): SignInRequired,
        Viewer(): SignInRequired,
        Viewer.system(): SignInRequired,
    }
    assert {viewer: refusal_of(session, viewer, payment_id) for viewer in viewers} == viewers
    proof = proof_of(session, payable.viewer, payment_id=payment_id)
    assert (str(proof.amount), proof.method, proof.credited_at) == ("1\u202f542,30\u00a0₽", "СБП", clock.now())


@pytest.mark.parametrize("status", [status for status in PaymentStatus if status is not PaymentStatus.SUCCEEDED])
def test_payment_that_has_not_come_has_none(session: Session, status: PaymentStatus) -> None:
    payable = make_payable(session)
    payment_id = make_payment(session, payable, status=status, is_offered=False).id
    assert refusal_of(session, payable.viewer, payment_id) is Forbidden


def test_payment_in_doubt_has_none(session: Session) -> None:
    payable = make_payable(session)
    payment_id = make_payment(session, payable, **COME, review=Review.FINAL_CHANGED).id
    assert refusal_of(session, payable.viewer, payment_id) is Forbidden
    assert refusal_of(session, payable.viewer, "nothing") is Forbidden
