import errno
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fuzztui.engine.keep.storage import (
    Drawer,
    Folder,
    NotRegularError,
    TooLongError,
    contents,
    prepare_cache_dir,
    remove,
    replace,
    sizes,
    sweep,
    write_once,
)
from fuzztui.protocol import files as protocol_files
from fuzztui.protocol.files import TEMPORARY, open_folder


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def started(pid: int | None = None) -> int:
    """When a process was started, as the system counts."""
    return int(Path(f"/proc/{pid or os.getpid()}/stat").read_text().rpartition(")")[2].split()[19])


def everything(folder: Path) -> dict[str, bytes | None]:
    return {str(path): path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))}


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
    with pytest.raises(OSError, match="x is no file: remove it"):
        write_once(tmp_path, "x", b"")
    with pytest.raises(OSError, match="directory"):
        replace(tmp_path, "x", b"")
    with pytest.raises(OSError, match="x is no file: remove it"):
        remove(tmp_path, "x")
    assert files(tmp_path) == ["x"]


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/etc/x", f"{TEMPORARY}1"])
def test_name_that_leaves_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be a file's name"):
        write_once(tmp_path, name, b"")


def test_planted_temporary_file_is_not_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    os.link(victim, tmp_path / f"{TEMPORARY}{os.getpid()}-{started()}-0")
    (tmp_path / f"{TEMPORARY}{os.getpid()}-{started()}-1").symlink_to(victim)
    monkeypatch.setattr(protocol_files, "_counter", iter(range(2)))
    for _ in range(2):
        with pytest.raises(OSError, match=r"File exists|symbolic links"):
            write_once(tmp_path, "x", b"evil")
    assert victim.read_bytes() == b"precious"


def test_failed_write_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(protocol_files, "fsync", full)
    with pytest.raises(OSError, match="No space left") as caught:
        write_once(tmp_path, "x", b"data")
    assert caught.value.filename == str(tmp_path / "x")
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
    fsync, rename = os.fsync, os.rename

    def spy_fsync(descriptor: int) -> None:
        steps.append("flush folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "flush file")  # noqa: PTH112
        fsync(descriptor)

    def spy_rename(source: str, target: str, **folders: int) -> None:
        steps.append("rename")
        rename(source, target, **folders)

    monkeypatch.setattr(protocol_files, "fsync", spy_fsync)
    monkeypatch.setattr(protocol_files, "rename", spy_rename)
    write_once(tmp_path, "x", b"data")
    assert steps == ["flush file", "rename", "flush folder"]
    steps.clear()
    write_once(tmp_path / "new", "x", b"data")
    assert steps == ["flush folder", "flush file", "rename", "flush folder"]
    steps.clear()
    write_once(Folder(tmp_path, ("inner", "most")), "x", b"data")
    assert steps == ["flush folder", "flush folder", "flush file", "rename", "flush folder"]
    steps.clear()
    replace(tmp_path, "x", b"data", durable=False)
    assert steps == ["rename"]


def ended() -> int:
    process = subprocess.Popen(["true"])
    process.wait(timeout=30)
    return process.pid


def test_sweep_removes_what_ended_owners_left_and_keeps_what_a_living_one_writes(tmp_path: Path) -> None:
    stale = [f"{TEMPORARY}{ended()}-{started()}-0", f"{TEMPORARY}{os.getpid()}-{started() - 100}-3"]
    kept = [f"{TEMPORARY}{os.getpid()}-{started()}-7", f"{TEMPORARY}1-{started(1)}-0", "input"]
    for name in stale + kept:
        (tmp_path / name).touch()
    assert sweep(tmp_path) == len(stale)
    assert files(tmp_path) == sorted(kept)
    assert sweep(tmp_path / "missing") == 0


@pytest.mark.parametrize(
    "form",
    [
        *(".tmp-rubbish", ".tmp-", ".tmp", ".tmp-{pid}", ".tmp-{pid}-1", ".tmp-{pid}-1-", ".tmp-{pid}-1-2-3"),
        *(".tmp-{pid}-1-2.swp", ".tmp-{pid}-x-2", ".tmp-x-1-2", ".tmp-{pid}-1.5-2", ".tmp--1-1-2", ".tmp-0-1-2"),
        *("x.tmp-{pid}-1-2", "tmp-{pid}-1-2", ".tmp-²-1-2", ".tmp-{pid}-٣-2", ".tmp-99999999999-1-2", ".gitignore"),
    ],
)
def test_sweep_removes_nothing_that_only_begins_like_ours(tmp_path: Path, form: str) -> None:
    name = form.format(pid=ended())
    (tmp_path / name).write_bytes(b"precious")
    assert sweep(tmp_path) == 0
    assert (tmp_path / name).read_bytes() == b"precious"


def test_sweep_tells_what_it_cannot_remove_and_removes_the_rest(tmp_path: Path) -> None:
    pid = ended()
    (tmp_path / f"{TEMPORARY}{pid}-1-0").mkdir()
    (tmp_path / f"{TEMPORARY}{pid}-1-1").touch()
    (tmp_path / f"{TEMPORARY}{pid}-1-2").symlink_to("/etc/passwd")
    with pytest.raises(OSError, match="is no file") as caught:
        sweep(tmp_path)
    assert caught.value.filename == str(tmp_path / f"{TEMPORARY}{pid}-1-0")
    assert files(tmp_path) == [f"{TEMPORARY}{pid}-1-0", f"{TEMPORARY}{pid}-1-2"]


def test_owner_whose_start_is_not_told_lives_as_long_as_its_number_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale, kept = f"{TEMPORARY}{ended()}-0-0", f"{TEMPORARY}{os.getpid()}-0-0"
    for name in (stale, kept):
        (tmp_path / name).touch()
    monkeypatch.setattr(protocol_files, "_start", lambda pid: None)
    assert sweep(tmp_path) == 1
    assert files(tmp_path) == [kept]


# Links ------------------------------------------------------------------------------------------------------------

PARTS = (".fuzztui", "corpus", "fuzz_x.py", "fuzz_x")

OPERATIONS: dict[str, Callable[[Folder], object]] = {
    "write_once": lambda folder: write_once(folder, "new", b"evil"),
    "write_once, not durable": lambda folder: write_once(folder, "new", b"evil", durable=False),
    "replace": lambda folder: replace(folder, "file", b"evil"),
    "remove": lambda folder: remove(folder, "file"),
    "sweep": sweep,
    "contents": lambda folder: contents(folder, 1000),
    "sizes": sizes,
    "prepare_cache_dir": prepare_cache_dir,
}


@pytest.mark.parametrize("depth", range(len(PARTS)))
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("made", ["all below", "nothing below"])
def test_no_component_of_a_path_leads_out_of_the_project(tmp_path: Path, depth: int, operation: str, made: str) -> None:
    project, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    target = elsewhere.joinpath(*PARTS[depth + 1 :]) if made == "all below" else elsewhere
    target.mkdir(parents=True)
    (target / "file").write_bytes(b"precious")
    (target / f"{TEMPORARY}{ended()}-1-0").write_bytes(b"precious")
    link = project.joinpath(*PARTS[: depth + 1])
    link.parent.mkdir(parents=True)
    link.symlink_to(elsewhere)
    before = everything(elsewhere)
    with pytest.raises(OSError, match=rf"^\[Errno 40\] {PARTS[depth]} is a symbolic link, .*: put a folder") as caught:
        OPERATIONS[operation](Folder(project, PARTS))
    assert caught.value.filename == str(link)
    assert everything(elsewhere) == before


@pytest.mark.parametrize("target", ["/dev", "..", "nowhere", "../elsewhere/missing", ".fuzztui"])
def test_a_link_is_refused_wherever_it_leads(tmp_path: Path, target: str) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / ".fuzztui").symlink_to(target)
    with pytest.raises(OSError, match=r"\.fuzztui is a symbolic link"):
        write_once(Folder(project, PARTS), "x", b"data")
    assert files(project) == [".fuzztui"]
    assert files(tmp_path) == ["project"]


@pytest.mark.parametrize("depth", range(len(PARTS)))
def test_a_file_in_a_folders_place_is_named(tmp_path: Path, depth: int) -> None:
    in_the_way = tmp_path.joinpath(*PARTS[: depth + 1])
    in_the_way.parent.mkdir(parents=True, exist_ok=True)
    in_the_way.touch()
    with pytest.raises(NotADirectoryError, match=f"{PARTS[depth]} is no folder: put one in its place") as caught:
        write_once(Folder(tmp_path, PARTS), "x", b"data")
    assert caught.value.filename == str(in_the_way)
    assert contents(Folder(tmp_path, PARTS), 100) == []
    assert sweep(Folder(tmp_path, PARTS)) == 0


def test_links_above_the_root_and_the_root_itself_are_followed(tmp_path: Path) -> None:
    (tmp_path / "real" / "project").mkdir(parents=True)
    (tmp_path / "work").symlink_to("real")
    (tmp_path / "here").symlink_to("work/project")
    for number, root in enumerate((tmp_path / "work" / "project", tmp_path / "here")):
        assert write_once(Folder(root, PARTS), f"{number}", b"data")
        assert contents(Folder(root, PARTS), 10)[-1] == (root.joinpath(*PARTS, f"{number}"), b"data")
    assert files((tmp_path / "real" / "project").joinpath(*PARTS)) == ["0", "1"]
    assert remove(Folder(tmp_path / "here", PARTS), "0")
    assert write_once(tmp_path / "here", "plain", b"data")
    assert sweep(tmp_path / "here") == 0


def test_a_folder_exchanged_for_a_link_after_it_was_opened_moves_nothing(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "x").write_bytes(b"precious")
    with open_folder(str(tmp_path), ("inner",), make=True) as opened:
        (tmp_path / "inner").rename(tmp_path / "away")
        (tmp_path / "inner").symlink_to(victim)
        opened.write("x", b"data")
        opened.write("y", b"data")
        assert opened.remove("y")
    assert files(victim) == ["x"]
    assert (victim / "x").read_bytes() == b"precious"
    assert (tmp_path / "away" / "x").read_bytes() == b"data"


def test_a_folder_that_is_written_to_again_and_again_is_looked_for_where_it_lay(tmp_path: Path) -> None:
    folder = Folder(tmp_path, PARTS)
    drawer = Drawer(folder)
    assert drawer.write_once("0", b"data")
    assert not drawer.write_once("0", b"other")
    shutil.rmtree(folder.path)
    assert drawer.write_once("1", b"data")
    folder.path.rename(tmp_path / "away")
    assert drawer.write_once("2", b"data")
    assert files(folder.path) == ["2"]
    assert files(tmp_path / "away") == ["1"]
    folder.path.rename(tmp_path / "away too")
    folder.path.symlink_to(tmp_path / "away")
    with pytest.raises(OSError, match="symbolic link"):
        drawer.write_once("3", b"data")
    folder.path.unlink()
    with pytest.raises(ValueError, match="cannot be a file's name"):
        drawer.write_once("../3", b"data")
    assert drawer.write_once("3", b"data")
    assert files(tmp_path / "away") == ["1"]


def test_a_folder_that_is_written_to_again_and_again_is_let_go_of(tmp_path: Path) -> None:
    before = set(Path("/proc/self/fd").iterdir())
    drawer = Drawer(tmp_path / "folder")
    for number in range(3):
        drawer.write_once(f"{number}", b"data")
    assert len(set(Path("/proc/self/fd").iterdir()) - before) == 1
    del drawer
    assert set(Path("/proc/self/fd").iterdir()) == before


@pytest.mark.parametrize("parts", [("..",), ("a", "..", "b"), ("a/b",), ("",), (".",), ("/etc",)])
def test_parts_that_do_not_lead_down_are_no_folder(tmp_path: Path, parts: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="do not lead down"):
        Folder(tmp_path, parts)


# Removing and reading ---------------------------------------------------------------------------------------------


def test_remove_takes_one_regular_file_and_nothing_else(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    folder = Folder(tmp_path, ("inner",))
    assert remove(folder, "x") is False
    write_once(folder, "x", b"data")
    assert remove(folder, "x") is True
    assert remove(folder, "x") is False
    (folder / "link").symlink_to(victim)
    os.mkfifo(folder / "pipe")
    (folder / "folder").mkdir()
    for name in ("link", "pipe", "folder"):
        with pytest.raises(OSError, match="remove it") as caught:
            remove(folder, name)
        assert caught.value.filename == str(folder / name)
    for name in ("..", "../victim", f"{TEMPORARY}1-1-1"):
        with pytest.raises(ValueError, match="cannot be a file's name"):
            remove(folder, name)
    assert files(folder.path) == ["folder", "link", "pipe"]
    assert victim.read_bytes() == b"precious"


def odd_things(folder: Path) -> dict[str, str]:
    """One of each kind that is no regular file, and what is said of it."""
    os.mkfifo(folder / "fifo")
    (folder / "folder").mkdir()
    os.mknod(folder / "socket", stat.S_IFSOCK | 0o600)
    (folder / "to-device").symlink_to("/dev/zero")
    (folder / "to-fifo").symlink_to("fifo")
    (folder / "to-folder").symlink_to("folder")
    (folder / "to-nowhere").symlink_to("nowhere")
    (folder / "to-itself").symlink_to("to-itself")
    nowhere = "a symbolic link that leads nowhere"
    return {
        "fifo": "a FIFO, not a regular file",
        "folder": "a folder, not a regular file",
        "socket": "a socket, not a regular file",
        "to-device": "a device, not a regular file",
        "to-fifo": "a FIFO, not a regular file",
        "to-folder": "a folder, not a regular file",
        "to-nowhere": nowhere,
        "to-itself": nowhere,
    }


def test_what_is_no_regular_file_is_told_and_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = odd_things(tmp_path)
    (tmp_path / "input").write_bytes(b"data")
    (tmp_path / "to-input").symlink_to("input")
    opened: list[str] = []
    open_file = os.open

    def spy(path: str, *arguments: int, **options: Any) -> int:
        opened.append(path)
        return open_file(path, *arguments, **options)

    monkeypatch.setattr(protocol_files, "open_file", spy)
    followed = {path.name: content for path, content in contents(tmp_path, 100, follow=True)}
    assert followed.pop("input") == followed.pop("to-input") == b"data"
    assert {name: getattr(content, "strerror", content) for name, content in followed.items()} == odd
    assert all(isinstance(content, NotRegularError) for content in followed.values())
    assert opened == [str(tmp_path), "input", "to-input"]
    plain = {path.name: content for path, content in contents(tmp_path, 100)}
    assert plain.pop("input") == b"data"
    assert all(isinstance(content, NotRegularError) for content in plain.values())
    assert len(plain) == len(odd) + 1
    assert sizes(tmp_path) == [4]
    assert sizes(tmp_path, follow=True) == [4, 4]


def test_a_fifo_that_takes_a_files_place_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "x")
    (tmp_path / "file").touch()
    status = (tmp_path / "file").stat()
    monkeypatch.setattr(protocol_files, "stat", lambda *_, **__: status)
    ((_, content),) = [entry for entry in contents(tmp_path, 100) if entry[0].name == "x"]
    assert isinstance(content, NotRegularError)


def test_a_file_that_is_too_long_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    (tmp_path / "fits").write_bytes(b"x" * 100)
    (tmp_path / "over").write_bytes(b"x" * 101)
    amounts: list[int] = []
    read = os.read

    def spy(descriptor: int, most: int) -> bytes:
        amounts.append(most)
        return read(descriptor, most)

    monkeypatch.setattr(protocol_files, "read", spy)
    found = {path.name: content for path, content in contents(tmp_path, 100)}
    assert found["fits"] == b"x" * 100
    for name, size in (("sparse", 1 << 40), ("over", 101)):
        error = found[name]
        assert isinstance(error, TooLongError)
        assert error.strerror == f"{size} bytes, at most 100 fit"
        assert error.filename == str(tmp_path / name)
    assert amounts == [101, 1], "no byte of the others"


def test_a_file_that_has_no_end_is_read_only_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    # Of files in /proc the size is 0 whatever they hold.
    with pytest.raises(TooLongError, match="more bytes than the 10 that fit"):
        protocol_files.read_regular("/proc/self/status", 10)


def test_a_file_that_another_session_removes_meanwhile_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).write_bytes(b"data")
    open_file = os.open

    def remove_first(path: str, *arguments: int, **options: Any) -> int:
        if path == "b":
            (tmp_path / "b").unlink()
        return open_file(path, *arguments, **options)

    monkeypatch.setattr(protocol_files, "open_file", remove_first)
    assert [path.name for path, _ in contents(tmp_path, 100)] == ["a", "c"]


def test_of_many_creators_at_once_exactly_one_succeeds(tmp_path: Path) -> None:
    results: list[tuple[bool, bytes]] = []

    def create(number: int) -> None:
        with open_folder(str(tmp_path)) as opened:
            data = bytes([number]) * 1000
            results.append((opened.create("x", data), data))

    threads = [threading.Thread(target=create, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ((_, winner),) = [result for result in results if result[0]]
    assert (tmp_path / "x").read_bytes() == winner
    assert files(tmp_path) == ["x"]


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


@pytest.mark.parametrize("way", ["write_once", "replace"])
@pytest.mark.parametrize("times", [1, 2])
def test_a_file_is_written_though_somebody_who_cannot_see_our_process_sweeps_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, times: int
) -> None:
    """A process in another container, say, that shares the folder."""
    swept = 0

    def sweep_first(source: str, target: str, **folders: int) -> None:
        nonlocal swept
        if swept < times:
            swept += 1
            os.unlink(source, dir_fd=folders["src_dir_fd"])
        os.rename(source, target, **folders)  # noqa: PTH104

    monkeypatch.setattr("fuzztui.protocol.files.rename", sweep_first)
    {"write_once": write_once, "replace": replace}[way](tmp_path, "x", b"data")
    assert swept == times
    assert (tmp_path / "x").read_bytes() == b"data"
    assert files(tmp_path) == ["x"]


def test_temporary_name_tells_its_own_process_after_a_fork(tmp_path: Path) -> None:
    names: list[str] = []
    code = f"""
import os, sys
from fuzztui.protocol import files
files.rename = lambda source, *_, **__: print(source, flush=True)
with files.open_folder({str(tmp_path)!r}) as folder:
    folder.write("x", b"")
    if os.fork():
        os.wait()
    else:
        folder.write("x", b"")
        start = open("/proc/self/stat").read().rpartition(")")[2].split()[19]
        print(f".tmp-{{os.getpid()}}-{{start}}-1", flush=True)
"""
    names = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    parent, child, expected = names
    assert child == expected
    assert child.split("-")[1] != parent.split("-")[1]


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
