"""A crasher as the text of an issue, in Markdown. Pure functions."""

import platform

from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.text import Visible, joined, label, piece, repeated, say

_TICK = label("`")


def issue_text(crasher: Crasher, target: Visible) -> Visible:
    """What whoever mends a bug needs: what fails and how, the input, and the command that shows it."""
    failure = crasher.failure
    where = say(" at {}", _code(failure.location)) if failure.location else label("")
    known = crasher.confirmation
    blocks = [
        say("# {}", failure.title),
        say("{} makes {} fail with {}{}.", _article(crasher), _code(target), _code(failure.sentence), where),
        say("Input ({}):\n\n{}", crasher.size, _block("python", crasher.values)),
    ]
    if failure.traceback:
        blocks.append(say("Traceback:\n\n{}", _block("pytb", failure.traceback)))
    if crasher.command:
        blocks.append(say("To see it again:\n\n{}", _block("sh", crasher.command)))
    if known is not None:
        blocks.append(say("Run again by itself: {}.", known.sentence))
    blocks.append(say("Python {}, {}. Crasher {}.", platform.python_version(), platform.system(), _code(crasher.id)))
    return say("{}\n", joined("\n\n", blocks))


def _article(crasher: Crasher) -> Visible:
    return label("An input" if crasher.seed_name is None else "A stored input")


def _code(text: Visible) -> Visible:
    """Inline code: set off by more ticks than it has in a row."""
    ticks = repeated(_TICK, _longest_run(text) + 1)
    return say("{0} {1} {0}" if "`" in text else "{0}{1}{0}", ticks, text)


def _block(language: str, text: Visible) -> Visible:
    """A fenced block: its fence is longer than any in it."""
    fence = repeated(_TICK, max(3, _longest_run(text) + 1))
    body = piece(text, 0, len(text.rstrip("\n")))
    return say("{0}{1}\n{2}\n{0}", fence, language, body)


def _longest_run(text: str) -> int:
    longest = run = 0
    for character in text:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    return longest
