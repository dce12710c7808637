"""One load of a register, or of the same rows raw into the same tables; prints its seconds and its peak of memory.

Run as a program: `import_process ours|floor URL FILE`.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
from sqlalchemy import Engine, text

from lkk_reflex.accounts.register.importer import import_register
from lkk_reflex.accounts.register.opening import ImportOrder
from lkk_reflex.identity.viewer import Viewer
from lkk_reflex.kit import crypto, db
from lkk_reflex.runtime import upgrade_database
from tests.bench.measuring import seconds_of
from tests.bench.servers import SECRET

#: A table with its columns, and rows of it.
Tables = Sequence[tuple[tuple[str, tuple[str, ...]], list[tuple[object, ...]]]]

_MOMENT = "2026-11-01 09:00:00.000000"
_ACCOUNT = (
    "personal_account",
    ("id", "provider_id", "number", "number_shown", "unified_number", "owner_name", "address", "created_at"),
)
_AMOUNTS = ("opening", "charged", "recalculated", "conceded", "penalty", "paid", "closing")
_BILL = (
    "bill",
    (
        *("id", "account_id", "period"),
        *(f"{part}_kopecks" for part in _AMOUNTS),
        *("due_on", "counts_payments_until", "register_id"),
    ),
)
_PROVIDER = """
INSERT INTO service_provider (id, code, name, kind, inn, phone, email, address, time_zone, account_example,
    account_hint, drops_dashes, created_at)
VALUES (1, 'vodokanal', 'Водоканал', 'water', '', '', '', '', 'Europe/Moscow', '', '', true, '2026-01-01 00:00:00')
"""
_REGISTER = """
INSERT INTO register (id, provider_id, file_name, file_hash, preset, encoding, period_from, period_to, data_as_of,
    accepted_rows, rejected_rows, total_kopecks, loaded_at)
VALUES (1, 1, 'floor', 'floor', 'own', 'utf-8', 202610, 202610, '2026-01-01 00:00:00', 0, 0, 0, '2026-01-01 00:00:00')
"""


def main() -> None:
    side, url, file = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    engine = db.make_engine(url)
    load = _ours(engine, file) if side == "ours" else _floor(engine, file)
    print(json.dumps({"seconds": load, "peak_kib": _peak_kib()}))


def _peak_kib() -> int:
    """Return the peak of this program alone; `getrusage` would also know that of the process it was forked from."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def _prepare(engine: Engine) -> None:
    crypto.bind(crypto.Keyring((SECRET,)))
    db.bind(engine)
    upgrade_database(engine)
    with engine.begin() as connection:
        connection.execute(text(_PROVIDER))


def _ours(engine: Engine, file: Path) -> float:
    _prepare(engine)

    def load() -> None:
        with db.unit_of_work() as session:
            order = ImportOrder(file=file, provider_code="vodokanal", rejects_dir=file.parent)
            import_register(session, Viewer.system(), order=order)

    return seconds_of(load)


def _floor(engine: Engine, file: Path) -> float:
    _prepare(engine)
    with engine.begin() as connection:
        connection.execute(text(_REGISTER))
    with file.open("rb") as stream:
        amount = sum(1 for _ in stream) - 1
    rows = [(_ACCOUNT, list(_accounts(amount))), (_BILL, list(_bills(amount)))]
    write = _copy if engine.dialect.name == "postgresql" else _executemany
    return seconds_of(lambda: write(engine, rows))


def _accounts(amount: int) -> Iterator[tuple[object, ...]]:
    for number in range(1, amount + 1):
        shown, address = f"{number:08}", f"Заречный, Лесная улица, дом {number}"
        yield (number, 1, shown, shown, "", "Иванов Иван Иванович", address, _MOMENT)


def _bills(amount: int) -> Iterator[tuple[object, ...]]:
    for number in range(1, amount + 1):
        charged = 10_000 + number % 90_000
        yield (number, number, 202610, 0, charged, 0, 0, 0, 0, charged, "2026-11-10", _MOMENT, 1)


def _executemany(engine: Engine, tables: Tables) -> None:
    with engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
        for (table, columns), rows in tables:
            marks = ", ".join("?" * len(columns))
            connection.exec_driver_sql(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)


def _copy(engine: Engine, tables: Tables) -> None:
    with engine.begin() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        for (table, columns), rows in tables:
            with raw.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)


if __name__ == "__main__":
    main()
