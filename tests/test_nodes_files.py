"""The files that start nodes: shells can read them, and every option in them is one."""

import re
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from fuzztui.cli import cli

FOLDER = Path(__file__).parent.parent / "docs" / "nodes"
FILES = sorted(FOLDER.iterdir())


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".sh"], ids=lambda path: path.name)
def test_scripts_are_some(path: Path) -> None:
    subprocess.run(["bash", "-n", path], check=True)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_option_is_one(path: Path) -> None:
    text = path.read_text()
    text = re.sub(r"^ *# .*$", "", text, flags=re.M).replace("\\\n", " ")
    text = re.sub(r"\n +(--headless)", r" \1", text)
    calls = re.findall(r"fuzztui (run|ci) ([^\n]*)", text)
    assert calls
    root = get_command(cli)
    for name, line in calls:
        known = {option for each in root.commands[name].params for option in each.opts}  # type: ignore[attr-defined]
        used = set(re.findall(r"(?<![\w-])(--?[a-z][a-z-]*)", line))
        assert used
        assert used <= known
