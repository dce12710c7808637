"""The senders that the settings choose."""

from pathlib import Path

from lkk_reflex.notifications.models import Channel
from lkk_reflex.notifications.sender import Sender, Senders
from lkk_reflex.notifications.senders.file import FileSender
from lkk_reflex.notifications.senders.sms_ru import SmsRuSender
from lkk_reflex.notifications.senders.smsc import SmscSender
from lkk_reflex.notifications.senders.smtp import SmtpSender
from lkk_reflex.settings import MailSender, Settings, SmsSender


def senders_of(settings: Settings) -> Senders:
    """Return how this installation sends; the settings have already refused the demo's ways in production."""
    by_channel: dict[Channel, Sender] = {Channel.EMAIL: _mail_sender(settings)}
    sms = _sms_sender(settings)
    if sms is not None:
        by_channel[Channel.SMS] = sms
    return Senders(by_channel, settings.sms_daily_limit)


def demo_directory(settings: Settings) -> Path:
    """Return where the demo keeps what it has sent."""
    return settings.data_dir / "outbox"


def _mail_sender(settings: Settings) -> Sender:
    if settings.mail_sender is MailSender.SMTP:
        return SmtpSender(settings)
    return FileSender(demo_directory(settings), Channel.EMAIL)


def _sms_sender(settings: Settings) -> Sender | None:
    match settings.sms_sender:
        case SmsSender.SMS_RU:
            return SmsRuSender(settings.sms_ru_api_id, settings.sms_name)
        case SmsSender.SMSC:
            return SmscSender(settings.smsc_login, settings.smsc_password, settings.sms_name)
        case SmsSender.FILE:
            return FileSender(demo_directory(settings), Channel.SMS)
        case SmsSender.OFF:
            return None
