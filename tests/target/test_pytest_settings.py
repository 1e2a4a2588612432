"""`pythonpath` is found where pytest would find it."""

from pathlib import Path

import pytest

from fuzztui.target.pytest_settings import BadSettings, python_path

SETTINGS = {
    "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["src", "../lib"]\n',
    "pytest.ini": "[pytest]\npythonpath = src ../lib\n",
    "tox.ini": "[tox]\nx = 1\n[pytest]\npythonpath =\n    src\n    ../lib\n",
    "setup.cfg": "[tool:pytest]\npythonpath = src ../lib\n",
    "pytest.toml": '[pytest]\npythonpath = ["src", "../lib"]\n',
    ".pytest.ini": "[pytest]\npythonpath = src '../lib'\n",
}


@pytest.mark.parametrize("name", SETTINGS)
def test_every_file_of_settings_is_read(tmp_path: Path, name: str) -> None:
    project = tmp_path / "project"
    (project / "tests").mkdir(parents=True)
    (project / name).write_text(SETTINGS[name])
    assert python_path(project / "tests" / "fuzz_it.py") == (project / "src", tmp_path / "lib")


def test_a_text_is_split_as_well(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\npythonpath = "src"\n')
    assert python_path(tmp_path / "fuzz_it.py") == (tmp_path / "src",)


def test_the_nearest_file_that_has_settings_counts(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = far\n")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    (inner / "setup.cfg").write_text("[metadata]\nname = x\n")
    assert python_path(inner / "fuzz_it.py") == (tmp_path / "far",)
    (inner / "pytest.ini").write_text("")
    assert python_path(inner / "fuzz_it.py") == (), "an empty one is one"


def test_without_settings_there_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    assert python_path(tmp_path / "fuzz_it.py") == ()


@pytest.mark.parametrize(("name", "text"), [("pyproject.toml", "[tool"), ("setup.cfg", "x"), ("pytest.ini", "\xff")])
def test_settings_that_cannot_be_read_are_named(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_bytes(text.encode("latin-1"))
    with pytest.raises(BadSettings, match=name) as caught:
        python_path(tmp_path / "fuzz_it.py")
    assert "\n" not in str(caught.value)
