"""People who have had a cabinet for a while: put into a living portal's database by its own use cases."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine

from lkk_reflex.accounts import linking, pins, providers
from lkk_reflex.identity.repository import stored_id
from lkk_reflex.identity.viewer import Role, Viewer
from lkk_reflex.kit import clock, crypto, db
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.crypto import Keyring
from lkk_reflex.kit.db import unit_of_work
from lkk_reflex.meters import signed_links
from lkk_reflex.support import staff
from lkk_reflex.support.opening import open_ticket
from tests.factories.identity import PASSWORD, make_subscriber, open_session
from tests.factories.meters import make_history, make_meter
from tests.factories.support import support_form
from tests.support.live_portal import LivePortal
from tests.support.town_bills import TownAccount


@dataclass(frozen=True)
class Resident:
    """A signed-in subscriber: the tokens of the cookies, and the accounts by their names in addresses."""

    subscriber_id: int
    session_token: str
    device_token: str
    link_ids: tuple[str, ...]
    password: str = PASSWORD


@contextmanager
def _engine_of(portal: LivePortal) -> Iterator[Engine]:
    """Speak to the portal's database with its secret; what this process was bound to before comes back."""
    former = crypto._Binding.keyring
    crypto.bind(Keyring(((portal.data_dir / "secret.key").read_text().strip(),)))
    engine = db.make_engine(portal.database_url)
    try:
        yield engine
    finally:
        engine.dispose()
        crypto._Binding.keyring = former


def settle(portal: LivePortal, login: str, accounts: Sequence[TownAccount] = ()) -> Resident:
    """Give somebody a cabinet with these accounts, and sign him in."""
    with _engine_of(portal) as engine, unit_of_work(engine) as session:
        subscriber = make_subscriber(session, login=login)
        opened = open_session(session, subscriber)
        # An address of its own, because limits count by addresses.
        address = f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.7"
        viewer = Viewer(role=Role.SUBSCRIBER, subscriber_id=stored_id(subscriber.id), address=address)
        known = {choice.name: choice.id for choice in providers.provider_choices(session, viewer)}
        links = [
            linking.connect(session, viewer, provider_id=known[account.provider], typed=account.number)
            for account in accounts
        ]
        return Resident(
            stored_id(subscriber.id),
            opened.session_token,
            opened.device_token,
            tuple(connection.public_id for connection in links),
        )


def print_pin(portal: LivePortal, account: TownAccount) -> str:
    """Go to the office of the provider and come back with a PIN."""
    with _engine_of(portal) as engine, unit_of_work(engine) as session:
        known = {provider.name: provider.id or 0 for provider in providers.providers_of_staff(session, Viewer.system())}
        found = pins.issue_pin(session, Viewer.system(), provider_id=known[account.provider], number=account.number)
        return found.pin


def put_meter(portal: LivePortal, account: TownAccount) -> str:
    """Put a meter of cold water with a year of readings, the last one 196, into a flat; return its public id."""
    with _engine_of(portal) as engine, unit_of_work(engine) as session:
        known = {provider.name: provider.id or 0 for provider in providers.providers_of_staff(session, Viewer.system())}
        found = pins.staff_account(session, Viewer.system(), provider_id=known[account.provider], number=account.number)
        meter = make_meter(session, found, public_id=secrets.token_hex(8), serial=f"77-{secrets.randbelow(10**6):06d}")
        today = clock.today("Europe/Moscow")
        make_history(session, meter, 100, *[8] * 12, until=(today.replace(day=1) - timedelta(days=1)).replace(day=20))
        return meter.public_id


def link_of_letter(portal: LivePortal, link_id: str) -> str:
    """Return the path of the form that the letter about the next readings of a connection leads to."""
    with _engine_of(portal):
        period = BillingPeriod.of(clock.today("Europe/Moscow")).shifted(1)
        return f"{signed_links.PATH}/{signed_links.signed_token(link_id, period)}"


def write_ticket(portal: LivePortal, resident: Resident, text: str) -> str:
    """Ask the portal's support something, and return the name of the ticket in addresses."""
    with _engine_of(portal) as engine, unit_of_work(engine) as session:
        viewer = Viewer(role=Role.SUBSCRIBER, subscriber_id=resident.subscriber_id)
        return open_ticket(session, viewer, form=support_form(text=text))


def answer_ticket(portal: LivePortal, public_id: str, text: str) -> None:
    """Answer a ticket as its company does; it is named as in addresses."""
    ((number,),) = portal.rows("SELECT number FROM ticket WHERE public_id = ?", public_id)
    with _engine_of(portal) as engine, unit_of_work(engine) as session:
        staff.answer(session, Viewer.system(), number=str(number), text=text)
