"""Runs inputs of a target in this process, as a worker would: the same imports, the same rule of what fails.

What a worker sees from outside is not seen here: memory, and hangs in which the interpreter executes nothing.
"""

import gc
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, ModuleType
from typing import Any, Final

from fuzztui.engine.keep.places import current_directory
from fuzztui.engine.request.target import PythonTarget
from fuzztui.target.errors import HarnessError
from fuzztui.target.kinds import Value
from fuzztui.target.load import LoadedTarget, import_by_name, load
from fuzztui.target.values import plain_of
from fuzztui.worker.failures.deferred import refuse_deferred
from fuzztui.worker.failures.failure import is_success

AGAIN: Final = 1.0
"""Seconds after which an input that has swallowed the end of its time is told once more."""

_YOUNG: Final = 1
"""Generations of objects that are collected after an input, as in a worker."""


class TimedOut(BaseException):
    """An input takes too long. Raised in the middle of it, so its traceback tells where."""

    __module__ = "fuzztui"


class TargetHere:
    """A target in this process: loaded when it is first needed, until it is closed."""

    def __init__(self, target: PythonTarget, timeout: float) -> None:
        """`timeout`: seconds for one input."""
        self._target = target
        self._timeout = timeout
        self._loaded: LoadedTarget | HarnessError | None = None
        self._path: list[str] = []
        """`sys.path` as the target has it."""

    @property
    def is_loaded(self) -> bool:
        """Whether it has been loaded, or loading it has failed, since it was closed."""
        return self._loaded is not None

    def load(self) -> LoadedTarget:
        """Import the target's file and run its set-up, once; HarnessError if that fails, each time alike."""
        if self._loaded is None:
            with self._world(sys.path), _interruptible():
                try:
                    self._loaded = _ready(
                        load(
                            str(self._target.file),
                            self._target.name,
                            _import_once,
                            cwd=current_directory(),
                            path=[str(each) for each in self._target.path],
                        )
                    )
                except HarnessError as error:
                    self._loaded = error
                self._path = sys.path[:]
            if isinstance(self._loaded, LoadedTarget) and self._loaded.harness is not None:
                self._loaded.harness.running = True
        if isinstance(self._loaded, HarnessError):
            raise self._loaded
        return self._loaded

    def run(self, arguments: tuple[Value, ...]) -> BaseException | None:
        """Execute an input; what it has failed with, if it has. HarnessError if the harness is to blame."""
        target = self.load()
        gc.collect(_YOUNG)
        with self._world(self._path), _strays() as strays, limited(self._timeout) as limit, _interruptible():
            error = _call(target, arguments, limit)
        if limit.over is not None:
            error = limit.over
        elif error is None:
            error = next((stray for stray in strays if not _is_one_of(stray, target.raises)), None)
        if error is not None and issubclass(type(error), HarnessError):
            raise error
        if target.harness is not None and target.harness.misuse is not None:
            raise target.harness.misuse
        return error

    def close(self) -> None:
        """Run the cleanups; CleanupFailed if one raises."""
        loaded, self._loaded = self._loaded, None
        if isinstance(loaded, LoadedTarget):
            with self._world(self._path):
                loaded.close()

    @contextmanager
    def _world(self, path: list[str]) -> Iterator[None]:
        """Import from where the target does meanwhile; other tests import from where they did."""
        before = sys.path[:]
        sys.path[:] = path
        try:
            yield
        finally:
            sys.path[:] = before


def _ready(target: LoadedTarget) -> LoadedTarget:
    """The target, whose parameters are drawn if some have types that only Hypothesis knows."""
    if target.left is None:
        return target
    from fuzztui.worker.hypothesis.drawing import drawn  # it imports Hypothesis

    return drawn(target)[0]


def _call(target: LoadedTarget, arguments: tuple[Value, ...], limit: "Limit") -> BaseException | None:
    value: Any = plain_of(arguments)
    result: object = None
    try:
        with limit:
            result = target.function(*value)
    except target.raises:
        pass
    except BaseException as error:
        return None if is_success(error) else error
    try:
        refuse_deferred(result)
    except HarnessError as error:
        return error
    del result  # whose finalizer is part of the execution
    gc.collect(_YOUNG)
    return None


def _is_one_of(error: BaseException, kinds: tuple[type[BaseException], ...]) -> bool:
    return issubclass(type(error), kinds) or is_success(error)


def _import_once(name: str, file: str) -> ModuleType:
    """The module that pytest has made of the file, as one of its test files, or a new one."""
    for module in list(sys.modules.values()):
        if getattr(module, "__dict__", {}).get("__file__") == file:  # whatever somebody has put there
            return module
    return import_by_name(name, file)


# What happens around a call -------------------------------------------------------------------------------------------


@contextmanager
def _strays() -> Iterator[list[BaseException]]:
    """The exceptions that leave threads, finalizers and tasks meanwhile, but for those of threads that run already."""
    import asyncio.base_events  # which the target may be the first to need, too late for its hook

    noted: list[BaseException] = []
    running = set(threading.enumerate())
    in_thread, unraisable = threading.excepthook, sys.unraisablehook
    loops: Any = asyncio.base_events.BaseEventLoop
    in_task = loops.default_exception_handler

    def thread_failed(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is None or args.thread in running:
            in_thread(args)
        elif not issubclass(args.exc_type, SystemExit):  # a way for a thread to end, says Python
            noted.append(args.exc_value)

    def finalizer_failed(args: Any) -> None:
        if args.exc_value is not None:
            noted.append(args.exc_value)

    def task_failed(loop: object, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            noted.append(error)
        else:
            in_task(loop, context)

    threading.excepthook, sys.unraisablehook = thread_failed, finalizer_failed
    loops.default_exception_handler = task_failed
    try:
        yield noted
    finally:
        if threading.excepthook is thread_failed:
            threading.excepthook = in_thread
        if sys.unraisablehook is finalizer_failed:
            sys.unraisablehook = unraisable
        loops.default_exception_handler = in_task


class Limit:
    """The time that a call may take: a context, within which it is told when that is over."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.over: TimedOut | None = None
        """What was raised; None as long as there is time."""
        self.is_armed = False

    def __enter__(self) -> None:
        if self.is_armed:
            signal.setitimer(signal.ITIMER_REAL, self._seconds, AGAIN)

    def __exit__(self, *_: object) -> None:
        if self.is_armed:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def tell(self, _number: int, _frame: FrameType | None) -> None:
        """The handler of the signal."""
        self.over = self.over or TimedOut(f"timeout after {self._seconds:g} s")
        raise self.over


@contextmanager
def limited(seconds: float) -> Iterator[Limit]:
    """What limits the time of a call, where that can be done: in the main thread, where nobody else does."""
    limit = Limit(seconds)
    is_free = signal.getitimer(signal.ITIMER_REAL)[0] == 0.0  # otherwise some other limit of pytest's is in force
    if threading.current_thread() is not threading.main_thread() or not is_free or sys.gettrace() is not None:
        yield limit  # in a debugger time does not count either
        return
    before = signal.signal(signal.SIGALRM, limit.tell)
    limit.is_armed = True
    try:
        yield limit
    finally:
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _interruptible() -> Iterator[None]:
    """A person's Ctrl-C ends pytest: it is no exception of the target's."""
    usual: Callable[..., object] = signal.default_int_handler
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is not usual:
        yield
        return
    is_asked = False

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal is_asked
        is_asked = True
        signal.default_int_handler(number, frame)

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGINT) is interrupt:
            signal.signal(signal.SIGINT, usual)
    if is_asked:
        raise KeyboardInterrupt
