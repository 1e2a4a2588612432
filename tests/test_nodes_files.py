"""The files that start nodes: shells can read them, and every option in them is one."""

import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.main import get_command

from fuzztui.cli import cli
from tests.support import wait_for

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


FAKE_SSH = """#!/bin/bash
[ "$1" = -tt ] || exit 99
shift 2
exec bash -c "$*"
"""

FAKE_NODE = """#!/bin/bash
echo "$@"
trap 'echo flushed; kill $!; exit 7' TERM
[ "$6" = short ] && exit 1
touch "$6.began"
sleep 60 & wait
"""
"""What `.venv/bin/fuzztui` is in the project: its sixth argument is the node's name."""


@pytest.fixture
def ssh(tmp_path: Path) -> Callable[..., "subprocess.Popen[str]"]:
    for name, content in (("bin/ssh", FAKE_SSH), (".venv/bin/fuzztui", FAKE_NODE)):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(content)
        path.chmod(0o755)

    def start(*hosts: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            ["bash", FOLDER / "ssh.sh", tmp_path, "fuzz_it.py", "a store", *hosts],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"},
        )

    return start


def test_ssh_starts_a_node_on_each_host_and_ends_with_the_worst(
    ssh: Callable[..., "subprocess.Popen[str]"], tmp_path: Path
) -> None:
    script = ssh("one", "short", "two")
    wait_for(lambda: (tmp_path / "one.began").exists() and (tmp_path / "two.began").exists(), "both nodes")
    script.send_signal(signal.SIGINT)
    printed, _ = script.communicate(timeout=30)
    assert script.returncode == 7
    lines = printed.splitlines()
    for host in ("one", "two"):
        arguments = f"run fuzz_it.py --share a store --node {host} --headless --keep-fuzzing -t 1h"
        assert f"{host}: {arguments}" in lines
        assert f"{host}: flushed" in lines
