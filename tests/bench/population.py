"""A town of invented people, put into the database by the database itself: nothing else makes millions of rows quickly.

The same statements serve SQLite and PostgreSQL. Account number `i` of provider 1 is `i` in eight digits; every account
has a bill for each of the last 24 months; the first accounts belong to subscribers who are signed in.
"""

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import Connection, text

from lkk_reflex.identity.cookies import cookie_names
from lkk_reflex.identity.rules import normalise_login
from lkk_reflex.kit import clock, crypto, db, passwords
from lkk_reflex.kit.billing_period import BillingPeriod
from lkk_reflex.kit.tokens import token_hash
from lkk_reflex.runtime import upgrade_database
from tests.bench.servers import CACHE, ROOT, SECRET
from tests.support.postgres import PostgresServer

MONTHS = 24
#: Also the number of sockets that are held open at once, at most.
SUBSCRIBERS = 400
PASSWORD = "Vodopad25"
_COUNTING = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {top}) "


@dataclass(frozen=True, slots=True)
class Town:
    """A filled database."""

    database_url: str
    accounts: int


@dataclass(frozen=True, slots=True)
class Person:
    """A subscriber of the town, numbered from 1."""

    number: int

    @property
    def login(self) -> str:
        return f"person{self.number}@example.ru"

    @property
    def session_token(self) -> str:
        return f"session-{self.number:032d}"

    @property
    def device_token(self) -> str:
        return f"device-{self.number:033d}"

    @property
    def link(self) -> str:
        """`AccountLink.public_id` of the only account."""
        return f"link-{self.number:020d}"

    @property
    def cookie(self) -> str:
        """The Cookie header of a browser that is signed in."""
        names = cookie_names(is_https=False)
        return f"{names.session}={self.session_token}; {self.device_cookie}"

    @property
    def device_cookie(self) -> str:
        """The Cookie header of a browser that was signed in before."""
        return f"{cookie_names(is_https=False).device}={self.device_token}"


def people(amount: int) -> Iterator[Person]:
    """Return the first subscribers."""
    return map(Person, range(1, amount + 1))


@contextmanager
def sqlite_town(folder: Path, accounts: int) -> Iterator[Town]:
    """Yield a copy of a filled SQLite file, kept for later runs with the same schema."""
    folder.mkdir(parents=True, exist_ok=True)
    # Sessions must not have expired, so a kept file is good for its day.
    kept = CACHE / f"town-{accounts}-{clock.now():%Y%m%d}-{_recipe()}.sqlite3"
    if not kept.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        for old in CACHE.glob(f"town-{accounts}-*"):
            old.unlink()
        partial = folder / "partial.sqlite3"
        fill(f"sqlite:///{partial}", accounts)
        with closing(sqlite3.connect(partial)) as file:
            # All of it in one file that can be copied.
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        partial.rename(kept)
    copy = folder / "town.sqlite3"
    shutil.copy(kept, copy)
    yield Town(f"sqlite:///{copy}", accounts)


@contextmanager
def postgres_town(server: PostgresServer, accounts: int) -> Iterator[Town]:
    """Yield a filled database of the server."""
    with server.temporary() as url:
        fill(url, accounts)
        yield Town(url, accounts)


def fill(url: str, accounts: int) -> None:
    """Migrate an empty database and put the town into it."""
    crypto.bind(crypto.Keyring((SECRET,)))
    engine = db.make_engine(url)
    upgrade_database(engine)
    with engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            # The rows fit together by construction; looking up every one would take longer than writing it.
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        _put_companies(connection)
        _put_accounts(connection, accounts)
        _put_people(connection)
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()


def _put_companies(connection: Connection) -> None:
    now = _stamp()
    connection.execute(
        text(
            "INSERT INTO service_provider (id, code, name, kind, inn, phone, email, address, time_zone, "
            "account_pattern, account_example, account_hint, drops_dashes, created_at) VALUES "
            "(1, 'vodokanal', 'Водоканал', 'water', '', '', '', '', 'Europe/Moscow', NULL, '', '', true, :now), "
            "(2, 'gorgaz', 'Горгаз', 'gas', '', '', '', '', 'Europe/Moscow', NULL, '', '', true, :now)"
        ),
        {"now": now},
    )
    connection.execute(
        text(
            "INSERT INTO register (id, provider_id, file_name, file_hash, preset, encoding, period_from, period_to, "
            "data_as_of, accepted_rows, rejected_rows, total_kopecks, loaded_at) "
            "VALUES (1, 1, 'town.csv', 'town', 'own', 'utf-8', 202401, 202612, :now, 1, 0, 0, :now)"
        ),
        {"now": now},
    )
    if connection.dialect.name == "postgresql":
        for table in ("service_provider", "register"):
            connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 10)"))


def _put_accounts(connection: Connection, accounts: int) -> None:
    number = "substr('0000000' || i, -8)" if connection.dialect.name == "sqlite" else "lpad(cast(i AS text), 8, '0')"
    counting = _COUNTING.format(top=accounts)
    connection.execute(
        text(
            "INSERT INTO personal_account (provider_id, number, number_shown, unified_number, owner_name, address, "
            f"created_at) {counting} SELECT 1, {number}, {number}, '', 'Иванов Иван Иванович', "
            f"'Заречный, Лесная улица, дом ' || i, {_moment(connection)} FROM n"
        ),
        {"now": _stamp()},
    )
    # Every month at once would keep all the rows in the memory of the database.
    for period in _periods():
        connection.execute(
            text(
                "INSERT INTO bill (account_id, period, opening_kopecks, charged_kopecks, recalculated_kopecks, "
                "conceded_kopecks, penalty_kopecks, paid_kopecks, closing_kopecks, due_on, counts_payments_until, "
                "register_id) SELECT id, :period, 0, 123456, 0, 0, 0, 0, 123456, "
                f"{_day(connection)}, {_moment(connection)}, 1 FROM personal_account ORDER BY id"
            ),
            {"period": period.key, "due_on": _due(period).isoformat(), "now": _stamp()},
        )


def _put_people(connection: Connection) -> None:
    now, later = _stamp(), _stamp(days=20)
    password_hash = passwords.hash_password(PASSWORD)
    connection.execute(
        text(
            "INSERT INTO subscriber (login, login_kind, password_hash, password_changed_at, created_at) "
            f"VALUES (:login, 'email', :hash, {_moment(connection)}, {_moment(connection)})"
        ),
        [
            {"login": normalise_login(person.login).value, "hash": password_hash, "now": now}
            for person in people(SUBSCRIBERS)
        ],
    )
    for person in people(SUBSCRIBERS):
        values = {
            "id": person.number,
            "session": token_hash(person.session_token),
            "device": token_hash(person.device_token),
            "link": person.link,
            "now": now,
            "later": later,
        }
        for statement in _OF_A_PERSON:
            named = {name: value for name, value in values.items() if f":{name}" in statement}
            moments = statement.replace(":now", _moment(connection)).replace(":later", _moment(connection, "later"))
            connection.execute(text(moments), named)


_OF_A_PERSON = (
    """INSERT INTO subscriber_session
        (token_hash, subscriber_id, created_at, last_seen_at, expires_at, device, address)
    VALUES (:session, :id, :now, :now, :later, 'Chrome', '127.0.0.1')""",
    """INSERT INTO known_device (subscriber_id, token_hash, created_at, last_used_at)
    VALUES (:id, :device, :now, :now)""",
    """INSERT INTO account_link (public_id, subscriber_id, account_id, level, own_name, created_at)
    VALUES (:link, :id, :id, 'extended', '', :now)""",
)


def _periods() -> list[BillingPeriod]:
    today = clock.now().date()
    months = [today.year * 12 + today.month - 1 - back for back in range(MONTHS, 0, -1)]
    return [BillingPeriod.of(date(month // 12, month % 12 + 1, 1)) for month in months]


def _due(period: BillingPeriod) -> date:
    return date(period.key // 100, period.key % 100, 1) + timedelta(days=40)


def _moment(connection: Connection, name: str = "now") -> str:
    return f":{name}" if connection.dialect.name == "sqlite" else f"cast(:{name} AS timestamptz)"


def _day(connection: Connection) -> str:
    return ":due_on" if connection.dialect.name == "sqlite" else "cast(:due_on AS date)"


def _stamp(days: int = 0) -> str:
    """Return a moment of UTC as both databases read it."""
    return f"{clock.now() + timedelta(days=days):%Y-%m-%d %H:%M:%S.%f}"


def _recipe() -> str:
    """Return what changes when the schema or this module does."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for migration in sorted((ROOT / "alembic" / "versions").glob("*.py")):
        digest.update(migration.read_bytes())
    return digest.hexdigest()[:12]
