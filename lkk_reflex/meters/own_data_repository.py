"""All SQL about the copy of a person's own readings, and about parting them from the person."""

from collections.abc import Sequence

from sqlmodel import Session, col, select, update

from lkk_reflex.accounts.models import PersonalAccount, ServiceProvider
from lkk_reflex.meters.models import Meter, Reading, ReadingValue

Row = tuple[Reading, ReadingValue, Meter, PersonalAccount, ServiceProvider]


def readings_sent_by(session: Session, subscriber_id: int) -> Sequence[Row]:
    """Return every reading that a subscriber has sent, a row for each scale, the oldest first."""
    found = session.exec(
        select(Reading, ReadingValue, Meter)
        .join(ReadingValue, col(ReadingValue.reading_id) == col(Reading.id))
        .join(Meter, col(Meter.id) == col(Reading.meter_id))
        .where(Reading.subscriber_id == subscriber_id)
        .order_by(col(Reading.id), col(ReadingValue.scale))
    ).all()
    accounts = _accounts(session, {meter.account_id for _, _, meter in found})
    return [(reading, value, meter, *accounts[meter.account_id]) for reading, value, meter in found]


def part_readings_from(session: Session, subscriber_id: int) -> int:
    """Let the readings of a subscriber be nobody's and return how many there were."""
    own = col(Reading.subscriber_id) == subscriber_id
    return int(session.exec(update(Reading).where(own).values(subscriber_id=None)).rowcount)


def _accounts(session: Session, account_ids: set[int]) -> dict[int, tuple[PersonalAccount, ServiceProvider]]:
    rows = session.exec(
        select(PersonalAccount, ServiceProvider)
        .join(ServiceProvider, col(ServiceProvider.id) == col(PersonalAccount.provider_id))
        .where(col(PersonalAccount.id).in_(account_ids))
    )
    return {account.id or 0: (account, provider) for account, provider in rows}
