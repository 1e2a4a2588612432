"""A stacked horizontal bar, to stand in a table's cell. Pure functions from shares to characters."""

from collections.abc import Sequence
from dataclasses import dataclass

from fuzztui.engine.show.text import Visible, repeated
from fuzztui.widgets.tone import Line, Tone, blank


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a bar."""

    weight: float
    glyph: Visible
    """The character of one cell that the part is made of: parts differ in it, and not in colour alone."""
    tone: Tone


@dataclass(frozen=True, slots=True)
class Bar:
    """Parts that share the width of a bar by their weights."""

    parts: tuple[Part, ...]

    def line(self, width: int) -> Line:
        """The bar in `width` cells; blank if there is nothing to share."""
        cells = apportion([part.weight for part in self.parts], width)
        if not sum(cells):
            return (blank(width),)
        return tuple((repeated(part.glyph, n), part.tone) for part, n in zip(self.parts, cells, strict=True) if n)


def apportion(weights: Sequence[float], seats: int) -> list[int]:
    """`seats` shared by weight, by the largest remainders (Hamilton's method): they add up, none is off by a whole one.

    All are zero where the weights are.
    """
    whole = sum(weights)
    if whole <= 0:
        return [0] * len(weights)
    quotas = [weight * seats / whole for weight in weights]
    result = [int(quota) for quota in quotas]
    by_remainder = sorted(range(len(weights)), key=lambda i: (result[i] - quotas[i], i))
    for i in by_remainder[: seats - sum(result)]:
        result[i] += 1
    return result
