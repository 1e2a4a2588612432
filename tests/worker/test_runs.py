"""Letters in the places that numbers of a text stand for."""

from itertools import pairwise

from fuzztui.worker.grammar.runs import MAX_MADE, Letters, wanted_letters, with_letters_in_runs
from fuzztui.worker.guidance.following import Following
from fuzztui.worker.guidance.plain import MAX_MEMBERS
from fuzztui.worker.guidance.trace import ComparisonTrace
from fuzztui.worker.mutate.whole import Plain
from tests.worker.world import inhabited


def in_runs(text: str, letters: list[str]) -> list[str]:
    return [str(made) for (made,) in with_letters_in_runs((text,), 200, letters)]


def test_a_letter_stands_in_each_place_that_a_number_counts_and_the_sum_stays() -> None:
    made = in_runs("4/2 w", ["K"])
    assert {"K3/2 w", "1K2/2 w", "2K1/2 w", "3K/2 w", "4/K1 w", "4/1K w"} <= set(made)
    assert set(with_letters_in_runs((b"4/2",), 4, ["K"])) == {(b"4/1K",), (b"3K/2",), (b"K3/2",), (b"4/K1",)}


def test_a_letter_that_is_there_is_moved_to_other_places() -> None:
    assert {"K3/2", "3K/2", "4/K1", "4/1K"} <= set(in_runs("1K2/2", ["x"]))


def test_inputs_with_letters_are_bounded_and_neighbours_are_far_from_each_other() -> None:
    made = in_runs("9/9", ["K", "Q"])
    assert len(made) == len(set(made)) == 36
    assert sum(one[:2] == other[:2] for one, other in pairwise(made)) < 9
    assert len(in_runs("36 " * 60, list("abcdefgh"))) == MAX_MADE


def test_letters_are_those_among_which_one_was_looked_up_or_that_were_looked_for() -> None:
    letters = Letters()
    letters.add([("in", "x", "KQ1"), ("of", "y", ("b", "word")), ("lacks", "k", ()), ("in", "xy", "RN")])
    assert letters.latest() == ["k", "b", "Q", "K"]
    letters.add([("in", "x", "K")])
    assert letters.latest()[0] == "K"


def test_what_is_known_of_other_inputs_is_put_into_runs() -> None:
    following = Following(100)
    following.learn(("x",), [("in", "x", "KQ")])
    assert ("1K/2",) in (following.scattered(Plain(("2/2",)), [("==", 2, 2)]) or ())
    assert following.scattered(Plain(("2/2",)), [("==", 1, 2)]) is None
    assert Following(100).scattered(Plain(("2/2",)), [("==", 2, 2)]) is None


BOARD = """
def fuzz(data):
    rows = data.decode("latin-1").split("/")
    if len(rows) != 4:
        return
    board = {}
    for number, row in enumerate(rows):
        column = 0
        for char in row:
            if char in "1234":
                column += int(char)
            elif char in "KQRN":
                board["%s%d" % ("abcd"[column % 4], number)] = char
                column += 1
            else:
                return
        if column != 4:
            return
    if [board.get("b1"), board.get("d3"), board.get("a2")] == ["K", "R", "N"]:
        raise KeyError
"""


def test_several_letters_come_one_after_the_other_into_places_that_were_looked_up() -> None:
    with inhabited(BOARD) as world:
        assert world.search(b"4/4/4/4", 60_000) is not None


def test_letters_that_were_wanted_are_sought_where_something_was_looked_up_in_vain() -> None:
    following = Following(100)
    following.learn(("x",), [("in", "x", "KQ")])
    lacking = [("==", 2, 2), ("lacks", "b1", ()), ("!=", (), ("N", "word"))]
    made = [made for (made,) in following.lacking(Plain(("2/2",)), lacking)]
    assert {"N1/2", "1N/2", "2/N1", "2/1N"} <= set(made)
    assert "K1/2" not in made
    assert "K1/2" in [made for (made,) in following.lacking(Plain(("2/2",)), lacking[:2])]
    assert "N1/2" not in [made for (made,) in following.lacking(Plain(("2/2",)), lacking[1:])]


def test_a_list_of_what_lookups_have_not_found_has_nothing_of_what_it_was_to_be() -> None:
    trace = ComparisonTrace()
    trace.compare("!=", [None, None], ["K", "R"])
    trace.compare("==", ["K", "R"], [None, "K"])
    trace.compare("!=", [None, object()], ["N", "R"])
    trace.compare("!=", [None] * 2 * MAX_MEMBERS, ["B", "R"])
    assert trace.comparisons == [("!=", (), ("K", "R")), ("==", ("K", "R"), ("K",))]


def test_wanted_letters_are_those_of_what_was_not_as_it_had_to_be() -> None:
    wanted = [("wants", "p", ()), ("!=", ("K",), ("K", "R", "7", "no")), ("==", ("Q",), ("Q",)), ("in", "x", "B")]
    assert wanted_letters(wanted) == ["p", "K", "R"]
