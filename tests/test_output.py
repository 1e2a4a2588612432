"""What is printed can be printed, and waits in a bounded space until it is."""

import io
import os
import random
import subprocess
import sys
from typing import cast

import pytest

from fuzztui.engine.show.events import Ended, PhaseChanged, Stats, WorkerStarted
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.text import NOTHING, label, visible
from fuzztui.plain.backlog import MOST, Backlog
from fuzztui.plain.output import put
from fuzztui.terminal.showing import why_no_dashboard
from fuzztui.widgets.tone import plain, wrapped
from tests.ui.fakes import ended

SPELLED = {"\x1b[2J": r"\x1b[2J", "\x9b": r"\x9b", "\x7f": r"\x7f", "\u202e": r"\u202e", "\u200b": r"\u200b"}


@pytest.mark.parametrize("text", SPELLED)
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_whatever_a_library_prints_is_made_visible(
    text: str, stream: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from fuzztui.plain.output import Outlet

    original = getattr(sys, f"__{stream}__")
    monkeypatch.setattr(sys, stream, Outlet(original))
    print(f"a{text}\nb", file=getattr(sys, stream))
    assert capfd.readouterr()[stream == "stderr"] == f"a{SPELLED[text]}\nb\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-16", "koi8-r"])
def test_streams_that_are_none_of_the_systems_are_printed_to_as_well(encoding: str) -> None:
    data = io.BytesIO()
    stream = io.TextIOWrapper(data, encoding=encoding)
    put(stream, visible("\u00fc \u2192 \u0416"))
    expected = visible("\u00fc \u2192 \u0416").encode(encoding, "backslashreplace").decode(encoding)
    assert data.getvalue().decode(encoding) == f"{expected}\n"


def test_figures_that_nobody_has_read_give_way_to_newer_ones() -> None:
    backlog = Backlog()
    outcome = Outcome(StopReason.DONE, NOTHING, 0, 0, 0, 0, 0, 0.0)
    backlog.put(PhaseChanged(0.0, Phase.FUZZING))
    for second in range(30):
        backlog.put(Stats(float(second), ended()))
    backlog.put(Ended(1.0, outcome, 0, (), ()))
    first, figures, last = (backlog.get() for _ in range(3))
    assert isinstance(first, PhaseChanged)
    assert isinstance(figures, Stats)
    assert figures.elapsed == 29.0
    assert isinstance(last, Ended)


def test_starts_of_workers_are_left_out_where_too_many_wait_and_nothing_else_is() -> None:
    backlog = Backlog()
    for number in range(MOST + 10):
        backlog.put(WorkerStarted(0.0, 0, number, 0))
    backlog.put(PhaseChanged(0.0, Phase.STOPPING))
    entries = [backlog.get() for _ in range(MOST + 1)]
    assert isinstance(entries[-1], PhaseChanged)
    assert sum(isinstance(entry, WorkerStarted) for entry in entries) == MOST


def test_lines_are_wrapped_at_any_width_without_losing_anything() -> None:
    choices = random.Random(1)
    for _ in range(3000):
        text = "".join(choices.choice("  ab cdefgh") for _ in range(choices.randrange(40)))
        width, hang, cut = choices.randrange(-1, 12), choices.randrange(5), choices.random() < 0.5
        lines = [plain(line) for line in wrapped([((visible(text), "plain"),)], width, hang=hang, cut_words=cut)]
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        if cut:
            assert all(len(line) <= max(width, 1) for line in lines)


class Stream:
    """A standard stream, as far as the choice of a front end looks at one."""

    def __init__(self, encoding: str = "utf-8", terminal: bool = True) -> None:
        self.encoding = encoding
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def fileno(self) -> int:
        return 2


def reason(environment: dict[str, str], *streams: Stream | None) -> str:
    given = streams or (Stream(), Stream(), Stream())
    return why_no_dashboard(environment, *(cast(io.TextIOWrapper, stream) for stream in given))


@pytest.mark.parametrize(
    "kind",
    ["xterm", "xterm-256color", "screen.xterm-256color", "tmux-256color", "linux", "xterm-ghostty"],
)
def test_terminals_that_can_show_it_get_the_dashboard(kind: str) -> None:
    assert reason({"TERM": kind}) == ""


@pytest.mark.parametrize("kind", ["dumb", "vt52", "no-such-terminal", "\x1b[2J"])
def test_terminals_that_cannot_show_it_are_named(kind: str) -> None:
    """In a process of its own: the library that knows terminals knows one in each process."""
    program = (
        "import sys; from types import SimpleNamespace; from fuzztui.terminal.showing import why_no_dashboard;"
        "stream = SimpleNamespace(encoding='utf-8', isatty=lambda: True, fileno=lambda: 2);"
        "print(why_no_dashboard({'TERM': sys.argv[1]}, stream, stream, stream), end='')"
    )
    said = subprocess.run([sys.executable, "-c", program, kind], capture_output=True, text=True, timeout=60, check=True)
    assert said.stdout == f"TERM={visible(kind)} is no terminal that the dashboard can be drawn on"


@pytest.mark.parametrize("environment", [{}, {"TERM": ""}])
def test_a_terminal_of_no_kind_is_none(environment: dict[str, str]) -> None:
    assert reason(environment) == "TERM does not say what kind of terminal this is"


@pytest.mark.parametrize("encoding", ["ascii", "ISO-8859-15", "utf-16", "cp1252"])
def test_streams_that_lack_the_dashboards_characters_are_named(encoding: str) -> None:
    xterm = {"TERM": "xterm"}
    assert reason(xterm, Stream(), Stream(), Stream(encoding)) == f"standard error takes {encoding} instead of UTF-8"
    assert reason(xterm, Stream(), Stream(encoding), Stream()) == f"standard output takes {encoding} instead of UTF-8"
    assert reason(xterm, Stream(encoding), Stream("UTF8"), Stream("utf_8")) == ""


@pytest.mark.parametrize("which", range(3))
@pytest.mark.parametrize("stream", [None, Stream(terminal=False)], ids=["closed", "no terminal"])
def test_without_a_terminal_there_is_no_dashboard(which: int, stream: Stream | None) -> None:
    streams: list[Stream | None] = [Stream(), Stream(), Stream()]
    streams[which] = stream
    assert reason({"TERM": "xterm"}, *streams) == label("no terminal")


def test_a_descriptor_is_written_to_as_a_whole_whatever_it_takes_at_once(capfd: pytest.CaptureFixture[str]) -> None:
    long = "x" * 100_000
    put(sys.__stdout__, visible(long, len(long)))
    assert capfd.readouterr().out == f"{long}\n"
    assert os.fstat(1)
