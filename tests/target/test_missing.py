"""A module that is not found is told with the interpreter that lacks it and with what would find it."""

import sys
from pathlib import Path

import pytest

from fuzztui.target.missing import why_missing


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "fuzz").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path / "fuzz" / "fuzz_it.py"


def said(file: Path, name: str, *path: Path) -> str:
    sentence = why_missing(name, str(file), [str(each) for each in path])
    assert sentence.startswith(f"No module named {name!r} for {sys.executable}, which runs the workers")
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize("place", ["src", "lib", "fuzz/vendored", "a folder"])
@pytest.mark.parametrize("name", ["thing", "thing.inner"])
def test_one_that_lies_in_a_folder_of_the_project_is_found_there(file: Path, place: str, name: str) -> None:
    package = file.parents[1] / place / "thing"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    sentence = said(file, name)
    assert "/thing is there but not installed, so type set PYTHONPATH=" in sentence
    assert sentence.endswith(f"'{place}'" if " " in place else place)
    (file.parents[1] / "pyproject.toml").touch()
    assert ("-m pip install -e ., or set" in said(file, name)) == (place.count("/") == 0)


def test_a_single_file_is_a_module_too(file: Path) -> None:
    (file.parents[1] / "src").mkdir()
    (file.parents[1] / "src" / "thing.py").touch()
    assert "PYTHONPATH=src" in said(file, "thing")


@pytest.mark.parametrize("folder", [".venv", "venv", ".env 3"])
def test_one_that_another_environment_has_leads_to_its_interpreter(file: Path, folder: str) -> None:
    environment = file.parents[1] / folder
    library = environment / "lib" / "python3.12" / "site-packages"
    library.mkdir(parents=True)
    (environment / "pyvenv.cfg").touch()
    (library / "thing.py").touch()
    quoted = f"'{folder}/bin/python'" if " " in folder else f"{folder}/bin/python"
    assert said(file, "thing").endswith(f"another environment has it, so add --python {quoted}")
    assert "--python PATH" not in said(file, "thing")


def test_a_name_that_is_nearly_one_is_corrected(file: Path, tmp_path: Path) -> None:
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "numbers_of_mine.py").touch()
    assert said(file, "number_of_mine", tmp_path / "path").endswith("did you mean numbers_of_mine?")
    assert said(file, "itertool", tmp_path).endswith("did you mean itertools?")


def test_a_file_that_is_named_after_what_it_fuzzes_is_not_what_it_lacks(file: Path) -> None:
    named = file.with_name("fuzz_something.py")
    named.touch()
    assert "did you mean" not in said(named, "something", named.parent)


def test_a_part_that_a_package_lacks_is_told_of_the_package(file: Path, tmp_path: Path) -> None:
    package = tmp_path / "path" / "thing"
    package.mkdir(parents=True)
    (package / "parsers.py").touch()
    assert said(file, "thing.parser", tmp_path / "path").endswith(
        f"{package} has none of that name, did you mean thing.parsers?"
    )
    assert said(file, "thing.zzz", tmp_path / "path").endswith("has none of that name")


def test_one_that_is_nowhere_is_to_be_installed(file: Path) -> None:
    assert said(file, "qqqqq").endswith("install it there, or name another interpreter by --python")
