"""The SQL of choices against paper bills."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, delete, select

from lkk_reflex.accounts.models import AccountLink, LinkLevel, PaperlessChoice, PersonalAccount, ServiceProvider


def choice_of(session: Session, link_id: int) -> PaperlessChoice | None:
    """Return the choice made for a connection, one that has ended too."""
    return session.exec(select(PaperlessChoice).where(PaperlessChoice.link_id == link_id)).one_or_none()


def put(session: Session, choice: PaperlessChoice) -> None:
    """Store a choice."""
    session.add(choice)
    session.flush()


def living_of_account(session: Session, account_id: int) -> Sequence[tuple[PaperlessChoice, AccountLink]]:
    """Return the choices that hold for an account, with their connections."""
    statement = (
        select(PaperlessChoice, AccountLink)
        .join(AccountLink, col(AccountLink.id) == col(PaperlessChoice.link_id))
        .where(AccountLink.account_id == account_id, col(PaperlessChoice.ended_at).is_(None))
    )
    return session.exec(statement).all()


def living_of_provider(session: Session, provider_id: int) -> Sequence[tuple[PersonalAccount, int, datetime]]:
    """Return by number the provider's accounts of which an owner wants no paper, who does and since when, in order."""
    statement = (
        select(PersonalAccount, AccountLink.subscriber_id, PaperlessChoice.chosen_at)
        .join(AccountLink, col(AccountLink.account_id) == col(PersonalAccount.id))
        .join(PaperlessChoice, col(PaperlessChoice.link_id) == col(AccountLink.id))
        .where(
            PersonalAccount.provider_id == provider_id,
            col(PaperlessChoice.ended_at).is_(None),
            col(AccountLink.ended_at).is_(None),
            AccountLink.level == LinkLevel.EXTENDED,
        )
    )
    return session.exec(statement.order_by(col(PersonalAccount.number), col(PaperlessChoice.chosen_at))).all()


def choices_of(
    session: Session, subscriber_id: int
) -> Sequence[tuple[PaperlessChoice, PersonalAccount, ServiceProvider]]:
    """Return every choice that a subscriber has made, in the order of connecting."""
    statement = (
        select(PaperlessChoice, PersonalAccount, ServiceProvider)
        .join(AccountLink, col(AccountLink.id) == col(PaperlessChoice.link_id))
        .join(PersonalAccount, col(PersonalAccount.id) == col(AccountLink.account_id))
        .join(ServiceProvider, col(ServiceProvider.id) == col(PersonalAccount.provider_id))
        .where(AccountLink.subscriber_id == subscriber_id)
    )
    return session.exec(statement.order_by(col(PaperlessChoice.link_id))).all()


def delete_choices(session: Session, subscriber_id: int) -> None:
    """Delete every choice of a subscriber."""
    own = select(AccountLink.id).where(AccountLink.subscriber_id == subscriber_id)
    session.exec(delete(PaperlessChoice).where(col(PaperlessChoice.link_id).in_(own)))
