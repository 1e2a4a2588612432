"""Texts that go on where a program wanted one more element of what it had made of them."""

from fuzztui.worker.grammar.gone_on import MAX_GONE_ON, gone_on
from fuzztui.worker.mutate.operands import ENDED, Comparison
from tests.worker.world import inhabited

WANTED: list[Comparison] = [("==", "let", "let"), (ENDED, (), ())]


def _made(text: str, signs: tuple[str, ...] = (), words: tuple[str, ...] = ()) -> list[object]:
    return [changed for (changed,) in gone_on((text,), WANTED, 40, signs, words)]


def test_a_text_goes_on_with_a_token_behind_its_end_and_before_what_closes_it() -> None:
    assert _made("let a", signs=("=",), words=("in",)) == [
        *("let a 1", "let a1", "let a a", "let aa", "let a=", "let a =", "let a in", "let ain")
    ]
    assert _made("f(g(", signs=(")",))[-2:] == ["f(g()", "f(g( )"]
    assert "(def a)" in _made("(def)")
    assert "((1))" in _made("(())")


def test_tokens_are_bounded_in_number_and_length() -> None:
    assert len(_made("a" * 10, words=tuple(f"w{number}" for number in range(99)))) <= MAX_GONE_ON
    assert not _made("a" * 40)
    assert not list(gone_on(("a",), [("==", "let", "let")], 40, (), ()))


def test_what_a_program_wants_behind_its_last_token_is_found() -> None:
    source = (
        "import re\n"
        "def fuzz(data):\n"
        "    tokens = [each[0] for each in re.finditer('[a-z]+|[0-9]+|.', data.decode('latin-1'))]\n"
        "    try:\n"
        "        if tokens[0] != 'let' or tokens[2] != ':' or tokens[4] != '!':\n"
        "            return\n"
        "    except IndexError:\n"
        "        return\n"
        "    raise AssertionError\n"
    )
    with inhabited(source) as world:
        found = world.search(b"0", 800)
    assert found is not None
    assert found.startswith(b"let")
