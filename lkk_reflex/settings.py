"""All settings of an installation, read once from the environment and `.env`, checked before anything starts."""

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from dotenv import dotenv_values

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

#: Until the company has given its name; nobody can agree to the processing of data by a portal without a name.
_NAMELESS = "Личный кабинет абонента"
YOOKASSA_API_URL = "https://api.yookassa.ru/v3"
_MIN_SECRET_CHARACTERS = 32
_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


class Mode(StrEnum):
    """`demo` imitates the outside world; `production` refuses every imitation."""

    DEMO = "demo"
    PRODUCTION = "production"


class PasswordProfile(StrEnum):
    """Which passwords are accepted: the instruction's own rule, or the recommended one."""

    INSTRUCTION = "instruction"
    STANDARD = "standard"


class MailSender(StrEnum):
    """How e-mails leave the portal."""

    FILE = "file"
    SMTP = "smtp"


class SmsSender(StrEnum):
    """How SMS leave the portal; `off` when the company has no gateway."""

    FILE = "file"
    SMS_RU = "sms_ru"
    SMSC = "smsc"
    OFF = "off"


class SmtpSecurity(StrEnum):
    """How the connection to the mail server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class SettingsError(Exception):
    """The settings are wrong; `problems` are Russian sentences that say what to change."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, repr=False)
class Settings:
    """One installation. Every field is described in `.env.example`."""

    mode: Mode
    host: str
    port: int
    data_dir: Path
    public_url: str
    proxy_hops: int
    database_url: str
    secret_key: str
    previous_secret_keys: tuple[str, ...]
    redis_url: str
    company_name: str
    accent_color: str
    support_phone: str
    support_email: str
    support_hours: str
    password_profile: PasswordProfile
    mail_sender: MailSender
    mail_from: str
    smtp_host: str
    smtp_port: int
    smtp_user: str
    smtp_password: str
    smtp_security: SmtpSecurity
    sms_sender: SmsSender
    sms_name: str
    sms_ru_api_id: str
    smsc_login: str
    smsc_password: str
    sms_daily_limit: int
    yookassa_api_url: str
    log_level: str

    @property
    def is_demo(self) -> bool:
        """Tell whether the outside world is imitated."""
        return self.mode is Mode.DEMO

    @property
    def is_https(self) -> bool:
        """Tell whether people reach the portal over https (cookies are `Secure` then)."""
        return self.public_url.startswith("https://")

    @property
    def sandbox_bank_api_url(self) -> str:
        """Return where the demo bank that lives in this process answers."""
        return f"{self.local_url}/sandbox/bank/v3"

    @property
    def local_url(self) -> str:
        """Return the address under which the portal reaches itself."""
        return f"http://127.0.0.1:{self.port}"


class _Reader:
    """Collects every problem instead of stopping at the first."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.problems: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        return self._values.get(f"LKK_{name}", default).strip()

    def parsed(self, name: str, default: str, parse: Callable[[str], T], hint: str) -> T:
        try:
            return parse(self.text(name, default) or default)
        except ValueError:
            self.problems.append(f"LKK_{name}: {hint}")
            return parse(default)

    def number(self, name: str, default: int, low: int, high: int) -> int:
        def within(text: str) -> int:
            value = int(text)
            if not low <= value <= high:
                raise ValueError(text)
            return value

        return self.parsed(name, str(default), within, f"нужно целое число от {low} до {high}.")

    def choice(self, name: str, kind: type[E], default: str) -> E:
        options = ", ".join(kind)
        return self.parsed(name, default, kind, f"выберите одно из: {options}.")


def load_settings(environment: Mapping[str, str]) -> Settings:
    """Read and check the settings.

    Raises:
        SettingsError: with one Russian sentence for each problem.
    """
    read = _Reader(environment)
    mode = read.choice("MODE", Mode, Mode.DEMO)
    port = read.number("PORT", 3000, 1, 65535)
    data_dir = Path(read.text("DATA_DIR", "var") or "var").absolute()
    demo = mode is Mode.DEMO
    settings = Settings(
        mode=mode,
        host=read.text("HOST", "127.0.0.1") or "127.0.0.1",
        port=port,
        data_dir=data_dir,
        public_url=read.parsed(
            "PUBLIC_URL",
            f"http://localhost:{port}",
            _web_address,
            "нужен адрес портала без пути, например https://lk.example.ru.",
        ),
        proxy_hops=read.number("PROXY_HOPS", 0, 0, 5),
        database_url=read.parsed(
            "DATABASE_URL",
            f"sqlite:///{data_dir / 'portal.sqlite3'}",
            _database_address,
            "нужен адрес sqlite:///путь или postgresql+psycopg://пользователь:пароль@сервер/база.",
        ),
        secret_key=read.text("SECRET_KEY") or (demo_secret(data_dir) if demo else ""),
        previous_secret_keys=tuple(filter(None, read.text("PREVIOUS_SECRET_KEYS").split(","))),
        redis_url=read.parsed("REDIS_URL", "", _redis_address, "нужен адрес Redis, например redis://127.0.0.1:6379/0."),
        company_name=read.text("COMPANY_NAME") or _NAMELESS,
        accent_color=read.parsed(
            "ACCENT_COLOR", "#0B6E69", _color, "нужен цвет вида #0B6E69 с контрастом к белому не ниже 4,5."
        ),
        support_phone=read.text("SUPPORT_PHONE", "8 800 000-00-00" if demo else ""),
        support_email=read.text("SUPPORT_EMAIL", "help@example.ru" if demo else ""),
        support_hours=read.text("SUPPORT_HOURS", "по будням с 8 до 17" if demo else ""),
        password_profile=read.choice("PASSWORD_PROFILE", PasswordProfile, PasswordProfile.INSTRUCTION),
        mail_sender=read.choice("MAIL_SENDER", MailSender, MailSender.FILE),
        mail_from=read.text("MAIL_FROM", "lk@example.ru"),
        smtp_host=read.text("SMTP_HOST"),
        smtp_port=read.number("SMTP_PORT", 587, 1, 65535),
        smtp_user=read.text("SMTP_USER"),
        smtp_password=read.text("SMTP_PASSWORD"),
        smtp_security=read.choice("SMTP_SECURITY", SmtpSecurity, SmtpSecurity.STARTTLS),
        sms_sender=read.choice("SMS_SENDER", SmsSender, SmsSender.FILE if demo else SmsSender.OFF),
        sms_name=read.text("SMS_NAME"),
        sms_ru_api_id=read.text("SMS_RU_API_ID"),
        smsc_login=read.text("SMSC_LOGIN"),
        smsc_password=read.text("SMSC_PASSWORD"),
        sms_daily_limit=read.number("SMS_DAILY_LIMIT", 500, 0, 1_000_000),
        yookassa_api_url=read.parsed(
            "YOOKASSA_API_URL",
            f"http://127.0.0.1:{port}/sandbox/bank/v3" if demo else YOOKASSA_API_URL,
            _api_address,
            f"нужен адрес API, обычно {YOOKASSA_API_URL}.",
        ),
        log_level=read.parsed("LOG_LEVEL", "INFO", _log_level, "нужно DEBUG, INFO, WARNING или ERROR."),
    )
    problems = read.problems + _contradictions(settings)
    if problems:
        raise SettingsError(problems)
    return settings


def _contradictions(settings: Settings) -> list[str]:
    problems = []
    if settings.mail_sender is MailSender.SMTP and not settings.smtp_host:
        problems.append("LKK_SMTP_HOST: укажите почтовый сервер, раз LKK_MAIL_SENDER=smtp.")
    if settings.sms_sender is SmsSender.SMS_RU and not settings.sms_ru_api_id:
        problems.append("LKK_SMS_RU_API_ID: укажите ключ sms.ru, раз LKK_SMS_SENDER=sms_ru.")
    if settings.sms_sender is SmsSender.SMSC and not (settings.smsc_login and settings.smsc_password):
        problems.append("LKK_SMSC_LOGIN и LKK_SMSC_PASSWORD: укажите их, раз LKK_SMS_SENDER=smsc.")
    if len(settings.secret_key) < _MIN_SECRET_CHARACTERS:
        problems.append(f"LKK_SECRET_KEY: нужен секрет не короче {_MIN_SECRET_CHARACTERS} знаков.")
    if settings.is_demo:
        return problems
    if not settings.is_https:
        problems.append("LKK_PUBLIC_URL: рабочий портал открывается только по https://.")
    if settings.company_name == _NAMELESS:
        problems.append("LKK_COMPANY_NAME: укажите название компании, оно стоит в согласии на обработку данных.")
    if settings.mail_sender is MailSender.FILE:
        problems.append("LKK_MAIL_SENDER: в рабочем режиме письма в файлы не отправляются, укажите smtp.")
    if settings.sms_sender is SmsSender.FILE:
        problems.append("LKK_SMS_SENDER: в рабочем режиме укажите sms_ru, smsc или off.")
    api = urlsplit(settings.yookassa_api_url)
    if api.scheme != "https" or api.hostname in _LOCAL_HOSTS:
        problems.append("LKK_YOOKASSA_API_URL: в рабочем режиме демонстрационный банк запрещён, нужен https-адрес.")
    return problems


def demo_secret(data_dir: Path) -> str:
    """Return the secret of a demo, made at its first start and kept readable by the owner only."""
    make_data_dir(data_dir)
    file = data_dir / "secret.key"
    try:
        if not file.exists():
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
                stream.write(secrets.token_urlsafe(48))
        return file.read_text().strip()
    except OSError as error:
        raise SettingsError([f"LKK_DATA_DIR: в каталоге {data_dir} нельзя читать и писать файлы."]) from error


def make_data_dir(data_dir: Path) -> None:
    """Make the directory of data unless it is there: for its owner only, because names and bills lie in it.

    Raises:
        SettingsError: when there can be no such directory.
    """
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError([f"LKK_DATA_DIR: каталог {data_dir} нельзя создать: нет прав или мешает файл."]) from error


@cache
def get_settings() -> Settings:
    """Return the settings of this process: the environment over the file `.env` of the working directory."""
    values = {name: value or "" for name, value in dotenv_values(".env").items()}
    return load_settings(values | dict(os.environ))


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError(text)
    return f"{parts.scheme}://{parts.netloc}"


def _api_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(text)
    return text.rstrip("/")


def _database_address(text: str) -> str:
    if not text.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError(text)
    return text


def _redis_address(text: str) -> str:
    if text and not (text.startswith(("redis://", "rediss://")) and urlsplit(text).hostname):
        raise ValueError(text)
    return text


def _log_level(text: str) -> str:
    if text.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError(text)
    return text.upper()


def _color(text: str) -> str:
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", text) or _contrast_to_white(text) < 4.5:
        raise ValueError(text)
    return text.upper()


def _contrast_to_white(color: str) -> float:
    """Return the contrast ratio of a colour to white (WCAG 2.2, relative luminance)."""
    channels = (int(color[index : index + 2], 16) / 255 for index in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
