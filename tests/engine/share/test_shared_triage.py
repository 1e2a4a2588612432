"""Two runs as nodes: what people decide, and what one learns of a crasher, is known on both."""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from fuzztui.engine.share import exchange as exchange_module
from fuzztui.engine.share.messages import Claim, Crash
from fuzztui.engine.share.place import Place, ServerPlace
from fuzztui.engine.show.crasher import Confirmation, Crasher
from fuzztui.engine.show.failure import CrasherKind, Failure
from fuzztui.engine.show.minimized import Minimized
from fuzztui.engine.show.status import Status
from fuzztui.engine.show.text import NOTHING, label, visible
from fuzztui.engine.triage.triage import Change, Triage
from fuzztui.engine.work.from_others import ROOM, FromOthers
from fuzztui.protocol.identity import identity
from tests.engine.share.memory_store import Server
from tests.engine.share.test_shared_campaign import Node
from tests.engine.work import scripted
from tests.support import wait_for

BUCKET = visible(identity("bucket", ["a"]))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange_module, "FIRST_RETRY", 0.01)
    monkeypatch.setattr(exchange_module, "BEAT", 0.02)
    plain = scripted.failure

    def failure(name: str = "A", kind: CrasherKind = CrasherKind.EXCEPTION) -> Failure:
        bucket = visible(identity("bucket", [name.lower()]))
        return replace(plain(name, kind), id=bucket, group=bucket)

    monkeypatch.setattr(scripted, "failure", failure)


class Pair:
    """Two nodes; the first has met a crasher, of which the second has heard, and which it has run."""

    def __init__(self, folder: Path, place: Place | None = None, data: bytes = b"bad") -> None:
        self.server = Server()
        self.a, self.b = (Node(folder / name, self.server, place) for name in "ab")
        for node in (self.a, self.b):
            node.published()
        self.until(lambda: all(self.peers(node) for node in (self.a, self.b)), "each other")
        self.meets(self.a, b"bad")
        if data == b"bad":
            self.until(lambda: self.b.work.job(FromOthers).room < ROOM, "the crasher")
            assert self.b.worker.ask() == [b"bad"]
            self.b.worker.fails("A")
            self.b.worker.done()
        else:
            self.meets(self.b, data)
        self.look()

    def meets(self, node: Node, data: bytes) -> None:
        node.worker.ask()
        node.worker.fails("A", data)
        node.worker.done()

    def peers(self, node: Node) -> int:
        return len(node.shared.shown(node.snapshot()).nodes) - 1

    def look(self) -> None:
        self.a.look()
        self.b.look()

    def until(self, condition: object, what: str) -> None:
        assert callable(condition)

        def look() -> object:
            self.look()
            return condition()

        wait_for(look, what)

    def waits(self, node: Node) -> bool:
        """Whether a node is to run the crasher again."""
        return BUCKET in node.work.search.unconfirmed

    def crasher(self, node: Node) -> Crasher:
        return node.work.search.crashers.get(BUCKET)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    made = Pair(tmp_path)
    yield made
    made.a.shared.abandon()
    made.b.shared.abandon()


def test_who_has_met_it_runs_it_again_and_the_other_takes_that_over(pair: Pair) -> None:
    pair.until(lambda: not pair.waits(pair.b), "the claim")
    assert pair.waits(pair.a)
    told = [message for message in pair.a.all_published() if isinstance(message, Claim | Crash)]
    assert told[0] == Claim(str(BUCKET), 300.0)  # first, so that who runs the crasher knows whose it is
    assert not any(isinstance(message, Claim) for message in pair.b.all_published())
    pair.a.work.search.unconfirmed.clear()
    pair.a.work.search.confirm(BUCKET, Confirmation(10, 10))
    pair.until(lambda: pair.crasher(pair.b).confirmation, "what came of that")
    known = pair.crasher(pair.b).confirmation
    assert known is not None
    assert known.sentence == "10/10 on node me: failed again each time"
    assert not pair.waits(pair.b)
    assert not [message for message in pair.b.all_published() if isinstance(message, Crash)]


def test_when_it_dies_the_other_takes_over(pair: Pair) -> None:
    pair.until(lambda: not pair.waits(pair.b), "the claim")
    exchange = pair.b.shared._exchange
    assert exchange is not None
    pair.a.shared.abandon()

    def is_silent() -> bool:
        peer = exchange.peers()[pair.a.shared.id]
        assert peer.heard is not None
        peer.heard -= 60.0
        pair.b.look()
        return pair.waits(pair.b)

    wait_for(is_silent, "its turn")

    def has_claimed() -> bool:
        pair.b.look()
        return Claim(str(BUCKET), 300.0) in pair.b.all_published()

    wait_for(has_claimed, "its own claim")


def test_a_run_that_is_about_to_end_leaves_nothing_to_others(pair: Pair) -> None:
    pair.until(lambda: not pair.waits(pair.b), "the claim")
    pair.b.look(takes=False)
    assert pair.waits(pair.b)


@pytest.mark.parametrize("smallest", [b"b", b""])
def test_the_smaller_input_is_run_once_and_taken_over(pair: Pair, smallest: bytes) -> None:
    pair.until(lambda: not pair.waits(pair.b), "the claim")
    pair.a.work.search.unconfirmed.clear()
    pair.a.work.search.confirm(BUCKET, Confirmation(10, 10))
    pair.until(lambda: pair.crasher(pair.b).confirmation, "what came of that")
    failure = pair.crasher(pair.a).failure
    digest = sha256(smallest).hexdigest()
    minimized = Minimized(NOTHING, failure, digest, 3, 1, label("3 B -> 1 B"), label("b'b'"), 99, True, True, None,
                          NOTHING, data=smallest)  # fmt: skip
    pair.a.work.search.minimized(BUCKET, minimized)
    pair.until(lambda: pair.b.work.job(FromOthers).room < ROOM, "the smaller input")
    assert pair.b.worker.ask() == [smallest]
    pair.b.worker.fails("A")
    pair.b.worker.done()
    known = pair.crasher(pair.b).minimized
    assert known is not None
    said = f"minimized: 3 B -> {len(smallest)} B in 99 executions"
    assert (known.sentence, known.path) == (said, pair.b.work.stored / digest)
    assert known.path is not None
    assert known.path.read_bytes() == smallest
    assert BUCKET not in pair.b.work.search.unminimized
    pair.until(lambda: Claim(str(BUCKET), 0.0) in pair.a.all_published(), "the end of the claim")


def test_of_two_who_meet_it_at_once_one_goes_on(tmp_path: Path) -> None:
    pair = Pair(tmp_path, data=b"also bad")
    pair.until(lambda: pair.waits(pair.a) != pair.waits(pair.b), "one who goes on")
    first = min((pair.a, pair.b), key=lambda node: node.shared.id)
    assert pair.waits(first)
    pair.a.shared.abandon()
    pair.b.shared.abandon()


def test_where_strangers_may_write_each_does_its_own(tmp_path: Path) -> None:
    pair = Pair(tmp_path, ServerPlace("far.example"))
    for _ in range(20):
        pair.look()
    assert pair.waits(pair.a)
    assert pair.waits(pair.b)
    counts = pair.b.work.job(FromOthers).counts
    before = counts.received
    pair.a.work.search.confirm(BUCKET, Confirmation(10, 10))
    pair.until(lambda: counts.received > before, "what came of it")
    pair.look()
    Triage.load(pair.a.work.options.target, pair.a.work.options.cache_dir).decide(BUCKET, Change(status=Status.IGNORED))
    pair.a.work.search.reread_decisions()
    pair.until(lambda: "decisions" in pair.b.warnings, "the decision")
    assert pair.b.warnings["decisions"] == "node me has decided about a crasher, which counts not: anybody could"
    assert pair.crasher(pair.b).confirmation is None
    assert not pair.crasher(pair.b).is_ignored
    pair.a.shared.abandon()
    pair.b.shared.abandon()


def test_what_somebody_decides_is_known_on_the_other(pair: Pair, tmp_path: Path) -> None:
    options = pair.a.work.options
    Triage.load(options.target, options.cache_dir).decide(BUCKET, Change(status=Status.IGNORED, note="of no use"))
    pair.a.work.search.reread_decisions()

    def is_known() -> bool:
        pair.b.work.search.reread_decisions()
        return pair.crasher(pair.b).is_ignored

    pair.until(is_known, "the decision")
    assert pair.crasher(pair.b).note == "of no use"
    other = pair.b.work.options
    decided = Triage.load(other.target, other.cache_dir).decided(BUCKET)
    assert decided.path.is_relative_to(tmp_path / "b")
    assert decided.decision is not None
    assert not pair.waits(pair.b)
