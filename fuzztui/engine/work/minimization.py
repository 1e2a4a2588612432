"""One failing input on its way to the smallest and plainest one that fails in the same way."""

from collections import deque
from collections.abc import Callable, Generator, Sequence
from typing import Final, NamedTuple, TypeAlias, TypeVar

from fuzztui.engine.keep.corpus import LONGEST
from fuzztui.engine.keep.lineage import digest
from fuzztui.engine.keep.storage import read_in
from fuzztui.engine.keep.stored import Stored
from fuzztui.engine.show import text
from fuzztui.engine.show.branches import Branch, Step, branches
from fuzztui.engine.show.failure import CrasherKind, Failure
from fuzztui.engine.show.inputs import size_words
from fuzztui.engine.show.minimized import Minimized
from fuzztui.engine.show.needed import Needed
from fuzztui.engine.show.scene import Scene
from fuzztui.engine.shrinking import MOST_PARTS, explore, shrink, within
from fuzztui.engine.work.call import Item
from fuzztui.engine.work.search import Search
from fuzztui.target.errors import MalformedInput
from fuzztui.target.values import decode, encode, is_choices, show

T = TypeVar("T")

VALUES_CHARACTERS: Final = 2_000

FEW_PARTS: Final = 16
"""Parts of an input that are told apart where each failure ends a process."""

WRITTEN_EVERY: Final = 1.0
"""Seconds between two times that the smallest input so far is written down."""

MOST_GIVEN_BACK: Final = 3
"""Times that a worker may come to no end."""

RUNS: Final = 3
"""How often an input is run that does not fail at once."""

PREFIX: Final = "smallest-"
"""Of the file that holds the smallest input so far, before the digest of the input that it comes from."""


class _Question(NamedTuple):
    """Which of these is the first that fails, or the first that does not?"""

    alternatives: Sequence[bytes]
    fails: bool = True
    shrinks: bool = False
    """Whether the worker is to look for a smaller one by itself, which takes the place of the one asked about."""
    looks: bool = False
    """Whether it is looked into what happens: scenes of failures, and the steps that are taken."""


_Course: TypeAlias = Generator[_Question, int | None, None]
"""Asks one question after another, and is sent the place that each asks for; None if there is no such input."""


class _Round:
    """A question that is being answered."""

    def __init__(self, question: _Question) -> None:
        alternatives, self.wants_failing, self.shrinks, self.looks = question
        self.items = [Item(data) for data in alternatives]
        self._waiting = deque(range(len(self.items)))
        self._running = set[int]()
        self.first: int | None = None
        """Place of the first that is asked for, as far as they have been run."""

    @property
    def is_over(self) -> bool:
        return not self._waiting and not self._running

    @property
    def waits(self) -> bool:
        return bool(self._waiting)

    def hand_out(self, workers: int) -> list[Item]:
        """A share of what waits."""
        places = [self._waiting.popleft() for _ in range(-(-len(self._waiting) // workers))]
        self._running.update(places)
        return [self.items[place] for place in places]

    def give_back(self, item: Item) -> None:
        """The item waits again, unless one in front of it is the answer."""
        place = self._place(item)
        self._running.remove(place)
        if self.first is None or place < self.first:
            self._waiting.appendleft(place)

    def answer(self, item: Item, fails: bool) -> None:
        """The item has been run; those behind one that is asked for need not be."""
        place = self._place(item)
        self._running.remove(place)
        if fails is self.wants_failing and (self.first is None or place < self.first):
            self.first = place
            self._waiting = deque(other for other in self._waiting if other < place)

    def is_running(self, item: Item) -> bool:
        return any(self.items[place] is item for place in self._running)

    def _place(self, item: Item) -> int:
        return next(place for place, other in enumerate(self.items) if other is item)


class Minimization:
    """Hands out what the search proposes, and is told how each of it has failed.

    The smallest input so far is in the cache all the time, so that no end of the run loses it: a later search for the
    same input begins there.
    """

    def __init__(self, search: Search, name: text.Visible, data: bytes, failure: Failure | None = None) -> None:
        """`name`: the input's, as people are shown it; `failure`: how it is to fail; None for the first way in which it
        does.
        """
        self._search = search
        self._name = name
        self._data = data
        self.best = data
        """The smallest input so far."""
        self.executions = 0
        self._wanted = failure
        self._failure: Failure | None = None
        """How the input has failed, once it has in the way that is wanted."""
        self._needed: Needed | None = None
        self._scenes: tuple[Scene, ...] = ()
        self._failing: tuple[Step, ...] = ()
        """Steps that the smallest input takes."""
        self._branches: tuple[Branch, ...] = ()
        self._neighbour: bytes | None = None
        """An input that passes and differs from the smallest one in one part."""
        self._course = self._ask()
        self._round: _Round | None = _Round(next(self._course))
        """None when it is all over."""
        self._is_smallest = False
        """Whether nothing smaller can be found."""
        self._is_steady = True
        """Whether the input still failed when nothing smaller was found."""
        self._given_back = 0
        """How often a worker has come to no end that was to make the input smaller by itself."""
        self._written_at = 0.0
        self._progress = f"{PREFIX}{digest(data)}"
        self._worded: tuple[bytes, text.Visible, text.Visible] | None = None
        """The smallest input that was put into words last, and these."""

    @property
    def waits(self) -> bool:
        """Whether there is something to be handed out."""
        return self._round is not None and self._round.waits

    @property
    def looks(self) -> bool:
        """Whether it is to be told what happens in what is handed out: scenes of failures, and steps."""
        return self._round is not None and self._round.looks

    @property
    def shrinks(self) -> bool:
        """Whether what is handed out is to be made smaller by the worker."""
        return self._round is not None and self._round.shrinks

    @property
    def is_over(self) -> bool:
        """Whether nothing more can be learned."""
        return self._round is None

    def holds(self, item: Item) -> bool:
        """Whether the item has been handed out and not been answered or given back."""
        return self._round is not None and self._round.is_running(item)

    def hand_out(self, workers: int) -> list[Item]:
        """What is to be run next by one of so many workers; nothing as long as all of it is being run."""
        return self._round.hand_out(workers) if self._round is not None else []

    def give_back(self, items: Sequence[Item]) -> None:
        """They come first again, unless what they were to answer is answered."""
        assert self._round is not None
        self._given_back += self._round.shrinks
        for item in reversed(items):
            if self._given_back > MOST_GIVEN_BACK and self._round.shrinks:
                self._round.answer(item, fails=False)  # something that is tried on the way ends the process
            else:
                self._round.give_back(item)
        self._go_on()

    def answer(self, item: Item, failure: Failure | None, steps: Sequence[Step] = ()) -> bool:
        """The item has been run and has failed so, or not; whether it has failed alike. `steps`: what it has taken."""
        self.executions += 1
        fails = failure is not None and (self._wanted is None or _is_alike(failure, self._wanted))
        if fails and self._failure is None:
            self._wanted = self._failure = failure
        if fails and self.shrinks:
            self._failure = failure  # which tells of the call that has come of it
        if failure is not None and fails and failure.scenes:
            self._scenes = failure.scenes
        if failure is not None and fails and failure.steps:
            self._failing = failure.steps
        elif failure is None and steps:
            self._branches = branches(self._failing, steps)
        if failure is None and self._round is not None and not self._round.wants_failing:
            self._neighbour = self._neighbour or item.data
        self._settle(item, fails)
        return fails

    def skip(self, item: Item) -> None:
        """Nobody can tell whether the item fails: then it does not."""
        self.executions += 1
        self._settle(item, fails=False)

    def _settle(self, item: Item, fails: bool) -> None:
        assert self._round is not None
        self._round.answer(item, fails)
        self._go_on()

    # The search ------------------------------------------------------------------------------------------------------

    def _go_on(self) -> None:
        """Ask for more, once it is known which of the alternatives is the first that fails."""
        while self._round is not None and self._round.is_over:
            first = self._round.first
            if first is not None and self._round.wants_failing:
                self._improve(self._round.items[first].data)
            try:
                self._round = _Round(self._course.send(first))
            except StopIteration:
                self._round = None

    def _ask(self) -> _Course:
        """How the input fails, for alternatives to the smallest input so far, then what of the smallest is needed."""
        for _ in range(RUNS):  # as often as a replay runs what passes
            if (yield _Question([self._data])) is not None:
                break
        else:
            return
        earlier = self._earlier()
        if earlier is not None:
            yield _Question([earlier])
        parameters = self._search.parameters
        if is_choices(parameters):
            yield from self._ask_framework()
            return
        search = within(shrink(decode(self.best, parameters), parameters), encode)
        yield from _questions(_untried(search))
        self._is_smallest = True
        if self.best == self._data and (yield _Question([self._data])) is None:
            self._is_smallest = self._is_steady = False
            return
        yield _Question([self.best], looks=True)
        assert self._failure is not None
        most = FEW_PARTS if self._failure.kind.ends_the_process else MOST_PARTS
        exploration = explore(decode(self.best, parameters), most)
        self._needed = yield from _questions(within(exploration, encode), fails=False)
        if self._failing and self._neighbour is not None:
            yield _Question([self._neighbour], fails=False, looks=True)

    def _ask_framework(self) -> _Course:
        """As `_ask` for a property test, whose framework knows best what is plain: a worker has it do the search."""
        assert self._failure is not None
        if self._failure.kind.ends_the_process:
            return  # whoever searched would be gone
        self._is_smallest = (yield _Question([self.best], shrinks=True)) is not None
        yield _Question([self.best], looks=True)

    def _improve(self, data: bytes) -> None:
        self.best = data
        now = self._search.clock.elapsed()
        if data != self._data and now - self._written_at >= WRITTEN_EVERY:
            self._written_at = now
            self._search.keep_progress(self._progress, data)

    def _earlier(self) -> bytes | None:
        """What a search before this one had come to, if it is an input."""
        try:
            data = read_in(self._search.records, self._progress, LONGEST)
            decode(data, self._search.parameters)
        except (OSError, MalformedInput):
            return None
        return data

    # The result ------------------------------------------------------------------------------------------------------

    @property
    def is_smaller(self) -> bool:
        """Whether a smaller input has been found."""
        return self.best != self._data

    def conclude(self, then: Callable[[Minimized], None]) -> None:
        """Store the smallest input beside the target, if it is another one; `then` is called when that is done, or no
        folder has taken it.
        """
        if self.best == self._data:
            then(self.result(None))
            return
        self._search.keep_progress(self._progress, self.best)
        self._search.store_smallest(self.best, lambda stored: then(self.result(stored)))

    def result(self, stored: Stored | None, *, is_running: bool = False) -> Minimized:
        """How far it has come; `stored`: where the smallest input lies, as far as that has been tried."""
        sizes, values = self._words()
        path = stored.path if stored is not None else None
        return Minimized(
            name=self._name,
            failure=self._failure,
            sha256=digest(self.best),
            before=len(self._data),
            after=len(self.best),
            sizes=sizes,
            values=values if self._failure is not None else text.NOTHING,
            executions=self.executions,
            is_running=is_running,
            is_smallest=self._is_smallest,
            is_steady=self._is_steady,
            path=path,
            command=self._search.crashers.command(path) if path is not None else text.NOTHING,
            data=self.best if stored is not None and stored.path is None else None,
            needed=self._needed,
            scenes=self._scenes,
            branches=self._branches,
            neighbour=self._neighbour_words() if self._branches else text.NOTHING,
        )

    def _words(self) -> tuple[text.Visible, text.Visible]:
        """Sizes of the input and the smallest so far, and the arguments of that one: it is asked for them each time
        that something has been tried, which is mostly in vain.
        """
        if self._worded is None or self._worded[0] is not self.best:
            before, after = (decode(data, self._search.parameters) for data in (self._data, self.best))
            sizes = text.say("{} -> {}", size_words(before), size_words(after))
            self._worded = self.best, sizes, text.one_line(show(after, VALUES_CHARACTERS), VALUES_CHARACTERS)
        return self._worded[1:]

    def _neighbour_words(self) -> text.Visible:
        assert self._neighbour is not None
        arguments = decode(self._neighbour, self._search.parameters)
        return text.one_line(show(arguments, VALUES_CHARACTERS), VALUES_CHARACTERS)


def _is_alike(failure: Failure, wanted: Failure) -> bool:
    """Whether it is of the bucket; where a hang is met depends on when somebody looks, so its group is enough."""
    is_ended = wanted.kind in (CrasherKind.TIMEOUT, CrasherKind.MEMORY)
    return failure.id == wanted.id or (is_ended and failure.kind is wanted.kind and failure.group == wanted.group)


def _questions(
    search: Generator[list[bytes], int | None, T], *, fails: bool = True
) -> Generator[_Question, int | None, T]:
    """A search's alternatives as questions."""
    try:
        alternatives = next(search)
        while True:
            alternatives = search.send((yield _Question(alternatives, fails)))
    except StopIteration as end:
        result: T = end.value
        return result


def _untried(search: Generator[list[bytes], int | None, object]) -> Generator[list[bytes], int | None, None]:
    """A search without the alternatives that it has proposed before."""
    tried = set[str]()
    alternatives = next(search, None)
    while alternatives is not None:
        places = []
        for place, data in enumerate(alternatives):
            known = digest(data)
            if known not in tried:
                tried.add(known)
                places.append(place)
        found = (yield [alternatives[place] for place in places]) if places else None
        try:
            alternatives = search.send(None if found is None else places[found])
        except StopIteration:
            return
