"""Who sees everything of an account is told when another cabinet sees it too."""

from sqlmodel import Session

from lkk_reflex.accounts import proofs_repository
from lkk_reflex.accounts.masking import mask_number
from lkk_reflex.accounts.models import AccountLink
from lkk_reflex.identity import notices
from lkk_reflex.identity.codes import moment
from lkk_reflex.identity.models import NoticeEvent
from lkk_reflex.kit import clock


def tell_others(session: Session, link: AccountLink) -> None:
    """Queue what the others with extended access are told of this new one: nothing about who it is."""
    now = clock.now()
    notices.tell_all(
        session,
        [
            notices.Notice(
                other.link.subscriber_id,
                NoticeEvent.ACCOUNT_SHARED,
                "account_shared",
                {
                    "account": f"«{other.link.own_name}»" if other.link.own_name else mask_number(other.number),
                    "number": mask_number(other.number),
                    "provider": other.provider_name,
                    "at": moment(now),
                },
                dedupe_key=f"account_shared:{link.id}:{other.link.subscriber_id}:{now.timestamp():.0f}",
                path=f"/account/{other.link.public_id}",
            )
            for other in proofs_repository.others_with_access(session, link)
        ],
    )
