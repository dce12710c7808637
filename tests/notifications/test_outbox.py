"""A message leaves once its cause is committed, is tried again after failures, and is forgotten when sent."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from lkk_reflex.kit import crypto
from lkk_reflex.kit.crypto import Keyring
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.notifications import outbox
from lkk_reflex.notifications.models import MessageState, OutboxMessage
from lkk_reflex.notifications.sender import Delivery, Senders
from lkk_reflex.notifications.sending import purge, send_due
from tests.notifications.conftest import Outbox
from tests.support.portal import configured

FAILED = Delivery(ok=False, error="busy")


def send(box: Outbox) -> int:
    return send_due(box.engine, box.senders)


def test_queued_message_is_sent_once(box: Outbox) -> None:
    box.queue()
    assert send(box) == 1
    assert send(box) == 0
    (message,) = box.mail.sent
    assert message.to == "ivan@mail.ru"
    assert message.subject == "Пароль личного кабинета изменён"
    (row,) = box.rows()
    assert (row.state, row.provider_id, row.finished_at) == (MessageState.SENT, "p-1", box.clock.now)


def test_message_of_undone_work_is_never_sent(box: Outbox) -> None:
    def fail() -> None:
        with unit_of_work() as session:
            outbox.queue(session, to="+79123456789", template="password_changed")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert box.rows() == []


def test_content_and_recipient_are_encrypted_and_blanked_after_sending(box: Outbox) -> None:
    box.queue("+79123456789")
    (row,) = box.rows()
    assert "79123456789" not in str(row.model_dump())
    assert "Пароль" not in row.content
    send(box)
    assert box.rows()[0].content == ""
    assert box.rows()[0].recipient_hash == outbox.recipient_hash("+79123456789")


def test_same_cause_makes_one_message(box: Outbox) -> None:
    for _ in range(3):
        box.queue(dedupe_key="payment:7")
    box.queue(dedupe_key="payment:8")
    box.queue()
    box.queue()
    assert len(box.rows()) == 4


def test_failed_message_is_tried_again_after_longer_and_longer_pauses(box: Outbox) -> None:
    box.mail.answers = [FAILED] * 20
    box.queue()
    pauses: list[timedelta] = []
    before = box.clock.now
    for _ in range(2000):
        send(box)
        if box.rows()[0].state is MessageState.DEAD:
            break
        if len(box.mail.sent) > len(pauses):
            pauses.append(box.clock.now - before)
            before = box.clock.now
        box.clock.pass_(seconds=60)
    assert len(box.mail.sent) == 8
    assert pauses[1:] == sorted(pauses[1:])
    assert timedelta(hours=12) <= box.clock.now - before < timedelta(hours=13)
    assert box.rows()[0].content == ""


def test_every_attempt_bears_the_same_message_id(box: Outbox) -> None:
    box.mail.answers = [FAILED, FAILED]
    box.queue()
    for _ in range(3):
        send(box)
        box.clock.pass_(minutes=2)
    assert len({message.message_id for message in box.mail.sent}) == 1
    assert box.mail.sent[0].message_id.endswith("@localhost>")
    assert box.rows()[0].state is MessageState.SENT


def test_refusal_that_cannot_change_is_final(box: Outbox) -> None:
    box.mail.answers = [Delivery(ok=False, error="smtp_550", retryable=False)]
    box.queue()
    send(box)
    (row,) = box.rows()
    assert (row.state, row.last_error, row.content) == (MessageState.DEAD, "smtp_550", "")


def test_fault_of_a_sender_does_not_stop_other_messages(box: Outbox) -> None:
    box.mail.answers = [ValueError("boom")]
    box.queue()
    box.queue("anna@mail.ru")
    assert send(box) == 1
    assert [row.state for row in box.rows()] == [MessageState.QUEUED, MessageState.SENT]
    assert box.rows()[0].last_error == "ValueError"


def test_expired_code_is_not_sent(box: Outbox) -> None:
    box.queue(expires_at=box.clock.now + timedelta(minutes=10))
    box.clock.pass_(minutes=10)
    send(box)
    assert box.mail.sent == []
    assert (box.rows()[0].state, box.rows()[0].last_error) == (MessageState.DEAD, "expired")


def test_message_of_a_dead_process_is_taken_over_when_its_lease_ends(
    box: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.queue()
    monkeypatch.setattr(box.mail, "send", _die)
    with pytest.raises(KeyboardInterrupt):
        send(box)
    monkeypatch.delattr(box.mail, "send")
    assert box.rows()[0].state is MessageState.SENDING
    assert send(box) == 0
    box.clock.pass_(minutes=3)
    assert send(box) == 1


def _die(_: object) -> Delivery:
    raise KeyboardInterrupt


def test_several_workers_send_each_message_once(box: Outbox) -> None:
    for number in range(12):
        box.queue(f"person{number}@mail.ru")
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda _: send(box), range(4))) == 12
    assert len({message.to for message in box.mail.sent}) == 12


def test_no_more_sms_a_day_than_the_company_allows(box: Outbox) -> None:
    box.senders = Senders(box.senders.by_channel, sms_daily_limit=2)
    for number in range(4):
        box.queue(f"+7912345678{number}")
    box.queue()
    assert send(box) == 3
    assert len(box.sms.sent) == 2
    box.clock.pass_(days=1)
    while any(row.state is MessageState.QUEUED for row in box.rows()):
        send(box)
        box.clock.pass_(hours=13)
    assert len(box.sms.sent) == 4


def test_zero_a_day_means_none(box: Outbox) -> None:
    box.senders = Senders(box.senders.by_channel, sms_daily_limit=0)
    box.queue("+79123456789")
    assert send(box) == 0
    assert box.sms.sent == []


def test_nothing_is_queued_to_phones_where_no_sms_are_sent(
    box: Outbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with configured(monkeypatch, tmp_path, sms_sender="off"):
        box.queue("+79123456789")
    assert box.rows() == []


def test_message_made_with_a_dropped_secret_is_given_up(box: Outbox) -> None:
    box.queue()
    crypto.bind(Keyring(("another-secret-that-nobody-remembers-any-more",)))
    send(box)
    assert (box.rows()[0].state, box.rows()[0].last_error) == (MessageState.DEAD, "secret_changed")


def test_message_made_with_the_previous_secret_is_sent(box: Outbox) -> None:
    box.queue()
    old = crypto.keyring().secrets
    crypto.bind(Keyring(("the-new-secret-of-this-installation-0001", *old)))
    assert send(box) == 1


def test_finished_messages_are_deleted_after_three_months(box: Outbox) -> None:
    box.queue()
    send(box)
    box.queue("waiting@mail.ru")
    box.clock.pass_(days=91)
    with unit_of_work() as session:
        purge(session)
    (left,) = box.rows()
    assert left.state is MessageState.QUEUED


def test_log_names_the_message_and_never_its_recipient(box: Outbox, caplog: pytest.LogCaptureFixture) -> None:
    box.mail.answers = [FAILED]
    box.queue()
    send(box)
    assert "password_changed" in caplog.text
    assert "ivan" not in caplog.text


def test_unknown_field_of_the_table_does_not_exist(box: Outbox) -> None:
    """What support may see of a message: when, which, how it ended, and nothing that was in it."""
    shown = set(OutboxMessage.model_fields) - {"content", "recipient_hash"}
    assert shown == {
        "id", "channel", "template", "dedupe_key", "message_id", "state", "attempts", "due_at", "expires_at",
        "created_at", "finished_at", "provider_id", "last_error",
    }  # fmt: skip
