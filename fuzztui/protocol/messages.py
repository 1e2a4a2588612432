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

Coverage: TypeAlias = dict[str, list[Count]]
"""Covered probes: module name -> indices of probes within that module.

Probe numbers inside a process depend on the order of imports, so between processes a probe is named by its module and
its index in there.
"""


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
    memory_limit: Count | None
    """Bytes that the process may use beyond what it uses when the target is loaded."""
    profile: bool = False
    """Say in the shared memory when inputs are being mutated, too: costs something with each execution."""
    weigh_probes: bool = False
    """Now and then run an entry with its probes and without, to learn what they cost: that takes some executions."""


class Ping(msgspec.Struct, tag="ping", frozen=True):
    """Asks whether the target is loaded. The answer is `Pong`; no input is sent before it."""


class Execute(msgspec.Struct, tag="execute", frozen=True):
    """Run each input once, in order, unmutated; each is answered by `Executed` or `Crashed`, the call by `Done`."""

    inputs: list[bytes]
    covered: Coverage
    """Probes that the coordinator has seen covered since its last call to this worker."""


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


class Stop(msgspec.Struct, tag="stop", frozen=True):
    """End with exit status 0. (A worker that is executing learns of it through shared memory instead.)"""


Call: TypeAlias = Load | Ping | Execute | Fuzz | Stop


class Frame(msgspec.Struct, frozen=True, array_like=True):
    """One frame of a traceback."""

    file: str
    line: Count
    function: str


class Failure(msgspec.Struct, frozen=True):
    """Why an execution is a crasher, as the worker saw it. Texts are truncated, not made printable."""

    type: str
    """The exception's qualified class name."""
    message: str
    traceback: str
    frames: list[Frame]
    """From the target's function inwards; of a long one the first and the last."""
    bucket: str
    """Equal for failures that are likely one bug: the exception's type and the innermost frames."""


MOST_SEEDS: Final = 100_000
"""Seeds that a target may declare."""


class Seed(msgspec.Struct, tag="seed", frozen=True):
    """A seed that the target's own code declares; sent before `Pong`."""

    data: bytes


class Pong(msgspec.Struct, tag="pong", frozen=True):
    """The target is loaded and can be called."""

    parameters: list[str]
    """Names of the parameters' kinds, in order, see `fuzztui.target.kinds`."""


class Module(msgspec.Struct, tag="module", frozen=True):
    """A module has been instrumented."""

    name: str
    file: str
    lines: list[Count]
    """For each of its probes the line that the probe stands for."""


class Imported(msgspec.Struct, tag="imported", frozen=True):
    """What became of a module that the target's file imports itself; one message for each, sent before `Pong`."""

    name: str
    instrumented: bool
    reason: str
    """Why the module has no probes, or which part of it has none: a clause; empty if there is nothing to say."""
    probes: Count
    """Of the module and, for a package, of all that has been loaded of it."""


class Executed(msgspec.Struct, tag="executed", frozen=True):
    """An input of an `Execute` call ran clean."""

    index: Count
    edges: Coverage
    """Everything that this one input covers."""


class Found(msgspec.Struct, tag="found", frozen=True):
    """A mutated input reached something new."""

    data: bytes
    edges: Coverage
    """Everything that this one input covers, or only what is new of it where no execution was left to measure it."""


class Crashed(msgspec.Struct, tag="crashed", frozen=True):
    """An exception left the target. The worker goes on."""

    data: bytes
    index: Count | None
    """Position in the `Execute` call's inputs; None while fuzzing."""
    failure: Failure


class Repeated(msgspec.Struct, tag="repeated", frozen=True):
    """The failure of a bucket that this worker has reported before came up again while fuzzing.

    A target that fails on most inputs would otherwise drown its coordinator in tracebacks that are all the same.
    """

    bucket: str
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


class Failed(msgspec.Struct, tag="failed", frozen=True):
    """The harness or the worker's own machinery failed; the worker exits with status 70 after this."""

    reason: str
    harness: bool
    """True if the user's harness is at fault (a repeat would fail alike), False if the machinery is."""


Result: TypeAlias = Seed | Pong | Module | Imported | Executed | Found | Crashed | Repeated | Done | Failed
