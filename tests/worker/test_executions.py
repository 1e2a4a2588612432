"""What the shared memory shows of executions."""

import os
import random

from fuzztui.protocol.memory import EXECUTIONS, STARTED, STATE, SharedMemory, State, create
from fuzztui.worker.process.executions import Executions


def test_inputs_are_recorded_as_they_are_written() -> None:
    capacity = 1000
    descriptors = create(capacity), create(capacity)
    written, begun = (SharedMemory(descriptor, capacity) for descriptor in descriptors)
    executions = Executions(begun)
    rng = random.Random(1)
    for _ in range(6000):
        data = rng.randbytes(rng.choice((0, 3, 40, capacity)))
        written.write(data)
        executions.begin(data)
        assert begun.state is State.RUNNING
        assert begun.words[STARTED] > 0
        assert begun.recorded_input() == data
        begun.words[STARTED] = begun.words[STATE] = 0
        assert begun.words == written.words
    assert begun.words[EXECUTIONS] == 6000
    assert begun.recent_inputs() == written.recent_inputs() != []
    for memory, descriptor in ((written, descriptors[0]), (begun, descriptors[1])):
        memory.close()
        os.close(descriptor)
