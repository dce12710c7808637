"""The least a notification can cost: Starlette, one durable transaction of three statements, no questions asked."""

import json
import os
import sqlite3

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_SCHEMA = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
CREATE TABLE event (object_id TEXT PRIMARY KEY, raw TEXT NOT NULL);
CREATE TABLE balance (account INTEGER PRIMARY KEY, kopecks INTEGER NOT NULL);
CREATE TABLE outbox (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
INSERT INTO balance VALUES (1, 0);
"""
_database = sqlite3.connect(os.environ["BENCH_DATABASE"], isolation_level=None, check_same_thread=False)
_database.executescript(_SCHEMA)


async def receive(request: Request) -> Response:
    """Keep the event, credit the account, queue a message."""
    raw = (await request.body()).decode()
    object_id = json.loads(raw)["object"]["id"]
    _database.execute("BEGIN IMMEDIATE")
    _database.execute("INSERT INTO event VALUES (?, ?)", (object_id, raw))
    _database.execute("UPDATE balance SET kopecks = kopecks + 10000 WHERE account = 1")
    _database.execute("INSERT INTO outbox (text) VALUES (?)", (object_id,))
    _database.execute("COMMIT")
    return Response(status_code=200)


async def ping(_request: Request) -> Response:
    """Say that the server is there."""
    return Response()


app = Starlette(routes=[Route("/ping", ping), Route("/hooks", receive, methods=["POST"])])
