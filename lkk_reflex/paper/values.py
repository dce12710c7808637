"""What papers are made of: plain values, so that no paper knows where they come from."""

from dataclasses import dataclass

from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.money import Money

_DASH = "—"


@dataclass(frozen=True, slots=True)
class Company:
    """Who charges: the name and lines of contacts below it."""

    name: str
    address: str = ""
    phone: str = ""
    email: str = ""
    inn: str = ""

    @property
    def details(self) -> list[str]:
        """Return the lines that stand below the name."""
        contacts = ", ".join(filter(None, (self.phone, self.email)))
        return [line for line in (self.address, contacts, self.inn and f"ИНН {self.inn}") if line]


@dataclass(frozen=True, slots=True)
class Payer:
    """Whose account it is; parts that the register lacks are empty."""

    account: str
    name: str = ""
    address: str = ""
    #: ЕЛС of ГИС ЖКХ.
    unified: str = ""

    @property
    def rows(self) -> list[list[str]]:
        """Return terms and values; the third part makes a value stand out."""
        rows = [["Лицевой счёт", f"№\N{NO-BREAK SPACE}{self.account}", "bold"]]
        known = (("Плательщик", self.name), ("Адрес", self.address), ("ЕЛС", self.unified))
        return rows + [[term, value] for term, value in known if value]


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One service of a bill. Volume and tariff are decimal text as the company writes them, or empty."""

    service: str
    unit: str
    volume: str
    tariff: str
    charged: Money
    recalculated: Money
    conceded: Money
    penalty: Money
    total: Money


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums of one bill; those that its register lacks are None. Positive `closing` is a debt."""

    period: BillingPeriod
    closing: Money
    opening: Money | None = None
    charged: Money | None = None
    recalculated: Money | None = None
    conceded: Money | None = None
    penalty: Money | None = None
    paid: Money | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where and when a paper was made: `22.11.2026, 12:00`, and the moment of the company's data."""

    portal: str
    made_at: str
    data_as_of: str = ""

    @property
    def footer(self) -> str:
        """Return the line at the foot of every sheet."""
        data = f" Данные поставщика на {self.data_as_of}." if self.data_as_of else ""
        return f"Составлено {self.made_at}, {self.portal}.{data}"


def figures(amount: Money | None) -> str:
    """Return `1 542,30`, or a dash for what is not known."""
    return _DASH if amount is None else amount.figures()


def decimal_comma(number: str) -> str:
    """Return a decimal text as Russian papers write it, with a comma."""
    return number.replace(".", ",")
