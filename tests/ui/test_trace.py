"""A traceback is coloured by what its lines mean, whatever text stands in it."""

import faulthandler
import tempfile
from textwrap import dedent

import pytest

from fuzztui.engine.show.text import visible
from fuzztui.screens.sections import traceback_content
from fuzztui.widgets.tone import Line, plain
from fuzztui.widgets.trace import Trace, read_traceback
from tests.ui.driving import dashboard
from tests.ui.fakes import TRACEBACK, FakeSession, crasher, snapshot

STACK = """\
Stack (most recent call first):
  File "/a.py", line 10 in f
  File "/a.py", line 10 in f
  File "/a.py", line 3 in main
"""

GROUP = """\
  + Exception Group Traceback (most recent call last):
  |   File "/a.py", line 9, in main
  |     raise ExceptionGroup("both", errors)
  | ExceptionGroup: both (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/a.py", line 4, in f
    |     int(text) + 1
    |     ~~~^^^^^^
    | ValueError: first
    |
    | and more
    +---------------- 2 ----------------
    | Traceback (most recent call last):
    |   File "/a.py", line 5, in g
    | KeyError: 'second'
    +------------------------------------
"""

QUOTING = f"""\
Traceback (most recent call last):
  File "/a.py", line 7, in main
    raise ValueError(text)
ValueError: {STACK}"""


def _read(text: str, location: str = "") -> Trace:
    return read_traceback(visible(text, len(text), multiline=True), visible(location))


def shown(trace: Trace) -> str:
    return "\n".join(map(plain, trace.lines))


def toned(trace: Trace, tone: str) -> list[str]:
    return [text for line in trace.lines for text, its_tone in line if its_tone == tone and text]


def failing(trace: Trace) -> Line:
    assert trace.failing is not None
    return trace.lines[trace.failing]


FRAME = '  File "/a.py", line 10 in f\n'
ANY = [
    TRACEBACK, STACK, GROUP, QUOTING, STACK * 2500, QUOTING * 1500, GROUP * 600, STACK.splitlines()[0] + "\n" + FRAME,
    "", "\n\n", " ", "File", '  File "', '  File "", line ', "| + +-", '  File "/a.py", line ten, in f', "x" * 50_000,
    '  File "' * 10_000, '", line ' * 10_000, "\n" * 40_000, "    ^" * 10_000, "a: " * 10_000 + "\n" + FRAME * 10_000,
]  # fmt: skip


@pytest.mark.parametrize("text", ANY, ids=range(len(ANY)))
@pytest.mark.mostly_soak(8)
def test_every_text_is_shown_unchanged(text: str) -> None:
    trace = _read(text, "/a.py:10")
    assert shown(trace) == text.rstrip("\n")
    assert traceback_content(trace).plain == text.rstrip("\n")


def test_traceback_has_its_places_its_error_and_its_failing_line_set_apart() -> None:
    trace = _read(TRACEBACK, "json/scanner.py:35")
    assert toned(trace, "strong") == ["fuzz_json", "decode", "raw_decode", "scan_once", "_scan_once", "py_scanstring"]
    assert toned(trace, "bad") == ["ValueError"]
    assert ("    char = chr(uni)", "plain") in [line[0] for line in trace.lines]
    assert toned(trace, "muted")[-1] == " " * 11 + "^" * 8
    assert plain(failing(trace)) == '  File "/usr/lib/python3.11/json/scanner.py", line 35, in _scan_once'
    (mark,) = (span for span in traceback_content(trace).spans if "primary-muted" in str(span.style))
    assert traceback_content(trace).plain[mark.start : mark.end] == plain(failing(trace))


def test_line_number_that_only_begins_like_the_failing_one_is_another() -> None:
    assert _read(TRACEBACK, "json/scanner.py:3").failing is None


def test_stack_of_a_process_that_hangs_has_its_innermost_frame_on_top() -> None:
    trace = _read(STACK, "/a.py:10")
    assert (trace.failing, trace.newest_first) == (1, True)
    assert toned(trace, "strong") == ["f", "f", "main"]
    assert not _read(TRACEBACK, "json/decoder.py:124").newest_first


def test_stack_that_this_python_writes_is_read() -> None:
    with tempfile.TemporaryFile("w+") as file:
        faulthandler.dump_traceback(file, all_threads=False)
        file.seek(0)
        trace = _read(file.read())
    assert trace.lines[0][0][1] == "muted"
    assert toned(trace, "strong")[0] == "test_stack_that_this_python_writes_is_read"


def test_words_after_the_stack_of_a_signal_are_plain() -> None:
    text = STACK.replace("Stack", "Current thread 0x00007f01") + "\nThe last words:\n  File 1\n"
    trace = _read(text, "/a.py:10")
    assert trace.lines[0] == (("Current thread 0x00007f01 (most recent call first):", "muted"),)
    assert trace.lines[-1] == (("  File 1", "plain"),)
    assert trace.failing == 1


def test_members_of_an_exception_group_are_read_like_tracebacks() -> None:
    trace = _read(GROUP, "/a.py:4")
    assert toned(trace, "bad") == ["ExceptionGroup", "ValueError", "KeyError"]
    assert toned(trace, "strong") == ["main", "f", "g"]
    assert plain(failing(trace)) == '    |   File "/a.py", line 4, in f'
    assert trace.lines[8] == (("    | ", "muted"), ("    ~~~^^^^^^", "muted"))
    assert trace.lines[11] == (("    | ", "muted"), ("and more", "plain"))


def test_message_that_holds_a_stack_is_a_message() -> None:
    trace = _read(QUOTING, "/a.py:10")
    assert trace.failing is None
    assert trace.lines[4:] == [((line, "plain"),) for line in STACK.splitlines()[1:]]


def test_second_exception_of_a_chain_is_read_too() -> None:
    chain = dedent("""\
        Traceback (most recent call last):
          File "/a.py", line 1, in f
          [Previous line repeated 99 more times]
        ValueError

        During handling of the above exception, another exception occurred:

        Traceback (most recent call last):
          File "/a.py", line 2, in g
        pkg.Broken: two
    """)
    trace = _read(chain, "/a.py:2")
    assert toned(trace, "bad") == ["ValueError", "pkg.Broken"]
    assert trace.failing == 8


@pytest.mark.parametrize("text", [STACK, QUOTING, GROUP, FRAME + "abc\n" * 10_000], ids=range(4))
@pytest.mark.mostly_soak(1)
async def test_crasher_with_any_traceback_opens(text: str) -> None:
    one = crasher(0, traceback=text, location="/a.py:10", type="timeout after 1 s", message="")
    async with dashboard(FakeSession(snapshot(crashers=(one,))), size=(80, 24)) as driver:
        await driver.press("tab", "enter")
        await driver.until(lambda: "timeout after 1 s in" in driver.text)
        await driver.press("g")
        await driver.until(lambda: any(text.splitlines()[0] in line for line in driver.lines))


async def test_stack_with_the_newest_frame_on_top_is_opened_at_its_top() -> None:
    one = crasher(0, traceback=STACK + '  File "/a.py", line 3 in main\n' * 90, location="/a.py:10")
    async with dashboard(FakeSession(snapshot(crashers=(one,))), size=(80, 24)) as driver:
        await driver.press("tab", "enter")
        await driver.until(lambda: "line 10 in f" in driver.text)
