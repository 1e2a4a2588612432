"""The store that is a folder: what nodes write there, and what anybody else does."""

import errno
import os
import threading
import time
from pathlib import Path

import pytest

from fuzztui.engine.share import folder as module
from fuzztui.engine.share import notices
from fuzztui.engine.share.folder import LONGEST_FILE, FolderStore
from fuzztui.engine.share.stir import Stir
from fuzztui.engine.share.store import START, RefusedError, StoreError
from tests.support import wait_for

TOPIC, ME, OTHER = "0" * 32, "me.00000000", "other.11111111"


def stores(root: Path) -> tuple[FolderStore, FolderStore]:
    mine, others = FolderStore(root, TOPIC, ME), FolderStore(root, TOPIC, OTHER)
    assert mine.open() == others.open()
    return mine, others


def read(store: FolderStore, after: str = START) -> list[bytes]:
    return [told.content for told in store.read({OTHER: after}, 0.0, Stir())]


def test_what_is_published_is_read_in_order_and_once(tmp_path: Path) -> None:
    mine, others = stores(tmp_path)
    others.publish([b"a", b"b"])
    others.publish([])
    others.publish([b"c"])
    told = mine.read({OTHER: START}, 0.0, Stir())
    assert [each.content for each in told] == [b"a", b"b", b"c"]
    others.publish([b"d"])
    assert read(mine, told[-1].position) == [b"d"]


def test_who_comes_back_after_a_break_goes_on_where_it_was(tmp_path: Path) -> None:
    mine, others = stores(tmp_path)
    others.publish([b"a"])
    others.publish([b"b"])
    again = FolderStore(tmp_path, TOPIC, OTHER)
    again.open()
    again.publish([b"c"])
    others.publish([b"d"])  # its file is there, whoever has made it
    assert read(mine) == [b"a", b"b", b"c", b"d"]


def test_how_nodes_fare_is_what_they_said_last(tmp_path: Path) -> None:
    mine, others = stores(tmp_path)
    others.tell(b"first")
    others.tell(b"second")
    assert mine.beats() == {OTHER: b"second"}


def test_a_missing_file_keeps_nobody_waiting_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, others = stores(tmp_path)
    for name in (b"a", b"b", b"c"):
        others.publish([name])
    (tmp_path / TOPIC / OTHER / "0000000001").unlink()
    assert read(mine) == [b"b", b"c"]
    assert read(mine, "3") == []
    others.publish([b"d"])
    (tmp_path / TOPIC / OTHER / "0000000004").unlink()
    others.publish([b"e"])
    assert read(mine, "3") == []  # it has looked a moment ago
    monkeypatch.setattr(module, "LOOK_FURTHER", 0.0)
    assert read(mine, "3") == [b"e"]


def test_what_no_node_has_written_is_nothing(tmp_path: Path) -> None:
    mine, others = stores(tmp_path)
    others.publish([b"a"])
    home = tmp_path / TOPIC / OTHER
    (home / "0000000002").write_bytes(b"nonsense")
    (home / "0000000003").symlink_to("/etc/passwd")
    os.mkfifo(home / "0000000004")
    (home / "0000000005").mkdir()
    with (home / "0000000006").open("wb") as large:
        large.truncate(LONGEST_FILE + 1)
    (home / ".0000000007.tmp").write_bytes(b"")
    others._written = 6
    others.publish([b"b"])
    assert read(mine) == [b"a", b"", b"", b"", b"", b"", b"b"]


def test_folders_of_others_are_no_nodes(tmp_path: Path) -> None:
    mine, others = stores(tmp_path)
    others.tell(b"x")
    for name in ("x", "a.b", ".hidden.00000000", "a b.00000000", "x" * 60 + ".00000000"):
        (tmp_path / TOPIC / name).mkdir()
    (tmp_path / TOPIC / "link.22222222").symlink_to("/etc")
    (tmp_path / TOPIC / "file.33333333").write_bytes(b"")
    assert mine.beats() == {OTHER: b"x"}
    assert mine.read(dict.fromkeys(("link.22222222", "file.33333333"), START), 0.0, Stir()) == []


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "not mounted", TOPIC, ME)
    with pytest.raises(StoreError, match="there is no folder"):
        store.open()
    assert not (tmp_path / "not mounted").exists()


def test_a_folder_that_is_unmounted_meanwhile_is_away_and_another_one_is_told_apart(tmp_path: Path) -> None:
    root = tmp_path / "shared"
    root.mkdir()
    mine, _ = stores(root)
    first = mine.open()
    root.rename(tmp_path / "away")
    for use in (lambda: mine.publish([b"x"]), lambda: mine.tell(b"x"), mine.beats, mine.open):
        with pytest.raises(StoreError):
            use()
    root.mkdir()
    assert mine.open() != first


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_a_full_disk_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    mine, others = stores(tmp_path)
    others.publish([b"a"])

    def full(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code), "there")

    with monkeypatch.context() as patch:
        patch.setattr(module, "write_once", full)
        patch.setattr(module, "replace", full)
        with pytest.raises(RefusedError, match=os.strerror(code)):
            mine.publish([b"x"])
        with pytest.raises(RefusedError):
            mine.tell(b"x")
        assert read(mine) == [b"a"]
    mine.publish([b"x"])
    assert [each.content for each in others.read({ME: START}, 0.0, Stir())] == [b"x"]


def test_where_looking_takes_long_it_is_done_less_often(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = FolderStore(tmp_path, TOPIC, ME)
    mine.open()
    assert mine.pause == module.PAUSE
    used = iter((0.0, 0.01, 0.0, 60.0))
    monkeypatch.setattr(time, "thread_time", lambda: next(used))
    assert read(mine) == []
    assert mine.pause == pytest.approx(1.0)
    assert read(mine) == []
    assert mine.pause == module.LONGEST_PAUSE


@pytest.mark.parametrize("knows", [True, False])
def test_a_reading_that_waits_is_told_of_a_new_file_by_who_knows_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, knows: bool
) -> None:
    if not knows:
        monkeypatch.setattr(notices, "MOST_FOLDERS", 0)
        monkeypatch.setattr(module, "PAUSE", 0.01)
    else:
        monkeypatch.setattr(module, "PAUSE", 60.0)
        monkeypatch.setattr(module, "LONGEST_PAUSE", 60.0)
    mine, others = stores(tmp_path)
    others.publish([b"a"])
    stir, found = Stir(), list[bytes]()

    def wait() -> None:
        while not found:
            found.extend(told.content for told in mine.read({OTHER: "1"}, 30.0, stir))

    waiting = threading.Thread(target=wait)
    waiting.start()
    if knows:
        wait_for(lambda: mine._notices._folders, "the watch")
    others.tell(b"how it fares wakes nobody")
    others.publish([b"b"])
    waiting.join(20.0)
    assert found == [b"b"]


def test_a_reading_that_waits_gives_way_to_what_is_to_be_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAUSE", 60.0)
    monkeypatch.setattr(module, "LONGEST_PAUSE", 60.0)
    mine, others = stores(tmp_path)
    others.publish([b"a"])
    stir = Stir()
    stir.set()
    assert mine.read({OTHER: "1"}, 3600.0, stir) == []
