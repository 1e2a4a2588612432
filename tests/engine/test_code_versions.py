"""Which processes have loaded the run's version of the code. Whole runs are in `test_versions`."""

from pathlib import Path

import pytest

from fuzztui.engine.crew import versions
from fuzztui.engine.crew.versions import Loaded, Version, Versions, changed
from fuzztui.protocol.digest import digest_of
from fuzztui.protocol.messages import Source

OLD, NEW = Version(b"old", is_fresh=False), Version(b"new", is_fresh=False)
OLD_FRESH, NEW_FRESH = Version(b"old", is_fresh=True), Version(b"new", is_fresh=True)


def loaded(**files: Version) -> Loaded:
    """A process that has loaded `name.py` as the module `name`, for each."""
    made = Loaded()
    for name, version in files.items():
        made.add(Source(b"", version.digest, version.is_fresh, name), f"{name}.py")
    return made


@pytest.mark.parametrize(
    ("first", "second", "agrees"),
    [
        (OLD, OLD, True),
        (OLD, NEW, False),
        (OLD, OLD_FRESH, True),
        (OLD, NEW_FRESH, False),
        (OLD_FRESH, NEW, False),
        (OLD_FRESH, OLD, True),
        (OLD_FRESH, NEW_FRESH, True),
    ],
)
def test_files_agree_if_they_are_equal_or_the_target_writes_them(first: Version, second: Version, agrees: bool) -> None:
    made = Versions()
    assert made.differing(loaded(a=first)) == []
    made.adopt(loaded(a=first))
    assert made.differing(loaded(other=NEW, a=second)) == ([] if agrees else ["a.py"])
    assert made.differs("a.py", second) != agrees


def test_a_file_that_the_target_writes_is_told_of_if_it_is_not_the_same_everywhere() -> None:
    made = Versions()
    for version in (OLD_FRESH, OLD_FRESH):
        made.adopt(loaded(a=version, b=OLD))
    assert made.generated == {}
    made.adopt(loaded(a=NEW_FRESH))
    assert list(made.generated) == ["a.py"]
    assert made.differing(loaded(a=NEW)) == []


def test_a_file_that_a_process_loads_again_and_again_is_the_targets_own_doing() -> None:
    made, process = Versions(), loaded(a=OLD)
    process.add(Source(b"a.py", b"new", True, "a"), "a.py")
    assert made.differing(process) == []
    made.adopt(process)
    assert list(made.generated) == ["a.py"]
    assert made.differing(loaded(a=Version(b"third", is_fresh=False))) == []
    assert made.wanted() == {}


def test_who_waits_for_a_file_that_turns_out_to_be_the_targets_own_waits_no_more() -> None:
    made = Versions()
    made.adopt(loaded(a=OLD, b=OLD))
    assert made.differing(loaded(a=NEW)) == ["a.py"]
    assert made.wanted(["a.py", "b.py"]) == {"a.py": b"old", "b.py": b"old"}
    late = loaded(a=OLD)
    late.rewritten["a.py"] = None
    made.adopt(late)
    assert made.wanted(["a.py", "b.py"]) == {"b.py": b"old"}


def test_the_first_version_stays_the_runs() -> None:
    made = Versions()
    made.adopt(loaded(a=OLD))
    made.adopt(loaded(a=OLD, late=NEW))
    assert made.differing(loaded(late=OLD, a=NEW)) == ["late.py", "a.py"]
    assert made.wanted() == {"a.py": b"old", "late.py": b"new"}
    assert made.wanted(["late.py", "unknown.py"]) == {"late.py": b"new"}


def test_what_the_target_writes_is_wanted_only_where_it_is_asked_for() -> None:
    made = Versions()
    made.adopt(loaded(a=OLD_FRESH, b=OLD))
    assert made.wanted() == {"b.py": b"old"}
    assert made.wanted(["a.py"]) == {"a.py": b"old"}


@pytest.mark.parametrize(
    ("elsewhere", "differs"),
    [(OLD, False), (NEW, True), (NEW_FRESH, True)],
    ids=["a copy", "another module", "one that was just written"],
)
def test_a_module_that_comes_from_another_file_than_before_is_another_version(
    elsewhere: Version, differs: bool
) -> None:
    made = Versions()
    made.adopt(loaded(a=OLD))
    process = Loaded()
    process.add(Source(b"", elsewhere.digest, elsewhere.is_fresh, "a"), "a/__init__.py")
    assert made.differing(process) == (["a/__init__.py"] if differs else [])


def test_modules_of_one_name_may_be_loaded_from_several_files_in_any_order() -> None:
    made, other = Versions(), Loaded()
    made.adopt(loaded(a=OLD))
    other.add(Source(b"", b"new", False, "a"), "there/a.py")
    other.add(Source(b"", b"old", False, "a"), "a.py")
    assert made.differing(other) == []


def test_no_more_files_are_kept_than_any_program_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "MOST_FILES", 3)
    process, made = Loaded(), Versions()
    for number in range(10):
        process.add(Source(b"", b"old", False, f"{number}"), f"{number}.py")
        made.adopt(loaded(**{f"f{number}": OLD}))
    assert (len(process.files), len(process.modules), len(made.wanted())) == (3, 3, 3)


def test_what_has_changed_is_whatever_is_not_there_as_it_was(tmp_path: Path) -> None:
    wanted = {}
    for name in ("same", "edited", "gone", "folder", "linked"):
        path = tmp_path / name
        path.write_text(name)
        wanted[str(path)] = digest_of(name.encode())
    (tmp_path / "edited").write_text("other")
    (tmp_path / "gone").unlink()
    (tmp_path / "folder").unlink()
    (tmp_path / "folder").mkdir()
    (tmp_path / "linked").rename(tmp_path / "elsewhere")
    (tmp_path / "linked").symlink_to(tmp_path / "elsewhere")
    assert [Path(path).name for path in changed(wanted)] == ["edited", "gone", "folder"]
