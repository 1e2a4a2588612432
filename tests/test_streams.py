"""Whatever becomes of the streams and of the program itself: one sentence, the right exit status, no traceback."""

import fcntl
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import Project, make_project

pytestmark = pytest.mark.processes

FUZZTUI = [sys.executable, "-m", "fuzztui"]
CLEAN = "import fuzztui\n@fuzztui.fuzz(seeds=[b'x', b'y'])\ndef fuzz_it(data: bytes):\n    pass\n"
FAILING = "import fuzztui\n@fuzztui.fuzz(seeds=[b'x', b'y'])\ndef fuzz_it(data: bytes):\n    raise ValueError\n"


def fuzztui(
    target: Project,
    *arguments: str,
    stdout: int = subprocess.PIPE,
    before: Callable[[], None] | None = None,
    **environment: str,
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*FUZZTUI, *arguments],
        cwd=target.folder,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
        preexec_fn=before,
    )


COMMANDS = [
    ("run", "--help"),
    ("--version",),
    ("list",),
    ("test",),
    ("test", "--json"),
    ("replay", "fuzz_it.py", "fuzz_it.py"),
    ("run", "fuzz_it.py", "-j1", "-t200x", "--json"),
    ("corpus", "minimize", "fuzz_it.py", "--json"),
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
@pytest.mark.mostly_soak(2)
def test_a_reader_that_has_gone_is_status_141_without_a_word(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    target = make_project(tmp_path, CLEAN)
    reader, writer = os.pipe()
    os.close(reader)
    done = fuzztui(target, *arguments, stdout=writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
@pytest.mark.mostly_soak(2)
def test_a_full_disk_is_status_70_and_one_sentence(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    target = make_project(tmp_path, CLEAN)
    with Path("/dev/full").open("w") as full:
        done = fuzztui(target, *arguments, stdout=full.fileno())
    assert (done.returncode, done.stderr) == (70, "fuzztui: standard output: No space left on device\n")


@pytest.mark.parametrize("others", [(), (0,), (2,), (0, 2)], ids=["alone", "input too", "errors too", "all"])
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
@pytest.mark.mostly_soak(3)
def test_a_closed_standard_output_is_status_70_and_one_sentence(
    tmp_path: Path, arguments: tuple[str, ...], others: tuple[int, ...]
) -> None:
    target = make_project(tmp_path, CLEAN)

    def close() -> None:
        for descriptor in (1, *others):
            os.close(descriptor)

    done = fuzztui(target, *arguments, before=close)
    assert (done.returncode, done.stderr) == (70, "" if 2 in others else "fuzztui: standard output is closed\n")


def test_what_has_been_found_is_status_1_though_nobody_could_be_told(tmp_path: Path) -> None:
    target = make_project(tmp_path, FAILING)
    done = fuzztui(target, "replay", "fuzz_it.py", "fuzz_it.py", before=lambda: os.close(1))
    assert (done.returncode, done.stderr) == (1, "fuzztui: standard output is closed\n")


@pytest.mark.parametrize(
    "arguments",
    [("test",), ("test", "--json"), ("replay", "fuzz_it.py", "fuzz_it.py"), ("run", "fuzz_it.py", "-j1", "--json")],
    ids=" ".join,
)
@pytest.mark.mostly_soak(1)
def test_what_has_been_found_is_status_1_whoever_has_gone(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """The reader leaves with the line that tells of a failure."""
    target = make_project(tmp_path, FAILING)
    with subprocess.Popen([*FUZZTUI, *arguments], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        for line in iter(run.stdout.readline, b""):
            if b"FAIL" in line or b'"fail"' in line or b'"crasher"' in line:
                break
        run.stdout.close()
        errors = run.stderr.read()
    assert target.folder == tmp_path
    assert (run.returncode, errors) == (1, b"")


def test_a_stream_that_never_waits_loses_nothing(tmp_path: Path) -> None:
    """As those that some terminals' programs, and other languages' runtimes, hand on."""
    target = make_project(tmp_path, "")
    for number in range(300):
        name = f"fuzz_{'long' * 20}_{number}"
        (target.folder / f"{name}.py").write_text(f"def {name}(data: bytes): ...\n")
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(writer, False)
    with subprocess.Popen([*FUZZTUI, "list"], cwd=tmp_path, stdout=writer) as listing:
        os.close(writer)
        with os.fdopen(reader) as slow:
            lines = []
            for line in slow:
                lines.append(line)
                time.sleep(0.0005)
    assert listing.returncode == 0
    assert len(lines) == 300


@pytest.mark.parametrize("encoding", ["ascii", "utf-16", "cp037", "iso2022_jp"])
@pytest.mark.mostly_soak(1)
def test_each_encoding_is_written_as_it_is_read(tmp_path: Path, encoding: str) -> None:
    target = make_project(tmp_path, "")
    (target.folder / "fuzz_\u00fc\u2192\U0001f600\x1b.py").write_text("def fuzz_it(data: bytes): ...\n")
    done = subprocess.run(
        [*FUZZTUI, "list"],
        cwd=target.folder,
        capture_output=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0", "LC_ALL": "C.UTF-8"},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode(encoding)
    assert text.startswith("fuzz_")
    assert text.endswith("::fuzz_it  line 1  (data: bytes)\n")
    assert r"\x1b" in text
    assert "\x1b" not in text


@pytest.mark.soak
def test_programs_messages_quote_names_with_their_escapes_spelled_out(tmp_path: Path) -> None:
    """Of the parser of arguments, whoever the program is called by."""
    target = make_project(tmp_path, CLEAN)
    program = "import sys; sys.argv[0] = '\\x1b]0;owned\\x07'; from fuzztui.__main__ import main; main()"
    for arguments in (["--\x1b[2J\u202e"], ["\x9b2J\u200b"], ["run", "--help"], ["run", "a", "b\x7f\u2028"]):
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments], cwd=target.folder, capture_output=True, timeout=60, check=False
        )
        printed = (done.stdout + done.stderr).decode()
        assert printed
        assert printed.replace("\n", "").isprintable()
        assert "owned" not in printed


BREAKS = {
    "at once": "import fuzztui.commands.targets as m\n"
    "def broken(*_): raise KeyError('\\x1b[2J\\n')\nm.discover = broken",
    "exit": "import fuzztui.commands.targets as m, sys\nm.discover = lambda _: sys.exit(1)",
    "recursion": "import fuzztui.commands.targets as m\ndef deep(path): return deep(path)\nm.discover = deep",
    "no module": "import sys; sys.modules['fuzztui.commands.targets'] = None",
}


@pytest.mark.parametrize(("breaks", "has_cache"), [*((breaks, True) for breaks in BREAKS), ("at once", False)])
@pytest.mark.mostly_soak(2)
def test_an_exception_of_ours_is_one_sentence_and_status_70(tmp_path: Path, breaks: str, has_cache: bool) -> None:
    cache, temporary = tmp_path / "cache", tmp_path / "temporary"
    temporary.mkdir()
    if not has_cache:
        cache.write_text("in the way")
    program = f"{BREAKS[breaks]}\nfrom fuzztui.__main__ import main\nmain()"
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "TMPDIR": str(temporary)}
    done = subprocess.run(
        [sys.executable, "-c", program, "list", "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment,
    )
    assert done.returncode == 70
    assert done.stderr.startswith("fuzztui: internal error: ")
    assert done.stderr.count("\n") == 1
    assert done.stderr[:-1].isprintable()
    (details,) = (cache / "fuzztui").iterdir() if has_cache else temporary.iterdir()
    assert f"(details: {details})" in done.stderr
    assert "Traceback" in details.read_text()


IN_A_TERMINAL = "import fuzztui.commands.run as door; door.why_no_dashboard = lambda *_: ''"
WITHOUT_IT = """
import sys
class Finder:
    def find_spec(self, name, *_):
        if name.partition(".")[0] == {0!r}: raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Finder())
for name in [name for name in sys.modules if name.partition(".")[0] == {0!r}]: del sys.modules[name]
"""
LACKS = "which fuzztui needs, is not installed for"
MISSING = {
    "typer": (WITHOUT_IT.format("typer"), f"typer, {LACKS}", "'typer>=0.20'"),
    "msgspec": (WITHOUT_IT.format("msgspec"), f"msgspec, {LACKS}", "'msgspec>=0.20'"),
    "psutil": (WITHOUT_IT.format("psutil"), f"psutil, {LACKS}", "'psutil>=7'"),
    "textual": (IN_A_TERMINAL + WITHOUT_IT.format("textual"), f"textual, {LACKS}", "'textual<9,>=8.2.8'"),
    "rich": (IN_A_TERMINAL + WITHOUT_IT.format("rich"), f"rich, {LACKS}", "'rich>=14'"),
    "what textual needs": (
        IN_A_TERMINAL + WITHOUT_IT.format("typing_extensions"),
        f"typing_extensions, {LACKS}",
        "install 'typing-extensions",
    ),
    "what nobody is known to need": (
        "raise_it = ModuleNotFoundError('No module named zap', name='zap')\n"
        "import fuzztui.commands.targets as m\ndef broken(*_): raise raise_it\nm.discover = m.find = broken",
        f"zap, {LACKS}",
        "install zap",
    ),
    "names of typer": (
        "import types; sys.modules['typer'] = types.ModuleType('typer')",
        "typer, which fuzztui needs, cannot be used as it is installed (",
        "'typer>=0.20'",
    ),
    "ctypes": ("sys.modules['ctypes'] = None", "lacks the module ctypes of its own library", "a Python that is whole"),
    "termios": ("sys.modules['termios'] = None", "lacks the module termios of its own library", "that is whole"),
}


@pytest.mark.parametrize("case", MISSING)
@pytest.mark.mostly_soak(3)
def test_a_package_that_is_missing_is_named_with_what_to_type(tmp_path: Path, case: str) -> None:
    target = make_project(tmp_path, CLEAN)
    breaks, what, right = MISSING[case]
    program = f"import sys\n{breaks}\nfrom fuzztui.__main__ import main\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", program, "run", "fuzz_it.py", "-t100x"],
        cwd=target.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 70
    assert done.stderr.count("\n") == 1
    assert what in done.stderr
    assert right in done.stderr


@pytest.mark.parametrize("missing", ["fuzztui.signals", "fuzztui.plain.output", "fuzztui.cli", "typer", "msgspec"])
def test_a_program_that_lacks_parts_of_itself_has_found_no_crasher(missing: str) -> None:
    program = f"import sys; sys.modules[{missing!r}] = None; from fuzztui.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "list"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 70
    assert missing in done.stderr


@pytest.mark.soak
def test_a_folder_that_has_been_removed_keeps_nothing_from_working(tmp_path: Path) -> None:
    target = make_project(tmp_path, CLEAN)
    file, gone = str(target.folder / "fuzz_it.py"), tmp_path / "gone"

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        gone.mkdir()
        script = f'cd "{gone}"; rmdir "{gone}"; exec "$@"'
        environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
        return subprocess.run(
            ["sh", "-c", script, "sh", *FUZZTUI, *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env=environment,
        )

    for arguments in (("run", file, "-j1", "-t20x", "--headless"), ("test", file), ("list", file)):
        done = run(*arguments)
        assert done.returncode == 0, done
        assert "Traceback" not in done.stderr
        assert file in done.stdout or arguments[0] == "run", "a path that begins in a folder that is gone is none"
    for arguments in (("run", "fuzz_it.py"), ("test", "fuzz_it.py"), ("list", "no_folder")):
        done = run(*arguments)
        assert done.returncode == 2, done
        assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("most", [8, 12, 20])
@pytest.mark.mostly_soak(1)
def test_too_few_descriptors_are_said_in_words(tmp_path: Path, most: int) -> None:
    target = make_project(tmp_path, CLEAN)
    done = fuzztui(
        target,
        *("run", "fuzz_it.py", "-j4", "-t200x", "--headless"),
        before=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most)),
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == 70 or (done.returncode == 0 and "200 execs" in done.stderr)


def test_mistakes_in_target_files_are_no_success_of_a_listing(tmp_path: Path) -> None:
    target = make_project(tmp_path, CLEAN)
    (tmp_path / "fuzz_broken.py").write_text("def fuzz_broken(data: bytes):\n    ???\n")
    done = fuzztui(target, "list")
    assert done.returncode == 2
    assert "fuzz_it.py::fuzz_it" in done.stdout
    assert "syntax error" in done.stderr


def test_a_folder_without_inputs_is_refused_and_not_counted(tmp_path: Path) -> None:
    target = make_project(tmp_path, "def fuzz_it(number: int): ...\n")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a").write_text("no number")
    done = fuzztui(target, "corpus", "import", "fuzz_it.py", "other")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.endswith("fuzztui: other holds no input of this target\n")
