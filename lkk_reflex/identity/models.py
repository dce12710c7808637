"""Tables of people: who they are, what they have yet to prove, from which browsers they come."""

from datetime import datetime
from enum import StrEnum
from typing import Any, NoReturn

from sqlalchemy import Index, Text, UniqueConstraint, event, text
from sqlalchemy.orm import Mapper
from sqlmodel import Field, SQLModel

from lkk_reflex.identity.viewer import Role
from lkk_reflex.kit.db import text_enum
from lkk_reflex.notifications.models import Channel


class LoginKind(StrEnum):
    """What a login is; decides how its owner is reached."""

    EMAIL = "email"
    PHONE = "phone"


class Subscriber(SQLModel, table=True):
    """A person with a cabinet. Exists only after the login has been confirmed."""

    __tablename__ = "subscriber"

    id: int | None = Field(default=None, primary_key=True)
    #: Normalised: a lower-case e-mail (ASCII domain) or `+79XXXXXXXXX`.
    login: str = Field(unique=True, max_length=254)
    login_kind: LoginKind = Field(sa_type=text_enum(LoginKind))
    password_hash: str = Field(max_length=255)
    password_changed_at: datetime
    created_at: datetime


class Purpose(StrEnum):
    """What a person has begun and must confirm by a message."""

    REGISTRATION = "registration"
    NEW_DEVICE = "new_device"
    RESET = "reset"
    #: A password was given, the second factor is still to be shown; no message is sent.
    SECOND_FACTOR = "second_factor"
    LOGIN_CHANGE = "login_change"
    SECOND_EMAIL = "second_email"


class Confirmation(SQLModel, table=True):
    """Something begun in one browser that waits for the proof that the login is the person's own.

    A registration of a login that has a cabinet (or a change to it), and a reset of one that has none, look the same
    and can never be confirmed: `subscriber_id`, which is the owner of the login, tells them apart.
    """

    __tablename__ = "confirmation"

    id: int | None = Field(default=None, primary_key=True)
    purpose: Purpose = Field(sa_type=text_enum(Purpose))
    login: str = Field(max_length=254)
    login_kind: LoginKind = Field(sa_type=text_enum(LoginKind))
    subscriber_id: int | None = Field(default=None, foreign_key="subscriber.id", index=True)
    #: SHA-256 of the token in the cookie of the browser that began; empty until the browser has fetched it.
    flow_hash: str | None = Field(default=None, unique=True, max_length=64)
    #: The chosen password and the consent of a registration.
    password_hash: str | None = Field(default=None, max_length=255)
    consent_version: str | None = Field(default=None, max_length=20)
    consent_text_hash: str | None = Field(default=None, max_length=64)
    next_path: str = Field(default="", max_length=200)
    address: str = Field(default="", max_length=45)
    created_at: datetime
    expires_at: datetime = Field(index=True)
    #: When a reset has been confirmed; the new password is accepted for a while after that.
    proved_at: datetime | None = None
    finished_at: datetime | None = None


class ConfirmationCode(SQLModel, table=True):
    """One sent message: a short code and, by e-mail, a link. Only hashes are kept; a new one cancels the old."""

    __tablename__ = "confirmation_code"

    id: int | None = Field(default=None, primary_key=True)
    confirmation_id: int = Field(foreign_key="confirmation.id", ondelete="CASCADE", index=True)
    code_hash: str = Field(max_length=64)
    tries_left: int
    expires_at: datetime
    link_hash: str | None = Field(default=None, unique=True, max_length=64)
    link_expires_at: datetime | None = None
    created_at: datetime
    used_at: datetime | None = None
    cancelled_at: datetime | None = None


class SubscriberSession(SQLModel, table=True):
    """A signed-in browser."""

    __tablename__ = "subscriber_session"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True, max_length=64)
    subscriber_id: int = Field(foreign_key="subscriber.id", index=True)
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime = Field(index=True)
    revoked_at: datetime | None = None
    #: «Chrome, Windows»: enough to recognise one's own devices.
    device: str = Field(default="", max_length=60)
    address: str = Field(default="", max_length=45)


class KnownDevice(SQLModel, table=True):
    """A browser from which this subscriber has already confirmed a sign-in."""

    __tablename__ = "known_device"
    __table_args__ = (UniqueConstraint("subscriber_id", "token_hash"),)

    id: int | None = Field(default=None, primary_key=True)
    subscriber_id: int = Field(foreign_key="subscriber.id")
    token_hash: str = Field(max_length=64)
    created_at: datetime
    last_used_at: datetime


class OwnConfirmation(SQLModel, table=True):
    """Ties a confirmation to the signed-in subscriber who has begun it: one of a kind at a time."""

    __tablename__ = "own_confirmation"

    subscriber_id: int = Field(primary_key=True, foreign_key="subscriber.id")
    purpose: Purpose = Field(primary_key=True, sa_type=text_enum(Purpose))
    confirmation_id: int = Field(foreign_key="confirmation.id", ondelete="CASCADE", unique=True)


class SubscriberProfile(SQLModel, table=True):
    """What a subscriber has told of themselves after the registration; every part may be empty."""

    __tablename__ = "subscriber_profile"

    subscriber_id: int = Field(primary_key=True, foreign_key="subscriber.id")
    surname: str = Field(default="", max_length=60)
    name: str = Field(default="", max_length=60)
    patronymic: str = Field(default="", max_length=60)
    #: `+7XXXXXXXXXX`, for the company to call back; no messages go there.
    phone: str = Field(default="", max_length=20)
    #: Stands here only once its owner has typed the code that was sent to it.
    second_email: str = Field(default="", max_length=254)
    changed_at: datetime


class SecondFactor(SQLModel, table=True):
    """The authenticator of a subscriber (TOTP, RFC 6238): being set up until `enabled_at`."""

    __tablename__ = "second_factor"

    subscriber_id: int = Field(primary_key=True, foreign_key="subscriber.id")
    #: Encrypted by the keyring.
    secret: str = Field(max_length=255)
    #: The time step of the last accepted code; it and earlier ones are refused (RFC 6238, 5.2).
    last_step: int = 0
    created_at: datetime
    enabled_at: datetime | None = None


class RecoveryCode(SQLModel, table=True):
    """A code that stands in for the authenticator once. Only its keyed hash is kept."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("subscriber_id", "code_hash"),)

    id: int | None = Field(default=None, primary_key=True)
    subscriber_id: int = Field(foreign_key="subscriber.id")
    code_hash: str = Field(max_length=64)
    created_at: datetime
    used_at: datetime | None = None


class Consent(SQLModel, table=True):
    """Proof of a given consent: which text, when, from where (152-ФЗ ст. 9)."""

    __tablename__ = "consent"

    id: int | None = Field(default=None, primary_key=True)
    subscriber_id: int = Field(foreign_key="subscriber.id", index=True)
    kind: str = Field(max_length=40)
    version: str = Field(max_length=20)
    #: SHA-256 of the text that was shown.
    text_hash: str = Field(max_length=64)
    given_at: datetime
    address: str = Field(default="", max_length=45)


class ConsentWording(SQLModel, table=True):
    """A text that somebody has agreed to, word for word; many consents share one."""

    __tablename__ = "consent_wording"

    text_hash: str = Field(primary_key=True, max_length=64)
    text: str = Field(sa_type=Text)


class ConsentWithdrawal(SQLModel, table=True):
    """The end of a consent; the consent itself stays as the proof of the time before."""

    __tablename__ = "consent_withdrawal"

    consent_id: int = Field(primary_key=True, foreign_key="consent.id")
    withdrawn_at: datetime
    address: str = Field(default="", max_length=45)


class CabinetClosing(SQLModel, table=True):
    """Somebody has closed the cabinet; until `erase_after` it can be taken back."""

    __tablename__ = "cabinet_closing"
    __table_args__ = (
        Index(
            "uq_cabinet_closing_subscriber_id",
            "subscriber_id",
            unique=True,
            sqlite_where=text("returned_at IS NULL"),
            postgresql_where=text("returned_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    subscriber_id: int = Field(foreign_key="subscriber.id")
    requested_at: datetime
    erase_after: datetime = Field(index=True)
    returned_at: datetime | None = None
    erased_at: datetime | None = None


class ErasureStep(SQLModel, table=True):
    """One part of an erasure that is done, so that a broken one goes on where it stopped."""

    __tablename__ = "erasure_step"

    closing_id: int = Field(primary_key=True, foreign_key="cabinet_closing.id")
    name: str = Field(primary_key=True, max_length=40)
    #: How many records of which category, as JSON.
    counts: str = Field(sa_type=Text)
    done_at: datetime


class DestructionAct(SQLModel, table=True):
    """The act and the extract of the log about destroyed personal data (Roskomnadzor, order 179 of 28.10.2022).

    Kept for three years. It names the person by the number of the cabinet and by a keyed hash of the login, so that
    who names the login can be answered.
    """

    __tablename__ = "destruction_act"

    id: int | None = Field(default=None, primary_key=True)
    closing_id: int = Field(foreign_key="cabinet_closing.id", unique=True)
    subscriber_id: int = Field(foreign_key="subscriber.id")
    login_hash: str = Field(max_length=64, index=True)
    company: str = Field(max_length=160)
    reason: str = Field(max_length=200)
    #: Categories of the destroyed data with the number of records, as JSON.
    counts: str = Field(sa_type=Text)
    destroyed_at: datetime


class TicketKind(StrEnum):
    """What a ticket is exchanged for."""

    SESSION = "session"
    FLOW = "flow"
    OWN_DATA = "own_data"


class OneTimeTicket(SQLModel, table=True):
    """What a handler gives a page, to be posted at once to the route that sets the HttpOnly cookie."""

    __tablename__ = "one_time_ticket"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True, max_length=64)
    kind: TicketKind = Field(sa_type=text_enum(TicketKind))
    subscriber_id: int | None = Field(default=None, foreign_key="subscriber.id")
    confirmation_id: int | None = Field(default=None, foreign_key="confirmation.id", ondelete="CASCADE")
    next_path: str = Field(default="", max_length=200)
    expires_at: datetime = Field(index=True)
    used_at: datetime | None = None


class AuditEvent(SQLModel, table=True):
    """One line of the audit: who did what to whom, from where. Rows are only added."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_subscriber_id_at", "subscriber_id", "at"),
        # Whether something has ever happened to a thing is asked while a person waits.
        Index("ix_audit_event_subject_action", "subject", "action"),
    )

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    actor_role: Role = Field(sa_type=text_enum(Role))
    actor_id: int | None = None
    #: Whom it concerns, when that is known.
    subscriber_id: int | None = Field(default=None, foreign_key="subscriber.id")
    #: A keyed hash of what was tried (a login without a cabinet), or the id of a thing.
    subject: str = Field(default="", max_length=64)
    #: Stable tag such as `sign_in.refused`.
    action: str = Field(max_length=60)
    address: str = Field(default="", max_length=45)


class NoticeEvent(StrEnum):
    """What a subscriber is told of outside the portal."""

    NEW_BILL = "new_bill"
    PAYMENT_CREDITED = "payment_credited"
    PAYMENT_REFUSED = "payment_refused"
    READING_ACCEPTED = "reading_accepted"
    WINDOW_OPENS = "window_opens"
    WINDOW_TWO_DAYS = "window_two_days"
    WINDOW_LAST_DAY = "window_last_day"
    VERIFICATION = "verification"
    OUTAGE = "outage"
    TICKET_ANSWERED = "ticket_answered"
    NEW_DEVICE = "new_device"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of an event.
    LOGIN_CHANGED = "login_changed"
    SECOND_FACTOR_CHANGED = "second_factor_changed"
    ACCOUNT_UNLINKED = "account_unlinked"
    ACCOUNT_SHARED = "account_shared"


class NoticeChoice(SQLModel, table=True):
    """Whether a subscriber wants to be told of an event by a channel; without a row the default holds."""

    __tablename__ = "notice_choice"
    __table_args__ = (UniqueConstraint("subscriber_id", "event", "channel"),)

    id: int | None = Field(default=None, primary_key=True)
    subscriber_id: int = Field(foreign_key="subscriber.id")
    event: NoticeEvent = Field(sa_type=text_enum(NoticeEvent))
    channel: Channel = Field(sa_type=text_enum(Channel))
    is_wanted: bool
    changed_at: datetime


def _refuse_change(_mapper: Mapper[Any], _connection: Any, _row: AuditEvent) -> NoReturn:  # noqa: ANN401 - the library's.
    raise RuntimeError("rows of the audit are never changed or deleted")


event.listen(AuditEvent, "before_update", _refuse_change)
event.listen(AuditEvent, "before_delete", _refuse_change)
