"""A flat has been sold: the company ends the connections of those who lived there before."""

from sqlmodel import Session

from lkk_reflex.accounts import guests_repository, paperless, proofs_repository, repository
from lkk_reflex.accounts.masking import account_title, mask_number
from lkk_reflex.accounts.pins import staff_account
from lkk_reflex.identity import audit, notices
from lkk_reflex.identity.codes import moment
from lkk_reflex.identity.models import NoticeEvent
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock

_REASON = "Поставщик сообщил, что у счёта сменился владелец."


def end_links(session: Session, viewer: Viewer, *, provider_id: int, number: str) -> int:
    """Disconnect an account from every cabinet and tell those who had it; return how many there were.

    Its PIN, its guest passes and the choices against paper bills end too, and what the former owner knows proves it
    no more: the sums of bills that came before, the numbers of its meters.
    The account, its bills and its debt stay with the provider. Connecting it again begins at basic access.

    Raises:
        Forbidden: for everybody but the staff of the provider.
        AccountUnknown: the provider has no account of this number.
    """
    account = staff_account(session, viewer, provider_id=provider_id, number=number)
    account_id, now = account.id or 0, clock.now()
    provider = repository.provider_by_id(session, provider_id)
    paperless.end_with(session, viewer, account_id=account_id, ended_at=now)
    subscribers = proofs_repository.end_links(session, account_id, now)
    proofs_repository.end_pins(session, [account_id], now)
    guests_repository.forget_passes_to(session, account_id)
    audit.record(session, viewer, proofs_repository.OWNER_CHANGED, subject=str(account_id))
    for subscriber_id in subscribers:
        audit.record(session, viewer, "link.ended", subscriber_id=subscriber_id, subject=str(account_id))
    notices.tell_all(
        session,
        [
            notices.Notice(
                subscriber_id,
                NoticeEvent.ACCOUNT_UNLINKED,
                "account_unlinked",
                {
                    "account": account_title("", account.number),
                    "number": mask_number(account.number),
                    "provider": provider.name if provider else "",
                    "at": moment(now),
                    "reason": _REASON,
                },
                dedupe_key=f"account_unlinked:{account_id}:{subscriber_id}:{now.timestamp():.0f}",
                path="/cabinet",
            )
            for subscriber_id in subscribers
        ],
    )
    return len(subscribers)
