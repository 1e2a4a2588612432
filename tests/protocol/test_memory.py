import faulthandler
import mmap
import os
import random
from collections.abc import Iterator

import pytest

from fuzztui.protocol.memory import (
    ACTIVITY,
    EXECUTIONS,
    LAP,
    LAP_BEFORE,
    RECENT,
    RECORD,
    STATE,
    WORDS,
    Activity,
    SharedMemory,
    State,
    create,
)


@pytest.fixture
def fd() -> Iterator[int]:
    descriptor = create(1000)
    yield descriptor
    os.close(descriptor)


def _record(memory: SharedMemory, data: bytes) -> None:
    memory.write(data)


def test_what_one_side_writes_the_other_reads(fd: int) -> None:
    worker, coordinator = SharedMemory(fd, 1000), SharedMemory(fd, 1000)
    assert coordinator.recorded_input() is None
    _record(worker, b"input")
    worker.words[STATE] = State.RUNNING
    assert coordinator.recorded_input() == b"input"
    assert coordinator.state is State.RUNNING
    assert coordinator.executions == 1
    worker.close()
    assert coordinator.recorded_input() == b"input"
    coordinator.close()


def test_activity_is_read_beside_the_state(fd: int) -> None:
    worker, coordinator = SharedMemory(fd, 1000), SharedMemory(fd, 1000)
    _record(worker, b"input")
    read = [coordinator.activity]
    for word in (*Activity, 99):
        worker.words[STATE] = State.RUNNING
        worker.words[ACTIVITY] = word
        read.append(coordinator.activity)
    assert read == [Activity.WAITING, *Activity, None]
    assert coordinator.state is State.RUNNING
    assert coordinator.recorded_input() == b"input"
    worker.close()
    coordinator.close()


def test_the_words_have_room_before_the_input() -> None:
    assert max(ACTIVITY, LAP_BEFORE) < WORDS
    assert WORDS * 8 + RECENT * 4 <= RECORD


def test_a_damaged_record_is_no_input(fd: int) -> None:
    memory = SharedMemory(fd, 1000)
    _record(memory, b"input")
    memory.record[0] = 0
    assert memory.recorded_input() is None
    for end in 5000, 2**32 - 1:
        memory.ends[1] = end
        assert memory.recorded_input() is None
    memory.words[STATE] = 99
    assert memory.state is None
    memory.close()


@pytest.mark.parametrize("longest", [0, 3, 40, 400, 1000])
@pytest.mark.mostly_soak(2)
def test_what_ran_before_is_there_in_order_as_far_back_as_there_is_room(fd: int, longest: int) -> None:
    worker, coordinator = SharedMemory(fd, 1000), SharedMemory(fd, 1000)
    rng = random.Random(longest)
    written: list[bytes] = []
    for _ in range(RECENT + 500):
        written.append(rng.randbytes(rng.randint(longest // 2, longest)))
        worker.write(written[-1])
        if rng.random() < 0.05 or len(written) > RECENT:
            assert coordinator.recorded_input() == written[-1]
            before = coordinator.recent_inputs()
            assert before == written[-1 - len(before) : -1]
            room = sum(map(len, before)) + len(written[-1])
            assert len(before) in (len(written) - 1, RECENT - 2) or room + 2 * longest >= 1000 - longest
    worker.close()
    coordinator.close()


def test_nothing_ran_before_the_first(fd: int) -> None:
    memory = SharedMemory(fd, 1000)
    assert memory.recent_inputs() == []
    memory.write(b"first")
    assert memory.recent_inputs() == []
    memory.close()


def test_what_a_target_has_written_over_is_no_trouble(fd: int) -> None:
    memory = SharedMemory(fd, 1000)
    rng = random.Random(1)
    for _ in range(300):
        memory.write(rng.randbytes(9))
    for _ in range(2000):
        memory.ends[rng.randrange(RECENT)] = rng.randrange(1 << 32)
        memory.words[LAP], memory.words[LAP_BEFORE] = rng.randrange(400), rng.randrange(1 << 64)
        memory.words[EXECUTIONS] = rng.choice([0, 1, 300, (1 << 64) - 1])
        for data in memory.recent_inputs():
            assert len(data) <= 1000
        memory.recorded_input()
    memory.close()


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="no memfd here")
def test_a_worker_cannot_shrink_the_memory(fd: int) -> None:
    with pytest.raises(PermissionError):
        os.ftruncate(fd, 0)


@pytest.mark.skipif(not hasattr(mmap, "MADV_DONTFORK"), reason="no MADV_DONTFORK here")
def test_a_forked_child_cannot_write_into_its_parents_records(fd: int) -> None:
    memory = SharedMemory(fd, 1000)
    memory.keep_from_children()
    child = os.fork()
    if not child:
        faulthandler.disable()
        memory.words[STATE] = State.INTERNAL  # SIGSEGV
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert memory.state is State.STARTING
    memory.close()
