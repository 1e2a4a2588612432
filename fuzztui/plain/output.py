"""The one way in which text of ours reaches standard output and standard error.

Printing never fails. A stream that takes nothing any more is lost: its reader has gone (`| head`), the disk behind it
is full. What is put there from then on is dropped, `is_lost` tells whoever would work for it alone, and the program
ends with `loss()` where nothing worse happened.
"""

import codecs
import contextlib
import errno
import io
import os
import select
import sys
from typing import Final, TextIO

from fuzztui.engine.show.exit_status import FAILED, READER_GONE
from fuzztui.engine.show.text import Visible, os_error, say, visible
from fuzztui.signals import ATTENDANT

PORTION: Final = 4096
"""Bytes written at once: between two portions it is seen that somebody reads."""

LONGEST_ESCAPE: Final = 10
"""Characters that one may take when it is spelled out: `\\U0010ffff`."""

_NAMES: Final = {1: "standard output", 2: "standard error"}

_encoders: Final[dict[str, codecs.IncrementalEncoder]] = {}
"""By the descriptor and the encoding: some encodings begin with a mark, which belongs to the beginning alone."""

_lost: Final[dict[int, int]] = {}
"""The exit status that the loss of a stream means, by its descriptor."""


def encoding_of(out: TextIO | None) -> str:
    """The encoding of a stream, also of one that has been replaced by something that has none, or closed."""
    return getattr(out, "encoding", None) or "utf-8"


def put(out: TextIO | None, text: Visible) -> None:
    """Print a text as a line; what the stream's encoding does not have is spelled as Python does.

    Standard error is None where it was closed before the program began, and takes nothing.
    """
    put_rendered(out, f"{text}\n")


def put_rendered(out: TextIO | None, rendered: str) -> None:
    """Print what a library has made of visible text and colours, without another newline."""
    if out is None:
        return
    descriptor = _descriptor(out)
    if descriptor is None:  # no real stream: something that a test, or a program around us, reads
        encoding = encoding_of(out)
        print(rendered.encode(encoding, "backslashreplace").decode(encoding), file=out, end="", flush=True)
    else:
        _print(descriptor, encoding_of(out), rendered)


def is_lost(out: TextIO | None) -> bool:
    """Whether a stream takes nothing any more."""
    return out is not None and _descriptor(out) in _lost


def loss() -> int:
    """The exit status that lost output means: 0 if none was lost."""
    return max(_lost.values(), key=lambda status: status == FAILED, default=0)


def _print(descriptor: int, encoding: str, rendered: str) -> None:
    if descriptor not in _lost:
        try:
            _write(descriptor, _encoder(descriptor, encoding).encode(rendered))
        except OSError as error:
            _lose(descriptor, error)


def _lose(descriptor: int, error: OSError) -> None:
    is_reader_gone = isinstance(error, BrokenPipeError)
    _lost[descriptor] = READER_GONE if is_reader_gone else FAILED
    if not is_reader_gone and descriptor != 2:
        with contextlib.suppress(OSError):
            name = _NAMES.get(descriptor, "output")
            what = say("{} is closed", name) if error.errno == errno.EBADF else os_error(error, name)
            _write(2, f"{say('fuzztui: {}', what)}\n".encode("ascii", "backslashreplace"))


def _descriptor(out: TextIO) -> int | None:
    try:
        descriptor: int = out.fileno()
        return descriptor
    except (OSError, ValueError, AttributeError):  # io.UnsupportedOperation is the first two
        return None


def _encoder(descriptor: int, encoding: str) -> codecs.IncrementalEncoder:
    key = f"{descriptor} {encoding}"
    if key not in _encoders:
        _encoders[key] = codecs.getincrementalencoder(encoding)("backslashreplace")
    return _encoders[key]


def _write(descriptor: int, data: bytes) -> None:
    """Write everything, also to a descriptor that somebody has made one that never waits."""
    while data:
        try:
            written = os.write(descriptor, data[:PORTION])
        except BlockingIOError:
            waiting = select.poll()
            waiting.register(descriptor, select.POLLOUT)
            waiting.poll()
        else:
            data = data[written:]
            ATTENDANT.progress()


class Outlet(io.TextIOBase):
    """A standard stream for what libraries print: usage and help, warnings, whatever is logged.

    Such texts quote names of files and arguments, so everything in them is made visible first.
    """

    def __init__(self, stream: TextIO) -> None:
        """`stream` has a descriptor; nothing of its own is buffered any more."""
        stream.flush()
        self._stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override]  # read-only, as that of a stream is
        """That of the stream."""
        return self._stream.encoding

    def fileno(self) -> int:
        """Descriptor of the stream."""
        return self._stream.fileno()

    def isatty(self) -> bool:
        """Whether a terminal shows it."""
        return self._stream.isatty()

    def writable(self) -> bool:
        """It is made for that."""
        return True

    def write(self, text: str) -> int:
        """Print, as `put` does."""
        _print(self.fileno(), self.encoding, visible(text, LONGEST_ESCAPE * len(text), multiline=True))
        return len(text)


def take_over() -> None:
    """Have everything that is printed from now on go through this module."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and _descriptor(stream) is not None:
            setattr(sys, name, Outlet(stream))
