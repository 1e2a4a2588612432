"""What reaches a person who does not look at the screen: the terminal's title, its bell, notifications. Pure functions.

All of these are sequences that the terminal obeys, so that what stands in them is visible text, and short.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import NOTHING, Visible, label, one_line, say
from fuzztui.settings import Signal
from fuzztui.widgets.wording import crasher_title, target_words
from fuzztui.words.sentences import plural

LONGEST: Final = 120
"""Characters of a title or a notification: more is cut by whatever shows it."""

KEEP_TITLE: Final = "\x1b[22;2t"
"""Puts the title as it is on the terminal's stack (XTWINOPS)."""

RESTORE_TITLE: Final = "\x1b[23;2t"
"""Takes it back; without any on the stack nothing happens."""


def title_words(snapshot: Snapshot) -> Visible:
    """What the terminal's title says of a run: only what changes rarely, since each change is sent."""
    name, _ = target_words(snapshot.target_id)
    state = label("paused") if snapshot.is_paused else label(snapshot.phase.value)
    found = say(", {}", plural(len(snapshot.crashers), "crasher")) if snapshot.crashers else NOTHING
    return say("{}: {}{} - fuzztui", name, state, found)


def title_sequence(words: Visible, environ: Mapping[str, str]) -> str:
    """Sets the title, where there is one: a console without windows would print it."""
    return "" if environ.get("TERM", "").startswith(("linux", "vt")) else f"\x1b]2;{_short(words)}\x07"


def new_buckets(before: Snapshot, now: Snapshot) -> list[Crasher]:
    """Crashers that nobody knew before: no seed, none of an earlier session, none that is ignored."""
    found = now.crashers[len(before.crashers) :]
    return [each for each in found if each.seed_name is None and not each.is_known and not each.is_ignored]


def call_words(crashers: list[Crasher], target_id: Visible) -> Visible:
    """What a notification says."""
    name, _ = target_words(target_id)
    if len(crashers) == 1:
        return say("{}: {}", name, crasher_title(crashers[0]))
    return say("{}: {}, the last one {}", name, plural(len(crashers), "new crasher"), crasher_title(crashers[-1]))


def call_sequence(words: Visible, ways: Iterable[Signal], environ: Mapping[str, str]) -> str:
    """Calls a person in these ways."""
    text = _short(words)
    sequences = {
        Signal.BELL: "\x07",
        # ConEmu and Windows Terminal take a number at the beginning for another command.
        Signal.OSC9: _passed(f"\x1b]9;fuzztui: {text}\x07", environ),
        # Some take a semicolon for the end of the text.
        Signal.OSC777: _passed(f"\x1b]777;notify;fuzztui;{text.replace(';', ',')}\x07", environ),
    }
    return "".join(sequences[way] for way in ways)


def _short(words: Visible) -> Visible:
    return one_line(words, LONGEST)


def _passed(sequence: str, environ: Mapping[str, str]) -> str:
    """The sequence for the terminal around tmux, which hands it on where its allow-passthrough is on."""
    if "TMUX" not in environ:
        return sequence
    return f"\x1bPtmux;{sequence.replace(chr(27), chr(27) * 2)}\x1b\\"
