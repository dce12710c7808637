"""Links in letters by which the readings of one account and one period are sent without signing in.

A link is signed with the secret of the installation (HMAC-SHA256, cut to 128 bits), so nothing is stored for it. It
names a connection and ends with that connection; it opens nothing but the form of readings, at basic access.
"""

import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlmodel import Session

from lkk_reflex.kit import clock
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.crypto import keyring
from lkk_reflex.kit.tokens import same_hash
from lkk_reflex.meters import repository, signed_links_repository
from lkk_reflex.meters.access import MeterAccount
from lkk_reflex.meters.errors import SignedLinkOver
from lkk_reflex.meters.models import MeterPolicy
from lkk_reflex.meters.rules import window_of
from lkk_reflex.settings import get_settings

PATH: Final = "/quick/readings"
#: Who opens the letter a little late finds the form; what becomes of the reading is the provider's rule.
GRACE: Final = timedelta(days=3)
_PURPOSE: Final = "readings link"
_SIGNATURE_BYTES: Final = 16
#: The period, the signature, the name of the connection.
_TOKEN: Final = re.compile(r"([0-9]{6})([A-Za-z0-9_-]{22})([A-Za-z0-9_-]{1,36})")


@dataclass(frozen=True, slots=True)
class SignedAccount:
    """What a signed link opens: an account without a cabinet, for the readings of one period."""

    account: MeterAccount
    period: BillingPeriod
    #: The last day on which the link works.
    works_until: date


def signed_link(link_id: str, period: BillingPeriod) -> str:
    """Return the absolute address of the form for a connection (`AccountLink.public_id`) and a period."""
    return f"{get_settings().public_url}{PATH}/{signed_token(link_id, period)}"


def signed_token(link_id: str, period: BillingPeriod) -> str:
    """Return the last part of that address: letters, digits, `-` and `_`, at most 64."""
    return f"{period.key}{_signature(link_id, period, keyring().secrets[0])}{link_id}"


def open_signed(session: Session, *, token: str) -> SignedAccount:
    """Return what a token opens.

    Raises:
        SignedLinkOver: for a token that is not ours, whose connection has ended or whose time is over, alike.
    """
    match = _TOKEN.fullmatch(token)
    if match is None or not _is_ours(token, match[3], match[1]):
        raise SignedLinkOver
    found = signed_links_repository.account_of_link(session, match[3])
    if found is None:
        raise SignedLinkOver
    account, provider = found
    signed = MeterAccount(
        link_id="",
        account_id=account.id or 0,
        provider_id=account.provider_id,
        provider_name=provider.name,
        time_zone=provider.time_zone,
        is_extended=False,
        subscriber_id=None,
    )
    period = BillingPeriod.from_key(int(match[1]))
    works_until = _last_day(session, signed, period)
    if clock.today(provider.time_zone) > works_until:
        raise SignedLinkOver
    return SignedAccount(signed, period, works_until)


def _is_ours(token: str, link_id: str, period_key: str) -> bool:
    try:
        period = BillingPeriod.from_key(int(period_key))
    except ValueError:
        return False
    signatures = (_signature(link_id, period, secret) for secret in keyring().secrets)
    return any(same_hash(token[6:28], signature) for signature in signatures)


def _last_day(session: Session, account: MeterAccount, period: BillingPeriod) -> date:
    """Return the last day of grace after the latest window of the account's meters."""
    own = repository.policies(session, account.provider_id)
    windows = []
    for meter in repository.meters(session, account.account_id, active=True):
        policy = own.get(meter.resource) or MeterPolicy(provider_id=account.provider_id, resource=meter.resource)
        windows.append(window_of(period, policy.window_from, policy.window_to, period.first_day).closes_on)
    return max(windows, default=date.min) + (GRACE if windows else timedelta())


def _signature(link_id: str, period: BillingPeriod, secret: str) -> str:
    whole = bytes.fromhex(keyring().keyed_hash(_PURPOSE, str(period.key), link_id, secret=secret))
    return urlsafe_b64encode(whole[:_SIGNATURE_BYTES]).decode().rstrip("=")
