"""More that is made of what a program looks for in a text: pieces, blanks, elements as there are, parts with signs."""

import pytest

from fuzztui.worker.grammar.attributes import with_attribute
from fuzztui.worker.grammar.blanks import MAX_FILLED, filled_blanks
from fuzztui.worker.grammar.elements import Wanted, by_example, known_of, syntax_of, with_elements, with_value
from fuzztui.worker.grammar.growing import grown_lists
from fuzztui.worker.grammar.marked import inserted, marked, with_marked
from fuzztui.worker.grammar.pieces import MAX_MADE, wanted_pieces
from fuzztui.worker.grammar.statements import Known, Vocabulary, more_statements
from fuzztui.worker.instrumentation.literals import Expression
from fuzztui.worker.mutate.operands import Comparison
from tests.worker.world import inhabited


@pytest.mark.parametrize(
    ("text", "comparisons", "made"),
    [
        ("a", [("in", ".", "a"), ("!=", 1, 3)], "a.a.a"),
        ("a.b.c", [("in", ".", "a.b.c"), ("!=", 3, 2)], "a.b"),
        ("*", [("!=", 1, 5)], "* * * * *"),
        ("k=1,2", [("in", ",", "1,2"), ("<", 2, 3)], "k=1,2,2"),
        ("x y", [("not in", 2, (4, 5))], "x y y y"),
        ("USER a", [("in", " ", "USER a"), ("<", 1, 3)], "USER a a a"),
        ("k=7", [("in", ",", "7"), ("==", 1, 4)], "k=7,8,9,10"),
        ("08,08", [("in", ",", "08,08"), ("==", 2, 3)], "08,09,10"),
        ("a=1,z=1", [("in", ",", "a=1,z=1"), ("==", 2, 3)], "a=1,z=1,a=1"),
        ("a=1,x=1", [("in", ",", "a=1,x=1"), ("==", 2, 4)], "a=1,x=1,y=1,z=1"),
        ("-", [("in", ",", "-"), ("==", 1, 3)], "-,-,-"),
        (",", [("in", ",", ","), ("==", 2, 3)], "1,2,3"),
    ],
)
def test_a_text_has_as_many_pieces_as_are_wanted(text: str, comparisons: list[Comparison], made: str) -> None:
    assert made in [each for (each,) in wanted_pieces((text,), comparisons, 100)]
    assert made.encode() in [each for (each,) in wanted_pieces((text.encode(),), comparisons, 100)]


def test_of_a_number_that_python_does_not_read_there_is_no_next_one() -> None:
    many = "7" * 5000
    made = [each for (each,) in wanted_pieces((many,), [("==", 1, 2)], 20_000)]
    assert f"{many} {many}" in made


def test_pieces_are_bounded_in_number_and_length() -> None:
    text = "a b c"
    numbers: list[Comparison] = [("!=", 3, each) for each in range(4, 8)]
    made = list(wanted_pieces((text,), numbers, len(text) + 3))
    assert 0 < len(made) <= MAX_MADE
    assert all(len(str(each)) <= len(text) + 3 for (each,) in made)
    assert not list(wanted_pieces((5,), numbers, 100))


def test_blanks_are_filled_with_what_nothing_was_compared_with_the_last_first() -> None:
    made = [each for (each,) in filled_blanks((b"*1\r\n$\r\n",), [("of", b"", (b"1", b"0"))], 100)]
    assert b"*1\r\n$0\r\n" in made
    assert made[0] == b"*1\r\n$\r\n1"
    assert not list(filled_blanks((b"a,,b",), [("of", b"x", (b"1",))], 100))
    assert len(list(filled_blanks((b"," * 500,), [("==", "", "word"), ("of", "", ("a", "b"))], 10_000))) <= MAX_FILLED


def test_elements_look_like_those_that_are_there() -> None:
    text = '{"typ": "JWT"}'
    comparisons: list[Comparison] = [("in", "typ", ("typ",)), ("!=", "JWT", "JWT"), ("lacks", "alg", ())]
    known = known_of(comparisons, text)
    assert known == [("typ", "JWT")]
    made = list(by_example(text, [Wanted("alg", ("none",))], known, syntax_of(comparisons, text)))
    assert '{"typ": "JWT","alg": "none"}' in made
    assert '{"alg": 1,"typ": "JWT"}' in made
    assert known_of([("lacks", "typ", ()), ("in", "x", ("x",))], text) == []


def test_elements_look_like_those_that_are_there_from_where_these_begin() -> None:
    text = "x=1&cart[7][sku]=A-"
    comparisons: list[Comparison] = [("in", "sku", ("sku",)), ("startswith", "A-", "A-"), ("lacks", "note", ())]
    made = list(by_example(text, [Wanted("note", ())], known_of(comparisons, text), syntax_of(comparisons, text, "&")))
    assert text + "&cart[7][note]=1" in made


def test_names_are_joined_by_signs_that_texts_are_split_at() -> None:
    comparisons: list[Comparison] = [("in", "&", "a.x=1"), ("in", "=", "a.x=1"), ("in", ".", "a.x")]
    made = list(with_elements("a.x=1", [Wanted("key", (), ("a",))], syntax_of(comparisons, "a.x=1")))
    assert "a.x=1&a.key=1" in made
    assert not any("a[" in each for each in made)


def test_signs_that_are_looked_for_one_after_the_other_belong_together() -> None:
    text = "page:audit"
    comparisons: list[Comparison] = [("in", "&", "state=1"), ("in", ";", text), ("in", ":", text)]
    syntax = syntax_of(comparisons, text)
    assert syntax.pairs == ((";", ":"),)
    assert next(with_elements(text, [Wanted("sort", ("-time",))], syntax)) == "page:audit;sort:-time"


def test_parts_with_signs_are_found_and_grow_with_what_is_put_into_them() -> None:
    text = "8:2:ab,0:~]"
    parts = marked(text, (",", "~", "]"))
    assert [text[part.begin : part.stop] for part in parts] == ["2:ab,0:~", "ab", ""]
    assert inserted(text, 4, "cd", parts) == "10:4:cdab,0:~]"
    assert inserted("9:7:abcdefg,]", 4, "h", marked("9:7:abcdefg,]", (",", "]"))) == "10:8:habcdefg,]"
    assert "12:3:key,3:two,}" in list(with_marked("0:}", "key", ("two",), (",", "}")))
    assert not list(with_marked("plain", "key", ("two",), (",",)))


def test_a_value_goes_with_a_key_that_was_looked_for_in_vain_and_is_not_there() -> None:
    comparisons: list[Comparison] = [("lacks", "size", ()), ("lacks", "name", ())]
    made = {each for (each,) in with_value(("d4:named2:ab1:cee",), comparisons, 100, "i7e")}
    assert "d4:named2:ab1:c4:sizei7eee" in made
    assert not any(str(each).count("name") > 1 for each in made)
    assert (b'{"size": 7}',) in list(with_value((b"{}",), [("lacks", "size", ())], 100, "7"))
    assert not list(with_value(("{}",), [("lacks", "size", ())], 5, "7"))
    assert not list(with_value((b"\x01\x02",), [("lacks", "size", ())], 100, "7"))


def test_statements_that_have_come_somewhere_are_known_by_their_first_words() -> None:
    known = Known()
    for text in ("GET a\nSET b 1", "SET c 2", "SET d 3"):
        known.add((text.encode(),), [("in", "\n", text)])
    assert known.statements() == ["SET d 3", "GET a", "SET c 2"]
    known.add((b"\x01\x02", b"QUIT"), [])
    assert len(known.statements()) == 3


def test_a_known_statement_goes_between_those_that_are_there() -> None:
    made = [each for (each,) in more_statements(("a\nb",), [("in", "\n", "a\nb")], (), 100, ["SET d 3"])]
    assert [each for each in made if "SET d 3" in str(each)][:3] == ["a\nb\nSET d 3", "a\nSET d 3\nb", "SET d 3\na\nb"]
    made = [each for (each,) in more_statements(("a\n",), [("in", "\n", "a\n")], (), 100, ["x"])]
    assert made[:2] == ["a\nx\n", "x\na\n"]


def test_statements_are_told_apart_by_the_words_that_the_program_compares_with() -> None:
    known = Known()
    for text in ("cache.a.size:1", "cache.b.ttl:2", "cache.c.size:3", "cache.d.size:4"):
        known.add((text.encode(),), [("in", "\n", text)], ["size", "ttl"])
    assert known.statements() == ["cache.d.size:4", "cache.b.ttl:2", "cache.c.size:3"]


def test_a_known_statement_may_be_about_what_the_one_before_it_is_about() -> None:
    made = {each for (each,) in more_statements(("size b 1",), [("in", "\n", "size b 1")], (), 100, ["ttl c 7"])}
    assert {"size b 1\nttl c 7", "size b 1\nttl b 7", "size b 1\nttl c 1"} <= made


def test_what_stands_in_an_input_is_no_word_of_the_programs_unless_it_was_known() -> None:
    vocabulary = Vocabulary()
    vocabulary.add([("==", "mine", "LOGIN"), ("in", "login", ("login", "quit"))], (b"mine login",))
    assert vocabulary.words() == ["quit"]
    vocabulary.add([("==", "mine", "other")], (b"\x00mine other",))
    assert vocabulary.words() == ["quit"]
    vocabulary.add([("==", "x", "LOGIN")], (b"x",))
    vocabulary.add([("==", "LOGIN", "LOGIN")], (b"LOGIN",))
    assert vocabulary.words() == ["LOGIN", "quit"]


def test_an_element_may_hold_another_and_come_in_a_section() -> None:
    wanted = [Wanted("to", ("true",)), Wanted("params", ())]
    made = list(with_elements('{"a": 1}', wanted, syntax_of([], "")))
    assert '{"a": 1,"params": {"to": true}}' in made
    assert '{"a": 1,"params": {}}' in made
    assert "[x]\n[params]\nto: true" in list(with_elements("[x]", wanted, syntax_of([], "[x]", [": "])))


def test_an_attribute_goes_into_a_tag() -> None:
    made = list(with_attribute('<call><str a="b"/></call>', "method", ("pay", "1")))
    assert '<call method="pay"><str a="b"/></call>' in made
    assert '<call><str a="b" method="1"/></call>' in made
    assert not list(with_attribute("a < b", "key", ("1",)))
    assert not list(with_attribute("<a>", "two words", ("1",)))
    assert list(with_attribute("<a>", "k", ('"', "1", "1"))) == ['<a k="1">']


def test_words_with_lengths_give_way_to_what_they_were_compared_with() -> None:
    comparisons: list[Comparison] = [("of", "x", ("SET", "GET")), ("==", "a", "counter")]
    made = {each for (each,) in grown_lists((b"*2\n$1\nx\n$1\na\n$1\na\n",), comparisons, 100)}
    assert b"*2\n$3\nSET\n$1\na\n$1\na\n" in made
    assert b"*2\n$1\nx\n$7\ncounter\n$7\ncounter\n" in made


def test_a_known_statement_is_about_what_the_one_before_it_is_about_whatever_signs_that_has() -> None:
    text = "JOIN :#x\n"
    made = {each for (each,) in more_statements((text,), [("in", "\n", text)], (), 200, ["MODE a b"])}
    assert {"JOIN :#x\nMODE :#x b\n", "JOIN :#x\nMODE a :#x\n"} <= made


def test_a_known_statement_takes_the_place_of_one_that_begins_like_it() -> None:
    text = "1970-1-1\n a 1\n"
    made = {each for (each,) in more_statements((text,), [("in", "\n", text)], (), 200, ["1970-1-1 !", "b"])}
    assert "1970-1-1 !\n a 1\n" in made
    assert "b\n a 1\n" not in made


def test_paragraphs_are_statements() -> None:
    known, texts = Known(), ("open a\nfreeze a\n\nmove b\n", "open a\n\nmove c\n")
    for text in texts:
        known.add((text,), [("in", "\n", text)])
    assert "open a\nfreeze a" in known.statements()
    made = {each for (each,) in more_statements((texts[1],), [("in", "\n", texts[1])], (), 200, ["x\ny"])}
    assert "open a\n\nx\ny\n\nmove c\n" in made


def test_blanks_are_filled_behind_the_sign_that_texts_are_split_at() -> None:
    comparisons: list[Comparison] = [("in", " ", "RCPT"), ("startswith", "", "TO:")]
    assert (b"MAIL\nRCPT TO:",) in list(filled_blanks((b"MAIL\nRCPT",), comparisons, 100))


def test_blanks_are_filled_with_what_was_no_number_and_with_what_was_looked_for_among_blanks() -> None:
    assert (b"a=1;",) in list(filled_blanks((b"a=;",), [("like", "", "1")], 100))
    expression = Expression(r"count = \d;", 0)
    assert (b"a=count = 0;",) in list(filled_blanks((b"a=",), [("matches", "", expression)], 100))
    assert (b'a="%d"',) in list(filled_blanks((b'a=""',), [("in", "%d", "")], 100))
    assert not list(filled_blanks((b'a=""',), [("in", ",", "")], 100))
    assert (b"1 !urgent",) in list(filled_blanks((b"1 !",), [("in", "urgent", ("",))], 100))


def test_blanks_are_filled_with_signs_of_the_program_and_not_with_what_stands_elsewhere() -> None:
    assert (b'"",',) in list(filled_blanks((b'""',), [("not in", "", ("", ","))], 100))
    assert not list(filled_blanks((b'""x,,',), [("not in", "x", ("", ","))], 100))


SOURCES = {
    "fields of a line": """
def fuzz(data):
    parts = data.decode("latin-1").split()
    if len(parts) != 7: return
    if parts[3] == "noon": raise LookupError
""",
    "handlers by their names": """
class Machine:
    def op_reset(self): return 0
    def op_begin(self): return 1
    def op_launch(self): raise LookupError
def fuzz(data):
    handler = getattr(Machine(), f"op_{data.decode('latin-1')}", None)
    if handler is not None: handler()
""",
    "values that are known only later": """
def read(data, at, depth=0):
    if depth > 3: raise ValueError
    head = data[at:at + 1]
    if head == b"<":
        end = data.index(b">", at)
        return int(data[at + 1:end]), end + 1
    if head == b"(":
        found, at = {}, at + 1
        while data[at:at + 1] != b")":
            key, at = read(data, at, depth + 1)
            if not isinstance(key, bytes): raise ValueError
            found[key], at = read(data, at, depth + 1)
        return found, at + 1
    colon = data.index(b":", at)
    end = colon + 1 + int(data[at:colon])
    if not head.isdigit() or end > len(data): raise ValueError
    return data[colon + 1:end], end
def fuzz(data):
    try:
        value, _ = read(data, 0)
    except ValueError:
        return
    if isinstance(value, dict):
        parts = value.get(b"parts")
        if isinstance(parts, dict) and isinstance(parts.get(b"count"), int): raise LookupError
""",
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_bug_behind_the_form_of_a_text_is_found(source: str) -> None:
    with inhabited(source) as world:
        assert world.search(b"", 40_000) is not None
