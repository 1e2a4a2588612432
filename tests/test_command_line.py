"""The program as its users run it: a process with arguments, signals, pipes and an exit status."""

import contextlib
import json
import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn

import psutil
import pytest
from typer.testing import CliRunner, Result

from fuzztui.cli import cli
from fuzztui.engine.request.companions import accompanied
from fuzztui.engine.request.options import RunOptions
from tests.support import Project, children, make_project, wait_for

pytestmark = pytest.mark.processes

FUZZTUI = [sys.executable, "-m", "fuzztui"]

CLEAN = "def fuzz_it(data: bytes):\n    if data[:1] == b'a': pass\n"
CRASHING = "def fuzz_it(data: bytes):\n    if len(data) > 2: raise ValueError('too [/long] \\x1b[31m')\n"
SLOW = "import time\ndef fuzz_it(data: bytes):\n    time.sleep(0.001)\n    if data[:1] == b'a': pass\n"


@pytest.fixture
def project(tmp_path: Path) -> Callable[[str], Project]:
    return lambda source: make_project(tmp_path, source)


def fuzztui(project: Project, *arguments: str, deadline: float = 60.0) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*FUZZTUI, *arguments],
        cwd=project.folder,
        capture_output=True,
        text=True,
        timeout=deadline,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def in_this_process(project: Project, *arguments: str) -> Result:
    """The same without a process of its own, for commands that run no engine."""
    with contextlib.chdir(project.folder):
        return CliRunner().invoke(cli, arguments)


def start(project: Project, *arguments: str, **options: Any) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*FUZZTUI, *arguments],
        cwd=project.folder,
        text=True,
        stdin=subprocess.DEVNULL,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
    )


@pytest.fixture
def started() -> Iterator[list["subprocess.Popen[str]"]]:
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_without_a_terminal_plain_lines_say_what_happens(project: Callable[[str], Project]) -> None:
    result = fuzztui(project(CLEAN), "run", "fuzz_it.py", "-j2", "-t2000x", "--seed", "1")
    assert result.returncode == 0
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert lines[0] == "fuzz: no terminal, so plain lines instead of the dashboard"
    assert any(re.fullmatch(r"fuzz: elapsed: \d+s, gathering baseline coverage", line) for line in lines)
    assert "execs: 2000 (" in result.stderr
    assert "new interesting: 1 (total: 2), edges: " in result.stderr
    assert "execution limit reached" in result.stderr
    assert "worker 1: ended" in result.stderr
    assert "0 hits received = 0 stored + 0 duplicates" in result.stderr
    assert "samples" not in result.stderr, "there was no profile"


def test_a_crasher_is_printed_with_all_that_is_needed_to_run_it_again(project: Callable[[str], Project]) -> None:
    target = project(CRASHING)
    result = fuzztui(target, "run", "fuzz_it.py", "-j2", "--headless")
    assert result.returncode == 1
    assert "--- crasher: ValueError: too [/long] \\x1b[31m" in result.stderr
    assert "\x1b" not in result.stderr
    assert 'fuzz_it.py", line 2, in fuzz_it' in result.stderr
    (command,) = [line.split(": ", 1)[1] for line in result.stderr.splitlines() if "run it again" in line]
    again = fuzztui(target, *command.split()[1:])
    assert again.returncode == 1
    assert again.stdout.startswith("FAIL testdata/corpus/fuzz_it/")
    assert "ValueError: too [/long]" in again.stdout


def test_json_lines_are_documented_objects(project: Callable[[str], Project]) -> None:
    result = fuzztui(project(CRASHING), "run", "fuzz_it.py", "-j2", "--json", "--keep-fuzzing", "-t3000x")
    assert result.returncode == 1
    assert result.stderr == ""
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert all({"event", "elapsed"} <= event.keys() for event in events)
    by_kind = {event["event"]: event for event in events}
    stats = {"execs", "execs_per_second", "edges", "corpus", "new", "crashers", "hits", "helper", "workers"}
    assert stats <= by_kind["stats"].keys()
    crasher = by_kind["crasher"]
    assert {"path", "sha256", "kind", "type", "message", "worker"} <= crasher.keys()
    assert Path(crasher["path"]).name == crasher["sha256"]
    end = events[-1]
    assert end["event"] == "end"
    assert (end["reason"], end["exit_code"]) == ("execution_limit", 1)
    assert end["execs"] == sum(worker["execs"] for worker in end["workers"])
    assert {"id", "execs", "exit", "seconds"} <= end["workers"][0].keys()
    assert end["workers"][0]["profile"] is None


def test_a_profile_is_printed_at_the_end(project: Callable[[str], Project]) -> None:
    result = fuzztui(project(SLOW), "run", "fuzz_it.py", "-j2", "--headless", "--profile", "-t1500x")
    assert result.returncode == 0, result.stderr
    lines = [line.strip() for line in result.stderr.splitlines()]
    (head,) = [line for line in lines if line.startswith("time, ")]
    assert head.partition(" samples ")[2].split() == ["worker", "0", "worker", "1", "all"]
    (shares,) = [line.split()[1:] for line in lines if line.startswith("target ")]
    assert len(shares) == 3
    assert all(share.endswith("%") for share in shares)
    assert any(line.startswith("new inputs from") for line in lines)


def test_json_lines_have_shares_and_yields(project: Callable[[str], Project]) -> None:
    result = fuzztui(project(SLOW), "run", "fuzz_it.py", "-j1", "--json", "--profile", "-t1000x")
    events = [json.loads(line) for line in result.stdout.splitlines()]
    end = events[-1]
    for worker in (end["workers"][0], next(e for e in events if e["event"] == "stats")["workers"][0]):
        shares = dict(worker["profile"])
        assert shares.pop("samples") > 0
        assert shares.keys() == {
            *("target", "instrumentation", "mutation", "bookkeeping"),
            *("measuring", "tracing", "reporting", "waiting"),
        }
        assert sum(shares.values()) == pytest.approx(1.0, abs=0.001)
    assert end["yields"]
    assert all(0 <= one["finds"] <= one["tries"] and one["source"] for one in end["yields"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run"], "Missing argument"),
        (["run", "nowhere.py"], "nowhere.py"),
        (["run", "fuzz_it.py::other"], "fuzz_it"),
        (["run", "fuzz_it.py", "-t", "0"], "30s"),
        (["run", "fuzz_it.py", "-t", "-1s"], "30s"),
        (["run", "fuzz_it.py", "-t", "5"], "10000x"),
        (["run", "fuzz_it.py", "-j", "0"], "--workers"),
        (["run", "fuzz_it.py", "--timeout", "soon"], "want one like"),
        (["run", "fuzz_it.py", "--memory-limit", "much"], "want one like"),
        (["replay", "fuzz_it.py", "no-such-file"], "no-such-file"),
        (["list", "no-such-folder"], "no-such-folder"),
        (["test", "no-such-folder"], "no-such-folder"),
        (["run", "fuzz_it.py", "--cache-dir", "fuzz_it.py"], "--cache-dir: fuzz_it.py cannot be made a folder: is a f"),
        (["run", "fuzz_it.py", "--cache-dir", "fuzz_it.py/in"], "fuzz_it.py/in cannot be made a folder: Not a direct"),
    ],
)
def test_usage_errors_say_what_would_be_right(
    project: Callable[[str], Project], arguments: list[str], words: str
) -> None:
    result = in_this_process(project(CLEAN), *arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_a_usage_error_is_the_status_of_the_process(project: Callable[[str], Project]) -> None:
    result = fuzztui(project(CLEAN), "run", "fuzz_it.py", "-t", "0")
    assert result.returncode == 2
    assert "30s" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_harness_that_fails_is_said_in_words(project: Callable[[str], Project]) -> None:
    result = fuzztui(project("def fuzz_it(data: bytes): ...\nraise OSError('nonsense')\n"), "run", "fuzz_it.py", "-j2")
    assert result.returncode == 70
    assert "worker terminated without fuzzing" in result.stderr
    assert "OSError: nonsense" in result.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
@pytest.mark.mostly_soak(1)
def test_signals_end_a_run_with_its_summary(
    project: Callable[[str], Project], started: list["subprocess.Popen[str]"], number: int, code: int
) -> None:
    process = start(project(SLOW), "run", "fuzz_it.py", "-j2", "--json")
    started.append(process)
    assert process.stdout is not None
    while '"fuzzing"' not in process.stdout.readline():
        pass
    workers = _descendants(process.pid)
    process.send_signal(number)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == code
    assert json.loads(out.splitlines()[-1])["event"] == "end"
    assert not any(map(psutil.pid_exists, workers))


def test_a_reader_that_goes_away_ends_the_run(project: Callable[[str], Project]) -> None:
    command = f"{sys.executable} -m fuzztui run fuzz_it.py -j2 --json | head -n 2"
    result = subprocess.run(
        command, shell=True, cwd=project(SLOW).folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert len(result.stdout.splitlines()) == 2
    assert result.stderr == ""


def _descendants(pid: int) -> list[int]:
    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


def _workers(pid: int) -> list[int]:
    return [child.pid for child in children(pid)]


def _kill_at_a_random_moment(target: Project, moments: random.Random) -> None:
    process = start(
        target, "run", "fuzz_it.py", "-j4", "--keep-fuzzing", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(lambda: len(_workers(process.pid)) == 4 or process.poll() is not None, "workers")
        progress = moments.randrange(4)  # one lucky input may cover most of the branches, so that few are ever stored
        wait_for(lambda: len(_stored(target)) >= progress or process.poll() is not None, f"{progress} stored inputs")
        assert process.poll() is None
        workers = _descendants(process.pid)
    finally:
        process.kill()
        process.wait()
    wait_for(lambda: not any(map(_runs, workers)), "the workers to notice")
    stored = _stored(target)
    for path in stored:
        assert sha256(path.read_bytes()).hexdigest() == path.name, "a torn file"
    shutil.rmtree(target.folder / ".fuzztui")
    shutil.rmtree(target.folder / "testdata", ignore_errors=True)


def _stored(target: Project) -> list[Path]:
    """Files of inputs, those aside that are being written."""
    folders = [target.folder / "testdata", target.folder / ".fuzztui/corpus"]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if not path.name.startswith(".")]


def _runs(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


BUSY_AND_FINDING = (
    "def fuzz_it(data: bytes):\n"
    + "".join(f"    if data[{i}:{i + 1}] == b'x': pass\n" for i in range(40))
    + "    if len(data) > 30 and data[3] % 5 == 1: raise ValueError(data)\n"
)


def test_nothing_survives_the_sigkill_of_the_coordinator(project: Callable[[str], Project]) -> None:
    target = project(BUSY_AND_FINDING)
    moments = random.Random(1)
    for _ in range(3):
        _kill_at_a_random_moment(target, moments)


@pytest.mark.soak
def test_nothing_survives_fifty_sigkills_of_the_coordinator(project: Callable[[str], Project]) -> None:
    target = project(BUSY_AND_FINDING)
    moments = random.Random(2)
    for _ in range(50):
        _kill_at_a_random_moment(target, moments)


def test_replay_tells_pass_from_fail(project: Callable[[str], Project]) -> None:
    target = project(
        "import os\ndef fuzz_it(a: int, b: str):\n    print('seen', a)\n    assert a != 2\n    if a == 3: os._exit(5)\n"
    )
    for name, line in {"good": "1", "bad": "2", "deadly": "3", "late": "4", "strange": "'x'"}.items():
        (target.folder / name).write_text(f"fuzztui v1\n{line}\n'text'\n")
    result = fuzztui(target, "replay", "fuzz_it.py", "good", "bad", "deadly", "late", "strange")
    assert result.returncode == 1
    verdicts = [line.split()[:2] for line in result.stdout.splitlines() if line[:1] != " "]
    assert verdicts == [
        ["PASS", "good"],
        ["FAIL", "bad"],
        ["FAIL", "deadly"],
        ["PASS", "late"],
        ["MALFORMED", "strange"],
    ]
    assert "AssertionError" in result.stdout
    assert "exit status 5" in result.stdout
    assert "seen 1" in result.stdout
    assert fuzztui(target, "replay", "fuzz_it.py", "good", "late").returncode == 0


def test_replay_of_a_folder_runs_all_inputs_below_it(project: Callable[[str], Project]) -> None:
    target = project("def fuzz_it(data: bytes): assert data != b'bad'\n")
    (target.folder / "found" / "more").mkdir(parents=True)
    (target.folder / "empty").mkdir()
    for name, data in {"one": b"good", "more/two": b"bad", ".gitattributes": b"bad"}.items():
        (target.folder / "found" / name).write_bytes(data)
    result = fuzztui(target, "replay", "fuzz_it.py", "found")
    verdicts = [line.split()[:2] for line in result.stdout.splitlines() if line[:1] != " "]
    assert (verdicts, result.returncode) == ([["PASS", "found/one"], ["FAIL", "found/more/two"]], 1)
    nothing = in_this_process(target, "replay", "fuzz_it.py", "empty")
    assert (nothing.exit_code, "empty holds no input" in nothing.output) == (2, True)


def test_a_seed_is_run_again_by_the_name_that_output_gives_it(project: Callable[[str], Project]) -> None:
    seeds = [b"good", b"this is bad", b"fine"]
    target = project(
        f"import fuzztui\n@fuzztui.fuzz(seeds={seeds})\ndef fuzz_it(data: bytes): assert b'bad' not in data\n"
    )
    (target.folder / "seed 3").write_bytes(b"a file that is bad")
    result = fuzztui(target, "replay", "fuzz_it.py", "seed 2", "seed 3", "seed 1")
    assert result.returncode == 1
    verdicts = [line.split()[:3] for line in result.stdout.splitlines() if line[:1] != " "]
    assert verdicts == [["FAIL", "seed", "2"], ["PASS", "seed", "1"], ["FAIL", "seed", "3"]]
    missing = fuzztui(target, "replay", "fuzz_it.py", "seed 2", "seed 7", "seed 9")
    assert missing.returncode == 2
    assert "fuzz_it declares no seed 7, seed 9" in missing.stderr
    smaller = fuzztui(target, "minimize", "fuzz_it.py", "seed 2")
    assert smaller.returncode == 0
    assert "3 B" in smaller.stdout


def test_replay_of_a_target_that_cannot_be_loaded_is_no_verdict_on_the_input(project: Callable[[str], Project]) -> None:
    target = project("def fuzz_it(data: bytes): ...\nraise RuntimeError('at import')\n")
    (target.folder / "input").write_bytes(b"x")
    result = fuzztui(target, "replay", "fuzz_it.py", "input")
    assert result.returncode == 70
    assert "at import" in result.stderr
    assert "FAIL" not in result.stdout


def test_replay_ends_an_input_that_hangs(project: Callable[[str], Project]) -> None:
    target = project("import time\ndef fuzz_it(data: bytes): time.sleep(1000)\n")
    (target.folder / "input").write_bytes(b"x")
    result = fuzztui(target, "replay", "fuzz_it.py", "input", "--timeout", "300ms")
    assert result.returncode == 1
    assert "FAIL input" in result.stdout
    assert "timeout after 0.3 s" in result.stdout


def test_seeds_and_stored_crashers_are_regression_tests(project: Callable[[str], Project]) -> None:
    source = (
        "import fuzztui\n@fuzztui.fuzz(seeds=[b'1', b'bad'])\n"
        "def fuzz_it(data: bytes): assert data not in (b'bad', b'2')\n"
    )
    target = project(source)
    target.seed("stored", b"2")
    result = fuzztui(target, "test")
    assert result.returncode == 1
    assert [line.split(" (")[0] for line in result.stdout.splitlines() if line[:1] != " "] == [
        "== fuzz_it.py::fuzz_it",
        "PASS seed 1",
        "FAIL seed 2",
        "FAIL testdata/corpus/fuzz_it/stored",
        "1 passed, 2 failed",
    ]
    (target.folder / "fuzz_it.py").write_text(source.replace("(b'bad', b'2')", "(b'worse',)"))
    again = fuzztui(target, "test", "fuzz_it.py")
    assert again.returncode == 0
    assert again.stdout.splitlines()[-1] == "3 passed, 0 failed"


def test_a_target_that_cannot_be_loaded_does_not_keep_others_from_being_tested(
    project: Callable[[str], Project],
) -> None:
    target = project("import fuzztui\n@fuzztui.fuzz(seeds=[b'1'])\ndef fuzz_it(data: bytes): ...\n")
    (target.folder / "fuzz_first.py").write_text("def fuzz_first(data: bytes): ...\nraise OSError('nonsense')\n")
    result = fuzztui(target, "test")
    assert result.returncode == 70
    assert "OSError: nonsense" in result.stderr
    assert "PASS seed 1" in result.stdout
    assert result.stdout.splitlines()[-1] == "1 passed, 0 failed, 1 target could not be run"
    target.seed("bad", b"x")
    (target.folder / "fuzz_it.py").write_text("def fuzz_it(data: bytes): assert data != b'x'\n")
    assert fuzztui(target, "test").returncode == 1


def test_broken_target_files_do_not_look_like_success(project: Callable[[str], Project]) -> None:
    target = project("def fuzz_it(data: bytes): ...\ndef fuzz_bare(data): ...\n")
    (target.folder / "fuzz_broken.py").write_text("def fuzz_broken(data: bytes:\n")
    result = fuzztui(target, "test")
    assert result.returncode == 2
    assert "fuzz_it.py:2: parameter data of fuzz_bare is not annotated" in result.stderr
    assert "fuzz_broken.py:1: syntax error" in result.stderr
    assert result.stdout.splitlines() == [
        "== fuzz_it.py::fuzz_it",
        "    no stored inputs and no seeds",
        "0 passed, 0 failed, 2 problems in target files",
    ]


def test_a_folder_is_tested_with_all_that_is_in_it(project: Callable[[str], Project]) -> None:
    target = project(CLEAN)
    folder = target.folder / "inner"
    folder.mkdir()
    (folder / "fuzz_two.py").write_text("def fuzz_a(data: bytes): ...\ndef fuzz_b(data: bytes): ...\n")
    result = fuzztui(target, "test", "inner")
    assert result.returncode == 0
    assert [line for line in result.stdout.splitlines() if line.startswith("==")] == [
        "== inner/fuzz_two.py::fuzz_a",
        "== inner/fuzz_two.py::fuzz_b",
    ]
    (target.folder / "empty").mkdir()
    nothing = in_this_process(target, "test", "empty")
    assert (nothing.exit_code, nothing.stderr) == (2, "fuzztui: no fuzz targets in empty\n")


def test_list_shows_targets_without_importing_them(project: Callable[[str], Project]) -> None:
    target = project("raise RuntimeError\ndef fuzz_it(data: bytes, n: int): ...\ndef fuzz_bad(x): ...\n")
    result = in_this_process(target, "list")
    assert result.exit_code == 2, "a function is no target and may be meant to be one"
    assert result.stdout == "fuzz_it.py::fuzz_it  line 2  (data: bytes, n: int)\n"
    assert "fuzz_it.py:3: " in result.stderr


def test_a_folder_without_targets_is_said_to_be_one(project: Callable[[str], Project]) -> None:
    result = in_this_process(project("x = 1\n"), "list")
    assert result.exit_code == 2
    assert "no fuzz targets in" in result.stderr


def test_the_run_does_not_depend_on_what_stands_in_the_folder(project: Callable[[str], Project]) -> None:
    target = project(CLEAN)
    for name in ("json.py", "random.py", "msgspec.py", "typing.py"):
        (target.folder / name).write_text("raise RuntimeError('a file of the user shadows the library')\n")
    environment = {**os.environ, "PYTHONSAFEPATH": "1"}
    result = subprocess.run(
        [*FUZZTUI, "run", "fuzz_it.py", "-t100x"],
        cwd=target.folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert result.returncode == 0, result.stderr


def test_a_minimized_corpus_covers_the_same_with_less(project: Callable[[str], Project]) -> None:
    target = project("def fuzz_it(data: bytes):\n" + "".join(f"    if {c!r} in data: pass\n" for c in b"abcdefgh"))
    assert fuzztui(target, "run", "fuzz_it.py", "-j1", "-t20000x", "--seed", "1").returncode == 0
    (folder,) = (target.folder / ".fuzztui/corpus").rglob("fuzz_it")
    (folder / "redundant").write_bytes(b"xxxxx abcdefgh xxxxx")
    before = sorted(folder.iterdir())
    result = fuzztui(target, "corpus", "minimize", "fuzz_it.py")
    assert result.returncode == 0
    after = sorted(folder.iterdir())
    assert folder / "redundant" not in after
    assert set(after) < set(before)
    again = fuzztui(target, "corpus", "minimize", "fuzz_it.py")
    assert again.stdout == f"{len(after)} kept, 0 removed, {result.stdout.split()[-3]} edges covered\n"


def test_inputs_of_other_fuzzers_are_taken_in_if_they_cover_something_new(project: Callable[[str], Project]) -> None:
    target = project("def fuzz_it(data: bytes):\n    if b'a' in data: pass\n    assert data != b'bad'\n")
    other = target.folder / "other"
    other.mkdir()
    for name, data in {"id:000": b"a", "id:001": b"aaa", "id:002": b"", "id:003": b"bad"}.items():
        (other / name).write_bytes(data)
    result = fuzztui(target, "corpus", "import", "fuzz_it.py", "other")
    assert "\n1 taken in, 2 cover nothing new" in result.stdout
    assert "crasher: AssertionError" in result.stdout
    assert result.returncode == 1
    (stored,) = (target.folder / "testdata/corpus/fuzz_it").glob("[!.]*")
    assert stored.read_bytes() == b"bad"
    assert in_this_process(target, "corpus", "import", "fuzz_it.py", "nowhere").exit_code == 2
    (other / "id:003").write_bytes(b"bad")
    stored.rename(stored.with_name("known"))
    again = fuzztui(target, "corpus", "import", "fuzz_it.py", "other")
    assert (again.stdout, again.returncode) == ("0 taken in, 4 cover nothing new, 2 edges covered\n", 0)
    assert [file.name for file in stored.parent.glob("[!.]*")] == ["known"]


def test_a_crasher_of_another_fuzzer_is_stored_where_only_the_zero_value_fails_alike(
    project: Callable[[str], Project],
) -> None:
    target = project("def fuzz_it(data: bytes):\n    raise ValueError('always')\n")
    (target.folder / "other").mkdir()
    (target.folder / "other/a").write_bytes(b"a")
    result = fuzztui(target, "corpus", "import", "fuzz_it.py", "other")
    assert "crasher: ValueError: always" in result.stdout
    assert result.returncode == 1
    (stored,) = (target.folder / "testdata/corpus/fuzz_it").glob("[!.]*")
    assert stored.read_bytes() == b"a"


def test_plain_bytes_of_other_fuzzers_are_read_as_text_where_that_is_all_a_target_takes(
    project: Callable[[str], Project],
) -> None:
    target = project("def fuzz_it(text: str):\n    if 'ö' in text: pass\n")
    other = target.folder / "other"
    other.mkdir()
    (other / "a").write_bytes("ö".encode())
    (other / "b").write_bytes(b"\xff")
    result = fuzztui(target, "corpus", "import", "fuzz_it.py", "other")
    assert result.stdout.startswith("1 taken in, 0 cover nothing new")
    assert result.stderr == (
        "fuzztui: not an input of this target: b: neither a stored input nor UTF-8: invalid start byte at byte 0\n"
    )
    assert result.returncode == 0
    (folder,) = (target.folder / ".fuzztui/corpus").rglob("fuzz_it")
    (taken,) = folder.iterdir()
    assert taken.read_bytes() == b"fuzztui v1\n'\\xf6'\n"


def test_an_empty_folder_holds_no_input_either(project: Callable[[str], Project]) -> None:
    target = project("def fuzz_it(data: bytes):\n    pass\n")
    (target.folder / "other").mkdir()
    result = fuzztui(target, "corpus", "import", "fuzz_it.py", "other")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "fuzztui: other holds no input of this target\n"


def test_what_is_no_input_cannot_be_minimized(project: Callable[[str], Project]) -> None:
    target = project("def fuzz_it(number: int):\n    pass\n")
    (target.folder / "a").write_bytes(b"plain")
    result = fuzztui(target, "minimize", "fuzz_it.py", "a")
    assert (result.returncode, result.stdout) == (2, "")
    assert "a: line 1" in result.stderr


@pytest.mark.soak
def test_the_command_of_a_crasher_has_the_limits_that_it_fails_by(project: Callable[[str], Project]) -> None:
    target = project("import time\ndef fuzz_it(data: bytes):\n    time.sleep(2)\n")
    found = fuzztui(target, "run", "fuzz_it.py", "-j1", "--timeout", "500ms", "--memory-limit", "300M", "--json")
    (crasher,) = [event for event in map(json.loads, found.stdout.splitlines()) if event["event"] == "crasher"]
    words = shlex.split(crasher["command"])
    assert words[-4:] == ["--timeout", "0.5s", "--memory-limit", "300M"]
    assert fuzztui(target, *words[1:]).returncode == 1
    passing = fuzztui(target, *words[1:-4])
    assert passing.returncode == 0
    assert "need other limits" in passing.stdout


def test_a_folder_without_any_input_is_refused(project: Callable[[str], Project]) -> None:
    target = project("def fuzz_it(number: int):\n    pass\n")
    (target.folder / "other").mkdir()
    (target.folder / "other/a").write_bytes(b"plain")
    result = fuzztui(target, "corpus", "import", "fuzz_it.py", "other")
    assert result.returncode == 2
    assert "a: line 1" in result.stderr
    assert result.stderr.endswith("fuzztui: other holds no input of this target\n")


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
@pytest.mark.parametrize(
    "arguments",
    [("list",), ("test", "fuzz_it.py"), ("run", "fuzz_it.py", "-t", "500x", "--json")],
    ids=["list", "test", "run"],
)
def test_what_cannot_be_printed_is_no_success_and_no_traceback(
    project: Callable[[str], Project], arguments: tuple[str, ...]
) -> None:
    target = project("import fuzztui\n@fuzztui.fuzz(seeds=[b'x'])\ndef fuzz_it(data: bytes): ...\n")
    with FULL.open("w") as full:
        command = start(target, *arguments, stdout=full)
        _, errors = command.communicate(timeout=60)
    assert command.returncode == 70
    assert "Traceback" not in errors


@pytest.mark.parametrize("closed", ["<&-", "2>&-", ">&-", "<&- >&-", "<&- >&- 2>&-"])
@pytest.mark.mostly_soak(2)
def test_a_stream_that_is_closed_keeps_no_run_from_its_end(project: Callable[[str], Project], closed: str) -> None:
    target = project("def fuzz_it(data: bytes): ...\n")
    command = f"{shlex.join([*FUZZTUI, 'run', 'fuzz_it.py', '-t', '200x', '--headless'])} {closed}"
    done = subprocess.run(
        ["sh", "-c", command], cwd=target.folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("path", ["/dev/zero", "fifo"])
def test_what_is_no_regular_file_is_not_replayed(project: Callable[[str], Project], path: str) -> None:
    target = project("def fuzz_it(data: bytes): ...\n")
    os.mkfifo(target.folder / "fifo")
    done = fuzztui(target, "replay", "fuzz_it.py", path)
    assert done.returncode == 2
    assert "regular file" in done.stderr


# Success means that it was done --------------------------------------------------------------------------------------

SKIPPING = """
import fuzztui
def fuzz_here(data: bytes) -> None: ...
def fuzz_elsewhere(f: fuzztui.F) -> None:
    f.skip("no library")
"""


def test_targets_that_are_skipped_are_counted_and_fail_nothing(project: Callable[[str], Project]) -> None:
    made = project(SKIPPING)
    folder = made.folder / "testdata/corpus/fuzz_here"
    folder.mkdir(parents=True)
    (folder / "one").write_bytes(b"1")
    tested = fuzztui(made, "test")
    assert tested.returncode == 0
    assert tested.stdout.splitlines()[-1] == "1 passed, 0 failed, 1 skipped"
    assert "SKIP fuzz_it.py::fuzz_elsewhere: " in tested.stdout
    assert "no library" in tested.stdout
    as_json = fuzztui(made, "test", "fuzz_it.py::fuzz_elsewhere", "--json")
    events = [json.loads(line) for line in as_json.stdout.splitlines()]
    (ran,) = [event for event in events if event["event"] == "input"]
    assert (ran["name"], ran["verdict"]) == ("fuzz_it.py::fuzz_elsewhere", "skip")
    assert "no library" in ran["problem"]
    assert (events[-1]["reason"], events[-1]["exit_code"], as_json.returncode) == ("skipped", 0, 0)


def test_a_run_of_a_target_that_is_skipped_is_no_success_and_says_why(project: Callable[[str], Project]) -> None:
    result = fuzztui(project(SKIPPING), "run", "fuzz_it.py::fuzz_elsewhere", "-t", "1s")
    assert result.returncode == 70
    assert "so there is nothing to fuzz: no library" in result.stderr


@pytest.mark.parametrize(
    "command",
    [("run", "fuzz_it.py"), ("test",), ("replay", "fuzz_it.py", "fuzz_it.py"), ("corpus", "minimize", "fuzz_it.py")],
    ids=lambda command: command[0],
)
@pytest.mark.mostly_soak(1)
def test_each_command_that_loads_a_target_takes_the_time_for_it(
    project: Callable[[str], Project], command: tuple[str, ...]
) -> None:
    made = project("import time\ntime.sleep(1000)\ndef fuzz_it(data: bytes) -> None: ...\n")
    result = fuzztui(made, *command, "--startup-timeout", "300ms")
    assert result.returncode == 70
    assert "the target was not loaded within 0.3 s" in result.stdout + result.stderr
    assert in_this_process(made, *command, "--startup-timeout", "soon").exit_code == 2


def test_a_test_whose_cleanup_fails_is_told_apart_from_its_inputs(project: Callable[[str], Project]) -> None:
    made = project(
        "import fuzztui\ndef close(): raise OSError('cannot be closed')\n"
        "def fuzz_it(f: fuzztui.F) -> None:\n    f.cleanup(close)\n    f.add(b'')\n"
        "    @f.fuzz\n    def target(data: bytes): ...\n"
    )
    result = fuzztui(made, "test")
    assert result.returncode == 70
    assert result.stdout.splitlines()[-1] == "1 passed, 0 failed, 1 target could not be run to the end"
    assert "cannot be closed" in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["replay", "h.py", "one"],
        ["minimize", "h.py", "one"],
        ["test", "h.py"],
        ["corpus", "minimize", "h.py"],
        ["corpus", "import", "h.py", "h_seed_corpus"],
        ["coverage", "h.py"],
        ["run", "h.py", "--headless"],
        ["run", "h.py", "other.py", "--headless"],
    ],
)
def test_every_command_uses_what_lies_beside_a_program_but_for_what_is_typed(
    tmp_path: Path, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "import atheris\natheris.Setup(['h'], print)\natheris.Fuzz()\n"
    for name in ("h.py", "other.py"):
        (tmp_path / name).write_text(source)
    (tmp_path / "one").touch()
    (tmp_path / "h.options").write_text("[libfuzzer]\ntimeout=25\nrss_limit_mb=3000\n")
    (tmp_path / "h.dict").write_text('"token"\n')
    (tmp_path / "h_seed_corpus").mkdir()
    met: list[RunOptions] = []

    class Met(Exception):  # noqa: N818 - not an error
        pass

    def meet(options: RunOptions) -> NoReturn:
        met.append(options)
        raise Met

    monkeypatch.setattr("fuzztui.commands.targets.accompanied", lambda options: meet(accompanied(options)))
    result = in_this_process(make_project(tmp_path, ""), *words, "--timeout", "10s")
    assert isinstance(result.exception, Met), result.output
    (options,) = met
    assert (options.timeout, options.memory_limit) == (10.0, 3000 << 20)
    assert options.dictionary == (b"token",)
    assert options.seeds == (tmp_path / "h_seed_corpus",)
