"""Executes a Hypothesis test, once for each sequence of choices."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, NamedTuple, TypeAlias

from hypothesis import HealthCheck, Phase, Verbosity, core, settings
from hypothesis.control import BuildContext
from hypothesis.core import (
    StateForActualGivenExecution,
    process_arguments_to_given,
    skip_exceptions_to_reraise,
)
from hypothesis.errors import HypothesisException, StopTest, UnsatisfiedAssumption
from hypothesis.internal import entropy
from hypothesis.internal.conjecture.data import ConjectureData, Status
from hypothesis.internal.reflection import get_signature
from hypothesis.reporting import with_reporter
from hypothesis.stateful import get_state_machine_test
from hypothesis.version import __version_info__

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.choices.value import CHOICES, Plain
from fuzztui.target.errors import Uncallable
from fuzztui.target.load import VALID, LoadedTarget
from fuzztui.target.tracebacks import is_machinery
from fuzztui.worker.hypothesis.constants import constants_of
from fuzztui.worker.hypothesis.explicit import explicit_examples, seed_of
from fuzztui.worker.hypothesis.lean import maker, sizes_agree
from fuzztui.worker.hypothesis.provider import Replay
from fuzztui.worker.mutate.choices.record import LONGEST_TEXT, Constraint, Record, Span

__builtins__ = PRIVATE_BUILTINS

_random: Final[Any] = vars(entropy)["random"]
"""The module as the target has it: the machinery has a copy of its own."""

OLDEST: Final = (6, 140, 0)
"""The version of Hypothesis from which on its choices are what they are here."""

_PRINTS: Final = next(
    name for name in get_signature(StateForActualGivenExecution.execute_once).parameters if name.startswith("print_")
)
"""What is given to have a call printed: its name has changed once."""

_FOLDER: Final = core.__file__.removesuffix("core.py")
"""Begins the names of Hypothesis' files."""

FRAMES: Final = 2100
"""Calls within each other, at least: Hypothesis lets a test have 2000."""

_ASYNC: Final = 0x80 | 0x200
"""Flags of the code of coroutines and async generators."""

_WANTED_FOR_ASYNC: Final = "want pytest-asyncio, anyio or trio to, by a mark or by its mode, or a custom executor"

Test: TypeAlias = Any


class Code(NamedTuple):
    """Where the code of a test stands."""

    namespace: dict[str, Any]
    """Its globals."""
    place: tuple[str, int]
    """Its file and line."""


class PropertyTest:
    """A Hypothesis test that is called with choices: a seed, and the values that it draws, in order."""

    def __init__(
        self,
        test: Test | type,
        arguments: Sequence[object] = (),
        keywords: Mapping[str, object] | None = None,
        code: Code | None = None,
    ) -> None:
        """`test`: a function that `@given` has made, alone or bound to an object; the `TestCase` of a state machine, or
        the method that runs it. `arguments` and `keywords`: what it takes beside what is drawn, the object that it
        is bound to not among them. `code`: that which is tested, if it is not the test's own, see `code_of`.

        HarnessError for what is no such test.
        """
        if __version_info__ < OLDEST:
            raise Uncallable(f"Hypothesis {_dotted(__version_info__)} is installed, want {_dotted(OLDEST)} or newer")
        function, bound = _unbound(test)
        handle = getattr(function, "hypothesis", None)
        if handle is None:
            raise Uncallable(f"{_name(test)} is no property test: want a function under @given, or a state machine")
        self.wrapped: Final[Any] = function
        """The function that `@given` has made."""
        self.inner: Final[Test] = handle.inner_test
        self._settings = settings(
            getattr(function, "_hypothesis_internal_use_settings", None),
            deadline=None,
            database=None,
            verbosity=Verbosity.normal,
            suppress_health_check=list(HealthCheck),
        )
        try:
            parameters: Any = get_signature(function).parameters
            given = handle._given_kwargs
            taken = process_arguments_to_given(function, (*bound, *arguments), dict(keywords or {}), given, parameters)
            self.stuff: Final = taken[2]
        except (HypothesisException, TypeError) as error:
            raise Uncallable(f"{_name(test)} cannot be run: {error}") from None
        is_asked = Phase.explicit in self._settings.phases
        self.explicit: Final = explicit_examples(function) if is_asked else ()
        """The test's own examples."""
        self._code = code or code_of(test)
        self.provider: Final = Replay(constants_of(self._code.namespace, sys.modules))
        self._state: Any = StateForActualGivenExecution(
            self.stuff, self.inner, self._settings, _random.Random(0), function
        )
        sys.setrecursionlimit(max(sys.getrecursionlimit(), FRAMES))
        self._data: Any = None
        self._make_lean = maker(self.provider)
        self._randoms = _Randoms()
        self._is_direct = self._state.test_runner is core.default_executor
        if self._is_direct and getattr(self.inner, "__code__", None) and self.inner.__code__.co_flags & _ASYNC:
            raise Uncallable(f"{_name(test)} is async, and nothing runs it: {_WANTED_FOR_ASYNC}")
        self.is_lean = False
        """Whether executions that are not recorded do with less than Hypothesis' own data."""
        self.may_be_lean = sizes_agree()
        """Whether they may, as far as is known."""
        self.status = ""
        """How the last execution has ended: `valid`, `invalid`, `overrun`, or the class of what it has raised."""
        self.given: Plain = (0,)
        self.record: Callable[[Plain, Record], None] | None = None
        self.observe: Callable[[Mapping[str, object], Mapping[str, float]], None] | None = None
        self.foretell: Callable[[Plain], None] | None = None
        self.executions = 0
        self.discarded = 0
        """Executions that came to no verdict: by `assume`, `reject` or a skip, or since they drew too much."""

    @property
    def place(self) -> tuple[str, int]:
        """The file and the line of the test's function."""
        return self._code.place

    @property
    def drawn(self) -> Plain:
        """What the last execution has drawn: as an input, the canonical form of the one that it was given."""
        return self.given if self._data is None or self.given[0] < 0 else (0, *self._data.choices)

    def seeds(self) -> list[Plain]:
        """The inputs that the test's own examples are."""
        strategies, runner = self.stuff.given_kwargs, self.stuff.selfy
        return [
            seed_of(example, number, strategies, runner, self.wrapped)
            for number, example in enumerate(self.explicit, 1)
        ]

    def run(self, choices: Plain) -> None:
        """Execute the test once; `choices` begin with the seed, or are the number of an example below zero. Raises what
        the test raises, but for what says that it came to no verdict.
        """
        self.executions += 1
        self.given = choices
        if self.foretell is not None:
            foretell, self.foretell = self.foretell, None
            foretell(self.drawn_before(choices))
        self.provider.start(choices)
        try:
            if choices[0] < 0:
                self._run_explicit(-choices[0])
            elif self.record is None and self.is_lean:
                self._run_lean()
            else:
                self._run_whole()
        except BaseException as error:
            self.status = type(error).__qualname__
            error.__traceback__ = _tests_part(error.__traceback__, self.inner)
            raise
        finally:
            data = self._data
            if self.observe is not None and (data.events or data.target_observations):
                self.observe(data.events, data.target_observations)

    def drawn_before(self, choices: Plain) -> Plain:
        """The canonical form of an input, as far as it is drawn before the test is called."""
        if choices[0] < 0:
            return choices
        self.provider.start(choices)
        data = _Data(random=None, provider=self.provider)
        before_the_call(lambda: self.print_with(data))
        return (0, *data.choices)

    def execute_with(self, data: ConjectureData) -> None:
        """Execute the test once with data of Hypothesis' own. Raises what the test raises, of whatever kind."""
        self.executions += 1
        try:
            self._state.execute_once(data)
        except BaseException as error:
            error.__traceback__ = _tests_part(error.__traceback__, self.inner)
            raise

    def print_with(self, data: ConjectureData) -> None:
        """The same, with all that Hypothesis prints of a final run: the call, notes, the steps of a machine."""
        self._state.execute_once(data, is_final=True, **{_PRINTS: True})

    def _run_explicit(self, number: int) -> None:
        """An example of the test's. One that is there no more comes to no verdict."""
        data = self._data = ConjectureData.for_choices(())
        try:
            if number > len(self.explicit):
                data.mark_invalid()
            self.explicit[number - 1].execute(lambda values: self._state.execute_once(data, example_kwargs=values))
            self.status = VALID
        except no_verdict():
            self.discarded += 1
            self.status = _name_of(data)
        finally:
            if self.record is not None:
                self.record(self.given, Record((None,), ()))

    def print_explicit(self, number: int) -> None:
        """Execute an example with all that Hypothesis prints of a final run."""
        data, options = ConjectureData.for_choices(()), {_PRINTS: True}
        self.explicit[number - 1].execute(
            lambda values: self._state.execute_once(data, is_final=True, example_kwargs=values, **options)
        )

    def _run_lean(self) -> None:
        """The same by a shorter way. Seeding comes first, as with Hypothesis, and the executor runs what draws."""
        self._randoms.seed()
        self._data = data = self._make_lean()
        if self.stuff.selfy is not None:
            data.hypothesis_runner = self.stuff.selfy
        try:
            with BuildContext(data, wrapped_test=self.wrapped):
                result = self._call(data) if self._is_direct else self._state.test_runner(data, self._call)
            self._refuse(result)
            self.status = VALID
        except no_verdict():
            self.discarded += 1
            self.status = _name_of(data)
        except BaseExceptionGroup:
            self._unwrap(data)

    def _call(self, data: Any) -> object:
        keywords = dict(self.stuff.kwargs)
        for name, strategy in self.stuff.given_kwargs.items():
            keywords[name] = data.draw(strategy)
        return self.inner(*self.stuff.args, **keywords)

    def _unwrap(self, data: Any) -> None:
        """A group has been raised: what it holds may say that there is no verdict."""
        try:
            with core.unwrap_markers_from_group():
                raise
        except no_verdict():
            self.discarded += 1
            self.status = _name_of(data)

    def _run_whole(self) -> None:
        """With data of Hypothesis' own, of which there can be a record."""
        self._data = data = _Data(random=None, provider=self.provider)
        try:
            self._refuse(self._state.execute_once(data))
            self.status = VALID
        except no_verdict():
            self.discarded += 1
            self.status = _name_of(data)
        finally:
            if self.record is not None:
                self.record(*recorded(data))

    def _refuse(self, result: Any) -> None:
        """HarnessError for what a test returns: such a one fails with Hypothesis whatever it draws."""
        if result is not None:
            close = getattr(result, "close", None)  # a coroutine would warn that nobody has awaited it
            if close is not None and hasattr(result, "cr_code"):
                close()
            what = f"{self.inner.__name__} returned a value ({type(result).__qualname__})"
            raise Uncallable(
                f"{what}: Hypothesis' health check fails, as it does in pytest: want a test to return None"
            )


class _Randoms:
    """The sources of random numbers that Hypothesis makes the same in each execution."""

    def __init__(self) -> None:
        seeder: Any = entropy.get_seeder_and_restorer
        seeder(0)  # which finds that of NumPy, if that is loaded
        self._known: Any = entropy.RANDOMS_TO_MANAGE
        self._seeds: list[Callable[[int], object]] = []
        self._count = -1

    def seed(self) -> None:
        """All of them, with the seed that Hypothesis takes."""
        if len(self._known) != self._count:
            self._count = len(self._known)
            self._seeds = [each.seed for each in self._known.values()]
        for seed in self._seeds:
            seed(0)


class _Data(ConjectureData):
    """As Hypothesis has it, but that the provider, which is not asked for what is forced, passes over it; and that it
    keeps what spans came to, where that is a text.
    """

    provider: Any

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        self.begun = 0
        """Spans, until now."""
        self.texts: dict[int, str] = {}
        """By the number of a span."""
        super().__init__(*arguments, **keywords)

    def start_span(self, *arguments: Any, **keywords: Any) -> None:
        self.begun += 1
        super().start_span(*arguments, **keywords)

    def draw(self, *arguments: Any, **keywords: Any) -> Any:
        number = self.begun
        value = super().draw(*arguments, **keywords)
        if type(value) is str and 0 < len(value) <= LONGEST_TEXT:
            self.texts[number] = value
        return value

    def draw_integer(self, *arguments: Any, **keywords: Any) -> int:
        self._pass_over(keywords)
        return super().draw_integer(*arguments, **keywords)

    def draw_float(self, *arguments: Any, **keywords: Any) -> float:
        self._pass_over(keywords)
        return super().draw_float(*arguments, **keywords)

    def draw_string(self, *arguments: Any, **keywords: Any) -> str:
        self._pass_over(keywords)
        return super().draw_string(*arguments, **keywords)

    def draw_bytes(self, *arguments: Any, **keywords: Any) -> bytes:
        self._pass_over(keywords)
        return super().draw_bytes(*arguments, **keywords)

    def draw_boolean(self, *arguments: Any, **keywords: Any) -> bool:
        self._pass_over(keywords)
        return super().draw_boolean(*arguments, **keywords)

    def _pass_over(self, keywords: dict[str, Any]) -> None:
        if keywords.get("forced") is not None and keywords.get("observe", True):
            self.provider.index += 1


class _Told(BaseException):
    """All is known that was to be."""


def before_the_call(execute: Callable[[], object]) -> list[str]:
    """What Hypothesis prints first in an execution, which is its call; the test is not called."""
    lines: list[str] = []

    def report(text: Any) -> None:
        lines.append(text if isinstance(text, str) else str(text()))
        raise _Told

    with with_reporter(report), suppress(BaseException):  # of the user's strategies, too
        execute()
    return lines


def recorded(data: _Data) -> tuple[Plain, Record]:
    """What an execution has drawn, and what is known of it."""
    if not data.frozen:
        data.freeze()
    constraints = [None if node.was_forced else _constraint(node.type, node.constraints) for node in data.nodes]
    spans: list[Span] = []
    texts: list[str | None] = []
    places: dict[int, int] = {}
    for number, span in enumerate(data.spans):
        if span.end > span.start and number:
            around = span.parent
            places[number] = len(spans)
            spans.append(Span(span.start + 1, span.end + 1, span.label, places.get(around or 0, -1)))
            texts.append(data.texts.get(number))
    return (0, *data.choices), Record((None, *constraints), tuple(spans), tuple(texts))


def _constraint(kind: str, constraints: Any) -> Constraint:
    match kind:
        case "boolean":
            return Constraint("bool")
        case "integer":
            return Constraint("int", constraints["min_value"], constraints["max_value"])
        case "float":
            return Constraint("float", constraints["min_value"], constraints["max_value"], nan=constraints["allow_nan"])
        case "string":
            return Constraint("str", constraints["min_size"], constraints["max_size"], constraints["intervals"])
    return Constraint("bytes", constraints["min_size"], constraints["max_size"])


def code_of(test: Test | type) -> Code:
    """Where the code of what `PropertyTest` takes was written. Plugins that run async tests replace the function that
    `@given` has got by one of theirs; that of a state machine is Hypothesis'.
    """
    machine = _machine(test)
    if machine is not None:
        rules = [each.__code__ for each in vars(machine).values() if hasattr(each, "__code__")]
        namespace = vars(sys.modules[machine.__module__])
        line = min([each.co_firstlineno for each in rules], default=1)
        return Code(namespace, (str(namespace.get("__file__", "")), line))
    function, _ = _unbound(test)
    inner = function.hypothesis.inner_test
    module = sys.modules.get(function.__module__)
    namespace = inner.__globals__ if module is None else vars(module)
    file = namespace.get("__file__")
    # Hypothesis says of its own function that it stands where the test does.
    code = next((each.__code__ for each in (inner, function) if each.__code__.co_filename == file), inner.__code__)
    return Code(namespace, (code.co_filename, code.co_firstlineno))


def loaded(
    test: Test | type,
    arguments: Sequence[object] = (),
    keywords: Mapping[str, object] | None = None,
    code: Code | None = None,
) -> LoadedTarget:
    """A Hypothesis test as a target; see `PropertyTest` for what it takes, and for errors."""
    made = PropertyTest(test, arguments, keywords, code)
    seeds: list[Any] = [(seed,) for seed in made.seeds()]
    target = LoadedTarget(made.run, (CHOICES,), seeds, (), None)
    target.test = made
    return target


def function_of(test: Any) -> Any:
    """The function that `@given` has made, of what `PropertyTest` takes; of a state machine a new one each time."""
    return _unbound(test)[0]


def new_random() -> Any:
    """A source of random numbers of the target's side, the same each time."""
    return _random.Random(0)


def is_property_test(thing: object) -> bool:
    """Whether a loaded object is what `PropertyTest` takes."""
    function, _ = _unbound(thing)
    return getattr(function, "hypothesis", None) is not None


def no_verdict() -> tuple[type[BaseException], ...]:
    """Exceptions that say that an execution came to no verdict; of skips those of frameworks that are loaded, and what
    a test of pytest's expects to fail is no failure.
    """
    skips: Any = skip_exceptions_to_reraise
    pytests: Any = sys.modules.get("pytest")
    expected = (pytests.xfail.Exception,) if hasattr(pytests, "xfail") else ()
    return StopTest, UnsatisfiedAssumption, *skips(), *expected


def _name_of(data: ConjectureData) -> str:
    return "overrun" if data.status is Status.OVERRUN else "invalid"


def _tests_part(traceback: TracebackType | None, inner: Test) -> TracebackType | None:
    """A traceback from the test's function on, or from what it draws: what is before that depends on the way by which
    the test is executed. Whole where it has no part of the user's.
    """
    code = getattr(inner, "__code__", None)
    parts = list(_parts_of(traceback))
    own = next((part for part in parts if part.tb_frame.f_code is code), None)
    return own or next((part for part in parts if not _is_frameworks(part.tb_frame.f_code.co_filename)), traceback)


def _parts_of(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _is_frameworks(file: str) -> bool:
    return file.startswith(_FOLDER) or is_machinery(file)


def _unbound(test: Any) -> tuple[Any, tuple[object, ...]]:
    """The function that `@given` has made, and the object that it is bound to, if any."""
    machine = _machine(test)
    if machine is not None:
        return get_state_machine_test(machine), ()
    bound = getattr(test, "__self__", None)
    return (getattr(test, "__func__", test), (bound,)) if bound is not None else (test, ())


def _machine(test: Any) -> Any:
    """The state machine that a `TestCase`, or the method which runs it, is for; None for any other test."""
    if isinstance(test, type):
        test = getattr(test, "runTest", None)
    return getattr(test, "_hypothesis_state_machine_class", None)


def _name(test: object) -> str:
    handle = getattr(test, "hypothesis", None)
    named = test if handle is None else handle.inner_test  # Hypothesis' own function is called after itself
    return str(getattr(named, "__qualname__", None) or type(test).__qualname__)


def _dotted(version: Sequence[int]) -> str:
    return ".".join(map(str, version))
