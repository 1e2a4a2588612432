"""What a reload does, step by step, with a crew, a board and a search that only note what they are told."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from fuzztui.engine.crew.launch import Launcher
from fuzztui.engine.crew.replacing import Replacing
from fuzztui.engine.crew.scout import Scout, Scouted
from fuzztui.engine.crew.stint import Stint
from fuzztui.engine.crew.verdict import Ending
from fuzztui.engine.crew.versions import Loaded, Version, Versions
from fuzztui.engine.live.reloader import Reloader
from fuzztui.engine.request.options import Watching
from fuzztui.engine.show.events import CodeChanged, Reloaded, ReloadFailed
from fuzztui.engine.show.reload import ReloadCounts
from fuzztui.engine.show.text import NOTHING, label
from fuzztui.engine.work.rechecking import Rechecking
from fuzztui.protocol.digest import digest_of
from fuzztui.protocol.messages import Failed, Pong, Source
from tests.engine.crew_fakes import FakeProcess, ending

TURNS = 400
"""Turns of the loop, a hundredth of a second each, after which something is taken not to come."""


class FakeRechecking(Rechecking):
    """A recheck that is over when the test says so."""

    def __init__(self) -> None:
        self.over = True

    @property
    def is_done(self) -> bool:
        return self.over

    def counts(self) -> ReloadCounts:
        return ReloadCounts(fixed=1)


class Run:
    """A run that has loaded one file, and notes what a reload has it do."""

    def __init__(self, folder: Path, watching: Watching) -> None:
        self.file = folder / "parser.py"
        self.file.write_text("1")
        self.done: list[str] = []
        self.events: list[Any] = []
        self.warnings: list[str] = []
        self.finds: list[Scouted | None] = []
        """What scouts find, one after the other; what is there now when there is no more."""
        self.versions = Versions()
        self.versions.adopt(self.loaded())
        self.rechecking = FakeRechecking()
        self.state = SimpleNamespace(is_stopping=False)
        self.parameters = ("bytes",)
        self.crashers = SimpleNamespace(is_awaited=False, crashers=[])
        self.jobs = [self.rechecking]
        self.reloader = Reloader(
            cast(Any, SimpleNamespace(watching=watching, target=SimpleNamespace(id="fuzz_it.py::fuzz_it"))),
            cast(Any, self),
            cast(Any, SimpleNamespace(jobs=self.jobs, reload=lambda: self.done.append("board"))),
            cast(Any, SimpleNamespace(**self._search())),
            cast(Any, self.state),
            cast(Any, SimpleNamespace(idle=self._idle)),
            cast(Any, self),
            lambda: 1.0,
        )

    def _search(self) -> dict[str, Any]:
        return {
            "parameters": self.parameters,
            "crashers": self.crashers,
            "check_input": lambda _data: None,
            "reload": lambda seeds: self.done.append(f"search {seeds}"),
        }

    async def _idle(self, _seconds: float) -> None:
        self.done.append("stored")

    def loaded(self) -> Loaded:
        """What a process has loaded that loads what is there."""
        made = Loaded()
        made.files[str(self.file)] = Version(digest_of(self.file.read_bytes()), False)
        return made

    # As crew ---------------------------------------------------------------------------------------------------------

    def wait_for(self, _task: object) -> None:
        """The run does not end before."""

    async def look_ahead(self) -> Scouted | None:
        self.done.append("scout")
        return self.finds.pop(0) if self.finds else Scouted(self.loaded(), self.parameters)

    async def replace_all(
        self, scouted: Scouted, settle: Callable[[], Awaitable[None]], switch: Callable[[], None]
    ) -> None:
        self.done.append("ended")
        await settle()
        self.versions = Versions()
        self.versions.adopt(scouted.loaded)
        switch()

    # As host ---------------------------------------------------------------------------------------------------------

    def emit(self, event: object) -> None:
        self.events.append(event)

    def warn(self, _topic: str, message: str) -> None:
        self.warnings.append(str(message))

    def advanced(self) -> None:
        self.done.append("advanced")

    def switched(self) -> None:
        self.done.append("switched")

    def publish(self) -> None:
        """Shown."""

    # What a test does ------------------------------------------------------------------------------------------------

    def told(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, is_so: Callable[[], object]) -> None:
        for _ in range(TURNS):
            if is_so():
                return
            await asyncio.sleep(0.01)
        raise AssertionError((self.done, self.events))


def run(folder: Path, check: Callable[[Run], Awaitable[None]], watching: Watching = Watching.CODE) -> None:
    async def go() -> None:
        made = Run(folder, watching)
        try:
            made.reloader.look()
            await check(made)
        finally:
            made.reloader.close()

    asyncio.run(go())


def _shows(made: Run, changed: int) -> bool:
    return len(made.reloader.shown.changed) == changed


def _warned(made: Run, times: int) -> bool:
    return len(made.warnings) >= times


def test_a_reload_ends_all_then_begins_anew_then_tells(tmp_path: Path) -> None:
    async def check(made: Run) -> None:
        made.finds = [Scouted(made.loaded(), ("bytes",), (b"seed",))]
        made.rechecking.over = False
        made.reloader.reload()
        await made.until(lambda: "advanced" in made.done)
        assert made.done == ["scout", "ended", "stored", "search [b'seed']", "board", "switched", "advanced"]
        await asyncio.sleep(0.05)
        made.reloader.tell()
        assert not made.told(Reloaded), "not before the crashers have run"
        made.rechecking.over = True
        made.reloader.tell()
        made.reloader.tell()
        (event,) = made.told(Reloaded)
        assert event.counts == ReloadCounts(fixed=1)
        assert made.reloader.shown.reloads == 1

    run(tmp_path, check)


@pytest.mark.parametrize(
    ("parameters", "problem", "said"),
    [((), label("parser.py:1: SyntaxError"), "parser.py:1: SyntaxError"), (("int",), NOTHING, "takes (int) now")],
)
def test_what_cannot_be_loaded_ends_nobody(
    tmp_path: Path, parameters: tuple[str, ...], problem: Any, said: str
) -> None:
    async def check(made: Run) -> None:
        made.finds = [Scouted(made.loaded(), parameters, problem=problem)]
        made.reloader.reload()
        await made.until(lambda: made.told(ReloadFailed))
        assert said in made.told(ReloadFailed)[0].why
        await asyncio.sleep(0.05)
        assert made.done == ["scout"]
        assert made.reloader.shown.reloads == 0

    run(tmp_path, check)


def test_what_is_only_touched_has_not_changed_and_what_is_undone_has_not_either(tmp_path: Path) -> None:
    async def check(made: Run) -> None:
        made.reloader._hint(frozenset({str(made.file)}))
        await asyncio.sleep(0.1)
        assert not made.told(CodeChanged)
        for content, changed in (("2", 1), ("1", 0)):
            made.file.write_text(content)
            made.reloader._hint(frozenset({str(made.file)}))
            await made.until(partial(_shows, made, changed))
        assert [len(event.files) for event in made.told(CodeChanged)] == [1, 0]

    run(tmp_path, check)


@pytest.mark.parametrize("watching", [Watching.CODE, Watching.RELOAD])
def test_only_who_asked_for_it_has_changed_code_loaded_by_itself(tmp_path: Path, watching: Watching) -> None:
    async def check(made: Run) -> None:
        made.file.write_text("2")
        made.reloader._hint(None)
        await made.until(lambda: made.told(CodeChanged))
        if watching is Watching.RELOAD:
            await made.until(lambda: made.told(Reloaded))
        else:
            await asyncio.sleep(0.6)
            assert made.done == []

    run(tmp_path, check, watching)


def test_what_could_not_be_loaded_is_tried_again_when_it_is_another_one(tmp_path: Path) -> None:
    async def check(made: Run) -> None:
        made.finds = [Scouted(made.loaded(), problem=label("no"))]
        made.file.write_text("2")
        made.reloader._hint(None)
        await made.until(lambda: made.told(ReloadFailed))
        for _ in range(3):
            made.reloader._hint(None)
            await asyncio.sleep(0.2)
        assert made.done == ["scout"], "nothing has changed since"
        made.file.write_text("3")
        made.reloader._hint(frozenset({str(made.file)}))
        await made.until(lambda: made.told(Reloaded))

    run(tmp_path, check, Watching.RELOAD)


def test_data_beside_the_code_that_changes_is_told_of_once_for_each_change(tmp_path: Path) -> None:
    data = tmp_path / "rules.json"
    data.write_text("{}")

    async def check(made: Run) -> None:
        await made.until(lambda: made.reloader._data)
        for number in (1, 2):
            data.write_text(f'{{"a": {number}}}')
            made.reloader._hint(frozenset({str(data)}))
            await made.until(partial(_warned, made, number))
        assert all("rules.json beside the code has changed" in each for each in made.warnings)
        assert made.done == []

    run(tmp_path, check)


# The process that looks ahead ---------------------------------------------------------------------------------------


class ScoutProcess(FakeProcess):
    """Ends when it is asked to."""

    def stop(self) -> None:
        self.ending: Ending | None = ending()
        self.ended.set()


def scouted(*results: Any) -> Scouted:
    """What a scout learns from a process that says these."""

    async def go() -> Scouted:
        process = ScoutProcess(answered_ping=False)
        process.stop_asked_at = None
        stint = Stint(-1, cast(Any, process))

        def start(member: Any, *, instrumented: bool, on_result: Any, on_end: Callable[[], None]) -> Stint:
            assert instrumented
            member.begin(stint)
            for result in results:
                on_result(stint, result)
            if not any(isinstance(result, Pong) for result in results):
                process.stop()
                on_end()
            return stint

        launcher = cast(Launcher, SimpleNamespace(start=start))
        options = cast(Any, SimpleNamespace(startup_timeout=5.0))
        found = await Scout(options, launcher).look()
        assert found is not None
        return found

    return asyncio.run(go())


def test_a_scout_tells_each_file_that_it_has_loaded_and_what_the_target_takes() -> None:
    found = scouted(Source(b"/a.py", b"1", False, "a"), Source(b"/b.py", b"2", True, "b"), Pong(["bytes"]))
    assert found.loaded.files == {"/a.py": Version(b"1", False), "/b.py": Version(b"2", True)}
    assert (found.parameters, found.problem) == (("bytes",), "")


def test_a_scout_says_where_the_target_cannot_be_loaded() -> None:
    failed = Failed("parser.py: cannot be loaded", True, error="SyntaxError: no", place="/parser.py:9")
    found = scouted(Source(b"/a.py", b"1", False, "a"), failed)
    assert found.problem == "/parser.py:9: SyntaxError: no"
    assert found.loaded.files, "so that these are watched"
    assert scouted().problem, "whatever it is"


def test_the_end_of_a_run_ends_its_scout() -> None:
    ended: list[Callable[[], None]] = []

    async def go() -> None:
        process = ScoutProcess(answered_ping=False)
        stint = Stint(-1, cast(Any, process))

        def start(member: Any, *, on_end: Callable[[], None], **_: object) -> Stint:
            member.begin(stint)
            ended.append(on_end)
            return stint

        options = SimpleNamespace(startup_timeout=60.0)
        place = cast(Any, SimpleNamespace(options=options, launcher=SimpleNamespace(start=start)))
        replacing = Replacing(place, cast(Any, None), lambda _member: None)
        looking = asyncio.create_task(replacing.look_ahead())
        await asyncio.sleep(0)
        replacing.end_scout()
        assert process.ended.is_set(), "asked to end"
        ended[0]()
        assert await looking is None

    asyncio.run(go())
