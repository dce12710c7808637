"""P7: signing in, against the bare hash; and what a crowd that signs in does to everybody else."""

import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
from argon2 import PasswordHasher

from lkk_reflex.kit.passwords import SLOTS
from tests.bench.bench import Bench
from tests.bench.measuring import percentile, seconds_of
from tests.bench.population import PASSWORD, Person
from tests.bench.report import Row, judged
from tests.bench.servers import Running
from tests.bench.visitors import Visitor, answer_to, handler
from tests.support.raw_socket import values

_SIGN_IN = handler("lkk_reflex.identity.state", "sign_in_state", "submit")
_LOAD = handler("lkk_reflex.cabinet.home_state", "home_state", "load")
_SIGN_INS = 16
_PAIRS = 3
_CROWD = 8
_EVENTS = 200
_EVENTS_EACH_SECOND = 12
_SPEED_GATE, _CROWD_GATE = 0.8, 3.0
_FIRST_OF_CROWD = 200
#: One of a crowd may wait long for the turn to be hashed.
_TURN_SECONDS = 60.0


def measure(bench: Bench) -> Iterator[Row]:
    """Measure both."""
    hasher = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=1)
    stored = hasher.hash(PASSWORD)
    pairs = [
        (
            _rate(lambda number: sign_in(bench.portal, Person(number)), 2 * SLOTS),
            _rate(lambda _: hasher.verify(stored, PASSWORD), SLOTS),
        )
        for _ in range(_PAIRS)
    ]
    ours, floor = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
    yield Row(
        "P7",
        f"sign-ins: page, password, ticket, cookie (floor: bare argon2id, {SLOTS} at once)",
        f"{ours:.1f}/s",
        f"{floor:.1f}/s",
        ours / floor,
        f">= {_SPEED_GATE}",
        judged(ours / floor >= _SPEED_GATE),
    )
    quiet = _others_wait(bench.portal)
    with _crowd(bench.portal):
        crowded = _others_wait(bench.portal)
    yield Row(
        "P7b",
        f"p99 of other people's events while {_CROWD} sign in without a pause (floor: quiet)",
        f"{crowded * 1000:.0f} ms",
        f"{quiet * 1000:.0f} ms",
        crowded / quiet,
        f"<= {_CROWD_GATE}",
        judged(crowded / quiet <= _CROWD_GATE),
    )


def sign_in(portal: Running, person: Person) -> str:
    """Sign in as a page does, in a browser known from before; return the new session's cookies."""
    with Visitor(portal.address, cookie=person.device_cookie, path="/sign-in") as visitor:
        fields = {"login": person.login, "password": PASSWORD}
        updates = [answer_to(visitor, _SIGN_IN, {"data": fields})]
        while not (tickets := [ticket for ticket in values(updates, "ticket") if ticket]):
            updates.append(visitor.next_update(within=_TURN_SECONDS))
            if any(values(updates, "errors")):
                raise RuntimeError(json.dumps(updates, ensure_ascii=False))
    headers = {"Origin": portal.address, "Cookie": person.device_cookie}
    answer = httpx.post(f"{portal.address}/auth/redeem", data={"ticket": tickets[0]}, headers=headers, trust_env=False)
    if answer.status_code != httpx.codes.SEE_OTHER or "lkk=" not in answer.headers.get("set-cookie", ""):
        raise RuntimeError(f"the ticket was not taken: {answer.status_code} {answer.headers}")
    return answer.headers["set-cookie"]


def _rate(work: Callable[[int], object], at_once: int) -> float:
    with ThreadPoolExecutor(at_once) as pool:
        return _SIGN_INS / seconds_of(lambda: list(pool.map(work, range(1, _SIGN_INS + 1))))


def _others_wait(portal: Running) -> float:
    """Return the p99 of a reading event, sent at the pace of a lively person."""
    taken, person = [], Person(_FIRST_OF_CROWD - 1)
    with Visitor(portal.address, cookie=person.cookie, path="/cabinet") as visitor:
        for _ in range(_EVENTS):
            began = time.perf_counter()
            answer_to(visitor, _LOAD, {})
            taken.append(time.perf_counter() - began)
            time.sleep(1 / _EVENTS_EACH_SECOND)
    return percentile(taken, 0.99)


@contextmanager
def _crowd(portal: Running) -> Iterator[None]:
    ending = threading.Event()

    def keep_signing_in(number: int) -> None:
        while not ending.is_set():
            sign_in(portal, Person(_FIRST_OF_CROWD + number))

    with ThreadPoolExecutor(_CROWD) as pool:
        crowd = [pool.submit(keep_signing_in, number) for number in range(_CROWD)]
        try:
            yield
        finally:
            ending.set()
        for one in crowd:
            one.result()
