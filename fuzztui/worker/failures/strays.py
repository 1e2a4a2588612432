"""Failures of the target's that leave no call of it: in its threads, in finalizers, in tasks that nobody awaits, in
futures that nobody asks.

Python hands such an exception to a hook, which prints it and goes on; of a future of `concurrent.futures` it says
nothing. Here the hooks note it, and whoever runs the
target asks afterwards, with one look at a list: an execution in which something failed has failed.

A thread may outlive the input that has started it. What it raises then is no other input's doing, so the hooks tell
apart by which execution a thread was started. A thread of the set-up's works for whatever input is being executed.
Likewise the garbage collector comes some inputs late. What it finalizes is blamed on none; but from then on the process
takes care: it collects after each input, so that the next failure of that kind is its own input's.
"""

import _thread
import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Final, NamedTuple

from fuzztui.protocol.memory import EXECUTIONS, STATE, WORDS, State
from fuzztui.protocol.messages import FINALIZER, FUTURE, TASK, THREAD, Failure
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.errors import HarnessError
from fuzztui.worker.failures.buckets import Buckets
from fuzztui.worker.failures.failure import describe, is_one_of, is_success

__builtins__ = PRIVATE_BUILTINS

MOST_NOTED: Final = 100
"""Failures that are kept until somebody asks: a target may raise in thousands of finalizers at once."""

EVENT_LOOPS: Final = "asyncio.base_events"
"""The module whose loops hand the failures of tasks that nobody awaits to a handler."""

FUTURES: Final = "concurrent.futures._base"
"""The module whose futures keep how their work has failed until somebody asks."""

PROCESSES: Final = ("multiprocessing.popen_fork", "multiprocessing.popen_forkserver")
"""The modules in which a process learns what has become of those that it has started."""

FAILED_CHILD: Final = (
    "a process that the target has started (multiprocessing) ended with status 1, as by an exception: no input is "
    "blamed for that, so have the target look at its exitcode"
)

_UNASKED: Final = "@unasked"
"""Name of a future's attribute: no identifier, so nobody's own."""

_RUNNING: Final = int(State.RUNNING)
_collect: Final = gc.collect  # the target may put something else in its place
_statistics: Final = gc.get_stats
_YOUNG: Final = 1
"""Generations of objects that are collected after an input: others are older than it."""


def _is_collecting() -> bool:
    """Whether the garbage collector runs. It does nothing if it is asked to meanwhile, and counts what it does.

    One of `gc.callbacks` would know as well, but would slow down every target that makes many objects.
    """
    before: int = _statistics()[0]["collections"]
    _collect(0)
    after: int = _statistics()[0]["collections"]
    return after == before


class Stray(NamedTuple):
    """An exception that a hook was given, as a `reports.Crash`.

    It is described at once: a traceback that is kept keeps what the failed thread held, a connection perhaps, whose
    other end the target waits to see closed.
    """

    origin: str
    """`THREAD`, `FINALIZER`, `TASK` or `FUTURE`."""
    execution: int
    """Number of the execution that it is a failure of; 0 if it is none's."""
    bucket: str
    failure: Failure

    @property
    def group(self) -> str:
        return self.failure.group

    def message(self) -> str:
        return self.failure.message

    def describe(self, *, detailed: bool = False) -> Failure:  # noqa: ARG002 - its frames are gone
        """As it was described when it failed."""
        return self.failure


class Strays:
    """What the hooks have noted. They may be called in any thread, at any moment, and raise nothing."""

    def __init__(self, words: "memoryview[int]", buckets: Buckets) -> None:
        """`words`: of the process's shared memory, which say what is being executed; `buckets`: tell failures apart,
        here alone.
        """
        self._words = self._shared_words = words
        self._buckets = buckets
        self._telling_apart = _thread.RLock()
        """The hooks may be called in several threads, and within each other."""
        self._starters: dict[int, int] = {}
        """Identifier of a thread, which another may bear later -> number of the execution that started it; 0 for the
        set-up."""
        self.clean: tuple[type[BaseException], ...] = ()
        """Exceptions that are part of the target's contract."""
        self.noted: list[Stray] = []
        """Nobody has asked for these yet. Always the same list, so that the hot loop may look at it."""
        self._late: list[Stray] = []
        self._originals = _thread._excepthook, sys.unraisablehook
        self.is_forked = False
        """Whether this is a child of the worker's: there, everything is as Python has it."""
        self._is_attributing = False
        self.is_careful = False
        """Whether the garbage of each input is to be collected before the next one."""

    # Asked by whoever runs the target -------------------------------------------------------------------------------

    def take(self) -> Stray | None:
        """The first failure of the execution in progress; those of earlier ones wait to be told of as late."""
        noted = self.noted[:]
        del self.noted[: len(noted)]
        current = self._words[EXECUTIONS]
        self._late += [stray for stray in noted if stray.execution != current]
        return next((stray for stray in noted if stray.execution == current), None)

    def take_late(self) -> list[Stray]:
        """What failed between two executions, or in a thread that had outlived its own one. Asked between two."""
        noted = self.noted[:]
        del self.noted[: len(noted)]
        late, self._late = self._late, []
        return late + noted

    @contextmanager
    def attributing(self) -> Iterator[None]:
        """What the garbage collector finalizes meanwhile belongs to the execution in progress."""
        before, self._is_attributing = self._is_attributing, True
        try:
            yield
        finally:
            self._is_attributing = before

    def collect(self) -> None:
        """Finalize what an input has left."""
        _collect(_YOUNG)

    def carefully(self, function: Callable[..., object]) -> Callable[..., object]:
        """The target's function, with what it leaves finalized before it returns."""

        def call(*arguments: Any) -> None:
            try:
                function(*arguments)
            finally:
                with self.attributing():
                    _collect(_YOUNG)

        return call

    # The hooks ------------------------------------------------------------------------------------------------------

    def install(self) -> None:
        """Put the hooks in the places of Python's own. A target that puts others there keeps those."""
        # The module `threading`, which is the target's to load, takes both of these from `_thread`.
        _thread._excepthook = self.thread_failed
        for name in ("start_new_thread", "start_joinable_thread"):
            if hasattr(_thread, name):
                setattr(_thread, name, self._noting(getattr(_thread, name)))
        _thread.start_new = _thread.start_new_thread
        loaded: Any = sys.modules.get("threading")
        if loaded is not None:  # a `.pth` file of the user's has loaded it before
            loaded.excepthook = loaded.__excepthook__ = self.thread_failed
            for name in ("start_new_thread", "start_joinable_thread"):
                if hasattr(loaded, f"_{name}"):
                    setattr(loaded, f"_{name}", getattr(_thread, name))
        sys.unraisablehook = sys.__unraisablehook__ = self.finalizer_failed
        os.register_at_fork(after_in_child=self._forked)
        if EVENT_LOOPS in sys.modules:
            self.watch_event_loops(sys.modules[EVENT_LOOPS])
        if FUTURES in sys.modules:
            self.watch_futures(sys.modules[FUTURES])

    def watch_event_loops(self, module: ModuleType) -> None:
        """Hook the event loops of the module `EVENT_LOOPS`, which has just been loaded. A loop that is given a handler
        of its own keeps that one.
        """
        loops: Any = vars(module)["BaseEventLoop"]
        original = loops.default_exception_handler

        def default_exception_handler(loop: object, context: dict[str, Any]) -> None:
            error = context.get("exception")
            if isinstance(error, BaseException) and not self.is_forked:
                self._note(TASK, error)
            else:
                original(loop, context)

        default_exception_handler.__doc__ = original.__doc__
        loops.default_exception_handler = default_exception_handler

    def watch_futures(self, module: ModuleType) -> None:
        """Hook the futures of the module `FUTURES`, which has just been loaded: one that has failed, and is gone before
        anybody has asked it how, has failed for nobody. Who cancels a future does not want to know.
        """
        futures: Any = vars(module)["Future"]
        set_exception = futures.set_exception

        def keep_exception(future: Any, exception: Any) -> None:
            kept = vars(future)
            if _UNASKED not in kept and isinstance(exception, BaseException):
                kept[_UNASKED] = _Unasked(self, exception)
            set_exception(future, exception)

        futures.set_exception = _named_as(set_exception, keep_exception)
        for name in ("result", "exception", "add_done_callback", "cancel"):
            setattr(futures, name, _asking(getattr(futures, name)))

    def watch_processes(self, module: ModuleType, remark: Callable[[str], object]) -> None:
        """Hook one of the modules `PROCESSES`, which has just been loaded: `remark` is told when a process ended as by
        an exception.
        """
        processes: Any = vars(module)["Popen"]
        if "poll" not in vars(processes):
            return
        original = processes.poll

        def poll(popen: Any, *arguments: Any, **named: Any) -> Any:
            was_known = popen.returncode is not None
            status = original(popen, *arguments, **named)
            if status == 1 and not was_known and not self.is_forked:
                remark(FAILED_CHILD)
            return status

        processes.poll = _named_as(original, poll)

    def future_failed(self, error: BaseException) -> None:
        """Nobody has asked a future how it failed, and nobody can any more."""
        if not self.is_forked:
            self._note(FUTURE, error)

    def _noting(self, start: Callable[..., Any]) -> Callable[..., Any]:
        """A function that starts a thread, which begins by noting in which execution that was."""

        def start_thread(function: Any, *arguments: Any, **named: Any) -> Any:
            starter = self._starters.get(_thread.get_ident())
            if starter is None:
                starter = self._words[EXECUTIONS] if self._words[STATE] == _RUNNING else 0

            def run(*its_arguments: Any, **its_named: Any) -> Any:
                self._starters[_thread.get_ident()] = starter
                return function(*its_arguments, **its_named)

            return start(run if callable(function) else function, *arguments, **named)

        return start_thread

    def _forked(self) -> None:
        """A child has no access to the shared memory, and nobody asks it what has failed in it."""
        self.is_forked = True
        self._words = memoryview(bytes(8 * WORDS)).cast("Q")

    def be_copy(self) -> None:
        """This child is no child of the target's: it does its parent's work."""
        self.is_forked = False
        self._words = self._shared_words

    def thread_failed(self, args: Any) -> None:
        """A `threading.excepthook`."""
        if self.is_forked:
            self._originals[0](args)
            return
        error = args.exc_value
        if error is not None and not issubclass(args.exc_type, SystemExit):  # a way for a thread to end, says Python
            self._note(THREAD, error)

    def finalizer_failed(self, args: Any) -> None:
        """A `sys.unraisablehook`."""
        if self.is_forked:
            self._originals[1](args)
            return
        if args.exc_value is not None:
            is_thread = args.err_msg is not None and "thread" in args.err_msg  # one that was started without a `Thread`
            self._note(THREAD if is_thread else FINALIZER, args.exc_value)

    def _note(self, origin: str, error: BaseException) -> None:
        execution = self._words[EXECUTIONS] if self._words[STATE] == _RUNNING else 0
        starter = self._starters.get(_thread.get_ident(), 0)
        if starter and starter != execution:
            execution = 0  # the thread has outlived the input that it is about
        is_known = execution and any(stray.execution == execution for stray in self.noted)  # one is enough
        if is_known or len(self.noted) >= MOST_NOTED or is_success(error):
            return
        if is_one_of(error, (*self.clean, HarnessError)):
            return  # the harness itself remembers what is its misuse
        if origin != THREAD and not self._is_attributing and _is_collecting():
            execution = 0
            self.is_careful = True
        with self._telling_apart:
            identity = self._buckets.identity(error)
            failure = describe(error, identity, self._buckets, origin)
        self.noted.append(Stray(origin, execution, identity.bucket, failure))


class _Unasked:
    """How a future has failed, as long as nobody has asked it."""

    def __init__(self, strays: Strays, error: BaseException) -> None:
        self.strays = strays
        self.error: BaseException | None = error

    def __del__(self) -> None:
        if self.error is not None:
            self.strays.future_failed(self.error)


def _asking(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method of futures by which somebody asks."""

    def ask(future: Any, *arguments: Any, **named: Any) -> Any:
        kept = vars(future)
        unasked = kept.get(_UNASKED)
        kept[_UNASKED] = None
        if unasked is not None:
            unasked.error = None
        return method(future, *arguments, **named)

    return _named_as(method, ask)


def _named_as(original: Callable[..., Any], function: Any) -> Callable[..., Any]:
    for attribute in ("__module__", "__name__", "__qualname__", "__doc__"):
        setattr(function, attribute, getattr(original, attribute, None))
    return function  # type: ignore[no-any-return]
