"""What is built from this repository, and what the package says of itself."""

import ast
import importlib.metadata
import tomllib
from pathlib import Path
from typing import Any

import fuzztui

ROOT = Path(__file__).parents[1]
SETTINGS: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def imported(folder: Path) -> set[str]:
    """Top-level names that the files of a folder import from anywhere."""
    names: set[str] = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module)
    return {name.partition(".")[0] for name in names}


def test_installed_package_and_module_have_one_version() -> None:
    assert importlib.metadata.version("fuzztui") == fuzztui.__version__


def test_version_is_written_down_once() -> None:
    assert "version" not in SETTINGS["project"]
    assert SETTINGS["project"]["dynamic"] == ["version"]


def test_source_distribution_has_every_folder_that_its_tests_import() -> None:
    included = {entry.strip("/") for entry in SETTINGS["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]}
    ours = {name for name in imported(ROOT / "tests") if (ROOT / name).is_dir()}
    assert {"benchmarks", "fuzztui"} <= ours
    assert ours <= included


def test_source_distribution_has_everything_it_names() -> None:
    included = SETTINGS["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    assert [entry for entry in included if not (ROOT / entry.strip("/")).exists()] == []


def test_every_dependency_is_imported() -> None:
    wanted = {requirement.partition(">")[0] for requirement in SETTINGS["project"]["dependencies"]}
    assert wanted - imported(ROOT / "fuzztui") == set()


def test_public_names_are_explained_where_help_shows_them() -> None:
    explained = fuzztui.__doc__ or ""
    public = [name for name in fuzztui.__all__ if not name.startswith("_")]
    assert [name for name in public if f"`{name}`" not in explained] == []
    assert [name for name in fuzztui.__all__ if not hasattr(fuzztui, name)] == []
