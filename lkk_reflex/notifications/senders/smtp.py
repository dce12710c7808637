"""E-mail through any SMTP server."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from lkk_reflex.kit import clock
from lkk_reflex.notifications.rendering import Brand, html
from lkk_reflex.notifications.sender import Delivery, Outgoing
from lkk_reflex.settings import Settings, SmtpSecurity

_TIMEOUT_SECONDS: Final = 20
_PERMANENT: Final = range(500, 600)


class SmtpSender:
    """Hands each message over in a connection of its own."""

    def __init__(self, settings: Settings) -> None:
        """Send through the server of the settings."""
        self._settings = settings
        self._brand = Brand.of(
            settings.company_name,
            settings.accent_color,
            settings.support_phone,
            settings.support_email,
            settings.support_hours,
        )

    def send(self, message: Outgoing) -> Delivery:
        """Send text and HTML; a refusal of the recipient is final, everything else is tried again."""
        try:
            with self._connected() as server:
                server.send_message(self._letter(message))
        except smtplib.SMTPRecipientsRefused as refusal:
            codes = [code for code, _ in refusal.recipients.values()]
            return Delivery(ok=False, error=f"smtp_{codes[0]}", retryable=not all(code in _PERMANENT for code in codes))
        except smtplib.SMTPAuthenticationError as refusal:
            # The settings are wrong, not the message: it waits until they are put right.
            return Delivery(ok=False, error=f"smtp_auth_{refusal.smtp_code}")
        except smtplib.SMTPResponseException as refusal:
            return Delivery(ok=False, error=f"smtp_{refusal.smtp_code}", retryable=refusal.smtp_code not in _PERMANENT)
        except (OSError, smtplib.SMTPException) as fault:
            return Delivery(ok=False, error=f"smtp_{type(fault).__name__}")
        return Delivery(ok=True, provider_id=message.message_id)

    def _letter(self, message: Outgoing) -> EmailMessage:
        brand = self._brand
        letter = EmailMessage()
        letter["Subject"] = message.subject
        letter["From"] = Address(display_name=brand.company, addr_spec=self._settings.mail_from)
        letter["To"] = Address(addr_spec=message.to)
        letter["Date"] = format_datetime(clock.now())
        letter["Message-ID"] = message.message_id
        # Answering machines must not answer (RFC 3834).
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(f"{message.body}\n\n{brand.company}\n{brand.support}\n")
        letter.add_alternative(html(message.body, brand), subtype="html")
        return letter

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        settings = self._settings
        context = ssl.create_default_context()
        server: smtplib.SMTP
        if settings.smtp_security is SmtpSecurity.TLS:
            server = smtplib.SMTP_SSL(settings.smtp_host, settings.smtp_port, timeout=_TIMEOUT_SECONDS, context=context)
        else:
            server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=_TIMEOUT_SECONDS)
        with server:
            if settings.smtp_security is SmtpSecurity.STARTTLS:
                server.starttls(context=context)
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password)
            yield server
