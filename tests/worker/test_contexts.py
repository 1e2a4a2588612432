"""From where programs ask their questions, as a state that inputs have brought them to."""

import sys
from collections.abc import Callable

from fuzztui.worker.guidance.contexts import ENOUGH, MAX_CONTEXTS, Constants, Contexts, Equality
from fuzztui.worker.guidance.eagerness import STATES
from fuzztui.worker.guidance.progress import Progress
from fuzztui.worker.guidance.trace import ComparisonTrace
from tests.worker.world import World, inhabited

SHARED = """
class Cursor:
    def __init__(self, data):
        self.data, self.at = data, 0

    def byte(self):
        if self.at >= len(self.data):
            raise ValueError
        self.at += 1
        return self.data[self.at - 1]

    def take(self, kind):
        if self.byte() != kind:
            raise ValueError
        size = self.byte()
        if size >= 0x80:
            for _ in range(size & 3):
                size = self.byte()
        if self.at + size > len(self.data):
            raise ValueError
        self.at += size
        return Cursor(self.data[self.at - size : self.at])

def fuzz(data):
    try:
        whole = Cursor(data).take(0x30)
        body = whole.take(0x31)
        whole.take(0x03)
        body.take(0x02)
        names = body.take(0x32)
        names.take(0x06)
        names.take(0x0C)
        body.take(0xA3)
    except ValueError:
        return
    raise RuntimeError
"""


def test_what_few_functions_read_for_many_is_read_to_its_end() -> None:
    with inhabited(SHARED) as world:
        assert world.search(b"", 30_000) is not None


def test_states_that_a_program_has_so_many_of_as_calls_do_not_swamp_a_search() -> None:
    with inhabited(SHARED) as world:
        executor = world.executor()
        world.fuzz(executor, b"", 400, trace=True)
        exploring = executor._guidance.exploring
        assert len(exploring._progress.entries) > 2 * STATES
        assert not exploring.eagerness.is_swamped


def noted(*calls: Callable[[Contexts], None]) -> list[set[int]]:
    found = []
    for call in calls:
        contexts = Contexts()
        call(contexts)
        found.append(contexts.found)
    return found


def ask(contexts: Contexts, outcome: bool = True) -> None:
    contexts.note(sys._getframe(0), outcome)


def first(contexts: Contexts) -> None:
    ask(contexts)


def second(contexts: Contexts) -> None:
    ask(contexts)


def refused(contexts: Contexts) -> None:
    ask(contexts, False)


def nested(contexts: Contexts, depth: int) -> None:
    if depth:
        nested(contexts, depth - 1)
    else:
        ask(contexts)


def test_who_has_called_and_what_came_out_tells_contexts_apart() -> None:
    one, again, other, not_so = noted(*[lambda each, call=call: call(each) for call in (first, first, second, refused)])
    assert len(one) == 1
    assert one | again | other | not_so == one | other | not_so


def test_a_recursion_has_no_more_contexts_with_each_level() -> None:
    contexts = Contexts()
    for depth in range(2, 9):
        nested(contexts, depth)
    assert len(contexts.found) == 1
    nested(contexts, 0)
    assert len(contexts.found) == 2


def test_there_are_not_too_many_contexts_of_one_run() -> None:
    contexts = Contexts()
    for number in range(2 * MAX_CONTEXTS):
        contexts.note(None, number)
        contexts.note_equality(None, number % 256, 1)
    assert len(contexts.found) == len(contexts.equalities) == MAX_CONTEXTS
    contexts.clear()
    assert not contexts.found
    assert not contexts.equalities


def test_what_is_found_and_what_is_refused_has_a_context() -> None:
    trace = ComparisonTrace()
    for operator, left, right in (("==", 1, 2), ("in", 1, (2,)), ("<", 1, 2), ("==", "a", "a"), ("==", b"a", b"a")):
        trace.compare(operator, left, right)
    assert not trace.contexts.found
    for operator, left, right in (("==", 1, 1), ("in", 1, (1,)), ("!=", 1, 2), ("!=", 1, 1), ("not in", 7, (8,))):
        trace.compare(operator, left, right)
        assert len(trace.contexts.found) == 1
        trace.clear()


def test_a_number_that_no_input_has_and_that_stays_is_the_programs() -> None:
    constants, comparisons = Constants(), [("same", 48, 48), ("!=", 48, 48), ("same", 5, 5)]
    right = [Equality(1, 48, 48), Equality(2, 5, 5)]
    assert constants.without(comparisons, right) == comparisons
    for number in range(ENOUGH):
        assert constants.without(comparisons, right) == comparisons
        constants.learn([Equality(1, number, 48), Equality(2, number, 5)], b"\5" * number)
    assert constants.without(comparisons, right) == [("!=", 48, 48), ("same", 5, 5)]
    assert constants.without(comparisons, [*right, Equality(3, 48, 48)]) == comparisons


def test_a_number_that_changes_with_the_input_is_not() -> None:
    constants, comparisons = Constants(), [("same", 7, 7)]
    for number in range(9):
        constants.learn([Equality(1, number, 100 + number)], b"")  # as a sum is worked out, each time another one
    assert constants.without(comparisons, [Equality(1, 7, 7)]) == comparisons


def test_a_context_is_new_once_and_once_more_for_what_is_much_smaller() -> None:
    progress = Progress()
    assert progress.is_new([], (), (b"0123456789",), {1, 2})
    assert not progress.is_new([], (), (b"0123456789",), {2})
    assert not progress.is_new([], (), (b"0123456",), {1})
    assert progress.is_new([], (), (b"01234",), {1})
    of_context = [progress.is_of_context]
    assert progress.is_new([("wants", "word", ())], (), (b"01234",), {1, 9})
    assert [*of_context, progress.is_of_context] == [True, False]
    assert not progress.is_new([], (), (b"0123",), {1})
    assert progress.is_new([], (), (b"0123456789",), {3})


KINDS = """
def take(data, at, kind):
    if data[at : at + 1] != b"T" or data[at + 1] != kind:
        raise ValueError

def fuzz(data):
    try:
        take(data, 0, 200)
    except (ValueError, IndexError):
        pass
"""


def equalities(world: World, *inputs: bytes) -> list[tuple[object, object]]:
    tracing = world.tracing(lambda arguments: None)
    with tracing.on():
        found = [tracing.comparisons((data,)) for data in inputs]
    return [(left, right) for operator, left, right in found[-1] if operator == "same"]


def test_a_tag_that_a_function_is_told_is_no_condition() -> None:
    with inhabited(KINDS) as world:
        assert (200, 200) in equalities(world, b"T\xc8")
        assert (200, 200) not in equalities(world, b"T1", b"T22", b"T333", b"T\xc8")
