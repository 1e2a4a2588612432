"""The one way in which text of ours reaches standard output and standard error."""

import io
import os
from typing import TextIO

from fuzztui.engine.show.text import Visible


def encoding_of(out: TextIO | None) -> str:
    """The encoding of a stream, also of one that has been replaced by something that has none, or closed."""
    return getattr(out, "encoding", None) or "utf-8"


def put(out: TextIO | None, text: Visible) -> None:
    """Print a text and flush; what the stream's encoding does not have is spelled as Python does.

    A stream that was closed before the program began is None, and takes nothing.
    """
    if out is None:
        return
    encoding = encoding_of(out)
    print(text.encode(encoding, "backslashreplace").decode(encoding), file=out, flush=True)


def fill_standard_descriptors() -> None:
    """Open what was closed before the program began: otherwise a file of ours would get a standard stream's number,
    and a child process would write there.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number, which is this one


def silence(out: TextIO | None) -> None:
    """Keep the interpreter from complaining at exit that it cannot flush a stream that takes nothing any more."""
    if out is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())


def spell_out(out: TextIO) -> None:
    """Have a stream spell what its encoding does not have, whoever writes to it."""
    if isinstance(out, io.TextIOWrapper):
        out.reconfigure(errors="backslashreplace")
