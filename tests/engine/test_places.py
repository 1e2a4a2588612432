from pathlib import Path

import pytest

from fuzztui.engine.keep.places import (
    code_cache_dir,
    crashers_dir,
    default_cache_dir,
    generated_dir,
    project_root,
    records_dir,
)

PROJECT = Path("/home/me/project")
FILE = PROJECT / "tests" / "fuzz_x.py"


@pytest.mark.parametrize("marker", ["pyproject.toml", "setup.py", "setup.cfg", ".git"])
def test_project_is_the_nearest_folder_with_a_marker(tmp_path: Path, marker: str) -> None:
    (tmp_path / "pyproject.toml").touch()
    inner = tmp_path / "inner"
    (inner / "a" / "b").mkdir(parents=True)
    (inner / marker).touch()
    assert project_root(inner / "a" / "b" / "fuzz_x.py") == inner
    assert project_root(tmp_path / "fuzz_x.py") == tmp_path


def test_without_a_marker_the_project_is_the_files_folder(tmp_path: Path) -> None:
    if any(project_root(tmp_path / "x") == parent for parent in tmp_path.parents):
        pytest.skip("the temporary folder lies in a project")
    assert project_root(tmp_path / "a" / "fuzz_x.py") == tmp_path / "a"


def test_crashers_lie_beside_the_targets_file() -> None:
    assert crashers_dir(FILE, "fuzz_json") == PROJECT / "tests" / "testdata" / "corpus" / "fuzz_json"


def test_everything_else_lies_in_the_cache() -> None:
    cache = default_cache_dir(PROJECT)
    assert cache == PROJECT / ".fuzztui"
    assert generated_dir(cache, PROJECT, FILE, "fuzz_a") == cache / "corpus" / "tests" / "fuzz_x.py" / "fuzz_a"
    assert records_dir(cache, PROJECT, FILE, "fuzz_a") == cache / "crashes" / "tests" / "fuzz_x.py" / "fuzz_a"
    assert code_cache_dir(cache) == cache / "code"


def test_no_two_targets_share_a_folder() -> None:
    shared = Path("/var/cache/fuzztui")
    cache = default_cache_dir(PROJECT)
    places = [
        generated_dir(cache, PROJECT, FILE, "a"),
        generated_dir(cache, PROJECT, FILE, "b"),
        generated_dir(cache, PROJECT, PROJECT / "fuzz_x.py", "a"),
        generated_dir(cache, PROJECT, Path("/elsewhere/fuzz_x.py"), "a"),
        generated_dir(cache, PROJECT, Path("/other/fuzz_x.py"), "a"),
        records_dir(cache, PROJECT, FILE, "a"),
        generated_dir(shared, PROJECT, FILE, "a"),
        generated_dir(shared, Path("/srv/project"), Path("/srv/project/tests/fuzz_x.py"), "a"),
    ]
    assert len(set(places)) == len(places)
    assert all(place.is_relative_to(cache) or place.is_relative_to(shared) for place in places)
