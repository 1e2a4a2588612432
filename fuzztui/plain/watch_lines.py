"""A campaign that is watched, as plain lines."""

from fuzztui.engine.show.events import Ended, Stats, Told
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import NOTHING, Visible, duration, joined, say
from fuzztui.plain.lines import PlainLines, plain_line
from fuzztui.words.sentences import plural


class WatchLines(PlainLines):
    """As a run's, but for the figures, which are of all nodes, and for the end, at which nothing has been stored."""

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__(encoding)
        self._newest: Snapshot | None = None

    def __call__(self, event: Told) -> Visible:
        match event:
            case Stats(snapshot=snapshot):
                self._newest = snapshot
                super().__call__(event)  # what it remembers of crashers
                return NOTHING if snapshot.is_over else plain_line(event.elapsed, figures(snapshot))
            case Ended(outcome=outcome):
                head = say("fuzz: {} after {}", outcome.reason.value, duration(outcome.seconds))
                told = [figures(self._newest)] if self._newest is not None else []
                return joined("\n", [head, *(say("    {}", line) for line in (*told, *self.remarks(outcome)))])
            case _:
                return super().__call__(event)


def figures(snapshot: Snapshot) -> Visible:
    """`execs: 12345 (678/sec), corpus: 12, edges: 34, crashers: 1 (17 hits), 2 nodes`."""
    return say(
        "execs: {} ({}/sec), corpus: {}, edges: {}, crashers: {} ({}), {}",
        snapshot.executions,
        round(snapshot.rate or 0),
        snapshot.corpus,
        snapshot.edges,
        snapshot.distinct,
        plural(snapshot.hits, "hit"),
        snapshot.sharing.words,
    )
