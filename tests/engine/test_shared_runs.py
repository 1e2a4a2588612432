"""Runs that share a folder or a server get each other's finds, whatever becomes of the store or of a node."""

import os
import signal
from hashlib import sha256
from pathlib import Path

import pytest

from fuzztui.engine.live.wishes import GiveInput, OrderNode
from fuzztui.engine.request.options import Limit
from fuzztui.engine.share.place import FolderPlace, parse_place
from fuzztui.engine.sharing import SharedCampaign
from fuzztui.engine.show.snapshot import Phase, Snapshot
from fuzztui.engine.show.worker_row import WorkerState
from tests.engine.share.servers import RealServer, needs_server, server
from tests.support import Project, RunningEngine, make_project

__all__ = ["server"]

HARNESS = """
    import hashlib
    import os

    def fuzz_it(data: bytes) -> None:
        digest = hashlib.sha256(data).hexdigest()
        if digest == "{magic}":
            print("found")
        if digest == "{bad}":
            raise ValueError(data)
        if digest == "{theirs}" and os.environ.get("FRAIL"):
            raise LookupError(data)
    """

MAGIC, BAD, THEIRS = b"nobody finds this", b"nor this", b"fails on one node only"


def project_in(folder: Path, place: str) -> Project:
    folder.mkdir()
    source = HARNESS
    for word, data in (("{magic}", MAGIC), ("{bad}", BAD), ("{theirs}", THEIRS)):
        source = source.replace(word, sha256(data).hexdigest())
    project = make_project(folder, source)
    project.options.update(limit=Limit(), stop_on_crash=False, share=parse_place(place, folder))
    return project


def fuzzing(engine: RunningEngine) -> RunningEngine:
    engine.wait(lambda shown: shown.phase is Phase.FUZZING, "fuzzing")
    return engine


def ended(*engines: RunningEngine) -> None:
    for engine in engines:
        engine.session.stop()
    for engine in engines:
        outcome = engine.join().outcome
        assert outcome.received == outcome.stored + outcome.duplicates + outcome.unsaved


def test_two_nodes_get_each_others_finds_and_crashers(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    first, second = (project_in(tmp_path / name, "../shared") for name in ("a", "b"))
    for data in (MAGIC, BAD, THEIRS):
        first.seed(data.decode(), data)
    mine = first.start(node="a", environment={"FRAIL": "1"})
    theirs = second.start(node="b")
    try:
        theirs.wait(lambda shown: shown.sharing.taken and shown.crashers and shown.sharing.elsewhere, "all of it")
        mine.wait(lambda shown: len(shown.sharing.nodes) == 2, "the other node")
        shown = theirs.session.snapshot()
        (other,) = [row for row in mine.session.snapshot().sharing.nodes if not row.is_here]
        mine.session.steer(OrderNode(other.id, 0, "pause"))
        theirs.wait(lambda shown: shown.workers[0].state is WorkerState.PAUSED, "the order")
    finally:
        ended(mine, theirs)
    (crasher,) = shown.crashers
    assert crasher.data == BAD
    assert crasher.seed_name is None
    (elsewhere,) = shown.sharing.elsewhere
    assert elsewhere.sentence.startswith("seen on node a only: LookupError")
    assert str(tmp_path) not in elsewhere.failure.traceback
    assert (tmp_path / "b" / "testdata" / "corpus" / "fuzz_it" / sha256(BAD).hexdigest()).exists()


def test_what_one_finds_is_told_and_taken_before_anybody_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def look(shared: SharedCampaign, snapshot: Snapshot, *, takes: bool = True) -> None:
        """All but what is told and taken."""
        if (exchange := shared._exchange) is not None:
            exchange.tell(shared._beat(exchange, snapshot, "fuzzing"))
            shared._has_heard = exchange.has_caught_up
            if shared._has_heard and exchange.peers():
                ready.add(shared.name)

    ready = set[str]()
    monkeypatch.setattr(SharedCampaign, "look", look)
    (tmp_path / "shared").mkdir()
    first, second = (project_in(tmp_path / name, "../shared") for name in ("a", "b"))
    mine, theirs = fuzzing(first.start(node="a")), fuzzing(second.start(node="b"))
    try:
        mine.wait(lambda _: ready == {"a", "b"}, "each other")
        mine.session.steer(GiveInput(MAGIC))
        theirs.wait(lambda shown: shown.sharing.taken, "what was found")
    finally:
        ended(mine, theirs)


@needs_server
@pytest.mark.soak
def test_a_killed_server_costs_nothing(tmp_path: Path, server: RealServer) -> None:
    pytest.importorskip("valkey", reason="the package valkey is not installed")
    first, second = (project_in(tmp_path / name, server.url) for name in ("a", "b"))
    mine, theirs = fuzzing(first.start(node="a")), fuzzing(second.start(node="b"))
    try:
        mine.wait(lambda shown: shown.sharing.others == 1, "the other node")
        server.kill()
        mine.wait(lambda shown: not shown.sharing.is_connected and shown.sharing.problem, "the break")
        executions = mine.session.snapshot().executions
        mine.wait(lambda shown: shown.executions > executions + 1_000, "fuzzing all the same")
        mine.session.steer(GiveInput(BAD))
        mine.wait(lambda shown: shown.crashers, "a crasher meanwhile")
        server.start()
        theirs.wait(lambda shown: shown.crashers, "it, when the server is back")
    finally:
        ended(mine, theirs)


@pytest.mark.soak
def test_a_killed_node_has_told_what_it_has_found(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    first, second = (project_in(tmp_path / name, "../shared") for name in ("a", "b"))
    first.seed("bad", BAD)
    child = os.fork()
    if not child:
        try:
            engine = first.start(node="a")
            engine.wait(lambda shown: shown.sharing.sent >= 2 and not shown.sharing.waiting, "what it has to tell")
            os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(1)
    os.waitpid(child, 0)
    late = second.start(node="b")
    try:
        late.wait(lambda shown: shown.crashers, "what the dead node has found")
    finally:
        ended(late)


def test_a_store_that_is_not_there_changes_nothing_but_what_is_said(tmp_path: Path) -> None:
    project = project_in(tmp_path / "a", "../nowhere")
    project.seed("magic", MAGIC)
    run = project.run(limit=Limit(executions=2_000), node="a")
    assert run.outcome.exit_code == 0
    assert "stay here, others have not been told: there is no folder" in run.warnings
    assert isinstance(project.options["share"], FolderPlace)
