"""Workers of a dashboard stand back from it, in their own sessions too."""

import asyncio
import errno
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fuzztui.engine.crew import niceness
from fuzztui.engine.crew.niceness import LEAST_URGENT, stand_back
from tests.support import DEADLINE

GROUPS = Path("/proc/self/autogroup")


@dataclass
class Started:
    """A process in a session of its own."""

    pid: int
    ended: asyncio.Event = field(default_factory=asyncio.Event)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture
def process() -> Iterator[Started]:
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as started:
        yield Started(started.pid)
        started.kill()


@pytest.mark.parametrize("further", [3, 100])
async def test_process_stands_back_relative_to_ours(process: Started, further: int) -> None:
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    stand_back(process, further)
    assert os.getpriority(os.PRIO_PROCESS, process.pid) == min(LEAST_URGENT, ours + further)


@pytest.mark.skipif(not GROUPS.exists(), reason="this kernel has no groups of sessions")
async def test_its_session_stands_back_too_though_the_kernel_takes_few_wishes_at_a_time(process: Started) -> None:
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as other:
        stand_back(Started(other.pid), 5)
        stand_back(process, 5)
        wanted = min(LEAST_URGENT, os.getpriority(os.PRIO_PROCESS, 0) + 5)
        for pid in (other.pid, process.pid):
            await until(lambda pid=pid: group_of(pid) == wanted)  # type: ignore[misc]
        other.kill()


def group_of(pid: int) -> int:
    found = re.search(r"nice (-?\d+)", Path(f"/proc/{pid}/autogroup").read_text())
    assert found is not None
    return int(found[1])


async def test_wish_that_is_not_taken_yet_is_made_again_until_the_process_has_ended(
    process: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def busy(*_: object) -> int:
        tried.append(1)
        if len(tried) == 3:
            process.ended.set()
        raise OSError(errno.EAGAIN, "try again")

    monkeypatch.setattr(niceness, "RETRY", 0.001)
    monkeypatch.setattr(Path, "write_text", busy)
    stand_back(process, 5)
    await until(lambda: len(tried) == 3)
    await asyncio.sleep(0.02)
    assert len(tried) == 3


async def test_what_is_not_allowed_is_no_failure(process: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(errno.EPERM, "no")

    monkeypatch.setattr(os, "setpriority", refuse)
    monkeypatch.setattr(Path, "write_text", refuse)
    stand_back(process, 5)
    assert os.getpriority(os.PRIO_PROCESS, process.pid) == os.getpriority(os.PRIO_PROCESS, 0)
