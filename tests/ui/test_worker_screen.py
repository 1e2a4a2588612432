"""The page of one worker: what it does now, what it has found, and the keys that steer it."""

from typing import Any

from fuzztui.engine.questions.general import Question
from fuzztui.engine.questions.worker import LookAtWorker
from fuzztui.engine.show.text import label
from fuzztui.engine.show.worker_look import WorkerFind, WorkerLook
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.screens.quit import QuitScreen
from fuzztui.screens.worker import WorkerScreen, worker_figure
from tests.ui.driving import dashboard
from tests.ui.fakes import FakeSession, snapshot, worker

LOOK = WorkerLook(
    values=label("b'[1, 2'"),
    size=label("6 B"),
    age=0.4,
    stack=label("examples/fuzz_json.py:22  fuzz_json\njson/decoder.py:353  raw_decode"),
    rates=tuple((float(ago), 100_000.0 + ago) for ago in range(200, 0, -1)),
    finds=(WorkerFind(7, label("0a1b2c"), 250.0, 3, label("b'[1'")),),
)


class Looked(FakeSession):
    def ask(self, question: Question[Any]) -> Any:
        if isinstance(question, LookAtWorker):
            future = super().ask(question)
            future = type(future)()
            future.set_result(LOOK)
            return future
        return super().ask(question)


async def test_it_shows_input_stack_finds_and_output() -> None:
    async with dashboard(Looked(), (100, 45)) as driver:
        await driver.press("enter")
        await driver.until_screen(WorkerScreen)
        await driver.until(lambda: "raw_decode" in driver.text)
        assert "its input: 6 B, for 0.4 s" in driver.text
        assert "b'[1, 2'" in driver.text
        assert "json/decoder.py:353  raw_decode" in driver.text
        assert "+3" in driver.text
        assert "ValueError in py_scanstring" in driver.text, "a crasher that it has met"
        assert "worker 0 says hello" in driver.text
        assert "120k" in driver.text, "the scale of its rate"


async def test_its_keys_work_there() -> None:
    session = Looked(snapshot(workers=(worker(0, WorkerState.PAUSED), worker(1))))
    async with dashboard(session) as driver:
        await driver.press("enter")
        await driver.until_screen(WorkerScreen)
        assert "p go on" in driver.lines[-1]
        await driver.press("p", "r", "s")
        assert session.commands == [("resume_worker", 0), ("restart_worker", 0), ("stop_worker", 0)]
        await driver.show(snapshot(workers=(worker(0), worker(1, WorkerState.STOPPED))))
        await driver.press("s")
        await driver.until_screen(QuitScreen)


def test_the_plot_has_the_newest_figure_at_its_right_edge() -> None:
    figure = worker_figure(LOOK)
    assert figure.x_range == (0.0, 240.0)
    assert figure.curves[0].points[-1][0] == 239.0
