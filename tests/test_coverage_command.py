"""`fuzztui coverage`: everything that there is runs once, and what it covers is what coverage.py measures."""

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from coverage import Coverage, CoverageData

from fuzztui.reports import coverage_files
from tests.support import Project, make_project
from tests.test_command_line import fuzztui, in_this_process

pytestmark = pytest.mark.processes

HARNESS = """\
import fuzztui
from parser import parse


@fuzztui.fuzz(seeds=[b"[1]"])
def fuzz_it(data: bytes):
    parse(data)
"""

PARSER = '''\
"""A parser."""

import sys

if sys.version_info > (3,):
    LIMIT = 3
else:
    LIMIT = 2


def parse(data):
    for number, byte in enumerate(data):
        if byte == ord("["):
            nested(
                data[number + 1 :],
                1,
            )
        elif byte == ord("!"):
            raise ValueError("bang")
        elif byte == ord("?"):
            sys.stdout.write("?")
            continue
    return number


def nested(data, depth):
    try:
        if depth > LIMIT:
            return None
        with open("/dev/null") as nothing:
            if data[0] == ord("["):
                return nested(data[1:], depth + 1)
    except IndexError:
        return None
    return [each for each in data if each != 32]


def never(x):
    if x:
        return 1
    return 2
'''

GENERATED = [b"[", b"abc", b"[[[[[", b""]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "parser.py").write_text(PARSER)
    made = make_project(tmp_path, HARNESS)
    made.seed("found", b"x!y")
    folder = tmp_path / ".fuzztui" / "corpus" / "fuzz_it.py" / "fuzz_it"
    folder.mkdir(parents=True)
    for data in GENERATED:
        (folder / sha256(data).hexdigest()).write_bytes(data)
    return made


def measured_by_coverage(project: Project) -> CoverageData:
    """What coverage.py says of the same inputs."""
    driver = project.folder / "driver.py"
    inputs = [b"[1]", b"x!y", *GENERATED]
    driver.write_text(
        f"from fuzz_it import fuzz_it\nfor data in {inputs!r}:\n    try: fuzz_it(data)\n    except Exception: pass\n"
    )
    files = f"--include={project.folder / 'parser.py'},{project.folder / 'fuzz_it.py'}"
    command = [sys.executable, "-m", "coverage", "run", "--branch", "--data-file=theirs", files, "driver.py"]
    subprocess.run(command, cwd=project.folder, check=True)
    data = CoverageData(basename=str(project.folder / "theirs"))
    data.read()
    return data


def test_all_that_is_written_says_what_coverage_says_of_the_same_inputs(project: Project) -> None:
    done = fuzztui(project, "coverage", "fuzz_it.py", "--data", "ours", "--lcov", "lcov.info", "--html", "pages")
    assert (done.returncode, done.stderr) == (1, "")  # the empty input, which the generated corpus has, fails
    theirs, ours = measured_by_coverage(project), CoverageData(basename=str(project.folder / "ours"))
    ours.read()
    assert ours.measured_files() == theirs.measured_files()
    assert all(set(ours.arcs(file) or ()) == set(theirs.arcs(file) or ()) for file in theirs.measured_files())
    analysis = Coverage(data_file=str(project.folder / "theirs"), config_file=False)
    analysis.load()
    parser = str(project.folder / "parser.py")
    numbers = analysis._analyze(parser).numbers
    row = next(line for line in done.stdout.splitlines() if line.startswith("parser.py "))
    shown = [int(word) for word in row.split()[1:5]]
    assert shown == [numbers.n_statements, numbers.n_missing, numbers.n_branches, numbers.n_partial_branches]
    assert float(row.split()[5].rstrip("%")) == pytest.approx(numbers.pc_covered, abs=0.05)
    assert "never (parser.py:38): 3 lines never run, 2 ways never taken" in done.stdout
    assert "6 inputs measured" in done.stdout
    page = (project.folder / "pages" / "index.html").read_text()
    assert "parser.py" in page
    lines = (project.folder / "lcov.info").read_text().splitlines()
    block = lines[lines.index(f"SF:{parser}") :]
    executed = {int(line[3:].split(",")[0]) for line in block if line.startswith("DA:") and not line.endswith(",0")}
    assert executed == analysis._analyze(parser).executed & analysis._analyze(parser).statements


def test_json_names_every_line_that_is_missing(project: Project) -> None:
    done = fuzztui(project, "coverage", "fuzz_it.py", "--json")
    last = json.loads(done.stdout.splitlines()[-1])
    assert (last["event"], last["inputs"], last["unmeasured"]) == ("coverage", 6, 0)
    parser = next(file for file in last["files"] if file["module"] == "parser")
    assert parser["missing_lines"] == [8, 21, 22, 39, 40, 41]
    assert [39, 40] in parser["missing_branches"]
    assert {"name": "never", "first": 38, "last": 41}.items() <= parser["functions"][-1].items()


def test_nothing_is_measured_twice_and_nothing_is_left(project: Project) -> None:
    before = sorted(path for path in project.folder.rglob("*") if "__pycache__" not in path.parts)
    fuzztui(project, "coverage", "fuzz_it.py", "--lcov", "lcov.info", "--workers", "2")
    after = {path for path in project.folder.rglob("*") if "__pycache__" not in path.parts} - set(before)
    crasher = sha256(b"").hexdigest()
    assert project.folder / "lcov.info" in after
    assert {path for path in after if path.name == crasher} == {
        project.folder / "testdata" / "corpus" / "fuzz_it" / crasher
    }


@pytest.mark.soak
def test_an_input_that_ends_its_process_is_counted_as_not_measured(project: Project) -> None:
    ends = "import os\ndef parse(data):\n    if data == b'abc':\n        os._exit(3)\n"
    (project.folder / "parser.py").write_text(ends)
    done = fuzztui(project, "coverage", "fuzz_it.py")
    assert done.returncode == 1
    assert "5 inputs measured\n1 input not measured" in done.stdout


@pytest.mark.soak
def test_a_stored_input_that_hangs_is_said_and_fails_the_command(tmp_path: Path) -> None:
    hangs = "def fuzz_it(data: bytes):\n    while data == b'hangs':\n        pass\n"
    project = make_project(tmp_path, hangs)
    project.seed("stored", b"hangs")
    done = fuzztui(project, "coverage", "fuzz_it.py", "--timeout", "300ms", "--lcov", "lcov.info")
    assert done.returncode == 1
    assert "stored" in done.stdout
    assert "timeout" in done.stdout
    assert "1 input not measured" in done.stdout
    assert (tmp_path / "lcov.info").exists()


def test_what_is_edited_while_it_is_measured_is_not_written(project: Project) -> None:
    """Lines of a source that is not there any more would be shown beside another one."""
    edits = "def parse(data):\n    if data == b'abc':\n        open(__file__, 'a').write('\\n')\n"
    (project.folder / "parser.py").write_text(edits)
    done = fuzztui(project, "coverage", "fuzz_it.py", "--lcov", "lcov.info")
    assert done.returncode == 70
    assert done.stderr.startswith(
        "fuzztui: parser.py has changed since inputs were run, so lines are those of the code"
    )
    assert done.stderr.endswith("run this again; nothing is written\n")
    assert not (project.folder / "lcov.info").exists()


def test_functions_of_other_targets_are_said_not_to_count(project: Project) -> None:
    file = project.folder / "fuzz_it.py"
    other = (
        "\n\ndef needed(data):\n    return data\n\n\n@fuzztui.fuzz\ndef fuzz_other(data: bytes):\n    needed(data)\n"
    )
    file.write_text(HARNESS + other)
    done = fuzztui(project, "coverage", "fuzz_it.py::fuzz_it")
    row = next(line for line in done.stdout.splitlines() if line.startswith("fuzz_it.py "))
    assert row.endswith("100.0%")
    assert "\nnot counted in fuzz_it.py: needed, fuzz_other: other targets' functions" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--lcov", "."], "is a folder, want the name of a file"),
        (["--data", "no/such/file"], "is no folder, so file cannot be written there"),
        (["--html", "parser.py"], "is a file, want a folder"),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_runs(
    project: Project, arguments: list[str], sentence: str
) -> None:
    done = in_this_process(project, "coverage", "fuzz_it.py", *arguments)
    assert done.exit_code == 2
    assert sentence in done.output


def test_without_coverage_the_forms_that_need_it_are_refused_in_a_sentence(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coverage_files, "find_spec", lambda name: None)
    for option in ("--data", "--html"):
        done = in_this_process(project, "coverage", "fuzz_it.py", option, "there")
        assert done.exit_code == 2
        assert (
            f"{option} needs coverage.py, which is not installed here: pip install 'fuzztui[coverage]'" in done.output
        )
