"""Describes an exception that left the target.

The exception belongs to the target: its `__str__` may raise, never return, or print megabytes; its `__class__` may lie.
So the description uses what `type()` says and is bounded in size. (A `__str__` that hangs is ended like any hanging
execution, because the worker's state is still RUNNING.)
"""

from types import TracebackType
from typing import Final

from fuzztui.protocol.identity import identity
from fuzztui.protocol.messages import Failure, Frame
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.tracebacks import is_machinery, user_traceback
from fuzztui.worker.texts import encodable

__builtins__ = PRIVATE_BUILTINS

MESSAGE_LIMIT: Final = 4_000
"""Characters of a message that are kept."""

TRACEBACK_LIMIT: Final = 60_000
"""Characters of a traceback that are kept."""

NAME_LIMIT: Final = 500
"""Characters of the name of a class, a function or a file."""

FRAMES_LIMIT: Final = 60
"""Frames that are kept: as many first as last ones."""

BUCKET_FRAMES: Final = 2
"""Innermost frames in a bucket: the failing line and its caller. With one frame, all bugs that fail in a shared helper
would fall into one bucket, and all but the first would be lost. With more than two, one bug that is reached on several
paths would fill several buckets, which is only tiresome."""

# As `type` and `BaseException` themselves see it: a class may put properties of its own in the way.
_traceback_of = BaseException.__dict__["__traceback__"].__get__
_type_name = type.__dict__["__qualname__"].__get__
_type_module = type.__dict__["__module__"].__get__


class PythonCrash:
    """An exception that has left the target, as a `reports.Crash`."""

    __slots__ = ("_bucket", "_error")

    def __init__(self, error: BaseException) -> None:
        self._error = error
        self._bucket: str | None = None

    @property
    def bucket(self) -> str:
        """See the function of that name. Runs no code of the target's."""
        if self._bucket is None:
            self._bucket = bucket(self._error)
        return self._bucket

    def describe(self) -> Failure:
        """See the function of that name."""
        return describe(self._error, self.bucket)


def describe(error: BaseException, bucket: str) -> Failure:
    """An exception in words. Runs code of the target's; `bucket` was computed before that could change anything."""
    try:
        return _describe(error, bucket)
    except BaseException as second:  # a recursion limit that the target has lowered, for one
        reason = f"<describing it raised {type_name(second)}>"
        return Failure(type=type_name(error), message=reason, traceback="", frames=[], bucket=bucket)


def _describe(error: BaseException, bucket: str) -> Failure:
    frames = _frames(error)
    name = type_name(error)
    return Failure(
        type=name,
        message=encodable(_message(error)),
        traceback=encodable(_traceback(error, name)),
        frames=frames[: FRAMES_LIMIT // 2] + frames[FRAMES_LIMIT // 2 :][-FRAMES_LIMIT // 2 :],
        bucket=bucket,
    )


def type_name(error: BaseException) -> str:
    """Qualified name of the exception's class as `type()` gives it, without `builtins.`."""
    cls = type(error)
    module, name = _type_module(cls), _type_name(cls)
    return _name(name if module == "builtins" else f"{module}.{name}")


def _name(text: str) -> str:
    return encodable(text[:NAME_LIMIT])


def bucket(error: BaseException) -> str:
    """Equal strings for failures that are likely one bug: type and the innermost distinct frames.

    A frame counts once however often recursion went through it. Otherwise each depth would be a bucket of its own.
    """
    places: dict[str, None] = {}
    for frame in reversed(_frames(error)):
        places.setdefault(f"{frame.file}:{frame.line}")
        if len(places) == BUCKET_FRAMES:
            break
    return identity(type_name(error), places)


def _frames(error: BaseException) -> list[Frame]:
    frames = []
    tb: TracebackType | None = _traceback_of(error)
    while tb is not None:
        code = tb.tb_frame.f_code
        if not is_machinery(code.co_filename):
            frames.append(Frame(_name(code.co_filename), tb.tb_lineno or 0, _name(code.co_qualname)))
        tb = tb.tb_next
    return frames


def _message(error: BaseException) -> str:
    try:
        text = str(error)
    except BaseException as second:
        return f"<__str__ raised {type_name(second)}>"
    return text if len(text) <= MESSAGE_LIMIT else text[:MESSAGE_LIMIT] + f"... ({len(text)} characters)"


def _traceback(error: BaseException, name: str) -> str:
    try:
        text, _ = user_traceback(error)
    except BaseException as second:
        text = f"{name}: <formatting it raised {type_name(second)}>"
    if len(text) <= TRACEBACK_LIMIT:
        return text
    half = TRACEBACK_LIMIT // 2
    return f"{text[:half]}\n... ({len(text) - TRACEBACK_LIMIT} characters left out) ...\n{text[-half:]}"
