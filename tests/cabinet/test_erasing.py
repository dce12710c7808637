"""Erasing a closed cabinet, slice by slice."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, select

from lkk_reflex.accounts.models import AccountLink, Bill, PersonalAccount
from lkk_reflex.attachments.files import FileKind
from lkk_reflex.cabinet import erasing
from lkk_reflex.identity import closing, privacy_repository
from lkk_reflex.identity.models import (
    AuditEvent,
    CabinetClosing,
    Confirmation,
    DestructionAct,
    KnownDevice,
    LoginKind,
    NoticeChoice,
    NoticeEvent,
    OneTimeTicket,
    OwnConfirmation,
    Purpose,
    RecoveryCode,
    SecondFactor,
    Subscriber,
    SubscriberProfile,
    SubscriberSession,
    TicketKind,
)
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import reading, unit_of_work
from lkk_reflex.kit.errors import Forbidden
from lkk_reflex.meters.models import Meter, Reading, ReadingPhoto, ReadingSource, Resource
from lkk_reflex.notifications.models import Channel
from lkk_reflex.payments.models import LedgerEntry, LedgerKind, Payment, PaymentStatus, Review
from lkk_reflex.support.models import Author, Recipient, Ticket, TicketAttachment, TicketMessage, Topic
from tests.factories.identity import PASSWORD, open_session
from tests.factories.payments import Payable, make_payable, make_payment
from tests.support.portal import HeldClock, configured, hash_quickly, held_clock

SYSTEM = Viewer.system()
#: What must be gone without a row, and what must only lose its person.
GONE: tuple[type[SQLModel], ...] = (
    AccountLink,
    Confirmation,
    KnownDevice,
    NoticeChoice,
    OneTimeTicket,
    OwnConfirmation,
    ReadingPhoto,
    RecoveryCode,
    SecondFactor,
    SubscriberProfile,
    SubscriberSession,
    Ticket,
    TicketAttachment,
)
PARTED: tuple[type[SQLModel], ...] = (Payment, Reading)


class House:
    """Ivan, who leaves, and a neighbour with the same account, who stays."""

    def __init__(self, clock: HeldClock) -> None:
        self.clock = clock
        with unit_of_work() as session:
            self.payable = make_payable(session)
            self.ivan = self.payable.viewer
            self.login = session.get_one(Subscriber, self.ivan.subscriber_id).login
            open_session(session, session.get_one(Subscriber, self.ivan.subscriber_id))
            self.payment_id = make_payment(
                session,
                self.payable,
                status=PaymentStatus.SUCCEEDED,
                final_at=clock.now,
                is_offered=False,
                body='{"amount": 1, "receipt": {"customer": {"email": "ivan@mail.ru"}, "items": []}}',
            ).id
            _fill(session, self.ivan.require_subscriber(), clock.now)
            meter = Meter(
                public_id="0123456789abcdef",
                account_id=self.payable.account_id,
                resource=Resource.COLD_WATER,
                serial="12-345678",
                created_at=clock.now,
            )
            session.add(meter)
            session.flush()
            reading = Reading(
                meter_id=meter.id or 0,
                period=202611,
                taken_on=clock.now.date(),
                source=ReadingSource.SUBSCRIBER,
                submitted_at=clock.now,
                subscriber_id=self.ivan.subscriber_id,
            )
            session.add(reading)
            session.flush()
            session.add(
                ReadingPhoto(
                    public_id="photo",
                    subscriber_id=self.ivan.require_subscriber(),
                    meter_id=meter.id or 0,
                    reading_id=reading.id,
                    kind=FileKind.JPEG,
                    size=1,
                    sha256="x",
                    stored_name="x",
                    created_at=clock.now,
                )
            )
        closing.close(self.ivan, password=PASSWORD)

    @property
    def closing_id(self) -> int:
        with reading() as session:
            return session.exec(select(CabinetClosing)).one().id or 0

    def wait(self) -> None:
        """Let the days of grace pass."""
        self.clock.pass_(days=closing.GRACE.days)

    def rows_of_ivan(self, table: type[SQLModel]) -> int:
        owner = table.subscriber_id  # type: ignore[attr-defined]  # every table here has it.
        with reading() as session:
            return len(session.exec(select(table).where(owner == self.ivan.subscriber_id)).all())

    def acts(self) -> list[closing.Act]:
        with reading() as session:
            return closing.acts(session, SYSTEM)


def _fill(session: Session, subscriber_id: int, now: datetime) -> None:
    """Give the person a row of everything that belongs to one person."""
    begun = Confirmation(
        purpose=Purpose.LOGIN_CHANGE,
        login="new@mail.ru",
        login_kind=LoginKind.EMAIL,
        subscriber_id=subscriber_id,
        created_at=now,
        expires_at=now,
    )
    ticket = Ticket(
        number="482-1120",
        public_id="ticket",
        intent_id="ticket",
        subscriber_id=subscriber_id,
        recipient=Recipient.SUPPORT,
        topic=Topic.OTHER,
        due_on=now.date(),
        due_days=10,
        created_at=now,
        changed_at=now,
    )
    session.add_all([begun, ticket])
    session.flush()
    message = TicketMessage(ticket_id=ticket.id or 0, author=Author.SUBSCRIBER, text="Помогите", at=now)
    session.add(message)
    session.flush()
    session.add_all(
        [
            SubscriberProfile(subscriber_id=subscriber_id, surname="Иванов", changed_at=now),
            SecondFactor(subscriber_id=subscriber_id, secret="x", created_at=now),
            RecoveryCode(subscriber_id=subscriber_id, code_hash="x", created_at=now),
            OwnConfirmation(subscriber_id=subscriber_id, purpose=Purpose.LOGIN_CHANGE, confirmation_id=begun.id or 0),
            NoticeChoice(
                subscriber_id=subscriber_id,
                event=NoticeEvent.NEW_BILL,
                channel=Channel.EMAIL,
                is_wanted=True,
                changed_at=now,
            ),
            OneTimeTicket(token_hash="x", kind=TicketKind.SESSION, subscriber_id=subscriber_id, expires_at=now),
            TicketAttachment(
                public_id="file",
                subscriber_id=subscriber_id,
                message_id=message.id,
                kind=FileKind.PDF,
                size=1,
                sha256="x",
                stored_name="x",
                shown_name="x.pdf",
                created_at=now,
            ),
        ]
    )


@pytest.fixture
def house(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[House]:
    """A cabinet with something of everything, just closed."""
    hash_quickly(monkeypatch)
    with held_clock() as clock, configured(monkeypatch, tmp_path):
        yield House(clock)


def test_nothing_is_erased_before_its_time(house: House) -> None:
    house.clock.pass_(days=closing.GRACE.days - 1)
    erasing.erase_due()
    assert house.rows_of_ivan(AccountLink) == 1
    assert house.acts() == []


def test_everything_of_the_person_goes_and_what_belongs_to_the_company_stays(house: House) -> None:
    assert [table.__name__ for table in (*GONE, *PARTED) if not house.rows_of_ivan(table)] == []
    house.wait()
    erasing.erase_due()
    assert {table.__name__: house.rows_of_ivan(table) for table in (*GONE, *PARTED)} == dict.fromkeys(
        [table.__name__ for table in (*GONE, *PARTED)], 0
    )
    with reading() as session:
        payment = session.get_one(Payment, house.payment_id)
        assert payment.amount_kopecks
        assert "ivan@mail.ru" not in payment.body
        assert session.exec(select(Reading)).one().subscriber_id is None
        assert session.exec(select(Bill)).all()
        assert session.get_one(PersonalAccount, house.payable.account_id).number
    (act,) = house.acts()
    assert act.counts["Подключения лицевых счетов"] == 1
    assert act.counts["Платежи, которые больше не связаны с человеком"] == 1
    assert act.counts["Показания, которые больше не связаны с человеком"] == 1
    assert act.counts["Фото счётчиков"] == 1


def test_payment_that_still_waits_for_a_review_keeps_no_address(house: House) -> None:
    with unit_of_work() as session:
        payment = session.get_one(Payment, house.payment_id)
        payment.status, payment.final_at = PaymentStatus.PENDING, None
        payment.review, payment.first_sent_at = Review.MISMATCH, house.clock.now
        session.add(payment)
    house.wait()
    erasing.erase_due()
    with reading() as session:
        assert "ivan@mail.ru" not in session.get_one(Payment, house.payment_id).body


def test_cabinet_that_was_taken_back_is_left_alone(house: House) -> None:
    with unit_of_work() as session:
        row = session.get_one(CabinetClosing, house.closing_id)
        row.returned_at = house.clock.now
        session.add(row)
    house.wait()
    erasing.erase_due()
    erasing.erase(SYSTEM, closing_id=house.closing_id)
    assert house.rows_of_ivan(AccountLink) == 1
    assert house.acts() == []


@pytest.mark.parametrize("broken", range(len(erasing.STEPS) + 1))
def test_an_erasure_that_broke_goes_on_where_it_stopped(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, broken: int
) -> None:
    house.wait()
    steps = list(erasing.STEPS)

    def fails(*_: object, **__: object) -> Mapping[str, int]:
        raise RuntimeError("the power is gone")

    with monkeypatch.context() as patch:
        if broken < len(steps):
            patch.setattr(erasing, "STEPS", (*steps[:broken], (steps[broken][0], fails), *steps[broken + 1 :]))
        else:
            patch.setattr(privacy_repository, "blank_subscriber", fails)
        erasing.erase_due()
    assert "RuntimeError" in caplog.text
    assert house.acts() == []
    with reading() as session:
        assert session.get_one(Subscriber, house.ivan.subscriber_id).login == house.login
    erasing.erase_due()
    (act,) = house.acts()
    assert act.counts["Подключения лицевых счетов"] == 1
    assert act.counts["Платежи, которые больше не связаны с человеком"] == 1
    erasing.erase_due()
    with reading() as session:
        assert len(session.exec(select(DestructionAct)).all()) == 1


def test_one_broken_erasure_does_not_keep_the_others_waiting(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with unit_of_work() as session:
        anna = make_payable(session)
    closing.close(anna.viewer, password=PASSWORD)
    house.wait()
    name, genuine = erasing.STEPS[-1]

    def fails_for_ivan(*arguments: object, subscriber_id: int, **more: object) -> Mapping[str, int]:
        if subscriber_id == house.ivan.subscriber_id:
            raise RuntimeError("the power is gone")
        return genuine(*arguments, subscriber_id=subscriber_id, **more)

    monkeypatch.setattr(erasing, "STEPS", (*erasing.STEPS[:-1], (name, fails_for_ivan)))
    erasing.erase_due()
    assert [act.cabinet for act in house.acts()] == [anna.viewer.subscriber_id]


def test_neighbour_with_the_same_account_keeps_everything(house: House) -> None:
    with unit_of_work() as session:
        other = make_payable(session)
        session.add(
            AccountLink(
                public_id="neighbour",
                subscriber_id=other.viewer.require_subscriber(),
                account_id=house.payable.account_id,
                created_at=house.clock.now,
            )
        )
        payment = make_payment(session, _of(house.payable, other.viewer), amount_kopecks=100).id
    house.wait()
    erasing.erase_due()
    with reading() as session:
        assert len(session.exec(select(AccountLink)).all()) == 2
        assert session.get_one(Payment, payment).subscriber_id == other.viewer.subscriber_id


def test_money_that_came_stays_in_the_ledger(house: House) -> None:
    with unit_of_work() as session:
        session.add(
            LedgerEntry(
                account_id=house.payable.account_id,
                kopecks=100,
                kind=LedgerKind.PAYMENT,
                payment_id=house.payment_id,
                credited_at=house.clock.now,
            )
        )
    house.wait()
    erasing.erase_due()
    with reading() as session:
        assert session.exec(select(LedgerEntry)).one().kopecks == 100


def test_every_table_that_knows_a_person_is_thought_of() -> None:
    kept = {table.__tablename__ for table in privacy_repository.KEPT}
    thought_of = kept | {table.__tablename__ for table in (*privacy_repository.ERASED, *GONE, *PARTED)}
    known = {
        table.name
        for table in SQLModel.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "subscriber"
    }
    assert known == thought_of
    assert TicketMessage.__tablename__ not in known


def test_rows_of_the_audit_stay(house: House) -> None:
    with reading() as session:
        before = len(session.exec(select(AuditEvent)).all())
    house.wait()
    erasing.erase_due()
    with reading() as session:
        assert len(session.exec(select(AuditEvent)).all()) > before


@pytest.mark.parametrize("use", [pytest.param(erase, id=name) for name, erase in erasing.STEPS])
def test_only_the_system_erases_the_data_of_a_slice(house: House, use: erasing.Eraser) -> None:
    for viewer in (Viewer(), house.ivan):
        with pytest.raises(Forbidden), unit_of_work() as session:
            use(session, viewer, subscriber_id=house.ivan.require_subscriber())
        with pytest.raises(Forbidden):
            erasing.erase(viewer, closing_id=house.closing_id)


def _of(payable: Payable, viewer: Viewer) -> Payable:
    return Payable(
        viewer, payable.link_id, payable.account_id, payable.provider_id, payable.gateway_id, payable.webhook_token
    )
