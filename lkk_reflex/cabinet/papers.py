"""What stands on the papers that a subscriber downloads: bills, statements, confirmations of payments."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from lkk_reflex.accounts.errors import BillMissing
from lkk_reflex.accounts.models import Bill, Charge, PersonalAccount, ProviderRequisites, ServiceProvider
from lkk_reflex.accounts.payment_code_writing import Receiver, write_code
from lkk_reflex.accounts.statements import BillSheet, bill_sheet, bills_of, linked_bill, moments_of, statement_of
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock, rate_limit
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.money import Money
from lkk_reflex.kit.rate_limit import Limit, Scope
from lkk_reflex.paper.bill import BillPaper, Payee
from lkk_reflex.paper.confirmation import ConfirmationPaper
from lkk_reflex.paper.statement import StatementPaper
from lkk_reflex.paper.values import Company, Origin, Payer, ServiceLine, Sums
from lkk_reflex.payments.balance import credited_after
from lkk_reflex.payments.proof import proof_of
from lkk_reflex.settings import get_settings

#: For one person; enough for the bills of two years in one go.
LIMITS: Final = (Limit("papers", Scope.SUBJECT, 40, timedelta(minutes=5)),)
#: Housing and utilities, by the list of ГОСТ Р 56042-2014.
_UTILITIES: Final = "02"


def count_paper(session: Session, viewer: Viewer) -> None:
    """Count a paper before it is made.

    Raises:
        SignInRequired: the viewer is no subscriber.
        TooManyAttempts: too many papers in a short time.
    """
    rate_limit.take(session, LIMITS, {Scope.SUBJECT: str(viewer.require_subscriber())})


def bill_paper(session: Session, viewer: Viewer, *, public_id: str, period: BillingPeriod) -> BillPaper:
    """Return the bill of a month. The newest one asks for what is left now; an older one bears no payment code.

    Raises:
        SignInRequired, Forbidden, ExtendedAccessRequired, BillMissing: as `accounts.statements.bill_sheet`.
    """
    sheet = bill_sheet(session, viewer, public_id=public_id, period=period)
    credited = Money.zero()
    if sheet.is_newest:
        moments = moments_of([linked_bill(session, viewer, public_id=public_id)])
        credited = Money(credited_after(session, moments).get(sheet.bill.account_id, 0))
    left = Money(sheet.bill.closing_kopecks) - credited
    is_asked_for = sheet.is_newest and left > Money.zero()
    requisites = sheet.requisites
    return BillPaper(
        company=_company(sheet.provider),
        payer=_payer(sheet.account),
        sums=_sums(sheet.bill),
        lines=tuple(_line(line) for line in sheet.lines),
        due_on=sheet.bill.due_on,
        credited_later=credited,
        is_newest=sheet.is_newest,
        origin=_origin(sheet.provider, sheet.bill.counts_payments_until),
        payee=_payee(sheet.provider, requisites) if requisites else None,
        code=_code(sheet, requisites, left) if requisites and is_asked_for else b"",
    )


def statement_paper(
    session: Session,
    viewer: Viewer,
    *,
    public_id: str,
    first: BillingPeriod | None = None,
    last: BillingPeriod | None = None,
) -> StatementPaper:
    """Return the bills from one month to another; an end that is not named is the oldest or the newest bill.

    Raises:
        SignInRequired, Forbidden, ExtendedAccessRequired, BillMissing: as `accounts.statements.statement_of`.
    """
    bills = bills_of(session, viewer, public_id=public_id)
    if not bills:
        raise BillMissing
    if first and last:
        first, last = min(first, last), max(first, last)
    found = statement_of(
        session,
        viewer,
        public_id=public_id,
        first=first or BillingPeriod.from_key(bills[-1].period),
        last=last or BillingPeriod.from_key(bills[0].period),
    )
    return StatementPaper(
        company=_company(found.provider),
        payer=_payer(found.account),
        first=BillingPeriod.from_key(found.bills[0].period),
        last=BillingPeriod.from_key(found.bills[-1].period),
        months=tuple(_sums(bill) for bill in found.bills),
        lines=tuple((BillingPeriod.from_key(bill.period), _line(line)) for bill, line in found.lines),
        origin=_origin(found.provider, found.bills[-1].counts_payments_until),
    )


def confirmation_paper(session: Session, viewer: Viewer, *, payment_id: str) -> ConfirmationPaper:
    """Return the confirmation of a payment that has succeeded.

    Raises:
        SignInRequired, Forbidden: as `payments.proof.proof_of`.
    """
    proof = proof_of(session, viewer, payment_id=payment_id)
    zone = ZoneInfo(proof.provider.time_zone)
    return ConfirmationPaper(
        company=_company(proof.provider),
        account=proof.account.number_shown,
        amount=proof.amount,
        number=proof.reference,
        method=proof.method,
        begun_at=_moment(proof.begun_at, zone),
        credited_at=_moment(proof.credited_at, zone),
        gateway_number=proof.gateway_number,
        origin=_origin(proof.provider),
    )


def _code(sheet: BillSheet, requisites: ProviderRequisites, left: Money) -> bytes:
    account, period = sheet.account, BillingPeriod.from_key(sheet.bill.period)
    surname, name, patronymic, *_ = (*account.owner_name.split(maxsplit=2), "", "", "")
    fields: Mapping[str, str] = {
        "PayeeINN": sheet.provider.inn,
        "KPP": requisites.kpp,
        "PersAcc": account.number,
        "PaymPeriod": f"{period.month:02d}{period.year}",
        "Sum": str(left.kopecks),
        "LastName": surname,
        "FirstName": name,
        "MiddleName": patronymic,
        "PayerAddress": account.address,
        "Purpose": f"Оплата ЖКУ за {period.month:02d}.{period.year}",
        "TechCode": _UTILITIES,
    }
    receiver = Receiver(
        name=requisites.payee_name,
        bank_account=requisites.bank_account,
        bank_name=requisites.bank_name,
        bic=requisites.bic,
        correspondent_account=requisites.correspondent_account,
    )
    return write_code(receiver, fields, requisites.code_encoding)


def _company(provider: ServiceProvider) -> Company:
    return Company(provider.name, provider.address, provider.phone, provider.email, provider.inn)


def _payee(provider: ServiceProvider, requisites: ProviderRequisites) -> Payee:
    return Payee(
        name=requisites.payee_name,
        inn=provider.inn,
        kpp=requisites.kpp,
        bank_name=requisites.bank_name,
        bic=requisites.bic,
        bank_account=requisites.bank_account,
        correspondent_account=requisites.correspondent_account,
    )


def _payer(account: PersonalAccount) -> Payer:
    return Payer(account.number_shown, account.owner_name, account.address, account.unified_number)


def _sums(bill: Bill) -> Sums:
    return Sums(
        period=BillingPeriod.from_key(bill.period),
        closing=Money(bill.closing_kopecks),
        opening=_money(bill.opening_kopecks),
        charged=_money(bill.charged_kopecks),
        recalculated=_money(bill.recalculated_kopecks),
        conceded=_money(bill.conceded_kopecks),
        penalty=_money(bill.penalty_kopecks),
        paid=_money(bill.paid_kopecks),
    )


def _line(line: Charge) -> ServiceLine:
    return ServiceLine(
        service=line.service,
        unit=line.unit,
        volume=line.volume,
        tariff=line.tariff,
        charged=Money(line.charged_kopecks),
        recalculated=Money(line.recalculated_kopecks),
        conceded=Money(line.conceded_kopecks),
        penalty=Money(line.penalty_kopecks),
        total=Money(line.total_kopecks),
    )


def _origin(provider: ServiceProvider, data_as_of: datetime | None = None) -> Origin:
    zone = ZoneInfo(provider.time_zone)
    told = _moment(data_as_of, zone) if data_as_of else ""
    return Origin(get_settings().company_name, _moment(clock.now(), zone), told)


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%d.%m.%Y, %H:%M")


def _money(kopecks: int | None) -> Money | None:
    return None if kopecks is None else Money(kopecks)
