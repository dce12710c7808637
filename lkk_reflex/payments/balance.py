"""What has been credited to accounts."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from lkk_reflex.payments import repository


def credited_after(session: Session, moments: Mapping[int, datetime]) -> dict[int, int]:
    """Return the kopecks credited to each account later than its own moment, in one query.

    `moments` maps an account's id to the moment up to which its newest bill already counts payments, so that
    bill less this sum is what is to be paid. Accounts that got nothing are there with 0.
    """
    return dict.fromkeys(moments, 0) | repository.credited_after(session, moments)
