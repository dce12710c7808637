"""Makes providers, accounts, bills and connections."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlmodel import Session

from lkk_reflex.accounts import rules
from lkk_reflex.accounts.models import (
    AccountLink,
    Bill,
    LinkLevel,
    PersonalAccount,
    Register,
    ServiceKind,
    ServiceProvider,
)
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.billing_period import BillingPeriod
from tests.factories.identity import make_viewer

PERIOD = BillingPeriod(2026, 10)
ADDRESS = "г. Рязань, ул. Ленина, д. 10, кв. 15"

_numbers = count(1)


def make_provider(session: Session, **fields: Any) -> ServiceProvider:
    """Store a provider; the code is unique unless one is given."""
    values: dict[str, Any] = {
        "code": f"provider-{next(_numbers)}",
        "name": "Горводоканал",
        "kind": ServiceKind.WATER,
        "created_at": clock.now(),
    }
    provider = ServiceProvider(**(values | fields))
    session.add(provider)
    session.flush()
    return provider


def make_account(session: Session, provider: ServiceProvider, **fields: Any) -> PersonalAccount:
    """Store an account; the number is unique unless one is given."""
    number = fields.get("number", f"{1000000000 + next(_numbers)}")
    values: dict[str, Any] = {
        "provider_id": provider.id,
        "number": number,
        "number_shown": number,
        "owner_name": "Иванов Иван Иванович",
        "address": ADDRESS,
        "created_at": clock.now(),
    }
    account = PersonalAccount(**(values | fields))
    session.add(account)
    session.flush()
    return account


def make_bill(
    session: Session,
    account: PersonalAccount,
    closing: int = 1542_30,
    *,
    period: BillingPeriod = PERIOD,
    counts_until: datetime | None = None,
    **fields: Any,
) -> Bill:
    """Store a bill and the register from which it came; amounts are kopecks."""
    until = counts_until or clock.now() - timedelta(days=20)
    register = Register(
        provider_id=account.provider_id,
        file_name="register.csv",
        file_hash=f"{next(_numbers):064x}",
        preset="own",
        encoding="utf-8",
        period_from=period.key,
        period_to=period.key,
        data_as_of=until,
        accepted_rows=1,
        rejected_rows=0,
        total_kopecks=closing,
        loaded_at=until,
    )
    session.add(register)
    session.flush()
    bill = Bill(
        account_id=account.id or 0,
        period=period.key,
        closing_kopecks=closing,
        due_on=rules.due_date(period),
        counts_payments_until=until,
        register_id=register.id or 0,
        **fields,
    )
    session.add(bill)
    session.flush()
    return bill


def make_link(
    session: Session, viewer: Viewer, account: PersonalAccount, *, level: LinkLevel = LinkLevel.BASIC
) -> AccountLink:
    """Connect an account to the viewer's cabinet."""
    link = AccountLink(
        public_id=f"link-{next(_numbers)}",
        subscriber_id=viewer.require_subscriber(),
        account_id=account.id or 0,
        level=level,
        created_at=clock.now(),
    )
    session.add(link)
    session.flush()
    return link


def make_operator(*provider_ids: int | None) -> Viewer:
    """Return an operator of these providers."""
    return Viewer(role=Role.OPERATOR, provider_ids=frozenset(filter(None, provider_ids)))


def everybody(session: Session, provider: ServiceProvider) -> dict[str, Viewer]:
    """Return one viewer of each kind that a matrix of rights asks about; `owner` has connected nothing yet."""
    other = make_provider(session)
    return {
        "anonymous": Viewer(),
        "owner": make_viewer(session),
        "other_subscriber": make_viewer(session),
        "operator_of_this_provider": make_operator(provider.id),
        "operator_of_another": make_operator(other.id),
        "system": Viewer.system(),
    }
