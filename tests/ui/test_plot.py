"""Plots show the figures they are given, on axes that do not jump."""

from textual.app import App, ComposeResult

from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.text import label
from fuzztui.widgets.braille import aligned, draw, heights, nice_ceiling
from fuzztui.widgets.figures import coverage_figure, rate_figure, rate_span
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


def test_rate_window_grows_in_steps_then_moves() -> None:
    assert rate_figure(snapshot(elapsed=10.0)).x_range == (0.0, 30.0)
    assert rate_figure(snapshot(elapsed=29.0)).x_range == (0.0, 30.0)
    assert rate_figure(snapshot(elapsed=31.0)).x_range == (0.0, 60.0)
    assert rate_figure(snapshot(elapsed=1000.0)).x_range == (760.0, 1000.0)
    assert rate_span(snapshot(elapsed=1000.0)) == "last 4m 00s"
    assert rate_span(snapshot(elapsed=75.0)) == "start to 2m 00s"
    assert rate_span(snapshot(elapsed=75.0, phase=Phase.ENDED, outcome=outcome())) == "start to 1m 15s"
    assert rate_figure(snapshot(elapsed=75.0, phase=Phase.ENDED, outcome=outcome())).x_range == (0.0, 75.0)
    assert rate_span(snapshot(elapsed=1000.0, phase=Phase.ENDED, outcome=outcome())) == "last 4m 00s"


def test_coverage_axis_ends_at_the_limit_or_at_a_round_time_and_at_the_end_itself() -> None:
    assert coverage_figure(snapshot(elapsed=10.0)).x_range == (0.0, 300.0)
    assert coverage_figure(snapshot(elapsed=70.0, time_limit=None)).x_range == (0.0, 120.0)
    assert coverage_figure(snapshot(elapsed=70.0, phase=Phase.ENDED, outcome=outcome())).x_range == (0.0, 70.0)
    assert coverage_figure(snapshot(elapsed=90_000.0, time_limit=None)).x_range[1] >= 90_000


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
