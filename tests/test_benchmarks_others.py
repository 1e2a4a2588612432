import importlib.metadata
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.__main__ import chosen, heading
from benchmarks.arena import BUGS, Arena, bare_arena
from benchmarks.bugs import SLOW, searches
from benchmarks.child import MeasurementError
from benchmarks.other_search import SEARCHES, versions
from benchmarks.others import NONE, Beside, duration, measure, outcome, shown, targets, verdicts
from benchmarks.plan import Effort, Plan
from benchmarks.search import Search

MISSED, EARLY, LATE = Search(9.7, 0.1, False), Search(2.0, 0.2, True), Search(6.0, 0.3, True)

FAILING = """
class PlantedError(Exception):
    pass


def fuzz_easy(data: bytes) -> None:
    if len(data) > 2 and data[0] > 100:
        raise PlantedError
"""


def plan(*names: str, full: bool = False, bugs: tuple[str, ...] = BUGS) -> Plan:
    others = dict.fromkeys(names, "1.2")
    return Plan(targets=(), bugs=bugs, seconds=1.0, rounds=1, full=full, peer="3.0.0", others=others)


def installed(*names: str) -> Callable[[str], str]:
    def version(name: str) -> str:
        if name not in names:
            raise importlib.metadata.PackageNotFoundError(name)
        return "1.2"

    return version


def row(target: str, ours: Search, **others: Search) -> Beside:
    outcomes = {name: outcome([one], 10.0) for name, one in others.items()}
    return Beside(target, 1, 10.0, outcome([ours], 10.0), outcomes, dict.fromkeys(others, ours.cpu / 8.0))


def test_fuzzer_is_chosen_where_it_is_installed(tmp_path: Path) -> None:
    program = tmp_path / "afl-fuzz"
    program.write_text("#!/bin/sh\nprintf '\\033[0;36mafl-fuzz++4.04c\\033[0m based on afl\\n'; exit 1\n")
    program.chmod(0o755)
    assert versions(installed(), lambda name: str(program)) == {}
    assert versions(installed("HypoFuzz"), lambda name: str(program)) == {"HypoFuzz": "1.2"}
    assert versions(installed(*SEARCHES), lambda name: str(program)) == {
        "HypoFuzz": "1.2",
        "python-afl": "1.2 with AFL++4.04c",
    }


@pytest.mark.parametrize("missing", ["afl-fuzz", "py-afl-fuzz"])
def test_python_afl_without_its_programs_does_not_count_as_installed(missing: str) -> None:
    assert versions(installed("python-afl"), lambda name: None if name == missing else f"/bin/{name}") == {}


def test_without_others_nothing_is_searched_and_one_line_says_how_to_install_them() -> None:
    report = measure(plan())
    assert (report.rows, report.text, report.verdicts) == ([], NONE, [])
    assert "\n" not in NONE
    assert "pip install" in NONE
    assert duration(plan()) == 0.0


def test_what_others_do_not_come_near_is_left_out_unless_it_is_named() -> None:
    assert set(targets(plan(full=True))) == set(BUGS) - set(SLOW)
    assert targets(plan(bugs=("csv", "json"))) == ["csv", "json"]


def test_duration_grows_with_each_fuzzer_each_bug_and_the_effort() -> None:
    one = duration(plan("HypoFuzz"))
    assert 0 < duration(plan("HypoFuzz", bugs=("json",))) < one
    assert one < duration(plan("HypoFuzz", "python-afl"))
    assert one < duration(plan("HypoFuzz", full=True))


def test_others_are_measured_only_where_that_is_asked_for() -> None:
    assert "others" not in chosen([], full=False)
    assert "others" in chosen([], full=True)
    assert chosen(["others", "json"], full=False) == ["others"]


def test_heading_names_those_that_are_measured() -> None:
    both = plan("HypoFuzz")
    assert "beside HypoFuzz 1.2, CPython" in heading(both, ["others"])
    assert "beside Atheris 3.0.0 and HypoFuzz 1.2," in heading(both, ["bugs", "others"])
    assert "beside Atheris 3.0.0," in heading(both, ["bugs"])
    assert "alone (others are not installed)" in heading(plan(), ["others"])


def test_table_has_columns_of_those_that_are_installed_only() -> None:
    lines = shown([row("json", EARLY, HypoFuzz=MISSED)], plan("HypoFuzz")).splitlines()
    assert "1 random seed(s), at most 10" in lines[0]
    assert lines[1].split() == ["bug", "fuzztui", "found", "HypoFuzz", "found", "fuzztui", "/", "HypoFuzz"]
    assert lines[3].split() == ["json", "2.00", "1/1", "10.00", "0/1", "0.250"]


def test_verdict_is_of_each_bug_and_each_other() -> None:
    tie = Search(8.0, 0.1, True)
    slower, faster, same = verdicts(
        [row("a", Search(9.0, 0.1, True), one=LATE), row("b", EARLY, two=LATE), row("c", tie, one=tie)]
    )
    assert str(slower) == "others, a: 1.12x one's CPU time, expected at most 1x: MISSED"
    assert str(faster) == "others, b: 0.25x two's CPU time, expected at most 1x: met"
    assert same.met


def test_verdict_needs_something_to_compare_with() -> None:
    none = outcome([EARLY], 10.0)
    assert verdicts([Beside("a", 1, 10.0, none, {"one": none}, {"one": None})]) == []


def test_outcome_counts_a_miss_as_found_at_the_limit() -> None:
    result = outcome([MISSED, EARLY, LATE], 10.0)
    assert (result.cpu.least, result.cpu.median, result.cpu.most) == (2.0, 6.0, 10.0)
    assert (result.found, result.searches, result.start) == (2, 3, 0.2)


def test_searches_alternate_each_in_an_arena_of_its_own_until_they_are_settled() -> None:
    order = []
    folders = set()

    def way(who: str, result: Search) -> Callable[[Arena, int, float], Search]:
        def search(made: Arena, seed: int, limit: float) -> Search:
            order.append((who, seed, limit))
            folders.add(made.folder)
            return result

        return search

    results = searches("nested", {"a": way("a", EARLY), "b": way("b", MISSED)}, Effort(3, 7.0), lambda _: None)
    assert order == [("a", 1, 7.0), ("b", 1, 7.0), ("b", 2, 7.0), ("a", 2, 7.0), ("a", 3, 7.0)]
    assert results == {"a": [EARLY] * 3, "b": [MISSED] * 2}
    assert len(folders) == 5


needs = pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.skipif(name not in versions(), reason=f"{name} cannot run here"))
        for name in SEARCHES
    ],
)


@needs
def test_search_finds_a_bug_and_says_what_it_took(name: str, tmp_path: Path) -> None:
    (tmp_path / "fuzz_easy.py").write_text(FAILING)
    with bare_arena("easy", tmp_path) as made:
        result = SEARCHES[name](made, 1, 30.0)
    assert result.found
    assert 0 < result.cpu < 30.0
    assert result.start > 0


@needs
def test_search_without_a_bug_ends_when_its_cpu_time_is_used(name: str) -> None:
    with bare_arena("json") as made:
        result = SEARCHES[name](made, 1, 0.7)
    assert not result.found
    assert result.cpu > 0.6  # the kernel's timer is coarse


@needs
def test_failure_that_is_not_the_planted_one_is_an_error(name: str, tmp_path: Path) -> None:
    (tmp_path / "fuzz_easy.py").write_text(FAILING.replace("PlantedError", "AnotherError"))
    with bare_arena("easy", tmp_path) as made, pytest.raises(MeasurementError, match="AnotherError"):
        SEARCHES[name](made, 1, 30.0)
