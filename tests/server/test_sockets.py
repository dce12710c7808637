"""What a socket may do without a browser: the gate, the owner of a state tree, the limit, the log."""

import time
from typing import Any

import pytest

from tests.server.conftest import Portal
from tests.support.raw_socket import HYDRATE, RawSocket, Refused, redirects, values

DESK = "reflex___state____state.__main______desk"
PAGE_LOAD = "reflex___state____state.reflex___state____on_load_internal_state.on_load_internal"
FRAMEWORK_ERRORS = "reflex___state____state.reflex___state____frontend_event_exception_state.handle_frontend_exception"
ANNA, BORIS, OLGA = ("lkk=anna", "lkk=boris", "lkk=olga")


def test_public_handler_answers_anybody(portal: Portal) -> None:
    with RawSocket(portal.address) as visitor:
        assert values(visitor.ask(f"{DESK}.write", {"text": "привет"}), "note") == ["привет"]


def test_handler_for_subscribers_sends_a_visitor_to_sign_in(portal: Portal) -> None:
    with RawSocket(portal.address) as visitor:
        updates = visitor.ask(f"{DESK}.whoami")
        assert redirects(updates) == ["/sign-in"]
        assert values(updates, "note") == []


def test_page_that_was_wanted_is_remembered_on_the_way_to_sign_in(portal: Portal) -> None:
    with RawSocket(portal.address, path="/account/5") as visitor:
        assert redirects(visitor.ask(f"{DESK}.whoami")) == ["/sign-in?next=/account/5"]


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "https://evil.example", "/a?b=//c"])
def test_way_back_never_leads_to_another_site(portal: Portal, path: str) -> None:
    with RawSocket(portal.address, path=path) as visitor:
        (target,) = redirects(visitor.ask(f"{DESK}.whoami"))
        assert "evil" not in target or target == "/sign-in"
        assert target.startswith("/sign-in")


def test_handler_for_subscribers_knows_the_subscriber_and_his_address(portal: Portal) -> None:
    with RawSocket(portal.address, cookie=ANNA) as anna:
        assert values(anna.ask(f"{DESK}.whoami"), "note") == ["subscriber 1 127.0.0.1"]


def test_background_handler_knows_the_subscriber(portal: Portal) -> None:
    with RawSocket(portal.address, cookie=ANNA) as anna:
        anna.send(f"{DESK}.later")
        while not (told := values([anna.next_update()], "note")):
            pass
        assert told == ["later subscriber"]


def test_subscriber_is_sent_home_from_an_operators_handler(portal: Portal) -> None:
    with RawSocket(portal.address, cookie=ANNA) as anna:
        assert redirects(anna.ask(f"{DESK}.operate")) == ["/cabinet"]


def test_operator_is_sent_home_from_a_subscribers_handler(portal: Portal) -> None:
    with RawSocket(portal.address, cookie=OLGA) as olga:
        assert redirects(olga.ask(f"{DESK}.whoami")) == ["/operators"]
        assert values(olga.ask(f"{DESK}.operate"), "note") == ["operated"]


@pytest.mark.parametrize("cookie", ["", ANNA, OLGA])
@pytest.mark.parametrize(
    ("handler", "payload"),
    [
        ("unmarked", {}),
        ("helper", {}),
        ("set_note", {"value": "taken"}),
        ("setvar", {"var_name": "note", "value": "taken"}),
        ("_hidden", {}),
    ],
)
def test_what_is_not_marked_answers_nobody(portal: Portal, cookie: str, handler: str, payload: dict[str, str]) -> None:
    with RawSocket(portal.address, cookie=cookie) as somebody:
        assert values(somebody.ask(f"{DESK}.{handler}", payload), "note") == []


def test_framework_handler_that_pages_do_not_need_is_refused(portal: Portal) -> None:
    with RawSocket(portal.address) as visitor:
        visitor.ask(FRAMEWORK_ERRORS, {"info": "forged-report", "component_stack": "forged-report"})
    assert "forged-report" not in portal.log.read_text()


def test_spoofed_identity_in_an_event_changes_nothing(portal: Portal) -> None:
    spoofed = {"pathname": "/", "headers": {"cookie": ANNA}, "ip": "10.0.0.1", "token": "other"}
    with RawSocket(portal.address) as visitor:
        assert redirects(visitor.ask(f"{DESK}.whoami", router_data=spoofed)) == ["/sign-in"]


def test_token_of_another_person_shows_an_empty_tree(portal: Portal) -> None:
    with RawSocket(portal.address, cookie=ANNA) as anna:
        anna.ask(f"{DESK}.write", {"text": "only for Anna"})
    portal.until_nobody_is_there()
    with RawSocket(portal.address, cookie=BORIS, token=anna.token) as thief:
        assert values(thief.opening, "note") == [""]


def test_token_of_another_person_without_opening_a_page_answers_nothing(portal: Portal) -> None:
    with RawSocket(portal.address, cookie=ANNA) as anna:
        anna.ask(f"{DESK}.write", {"text": "only for Anna"})
    portal.until_nobody_is_there()
    with RawSocket(portal.address, token=anna.token, is_hydrating=False) as thief:
        thief.send(f"{DESK}.write", {"text": "taken"})
        answer = [thief.next_update()]
        assert redirects(answer) == ["/sign-in"]
        assert not values(answer, "note")
    portal.until_nobody_is_there()
    with RawSocket(portal.address, cookie=ANNA, token=anna.token) as anna_again:
        assert values(anna_again.opening, "note") == ["only for Anna"]


def test_own_tree_survives_a_new_connection(portal: Portal) -> None:
    with RawSocket(portal.address, cookie=ANNA) as anna:
        anna.ask(f"{DESK}.write", {"text": "a draft"})
    portal.until_nobody_is_there()
    with RawSocket(portal.address, cookie=ANNA, token=anna.token) as again:
        assert values(again.opening, "note") == ["a draft"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_page_of_another_site_gets_no_socket(portal: Portal, origin: str) -> None:
    with pytest.raises(Refused), RawSocket(portal.address, origin=origin):
        pass


@pytest.mark.parametrize(
    "payload", [{}, {"txt": "x"}, {"text": "x", "more": 1}, {"self": 1, "text": "x"}, {"state": 1}]
)
def test_arguments_that_a_handler_does_not_take_reach_neither_it_nor_the_log(
    portal: Portal, payload: dict[str, object]
) -> None:
    before = portal.log.read_text()
    with RawSocket(portal.address) as visitor:
        visitor.send(f"{DESK}.write", payload)
        assert values(visitor.ask(f"{DESK}.write", {"text": "still here"}), "note") == ["still here"]
    assert "fault" not in portal.log.read_text().removeprefix(before)


def test_flood_is_cut_off_and_others_are_not(portal: Portal) -> None:
    with RawSocket(portal.address) as other, RawSocket(portal.address) as flooder:
        for number in range(200):
            flooder.send(f"{DESK}.add", {"number": number})
        assert flooder.is_cut_off()
        assert values(other.ask(f"{DESK}.write", {"text": "still here"}), "note") == ["still here"]


def test_flood_of_unknown_events_is_cut_off_too(portal: Portal) -> None:
    with RawSocket(portal.address) as flooder:
        for _ in range(200):
            flooder.send("nothing.at.all")
        assert flooder.is_cut_off()


def test_oversized_event_ends_the_connection(portal: Portal) -> None:
    with RawSocket(portal.address) as visitor:
        visitor.send(f"{DESK}.write", {"text": "x" * 200_000})
        assert visitor.is_cut_off()


def _caused(visitor: RawSocket, name: str, payload: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """Return the answer to an event and to what it has caused: a fault is shown by an event of its own."""
    return visitor.ask(name, payload) + visitor.settle()


def test_broken_handler_shows_a_reference_that_stands_in_the_log(portal: Portal) -> None:
    with RawSocket(portal.address) as visitor:
        (reference,) = values(_caused(visitor, f"{DESK}.fail", {"secret": "typed-secret"}), "reference")
    assert f"fault {reference}" in portal.log.read_text()
    assert "typed-secret" not in portal.log.read_text()


def test_button_of_a_broken_handler_can_be_pressed_again(portal: Portal) -> None:
    with RawSocket(portal.address) as visitor:
        answer = _caused(visitor, f"{DESK}.fail_at_work")
        assert values(answer, "is_busy") == [True, False]
        assert len(values(answer, "reference")) == 1


def test_fault_is_told_until_the_person_goes_to_another_page(portal: Portal) -> None:
    with RawSocket(portal.address) as visitor:
        (first,) = values(_caused(visitor, f"{DESK}.fail", {"secret": ""}), "reference")
        assert values(visitor.ask(f"{DESK}.write", {"text": "the same page"}), "reference") == []
        visitor.path = "/account/5"
        assert values(visitor.ask(PAGE_LOAD), "reference") == [""]
        (second,) = values(_caused(visitor, f"{DESK}.fail", {"secret": ""}), "reference")
        assert second not in ("", first)


def test_fault_is_not_told_again_by_a_page_that_opens_anew(portal: Portal) -> None:
    with RawSocket(portal.address) as visitor:
        (reference,) = values(_caused(visitor, f"{DESK}.fail", {"secret": ""}), "reference")
    with RawSocket(portal.address, token=visitor.token, path="/account/5") as again:
        assert reference not in str(again.opening)


def test_log_holds_nothing_that_people_typed_nor_their_keys(portal: Portal) -> None:
    with RawSocket(portal.address, cookie="lkk=cookie-secret") as visitor:
        visitor.send("reflex___state____state.old_page.sign_in", {"password": "typed-secret"})
        visitor.send(f"{DESK}.add", {"number": {"typed-secret": 1}})
        visitor.send(f"{DESK}.write", ["typed-secret"])
        visitor.send(f"{DESK}.write", {"unexpected": "typed-secret"})
        for data in ("typed-secret", ["typed-secret"], {"name": ["typed-secret"]}, None, 7):
            visitor.send_packet("event", data)
        visitor.send(f"{DESK}.later")
    with RawSocket(portal.address, token="", is_hydrating=False) as nobody:
        nobody.send(HYDRATE, {"vars": {"typed-secret": 1}})
        time.sleep(0.2)
    log = portal.log.read_text()
    assert "typed-secret" not in log
    assert "cookie-secret" not in log
    assert visitor.token not in log
