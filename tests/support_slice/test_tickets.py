"""The life of a ticket: asked, answered, asked again, closed, opened again, rated."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from lkk_reflex.attachments.contents import cleaned
from lkk_reflex.attachments.files import Cleaned, FileKind
from lkk_reflex.identity.models import AuditEvent
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.kit.errors import Forbidden, PortalError
from lkk_reflex.kit.numbers import plain_number
from lkk_reflex.kit.rate_limit import Scope, left
from lkk_reflex.notifications.models import OutboxMessage
from lkk_reflex.notifications.outbox import Content
from lkk_reflex.support import attachments, deadlines, dialogue, opening, own_data, staff, tickets
from lkk_reflex.support.attachments import Enclosure
from lkk_reflex.support.errors import (
    AccountNotOwn,
    AnswerMissing,
    FileGone,
    FilesTooHeavy,
    FilesTooMany,
    NotAnsweredYet,
    NothingToReopen,
    ProviderNotChosen,
    RatingMissing,
    RecipientMissing,
    ReopeningOver,
    TermUnfit,
    TextMissing,
    TextTooLong,
    TicketClosed,
    TicketClosedForStaff,
    TooManyTickets,
    TopicMissing,
)
from lkk_reflex.support.models import Author, Recipient, Ticket, TicketAttachment, TicketMessage, TicketState, Topic
from lkk_reflex.support.writing import TICKETS, new_id
from tests.factories.accounts import make_account, make_link, make_provider
from tests.factories.files import photo
from tests.factories.support import company_form, make_ticket, support_form, upload
from tests.support.portal import HeldClock
from tests.support_slice.conftest import Town

SYSTEM = Viewer.system()


def letters(session: Session, template: str) -> list[Content]:
    rows = session.exec(select(OutboxMessage).where(OutboxMessage.template == template).order_by("id"))
    return [Content.decrypted(row.content) for row in rows]


def say(session: Session, viewer: Viewer, ticket: Ticket, text: str = "И ещё вопрос", **more: object) -> None:
    form = {"intent_id": new_id(), "text": text, **more}
    dialogue.add_message(session, viewer, public_id=ticket.public_id, **form)  # type: ignore[arg-type]


def answered(session: Session, town: Town) -> Ticket:
    ticket = make_ticket(session, town.anna, company_form(account=town.link_id))
    staff.answer(session, SYSTEM, number=ticket.number, text="Пересчитали")
    return ticket


def test_question_to_the_support_is_promised_an_answer_within_ten_working_days(session: Session, town: Town) -> None:
    ticket = make_ticket(session, town.anna)
    assert (ticket.recipient, ticket.provider_id, ticket.state) == (Recipient.SUPPORT, None, TicketState.NEW)
    assert ticket.due_on == date(2026, 12, 4)
    shown = tickets.own_ticket(session, town.anna, public_id=ticket.public_id)
    assert shown.head.when == "Ответим до 4\u00a0декабря (10 рабочих дней)"
    assert [(message.author, message.text) for message in shown.messages] == [("Вы", "Не приходит чек")]


def test_question_about_an_account_goes_to_its_company(session: Session, town: Town) -> None:
    make_provider(session, code="gas")
    ticket = make_ticket(session, town.anna, company_form("gas", account=town.link_id))
    assert (ticket.provider_id, ticket.account_id) == (town.provider_id, town.account_id)
    shown = tickets.own_ticket(session, town.anna, public_id=ticket.public_id).head
    assert (shown.whom, shown.account, shown.topic) == ("Горводоканал", "№\u00a01000123456", "Начисления и перерасчёт")


def test_company_is_asked_without_an_account_too(session: Session, town: Town) -> None:
    ticket = make_ticket(session, town.boris, company_form("water"))
    assert (ticket.provider_id, ticket.account_id) == (town.provider_id, None)


def test_days_are_counted_in_the_time_zone_of_who_is_asked(session: Session, town: Town, held: HeldClock) -> None:
    make_provider(session, code="far", time_zone="Asia/Vladivostok")
    held.pass_(hours=6)  # 18:00 of Sunday in Moscow, Monday in Vladivostok.
    assert make_ticket(session, town.anna).due_on == date(2026, 12, 4)
    assert make_ticket(session, town.anna, company_form("far")).due_on == date(2026, 12, 7)


def test_configured_term_is_promised(session: Session, town: Town) -> None:
    deadlines.set_term(session, SYSTEM, provider_code="water", topic=Topic.CHARGES, working_days=5)
    deadlines.set_term(session, SYSTEM, provider_code="water", topic=Topic.CHARGES, working_days=2)
    ticket = make_ticket(session, town.anna, company_form("water"))
    assert (ticket.due_on, ticket.due_days) == (date(2026, 11, 24), 2)
    promised = tickets.promise_for(session, town.anna, form=company_form("water"))
    assert promised == "Ответим до 24\u00a0ноября (2 рабочих дня)"
    assert make_ticket(session, town.anna).due_days == 10


@pytest.mark.parametrize("days", [0, 61])
def test_impossible_term_is_refused(session: Session, town: Town, days: int) -> None:
    with pytest.raises(TermUnfit):
        deadlines.set_term(session, SYSTEM, provider_code=None, topic=None, working_days=days)


def test_nothing_is_promised_before_it_is_clear_who_is_asked(session: Session, town: Town) -> None:
    assert tickets.promise_for(session, town.anna, form=company_form("nobody")) == ""


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"recipient": ""}, RecipientMissing),
        ({"recipient": "operator"}, RecipientMissing),
        ({"recipient": "provider", "topic": "charges"}, ProviderNotChosen),
        ({"recipient": "provider", "topic": "charges", "provider_code": "unknown"}, ProviderNotChosen),
        ({"account": "somebody-elses"}, AccountNotOwn),
        ({"topic": ""}, TopicMissing),
        ({"topic": "charges"}, TopicMissing),
        ({"text": " \n"}, TextMissing),
        ({"text": "я" * 4001}, TextTooLong),
        ({"files": tuple("abcdef")}, FilesTooMany),
        ({"files": ("unknown",)}, FileGone),
    ],
)
def test_form_that_says_too_little_is_refused_and_leaves_nothing(
    session: Session, town: Town, values: dict[str, object], refusal: type[PortalError]
) -> None:
    with pytest.raises(refusal):
        opening.open_ticket(session, town.anna, form=support_form(**values))
    assert not session.exec(select(Ticket)).all()


def test_account_of_somebody_else_is_refused(session: Session, town: Town) -> None:
    with pytest.raises(AccountNotOwn):
        make_ticket(session, town.boris, company_form(account=town.link_id))


def test_same_form_opens_one_ticket(session: Session, town: Town) -> None:
    form = support_form()
    first = opening.open_ticket(session, town.anna, form=form)
    assert opening.open_ticket(session, town.anna, form=form) == first
    assert len(session.exec(select(Ticket)).all()) == 1
    assert len(session.exec(select(TicketMessage)).all()) == 1


def test_form_of_another_person_finds_no_foreign_ticket(session: Session, town: Town) -> None:
    form = support_form()
    first = opening.open_ticket(session, town.anna, form=form)
    assert opening.open_ticket(session, town.boris, form=form) != first


def test_ten_tickets_a_day_are_enough(session: Session, town: Town, held: HeldClock) -> None:
    for _ in range(10):
        make_ticket(session, town.anna)
    with pytest.raises(TooManyTickets, match=r"support.too_many"):
        make_ticket(session, town.anna)
    make_ticket(session, town.boris)
    held.pass_(days=1, seconds=1)
    make_ticket(session, town.anna)


def test_refused_form_does_not_count(session: Session, town: Town) -> None:
    for _ in range(20):
        with pytest.raises(TextMissing):
            make_ticket(session, town.anna, support_form(text=""))
    make_ticket(session, town.anna)


def test_staff_is_told_by_letter_without_anything_personal(session: Session, town: Town) -> None:
    ticket = make_ticket(session, town.anna, company_form(account=town.link_id, text="Иванов, ул. Ленина"))
    (letter,) = letters(session, "ticket_for_staff")
    assert letter.to == "water@example.ru"
    assert letter.subject == f"Обращение № {ticket.number} ждёт ответа до 04.12.2026"
    for personal in ("Иванов", "Ленина", "1000123456", "Начислен", ticket.public_id):
        assert personal not in letter.subject + letter.body


def test_support_is_told_at_its_own_address(session: Session, town: Town) -> None:
    make_ticket(session, town.anna)
    assert [letter.to for letter in letters(session, "ticket_for_staff")] == ["help@example.ru"]


def test_company_without_an_address_gets_no_letter(session: Session, town: Town) -> None:
    make_provider(session, code="silent", email="")
    make_ticket(session, town.anna, company_form("silent"))
    assert letters(session, "ticket_for_staff") == []


def test_answer_is_told_with_a_link_and_without_its_text(session: Session, town: Town) -> None:
    ticket = answered(session, town)
    assert ticket.state is TicketState.ANSWERED
    (letter,) = letters(session, "ticket_answered")
    assert f"http://localhost:3000/support/{ticket.public_id}" in letter.body
    assert ticket.number in letter.subject
    assert "Пересчитали" not in letter.subject + letter.body


def test_every_answer_is_told(session: Session, town: Town) -> None:
    ticket = answered(session, town)
    staff.answer(session, SYSTEM, number=ticket.number, text="И ещё")
    assert len(letters(session, "ticket_answered")) == 2


def test_dialogue_goes_on_and_the_time_begins_anew(session: Session, town: Town, held: HeldClock) -> None:
    ticket = answered(session, town)
    held.pass_(days=3)
    say(session, town.anna, ticket)
    assert (ticket.state, ticket.due_on) == (TicketState.WAITING, date(2026, 12, 9))
    shown = tickets.own_ticket(session, town.anna, public_id=ticket.public_id)
    assert [message.author for message in shown.messages] == ["Вы", "Горводоканал", "Вы"]
    assert len(letters(session, "ticket_for_staff")) == 2


def test_more_words_before_the_answer_do_not_put_it_off(session: Session, town: Town, held: HeldClock) -> None:
    ticket = make_ticket(session, town.anna)
    held.pass_(days=3)
    say(session, town.anna, ticket)
    assert (ticket.state, ticket.due_on) == (TicketState.NEW, date(2026, 12, 4))


def test_same_message_is_written_once(session: Session, town: Town) -> None:
    ticket, intent_id = make_ticket(session, town.anna), new_id()
    for _ in range(3):
        say(session, town.anna, ticket, intent_id=intent_id)
    assert len(session.exec(select(TicketMessage)).all()) == 2
    assert len(letters(session, "ticket_for_staff")) == 2


def test_fifty_messages_a_day_are_enough(session: Session, town: Town) -> None:
    ticket = make_ticket(session, town.anna)
    for _ in range(50):
        say(session, town.anna, ticket)
    with pytest.raises(TooManyTickets):
        say(session, town.anna, ticket)


def test_opening_again_and_again_comes_to_an_end(session: Session, town: Town) -> None:
    ticket = make_ticket(session, town.anna)
    for _ in range(50):
        dialogue.close(session, town.anna, public_id=ticket.public_id)
        dialogue.reopen(session, town.anna, public_id=ticket.public_id)
    dialogue.close(session, town.anna, public_id=ticket.public_id)
    with pytest.raises(TooManyTickets):
        dialogue.reopen(session, town.anna, public_id=ticket.public_id)


def test_closed_ticket_is_quiet_until_it_is_opened_again(session: Session, town: Town, held: HeldClock) -> None:
    ticket = answered(session, town)
    dialogue.close(session, town.anna, public_id=ticket.public_id)
    dialogue.close(session, town.anna, public_id=ticket.public_id)
    assert ticket.state is TicketState.CLOSED
    with pytest.raises(TicketClosed) as refusal:
        say(session, town.anna, ticket)
    assert refusal.type is TicketClosed
    with pytest.raises(TicketClosedForStaff) as told:
        staff.answer(session, SYSTEM, number=ticket.number, text="Поздно")
    assert told.value.message == (
        "Обращение закрыто, ответ не отправлен. Ответить можно, когда абонент откроет обращение снова: "
        "у него на это 30 дней после закрытия."
    )
    held.pass_(days=30)
    dialogue.reopen(session, town.anna, public_id=ticket.public_id)
    assert (ticket.state, ticket.closed_at) == (TicketState.WAITING, None)
    assert ticket.due_on == date(2027, 1, 14)
    with pytest.raises(NothingToReopen):
        dialogue.reopen(session, town.anna, public_id=ticket.public_id)
    say(session, town.anna, ticket)
    by_system = select(TicketMessage).where(TicketMessage.author == Author.SYSTEM).order_by(col(TicketMessage.id))
    notes = [row.text for row in session.exec(by_system)]
    assert notes == ["Вы закрыли обращение: вопрос решён.", "Вы открыли обращение снова."]


def test_ticket_closed_long_ago_stays_closed(session: Session, town: Town, held: HeldClock) -> None:
    ticket = make_ticket(session, town.anna)
    dialogue.close(session, town.anna, public_id=ticket.public_id)
    held.pass_(days=31)
    assert not tickets.own_ticket(session, town.anna, public_id=ticket.public_id).head.can_reopen
    with pytest.raises(ReopeningOver):
        dialogue.reopen(session, town.anna, public_id=ticket.public_id)


def test_staff_does_not_end_a_question_in_silence(session: Session, town: Town) -> None:
    ticket = make_ticket(session, town.anna)
    with pytest.raises(AnswerMissing):
        staff.close_by_staff(session, SYSTEM, number=ticket.number)
    staff.close_by_staff(session, SYSTEM, number=ticket.number, text="Это повтор обращения")
    staff.close_by_staff(session, SYSTEM, number=ticket.number)
    with pytest.raises(TicketClosedForStaff):
        staff.close_by_staff(session, SYSTEM, number=ticket.number, text="И ещё слово")
    assert ticket.state is TicketState.CLOSED
    assert len(letters(session, "ticket_answered")) == 1


def test_answered_ticket_is_closed_by_staff_without_more_words(session: Session, town: Town) -> None:
    ticket = answered(session, town)
    staff.close_by_staff(session, SYSTEM, number=ticket.number)
    assert ticket.state is TicketState.CLOSED


def test_answers_are_rated_and_the_rating_may_be_changed(session: Session, town: Town) -> None:
    ticket = answered(session, town)
    dialogue.rate(session, town.anna, public_id=ticket.public_id, rating="2", comment="Долго")
    dialogue.rate(session, town.anna, public_id=ticket.public_id, rating="5")
    assert (ticket.rating, ticket.rating_comment) == (5, "")
    assert tickets.own_ticket(session, town.anna, public_id=ticket.public_id).head.rating == "5 из 5"


def test_rating_needs_an_answer_and_a_number(session: Session, town: Town) -> None:
    ticket = make_ticket(session, town.anna)
    with pytest.raises(NotAnsweredYet):
        dialogue.rate(session, town.anna, public_id=ticket.public_id, rating="5")
    staff.answer(session, SYSTEM, number=ticket.number, text="Ответ")
    with pytest.raises(RatingMissing):
        dialogue.rate(session, town.anna, public_id=ticket.public_id, rating="6")


def test_list_is_read_page_by_page_the_latest_first(session: Session, town: Town, held: HeldClock) -> None:
    made = []
    for _ in range(25):
        held.pass_(hours=3)
        made.append(make_ticket(session, town.anna).number)
    held.pass_(hours=1)
    first = tickets.own_tickets(session, town.anna)
    rest = tickets.own_tickets(session, town.anna, after=first.next_after)
    assert (len(first.lines), len(rest.lines), rest.next_after) == (20, 5, "")
    shown = [plain_number(line.number) for line in (*first.lines, *rest.lines)]
    assert shown == list(reversed(made))


def test_place_in_somebody_elses_list_is_no_place(session: Session, town: Town) -> None:
    foreign = make_ticket(session, town.anna)
    make_ticket(session, town.boris)
    assert len(tickets.own_tickets(session, town.boris, after=foreign.public_id).lines) == 1


def test_missed_term_is_admitted(session: Session, town: Town, held: HeldClock) -> None:
    ticket = make_ticket(session, town.anna)
    held.pass_(days=13)
    head = tickets.own_ticket(session, town.anna, public_id=ticket.public_id).head
    assert head.when == "Обещали ответить до 4 декабря и задержались"


def test_staff_finds_what_is_due_first(session: Session, town: Town) -> None:
    late = make_ticket(session, town.anna)
    deadlines.set_term(session, SYSTEM, provider_code="water", topic=None, working_days=3)
    soon = make_ticket(session, town.anna, company_form("water"))
    done = answered(session, town)
    assert [found.ticket.number for found in staff.staff_tickets(session, SYSTEM)] == [soon.number, late.number]
    every = staff.staff_tickets(session, SYSTEM, provider_id=town.provider_id, with_closed=True)
    assert {found.ticket.number for found in every} == {soon.number, done.number}
    operator = town.viewers["operator_of_this_provider"]
    assert [found.ticket.number for found in staff.staff_tickets(session, operator)] == [soon.number]


def test_files_go_with_the_message_that_took_them(session: Session, town: Town) -> None:
    first, second = upload(session, town.anna), upload(session, town.anna, name="акт.png")
    ticket = make_ticket(session, town.anna, support_form(files=(first.public_id, first.public_id)))
    say(session, town.anna, ticket, files=(second.public_id,))
    shown = tickets.own_ticket(session, town.anna, public_id=ticket.public_id).messages
    assert [[file.name for file in message.files] for message in shown] == [["счётчик.jpg"], ["акт.jpg"]]
    with pytest.raises(FileGone):
        make_ticket(session, town.anna, support_form(files=(first.public_id,)))


def test_files_of_an_answer_belong_to_who_asked_and_to_who_answers(session: Session, town: Town) -> None:
    ticket = make_ticket(session, town.anna, company_form(account=town.link_id))
    files = [Enclosure("акт.jpg", cleaned(photo()))]
    staff.answer(session, town.viewers["operator_of_this_provider"], number=ticket.number, text="Ответ", files=files)
    (shown,) = tickets.own_ticket(session, town.anna, public_id=ticket.public_id).messages[-1].files
    public_id = shown.href.rpartition("/")[2]
    for reader in (town.anna, town.viewers["operator_of_this_provider"]):
        assert attachments.file_of(session, reader, public_id=public_id).name == "акт.jpg"
    for nobody in (town.boris, town.viewers["operator_of_another"]):
        with pytest.raises(Forbidden):
            attachments.file_of(session, nobody, public_id=public_id)
    # It is no upload of hers: no message of hers takes it, and it is not hers to discard.
    with pytest.raises(FileGone):
        say(session, town.anna, ticket, files=(public_id,))
    attachments.discard(session, town.anna, public_id=public_id)
    assert [copy.name for copy in own_data.own_files(session, town.anna)] == ["001-акт.jpg"]
    own_data.erase(session, SYSTEM, subscriber_id=town.anna.subscriber_id or 0)
    assert not session.exec(select(TicketAttachment)).all()


def test_answer_carries_as_much_as_a_question(session: Session, town: Town) -> None:
    ticket = make_ticket(session, town.anna)
    heavy = Enclosure("a.pdf", Cleaned(FileKind.PDF, bytes(9 * 1024 * 1024)))
    for files, refusal in (([Enclosure("a.jpg", cleaned(photo()))] * 6, FilesTooMany), ([heavy] * 3, FilesTooHeavy)):
        with pytest.raises(refusal):
            staff.answer(session, SYSTEM, number=ticket.number, text="Ответ", files=files)
    assert ticket.state is TicketState.NEW


def test_file_of_somebody_else_is_not_taken(session: Session, town: Town) -> None:
    foreign = upload(session, town.anna)
    with pytest.raises(FileGone):
        make_ticket(session, town.boris, support_form(files=(foreign.public_id,)))


def test_files_too_heavy_together_are_refused(session: Session, town: Town) -> None:
    files = [upload(session, town.anna).public_id for _ in range(3)]
    for row in session.exec(select(TicketAttachment)).all():
        row.size = 9 * 1024 * 1024
    session.flush()
    with pytest.raises(FilesTooHeavy):
        make_ticket(session, town.anna, support_form(files=tuple(files)))


def test_every_step_stands_in_the_audit(session: Session, town: Town) -> None:
    ticket = answered(session, town)
    dialogue.rate(session, town.anna, public_id=ticket.public_id, rating="4")
    dialogue.close(session, town.anna, public_id=ticket.public_id)
    dialogue.reopen(session, town.anna, public_id=ticket.public_id)
    rows = session.exec(select(AuditEvent).where(AuditEvent.subject == ticket.number).order_by("id"))
    steps = ["opened", "answered", "rated", "closed", "reopened"]
    assert [row.action for row in rows] == [f"ticket.{step}" for step in steps]


def test_person_gets_a_copy_and_after_the_erasure_nothing_is_left(session: Session, town: Town) -> None:
    file = upload(session, town.anna)
    ticket = make_ticket(session, town.anna, support_form(files=(file.public_id,)))
    upload(session, town.anna)
    make_ticket(session, town.boris)
    own, said = own_data.own_tables(session, town.anna)
    assert [row[0] for row in own.rows] == [ticket.number]
    assert [row[3] for row in said.rows] == ["Не приходит чек"]
    assert all(len(row) == len(table.columns) for table in (own, said) for row in table.rows)
    assert [copy.name for copy in own_data.own_files(session, town.anna)] == ["001-счётчик.jpg"]
    counts = own_data.erase(session, SYSTEM, subscriber_id=town.anna.subscriber_id or 0)
    assert list(counts.values()) == [1]
    assert not session.exec(select(TicketAttachment)).all()
    assert [row.subscriber_id for row in session.exec(select(Ticket))] == [town.boris.subscriber_id]


def test_closed_account_of_the_ticket_is_told_to_the_staff(session: Session, town: Town) -> None:
    ticket = make_ticket(session, town.anna, company_form(account=town.link_id))
    assert str(staff.staff_ticket(session, SYSTEM, number=ticket.number).level) == "basic"
    other = make_account(session, make_provider(session, code="other"))
    make_link(session, town.boris, other)
    with pytest.raises(Forbidden):
        staff.staff_ticket(session, SYSTEM, number="000-0000")


def test_clicks_at_once_open_one_ticket_and_count_once(portal: Engine, town: Town) -> None:
    with unit_of_work() as session:
        form = support_form(files=(upload(session, town.anna).public_id,))

    def click(_: int) -> str:
        with unit_of_work() as session:
            return opening.open_ticket(session, town.anna, form=form)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(click, range(4)))) == 1
    with unit_of_work() as session:
        assert left(session, TICKETS, {Scope.SUBJECT: str(town.anna.subscriber_id)}) == 9


def test_clicks_at_once_write_one_message(portal: Engine, town: Town) -> None:
    with unit_of_work() as session:
        ticket, intent_id = make_ticket(session, town.anna), new_id()

    def click(_: int) -> None:
        with unit_of_work() as session:
            say(session, town.anna, ticket, intent_id=intent_id)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(click, range(4)))
    with unit_of_work() as session:
        assert len(session.exec(select(TicketMessage)).all()) == 2
