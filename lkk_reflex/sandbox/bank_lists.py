"""The list calls of the API: filters, newest first, pages by cursor."""

from collections.abc import Mapping
from datetime import timedelta

from lkk_reflex.sandbox.bank_clock import read_stamp, stamp
from lkk_reflex.sandbox.bank_core import Core
from lkk_reflex.sandbox.bank_errors import invalid
from lkk_reflex.sandbox.bank_payments import seen
from lkk_reflex.sandbox.bank_storage import Books, Filters, Json, Kind

_COMPARISONS = {"gte": ">=", "gt": ">", "lte": "<=", "lt": "<"}
#: Name of the query parameter to the column, by kind. There is no filter by metadata, as in life.
_EQUAL: dict[Kind, dict[str, str]] = {
    "payment": {"status": "status", "payment_method": "method"},
    "refund": {"status": "status", "payment_id": "payment_id"},
    "receipt": {"status": "status", "payment_id": "payment_id", "refund_id": "refund_id"},
}
_TIMES: dict[Kind, tuple[str, ...]] = {
    "payment": ("created_at", "captured_at"),
    "refund": ("created_at",),
    "receipt": ("created_at",),
}
_MEMORY = timedelta(days=3 * 365)


def page_of(core: Core, books: Books, kind: Kind, shop_id: str, query: Mapping[str, str]) -> Json:
    """Return one page of a list as the API does.

    Raises:
        ApiRefusal: for a limit outside 1 to 100, an unknown cursor or an unreadable moment.
    """
    limit = _limit(query.get("limit", "10"))
    equal = {column: query[name] for name, column in _EQUAL[kind].items() if name in query}
    oldest = ("created_at", ">=", stamp(core.clock.now() - _MEMORY))
    times = (oldest, *_times(kind, query))
    filters = Filters(equal, times, _position(books, kind, shop_id, query.get("cursor")))
    found = books.newest(kind, shop_id, filters, limit + 1)
    answer: Json = {"type": "list", "items": [seen(item) for item in found[:limit]]}
    return answer | ({"next_cursor": found[limit - 1].id} if len(found) > limit else {})


def _limit(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 100:
        raise invalid("limit", "Limit must be between 1 and 100")
    return int(text)


def _times(kind: Kind, query: Mapping[str, str]) -> list[tuple[str, str, str]]:
    conditions = []
    for column in _TIMES[kind]:
        for suffix, comparison in _COMPARISONS.items():
            name = f"{column}.{suffix}"
            if name in query:
                conditions.append((column, comparison, _moment(name, query[name])))
    return conditions


def _moment(name: str, text: str) -> str:
    try:
        return stamp(read_stamp(text))
    except ValueError:
        raise invalid(name, "Incorrect date and time") from None


def _position(books: Books, kind: Kind, shop_id: str, cursor: str | None) -> int | None:
    if cursor is None:
        return None
    last_shown = books.find(kind, cursor, shop_id)
    if last_shown is None:
        raise invalid("cursor", "Unknown cursor")
    return last_shown.seq
