"""What stands on the page of the security settings: login, password, second factor."""

from sqlmodel import Session

from lkk_reflex.identity import own_confirmations, second_factor
from lkk_reflex.identity import security_repository as own
from lkk_reflex.identity.models import Purpose
from lkk_reflex.identity.rules import Login
from lkk_reflex.identity.security_projection import SecurityView, day
from lkk_reflex.identity.viewer import Viewer


def security_overview(session: Session, viewer: Viewer) -> SecurityView:
    """Return how the viewer's cabinet is guarded.

    Raises:
        SignInRequired: for who is not a subscriber.
    """
    person = own.subscriber(session, viewer.require_subscriber())
    waiting = own_confirmations.pending(session, viewer, purpose=Purpose.LOGIN_CHANGE)
    is_first = person.password_changed_at == person.created_at
    return SecurityView(
        login=Login(person.login_kind, person.login).shown,
        password_changed=f"{'Задан' if is_first else 'Изменён'} {day(person.password_changed_at)}",
        new_login=waiting.login if waiting else "",
        factor=second_factor.status(session, viewer),
    )
