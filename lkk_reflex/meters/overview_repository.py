"""The SQL of all meters that a person has connected."""

from collections.abc import Collection, Sequence

from sqlmodel import Session, and_, col, select

from lkk_reflex.accounts.models import AccountLink, PersonalAccount, ServiceProvider
from lkk_reflex.meters.models import Meter, MeterPolicy, MeterState, Reading, ReadingSource, ReadingState

ConnectedMeter = tuple[
    AccountLink, PersonalAccount, ServiceProvider, Meter, MeterPolicy | None, int | None, ReadingSource | None
]


def connected_meters(
    session: Session, subscriber_id: int, *, periods: Collection[int], states: Collection[ReadingState]
) -> Sequence[ConnectedMeter]:
    """Return the meters that are read of all accounts a subscriber has connected, in the order of connecting.

    Each comes with the rule for its resource, once for every reading of these periods and states that was read
    from its dial: with the period and the source of that reading, or once without any.
    """
    return session.exec(
        select(  # type: ignore[call-overload]
            AccountLink, PersonalAccount, ServiceProvider, Meter, MeterPolicy, Reading.period, Reading.source
        )
        .join(PersonalAccount, col(PersonalAccount.id) == col(AccountLink.account_id))
        .join(ServiceProvider, col(ServiceProvider.id) == col(PersonalAccount.provider_id))
        .join(Meter, col(Meter.account_id) == col(PersonalAccount.id))
        .outerjoin(
            MeterPolicy,
            and_(
                col(MeterPolicy.provider_id) == col(ServiceProvider.id),
                col(MeterPolicy.resource) == col(Meter.resource),
            ),
        )
        .outerjoin(
            Reading,
            and_(
                col(Reading.meter_id) == col(Meter.id),
                col(Reading.period).in_(periods),
                col(Reading.state).in_(states),
                col(Reading.source) != ReadingSource.ESTIMATED,
            ),
        )
        .where(
            AccountLink.subscriber_id == subscriber_id,
            col(AccountLink.ended_at).is_(None),
            Meter.state == MeterState.ACTIVE,
        )
        .order_by(col(AccountLink.id), col(Meter.place), col(Meter.serial), col(Meter.id))
    ).all()
