"""From a snapshot to what the two plots show. Pure functions."""

from fuzztui.engine.show.snapshot import Marker, MarkerKind, Snapshot
from fuzztui.engine.show.text import Visible, count, duration, label, say
from fuzztui.widgets.braille import nice_ceiling
from fuzztui.widgets.plot import Curve, Figure, Mark
from fuzztui.widgets.tone import Span, span

RATE_WINDOW = 240.0
"""Seconds that the rate plot looks back: what `Snapshot.recent` holds."""

_ENDS = (30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 43200, 86400)
"""Seconds at which the time axis of an unlimited run may end: it grows in steps, so that the curve does not creep."""

_SIGNS: dict[MarkerKind, Span] = {
    MarkerKind.CRASHER: span("bad", "✗"),
    MarkerKind.PAUSE: span("warn", "‖"),
    MarkerKind.WORKER_STOPPED: span("warn", "■"),
}


def rate_figure(snapshot: Snapshot) -> Figure:
    """Executions per second over the last four minutes, or all of a shorter run."""
    window = _rate_window(snapshot)
    start = max(0.0, snapshot.elapsed - window)
    points = tuple((sample.elapsed, sample.rate) for sample in snapshot.recent)
    top = nice_ceiling(max((rate for _, rate in points), default=1.0))
    curve = Curve(points, top, count(round(top)), "good", filled=True)
    return Figure(
        (curve,),
        (start, start + window),
        _marks(snapshot.markers),
        label("no executions yet"),
    )


def rate_span(snapshot: Snapshot) -> Visible:
    """What the width of the rate plot stands for."""
    window = _rate_window(snapshot)
    return say("last {}" if snapshot.elapsed > window else "start to {}", duration(window))


def _rate_window(snapshot: Snapshot) -> float:
    if snapshot.is_over:
        return min(RATE_WINDOW, max(1.0, snapshot.elapsed))
    return next((float(end) for end in _ENDS if snapshot.elapsed <= end < RATE_WINDOW), RATE_WINDOW)


def coverage_span(snapshot: Snapshot) -> Visible:
    """What the width of the coverage plot stands for."""
    return say("start to {}", duration(_time_end(snapshot)))


def coverage_figure(snapshot: Snapshot) -> Figure:
    """Edges and corpus over the whole run, each on a scale of its own."""
    edges = tuple((sample.elapsed, float(sample.edges)) for sample in snapshot.history)
    corpus = tuple((sample.elapsed, float(sample.corpus)) for sample in snapshot.history)
    edges_top = nice_ceiling(max((y for _, y in edges), default=1.0) * 1.05)
    # With more headroom than the edges: the two curves are both flat in the end, and must not lie on each other.
    corpus_top = nice_ceiling(max((y for _, y in corpus), default=1.0) * 1.8)
    end = _time_end(snapshot)
    return Figure(
        (
            Curve(edges, edges_top, count(round(edges_top)), "accent"),
            Curve(corpus, corpus_top, count(round(corpus_top)), "good", dotted=True),
        ),
        (0.0, end),
        _marks(snapshot.markers),
        label("no coverage yet"),
    )


def _time_end(snapshot: Snapshot) -> float:
    if snapshot.is_over:
        return max(1.0, snapshot.elapsed)
    if snapshot.time_limit is not None and snapshot.elapsed <= snapshot.time_limit:
        return snapshot.time_limit
    return next((float(end) for end in _ENDS if end >= snapshot.elapsed), nice_ceiling(snapshot.elapsed))


def _marks(markers: tuple[Marker, ...]) -> tuple[Mark, ...]:
    return tuple(Mark(marker.elapsed, *_SIGNS[marker.kind]) for marker in markers)
