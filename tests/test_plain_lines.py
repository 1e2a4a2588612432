"""What is printed without a dashboard, line by line."""

from fuzztui.engine.show.costs import Cost, Profile
from fuzztui.engine.show.crasher import Confirmation
from fuzztui.engine.show.events import CrasherConfirmed, CrasherFound, Ended, Stats, WorkerEnded
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Yield
from fuzztui.engine.show.text import label, visible
from fuzztui.plain.lines import PlainLines, crasher_report
from fuzztui.words.sentences import YIELDS_LISTED, cost_lines, finds_per_million, share_words, short_traceback
from tests.ui.fakes import YIELDS, crasher, ended, outcome, profiled, worker


def test_long_messages_and_tracebacks_are_shortened_and_keep_the_failing_line() -> None:
    frames = "".join(f'  File "a.py", line {i}, in f\n    call({i})\n' for i in range(500))
    trace = f"Traceback (most recent call last):\n{frames}ValueError: {'x' * 50_000}\n"
    printed = crasher_report(crasher(0, message="x" * 50_000, traceback=trace))
    assert len(printed) < 6_000
    assert len(printed.splitlines()) < 70
    assert "Traceback (most recent call last):" in printed
    assert "line 499, in f" in printed
    assert "    ValueError: xxx" in printed
    assert "lines left out: the crash record has all of them" in printed


def test_short_tracebacks_are_printed_whole() -> None:
    trace = "".join(f"line {i}\n" for i in range(60))
    assert short_traceback(trace) == trace.splitlines()
    assert len(short_traceback(trace + "one more\n")) == 60
    assert short_traceback("") == []


def test_workers_that_crashers_end_are_told_once_a_second_and_counted() -> None:
    lines = PlainLines()

    def ending(elapsed: float, why: str = "crasher") -> str:
        is_by_input = "outside" not in why
        return lines(
            WorkerEnded(elapsed, 1, label("SIGSEGV"), visible(why), 0.1, is_orderly=False, is_by_input=is_by_input)
        )

    assert ending(3.0) == "fuzz: elapsed: 3s, worker 1 ended (SIGSEGV): crasher"
    assert [ending(3.0 + i / 10) for i in range(1, 10)] == [""] * 9
    assert "killed from outside" in ending(3.95, "killed from outside")
    assert ending(4.5) == "fuzz: elapsed: 4s, worker 1 ended (SIGSEGV): crasher (and 9 more since the last such line)"
    assert ending(4.6, "timeout") == ""
    last = ended()
    assert last.outcome is not None
    first, *_ = lines(Ended(5.0, last.outcome, 10, last.workers, ())).splitlines()
    assert first == "fuzz: elapsed: 5s, 1 more worker ended by crashers"


def test_failing_seed_is_explained_in_the_summary() -> None:
    lines = PlainLines()
    lines(CrasherFound(0.1, crasher(0, seed_name="a")))
    none = outcome(StopReason.FAILING_SEED, received=0, stored=0, duplicates=0)
    assert lines(Ended(0.2, none, 13, (), ())).splitlines() == [
        "fuzz: a seed or stored input fails after 5m 00s, 13 execs",
        "    1 failing stored input; 0 further hits received = 0 stored + 0 duplicates",
        "    not run again: the run ended first: ValueError in py_scanstring",
    ]


def confirmed(number: int, failures: int, runs: int = 3) -> CrasherConfirmed:
    return CrasherConfirmed(1.0, crasher(number, type=f"Error{number}", confirmation=Confirmation(runs, failures)))


def test_what_came_of_running_a_crasher_again_is_told_in_one_line() -> None:
    assert PlainLines()(confirmed(4, 3)) == "fuzz: elapsed: 1s, Error4 in py_scanstring: 3/3: failed again each time"


def test_crashers_of_one_name_are_told_apart_where_they_are_run_again() -> None:
    places = ("a.py:1", "a.py:2", "a.py:2", "a.py:2")
    messages = ("x", "x", "y", "y")
    lines = PlainLines()
    alike = [
        crasher(i, location=place, message=message, confirmation=Confirmation(3, 0))
        for i, (place, message) in enumerate(zip(places, messages, strict=True))
    ]
    for one in alike:
        lines(CrasherFound(0.1, one))
    said = [lines(CrasherConfirmed(1.0, one)) for one in alike]
    assert said[0].startswith("fuzz: elapsed: 1s, ValueError in py_scanstring at a.py:1: 0/3 needs state?: ran clean")
    assert "py_scanstring at a.py:2 (x): 0/3 needs state?" in said[1]
    assert f"py_scanstring at a.py:2 (y) [{alike[2].id}]: 0/3 needs state?" in said[2]
    assert len(set(said)) == 4


def test_the_summary_names_crashers_of_which_it_is_not_known_that_they_fail_each_time() -> None:
    lines = PlainLines()
    for number in range(12):
        lines(CrasherFound(0.1, crasher(number, type=f"Error{number}")))
    lines(confirmed(0, 3))
    lines(confirmed(1, 1))
    lines(confirmed(2, 0))
    lines(confirmed(3, 0))
    at_limit = outcome(StopReason.EXECUTION_LIMIT)
    assert lines(Ended(9.0, at_limit, 13, (), ())).splitlines()[2:] == [
        "    1/3 flaky: failed again not each time, depends on chance or state: Error1 in py_scanstring",
        "    0/3 needs state?: ran clean in fresh processes without probes, does not reproduce alone: "
        "Error2 in py_scanstring, Error3 in py_scanstring",
        "    not run again: the execution limit was reached: Error4 in py_scanstring, Error5 in py_scanstring, "
        "Error6 in py_scanstring, Error7 in py_scanstring, Error8 in py_scanstring and 3 more",
    ]


def test_last_figures_are_those_of_the_whole_run() -> None:
    last = ended(executions=600, elapsed=3.0, hits=1)
    assert "execs: 600 (200/sec)" in PlainLines()(Stats(3.0, last))
    assert "crashers: 2 (1 hit)" in PlainLines()(Stats(3.0, last))


def test_shares_and_yields_are_printed_as_aligned_tables() -> None:
    assert cost_lines(profiled(2), YIELDS[:3]) == [
        "time, 24,232 samples  worker 0  worker 1  all",
        "target                     61%       62%  62%",
        "instrumentation             2%        3%   3%",
        "mutation                   17%       16%  17%",
        "bookkeeping                11%       11%  11%",
        "measuring                   2%        2%   2%",
        "tracing                     2%        1%   2%",
        "reporting                  <1%       <1%  <1%",
        "waiting                     4%        4%   4%",
        "new inputs from  tries  finds  per million tries",
        "insert token     5.60M     61                 11",
        "comparisons      14.2k     49              3.45k",
        "delete range     4.90M     33                6.7",
    ]


def test_many_workers_and_sources_are_summed_up() -> None:
    many = [Yield(visible(f"source_{i}"), 10, 1) for i in range(YIELDS_LISTED + 5)]
    lines = cost_lines(profiled(9), many)
    assert lines[0].split()[-2:] == ["samples", "all"]
    assert lines[1 + len(Cost)].startswith("new inputs from")
    assert len(lines) == 1 + len(Cost) + 1 + YIELDS_LISTED
    assert len(cost_lines(profiled(9), [Yield(label("source"), 10, 0)])) == 1 + len(Cost)


def test_a_run_without_a_profile_has_no_tables() -> None:
    assert cost_lines([worker(0)], YIELDS) == []
    assert cost_lines([worker(0, profile=Profile(()))], ()) == ["time, 0 samples  worker 0  all"]


def test_costs_that_are_none_are_left_out() -> None:
    spinning = Profile(((Cost.TARGET, 9.0), (Cost.INSTRUMENTATION, 0.0), (Cost.WAITING, 1.0)))
    lines = cost_lines([worker(0, profile=spinning)], ())
    assert [line.split()[0] for line in lines] == ["time,", "target", "waiting"]


def test_small_shares_and_yields_are_not_rounded_to_nothing() -> None:
    assert [share_words(share) for share in (None, 0.0, 0.004, 0.005, 0.126, 1.0)] == [
        "", "0%", "<1%", "0%", "13%", "100%"
    ]  # fmt: skip
    yields = (
        Yield(label("a"), 0, 0),
        Yield(label("a"), 10, 0),
        Yield(label("a"), 3_000_000, 1),
        Yield(label("a"), 1_000_000, 61),
        Yield(label("a"), 7, 7),
    )
    assert [finds_per_million(one) for one in yields] == ["", "0", "0.3", "61", "1.00M"]
