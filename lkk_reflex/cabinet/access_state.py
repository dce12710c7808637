"""The window of extended access: what proves that the account is one's own."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import reflex as rx
from reflex.event import EventType
from sqlmodel import Session

from lkk_reflex.accounts import proofs
from lkk_reflex.accounts.models import ProofKind
from lkk_reflex.accounts.proof_rules import bill_months
from lkk_reflex.cabinet.account_state import AccountState
from lkk_reflex.cabinet.refusing import sentence_of
from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.bridge import read, write
from lkk_reflex.kit.errors import Forbidden, PortalError, problems_of, sentences_of, summary_of
from lkk_reflex.kit.rate_limit import TooManyAttempts
from lkk_reflex.kit.raw_input import name_in_address, text_of
from lkk_reflex.meters.serials import serial_matches
from lkk_reflex.ui.blanks import blank
from lkk_reflex.ui.choices import Option

#: The button of the success, where the focus goes.
DONE_ID = "access-done"


@dataclass(frozen=True, slots=True)
class AccessErrors:
    """What is wrong, by the name of the field; `form` is about the whole."""

    #: All of it again as pairs of a field and a sentence, when several fields of a form are wrong.
    bill_summary: list[tuple[str, str]] = field(default_factory=list)
    serial_summary: list[tuple[str, str]] = field(default_factory=list)
    form: str = ""
    pin: str = ""
    bill_month: str = ""
    bill_sum: str = ""
    bill_owner: str = ""
    serial: str = ""
    serial_owner: str = ""


class AccessState(rx.State):
    """The window over the page of one account."""

    #: What the provider accepts beside the PIN.
    has_serial: bool = False
    #: Whether it demands the surname of the owner in addition.
    has_surname: bool = False
    #: The months of which a bill may be told; none where sums are not accepted.
    months: rx.Field[list[Option]] = rx.field(default_factory=list)
    errors: AccessErrors = blank(AccessErrors)
    is_open: bool = False
    is_busy: bool = False

    @rx.event
    @access("subscriber")
    async def begin(self) -> None:
        """Begin anew: the window has been opened by the browser already."""
        offered = await read(_offered, current_viewer(), public_id=self._public_id())
        self.reset()
        self.has_serial = ProofKind.METER_SERIAL in offered
        self.has_surname = ProofKind.SURNAME in offered
        if ProofKind.BILL_SUM in offered:
            months = bill_months(clock.now().date())
            self.months = [Option(str(month.key), month.label) for month in months]

    @rx.event(background=True)
    @access("subscriber")
    async def activate(self, data: dict[str, Any]) -> AsyncIterator[EventType[()]]:
        """Open extended access by a PIN."""
        async for event in self._proved("pin", partial(proofs.activate_pin, typed=text_of(data, "pin"))):
            yield event

    @rx.event(background=True)
    @access("subscriber")
    async def tell_bill(self, data: dict[str, Any]) -> AsyncIterator[EventType[()]]:
        """Open extended access by the sum of an earlier bill."""
        month, amount, surname = (text_of(data, name) for name in ("bill_month", "bill_sum", "bill_owner"))
        told = partial(proofs.prove_by_bill, month=month, amount=amount, surname=surname)
        async for event in self._proved("bill_sum", told):
            yield event

    @rx.event(background=True)
    @access("subscriber")
    async def tell_serial(self, data: dict[str, Any]) -> AsyncIterator[EventType[()]]:
        """Open extended access by the serial number of a meter."""
        serial, surname = text_of(data, "serial"), text_of(data, "serial_owner")
        told = partial(proofs.prove_by_meter, serial=serial, matches=_has_meter, surname=surname)
        async for event in self._proved("serial", told):
            yield event

    async def _proved(self, main_field: str, use_case: Callable[..., None]) -> AsyncIterator[EventType[()]]:
        viewer, public_id = current_viewer(), self._public_id()
        async with self:
            self.errors, self.is_busy = AccessErrors(), True
        try:
            await write(use_case, viewer, public_id=public_id)
        except PortalError as refusal:
            if isinstance(refusal, TooManyAttempts):
                # The window is long: what was sent is answered where the person looks.
                refusal.at(main_field)
            async with self:
                self.errors = _errors_of(refusal)
            if first := problems_of(refusal)[0].field:
                yield rx.set_focus(first)
        else:
            async with self:
                self.is_open = True
            yield AccountState.load
            yield rx.set_focus(DONE_ID)
        finally:
            async with self:
                self.is_busy = False

    def _public_id(self) -> str:
        return name_in_address(str(self.router.url.path))


def _errors_of(refusal: PortalError) -> AccessErrors:
    told = sentences_of(refusal, sentence_of)
    lines = summary_of(told)
    is_bill = not told.keys().isdisjoint({"bill_month", "bill_sum"})
    return AccessErrors(bill_summary=lines if is_bill else [], serial_summary=[] if is_bill else lines, **told)


def _offered(session: Session, viewer: Viewer, *, public_id: str) -> tuple[ProofKind, ...]:
    try:
        return proofs.offered_proofs(session, viewer, public_id=public_id)
    except Forbidden:
        return ()


def _has_meter(session: Session, account_id: int, typed: str) -> bool:
    return serial_matches(session, account_id=account_id, typed=typed)
