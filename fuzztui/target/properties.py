"""Recognizes property tests: functions and methods under Hypothesis' `@given`, and its state machines.

They are targets as they are. Which of them a process can call by itself, and which only pytest can set up, is told here
too: what has fixtures or marks, stands in a class, is async, or has a `conftest.py` near it is pytest's.
"""

import ast
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

from fuzztui.target.forms import Form
from fuzztui.target.pytest_settings import BadSettings, Naming, naming, sets_up
from fuzztui.target.scope import Function, Scope, called, statements

MAY_HAVE_SOME: Final = re.compile(rb"hypothesis|\bgiven\b|StateMachine").search
"""What the bytes of any file with property tests have: others need not be parsed."""

SEPARATOR: Final = "::"
"""Between a class and what is in it."""

_GIVEN: Final = frozenset({"hypothesis.given", "hypothesis.core.given"})
_RUNS: Final = "run_state_machine_as_test"
"""Ends the names of Hypothesis' function that runs a state machine."""
_PACKAGE: Final = "hypothesis."
_MACHINE: Final = "StateMachine"
"""Ends the names of the base classes of state machines."""
_CASE: Final = "TestCase"
"""Ends the names of unittest's classes, and names the attribute of a state machine that is one."""
_MARKS: Final = frozenset({"pytestmark", "setup_module", "setup_function", "setUpModule", "load_tests"})
"""Names at module level by which pytest does something around every test."""
_FIXTURES: Final = ("pytest.fixture", "pytest_asyncio.fixture")
_ROOTS: Final = ("pyproject.toml", "setup.py", "setup.cfg", ".git", "pytest.ini", "tox.ini")


class PropertyFunction(NamedTuple):
    """A property test as its source shows it."""

    name: str
    """`test_it`, or `TestThing::test_it`."""
    line: int
    form: Form


def property_tests(tree: ast.Module, scope: Scope, file: Path) -> list[PropertyFunction]:
    """All property tests of a file, in order of their lines."""
    return sorted(_Search(tree, scope, file).found(), key=lambda found: found.line)


class _Search:
    def __init__(self, tree: ast.Module, scope: Scope, file: Path) -> None:
        self._scope = scope
        self._body = list(statements(tree.body, imported=True))
        self._classes = {node.name: node for node in self._body if isinstance(node, ast.ClassDef)}
        self._makers = _makers_of_given(self._body, scope)
        self._is_marked = self._has_marks(file)
        self._file = file
        self._settings = frozenset(_settings_of(self._body, scope))

    @cached_property
    def _names(self) -> Naming:
        try:
            return naming(self._file)
        except BadSettings:
            return Naming()  # which is told when the target is run, for which they are read, too

    def found(self) -> Iterator[PropertyFunction]:
        functions = {node.name: node for node in self._body if isinstance(node, Function)}
        for node in functions.values():
            if self._is_given(node):
                hosted = self._is_marked or not self._is_bare(node)
                if not hosted or self._names.names_function(node.name):
                    yield PropertyFunction(node.name, node.lineno, Form.HOSTED if hosted else Form.PROPERTY)
        for owner in self._classes.values():
            yield from self._in_class(owner, "", {})
        for statement in self._body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Attribute(attr="TestCase") as value):
                    if self._is_machine(value.value):
                        yield self._machine(name, statement.lineno)

    # Functions --------------------------------------------------------------------------------------------------------

    def _is_given(self, function: Function) -> bool:
        """Whether a function is under `@given`, or calls a machine or a function of its own that is."""
        if any(self._gives(each) for each in function.decorator_list):
            return True
        return isinstance(function, ast.FunctionDef) and any(self._runs(each) for each in ast.walk(function))

    def _runs(self, node: ast.AST) -> bool:
        match node:
            case ast.Call(func=ast.Name() | ast.Attribute() as called_by):
                return any(name.endswith(_RUNS) for name in self._scope.names_anywhere(ast.unparse(called_by)))
            case ast.FunctionDef(decorator_list=decorators):
                return any(self._gives(each) for each in decorators)
        return False

    def _gives(self, decorator: ast.expr) -> bool:
        name = called(decorator)
        return name in self._makers or not _GIVEN.isdisjoint(self._scope.names_anywhere(name))

    def _is_bare(self, function: Function) -> bool:
        """Whether the function takes nothing but what is drawn, and has no other decorators than Hypothesis'."""
        if isinstance(function, ast.AsyncFunctionDef) or function.args.vararg or function.args.kwarg:
            return False
        if not any(self._gives(each) for each in function.decorator_list):
            return False
        taken = [each.arg for each in (*function.args.args, *function.args.kwonlyargs)]
        for decorator in function.decorator_list:
            name = called(decorator)
            names = self._scope.names_anywhere(name)
            if name not in self._settings and not all(each.startswith(_PACKAGE) for each in names):
                return False
            if self._gives(decorator):
                if not isinstance(decorator, ast.Call):
                    return False
                named = [each.arg for each in decorator.keywords]
                if any(isinstance(each, ast.Starred) for each in decorator.args) or None in named:
                    return False
                drawn = [*taken[len(taken) - len(decorator.args) :], *named] if decorator.args else named
                if _is_inferred(decorator) or set(drawn) != set(taken):
                    return False
        return True

    def _has_marks(self, file: Path) -> bool:
        """Whether pytest may do something around every test of the file."""
        for node in self._body:
            match node:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if name in _MARKS or any(
                    _is_autouse(each, self._scope) for each in node.decorator_list
                ):
                    return True
                case ast.Assign(targets=[ast.Name(id="pytestmark")]):
                    return True
        return any((folder / "conftest.py").is_file() for folder in _folders(file)) or _is_set_up(file)

    # Classes ----------------------------------------------------------------------------------------------------------

    def _in_class(self, owner: ast.ClassDef, outer: str, around: dict[str, ast.ClassDef]) -> Iterator[PropertyFunction]:
        name = f"{outer}{owner.name}"
        known = {**self._classes, **around}
        lines = list(self._lineage(owner, known, frozenset()))
        members = {node.name: node for each in reversed(lines) for node in each.body if isinstance(node, Function)}
        if not outer and any(self._is_machine_case(base) for base in owner.bases):
            yield self._machine(name, owner.lineno)
            return
        is_unittest = any(self._is_unittest(base) for each in lines for base in each.bases)
        if not (is_unittest or self._is_collected(owner, members)) or any(map(_is_no_test, owner.body)):
            return
        is_called_so = (lambda name: name.startswith("test")) if is_unittest else self._names.names_function
        for node in members.values():
            if is_called_so(node.name) and self._is_given(node):
                # What is inherited stands elsewhere: the class's own line leads to it.
                line = node.lineno if node in owner.body else owner.lineno
                yield PropertyFunction(f"{name}{SEPARATOR}{node.name}", line, Form.HOSTED)
        inner = {node.name: node for node in owner.body if isinstance(node, ast.ClassDef)}
        for each in inner.values():
            yield from self._in_class(each, f"{name}{SEPARATOR}", {**around, **inner})

    def _lineage(
        self, owner: ast.ClassDef, known: dict[str, ast.ClassDef], seen: frozenset[str]
    ) -> Iterator[ast.ClassDef]:
        """The class and those of the file that it inherits from, itself first."""
        yield owner
        for base in owner.bases:
            name = base.id if isinstance(base, ast.Name) else ""
            if name in known and name not in seen and known[name] is not owner:
                yield from self._lineage(known[name], known, seen | {name})

    def _is_collected(self, owner: ast.ClassDef, members: dict[str, Function]) -> bool:
        """Whether pytest looks for tests in a class that is not unittest's, by its own rules."""
        return self._names.names_class(owner.name) and not {"__init__", "__new__"} & members.keys()

    def _is_unittest(self, base: ast.expr) -> bool:
        return any(name.endswith(_CASE) for name in self._scope.names_anywhere(ast.unparse(base)))

    # State machines ---------------------------------------------------------------------------------------------------

    def _machine(self, name: str, line: int) -> PropertyFunction:
        return PropertyFunction(name, line, Form.HOSTED if self._is_marked else Form.PROPERTY)

    def _is_machine_case(self, base: ast.expr) -> bool:
        return isinstance(base, ast.Attribute) and base.attr == _CASE and self._is_machine(base.value)

    def _is_machine(self, node: ast.expr) -> bool:
        """Whether the expression names a class that is a state machine, as far as the file tells: of one that is
        imported its name has to.
        """
        if not isinstance(node, ast.Name | ast.Attribute):
            return False
        name = ast.unparse(node)
        owner = self._classes.get(name)
        if owner is not None:
            lines = self._lineage(owner, self._classes, frozenset())
            return any(_ends(self._scope.names_anywhere(ast.unparse(base))) for each in lines for base in each.bases)
        return name != "unittest" and bool(_ends(self._scope.names_anywhere(name)) or "Machine" in name)


def _ends(names: list[str]) -> bool:
    return any(name.endswith((_MACHINE, "Machine")) for name in names)


def _settings_of(body: list[ast.stmt], scope: Scope) -> Iterator[str]:
    """Names in the file of decorators that Hypothesis has made: `slow = settings(...)`, mostly."""
    for node in body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as value) if all(
                each.startswith(_PACKAGE) for each in scope.names_anywhere(called(value))
            ):
                yield name


def _makers_of_given(body: list[ast.stmt], scope: Scope) -> frozenset[str]:
    """Names in the file of what decorates with `@given` in turn: functions that call it, and what these returned."""

    def gives(node: ast.AST) -> bool:
        return any(
            isinstance(each, ast.Call)
            and (called(each) in found or not _GIVEN.isdisjoint(scope.names_anywhere(called(each))))
            for each in ast.walk(node)
        )

    found: set[str] = set()
    for node in body:
        match node:
            case ast.FunctionDef(name=name) if not name.startswith("test") and any(map(gives, node.body)):
                found.add(name)
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() | ast.Lambda() as value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Call() | ast.Lambda() as value)
            ) if gives(value):
                found.add(name)
    return frozenset(found)


def _is_inferred(given: ast.Call) -> bool:
    """Whether an argument is `...`: a strategy from the annotation, of whichever parameters have none."""
    values = [*given.args, *(each.value for each in given.keywords)]
    return any(isinstance(each, ast.Constant) and each.value is ... for each in given.args) or not values


def _is_autouse(decorator: ast.expr, scope: Scope) -> bool:
    if not isinstance(decorator, ast.Call) or not set(_FIXTURES).intersection(scope.names_anywhere(called(decorator))):
        return False
    return any(each.arg in ("autouse", None) for each in decorator.keywords)


def _is_no_test(statement: ast.stmt) -> bool:
    """`__test__ = False`."""
    match statement:
        case ast.Assign(targets=[ast.Name(id="__test__")], value=ast.Constant(value=False)):
            return True
    return False


def _is_set_up(file: Path) -> bool:
    """Whether pytest's settings have it do something around every test of the file."""
    try:
        return sets_up(file)
    except BadSettings:
        return False  # which is told when the target is run


def _folders(file: Path) -> Iterator[Path]:
    """The file's folder and those above it, as far as its project reaches."""
    for folder in file.parents:
        yield folder
        if any((folder / each).exists() for each in _ROOTS):
            return
