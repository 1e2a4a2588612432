"""`fuzztui bisect` finds the commit since which a crasher's input fails so."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from fuzztui.engine.keep.before import write_before
from fuzztui.engine.keep.storage import Folder
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.request.task import Replay
from fuzztui.engine.session import Session
from fuzztui.engine.show.events import InputRan
from fuzztui.engine.show.results import InputResult
from fuzztui.outside.bisect import question
from fuzztui.screens.bisecting import Bisecting
from fuzztui.target.values import encode
from tests.support import wait_for
from tests.testing.repository import Repository, repository

pytestmark = pytest.mark.processes

GOOD = "def f(n):\n    return n\n"
BAD = "def f(n):\n    return {}[n]\n"
OTHER = "def f(n):\n    return n.nothing\n"
UNLOADABLE = "def f(n:\n"
TARGET = "from pkg.mod import f\n\ndef fuzz_it(n: int) -> None:\n    f(n)\n"


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    folder = tmp_path / "project"
    folder.mkdir()
    return repository(folder)


def bisect(repo: Repository, *more: str, cwd: str = ".", **environment: str) -> "subprocess.CompletedProcess[str]":
    word = repo.store("fuzz_it", encode((7,)), beside="fuzz")
    spec = "fuzz/fuzz_it.py" if cwd == "." else "fuzz_it.py"
    return repo.run("fuzztui", "bisect", spec, word[:10], *more, cwd=cwd, **environment)


@pytest.fixture(autouse=True)
def nothing_is_left(repo: Repository) -> Iterator[None]:
    """Whatever the end: no worktree, no folder, and all that belongs to the person as it was."""
    yield
    if (repo.folder / ".git").is_dir():
        assert len(repo.git("worktree", "list").splitlines()) == 1
        assert not list((repo.folder / ".git").glob("BISECT*"))
        assert repo.git("for-each-ref", "refs/bisect") == ""
        assert repo.git("rev-parse", "--abbrev-ref", "HEAD") == "main"
    assert not list(Path(os.environ.get("TMPDIR", "/tmp")).glob("fuzztui-bisect-*"))


@pytest.fixture(autouse=True)
def own_temporary_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))


def history(repo: Repository) -> str:
    """Fourteen commits on a line with a merge, some of which cannot be loaded; the first bad one."""
    repo.commit("begin", pkg__mod=GOOD)
    for number in range(4):
        repo.commit(f"before {number}", pkg__other=f"x = {number}\n")
    repo.commit("break it", pkg__mod=UNLOADABLE)
    repo.commit("mend it", pkg__mod=GOOD)
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit("on the side", side="x = 1\n")
    first_bad = repo.commit("look it up", pkg__mod=BAD)
    repo.git("checkout", "--quiet", "main")
    repo.commit("meanwhile", pkg__third="x = 1\n")
    repo.git("merge", "--quiet", "--no-ff", "--message", "merge side", "side")
    for number in range(3):
        repo.commit(f"after {number}", pkg__other=f"x = {-number}\n")
    repo.commit("fuzz it", fuzz__fuzz_it=TARGET)
    return first_bad


def test_the_first_bad_commit_is_found_shown_and_kept(repo: Repository) -> None:
    first_bad = history(repo)
    head, branches = repo.git("rev-parse", "HEAD"), repo.git("branch", "--all")
    (repo.folder / "pkg" / "untracked.py").write_text("mine")
    done = bisect(repo)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"first bad commit: {first_bad}",
        "    look it up by someone on 2026-03-04T05:06:07Z",
    ] or done.stdout.splitlines() == [
        f"first bad commit: {first_bad}",
        "    look it up by someone on 2026-03-04T05:06:07+00:00",
    ]
    assert f"bad   {first_bad[:12]}  2026-03-04  look it up" in done.stderr
    assert (repo.git("rev-parse", "HEAD"), repo.git("branch", "--all")) == (head, branches)
    assert (repo.folder / "pkg" / "untracked.py").read_text() == "mine"
    (record,) = (repo.folder / ".fuzztui" / "crashes").rglob("*.json")
    kept = json.loads(record.read_text())["first_bad"]
    assert (kept["commit"], kept["subject"]) == (first_bad, "look it up")
    (crash,) = json.loads(repo.run("fuzztui", "crashes", "fuzz/fuzz_it.py", "--json").stdout)
    assert crash["first_bad"] == kept


@pytest.mark.soak
def test_ends_that_are_named_are_used(repo: Repository) -> None:
    first_bad = history(repo)
    done = bisect(repo, "--good", "HEAD~6", "--bad", "HEAD~1", cwd="fuzz", PYTHONPATH=str(repo.folder))
    assert f"first bad commit: {first_bad}" in done.stdout, done.stderr
    for options, words in (
        (("--good", "nonsense"), "--good: the repository has no commit 'nonsense'"),
        (("--bad", "v9"), "--bad: the repository has no commit 'v9'"),
        (("--good", "HEAD", "--bad", "HEAD~3"), "--good: "),
    ):
        done = bisect(repo, *options)
        assert (done.returncode, done.stdout) == (2, "")
        assert words in done.stderr
    for options, words in (
        (("--good", "HEAD~2"), "--good: the input fails so in "),
        (("--bad", "HEAD~8"), "--bad: the input does not fail so in "),
    ):
        done = bisect(repo, *options)
        assert (done.returncode, done.stdout) == (70, ""), done.stderr
        assert words in done.stderr


@pytest.mark.soak
def test_another_failure_is_not_this_one(repo: Repository) -> None:
    repo.commit("begin", pkg__mod=GOOD, fuzz__fuzz_it=TARGET)
    repo.commit("fails in another way", pkg__mod=OTHER)
    repo.commit("still", pkg__x="x = 1\n")
    first_bad = repo.commit("fails so", pkg__mod=BAD)
    repo.commit("after", pkg__x="x = 2\n")
    done = bisect(repo)
    assert f"first bad commit: {first_bad}" in done.stdout, done.stderr


@pytest.mark.soak
def test_a_commit_that_only_unloadable_ones_hide_is_not_guessed(repo: Repository) -> None:
    repo.commit("begin", pkg__mod=GOOD)
    hidden = [repo.commit("unloadable", pkg__mod=UNLOADABLE), repo.commit("bad", pkg__mod=BAD, fuzz__fuzz_it=TARGET)]
    done = bisect(repo)
    assert (done.returncode, done.stdout) == (70, "")
    assert all(commit[:12] in done.stderr.splitlines()[-1] for commit in hidden)


@pytest.mark.soak
def test_a_crasher_that_people_ignore_is_bisected_as_any_other(repo: Repository) -> None:
    digest = sha256(encode((7,))).hexdigest()
    repo.commit("begin", pkg__mod=GOOD, fuzz__fuzz_it=TARGET)
    first_bad = repo.commit("look it up", pkg__mod=BAD)
    repo.write("fuzz/testdata/triage/fuzz_it/2-aa.toml", f"status = 'ignored'\ninputs = ['{digest}']\n")
    repo.commit("ignore it")
    repo.commit("after", pkg__x="x = 1\n")
    assert f"first bad commit: {first_bad}" in bisect(repo).stdout


@pytest.mark.soak
def test_a_seed_is_bisected_as_any_crasher(repo: Repository) -> None:
    seeded = f"import fuzztui\n{TARGET}".replace("\ndef", "\n@fuzztui.fuzz(seeds=[7])\ndef")
    repo.commit("begin", pkg__mod=GOOD, fuzz__fuzz_it=seeded)
    first_bad = repo.commit("look it up", pkg__mod=BAD)
    assert f"first bad commit: {first_bad}" in repo.run("fuzztui", "bisect", "fuzz/fuzz_it.py", "seed 1").stdout


@pytest.mark.soak
def test_what_a_submodule_has_is_that_of_the_commit(repo: Repository, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = repository(tmp_path / "other")
    other.commit("begin", mod=GOOD)
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.folder), "lib")
    repo.commit("begin", fuzz__fuzz_it=TARGET.replace("pkg.mod", "lib.mod"))
    inner = replace(repo, folder=repo.folder / "lib")
    inner.commit("look it up", mod=BAD)
    first_bad = repo.commit("take the newest")
    repo.commit("after", x="x = 1\n")
    done = bisect(repo)
    assert f"first bad commit: {first_bad}" in done.stdout, done.stderr
    assert (repo.folder / "lib" / "mod.py").read_text() == BAD, "that of whoever asks is as it was"


@pytest.mark.soak
def test_what_fails_since_the_first_commit_is_found_there(repo: Repository) -> None:
    first = repo.commit("begin", pkg__mod=BAD)
    repo.commit("after", fuzz__fuzz_it=TARGET)
    assert f"first bad commit: {first}" in bisect(repo).stdout


@pytest.mark.soak
def test_a_process_that_ends_and_a_hang_are_found_as_such(repo: Repository) -> None:
    repo.commit("begin", pkg__mod=GOOD, fuzz__fuzz_it=TARGET)
    repo.commit("raises", pkg__mod=BAD)
    first_bad = repo.commit("exits", pkg__mod="import os\ndef f(n):\n    os._exit(3)\n")
    repo.commit("after", pkg__x="x = 2\n")
    assert f"first bad commit: {first_bad}" in bisect(repo).stdout
    hangs = repo.commit("hangs", pkg__mod="import time\ndef f(n):\n    time.sleep(100)\n")
    repo.commit("after that", pkg__x="x = 3\n")
    assert f"first bad commit: {hangs}" in bisect(repo, "--timeout", "1s").stdout


@pytest.mark.soak
def test_what_is_imported_from_the_checkout_is_imported_from_the_commit(repo: Repository) -> None:
    """By PYTHONPATH, and by what an editable installation adds to the path; either names the checkout."""
    repo.commit("begin", src__pkg__mod=GOOD, fuzz__fuzz_it=TARGET)
    first_bad = repo.commit("look it up", src__pkg__mod=BAD)
    repo.commit("after", src__pkg__x="x = 1\n")
    done = bisect(repo, PYTHONPATH=str(repo.folder / "src"))
    assert f"first bad commit: {first_bad}" in done.stdout, done.stderr
    relative = bisect(repo, PYTHONPATH="src")
    assert f"first bad commit: {first_bad}" in relative.stdout, relative.stderr
    site = repo.folder.parent / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(f"import sys\nsys.path.append({str(repo.folder / 'src')!r})\n")
    installed = bisect(repo, PYTHONPATH=str(site))
    assert f"first bad commit: {first_bad}" in installed.stdout, installed.stderr


@pytest.mark.soak
def test_a_target_that_was_moved_or_changed_its_parameters_is_asked_as_it_is_now(repo: Repository) -> None:
    repo.commit("begin", pkg__mod=GOOD, old__fuzz_it=TARGET)
    first_bad = repo.commit("look it up", pkg__mod=BAD)
    repo.commit("other parameters", fuzz__fuzz_it=TARGET.replace("n: int", "n: str"), old__fuzz_it="")
    repo.commit("as it is now", fuzz__fuzz_it=TARGET)
    assert f"first bad commit: {first_bad}" in bisect(repo).stdout


@pytest.mark.soak
def test_what_has_to_run_before_runs_before_in_each_commit(repo: Repository) -> None:
    state = "seen = []\ndef f(n):\n    seen.append(n)\n    {}\n"
    repo.commit("begin", pkg__mod=state.format("pass"), fuzz__fuzz_it=TARGET)
    first_bad = repo.commit("depends on state", pkg__mod=state.format("assert n != 7 or 5 not in seen"))
    repo.commit("after", pkg__x="x = 1\n")
    name = repo.store("fuzz_it", encode((7,)), beside="fuzz")
    home = Folder(repo.folder / "fuzz", ("testdata", "corpus", "fuzz_it"))
    write_before(home, home, name, [encode((5,))])
    done = bisect(repo)
    assert f"first bad commit: {first_bad}" in done.stdout, done.stderr


def test_uncommitted_changes_are_told_of(repo: Repository) -> None:
    repo.commit("begin", pkg__mod=GOOD, fuzz__fuzz_it=TARGET)
    repo.write("pkg/mod.py", BAD)
    done = bisect(repo)
    assert (done.returncode, done.stdout) == (70, "")
    assert "there are uncommitted changes" in done.stderr
    assert "what makes it fail is not committed" in done.stderr
    assert (repo.folder / "pkg" / "mod.py").read_text() == BAD


@pytest.mark.soak
def test_where_nothing_can_be_bisected_one_sentence_says_so(repo: Repository, tmp_path: Path) -> None:
    history(repo)
    passing = repo.store("fuzz_it", b"fuzztui v1\n'text'\n", "malformed", beside="fuzz")
    done = repo.run("fuzztui", "bisect", "fuzz/fuzz_it.py", passing)
    assert (done.returncode, done.stdout) == (2, "")
    repo.git("clone", "--quiet", "--depth", "2", f"file://{repo.folder}", str(tmp_path / "shallow"))
    shallow = Repository(tmp_path / "shallow")
    done = bisect(shallow)
    assert (done.returncode, done.stdout) == (70, "")
    assert "shallow clone: git fetch --unshallow brings older ones" in done.stderr
    (repo.folder / ".git").rename(tmp_path / "elsewhere")
    done = bisect(repo)
    assert (done.returncode, done.stdout) == (70, "")
    assert "is in no git repository" in done.stderr
    assert "Traceback" not in done.stderr
    (tmp_path / "elsewhere").rename(repo.folder / ".git")


def test_a_bisection_of_the_persons_own_goes_on(repo: Repository) -> None:
    first_bad = history(repo)
    repo.git("bisect", "start", "HEAD", "HEAD~6")
    state = (repo.folder / ".git" / "BISECT_LOG").read_text()
    where = repo.git("rev-parse", "HEAD")
    done = bisect(repo, "--bad", "main")
    target_is_there = (repo.folder / "fuzz" / "fuzz_it.py").exists()
    assert target_is_there == (f"first bad commit: {first_bad}" in done.stdout)
    assert (repo.folder / ".git" / "BISECT_LOG").read_text() == state
    assert repo.git("rev-parse", "HEAD") == where
    repo.git("bisect", "reset")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.mostly_soak(1)
def test_a_signal_ends_it_and_leaves_nothing(repo: Repository, tmp_path: Path, number: signal.Signals) -> None:
    repo.commit("begin", pkg__mod=GOOD, fuzz__fuzz_it=TARGET)
    slow = "import pathlib, time\ndef f(n):\n    if 'fuzztui-bisect' in __file__: time.sleep(1000)\n    {}[n]\n"
    repo.commit("bad", pkg__mod=slow)
    word = repo.store("fuzz_it", encode((7,)), beside="fuzz")
    process = subprocess.Popen(
        [sys.executable, "-m", "fuzztui", "bisect", "fuzz/fuzz_it.py", word, "--timeout", "100s"],
        cwd=repo.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    wait_for(lambda: list((tmp_path / "tmp").glob("fuzztui-bisect-*/tree/pkg/mod.py")), "the worktree")
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number, err
    assert "Traceback" not in err


@pytest.mark.soak
def test_what_a_killed_one_has_left_the_next_one_removes(repo: Repository, tmp_path: Path) -> None:
    repo.commit("begin", pkg__mod=GOOD, fuzz__fuzz_it=TARGET)
    slow = "import time\ndef f(n):\n    if 'fuzztui-bisect' in __file__: time.sleep(1000)\n    {}[n]\n"
    repo.commit("bad", pkg__mod=slow)
    word = repo.store("fuzz_it", encode((7,)), beside="fuzz")
    command = [sys.executable, "-m", "fuzztui", "bisect", "fuzz/fuzz_it.py", word, "--timeout", "100s"]
    with subprocess.Popen(command, cwd=repo.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_for(lambda: list((tmp_path / "tmp").glob("fuzztui-bisect-*/tree/pkg/mod.py")), "the worktree")
        process.kill()
    (left,) = (tmp_path / "tmp").glob("fuzztui-bisect-*")
    repo.commit("bad as well", pkg__mod=BAD)
    assert bisect(repo).returncode == 0
    assert not left.exists()


@pytest.mark.soak
def test_the_dashboard_bisects_as_the_command_does(repo: Repository) -> None:
    first_bad = history(repo)
    file = repo.folder / "fuzz" / "fuzz_it.py"
    repo.store("fuzz_it", encode((7,)), beside="fuzz")
    target = PythonTarget(file, "fuzz_it", repo.folder, path=(repo.folder,))
    options = RunOptions(target, repo.folder / ".fuzztui", workers=1)
    results: list[InputResult] = []
    Session(replace(options, task=Replay((("7", encode((7,))),)))).run(
        lambda event: results.extend([event.result] if isinstance(event, InputRan) else [])
    )
    assert results[0].failure is not None
    lines: list[str] = []
    answers: list[tuple[str, bool]] = []
    one = Bisecting()
    one.start(
        "it",
        question(options, encode((7,)), results[0].failure, "", "HEAD"),
        lambda: lines.append(one.line),
        lambda crasher, words, *, is_answer: answers.append((words, is_answer)),
    )
    wait_for(lambda: answers, "an answer")
    one.close()
    assert answers == [(f"{first_bad[:12]} of 2026-03-04 by someone: look it up", True)]
    assert lines[0].startswith("1. bad ")
