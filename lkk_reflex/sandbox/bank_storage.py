"""The bank's own memory: one SQLite file (or memory), spoken to by short exclusive transactions."""

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from lkk_reflex.sandbox.bank_config import Shop

Kind = Literal["payment", "refund", "receipt"]
Json = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS shop (
    shop_id TEXT PRIMARY KEY, secret_hash TEXT NOT NULL, name TEXT NOT NULL, notify_url TEXT,
    utilities INTEGER NOT NULL, events TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS item (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, shop_id TEXT NOT NULL,
    status TEXT NOT NULL, created_at TEXT NOT NULL, captured_at TEXT, method TEXT, payment_id TEXT,
    refund_id TEXT, due_at TEXT, object TEXT NOT NULL, private TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS item_of_shop ON item (kind, shop_id, seq);
CREATE INDEX IF NOT EXISTS item_due ON item (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS idempotency (
    shop_id TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, item_id TEXT NOT NULL,
    answer TEXT NOT NULL, created_at TEXT NOT NULL, PRIMARY KEY (shop_id, key));
CREATE TABLE IF NOT EXISTS notification (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, shop_id TEXT NOT NULL, event TEXT NOT NULL, item_id TEXT NOT NULL,
    body TEXT NOT NULL, event_at TEXT NOT NULL, due_at TEXT NOT NULL, state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS notification_due ON notification (state, due_at);
CREATE TABLE IF NOT EXISTS attempt (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, notification_seq INTEGER NOT NULL, at TEXT NOT NULL,
    http_status INTEGER, error TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_TABLES = ("item", "idempotency", "notification", "attempt", "setting")


@dataclass(slots=True)
class Item:
    """A payment, refund or receipt: the object merchants see, and what only the bank knows (`private`).

    `due_at` is the moment at which time alone changes the item (expiry, settlement), `None` when it cannot.
    """

    kind: Kind
    id: str
    shop_id: str
    object: Json
    private: Json = field(default_factory=dict)
    due_at: str | None = None
    seq: int = 0

    @property
    def status(self) -> str:
        """Return the status merchants see."""
        return str(self.object["status"])


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions of a list call; the names of columns and comparisons come from the API layer only."""

    equal: dict[str, str] = field(default_factory=dict)
    times: tuple[tuple[str, str, str], ...] = ()
    before_seq: int | None = None


@dataclass(frozen=True, slots=True)
class Remembered:
    """What an idempotency key stands for."""

    fingerprint: str
    item_id: str
    answer: Json


@dataclass(frozen=True, slots=True)
class Notification:
    """One message on its way to a shop, or one that has arrived, was dropped or has run out of time."""

    seq: int
    shop_id: str
    event: str
    item_id: str
    body: str
    event_at: str
    due_at: str
    state: str
    attempts: int


def secret_hash(secret: str) -> str:
    """Return what is kept of a shop's secret key."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Storage:
    """One connection behind one lock: the bank is an imitation, its correctness matters, not its speed."""

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(
            ":memory:" if path is None else path, isolation_level=None, check_same_thread=False, timeout=30.0
        )
        self._connection.row_factory = sqlite3.Row
        self._lock = threading.RLock()
        if path is not None:
            self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.executescript(_SCHEMA)

    @contextmanager
    def books(self) -> Iterator["Books"]:
        """Open the books for writing: everything done inside is kept together or not at all."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Books(self._connection)
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()


class Books:
    """All SQL of the bank, bound to one open transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection.execute

    def save_shop(self, shop: Shop) -> None:
        """Add a shop or replace its settings."""
        self._sql(
            "INSERT OR REPLACE INTO shop VALUES (?, ?, ?, ?, ?, ?)",
            (
                shop.shop_id,
                secret_hash(shop.secret),
                shop.name,
                shop.notify_url,
                shop.utilities,
                json.dumps(sorted(shop.events)),
            ),
        )

    def shop(self, shop_id: str) -> sqlite3.Row | None:
        """Return a shop's row or nothing."""
        row: sqlite3.Row | None = self._sql("SELECT * FROM shop WHERE shop_id = ?", (shop_id,)).fetchone()
        return row

    def save(self, item: Item) -> None:
        """Write an item, new or changed; the searchable columns are copies out of its object."""
        seen = item.object
        columns = {
            "id": item.id,
            "kind": item.kind,
            "shop_id": item.shop_id,
            "status": item.status,
            "created_at": item.private["created_at"],
            "captured_at": seen.get("captured_at"),
            "method": (seen.get("payment_method") or {}).get("type"),
            "payment_id": seen.get("payment_id"),
            "refund_id": seen.get("refund_id"),
            "due_at": item.due_at,
            "object": json.dumps(item.object),
            "private": json.dumps(item.private),
        }
        if item.seq:
            changes = ", ".join(f"{name} = ?" for name in columns)
            self._sql(f"UPDATE item SET {changes} WHERE seq = ?", (*columns.values(), item.seq))  # noqa: S608 - own names.
            return
        marks = ", ".join("?" * len(columns))
        statement = f"INSERT INTO item ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - own names.
        item.seq = int(self._sql(statement, tuple(columns.values())).lastrowid or 0)

    def find(self, kind: Kind, item_id: str, shop_id: str | None = None) -> Item | None:
        """Return one item, of one shop when a shop is named."""
        row = self._sql(
            "SELECT * FROM item WHERE kind = ? AND id = ? AND (? IS NULL OR shop_id = ?)",
            (kind, item_id, shop_id, shop_id),
        ).fetchone()
        return _item(row) if row else None

    def newest(self, kind: Kind, shop_id: str | None, filters: Filters, limit: int) -> list[Item]:
        """Return items that meet the filters, newest first."""
        conditions, values = ["kind = ?"], [kind, *([shop_id] if shop_id else [])]
        if shop_id:
            conditions.append("shop_id = ?")
        for column, value in filters.equal.items():
            conditions.append(f"{column} = ?")
            values.append(value)
        for column, comparison, value in filters.times:
            conditions.append(f"{column} {comparison} ?")
            values.append(value)
        if filters.before_seq is not None:
            conditions.append(f"seq < {int(filters.before_seq)}")
        statement = f"SELECT * FROM item WHERE {' AND '.join(conditions)} ORDER BY seq DESC LIMIT {int(limit)}"  # noqa: S608 - own names.
        return [_item(row) for row in self._sql(statement, tuple(values))]

    def due(self, now: str) -> list[Item]:
        """Return the items that time has changed by now, the longest overdue first."""
        return [_item(row) for row in self._sql("SELECT * FROM item WHERE due_at <= ? ORDER BY due_at, seq", (now,))]

    def recall(self, shop_id: str, key: str) -> Remembered | None:
        """Return what an idempotency key stands for."""
        row = self._sql("SELECT * FROM idempotency WHERE shop_id = ? AND key = ?", (shop_id, key)).fetchone()
        return Remembered(row["fingerprint"], row["item_id"], json.loads(row["answer"])) if row else None

    def remember(self, shop_id: str, key: str, what: Remembered, now: str) -> None:
        """Tie an idempotency key to its answer."""
        self._sql(
            "INSERT INTO idempotency VALUES (?, ?, ?, ?, ?, ?)",
            (shop_id, key, what.fingerprint, what.item_id, json.dumps(what.answer), now),
        )

    def forget_keys(self, before: str) -> None:
        """Drop the keys that were first used before a moment."""
        self._sql("DELETE FROM idempotency WHERE created_at <= ?", (before,))

    def post(self, note: Notification) -> None:
        """Put a notification into the queue; `seq` of the argument is ignored."""
        self._sql(
            "INSERT INTO notification (shop_id, event, item_id, body, event_at, due_at, state, attempts)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
            (note.shop_id, note.event, note.item_id, note.body, note.event_at, note.due_at, note.state),
        )

    def notifications(self, state: str | None = None, due_by: str | None = None) -> list[Notification]:
        """Return notifications, oldest due first, optionally of one state or due by a moment."""
        rows = self._sql(
            "SELECT * FROM notification WHERE (:state IS NULL OR state = :state)"
            " AND (:due IS NULL OR due_at <= :due) ORDER BY due_at, seq",
            {"state": state, "due": due_by},
        )
        return [Notification(**dict(row)) for row in rows]

    def release_notifications(self, now: str) -> int:
        """Let every held notification go at once and return how many there were."""
        return self._sql("UPDATE notification SET state = 'waiting', due_at = ? WHERE state = 'held'", (now,)).rowcount

    def note_attempt(self, note: Notification, at: str, http_status: int | None, error: str) -> None:
        """Record one attempt to deliver."""
        self._sql(
            "INSERT INTO attempt (notification_seq, at, http_status, error) VALUES (?, ?, ?, ?)",
            (note.seq, at, http_status, error),
        )
        self._sql("UPDATE notification SET attempts = attempts + 1 WHERE seq = ?", (note.seq,))

    def move_notification(self, seq: int, state: str, due_at: str) -> None:
        """Give a notification its next state and moment."""
        self._sql("UPDATE notification SET state = ?, due_at = ? WHERE seq = ?", (state, due_at, seq))

    def attempts(self) -> list[Json]:
        """Return every recorded attempt to deliver."""
        return [dict(row) for row in self._sql("SELECT * FROM attempt ORDER BY seq")]

    def setting(self, name: str) -> Json:
        """Return a group of settings that outlives a restart; empty when never set."""
        row = self._sql("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        setting: Json = json.loads(row["value"]) if row else {}
        return setting

    def set_setting(self, name: str, value: Json) -> None:
        """Keep a group of settings."""
        self._sql("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, json.dumps(value)))

    def wipe(self) -> None:
        """Forget everything but the shops."""
        for table in _TABLES:
            self._sql(f"DELETE FROM {table}")  # noqa: S608 - own names.


def _item(row: sqlite3.Row) -> Item:
    return Item(
        kind=row["kind"],
        id=row["id"],
        shop_id=row["shop_id"],
        object=json.loads(row["object"]),
        private=json.loads(row["private"]),
        due_at=row["due_at"],
        seq=row["seq"],
    )
