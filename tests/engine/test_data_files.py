"""Data beside code is known by its content."""

import os
from pathlib import Path

import pytest

from fuzztui.engine.keep import data_files
from fuzztui.engine.keep.data_files import data_in, data_of, is_data


def test_data_is_known_by_its_name_and_content(tmp_path: Path) -> None:
    for name in ("grammar.lark", "rules.json", "code.py", "run.log", ".hidden.json", "state.db"):
        (tmp_path / name).write_text(name)
    (tmp_path / "folder.json").mkdir()
    os.mkfifo(tmp_path / "pipe.json")
    before = data_in([str(tmp_path), str(tmp_path / "nowhere")])
    assert [Path(path).name for path in before] == ["grammar.lark", "rules.json"]
    (tmp_path / "rules.json").write_text("other")
    (tmp_path / "grammar.lark").touch()
    after = data_of(before)
    assert [Path(path).name for path in before if after[path] != before[path]] == ["rules.json"]
    (tmp_path / "rules.json").unlink()
    assert len(data_of(before)) == 1
    assert not is_data("/a/.git.json")


def test_huge_folders_are_not_read_to_their_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_files, "MOST", 3)
    monkeypatch.setattr(data_files, "LONGEST", 10)
    for number in range(9):
        (tmp_path / f"{number}.json").write_text("x" * number * 3)
    assert [Path(path).name for path in data_in([str(tmp_path)])] == ["0.json", "1.json", "2.json"]
    assert not data_of([str(tmp_path / "8.json")])
