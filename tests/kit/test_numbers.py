"""Numbers on screens: in one piece, and found again when somebody copies them."""

from lkk_reflex.kit.numbers import numbered, plain_number


def test_no_line_ends_within_a_number() -> None:
    assert numbered("1000 1234") == "№\N{NO-BREAK SPACE}1000\N{NO-BREAK SPACE}1234"
    assert numbered("19-7197") == "№\N{NO-BREAK SPACE}19\N{NON-BREAKING HYPHEN}7197"


def test_number_copied_from_a_screen_is_the_stored_one() -> None:
    for number in ("482-1120", "1000 1234"):
        assert plain_number(number) == number
        assert plain_number(numbered(number)) == number
