"""Describes an exception that left the target.

The exception belongs to the target: its `__str__` may raise, never return, or print megabytes; its `__class__` may lie.
So the description uses what `type()` says and is bounded in size. (A `__str__` that hangs is ended like any hanging
execution, because the worker's state is still RUNNING.)
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from types import TracebackType
from typing import Final

from fuzztui.protocol.messages import Failure, Frame, Scene
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.tracebacks import is_machinery, place_of, user_traceback
from fuzztui.worker.failures.buckets import Buckets, Identity
from fuzztui.worker.failures.scenes import Scenes
from fuzztui.worker.failures.texts import encodable

__builtins__ = PRIVATE_BUILTINS

MESSAGE_LIMIT: Final = 4_000
"""Characters of a message that are kept."""

TRACEBACK_LIMIT: Final = 60_000
"""Characters of a traceback that are kept."""

NAME_LIMIT: Final = 500
"""Characters of the name of a class, a function or a file."""

FRAMES_LIMIT: Final = 60
"""Frames that are kept: as many first as last ones."""

# As `type` and `BaseException` themselves see it: a class may put properties of its own in the way.
_traceback_of = BaseException.__dict__["__traceback__"].__get__
_type_name = type.__dict__["__qualname__"].__get__
_type_bases = type.__dict__["__mro__"].__get__
_type_module = type.__dict__["__module__"].__get__
_subclasses = type.__subclasses__


class PythonCrash:
    """An exception that has left the target, as a `reports.Crash`."""

    __slots__ = ("_buckets", "_error", "_explain", "_identity", "_scenes")

    def __init__(
        self,
        error: BaseException,
        buckets: Buckets,
        scenes: Scenes | None = None,
        explain: Callable[[], Sequence[str]] | None = None,
    ) -> None:
        """`scenes`: looks into its frames where that is asked for; `explain`: tells what the input is, by executing it
        once more.
        """
        self._explain = explain
        self._error = error
        self._buckets = buckets
        self._identity = buckets.identity(error)
        self._scenes = scenes

    @property
    def bucket(self) -> str:
        """See `fuzztui.worker.failures.buckets`."""
        return self._identity.bucket

    @property
    def group(self) -> str:
        """See `fuzztui.worker.failures.buckets`."""
        return self._identity.group

    @property
    def place(self) -> str:
        """`file:line` of the innermost frame that is none of the fuzzer's; empty if there is none."""
        return place_of(self._error)

    def message(self) -> str:
        """As `describe` gives it."""
        return encodable(_message(self._error))

    def describe(self, *, detailed: bool = False) -> Failure:
        """See the function of that name."""
        # Before code of the target's could change anything.
        scenes = self._scenes.of(self._error) if detailed and self._scenes is not None else []
        notes = tuple(map(encodable, self._explain())) if self._explain is not None else ()
        return describe(self._error, self._identity, self._buckets, scenes=scenes, notes=notes)


def describe(
    error: BaseException,
    identity: Identity,
    buckets: Buckets,
    origin: str = "",
    scenes: Sequence[Scene] = (),
    notes: Sequence[str] = (),
) -> Failure:
    """An exception in words. Runs code of the target's; `identity` was computed before that could change anything.

    `buckets`: tell which frames are the project's; `origin`: where it was raised, if not in the target's call, see
    `protocol.messages.ORIGINS`; `scenes`: what its frames look like; `notes`: what stands below its traceback.
    """
    try:
        failure = _describe(error, identity, buckets, origin, scenes)
    except BaseException as second:  # a recursion limit that the target has lowered, for one
        reason = f"<describing it raised {type_name(second)}>"
        return Failure(
            type=type_name(error), message=reason, traceback="", frames=[], scenes=list(scenes), **identity._asdict()
        )
    if not notes:
        return failure
    text = "\n".join((failure.traceback.rstrip("\n"), "", *notes, ""))
    return Failure(failure.type, failure.message, text, failure.frames, scenes=failure.scenes, **identity._asdict())


def _describe(
    error: BaseException, identity: Identity, buckets: Buckets, origin: str, scenes: Sequence[Scene]
) -> Failure:
    frames = _frames(error, buckets)
    name = type_name(error)
    return Failure(
        type=name,
        message=encodable(_message(error)),
        traceback=f"In {origin} of the target's:\n" * bool(origin) + encodable(_traceback(error, name)),
        frames=frames[: FRAMES_LIMIT // 2] + frames[FRAMES_LIMIT // 2 :][-FRAMES_LIMIT // 2 :],
        scenes=list(scenes),
        **identity._asdict(),
    )


def is_success(error: BaseException) -> bool:
    """`sys.exit()` with status 0 is a way to return."""
    return type(error) is SystemExit and (error.code is None or (type(error.code) is int and error.code == 0))


def is_one_of(error: BaseException, kinds: Iterable[type[BaseException]]) -> bool:
    """What `except kinds` would catch; that would bind the error to a frame of ours."""
    bases = _type_bases(type(error))
    return any(base is kind for kind in kinds for base in bases)


def type_name(error: BaseException) -> str:
    """Qualified name of the exception's class as `type()` gives it, without `builtins.`."""
    return _class_name(type(error))


def _class_name(cls: type[BaseException]) -> str:
    module, name = _type_module(cls), _type_name(cls)
    return _name(name if module == "builtins" else f"{module}.{name}")


def known_types(names: Collection[str]) -> list[type[BaseException]]:
    """The exception classes with these names, as `type_name` gives them, as far as they exist by now."""
    found: list[type[BaseException]] = []
    waiting = [BaseException] if names else []
    seen: set[int] = set()
    while waiting:
        cls = waiting.pop()
        if id(cls) in seen:
            continue
        seen.add(id(cls))
        if _class_name(cls) in names:
            found.append(cls)
        waiting += _subclasses(cls)
    return found


def _name(text: str) -> str:
    return encodable(text[:NAME_LIMIT])


def _frames(error: BaseException, buckets: Buckets) -> list[Frame]:
    frames = []
    tb: TracebackType | None = _traceback_of(error)
    while tb is not None:
        code = tb.tb_frame.f_code
        if not is_machinery(code.co_filename):
            is_project = buckets.is_of_project(tb.tb_frame)
            frames.append(Frame(_name(code.co_filename), tb.tb_lineno or 0, _name(code.co_qualname), is_project))
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
