"""What browsers keep of the states."""

from reflex.state import BaseState, State

from lkk_reflex.server.client_storage import remember_what_browsers_store


def test_answer_is_found_once_for_every_var() -> None:
    remember_what_browsers_store()
    asked = BaseState.__dict__["_is_client_storage"].__func__
    for _ in range(3):
        assert not State._is_client_storage("is_hydrated")
        for number in range(200):
            assert not State._is_client_storage(f"no_such_var_{number}")
    assert asked.cache_info().misses == 201
    assert asked.cache_info().hits == 402


def test_framework_still_asks_this_question_at_a_visit() -> None:
    remember_what_browsers_store()
    asked = BaseState.__dict__["_is_client_storage"].__func__
    State(_reflex_internal_init=True)._reset_client_storage()  # type: ignore[call-arg]  # Its type hides it.
    assert asked.cache_info().misses >= len(State.base_vars)
