"""Whatever changes in a watched folder is told of, however it is changed."""

import asyncio
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from fuzztui.engine.keep import watcher
from fuzztui.engine.keep.mounts import Mount
from fuzztui.engine.keep.watcher import Watcher

DEADLINE = 20.0


class Watched:
    """A watcher of one folder and what it has told, on the loop of the test."""

    def __init__(self, folder: Path, *, polls: bool) -> None:
        self.folder = folder
        self.hints: list[frozenset[str] | None] = []
        self.sentences: list[str] = []
        self._news = asyncio.Event()
        self._watcher = Watcher(self._hint, self.sentences.append, polls=polls)
        self._watcher.watch([str(folder)])

    def _hint(self, paths: frozenset[str] | None) -> None:
        self.hints.append(paths)
        self._news.set()

    async def told(self, is_meant: Callable[[frozenset[str] | None], bool]) -> None:
        async with asyncio.timeout(DEADLINE):
            while not any(is_meant(paths) for paths in self.hints):
                self._news.clear()
                await self._news.wait()

    async def ready(self) -> None:
        """Watched, and all is told that was before."""
        await self.told(lambda paths: paths is None)
        self.hints.clear()

    async def told_of(self, name: str) -> None:
        await self.told(lambda paths: paths is None or str(self.folder / name) in paths)
        self.hints.clear()

    def close(self) -> None:
        self._watcher.close()


def watched(folder: Path, polls: bool, check: Callable[[Watched], object]) -> None:
    async def run() -> None:
        made = Watched(folder, polls=polls)
        try:
            await check(made)  # type: ignore[misc]
        finally:
            made.close()
        assert not any(thread.name == "watches files" for thread in threading.enumerate())

    asyncio.run(run())


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher, "LOOK_AGAIN", 0.02)


def written(folder: Path) -> None:
    (folder / "a.py").write_text("2")


def renamed_over(folder: Path) -> None:
    (folder / ".a.py.swp").write_text("2")
    (folder / ".a.py.swp").rename(folder / "a.py")


def removed(folder: Path) -> None:
    (folder / "a.py").unlink()


def moved_away_and_made_again(folder: Path) -> None:
    (folder / "a.py").rename(folder / "a.py~")
    (folder / "a.py").write_text("1")


def linked(folder: Path) -> None:
    (folder / "a.py").unlink()
    (folder / "a.py").symlink_to(folder / "nowhere")


@pytest.mark.parametrize("polls", [False, True], ids=["told", "looks"])
@pytest.mark.parametrize("edit", [written, renamed_over, removed, moved_away_and_made_again, linked])
def test_every_way_to_change_a_file_is_told_of(tmp_path: Path, edit: Callable[[Path], None], polls: bool) -> None:
    (tmp_path / "a.py").write_text("1")

    async def check(made: Watched) -> None:
        await made.ready()
        edit(tmp_path)
        await made.told_of("a.py")

    watched(tmp_path, polls, check)


@pytest.mark.parametrize("polls", [False, True], ids=["told", "looks"])
def test_a_file_that_is_written_twice_within_a_moment_is_told_of_twice(tmp_path: Path, polls: bool) -> None:
    async def check(made: Watched) -> None:
        await made.ready()
        for content in ("1", "2", "3"):
            (tmp_path / "a.py").write_text(content)
            await made.told_of("a.py")

    watched(tmp_path, polls, check)


@pytest.mark.parametrize("polls", [False, True], ids=["told", "looks"])
def test_a_folder_that_is_removed_and_made_again_is_watched_again(tmp_path: Path, polls: bool) -> None:
    folder = tmp_path / "package" / "sub"
    folder.mkdir(parents=True)

    async def check(made: Watched) -> None:
        await made.ready()
        shutil.rmtree(tmp_path / "package")
        await made.told(lambda paths: paths is None)  # anything may have changed
        made.hints.clear()
        folder.mkdir(parents=True)
        await made.told(lambda paths: paths is None)
        made.hints.clear()
        (folder / "a.py").write_text("1")
        await made.told_of("a.py")

    watched(folder, polls, check)


def test_another_folder_in_the_place_of_one_is_watched(tmp_path: Path) -> None:
    folder, other = tmp_path / "one", tmp_path / "other"
    folder.mkdir()
    other.mkdir()

    async def check(made: Watched) -> None:
        await made.ready()
        folder.rename(tmp_path / "gone")
        other.rename(folder)
        await made.told(lambda paths: paths is None)
        made.hints.clear()
        (folder / "a.py").write_text("1")
        await made.told_of("a.py")

    watched(folder, False, check)


def test_where_the_system_has_no_watches_left_the_folders_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(*_: object) -> None:
        raise OSError("OS file watch limit reached.")

    monkeypatch.setattr(watcher, "_notify", none_left)

    async def check(made: Watched) -> None:
        await made.ready()
        written(tmp_path)
        await made.told_of("a.py")
        assert made.sentences == ["files are watched by looking at them each second: OS file watch limit reached."]

    watched(tmp_path, False, check)


def test_folders_that_another_machine_keeps_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher, "mount_of", lambda *_: Mount("/", "/", "nfs4", frozenset()))
    monkeypatch.setattr(watcher, "_notify", None)  # not even tried

    async def check(made: Watched) -> None:
        await made.ready()
        written(tmp_path)
        await made.told_of("a.py")
        assert made.sentences == []

    watched(tmp_path, False, check)


def test_other_folders_are_watched_when_they_are_named(tmp_path: Path) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    first.mkdir()
    second.mkdir()

    async def check(made: Watched) -> None:
        await made.ready()
        made._watcher.watch([str(first), str(second)])
        await made.ready()
        (second / "a.py").touch()
        await made.told(lambda paths: paths is not None and str(second / "a.py") in paths)

    watched(first, False, check)


def test_a_folder_that_is_moved_away_and_back_or_has_a_link_in_its_place_is_watched_on(tmp_path: Path) -> None:
    folder, moved = tmp_path / "package", tmp_path / "moved"
    folder.mkdir()

    async def check(made: Watched) -> None:
        made._watcher.watch([str(tmp_path), str(folder)])  # who watches the folder above hears of the move
        await made.ready()
        for number in (0, 1):
            folder.rename(moved)
            if number:
                folder.symlink_to(moved)
            else:
                moved.rename(folder)
            await made.told(lambda paths: paths is None or str(folder) in paths)
            await asyncio.sleep(0.2)  # what the move itself is told of
            made.hints.clear()
            (moved if number else folder).joinpath("a.py").write_text(str(number))
            await made.told(lambda paths: paths is not None and any(path.endswith("a.py") for path in paths))
            made.hints.clear()

    watched(folder, False, check)
