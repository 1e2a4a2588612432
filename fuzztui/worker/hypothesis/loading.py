"""Makes a property test a target: checked, with its database of examples, and what people are to be told of it."""

from collections.abc import Mapping
from typing import Any

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.load import LoadedTarget
from fuzztui.worker.hypothesis.checks import check, remarks_of
from fuzztui.worker.hypothesis.examples import Examples
from fuzztui.worker.hypothesis.execution import Code, code_of, function_of, loaded
from fuzztui.worker.hypothesis.explaining import Explaining
from fuzztui.worker.hypothesis.variants import NO_VARIANTS, Variants

__builtins__ = PRIVATE_BUILTINS


def load_property(
    test: Any,
    place: str,
    keywords: Mapping[str, object] | None = None,
    variants: Variants = NO_VARIANTS,
    code: Code | None = None,
) -> tuple[LoadedTarget, tuple[str, ...]]:
    """The target, and sentences about it; `place` names the test in messages, `keywords` are what it takes beside what
    is drawn; `code`: what is tested, if that is not the test's own. HarnessError if it cannot be executed.
    """
    function = function_of(test)
    check(function, place)
    target = loaded(variants.varied(test), keywords={**(keywords or {}), **variants.fixed}, code=code or code_of(test))
    target.explain = Explaining(test, keywords or {}, variants)
    target.examples = Examples(function, variants.ids if variants.parameters else ())
    return target, (*variants.remarks, *remarks_of(function))
