"""Shells complete commands and options; what answers them is no failure of ours."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = [sys.executable, "-m", "fuzztui"]


def answered(environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        PROGRAM, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [("fuzztui repl", {"replay", "replay-session"}), ("fuzztui run --mem", {"--memory-limit"}), ("fuzztui zzz", set())],
)
def test_bash_is_told_what_a_word_may_become(words: str, expected: set[str]) -> None:
    number = str(len(words.split()) - 1)
    done = answered({"_FUZZTUI_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": number})
    assert set(done.stdout.split()) == expected
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.mostly_soak(1)
def test_completion_is_shown_and_installed_without_a_failure(shell: str, tmp_path: Path) -> None:
    environment = {**os.environ, "HOME": str(tmp_path), "SHELL": f"/bin/{shell}"}
    for option in ("--show-completion", "--install-completion"):
        # What answers looks for the shell that it runs in.
        command = ["bash", "-c", '"$@"; exit $?', "bash", *PROGRAM, option, shell]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, ""), option
    assert any("_FUZZTUI_COMPLETE" in path.read_text() for path in tmp_path.rglob("*") if path.is_file())
