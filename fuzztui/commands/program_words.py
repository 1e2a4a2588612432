"""What a command line says to a target that is a program for another fuzzer: all that stands behind `--`.

The parser of arguments takes what follows `--` for more words of the command. Of a program they are its own, so they
are taken off before, and handed to the command beside its arguments.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from fuzztui.engine.keep import places
from fuzztui.target.forms import Form

if TYPE_CHECKING:
    from fuzztui.target.discover import TargetInfo

SEPARATOR: Final = "--"


class ProgramWords(NamedTuple):
    """The words behind `--`, and the form of the program that they are for."""

    words: tuple[str, ...] = ()
    form: Form | None = None
    """None where none were said."""

    @property
    def are_flags(self) -> bool:
        """Whether the fuzzer that the program is written for reads flags of its own in them, as libFuzzer does."""
        return self.form is not Form.AFL


NO_WORDS: Final = ProgramWords()


def taken_off(words: Sequence[str]) -> tuple[list[str], ProgramWords]:
    """A command line without the words for the program that it names, and these; as it is if it names none."""
    if SEPARATOR not in words:
        return list(words), NO_WORDS
    at = words.index(SEPARATOR)
    form = next((info.form for info in _programs(words[:at])), None)
    if form is None:
        return list(words), NO_WORDS
    return list(words[:at]), ProgramWords(tuple(words[at + 1 :]), form)


def _programs(words: Sequence[str]) -> Iterator["TargetInfo"]:
    """The programs among the targets that these words name."""
    from fuzztui.target.discover import discover  # which most command lines have no need of here

    for word in words:
        file = Path(os.path.normpath(Path(places.current_directory()) / word.partition("::")[0]))
        if not word.startswith("-") and file.suffix == ".py" and os.path.isfile(file):  # noqa: PTH113
            yield from (info for info in discover(file).targets if info.form.is_program)
