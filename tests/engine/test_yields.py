from collections.abc import Callable

import pytest

from fuzztui.engine.request.options import Limit
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Yield
from fuzztui.engine.show.text import label
from fuzztui.engine.show.yields import NAME, SOURCES, YieldSums
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.messages import Yields
from tests.support import Project

MakeProject = Callable[..., Project]

TARGET = """
def fuzz_it(data: bytes) -> None:
    if data.startswith(b"MAGIC-9182"):
        pass
    for byte in data[:8]:
        if byte > 128:
            pass
        elif byte % 2:
            pass
    if len(data) > 20 and data[3] == data[9]:
        pass
"""


def test_reports_of_all_workers_are_added_up_and_the_most_finds_come_first() -> None:
    sums = YieldSums()
    sums.add({"splice": (10, 1), "flip_bit": (20, 0), "truncate": (5, 1)}, 20)
    sums.add({"flip_bit": (7, 3)}, 7)
    sums.add({}, 0)
    assert YieldSums().yields == ()
    assert sums.yields == (
        Yield(label("flip_bit"), 27, 3),
        Yield(label("truncate"), 5, 1),
        Yield(label("splice"), 10, 1),
    )


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        ({"splice": (3, 4)}, "4 finds in 3 tries of splice"),
        ({"splice": (101, 4)}, "101 tries of splice, of 100 at most"),
        ({"x" * (NAME + 1): (1, 1)}, "is called 'xxx"),
        ({"": (1, 1)}, "is called ''"),
        ({"\x1b[31m": (1, 1)}, r"is called '\\x1b"),
        ({f"operator{i}": (1, 0) for i in range(SOURCES + 1)}, "more than"),
    ],
)
def test_a_report_that_cannot_be_true_is_a_lie_and_adds_nothing(lie: Yields, words: str) -> None:
    sums = YieldSums()
    with pytest.raises(ProtocolError, match=words):
        sums.add({"fine": (1, 1), **lie}, 100)
    assert sums.yields == ()


def test_sources_do_not_pile_up_over_many_reports() -> None:
    sums = YieldSums()
    for i in range(SOURCES):
        sums.add({f"operator{i}": (1, 0)}, 1)
    sums.add({"operator0": (1, 0)}, 1)
    with pytest.raises(ProtocolError, match="more than"):
        sums.add({"one_more": (1, 0)}, 1)


MAGIC = """
def fuzz_it(data: bytes) -> None:
    if data[:5] == b"7h3-k":
        if data[5:9] == bytes((0x81, 0x17, 0xE3, 0x55)):
            if data[9:13] == bytes((0x99, 0x3C, 0xD7, 0x42)):
                if data[13:17] == bytes((0xF1, 0x6B, 0xA8, 0x2E)):
                    pass
"""


def test_what_comparisons_find_is_theirs(project: MakeProject) -> None:
    run = project(MAGIC).run(limit=Limit(executions=3000), workers=1)
    assert {str(each.source): each.finds for each in run.snapshot.yields}["comparisons"] >= 4


FUTILE = """
WORDS = [bytes((200, number, 150, 255 - number)) for number in range(90)]

def fuzz_it(data: bytes) -> None:
    [data[:4] == word for word in WORDS]
"""


def test_what_comparisons_suggest_is_no_try_of_an_operator(project: MakeProject) -> None:
    run = project(FUTILE).run(limit=Limit(executions=600), workers=1)
    yields = {str(each.source): each for each in run.snapshot.yields}
    comparisons = yields.pop("comparisons")
    assert comparisons.tries > 40
    operators = sum(each.tries for each in yields.values())
    assert 0 < operators < 1.5 * (run.snapshot.executions - comparisons.tries)


BRANCHES = "def fuzz_it(data: bytes) -> None:\n    number = int.from_bytes(data, 'big')\n" + "".join(
    f"    if number & {1 << bit}:\n        pass\n" for bit in range(64)
)


def test_executions_that_measure_are_no_tries(project: MakeProject) -> None:
    made = project(BRANCHES)
    made.seed("zeros", bytes(200))  # long enough for much of the time to go into making what is found shorter
    run = made.run(limit=Limit(executions=600), workers=1)
    assert run.snapshot.corpus_new >= 5
    assert 0 < sum(each.tries for each in run.snapshot.yields) < 1.2 * run.snapshot.executions


@pytest.mark.parametrize("workers", [1, 3])
def test_a_run_tells_what_each_source_of_inputs_has_brought(project: MakeProject, workers: int) -> None:
    run = project(TARGET).run(limit=Limit(executions=6000), workers=workers)
    yields = {str(each.source): each for each in run.snapshot.yields}
    assert yields["comparisons"].finds >= 1
    assert {"insert_token", "flip_bit", "delete_range", "truncate"} <= yields.keys()
    for each in run.snapshot.yields:
        assert 0 <= each.finds <= each.tries <= run.snapshot.executions
    assert [each.finds for each in run.snapshot.yields] == sorted((e.finds for e in run.snapshot.yields), reverse=True)
    assert sum(each.finds for each in run.snapshot.yields) >= run.snapshot.corpus_new >= 3
    # Each input that is no comparison's has one operator at least, and half of them have another.
    operators = sum(each.tries for each in run.snapshot.yields) - yields["comparisons"].tries
    others = run.snapshot.executions - yields["comparisons"].tries
    assert others / 2 < operators < others * 1.6


def test_a_repeatable_run_repeats_what_its_mutators_learn(project: MakeProject) -> None:
    runs = [project(TARGET).run(limit=Limit(executions=4000), workers=1, seed=7) for _ in range(2)]
    assert runs[0].snapshot.yields == runs[1].snapshot.yields != ()
    assert {path.name for path in runs[0].generated} == {path.name for path in runs[1].generated}


@pytest.mark.parametrize(
    "parameters", ["flag: bool", "a: bool, b: bool, c: bool", "text: str, number: int, share: float, flag: bool"]
)
def test_every_type_of_parameter_has_its_yields(project: MakeProject, parameters: str) -> None:
    names = [parameter.split(":")[0] for parameter in parameters.split(", ")]
    arms = "".join(f"    if {name}:\n        pass\n" for name in names)
    run = project(f"def fuzz_it({parameters}) -> None:\n{arms}").run(limit=Limit(executions=2000), workers=2)
    assert run.outcome.reason is StopReason.EXECUTION_LIMIT, run.outcome.detail
    yields = {str(each.source): each for each in run.snapshot.yields}
    assert yields["negate"].tries > 100
    assert sum(each.finds for each in run.snapshot.yields) >= 1


def test_calls_of_an_execution_or_two_add_up_too(project: MakeProject) -> None:
    run = project("import time\n\n" + TARGET + "    time.sleep(0.03)\n").run(limit=Limit(executions=100), workers=2)
    assert run.outcome.reason is StopReason.EXECUTION_LIMIT, run.outcome.detail
    assert 0 < sum(each.tries for each in run.snapshot.yields) < 200
