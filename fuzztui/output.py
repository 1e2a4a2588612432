"""The one way in which text of ours reaches standard output and standard error."""

import io
from typing import TextIO

from fuzztui.engine.show.text import Visible


def put(out: TextIO, text: Visible) -> None:
    """Print a text and flush; what the stream's encoding does not have is spelled as Python does."""
    encoding = out.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), file=out, flush=True)


def spell_out(out: TextIO) -> None:
    """Have a stream spell what its encoding does not have, whoever writes to it."""
    if isinstance(out, io.TextIOWrapper):
        out.reconfigure(errors="backslashreplace")
