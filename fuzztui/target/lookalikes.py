"""What stands in a file and looks like a target to people, but is none: what it is, and what to write instead."""

import ast
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from fuzztui.target.foreign import atheris_advice, atheris_harness, foreign_to, target_name
from fuzztui.target.scope import Function, Scope, annotation, arguments_of, called, why_unreached
from fuzztui.target.signature import call_of, one_liner


class Likeness(IntEnum):
    """How much something looks like a target: of several in a file the first is told of."""

    OF_ANOTHER_TOOL = 0
    BY_NAME = 1
    A_TEST = 2
    NONE = 3


class Lookalike(NamedTuple):
    """A function, class or value that cannot be fuzzed as it is."""

    name: str
    """With the classes and functions that it stands in: `Parser.fuzz_it`."""
    line: int
    likeness: Likeness
    advice: str
    """The end of a sentence that begins with the name."""
    setup: str = ""
    """The set-up that names this function as its target, if one does: that is what is fuzzed."""
    module: str = ""
    """The module that it is imported from, if it is: there it may be a target."""

    @property
    def sentence(self) -> str:
        """What it is and what to write."""
        return f"{self.name} {self.advice}"


def lookalikes(tree: ast.Module) -> list[Lookalike]:
    """All of a file, in order of their lines; functions that are targets already are among them."""
    return sorted(_Search(tree).of_module(), key=lambda found: found.line)


class _Search:
    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._scope = Scope(tree)
        self._atheris = atheris_harness(tree, self._scope)

    def of_module(self) -> Iterator[Lookalike]:
        yield from self._of_block(self._tree.body, "")

    def _of_block(self, body: list[ast.stmt], unreached: str) -> Iterator[Lookalike]:
        """`unreached`: the condition that does not hold when the file is imported, or empty."""
        for node in body:
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    yield self._function(node, unreached)
                    yield from self._inner(node)
                case ast.ClassDef(name=name):
                    body_ = f"write def {target_name(name)}(data: bytes) -> None: {name}(data)"
                    yield Lookalike(name, node.lineno, Likeness.NONE, f"is a class, not a function: {body_}")
                    yield from self._methods(node, "")
                case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                    yield Lookalike(name, node.lineno, _by_name(name), _assigned(name))
                case ast.ImportFrom(module=str(module), level=0, names=names):
                    yield from (self._imported(alias, module, node.lineno) for alias in names)
                case ast.If():
                    yield from self._of_block(node.body, unreached or why_unreached(node))
                    yield from self._of_block(node.orelse, unreached)
                case ast.Try():
                    handled = [statement for handler in node.handlers for statement in handler.body]
                    yield from self._of_block(node.body + handled + node.orelse + node.finalbody, unreached)
                case ast.With():
                    yield from self._of_block(node.body, unreached)

    def _function(self, node: Function, unreached: str) -> Lookalike:
        name, line = node.name, node.lineno
        if foreign := foreign_to(node, self._scope):
            likeness = Likeness.OF_ANOTHER_TOOL if foreign.has_inputs else Likeness.NONE
            return Lookalike(name, line, likeness, foreign.advice)
        if name == self._atheris:
            return Lookalike(name, line, Likeness.OF_ANOTHER_TOOL, atheris_advice(name))
        if unreached:
            advice = f"stands below if {unreached}:, which does not run when the file is imported: move it out of there"
            return Lookalike(name, line, _by_name(name), advice)
        if name.startswith("test_"):
            return Lookalike(name, line, Likeness.A_TEST, _test_without_inputs(name))
        advice = f"is not called fuzz_ something: rename it {target_name(name)}, or put @fuzztui.fuzz above it"
        return Lookalike(name, line, Likeness.NONE, advice)

    def _inner(self, outer: Function) -> Iterator[Lookalike]:
        """Functions within a function."""
        harness = next((each.arg for each in arguments_of(outer) if self._is_harness(each)), None)
        for node in ast.walk(outer):
            if isinstance(node, Function) and node is not outer:
                is_target = harness is not None and any(called(d) == f"{harness}.fuzz" for d in node.decorator_list)
                advice = f"stands inside of the function {outer.name}: move it to the top level of the file"
                name = f"{outer.name}.{node.name}"
                yield Lookalike(name, node.lineno, _by_name(node.name), advice, outer.name if is_target else "")

    def _is_harness(self, argument: ast.arg) -> bool:
        return "fuzztui.F" in self._scope.full_names(annotation(argument))

    def _methods(self, owner: ast.ClassDef, outer: str) -> Iterator[Lookalike]:
        path = f"{outer}{owner.name}"
        for node in owner.body:
            if isinstance(node, ast.ClassDef):
                yield from self._methods(node, f"{path}.")
            elif isinstance(node, Function):
                decorators = {called(each) for each in node.decorator_list}
                is_static, is_of_class = "staticmethod" in decorators, "classmethod" in decorators
                given = [*map(self._scope.parameter, arguments_of(node))][0 if is_static else 1 :]
                owned = path if is_static or is_of_class else f"{path}()"
                code = one_liner(target_name(node.name), given, call_of(f"{owned}.{node.name}", given))
                likeness = Likeness.A_TEST if node.name.startswith("test") else _by_name(node.name)
                advice = f"is a method, want a function: write {code}" if given else _test_without_inputs(node.name)
                yield Lookalike(f"{path}.{node.name}", node.lineno, likeness, advice)

    def _imported(self, alias: ast.alias, module: str, line: int) -> Lookalike:
        name = alias.asname or alias.name
        advice = f"is imported from {module}, not defined here"
        return Lookalike(name, line, _by_name(name), advice, module=module)


def _test_without_inputs(name: str) -> str:
    return f"has no parameter for an input: write def {target_name(name)}(data: bytes) -> None, with what it checks"


def _by_name(name: str) -> Likeness:
    return Likeness.BY_NAME if name.startswith("fuzz_") else Likeness.NONE


def _assigned(name: str) -> str:
    target = target_name(name)
    inner = name if name != target else f"_{name.removeprefix('fuzz_')}"
    renamed = f"rename it {inner} and " if name == target else ""
    return f"is assigned, not defined by def: {renamed}write def {target}(data: bytes) -> None: {inner}(data)"
