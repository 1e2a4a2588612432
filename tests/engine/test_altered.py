"""Stored inputs that something has changed since they were stored are told of, and run as they are."""

import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from fuzztui.engine.keep.altered import KEEP_BYTES, alteration, alterations
from fuzztui.engine.request.options import Limit
from fuzztui.engine.request.task import ImportCorpus, MinimizeCorpus, RegressionTest, Replay, Task
from fuzztui.engine.show.events import InputRan
from tests.support import Project

MakeProject = Callable[..., Project]

CHANGES = {
    "checked out with CRLF": (b"a\nb\n", b"a\r\nb\r\n", "line ends"),
    "normalised to LF": (b"GET /\r\n\r\n", b"GET /\n\n", "line ends"),
    "saved by an editor": (b"'x'", b"'x'\n", "newline was added"),
    "saved by an editor of another system": (b"{}", b"{}\r\n", "newline was added"),
    "trimmed by an editor": (b"'x'\n", b"'x'", "newline at the end was removed"),
    "saved with a byte order mark": (b"<a/>", b"\xef\xbb\xbf<a/>", "byte order mark"),
    "emptied": (b"abc", b"", "not what was stored"),
    "something else": (b"abc", b"abd", "not what was stored"),
}


@pytest.mark.parametrize(("stored", "found", "words"), CHANGES.values(), ids=CHANGES.keys())
def test_what_has_changed_an_input_is_recognized(stored: bytes, found: bytes, words: str) -> None:
    assert words in alteration(sha256(stored).hexdigest(), found)
    assert alteration(sha256(stored).hexdigest(), stored) == ""


@pytest.mark.parametrize("name", ["case-1", "a" * 63, "A" * 64, "g" * 64, f"{'a' * 64}.txt", "bytes", "0"])
def test_a_name_that_is_no_digest_promises_nothing(name: str) -> None:
    assert alteration(name, b"whatever") == ""


def test_many_changed_inputs_are_one_sentence() -> None:
    files = [(Path("/corpus", sha256(b"%d" % number).hexdigest()), b"%d\n" % number) for number in range(40)]
    sentence = alterations(files)
    assert sentence.startswith("40 stored inputs have been changed")
    assert "and 37 more" in sentence
    assert "\n" not in sentence
    assert alterations([]) == alterations([(Path("/corpus/mine"), b"x")]) == ""


TARGET = "def fuzz_it(data: bytes):\n    if data == b'bad\\n': raise ValueError\n"


@pytest.mark.parametrize(
    "task", [None, RegressionTest(), MinimizeCorpus(), ImportCorpus(Path("/nowhere")), "replay"], ids=str
)
def test_whatever_runs_a_changed_input_says_so_once_and_runs_what_is_there(
    project: MakeProject, task: Task | str | None
) -> None:
    made = project(TARGET)
    name = sha256(b"bad").hexdigest()
    path = made.seed(name, b"bad\n")
    made.seed("mine", b"good")
    if task == "replay":
        task = Replay(((str(path), b"bad\n"),))
    options = {} if task is None else {"task": task}
    run = made.run(limit=Limit(executions=50), **options)
    assert run.warnings.count("a newline was added at the end") == 1
    assert "mine" not in run.warnings
    if isinstance(task, RegressionTest | Replay):
        failed = [event.result for event in run.events if isinstance(event, InputRan) and event.result.failure]
        assert [result.name.endswith(name) for result in failed] == [True]
    if task is None:
        assert run.outcome.exit_code == 1


def test_a_changed_input_that_is_malformed_now_says_what_changed_it(project: MakeProject) -> None:
    made = project("def fuzz_it(number: int): ...\n")
    made.seed(sha256(b"12").hexdigest(), b"\xef\xbb\xbf12")
    run = made.run()
    assert run.outcome.exit_code == 70
    assert "byte order mark was added" in run.outcome.detail


# Git -----------------------------------------------------------------------------------------------------------------

ALWAYS = "def fuzz_it(data: bytes):\n    raise ValueError(len(data))\n"


def test_a_crasher_is_stored_with_attributes_beside_it_which_nobody_takes_for_an_input(project: MakeProject) -> None:
    made = project(ALWAYS)
    first = made.run()
    attributes = made.folder / "testdata/corpus/fuzz_it/.gitattributes"
    assert attributes.read_bytes() == KEEP_BYTES
    assert len(first.stored) == 1
    again = made.run(task=RegressionTest())
    assert [event.result.name for event in again.events if isinstance(event, InputRan)] == [
        str(path) for path in first.stored
    ]


@pytest.mark.parametrize("content", [b"", b"* text=auto\n"])
def test_attributes_of_the_users_stay(project: MakeProject, content: bytes) -> None:
    made = project(ALWAYS)
    attributes = made.seed(".gitattributes", content)
    run = made.run()
    assert run.outcome.exit_code == 1
    assert attributes.read_bytes() == content


def test_attributes_that_cannot_be_written_cost_a_warning_and_no_crasher(project: MakeProject) -> None:
    made = project(ALWAYS)
    made.seed("mine", b"x").with_name(".gitattributes").symlink_to("/nowhere")
    run = made.run(stop_on_crash=False, limit=Limit(executions=30))
    assert run.outcome.exit_code == 1
    assert not Path("/nowhere").exists()


def test_a_run_that_finds_nothing_writes_no_attributes(project: MakeProject) -> None:
    made = project("def fuzz_it(data: bytes): ...\n")
    made.run(limit=Limit(executions=30))
    assert not (made.folder / "testdata").exists()


@pytest.mark.parametrize("setting", ["true", "input", "false"])
def test_git_leaves_inputs_with_these_attributes_as_they_are(tmp_path: Path, setting: str) -> None:
    """Also where the project's own attributes say otherwise."""

    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main")
        command = ["git", *identity, "-c", f"core.autocrlf={setting}", "-c", "core.safecrlf=false", *arguments]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)

    corpus = tmp_path / "testdata/corpus/fuzz_it"
    corpus.mkdir(parents=True)
    inputs = {"lf": b"a\nb\n", "crlf": b"a\r\nb\r\n", "both": b"a\nb\r\n", "id": b"$Id$\n", "mark": b"\xff\xfea\x00"}
    for name, data in inputs.items():
        (corpus / name).write_bytes(data)
    (tmp_path / ".gitattributes").write_text("* text eol=crlf ident\n")
    (corpus / ".gitattributes").write_bytes(KEEP_BYTES)
    git("init")
    git("add", "--all")
    git("commit", "-m", "inputs")
    for name in inputs:
        (corpus / name).unlink()
    git("checkout", "--", ".")
    assert {name: (corpus / name).read_bytes() for name in inputs} == inputs
