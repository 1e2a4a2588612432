"""JSON that is changed as a program asks for it."""

import json

import pytest

from fuzztui.worker.grammar.json_edits import MAX_EDITED, Statements, edited_json, objects_of, with_objects
from fuzztui.worker.grammar.json_values import all_of, documents
from fuzztui.worker.mutate.operands import Comparison

CALL = '{"method": "submit", "id": [1, {"a": -2.5e3}], "x": null}'


def edited(text: str, *comparisons: Comparison, known: tuple[str, ...] = ()) -> list[str]:
    """What a text is changed to."""
    return [str(value) for (value,) in edited_json((text,), comparisons, 1000, known)]


def test_values_stand_where_they_are_found() -> None:
    (root,) = documents(f" {CALL}\n")
    assert root.keys == ("method", "id", "x")
    assert [f" {CALL}"[each.start : each.stop] for each in all_of(root)] == [
        *(CALL, '"submit"', '[1, {"a": -2.5e3}]', "1", '{"a": -2.5e3}', "-2.5e3", "null")
    ]
    assert [len(documents(text)) for text in ("{}\n[]\nno\n", "[]", "{} x", "1", "", '{"a" 1}', "[1 2]")] == [
        *(2, 1, 0, 0, 0, 0, 0)
    ]
    assert documents("[" * 100 + "]" * 100) == []
    assert documents("[1," * 2000) == []


@pytest.mark.parametrize(
    ("text", "comparisons", "made"),
    [
        ("{}", [("lacks", "key", ())], '{"key": 1}'),
        ('[{"a": "x"}, {"a": "x"}]', [("in", "x", ("x",))], '[{"a": "x"}, {"a": "xb"}]'),
        ("{}", [("lacks", "key", ()), ("!=", "x", "2.0")], '{"key": "2.0"}'),
        ("{}", [("lacks", "key", ()), ("wants", "true", ())], '{"key": true}'),
        ('{"a": {}}', [("in", "a", ("a",)), ("lacks", "key", ())], '{"a": {"key": {}}}'),
        ("{}", [("lacks", "params", ()), ("lacks", "key", ())], '{"params": {"key": 1}}'),
        ('{"p": {}}', [("!=", (), ("name", "age"))], '{"p": {"name": "a", "age": "a"}}'),
        ('{"p": []}', [("!=", 0, 2)], '{"p": [1, 1]}'),
        ('{"a": 1}', [("not in", 1, ("submit", "stats"))], '{"a": "submit"}'),
        ('{"p": [2, 3]}', [("in", "p", ("p",)), ("lacks", "pos", ())], '{"p": [{"pos": 1}, {"pos": 1}]}'),
        ('{"p": [2, 3]}', [("in", "p", ("p",)), ("lacks", "pos", ())], '{"p": [2, {"pos": "a"}]}'),
        ('{"p": "a"}', [("lacks", "pos", ()), ("==", (), 7)], '{"p": {"pos": 1}}'),
        ('{"d": {}, "p": "a"}', [("lacks", "pos", ())], '{"d": {}, "p": {"pos": 1}}'),
        ('{"d": {}, "p": "a"}', [("lacks", "pos", ())], '{"d": {}, "p": [{"pos": 1}]}'),
        ('{"p": {"pos": 1}}', [("lacks", "pos", ())], '{"p": [{"pos": 1}]}'),
        ('{"a": 1}', [], '{"a": {}}'),
        ('{"a": 1}', [], '{"a": [1]}'),
        ('{"a": 1, "b": 2}', [], '{"b": 2}'),
        ('{"a": 1, "b": 2}', [], '{"a": 1}'),
        ('{"a": 1}', [], '[{"a": 1}]'),
    ],
)
def test_a_value_is_as_the_program_asks_for_it(text: str, comparisons: list[Comparison], made: str) -> None:
    found = edited(text, *comparisons)
    assert made in found
    assert len(found) == len(set(found)) <= MAX_EDITED
    for each in found:
        json.loads(each)
    assert (made.encode(),) in list(edited_json((text.encode(),), comparisons, 1000))
    assert all(len(str(each)) <= len(text) for (each,) in edited_json((text,), comparisons, len(text)))


def test_the_object_that_was_asked_gets_the_key_with_values_of_all_types_first() -> None:
    text = '[{"with": {"job": "a"}}, {"with": {"level": 1}}]'
    comparisons: list[Comparison] = [
        ("in", "after", ("job",)),
        ("lacks", "after", ()),
        ("in", "confirm", ("level",)),
        ("lacks", "confirm", ()),
        ("lacks", "a", ()),
    ]
    made = '[{"with": {"job": "a"}}, {"with": {"level": 1, "confirm": true}}]'
    assert edited(text, *comparisons).index(made) < 40


def test_what_is_no_json_stays_as_it_is() -> None:
    assert not edited("[section]\nkey=1", ("lacks", "key", ()))
    assert not list(edited_json((5,), [("lacks", "key", ())], 1000))


def test_known_objects_stand_beside_those_that_are_there_with_the_same_values_under_the_same_names() -> None:
    open_it, close_it = '{"do": "open", "of": {"name": "b"}}', '{"do": "close", "of": {"name": 1}}'
    assert f"[{open_it}, {close_it.replace('1', chr(34) + 'b' + chr(34))}]" in edited(open_it, known=(close_it,))
    assert f"[{close_it}, {open_it}]" in edited(open_it, known=(close_it,))
    assert f"[{open_it}, {close_it}]" in edited(f"[{open_it}]", known=(close_it,))
    lines: Comparison = ("in", "\n", open_it)
    assert f"{open_it}\n{close_it}" in [str(each) for (each,) in with_objects((open_it,), [lines], 1000, [close_it])]
    assert objects_of((f"[{open_it}, 1, {close_it}]".encode(),)) == [close_it, open_it]


def test_objects_are_known_by_the_programs_words_in_them() -> None:
    statements = Statements()
    for number in range(5):
        statements.add((f'{{"do": "open", "at": {number}}}', f'[{{"do": "close", "at": {number}}}]'), ("open", "close"))
    assert statements.latest() == [
        *('{"do": "close", "at": 4}', '{"do": "open", "at": 4}', '{"do": "close", "at": 3}', '{"do": "open", "at": 3}')
    ]


def test_a_key_that_has_refused_an_input_comes_first_though_it_stands_there_as_a_value() -> None:
    of_ref: list[Comparison] = [("in", "$ref", ("of", "d")), ("lacks", "$ref", ())]
    asked: list[Comparison] = [*of_ref, ("in", "n", ()), ("lacks", "n", ())]
    assert edited('{"of": {"$ref": "n"}, "d": {}}', *asked)[0] == '{"of": {"$ref": "n"}, "d": {"n": 1}}'
    known = edited('{"of": {"$ref": "n"}, "d": {}}', *asked, ("==", 1, 2))
    assert known[0] == '{"of": {"$ref": "n"}, "d": {}, "$ref": "n"}'


@pytest.mark.parametrize(
    ("text", "asked"),
    [('{"p": [2, 3]}', ("p",)), ('{"p": [2, {}]}', ())],
    ids=["an object was asked for it", "an empty one was"],
)
def test_no_object_takes_the_place_of_a_value_where_one_was_asked(text: str, asked: tuple[str, ...]) -> None:
    comparisons: list[Comparison] = [("in", "pos", asked), ("lacks", "pos", ())]
    assert not [each for each in edited(text, *comparisons) if '[{"pos"' in each]
