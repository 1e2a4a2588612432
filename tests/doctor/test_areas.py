"""What the doctor says of readings: each situation has its status, and a sentence that helps where there is one."""

from dataclasses import replace
from pathlib import Path

import pytest

from fuzztui.doctor import files, interpreter, limits, machine, terminal, versions
from fuzztui.doctor.cgroup import Allowance
from fuzztui.doctor.check import Finding, Status
from fuzztui.doctor.interpreter import Interpreter
from fuzztui.doctor.limits import Bound
from fuzztui.doctor.terminal import Encodings, Terminal
from fuzztui.engine.keep.mounts import Mount, mounts
from fuzztui.engine.keep.storage import Folder
from fuzztui.engine.show.text import NOTHING, label

GIB, MIB = 1 << 30, 1 << 20
FREE = Bound(None, None)

PYTHON = Interpreter("CPython", (3, 12, 1), "3.12.1", "/usr/bin/python3", False, False, True)
TTYS = (("standard input", True), ("standard output", True), ("standard error", True))
TERMINAL = Terminal(TTYS, "xterm-256color", (80, 24))
UTF_8 = Encodings("utf-8", "UTF8", "utf-8", "en_US.UTF-8")
ENCODINGS = terminal.encodings

MEMINFO = "MemTotal:  16384 kB\nMemFree: 1024 kB\nMemAvailable:  8192 kB\nCommitLimit: 5000 kB\nCommitted_AS: 4000 kB\n"
STATUS = "Name:\tpython\nPid:\t12\nNoNewPrivs:\t{}\nSeccomp:\t{}\nSeccomp_filters:\t0\n"
PROC = mounts("24 27 0:6 / /proc rw,nosuid - proc proc rw{}")


def proc_mount(options: str = "") -> list[Mount]:
    return mounts(f"27 1 254:0 / / rw - ext4 /dev/vda rw\n24 27 0:6 / /proc rw,nosuid - proc proc rw{options}")


def dashboard(**changes: object) -> Finding:
    return terminal.dashboard(replace(TERMINAL, **changes), (60, 15))  # type: ignore[arg-type]


def room(free: int, limit: Allowance | None = None, workers: int = 2, each: int | None = 2 * GIB) -> Finding:
    return machine.memory(free, limit, workers, each)


CASES: dict[str, tuple[Finding, Status, str]] = {
    # What was looked at -> what is found, its status, and words of the value and the advice.
    "python": (interpreter.python(PYTHON), Status.OK, "CPython 3.12.1"),
    "an old python": (interpreter.python(replace(PYTHON, version=(3, 9, 0))), Status.PROBLEM, "CPython 3.11 to 3.13"),
    "PyPy": (interpreter.python(replace(PYTHON, implementation="PyPy")), Status.PROBLEM, "PyPy"),
    "32 bits": (interpreter.python(replace(PYTHON, is_64_bit=False)), Status.PROBLEM, "64 bits"),
    "a newer python": (interpreter.python(replace(PYTHON, version=(3, 15, 0))), Status.NOTE, "costs speed"),
    "a debug build": (interpreter.python(replace(PYTHON, is_debug=True)), Status.NOTE, "debug build"),
    "no GIL": (interpreter.python(replace(PYTHON, is_free_threaded=True)), Status.NOTE, "free-threaded build"),
    "workers": (interpreter.workers(["/py", "-P", "-X", "utf8", "main"], "/py"), Status.OK, "/py -X utf8"),
    "no executable": (interpreter.workers(["", "-P", "main"], None), Status.PROBLEM, "(no executable)"),
    "-OO": (interpreter.workers(["/py", "-P", "-OO", "main"], "/py"), Status.NOTE, "assert"),
    "-X tracemalloc": (
        interpreter.workers(["/py", "-P", "-X", "tracemalloc=5", "m"], "/py"),
        Status.NOTE,
        "tracemalloc=5",
    ),
    "-W error": (interpreter.workers(["/py", "-P", "-Werror::UserWarning", "m"], "/py"), Status.NOTE, "crasher"),
    "environment": (interpreter.environment({"PYTHONPATH": "/a", "LD_PRELOAD": ""}), Status.OK, "nothing"),
    "LD_PRELOAD": (interpreter.environment({"LD_PRELOAD": "libfaketime.so"}), Status.NOTE, "LD_PRELOAD=libfaketime.so"),
    "library": (versions.library(versions.Library("rich", "14.1", ">=14", "/s")), Status.OK, "14.1, /s"),
    "no library": (
        versions.library(versions.Library("rich", "", ">=14", "")),
        Status.PROBLEM,
        "pip install 'rich>=14'",
    ),
    "old library": (versions.library(versions.Library("rich", "13.9", ">=14", "/s")), Status.PROBLEM, "pip install"),
    "no metadata": (versions.library(versions.Library("rich", "unknown", ">=14", "/s")), Status.OK, "unknown"),
    "one fuzztui": (versions.copies("/a/fuzztui", ["/a/fuzztui"], ["/bin/fuzztui"]), Status.OK, "/a/fuzztui"),
    "two fuzztui": (versions.copies("/a/fuzztui", ["/a/fuzztui", "/b/fuzztui"], []), Status.NOTE, "also /b/fuzztui"),
    "two programs": (
        versions.copies("/a", ["/a"], ["/bin/fuzztui", "/usr/bin/fuzztui"]),
        Status.NOTE,
        "/usr/bin/fuzztui",
    ),
    "another in the way": (
        versions.copies("/a", ["/p/fuzztui.py", "/a"], []),
        Status.PROBLEM,
        "first on the path /p/fuzztui.py",
    ),
    "dashboard": (dashboard(), Status.OK, "xterm-256color, 80x24"),
    "a pipe": (
        dashboard(streams=(*TTYS[:1], ("standard output", False), TTYS[2])),
        Status.NOTE,
        "standard output is no",
    ),
    "dumb": (dashboard(why_not=label("TERM=dumb is no terminal")), Status.NOTE, "would not open: TERM=dumb"),
    "small": (dashboard(size=(59, 40)), Status.NOTE, "60x15"),
    "low": (dashboard(size=(80, 14)), Status.NOTE, "60x15"),
    "no colours": (terminal.colours({"NO_COLOR": "1"}, "xterm"), Status.OK, "none"),
    "all colours": (terminal.colours({"COLORTERM": "truecolor"}, "xterm"), Status.OK, "all"),
    "encodings": (ENCODINGS(UTF_8), Status.OK, "UTF-8"),
    "ascii": (ENCODINGS(replace(UTF_8, output="ascii", locale="C")), Status.NOTE, "output in ascii, locale C"),
    "latin names": (ENCODINGS(replace(UTF_8, files="iso8859-1")), Status.NOTE, "names of files in iso8859-1"),
    "unheard-of": (ENCODINGS(replace(UTF_8, error="klingon")), Status.NOTE, "errors in klingon"),
    "no bound": (limits.address_space(FREE, 4, 2 * GIB), Status.OK, "unlimited"),
    "little space": (limits.address_space(Bound(300 * MIB, None), 2, 2 * GIB), Status.PROBLEM, "ulimit -v"),
    "space for few": (limits.address_space(Bound(600 * MIB, None), 8, 2 * GIB), Status.PROBLEM, "Workers do not start"),
    "space below the limit": (limits.address_space(Bound(GIB, GIB), 2, 2 * GIB), Status.NOTE, "--memory-limit"),
    "space": (limits.address_space(Bound(9 * GIB, None), 2, 2 * GIB), Status.OK, "9.7 GB"),
    "little data": (limits.data(Bound(50 * MIB, 50 * MIB), None), Status.PROBLEM, "has to allow 83.9 MB"),
    "some data": (limits.data(Bound(100 * MIB, 100 * MIB), 2 * GIB), Status.NOTE, "--memory-limit"),
    "files": (limits.open_files(Bound(256, 256), 8), Status.OK, "256"),
    "few files": (limits.open_files(Bound(256, 4096), 128), Status.PROBLEM, "ulimit -n 658"),
    "few files for good": (limits.open_files(Bound(20, 20), 2), Status.PROBLEM, "hard limit"),
    "processes": (limits.processes(Bound(100, 100), 50, 4, is_exempt=False), Status.OK, "you have 50"),
    "few processes": (limits.processes(Bound(100, 200), 95, 4, is_exempt=False), Status.PROBLEM, "ulimit -u 104"),
    "few processes for root": (limits.processes(Bound(1, 1), 95, 4, is_exempt=True), Status.OK, "does not hold"),
    "file size": (limits.file_size(Bound(GIB, None)), Status.NOTE, "SIGXFSZ"),
    "small files": (limits.file_size(Bound(MIB, None)), Status.PROBLEM, "ulimit -f"),
    "stack": (limits.stack(Bound(8 * MIB, None)), Status.OK, "8.4 MB"),
    "small stack": (limits.stack(Bound(256 << 10, None)), Status.NOTE, "ulimit -s 8192"),
    "short life": (limits.cpu_time(Bound(30, None)), Status.PROBLEM, "ulimit -t"),
    "longer life": (limits.cpu_time(Bound(3600, 3600)), Status.NOTE, "3600 s"),
    "cores": (machine.cores(4, 8, None, 4), Status.OK, "4 of 8"),
    "a quota": (machine.cores(8, 8, 1.5, 8), Status.NOTE, "run with -j 2"),
    "a small quota": (machine.cores(8, 8, 0.2, 2), Status.NOTE, "run with -j 1"),
    "many workers": (machine.cores(2, 8, None, 8), Status.NOTE, "run with -j 2"),
    "memory": (room(8 * GIB), Status.OK, "8.6 GB free"),
    "memory in a group": (room(64 * GIB, Allowance(3 * GIB, GIB)), Status.NOTE, "--memory-limit 1024M"),
    "a full group": (room(64 * GIB, Allowance(GIB, GIB)), Status.PROBLEM, "run with -j 1"),
    "hardly any memory": (room(100 * MIB), Status.PROBLEM, "run with -j 1"),
    "a limit of none": (room(8 * GIB, each=None), Status.NOTE, "Without --memory-limit"),
    "pids": (machine.processes(Allowance(100, 10), 8), Status.OK, "10 of 100"),
    "few pids": (machine.processes(Allowance(12, 10), 2), Status.PROBLEM, "pids.max"),
    "overcommit": (machine.overcommit("0\n", MEMINFO), Status.OK, "mode 0"),
    "strict memory": (machine.overcommit("2\n", MEMINFO), Status.NOTE, "1.0 MB are left"),
    "load": (machine.load("1.00 1 1 1/9 3", 2), Status.OK, "1.0 on 2"),
    "high load": (machine.load("9.50 1 1 1/9 3", 2), Status.NOTE, "by the clock"),
    "/proc": (machine.proc(proc_mount(), STATUS, lists_children=True), Status.OK, "readable"),
    "hidepid": (machine.proc(proc_mount(",hidepid=2"), STATUS, lists_children=True), Status.OK, "hidepid=2"),
    "hidepid off": (machine.proc(proc_mount(",hidepid=off"), STATUS, lists_children=False), Status.OK, "longer"),
    "no /proc": (machine.proc([], "", lists_children=False), Status.PROBLEM, "mount -t proc"),
    "a folder for /proc": (machine.proc(proc_mount()[:1], STATUS, lists_children=True), Status.PROBLEM, "not mounted"),
    "sandbox": (machine.sandbox(STATUS.format(0, 0), "1\n"), Status.OK, "ptrace scope 1"),
    "seccomp": (machine.sandbox(STATUS.format(1, 2), None), Status.NOTE, "system calls filtered: yes"),
    "orphans": (machine.orphans(-1, True), Status.OK, "marked"),
    "no marks": (machine.orphans(1_000_000, True), Status.NOTE, "real-time"),
    "no adoption": (machine.orphans(-1, False), Status.NOTE, "adopt"),
    "private workers": (machine.private_workers(""), Status.OK, "possible"),
    "no private workers": (machine.private_workers("namespaces: Operation not permitted"), Status.NOTE, "one worker"),
    "shm": (machine.dev_shm(GIB, is_writable=True), Status.OK, "1.1 GB"),
    "no shm": (machine.dev_shm(None, is_writable=False), Status.NOTE, "multiprocessing"),
    "shm that is read-only": (machine.dev_shm(GIB, is_writable=False), Status.NOTE, "not writable"),
    "small shm": (machine.dev_shm(MIB, is_writable=True), Status.NOTE, "--shm-size"),
    "clock": (machine.clock(2e9, 1.9e9, (0.002, 0.002)), Status.OK, "goes on"),
    "a clock that stands": (machine.clock(2e9, 1.9e9, (0.0, 0.002)), Status.PROBLEM, "stands still"),
    "a frozen wall clock": (machine.clock(2e9, 1.9e9, (0.002, 0.0)), Status.NOTE, "wall clock"),
    "a clock of 1970": (machine.clock(5.0, 1.9e9, (0.002, 0.002)), Status.NOTE, "1970-01-01"),
}


@pytest.mark.parametrize(("finding", "status", "words"), CASES.values(), ids=CASES)
def test_each_situation_has_its_status_and_its_words(finding: Finding, status: Status, words: str) -> None:
    assert finding.status is status
    assert words in f"{finding.value}\n{finding.advice}"
    assert bool(finding.advice) == (status in (Status.NOTE, Status.PROBLEM))


@pytest.mark.parametrize(
    ("version", "wanted", "will_do"),
    [
        *[("8.2.8", ">=8.2.8,<9", True), ("8.10", ">=8.2.8,<9", True), ("9.0", ">=8.2.8,<9", False)],
        *[("8.2", ">=8.2.0", True), ("7", ">=7", True), ("6.9.1", ">=7", False), ("1.0", "!=1.0", False)],
        *[("1.0.post1", "==1.0", True), ("1.2", "~=1.1", True), ("1.2", "", True)],
    ],
)
def test_versions_are_compared_as_numbers(version: str, wanted: str, will_do: bool) -> None:
    assert versions.satisfies(version, wanted) is will_do


def test_requirements_of_extras_are_left_out() -> None:
    declared = ["textual<9,>=8.2.8", "rich (>=14)", "typer[all]>=0.20", "pytest>=8; extra == 'dev'"]
    assert versions.requirements(declared) == {"textual": "<9,>=8.2.8", "rich": ">=14", "typer": ">=0.20"}


def test_every_dependency_is_looked_at() -> None:
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    block = text.partition("dependencies = [")[2].partition("]")[0]
    assert sorted(versions.requirements(line.strip(' ",') for line in block.splitlines())) == sorted(versions.LIBRARIES)


# Files ----------------------------------------------------------------------------------------------------------------

EXT4 = Mount("/", "/", "ext4", frozenset({"rw"}))
PLACE = files.Place(Path("/p/.fuzztui"), Path("/p"), EXT4, GIB, 100_000, NOTHING)
ADVICE = label("Do something.")

PLACES: dict[str, tuple[files.Place, Status, tuple[str, ...]]] = {
    "all well": (PLACE, Status.OK, ("ext4", "1.1 GB free")),
    "btrfs counts no inodes": (replace(PLACE, inodes=None), Status.OK, ()),
    "refused": (replace(PLACE, refusal=label("/p: Permission denied")), Status.PROBLEM, ("Permission denied", ADVICE)),
    "read-only": (
        replace(PLACE, mount=Mount("/", "/", "overlay", frozenset({"ro"})), refusal=label("x"), free=0),
        Status.PROBLEM,
        ("mounted read-only", ADVICE),
    ),
    "full": (replace(PLACE, free=MIB), Status.PROBLEM, ("1.0 MB free", "Make room")),
    "nearly full": (replace(PLACE, free=100 * MIB), Status.NOTE, ("little room",)),
    "no inodes": (replace(PLACE, inodes=3), Status.PROBLEM, ("room for 3 files", "Remove files")),
    "nfs": (replace(PLACE, mount=Mount("/", "/", "nfs4", frozenset({"rw"}))), Status.NOTE, ("Another machine",)),
    "a full vfat": (
        replace(PLACE, mount=Mount("/", "/", "vfat", frozenset({"rw"})), free=0),
        Status.PROBLEM,
        ("Make room", "differ in case"),
    ),
    "unknown": (replace(PLACE, mount=None), Status.OK, ("unknown file system",)),
}


@pytest.mark.parametrize(("one", "status", "words"), PLACES.values(), ids=PLACES)
def test_all_that_is_wrong_with_a_folder_is_said(one: files.Place, status: Status, words: tuple[str, ...]) -> None:
    finding = files.place(one, ADVICE, is_needed=True)
    assert finding.status is status
    assert [each for each in words if each not in f"{finding.value}\n{finding.advice}"] == []


def test_a_folder_that_a_run_can_do_without_is_a_note() -> None:
    refused = replace(PLACE, refusal=label("no"))
    assert files.place(refused, ADVICE, is_needed=False).status is Status.NOTE


def test_noexec_is_told_of_the_project_alone() -> None:
    noexec = Mount("/", "/", "ext4", frozenset({"rw", "noexec"}))
    assert files.project(Path("/p"), noexec).status is Status.NOTE
    assert files.place(replace(PLACE, mount=noexec), ADVICE, is_needed=True).status is Status.OK


def test_a_place_is_tried_where_it_is_and_nothing_is_left(tmp_path: Path) -> None:
    found = files.read_place(Folder(tmp_path, (".fuzztui", "corpus")))
    assert found.refusal == ""
    assert found.existing == tmp_path
    assert found.folder == tmp_path / ".fuzztui" / "corpus"
    assert found.free > 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["file", "link", "dangling link", "link below"])
def test_what_is_in_the_way_is_found_by_the_storage_itself(tmp_path: Path, kind: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    project = tmp_path / "project"
    project.mkdir()
    way = project / "a"
    match kind:
        case "file":
            way.write_text("")
        case "link":
            way.symlink_to(elsewhere)
        case "dangling link":
            way.symlink_to(tmp_path / "nowhere")
        case "link below":
            way.mkdir()
            (way / "b").symlink_to(elsewhere)
    found = files.read_place(Folder(project, ("a", "b")))
    assert ("is no folder" if kind == "file" else "is a symbolic link") in found.refusal
    assert list(elsewhere.iterdir()) == []


def test_a_root_that_is_not_there_yet_is_looked_at_where_it_would_be_made(tmp_path: Path) -> None:
    found = files.read_place(Folder(tmp_path / "a" / "b"))
    assert (found.existing, found.refusal) == (tmp_path, "")
    assert list(tmp_path.iterdir()) == []
