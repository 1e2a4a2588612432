"""Which file system a path lies on, and what that means."""

import pytest

from fuzztui.engine.keep.mounts import mount_of, mounts

TABLE = r"""
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
24 27 0:6 / /proc rw,nosuid - proc proc rw,hidepid=2
28 27 0:25 / /home rw - nfs4 server:/home rw,vers=4.2
29 28 0:30 / /home/me/usb\040stick rw,noexec shared:3 master:1 - vfat /dev/sdb1 rw,fmask=0022
31 27 0:33 / /lower rw - overlay overlay ro,lowerdir=/a
32 27 0:34 / /ro ro,relatime - ext4 /dev/vdb rw
33 27 0:35 / /w rw - 9p share rw,trans=virtio
34 27 0:36 / /ssh rw - fuse.sshfs me@host: rw,user_id=0
35 27 0:37 / /own rw - fuse.encfs encfs rw
36 27 0:38 / /win rw - cifs //server/share rw
37 27 0:39 / /hidden rw - tmpfs tmpfs rw
38 37 0:40 / /hidden rw - xfs /dev/sdc rw
"""

CASES = {
    "/": ("ext4", ""),
    "/usr/lib": ("ext4", ""),
    "/homer": ("ext4", ""),
    "/home/me": ("nfs4", "network"),
    "/home/me/usb stick/project": ("vfat", "caseless"),
    "/lower/a": ("overlay", "read-only"),
    "/ro": ("ext4", "read-only"),
    "/w/a": ("9p", "network"),
    "/ssh": ("fuse.sshfs", "network"),
    "/own/a": ("fuse.encfs", ""),
    "/win/a": ("cifs", "network caseless"),
    "/hidden/a": ("xfs", ""),
}


@pytest.mark.parametrize("path", CASES)
def test_a_path_is_on_the_nearest_mount_above_it(path: str) -> None:
    kind, traits = CASES[path]
    mount = mount_of(path, mounts(TABLE))
    assert mount is not None
    assert mount.kind == kind
    named = {"read-only": mount.is_read_only, "network": mount.is_network, "caseless": mount.is_caseless}
    assert " ".join(trait for trait, has in named.items() if has) == traits


def test_blanks_in_names_are_read_and_options_kept() -> None:
    mount = mount_of("/home/me/usb stick", mounts(TABLE))
    assert mount is not None
    assert mount.point == "/home/me/usb stick"
    assert "noexec" in mount.options


@pytest.mark.parametrize(
    "line", ["what is this", "27 1 254:0 / / rw,relatime shared:1 ext4 /dev/vda rw", "1 - ext4 a b"]
)
def test_a_line_that_is_none_is_an_error_and_no_mount(line: str) -> None:
    with pytest.raises(ValueError, match="no line of mountinfo"):
        mounts(line)


def test_without_a_table_nothing_is_said() -> None:
    assert mount_of("/", []) is None
