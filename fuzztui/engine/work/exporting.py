"""Chooses inputs of a property test for its framework to run: few that cover what all do.

A unit test has time for a hundred. So each next one is the one that covers most of what is left (Chvatal, "A Greedy
Heuristic for the Set-Covering Problem", 1979), the smallest of these; the test's own examples run in any case.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from fuzztui.engine.keep.corpus import LONGEST
from fuzztui.engine.keep.storage import contents
from fuzztui.engine.request.task import ExportCorpus
from fuzztui.engine.show.events import CorpusExported
from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.results import CorpusExport
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.text import NOTHING, Visible, say, visible
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.engine.work.call import Batch, Clean, Item, Report
from fuzztui.engine.work.ledger import Account
from fuzztui.engine.work.search import Search
from fuzztui.engine.work.suspects import Suspecting, Suspects
from fuzztui.protocol.messages import DATABASE, LOOK, Coverage, Exported
from fuzztui.target.errors import MalformedInput
from fuzztui.target.values import decode, encode, zero

BATCH: Final = 16
"""Inputs of one call."""

LONGEST_EXAMPLE: Final = 10_000
"""Characters of a decorator: what is longer nobody pastes."""


@dataclass(slots=True)
class Candidate:
    """An input that may be chosen, and what is known of it."""

    item: Item
    is_own: bool
    """Whether the test declares it: then it runs in any case."""
    edges: int = 0
    """That it covers, a bit each."""
    fits: bool = False
    """Whether it may be chosen."""
    example: Visible = NOTHING


class Exporting(Suspecting):
    """Runs all that there is, chooses, and has what is chosen go where it is to go."""

    state: ClassVar = WorkerState.EXECUTING
    phase: ClassVar = Phase.EXECUTING

    def __init__(self, account: Account, search: Search, suspects: Suspects, task: ExportCorpus) -> None:
        super().__init__(account, suspects)
        self._search = search
        self._task = task
        self._waiting: deque[Item] = deque()
        self._candidates: dict[int, Candidate] = {}
        """By `id` of the item."""
        self._left = 0
        """Items that nothing has been heard of."""
        self._bits: dict[tuple[str, int], int] = {}
        self._is_chosen = False
        self._chosen: list[Candidate] = []
        self._again: list[Item] = []
        """Those of the chosen, so that no `id` is used twice."""
        self._kept = 0
        self._formless = 0

    def begin(self, seeds: list[bytes]) -> None:
        """Collect what there is to choose from."""
        options, parameters = self._search.options, self._search.parameters
        folder = options.target.generated_dir(options.cache_dir)
        generated = [data for _, data in contents(folder, LONGEST) if isinstance(data, bytes)]
        zero_value = encode(zero(parameters))
        for data in dict.fromkeys([*seeds, zero_value, *sorted(generated, key=lambda data: (len(data), data))]):
            try:
                decode(data, parameters)
            except MalformedInput:
                continue  # no input of the test's as it is now
            self._add(Candidate(Item(data), data in seeds))

    def _add(self, candidate: Candidate) -> None:
        self._candidates[id(candidate.item)] = candidate
        self._waiting.append(candidate.item)
        self._left += 1

    @property
    def is_done(self) -> bool:
        """Whether what was chosen has gone where it is to go."""
        return self._is_chosen and not self._left

    def next(self, worker: int, workers: int) -> Batch | None:  # noqa: ARG002
        """Inputs to be looked at, then those chosen."""
        if not self._waiting and not self._left and not self._is_chosen:
            self._choose()
        if not self._waiting:
            return None
        items = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
        return Batch(items, exported=DATABASE if self._is_chosen else LOOK)

    def give_back(self, worker: int, items: list[Item]) -> None:  # noqa: ARG002
        """They come first again."""
        self._waiting.extendleft(reversed(items))

    def exported(self, worker: int, item: Item, exported: Exported) -> None:  # noqa: ARG002
        """An input ran clean: it may be chosen if the test came to a verdict, or is where it was to go."""
        if self._is_chosen:
            self._kept += exported.is_kept
            return
        candidate = self._candidates[id(item)]
        candidate.fits = exported.is_valid and not candidate.is_own
        if candidate.fits and self._task.as_examples:
            has_form = 0 < len(exported.example) <= LONGEST_EXAMPLE
            self._formless += not has_form
            candidate.fits = has_form
            candidate.example = visible(exported.example, LONGEST_EXAMPLE)

    def take(self, worker: int, item: Item, report: Report) -> None:
        """What it covers is known, or it fails: that is a crasher, and not chosen."""
        self._left -= 1
        candidate = self._candidates.get(id(item))
        if isinstance(report, Clean):
            if candidate is not None:
                candidate.edges = self._mask(report.edges)
        elif candidate is None or not candidate.is_own:
            self._search.record(worker, item.data, report.failure, None)

    def undecided(self, worker: int, item: Item, failure: Failure, why: Visible) -> None:  # noqa: ARG002
        """It is not chosen."""
        self._left -= 1
        self._search.listener.warn("suspect", say("an input is not judged ({})", why))

    def _mask(self, edges: Coverage) -> int:
        """The edges of code; what a test tells of its executions counts for nothing here."""
        mask = 0
        for module, probes in edges.items():
            if " " not in module:
                for probe in probes:
                    mask |= 1 << self._bits.setdefault((module, probe), len(self._bits))
        return mask

    def _choose(self) -> None:
        candidates = list(self._candidates.values())
        self._chosen = chosen(candidates, self._task.most)
        self._is_chosen = True
        if not self._task.as_examples:
            self._again = [Item(candidate.item.data) for candidate in self._chosen]
            self._waiting.extend(self._again)
            self._left = len(self._again)

    def close(self) -> None:
        """Tell of it; a run that was interrupted has chosen nothing."""
        if not self.is_done:
            return
        candidates = list(self._candidates.values())
        covered = every = 0
        for candidate in candidates:
            every |= candidate.edges
            covered |= candidate.edges if candidate.is_own else 0
        for candidate in self._chosen:
            covered |= candidate.edges
        export = CorpusExport(
            chosen=len(self._chosen) if self._task.as_examples else self._kept,
            inputs=len(candidates),
            edges=covered.bit_count(),
            all_edges=every.bit_count(),
            examples=tuple(candidate.example for candidate in self._chosen if self._task.as_examples),
            formless=self._formless,
            has_database=self._task.as_examples or not self._chosen or self._kept > 0,
        )
        self._search.listener.on_event(CorpusExported(self._search.clock.elapsed(), export))


def chosen(candidates: Sequence[Candidate], most: int) -> list[Candidate]:
    """Those that fit, each the one that covers most of what neither the test's own nor those before it cover."""
    covered = 0
    for candidate in candidates:
        if candidate.is_own:
            covered |= candidate.edges
    left = [candidate for candidate in candidates if candidate.fits]
    found: list[Candidate] = []
    while left and len(found) < most:
        best = max(left, key=lambda candidate: ((candidate.edges & ~covered).bit_count(), -len(candidate.item.data)))
        if not best.edges & ~covered:
            break
        covered |= best.edges
        found.append(best)
        left = [candidate for candidate in left if candidate.edges & ~covered]
    return found
