"""Which bills of the past are paid by now: money covers the oldest debt first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Settled(StrEnum):
    """How a bill stands today."""

    PAID = "paid"
    PARTLY = "partly"
    UNPAID = "unpaid"
    OVERPAID = "overpaid"
    UNKNOWN = "unknown"  # later registers do not tell what was paid


@dataclass(frozen=True, slots=True)
class Standing:
    """The sums of one bill that decide; kopecks. `paid` is None where the register does not tell it."""

    closing: int
    paid: int | None


def settled(bills: Sequence[Standing], credited: int) -> Iterator[Settled]:
    """Yield for each bill, the newest first, how it stands.

    A bill is paid once what came after it covers what it asked for. That is what later bills count as paid, and
    `credited`, the money that the newest bill does not know yet.
    """
    since: int | None = credited
    is_clear = bool(bills) and bills[0].closing <= credited
    for bill in bills:
        yield _settled(bill.closing, since, is_clear=is_clear)
        since = None if since is None or bill.paid is None else since + bill.paid


def _settled(closing: int, since: int | None, *, is_clear: bool) -> Settled:
    if closing <= 0:
        return Settled.OVERPAID if closing < 0 else Settled.PAID
    # Who owes nothing today has paid every bill of the past, whatever the registers tell of it.
    if is_clear or (since is not None and since >= closing):
        return Settled.PAID
    if since is None:
        return Settled.UNKNOWN
    return Settled.PARTLY if since > 0 else Settled.UNPAID
