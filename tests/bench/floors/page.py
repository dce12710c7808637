"""The same data as a page made on the server: Starlette, one template, two questions to SQLite."""

import os
import sqlite3

from jinja2 import Environment
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

_PAGE = """<!doctype html>
<html lang="ru"><head><meta charset="utf-8"><title>Начисления</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{font:16px/1.5 sans-serif;margin:1rem}td{padding:.25rem .75rem;text-align:right}</style></head>
<body><main><h1>{{ account[0] }}</h1><p>{{ account[1] }}</p><table>
{% for period, charged, paid, closing in bills %}<tr><td>{{ period }}</td>
<td>{{ rub(charged) }}</td><td>{{ rub(paid) }}</td><td>{{ rub(closing) }}</td></tr>
{% endfor %}</table></main></body></html>"""
_template = Environment(autoescape=True).from_string(_PAGE)
_database = sqlite3.connect(os.environ["BENCH_DATABASE"], check_same_thread=False)


def _rub(kopecks: int) -> str:
    return f"{kopecks // 100:,}".replace(",", "\N{NO-BREAK SPACE}") + f",{kopecks % 100:02}\N{NO-BREAK SPACE}₽"


async def bills(request: Request) -> Response:
    """Show one account with its bills."""
    number = request.path_params["account"]
    account = _database.execute("SELECT number_shown, address FROM personal_account WHERE id = ?", [number]).fetchone()
    rows = _database.execute(
        "SELECT period, charged_kopecks, paid_kopecks, closing_kopecks FROM bill WHERE account_id = ? "
        "ORDER BY period DESC",
        [number],
    ).fetchall()
    return HTMLResponse(_template.render(account=account, bills=rows, rub=_rub))


async def ping(_request: Request) -> Response:
    """Say that the server is there."""
    return Response()


app = Starlette(routes=[Route("/ping", ping), Route("/account/{account:int}", bills)])
