"""From a snapshot to what the two plots show, over the same stretch of time. Pure functions."""

from enum import Enum
from math import ceil
from typing import Final

from fuzztui.engine.show.charts import Marker, MarkerKind, Sample
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import Visible, count, joined, label, say
from fuzztui.widgets.braille import nice_ceiling
from fuzztui.widgets.plot import Curve, Figure, Mark
from fuzztui.widgets.tone import Span, span


class Zoom(Enum):
    """How far the plots look back, from near to far. Values are the words shown to people."""

    MINUTE = "last minute"
    MINUTES = "last 4 minutes"
    QUARTER = "last 15 minutes"
    HOUR = "last hour"
    WHOLE = "whole run"

    @property
    def seconds(self) -> float | None:
        """Seconds; None for the whole run."""
        return _SECONDS[self]

    def stepped(self, step: int) -> "Zoom":
        """The next one that is nearer (negative) or farther; the last one stays."""
        zooms = list(Zoom)
        return zooms[max(0, min(len(zooms) - 1, zooms.index(self) + step))]


_SECONDS: Final = {
    Zoom.MINUTE: 60.0,
    Zoom.MINUTES: 240.0,
    Zoom.QUARTER: 900.0,
    Zoom.HOUR: 3600.0,
    Zoom.WHOLE: None,
}

_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
"""Seconds by which the time axis of a whole run grows: not with each second, for then its curves would creep."""

SHORTEST: Final = 10.0
"""Seconds that a plot shows at least."""

_SIGNS: Final[dict[MarkerKind, Span]] = {
    MarkerKind.CRASHER: span("bad", "✗"),
    MarkerKind.PAUSE: span("warn", "‖"),
    MarkerKind.WORKER_STOPPED: span("warn", "■"),
    MarkerKind.RELOAD: span("good", "↻"),
    MarkerKind.SETTING: span("accent", "◇"),
}


def time_range(snapshot: Snapshot, zoom: Zoom) -> tuple[float, float]:
    """Seconds of the run at the left and the right edge of every plot."""
    end = max(SHORTEST, snapshot.elapsed)
    if zoom.seconds is not None and end > zoom.seconds:
        return end - zoom.seconds, end
    if snapshot.is_over:
        return 0.0, max(1.0, snapshot.elapsed)
    step = next((step for step in _STEPS if step >= end / 40), _STEPS[-1])
    return 0.0, float(ceil(end / step) * step)


def rate_figure(snapshot: Snapshot, zoom: Zoom = Zoom.WHOLE) -> Figure:
    """Executions per second."""
    points = tuple((sample.elapsed, sample.rate) for sample in samples(snapshot, zoom))
    top = nice_ceiling(max((rate for _, rate in points), default=1.0))
    curve = Curve(points, top, count(round(top)), "good", filled=True)
    return Figure((curve,), time_range(snapshot, zoom), _marks(snapshot.markers), label("no executions yet"))


def coverage_figure(snapshot: Snapshot, zoom: Zoom = Zoom.WHOLE) -> Figure:
    """Edges and corpus, each on a scale of its own."""
    shown = samples(snapshot, zoom)
    edges = tuple((sample.elapsed, float(sample.edges)) for sample in shown)
    corpus = tuple((sample.elapsed, float(sample.corpus)) for sample in shown)
    edges_top = nice_ceiling(max((y for _, y in edges), default=1.0) * 1.05)
    # With more headroom than the edges: the two curves are both flat in the end, and must not lie on each other.
    corpus_top = nice_ceiling(max((y for _, y in corpus), default=1.0) * 1.8)
    return Figure(
        (
            Curve(edges, edges_top, count(round(edges_top)), "accent"),
            Curve(corpus, corpus_top, count(round(corpus_top)), "good", dotted=True),
        ),
        time_range(snapshot, zoom),
        _marks(snapshot.markers),
        label("no coverage yet"),
    )


def samples(snapshot: Snapshot, zoom: Zoom) -> list[Sample]:
    """The samples in sight: those of the last minutes as they are, older ones as coarse as they were kept."""
    left, _ = time_range(snapshot, zoom)
    recent_from = snapshot.recent[0].elapsed if snapshot.recent else float("inf")
    older = [sample for sample in snapshot.history if left <= sample.elapsed < recent_from]
    return [*older, *(sample for sample in snapshot.recent if sample.elapsed >= left)]


def marks_words(snapshot: Snapshot, zoom: Zoom) -> Visible:
    """What the signs below the plots mean, of those that are in sight."""
    left, _ = time_range(snapshot, zoom)
    seen = {marker.kind for marker in snapshot.markers if marker.elapsed >= left}
    return joined("  ", (say("{} {}", _SIGNS[kind][0], label(kind.value)) for kind in MarkerKind if kind in seen))


def _marks(markers: tuple[Marker, ...]) -> tuple[Mark, ...]:
    return tuple(Mark(marker.elapsed, *_SIGNS[marker.kind]) for marker in markers)
