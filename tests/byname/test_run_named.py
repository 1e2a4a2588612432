"""A function by its name is run, tested and replayed as any other target."""

import shutil
import subprocess
import sys
from pathlib import Path

from fuzztui.home.overview import overview
from fuzztui.worker.runner import DECLARED


def fuzztui(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fuzztui", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_bug_behind_a_name_is_found_kept_and_replayed(package: Path) -> None:
    (package / "src/pkg/buggy.py").write_text(
        "class Table:\n"
        "    def __init__(self, size: int = 2) -> None:\n"
        "        self.size = size\n"
        "    def find(self, key: bytes) -> int:\n"
        '        """:raises ValueError: if"""\n'
        "        if len(key) > 2:\n"
        "            raise IndexError(key)\n"
        "        raise ValueError(key)\n"
    )
    spec = "pkg.buggy:Table.find"
    run = ("run", spec, "-j1", "-t", "5000x", "--headless", "--minimize-time", "0")
    declared = fuzztui(*run, "--cache-dir", "other")
    assert declared.returncode == 1, declared.stderr
    assert "ValueError: b''" in declared.stderr
    assert DECLARED in declared.stderr
    shutil.rmtree(package / "testdata")
    done = fuzztui(*run, "--raises", "docstring")
    assert done.returncode == 1, done.stderr
    assert "IndexError" in done.stderr
    assert "ValueError" not in done.stderr
    assert DECLARED not in done.stderr
    (stored,) = (package / "testdata/corpus/pkg.buggy-Table.find").glob("[0-9a-f]*")
    again = fuzztui("replay", spec, stored.name[:8], "--json")
    assert again.returncode == 1
    assert "IndexError" in again.stdout
    tested = fuzztui("test", spec, "--raises", "IndexError", "--raises", "docstring")
    assert (tested.returncode, tested.stdout.splitlines()[-1]) == (0, "1 passed, 0 failed")
    (entry,) = [one for glance in overview(package) for one in glance.entries if one.info.named is not None]
    assert entry.target is not None
    assert entry.target.command_words == (spec, "--raises", "docstring")


def test_what_a_constructor_covers_leads_to_the_method(package: Path) -> None:
    (package / "src/pkg/gate.py").write_text(
        "class Gate:\n"
        "    def __init__(self, text: str) -> None:\n"
        "        for at in range(4):\n"
        "            if sum(map(ord, text[at : at + 1])) % 31 != 7 * at + 3:\n"
        "                raise ValueError\n"
        "            self.pass_by(at)\n"
        "    def pass_by(self, at: int) -> None:\n"
        "        if at == 0: return\n"
        "        if at == 1: return\n"
        "        if at == 2: return\n"
        "    def enter(self, n: int) -> None:\n"
        "        raise IndexError\n"
    )
    done = fuzztui(
        "run", "pkg.gate:Gate.enter", "-j1", "-t", "30000x", "--seed", "1", "--headless", "--minimize-time", "0"
    )
    assert done.returncode == 1, done.stderr
    assert "IndexError in Gate.enter" in done.stderr


def test_options_of_functions_are_not_for_files(package: Path) -> None:
    done = fuzztui("run", "src/pkg/fuzz_own.py", "--all-parameters", "--headless")
    assert done.returncode == 2
    sentence = "--all-parameters is for a function by its name, package.module:function, not for src/pkg/fuzz_own.py"
    assert done.stderr == f"fuzztui: {sentence}\n"
    named = fuzztui("run", "pkg.fuzz_own:fuzz_own", "--headless")
    assert named.returncode == 2
    assert "did you mean" in named.stderr
    assert "src/pkg/fuzz_own.py::fuzz_own" in named.stderr
