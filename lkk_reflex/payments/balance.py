"""What has been credited to accounts, and what may still be."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.money import Money
from lkk_reflex.payments import repository


@dataclass(frozen=True, slots=True)
class OpenPayment:
    """A payment whose end is not known yet."""

    payment_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Standing:
    """What payments have done for an account since its newest bill, and the viewer's own one that may do more."""

    credited_kopecks: int = 0
    unfinished: OpenPayment | None = None


def credited_after(session: Session, moments: Mapping[int, datetime]) -> dict[int, int]:
    """Return the kopecks credited to each account later than its own moment, in one query.

    `moments` maps an account's id to the moment up to which its newest bill already counts payments, so that
    bill less this sum is what is to be paid. Accounts that got nothing are there with 0.
    """
    return dict.fromkeys(moments, 0) | repository.credited_after(session, moments)


def standings(
    session: Session, viewer: Viewer, account_ids: Iterable[int], moments: Mapping[int, datetime]
) -> dict[int, Standing]:
    """Return how payments stand for each of the viewer's accounts, in one query; `moments` as in `credited_after`.

    Raises:
        SignInRequired: the viewer is no subscriber.
    """
    found = dict.fromkeys(account_ids, Standing())
    for account_id, kopecks, payment_id in repository.standings(session, viewer.require_subscriber(), found, moments):
        known = found[account_id]
        if payment_id:
            found[account_id] = Standing(known.credited_kopecks, OpenPayment(payment_id, Money(kopecks)))
        else:
            found[account_id] = Standing(kopecks, known.unfinished)
    return found
