"""Texts with as many words as a function takes arguments."""

from typing import Any

from fuzztui.worker.grammar.called import MAX_CALLED, with_called
from fuzztui.worker.guidance.following import Following
from fuzztui.worker.guidance.progress import Progress
from fuzztui.worker.mutate.guided import candidates, tokens
from fuzztui.worker.mutate.operands import NUMBER_OF_ARGUMENTS, Comparison
from fuzztui.worker.mutate.whole import Plain
from tests.worker.world import inhabited


def called(text: Any, more: int, name: str, *fillers: str, signs: tuple[str, ...] = ()) -> list[Any]:
    comparisons: list[Comparison] = [(NUMBER_OF_ARGUMENTS, more, name)]
    return [made for (made,) in with_called((text,), comparisons, 100, fillers, signs)]


def test_words_that_are_lacking_stand_behind_the_name_of_what_was_called() -> None:
    assert called("(rest)", 1, "do_rest")[0] == "(rest 1)"
    assert called("(if) (a)", 3, "do_if")[0] == "(if 1 1 1) (a)"
    assert "(rest ())" in called("(rest)", 1, "do_rest", "()")
    assert "rest/1" in called("rest", 1, "do_rest", signs=("/",))
    assert called(b"REST", 1, "do_rest")[0] == b"REST 1"


def test_where_no_name_is_they_stand_at_the_end() -> None:
    assert called("+", 2, "add")[0] == "+ 1 1"


def test_words_that_are_too_many_are_left_out() -> None:
    assert {"(rest 2)", "(rest 1)"} <= set(called("(rest 1 2)", -1, "do_rest"))


def test_they_are_bounded() -> None:
    many = called("go " * 30, 1, "go", *map(str, range(50)), signs=tuple("/;|:"))
    assert 10 < len(many) <= MAX_CALLED
    assert called("(rest)", 16, "do_rest") != []
    assert called("x" * 99, 1, "x") == [], "there is no room"
    assert called("(rest)" * 1000, 1, "do_rest") == []


SHELL = """
class Shell:
    def do_get(self, key, default): return key
    def do_put(self, key): return key
def fuzz(data):
    words = __import__("re").findall(r"[a-z0-9]+", data.decode())
    try:
        getattr(Shell(), "do_" + words[0])(*words[1:])
    except (TypeError, AttributeError, IndexError):
        return
"""


def test_how_many_arguments_are_lacking_is_a_state_and_no_operand() -> None:
    with inhabited(SHELL) as world:
        tracing = world.tracing(lambda arguments: None)
        with tracing.on():
            nearly = tracing.comparisons((b"get",))
            nearer = tracing.comparisons((b"get a",))
    assert (NUMBER_OF_ARGUMENTS, 2, "do_get") in nearly
    assert (NUMBER_OF_ARGUMENTS, 1, "do_get") in nearer
    progress = Progress()
    progress.is_new(nearly, (), (b"get",))
    assert progress.is_new(nearer, (), (b"get",))
    wanted: list[Comparison] = [(NUMBER_OF_ARGUMENTS, 2, "do_get")]
    assert list(candidates((b"2 do_get",), wanted, 10, 100)) == []
    assert list(tokens(wanted)) == []


def test_they_follow_from_what_has_come_further_and_from_entries() -> None:
    apart = Plain(("rest",))
    wanted: list[Comparison] = [(NUMBER_OF_ARGUMENTS, 1, "do_rest")]
    following = Following(100)
    assert ("rest 1",) in list(following.steps(apart, wanted, []))[:8]
    assert ("rest 1",) in list(following.structural(apart, wanted))[:8]


def test_a_command_with_arguments_is_found() -> None:
    with inhabited(SHELL.replace("return key", "assert 0", 1)) as world:
        assert world.search(b"x", 20_000) is not None
