"""What of the smallest input is needed is coloured in its arguments and bytes; failures are shown from inside."""

import random
from dataclasses import replace
from typing import Any

import pytest

from fuzztui.engine.show.branches import Branch
from fuzztui.engine.show.crasher import Crasher, Variant
from fuzztui.engine.show.lineage import Ancestor
from fuzztui.engine.show.minimized import Minimized
from fuzztui.engine.show.needed import Needed, Part
from fuzztui.engine.show.scene import Scene, Variable
from fuzztui.engine.show.text import label, say, visible
from fuzztui.screens.explanation import FREE, NEEDED, arguments_of, coloured_bytes, coloured_values, scene_lines
from fuzztui.screens.sections import FOLDED_VARIANTS, Look, ancestry, inside, parting, perhaps, says, smallest
from fuzztui.widgets.tone import plain
from tests.ui.driving import dashboard
from tests.ui.fakes import FakeSession, crasher, snapshot
from tests.ui.test_pane import rows

NASTY = "\x1b]0;owned\x07\u202e"


def part(start: int, end: int, unit: str = "byte", *, free: bool = False, argument: int = 0) -> Part:
    return Part(argument, start, end, unit, free)


def minimized(**changes: Any) -> Minimized:
    values: dict[str, Any] = {
        "name": label("a"),
        "failure": crasher(0).failure,
        "before": 2710,
        "after": 9,
        "sizes": label("2.7 kB -> 9 B"),
        "values": label("b'x'"),
        "executions": 1204,
        "is_smallest": True,
        "is_steady": True,
        "path": None,
        "command": label(""),
        "sha256": "0" * 64,
        "data": b"x",
    }
    return Minimized(**{**values, **changes})


def made_smaller(value: object, needed: Needed | None, **changes: Any) -> Crasher:
    return replace(crasher(0), minimized=minimized(values=visible(repr(value)), needed=needed, **changes))


def tones(line: Any, tone: str) -> str:
    return "".join(text for text, its in line if its == tone)


def test_needed_bytes_stand_out_in_the_arguments_and_in_the_hex_view() -> None:
    needed = Needed((part(0, 1), part(1, 3, free=True), part(3, 4)), is_joint=True)
    line = coloured_values((b"a'\x00z",), needed)
    assert plain(line) == r"b'a\'\x00z'"
    assert tones(line, NEEDED) == "az"
    (row,) = coloured_bytes(b"a'\x00z", needed)
    assert plain(row) == f"00000000  61 27 00 7a {' ' * 37}|a'.z|"
    assert tones(row, NEEDED) == "61 7a az"


def test_characters_of_a_text_are_coloured_with_all_their_bytes() -> None:
    needed = Needed((part(0, 1, "character"), part(1, 2, "character", free=True)), is_joint=True)
    (row,) = coloured_bytes("ü€", needed)
    assert tones(row, NEEDED).split() == ["c3", "bc", ".."]
    assert tones(row, FREE).split()[1:4] == ["e2", "82", "ac"] or "e2 82 ac" in tones(row, FREE)


def test_it_is_shown_where_the_smallest_input_parts_from_one_that_passes() -> None:
    branches = tuple(Branch(label("parser.py"), line, line + 2) for line in range(1, 7))
    one = made_smaller(b"x", None, branches=branches, neighbour=label("b'y'"))
    section = parting(one, Look(0.0, None))
    assert section is not None
    first, *rest = section.text.plain.splitlines()
    assert (first, rest[0]) == ("passes: b'y'", "only what fails goes parser.py:1 -> 3")
    assert rest[-1] == "… 2 more branches: f shows all"
    assert parting(made_smaller(b"x", None), Look(0.0, None)) is None


def test_scenes_of_a_run_again_are_shown_where_nothing_is_minimized() -> None:
    scene = Scene(label("parser.py"), 7, label("parse"), 7, (label("raise"),), ())
    section = inside(replace(crasher(0), scenes=(scene,)), Look(0.0, None))
    assert section is not None
    assert "parser.py:7" in section.text.plain


def test_each_argument_has_its_own_parts() -> None:
    needed = Needed(
        (part(0, 2, "character"), part(0, 1, "value", free=True, argument=1), part(0, 1, "value", argument=2)), True
    )
    line = coloured_values(("ab", 7, None), needed)
    assert plain(line) == "'ab', 7, None"
    assert "7" in tones(line, FREE)
    assert tones(line, NEEDED) == "abNone"


def test_pieces_of_a_literal_together_mean_the_value() -> None:
    source = random.Random(1)
    for _ in range(300):
        value = bytes(source.choices(b"'\"\\a\x00\xff\n", k=source.randrange(9)))
        cut = source.randrange(len(value) + 1)
        needed = Needed((part(0, cut), part(cut, len(value), free=True)), True)
        assert eval(plain(coloured_values((value,), needed))) == value
        text = value.decode("latin-1") + "\u202e€"
        parts = (part(0, cut, "character"), part(cut, len(text), "character", free=True))
        assert eval(plain(coloured_values((text,), Needed(parts, True)))) == text


@pytest.mark.parametrize(
    ("values", "arguments"),
    [
        ("b'x', 'y', 3", (b"x", "y", 3)),
        ("datetime.date(2024, 1, 1)", None),
        ("b'cut… (+3 characters)", None),
        ("(", None),
    ],
)
def test_arguments_are_read_back_where_they_are_literals(values: str, arguments: object) -> None:
    assert arguments_of(visible(values)) == arguments


def text_of(section: Any) -> str:
    assert section is not None
    return str(section.text.plain)


def test_smallest_input_is_a_part_with_what_came_of_it_in_words() -> None:
    needed = Needed((part(0, 1), part(1, 2, free=True)), True)
    section = smallest(made_smaller(b"xy", needed, command=label("fuzztui replay a b")), Look(1.0, None))
    text = text_of(section)
    for words in (
        "minimized: 2.7 kB -> 9 B in 1,204 executions",
        "b'xy'",
        "78 79",
        "can be anything: byte 1",
        "$ fuzz",
    ):
        assert words in text
    unknown = text_of(smallest(made_smaller(b"xy", None), Look(1.0, None)))
    assert "b'xy'" in unknown
    assert "needed" not in unknown
    assert smallest(crasher(0), Look(1.0, None)) is None


SCENE = Scene(
    label("a.py"), 8, label("parse"), 7, (label("x = 1"), label("raise E"), label("y")),
    (Variable(label("x"), label("1")), Variable(label("data"), say("{}", NASTY))),
)  # fmt: skip


def test_function_is_shown_from_inside_with_source_and_variables() -> None:
    assert [plain(line) for line in scene_lines(SCENE)] == [
        "parse  a.py:8",
        "    7  x = 1",
        "    8> raise E",
        "    9  y",
        "    x = 1",
        r"    data = \x1b]0;owned\x07\u202e",
    ]


def test_innermost_functions_come_first_and_others_are_folded() -> None:
    scenes = tuple(replace(SCENE, function=say("f{}", i)) for i in range(4))
    one = made_smaller(b"x", None, scenes=scenes)
    folded = text_of(inside(one, Look(1.0, None)))
    assert [i for i in range(4) if f"f{i}" in folded] == [2, 3]
    assert "2 functions: f shows all" in folded.replace("… ", "").replace(" more", "")
    assert folded.index("f3") < folded.index("f2")
    whole = text_of(inside(one, Look(1.0, None, everything=True)))
    assert all(f"f{i}" in whole for i in range(4))
    assert inside(crasher(0), Look(1.0, None)) is None


def test_ancestry_is_told_step_by_step_with_both_its_ends() -> None:
    steps = tuple(Ancestor("0", say("seed {}", i), (label("flip_bit"),), label("at 1")) for i in range(9))
    one = replace(crasher(0), lineage=steps)
    folded = text_of(ancestry(one, Look(1.0, None)))
    assert [i for i in range(9) if f"seed {i}" in folded] == [0, 4, 5, 6, 7, 8]
    assert "3 steps" in folded.replace(" more", "")
    assert text_of(ancestry(one, Look(1.0, None, everything=True))).count("flip_bit") == 9
    assert ancestry(crasher(0), Look(1.0, None)) is None


async def test_minimizing_is_a_job_whose_sizes_stand_in_the_line_and_in_the_row() -> None:
    session = FakeSession(snapshot(crashers=(crasher(0),)))
    async with dashboard(session, size=(300, 50)) as driver:
        await driver.press("tab", "m")
        assert session.commands == [("minimize", crasher(0).id)]
        running = made_smaller(b"x", None, is_running=True)
        assert running.minimized is not None
        begun = replace(running, minimized=replace(running.minimized, executions=0))
        await driver.show(snapshot(crashers=(begun,)))
        assert "waits for a process of its own" in driver.lines[-2]
        await driver.show(snapshot(crashers=(running,)))
        assert "◍ ValueError in py_scanstring: minimizing: 2.7 kB -> 9 B after 1,204 executions" in driver.lines[-2]
        assert "2.7 kB -> 9 B" in rows(driver)[0]
        await driver.press("enter")
        assert "─ smallest input ─" in driver.text
        await driver.show(snapshot(crashers=(made_smaller(b"x", Needed((part(0, 1),), True)),)))
        assert "minimized: 2.7 kB -> 9 B" in driver.text
        assert "all of it is needed" in driver.text
        assert "◍" not in driver.lines[-2]


def test_what_else_a_crashers_failures_say_is_listed_with_the_size_of_the_smallest_input() -> None:
    messages = ["bad header", "bad body", "", "bad end", "bad length", "bad sum"]
    variants = tuple(Variant(visible(text), visible(text), "0", 9 + n) for n, text in enumerate(messages))
    one = replace(crasher(0), variants=variants)
    folded = text_of(says(one, Look(1.0, None))).splitlines()
    assert folded[0] == "bad header  9 B"
    assert folded[2] == "(no message)  11 B"
    assert folded[-1] == f"and {len(messages) - FOLDED_VARIANTS} more"
    assert len(text_of(says(one, Look(1.0, None, everything=True))).splitlines()) == len(messages)
    assert says(replace(one, variants=variants[:1]), Look(1.0, None)) is None


def test_crashers_that_may_be_the_same_bug_are_named_with_the_reason() -> None:
    one = crasher(0)
    other = replace(one, failure=replace(one.failure, id=visible("3-other")))
    text = text_of(perhaps(one, Look.at(snapshot(crashers=(one, other)))))
    assert "the same failure, reached in another way" in text
    assert one.failure.location in text
    assert perhaps(one, Look.at(snapshot(crashers=(one,)))) is None
