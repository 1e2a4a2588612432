import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from fuzztui.engine.keep import storage
from fuzztui.engine.keep.storage import TEMPORARY, prepare_cache_dir, replace, sweep, write_once


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("durable", [False, True])
def test_file_is_created_with_its_folder_and_never_rewritten(tmp_path: Path, durable: bool) -> None:
    folder = tmp_path / "a" / "b" / "c"
    assert write_once(folder, "x", b"first", durable) is True
    before = (folder / "x").stat()
    assert write_once(folder, "x", b"second", durable) is False
    assert (folder / "x").read_bytes() == b"first"
    assert (folder / "x").stat().st_ino == before.st_ino
    assert files(folder) == ["x"]


def test_record_is_replaced_as_a_whole(tmp_path: Path) -> None:
    replace(tmp_path, "x", b"long" * 1000)
    replace(tmp_path, "x", b"short")
    assert (tmp_path / "x").read_bytes() == b"short"
    assert files(tmp_path) == ["x"]


def test_large_file_is_written_whole(tmp_path: Path) -> None:
    data = os.urandom(3_000_000)
    write_once(tmp_path, "x", data)
    assert (tmp_path / "x").read_bytes() == data


def test_symbolic_link_in_the_files_place_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / "x").symlink_to(victim)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name in ("x", "dangling"):
        with pytest.raises(OSError, match="symbolic link") as caught:
            write_once(tmp_path, name, b"evil")
        assert caught.value.errno == errno.ELOOP
    replace(tmp_path, "x", b"new")
    assert victim.read_bytes() == b"precious"
    assert not (tmp_path / "x").is_symlink()
    assert not (tmp_path / "nowhere").exists()


def test_folder_in_the_files_place_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(OSError, match="no file"):
        write_once(tmp_path, "x", b"")
    with pytest.raises(OSError, match="directory"):
        replace(tmp_path, "x", b"")
    assert files(tmp_path) == ["x"]


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/etc/x", f"{TEMPORARY}1"])
def test_name_that_leaves_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be a file's name"):
        write_once(tmp_path, name, b"")


def test_planted_temporary_file_is_not_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    start = f"{psutil.Process().create_time():.2f}"
    os.link(victim, tmp_path / f"{TEMPORARY}{os.getpid()}-{start}-0")
    (tmp_path / f"{TEMPORARY}{os.getpid()}-{start}-1").symlink_to(victim)
    monkeypatch.setattr(storage, "_counter", iter(range(2)))
    for _ in range(2):
        with pytest.raises(OSError, match=r"File exists|symbolic links"):
            write_once(tmp_path, "x", b"evil")
    assert victim.read_bytes() == b"precious"


def test_failed_write_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_once(tmp_path, "x", b"data")
    assert files(tmp_path) == []


def test_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=r"Not a directory|File exists"):
        write_once(tmp_path / "file" / "folder", "x", b"")
    with pytest.raises(OSError, match=r"Not a directory|File exists"):
        write_once(tmp_path / "file", "x", b"")


def test_bytes_reach_the_disk_before_their_name_and_the_name_before_the_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, rename = os.fsync, Path.replace

    def spy_fsync(descriptor: int) -> None:
        steps.append("flush folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "flush file")  # noqa: PTH112
        fsync(descriptor)

    def spy_rename(self: Path, target: Path) -> Path:
        steps.append("rename")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", spy_fsync)
    monkeypatch.setattr(Path, "replace", spy_rename)
    write_once(tmp_path, "x", b"data")
    assert steps == ["flush file", "rename", "flush folder"]
    steps.clear()
    write_once(tmp_path / "new", "x", b"data")
    assert steps == ["flush folder", "flush file", "rename", "flush folder"]
    steps.clear()
    replace(tmp_path, "x", b"data", durable=False)
    assert steps == ["rename"]


def test_sweep_removes_what_dead_owners_left_and_nothing_else(tmp_path: Path) -> None:
    me, start = os.getpid(), psutil.Process().create_time()
    dead = subprocess.Popen(["true"])
    dead.wait(timeout=30)
    stale = [f"{TEMPORARY}{dead.pid}-{start:.2f}-0", f"{TEMPORARY}{me}-{start - 100:.2f}-0", f"{TEMPORARY}rubbish"]
    kept = [f"{TEMPORARY}{me}-{start:.2f}-7", "input", ".gitignore"]
    for name in stale + kept:
        (tmp_path / name).touch()
    assert sweep(tmp_path) == len(stale)
    assert files(tmp_path) == sorted(kept)
    assert sweep(tmp_path / "missing") == 0


def test_reader_beside_a_writer_that_is_killed_never_sees_half_a_file(tmp_path: Path) -> None:
    code = f"""
import itertools
from pathlib import Path
from fuzztui.engine.keep.storage import replace
for n in itertools.count():
    replace(Path({str(tmp_path)!r}), "x", bytes([n % 256]) * 100_000, durable=False)
    if n == 0:
        print("ready", flush=True)
"""
    for _ in range(3):
        writer = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        with writer.stdout:
            assert writer.stdout.readline() == b"ready\n"
            for _ in range(200):
                data = (tmp_path / "x").read_bytes()
                assert len(data) == 100_000
                assert len(set(data)) == 1
            writer.send_signal(signal.SIGKILL)
            writer.wait(timeout=30)
    sweep(tmp_path)
    assert files(tmp_path) == ["x"]


def test_temporary_name_tells_its_own_process_after_a_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    assert storage._own_start(os.getpid()) == psutil.Process().create_time()
    assert storage._own_start(1) == psutil.Process(1).create_time()


def test_cache_folder_is_left_alone_by_version_control_and_backups(tmp_path: Path) -> None:
    cache = tmp_path / ".fuzztui"
    prepare_cache_dir(cache)
    assert (cache / ".gitignore").read_text() == "*\n"
    assert (cache / "CACHEDIR.TAG").read_bytes().startswith(b"Signature: 8a477f597d28d172789f06886806bc55\n")
    (cache / ".gitignore").write_text("mine")
    prepare_cache_dir(cache)
    assert (cache / ".gitignore").read_text() == "mine"


def test_a_folder_that_a_person_made_is_not_hidden_from_version_control(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    prepare_cache_dir(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
