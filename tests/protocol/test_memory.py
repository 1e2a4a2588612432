import faulthandler
import mmap
import os
from collections.abc import Iterator
from zlib import crc32

import pytest

from fuzztui.protocol.memory import (
    ACTIVITY,
    CHECKSUM,
    EXECUTIONS,
    LENGTH,
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
    memory.record[: len(data)] = data
    memory.words[LENGTH] = len(data)
    memory.words[CHECKSUM] = crc32(data)
    memory.words[EXECUTIONS] += 1


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
    assert ACTIVITY < WORDS
    assert WORDS * 8 <= RECORD


def test_a_damaged_record_is_no_input(fd: int) -> None:
    memory = SharedMemory(fd, 1000)
    _record(memory, b"input")
    memory.record[0] = 0
    assert memory.recorded_input() is None
    memory.words[LENGTH] = 5000
    assert memory.recorded_input() is None
    memory.words[STATE] = 99
    assert memory.state is None
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
