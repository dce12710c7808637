"""What senders of readings are told outside the portal."""

from collections.abc import Sequence

from sqlmodel import Session

from lkk_reflex.accounts.masking import account_title
from lkk_reflex.accounts.rules import day_and_month
from lkk_reflex.accounts.statements import linked_bill
from lkk_reflex.identity.models import NoticeEvent
from lkk_reflex.identity.notices import tell
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.meters.views import CheckedMeter, Outcome, Saved


def tell_sender(session: Session, viewer: Viewer, *, link_id: str, outcomes: Sequence[Outcome]) -> None:
    """Queue the message that readings have been accepted, once, in the unit of work that saves them."""
    accepted = [(outcome.checked, outcome.saved) for outcome in outcomes if outcome.saved]
    if not accepted or viewer.subscriber_id is None:
        return
    account = linked_bill(session, viewer, public_id=link_id)
    first = accepted[0][1]
    tell(
        session,
        subscriber_id=viewer.subscriber_id,
        event=NoticeEvent.READING_ACCEPTED,
        template="reading_accepted",
        params={
            "account": account_title(account.own_name, account.number_shown),
            "provider": account.provider_name,
            "confirmation": first.number,
            "at": f"{first.taken_on:%d.%m.%Y}",
            "lines": [_line(checked, saved) for checked, saved in accepted],
            "note": _note(first, account.time_zone),
        },
        dedupe_key=f"reading_accepted:{first.number}:{viewer.subscriber_id}",
        path=f"/readings/{link_id}",
    )


def _line(checked: CheckedMeter, saved: Saved) -> str:
    values = " / ".join(checked.dial.shown(value) for _, value in sorted(saved.values.items()))
    used = f", расход {checked.dial.shown(checked.consumption)}" if checked.consumption is not None else ""
    return f"{checked.title}: {values}{used}. Номер показания: {saved.number}."


def _note(saved: Saved, time_zone: str) -> str:
    today = clock.today(time_zone)
    counted = f"Учтём при расчёте за {saved.period.label}."
    if today > saved.correctable_until:
        return counted
    return f"{counted} Исправить показания можно до {day_and_month(saved.correctable_until, today)}."
