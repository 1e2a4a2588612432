"""The hooks for failures outside of the call note what is worth noting, cheaply, and raise nothing."""

import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from fuzztui.protocol.memory import EXECUTIONS, STATE, WORDS, State
from fuzztui.target.errors import HarnessError
from fuzztui.worker.failures.buckets import Buckets
from fuzztui.worker.failures.strays import MOST_NOTED, Strays


@pytest.fixture
def words() -> Iterator["memoryview[int]"]:
    memory = memoryview(bytearray(8 * WORDS)).cast("Q")
    yield memory
    memory.release()


def execute(words: "memoryview[int]", number: int) -> None:
    words[EXECUTIONS], words[STATE] = number, State.RUNNING


def failed(error: BaseException) -> SimpleNamespace:
    return SimpleNamespace(exc_type=type(error), exc_value=error, err_msg=None)


def test_an_execution_fails_by_the_first_of_many_failures(words: "memoryview[int]") -> None:
    strays = Strays(words, Buckets(lambda name, file: True))
    execute(words, 7)
    for number in range(10_000):
        strays.finalizer_failed(failed(ValueError(number)))
    assert len(strays.noted) == 1
    stray = strays.take()
    assert stray is not None
    assert stray.describe().message == "0"
    assert strays.take() is None
    assert strays.take_late() == []


def test_failures_that_nobody_asks_for_are_kept_up_to_a_bound(words: "memoryview[int]") -> None:
    strays = Strays(words, Buckets(lambda name, file: True))
    for number in range(10_000):
        strays.thread_failed(failed(ValueError(number)))
    assert len(strays.take_late()) == MOST_NOTED
    assert strays.take_late() == []


def test_a_failure_that_is_noted_at_the_very_end_of_an_execution_is_not_the_next_ones(words: "memoryview[int]") -> None:
    strays = Strays(words, Buckets(lambda name, file: True))
    execute(words, 7)
    strays.thread_failed(failed(ValueError("seventh")))
    execute(words, 8)
    strays.thread_failed(failed(ValueError("eighth")))
    stray = strays.take()
    assert stray is not None
    assert stray.describe().message == "eighth"
    assert [late.describe().message for late in strays.take_late()] == ["seventh"]


class UnspeakableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


class LiarError(Exception):
    __class__ = property(lambda self: SystemExit)


@pytest.mark.parametrize(
    "error", [UnspeakableError(), LiarError(), KeyboardInterrupt(), SystemExit(3), ExceptionGroup("e", [OSError()])]
)
def test_whatever_was_raised_the_hooks_raise_nothing(words: "memoryview[int]", error: BaseException) -> None:
    strays = Strays(words, Buckets(lambda name, file: True))
    execute(words, 1)
    strays.finalizer_failed(failed(error))
    assert strays.take() is not None


class AllowedError(Exception):
    pass


class MoreError(AllowedError):
    pass


@pytest.mark.parametrize("error", [AllowedError(), MoreError(), SystemExit(), SystemExit(0), HarnessError("misuse")])
def test_what_is_no_failure_of_a_call_is_none_elsewhere(words: "memoryview[int]", error: BaseException) -> None:
    strays = Strays(words, Buckets(lambda name, file: True))
    strays.clean = (KeyError, AllowedError)
    execute(words, 1)
    strays.finalizer_failed(failed(error))
    assert strays.take() is None


def test_a_thread_may_end_by_exit_as_python_has_it(words: "memoryview[int]") -> None:
    strays = Strays(words, Buckets(lambda name, file: True))
    execute(words, 1)
    strays.thread_failed(failed(SystemExit(1)))
    assert strays.take() is None


def test_a_failure_keeps_nothing_alive_that_the_failed_thread_held(words: "memoryview[int]") -> None:
    """A connection, perhaps, whose end the target waits for."""
    strays = Strays(words, Buckets(lambda name, file: True))
    execute(words, 1)
    closed = threading.Event()

    class Connection:
        def __del__(self) -> None:
            closed.set()

    def fail() -> None:
        connection = Connection()
        raise ValueError(connection.__class__.__name__)

    def run() -> None:
        try:
            fail()
        except ValueError as error:
            strays.thread_failed(failed(error))

    run()
    assert closed.is_set()
    assert strays.take() is not None
