"""The worker's private library: the target gets modules of its own, which can be fuzzed and are the real ones.

One worker's process loads a target that imports them all and checks them, one check for each input.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from fuzztui.protocol.messages import Done, Execute, Executed, Imported, Load, Module, Remark, Result, Source
from tests.engine.worker_process import WorkerProcess, started

MODULES = (
    *("argparse", "ast", "base64", "calendar", "collections", "configparser", "contextlib", "copy", "csv"),
    *("dataclasses", "difflib", "email.message", "enum", "fnmatch", "fractions", "functools", "glob", "hashlib"),
    *("heapq", "html.parser", "importlib", "inspect", "ipaddress", "json", "locale", "logging", "numbers"),
    *("pathlib", "pickle", "platform", "queue", "random", "re", "shlex", "shutil", "signal", "socket", "statistics"),
    *("string", "subprocess", "tempfile", "textwrap", "threading", "tokenize", "traceback", "types", "typing"),
    *("unittest", "urllib.parse", "uuid", "weakref", "xml.dom.minidom", "zipfile"),
)
"""The most imported modules of the standard library that are written in Python, and some more."""

UNREACHABLE = {
    "bisect": "it has no functions in Python",
    "operator": "it has no functions in Python",
    "abc": "the interpreter itself uses it",
    "codecs": "the interpreter itself uses it",
    "datetime": "it has no functions in Python",
    "decimal": "it has no functions in Python",
    "io": "the interpreter itself uses it",
    "os": "the interpreter itself uses it",
    "warnings": "the interpreter itself uses it",
    "math": "it is compiled",
    "sys": "it is compiled",
    "time": "it is compiled",
    "encodings.cp037": "it is not loaded before the target runs",
}
"""The others -> what the reason says."""

CHECKS = {
    "urllib.parse": "urllib.parse.urlsplit('http://a@b:3/c?d#e').port == 3",
    "ipaddress": "ipaddress.ip_address('::1').is_loopback and isinstance(ipaddress.ip_network('10.0.0.0/8')[1], "
    "ipaddress.IPv4Address)",
    "textwrap": "textwrap.wrap('aa bb cc', 5) == ['aa bb', 'cc']",
    "tokenize": "[t.string for t in tokenize.generate_tokens(io.StringIO('x = 1').readline)][:3] == ['x', '=', '1']",
    "fnmatch": "fnmatch.filter(['a.py', 'b.c'], '*.py') == ['a.py']",
    "pathlib": "isinstance(pathlib.Path('/a/b'), os.PathLike) and pathlib.PurePosixPath('/a/b.c').suffix == '.c'",
    "datetime": "datetime.datetime.strptime('2024-02-29', '%Y-%m-%d').date() == datetime.date(2024, 2, 29)",
    "decimal": "isinstance(decimal.Decimal('1.1'), numbers.Number) "
    "and decimal.Decimal('1.1') * 2 == decimal.Decimal('2.2')",
    "fractions": "fractions.Fraction(decimal.Decimal('0.5')) == fractions.Fraction(1, 2)",
    "uuid": "uuid.UUID(str(uuid.uuid4())).version == 4",
    "random": "random.Random(3).choice(range(9)) == random.Random(3).choice(range(9)) and random.random() < 1",
    "inspect": "str(inspect.signature(lambda a, *, b=1: 0)) == '(a, *, b=1)' and 'def fuzz' in inspect.getsource(fuzz)",
    "ast": "ast.unparse(ast.parse('x=1+2')) == 'x = 1 + 2' and isinstance(ast.parse('1').body[0], ast.Expr)",
    "enum": "[*Color] == [Color.RED] and isinstance(Color.RED, enum.Enum) and isinstance(re.I, enum.Flag) "
    "and isinstance(signal.SIGINT, enum.IntEnum) and isinstance(socket.AF_INET, enum.IntEnum)",
    "dataclasses": "dataclasses.asdict(Point(1)) == {'x': 1, 'y': []} and typing.get_type_hints(Point)['x'] is int",
    "typing": "typing.get_args(typing.Optional[int]) == (int, type(None)) and Pair(1, 2).b == 2 "
    "and isinstance([], collections.abc.Sequence) and Box[int].__args__ == (int,)",
    "re": "refuses(re.error, re.compile, '(') and re.sub('(a)', r'<\\1>', 'ba') == 'b<a>' "
    "and pickle.loads(pickle.dumps(re.compile('a+'))).match('aa') and isinstance(re.compile(''), re.Pattern)",
    "contextlib": "isinstance(contextlib.nullcontext(), contextlib.AbstractContextManager)",
    "functools": "functools.reduce(operator.add, [1, 2]) == 3 and cached(2) == cached(2) and dispatched('') == 'str'",
    "collections": "collections.Counter('aab')['a'] == 2 "
    "and isinstance(collections.deque(), collections.abc.MutableSequence)",
    "pickle": "pickle.loads(pickle.dumps([Color.RED, Point(3), Pair(1, 2)])) == [Color.RED, Point(3), Pair(1, 2)]",
    "copy": "copy.deepcopy({'a': [Point(1)]}) == {'a': [Point(1)]}",
    "weakref": "weakref.ref(Point)() is Point",
    "logging": "logging.getLogger('a').getEffectiveLevel() == logging.WARNING",
    "warnings": "warned()",
    "traceback": "'ZeroDivisionError' in failing()",
    "threading": "threading.current_thread() is threading.main_thread()",
    "email": "email.message.EmailMessage().is_multipart() is False",
    "unittest": "refuses(AssertionError, unittest.TestCase().assertEqual, 1, 2)",
    "json": "refuses(json.JSONDecodeError, json.loads, '{') and json.loads('[1]') == [1]",
    "statistics": "statistics.mean([1, 2]) == 1.5",
    "msgspec": "msgspec.json.decode(msgspec.json.encode(Message(Color.RED, uuid.UUID(int=3), decimal.Decimal('1.5'), "
    "datetime.date(2024, 2, 29))), type=Message).day.day == 29",
    "the worker's own": "'traceback' in sys.modules and not hasattr(sys.modules['re'], 'patched')",
}
"""What is checked -> an expression that is true of the real module."""

TARGET = f"""
import {", ".join((*MODULES, *UNREACHABLE)).replace(", encodings.cp037", "")}, collections.abc, msgspec

class Color(enum.Enum):
    RED = 1

@dataclasses.dataclass
class Point:
    x: int
    y: list = dataclasses.field(default_factory=list)

class Pair(typing.NamedTuple):
    a: int
    b: int

T = typing.TypeVar("T")

class Box(typing.Generic[T]): ...

class Message(msgspec.Struct):
    color: Color
    id: uuid.UUID
    price: decimal.Decimal
    day: datetime.date
    kind: typing.Literal["a", "b"] = "a"
    more: typing.Optional[typing.Annotated[int, msgspec.Meta(ge=3)]] = None

@functools.lru_cache
def cached(x): return object()

@functools.singledispatch
def dispatched(x): return "object"

@dispatched.register
def _(x: str): return "str"

def refuses(kind, function, *arguments):
    try:
        function(*arguments)
    except kind:
        return True

def warned():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.warn("careful")
    return [str(each.message) for each in caught] == ["careful"]

def failing():
    try:
        1 / 0
    except ZeroDivisionError:
        return traceback.format_exc()

def fuzz(data: bytes):
    if data == b"later":
        import encodings.cp037
    else:
        assert eval(data)
"""


class Loaded:
    """A target in a worker's process."""

    def __init__(self, worker: WorkerProcess, results: list[Result]) -> None:
        self.modules = [each for each in results if isinstance(each, Module)]
        self.imported = {each.name: each for each in results if isinstance(each, Imported)}
        self.remarks = [each.sentence for each in results if isinstance(each, Remark)]
        self._worker = worker

    def run(self, *inputs: bytes) -> list[Result]:
        self._worker.send(Execute(list(inputs), {}))
        results = self._worker.until(Done)[:-1]
        self.modules += [each for each in results if isinstance(each, Module)]
        return [each for each in results if not isinstance(each, Module | Source)]

    def announced(self, name: str) -> set[str]:
        """Names under which a module's sources are known."""
        return {each.name for each in self.modules if each.name.partition("#")[0] == name}


def load(
    worker: WorkerProcess, folder: Path, source: str, *, file: str = "harness.py", exclude: Sequence[str] = ()
) -> Loaded:
    """Have a worker load the target `fuzz` of a file with this source."""
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(source)
    call = Load(
        file=os.fsencode(folder / file),
        target="fuzz",
        directory=os.fsencode(folder),
        include=[],
        exclude=list(exclude),
        dictionary=[],
        code_cache=os.fsencode(folder / "code"),
        seed=1,
        max_len=1000,
        address_space=None,
    )
    return Loaded(worker, worker.load(call))


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """One process for the whole list."""
    folder = tmp_path_factory.mktemp("library")
    with started("fuzztui.worker", folder) as worker:
        yield load(worker, folder, TARGET)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_of_the_standard_library_that_the_target_names_is_instrumented(loaded: Loaded, name: str) -> None:
    found = loaded.imported[name]
    assert (found.instrumented, found.reason) == (True, "")
    assert found.probes > 5


@pytest.mark.parametrize(("name", "reason"), UNREACHABLE.items(), ids=UNREACHABLE)
def test_a_module_that_cannot_be_instrumented_is_told_of_with_the_reason(
    loaded: Loaded, name: str, reason: str
) -> None:
    found = loaded.imported[name]
    assert (found.instrumented, found.probes) == (False, 0)
    assert found.reason.startswith(reason)


def test_nothing_but_what_the_file_imports_is_told_of(loaded: Loaded) -> None:
    assert loaded.imported.keys() == {*MODULES, *UNREACHABLE, "collections.abc", "msgspec"}


def test_what_a_compiled_module_has_in_python_is_instrumented_with_it(loaded: Loaded) -> None:
    loaded.run(CHECKS["datetime"].encode())
    assert loaded.announced("_strptime")
    assert "_strptime" in loaded.imported["datetime"].reason


EVERYTHING = """
import contextlib, io, os, sys, warnings

warnings.simplefilter("ignore")
aside = "test tests distutils idlelib lib2to3 tkinter turtledemo ensurepip venv pydoc_data site-packages"
aside += " antigravity this turtle __hello__"
top = os.path.dirname(os.__file__)
for folder, folders, files in os.walk(top):
    folders[:] = [each for each in folders if each.isidentifier() and each not in aside.split() and each[:2] != "__"]
    for file in files:
        parts = [each for each in (*os.path.relpath(folder, top).split("/"), file.removesuffix(".py")) if each != "."]
        if not all(map(str.isidentifier, parts)):
            continue
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if not file.endswith(".py") or parts[-1] == "__main__" or parts[0] in (*aside.split(), "encodings") or not name:
            continue
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                __import__(name)
            print(name)
        except BaseException:
            continue
"""
"""Prints every module of the standard library in Python that can be imported here."""

REASONS = (
    "it has no functions in Python",
    "the interpreter itself uses it",
    "its imports only direct the compiler",
    "it was loaded before the fuzzer could instrument it",  # the import system's own two
)


@pytest.mark.soak
def test_every_module_of_the_standard_library_in_python_is_instrumented_or_it_is_said_why_not(tmp_path: Path) -> None:
    listed = subprocess.run(
        [sys.executable, "-c", EVERYTHING], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    names = listed.stdout.split()
    assert len(names) > 300
    source = "".join(f"import {name}\n" for name in names) + "\n\ndef fuzz(data: bytes) -> None: ...\n"
    with started("fuzztui.worker", tmp_path) as worker:
        imported = load(worker, tmp_path, source).imported
    assert set(names) <= imported.keys()
    without = {name: imported[name].reason for name in names if not imported[name].instrumented}
    assert all(reason.startswith(REASONS) for reason in without.values()), without
    assert all(imported[name].probes for name in names if name not in without)
    assert len(without) < len(names) / 6, without
    assert {name for name in without if without[name].startswith(REASONS[3])} <= {
        "importlib._bootstrap",
        "importlib._bootstrap_external",
    }


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
@pytest.mark.mostly_soak(9)
def test_the_targets_modules_behave_as_the_real_ones(loaded: Loaded, check: str) -> None:
    (result,) = loaded.run(check.encode())
    assert isinstance(result, Executed), result


def test_what_only_property_tests_need_is_not_loaded_for_others() -> None:
    """Each worker's start would pay for it."""
    code = "import sys; import fuzztui.worker.loop; print(*[name for name in sys.modules if 'choices' in name])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert loaded <= {
        "fuzztui.target.choices",
        "fuzztui.target.choices.value",
        "fuzztui.worker.choices",
        "fuzztui.worker.choices.parts",
    }
