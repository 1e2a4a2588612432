"""The limit of memory around a run is found wherever groups are mounted; the kernel's kills are told from others."""

from pathlib import Path

import pytest

from fuzztui.engine.crew import cgroup
from fuzztui.engine.crew.cgroup import FRESH, Group, KillLog, group_of, parse_kills, parse_limit

V1 = "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
V1_OTHERS = "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime shared:4 - cgroup cgroup rw,cpu,cpuacct\n"
V2 = "25 20 0:22 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
UNIFIED = "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"

WHERE = {
    "version 2": (
        "0::/user.slice/run-7.scope\n",
        V2,
        2,
        ["/sys/fs/cgroup/user.slice/run-7.scope", "/sys/fs/cgroup/user.slice", "/sys/fs/cgroup"],
    ),
    "version 1": (
        "9:name=systemd:/\n4:memory:/jobs/ab12\n1:cpu:/\n",
        V1_OTHERS + V1,
        1,
        ["/sys/fs/cgroup/memory/jobs/ab12", "/sys/fs/cgroup/memory/jobs", "/sys/fs/cgroup/memory"],
    ),
    "hybrid": ("4:memory:/a\n0::/b\n", UNIFIED + V1, 1, ["/sys/fs/cgroup/memory/a", "/sys/fs/cgroup/memory"]),
    "hybrid, memory is with version 2": (
        "9:name=systemd:/\n1:cpu,cpuacct:/\n0::/b\n",
        V1_OTHERS + UNIFIED,
        2,
        ["/sys/fs/cgroup/unified/b", "/sys/fs/cgroup/unified"],
    ),
    "two controllers in one hierarchy": (
        "4:cpuset,memory:/a\n",
        "35 31 0:32 / /cg rw - cgroup cgroup rw,cpuset,memory\n",
        1,
        ["/cg/a", "/cg"],
    ),
    "a container with a namespace of its own": ("0::/\n", V2, 2, ["/sys/fs/cgroup"]),
    "a container that sees the path outside": (
        "4:memory:/docker/4f2a\n",
        "35 31 0:32 /docker/4f2a /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
        1,
        ["/sys/fs/cgroup/memory"],
    ),
    "a group within such a container": (
        "4:memory:/docker/4f2a/job\n",
        "35 31 0:32 /docker/4f2a /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
        1,
        ["/sys/fs/cgroup/memory/job", "/sys/fs/cgroup/memory"],
    ),
    "a group above the namespace": ("0::/../../other\n", V2, 2, ["/sys/fs/cgroup"]),
    "a mount of another part": (
        "4:memory:/elsewhere\n",
        "35 31 0:32 /docker/4f2a /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
        1,
        ["/sys/fs/cgroup/memory"],
    ),
    "a mount point with a space": (
        "0::/a b\n",
        V2.replace("/sys/fs/cgroup", r"/my\040groups"),
        2,
        ["/my groups/a b", "/my groups"],
    ),
    "a path with a colon": ("0::/a:b\n", V2, 2, ["/sys/fs/cgroup/a:b", "/sys/fs/cgroup"]),
}


@pytest.mark.parametrize(("groups", "mounts", "version", "folders"), WHERE.values(), ids=WHERE.keys())
def test_the_group_is_found_where_its_hierarchy_is_mounted(
    groups: str, mounts: str, version: int, folders: list[str]
) -> None:
    assert group_of("memory", groups, mounts) == Group(tuple(map(Path, folders)), version)


NOWHERE = {
    "no groups": ("", V2),
    "nothing is mounted": ("0::/a\n", "24 1 8:1 / / rw - ext4 /dev/sda1 rw\n"),
    "memory is not controlled": ("9:name=systemd:/\n1:cpu:/\n", V1_OTHERS),
    "a mount that cannot be read": ("4:memory:/\n", "garbage\n35 31\n\n"),
}


@pytest.mark.parametrize(("groups", "mounts"), NOWHERE.values(), ids=NOWHERE.keys())
def test_without_a_group_there_is_none(groups: str, mounts: str) -> None:
    assert group_of("memory", groups, mounts) is None


@pytest.mark.parametrize(
    ("text", "limit"),
    [("max\n", None), ("536870912\n", 512 << 20), ("9223372036854771712\n", None), ("", None), ("-1\n", None)],
)
def test_a_limit_is_a_number_of_bytes_or_none(text: str, limit: int | None) -> None:
    assert parse_limit(text) == limit


@pytest.mark.parametrize(
    ("text", "kills"),
    [
        ("low 0\nhigh 0\nmax 31\noom 2\noom_kill 2\noom_group_kill 0\n", 2),
        ("oom_kill_disable 0\nunder_oom 0\noom_kill 7\n", 7),
        ("nr_free_pages 12\noom_kill 1\nnuma_hit 4\n", 1),
        ("oom_kill_disable 0\nunder_oom 0\n", None),
        ("", None),
    ],
)
def test_kills_are_counted_by_every_version(text: str, kills: int | None) -> None:
    assert parse_kills(text) == kills


@pytest.mark.parametrize("version", [1, 2])
def test_the_lowest_limit_of_all_groups_around_counts(tmp_path: Path, version: int) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    group = Group((inner, tmp_path / "a", tmp_path), version)
    assert cgroup.limit_of(group) is None
    (inner / group.limit_file).write_text("max\n")
    (tmp_path / "a" / group.limit_file).write_text("1048576\n")
    (tmp_path / group.limit_file).write_text("2097152\n")
    assert cgroup.limit_of(group) == 1048576
    (inner / group.kills_file).write_text("oom_kill 41\n")
    (tmp_path / "a" / group.kills_file).write_text("oom_kill 50\n")
    assert cgroup.kills_of(group) == 41, "those of our own group, not of our neighbours"


def test_this_machine_can_be_read() -> None:
    group = cgroup.read_group()
    assert group is None or group.folders[0].is_dir()
    assert cgroup.kills_of(group) == cgroup.kills_of(group)


def test_a_kill_explains_the_end_of_one_process() -> None:
    log = KillLog(5)
    log.note(5, 100.0)
    assert not log.claim()
    log.note(7, 101.0)
    assert log.claim()
    assert log.claim()
    assert not log.claim()


def test_a_kill_of_long_ago_explains_nothing() -> None:
    log = KillLog(0)
    log.note(1, 100.0)
    log.note(1, 100.0 + FRESH + 1)
    assert not log.claim()


@pytest.mark.parametrize(("before", "now"), [(None, 3), (3, None), (None, None), (3, 2)])
def test_a_count_that_is_not_there_explains_nothing(before: int | None, now: int | None) -> None:
    log = KillLog(before)
    log.note(now, 100.0)
    assert not log.claim()
