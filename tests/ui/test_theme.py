"""The palette can be read in both themes and with any accent that the settings accept."""

import pytest

from lkk_reflex.ui.theme import DARK, EDGE_CONTRAST, LIGHT, TEXT_CONTRAST, Palette, contrast, palettes, tokens_css

TEXT_PAIRS = [
    *((ink, ground) for ink in ("ink", "muted", "accent_text") for ground in ("background", "card", "accent_soft")),
    *((tone, ground) for tone in ("bad", "warn", "good") for ground in ("background", "card", f"{tone}_soft")),
    *(("ink", f"{tone}_soft") for tone in ("bad", "warn", "good")),
    ("accent_text", "warn_soft"),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("tip_ink", "tip"),
]
EDGE_PAIRS = [
    ("control", "card"),
    ("control", "background"),
    ("accent", "background"),
    ("accent", "card"),
    ("accent_text", "accent_soft"),
    ("bad", "card"),
    ("tip", "card"),
]
ACCENTS = ["#0B6E69", "#1F4FA3", "#7A1F2B", "#6B5900", "#000000", "#767676", "#C2185B", "#4B3FBF", "#D32F2F"]


@pytest.mark.parametrize("accent", ACCENTS)
@pytest.mark.parametrize("pair", TEXT_PAIRS, ids="-on-".join)
def test_text_is_readable_on_its_ground(accent: str, pair: tuple[str, str]) -> None:
    for palette in palettes(accent):
        assert _ratio(palette, pair) >= TEXT_CONTRAST


@pytest.mark.parametrize("accent", ACCENTS)
@pytest.mark.parametrize("pair", EDGE_PAIRS, ids="-on-".join)
def test_edges_and_focus_are_visible_on_their_ground(accent: str, pair: tuple[str, str]) -> None:
    for palette in palettes(accent):
        assert _ratio(palette, pair) >= EDGE_CONTRAST


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#FFFFFF", "#767676") == pytest.approx(4.54, abs=0.01)


def test_own_accent_reaches_both_themes() -> None:
    css = tokens_css("#1F4FA3")
    assert "--accent:#1F4FA3" in css
    assert LIGHT.accent not in css
    assert DARK.accent not in css


def test_designed_accent_keeps_the_designed_colours() -> None:
    assert palettes("#0b6e69") == (LIGHT, DARK)


def _ratio(palette: Palette, pair: tuple[str, str]) -> float:
    return contrast(getattr(palette, pair[0]), getattr(palette, pair[1]))
