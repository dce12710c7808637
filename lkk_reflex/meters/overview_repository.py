"""The SQL of all meters that a person has connected."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from lkk_reflex.accounts.models import AccountLink, PersonalAccount, ServiceProvider
from lkk_reflex.meters.models import Meter, MeterState


def connected_meters(
    session: Session, subscriber_id: int
) -> Sequence[tuple[AccountLink, PersonalAccount, ServiceProvider, Meter]]:
    """Return the meters that are read of all accounts a subscriber has connected, in the order of connecting."""
    return session.exec(
        select(AccountLink, PersonalAccount, ServiceProvider, Meter)
        .join(PersonalAccount, col(PersonalAccount.id) == col(AccountLink.account_id))
        .join(ServiceProvider, col(ServiceProvider.id) == col(PersonalAccount.provider_id))
        .join(Meter, col(Meter.account_id) == col(PersonalAccount.id))
        .where(
            AccountLink.subscriber_id == subscriber_id,
            col(AccountLink.ended_at).is_(None),
            Meter.state == MeterState.ACTIVE,
        )
        .order_by(col(AccountLink.id), col(Meter.place), col(Meter.serial))
    ).all()
