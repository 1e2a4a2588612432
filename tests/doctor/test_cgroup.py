"""Limits of control groups are found in every arrangement of them."""

import pytest

from fuzztui.doctor.cgroup import Allowance, Limits, limits

GIB = 1 << 30
NOTHING = Limits(None, None, None)

V2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate"
V1 = "\n".join(
    f"{number} 31 0:{number} {{root}} /sys/fs/cgroup/{name} rw,nosuid - cgroup cgroup rw,{name}"
    for number, name in enumerate(("cpu,cpuacct", "memory", "pids", "name=systemd"), 40)
)
UNIFIED = "38 31 0:41 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw"

CASES: dict[str, tuple[dict[str, str], Limits]] = {
    "version 2, in a service's group": (
        {
            "/proc/self/cgroup": "0::/system.slice/a.service\n",
            "/proc/self/mountinfo": V2,
            "/sys/fs/cgroup/system.slice/a.service/memory.max": f"{2 * GIB}\n",
            "/sys/fs/cgroup/system.slice/a.service/memory.current": "1024\n",
            "/sys/fs/cgroup/system.slice/a.service/cpu.max": "150000 100000\n",
            "/sys/fs/cgroup/system.slice/a.service/pids.max": "100\n",
            "/sys/fs/cgroup/system.slice/a.service/pids.current": "7\n",
        },
        Limits(Allowance(2 * GIB, 1024), 1.5, Allowance(100, 7)),
    ),
    "version 2, the group above is tighter": (
        {
            "/proc/self/cgroup": "0::/user.slice/shell\n",
            "/proc/self/mountinfo": V2,
            "/sys/fs/cgroup/user.slice/memory.max": f"{GIB}\n",
            "/sys/fs/cgroup/user.slice/memory.current": f"{GIB // 2}\n",
            "/sys/fs/cgroup/user.slice/shell/memory.max": f"{4 * GIB}\n",
            "/sys/fs/cgroup/user.slice/shell/memory.current": "4096\n",
            "/sys/fs/cgroup/user.slice/cpu.max": "50000 100000\n",
            "/sys/fs/cgroup/user.slice/shell/cpu.max": "max 100000\n",
        },
        Limits(Allowance(GIB, GIB // 2), 0.5, None),
    ),
    "version 2, in a container with a namespace": (
        {
            "/proc/self/cgroup": "0::/\n",
            "/proc/self/mountinfo": V2,
            "/sys/fs/cgroup/memory.max": f"{GIB}\n",
            "/sys/fs/cgroup/pids.max": "max\n",
        },
        Limits(Allowance(GIB, None), None, None),
    ),
    "version 2, in a group that is not mounted here": (
        {
            "/proc/self/cgroup": "0::/../../other\n",
            "/proc/self/mountinfo": V2,
            "/sys/fs/cgroup/pids.max": "5\n",
            "/sys/fs/cgroup/pids.current": "5\n",
        },
        Limits(None, None, Allowance(5, 5)),
    ),
    "version 1, in a container that sees its own part": (
        {
            "/proc/self/cgroup": "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n2:pids:/docker/abc\n",
            "/proc/self/mountinfo": V1.format(root="/docker/abc"),
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": f"{GIB}\n",
            "/sys/fs/cgroup/memory/memory.usage_in_bytes": "77\n",
            "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "25000\n",
            "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
            "/sys/fs/cgroup/pids/pids.max": "64\n",
            "/sys/fs/cgroup/pids/pids.current": "3\n",
        },
        Limits(Allowance(GIB, 77), 0.25, Allowance(64, 3)),
    ),
    "version 1 without limits": (
        {
            "/proc/self/cgroup": "4:memory:/a\n3:cpu,cpuacct:/a\n2:pids:/a\n1:name=systemd:/a\n",
            "/proc/self/mountinfo": V1.format(root="/"),
            "/sys/fs/cgroup/memory/a/memory.limit_in_bytes": "9223372036854771712\n",
            "/sys/fs/cgroup/memory/a/memory.usage_in_bytes": "77\n",
            "/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us": "-1\n",
            "/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us": "100000\n",
            "/sys/fs/cgroup/pids/a/pids.max": "max\n",
        },
        NOTHING,
    ),
    "both versions, the limits in the first": (
        {
            "/proc/self/cgroup": "8:pids:/\n4:memory:/x:y\n1:cpu,cpuacct:/\n0::/\n",
            "/proc/self/mountinfo": f"{V1.format(root='/')}\n{UNIFIED}",
            "/sys/fs/cgroup/memory/x:y/memory.limit_in_bytes": f"{3 * GIB}\n",
            "/sys/fs/cgroup/memory/x:y/memory.usage_in_bytes": "5\n",
        },
        Limits(Allowance(3 * GIB, 5), None, None),
    ),
    "no control groups": ({"/proc/self/cgroup": "", "/proc/self/mountinfo": ""}, NOTHING),
}


@pytest.mark.parametrize(("texts", "expected"), CASES.values(), ids=CASES)
def test_the_tightest_limit_is_found(texts: dict[str, str], expected: Limits) -> None:
    def read(path: str) -> str:
        if path not in texts:
            raise FileNotFoundError(path)
        return texts[path]

    assert limits(read) == expected


def test_a_limit_that_cannot_be_read_is_not_taken_for_none() -> None:
    texts = {"/proc/self/cgroup": "0::/\n", "/proc/self/mountinfo": V2}

    def read(path: str) -> str:
        if path.endswith("memory.max"):
            raise PermissionError(path)
        return texts[path]

    with pytest.raises(PermissionError):
        limits(read)
