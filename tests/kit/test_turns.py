"""Turns: who asks for much waits for oneself."""

import asyncio

from lkk_reflex.kit.turns import Turns


async def test_of_two_who_wait_for_one_thing_who_asks_for_much_delays_the_other_by_one() -> None:
    turns, one_thing, done = Turns(), asyncio.Semaphore(1), list[str]()

    async def ask(name: str) -> None:
        async with turns.of(name[0]), one_thing:
            # Everybody gets a chance to stand in the line meanwhile.
            await asyncio.sleep(0)
            done.append(name)

    await asyncio.gather(*(ask(name) for name in ("a1", "a2", "a3", "a4", "b1")))
    assert done == ["a1", "b1", "a2", "a3", "a4"]


async def test_a_turn_that_ends_badly_or_is_given_up_lets_the_next_one_come() -> None:
    turns, hold = Turns(), asyncio.Event()

    async def ask(*, fails: bool = False) -> str:
        async with turns.of("a"):
            await hold.wait()
            if fails:
                raise ZeroDivisionError
            return "done"

    first, second, third = (asyncio.create_task(ask(fails=fails)) for fails in (True, False, False))
    await asyncio.sleep(0)
    second.cancel()
    hold.set()
    answers = await asyncio.gather(first, second, third, return_exceptions=True)
    assert [type(answer) for answer in answers] == [ZeroDivisionError, asyncio.CancelledError, str]


async def test_nothing_is_remembered_of_who_asks_for_nothing_any_more() -> None:
    turns = Turns()
    for key in ("a", "b"):
        async with turns.of(key):
            pass
    assert not vars(turns)["_locks"]
    assert not vars(turns)["_askers"]
