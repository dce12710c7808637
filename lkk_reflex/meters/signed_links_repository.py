"""The SQL of signed links."""

from sqlmodel import Session, col, select

from lkk_reflex.accounts.models import AccountLink, PersonalAccount, ServiceProvider


def account_of_link(session: Session, link_id: str) -> tuple[PersonalAccount, ServiceProvider] | None:
    """Return the account of a living connection, whoever has it."""
    return session.exec(
        select(PersonalAccount, ServiceProvider)
        .join(ServiceProvider, col(ServiceProvider.id) == col(PersonalAccount.provider_id))
        .join(AccountLink, col(AccountLink.account_id) == col(PersonalAccount.id))
        .where(AccountLink.public_id == link_id, col(AccountLink.ended_at).is_(None))
    ).one_or_none()
