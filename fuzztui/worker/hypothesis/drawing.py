"""Executes a target that takes values which only Hypothesis makes: all of its parameters are drawn, as a test's are.

Types that are known are drawn by their specs, within their bounds, and built as always; the others by `from_type`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.control import BuildContext
from hypothesis.errors import HypothesisException
from hypothesis.internal.conjecture.data import ConjectureData
from hypothesis.vendor.pretty import RepresentationPrinter

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.choices.value import CHOICES, Plain
from fuzztui.target.errors import Uncallable
from fuzztui.target.kinds import KINDS
from fuzztui.target.load import Left, LoadedTarget
from fuzztui.target.refusals import Refusals
from fuzztui.target.typed import literal, text
from fuzztui.target.typed.resolve import Unknown, by_hand
from fuzztui.target.typed.spec import (
    DICT,
    UNIQUE,
    Again,
    Choice,
    Either,
    Field,
    Made,
    Many,
    Maybe,
    Named,
    Record,
    Scalar,
    Spec,
)
from fuzztui.target.typed.typing_objects import described
from fuzztui.worker.hypothesis.execution import Code, PropertyTest

__builtins__ = PRIVATE_BUILTINS

Strategy: TypeAlias = Any

LONGEST: Final = 10_000
"""Characters of a call as it is shown."""


def drawn(target: LoadedTarget) -> tuple[LoadedTarget, tuple[str, ...]]:
    """The target as one that takes choices, and sentences about it; Uncallable if Hypothesis knows a type neither."""
    left, refusals = target.left, target.refusals
    assert left is not None, "something is left to Hypothesis"
    assert refusals is not None, "what is left to it is built"
    known = {spec: _strategy_for(unknown) for spec, unknown in left.unknown.items()}
    strategy = st.tuples(*[_Strategies(known).of_parameter(each) for each in target.parameters])
    test = PropertyTest(_test(target.function, strategy, refusals), code=Code(left.namespace, left.place))
    made = LoadedTarget(test.run, (CHOICES,), [], target.raises, target.harness, refusals)
    made.test, made.documented = test, target.documented
    made.explain = _Explaining(strategy, left, test)
    names = ", ".join(dict.fromkeys([described(each.annotation) for each in left.unknown.values()]))
    return made, (f"values of {names} are drawn by Hypothesis, so an input is the sequence of choices it makes",)


def _test(function: Callable[..., object], strategy: Strategy, refusals: Refusals) -> Callable[..., Any]:
    """A property test that calls a function with plain values. What raises while they are drawn is what makes them,
    which refuses, and the function does not run.
    """

    def test(data: Any) -> None:
        try:
            plain = data.conjecture_data.draw(strategy)
        except HypothesisException:
            raise
        except Exception as error:
            refusals.note(error)
        else:
            function(*plain)
            return
        refusals.then()

    made: Callable[..., Any] = given(data=st.data())(test)
    return made


def _strategy_for(unknown: Unknown) -> Strategy:
    """What draws values of a type; Uncallable if Hypothesis has none."""
    annotation = unknown.annotation
    try:
        strategy = st.from_type(annotation)
        strategy.validate()
        why = "it has none" if strategy.is_empty else ""
    except Exception as error:  # of Hypothesis', and of what the user has registered with it
        why = " ".join(str(error).split())
    if not why:
        return strategy
    name = described(annotation)
    words = f"{unknown.place} is annotated {name}, of which neither fuzztui nor Hypothesis makes values ({why[:200]})"
    raise Uncallable(f"{words}: register a strategy by st.register_type_strategy, or {by_hand(annotation)}")


class _Strategies:
    """Makes strategies for plain values."""

    def __init__(self, known: Mapping[Spec, Strategy]) -> None:
        """`known`: those for types that are left to Hypothesis, by what stands for them."""
        self._known = known

    def of_parameter(self, parameter: str) -> Strategy:
        """Values of a kind's name, or of a spec's text."""
        if parameter == "date":
            return st.dates()
        return self.of(Scalar(parameter) if parameter in KINDS else text.read(parameter), {})

    def of(self, spec: Spec, labels: Mapping[str, Strategy]) -> Strategy:
        """Values of a spec; `labels`: what `Again` stands for in there."""
        match spec:
            case Scalar():
                return _of_scalar(spec)
            case Choice(options=options):
                return st.sampled_from(options)
            case Many():
                return self._of_many(spec, labels)
            case Record(fields=fields):
                return st.tuples(*[self._of_field(each, labels) for each in fields])
            case Maybe(of=of):
                return st.none() | self.of(of, labels)
            case Either(members=members):
                return st.one_of([st.tuples(st.just(at), self.of(each, labels)) for at, each in enumerate(members)])
            case Made(of=of):
                return self._known[spec] if spec in self._known else self.of(of, labels)
            case Named(label=label, of=of):
                whole: Strategy = st.deferred(lambda: self.of(of, {**labels, label: whole}))
                return whole
            case Again(label=label):
                return labels[label]

    def _of_field(self, field: Field, labels: Mapping[str, Strategy]) -> Strategy:
        one = self.of(field.of, labels)
        return st.just(()) | st.tuples(one) if field.may_lack else one

    def _of_many(self, many: Many, labels: Mapping[str, Strategy]) -> Strategy:
        by: Callable[[Any], str] = _key_of_pair if many.form == DICT else literal.write
        unique_by = by if many.form in UNIQUE else None
        element = self.of(many.of, labels)
        return st.lists(element, min_size=many.least, max_size=many.most, unique_by=unique_by).map(tuple)


def _key_of_pair(pair: Any) -> str:
    return literal.write(pair[0])


def _of_scalar(scalar: Scalar) -> Strategy:
    low, high, step = scalar.low, scalar.high, scalar.step
    match scalar.kind:
        case "bool":
            return st.booleans()
        case "str":
            return st.text(min_size=int(low or 0), max_size=None if high is None else int(high))
        case "bytes":
            return st.binary(min_size=int(low or 0), max_size=None if high is None else int(high))
        case "float" if not step:
            return st.floats(low, high)
    least = None if low is None else -int(-low // (step or 1))
    most = None if high is None else int(high // (step or 1))
    whole = st.integers(least, most)
    return whole if step is None else whole.map(step.__mul__)


class _Explaining:
    """Tells which call an input is."""

    def __init__(self, strategy: Strategy, left: Left, test: PropertyTest) -> None:
        self._strategy = strategy
        self._left = left
        self._test = test

    def __call__(self, plain: Plain, /) -> Sequence[str]:
        """The call, for an input in its canonical form; nothing where it cannot be shown."""
        try:
            data = ConjectureData.for_choices(plain[1:])
            with BuildContext(data, is_final=True, wrapped_test=self._test.wrapped) as context:
                values = self._left.build(data.draw(self._strategy))
                words = [_shown(each, context) for each in values]
        except Exception:  # its values' own code
            return ()
        return (f"{self._left.name}({', '.join(words)})"[:LONGEST],)

    def foretold(self, plain: Plain, /) -> Sequence[str]:
        """The same: the function is not called for it."""
        return self(plain)

    def example(self, _plain: Plain, /) -> str:
        """There is no test to write one for."""
        return ""


def _shown(value: object, context: Any) -> str:
    printer = RepresentationPrinter(context=context)
    printer.pretty(value)
    return str(printer.getvalue())
