"""Who may do what: every use case of bills, payments, papers and the pages that join them, for every kind of viewer."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from types import MappingProxyType
from typing import TypeAlias

import pytest
from sqlmodel import Session, select

from lkk_reflex.accounts import guests, linking, pins, provider_requisites, statements
from lkk_reflex.accounts.errors import PassEnded
from lkk_reflex.accounts.models import AccountLink, LinkLevel, PersonalAccount, ServiceProvider
from lkk_reflex.accounts.provider_requisites import Requisites
from lkk_reflex.accounts.statements import GUEST_LINK
from lkk_reflex.cabinet import (
    account_overview,
    billing,
    connecting,
    leaving,
    papers,
    past_payments,
    pay_readings,
    paying,
    quick,
    returning,
    scanning,
)
from lkk_reflex.cabinet.connecting import ConnectForm
from lkk_reflex.cabinet.pay_readings import PayReadings
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import clock
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Forbidden, SignInRequired
from lkk_reflex.kit.rate_limit import Limit, Scope
from lkk_reflex.meters import giving, overview, past, provider_file
from lkk_reflex.meters.dial import field_name
from lkk_reflex.meters.errors import SignedLinkOver
from lkk_reflex.meters.signed_links import signed_token
from lkk_reflex.meters.views import Form
from lkk_reflex.payments import balance, checkout, debt, history, proof, shops, watch
from lkk_reflex.payments.checkout import AmountChoice, PayForm
from lkk_reflex.payments.models import PaymentStatus, Review
from lkk_reflex.payments.shops import NewShop
from lkk_reflex.support import opening, tickets, writing
from lkk_reflex.support.errors import AccountNotOwn, FileGone
from tests.factories.accounts import make_account, make_link
from tests.factories.meters import make_meter, make_reading
from tests.factories.payments import make_payment
from tests.factories.support import company_form
from tests.support.pay_desk import PayRoom
from tests.support.rights import (
    EVERYBODY,
    GUEST_ONLY,
    OK,
    OWN_ONLY,
    SERVER,
    SIGN_IN,
    STAFF,
    SUBSCRIBERS,
    VIEWERS,
    Answers,
    answers_of,
    expected,
    viewers,
)

_METER = "0123456789abcdef"
_PERIOD = BillingPeriod(2026, 10)
_LIMIT = Limit("a thing", Scope.SUBJECT, 5, timedelta(hours=1))
#: Its name is wrong for the owner as well.
_NOBODYS_FILE: Answers = (SIGN_IN, FileGone, FileGone, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN)


@dataclass(frozen=True)
class House:
    """An account with extended access, a meter, a payment that has come and one that has not."""

    known: Mapping[str, Viewer]
    link_id: str
    ended_id: str
    number: str
    provider_code: str
    provider_id: int
    account_id: int
    gateway_id: str
    paid_id: str
    waiting_id: str
    reviewed_id: str
    #: Of a pass to this account.
    token: str
    #: Of the link in a letter about its readings.
    signed: str


Use: TypeAlias = Callable[[Session, Viewer, House], object]


@pytest.fixture
def house(room: PayRoom) -> House:
    """The account of a payer, with everything that may happen to it."""
    payable, owner = room.payable, room.payable.viewer
    with unit_of_work() as session:
        account = session.get_one(PersonalAccount, payable.account_id)
        provider = session.get_one(ServiceProvider, payable.provider_id)
        link = session.exec(select(AccountLink).where(AccountLink.public_id == payable.link_id)).one()
        link.level = LinkLevel.EXTENDED
        ended = make_link(session, owner, make_account(session, provider))
        ended.ended_at = clock.now()
        session.add_all([link, ended])
        make_reading(session, make_meter(session, account, public_id=_METER), 100)
        paid = make_payment(session, payable, status=PaymentStatus.SUCCEEDED, final_at=clock.now())
        waiting = make_payment(session, payable, amount_kopecks=200_00)
        reviewed = make_payment(session, payable, amount_kopecks=300_00, review=Review.GONE)
        token = guests.open_pass(session, Viewer(), provider_id=payable.provider_id, typed=account.number)
        return House(
            known=viewers(owner, room.stranger, account_id=payable.account_id, provider_id=payable.provider_id),
            link_id=payable.link_id,
            ended_id=ended.public_id,
            number=account.number,
            provider_code=provider.code,
            provider_id=payable.provider_id,
            account_id=payable.account_id,
            gateway_id=payable.gateway_id,
            paid_id=paid.id,
            waiting_id=waiting.id,
            reviewed_id=reviewed.id,
            token=token,
            signed=signed_token(payable.link_id, BillingPeriod.of(clock.today(provider.time_zone)).shifted(1)),
        )


def _form(house: House, link_id: str = "") -> Form:
    return Form(link_id or house.link_id, "intent", {field_name(_METER, 1): "107"})


def _pay_form(link_id: str) -> PayForm:
    return PayForm("0123456789abcdefghij", link_id, AmountChoice.OWN, amount_text="150")


def _own(use_case: Callable[..., object]) -> Use:
    return lambda session, viewer, house: use_case(session, viewer, public_id=house.link_id)


def _linked(use_case: Callable[..., object]) -> Use:
    return lambda session, viewer, house: use_case(session, viewer, link_id=house.link_id)


def _paid(use_case: Callable[..., object]) -> Use:
    return lambda session, viewer, house: use_case(session, viewer, payment_id=house.paid_id)


_REQUISITES = Requisites("МУП «Вода»", "Банк", "044525225", "40702810938000012345")
_NEW_SHOP = NewShop(0, "599999", "test_key")

USE_CASES: Mapping[str, tuple[Use, Answers]] = MappingProxyType(
    {
        "bill_sheet": (_own(statements.bill_sheet), OWN_ONLY),
        "statement_of": (
            lambda s, v, house: statements.statement_of(s, v, public_id=house.link_id, first=_PERIOD, last=_PERIOD),
            OWN_ONLY,
        ),
        "take_back_disconnection": (
            lambda s, v, house: linking.take_back_disconnection(s, v, public_id=house.ended_id), OWN_ONLY,
        ),
        "staff_account": (
            lambda s, v, house: pins.staff_account(s, v, provider_id=house.provider_id, number=house.number), STAFF,
        ),
        "set_requisites": (
            lambda s, v, house: provider_requisites.set_requisites(
                s, v, provider_code=house.provider_code, new=_REQUISITES
            ),
            SERVER,
        ),
        "guests.open_pass": (
            lambda s, v, house: guests.open_pass(s, v, provider_id=house.provider_id, typed=house.number), EVERYBODY,
        ),
        "account_details": (_own(account_overview.account_details), OWN_ONLY),
        "bill_list": (_own(billing.bill_list), OWN_ONLY),
        "bill_list of the first account": (lambda s, v, _: billing.bill_list(s, v), SUBSCRIBERS),
        "bill_details": (
            lambda s, v, house: billing.bill_details(s, v, public_id=house.link_id, period=_PERIOD), OWN_ONLY,
        ),
        "connect_account": (
            lambda s, v, house: connecting.connect_account(s, v, form=ConnectForm(house.provider_code, house.number)),
            SUBSCRIBERS,
        ),
        "before_closing": (lambda s, v, _: leaving.before_closing(s, v), SUBSCRIBERS),
        "count_paper": (lambda s, v, _: papers.count_paper(s, v), SUBSCRIBERS),
        "count_scan": (lambda s, v, _: scanning.count_scan(s, v), EVERYBODY),
        "bill_paper": (
            lambda s, v, house: papers.bill_paper(s, v, public_id=house.link_id, period=_PERIOD), OWN_ONLY,
        ),
        "statement_paper": (_own(papers.statement_paper), OWN_ONLY),
        "confirmation_paper": (_paid(papers.confirmation_paper), OWN_ONLY),
        "past_payments": (lambda s, v, _: past_payments.past_payments(s, v), SUBSCRIBERS),
        "offered": (_linked(pay_readings.offered), OWN_ONLY),
        "weigh": (
            lambda s, v, house: pay_readings.weigh(s, v, form=_form(house), readings=PayReadings(), left=""), OWN_ONLY,
        ),
        "pay_readings.give": (
            lambda s, v, house: pay_readings.give(s, v, form=_form(house), readings=PayReadings()), OWN_ONLY,
        ),
        "offer": (_linked(paying.offer), OWN_ONLY),
        "offer of a pass": (lambda s, v, _: paying.offer(s, v, link_id=GUEST_LINK), GUEST_ONLY),
        "paying.begin": (lambda s, v, house: paying.begin(s, v, form=_pay_form(house.link_id)), OWN_ONLY),
        "paying.way_on": (_paid(paying.way_on), OWN_ONLY),
        "quick.open_pass": (
            lambda s, v, house: quick.open_pass(s, v, form=ConnectForm(house.provider_code, house.number)), EVERYBODY,
        ),
        # The token is the right: whoever holds it acts as its guest, and as nobody else.
        "quick.open_pass_by_link": (
            lambda s, v, house: quick.open_pass_by_link(s, v, signed=house.signed), EVERYBODY,
        ),
        "quick.open_pass_by_link with a wrong link": (
            lambda s, v, _: quick.open_pass_by_link(s, v, signed="wrong"), (SignedLinkOver,) * 8,
        ),
        "quick.desk": (lambda s, v, house: quick.desk(s, v, token=house.token), EVERYBODY),
        "quick.payer": (lambda s, v, house: quick.payer(s, v, token=house.token), EVERYBODY),
        "quick.reader": (lambda s, v, house: quick.reader(s, v, token=house.token, signed=""), EVERYBODY),
        "quick.readings_desk": (
            lambda s, v, house: quick.readings_desk(s, v, token=house.token, signed=""), EVERYBODY,
        ),
        "quick.submit_readings": (
            lambda s, v, house: quick.submit_readings(
                s, v, token=house.token, signed="", form=_form(house, GUEST_LINK)
            ),
            EVERYBODY,
        ),
        "quick.desk with a wrong token": (lambda s, v, _: quick.desk(s, v, token="wrong"), (PassEnded,) * 8),
        # The sum and the state of a payment are told to whoever knows its id; see the test below.
        "result": (_paid(returning.result), EVERYBODY),
        "arrive": (_paid(returning.arrive), EVERYBODY),
        "giving.give": (lambda s, v, house: giving.give(s, v, form=_form(house)), OWN_ONLY),
        "metered_accounts": (lambda s, v, _: overview.metered_accounts(s, v), SUBSCRIBERS),
        "account_name": (_linked(overview.account_name), OWN_ONLY),
        "past": (_linked(past.past), OWN_ONLY),
        "past_page": (_linked(past.past_page), OWN_ONLY),
        "provider_of_staff": (
            lambda s, v, house: provider_file.provider_of_staff(s, v, house.provider_code), STAFF,
        ),
        "standings": (lambda s, v, house: balance.standings(s, v, [house.account_id], {}), SUBSCRIBERS),
        "checkout.begin": (
            lambda s, v, house: checkout.begin(s, v, _pay_form(house.link_id)), OWN_ONLY,
        ),
        "checkout.begin by a pass": (
            lambda s, v, _: checkout.begin(s, v, _pay_form(GUEST_LINK)), GUEST_ONLY,
        ),
        "payable": (lambda s, v, house: debt.payable(s, v, house.link_id), OWN_ONLY),
        "payable of a pass": (lambda s, v, _: debt.payable(s, v, GUEST_LINK), GUEST_ONLY),
        "payments_of": (lambda s, v, _: history.payments_of(s, v), SUBSCRIBERS),
        "payment_of": (_paid(history.payment_of), OWN_ONLY),
        "unfinished_payment": (
            lambda s, v, house: history.unfinished_payment(s, v, account_id=house.account_id),
            (SIGN_IN, OK, OK, SIGN_IN, OK, SIGN_IN, SIGN_IN, SIGN_IN),
        ),
        "unfinished_payments": (lambda s, v, _: history.unfinished_payments(s, v), SUBSCRIBERS),
        "guest_pay_url": (
            lambda s, v, house: history.guest_pay_url(s, v, payment_id=house.waiting_id),
            (SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, OK, SIGN_IN, SIGN_IN, SIGN_IN),
        ),
        # This one was made in a cabinet, so that no guest may see it; see the test below.
        "guest_payment": (
            _paid(history.guest_payment),
            (SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, Forbidden, SIGN_IN, SIGN_IN, SIGN_IN),
        ),
        "proof_of": (_paid(proof.proof_of), OWN_ONLY),
        "add_shop": (
            lambda s, v, house: shops.add_shop(s, v, replace(_NEW_SHOP, provider_id=house.provider_id)), SERVER,
        ),
        "list_shops": (lambda s, v, _: shops.list_shops(s, v), SERVER),
        "resume_shop": (lambda s, v, house: shops.resume_shop(s, v, house.gateway_id), SERVER),
        "recheck": (lambda s, v, house: watch.recheck(s, v, house.reviewed_id), SERVER),
        "addressee": (
            lambda s, v, house: opening.addressee(s, v, form=company_form(account=house.link_id)),
            (SIGN_IN, OK, AccountNotOwn, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN),
        ),
        "count": (lambda s, v, _: writing.count(s, v, _LIMIT), SUBSCRIBERS),
        "uncount": (lambda s, v, _: writing.uncount(s, v, _LIMIT), SUBSCRIBERS),
        "waiting_files": (lambda s, v, _: writing.waiting_files(s, v, ["another-file"]), _NOBODYS_FILE),
    }
)  # fmt: skip


@pytest.mark.parametrize("use_case", USE_CASES)
def test_each_use_case_lets_pass_only_whom_it_serves(house: House, use_case: str) -> None:
    use, answers = USE_CASES[use_case]
    assert answers_of(house.known, lambda session, viewer: use(session, viewer, house)) == expected(answers)


@pytest.mark.parametrize("name", sorted(set(VIEWERS) - {"owner", "guest"}))
def test_nobody_else_pays_for_the_account(house: House, name: str) -> None:
    with pytest.raises((SignInRequired, Forbidden)):
        checkout.pay(house.known[name], _pay_form(house.link_id))


def test_who_knows_the_id_of_a_payment_sees_its_sum_and_its_state_only(house: House) -> None:
    own = _seen(house, "owner")
    assert house.number[-4:] in own.replace(" ", "").replace("\u00a0", "")
    for name in set(VIEWERS) - {"owner"}:
        told = _seen(house, name).replace(" ", "").replace("\u00a0", "")
        assert house.number not in told
        assert house.link_id not in told


@pytest.mark.parametrize("name", sorted(set(VIEWERS) - {"owner"}))
def test_pass_shows_no_payment_of_a_cabinet(house: House, name: str) -> None:
    with unit_of_work() as session:
        view = returning.arrive(session, house.known[name], payment_id=house.paid_id, token=house.token)
    assert (view.number, view.at, view.provider, view.account) == ("", "", "", "")


def test_lists_of_another_subscriber_hold_nothing_of_the_owner(house: House) -> None:
    stranger = house.known["other_subscriber"]
    with reading() as session:
        assert billing.bill_list(session, stranger) is None
        assert overview.metered_accounts(session, stranger) == []
        assert history.payments_of(session, stranger) == []
        assert history.unfinished_payments(session, stranger) == []
        assert leaving.before_closing(session, stranger).debt == ""
        assert history.unfinished_payment(session, stranger, account_id=house.account_id) is None
        assert balance.standings(session, stranger, [house.account_id], {})[house.account_id].unfinished is None


def test_guest_sees_nothing_beyond_the_sum_of_one_account(house: House) -> None:
    guest = house.known["guest"]
    with reading() as session:
        desk = quick.desk(session, guest, token=house.token)
        told = json.dumps(asdict(desk), ensure_ascii=False, default=str)
        account = session.get_one(PersonalAccount, house.account_id)
    assert account.number not in told.replace("\u00a0", "").replace(" ", "")
    for personal in (account.owner_name, account.address):
        assert not personal or personal not in told


def test_there_are_tickets_to_look_at_for_subscribers_only(house: House) -> None:
    assert [name for name, viewer in house.known.items() if tickets.is_subscriber(viewer)] == [
        "owner",
        "other_subscriber",
    ]


def test_guest_is_a_guest_whoever_asks(house: House) -> None:
    for viewer in house.known.values():
        guest = guests.guest_to(viewer, house.account_id, pays=False)
        assert (guest.subscriber_id, guest.provider_ids, guest.guest_may_pay) == (None, frozenset(), False)


def _seen(house: House, name: str) -> str:
    with unit_of_work() as session:
        return str(returning.arrive(session, house.known[name], payment_id=house.paid_id))
