"""Whether the folders of a run take what it writes: what is there, on which file system, and a file on trial."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fuzztui.doctor.check import Examination, Finding, combined, note, ok, problem
from fuzztui.doctor.machine import read
from fuzztui.engine.keep.mounts import Mount, mount_of, mounts
from fuzztui.engine.keep.places import current_directory, is_folder_gone, shown_path
from fuzztui.engine.keep.storage import Folder, remove, replace
from fuzztui.engine.show.text import NOTHING, Visible, label, os_error, say, size
from fuzztui.words.sentences import plural

AREA: Final = "files"

LITTLE_SPACE: Final = 10 << 20
"""Bytes that one run of a few minutes can fill with its generated corpus and its records."""

SOME_SPACE: Final = 200 << 20
LITTLE_INODES: Final = 1_000
"""Files that a run of a few minutes makes: each input is one."""

TRIAL: Final = f".fuzztui-doctor-{os.getpid()}"


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that a run writes to, as it is found, or the nearest one above it that is there."""

    folder: Path
    existing: Path
    """The part of the path that is there."""
    mount: Mount | None
    free: int
    """Bytes that this user may fill."""
    inodes: int | None
    """Files that can be made; None where the file system does not count them."""
    refusal: Visible
    """Why a file could not be written, flushed, renamed and removed there; empty if it could."""


def read_place(folder: Folder) -> Place:
    """Look at a folder, and write a small file to it, or to the nearest one above, that is removed at once.

    No folder is made. OSError where not even the root of the trusted path, nor one above it, can be looked at.
    """
    existing = _existing(folder)
    # A link that leads nowhere is on the file system of the folder that it lies in.
    status = os.statvfs(existing.path if existing.path.exists() else existing.path.parent)
    mount = mount_of(os.path.realpath(existing.path), mounts(read("/proc/self/mountinfo")))
    return Place(
        folder=folder.path,
        existing=existing.path,
        mount=mount,
        free=status.f_bavail * status.f_frsize,
        inodes=status.f_favail if status.f_files else None,
        refusal=_trial(existing),
    )


def _existing(folder: Folder) -> Folder:
    """As much of the path as is there; a link that leads nowhere is there, too."""
    for length in range(len(folder.parts), -1, -1):
        part = Folder(folder.root, folder.parts[:length])
        if os.path.lexists(part.path):
            return part
    root = folder.root
    while not root.exists() and root != root.parent:
        root = root.parent
    return Folder(root)


def _trial(folder: Folder) -> Visible:
    try:
        replace(folder, TRIAL, b"written to see whether that works\n")
        remove(folder, TRIAL)
    except OSError as error:
        return os_error(error)
    return NOTHING


def place(one: Place, advice: Visible, *, is_needed: bool) -> Finding:
    """Whether a run can keep something there; `advice`: what to do if not, `is_needed`: whether it loses something."""
    refused = problem if is_needed else note
    kind = one.mount.kind if one.mount is not None else "unknown file system"
    free = say("{} free", size(one.free))
    findings = []
    if one.mount is not None and one.mount.is_read_only:
        findings.append(refused(label("mounted read-only"), advice))
    elif one.refusal:
        findings.append(refused(one.refusal, advice))
    elif one.free < LITTLE_SPACE:
        findings.append(problem(NOTHING, say("Make room on the disk. {}", advice)))
    elif one.free < SOME_SPACE:
        findings.append(note(NOTHING, label("There is little room: a long run may fill it.")))
    if not findings and one.inodes is not None and one.inodes < LITTLE_INODES:
        few = label("Remove files: each input is one, and hardly any can be made.")
        findings.append(problem(say("room for {}", plural(one.inodes, "file")), few))
    if one.mount is not None and one.mount.is_network:
        findings.append(note(NOTHING, label("Another machine keeps these files: flushing a crasher takes long there.")))
    if one.mount is not None and one.mount.is_caseless:
        findings.append(
            note(NOTHING, label("Names that differ in case only are one: so are the inputs of such targets."))
        )
    return combined(say("{} ({}, {})", shown_path(one.folder), kind, free), findings)


def current(*, is_gone: bool, is_needed: bool) -> Finding:
    """The folder that we are in; `is_needed`: whether anything is to be found from there."""
    if not is_gone:
        return ok("{}", current_directory())
    advice = label("Go to another one, or into the one that has its name now: nothing can be named from here.")
    return (problem if is_needed else note)(label("has been removed"), advice)


def project(folder: Path, mount: Mount | None) -> Finding:
    """The folder that targets are imported from."""
    kind = mount.kind if mount is not None else "unknown file system"
    value = say("{} ({})", folder, kind)
    if mount is not None and "noexec" in mount.options:
        return note(value, label("It is mounted noexec: compiled modules in there cannot be imported."))
    return ok("{}", value)


def code_cache(folder: str, found: Place | None) -> Finding:
    """Where instrumented code is kept; `folder` is empty if the environment names none."""
    if found is None:
        return note(
            label("no place") if not folder else say("{}", folder),
            label("Set HOME or XDG_CACHE_HOME: each worker instruments everything anew, so it starts later."),
        )
    return place(found, label("Each worker instruments everything anew, so it starts later."), is_needed=False)


def read_mount(path: Path) -> Mount | None:
    """What an existing path is mounted from."""
    return mount_of(os.path.realpath(path), mounts(read("/proc/self/mountinfo")))


def examinations(
    project_folder: Path, stored: Folder, cache: Folder, code_cache_dir: str, *, is_target_found: bool
) -> list[Examination]:
    """`stored`: beside the target; `cache`: of what can be made again; `code_cache_dir`: empty if there is none."""

    def look_at_code_cache() -> Finding:
        return code_cache(code_cache_dir, read_place(Folder(Path(code_cache_dir))) if code_cache_dir else None)

    beside = label("Crashers go to the cache instead, and are no regression tests to be committed: make it writable.")
    elsewhere = label("What a run finds is lost when it ends: --cache-dir DIR names another folder.")
    return [
        Examination(AREA, "current folder", lambda: current(is_gone=is_folder_gone(), is_needed=not is_target_found)),
        Examination(AREA, "project", lambda: project(project_folder, read_mount(project_folder))),
        Examination(AREA, "stored inputs", lambda: place(read_place(stored), beside, is_needed=False)),
        Examination(AREA, "cache", lambda: place(read_place(cache), elsewhere, is_needed=True)),
        Examination(AREA, "code cache", look_at_code_cache),
    ]
