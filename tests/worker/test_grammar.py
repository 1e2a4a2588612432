"""What a program looked for in a text and did not find is put in, in the text's own syntax."""

from collections.abc import Iterator
from typing import Any

import pytest

from fuzztui.worker.grammar.counted import counted, recounted
from fuzztui.worker.grammar.elements import (
    MAX_ELEMENTS,
    Syntax,
    Wanted,
    in_turns,
    missing_in_texts,
    syntax_of,
    wanted_of,
    with_elements,
)
from fuzztui.worker.grammar.growing import MAX_GROWN, grown_lists
from fuzztui.worker.grammar.lists import wanted_lists
from fuzztui.worker.grammar.resized import MAX_RESIZED, resized_parts
from fuzztui.worker.grammar.statements import Vocabulary
from fuzztui.worker.guidance.progress import MAX_ENTRIES, MAX_NUMBERS, MAX_TABLES, Progress
from fuzztui.worker.guidance.rarity import Rarity
from fuzztui.worker.mutate.operands import Comparison
from tests.worker.world import inhabited


def test_keys_come_with_the_values_that_were_asked_for_after_them_the_last_first() -> None:
    comparisons: list[Comparison] = [
        ("wants", "nobody's", ()),
        ("lacks", "a", ()),
        ("in", ",", "x,y"),
        ("wants", "one", ()),
        ("wants", 2, ()),
        ("lacks", b"b", ()),
        ("lacks", "", ()),
    ]
    assert wanted_of(comparisons) == [Wanted("b", ()), Wanted("a", ("one", "2", ",", "x,y"))]


def test_a_key_that_was_missed_again_comes_before_those_that_were_missed_before() -> None:
    comparisons: list[Comparison] = [
        *[("lacks", "a", ()), ("==", "x", "y")],
        *[("lacks", "b", ()), ("==", "v", "w")],
        ("lacks", "a", ()),
    ]
    assert [each.key for each in wanted_of(comparisons)] == ["a", "b"]


def test_signs_are_those_that_a_text_is_split_at_and_those_in_it_come_first() -> None:
    comparisons: list[Comparison] = [("in", "->", "some text"), ("in", "|", "x|y"), ("in", "word", "x|y")]
    syntax = syntax_of(comparisons, "x|y")
    assert syntax.between[:2] == ("|", "->")
    assert syntax.assigning[:2] == ("->", "|")


@pytest.mark.parametrize(
    ("text", "wanted", "made"),
    [
        ("", Wanted("key", ("value",)), "key=value"),
        ("a=1", Wanted("key", ("value",)), "a=1\nkey=value"),
        ("a[x]=1", Wanted("key", ("value",), ("a",)), "a[x]=1\na[key]=value"),
        ("a[x]=1", Wanted("key", ("value",), ("a",)), "a[x]=1\na[1][key]=value"),
        ("a[x]=1", Wanted("key", ("value",), ("a", "b")), "a[x]=1\na[b][key]=value"),
        ("a=1\n", Wanted("key", ("value",)), "a=1\nkey=value"),
        ("a=1;b=2", Wanted("key", ("3",)), "a=1;b=2;key=3"),
        ("{}", Wanted("key", ("value",)), '{"key": "value"}'),
        ('{"a": 1}', Wanted("key", ("7",)), '{"a": 1,"key": 7}'),
        ('{"a": {}}', Wanted("key", ("7",)), '{"a": {"key": 7}}'),
        ("[a]\n", Wanted("part", ()), "[a]\n[part]"),
    ],
)
def test_an_element_goes_where_one_may_stand(text: str, wanted: Wanted, made: str) -> None:
    assert made in list(with_elements(text, [wanted], syntax_of([], text)))


def test_binary_arguments_are_left_alone_and_so_are_their_bytes() -> None:
    wanted: list[Comparison] = [("lacks", "key", ())]
    assert list(missing_in_texts((b"\x01key",), wanted, 100)) == []
    for (made,) in missing_in_texts((b"caf\xe9",), wanted, 100):
        assert isinstance(made, bytes)
        assert b"caf" in made or b"\xe9" in made


def test_inputs_are_bounded_in_number_and_in_length() -> None:
    wanted: list[Comparison] = [("lacks", f"key{number}", ()) for number in range(50)]
    text = "(a,b);[c;d]\n" * 10
    made = list(missing_in_texts((text,), wanted, len(text) + 8))
    assert 0 < len(made) <= MAX_ELEMENTS
    assert len(set(made)) == len(made)
    assert all(len(str(each)) <= len(text) + 8 for (each,) in made)
    assert not list(with_elements("x" * 5000, [Wanted("k", ())], Syntax(("\n",), ("=",))))


SOURCES = {
    "settings in sections": """
def fuzz(data):
    sections, current = {}, {}
    for line in data.decode("latin-1").split("\\n"):
        if line.startswith("[") and line.endswith("]"):
            current = sections.setdefault(line[1:-1], {})
        else:
            key, sign, value = line.partition("=")
            if sign: current[key.strip()] = value.strip()
    if "remote" in sections:
        remote = sections["remote"]
        if remote.get("proxy") and remote.get("user") == "root": raise LookupError
""",
    "object": """
import json
def fuzz(data):
    try: found = json.loads(data)
    except ValueError: return
    if type(found) is dict:
        if found.get("version") == 2 and isinstance(found.get("items"), str):
            if found.get("kind") == "list": raise LookupError
""",
    "pairs": """
def fuzz(text):
    pairs = dict(each.split("->", 1) for each in text.split("|") if "->" in each)
    if "host" in pairs:
        if pairs.get("port") == "8080": raise LookupError
""",
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_bug_behind_keys_is_found(source: str) -> None:
    of_text = "fuzz(text)" in source
    with inhabited(source, ("str",) if of_text else ("bytes",)) as world:
        assert world.search(b"fuzztui v1\n''\n" if of_text else b"", 20_000) is not None


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        (b"d4:spami1ee", [(b"4", b"spam")]),
        (b"*1\r\n$3\r\nGET\r\n", [(b"1", b"$"), (b"3", b"GET")]),
        ("1a\r\nabcdefghijklmnopqrstuvwxyz\r\n", [("1a", "abcdefghijklmnopqrstuvwxyz")]),
        (b"12 words", []),
        (b"", []),
    ],
)
def test_parts_are_found_by_their_lengths_in_digits(value: Any, parts: list[tuple[Any, Any]]) -> None:
    assert [(value[one.start : one.end], value[one.begin : one.stop]) for one in counted(value)] == parts


def test_what_takes_the_place_of_a_counted_part_is_counted() -> None:
    assert list(recounted(b"*1\r\n$3\r\nGET\r\n", 8, 11, b"RENAME")) == [b"*1\r\n$6\r\nRENAME\r\n"]
    assert list(recounted("d0:e", 3, 3, "key")) == ["d3:keye"]
    assert list(recounted("d4:spame", 3, 5, "")) == ["d2:ame"]
    assert list(recounted("no number", 0, 2, "a")) == []


def test_lists_grow_with_the_number_of_their_parts() -> None:
    data = b"*1\r\n$3\r\nGET\r\n"
    made = [changed for (changed,) in grown_lists((data,), [], 200)]
    assert b"*2\r\n$3\r\nGET\r\n$3\r\nGET\r\n" in made
    assert b"*3\r\n$3\r\nGET\r\n$3\r\nGET\r\n$3\r\nGET\r\n" in made
    lacking = [changed for (changed,) in grown_lists((b"*2\r\n$3\r\nGET\r\n",), [], 200)]
    assert b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n" in lacking
    empty = [changed for (changed,) in grown_lists((b"*1\r\n$0\r\n\r\n",), [("of", "", ("SET", "GET"))], 200)]
    assert b"*1\r\n$3\r\nSET\r\n" in empty
    assert all(len(bytes(changed)) <= 20 for (changed,) in grown_lists((data,), [], 20))  # type: ignore[arg-type]
    assert len(list(grown_lists((data * 20,), [], 4096))) <= MAX_GROWN


@pytest.mark.parametrize(
    ("text", "comparison", "made"),
    [
        (b"x", ("!=", ("x",), ("day", "id")), b"day;id"),
        (b"a|b\nrest", ("==", ("a", "b"), ("day", "id", "of")), b"day|id|of\nrest"),
        ("b a", ("!=", ("left", "right"), ("b", "a")), "left right"),
        (b"^0.1-0@0.1.5", ("==", (0, 1, 5), (0, 20, 0)), b"^0.1-0@0.20.0"),
        (b";", ("!=", ("", ""), ("day", "id", "of")), b"day;id;of"),
        (b"\n", ("==", (), ("day", "id")), b"day,id\n"),
    ],
)
def test_a_list_that_was_wanted_is_joined_as_the_text_is(text: Any, comparison: Comparison, made: Any) -> None:
    assert (made,) in list(wanted_lists((text,), [comparison], 100))
    assert list(wanted_lists((text,), [comparison], len(text))) == []


@pytest.mark.parametrize(
    ("data", "comparison", "made"),
    [
        (b"fmt \0\0\0\0SUM", ("!=", 0, 3), b"fmt \3\0\0\0\1\1\1SUM"),
        (b"\2ab!", ("!=", 2, 5), b"\5abbbb!"),
        (b"\5abcde!", ("!=", 5, 2), b"\2ab!"),
        (b"2:ab!", ("<", 2, 3), b"4:abbb!"),
    ],
)
def test_a_length_and_what_it_counts_change_together(data: bytes, comparison: Comparison, made: bytes) -> None:
    found = list(resized_parts((data,), [comparison], 100))
    assert (made,) in found
    assert len(found) <= MAX_RESIZED
    assert all(len(bytes(each)) <= len(data) for (each,) in resized_parts((data,), [comparison], len(data)))  # type: ignore[arg-type]


def test_a_text_of_a_form_that_is_wanted_is_no_state() -> None:
    progress = Progress()
    assert progress.is_new([("like", "log.level", "cache.level.0")], (), ("log.level",))
    assert not progress.is_new([("like", "log.other", "cache.other.0")], (), ("log.other",))
    assert progress.is_new([("==", "log.other", "cache.other.0")], (), ("log.other",))


def test_a_new_state_is_told_by_what_the_program_compares_besides_the_input() -> None:
    progress = Progress()
    assert progress.is_new([("==", "MAIL", "HELO")], [], (b"MAIL x",))
    assert not progress.is_new([("==", "MAIX", "HELO")], [], (b"MAIX x",))
    assert progress.is_new([("==", "MAIL", "HELO"), ("!=", "greeted", "sender")], [], (b"MAIL x",))
    assert not progress.is_new([("!=", "greeted", "sender")], [], (b"MAIL x",))
    assert progress.is_new([("lacks", "key", ())], [], (b"",))
    assert progress.is_new([("in", "key", ("key", "other"))], [], (b"key",))
    assert not progress.is_new([("lacks", "abc", ()), ("in", "abd", ("abd", "x"))], [], (b"abc abd",))
    assert progress.is_new([("named", "do_head", ("do_head", "do_rest"))], [], (b"head",))
    assert not progress.is_new([("named", "do_tail", ("do_head", "do_rest"))], [], (b"tail",))
    for number in range(2 * MAX_ENTRIES):
        progress.keep((number,))
    assert progress.entries == [(number,) for number in range(MAX_ENTRIES, 2 * MAX_ENTRIES)]


def test_that_what_is_compared_is_of_the_kind_that_is_wanted_is_a_state() -> None:
    progress = Progress()
    assert not progress.is_new([("==", 7, 150)], [], (b"\7",)) or not progress.is_new([("==", 8, 150)], [], (b"\7",))
    progress.is_new([("==", b"\xff", 150)], [], (b"\xff",))
    assert progress.is_new([("==", 8, 150)], [], (b"\x08",))
    assert not progress.is_new([("==", 9, 150)], [], (b"\x09",))


def test_a_number_that_was_looked_up_in_vain_and_is_there_is_a_state() -> None:
    progress = Progress()
    progress.is_new([("lacks", 5, ())], [], (b"",))
    assert progress.is_new([("in", 5, (5, 7))], [], (b"\5\7",))
    assert progress.is_new([("lacks", 6, ())], [], (b"",)), "another one is lacking"
    progress.is_new([("lacks", 1, ()), ("in", 1, (7,))], [], (b"\1\7",))
    assert not progress.is_new([("lacks", 2, ()), ("in", 2, (7,))], [], (b"\2\7",)), "it may be the input's"
    for number in range(10, 2 * MAX_NUMBERS):
        progress.is_new([("lacks", number, ())], [], (b"",))
    assert not progress.is_new([("lacks", 250, ())], [], (b"",)), "a program that works them out has any"


def test_what_is_worked_out_of_inputs_is_no_word_and_what_it_is_of_is_a_state() -> None:
    progress = Progress()
    progress.is_new([("==", 1, 1), ("same", b"\x80a", b"\x90b"), ("!=", b"\x80a", b"\x90b")], [], (b"\x80a",))
    wrong: list[Comparison] = [("==", 1, 1), ("same", b"\x80a", b"m/"), ("!=", b"\x80a", b"m/")]
    assert not progress.is_new(wrong, [], (b"\x80a",))
    for kind in (1, 2):  # what has a right sum was of another kind
        right: list[Comparison] = [("==", kind, kind), ("!=", b"\x80a", b"\x80a")]
        assert progress.is_new(right, [], (b"\x80a",))
        assert not progress.is_new(right, [], (b"\x80a",))


@pytest.mark.parametrize("there", [b"", b"\1", b"\1\1\1"])
def test_a_sum_that_there_is_no_room_for_is_no_word(there: bytes) -> None:
    progress = Progress()

    def compared(wanted: bytes) -> list[Comparison]:
        return [("same", there, wanted), ("!=", there, wanted)]

    progress.is_new(compared(b"cp)\x8c"), [], (b"\1",))
    assert not progress.is_new(compared(b"/\xc3\x03%"), [], (b"\2",))
    assert progress.is_new([("!=", there, b"\x89PNG")], [], (b"\1",)), "a constant that is spelled there is one"


def test_a_text_without_what_could_not_be_decoded_is_the_inputs() -> None:
    data = b"a\xffword \xe4b"
    for text in (data.decode(errors="ignore"), data.decode("ascii", "replace"), data.decode(errors="replace")):
        progress, vocabulary = Progress(), Vocabulary()
        progress.is_new([("startswith", "x", "{{")], [], (b"x",))
        assert not progress.is_new([("startswith", text, "{{")], [], (data,))
        vocabulary.add([("==", text, "if")], (data,))
        assert vocabulary.words() == ["if"]


def test_lines_of_an_input_that_were_joined_are_no_word_of_the_program() -> None:
    progress, data = Progress(), b'"plural-forms:"\n"long"\n"plural-forms:n"'
    progress.is_new([("!=", "long", "nplurals")], [], (data,))
    assert not progress.is_new([("!=", "longplural-forms", "nplurals")], [], (data,))
    assert progress.is_new([("!=", "long", "longest")], [], (data,))


def test_it_is_slight_that_another_word_came_before_where_a_run_stopped() -> None:
    progress = Progress()
    for word in ("amp", "quot"):
        progress.is_new([("==", "x", word), ("==", "x", "/")], [], (b"x",))
        progress.is_new([("==", word, word), ("==", "x", word)], [], (word.encode(),))
    assert progress.is_new([("==", "amp", "amp"), ("==", "x", "/")], [], (b"amp",))
    assert progress.is_slight
    assert progress.is_new([("==", "amp", "amp"), ("lacks", "key", ())], [], (b"amp",))
    assert not progress.is_slight


def test_a_sign_that_was_cut_out_of_an_input_is_compared_with_a_sign_of_the_program() -> None:
    progress = Progress()
    progress.is_new([("same", b"", b"*"), ("!=", b"", b"*")], [], (b"",))
    assert progress.is_new([("same", b"*", b"$"), ("!=", b"*", b"$")], [], (b"*",))


def test_names_that_inputs_put_into_a_table_are_no_new_states_for_ever() -> None:
    progress = Progress()
    progress.is_new([("lacks", "nil", ())], [], (b"",))
    new = [
        progress.is_new([("in", f"name{number}", ("nil", f"name{number}"))], [], (b"(define name%d)" % number,))
        for number in range(50)
    ]
    assert new[0]
    assert not any(new[25:])


def test_where_a_run_has_stopped_is_a_state_after_each_answer() -> None:
    progress = Progress()
    sender: Comparison = ("startswith", "FROM:x", "FROM:")
    assert progress.is_new([("startswith", "", "FROM:"), ("startswith", "x", "<<")], [], (b"x",))
    assert progress.is_new([sender, ("startswith", "x", "<<")], [], (b"FROM:x",))
    assert not progress.is_new([sender, ("startswith", "y", "<<")], [], (b"FROM:x y",))
    assert not progress.is_new([sender, ("startswith", "y", "<<")], [], (b"FROM:x y <<",))


def test_what_a_program_puts_together_of_an_input_is_no_state() -> None:
    progress = Progress()
    progress.is_new([("in", "--boundary", "text")], [], (b"--boundary",))
    for number in range(10):
        assert not progress.is_new([("in", f"--other{number}", "text")], [], (b"=other%d" % number,))


def test_what_is_made_of_an_input_is_no_state() -> None:
    progress = Progress()
    for at in range(3):
        made: list[tuple[Comparison, str]] = [
            (("in", "(", f"( a{at} ( b ) )"), f"(a{at}(b))"),
            (("==", f"some words{at}", "other"), f"some+words{at} other"),
            (("==", f"decode{at}", ""), f"%64ecode{at}"),
            (("in", "][", f"xyz uvw{at}"), f"%78yz+uvw{at}]["),
            (("in", "key", (f"one two{at}", "key")), f"one+two{at}=3&key=key"),
        ]
        for comparison, text in made:
            assert not progress.is_new([comparison], [], (text.encode(),)) or not at, comparison


def test_each_flood_of_what_inputs_name_ends() -> None:
    progress = Progress()
    new = [
        progress.is_new([("!=", f"h{number}", f"h{number}"), ("in", ":", f"h{number}: a")], [], (b"h%d: a" % number,))
        for number in range(20)
    ]
    assert not any(new[2:])


def test_whether_a_name_is_known_is_a_state_for_each_word_that_it_is_asked_for_by() -> None:
    progress = Progress()
    progress.is_new([("==", "x", "JOIN"), ("==", "x", "KICK")], [], (b"x",))
    for word in ("JOIN", "KICK"):
        for table in (("#b",), ("#b", "#a")):
            comparisons: list[Comparison] = [("==", word, word), ("not in", "#a", table)]
            data = f"{word} #a #b".encode()
            assert progress.is_new(comparisons, [], (data,))
            assert not progress.is_new(comparisons, [], (data,))


def test_comparisons_that_few_inputs_have_come_to_are_asked_first() -> None:
    rarity = Rarity()
    for number in range(5):
        rarity.count([("==", str(number), ":"), ("in", ":", f"{number}:")])
    seldom: Comparison = ("of", "x", ("SET", "GET"))
    rarity.count([("==", "x", ":"), seldom])
    assert rarity.rarest_first([("==", "x", ":"), ("in", ":", "x:"), seldom])[0] == seldom


SESSIONS = {
    "a command twice, with arguments, before another": """
def fuzz(data):
    sender, to = None, 0
    for line in data.decode("latin-1").split("\\n"):
        verb, _, rest = line.partition(" ")
        if verb == "MAIL":
            if sender is not None or not rest.startswith("FROM:"): return
            sender = rest
        elif verb == "RCPT":
            if sender is None or not rest.startswith("TO:"): return
            to += 1
        elif verb == "SEND":
            if to and int(rest) > 5:
                if to > 1: raise LookupError
                return
""",
    "a method of a table, and parameters": """
import json
def pay(params):
    return params["to"] == params["by"] and params.get("force") is True
METHODS = {"echo": len, "account.pay": pay}
def fuzz(data):
    try:
        call = json.loads(data)
        if call.get("version") == "2" and METHODS[call.get("method")](call.get("params", {})) is True:
            raise RuntimeError
    except (ValueError, LookupError, TypeError, AttributeError):
        return
""",
    "dates with a span between them": """
from datetime import date
def fuzz(data):
    try:
        begin, end, kind = data.decode().split(";")
        days = (date.fromisoformat(end) - date.fromisoformat(begin)).days
    except ValueError:
        return
    if kind == "long" and days == 345: raise LookupError
""",
    "commands in an order that no branch tells": """
NEXT = {"start": {"OPEN": "opened"}, "opened": {"AUTH": "known"}, "known": {"SEND": "sent"}, "sent": {"PURGE": "gone"}}
def fuzz(data):
    state = "start"
    for line in data.decode("latin-1").split("\\n"):
        state = NEXT.get(state, {}).get(line, state)
    if state == "gone": raise LookupError
""",
    "requests of words with lengths": """
def fuzz(data):
    at, words = 0, []
    try:
        end = data.index(b"\\r\\n")
        if data[:1] != b"*": return
        count, at = int(data[1:end]), end + 2
        for _ in range(count):
            end = data.index(b"\\r\\n", at)
            if data[at:at + 1] != b"$": return
            length = int(data[at + 1:end])
            words.append(data[end + 2:end + 2 + length])
            at = end + 2 + length + 2
    except ValueError: return
    match words:
        case [b"RENAME", _, to]:
            if to == b"counter": raise LookupError
""",
}


@pytest.mark.parametrize("source", SESSIONS.values(), ids=SESSIONS)
def test_bug_in_a_later_state_is_found(source: str) -> None:
    with inhabited(source) as world:
        assert world.search(b"*1\r\n$3\r\nabc\r\n" if "count" in source else b"", 30_000) is not None


def test_a_way_begins_when_its_first_turn_comes() -> None:
    begun: list[str] = []

    def of(word: str) -> Iterator[str]:
        begun.append(word)
        return iter(word)

    made = in_turns(of(word) for word in ("abc", "", "de"))
    assert begun == []
    assert next(made) == "a"
    assert begun == ["abc"]
    assert list(made) == ["d", "b", "e", "c"]


def test_texts_of_inputs_that_a_number_is_compared_with_are_no_states_and_are_not_kept() -> None:
    progress = Progress()
    for number in range(2 * MAX_TABLES):
        progress.is_new([("==", 7, f"of the input {number}")], [], (f"of the input {number}",))
    assert not progress._of_another_kind
    for number in range(2 * MAX_TABLES):
        progress.is_new([("==", 7, f"word{number}")], [], ("x",))
    assert len(progress._of_another_kind) == MAX_TABLES
