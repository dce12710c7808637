"""A table of rights: every use case against every kind of viewer, told by its refusal or by nothing."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from sqlmodel import Session

from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit.db import bound_engine
from lkk_reflex.kit.errors import Forbidden, PortalError, SignInRequired
from tests.factories.accounts import make_operator

#: The order of the columns of a table. A closed cabinet is the owner's own; a guest holds a pass to the same account.
VIEWERS = (
    "anonymous",
    "owner",
    "other_subscriber",
    "closed",
    "guest",
    "operator_of_this_provider",
    "operator_of_another",
    "system",
)
OK, NO, SIGN_IN = None, Forbidden, SignInRequired

Answers: TypeAlias = tuple[type[PortalError] | None, ...]
OWN_ONLY: Answers = (SIGN_IN, OK, NO, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN)
#: What is named by the pass itself is nothing of a subscriber's.
GUEST_ONLY: Answers = (SIGN_IN, NO, NO, SIGN_IN, OK, SIGN_IN, SIGN_IN, SIGN_IN)
SUBSCRIBERS: Answers = (SIGN_IN, OK, OK, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN)
STAFF: Answers = (NO, NO, NO, NO, NO, OK, NO, OK)
SERVER: Answers = (NO, NO, NO, NO, NO, NO, NO, OK)
EVERYBODY: Answers = (OK,) * len(VIEWERS)


def viewers(owner: Viewer, stranger: Viewer, *, account_id: int, provider_id: int) -> Mapping[str, Viewer]:
    """Return one viewer of each kind; the account and its provider are those of the owner."""
    known = (
        Viewer(),
        owner,
        stranger,
        Viewer(role=Role.CLOSED, subscriber_id=owner.subscriber_id),
        Viewer(role=Role.GUEST, guest_account_id=account_id, guest_may_pay=True),
        make_operator(provider_id),
        make_operator(provider_id + 1_000),
        Viewer.system(),
    )
    return dict(zip(VIEWERS, known, strict=True))


def answers_of(known: Mapping[str, Viewer], use: Callable[[Session, Viewer], object]) -> Mapping[str, object]:
    """Return each viewer's refusal; whatever was done is undone, so that everybody finds the same portal."""
    return {name: _answer(viewer, use) for name, viewer in known.items()}


def expected(answers: Answers) -> Mapping[str, object]:
    """Return a line of a table by the names of the viewers."""
    return dict(zip(VIEWERS, answers, strict=True))


def _answer(viewer: Viewer, use: Callable[[Session, Viewer], object]) -> type[PortalError] | None:
    with Session(bound_engine().execution_options(sqlite_begin="IMMEDIATE")) as session:
        try:
            use(session, viewer)
        except PortalError as refusal:
            return type(refusal)
        return None
