from pathlib import Path

import pytest

from fuzztui.engine.keep.places import (
    cache_folder,
    code_cache_dir,
    crashers_dir,
    default_cache_dir,
    generated_dir,
    project_root,
    records_dir,
)
from fuzztui.engine.keep.storage import Folder

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
    assert crashers_dir(FILE, "fuzz_json").path == PROJECT / "tests" / "testdata" / "corpus" / "fuzz_json"


def test_what_can_be_made_again_lies_in_the_cache() -> None:
    cache = default_cache_dir(PROJECT)
    assert cache == PROJECT / ".fuzztui"
    assert generated_dir(cache, PROJECT, FILE, "fuzz_a").path == cache / "corpus" / "tests" / "fuzz_x.py" / "fuzz_a"
    assert records_dir(cache, PROJECT, FILE, "fuzz_a").path == cache / "crashes" / "tests" / "fuzz_x.py" / "fuzz_a"


def test_what_the_user_names_is_trusted_and_what_the_project_holds_is_not() -> None:
    default, named = default_cache_dir(PROJECT), Path("/var/cache/mine")
    assert crashers_dir(FILE, "fuzz_a").root == FILE.parent
    for place in (generated_dir, records_dir):
        assert place(default, PROJECT, FILE, "fuzz_a").root == PROJECT
        assert place(named, PROJECT, FILE, "fuzz_a").root == named
    assert cache_folder(default, PROJECT) == Folder(PROJECT, (".fuzztui",))
    assert cache_folder(PROJECT / "cache", PROJECT) == Folder(PROJECT / "cache")


@pytest.mark.parametrize(
    ("home", "base", "place"),
    [
        ("/home/me", None, "/home/me/.cache/fuzztui"),
        ("/home/me", "", "/home/me/.cache/fuzztui"),
        ("/home/me", "/var/cache/me", "/var/cache/me/fuzztui"),
        (None, "/var/cache/me", "/var/cache/me/fuzztui"),
        ("/home/me", "cache", "/home/me/.cache/fuzztui"),
        (None, "cache", ""),
        (None, None, ""),
        ("", None, ""),
        (".", None, ""),
    ],
)
def test_instrumented_code_lies_with_the_user_and_never_in_a_project(
    monkeypatch: pytest.MonkeyPatch, home: str | None, base: str | None, place: str
) -> None:
    for name, value in (("HOME", home), ("XDG_CACHE_HOME", base)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    assert code_cache_dir() == place


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
    assert all(place.path.is_relative_to(cache) or place.path.is_relative_to(shared) for place in places)
