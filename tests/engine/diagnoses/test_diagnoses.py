"""Each diagnosis speaks where its case is, with the figures and what to do, and is silent in cases that look alike."""

import pytest

from fuzztui.engine.diagnoses.diagnose import diagnoses
from fuzztui.engine.diagnoses.figures import Exceptional, Figures, Imported, Loading, Missing
from fuzztui.engine.diagnoses.slow_inputs import slow_ones
from fuzztui.engine.show.text import label
from tests.engine.diagnoses.healthy import HEALTHY, figures, labour, names, readings, seen


def names_of(run: Figures) -> set[str]:
    return {found.name for found in diagnoses(run)}


def said(run: Figures, name: str) -> str:
    """All that one diagnosis says."""
    return str(next(found.text for found in diagnoses(run) if found.name == name))


def exceptional(hits: int, name: str = "json.decoder.JSONDecodeError", is_exception: bool = True) -> Exceptional:
    return Exceptional(label(name), hits, is_exception)


def imported(name: str, probes: int, reached: int, accelerator: str = "") -> Imported:
    return Imported(label(name), True, probes=probes, reached=reached, accelerator=label(accelerator))


def failing(share: float, ran: int = 1000, **changes: object) -> Figures:
    failed = int(share * ran)
    return figures(window_executions=ran, window_failures=failed, failures=(exceptional(failed),), **changes)


def test_healthy_run_has_no_diagnosis() -> None:
    assert diagnoses(HEALTHY) == ()


def test_run_that_has_just_begun_has_no_diagnosis() -> None:
    assert diagnoses(Figures()) == ()


ANCHOR = Missing(label("parse_anchor"), label("y.py"), 90, 63, 12_000, label("never true"))

# Each of these pairs: a run that has it, and words that must be in what is said.

SPEAKS = {
    "failing: all": (failing(1.0), "failing", ["Every input fails", "1,000", "raises=JSONDecodeError"]),
    "failing: all but those that are not counted yet": (failing(0.99), "failing", ["Nearly every input fails", "990"]),
    "failing: four of five": (failing(0.8), "failing", ["80%", "raises=JSONDecodeError"]),
    "failing: by ending the process": (
        figures(window_executions=400, window_failures=400, failures=(exceptional(400, "exit status 3", False),)),
        "failing",
        ["Every input fails", "400"],
    ),
    "discarded: all": (
        figures(all_executions=43_205, discarded=43_204, fuzzing_for=6.0),
        "discarded",
        ["Every execution is discarded (43,205): nothing has been tested."],
    ),
    "discarded: nearly all": (
        figures(all_executions=10_000, discarded=9_720, fuzzing_for=6.0),
        "discarded",
        ["97.2% of executions are discarded (9,720 of 10,000)."],
    ),
    "unreached: one module": (
        figures(imports=(Imported(label("parser"), True, probes=320),), edges_outside=0, edges=3),
        "unreached",
        ["parser (0 of 320)", "--include", "12,000,000"],
    ),
    "unreached: five": (
        figures(
            edges=30,
            imports=tuple(Imported(label(name), True, probes=10) for name in ("a", "b", "c", "d", "e")), edges_outside=0
        ),
        "unreached",
        ["a (0 of 10), b (0 of 10), c (0 of 10) and 2 more"],
    ),
    "native: handed on": (
        figures(imports=(imported("json", 338, 11, "_json"),), since_new=31.0, edges=12),
        "native",
        ["json hands on to _json (11 of 338 edges are reached)", "--dict"],
    ),
    "native: nothing else is imported": (
        figures(imports=(Imported(label("orjson"), False, is_compiled=True),), edges_outside=0, since_new=12.0),
        "native",
        ["orjson is compiled"],
    ),
    "native: nothing but names": (
        figures(imports=(imported("sqlite3", 13, 0, "_sqlite3"),), since_new=31.0, edges=4, edges_outside=0),
        "native",
        ["sqlite3 hands on to _sqlite3 (0 of 13 edges are reached)"],
    ),
    "native: a module of the standard library": (
        figures(
            imports=(
                Imported(label("zlib"), False, is_compiled=True),
                Imported(label("time"), False, is_compiled=True),
            ),
            edges=3, edges_outside=0, since_new=12.0,
        ),
        "native",
        [": zlib is compiled."],
    ),
    "native: both": (
        figures(
            imports=(
                imported("pickle", 600, 7, "_pickle"),
                imported("typing", 900, 0),
                Imported(label("lxml.etree"), False, is_compiled=True),
            ),
            since_new=50.0,
        ),
        "native",
        ["pickle hands on to _pickle", "lxml.etree is compiled"],
    ),
    "slowing": (
        figures(labours=(labour(0), labour(1, readings=readings(rates=(20_000, 3_000), megabytes=(40, 900))))),
        "slowing",
        ["Worker 1", "MB", "/s", "cache"],
    ),
    "slowing: within two minutes": (
        figures(labours=(labour(0, readings=readings(120, (900, 90), (100, 400))),)),
        "slowing",
        ["Worker 0", "1m 57s"],
    ),
    "unstable": (
        figures(checked_finds=40, unstable_finds=9, unstable=names("a.py:1", "a.py:2", "b.py:3", "b.py:4", "b.py:9")),
        "unstable",
        ["9 of 40", "a.py:1, a.py:2, b.py:3, b.py:4 and 1 more", "random"],
    ),
    "unstable: every find": (
        figures(checked_finds=12, unstable_finds=12, unstable=names("clock.py:7")),
        "unstable",
        ["12 of 12", "clock.py:7"],
    ),
    "idle: far slower": (
        figures(labours=(labour(0), labour(1, executions=870), labour(2))),
        "idle",
        ["Worker 1", "3/s", "20.0k/s"],
    ),
    "idle: finds nothing": (
        figures(labours=(labour(0, found_by_all=90), labour(1, found=0, found_by_all=90))),
        "idle",
        ["Worker 1 has found nothing", "90"],
    ),
    "slow: most of the time": (
        figures(glances=seen(1200, 960, 0.1, 0.0016)),
        "slow",
        ["80% of 1,200 looks", "about 0.2 s", "others take 1.6 ms", "b'SSSSSSSSS'"],
    ),
    "slow: half of it, in a young run": (
        figures(glances=seen(120, 60, 1.5, 0.02)),
        "slow",
        ["50% of 120 looks", "about 3 s"],
    ),
    "loading: stands": (
        figures(loading=(Loading(0, 26.0, label("fuzz_hang.py:3 in <module>"), 24.0),)),
        "loading",
        ["Worker 0 has been loading", "26s", "24s at fuzz_hang.py:3", "60 s"],
    ),
    "loading: stands since it was first looked at": (
        figures(loading=(Loading(0, 5.2, label("fuzz_hang.py:2 in <module>"), 2.5),)),
        "loading",
        ["5s, for 2s at fuzz_hang.py:2", "look at that line"],
    ),
    "loading: goes on": (
        figures(loading=(Loading(0, 9.0, label("numpy/core.py:9"), 0.0), Loading(1, 8.0))),
        "loading",
        ["Worker 0 and 1 more have been loading", "now at numpy/core.py:9"],
    ),
    "loading: nobody knows where": (figures(loading=(Loading(3, 12.0),)), "loading", ["Worker 3", "12s"]),
    "plateau: behind a condition": (
        figures(since_new=310.0, missing=(ANCHOR,)),
        "plateau",
        ["for 5m 10s", "most of", "parse_anchor, behind line 63, reached 12,000 times by the corpus, never true"],
    ),
    "plateau: by function": (
        figures(since_new=900.0, missing=(Missing(label("scan"), label("y.py"), 40, 12),)),
        "plateau",
        ["15m", "32% of what is missing (40 of 125 edges) is in scan from line 12 of y.py on"],
    ),
    "plateau: all is covered": (figures(since_new=301.0, edges=339), "plateau", ["all 339 edges are covered"]),
}  # fmt: skip


@pytest.mark.parametrize("case", SPEAKS)
def test_diagnosis_is_made_with_its_figures(case: str) -> None:
    run, name, words = SPEAKS[case]
    assert names_of(run) == {name}
    for word in words:
        assert word in said(run, name)


SILENT = {
    "discarded: nine of ten": figures(all_executions=10_000, discarded=9_000, fuzzing_for=6.0),
    "discarded: too few to tell": figures(all_executions=900, discarded=900, fuzzing_for=6.0),
    "discarded: in the first second": figures(all_executions=10_000, discarded=10_000, fuzzing_for=1.0),
    "failing: three of ten": failing(0.3),
    "failing: too few to tell": failing(1.0, ran=40),
    "failing: many in all, few of late": figures(window_failures=0, failures=(exceptional(3_000_000),)),
    "unreached: one of two is": figures(
        imports=(Imported(label("parser"), True, probes=320), Imported(label("lexer"), True, probes=3, reached=1))
    ),
    "unreached: in the first second": figures(
        imports=(Imported(label("parser"), True, probes=320),), edges_outside=0, fuzzing_for=1.0
    ),
    "unreached: a helper of code in its own file": figures(
        imports=(Imported(label("random"), True, probes=240),), edges_outside=0, edges=11
    ),
    "unreached: a package beside much code in its own file": figures(
        imports=(Imported(label("yaml"), True, probes=2400),), edges_outside=0, edges=90
    ),
    "unreached: types only": figures(imports=(Imported(label("typing"), True, probes=900),), edges_outside=0),
    "unreached: reached through another module": figures(imports=(Imported(label("facade"), True, probes=2),)),
    "native: the Python of it is used": figures(imports=(imported("json", 338, 120, "_json"),), since_new=31.0),
    "native: beside a parser in Python": figures(
        imports=(imported("json", 338, 2, "_json"), imported("parser", 320, 190)), since_new=31.0
    ),
    "native: something new was found just now": figures(imports=(imported("json", 338, 11, "_json"),), since_new=2.0),
    "native: a parser that is stuck": figures(imports=(imported("parser", 320, 9),), since_new=90.0),
    "native: all code is in its own file": figures(
        imports=(Imported(label("time"), False, is_compiled=True),), edges_outside=0, edges=5, since_new=60.0
    ),
    "native: its own file has more than a call": figures(
        imports=(Imported(label("binascii"), False, is_compiled=True),), edges_outside=0, edges=12, since_new=60.0
    ),
    "slowing: slower alone": figures(labours=(labour(0, readings=readings(rates=(20_000, 3_000))),)),
    "slowing: larger alone": figures(labours=(labour(0, readings=readings(megabytes=(40, 900))),)),
    "slowing: in the first half minute": figures(
        labours=(labour(0, readings=readings(30, (20_000, 2_000), (40, 900))),)
    ),
    "slowing: a small program that doubles": figures(
        labours=(labour(0, readings=readings(rates=(20_000, 3_000), megabytes=(12, 30))),)
    ),
    "unstable: one of many": figures(checked_finds=100, unstable_finds=4, unstable=names("cache.py:1")),
    "unstable: a cache that fills, in a young run": figures(
        checked_finds=5, unstable_finds=2, unstable=names("cache.py:1")
    ),
    "unstable: two of three": figures(checked_finds=3, unstable_finds=2, unstable=names("cache.py:1")),
    "idle: alone": figures(labours=(labour(0, executions=3, found=0),)),
    "idle: half as fast": figures(labours=(labour(0), labour(1, executions=2_900_000))),
    "idle: nobody finds anything": figures(
        labours=(labour(0, found=0, found_by_all=0), labour(1, found=0, found_by_all=0))
    ),
    "idle: has just begun": figures(labours=(labour(0), labour(1, seconds=4.0, executions=10, found=0))),
    "idle: one of thirty, few finds": figures(
        labours=tuple(
            labour(n, found=0 if n == 7 else 2, found_by_all=60, executions_of_all=174_000_000) for n in range(30)
        )
    ),
    "slow: all alike": figures(glances=seen(1200, 0, 0.0, 0.2)),
    "slow: a tenth of the time": figures(glances=seen(1200, 120, 0.3, 0.0005)),
    "slow: a quarter": figures(glances=seen(1200, 300, 0.3, 0.0005)),
    "slow: too early": figures(glances=seen(40, 40, 0.3, 0.005)),
    "loading: three seconds": figures(loading=(Loading(0, 3.0, label("pandas/__init__.py:1"), 2.0),)),
    "loading: at a line that it may have left already": figures(
        loading=(Loading(0, 6.0, label("fuzz_hang.py:2 in <module>"), 1.0),)
    ),
    "loading: none": figures(loading=()),
    "plateau: four minutes": figures(since_new=240.0),
    "plateau: no coverage at all": figures(since_new=900.0, edges=0, edges_total=0, edges_outside=1),
    "plateau: hardly anything was run": figures(since_new=900.0, executions=20, window_executions=2),
}


@pytest.mark.parametrize("case", SILENT)
def test_no_false_alarm(case: str) -> None:
    assert diagnoses(SILENT[case]) == ()


def looks(seconds: float, *executions: tuple[float, int]) -> tuple[list[float], float]:
    """What is seen each tenth of a second of a worker that takes so long for so many executions each, and its rate."""
    whole = [each for each, times in executions for _ in range(times)]
    ages: list[float] = []
    length, began, number = sum(whole), 0.0, 0
    while len(ages) < seconds * 10:
        moment = len(ages) / 10 * 0.9973  # no beat with what is looked at
        while began + whole[number % len(whole)] <= moment:
            began += whole[number % len(whole)]
            number += 1
        ages.append(moment - began)
    return ages, len(whole) / length


def share_of_slow(seconds: float, *executions: tuple[float, int]) -> float:
    ages, rate = looks(seconds, *executions)
    return len(slow_ones(ages, rate)[1]) / len(ages)


def test_one_slow_input_in_ten_or_in_thousands_is_seen_to_be_slow() -> None:
    """Where slow ones take nearly all of the time, they are not far slower than the average."""
    for usual, times in ((0.0005, 9), (0.0005, 99), (0.00005, 5_000)):
        assert share_of_slow(60.0, (0.3, 1), (usual, times)) > 0.5
        found, _ = slow_ones(*looks(60.0, (0.3, 1), (usual, times)))
        assert found < 10 * usual


@pytest.mark.parametrize("all_alike", [0.2, 0.012, 0.00002, 3.0])
def test_no_input_is_slow_where_all_take_alike(all_alike: float) -> None:
    assert share_of_slow(60.0, (all_alike, 1)) == 0
    assert share_of_slow(60.0, (all_alike, 3), (2 * all_alike, 2)) < 0.05


def test_no_input_is_slow_because_the_worker_has_no_core() -> None:
    """A busy machine takes the core away now and then: whatever was in progress looks old."""
    ages, rate = looks(60.0, (0.12, 1), (0.0002, 500))
    assert len(slow_ones(ages, rate)[1]) > 0.4 * len(ages)
    assert not slow_ones(ages, rate, waiting=0.6)[1]
    assert len(slow_ones(ages, rate, waiting=0.05)[1]) > 0.4 * len(ages)


def test_nothing_is_slow_of_a_worker_that_has_done_nothing_yet() -> None:
    assert slow_ones([2.0, 3.0], 0.0) == (0.0, ())


def test_each_diagnosis_has_two_cases_of_each_kind() -> None:
    kinds = {case.partition(":")[0] for case in SILENT}
    for kind in kinds:
        assert sum(case.partition(":")[0] == kind for case in SILENT) >= 2
        assert sum(name == kind for _, name, _ in SPEAKS.values()) >= 2
    assert kinds == {name for _, name, _ in SPEAKS.values()}
