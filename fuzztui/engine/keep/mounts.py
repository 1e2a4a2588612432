"""Which file system a path lies on, by the text of `/proc/self/mountinfo`. Pure functions."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

NETWORK: Final = re.compile(
    r"nfs\d*|cifs|smb\w*|9p|afs|ceph|ncpfs|lustre|gpfs|beegfs\w*|orangefs|ocfs2|gfs2?|pvfs2|davfs|virtiofs|vboxsf|vmhgfs"
    r"|fuse\.(sshfs|rclone|s3fs|gcsfuse|glusterfs|ceph\w*|juicefs|goofys|davfs2?|vmhgfs-fuse|smbnetfs|curlftpfs|nfs.*)"
)
"""Types of file systems whose files another machine keeps, or the host of a virtual one."""

CASELESS: Final = re.compile(r"v?fat|msdos|exfat|ntfs3?|fuseblk|hfs(plus)?|cifs|smb\w*|vboxsf|vmhgfs|fuse\.vmhgfs-fuse")
"""Types of file systems that take `A` and `a` for one name, as they are usually mounted."""


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of the table of mounts."""

    root: str
    """The part of the file system that is seen here."""
    point: str
    kind: str
    """Type of the file system: `ext4`, `fuse.sshfs`."""
    options: frozenset[str]
    """Of the mount and of the file system."""

    @property
    def is_read_only(self) -> bool:
        """Whether nothing can be written, whoever asks."""
        return "ro" in self.options

    @property
    def is_network(self) -> bool:
        """Whether another machine keeps the files."""
        return NETWORK.fullmatch(self.kind) is not None

    @property
    def is_caseless(self) -> bool:
        """Whether names that differ in case only are one name, as far as the type tells."""
        return CASELESS.fullmatch(self.kind) is not None


def mounts(mountinfo: str) -> list[Mount]:
    """The mounts in their order. ValueError for a line that is none."""
    return [_mount(line) for line in mountinfo.splitlines() if line.strip()]


def _mount(line: str) -> Mount:
    place, separator, system = line.partition(" - ")
    fields, of_system = place.split(" "), system.split(" ")
    if not separator or len(fields) < 6 or not of_system[0]:
        raise ValueError(f"no line of mountinfo: {line!r}")
    options = {*fields[5].split(","), *(of_system[2].split(",") if len(of_system) > 2 else ())}
    return Mount(_unescaped(fields[3]), _unescaped(fields[4]), of_system[0], frozenset(options))


def _unescaped(text: str) -> str:
    r"""Blanks and backslashes are spelled `\040` there."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)


def mount_of(path: str, table: Iterable[Mount]) -> Mount | None:
    """The mount that a path without links is on; of several in one place the last, which hides the others."""
    found: Mount | None = None
    for mount in table:
        if is_below(path, mount.point) and (found is None or len(mount.point) >= len(found.point)):
            found = mount
    return found


def is_below(path: str, folder: str) -> bool:
    """Whether an absolute path is a folder or lies in it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")
