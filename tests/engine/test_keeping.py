"""What is found is handed to the disk in order, and many at once where it comes faster than the disk takes it."""

import asyncio
import threading

from fuzztui.engine.keep import keeping
from fuzztui.engine.keep.disk import AtOnce, Disk
from fuzztui.engine.keep.keeping import Keeping
from fuzztui.engine.show.text import NOTHING, Visible, label


async def test_a_slow_disk_is_given_few_jobs_and_stores_everything_in_order() -> None:
    disk, may_go_on = Disk("disk"), threading.Event()
    stored: list[bytes] = []
    told: list[Visible] = []

    def keep(data: bytes) -> Visible:
        may_go_on.wait(30)
        stored.append(data)
        return label("full") if data == b"7" else NOTHING

    kept = Keeping(keep, disk, told.append)
    inputs = [b"%d" % number for number in range(3 * keeping.MOST_AT_ONCE)]
    for data in inputs:
        kept.add(data)
    assert disk.pending == 1
    assert len(kept) >= len(inputs) - 1
    may_go_on.set()
    assert await disk.idle(30)
    assert stored == inputs
    assert len(kept) == disk.pending == 0
    assert told == [label("full") if data == b"7" else NOTHING for data in inputs]
    disk.close()


async def test_something_is_pending_until_all_has_been_told() -> None:
    disk = Disk("disk")
    told: list[Visible] = []
    pending: list[int] = []

    def tell(problem: Visible) -> None:
        told.append(problem)
        pending.append(disk.pending)

    kept = Keeping(lambda _: NOTHING, disk, tell)
    for number in range(500):
        kept.add(b"%d" % number)
        if number % 50 == 0:
            await asyncio.sleep(0)
    assert await disk.idle(30)
    assert len(told) == 500
    assert all(pending)
    disk.close()


def test_where_there_is_no_thread_each_is_stored_at_once() -> None:
    stored: list[bytes] = []
    told: list[Visible] = []

    def keep(data: bytes) -> Visible:
        stored.append(data)
        return NOTHING

    kept = Keeping(keep, AtOnce(), told.append)
    kept.add(b"a")
    kept.add(b"b")
    assert (stored, len(told), len(kept)) == ([b"a", b"b"], 2, 0)
