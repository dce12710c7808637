"""Colours of the portal: the only place where they are written, and the arithmetic of their contrast."""

import colorsys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from urllib.parse import quote

#: WCAG 2.2: text on its ground (1.4.3), and borders and focus rings beside theirs (1.4.11).
TEXT_CONTRAST = 4.5
EDGE_CONTRAST = 3.0

DEFAULT_ACCENT = "#0B6E69"
#: On a dark ground the accent is lightened until it stands out as the designed one does.
_DARK_ACCENT_CONTRAST = 7.0
_STEP = 0.01


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of one theme; a field `on_accent` becomes the custom property `--on-accent`."""

    background: str
    card: str
    line: str
    ink: str
    muted: str
    control: str
    accent: str
    accent_hover: str
    accent_text: str
    accent_soft: str
    on_accent: str
    bad: str
    bad_soft: str
    warn: str
    warn_soft: str
    warn_line: str
    good: str
    good_soft: str
    tip: str
    tip_ink: str


LIGHT = Palette(
    background="#F6F5F1",
    card="#FFFFFF",
    line="#E3E1DA",
    ink="#1B2430",
    muted="#5B6673",
    control="#8C897F",
    accent="#0B6E69",
    accent_hover="#095A56",
    accent_text="#0B6E69",
    accent_soft="#E4F1EF",
    on_accent="#FFFFFF",
    bad="#B3261E",
    bad_soft="#FBE9E7",
    warn="#8A5A00",
    warn_soft="#FFF4DC",
    warn_line="#EBD9AE",
    good="#1E7A46",
    good_soft="#E5F4EB",
    tip="#1B2430",
    tip_ink="#FFFFFF",
)

DARK = Palette(
    background="#14181D",
    card="#1D232A",
    line="#303840",
    ink="#F1F3F5",
    muted="#A8B3BF",
    control="#7B8794",
    accent="#4FC3BA",
    accent_hover="#6FD3CB",
    accent_text="#4FC3BA",
    accent_soft="#17302F",
    on_accent="#0D2523",
    bad="#FF9C94",
    bad_soft="#3A2322",
    warn="#F0C36A",
    warn_soft="#332A18",
    warn_line="#574620",
    good="#76D49C",
    good_soft="#1A3126",
    tip="#F1F3F5",
    tip_ink="#1B2430",
)


def palettes(accent: str) -> tuple[Palette, Palette]:
    """Return the light and the dark palette for the accent of a company.

    The settings already refuse an accent that white text cannot be read on; everything else (the tint
    under a selection, links on paper, the twin for the dark theme) is derived from it here.
    """
    if accent.upper() == DEFAULT_ACCENT:
        return LIGHT, DARK
    soft = mix(accent, LIGHT.card, 0.11)
    light = replace(
        LIGHT,
        accent=accent,
        accent_hover=mix(accent, "#000000", 0.82),
        accent_soft=soft,
        accent_text=shifted(accent, (soft, LIGHT.background), TEXT_CONTRAST, lighter=False),
    )
    bright = shifted(accent, (DARK.card,), _DARK_ACCENT_CONTRAST, lighter=True)
    dark_soft = mix(bright, DARK.card, 0.12)
    dark = replace(
        DARK,
        accent=bright,
        accent_hover=mix(bright, "#FFFFFF", 0.82),
        accent_soft=dark_soft,
        accent_text=shifted(bright, (dark_soft,), TEXT_CONTRAST, lighter=True),
        on_accent=mix(accent, "#0B0E12", 0.16),
    )
    return light, dark


def tokens_css(accent: str) -> str:
    """Return the custom properties of both themes as a style sheet for the head of every page."""
    light, dark = palettes(accent)
    return (
        f":root{{color-scheme:light dark;{_properties(light)}}}"
        f"@media(prefers-color-scheme:dark){{:root{{{_properties(dark)}}}}}"
    )


def icon_address(accent: str) -> str:
    """Return the icon of the browser's tab, in the accent of the company, as an address that needs no request."""
    drop = "M16 6c4 4.6 7 8.2 7 12a7 7 0 0 1-14 0c0-3.8 3-7.4 7-12"
    return "data:image/svg+xml," + quote(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" '
        f'fill="{accent}"/><path d="{drop}" fill="#fff"/></svg>'
    )


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(color: str, ground: str, share: float) -> str:
    """Return `share` of a colour laid over a ground."""
    return _hex(
        top * share + bottom * (1 - share) for top, bottom in zip(_channels(color), _channels(ground), strict=True)
    )


def shifted(color: str, grounds: tuple[str, ...], ratio: float, *, lighter: bool) -> str:
    """Return a colour made lighter or darker in its own hue until it reaches a contrast to all grounds."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(color))
    end = 1.0 if lighter else 0.0
    while min(contrast(color, ground) for ground in grounds) < ratio and lightness != end:
        lightness = min(1.0, max(0.0, lightness + (_STEP if lighter else -_STEP)))
        color = _hex(colorsys.hls_to_rgb(hue, lightness, saturation))
    return color


def _properties(palette: Palette) -> str:
    return ";".join(f"--{name.replace('_', '-')}:{color}" for name, color in asdict(palette).items())


def _channels(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[index : index + 2], 16) / 255 for index in (1, 3, 5))
    return red, green, blue


def _hex(channels: Iterable[float]) -> str:
    return "#" + "".join(f"{round(channel * 255):02X}" for channel in channels)


def _luminance(color: str) -> float:
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in _channels(color)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
