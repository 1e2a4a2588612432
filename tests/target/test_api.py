import subprocess
import sys
from collections.abc import Callable

import pytest

import fuzztui
from fuzztui.target.api import SETTINGS, Settings
from fuzztui.target.errors import HarnessError


def line_of_next_statement() -> int:
    return sys._getframe(1).f_lineno + 1


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(HarnessError) as caught:
        call()
    return str(caught.value)


def test_importing_fuzztui_imports_nothing_heavy() -> None:
    heavy = "textual rich typer json logging pathlib inspect dataclasses asyncio msgspec psutil traceback tempfile"
    code = f"import sys, fuzztui; print([m for m in {heavy.split()!r} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert result.stdout.strip() == "[]"


def test_decorated_function_stays_an_ordinary_callable() -> None:
    @fuzztui.fuzz(seeds=[b"{}"], raises=ValueError)
    def target(data: bytes) -> int:
        return len(data)

    @fuzztui.fuzz
    def bare(text: str) -> str:
        return text * 2

    assert target(b"abc") == 3
    assert bare("ab") == "abab"
    settings: Settings = getattr(target, SETTINGS)
    assert settings.seeds == (b"{}",)
    assert settings.raises == (ValueError,)
    assert settings.where.startswith(f"{__file__}:")


@pytest.mark.parametrize("raises", [3, "ValueError", (ValueError, 3), int, ValueError()])
def test_raises_takes_only_exception_classes(raises: object) -> None:
    line = line_of_next_statement()
    message = refused(lambda: fuzztui.fuzz(raises=raises))  # type: ignore[call-overload]
    assert message.startswith(f"{__file__}:{line}: raises has ")
    harness = fuzztui.F()
    assert "raises has" in refused(lambda: harness.fuzz(raises=raises))  # type: ignore[call-overload]
    assert harness.misuse is not None


def test_seeds_given_as_one_string_are_refused() -> None:
    assert "seeds is a bytes, want a list of seeds" in refused(lambda: fuzztui.fuzz(seeds=b"abc"))


def test_set_up_records_seeds_cleanups_target_and_contract() -> None:
    harness = fuzztui.F()
    harness.add("key", 3)

    @harness.fuzz(raises=(KeyError, OSError))
    def target(key: str, count: int) -> None: ...

    harness.add("late", 4)
    harness.cleanup(print)
    assert harness.target is target
    assert harness.parameters == ("str", "int")
    assert harness.raises == (KeyError, OSError)
    assert harness.seeds == [("key", 3), ("late", 4)]
    assert harness.cleanups == [print]
    assert harness.misuse is None


def test_second_target_is_refused() -> None:
    harness = fuzztui.F()
    harness.fuzz(one_int)
    line = line_of_next_statement()
    message = refused(lambda: harness.fuzz(one_int))
    assert message == f"{__file__}:{line}: f.fuzz was called already, want one target for each set-up"


@pytest.mark.parametrize("late", [False, True])
def test_seed_of_wrong_types_or_number_is_refused_where_it_was_added(late: bool) -> None:
    for values, shown in ((("x", 3), "[str, int]"), ((b"x",), "[bytes]"), ((b"x", 3, 4), "[bytes, int, int]")):
        harness = fuzztui.F()
        if late:
            harness.fuzz(bytes_and_int)
            line = line_of_next_statement()
            message = refused(lambda harness=harness, values=values: harness.add(*values))  # type: ignore[misc]
        else:
            line = line_of_next_statement()
            harness.add(*values)
            message = refused(lambda harness=harness: harness.fuzz(bytes_and_int))  # type: ignore[misc]
        assert message == f"{__file__}:{line}: f.add: {shown}, want [bytes, int]"


def test_seed_of_a_type_that_the_target_does_not_take_is_refused() -> None:
    harness = fuzztui.F()
    harness.fuzz(bytes_and_int)
    assert "f.add: [list, NoneType], want [bytes, int]" in refused(lambda: harness.add([1], None))


def test_true_is_no_int() -> None:
    harness = fuzztui.F()
    harness.fuzz(one_int)
    assert "[bool], want [int]" in refused(lambda: harness.add(True))


def test_call_inside_the_target_is_refused_and_remembered() -> None:
    calls: list[Callable[[fuzztui.F], object]] = [
        lambda f: f.add(1),
        lambda f: f.fail("x"),
        lambda f: f.skip(),
        lambda f: f.fuzz(one_int),
        lambda f: f.cleanup(print),
    ]
    for call, method in zip(calls, ("add", "fail", "skip", "fuzz", "cleanup"), strict=True):
        harness = fuzztui.F()
        harness.fuzz(one_int)
        harness.running = True
        message = refused(lambda call=call, harness=harness: call(harness))  # type: ignore[misc]
        assert f"f.{method} was called inside the target" in message
        assert message.startswith(f"{__file__}:")
        assert str(harness.misuse) == message


def test_first_misuse_is_the_one_remembered() -> None:
    harness = fuzztui.F()
    first = refused(lambda: harness.skip("no database"))
    refused(lambda: harness.fail("other"))
    assert str(harness.misuse) == first
    assert first.endswith("f.skip() in the set-up, so there is nothing to fuzz: no database")


def one_int(n: int) -> None: ...
def bytes_and_int(data: bytes, n: int) -> None: ...
def nothing() -> None: ...
def unannotated(data) -> None: ...  # type: ignore[no-untyped-def]
def unsupported(data: list) -> None: ...  # type: ignore[type-arg]
def vague(data: object) -> None: ...
def variadic(*data: bytes) -> None: ...
def keywords(**data: bytes) -> None: ...
def keyword_only(data: bytes, *, flag: bool) -> None: ...
async def asynchronous(data: bytes) -> None: ...


def generator(data: bytes):  # type: ignore[no-untyped-def]
    yield data


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (
            nothing,
            "nothing has no parameters; a target takes at least one of bytes, str, int, float, bool or datetime.date",
        ),
        (
            unannotated,
            "parameter data of unannotated is not annotated, want bytes, str, int, float, bool or datetime.date",
        ),
        (unsupported, "parameter data of unsupported is annotated list, want"),
        (vague, "parameter data of vague is annotated object, want"),
        (variadic, "variadic takes *data; a target has positional parameters only"),
        (keywords, "keywords takes **data; a target has positional parameters only"),
        (keyword_only, "keyword_only takes flag by keyword only; a target has positional parameters only"),
        (asynchronous, "asynchronous is an async function: calling it runs nothing"),
        (generator, "generator is a generator function: calling it runs nothing"),
    ],
)
def test_function_that_cannot_be_a_target_is_refused_with_file_and_line(
    function: Callable[..., object], reason: str
) -> None:
    message = refused(lambda: fuzztui.F().fuzz(function))
    assert message.startswith(f"{__file__}:{function.__code__.co_firstlineno}: ")
    assert reason in message


def test_builtin_is_refused() -> None:
    assert "want a function" in refused(lambda: fuzztui.F().fuzz(len))


def test_method_and_wrapped_function_can_be_targets() -> None:
    import functools

    class Store:
        def put(self, key: str) -> None: ...

    @functools.wraps(bytes_and_int)
    def wrapper(*args: object) -> None: ...

    first, second = fuzztui.F(), fuzztui.F()
    first.fuzz(Store().put)
    second.fuzz(wrapper)
    assert first.parameters == ("str",)
    assert second.parameters == ("bytes", "int")


def test_annotations_that_are_strings_are_looked_up_and_never_evaluated() -> None:
    def target(a: "bytes", b: " int ") -> None: ...  # noqa: F722
    def evil(a: "__import__('os')._exit(1)") -> None: ...  # type: ignore[valid-type]

    harness = fuzztui.F()
    harness.fuzz(target)
    assert harness.parameters == ("bytes", "int")
    assert "is annotated" in refused(lambda: fuzztui.F().fuzz(evil))


def test_seeds_given_without_their_name_are_refused() -> None:
    assert "takes its settings by name" in refused(lambda: fuzztui.fuzz([b"a"]))  # type: ignore[call-overload]


def test_settings_in_two_decorators_are_refused() -> None:
    once = fuzztui.fuzz(raises=ValueError)(lambda data: None)
    assert "decorates this function already" in refused(lambda: fuzztui.fuzz(seeds=[b"x"])(once))
