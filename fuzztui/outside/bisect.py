"""Finds the commit since which an input fails as it does now, by `git bisect` with a replay of the input.

All of it happens in a worktree of its own, which is removed in the end, whatever the end: files, branch and bisect
state of whoever asks stay as they are. A revision that has the target itself is asked with its own; into any other one
the target's file is put as it is now. A revision that cannot load the target tells nothing.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from fuzztui.engine.keep.before import read_before, write_before
from fuzztui.engine.keep.places import current_directory, project_root
from fuzztui.engine.keep.record import FirstBad, Record
from fuzztui.engine.keep.records import add_to_record, amend_record, read_records
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import NamedTarget, PythonTarget
from fuzztui.engine.show.failure import CrasherKind, Failure
from fuzztui.engine.show.text import NOTHING, Visible, joined, label, one_line, say
from fuzztui.outside.processes import Processes
from fuzztui.signals import ATTENDANT
from fuzztui.target.discover import discover

_PREFIX: Final = "fuzztui-bisect-"

_RUN: Final = "import sys; sys.path.insert(0, sys.argv.pop(1)); from fuzztui.__main__ import main; main()"
"""The program as it is running here, whatever the revision has of that name."""

_LOOK: Final = """
import json, sys
found = [path for path in sys.path if path]
for name, module in list(sys.modules.items()):
    if name.startswith("__editable__"):  # how setuptools makes a project's packages importable
        found += [path.rpartition("/")[0] for path in getattr(module, "MAPPING", {}).values()]
print(json.dumps([found, sys.prefix, sys.base_prefix]))
"""

_GRACE: Final = 60.0
"""Seconds that a replay has besides what its limits allow."""

UNSTEADY_RUNS: Final = 10
"""How often a revision runs an input that fails only now and then."""

_WALKED: Final = 200
"""Commits that are tried one after the other where those in larger steps told nothing."""

_NAMED: Final = 5
"""Commits that are named where one of several is to blame."""


class CannotBisectError(Exception):
    """There is no answer; the sentence says why."""

    def __init__(self, sentence: Visible) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class WrongRevisionError(CannotBisectError):
    """A revision that was named is none, or not one that can be asked."""


class Verdict(Enum):
    """What a revision tells."""

    GOOD = "good"
    BAD = "bad"
    SKIP = "skip"
    """Nothing: the target cannot be loaded there."""


@dataclass(frozen=True, slots=True)
class Question:
    """What fails, and between which commits it began."""

    options: RunOptions
    """Those of a replay."""
    data: bytes
    """The input, in its file form."""
    failure: Failure
    """How it fails now."""
    good: str = ""
    """A revision; empty to look for one."""
    bad: str = "HEAD"
    runs: int = 1
    """How often each revision runs the input."""


def question(options: RunOptions, data: bytes, failure: Failure, good: str, bad: str) -> Question:
    """The question of a crasher, with what its record tells of how steadily it fails."""
    runs = 1
    with suppress(OSError):
        record = read_records(options.target.records_dir(options.cache_dir)).by_bucket.get(failure.id)
        known = record.confirmation if record is not None else None
        if known is not None and 0 < known.failures < known.runs:
            runs = UNSTEADY_RUNS
    return Question(options, data, failure, good, bad, runs)


@dataclass
class _Repository:
    folder: Path
    processes: Processes | None

    def git(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = ["git", "-c", "core.hooksPath=/dev/null", "-c", "advice.detachedHead=false", *arguments]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        environment |= {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}
        options: dict[str, Any] = {"cwd": self.folder, "env": environment}
        try:
            if self.processes is None:  # to tidy up, whatever has come
                return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, **options)
            return self.processes.run(command, **options)
        except FileNotFoundError:
            raise CannotBisectError(label("git is not installed, and bisecting is its work")) from None

    def ask(self, *arguments: str) -> str:
        """What a command prints. CannotBisectError if it fails."""
        done = self.git(*arguments)
        if done.returncode:
            reason = done.stderr.strip().partition("\n")[0].removeprefix("fatal: ")
            raise CannotBisectError(say("git {}: {}", arguments[0], one_line(reason) or done.returncode))
        return done.stdout.strip()

    def commit(self, revision: str, option: str) -> str:
        """The hash of a revision that was named. WrongRevisionError if there is none."""
        done = self.git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        if done.returncode:
            raise WrongRevisionError(say("{}: the repository has no commit {}", option, one_line(repr(revision))))
        return done.stdout.strip().splitlines()[-1]

    def described(self, commit: str) -> FirstBad:
        full, date, author, subject = self.ask("show", "-s", "--format=%H%x00%aI%x00%an%x00%s", commit).split("\0")
        return FirstBad(full, date, one_line(author), one_line(subject))


def bisect(question: Question, tell: Callable[[Visible], None]) -> FirstBad:
    """The first bad commit, which is also kept in the record of the failure's bucket; `tell` is told of each step.

    CannotBisectError if there is no answer, StoppedError if a signal has come.
    """
    processes = Processes()
    with ATTENDANT.heard_by(processes.stop):
        return first_bad_commit(question, tell, processes)


def first_bad_commit(question: Question, tell: Callable[[Visible], None], processes: Processes) -> FirstBad:
    """As `bisect`, where somebody else hears signals: `processes.stop` ends it."""
    target = question.options.target
    assert isinstance(target, PythonTarget)
    own = target.project / "any.py" if isinstance(target, NamedTarget) else target.file
    repository = _repository_of(own, processes)
    if repository.ask("status", "--porcelain", "--untracked-files=no"):
        tell(label("there are uncommitted changes: commits are asked, these are not"))
    bad = repository.commit(question.bad, "--bad")
    good = repository.commit(question.good, "--good") if question.good else ""
    if good and repository.git("merge-base", "--is-ancestor", good, bad).returncode:
        raise WrongRevisionError(say("--good: {} is no ancestor of {}", good[:12], bad[:12]))
    with _worktree(repository, bad) as tree:
        found = _Search(question, repository, tree, tell).first_bad(good, bad)
    commit = repository.described(found)
    _keep(question, commit, tell)
    return commit


def _repository_of(file: Path, processes: Processes) -> _Repository:
    here = _Repository(file.parent, processes)
    done = here.git("rev-parse", "--show-toplevel")
    if done.returncode:
        reason = done.stderr.strip().partition("\n")[0].removeprefix("fatal: ")
        if "not a git repository" in reason:
            raise CannotBisectError(say("{} is in no git repository: there is nothing to bisect", file))
        raise CannotBisectError(say("git cannot tell the repository of {}: {}", file, one_line(reason)))
    top = _Repository(Path(done.stdout.removesuffix("\n")), processes)
    if top.git("rev-parse", "--verify", "--quiet", "HEAD").returncode:
        raise CannotBisectError(say("{} has no commit yet", top.folder))
    return top


@contextmanager
def _worktree(repository: _Repository, commit: str) -> Iterator[Path]:
    """A worktree that is there meanwhile; those that processes have left which were killed are removed as well."""
    tidy = _Repository(repository.folder, None)
    for line in tidy.git("worktree", "list", "--porcelain").stdout.splitlines():
        left = re.fullmatch(rf"worktree (.*/{_PREFIX}(\d+)-[^/]*)/tree", line)
        if left and not Path(f"/proc/{left[2]}").exists():
            _remove(tidy, Path(left[1]))
    folder = Path(os.path.realpath(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-")))
    try:
        repository.ask("worktree", "add", "--detach", str(folder / "tree"), commit)
        yield folder / "tree"
    finally:
        _remove(tidy, folder)


def _remove(repository: _Repository, folder: Path) -> None:
    repository.git("worktree", "remove", "--force", "--force", str(folder / "tree"))
    shutil.rmtree(folder, ignore_errors=True)
    repository.git("worktree", "prune")


@dataclass
class _Search:
    question: Question
    repository: _Repository
    """The one of whoever asks."""
    tree: Path
    tell: Callable[[Visible], None]
    _verdicts: dict[str, Verdict] = field(default_factory=dict)
    _path: list[Path] | None = None
    _filled: list[Path] = field(default_factory=list)
    """Folders of submodules that have been filled for the present revision."""

    def first_bad(self, good: str, bad: str) -> str:
        if self._verdict(bad) is not Verdict.BAD:
            if self.question.bad == "HEAD":
                raise CannotBisectError(say("the input does not fail so in {}: {}", bad[:12], _UNCOMMITTED))
            raise CannotBisectError(say("--bad: the input does not fail so in {}", bad[:12]))
        if good and self._verdict(good) is not Verdict.GOOD:
            how = label("fails so in" if self._verdict(good) is Verdict.BAD else "cannot be run in")
            raise CannotBisectError(say("--good: the input {} {}", how, good[:12]))
        if not good:
            good, bad = self._back_from(bad)
        return self._between(good, bad) if good else bad

    def _back_from(self, bad: str) -> tuple[str, str]:
        """A good commit, and the oldest bad one that was met on the way there. Without a good one: the first commit."""
        line = self._git.ask("rev-list", "--first-parent", bad).split()
        last_bad, skipped = 0, len(line)
        for place in _steps(len(line)):
            match self._verdict(line[place]):
                case Verdict.GOOD:
                    return line[place], line[last_bad]
                case Verdict.BAD:
                    last_bad, skipped = place, len(line)
                case Verdict.SKIP:
                    skipped = min(skipped, place)
        for place in range(last_bad + 1, min(skipped, last_bad + 1 + _WALKED)):
            match self._verdict(line[place]):
                case Verdict.GOOD:
                    return line[place], line[last_bad]
                case Verdict.BAD:
                    last_bad = place
                case Verdict.SKIP:
                    continue
        if self._git.ask("rev-parse", "--is-shallow-repository") == "true":
            advice = label("git fetch --unshallow brings older ones")
            raise CannotBisectError(say("no commit passes of those in this shallow clone: {}", advice))
        if last_bad == len(line) - 1:
            return "", line[last_bad]
        raise CannotBisectError(
            say("no commit was found that passes: {} is the oldest that can be run", line[last_bad][:12])
        )

    def _between(self, good: str, bad: str) -> str:
        done = self._git.git("bisect", "start", bad, good, "--")
        while not (
            found := re.search(r"^([0-9a-f]{40,64}) is the first ['`]?bad['`]? commit", done.stdout, re.MULTILINE)
        ):
            if "could be any of" in done.stdout:
                left = re.findall(r"^[0-9a-f]{40,64}$", done.stdout, re.MULTILINE)
                shown = joined(", ", [one_line(each[:12]) for each in left[:_NAMED]])
                more = say(" and {} more", len(left) - _NAMED) if len(left) > _NAMED else NOTHING
                raise CannotBisectError(say("it is one of these, and others cannot be run: {}{}", shown, more))
            if done.returncode:
                raise CannotBisectError(say("git bisect: {}", one_line((done.stderr or done.stdout).strip())))
            commit = self._git.ask("rev-parse", "HEAD")
            verdict = self._verdict(commit)
            self._clean()
            done = self._git.git("bisect", verdict.value)
        return found[1]

    @property
    def _git(self) -> _Repository:
        return _Repository(self.tree, self.repository.processes)

    def _clean(self) -> None:
        for folder in self._filled:  # which git takes for empty
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True, exist_ok=True)
        self._filled.clear()
        self._git.ask("reset", "--quiet", "--hard")
        self._git.ask("clean", "-ffdxq")

    # One revision -----------------------------------------------------------------------------------------------------

    def _verdict(self, commit: str) -> Verdict:
        if commit not in self._verdicts:
            if self._git.ask("rev-parse", "HEAD") != commit:
                self._clean()
                self._git.ask("checkout", "--quiet", "--detach", "--force", commit)
            self._fill_submodules()
            verdict = self._verdicts[commit] = self._replayed()
            one = self.repository.described(commit)
            self.tell(say("{:<4}  {}  {}  {}", verdict.value, commit[:12], one.date[:10], one.subject))
        return self._verdicts[commit]

    def _fill_submodules(self) -> None:
        """Put into the tree what its submodules have at this revision, as far as those of whoever asks have it, which
        stay as they are. A revision that lacks something cannot be loaded, and tells nothing.
        """
        for entry in self._git.ask("ls-tree", "-r", "-z", "HEAD").split("\0"):
            words, _, name = entry.partition("\t")
            own = self.repository.folder / name
            if not words.startswith("160000 ") or not (own / ".git").exists():
                continue
            packed = self.tree.parent / "submodule.tar"
            archive = ("archive", "--format=tar", f"--output={packed}", words.rpartition(" ")[2])
            if _Repository(own, self.repository.processes).git(*archive).returncode == 0:
                shutil.unpack_archive(packed, self.tree / name, "tar")
                self._filled.append(self.tree / name)

    def _replayed(self) -> Verdict:
        target, options = self.question.options.target, self.question.options
        assert isinstance(target, PythonTarget)
        cache = self.tree.parent / "cache"
        there: PythonTarget
        if isinstance(target, NamedTarget):  # each revision has its own, or none: then it cannot be asked
            spec = list(replace(target, python="").command_words)
            there = replace(target, project=self._mapped(target.project) or self.tree)
        else:
            file = self.tree / Path(os.path.realpath(target.file.parent), target.file.name).relative_to(
                self.repository.folder
            )
            self._put_target(target, file)
            spec = [f"{file}::{target.name}"]
            there = PythonTarget(file, target.name, project_root(file))
        self._put_what_runs_before(target, there, cache)
        command = [sys.executable, "-c", _RUN, str(Path(__file__).parents[2]), "replay", *spec]
        command += [str(self._input())] * self.question.runs
        command += ["--json", "--cache-dir", str(cache), "--timeout", f"{options.timeout}s"]
        command += ["--startup-timeout", f"{options.startup_timeout}s"]
        command += ["--memory-limit", "none" if options.memory_limit is None else f"{options.memory_limit}"]
        command += ["--address-space", "none" if options.address_space is None else f"{options.address_space}"]
        command += ["--python", target.python] if target.python else []
        most = options.startup_timeout + (self.question.runs + 3) * options.timeout + _GRACE
        processes = self.repository.processes
        assert processes is not None
        done = processes.run(command, most, cwd=self._folder(), env=self._environment(target.python))
        return verdict_of(done.stdout, self.question.failure)

    def _input(self) -> Path:
        """The input in a file of its own, which no revision has or has not; named as if it were stored."""
        path = self.tree.parent / sha256(self.question.data).hexdigest()
        if not path.exists():
            path.write_bytes(self.question.data)
        return path

    def _put_target(self, target: PythonTarget, file: Path) -> None:
        """Where the revision has no such target, have the present one."""
        own = {info.name: info.parameters for info in discover(target.file).targets}
        there = {info.name: info.parameters for info in discover(file).targets} if file.is_file() else {}
        kinds = [[kind for _, kind in found.get(target.name, ())] for found in (own, there)]
        if target.name not in there or kinds[0] != kinds[1]:
            file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(target.file, file)

    def _put_what_runs_before(self, target: PythonTarget, there: PythonTarget, cache: Path) -> None:
        folders = (*target.stored_dirs, target.records_dir(self.question.options.cache_dir))
        digest = sha256(self.question.data).hexdigest()
        before = read_before(folders, digest)
        if before is not None:
            records = there.records_dir(cache)
            write_before(records, records, digest, before)

    def _folder(self) -> Path:
        """Where the replay is started: in the same folder of the tree, or the nearest above that the revision has."""
        folder = self._mapped(Path(current_directory())) or self.tree
        while not folder.is_dir():
            folder = folder.parent
        return folder

    def _mapped(self, path: Path) -> Path | None:
        """The place in the tree of a path in the repository."""
        real = Path(os.path.realpath(path))
        if not real.is_relative_to(self.repository.folder):
            return None
        return self.tree / real.relative_to(self.repository.folder)

    def _environment(self, python: str) -> dict[str, str]:
        """What the interpreter would import from the repository it imports from the tree."""
        if self._path is None:
            self._path = self._imported_from(python or sys.executable)
        given = [each for each in os.environ.get("PYTHONPATH", "").split(os.pathsep) if each]
        kept = [str(self._mapped(Path(each)) or each) if Path(each).is_absolute() else each for each in given]
        path = dict.fromkeys([*kept, *map(str, self._path)])
        # Commits follow each other within a second: what was compiled of one could pass for a file of another.
        return {**os.environ, "PYTHONPATH": os.pathsep.join(path), "PYTHONDONTWRITEBYTECODE": "1"}

    def _imported_from(self, python: str) -> list[Path]:
        processes = self.repository.processes
        assert processes is not None
        done = processes.run([python, "-P", "-c", _LOOK], _GRACE, cwd=current_directory())
        try:
            found, *prefixes = json.loads(done.stdout)
        except ValueError:
            return []
        mapped = [
            self._mapped(Path(each))
            for each in found
            if not any(Path(each).is_relative_to(prefix) for prefix in prefixes)
        ]
        return [each for each in mapped if each is not None]


_UNCOMMITTED: Final = label("what makes it fail is not committed, or it fails by chance")


def _steps(length: int) -> Iterator[int]:
    """1, 2, 4 and so on, and the last."""
    step = 1
    while step < length - 1:
        yield step
        step *= 2
    if length > 1:
        yield length - 1


def verdict_of(events: str, failure: Failure) -> Verdict:
    """What a replay's JSON Lines say of a revision: bad if any run has failed like `failure`, good if all have been
    run and none has.
    """
    is_run, is_whole = False, False
    for line in events.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            return Verdict.SKIP
        if event["event"] == "input":
            if event["verdict"] not in ("pass", "fail", "ignored"):
                return Verdict.SKIP
            is_run = True
            if event["failure"] is not None and _is_like(event["failure"], failure):
                return Verdict.BAD
        elif event["event"] == "end":
            is_whole = event["reason"] == "done"
    return Verdict.GOOD if is_run and is_whole else Verdict.SKIP


def _is_like(found: dict[str, Any], failure: Failure) -> bool:
    """As `Failure.is_like`."""
    if found["kind"] != failure.kind.value:
        return False
    if found["id"] == failure.id or found["group"] == failure.group:
        return True
    is_by_limit = failure.kind in (CrasherKind.TIMEOUT, CrasherKind.MEMORY)
    return is_by_limit or (failure.kind.ends_the_process and found["type"] == failure.type)


def _keep(question: Question, commit: FirstBad, tell: Callable[[Visible], None]) -> None:
    folder, digest = question.options.target.records_dir(question.options.cache_dir), sha256(question.data).hexdigest()
    try:
        known = read_records(folder).by_bucket
        if question.failure.id in known:
            amend_record(folder, question.failure.id, lambda record: replace(record, first_bad=commit))
        else:
            now = datetime.now(UTC).isoformat(timespec="seconds")
            record = Record(
                failure=question.failure,
                target=question.options.target.id,
                inputs=(digest,),
                first_seen=now,
                last_seen=now,
                hits=0,
                sessions=0,
                first_bad=commit,
            )
            add_to_record(folder, record)
    except (OSError, ValueError) as error:
        tell(say("the record of the crasher could not be written: {}", error))
