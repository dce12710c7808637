"""What the page of one account shows beside the account itself."""

from dataclasses import dataclass, field

from lkk_reflex.accounts.bill_projection import BillRow, BillSums, Why
from lkk_reflex.meters.history_projection import ConsumptionView
from lkk_reflex.outages.projection import OutageView


@dataclass(frozen=True, slots=True)
class AccountView:
    """The newest bill, some of those before it, and what was used; at basic access empty but for the outages."""

    #: The person whom the company knows as the payer.
    owner: str = ""
    #: `/bill/…` of the newest bill, whose sums and comparison follow; empty while there is none.
    newest_href: str = ""
    sums: BillSums = field(default_factory=BillSums)
    #: Without its lines: those are on the page of the bill.
    why: Why = field(default_factory=Why)
    bills: list[BillRow] = field(default_factory=list)
    charts: list[ConsumptionView] = field(default_factory=list)
    #: The person has asked for no paper bill.
    is_paperless: bool = False
    #: But nobody who has is told of new bills, so that paper comes nevertheless.
    is_unheard: bool = False
    #: What is off soon, now, or was until yesterday.
    outages: list[OutageView] = field(default_factory=list)
