"""Parameters of a test, as `pytest.mark.parametrize` gives them: one more thing that is drawn, before all others."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from hypothesis import given, strategies
from hypothesis.core import Example
from hypothesis.internal.reflection import get_signature

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.hypothesis.explicit import EXAMPLES, explicit_examples

__builtins__ = PRIVATE_BUILTINS

_CHOSEN: Final = "chosen_parameters"
"""What is drawn beside what the test draws: which of the variants it is."""


class Variants:
    """The tests that pytest has made of one function, which differ by their parameters."""

    def __init__(self, parameters: Sequence[Mapping[str, object]], ids: Sequence[str], left_out: int) -> None:
        self.parameters: Final = parameters
        """What each is called with; none where there is only one."""
        self.ids: Final = ids
        """What pytest calls each, in the same order."""
        self.fixed: Final[dict[str, object]] = dict(parameters[0]) if parameters else {}
        total = left_out + max(1, len(parameters))
        left = f"{left_out} of {total} sets of parameters are left out: fixtures depend on them, and stay as they are"
        self.remarks: Final[tuple[str, ...]] = (left,) if left_out else ()

    @classmethod
    def of(cls, items: Sequence[Any], keywords: Mapping[str, object]) -> "Variants":
        """Those among the tests whose fixtures are the first one's, which has been set up with these values."""
        sets = [dict(getattr(getattr(each, "callspec", None), "params", {})) for each in items]
        if len(sets) < 2:
            return cls((), [each.nodeid for each in items], 0)
        own = {name for name, value in sets[0].items() if keywords.get(name, cls) is value}
        rest = _without(sets[0], own)
        alike = [number for number, each in enumerate(sets) if _without(each, own) == rest]
        chosen = [{name: sets[number][name] for name in own} for number in alike]
        left_out = len(sets) - len(alike)
        return cls(chosen if len(chosen) > 1 else (), [items[number].nodeid for number in alike], left_out)

    def varied(self, test: Callable[..., Any]) -> Callable[..., Any]:
        """The test, its parameters drawn where there are several sets; `fixed` is for its signature only."""
        if not self.parameters:
            return test
        function: Any = getattr(test, "__func__", test)
        inner, sets = function.hypothesis.inner_test, self.parameters

        def chosen(*arguments: object, **named: Any) -> Any:
            own = sets[named.pop(_CHOSEN)]
            bound = shown.bind_partial(*arguments, **named)
            bound.arguments.update(own)
            return inner(*bound.args, **bound.kwargs)

        drawn = function.hypothesis._given_kwargs
        shown = get_signature(inner)
        extra = list(shown.parameters.values())
        extra.append(type(extra[0])(_CHOSEN, type(extra[0]).KEYWORD_ONLY))
        chosen.__signature__ = shown.replace(parameters=extra)  # type: ignore[attr-defined]
        chosen.__name__, chosen.__qualname__ = function.__name__, function.__qualname__
        chosen.__module__ = function.__module__
        varied: Any = given(**{_CHOSEN: strategies.sampled_from(range(len(sets))), **drawn})(chosen)
        examples = explicit_examples(function)
        examples_of_all = [
            Example((), {_CHOSEN: number, **each.keywords}, each.raises)
            for number in reversed(range(len(sets)))
            for each in reversed(examples)
        ]
        setattr(varied, EXAMPLES, examples_of_all)
        for name, value in vars(function).items():
            if name.startswith("_hypothesis_internal") and name not in vars(varied):
                setattr(varied, name, value)
        bound = getattr(test, "__self__", None)
        whole: Callable[..., Any] = varied if bound is None else varied.__get__(bound)
        return whole


NO_VARIANTS: Final = Variants((), (), 0)
"""Of a test that pytest has not made several of."""


def _without(parameters: Mapping[str, object], names: set[str]) -> dict[str, object]:
    return {name: value for name, value in parameters.items() if name not in names}
