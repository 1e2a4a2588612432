import importlib.util
from pathlib import Path

import pytest

from benchmarks.arena import TARGETS, bare_arena
from benchmarks.coverage import SOURCES, measure, replay, verdicts
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


@needs_coverage
@pytest.mark.parametrize("name", SOURCES)
def test_more_inputs_cover_more_branches_of_as_many(name: str) -> None:
    richer = {
        "json": b'{"a": [1.5e3, true, "\\u00e9"]}',
        "html": b"<!DOCTYPE x><p class='y'>&amp;<!-- z --></p>",
        "toml": b'[a]\nb = [1, 2.5]\nc = "\\t"\n',
        "email": b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\na\n--x--\n",
        "configparser": b"[a]\nx = %(y)s\ny: 2\n",
    }[name]
    with bare_arena(name) as made:
        few, all_of_few = replay(made, write(made.folder / "few"))
        many, all_of_many = replay(made, write(made.folder / "many", richer))
    assert 0 <= few < many < all_of_many == all_of_few


def test_verdict_is_of_the_worst_target() -> None:
    (verdict,) = verdicts({"a": 1.2, "b": 0.9, "c": None})
    assert verdict.name == "coverage, worst target (b)"
    assert not verdict.met
    assert verdicts({"a": 1.0})[0].met
    assert verdicts({"c": None}) == []


def test_benchmark_says_so_where_there_is_no_coverage_py(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    report = measure(Plan(targets=TARGETS, bugs=(), seconds=1.0, rounds=1, full=False, peer=None))
    assert report.rows == []
    assert "not installed" in report.text
