"""Plots show the figures they are given, on axes that do not jump."""

import pytest
from textual.app import App, ComposeResult

from fuzztui.engine.show.charts import Marker, MarkerKind
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.text import label
from fuzztui.widgets.braille import aligned, draw, heights, nice_ceiling
from fuzztui.widgets.figures import SHORTEST, Zoom, coverage_figure, marks_words, rate_figure, samples, time_range
from fuzztui.widgets.plot import Curve, Figure, Mark, Plot
from tests.ui.fakes import empty_snapshot, outcome, snapshot


def test_line_goes_through_its_points() -> None:
    assert heights([(0, 0), (10, 10)], (0, 10), 10, 11, 11) == list(range(11))
    assert heights([(0, 10), (10, 0)], (0, 10), 10, 11, 11) == list(range(10, -1, -1))
    assert heights([(4, 5), (6, 5)], (0, 10), 10, 11, 11) == [-1] * 4 + [5, 5, 5] + [-1] * 4


def test_peak_among_points_of_one_column_is_kept() -> None:
    points = [(0.0, 1.0), (1.0, 1.0), (1.01, 9.0), (1.02, 1.0), (2.0, 1.0)]
    assert max(heights(points, (0, 2), 10, 3, 11)) == 9


def test_points_outside_the_window_do_not_show() -> None:
    assert heights([(-5, 3), (-1, 3)], (0, 10), 10, 11, 11) == [-1] * 11
    assert heights([(-5, 3), (20, 3)], (0, 10), 10, 11, 11) == [3] * 11
    assert heights([], (0, 10), 10, 4, 4) == [-1] * 4
    assert heights([(0, 1)], (5, 5), 10, 4, 4) == [-1] * 4


def test_values_beyond_the_scale_stay_inside() -> None:
    assert heights([(0, 99), (1, -5)], (0, 1), 10, 2, 8) == [7, 0]


def test_dots_are_where_unicode_puts_them() -> None:
    assert draw([0, 1, 2, 3], 4) == ["⡠⠊"]
    assert draw([3, 0], 4, filled=True) == ["⣇"]
    assert draw([-1, -1, 0, 0], 4) == [" ⣀"]
    assert draw([4, 4], 8) == ["⣀", " "]
    assert draw([1, 1, 1, 1], 4, dotted=True) == ["⠄⠄"]
    assert draw([0, 3], 4) == ["⡸"]


def test_axis_ends_in_a_number_that_stays() -> None:
    assert [nice_ceiling(x) for x in (0, 1, 1.1, 31_000, 32_000, 41_000, 99, 100)] == [
        1, 1, 1.2, 40_000, 40_000, 50_000, 100, 100,
    ]  # fmt: skip


def test_window_that_moves_keeps_points_in_their_columns() -> None:
    points = [(i / 2, float(i * 7 % 11)) for i in range(3000)]
    step = 240 / 89

    def at(right: float) -> list[int]:
        return heights(points, aligned((right - 240, right), 90), 11, 90, 24)

    # Within a column's width nothing moves, then everything moves by one column.
    assert at(400 * step - 2.0) == at(400 * step - 0.1)
    assert at(401 * step - 0.1)[:-1] == at(400 * step - 0.1)[1:]


@pytest.mark.parametrize("zoom", Zoom)
@pytest.mark.parametrize("elapsed", [0.0, 3.0, 59.0, 61.0, 1000.0, 90_000.0])
@pytest.mark.parametrize("ended", [False, True])
@pytest.mark.mostly_soak(6)
def test_all_plots_have_one_time_axis_and_most_of_it_is_used(zoom: Zoom, elapsed: float, ended: bool) -> None:
    shown = snapshot(elapsed=elapsed, **({"phase": Phase.ENDED, "outcome": outcome()} if ended else {}))
    left, right = rate_figure(shown, zoom).x_range
    assert coverage_figure(shown, zoom).x_range == (left, right)
    assert left <= elapsed <= right
    assert right - left <= max(1.06 * elapsed, SHORTEST)
    if zoom.seconds is not None and elapsed > zoom.seconds:
        assert right - left == zoom.seconds
    else:
        assert left == 0.0


@pytest.mark.soak
def test_axis_of_a_whole_run_grows_in_steps() -> None:
    assert len({time_range(snapshot(elapsed=100 + i / 4), Zoom.WHOLE) for i in range(400)}) <= 30


def test_older_samples_are_shown_beside_the_recent_ones_each_once() -> None:
    shown = snapshot(elapsed=1000.0)
    times = [sample.elapsed for sample in samples(shown, Zoom.WHOLE)]
    assert times == sorted(times)
    assert times[0] == 0.0
    assert len(times) == len(set(times))
    assert times[-1] == shown.recent[-1].elapsed
    assert min(sample.elapsed for sample in samples(shown, Zoom.MINUTE)) >= 940.0


def test_signs_in_sight_are_explained_and_no_others() -> None:
    marks = (Marker(5.0, MarkerKind.PAUSE), Marker(990.0, MarkerKind.CRASHER), Marker(995.0, MarkerKind.RELOAD))
    shown = snapshot(elapsed=1000.0, markers=marks)
    assert marks_words(shown, Zoom.MINUTE) == "✗ crasher  ↻ reload"
    assert marks_words(shown, Zoom.WHOLE) == "✗ crasher  ‖ pause  ↻ reload"


def test_curves_of_coverage_do_not_lie_on_each_other_when_both_are_flat() -> None:
    edges, corpus = coverage_figure(snapshot(edges=200)).curves
    assert edges.points[-1][1] / edges.top > corpus.points[-1][1] / corpus.top + 0.1


class PlotApp(App[None]):
    """One plot and nothing else."""

    CSS = "Plot { width: 40; height: 6; }"

    def __init__(self) -> None:
        super().__init__()
        self.plot = Plot(id="plot")

    def compose(self) -> ComposeResult:
        yield self.plot

    def lines(self) -> list[str]:
        return [self.plot.render_line(y).text for y in range(self.plot.size.height)]


async def test_plot_draws_axes_curve_and_marks_in_its_width() -> None:
    app = PlotApp()
    async with app.run_test(size=(40, 6)):
        curve = Curve(((0.0, 0.0), (10.0, 8.0)), 10.0, label("10"), "good")
        app.plot.show(Figure((curve,), (0.0, 10.0), (Mark(5.0, label("✗"), "bad"), Mark(99.0, label("■"), "warn"))))
        lines = app.lines()
        assert lines[0].startswith("    10 ")
        assert lines[4].startswith("     0 ⣀")
        assert lines[5] == " " * 7 + "─" * 16 + "✗" + "─" * 16
        assert {len(line) for line in lines} == {40}


async def test_plot_without_figures_says_so() -> None:
    app = PlotApp()
    async with app.run_test(size=(40, 6)):
        app.plot.show(rate_figure(empty_snapshot()))
        assert any("no executions yet" in line for line in app.lines())
        app.plot.show(rate_figure(snapshot()))
        assert any("⣿" in line for line in app.lines())


async def test_two_curves_have_their_scales_left_and_right() -> None:
    app = PlotApp()
    async with app.run_test(size=(40, 6)):
        app.plot.show(coverage_figure(snapshot()))
        assert app.lines()[0].startswith("   250 ")
        assert app.lines()[0].endswith(" 400   ")
