"""Following one payment on its page: what the viewer may see of it, and asking the gateway while it is open."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from sqlmodel import Session

from lkk_reflex.accounts import guests
from lkk_reflex.accounts.errors import PassEnded
from lkk_reflex.cabinet.return_projection import ReturnView, guest_view, payer_view, stranger_view
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.bridge import outside, read, write
from lkk_reflex.kit.errors import Forbidden, SignInRequired
from lkk_reflex.meters import history as readings
from lkk_reflex.meters.facts import LIVING
from lkk_reflex.meters.views import PastReading
from lkk_reflex.payments import history
from lkk_reflex.payments.projection import PaymentView
from lkk_reflex.payments.watch import Asker, advance

_PAYMENT_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

#: Readings given with a payment are saved right before it.
_GIVEN_WITH = timedelta(hours=1)
_CLOCKS_DIFFER = timedelta(minutes=1)
_READINGS_LOOKED_AT = 12

#: How long the page follows the payment by itself.
_WATCH_SECONDS = 125.0
_LOOK_SECONDS = 1.0
#: The gateway itself is asked no oftener; `watch.advance` holds it against all pages together.
_ASK_SECONDS = 3.0
#: Longer than any question to the gateway takes.
_ASK_PATIENCE_SECONDS = 60.0

#: What each page is following now.
_followed: dict[str, object] = {}


def result(session: Session, viewer: Viewer, *, payment_id: str, token: str = "") -> ReturnView:
    """Return a payment as this viewer may see it: everybody the sum and the state, the payer all of it.

    Who has paid without a cabinet sees a little more than everybody, as long as the pass of the `token` holds.

    Raises:
        Forbidden: when there is no such payment.
    """
    _require_id(payment_id)
    with suppress(Forbidden, SignInRequired):
        return payer_view(history.payment_of(session, viewer, payment_id=payment_id))
    if token:
        with suppress(Forbidden, PassEnded):
            guest = guests.guest_of(session, viewer, token=token)
            return guest_view(history.guest_payment(session, guest, payment_id=payment_id))
    state = history.payment_state(session, payment_id)
    return stranger_view(state, history.public_pay_url(session, payment_id))


def arrive(session: Session, viewer: Viewer, *, payment_id: str, token: str = "") -> ReturnView:
    """Return a payment as `result` does to whoever opens its page, having noted that the payer is back from the bank.

    Raises:
        Forbidden: when there is no such payment.
    """
    _require_id(payment_id)
    history.note_return(session, payment_id)
    with suppress(Forbidden, SignInRequired):
        payment = history.payment_of(session, viewer, payment_id=payment_id)
        return payer_view(payment, _given_with(session, viewer, payment))
    return result(session, viewer, payment_id=payment_id, token=token)


def _given_with(session: Session, viewer: Viewer, payment: PaymentView) -> list[PastReading]:
    """Return the readings given shortly before a payment was made: with it, or with an earlier try of it."""
    if not payment.link_id:
        return []
    newest = readings.history(session, viewer, link_id=payment.link_id, limit=_READINGS_LOOKED_AT)
    since, until = payment.created_at - _GIVEN_WITH, payment.created_at + _CLOCKS_DIFFER
    return [
        reading
        for reading in newest
        if reading.number and reading.state in LIVING and since <= reading.submitted_at <= until
    ]


async def follow(viewer: Viewer, payment_id: str, token: str = "", *, page: str) -> AsyncIterator[ReturnView]:
    """Yield a payment whenever it looks different, until nothing more comes or the page's patience ends.

    `page` is the name of the open page: what it has followed before is followed no more, because a socket may ask
    for this many times a second and each time goes on for minutes.

    Raises:
        Forbidden: when there is no such payment.
    """
    mine = _followed[page] = object()
    try:
        async for seen in _changes(viewer, payment_id, token, is_wanted=lambda: _followed.get(page) is mine):
            yield seen
    finally:
        if _followed.get(page) is mine:
            del _followed[page]


async def _changes(
    viewer: Viewer, payment_id: str, token: str, *, is_wanted: Callable[[], bool]
) -> AsyncIterator[ReturnView]:
    shown = await write(arrive, viewer, payment_id=payment_id, token=token)
    yield shown
    ends, asking = time.monotonic() + _WATCH_SECONDS, None
    asked_at = 0.0
    while is_wanted() and not shown.is_over and time.monotonic() < ends:
        if (asking is None or asking.done()) and time.monotonic() - asked_at >= _ASK_SECONDS:
            asking, asked_at = asyncio.ensure_future(_ask(payment_id)), time.monotonic()
        await asyncio.sleep(_LOOK_SECONDS)
        # The readings are told by `arrive` alone: looking every second asks for what may change.
        now = await read(result, viewer, payment_id=payment_id, token=token)
        seen = replace(now, readings=shown.readings)
        if seen != shown:
            shown = seen
            yield shown


def _require_id(payment_id: str) -> None:
    """Keep from the database what cannot be an id."""
    if not _PAYMENT_ID.fullmatch(payment_id):
        raise Forbidden


async def _ask(payment_id: str) -> None:
    await outside(lambda: advance(payment_id, Asker.RETURN_PAGE), patience=_ASK_PATIENCE_SECONDS)
