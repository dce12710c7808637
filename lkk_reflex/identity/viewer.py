"""Who acts. The first argument of every use case after the session."""

from dataclasses import dataclass, field
from enum import StrEnum

from lkk_reflex.kit.errors import Forbidden, SignInRequired


class Role(StrEnum):
    """What kind of actor this is."""

    ANONYMOUS = "anonymous"
    SUBSCRIBER = "subscriber"
    CLOSED = "closed"  # a signed-in subscriber who has closed the cabinet: may only take it back
    GUEST = "guest"  # nobody's cabinet: holds a pass to one account for a while
    OPERATOR = "operator"
    SYSTEM = "system"  # background jobs and the command line of the server's owner


@dataclass(frozen=True, slots=True)
class Viewer:
    """The actor of one action, resolved from the session cookie for each event."""

    role: Role = Role.ANONYMOUS
    subscriber_id: int | None = None
    #: Row of the session, so that one's own session can be told from the others.
    session_id: int | None = None
    #: Providers an operator works for.
    provider_ids: frozenset[int] = field(default_factory=frozenset)
    #: The only account a guest may act on, and whether the pass is for paying too.
    guest_account_id: int | None = None
    guest_may_pay: bool = False
    #: IP address of the person, for limits and the audit; empty for jobs.
    address: str = ""

    @classmethod
    def system(cls) -> "Viewer":
        """Return the actor of background jobs and of the command line."""
        return cls(role=Role.SYSTEM)

    def require_subscriber(self) -> int:
        """Return the id of the signed-in subscriber.

        Raises:
            SignInRequired: for everybody else.
        """
        if self.role is not Role.SUBSCRIBER or self.subscriber_id is None:
            raise SignInRequired
        return self.subscriber_id

    def require_closed(self) -> int:
        """Return the id of the signed-in subscriber whose cabinet is closed.

        Raises:
            SignInRequired: for everybody else.
        """
        if self.role is not Role.CLOSED or self.subscriber_id is None:
            raise SignInRequired
        return self.subscriber_id

    def require_guest(self) -> int:
        """Return the id of the account to which the guest holds a pass.

        Raises:
            SignInRequired: for everybody else.
        """
        if self.role is not Role.GUEST or self.guest_account_id is None:
            raise SignInRequired
        return self.guest_account_id

    def require_payer(self) -> int | None:
        """Return the id of the subscriber who pays, None for a guest who may.

        Raises:
            SignInRequired: for everybody else.
        """
        if self.role is Role.GUEST and self.guest_may_pay:
            return None
        return self.require_subscriber()

    def require_staff_of(self, provider_id: int) -> None:
        """Let pass the operators of this provider and the system.

        Raises:
            Forbidden: for everybody else.
        """
        if self.role is Role.SYSTEM:
            return
        if self.role is not Role.OPERATOR or provider_id not in self.provider_ids:
            raise Forbidden

    def require_system(self) -> None:
        """Let pass only background jobs and the command line.

        Raises:
            Forbidden: for everybody else.
        """
        if self.role is not Role.SYSTEM:
            raise Forbidden
