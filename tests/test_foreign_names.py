"""Whatever files, folders, inputs and exceptions are called, a terminal is sent nothing that it could obey."""

import json
import os
import shutil
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes

FUZZTUI = [sys.executable, "-m", "fuzztui"]

NASTY = "\x1b]0;owned\x07\x9b31m\u202e\n'\udcff"
"""Escape sequences, one of which begins with a C1 control, a bidirectional override, a newline, a byte of no UTF-8."""

SOURCE = r"""
import os

class Nasty(Exception):
    pass

Nasty.__name__ = Nasty.__qualname__ = "N\x1b[31m\u202e\n"

def fuzz_it(data: bytes) -> None:
    if data[:1] == b"x":
        os.write(1, b"\x1b[2J\xc2\x9b2J\xe2\x80\xae\xff\n")
        raise Nasty("\x1b[31m\x9b31m\u202e\n\ud800")
"""

ENCODINGS = {
    "UTF-8": {"PYTHONUTF8": "1"},
    "ASCII streams": {"PYTHONIOENCODING": "ascii"},
    "ASCII locale": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}


@dataclass(frozen=True)
class Printed:
    """What a command has printed, both streams together, and its exit status."""

    status: int
    data: bytes
    out: bytes

    @property
    def text(self) -> str:
        return self.data.decode()


@dataclass(frozen=True)
class Place:
    """A folder with a target in which everything has a nasty name, and the environment of commands."""

    folder: Path
    environment: dict[str, str]

    @property
    def file(self) -> Path:
        return self.folder / f"fuzz_{NASTY}.py"

    def store(self, data: bytes) -> Path:
        """A stored input with a nasty name."""
        path = self.folder / "testdata" / "corpus" / "fuzz_it" / f"seed {NASTY}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def run(self, *arguments: str) -> Printed:
        """Run fuzztui, and check what it printed for what every command has to keep to."""
        finished = subprocess.run(
            [*FUZZTUI, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            timeout=60,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        printed = Printed(finished.returncode, finished.stdout + finished.stderr, finished.stdout)
        shown = printed.text.replace("\n", "")
        obeyed = {character for character in shown if unicodedata.category(character) in ("Cc", "Cf", "Cs")}
        assert not obeyed, printed
        assert "fuzztui/commands/" not in shown, printed.text
        if "PYTHONUTF8" not in self.environment or self.environment["PYTHONUTF8"] == "0":
            assert shown.isascii()
        return printed


@pytest.fixture(params=ENCODINGS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    folder = tmp_path / f"folder {NASTY}"
    folder.mkdir()
    (folder / "pyproject.toml").touch()
    unset = ("LC_ALL", "LC_CTYPE", "PYTHONUTF8", "PYTHONIOENCODING")
    inherited = {name: value for name, value in os.environ.items() if name not in unset}
    made = Place(folder, {**inherited, "LANG": "C.UTF-8", **ENCODINGS[request.param]})
    made.file.write_text(SOURCE)
    return made


def test_targets_are_listed(place: Place) -> None:
    printed = place.run("list", str(place.folder))
    assert printed.status == 0
    assert r"fuzz_\x1b]0;owned\x07" in printed.text
    assert "::fuzz_it  line 9  (data: bytes)\n" in printed.text


def test_problems_in_target_files_are_named(place: Place) -> None:
    place.file.write_text("def fuzz_it(data: bytes) -> None:\n    ???\n")
    printed = place.run("list")
    assert printed.status == 2
    assert "syntax error" in printed.text


@pytest.mark.mostly_soak(1)
def test_stored_inputs_are_tested(place: Place) -> None:
    place.store(b"x")
    printed = place.run("test", ".")
    assert printed.status == 1
    assert r"seed \x1b]0;owned" in printed.text
    assert r"N\x1b[31m" in printed.text
    assert "0 passed, 1 failed" in printed.text


@pytest.mark.mostly_soak(1)
def test_a_stored_input_that_is_none_is_told(place: Place) -> None:
    place.file.write_text("def fuzz_it(number: int) -> None:\n    pass\n")
    place.store(b"\x1b")
    printed = place.run("test", ".")
    assert printed.status == 1
    assert r"MALFORMED testdata/corpus/fuzz_it/seed \x1b]0;owned" in printed.text
    assert place.run("run", place.file.name, "-j1", "-t1s", "--headless").status == 70


@pytest.mark.mostly_soak(1)
def test_an_input_is_replayed(place: Place) -> None:
    printed = place.run("replay", place.file.name, str(place.store(b"x")))
    assert printed.status == 1
    assert printed.text.startswith("FAIL ")


@pytest.mark.mostly_soak(1)
def test_a_crasher_is_found_and_its_command_runs_in_a_shell(place: Place) -> None:
    printed = place.run("run", place.file.name, "-j1", "-t20s", "--headless")
    assert printed.status == 1, printed.text
    (command,) = [line.split(": ", 1)[1] for line in printed.text.splitlines() if "run it again: " in line]
    name, *_ = command.split(" ")
    assert name == "fuzztui"
    assert shutil.which("bash")
    script = f"fuzztui() {{ '{sys.executable}' -m fuzztui \"$@\"; }}\n{command}\n"
    again = subprocess.run(
        ["bash", "-c", script], cwd=place.folder, env=place.environment, capture_output=True, timeout=60, check=False
    )
    assert again.returncode == 1, again
    assert again.stdout.startswith(b"FAIL "), again


@pytest.mark.mostly_soak(1)
def test_a_failing_seed_is_named(place: Place) -> None:
    place.store(b"x")
    printed = place.run("run", place.file.name, "-j1", "-t20s", "--headless")
    assert printed.status == 1
    assert r"failing stored input seed \x1b]0;owned" in printed.text


@pytest.mark.mostly_soak(1)
def test_json_lines_are_json_in_ascii(place: Place) -> None:
    place.store(b"x")
    printed = place.run("run", place.file.name, "-j1", "-t20s", "--json")
    assert printed.status == 1
    assert printed.out.isascii()
    events = [json.loads(line) for line in printed.out.splitlines()]
    (crasher,) = [event for event in events if event["event"] == "crasher"]
    assert os.fsencode(crasher["path"]) == os.fsencode(place.store(b"x"))
    assert events[-1]["reason"] == "failing_seed"


@pytest.mark.mostly_soak(1)
def test_inputs_are_imported_and_the_corpus_minimized(place: Place) -> None:
    inputs = place.folder / f"inputs {NASTY}"
    inputs.mkdir()
    (inputs / NASTY).write_bytes(b"y")
    (inputs / f"crash {NASTY}").write_bytes(b"x")
    (inputs / f"link {NASTY}").symlink_to("nowhere")
    printed = place.run("corpus", "import", place.file.name, str(inputs))
    assert printed.status == 1, printed.text
    assert r"not an input of this target: link \x1b]0;owned" in printed.text
    assert "run it again: " in printed.text
    assert place.run("corpus", "minimize", place.file.name).status in (0, 1)


@pytest.mark.parametrize(
    "arguments",
    [
        ["list", NASTY],
        ["list", "a", NASTY],
        ["test", NASTY],
        ["run", NASTY],
        ["run", f"--{NASTY}"],
        ["run", "fuzz_plain.py", "-t", NASTY],
        ["replay", "fuzz_plain.py", NASTY],
        ["corpus", "import", "fuzz_plain.py", NASTY],
        ["run", "fuzz_plain.py", "--dict", NASTY],
        ["run", "fuzz_plain.py", "--cache-dir", f"fuzz_plain.py/{NASTY}"],
    ],
)
@pytest.mark.mostly_soak(3)
def test_what_cannot_be_done_is_said(place: Place, arguments: list[str]) -> None:
    (place.folder / "fuzz_plain.py").write_text("def fuzz_it(data: bytes) -> None:\n    pass\n")
    printed = place.run(*arguments)
    assert printed.status == 2
    assert r"\x1b]0;owned" in printed.text
