"""Watch a coverage-guided fuzzer find the bugs of your Python code.

This module is what a harness imports. A target is a function named `fuzz_*` whose parameters are all annotated:

    import fuzztui

    def fuzz_parse(data: bytes) -> None:
        parse(data)

`fuzz` declares its seeds, and the exceptions that it may raise by contract:

    @fuzztui.fuzz(seeds=[b"{}", b"[1]"], raises=ValueError)
    def fuzz_contract(data: bytes) -> None:
        parse(data)

`F` is the parameter of a set-up, which every worker runs once before it fuzzes the target that the set-up names:

    def fuzz_store(f: fuzztui.F) -> None:
        store = open_store()
        f.cleanup(store.close)
        f.add("key", 3)  # a seed: one value for each parameter of the target

        @f.fuzz
        def target(key: str, count: int) -> None:
            assert store.roundtrip(key, count) == count

A parameter may also have a type that is made of these: `list[Order]` of a dataclass, and many more. In
`Annotated[T, fuzztui.via(int, build)]` a harness says by `via` what values of a type are made from.

`arguments` makes the arguments of such a target from a stored input; tests of crashers use it.

A mistake in the use of `fuzz` or `F` raises `HarnessError`, whose message names file and line. `Value` is the type of
one argument, `SeedLike` that of one seed: a value, or a tuple of values where the target has several parameters.

    def seeds() -> list[fuzztui.SeedLike]:
        return [path.read_bytes() for path in SAMPLES.iterdir()]

Every worker imports this module, and so does the command before it can attend to any signal: each start pays for it. So
what it offers is loaded when somebody asks for it.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fuzztui.target.api import F, SeedLike, fuzz
    from fuzztui.target.errors import HarnessError
    from fuzztui.target.typed.arguments import arguments
    from fuzztui.target.values import Value
    from fuzztui.target.via import via

__all__ = ["F", "HarnessError", "SeedLike", "Value", "__version__", "arguments", "fuzz", "via"]

__version__ = "0.1.0"
"""The one place of the version: the package's metadata is built from this line. `importlib.metadata` would read it back
at run time, but takes longer to import (some 25 ms) than all that a harness needs (some 10 ms).
"""


def __getattr__(name: str) -> object:
    """Load what a harness uses."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "arguments":
        from fuzztui.target.typed.arguments import arguments

        globals()[name] = arguments
        return arguments
    from fuzztui.target import api, errors, values
    from fuzztui.target.via import via

    globals().update(
        F=api.F, fuzz=api.fuzz, SeedLike=api.SeedLike, HarnessError=errors.HarnessError, Value=values.Value, via=via
    )
    return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
