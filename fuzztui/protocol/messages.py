"""The calls that a coordinator makes to a worker and the results that a worker streams back.

All are msgspec structs in one tagged union per direction, so that a frame decodes either to a valid message of that
direction or to an error; unlike pickle, a hijacked worker can make its coordinator execute nothing.

An *input* travels in one form everywhere, the bytes of its file (see `fuzztui.target.values`): what ran, what is sent,
what is hashed and what lies on disk are the same bytes.
"""

from typing import Annotated, Final, TypeAlias

import msgspec

Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
"""A number of things or an index; a worker that sends a negative one is lying."""

Seconds: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1e9)]
"""How long something took."""

Line: TypeAlias = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31)]
"""A line of a file; negative where a function that begins there is entered or left, see `Measured`."""

Coverage: TypeAlias = dict[str, list[Count]]
"""Covered probes: module name -> indices of probes within that module.

Probe numbers inside a process depend on the order of imports, so between processes a probe is named by its module and
its index in there.
"""


LOOK: Final = "look"
"""Nowhere: all that is wanted is what could become of the inputs of a property test."""
DATABASE: Final = "database"
"""Into the test's database of examples, from which its framework runs them first."""


Yields: TypeAlias = dict[str, tuple[Count, Count]]
"""Source of inputs -> executions of inputs from it, and how many of them covered something new. A source is a mutation
operator, or `comparisons`. An input may come from several sources, and with several parameters from one several times.
"""


class Load(msgspec.Struct, tag="load", frozen=True):
    """The first call: which target to load, and how. Not answered by itself; `Pong` answers the `Ping` that follows.

    Paths are bytes, as the file system has them: what is no UTF-8 could not be sent as text.
    """

    file: bytes
    target: str
    directory: bytes
    """Where the user started the run: importable, and the working directory."""
    include: list[str]
    exclude: list[str]
    dictionary: list[bytes]
    """Tokens worth trying in inputs."""
    code_cache: bytes
    """Folder for instrumented code; empty if there is none."""
    seed: Count
    """Seed of this worker's random choices."""
    max_len: Count
    """Bytes of a generated input."""
    address_space: Count | None
    """Bytes of address space that the process may take beyond what it has when the target is loaded."""
    profile: bool = False
    """Say in the shared memory when inputs are being mutated, too: costs something with each execution."""
    weigh_probes: bool = False
    """Now and then run an entry with its probes and without, to learn what they cost: that takes some executions."""
    expected: list[str] = []
    """Qualified names of exception types that are part of the target's contract besides those that it declares."""
    path: list[bytes] = []
    """Further folders to import from, as the project's settings have them."""
    measure: bool = False
    """Load what would be instrumented as it is, and tell what is executed of it meanwhile: see `Measured`."""
    program: str = ""
    """Which fuzzer's program the file is, if it is one, see `fuzztui.target.forms`: then it is executed as a whole, and
    the target's name says nothing.
    """
    arguments: list[bytes] = []
    """Of such a program."""
    module: str = ""
    """Dotted name of the module that has the target, where that is any function by its name; empty where it is one that
    `file` declares as a target.
    """
    all_parameters: bool = False
    """Give such a function those parameters, too, that have defaults."""
    raises: list[str] = []
    """Exceptions that such a function may raise, besides those of its docstring, as a person writes them."""
    private: bool = False
    """Write to temporary folders and the working directory for this process alone, and have a network of its own."""
    keeps_max_len: bool = False
    """A person has said how long inputs may be: a program's own wish counts for nothing."""


class Ping(msgspec.Struct, tag="ping", frozen=True):
    """Asks whether the target is loaded. The answer is `Pong`; no input is sent before it."""


class Execute(msgspec.Struct, tag="execute", frozen=True):
    """Run each input once, in order, unmutated; each is answered by `Executed` or `Crashed`, the call by `Done`."""

    inputs: list[bytes]
    covered: Coverage
    """Probes that the coordinator has seen covered since its last call to this worker."""
    detailed: bool = False
    """Tell of failures with their scenes."""
    traced: bool = False
    """Tell of each execution which steps it takes through the project's code: far slower."""
    measured: bool = False
    """Tell of each execution which arcs it takes through the instrumented modules, instead of the probes that it
    covers: far slower, too.
    """
    copied: bool = False
    """Run them in a copy of the process, which ends with the call: only where `Pong` has said that there may be one."""
    address_space: Count | None = None
    """Bytes of address space that the copy may take beyond what the process has."""
    compared: str = ""
    """Tell of each execution what it compares in some lines of this file, instead of the probes that it covers."""
    lines: list[Count] = []
    """Those lines."""
    shrunk: bool = False
    """Have the framework that the test is written for make each plain that fails: `Crashed` has what comes of it."""
    executions: Count = 0
    """At most so many calls of the target in all, where inputs are shrunk."""
    exported: str = ""
    """Where each is to go that runs clean, of what the framework has that the test is written for: see `LOOK`."""
    foretold: bool = False
    """Tell of each what the test is called with, before it is, where a framework knows that: see `Foretold`."""


class Fuzz(msgspec.Struct, tag="fuzz", frozen=True):
    """Mutate `entry` and run what comes out until a budget is used up.

    Answered by any number of `Found`, `Crashed` and `Repeated`, then `Done`.
    """

    entry: bytes
    seconds: float
    executions: Count
    """At most so many calls of the target, those that measure a new input's coverage included."""
    covered: Coverage
    trace: bool
    """Run the entry once to collect the operands of its comparisons first: nobody has fuzzed it yet."""
    single: Coverage = {}
    """Probes that one execution alone has covered, so far: say when another one has."""
    tokens: list[bytes] = []
    """Tokens worth trying in inputs that people have given since the last call of this kind to this worker."""
    island: Count = 0
    """The number of the search that this is part of, 0 for the one that all workers share. A worker that is told of
    another one than in the last call of this kind begins it with nothing that it has learned of inputs, or goes on with
    the shared one; `covered` is what that one has covered. Until the next, calls of other kinds belong to it, too."""


class Stop(msgspec.Struct, tag="stop", frozen=True):
    """End with exit status 0. (A worker that is executing learns of it through shared memory instead.)"""


Call: TypeAlias = Load | Ping | Execute | Fuzz | Stop


class Frame(msgspec.Struct, frozen=True, array_like=True):
    """One frame of a traceback."""

    file: str
    line: Count
    function: str
    is_project: bool = False
    """Whether it belongs to what is fuzzed, and not to a library that this has called."""


class Scene(msgspec.Struct, frozen=True):
    """One frame of a traceback as it was when the exception was raised. Texts are truncated, not made printable."""

    file: str
    line: Count
    function: str
    first: Count
    """Number of the first line of `source`."""
    source: list[str]
    """Lines around the one where it is; none where the file is not what the process has loaded."""
    variables: list[tuple[str, str]]
    """Names and values, in words."""


class Failure(msgspec.Struct, frozen=True):
    """Why an execution is a crasher, as the worker saw it. Texts are truncated, not made printable."""

    type: str
    """The exception's qualified class name."""
    message: str
    traceback: str
    frames: list[Frame]
    """From the target's function inwards; of a long one the first and the last."""
    bucket: str
    """Equal for failures that are likely one bug and reached alike, see `fuzztui.protocol.identity`."""
    group: str
    """Equal for failures that are likely one bug."""
    scenes: list[Scene] = []
    """Frames of the project's, the innermost last, where the call asks for them."""


MOST_SEEDS: Final = 100_000
"""Seeds that a target may declare."""


class Seed(msgspec.Struct, tag="seed", frozen=True):
    """A seed that the target's own code declares; sent before `Pong`."""

    data: bytes


class Pong(msgspec.Struct, tag="pong", frozen=True):
    """The target is loaded and can be called."""

    parameters: list[str]
    """Names of the parameters' kinds, in order, see `fuzztui.target.kinds`."""
    copies: bool = False
    """Whether a copy of the process (fork) is as good as a process of its own."""


class Module(msgspec.Struct, tag="module", frozen=True):
    """A module has been instrumented."""

    name: str
    file: str
    lines: list[Count]
    """For each of its probes the line that the probe stands for."""


class Source(msgspec.Struct, tag="source", frozen=True):
    """A file of the code under test has been loaded; sent before whatever its execution leads to.

    All workers of a run are to execute the same code, or what they say about it could not be compared.
    """

    file: bytes
    """Its path, as the file system has it."""
    digest: bytes
    """See `fuzztui.protocol.digest`."""
    is_fresh: bool
    """Whether the file has been written since the process began: perhaps by the target itself, which generates it."""
    module: str
    """Name of the module that was loaded from it."""


class Imported(msgspec.Struct, tag="imported", frozen=True):
    """What became of a module that the target's file imports itself; one message for each, sent before `Pong`."""

    name: str
    instrumented: bool
    reason: str
    """Why the module has no probes, or which part of it has none: a clause; empty if there is nothing to say."""
    probes: Count
    """Of the module and, for a package, of all that has been loaded of it."""


class Remark(msgspec.Struct, tag="remark", frozen=True):
    """Something about the target, or how it was loaded, that a person should know: once in a process."""

    sentence: str


class Part(msgspec.Struct, frozen=True, array_like=True):
    """A function, or what of a module is in none, which has no name."""

    name: str
    first: Count
    last: Count
    statements: list[Count]
    """Lines in which its own statements begin."""


class Layout(msgspec.Struct, tag="layout", frozen=True):
    """What there is to cover in an instrumented module; sent before anything that is measured in there, once."""

    file: str
    module: str
    digest: bytes
    """Of the source, see `fuzztui.protocol.digest`."""
    parts: list[Part]
    """In order; the module itself is the first."""
    branches: list[tuple[Line, Line, Count]]
    """A line that decides, where it may go on to, and the line of a `with` statement that is left on the way, or 0."""
    firsts: list[tuple[Count, Count]]
    """A line that belongs to a statement which begins before it, and the line where that does."""


class Measured(msgspec.Struct, tag="measured", frozen=True):
    """Which arcs an execution has taken; sent before `Executed` or `Crashed` tells how it ended.

    An arc is a line and the next one in the same function; a function is entered from minus its first line and left
    towards that.
    """

    index: Count | None
    """Position in the `Execute` call's inputs; None for what loading the target has executed, before `Pong`."""
    arcs: dict[str, list[tuple[Line, Line, Count]]]
    """File -> line, next line, how often."""
    is_partial: bool = False
    """Whether modules were loaded meanwhile, so that only another execution takes all arcs that the input does."""


MOST_OPERANDS: Final = 64
"""Comparisons that are told of one execution."""


class Operands(msgspec.Struct, frozen=True, array_like=True):
    """Both sides of a comparison. Texts are truncated, not made printable."""

    operator: str
    left: str
    """As Python writes it."""
    right: str
    tokens: list[bytes]
    """What of both may be worth trying in inputs."""


class Compared(msgspec.Struct, tag="compared", frozen=True):
    """What an execution has compared in the lines that were asked for; sent before `Executed` or `Crashed`."""

    index: Count
    operands: list[Operands]
    """Each once."""


Announced: TypeAlias = Module | Imported | Remark | Layout | Measured
"""What a process says of modules and of the target, before it is ready or later."""


class Shrunk(msgspec.Struct, tag="shrunk", frozen=True):
    """An input has been made plain, as far as it could be; sent before `Executed` or `Crashed`."""

    index: Count
    executions: Count
    """Calls of the target that this has taken."""


class Foretold(msgspec.Struct, tag="foretold", frozen=True):
    """What a test is about to be called with; sent in the execution, which may end the process or never end."""

    index: Count
    notes: list[str]
    """What would stand below the traceback if it failed by an exception."""


class Exported(msgspec.Struct, tag="exported", frozen=True):
    """What has become of an input that has run clean; sent before `Executed`."""

    index: Count
    is_valid: bool
    """Whether the test came to a verdict."""
    is_kept: bool
    """Whether it lies in the test's database of examples."""
    example: str
    """The decorator that has the test run with its values; empty where these have no form in the test's file."""


class Executed(msgspec.Struct, tag="executed", frozen=True):
    """An input of an `Execute` call ran clean."""

    index: Count
    edges: Coverage
    """Everything that this one input covers."""
    steps: list[tuple[str, Count, Count]] = []
    """File, line, and the line that came next in the same function, where the call asks for them."""


class Found(msgspec.Struct, tag="found", frozen=True):
    """A mutated input reached something new."""

    data: bytes
    edges: Coverage
    """Everything that this one input covers, or only what is new of it where no execution was left to measure it."""
    operators: list[str] = []
    """What made it from the call's entry, in order: mutation operators, `comparisons`, `trimmed`."""
    is_checked: bool = False
    """Whether it was run once more, to see whether it covers the same."""
    unstable: Coverage = {}
    """What it covered in one of these executions only."""


class Crashed(msgspec.Struct, tag="crashed", frozen=True):
    """An exception left the target. The worker goes on."""

    data: bytes
    index: Count | None
    """Position in the `Execute` call's inputs; None while fuzzing."""
    failure: Failure
    canonical: bytes | None = None
    """The same input in the form that means the same whatever becomes of the code; None where that is this one."""
    before: list[bytes] = []
    """Inputs that the process ran before it, the oldest first, as far back as it remembers; of failures that are likely
    one bug only one is told with them."""
    executions_before: Count = 0
    """How many inputs it ran before in all."""
    operators: list[str] = []
    """See `Found`; none for an input of an `Execute` call."""
    steps: list[tuple[str, Count, Count]] = []
    """See `Executed`."""


class Repeated(msgspec.Struct, tag="repeated", frozen=True):
    """Failures of buckets that this worker has reported before came up again while fuzzing.

    A target that fails on most inputs would otherwise drown its coordinator in tracebacks that are all the same, and
    one that fails in a thousand ways in messages.
    """

    hits: dict[str, Count]
    """By bucket."""


class Capped(msgspec.Struct, tag="capped", frozen=True):
    """Failures came up while fuzzing that are like none reported before, after as many had been reported as may be, see
    `fuzztui.protocol.caps`.
    """

    hits: Count


LEAST_SLOWDOWN: Final = 0.2
MOST_SLOWDOWN: Final = 100.0
"""Bounds of a believable slowdown by probes: probes slow a target down by some factor, and noise makes an entry at most
a few times faster or slower."""


class Done(msgspec.Struct, tag="done", frozen=True):
    """The call is over."""

    executions: Count
    """Calls of the target during this call."""
    yields: Yields = {}
    """What the sources of this call's inputs have brought."""
    slowdown: float | None = None
    """How many times as long the call's entry takes with its probes, as it runs in fuzzing, than without them; None
    where that was not measured. Between `LEAST_SLOWDOWN` and `MOST_SLOWDOWN`."""
    again: Coverage = {}
    """Probes that one execution alone had covered, as far as the worker knew, and that another has covered now."""
    events: dict[str, Count] = {}
    """What a property test has told of its executions since the last call: of how many."""
    scores: dict[str, float] = {}
    """The highest ones that it has told, of those that have risen since the last call."""
    seconds: Seconds = 0.0
    """Of a processor that this call has taken."""


THREAD: Final = "a thread"
FINALIZER: Final = "a finalizer or a callback"
TASK: Final = "a task"
FUTURE: Final = "a future"
ORIGINS: Final = frozenset({THREAD, FINALIZER, TASK, FUTURE})
"""Where exceptions are raised that leave no call of the target: in its threads, in `__del__` and the like and
functions that C code calls, in tasks of event loops that nobody awaits, in futures that nobody asks."""


class Stray(msgspec.Struct, tag="stray", frozen=True):
    """The target raised between two executions, or in a thread that had outlived the input which started it. No input
    is to blame; each bucket is told of once.
    """

    origin: str
    """One of `ORIGINS`."""
    failure: Failure


class Failed(msgspec.Struct, tag="failed", frozen=True):
    """The harness or the worker's own machinery failed; the worker exits with status 70 after this."""

    reason: str
    harness: bool
    """True if the user's harness is at fault (a repeat would fail alike), False if the machinery is."""
    skipped: bool = False
    """True if the harness declines: the target is not to be run here."""
    place: str = ""
    """`file:line` of the user's code that raised, or that cannot be compiled; empty if that is not what failed."""
    error: str = ""
    """What it raised, in one line."""
    uncallable: bool = False
    """True if the target's function is written so that no values can be made for it: a mistake of usage."""


Result: TypeAlias = (
    Seed
    | Pong
    | Source
    | Module
    | Imported
    | Remark
    | Layout
    | Measured
    | Compared
    | Shrunk
    | Exported
    | Foretold
    | Executed
    | Found
    | Crashed
    | Repeated
    | Capped
    | Done
    | Stray
    | Failed
)
