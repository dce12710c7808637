"""What `lkk doctor` looks at: everything that makes a portal fail or leak although it has started."""

import shutil
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from lkk_reflex import runtime
from lkk_reflex.accounts.providers import providers_of_staff
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit.db import reading
from lkk_reflex.payments.shops import list_shops
from lkk_reflex.settings import MailSender, PasswordProfile, Settings, SmsSender

_MIN_FREE_BYTES = 500 * 1024 * 1024
_SMTP_SECONDS = 5.0


class Level(Enum):
    """How bad a finding is: its mark and its colour."""

    GOOD = ("✓", "green")
    DOUBTFUL = ("!", "yellow")
    #: A risk that was chosen knowingly: red, but no failure.
    RISKY = ("!", "red")
    BAD = ("✗", "red")

    @property
    def mark(self) -> str:
        """Return the sign before the sentence."""
        return self.value[0]

    @property
    def color(self) -> str:
        """Return the colour of the line."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence of the report."""

    level: Level
    text: str


def examine(settings: Settings, engine: Engine) -> list[Finding]:
    """Look at everything; nothing is changed."""
    findings = [_mode(settings), _passwords(settings), *_messages(settings), _disk(settings.data_dir)]
    database = _database(engine)
    findings.append(database)
    if database.level is Level.GOOD:
        findings += _shops()
    return findings


def _mode(settings: Settings) -> Finding:
    if settings.is_demo:
        return Finding(Level.DOUBTFUL, "Демонстрация: банк, почта и СМС ненастоящие. Для работы: LKK_MODE=production.")
    return Finding(Level.GOOD, f"Рабочий режим, адрес {settings.public_url}.")


def _passwords(settings: Settings) -> Finding:
    if settings.password_profile is PasswordProfile.STANDARD:
        return Finding(Level.GOOD, "Пароли: от 8 до 128 любых знаков.")
    return Finding(
        Level.RISKY,
        "Правило 5–10 знаков слабее рекомендаций; включён режим с подтверждением входа. "
        "Надёжнее: LKK_PASSWORD_PROFILE=standard.",
    )


def _messages(settings: Settings) -> Iterator[Finding]:
    if settings.mail_sender is MailSender.SMTP:
        yield _smtp(settings)
    else:
        yield Finding(Level.DOUBTFUL, "Письма складываются в файлы и никому не уходят (LKK_MAIL_SENDER=file).")
    if settings.sms_sender is SmsSender.OFF:
        yield Finding(Level.DOUBTFUL, "СМС выключены: вход и регистрация только по электронной почте.")


def _smtp(settings: Settings) -> Finding:
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    kind = smtplib.SMTP_SSL if settings.smtp_security == "tls" else smtplib.SMTP
    try:
        with kind(settings.smtp_host, settings.smtp_port, timeout=_SMTP_SECONDS) as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        return Finding(Level.BAD, f"Почтовый сервер {where} не отвечает ({type(error).__name__}).")
    return Finding(Level.GOOD, f"Почтовый сервер {where} отвечает.")


def _disk(data_dir: Path) -> Finding:
    free = shutil.disk_usage(data_dir).free
    text = f"Свободно на диске {free // 1024 // 1024} МБ ({data_dir})."
    return Finding(Level.GOOD if free >= _MIN_FREE_BYTES else Level.BAD, text)


def _database(engine: Engine) -> Finding:
    try:
        is_upgraded = runtime.is_upgraded(engine)
    except SQLAlchemyError:
        return Finding(Level.BAD, "База данных не отвечает. Проверьте LKK_DATABASE_URL.")
    if not is_upgraded:
        return Finding(Level.BAD, "База данных не приведена к нынешней схеме. Выполните: lkk db upgrade")
    return Finding(Level.GOOD, f"База данных ({engine.dialect.name}) отвечает, схема нынешняя.")


def _shops() -> Iterator[Finding]:
    system = Viewer.system()
    with reading() as session:
        names = {provider.id: provider.name for provider in providers_of_staff(session, system)}
        shops = list_shops(session, system)
    if not names:
        yield Finding(Level.DOUBTFUL, "Поставщиков пока нет. Добавить: lkk provider add --help")
    for shop in shops:
        if shop.stopped_reason:
            yield Finding(Level.BAD, f"Магазин {shop.gateway_id} остановлен: {shop.stopped_reason}")
    paying = {shop.provider_id for shop in shops if shop.is_enabled}
    for provider_id, name in names.items():
        if provider_id not in paying:
            yield Finding(Level.DOUBTFUL, f"{name}: магазин ЮKassa не подключён, оплата недоступна.")
    if names and paying >= names.keys():
        yield Finding(Level.GOOD, f"Магазины подключены у всех поставщиков: {len(names)}.")
