"""What may not be read is told, wherever it lies, and never passed by in silence."""

import ctypes
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes

PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2

DENIED = "Permission denied"


def _mortal() -> None:
    """Have the permissions of files count for this process, also where the tests are run by root."""
    if os.geteuid() == 0:
        for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def fuzztui(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "fuzztui", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=_mortal,
    )


@pytest.fixture
def forbid(tmp_path: Path) -> Iterator[Callable[[str, int], Path]]:
    """Takes permissions away until the test is over."""
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "fuzz_a.py").write_text("def fuzz_a(data: bytes): pass\n")
    for name in ("inner", "inner/deep", "testdata/corpus/fuzz_a", ".fuzztui/corpus/fuzz_a.py/fuzz_a"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "inner" / "deep" / "fuzz_b.py").write_text("def fuzz_b(data: bytes): pass\n")
    (tmp_path / "testdata" / "corpus" / "fuzz_a" / "stored").write_bytes(b"x")
    (tmp_path / ".fuzztui" / "corpus" / "fuzz_a.py" / "fuzz_a" / "made").write_bytes(b"y")
    forbidden: list[tuple[Path, int]] = []

    def take(name: str, mode: int) -> Path:
        path = tmp_path / name
        forbidden.append((path, path.stat().st_mode))
        path.chmod(mode)
        return path

    yield take
    for path, mode in reversed(forbidden):
        path.chmod(mode)


@pytest.mark.parametrize(
    ("name", "mode", "words"),
    [
        ("inner", 0o000, "inner: cannot be searched for targets: "),
        ("inner/deep", 0o300, "inner/deep: cannot be searched for targets: "),
        ("inner", 0o600, "inner/deep: cannot be searched for targets: "),
        ("inner/deep", 0o600, "inner/deep/fuzz_b.py: cannot be read: "),
        ("inner/deep/fuzz_b.py", 0o000, "inner/deep/fuzz_b.py: cannot be read: "),
        ("inner/deep/fuzz_b.py", 0o333, "inner/deep/fuzz_b.py: cannot be read: "),
    ],
)
@pytest.mark.mostly_soak(2)
def test_what_cannot_be_searched_is_counted_and_said(
    tmp_path: Path, forbid: Callable[[str, int], Path], name: str, mode: int, words: str
) -> None:
    forbid(name, mode)
    listed, tested = fuzztui(tmp_path, "list"), fuzztui(tmp_path, "test")
    assert (listed.returncode, tested.returncode) == (2, 2)
    assert listed.stderr == tested.stderr == f"{words}{DENIED}\n"
    assert listed.stdout.startswith("fuzz_a.py::fuzz_a "), "what can be read is listed"
    assert tested.stdout.endswith("1 passed, 0 failed, 1 problem in target files\n")


def test_a_folder_that_cannot_be_searched_itself_has_no_targets_and_says_why(
    tmp_path: Path, forbid: Callable[[str, int], Path]
) -> None:
    forbid("inner", 0o000)
    for command in ("list", "test"):
        done = fuzztui(tmp_path, command, "inner")
        assert done.returncode == 2
        assert f"inner: cannot be searched for targets: {DENIED}\n" in done.stderr


@pytest.mark.parametrize(
    "name", ["testdata", "testdata/corpus", "testdata/corpus/fuzz_a", "testdata/corpus/fuzz_a/stored"]
)
@pytest.mark.mostly_soak(1)
def test_stored_inputs_that_cannot_be_read_are_no_success(
    tmp_path: Path, forbid: Callable[[str, int], Path], name: str
) -> None:
    forbid(name, 0o000)
    for arguments in (
        ("test",),
        ("run", "fuzz_a.py", "-j1", "-t100x", "--headless"),
        ("corpus", "minimize", "fuzz_a.py"),
        ("doctor", "fuzz_a.py"),
    ):
        done = fuzztui(tmp_path, *arguments)
        told = "".join((done.stdout + done.stderr).split())  # a page wraps its lines
        assert done.returncode == 70, arguments
        assert f"{name.rpartition('/')[2]}:" in told
        assert "Permissiondenied" in told


@pytest.mark.parametrize("name", [".fuzztui/corpus/fuzz_a.py/fuzz_a/made"])
def test_an_entry_that_cannot_be_read_is_counted(tmp_path: Path, forbid: Callable[[str, int], Path], name: str) -> None:
    forbid(name, 0o000)
    done = fuzztui(tmp_path, "run", "fuzz_a.py", "-j1", "-t100x", "--headless")
    assert "1 malformed or unreadable file in the generated corpus skipped" in done.stderr
    doctor = fuzztui(tmp_path, "doctor", "fuzz_a.py")
    assert "1 no input: made" in doctor.stdout
    assert DENIED in doctor.stdout


def test_a_file_to_import_that_cannot_be_read_is_told(tmp_path: Path, forbid: Callable[[str, int], Path]) -> None:
    for number in range(3):
        (tmp_path / "inner" / f"found{number}").write_bytes(b"%d" % number)
    forbid("inner/found1", 0o000)
    done = fuzztui(tmp_path, "corpus", "import", "fuzz_a.py", "inner")
    assert f"not an input of this target: found1: {DENIED}\n" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("test",),
        ("run", "fuzz_a.py", "-j1", "-t100x", "--headless"),
        ("corpus", "minimize", "fuzz_a.py"),
        ("doctor", "fuzz_a.py"),
    ],
    ids=" ".join,
)
@pytest.mark.mostly_soak(1)
def test_what_is_no_file_among_the_stored_inputs_is_named_but_for_our_own_folder(
    tmp_path: Path, forbid: Callable[[str, int], Path], arguments: tuple[str, ...]
) -> None:
    forbid("inner", 0o755)
    stored = tmp_path / "testdata" / "corpus" / "fuzz_a"
    (stored / "before").mkdir()
    quiet = fuzztui(tmp_path, *arguments)
    assert quiet.returncode == 0
    assert "not a regular file" not in quiet.stdout + quiet.stderr
    os.mkfifo(stored / "waits")
    (stored / "endless").symlink_to("/dev/zero")
    (stored / "samples").mkdir()
    told = fuzztui(tmp_path, *arguments)
    words = " ".join((told.stdout + told.stderr).split())
    assert told.returncode == 0
    for name, what in {"waits": "a FIFO", "endless": "a device", "samples": "a folder"}.items():
        assert f"{name}: {what}, not a regular file" in words
    assert "before: " not in words


NAMED = {
    "run": ("run", "inner/fuzz_c.py", "-t10x"),
    "a target": ("run", "inner/fuzz_c.py::fuzz_c", "-t10x"),
    "list": ("list", "inner/deep"),
    "test": ("test", "inner/fuzz_c.py"),
    "replay": ("replay", "fuzz_a.py", "inner/input"),
    "minimize": ("minimize", "fuzz_a.py", "inner/input"),
    "import": ("corpus", "import", "fuzz_a.py", "inner/deep"),
    "dictionary": ("run", "fuzz_a.py", "--dict", "inner/tokens", "-t10x"),
    "cache": ("run", "fuzz_a.py", "--cache-dir", "inner/cache", "-t10x"),
    "interpreter": ("run", "fuzz_a.py", "--python", "inner/python", "-t10x"),
}


@pytest.mark.parametrize("what", NAMED)
@pytest.mark.mostly_soak(1)
def test_what_is_named_and_may_not_be_looked_at_is_wrong_usage(
    tmp_path: Path, forbid: Callable[[str, int], Path], what: str
) -> None:
    forbid("inner", 0o000)
    done = fuzztui(tmp_path, *NAMED[what])
    assert done.returncode == 2
    assert "inner" in done.stderr
    assert "internal-error" not in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_doctor_tells_of_a_target_that_may_not_be_looked_at(
    tmp_path: Path, forbid: Callable[[str, int], Path]
) -> None:
    forbid("inner", 0o000)
    done = fuzztui(tmp_path, "doctor", "inner/fuzz_c.py")
    assert done.returncode == 70
    assert f"cannot be looked at: {DENIED}" in " ".join(done.stdout.split())


@pytest.mark.parametrize("command", ["run", "list", "test"])
@pytest.mark.mostly_soak(1)
def test_what_is_no_regular_file_is_no_target_and_is_not_suggested(tmp_path: Path, command: str) -> None:
    os.mkfifo(tmp_path / "fuzz_f.py")
    (tmp_path / "fuzz_l.py").symlink_to("nowhere")
    for name, words in {"fuzz_f.py": "is no regular file", "fuzz_l.py": "is a symbolic link to nothing"}.items():
        done = fuzztui(tmp_path, command, name)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert f"{name} {words}" in done.stderr
