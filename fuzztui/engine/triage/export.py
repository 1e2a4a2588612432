"""Makes a test for pytest of a crasher, and a file of such tests. Pure: facts in, source out.

The test imports the target from where it lies and calls it, so it fails as the crasher does, and passes once that is
mended. It uses fuzztui only where the target itself does. What would end pytest's process, or hang, runs in a process
of its own.
"""

import ast
import json
import math
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from fuzztui.engine.show.failure import CrasherKind, Failure
from fuzztui.protocol.messages import FINALIZER, ORIGINS, TASK, THREAD
from fuzztui.target.forms import Form
from fuzztui.target.kinds import Value
from fuzztui.target.named.formals import MOST_YIELDED, Given
from fuzztui.target.named.source import Shape
from fuzztui.target.signature import ASYNC, GENERATOR
from fuzztui.target.syntax import ALONE
from fuzztui.target.typed.composite import Composite
from fuzztui.target.values import encode

WIDTH: Final = 88
"""Columns of a line, as formatters have it by default."""

LONGEST_LITERAL: Final = 1_000
"""Characters of a literal; a longer value lies in a file beside the test."""

INPUTS: Final = "testdata"
"""Where such files lie, from the test's folder."""

SENTENCE: Final = 70
"""Characters of a failure's sentence that its test quotes."""

DIGITS: Final = 4
"""Digits of the bucket that a test's name ends in."""

PATIENCE: Final = 10
"""Seconds that a process of its own has for its start, besides those of the input."""

_ADDRESS_SPACE: Final = 1 << 28
"""Bytes of address space that an interpreter has mapped before it runs anything, roughly."""

_ENDS_PYTEST: Final = ("KeyboardInterrupt", "SystemExit", "SkipTest", "Skipped", "Exit", "XFailed")
"""Names of exceptions that are no failure of the test where they leave it, but something else."""

_RUN: Final = "run_program"
"""The function of ours that runs a program with inputs, the last of which is to fail."""

_MARK: Final = "# fuzztui export "
_HERE: Final = "HERE = Path(__file__).parent"
_HEADER: Final = re.compile(rf"{_MARK}([0-9a-f]{{16}}): [^\n]*\n")


@dataclass(frozen=True, slots=True)
class Call:
    """How a function by its name is called."""

    spec: str
    """`package.module:function`."""
    all_parameters: bool
    shape: Shape | None
    """None where its source does not tell."""
    allowed: tuple[str, ...]
    """Whole names of the exceptions that it may raise."""


@dataclass(frozen=True, slots=True)
class Exportable:
    """A crasher, and how its target is imported and called."""

    failure: Failure
    arguments: tuple[Value, ...]
    name: str
    """Of the target's function in its module."""
    module: str
    """Dotted."""
    folders: tuple[str, ...]
    """Where modules are imported from, the first first, as seen from the test's folder."""
    form: Form
    has_contract: bool
    """Whether the target declares exceptions that it may raise."""
    before: tuple[tuple[Value, ...], ...] = ()
    """Arguments of calls that have to come before, in order."""
    timeout: float = 10.0
    """Seconds that the input may take."""
    memory_limit: int | None = None
    """Bytes that the input may use."""
    named: "Call | None" = None
    """How it is called, where it is a function by its name: `name` is what is imported of the module then."""
    program: str = ""
    """The target's file as seen from the test's folder, if that is executed as a whole; empty for a function."""
    program_arguments: tuple[str, ...] = ()
    """What such a program finds in `sys.argv` behind its name."""


@dataclass(frozen=True, slots=True)
class ExportedTest:
    """A test as source."""

    name: str
    bucket: str
    blocks: tuple[str, ...]
    """Its functions, without blank lines around them."""
    files: dict[str, bytes] = field(default_factory=dict)
    """What lies in the folder `INPUTS`, by name."""


# One test -------------------------------------------------------------------------------------------------------------


def exported(crasher: Exportable, digits: int = DIGITS) -> ExportedTest:
    """The test of a crasher; its name ends in so many digits of the bucket."""
    files: dict[str, bytes] = {}
    name = _name(crasher.failure, digits)
    call = _call(crasher, files)
    bucket = crasher.failure.id
    sentence = _docstring(crasher.failure.sentence)
    if not _runs_apart(crasher.failure):
        lines = [
            f"def test_{name}({'' if crasher.program else 'monkeypatch: pytest.MonkeyPatch'}) -> None:",
            *_indented([f'"""{sentence}', "", f"Bucket {bucket}.", '"""', *_importing(crasher), *call]),
        ]
        return ExportedTest(f"test_{name}", bucket, (_text(lines),), files)
    stray = _origin(crasher.failure)
    inner = [
        f"def _{name}() -> None:",
        *_indented(
            [
                *_path_of_a_process(crasher),
                *_imports(crasher),
                "",
                *_limits(crasher),
                *_noticing(stray),
                *call,
                *_noticed(stray),
            ]
        ),
    ]
    timeout = PATIENCE + math.ceil(crasher.timeout)
    outer = [
        f"def test_{name}() -> None:",
        *_indented(
            [
                f'"""{sentence}',
                "",
                f"Bucket {bucket}. It runs in a process of its own.",
                '"""',
                'code = "import runpy, sys; runpy.run_path(sys.argv[1])[sys.argv[2]]()"',
                *_fitted("command = [", ["sys.executable", '"-c"', "code", "__file__", f'"_{name}"'], "]"),
                *_fitted(
                    "done = subprocess.run(", ["command", "capture_output=True", "text=True", f"timeout={timeout}"], ")"
                ),
                "assert done.returncode == 0, done.stderr",
            ]
        ),
    ]
    return ExportedTest(f"test_{name}", bucket, (_text(inner), _text(outer)), files)


def _name(failure: Failure, digits: int) -> str:
    kind: str = failure.type.rpartition(".")[2] if failure.kind is CrasherKind.EXCEPTION else failure.type
    if failure.kind in (CrasherKind.TIMEOUT, CrasherKind.MEMORY):
        kind = failure.kind.value
    where = failure.function.rpartition("<locals>.")[2]
    words = f"{kind} in {where}" if where else kind
    slug = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")[:60].strip("_")
    return f"{slug or 'crasher'}_{failure.id.rpartition('-')[2][:digits]}"


def _docstring(sentence: str) -> str:
    text = sentence if len(sentence) <= SENTENCE else f"{sentence[: SENTENCE - 3]}..."
    text = text.encode("ascii", "backslashreplace").decode().replace("\\", "\\\\").replace('"', "'").strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _runs_apart(failure: Failure) -> bool:
    if failure.kind is not CrasherKind.EXCEPTION or _origin(failure):
        return True
    return failure.type.rpartition(".")[2] in _ENDS_PYTEST


def _origin(failure: Failure) -> str:
    """Where the exception was raised, if not in the target's call: one of `ORIGINS`, or empty."""
    first = failure.traceback.partition("\n")[0]
    return next((each for each in ORIGINS if first == f"In {each} of the target's:"), "")


def _imports(crasher: Exportable) -> list[str]:
    if crasher.program:
        return [f"from fuzztui.testing.programs import {_RUN}"]
    names = {crasher.module: {crasher.name}}
    for exception in crasher.named.allowed if crasher.named is not None else ():
        module, dot, name = exception.rpartition(".")
        if dot:
            names.setdefault(module, set()).add(name)
    return [f"from {module} import {', '.join(sorted(each))}" for module, each in sorted(names.items())]


def _importing(crasher: Exportable) -> list[str]:
    if crasher.program:
        return [*_imports(crasher), ""]
    if len(crasher.folders) == 1:
        lines = [f"monkeypatch.syspath_prepend({_folder(crasher.folders[0])})"]
    else:
        folders = [_literal(each) for each in reversed(crasher.folders)]
        lines = [*_fitted("for folder in (", folders, "):"), "    monkeypatch.syspath_prepend(HERE / folder)"]
    return [*lines, *_imports(crasher), ""]


def _path_of_a_process(crasher: Exportable) -> list[str]:
    if crasher.program:
        return []
    if len(crasher.folders) == 1:
        return [f"sys.path.insert(0, str({_folder(crasher.folders[0])}))"]
    folders = [_literal(each) for each in reversed(crasher.folders)]
    return [*_fitted("for folder in (", folders, "):"), "    sys.path.insert(0, str(HERE / folder))"]


def _folder(folder: str) -> str:
    return "HERE" if folder == "." else f"HERE / {_literal(folder)}"


def _limits(crasher: Exportable) -> list[str]:
    if crasher.failure.kind is not CrasherKind.MEMORY or crasher.memory_limit is None:
        return []
    limit = crasher.memory_limit + _ADDRESS_SPACE
    return [f"limit = {limit}  # bytes", "resource.setrlimit(resource.RLIMIT_AS, (limit, limit))"]


def _noticing(stray: str) -> list[str]:
    if not stray:
        return []
    hooks = {
        THREAD: ["threading.excepthook = failed.append"],
        FINALIZER: ["sys.unraisablehook = failed.append"],
        TASK: [
            "asyncio.BaseEventLoop.default_exception_handler = (  # type: ignore[method-assign]",
            "    lambda _loop, context: failed.append(context)",
            ")",
        ],
    }
    return ["failed: list[object] = []", *hooks[stray]]


def _noticed(stray: str) -> list[str]:
    if not stray:
        return []
    waiting = ["for thread in threading.enumerate()[1:]:", "    thread.join(timeout=5)"] if stray == THREAD else []
    return [*waiting, "gc.collect()", "assert not failed, failed"]


def _call(crasher: Exportable, files: dict[str, bytes]) -> list[str]:
    """The statements that call the target, once it is imported."""
    if crasher.program:
        inputs = [_spelled(each, files) for arguments in (*crasher.before, crasher.arguments) for each in arguments]
        words = ", ".join([json.dumps(each) for each in crasher.program_arguments])
        own = [f"arguments=[{words}]"] if words else []
        return _fitted(f"{_RUN}(", [_folder(crasher.program), *inputs, *own], ")")
    if crasher.named is not None:
        return _named_calls(crasher, crasher.named, files)
    is_setup = crasher.form is Form.SETUP
    called = "harness.target" if is_setup else crasher.name
    lines: list[str] = []
    for arguments in crasher.before:
        lines.append("with contextlib.suppress(BaseException):  # it only has to run before")
        lines += _indented(_one_call(called, arguments, files, 12 if is_setup else 8))
    last = _one_call(called, crasher.arguments, files, 12 if is_setup else 8 if crasher.has_contract else 4)
    if is_setup:
        lines += ["try:", *_indented(last), "except harness.raises:", "    pass  # which the target may raise"]
        return [
            "harness = fuzztui.F()",
            f"{crasher.name}(harness)",
            "assert harness.target is not None",
            "with contextlib.ExitStack() as cleanups:",
            *_indented(["for cleanup in harness.cleanups:", "    cleanups.callback(cleanup)", *lines]),
        ]
    if crasher.has_contract:
        contract = f'vars({crasher.name})["__fuzztui__"].raises'
        return [*lines, "try:", *_indented(last), f"except {contract}:", "    pass  # which the target may raise"]
    return [*lines, *last]


def _named_calls(crasher: Exportable, call: Call, files: dict[str, bytes]) -> list[str]:
    """The same for a function by its name."""
    lines: list[str] = []
    for arguments in crasher.before:
        lines.append("with contextlib.suppress(BaseException):  # it only has to run before")
        lines += _indented(_named_call(call, arguments, files, 8))
    last = _named_call(call, crasher.arguments, files, 8 if call.allowed else 4)
    if not call.allowed:
        return [*lines, *last]
    names = [each.rpartition(".")[2] for each in call.allowed]
    caught = names[0] if len(names) == 1 else f"({', '.join(names)})"
    return [*lines, "try:", *_indented(last), f"except {caught}:", "    pass  # which it may raise"]


def _named_call(call: Call, arguments: Sequence[Value], files: dict[str, bytes], indent: int) -> list[str]:
    _, _, name = call.spec.partition(":")
    shape = call.shape
    if shape is None or any(isinstance(each, Composite) for each in arguments):
        # With one value more: bytes alone would be no literal.
        lines = encode((*arguments, 0)).decode("ascii").splitlines()[1:-1]
        every = ["all_parameters=True"] if call.all_parameters else []
        given = [_quoted(call.spec), *map(_quoted, lines), *every]
        before = _fitted("values, by_name = named.arguments(", given, ")", indent)
        return ["from fuzztui.testing import named", "", *before, _running(shape, f"{name}(*values, **by_name)")]
    spelled = [_spelled(each, files) for each in arguments]
    path = name
    if shape.maker is not None:
        owner, _, method = name.rpartition(".")
        count = len(shape.maker.names)
        path = f"{owner}({', '.join(_given(shape.maker, spelled[:count]))}).{method}"
        spelled = spelled[count:]
    given = _given(shape.own, spelled)
    if shape.runs:
        return [_running(shape, f"{path}({', '.join(given)})")]
    return _fitted(f"{path}(", given, ")", indent)


def _given(names: Given, values: Sequence[str]) -> list[str]:
    count = len(names.by_place)
    by_name = zip(names.by_name, values[count:], strict=True)
    return [*values[:count], *(f"{name}={value}" for name, value in by_name)]


def _running(shape: Shape | None, call: str) -> str:
    runs = shape.runs if shape is not None else ""
    if runs == ASYNC:
        return f"asyncio.run({call})"
    return f"list(itertools.islice({call}, {MOST_YIELDED}))" if runs == GENERATOR else call


def _one_call(called: str, arguments: Sequence[Value], files: dict[str, bytes], indent: int) -> list[str]:
    if any(isinstance(each, Composite) for each in arguments):
        return _typed_call(called, arguments, indent)
    return _fitted(f"{called}(", [_spelled(each, files) for each in arguments], ")", indent)


def _typed_call(called: str, arguments: Sequence[Value], indent: int) -> list[str]:
    """A call with typed values: their classes may be anybody's, so they are made as the fuzzer makes them."""
    lines = encode(tuple(arguments)).decode("ascii").splitlines()[1:]
    literals = [_quoted(line) for line in lines]
    return [*_fitted("arguments = fuzztui.arguments(", [called, *literals], ")", indent), f"{called}(*arguments)"]


# Values ---------------------------------------------------------------------------------------------------------------


def _spelled(value: Value, files: dict[str, bytes]) -> str:
    """An expression for a value; a large one is read from a file."""
    literal = _literal(value)
    if len(literal) <= LONGEST_LITERAL:
        return literal
    if isinstance(value, bytes):
        return f"{_filed(value, files)}.read_bytes()"
    if isinstance(value, str):
        return f"ast.literal_eval({_filed(literal.encode(), files)}.read_text())"
    return f"int({_filed(literal.encode(), files)}.read_text(), 0)"


def _filed(content: bytes, files: dict[str, bytes]) -> str:
    name = f"{sha256(content).hexdigest()[:12]}.bin"
    files[name] = content
    return f'(HERE / "{INPUTS}/{name}")'


def _literal(value: Value) -> str:
    """A value as Python spells it, bit by bit, and as formatters have it."""
    if isinstance(value, bytes | str):
        return _quoted(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, bool):
        return repr(value)
    if isinstance(value, int):
        return repr(value) if abs(value) < 1 << 64 else f"{'-' if value < 0 else ''}0x{abs(value):X}"
    return repr(value)  # `datetime.date(2024, 2, 29)`


def _quoted(value: bytes | str) -> str:
    """In double quotes, unless that takes more escapes."""
    prefix, body = ("b", ascii(value)[2:-1]) if isinstance(value, bytes) else ("", ascii(value)[1:-1])
    plain = re.sub(r"\\(['\"])", r"\1", body) if "\\'" in body else body
    quote = '"' if plain.count('"') <= plain.count("'") else "'"
    pieces = re.findall(r"\\\\|\\.|.", body)
    spelled = "".join(_escaped(piece, quote) for piece in pieces)
    return f"{prefix}{quote}{spelled}{quote}"


def _escaped(piece: str, quote: str) -> str:
    character = piece[1:] if piece in ("\\'", '\\"') else piece
    if character in ("'", '"'):
        return f"\\{character}" if character == quote else character
    return piece


def _float(value: float) -> str:
    if math.isinf(value):
        return 'float("inf")' if value > 0 else 'float("-inf")'
    if not math.isnan(value):
        return repr(value).replace("e+", "e")
    bits = struct.pack(">d", value)
    if bits == struct.pack(">d", math.nan):
        return 'float("nan")'
    return f'struct.unpack(">d", bytes.fromhex("{bits.hex()}"))[0]'


# Lines ----------------------------------------------------------------------------------------------------------------


def _fitted(before: str, parts: Sequence[str], after: str, indent: int = 4) -> list[str]:
    """`before`, the parts and `after` as one statement, in as few lines as formatters give it so far from the edge."""
    room = WIDTH - indent
    if after == "):" and len(parts) == 1:
        parts = [f"{parts[0]},"]
    inner = ", ".join(parts)
    if len(before) + len(inner) + len(after) <= room:
        return [f"{before}{inner}{after}"]
    if after == ")" and (len(inner) <= room - 4 or len(parts) == 1):
        return [before, f"    {inner}", after]
    return [before, *(f"    {part}," for part in parts), after]


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" if line else "" for line in lines]


def _text(lines: Sequence[str]) -> str:
    return "\n".join(lines)


# A file of tests ------------------------------------------------------------------------------------------------------


def new_file(target_id: str, test: ExportedTest) -> str:
    """A file that holds one test."""
    return _file(target_id, list(test.blocks))


def is_unedited(source: str) -> bool:
    """Whether a file is as it was written here."""
    text = source.replace("\r\n", "\n")
    header = _HEADER.match(text)
    return header is not None and header[1] == _digest(text[header.end() :])


def holds(source: str, test: ExportedTest) -> bool:
    """Whether a file that is unedited has a test of the same name for another bucket."""
    before = [block for block in _blocks(source) if block.startswith(f"def {test.name}(")]
    return any(f"Bucket {test.bucket}." not in block for block in before)


def with_test(source: str, target_id: str, test: ExportedTest) -> str:
    """An unedited file with one more test; one of the same name gives way to it."""
    blocks = {_defined(block): block for block in _blocks(source)}
    if len(test.blocks) == 1:  # it may have had a helper
        blocks.pop(f"def _{test.name.removeprefix('test_')}", None)
    blocks |= {_defined(block): block for block in test.blocks}
    return _file(target_id, list(blocks.values()))


def _defined(block: str) -> str:
    return block.partition("(")[0]


def _blocks(source: str) -> list[str]:
    """The functions of an unedited file."""
    _, _, rest = source.replace("\r\n", "\n").partition(f"\n{_HERE}\n\n\n")
    return re.split(r"\n\n\n(?=def )", rest.rstrip("\n"))


_STANDARD: Final = (
    "ast",
    "asyncio",
    "contextlib",
    "datetime",
    "gc",
    "itertools",
    "resource",
    "struct",
    "subprocess",
    "sys",
    "threading",
)


def _file(target_id: str, blocks: list[str]) -> str:
    with ALONE:
        trees = [ast.parse(block) for block in blocks]
    used = {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}
    imports = [f"import {name}" for name in _STANDARD if name in used]
    foreign = [f"import {name}" for name in ("pytest", "fuzztui") if name in used]
    head = [
        f'"""Failures of {_docstring(target_id)}',
        "",
        "Each test fails as the input does that fuzzing has found, and passes once that is mended.",
        '"""',
        "",
        *imports,
        "from pathlib import Path",
        *([""] if foreign else []),
        *sorted(foreign),
        "",
        _HERE,
    ]
    body = "\n\n\n".join(["\n".join(head), *blocks]) + "\n"
    return f"{_MARK}{_digest(body)}: further ones add tests here, as long as nobody edits this.\n{body}"


def _digest(body: str) -> str:
    return sha256(body.encode()).hexdigest()[:16]
