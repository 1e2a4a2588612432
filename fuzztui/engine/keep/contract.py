"""The line of a harness that declares exceptions as part of its contract, as it is to be written. Pure functions."""

import ast
from collections.abc import Sequence

from fuzztui.target.syntax import ALONE

Definition = ast.FunctionDef | ast.AsyncFunctionDef


def contract_line(source: bytes, target: str, types: Sequence[str]) -> tuple[int, str] | None:
    """The decorator of a target with these types added to its `raises`, and the number of the line where it begins; of
    a target that is one by its name alone, the decorator to write above that line. None where the source has no such
    target, or a set-up, which has no decorator of its own. `types`: qualified names, without `builtins.`.
    """
    try:
        with ALONE:
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, Definition) and node.name == target:
            for inner in ast.walk(node):
                for decorator in inner.decorator_list if isinstance(inner, Definition) else ():
                    if _is_fuzz(decorator):
                        return decorator.lineno, f"@{_with_raises(decorator, types)}"
            if not any(isinstance(inner, ast.Attribute) and inner.attr == "fuzz" for inner in ast.walk(node)):
                return node.lineno, f"@fuzztui.fuzz({raises_words(types)})"
    return None


def raises_words(types: Sequence[str]) -> str:
    """`raises=ValueError`, `raises=(ValueError, KeyError)`."""
    return f"raises={types[0]}" if len(types) == 1 else f"raises=({', '.join(types)})"


def _is_fuzz(decorator: ast.expr) -> bool:
    named = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = named.attr if isinstance(named, ast.Attribute) else named.id if isinstance(named, ast.Name) else ""
    return name == "fuzz"


def _with_raises(decorator: ast.expr, types: Sequence[str]) -> str:
    call = decorator if isinstance(decorator, ast.Call) else ast.Call(func=decorator, args=[], keywords=[])
    before: list[str] = []
    others: list[ast.keyword] = []
    for keyword in call.keywords:
        if keyword.arg == "raises":
            elements = keyword.value.elts if isinstance(keyword.value, ast.Tuple) else [keyword.value]
            before += [ast.unparse(element) for element in elements]
        else:
            others.append(keyword)
    parts = [*map(ast.unparse, call.args), *map(ast.unparse, others)]
    return f"{ast.unparse(call.func)}({', '.join([*parts, raises_words(list(dict.fromkeys([*before, *types])))])})"
