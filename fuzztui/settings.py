"""What a person has chosen once for all projects: a small file in their own folder of configuration.

Whatever is wrong in it is told in a sentence with its line, and counts as not there: no run is kept from going on.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import Enum
from pathlib import Path
from typing import Any, Final

from fuzztui.engine.keep.storage import TooLongError, read_file, replace
from fuzztui.engine.show.text import NOTHING, Visible, joined, label, os_error, say, visible

LARGEST: Final = 1 << 20
"""Bytes of the file: a person's own is a thousandth of that."""


class Signal(Enum):
    """How a person is called who does not look at the screen. Values are the words of the file."""

    BELL = "bell"
    OSC9 = "osc9"
    """A notification as iTerm2, Windows Terminal, kitty, WezTerm and Ghostty take it."""
    OSC777 = "osc777"
    """A notification as urxvt, foot, Ghostty and terminals on VTE take it."""


@dataclass(frozen=True, slots=True)
class Key:
    """Keys for an action, as they are written in the file."""

    keys: str
    """One, or several with commas between them."""
    line: int
    """Of the file; 0 where that is not known."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the file says."""

    file: Path | None = None
    """Where it is, or would be; None where the environment names no such place."""
    theme: str = ""
    """Name of the colours; empty for the usual ones."""
    theme_line: int = 0
    notify: tuple[Signal, ...] = ()
    """How a new crasher calls."""
    keys: Mapping[str, Key] = field(default_factory=dict)
    """By the names of actions."""
    problems: tuple[Visible, ...] = ()
    """A sentence for everything that counts as not there."""

    def problem(self, line: int, what: Visible) -> Visible:
        """A sentence about a line of the file."""
        return say("{}{}: {}", shown(self.file), say(":{}", line) if line else NOTHING, what)


def settings_file(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Where a person's settings are, as the XDG specification has it; None without a home."""
    base = environ.get("XDG_CONFIG_HOME", "")
    if base.startswith("/"):  # what is relative is to be ignored, says the specification
        return Path(base) / "fuzztui" / "config.toml"
    home = environ.get("HOME", "")
    return Path(home) / ".config" / "fuzztui" / "config.toml" if home.startswith("/") else None


def shown(file: Path | None) -> Visible:
    """The path as people write it: `~/.config/fuzztui/config.toml`."""
    if file is None:
        return NOTHING
    home = os.environ.get("HOME", "")
    return say("~/{}", file.relative_to(home)) if home.strip("/") and file.is_relative_to(home) else say("{}", file)


def read_settings(file: Path | None) -> Settings:
    """What the file says; nothing where there is none."""
    nothing = Settings(file)
    if file is None:
        return nothing
    try:
        source = read_file(file, LARGEST)
    except (FileNotFoundError, NotADirectoryError):
        return nothing
    except TooLongError:
        return _unread(nothing, 0, say("is larger than {} MiB", LARGEST >> 20))
    except OSError as error:
        return _unread(nothing, 0, os_error(error, ""))
    try:
        text = source.decode()
        table = tomllib.loads(text)
    except UnicodeDecodeError as error:
        return _unread(nothing, source[: error.start].count(b"\n") + 1, label("is not UTF-8, as TOML has to be"))
    except tomllib.TOMLDecodeError as error:
        what, line = _located(str(error))
        return _unread(nothing, line or source.count(b"\n") + 1, say("is not TOML: {}", what))
    except RecursionError:
        return _unread(nothing, 0, label("is nested too deeply"))
    return _checked(file, table, _lines_of(text))


def remember_theme(settings: Settings, name: str) -> Visible:
    """Write the name of the colours into the file, and change nothing else in it; why that could not be done, or
    nothing.
    """
    if settings.file is None:
        return label("Not remembered: neither XDG_CONFIG_HOME nor HOME names a folder.")
    # Settings that are a link into a collection of such files stay one.
    file = Path(os.path.realpath(settings.file))
    try:
        before = read_file(file, LARGEST).decode() if file.exists() else ""
        after = with_theme(before, name)
        if after is None:
            return say("Not remembered: {} cannot be changed without changing more of it.", shown(settings.file))
        replace(file.parent, file.name, after.encode(), durable=False)
    except OSError as error:
        return say("Not remembered, {}.", os_error(error))
    except UnicodeDecodeError:
        return say("Not remembered: {} is not UTF-8.", shown(settings.file))
    return NOTHING


def with_theme(text: str, name: str) -> str | None:
    """The text of a file with this theme; None where that would say anything else that is different."""
    try:
        before = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    own = _lines_of(text).get("theme", 0)
    lines = text.splitlines(keepends=True)
    if own:
        lines[own - 1] = _THEME.sub(lambda match: f'{match[1]}"{name}"', lines[own - 1])
        after = "".join(lines)
    else:
        after = f'theme = "{name}"\n{text}'
    try:
        return after if tomllib.loads(after) == {**before, "theme": name} else None
    except tomllib.TOMLDecodeError:  # the theme was on several lines, or not where it seemed to be
        return None


# What the file says -----------------------------------------------------------------------------------------------


_KNOWN: Final = ("theme", "notify", "keys")

_SIGNALS: Final = {each.value: each for each in Signal}


def _unread(nothing: Settings, line: int, why: Visible) -> Settings:
    return Settings(nothing.file, problems=(say("{}; it is left out", nothing.problem(line, why)),))


def _checked(file: Path, table: dict[str, Any], lines: Mapping[str, int]) -> Settings:
    problems: list[Visible] = []
    here = Settings(file)

    def refuse(name: str, what: Visible) -> None:
        problems.append(here.problem(lines.get(name, lines.get(name.partition(".")[0], 0)), what))

    for name in table:
        if name not in _KNOWN:
            close = get_close_matches(name, _KNOWN, 1) or [", ".join(_KNOWN)]
            refuse(name, say("there is no setting '{}', want {}", name, close[0]))
    theme = table.get("theme", "")
    if not isinstance(theme, str):
        refuse("theme", say('theme is {}, want a name in quotes, like "textual-light"', theme))
        theme = ""
    notify: list[Signal] = []
    value = table.get("notify", [])
    for word in value if isinstance(value, list) else [value]:
        if isinstance(word, str) and word in _SIGNALS:
            notify.append(_SIGNALS[word])
        else:
            refuse("notify", say("notify is {}, want some of {}", _quoted(word), signals()))
    keys: dict[str, Key] = {}
    if not isinstance(chosen := table.get("keys", {}), dict):
        refuse("keys", say('keys is {}, want a table: [keys], then lines like worker.stop = "x"', _quoted(chosen)))
    else:
        for name, value in _flat(chosen):
            if isinstance(value, str) and value.strip():
                keys[name] = Key(value, lines.get(f"keys.{name}", lines.get("keys", 0)))
            else:
                refuse(f"keys.{name}", say('{} is {}, want keys in quotes, like "x"', name, _quoted(value)))
    return Settings(file, theme, lines.get("theme", 0), tuple(dict.fromkeys(notify)), keys, tuple(problems))


def signals() -> Visible:
    """The words of the file for how a person is called."""
    return joined(", ", map(visible, _SIGNALS))


def _quoted(value: object) -> Visible:
    return visible(repr(value), 60)


def _flat(table: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """The values of a table and of those in it: `worker.stop`, in quotes or not, is one name."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


# Lines ------------------------------------------------------------------------------------------------------------


_TABLE: Final = re.compile(r"\s*\[+\s*([^\[\]#]+?)\s*\]")
_VALUE: Final = re.compile(r"\s*([\w.\-\"' ]+?)\s*=")
_THEME: Final = re.compile(r"""^(\s*["']?theme["']?\s*=\s*)("[^"\\]*"|'[^']*'|[^\s#"']+)""")
_PLACE: Final = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def _lines_of(text: str) -> dict[str, int]:
    """The line of each table and value, by its whole name, as far as it is written in the usual way."""
    found: dict[str, int] = {}
    above = ""
    for number, line in enumerate(text.splitlines(), 1):
        if match := _TABLE.match(line):
            above = f"{_bare(match[1])}."
            found.setdefault(above[:-1], number)
        elif match := _VALUE.match(line):
            found.setdefault(above + _bare(match[1]), number)
    return found


def _bare(name: str) -> str:
    return re.sub(r"[\"']|\s+(?=\.)|(?<=\.)\s+", "", name)


def _located(message: str) -> tuple[str, int]:
    """What the parser says, without its place, and the line; 0 for the end."""
    match = _PLACE.search(message)
    return (message[: match.start()], int(match[1] or 0)) if match else (message, 0)
