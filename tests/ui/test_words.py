"""The words and figures of all screens, without a screen."""

from dataclasses import replace

import pytest
from rich.cells import cell_len

from fuzztui.engine.show.events import WorkerEnded
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.reload import Fate, Recheck
from fuzztui.engine.show.snapshot import Phase, Snapshot
from fuzztui.engine.show.text import label, visible
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.screens.help import WORDS
from fuzztui.screens.listing import Desk, Order, listed
from fuzztui.screens.news import Toast, toasts
from fuzztui.screens.report import printed_report, report
from fuzztui.screens.rows import crasher_row
from fuzztui.screens.sections import Look, headline
from fuzztui.widgets.tone import Line, clipped, content, line_of, plain, rich_text, wrapped
from fuzztui.widgets.wording import (
    NONE,
    ago,
    end_words,
    hits_words,
    percent,
    rate,
    state_span,
    time_words,
    title_line,
    totals_line,
)
from fuzztui.words.sentences import account, plural, run_rate
from tests.ui.fakes import crasher, empty_snapshot, ended, outcome, snapshot, worker


def text(lines: list[Line]) -> str:
    return "\n".join(map(plain, lines))


def test_no_figure_is_a_dash() -> None:
    assert (rate(None), ago(None), percent(3, 0)) == (NONE, NONE, NONE)
    assert (rate(0.0), ago(0.0), percent(0, 7)) == ("0/s", "0s ago", "0%")


def test_limit_is_told_as_what_is_left_of_it() -> None:
    assert time_words(snapshot(elapsed=252.0, time_limit=300.0)) == "stops in 00:00:48"
    assert time_words(snapshot(elapsed=301.0, time_limit=300.0)) == "stops in 00:00:00"
    assert time_words(snapshot(time_limit=None)) == "no limit"
    assert time_words(snapshot(time_limit=None, execution_limit=10_000, executions=9_000)) == "stops in 1.00k execs"
    assert time_words(snapshot(phase=Phase.STOPPING)) == ""


@pytest.mark.parametrize("width", [58, 78, 98, 130, 158])
def test_status_lines_fit_their_width(width: int) -> None:
    for shown in (
        snapshot(),
        empty_snapshot(),
        snapshot(executions=10**15, edges=10**6, edges_total=10**7, corpus=10**6),
    ):
        assert len(plain(title_line(shown, width))) <= width
        assert len(plain(totals_line(shown, width))) <= width


def test_state_is_followed_by_what_belongs_to_it() -> None:
    assert state_span(worker(1, WorkerState.BASELINE, detail="3/192")) == ("◔ baseline 3/192", "accent")
    assert end_words(worker(1)) == ""
    assert end_words(worker(1, WorkerState.ENDED, exit="SIGKILL", exit_seconds=1.21)) == "SIGKILL in 1.2 s"
    assert plural(1, "hit") == "1 hit"
    assert plural(2, "hit") == "2 hits"


def test_wrapped_lines_keep_their_text_tones_and_indentation() -> None:
    line = line_of((("    $ ", "muted"), ("run this command now", "plain")))
    lines = wrapped([line], 14)
    assert [plain(part) for part in lines] == ["    $ run this", "    command", "    now"]
    assert lines[0] == (("    $ ", "muted"), ("run this", "plain"))
    assert [plain(part) for part in wrapped([line_of([("  " + "x" * 20, "plain")])], 10)] == [
        "  xxxxxxxx",
        "  xxxxxxxx",
        "  xxxx",
    ]
    assert wrapped([()], 10) == [()]


def test_wrapped_lines_hang_and_keep_words_whole_where_asked() -> None:
    line = line_of((("  a bc", "strong"), ("  de  f ", "plain"), ("ghijklmnopqrstuv w", "muted")))
    lines = wrapped([line], 9, hang=2, cut_words=False)
    assert [plain(part) for part in lines] == ["  a bc", "    de  f", "    ghijklmnopqrstuv", "    w"]
    assert lines[1] == (("    de  f", "plain"),)
    assert [plain(part) for part in wrapped([line_of([("x" * 20 + " y", "plain")])], 9, cut_words=False)] == [
        "x" * 20,
        "y",
    ]
    assert [plain(part) for part in wrapped([line_of([("x" * 20, "plain")])], 9, cut_words=False)] == ["x" * 20]


def test_texts_are_never_taken_for_markup() -> None:
    lines: list[Line] = [line_of((("[/x][bold]a[/]", "bad"), ("[red]", "plain"))), line_of([("b", "muted")])]
    assert content(lines).plain == "[/x][bold]a[/][red]\nb"
    assert rich_text(lines).plain == "[/x][bold]a[/][red]\nb"


def test_failing_seeds_are_no_part_of_what_was_received() -> None:
    one = outcome(received=1, stored=1, duplicates=0)
    assert account(one, []) == "1 hit received = 1 stored + 0 duplicates"
    assert account(outcome(), []) == "19 hits received = 2 stored + 17 duplicates"
    none = outcome(received=0, stored=0, duplicates=0)
    stored, declared = crasher(seed_name="a"), crasher(seed_name="seed 1", path=None)
    assert account(none, [declared]) == "1 failing seed; 0 further hits received = 0 stored + 0 duplicates"
    lost = outcome(received=3, stored=1, duplicates=1, unsaved=1)
    known = "1 failing seed, 2 failing stored inputs"
    summed = "3 further hits received = 1 stored + 1 duplicate + 1 NOT STORED"
    assert account(lost, [stored, declared, stored]) == f"{known}; {summed}"


def test_rate_of_a_run_that_has_ended_is_that_of_all_of_it() -> None:
    assert run_rate(snapshot(rate=7.0)) == 7.0
    assert run_rate(snapshot(rate=None, executions=500, elapsed=10.0)) == 50.0
    assert run_rate(replace(ended(executions=500, elapsed=10.0), rate=7.0)) == 50.0
    assert run_rate(empty_snapshot()) is None


def test_hits_fit_their_column() -> None:
    assert [hits_words(hits) for hits in (17, 1080, 9_999, 10_000, 99_999, 1_234_567)] == [
        "17",
        "1,080",
        "9,999",
        "10.0k",
        "100k",
        "1.23M",
    ]


def test_figures_of_the_scripted_run_agree() -> None:
    for shown in (snapshot(), ended()):
        assert shown.corpus_new == sum(row.found for row in shown.workers)
        assert shown.hits == sum(row.crashers for row in shown.workers) == sum(item.hits for item in shown.crashers)
        assert shown.executions == sum(row.executions for row in shown.workers)
        assert (shown.edges, shown.corpus) == pytest.approx(
            (shown.history[-1].edges, shown.history[-1].corpus), rel=0.03
        )


# Toasts ---------------------------------------------------------------------------------------------------------------


def test_new_crashers_of_one_tick_make_one_toast() -> None:
    before = snapshot(crashers=(), hits=0)
    one = snapshot(crashers=(crasher(0),), hits=1)
    assert toasts(before, one, []) == [Toast(visible("1 new crasher: ValueError in py_scanstring"), "warning")]
    many = snapshot(crashers=tuple(crasher(i) for i in range(3)), hits=3)
    assert toasts(before, many, []) == [Toast(visible("3 new crashers"), "warning")]
    flood = snapshot(crashers=(crasher(0), crasher(1)), hits=300)
    assert toasts(before, flood, []) == [Toast(visible("2 new crashers"), "warning")]


def test_repeated_hits_alone_make_no_toast() -> None:
    assert toasts(snapshot(hits=19), snapshot(hits=1900), []) == []


def test_crasher_that_was_not_saved_is_an_error() -> None:
    now = snapshot(crashers=(crasher(0, path=None),), hits=1)
    (toast,) = toasts(snapshot(crashers=(), hits=0), now, [])
    assert toast.severity == "error"
    assert toast.message == "1 new crasher could NOT be saved: ValueError in py_scanstring"
    now = snapshot(crashers=(crasher(0, path=None), crasher(1)), hits=2)
    assert toasts(snapshot(crashers=(), hits=0), now, []) == [
        Toast(visible("2 new crashers, 1 could NOT be saved"), "error")
    ]


def test_failing_seed_is_not_told_as_a_new_crasher() -> None:
    now = snapshot(crashers=(crasher(0, seed_name="a"),), hits=1)
    assert toasts(snapshot(crashers=(), hits=0), now, []) == [
        Toast(visible("1 failing stored input: ValueError in py_scanstring"), "warning")
    ]


def test_worker_that_ends_unasked_is_told_one_that_was_asked_is_not() -> None:
    killed = WorkerEnded(
        3.0, 2, label("SIGKILL"), label("killed by SIGKILL from outside, input ran clean 3/3"), 0.1, is_orderly=False
    )
    asked = WorkerEnded(3.0, 1, label("exit 0"), label("stopped by you"), 0.1, is_orderly=True)
    now = snapshot()
    assert toasts(now, now, [asked]) == []
    (toast,) = toasts(now, now, [asked, killed])
    assert toast.message == "Worker 2 ended (SIGKILL): killed by SIGKILL from outside, input ran clean 3/3"
    (toast,) = toasts(now, now, [killed] * 64)
    assert toast.message.startswith("64 workers ended unasked, the last one (SIGKILL): killed by SIGKILL")
    assert toasts(now, snapshot(phase=Phase.STOPPING), [killed]) == []
    assert toasts(now, now, [replace(killed, is_by_input=True)]) == []


# The final report -----------------------------------------------------------------------------------------------------


def test_report_tells_reason_totals_each_worker_and_each_crasher_with_its_command() -> None:
    last = ended(workers=(*ended().workers, worker(2, WorkerState.STOPPED)))
    words = text(report(last))
    for part in (
        "Time limit reached", "exit code 1", "00:05:00", "214 of 339 edges", "279 new in this run",
        "19 hits received = 2 stored + 17 duplicates", "SIGKILL in 1.2 s", "stopped by you",
 *(f"$ {item.command}" for item in last.crashers),
        f"fuzztui test {last.target_id}",
    ):  # fmt: skip
        assert part in words, part


def test_report_of_a_clean_run_says_how_to_go_on() -> None:
    clean = ended(crashers=(), hits=0, outcome=outcome(exit_code=0, received=0, stored=0, duplicates=0))
    words = text(report(clean))
    assert "Nothing fails so far" in words
    assert "--fuzz-time 10m" in words
    assert "Crashers" not in words


@pytest.mark.parametrize("reason", StopReason, ids=lambda reason: reason.name)
def test_report_of_every_reason_names_it_and_shows_its_detail(reason: StopReason) -> None:
    last = ended(outcome=outcome(reason, detail="worker terminated without fuzzing\nexit 99"))
    words = text(report(last)).lower()
    assert reason.value.lower() in words
    assert "  worker terminated without fuzzing\n  exit 99" in words


def test_report_keeps_the_bytes_of_an_input_that_is_stored_nowhere() -> None:
    lost = crasher(0, path=None, data=bytes(range(256)) * 2)
    last = ended(crashers=(lost,), outcome=outcome(unsaved=1, exit_code=75))
    assert lost.data.hex() in text(report(last))
    short = text(report(last, 16))
    assert f"{lost.data[:16].hex()} and 496 more" in short
    assert "1 crasher could not be saved" in short


@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_printed_report_is_wrapped_at_words_and_its_commands_stay_whole(width: int) -> None:
    lost = crasher(0, path=None, command="", message="words " * 40, data=bytes(range(256)))
    last = ended(crashers=(lost, *ended().crashers), outcome=outcome(unsaved=1, exit_code=75, detail="why " * 50))
    lines = list(map(plain, printed_report(last, width)))
    commands = {plain(line) for line in report(last) if "$ " in plain(line)}
    assert len(commands) == 3
    assert commands <= set(lines)
    for line in lines:
        assert len(line) <= width or line in commands or line == f"      {lost.data.hex()}"
    assert " ".join(" ".join(lines).split()) == " ".join(text(report(last)).split())
    assert [line for line in lines if line.startswith("    why")]
    assert printed_report(last, None) == report(last)


def test_report_lists_ten_crashers_and_where_the_others_are() -> None:
    found = tuple(crasher(i, message="m" * 5000) for i in range(34))
    lost = crasher(99, path=None, command="")
    lines = report(ended(crashers=(*found, lost), outcome=outcome(unsaved=1, exit_code=75)))
    words = text(lines)
    assert words.count("$ fuzztui replay") == 10
    assert "and 24 more in examples/testdata/corpus/fuzz_json" in words
    assert lost.data.hex() in words
    assert max(len(plain(line)) for line in lines) < 500
    assert plain(lines[0]).startswith("■ Time limit reached")


def test_report_before_the_end_is_refused() -> None:
    with pytest.raises(ValueError, match="when it has ended"):
        report(snapshot())


def test_mark_before_a_crasher_says_everywhere_where_its_input_is() -> None:
    marked = (crasher(0), crasher(1, seed_name="empty"), crasher(2, path=None))
    last = ended(crashers=marked, outcome=outcome(unsaved=1))
    reported = [plain(line)[2] for line in report(last) if " in py_scanstring" in plain(line)]
    items = listed(marked, Order.NEWEST, "")[::-1]
    rows = [crasher_row(item, Desk(), 300.0).cells[0] for item in items]
    headlines = [headline(one, Look.at(last))[0] for one in marked]
    expected = ("● ", "plain"), ("◆ ", "warn"), ("✗ ", "bad")
    assert reported == ["●", "◆", "✗"]
    assert rows == [("●", "bad"), ("◆", "warn"), ("✗", "bad")], "what is new is red in the list"
    assert [line[0] for line in headlines] == list(expected)
    assert dict(WORDS)["● ○ ◆ ✗"].startswith("before a crasher: new since you last looked")


def test_the_time_limit_counts_from_when_the_target_is_loaded() -> None:
    assert time_words(snapshot(elapsed=100.0, time_limit=300.0, loaded_at=None)) == "stops in 00:05:00"
    assert time_words(snapshot(elapsed=100.0, time_limit=300.0, loaded_at=60.0)) == "stops in 00:04:20"
    assert time_words(snapshot(elapsed=361.0, time_limit=300.0, loaded_at=60.0)) == "stops in 00:00:00"


def test_crasher_that_is_not_fixed_after_all_makes_a_toast() -> None:
    def run(*fates: Fate) -> Snapshot:
        return snapshot(crashers=tuple(crasher(i, recheck=Recheck(fate)) for i, fate in enumerate(fates)))

    fixed, again = Fate.FIXED, Fate.FAILS_AGAIN
    (toast,) = toasts(run(fixed, Fate.FAILS), run(again, Fate.FAILS), [])
    assert toast.message == "Not fixed after all: ValueError in py_scanstring fails by another input"
    (toast,) = toasts(run(fixed, fixed), run(again, again), [])
    assert toast.message == "Not fixed after all: 2 crashers fail by another input"
    assert toasts(run(again), run(again), []) == []
    assert toasts(snapshot(crashers=(crasher(0),)), run(again), []) == [], "another reload has told of it"


def test_what_is_cut_off_below_ends_with_an_ellipsis() -> None:
    lines = [line_of([(text, "warn")]) for text in ("one", "two", "three four")]
    assert clipped(lines, 3, 10) == lines
    assert [plain(line) for line in clipped(lines, 2, 10)] == ["one", "two…"]
    assert [plain(line) for line in clipped(lines[2:] * 2, 1, 10)] == ["three fou…"]
    assert clipped(lines, 2, 10)[1][0] == ("two…", "warn")


@pytest.mark.parametrize("width", [1, 2, 5, 9])
def test_wide_characters_wrap_by_the_cells_they_take(width: int) -> None:
    text = visible("可能 e\u0301e\u0301e\u0301 漢字漢字漢字 👩 x" * 2)
    lines = [plain(line) for line in wrapped([((text, "plain"),)], width)]
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(cell_len(line) <= max(width, 2) for line in lines), lines
