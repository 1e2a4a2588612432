"""What is wrong with a property test whatever it draws, and what of it has no effect here."""

from typing import Any

from hypothesis import settings
from hypothesis.errors import HypothesisException

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.errors import Uncallable
from fuzztui.worker.hypothesis.examples import settings_of, why_unkept

__builtins__ = PRIVATE_BUILTINS

_NO_EFFECT = "whatever is found lies in the target's own folder of crashers alone"


def check(function: Any, place: str) -> None:
    """HarnessError if the test cannot be executed; `function` is what `@given` has made, `place` names the test."""
    handle: Any = function.hypothesis
    strategies: dict[str, Any] = handle._given_kwargs
    is_refused: bool = getattr(handle, "_get_fuzz_target", None) is function
    if is_refused:  # which stands for a test that `@given` refuses
        try:
            function()
        except HypothesisException as error:
            raise Uncallable(f"{place} is not what @given can decorate: {_one_line(error)}") from None
    for name, strategy in strategies.items():
        if strategy is ...:
            continue
        try:
            strategy.validate()
            is_empty = strategy.is_empty
        except Exception as error:  # of the user's strategy
            raise Uncallable(f"{place}: what {name} is drawn from is wrong: {_one_line(error)}") from None
        if is_empty:
            raise Uncallable(f"{place}: there is nothing to draw for {name}: {strategy!r} has no values")


def remarks_of(function: Any) -> tuple[str, ...]:
    """Sentences about settings of the test that people may wonder about."""
    own, why, remarks = settings_of(function), why_unkept(function), []
    if why:
        is_same = own.derandomize or "seed" in why.partition(",")[0]
        remarks.append(f"{why}: {_NO_EFFECT}" + (", and what is tried is random as ever" if is_same else ""))
    usual: Any = settings.get_profile("default").deadline
    if own.deadline not in (None, usual):
        milliseconds = own.deadline.total_seconds() * 1000
        remarks.append(f"deadline={milliseconds:g} counts in pytest alone: what takes longer is no failure here")
    return tuple(remarks)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
