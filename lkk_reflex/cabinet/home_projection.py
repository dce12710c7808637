"""What the first page of the cabinet shows beside the sums."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from lkk_reflex.accounts.projection import AccountCard
from lkk_reflex.kit.numbers import numbered
from lkk_reflex.meters.glance import MeteredAccount
from lkk_reflex.meters.readings_projection import VerificationTone, verification_words
from lkk_reflex.meters.sent_projection import standing_words
from lkk_reflex.outages.projection import OutageView
from lkk_reflex.payments.balance import OpenPayment


@dataclass(frozen=True, slots=True)
class HomeAccount:
    """One account with what can be done for it."""

    card: AccountCard = field(default_factory=AccountCard)
    #: Where its readings are given; empty when it has no meters.
    readings_href: str = ""
    #: Whether its readings are in: `Передайте показания до 25 ноября`.
    readings: str = ""
    #: A payment that may still succeed, and where it is followed.
    unfinished: str = ""
    unfinished_href: str = ""
    #: What is off for it soon, now, or was until yesterday.
    outages: list[OutageView] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class VerificationBanner:
    """A meter whose verification ends soon or has ended."""

    title: str
    text: str
    tone: VerificationTone


def home_account(
    card: AccountCard,
    unfinished: OpenPayment | None,
    metered: MeteredAccount | None,
    outages: Iterable[OutageView],
) -> HomeAccount:
    """Put together what is said of an account."""
    return HomeAccount(
        card=card,
        readings_href=f"/readings/{card.public_id}" if metered else "",
        readings=standing_words(metered.standing, metered.today) if metered else "",
        unfinished=f"Платёж на {unfinished.amount} ещё не завершён" if unfinished else "",
        unfinished_href=f"/pay/return/{unfinished.payment_id}" if unfinished else "",
        outages=list(outages),
    )


def verification_banners(accounts: Iterable[MeteredAccount]) -> list[VerificationBanner]:
    """Warn of every meter whose verification ends soon or has ended, with the account it belongs to."""
    banners = []
    for account in accounts:
        for meter in account.meters:
            text, tone = verification_words(meter.verification)
            if tone:
                title = f"Поверка: {meter.title.lower()}, {numbered(meter.serial)}"
                whose = f"{account.title} · {numbered(account.number_shown)}"
                banners.append(VerificationBanner(title, f"{whose}. {text}", tone))
    return banners
