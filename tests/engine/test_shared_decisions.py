"""What people decide is the same on all nodes in the end, whoever hears of it when, and lies in each node's files."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from fuzztui.engine.keep.disk import AtOnce
from fuzztui.engine.keep.storage import Folder
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.share.messages import Decided, decode_message
from fuzztui.engine.shared_decisions import BURST, LONGEST, MOST_AHEAD, SharedDecisions
from fuzztui.engine.show.status import Status
from fuzztui.engine.show.text import label
from fuzztui.engine.triage import decisions as module
from fuzztui.engine.triage.decision import Decision
from fuzztui.engine.triage.memory import Memory
from fuzztui.engine.triage.triage import Change, Triage
from fuzztui.protocol.identity import identity

X, Y = identity("bucket", ["x"]), identity("bucket", ["y"])


class Person:
    """A node with a project folder of its own, where somebody decides."""

    def __init__(self, folder: Path, name: str, number: int) -> None:
        project = folder / name
        project.mkdir(exist_ok=True, parents=True)
        self.options = RunOptions(PythonTarget(project / "fuzz_it.py", "fuzz_it", project), project / ".fuzztui", 1)
        self.id = f"{name}.{number:08x}"
        self.now = 0.0
        self.told: list[str] = []
        self.warnings: list[str] = []
        self.published: list[Decided] = []
        self.come()

    def come(self) -> None:
        """Its run begins, or begins again."""
        self.memory = Memory(self.triage())
        self.shared = SharedDecisions(
            self.id,
            lambda: self.memory,
            AtOnce(),
            Folder(self.options.cache.root, (*self.options.cache.parts, "decided")),
            "it.json",
            self.told.append,
            lambda _, sentence: self.warnings.append(sentence),
        )
        self.shared.begin()
        self.publish()

    def triage(self) -> Triage:
        return Triage.load(self.options.target, self.options.cache_dir)

    def decide(self, bucket: str, change: Change | None) -> None:
        self.triage().decide(bucket, change)

    def look(self) -> None:
        self.memory = self.memory.reread() or self.memory
        self.now += 1.0
        self.shared.look(self.now)
        self.memory = self.memory.reread() or self.memory
        self.shared.look(self.now)
        self.publish()

    def publish(self) -> None:
        for bucket, content in list(self.shared.untold()):
            message = decode_message(content)
            assert isinstance(message, Decided)
            self.published.append(message)
            self.shared.told(bucket)

    def hear(self, *messages: Decided) -> None:
        for message in messages:
            self.shared.take(label("b"), message)
        for _ in range(len(messages) + 1):
            self.look()

    @property
    def decisions(self) -> dict[str, tuple[str, str, str]]:
        found = self.triage().decisions.by_bucket
        return {bucket: (each.status.value, each.note, each.alias) for bucket, each in found.items()}


def test_what_is_decided_on_one_is_in_the_files_of_the_other(tmp_path: Path) -> None:
    a, b = Person(tmp_path, "a", 1), Person(tmp_path, "b", 2)
    a.decide(X, Change(status=Status.IGNORED, note="of \x1b[2J no use"))
    a.decide(Y, Change(alias=X))
    a.look()
    b.hear(*a.published)
    assert b.decisions == a.decisions == {X: ("ignored", "of \x1b[2J no use", ""), Y: ("new", "", X)}
    assert not b.published  # it is not told again
    assert not any("\x1b" in sentence for sentence in b.told)
    a.decide(X, None)
    a.look()
    b.hear(a.published[-1])
    assert X not in b.decisions


@pytest.mark.parametrize("order", range(6))
def test_all_agree_in_the_end_in_whatever_order_they_hear(tmp_path: Path, order: int) -> None:
    people = [Person(tmp_path, name, number) for number, name in enumerate("abc")]
    chance = random.Random(order)
    for round_ in range(4):
        for person in chance.sample(people, 2):  # without knowing of each other
            person.decide(X, Change(status=chance.choice(list(Status)), note=f"{person.id} {round_}"))
            person.look()
        for person in people:
            heard = [message for other in people if other is not person for message in other.published]
            person.hear(*chance.sample(heard, len(heard)))
    assert len({str(person.decisions) for person in people}) == 1
    assert people[0].decisions[X][1].endswith(" 3")


def test_what_was_decided_before_counts_only_where_nothing_is(tmp_path: Path) -> None:
    for name, status in (("a", Status.IGNORED), ("b", Status.FIXED)):
        folder = Person(tmp_path, name, 9)
        folder.decide(X, Change(status=status))
    Person(tmp_path, "a", 9).decide(Y, Change(note="only a knows"))
    a, b = Person(tmp_path, "a", 1), Person(tmp_path, "b", 2)
    assert {message.number for message in a.published} == {0}
    b.hear(*a.published)
    a.hear(*b.published)
    assert (a.decisions[X][0], b.decisions[X][0], b.decisions[Y][1]) == ("ignored", "fixed", "only a knows")
    b.decide(X, Change(status=Status.TRIAGED))
    b.look()
    a.hear(b.published[-1])
    assert a.decisions[X][0] == "triaged"


def test_what_counts_is_remembered_over_runs(tmp_path: Path) -> None:
    a, b = Person(tmp_path, "a", 1), Person(tmp_path, "b", 2)
    for note in ("one", "two", "three"):
        a.decide(X, Change(note=note))
        a.look()
    b.hear(*a.published)
    b.decide(X, Change(note="while away"))  # between two runs
    b.published.clear()
    b.come()
    assert [(message.number, message.node) for message in b.published] == [(4, b.id)]
    a.hear(*b.published)
    assert a.decisions[X][1] == "while away"


def test_what_somebody_decides_at_that_moment_is_not_lost(tmp_path: Path) -> None:
    a, b = Person(tmp_path, "a", 1), Person(tmp_path, "b", 2)
    a.decide(X, Change(note="theirs"))
    a.look()
    b.shared.take(label("a"), a.published[-1])
    b.decide(X, Change(note="mine"))
    b.shared.look(99.0)  # it has not been seen yet that somebody has decided here
    assert b.decisions[X][1] == "mine"
    b.look()
    a.hear(b.published[-1])
    assert a.decisions[X][1] == "mine"


def test_what_the_file_has_besides_stays(tmp_path: Path) -> None:
    a = Person(tmp_path, "a", 1)
    a.decide(X, Change(note="old"))
    path = a.triage().decided(X).path
    path.write_text("# a comment\n" + path.read_text() + 'owner = "me"\n')
    a.look()
    a.hear(Decided(X, '# theirs\nstatus = "fixed"\nowner = "them"\n', 9, "b.00000002"))
    assert path.read_text() == '# a comment\nstatus = "fixed"\nowner = "me"\n'


def test_hostile_nodes_are_bounded(tmp_path: Path) -> None:
    a = Person(tmp_path, "a", 1)
    b = "b.00000002"
    a.hear(
        Decided("../../etc/passwd", 'status = "fixed"\n', 1, b),
        Decided(X, 'status = "fixed"\n', 1, "no node"),
        Decided(X, 'status = "fixed"\n', MOST_AHEAD + 1, b),
        Decided(X, 'status = "fixed"\n', -1, b),
        Decided(X, "x" * (LONGEST + 1), 1, b),
        Decided(X, "no TOML", 1, b),
        Decided(Y, 'alias = "../x"\n', 1, b),
    )
    assert a.shared.refused == 7
    assert not a.decisions
    written = 0
    for number in range(2_000):
        bucket = identity("bucket", [str(number)])
        a.shared.take(label("b"), Decided(bucket, 'status = "fixed"\n', 1, b))
        a.shared.look(a.now)
        written = len(a.shared._marks)
    assert written <= BURST + 1


def test_a_file_that_cannot_be_written_is_told_of_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = Person(tmp_path, "a", 1)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(module, "replace", full)
        a.hear(Decided(X, 'status = "fixed"\n', 1, "b.00000002"))
    assert any("No space left on device" in sentence for sentence in a.warnings)
    a.now += 10.0
    a.look()
    assert a.decisions[X][0] == "fixed"


def test_a_broken_file_is_left_as_it_is(tmp_path: Path) -> None:
    a = Person(tmp_path, "a", 1)
    a.decide(X, Change(note="old"))
    a.look()
    before = list(a.published)
    path = a.triage().decided(X).path
    path.write_text("broken")
    a.look()
    assert a.published == before  # nobody has taken anything back
    a.hear(Decided(X, replace(Decision(), note="new").to_toml(), 5, "b.00000002"))
    assert path.read_text() == "broken"
