"""A hijacked worker can say what it likes: it is killed and named, and the coordinator goes on."""

from collections.abc import Callable

import pytest

from fuzztui.engine.request.options import Limit
from fuzztui.engine.show.outcome import StopReason
from fuzztui.protocol.identity import identity
from fuzztui.protocol.messages import (
    Coverage,
    Crashed,
    Done,
    Executed,
    Failure,
    Found,
    Module,
    Pong,
    Repeated,
    Seed,
)
from tests.support import Project

MakeProject = Callable[..., Project]

pytestmark = pytest.mark.usefixtures("impatient")

SEND = """
import os, stat, sys
from fuzztui.worker.process.messagepack import encode
from fuzztui.protocol.identity import identity
from fuzztui.protocol.messages import *

def send(message):
    data = encode(message)
    for fd in map(int, os.listdir("/proc/self/fd")):
        try:
            is_socket = stat.S_ISSOCK(os.fstat(fd).st_mode)
        except OSError:
            continue
        if is_socket:
            os.write(fd, len(data).to_bytes(4, "big") + data)
"""

NOTHING: Coverage = {}
BUCKET = identity("bucket", [])

FAILURE = Failure("E", "m", "", [], BUCKET, BUCKET)
LIES: dict[str, tuple[object, str]] = {
    "a type that there is not": (Pong(["list"]), "takes"),
    "no parameters": (Pong([]), "takes"),
    "a seed of another type": (Seed(b"x"), "an input that is none"),
}
LATER_LIES: dict[str, object] = {
    "a second answer to the ping": Pong(["bytes"]),
    "a seed after the ping": Seed(b"x"),
    "coverage of an unknown module": Found(b"x", {"nowhere": [1]}),
    "an enormous module": Module("m", "m.py", [1] * 200_000),
    "a result nobody asked for": Executed(7, NOTHING),
    "a crasher nobody asked for": Crashed(b"x", 3, FAILURE),
    "a crasher whose identity is a path": Crashed(b"x", None, Failure("E", "m", "", [], "../../../../evil", BUCKET)),
    "a crasher whose group is a path": Crashed(b"x", None, Failure("E", "m", "", [], BUCKET, "../../../../evil")),
    "a repetition of nothing": Repeated({"unknown": 1}),
    "more repetitions than executions": Repeated({"unknown": 1 << 60}),
    "more executions than granted": Done(1 << 60),
    "more finds than tries": Done(1, {"splice": (1, 2)}),
    "more tries than executions": Done(1, {"splice": (1 << 60, 1)}),
    "what probes cost, which nobody asked for": Done(1, {}, 1.5),
    "a source of inputs that is a novel": Done(1, {"x" * 100_000: (1, 1)}),
}


@pytest.mark.parametrize(("lie", "words"), LIES.values(), ids=LIES.keys())
def test_a_lie_before_the_ping_is_answered_is_no_internal_error(project: MakeProject, lie: object, words: str) -> None:
    parameter = "int" if isinstance(lie, Seed) else "bytes"
    run = project(SEND + f"send({lie!r})\ndef fuzz_it(data: {parameter}): ...\n").run(limit=Limit(executions=100))
    assert run.outcome.exit_code == 70
    assert run.outcome.reason in (StopReason.WORKERS_GAVE_UP, StopReason.HARNESS)
    assert words in run.outcome.detail
    assert run.stored == []


def test_a_worker_that_remarks_without_end_is_ended(project: MakeProject) -> None:
    target = SEND + "for n in range(200): send(Remark(f'{n} \\x1b[2J'))\ndef fuzz_it(data: bytes): ...\n"
    run = project(target).run(limit=Limit(executions=100))
    assert run.outcome.exit_code == 70
    assert "sentences about the target" in run.outcome.detail
    assert run.warnings.isprintable() or "\x1b" not in run.warnings


@pytest.mark.parametrize("lie", LATER_LIES.values(), ids=LATER_LIES.keys())
@pytest.mark.mostly_soak(4)
def test_a_lie_while_fuzzing_ends_the_worker_that_told_it(project: MakeProject, lie: object) -> None:
    message = "Module('m', 'm.py', [1] * 200_000)" if isinstance(lie, Module) else repr(lie)
    times = 30 if isinstance(lie, Module) else 1
    run = project(
        SEND + f"n = 0\ndef fuzz_it(data: bytes):\n    global n\n    n += 1\n"
        f"    if n == 20:\n        for i in range({times}):\n            message = {message}\n"
        "            if isinstance(message, Module): message = Module(f'm{i}', 'm.py', message.lines)\n"
        "            send(message)\n"
    ).run(limit=Limit(seconds=30.0))
    assert run.outcome.exit_code == 70
    assert run.outcome.reason is StopReason.WORKERS_GAVE_UP
    assert run.stored == []
    assert not (run.folder / ".fuzztui" / "internal-error.log").exists()


@pytest.mark.parametrize("slowdown", ["float('nan')", "float('inf')", "0.1", "-3.0", "1e300"])
def test_probes_that_cost_what_cannot_be_end_the_worker_that_says_so(project: MakeProject, slowdown: str) -> None:
    run = project(
        SEND + "n = 0\ndef fuzz_it(data: bytes):\n    global n\n    n += 1\n"
        f"    if n == 20:\n        send(Done(1, {{}}, {slowdown}))\n"
    ).run(limit=Limit(seconds=30.0), profile=True)
    assert run.outcome.exit_code == 70
    assert run.outcome.reason is StopReason.WORKERS_GAVE_UP
    assert "times as long" in run.outcome.detail
