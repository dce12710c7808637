"""What the page of one account shows."""

from dataclasses import replace

from sqlmodel import Session

from lkk_reflex.accounts.bill_projection import bill_sums, why
from lkk_reflex.accounts.paperless import is_heeded, is_paperless
from lkk_reflex.accounts.projection import AccountCard
from lkk_reflex.accounts.statements import bill_sheet, bills_of, linked_bill
from lkk_reflex.cabinet.account_projection import AccountView
from lkk_reflex.cabinet.billing import rows_of
from lkk_reflex.cabinet.summary import account_now
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.meters.history import consumption
from lkk_reflex.meters.history_projection import consumption_views
from lkk_reflex.outages.own import outages_now

#: The rest is behind «Все начисления».
_NEWEST = 6


def account_details(session: Session, viewer: Viewer, *, public_id: str) -> tuple[AccountCard, AccountView]:
    """Return one account of the viewer; the details only if it was proved to be the viewer's.

    Raises:
        SignInRequired: the viewer is no subscriber.
        Forbidden: the viewer has no such connection.
    """
    card = account_now(session, viewer, public_id=public_id)
    outages = list(outages_now(session, viewer, link_id=public_id).get(public_id, ()))
    if not card.is_extended:
        return card, AccountView(outages=outages)
    charts = consumption_views(consumption(session, viewer, link_id=public_id))
    without_paper = is_paperless(session, viewer, public_id=public_id)
    is_unheard = without_paper and not is_heeded(session, viewer, public_id=public_id)
    bills = bills_of(session, viewer, public_id=public_id)
    if not bills:
        return card, AccountView(charts=charts, is_paperless=without_paper, is_unheard=is_unheard, outages=outages)
    sheet = bill_sheet(session, viewer, public_id=public_id)
    rows = rows_of(session, linked_bill(session, viewer, public_id=public_id), bills, most=_NEWEST)
    return card, AccountView(
        owner=sheet.account.owner_name,
        newest_href=rows[0].href,
        sums=bill_sums(sheet.bill),
        why=replace(why(sheet.bill, sheet.lines, sheet.earlier, sheet.earlier_lines), lines=[]),
        bills=list(rows),
        charts=charts,
        is_paperless=without_paper,
        is_unheard=is_unheard,
        outages=outages,
    )
