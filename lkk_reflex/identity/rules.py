"""Pure rules: what a login is, how it is shown, where a person may be sent."""

import re
from dataclasses import dataclass

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from lkk_reflex.identity.errors import LoginUnreadable
from lkk_reflex.identity.models import LoginKind

MAX_LOGIN_CHARACTERS = 254
_RUSSIA = 7
_HIDDEN = "•••"
_SECTIONS = "cabinet|account|bill|bills|pay|payments|readings|outages|settings|support"
SIGN_IN_PAGE = "/sign-in"
#: `done` tells the page what the person has just done.
_LOCAL_PATH = re.compile(rf"/(?:{_SECTIONS})(?:/[A-Za-z0-9_-]{{1,64}}){{0,3}}(?:\?done=[a-z_]{{1,30}})?")
_NBSP = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Login:
    """A normalised login: equal logins of one person compare equal."""

    kind: LoginKind
    value: str

    @property
    def masked(self) -> str:
        """Return the login so that its owner recognises it and nobody else learns it."""
        if self.kind is LoginKind.PHONE:
            return f"+7{_NBSP}{_HIDDEN}{_NBSP}{_HIDDEN}-{self.value[-4:-2]}-{self.value[-2:]}"
        name, _, domain = self.value.rpartition("@")
        return f"{name[0]}{_HIDDEN}@{_readable_domain(domain)}"

    @property
    def shown(self) -> str:
        """Return the login in full, as its owner would write it."""
        if self.kind is LoginKind.PHONE:
            return shown_phone(self.value)
        name, _, domain = self.value.rpartition("@")
        return f"{name}@{_readable_domain(domain)}"


def normalise_login(text: str) -> Login:
    """Read an e-mail address or a Russian mobile phone in any usual spelling.

    Raises:
        LoginUnreadable: when it is neither.
    """
    text = text.strip()
    if len(text) > MAX_LOGIN_CHARACTERS:
        raise LoginUnreadable
    return _email(text) if "@" in text else _phone(text)


def _email(text: str) -> Login:
    try:
        valid = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise LoginUnreadable from None
    # Without SMTPUTF8 the ASCII form always exists; two spellings of one domain become the same login.
    return Login(LoginKind.EMAIL, (valid.ascii_email or valid.normalized).lower())


def _phone(text: str) -> Login:
    try:
        number = phonenumbers.parse(text, "RU")
    except phonenumbers.NumberParseException:
        raise LoginUnreadable from None
    is_mobile = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    # +7 7XX is Kazakhstan, where our SMS gateways do not deliver; an extension is nobody's mobile.
    is_ours = number.country_code == _RUSSIA and str(number.national_number).startswith("9")
    if not is_ours or not is_mobile or number.extension:
        raise LoginUnreadable
    return Login(LoginKind.PHONE, phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def shown_phone(phone: str) -> str:
    """Return `+79123456789` as people write it, in one piece: `+7 912 345-67-89`."""
    return f"+7{_NBSP}{phone[2:5]}{_NBSP}{phone[5:8]}-{phone[8:10]}-{phone[10:]}"


def _readable_domain(domain: str) -> str:
    try:
        return domain.encode("ascii").decode("idna")
    except UnicodeError:
        return domain


def clean_code(text: str, digits: int) -> str | None:
    """Return the digits of a typed or pasted code («482 913», «4829-1357»), or None if it cannot be one."""
    cleaned = re.sub(r"[\s\u00a0\u2009\u2010-\u2015-]", "", text[:40])
    return cleaned if re.fullmatch(rf"[0-9]{{{digits}}}", cleaned) else None


def local_path(text: str, default: str) -> str:
    """Return the path if it is a page of the cabinet, otherwise `default`; nobody is sent to a foreign site."""
    return text if _LOCAL_PATH.fullmatch(text) else default


def sign_in_address(path: str, *, had_session: bool) -> str:
    """Return where to sign in and come back to a page of the cabinet; whose session has ended is told so there."""
    if not _LOCAL_PATH.fullmatch(path):
        return SIGN_IN_PAGE
    return f"{SIGN_IN_PAGE}?next={path}{'&ended=1' if had_session else ''}"


def device_name(user_agent: str) -> str:
    """Return a browser and a system in words, `Chrome, Android`, for the list of one's own sessions."""
    browser = _first_match(user_agent, _BROWSERS) or "Браузер"
    system = _first_match(user_agent, _SYSTEMS)
    return f"{browser}, {system}" if system else browser


# Order matters: most browsers call themselves Chrome and Safari too.
_BROWSERS = (
    ("YaBrowser", "Яндекс Браузер"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def _first_match(text: str, table: tuple[tuple[str, str], ...]) -> str:
    return next((name for sign, name in table if sign in text), "")
