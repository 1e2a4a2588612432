"""Colours that can be read on what they are drawn on, whatever a theme says: pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from textual.color import BLACK, WHITE, Color

READABLE: Final = 4.5
"""The least contrast of text with its background, by WCAG 2.2 (criterion 1.4.3, level AA)."""

_STEPS: Final = 40
"""Shades that are tried between a colour and black or white."""

_GROUNDS: Final = ("background", "surface", "panel")
"""What most text is drawn on."""

_TEXTS: Final = (
    "foreground",
    "foreground-muted",
    "text",
    "text-muted",
    "text-primary",
    "text-secondary",
    "text-success",
    "text-warning",
    "text-error",
    "text-accent",
)

_PAIRS: Final = (
    ("footer-foreground", "footer-background"),
    ("footer-key-foreground", "footer-background"),
    ("footer-description-foreground", "footer-background"),
    ("block-cursor-foreground", "block-cursor-background"),
)
"""Text that has a background of its own."""


def readable(variables: Mapping[str, str]) -> dict[str, str]:
    """A theme's variables with each colour of text moved towards black or white as far as it takes to be read."""
    result = dict(variables)
    grounds = [Color.parse(variables[name]) for name in _GROUNDS]
    for name in _TEXTS:
        result[name] = _legible(variables[name], grounds)
    for name, ground in _PAIRS:
        result[name] = _legible(variables[name], [Color.parse(variables[ground])])
    return result


def legible(color: Color, grounds: Sequence[Color]) -> Color:
    """The colour itself if it can be read on all of these, or else the nearest shade of it that can; where none can,
    the one that is read best.
    """
    ends = sorted((BLACK, WHITE), key=lambda end: contrast(end, grounds))
    for i in range(_STEPS + 1):
        shade = color.blend(ends[-1], i / _STEPS, alpha=1.0)
        if contrast(shade, grounds) >= READABLE:
            return shade
    return ends[-1]


def contrast(color: Color, grounds: Iterable[Color]) -> float:
    """The least contrast of a colour with one of these, from 1 to 21."""
    return min(_ratio(_luminance(ground + color), _luminance(ground)) for ground in grounds)


def _ratio(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def _luminance(color: Color) -> float:
    """How bright a colour looks, from 0 to 1, as WCAG computes it."""
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in color.normalized]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _legible(value: str, grounds: Sequence[Color]) -> str:
    """The value of a variable: a colour, or `auto 60%`, black or white of that strength, whichever fits where it is."""
    if value.startswith("auto"):
        strength = float(value.removeprefix("auto").strip().rstrip("%") or 100)
        while (
            strength < 100
            and min(contrast(ground.get_contrast_text(strength / 100), [ground]) for ground in grounds) < READABLE
        ):
            strength += 1
        if min(contrast(ground.get_contrast_text(strength / 100), [ground]) for ground in grounds) >= READABLE:
            return f"auto {strength:g}%"
        return legible(grounds[0].get_contrast_text(strength / 100), grounds).hex
    color = Color.parse(value)
    if contrast(color, grounds) >= READABLE:
        return value
    return legible(grounds[0] + color, grounds).hex
