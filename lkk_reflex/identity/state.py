"""What the pages of registration, signing in and the forgotten password show and do."""

from collections.abc import AsyncIterator, Awaitable, Mapping
from typing import Final, NotRequired, TypedDict

import reflex as rx
from reflex.event import EventSpec

from lkk_reflex.identity import codes, credentials, registration, sessions
from lkk_reflex.identity.cookies import Browser, browser_of, cookie_names
from lkk_reflex.identity.errors import FlowLost
from lkk_reflex.identity.guard import access, current_viewer
from lkk_reflex.identity.models import Purpose
from lkk_reflex.identity.projection import FlowView
from lkk_reflex.identity.rules import local_path
from lkk_reflex.identity.tickets import HOME
from lkk_reflex.identity.typed_login_state import remember_typed, typed_in
from lkk_reflex.identity.viewer import Role
from lkk_reflex.kit.bridge import in_thread, read, write
from lkk_reflex.kit.errors import PortalError, problems_of
from lkk_reflex.kit.raw_input import text_of, whole_signs
from lkk_reflex.settings import get_settings

Answer = AsyncIterator[EventSpec | None]
#: Longer than any password that is accepted, so that a long one is refused and not cut.
_PASSWORD_LIMIT: Final = 1000

#: Said until it is known where the message went; as long as what is said then, so that nothing moves.
_SENT: Final = "Мы отправили вам сообщение. Введите цифры из него."

#: What the address says about how the person came here.
_NOTES: Final = {
    "activated": "Кабинет создан. Войдите, чтобы подключить лицевой счёт.",
    "expired": "Страница была открыта слишком давно. Начните ещё раз.",
    "again": "Страница ещё загружалась. Введите данные ещё раз.",
    "bye": "Вы вышли из кабинета.",
    "bye_all": "Вы вышли из кабинета на всех устройствах.",
    "ended": "Вы вышли из кабинета или долго в нём не были. Войдите снова, и мы вернём вас на ту же страницу.",
    "closed": "Кабинет закрыт. Войдите, чтобы вернуть его.",
}


class RegisterForm(TypedDict):
    """The fields of registration."""

    login: str
    password: str
    consent: bool


class SignInForm(TypedDict):
    """The fields of signing in."""

    login: str
    password: str


class CodeForm(TypedDict):
    """The field of a code."""

    code: str


class LoginForm(TypedDict):
    """The field of a login."""

    login: str


class PasswordForm(TypedDict):
    """The fields of a new password; the code is asked of who has switched the second factor on."""

    password: str
    second_code: NotRequired[str]


class FormState(rx.State, mixin=True):
    """What every form here has: refusals by field, a note, and in the end the ticket of a cookie."""

    note: str = ""
    #: Sentences by the field they belong to; the empty name is the form itself.
    errors: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    is_busy: bool = False
    ticket: str = ""

    def _open(self) -> None:
        """Show the page anew, and say how the person came here."""
        self.reset()
        came_by = self.router.url.query_parameters
        self.note = next((text for name, text in _NOTES.items() if name in came_by), "")

    def _begin(self) -> None:
        self.errors, self.note, self.is_busy = {}, "", True

    def _home_if_signed_in(self) -> EventSpec | None:
        return rx.redirect(HOME) if current_viewer().role is Role.SUBSCRIBER else None

    async def _exchange(self, work: Awaitable[str]) -> EventSpec | None:
        """Do the work that ends in a ticket; after that the button stays busy until the browser has left."""
        try:
            self.ticket = await work
        except PortalError as refusal:
            return self._refuse(refusal)
        return None

    def _refuse(self, refusal: PortalError) -> EventSpec | None:
        problems = problems_of(refusal)
        self.errors = {problem.field: problem.message for problem in problems}
        self.is_busy = False
        return rx.set_focus(problems[0].field) if problems[0].field else None

    def _browser(self) -> Browser:
        headers = self.router.headers
        return browser_of(headers.cookie, headers.user_agent, cookie_names(is_https=get_settings().is_https))

    async def _flow(self, *purposes: Purpose) -> FlowView | None:
        """Return what this browser has begun, if it is one of these."""
        try:
            flow, typed = self._browser().flow_token, await typed_in(self)
            shown = await read(codes.view, current_viewer(), flow_token=flow, typed=typed)
        except FlowLost:
            return None
        return shown if shown.purpose in purposes else None

    async def _resend(self) -> None:
        """Send the code once more, and say so."""
        self._begin()
        try:
            await write(codes.resend, current_viewer(), flow_token=self._browser().flow_token)
            self.note = "Отправили новый код. Прежний больше не действует."
        except PortalError as refusal:
            self._refuse(refusal)
        self.is_busy = False


class RegisterState(FormState, rx.State):
    """The form of registration."""

    @rx.event
    @access("public")
    async def load(self) -> EventSpec | None:
        """Begin with a clean form; who is signed in has nothing to do here."""
        self._open()
        return self._home_if_signed_in()

    @rx.event
    @access("public")
    async def submit(self, data: RegisterForm) -> Answer:
        """Begin the registration and go on to the code."""
        self._begin()
        yield None
        login = text_of(data, "login")
        await remember_typed(self, login)
        yield await self._exchange(
            in_thread(
                registration.register,
                current_viewer(),
                login=login,
                password=password_of(data),
                consent=_is_ticked(data, "consent"),
                flow_token=self._browser().flow_token,
            )
        )


class SignInState(FormState, rx.State):
    """The form of signing in."""

    @rx.event
    @access("public")
    async def load(self) -> EventSpec | None:
        """Begin with a clean form; who is signed in goes home."""
        self._open()
        return self._home_if_signed_in()

    @rx.event
    @access("public")
    async def submit(self, data: SignInForm) -> Answer:
        """Check the pair and go on to the cabinet, or to the code of a new device."""
        self._begin()
        yield None
        login = text_of(data, "login")
        await remember_typed(self, login)
        yield await self._exchange(
            in_thread(
                sessions.sign_in,
                current_viewer(),
                login=login,
                password=password_of(data),
                browser=self._browser(),
                next_path=local_path(self.router.url.query_parameters.get("next", ""), HOME),
            )
        )


class CodeState(FormState, rx.State):
    """The form of the code, after a registration and on a new device."""

    is_lost: bool = False
    sent_to: str = _SENT
    #: Seconds until the next message may be sent, and how often they were set.
    wait: int = 0
    sent: int = 0
    _purpose: str = ""

    @rx.event
    @access("public")
    async def load(self) -> EventSpec | None:
        """Show where the code of this browser was sent."""
        self._open()
        await self._show()
        return self._home_if_signed_in()

    @rx.event
    @access("public")
    async def submit(self, data: CodeForm) -> Answer:
        """Check the code and sign in."""
        is_new_device = self._purpose == Purpose.NEW_DEVICE
        self._begin()
        yield None
        viewer, browser, code = current_viewer(), self._browser(), text_of(data, "code")
        confirmed = (
            write(sessions.confirm_device, viewer, flow_token=browser.flow_token, code=code, browser=browser)
            if is_new_device
            else write(registration.activate, viewer, flow_token=browser.flow_token, code=code)
        )
        yield await self._exchange(confirmed)

    @rx.event
    @access("public")
    async def resend(self) -> None:
        """Send the code once more."""
        await self._resend()
        await self._show()

    async def _show(self) -> None:
        shown = await self._flow(Purpose.REGISTRATION, Purpose.NEW_DEVICE)
        self.is_lost = shown is None
        if shown:
            self._purpose, self.sent_to = shown.purpose, sent_to(shown)
            self.wait, self.sent = shown.resend_seconds, self.sent + 1


class ResetState(FormState, rx.State):
    """A forgotten password: the login, the code, the new password."""

    #: `login`, `code` or `password`; also the field to which the focus goes.
    step: str = "login"
    needs_second_code: bool = False
    sent_to: str = _SENT
    wait: int = 0
    sent: int = 0

    @rx.event
    @access("public")
    async def load(self) -> None:
        """Show the step at which this browser is."""
        self._open()
        await self._show()

    @rx.event
    @access("public")
    async def start_over(self) -> EventSpec:
        """Ask for another login."""
        self.reset()
        return rx.set_focus("login")

    @rx.event
    @access("public")
    async def ask(self, data: LoginForm) -> Answer:
        """Send the code."""
        self._begin()
        yield None
        flow, login = self._browser().flow_token, text_of(data, "login")
        await remember_typed(self, login)
        yield await self._exchange(write(credentials.request_reset, current_viewer(), login=login, flow_token=flow))

    @rx.event
    @access("public")
    async def prove(self, data: CodeForm) -> Answer:
        """Check the code and ask for the new password."""
        self._begin()
        yield None
        flow, code = self._browser().flow_token, text_of(data, "code")
        try:
            await write(credentials.prove_reset, current_viewer(), flow_token=flow, code=code)
        except PortalError as refusal:
            yield self._refuse(refusal)
            return
        await self._show()
        yield rx.set_focus(self.step)

    @rx.event
    @access("public")
    async def choose(self, data: PasswordForm) -> Answer:
        """Store the new password and sign in."""
        self._begin()
        yield None
        flow, password = self._browser().flow_token, password_of(data)
        yield await self._exchange(
            in_thread(
                credentials.set_new_password,
                current_viewer(),
                flow_token=flow,
                password=password,
                second_code=text_of(data, "second_code"),
            )
        )
        if not self.ticket:
            await self._show()

    @rx.event
    @access("public")
    async def resend(self) -> None:
        """Send the code once more."""
        await self._resend()
        await self._show()

    async def _show(self) -> None:
        shown = await self._flow(Purpose.RESET)
        self.is_busy = False
        self.step = "login"
        if shown:
            self.step = "password" if shown.is_proved else "code"
            self.needs_second_code = shown.needs_second_code
            self.sent_to = sent_to(shown)
            self.wait, self.sent = shown.resend_seconds, self.sent + 1


def password_of(data: object, name: str = "password") -> str:
    """Return the password as it was typed: blanks at its ends belong to it."""
    password = data.get(name) if isinstance(data, Mapping) else None
    return whole_signs(password[:_PASSWORD_LIMIT]) if isinstance(password, str) else ""


def _is_ticked(data: object, name: str) -> bool:
    return isinstance(data, Mapping) and data.get(name) in (True, "on")


def sent_to(shown: FlowView) -> str:
    """Return where a code went and how long it is, in a sentence."""
    way = "письмо на" if shown.by_email else "СМС на"
    or_link = " или откройте ссылку в нём" if shown.has_link else ""
    return f"Мы отправили {way} {shown.login}. Введите {shown.digits} цифр из сообщения{or_link}."
