"""What of a small input makes it fail, in colours; what the failure looks like from inside. Pure functions."""

import ast
from collections.abc import Iterator, Sequence
from typing import Final

from fuzztui.engine.show.needed import Needed, Part
from fuzztui.engine.show.scene import Scene
from fuzztui.engine.show.text import Visible, label, visible
from fuzztui.target.syntax import ALONE
from fuzztui.widgets.tone import Line, Span, Tone, span

NEEDED: Final[Tone] = "bad"
FREE: Final[Tone] = "muted"

WIDTH: Final = 16
"""Bytes of a line of the hex view."""


def arguments_of(values: Visible) -> tuple[object, ...] | None:
    """The arguments, from how Python writes them; None where they are cut, or are no literals."""
    try:
        with ALONE:
            arguments = ast.literal_eval(f"({values},)")
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return arguments if isinstance(arguments, tuple) else None


def coloured_values(arguments: Sequence[object], needed: Needed) -> Line:
    """The arguments as Python writes them: what is needed stands out, what can be anything is dimmed."""
    line: list[Span] = []
    for position, value in enumerate(arguments):
        parts = [part for part in needed.parts if part.argument == position]
        line += [(label(", "), "muted")] if position else []
        if isinstance(value, bytes | str) and all(part.unit != "value" for part in parts):
            line += _coloured_text(value, parts)
        else:
            tone = FREE if parts and all(part.is_free for part in parts) else NEEDED
            line.append(span(tone, "{}", repr(value)))
    return tuple(line)


def _coloured_text(value: bytes | str, parts: Sequence[Part]) -> Iterator[Span]:
    yield span("muted", "{}", "b'" if isinstance(value, bytes) else "'")
    for part in parts:
        yield span(FREE if part.is_free else NEEDED, "{}", _inside(value[part.start : part.end]))
    yield span("muted", "'")


def _inside(value: bytes | str) -> Visible:
    """What stands between the quotes of a literal that has single ones."""
    # Python chooses double quotes only for what has single ones and no double ones.
    text = repr(b"'\"" + value)[5:-1] if isinstance(value, bytes) else repr("'\"" + value)[4:-1]
    return visible(text, len(text) * 10)


def coloured_bytes(value: bytes | str, needed: Needed, width: int = WIDTH) -> list[Line]:
    """The hex view of an only argument, `width` bytes a line, its free bytes dimmed."""
    data, is_free = _bytes_of(value, needed)
    lines: list[Line] = []
    for offset in range(0, len(data), width):
        row = range(offset, min(offset + width, len(data)))
        cells = [span(FREE if is_free[i] else NEEDED, "{:02x} ", data[i]) for i in row]
        gap = span("plain", "{}", " " * (3 * (width - len(row)) + 1))
        shown = [span(FREE if is_free[i] else NEEDED, "{}", _character(data[i])) for i in row]
        edge = span("muted", "|")
        lines.append((span("muted", "{:08x}  ", offset), *cells, gap, edge, *shown, edge))
    return lines


def _character(byte: int) -> str:
    return chr(byte) if 0x20 <= byte < 0x7F else "."


def _bytes_of(value: bytes | str, needed: Needed) -> tuple[bytes, list[bool]]:
    """The bytes of a value, a text's in UTF-8, and for each whether it can be anything."""
    data = bytearray()
    free: list[bool] = []
    for part in needed.parts:
        piece = value[part.start : part.end]
        coded = piece if isinstance(piece, bytes) else piece.encode("utf-8", "surrogatepass")
        data += coded
        free += [part.is_free] * len(coded)
    return bytes(data), free


def scene_lines(scene: Scene) -> list[Line]:
    """One function: where it stood, the source around that, its variables."""
    lines: list[Line] = [((scene.function, "strong"), span("muted", "  {}", scene.location))]
    for number, source in enumerate(scene.source, scene.first):
        failing = number == scene.line
        lines.append((span("accent" if failing else "muted", "{:>5}{} ", number, ">" if failing else " "),
                      (source, "plain" if failing else "muted")))  # fmt: skip
    for variable in scene.variables:
        lines.append((span("accent", "    {}", variable.name), span("muted", " = "), (variable.value, "plain")))
    return lines
