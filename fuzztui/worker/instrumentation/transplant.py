"""Instruments the rest of a module in which something is nested too deeply for the compiler.

What is too deep is cut out of the syntax tree, and the tree instrumented and compiled without it. Then the source is
compiled as it is, and its functions get the instrumented code where there is one. Only functions have probes, so the
module's own code and that of classes stay the source's.
"""

import ast
from collections import defaultdict
from types import CodeType

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.instrumentation.code import nested, with_nested

__builtins__ = PRIVATE_BUILTINS

_OPTIMIZED = 0x1
"""Flag of code with local variables: functions have it, modules and classes do not."""


def shallow(tree: ast.Module, most_depth: int) -> list[str]:
    """Cut what is deeper out of a module; returns its names: of functions, or else of lines.

    A function is cut out as a whole, since its code is exchanged as a whole; of a class only what is too deep.
    """
    cut: list[str] = []
    bodies = [(tree.body, "")]
    while bodies:
        body, prefix = bodies.pop()
        for number, statement in enumerate(body):
            if _depth(statement) <= most_depth:
                continue
            if isinstance(statement, ast.ClassDef):
                bodies.append((statement.body, f"{prefix}{statement.name}."))
                if all(_depth(part) <= most_depth for part in _head(statement)):
                    continue
            name = getattr(statement, "name", None)
            cut.append(f"{prefix}{name}" if isinstance(name, str) else f"line {statement.lineno}")
            body[number] = ast.copy_location(ast.Pass(), statement)
    return cut


def _head(node: ast.ClassDef) -> list[ast.AST]:
    return [*node.decorator_list, *node.bases, *node.keywords]


def _depth(tree: ast.AST) -> int:
    depth = 0
    level = [tree]
    while level:
        depth += 1
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return depth


def transplanted(plain: CodeType, instrumented: CodeType) -> CodeType:
    """The plain code with the functions of the instrumented one, of those that are in there."""
    found = defaultdict(list)
    for code in nested(instrumented):
        found[code.co_name, code.co_firstlineno].append(code)
    wanted = defaultdict(list)
    for code in nested(plain):
        wanted[code.co_name, code.co_firstlineno].append(code)
    pairs = {
        id(old): new
        for key, codes in wanted.items()
        if len(codes) == len(found[key])
        for old, new in zip(codes, found[key], strict=True)
    }

    def change(code: CodeType) -> CodeType:
        new = pairs.get(id(code))
        if new is None:
            return code
        if not code.co_flags & _OPTIMIZED:
            return transplanted(code, new)
        # By which the code around a function gives the variables that both share.
        return new if new.co_freevars == code.co_freevars else code

    return with_nested(plain, change)
