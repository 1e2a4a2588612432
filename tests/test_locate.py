"""`fuzztui locate` says where everything is, and makes nothing."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fuzztui.cli import cli


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "fuzz_one.py").write_text("def fuzz_one(data: bytes) -> None: ...\n")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "fuzz_two.py").write_text("def fuzz_two(data: bytes) -> None: ...\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    return tmp_path


def test_every_place_is_named_and_none_is_made(project: Path) -> None:
    before = sorted(project.rglob("*"))
    result = CliRunner().invoke(cli, ["locate"])
    assert result.exit_code == 0
    for place in (
        "xdg/fuzztui/config.toml",
        ".fuzztui",
        ".fuzztui/internal-error.log",
        "testdata/corpus/fuzz_one",
        "deep/testdata/corpus/fuzz_two",
        "deep/testdata/triage/fuzz_two",
        ".fuzztui/crashes/deep/fuzz_two.py/fuzz_two",
    ):
        assert f"{project / place}  (not there yet)" in result.stdout, place
    assert sorted(project.rglob("*")) == before


def test_json_has_the_same_places(project: Path) -> None:
    found = json.loads(CliRunner().invoke(cli, ["locate", "deep", "--json", "--cache-dir", "c"]).stdout)
    assert found["config"] == str(project / "xdg/fuzztui/config.toml")
    assert found["cache"] == str(project / "c")
    (target,) = found["targets"]
    assert target["stored_inputs"] == str(project / "deep/testdata/corpus/fuzz_two")
    assert target["corpus"].startswith(str(project / "c"))


def test_without_a_home_nothing_is_made_up(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name)
    result = CliRunner().invoke(cli, ["locate", "--json"])
    assert json.loads(result.stdout)["config"] is None


def test_actions_that_keys_can_be_chosen_for_are_listed(project: Path) -> None:
    lines = CliRunner().invoke(cli, ["locate", "--keys"]).stdout.splitlines()
    assert any(line.startswith("worker.stop ") and '= "s"' in line for line in lines)
    listed = json.loads(CliRunner().invoke(cli, ["locate", "--keys", "--json"]).stdout)
    assert {"action", "keys", "does"} == set(listed[0])
