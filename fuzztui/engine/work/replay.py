"""Runs stored inputs once each, in order, and says which of them fail: `replay` and `test`."""

from collections import deque
from collections.abc import Callable
from typing import ClassVar, Final

from fuzztui.engine.keep import places
from fuzztui.engine.keep.corpus import stored_files
from fuzztui.engine.show import text
from fuzztui.engine.show.events import InputRan
from fuzztui.engine.show.snapshot import InputResult, InputVerdict, Phase, WorkerState
from fuzztui.engine.work.call import Batch, Clean, Death, Failed, Item, Report
from fuzztui.engine.work.job import Job
from fuzztui.engine.work.ledger import Account
from fuzztui.engine.work.search import Search
from fuzztui.engine.work.suspects import Suspects
from fuzztui.target.errors import MalformedInput
from fuzztui.target.values import decode, show

VALUES_CHARACTERS: Final = 500
NAME_CHARACTERS: Final = 4_096

Inputs = Callable[[list[bytes]], list[tuple[text.Visible, bytes]]]
"""Makes names and inputs of the seeds that the target declares."""


class Replay(Job):
    """Inputs that are run one at a time, so that what the target prints belongs to one of them."""

    state: ClassVar = WorkerState.EXECUTING
    phase: ClassVar = Phase.EXECUTING
    wants_output = True

    def __init__(self, account: Account, search: Search, suspects: Suspects, inputs: Inputs) -> None:
        super().__init__(account)
        self._search = search
        self._suspects = suspects
        self._inputs = inputs
        self._waiting: deque[tuple[text.Visible, bytes]] = deque()
        self._running: dict[int, tuple[text.Visible, Item, float]] = {}
        """By `id` of the item: name, item, and when in the run it was handed out."""

    def begin(self, seeds: list[bytes]) -> None:
        """Collect the inputs."""
        self._waiting.extend(self._inputs(seeds))

    @property
    def is_done(self) -> bool:
        """Whether every input has been judged."""
        return not self._waiting and not self._running

    def next(self, worker: int, workers: int) -> Batch | None:  # noqa: ARG002
        """One input; those that are none are told of on the way."""
        while self._waiting:
            name, data = self._waiting.popleft()
            try:
                decode(data, self._search.parameters)
            except MalformedInput as error:
                self._tell(InputResult(name, InputVerdict.MALFORMED, text.NOTHING, problem=text.visible(str(error))))
                continue
            item = Item(data)
            self._running[id(item)] = (name, item, self._search.clock.elapsed())
            return Batch([item])
        return None

    def give_back(self, worker: int, items: list[Item]) -> None:  # noqa: ARG002
        """They come first again."""
        for item in reversed(items):
            name, _, _ = self._running.pop(id(item))
            self._waiting.appendleft((name, item.data))

    def take(self, worker: int, item: Item, report: Report) -> None:  # noqa: ARG002
        """PASS or FAIL."""
        name, _, started = self._running.pop(id(item))
        verdict, failure = (
            (InputVerdict.PASS, None) if isinstance(report, Clean) else (InputVerdict.FAIL, report.failure)
        )
        values = show(decode(item.data, self._search.parameters), VALUES_CHARACTERS)
        self._tell(
            InputResult(
                name=name,
                verdict=verdict,
                values=text.one_line(values, VALUES_CHARACTERS),
                seconds=self._search.clock.elapsed() - started,
                output=text.visible(report.output, multiline=True),
                failure=failure,
            )
        )

    def died(self, worker: int, item: Item | None, death: Death) -> None:
        """FAIL, or run again where only that tells."""
        assert item is not None
        if death.suspicion:
            self._suspects.add(worker, item, self, death.suspicion)
        else:
            self.take(worker, item, Failed(death.failure))

    def doubted(self, worker: int, item: Item, suspicion: text.Visible) -> None:
        """Run again: only that tells."""
        self._suspects.add(worker, item, self, suspicion)

    def _tell(self, result: InputResult) -> None:
        self.failing += result.verdict is not InputVerdict.PASS
        self._search.listener.on_event(InputRan(self._search.clock.elapsed(), result))


def given(inputs: tuple[tuple[str, bytes], ...]) -> Inputs:
    """Just these."""
    return lambda seeds: [(text.one_line(name, NAME_CHARACTERS), data) for name, data in inputs]  # noqa: ARG005


def seeds_and_stored(search: Search) -> Inputs:
    """The seeds that the target declares, then every input stored beside it."""

    def collect(seeds: list[bytes]) -> list[tuple[text.Visible, bytes]]:
        files = stored_files(search.options.target.crashers_dir)
        return [
            *((text.say("seed {}", number), data) for number, data in enumerate(seeds, 1)),
            *((text.one_line(places.shown_path(path), NAME_CHARACTERS), data) for path, data in files),
        ]

    return collect
