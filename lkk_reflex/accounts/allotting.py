"""«На что пойдёт платёж»: the usual order in which a payment covers what is owed, split to the kopeck. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lkk_reflex.kit.money import Money

_NOTHING = Money(0)


class Purpose(StrEnum):
    """What a part of a payment is for."""

    EARLIER = "earlier"  # the debt of the periods before the newest bill
    SERVICE = "service"
    PENALTY = "penalty"
    AHEAD = "ahead"  # more than is owed


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed by the newest bill, and what has been paid since.

    `services` are the totals of its lines without penalties, by name; a recalculation may make one negative.
    `earlier` is what was left of the periods before, negative when overpaid; None when the register does not tell.
    """

    closing: Money
    services: tuple[tuple[str, Money], ...]
    penalty: Money = _NOTHING
    earlier: Money | None = None
    paid_since: Money = _NOTHING


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a payment; `service` names the service, if it is for one and the bill names any."""

    purpose: Purpose
    amount: Money
    service: str = ""


def allotted(amount: Money, owed: Owed) -> list[Share]:
    """Split a payment: first the debt of earlier periods, then the services in proportion, penalties last.

    What has been paid since the bill is taken to have gone the same way. What is more than owed goes ahead. Parts of
    nothing are left out; the others are positive and add up to `amount` exactly. The company distributes finally.
    """
    if amount <= _NOTHING:
        return []
    begin = max(owed.paid_since.kopecks, 0)
    end = begin + amount.kopecks
    shares: list[Share] = []
    bottom = 0
    for purpose, height in _layers(owed):
        taken = Money(max(min(end, bottom + height) - max(begin, bottom), 0))
        bottom += height
        if purpose is Purpose.SERVICE:
            shares += _by_service(taken, owed.services)
        else:
            shares.append(Share(purpose, taken))
    shares.append(Share(Purpose.AHEAD, Money(end - max(begin, bottom) if end > bottom else 0)))
    return [share for share in shares if share.amount]


def _layers(owed: Owed) -> Iterator[tuple[Purpose, int]]:
    """Yield the layers of the debt from the one that is paid first; together they are what the bill asks for."""
    closing = max(owed.closing.kopecks, 0)
    penalty = min(max(owed.penalty.kopecks, 0), closing)
    charged = sum(total.kopecks for _, total in owed.services) + owed.penalty.kopecks
    told = closing - charged if owed.services else 0
    earlier = min(max(told if owed.earlier is None else owed.earlier.kopecks, 0), closing - penalty)
    yield Purpose.EARLIER, earlier
    yield Purpose.SERVICE, closing - penalty - earlier
    yield Purpose.PENALTY, penalty


def _by_service(taken: Money, services: Sequence[tuple[str, Money]]) -> Iterable[Share]:
    """Split by the method of the largest remainder; of equal remainders the earlier line gets the kopeck."""
    weights = [(name, total.kopecks) for name, total in services if total > _NOTHING]
    whole = sum(weight for _, weight in weights)
    if not whole:
        return [Share(Purpose.SERVICE, taken)]
    parts = [divmod(taken.kopecks * weight, whole) for _, weight in weights]
    left = taken.kopecks - sum(part for part, _ in parts)
    rounded_up = sorted(range(len(parts)), key=lambda place: -parts[place][1])[:left]
    return [
        Share(Purpose.SERVICE, Money(part + (place in rounded_up)), name)
        for place, ((name, _), (part, _)) in enumerate(zip(weights, parts, strict=True))
    ]
