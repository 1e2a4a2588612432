"""Files that are put into the folders of the corpus while a run goes on are taken in by it."""

from hashlib import sha256
from pathlib import Path

import pytest

from fuzztui.engine.request.options import Limit, Watching
from fuzztui.engine.show.events import InputsArrived
from fuzztui.engine.show.snapshot import Phase
from tests.support import Project, Run, RunningEngine, make_project, wait_for

HARNESS = """
    import hashlib

    def fuzz_it(data: bytes) -> None:
        digest = hashlib.sha256(data).hexdigest()
        if digest == "{magic}":
            print("found")
        if digest == "{bad}":
            raise ValueError(data)
    """

MAGIC, BAD = b"nobody finds this", b"nor this"


def project_in(folder: Path) -> Project:
    source = HARNESS.replace("{magic}", sha256(MAGIC).hexdigest()).replace("{bad}", sha256(BAD).hexdigest())
    project = make_project(folder, source)
    project.options.update(limit=Limit(), stop_on_crash=False, watching=Watching.INPUTS)
    return project


def fuzzing(engine: RunningEngine) -> RunningEngine:
    engine.wait(lambda shown: shown.phase is Phase.FUZZING, "fuzzing")
    return engine


def arrived(engine: RunningEngine) -> InputsArrived:
    def found() -> InputsArrived | None:
        return next((event for event in engine.events if isinstance(event, InputsArrived)), None)

    event = wait_for(found, "inputs that are taken in")
    assert isinstance(event, InputsArrived)
    return event


def ended(engine: RunningEngine) -> Run:
    engine.session.stop()
    run = engine.join()
    outcome = run.outcome
    assert outcome.received == outcome.stored + outcome.duplicates + outcome.unsaved
    return run


def test_inputs_that_are_put_beside_the_target_are_taken_in(tmp_path: Path) -> None:
    project = project_in(tmp_path)
    engine = fuzzing(project.start())
    before = engine.session.snapshot()
    try:
        project.seed("magic", MAGIC)  # there was no folder
        project.seed("bad", BAD)
        events = [arrived(engine)]
        engine.wait(lambda shown: shown.crashers and shown.edges > before.edges, "the crasher and the new edge")
    finally:
        run = ended(engine)
    (crasher,) = run.crashers
    assert crasher.seed_name == "bad"
    assert run.snapshot.corpus == before.corpus + 1
    assert events[0].given in (1, 2)


@pytest.mark.soak
def test_two_runs_of_one_target_take_in_what_the_other_finds(tmp_path: Path) -> None:
    source = """
        def fuzz_it(data: bytes) -> None:
            if data[:1] == b"{byte}":
                print("found")
        """
    source = "import os\n" + source.replace('b"{byte}"', 'os.environ["BYTE"].encode()')
    project = make_project(tmp_path, source.replace("\n        ", "\n"))
    project.options.update(limit=Limit(), watching=Watching.INPUTS)
    first = fuzzing(project.start(environment={"BYTE": "a"}))
    first.wait(lambda shown: shown.corpus == 2, "what the first finds")
    second = fuzzing(project.start(environment={"BYTE": "b"}))
    try:
        assert arrived(first).folder.endswith("fuzz_it")
    finally:
        ended(first)
        ended(second)
