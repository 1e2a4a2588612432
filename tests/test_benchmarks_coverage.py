import importlib.util
from pathlib import Path

import pytest

from benchmarks.arena import TARGETS, bare_arena
from benchmarks.coverage import CEILINGS, SOURCES, Covered, measure, replay, verdicts
from benchmarks.figures import ratio, spread
from benchmarks.plan import Plan

needs_coverage = pytest.mark.skipif(
    importlib.util.find_spec("coverage") is None, reason="coverage.py is part of the extra `bench`"
)


def write(folder: Path, *inputs: bytes) -> Path:
    folder.mkdir()
    for number, data in enumerate(inputs):
        (folder / str(number)).write_bytes(data)
    return folder


def test_every_target_that_does_something_has_files_that_count() -> None:
    assert set(SOURCES) == set(TARGETS) - {"empty"}
    assert set(CEILINGS) <= set(SOURCES)


@needs_coverage
@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.mostly_soak(2)
def test_more_inputs_cover_more_branches_of_as_many(name: str) -> None:
    richer = {
        "json": b'{"a": [1.5e3, true, "\\u00e9"]}',
        "html": b"<!DOCTYPE x><p class='y'>&amp;<!-- z --></p>",
        "toml": b'[a]\nb = [1, 2.5]\nc = "\\t"\n',
        "email": b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\na\n--x--\n",
        "configparser": b"[a]\nx = %(y)s\ny: 2\n",
    }[name]
    with bare_arena(name) as made:
        few, all_of_few = replay(made, write(made.folder / "few"), SOURCES[name])
        many, all_of_many = replay(made, write(made.folder / "many", richer), SOURCES[name])
    assert 0 <= few < many < all_of_many == all_of_few


def covered(target: str, fuzztui: float, atheris: float | None, early: float | None = None) -> Covered:
    return Covered(
        target=target,
        seeds=3,
        cpu_seconds=60.0,
        branches=500,
        fuzztui=spread([fuzztui]),
        fuzztui_entries=1,
        fuzztui_early=None if early is None else spread([early]),
        atheris=None if atheris is None else spread([atheris]),
        atheris_entries=1,
        times_atheris=ratio(fuzztui, atheris),
    )


def test_tie_with_atheris_is_good_enough_at_a_ceiling_only() -> None:
    ((json,), (html,), (better,)) = (
        verdicts(covered(*case)) for case in (("json", 84, 84), ("html", 120, 120), ("html", 121, 120))
    )
    assert json.met
    assert "ceiling" in json.name
    assert not html.met
    assert better.met
    assert not verdicts(covered("json", 83, 84))[0].met
    assert verdicts(covered("html", 120, None)) == []


def test_figure_of_atheris_is_to_be_reached_in_a_quarter_of_its_time() -> None:
    _, reached = verdicts(covered("html", 130, 120, early=120))
    _, late = verdicts(covered("html", 130, 120, early=119))
    assert reached.met
    assert "after 15 s beside Atheris after 60 s" in reached.name
    assert not late.met


def test_benchmark_says_so_where_there_is_no_coverage_py(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    report = measure(Plan(targets=TARGETS, bugs=(), seconds=1.0, rounds=1, full=False, peer=None))
    assert report.rows == []
    assert "not installed" in report.text
