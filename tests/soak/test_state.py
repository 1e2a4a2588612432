"""Failures that depend on chance, on inputs before them, or on what another target has left in the process.

Each is told for what it is by all commands, from the run that finds it to the replay of its file.

Every choice comes from one seed: `FUZZTUI_SOAK_SEED=... pytest tests/soak/test_state.py -k 17` repeats one case.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

pytestmark = [
    pytest.mark.processes,
    pytest.mark.soak,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are recognised on Linux only"),
]

SEED = os.environ.get("FUZZTUI_SOAK_SEED", "1")

SOURCE = """
import os, random
seen = 0

def fuzz_first(data: bytes):
    {leaves}

def fuzz_it(data: bytes):
    global seen
    {keeps}
    if {fails} and len(data) > 3:
        {act}
"""

ACTS = ["raise ValueError(data)", "[][1]", "os._exit(7)", "os.abort()"]


def fuzztui(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "fuzztui", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def found(folder: Path, seconds: int = 3) -> list[dict[str, Any]]:
    """The crashers that a run of some seconds has left."""
    run = fuzztui(folder, "run", "fuzz_it.py::fuzz_it", "--headless", "--keep-fuzzing", f"-t{seconds}s", "-j2")
    assert run.returncode in (0, 1), run.stderr
    crashers: list[dict[str, Any]] = json.loads(fuzztui(folder, "crashes", "fuzz_it.py::fuzz_it", "--json").stdout)
    assert bool(crashers) is bool(run.returncode)
    return crashers


def write(folder: Path, **lines: str) -> None:
    (folder / "pyproject.toml").touch()
    given = {"leaves": "pass", "keeps": "pass", "act": "raise ValueError(data)", **lines}
    (folder / "fuzz_it.py").write_text(SOURCE.format(**given))


@pytest.mark.parametrize("number", range(20))
def test_a_coin_is_flaky(tmp_path: Path, number: int) -> None:
    random = Random(f"{SEED} coin {number}")
    chance = random.choice([0.3, 0.5, 0.7])
    write(tmp_path, fails=f"random.SystemRandom().random() < {chance}", act=random.choice(ACTS))
    for crasher in found(tmp_path):
        known = crasher["confirmation"]
        if known is not None and known["runs"] > 3:  # of three runs all may fail
            assert known["badge"] != "10/10", "that is one in thirty at most, where it falls well seven times of ten"
        (path,) = crasher["inputs"]
        replay = fuzztui(tmp_path, "replay", "fuzz_it.py::fuzz_it", path, "--times", "5")
        assert replay.returncode in (0, 1)
        if replay.returncode == 0:
            known_words = ("chance", "again", "does not fail alone")
            assert any(words in replay.stdout for words in known_words), "it never shows as a bare pass"


@pytest.mark.parametrize("number", range(20))
def test_what_needs_inputs_before_it_is_replayed_with_them(tmp_path: Path, number: int) -> None:
    random = Random(f"{SEED} tail {number}")
    needs, size = random.randint(1, 8), random.randint(1, 3)
    write(tmp_path, keeps=f"seen += len(data) == {size}", fails=f"seen >= {needs}", act=random.choice(ACTS))
    (crasher,) = found(tmp_path, seconds=12)  # each run of what ends the process takes one, on a busy machine a second
    (path,) = crasher["inputs"]
    assert crasher["confirmation"]["badge"] == "0/10 needs state", crasher
    assert crasher["confirmation"]["before"] >= needs, "on a busy machine there is no time to find the shortest"
    replay = fuzztui(tmp_path, "replay", "fuzz_it.py::fuzz_it", path)
    assert replay.returncode == 1, replay.stdout
    judged = fuzztui(tmp_path, "test", "fuzz_it.py::fuzz_it")
    assert judged.returncode == 1, judged.stdout


@pytest.mark.parametrize("number", range(6))
def test_what_another_target_leaves_behind_fails_where_both_run_in_one_process(tmp_path: Path, number: int) -> None:
    random = Random(f"{SEED} other {number}")
    leaves = random.choice(["global seen; seen = 1", "os.environ['LEFT'] = '1'; globals()['seen'] = 1"])
    write(tmp_path, leaves=leaves, fails="seen", act=random.choice(ACTS[:2]))
    assert found(tmp_path) == [], "no process of its runs has run the other one"
    for target in ("fuzz_first", "fuzz_it"):
        folder = tmp_path / "testdata" / "corpus" / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "given").write_bytes(b"long enough")
    assert fuzztui(tmp_path, "test", "fuzz_it.py::fuzz_it").returncode == 0
    both, alone = (
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "fuzz_it.py", *words],
            cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
        )
        for words in ([], ["-k", "fuzz_it and not fuzz_first"])
    )  # fmt: skip
    assert both.returncode == 1, both.stdout
    assert "fuzz_it.py::fuzz_it[" in both.stdout
    assert alone.returncode == 0, alone.stdout
