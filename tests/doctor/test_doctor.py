"""The whole page, in a process of its own and with real workers."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from fuzztui.doctor.check import Check, Status, ok
from fuzztui.doctor.page import WIDTH, Page, Wanted, diagnose
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.show.text import NOTHING
from tests.support import Project, make_project, wait_for

pytestmark = pytest.mark.processes

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Callable[[str], Project]:
    return lambda source: make_project(tmp_path, source)


def doctor(folder: Path, *arguments: str, before: str = "", **variables: str) -> "subprocess.CompletedProcess[str]":
    """`before`: commands of the shell that starts the program."""
    command = f'{before}\nexec "$0" -m fuzztui doctor "$@"'
    return subprocess.run(
        ["/bin/sh", "-c", command, sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def checks_of(done: "subprocess.CompletedProcess[str]") -> dict[str, dict[str, str]]:
    told: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == told["exit_code"], done.stderr
    assert sum(told["summary"].values()) == len(told["checks"])
    return {check["name"]: check for check in told["checks"]}


def statuses(checks: dict[str, dict[str, str]], *names: str) -> list[str]:
    return [checks[name]["status"] for name in names]


def test_a_sound_target_is_loaded_and_everything_about_it_told(project: Callable[[str], Project]) -> None:
    made = project("import json, math\n\ndef fuzz_it(data: bytes, number: int) -> None:\n    pass\n")
    checks = checks_of(doctor(made.folder, "fuzz_it.py", "--json"))
    assert "unknown" not in {check["status"] for check in checks.values()}
    of_target = [check["status"] for check in checks.values() if check["area"] == "target"]
    assert set(of_target) == {"ok"}
    assert checks["worker"]["value"].startswith("loaded in ")
    assert not checks["worker"]["value"].endswith("takes 0 B")
    assert "1 of 2 instrumented: json (" in checks["modules"]["value"]
    assert "math: it is compiled" in checks["modules"]["value"]
    assert checks["parameters"]["value"] == "bytes, int"
    assert [path.name for path in made.folder.iterdir() if path.name.startswith(".")] == []


def test_every_line_of_the_page_fits_and_every_check_has_its_line(project: Callable[[str], Project]) -> None:
    made = project("def fuzz_it(data: bytes) -> None:\n    pass\n")
    done = doctor(made.folder, "fuzz_it.py")
    named = checks_of(doctor(made.folder, "fuzz_it.py", "--json"))
    lines = done.stdout.splitlines()
    assert [line for line in lines if len(line) > WIDTH and " " in line[27:].strip()] == []
    assert [name for name in named if not any(line[10:].startswith(f"{name} ") for line in lines)] == []
    assert lines[-1].endswith("A run can begin.")
    assert done.returncode == 0


TARGETS = {
    "raises": ("raise RuntimeError('no way')\n", "RuntimeError: no way"),
    "lacks a module": ("import no_such_module_anywhere\n", "no_such_module_anywhere"),
    "ends its process": ("import os\nos._exit(3)\n", "exit 3"),
    "kills its process": ("import os\nos.kill(os.getpid(), 11)\n", "SIGSEGV"),
    "has wrong seeds": ("import fuzztui\n@fuzztui.fuzz(seeds=[1])\ndef fuzz_other(data: bytes): pass\n", "seed 1"),
}


@pytest.mark.parametrize(("source", "words"), TARGETS.values(), ids=TARGETS)
@pytest.mark.mostly_soak(2)
def test_a_target_that_cannot_be_loaded_is_a_problem(
    project: Callable[[str], Project], source: str, words: str
) -> None:
    made = project(source + ("" if "fuzz_other" in source else "def fuzz_other(data: bytes): pass\n"))
    done = doctor(made.folder, "fuzz_it.py", "--json")
    checks = checks_of(done)
    assert done.returncode == 70
    assert checks["worker"]["status"] == "problem"
    assert words in checks["worker"]["value"]
    assert statuses(checks, "target", "modules", "seeds", "stored inputs") == ["ok", "unknown", "unknown", "unknown"]


def test_a_target_that_hangs_while_it_is_loaded_is_a_problem_with_the_place(project: Callable[[str], Project]) -> None:
    made = project("import time\ntime.sleep(600)\ndef fuzz_it(data: bytes): pass\n")
    target = PythonTarget(made.folder / "fuzz_it.py", "fuzz_it", made.folder)
    told: list[Check] = []
    diagnosis = diagnose(Wanted(target, NOTHING, None, workers=1, memory_limit=None, startup_timeout=1.0), told.append)
    (worker,) = [check.finding for check in diagnosis.checks if check.name == "worker"]
    assert worker.status is Status.PROBLEM
    assert "fuzz_it.py" in worker.value
    assert diagnosis.exit_code == 70
    assert tuple(told) == diagnosis.checks


def test_an_interrupted_loading_says_nothing_of_the_target_and_ends_as_signals_do(
    project: Callable[[str], Project], tmp_path: Path
) -> None:
    mark = tmp_path / "loading"
    made = project(f"open({str(mark)!r}, 'w').close()\nimport time\ntime.sleep(600)\ndef fuzz_it(data: bytes): pass\n")
    running = subprocess.Popen(
        [sys.executable, "-m", "fuzztui", "doctor", "fuzz_it.py", "--json"],
        cwd=made.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    wait_for(mark.exists, "a worker that loads the target")
    running.send_signal(signal.SIGTERM)
    out, _ = running.communicate(timeout=60)
    told = json.loads(out)
    assert running.returncode == told["exit_code"] == 143
    (worker,) = [check for check in told["checks"] if check["name"] == "worker"]
    assert (worker["status"], worker["value"]) == ("unknown", "terminated (SIGTERM)")


def test_inputs_on_disk_are_looked_at(project: Callable[[str], Project]) -> None:
    made = project("def fuzz_it(data: bytes) -> None:\n    pass\n")
    made.seed(sha256(b"a\n").hexdigest(), b"a\r\n")
    made.seed("long", b"x" * 5000)
    checks = checks_of(doctor(made.folder, "fuzz_it.py", "--json"))
    assert checks["stored inputs"]["status"] == "note"
    assert "2 files" in checks["stored inputs"]["value"]
    assert "git" in checks["stored inputs"]["advice"]
    assert "--max-len" in checks["stored inputs"]["value"]


def test_without_a_target_a_worker_loads_one_that_does_nothing(tmp_path: Path) -> None:
    checks = checks_of(doctor(tmp_path, "--json"))
    assert checks["worker"]["status"] == "ok"
    assert "modules" not in checks
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("spec", ["fuzz_other.py", "fuzz_it.py::fuzz_is", "", "no\x1b[31msuch.py"])
@pytest.mark.mostly_soak(1)
def test_what_is_no_target_is_a_problem_that_says_what_to_type(project: Callable[[str], Project], spec: str) -> None:
    made = project("def fuzz_it(data: bytes) -> None:\n    pass\n")
    done = doctor(made.folder, spec, "--json")
    checks = checks_of(done)
    assert (done.returncode, checks["target"]["status"]) == (70, "problem")
    assert "\x1b" not in json.dumps(checks)
    if spec.startswith("fuzz_"):
        assert "did you mean" in checks["target"]["value"]


SURROUNDINGS: dict[str, tuple[str, dict[str, str], dict[str, str]]] = {
    # Commands before, variables -> checks and their statuses.
    "few descriptors": ("ulimit -n 25", {}, {"open files": "problem", "worker": "ok"}),
    "little address space": ("ulimit -v 260000", {}, {"address space": "problem"}),
    "less address space than a target may use": ("ulimit -v 900000", {}, {"address space": "note", "worker": "ok"}),
    "small files only": ("ulimit -f 8", {}, {"file size": "problem", "shared memory": "problem", "worker": "problem"}),
    "a small stack": ("ulimit -s 512", {}, {"stack": "note", "worker": "ok"}),
    "a dumb terminal": ("", {"TERM": "dumb"}, {"dashboard": "note", "worker": "ok"}),
    "no locale": ("", {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}, {"encodings": "note"}),
    "no home": ("unset HOME XDG_CACHE_HOME", {}, {"code cache": "note", "worker": "ok"}),
    "assertions left out": ("", {"PYTHONOPTIMIZE": "1"}, {"workers": "note", "worker": "ok"}),
    "allocator of its own": ("", {"PYTHONMALLOC": "malloc"}, {"environment": "note", "worker": "ok"}),
    "a file in the cache's place": ("touch .fuzztui", {}, {"cache": "problem", "worker": "ok"}),
    "a link in the cache's place": ("ln -s /tmp .fuzztui", {}, {"cache": "problem", "worker": "ok"}),
    "another fuzztui beside the target": ("touch fuzztui.py", {"PYTHONSAFEPATH": "1"}, {"fuzztui": "problem"}),
    "stdout closed": ("exec >&-", {}, {}),
}


@pytest.mark.parametrize(("before", "variables", "expected"), SURROUNDINGS.values(), ids=SURROUNDINGS)
@pytest.mark.mostly_soak(2)
def test_bad_surroundings_are_told_and_nothing_breaks(
    tmp_path: Path, before: str, variables: dict[str, str], expected: dict[str, str]
) -> None:
    (tmp_path / "pyproject.toml").touch()
    done = doctor(tmp_path, "--json", before=before, **variables)
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 70)
    if expected:
        checks = checks_of(done)
        told = {name: checks[name]["status"] for name in expected}
        if told.get("worker") == "note":
            told["worker"] = "ok"  # it has started: on a busy machine only late
        assert told == expected, checks


def test_a_page_wraps_what_is_long_and_cuts_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    words = " ".join(f"word{number}" for number in range(40))
    page = Page(sys.stdout)
    page.add(Check("area", "first", ok("{} {}", words, "x" * 200)))
    page.add(Check("area", "second", ok("short")))
    out = capsys.readouterr().out
    assert out.split() == ["area", "ok", "first", *words.split(), "x" * 200, "ok", "second", "short"]
    assert all(len(line) <= WIDTH or "xxx" in line for line in out.splitlines())


@pytest.mark.soak
def test_a_current_folder_that_is_gone_is_a_problem_where_anything_is_to_be_found_from_there(
    project: Callable[[str], Project], tmp_path: Path
) -> None:
    file = str(project("def fuzz_it(data: bytes): ...\n").folder / "fuzz_it.py")
    gone = tmp_path / "gone"
    for arguments, expected in ((), "problem"), (("fuzz_it.py",), "problem"), ((file,), "note"):
        gone.mkdir()
        done = doctor(gone, *arguments, "--json", before=f'rmdir "{gone}"')
        checks = checks_of(done)
        assert checks["current folder"]["status"] == expected
        assert checks["current folder"]["value"] == "has been removed"
        assert done.returncode == (70 if expected == "problem" else 0)
        if arguments:
            assert (checks["target"]["status"] == "ok") == (arguments == (file,))
            assert arguments == (file,) or "removed" in checks["target"]["value"]
    here = checks_of(doctor(tmp_path, "--json"))["current folder"]
    assert (here["status"], here["value"]) == ("ok", str(tmp_path))
