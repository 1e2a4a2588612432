"""Programs for Atheris beside Atheris: what is compared, and how it is shown."""

from pathlib import Path

import pytest

from benchmarks import harnesses
from benchmarks.harnesses import Pair


def test_a_program_is_shown_with_the_branches_of_each_seed_and_counted_by_their_sum() -> None:
    rows = [
        ("a/more", [Pair(10, 9, 1200), Pair(8, 8, 1200)]),
        ("b/equal", [Pair(5, 6, 10), Pair(6, 5, 10)]),
        ("c/fewer", [Pair(1, 2, 10)]),
        ("d/nothing", [Pair(0, 0, 10)]),
    ]
    lines = harnesses.report(rows, 10.0).splitlines()
    assert lines[3].split() == ["a/more", "1,200", "10", "8", "9", "8", "1.06", "more"]
    assert [line.split()[-1] for line in lines[3:7]] == ["more", "equal", "fewer", "equal"]
    assert lines[-1] == "more: 1, equal: 2, fewer: 1"


@pytest.mark.parametrize(
    ("source", "packages"),
    [
        ("import atheris, sys, json\nimport not_here\nfrom nor.etree import X\n", ["nor", "not_here"]),
        ("import atheris\nimport sys\nimport json\n", ["json", "sys"]),
        ("import atheris, attrs\n", ["attr", "attrs"]),
    ],
)
def test_branches_count_of_the_packages_that_a_program_imports(
    tmp_path: Path, source: str, packages: list[str]
) -> None:
    (tmp_path / "h.py").write_text(source)
    assert harnesses._packages(tmp_path / "h.py") == packages


def test_a_program_comes_with_what_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "from").mkdir()
    for name in ("h.py", "helper.py", "h.dict"):
        (tmp_path / "from" / name).touch()
    (tmp_path / "from" / "testdata").mkdir()
    copy = harnesses._copied(tmp_path / "from" / "h.py", tmp_path / "to")
    assert sorted(path.name for path in copy.parent.iterdir()) == ["h.dict", "h.py", "helper.py"]
    assert harnesses.shown(tmp_path / "from" / "h.py") == "from/h"
