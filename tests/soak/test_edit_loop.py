"""A project of a dozen files is edited in forty ways while it is fuzzed: never two versions at once, never a failure of
the engine's own, each time the right words.
"""

import re
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from fuzztui.engine.request.options import Limit, RunOptions, Watching
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.session import Session
from fuzztui.engine.show.events import CodeChanged, Reloaded, ReloadFailed, Warned, WorkerEnded
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Phase
from tests.soak import edits
from tests.soak.edits import AS_IT_WAS, ASIDE, FIRST, LATER, Edit, Fates
from tests.support import Project, RunningEngine, wait_for

pytestmark = pytest.mark.soak

QUIET = 1.5
"""Seconds in which something that is not to be told would be."""

OURS = re.compile(r"machinery|internal|Traceback|in another|was never announced")
"""What a failure of the engine's own sounds like."""


class Loop:
    """A run of the project that is edited."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        edits.make(folder)
        edits.branched(folder)
        self.kept = folder.parent / "kept"
        shutil.copytree(folder, self.kept)
        target = PythonTarget(folder / "fuzz_it.py", "fuzz_it", folder)
        options = RunOptions(
            target,
            folder / ".fuzztui",
            workers=3,
            limit=Limit(),
            stop_on_crash=False,
            timeout=3.0,
            startup_timeout=12.0,
            watching=Watching.RELOAD,
        )
        self.engine = RunningEngine(Project(folder), Session(options))
        self.engine.wait(lambda shown: shown.phase is Phase.FUZZING and len(shown.crashers) == 2, "two crashers")
        self.seen = len(self.engine.events)
        self.is_reloaded = False
        self.versions = 0

    def told(self, *kinds: type) -> object | None:
        """The first event of these kinds since the last edit."""
        return next((event for event in self.engine.events[self.seen :] if isinstance(event, kinds)), None)

    def try_out(self, edit: Edit) -> None:
        self.seen = len(self.engine.events)
        edit.do(self.folder)
        if edit.fates is not None:
            self.stamp()
            self.expect_reload(edit.fates, edit.new)
            self.restore()
            self.stamp()
            self.expect_reload(AS_IT_WAS, 0)
        elif edit.refused:
            failed = wait_for(lambda: self.told(ReloadFailed, Reloaded), f"words on: {edit.name}")
            assert isinstance(failed, ReloadFailed), failed
            assert re.search(edit.refused, failed.why), failed.why
            assert self.engine.session.snapshot().phase is Phase.FUZZING
            self.restore()
            self.expect_nothing_but_old_code()
        else:
            time.sleep(QUIET)
            self.restore()
            time.sleep(QUIET)
            assert self.told(ReloadFailed, Reloaded) is None

    def stamp(self) -> None:
        self.versions += 1
        edits.stamp(self.folder, self.versions)

    def expect_reload(self, fates: Fates, new: int) -> None:
        """Whatever happens in between, in the end the newest code is loaded, and these are the fates."""

        def is_so() -> bool:
            shown = self.engine.session.snapshot()
            is_over = not shown.reloading.changed and not shown.reloading.sentence.startswith("reload:")
            return bool(self.told(Reloaded)) and is_over and self.fates() == fates

        wait_for(is_so, f"{fates}; are {self.fates()}", deadline=30.0)
        counts = self.engine.session.snapshot().reloading.counts
        assert counts is not None
        assert counts.new == new, counts
        self.seen = len(self.engine.events)

    def expect_nothing_but_old_code(self) -> None:
        """What was refused is undone: the workers' code is what is there again."""

        def is_so() -> bool:
            return self.engine.session.snapshot().reloading.changed == ()

        wait_for(is_so, "nothing changed any more")
        time.sleep(QUIET)
        assert self.engine.session.snapshot().reloading.changed == ()
        assert self.fates() == AS_IT_WAS or not self.is_reloaded

    def fates(self) -> Fates:
        """What has become of the crashers that the project has at first."""
        found: Fates = {}
        for crasher in self.engine.session.snapshot().crashers[:2]:
            if crasher.recheck is not None:
                fate = crasher.recheck.fate
                found[crasher.data] = "fixed" if fate.is_fixed else "fails" if fate.fails else "differs"
                self.is_reloaded = True
        return found

    def restore(self) -> None:
        """The project as it was."""
        shop = self.folder / "shop"
        if shop.is_symlink():
            shop.unlink()
        if shop.is_dir() and (shop / "c.py").is_dir():
            (shop / "c.py").rmdir()
        elif shop.is_dir() and not (shop / "c.py").is_file():
            (shop / "c.py").unlink(missing_ok=True)
        if (self.folder / "moved").exists():
            shutil.move(self.folder / "moved", self.folder / "shop")
        edits.git(self.folder, "checkout", "-q", "-f", "main")
        edits.git(self.folder, "clean", "-fdq", "shop", "site-packages")
        (self.folder / "elsewhere.py").unlink(missing_ok=True)
        for path in sorted(self.kept.rglob("*.py")):
            place = self.folder / path.relative_to(self.kept)
            if place.name == "stamp.py":
                continue
            if not place.exists() or place.read_bytes() != path.read_bytes():
                place.write_bytes(path.read_bytes())

    def end(self) -> None:
        self.engine.session.stop()
        run = self.engine.join()
        outcome = run.outcome
        assert outcome.reason is StopReason.USER, outcome
        assert outcome.received == outcome.stored + outcome.duplicates + outcome.unsaved
        told = [event.message for event in run.events if isinstance(event, Warned)]
        told += [event.why for event in run.events if isinstance(event, WorkerEnded | ReloadFailed)]
        assert not [words for words in told if OURS.search(words)]
        assert not (self.folder / ".fuzztui" / "internal-error.log").exists()
        self.expect_one_version()

    def expect_one_version(self) -> None:
        """No process has executed one version while another one executed another."""
        spans = []
        for log in (self.folder / "log").iterdir():
            lines = [line.partition(" ") for line in log.read_text().splitlines() if line.count("=")]
            if lines:
                assert "shop.stamp=" in lines[0][2]
                assert len({versions for _, _, versions in lines}) == 1, log.read_text()
                spans.append((float(lines[0][0]), float(lines[-1][0]), lines[0][2]))
        assert len(spans) > 3
        spans.sort()
        latest: dict[str, float] = {}
        for begin, end, versions in spans:
            others = [moment for other, moment in latest.items() if other != versions]
            assert all(moment < begin for moment in others), (versions, begin, latest)
            latest[versions] = max(end, latest.get(versions, 0.0))


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    folder = tmp_path / "project"
    folder.mkdir()
    made = Loop(folder)
    try:
        yield made
    finally:
        RunningEngine.end_all()


@pytest.mark.parametrize("chosen", [FIRST, ASIDE, LATER], ids=["first", "aside", "later"])
def test_a_project_that_is_edited_all_the_time(loop: Loop, chosen: Sequence[Edit]) -> None:
    for edit in chosen:
        try:
            loop.try_out(edit)
        except AssertionError as error:
            words = [
                getattr(event, "sentence", "")
                for event in loop.engine.events[loop.seen :]
                if isinstance(event, CodeChanged | ReloadFailed | Reloaded)
            ]
            raise AssertionError(f"{edit.name}: {words}") from error
    loop.end()
