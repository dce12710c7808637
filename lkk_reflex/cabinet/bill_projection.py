"""What the pages of bills show beside the bills themselves."""

from dataclasses import dataclass, field

from lkk_reflex.accounts.bill_projection import BillLine, BillSums, Why
from lkk_reflex.accounts.projection import Tone


@dataclass(frozen=True, slots=True)
class AccountChoice:
    """A connected account in the row of those to choose from."""

    title: str = ""
    public_id: str = ""


@dataclass(frozen=True, slots=True)
class BillView:
    """One bill. At basic access only the title, the account and its name in addresses."""

    title: str = ""
    account: str = ""
    public_id: str = ""
    is_extended: bool = False
    owner: str = ""
    address: str = ""
    number: str = ""
    provider: str = ""
    badge: str = ""
    tone: Tone = "info"
    sums: BillSums = field(default_factory=BillSums)
    lines: list[BillLine] = field(default_factory=list)
    why: Why = field(default_factory=Why)
    pdf_href: str = ""
    is_payable: bool = False
