"""Keys that were looked up in vain are sought, however many states there are."""

from collections.abc import Iterator
from typing import cast

import pytest

from fuzztui.worker.guidance import exploring as module_of_times
from fuzztui.worker.guidance import seeking as module
from fuzztui.worker.guidance.seeking import MAX_SOUGHT, SUCCESSES, TRIES, Seeking
from fuzztui.worker.loop import PythonExecutor
from fuzztui.worker.mutate.sizes import Arguments
from tests.worker.world import World, inhabited


def _many(name: bytes) -> Iterator[Arguments]:
    return ((name, number) for number in range(10 * TRIES))


def _taken(seeking: Seeking, count: int) -> list[object]:
    made = [seeking.next() if seeking else None for _ in range(count)]
    return [each and each[1][0] for each in made]


def test_the_key_that_has_had_the_fewest_tries_comes_first() -> None:
    seeking = Seeking()
    seeking.add((b"",), ["tool"], _many(b"tool"))
    assert _taken(seeking, 20) == [b"tool"] * 20
    seeking.add((b"",), ["port"], _many(b"port"))
    assert _taken(seeking, 20) == [b"port"] * 20
    assert set(_taken(seeking, 4)) == {b"tool", b"port"}


def test_of_several_inputs_that_lack_it_each_has_its_turn() -> None:
    seeking = Seeking()
    for name in (b"one", b"other"):
        seeking.add((b"",), ["tool"], _many(name))
    assert sorted(str(each) for each in _taken(seeking, 2)) == ["b'one'", "b'other'"]


def test_what_several_inputs_lead_to_is_traced_once_until_all_is_forgotten() -> None:
    seeking = Seeking()
    seeking.add((b"",), ["tool"], iter([(b"one",), (b"two",)]))
    seeking.add((b"",), ["tool"], iter([(b"one",), (b"three",)]))
    assert sorted(str(each) for each in _taken(seeking, 8) if each) == ["b'one'", "b'three'", "b'two'"]
    assert seeking._tries == {"tool": 3}
    seeking.clear()
    seeking.add((b"",), ["tool"], iter([(b"one",)]))
    assert seeking.next() is not None


def test_each_key_has_so_many_tries_and_fewer_if_it_is_found() -> None:
    seeking = Seeking()
    seeking.add((b"",), ["tool"], _many(b"tool"))
    assert _taken(seeking, TRIES + 5).count(b"tool") == TRIES
    seeking.add((b"",), ["tool"], _many(b"tool"))
    assert not seeking
    seeking.clear()
    seeking.add((b"",), ["tool"], _many(b"tool"))
    for _ in range(SUCCESSES):
        assert seeking.has_found(("tool",), [("in", "tool", ("other", "tool"))])
    assert _taken(seeking, 1) == [None]


def test_what_is_gone_on_from_is_what_was_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    with inhabited(TABLES) as world:
        executor = _without_leads(world, monkeypatch)
        exploring = executor._guidance.exploring
        monkeypatch.setattr(exploring.lines, "right", lambda arguments: (b"# right\n" + arguments[0],))
        world.fuzz(executor, b"[x]\na=1", 4000, trace=True)
        kept = exploring._progress.entries
        assert kept
        assert all(bytes(cast("bytes", entry[0])).startswith(b"# right\n") for entry in kept)


def test_a_key_is_found_where_it_has_been_looked_up() -> None:
    seeking = Seeking()
    assert seeking.has_found(("tool",), [("in", b"tool", (b"tool",))])
    assert not seeking.has_found(("tool",), [("in", "tool", ("other",)), ("in", "other", ("other",))])
    assert not seeking.has_found(("tool",), [("in", "tool", "a tool"), ("==", "tool", "tool")])


def test_words_of_the_input_and_single_signs_are_no_keys_to_be_sought() -> None:
    seeking = Seeking()
    seeking.add((b"a tool", 7), ["tool", "7", "x"], _many(b"tool"))
    assert not seeking
    seeking.add((b"a tool",), ["tool", "port"], _many(b"port"))
    assert seeking.next() == (("port",), (b"port", 0))


def test_of_json_a_single_sign_may_be_a_key_that_needs_more_than_itself() -> None:
    seeking = Seeking()
    seeking.add((b'{"x": "y"}',), ["x", "y"], _many(b"x"))
    assert not seeking, "both stand there"
    seeking.add((b'{"type": 1}',), ["y", "type"], _many(b"y"))
    assert seeking.next() == (("y",), (b"y", 0))


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    seeking = Seeking()
    for number in range(2 * MAX_SOUGHT):
        seeking.add((b"",), ["tool"], iter([(b"%d" % number,)]))
    assert len([each for each in _taken(seeking, 3 * MAX_SOUGHT) if each]) == MAX_SOUGHT
    monkeypatch.setattr(module, "MAX_KEYS", 1)
    for name in ("one", "two", "three"):
        seeking.add((b"",), [name], _many(name.encode()))
    assert None not in _taken(seeking, 100)
    assert len(seeking._tries) <= 3


TABLES = """
def fuzz(data):
    tables, table = {}, None
    for line in data.decode("latin-1").split("\\n"):
        if line.startswith("[") and line.endswith("]"):
            table = tables.setdefault(line[1:-1], {})
        elif "=" in line and table is not None:
            key, _, value = line.partition("=")
            table[key] = value
    if "limits" in tables:
        tables["limits"].get("memory", "8")
        if tables["limits"].get("memory", "8") == "9000":
            raise KeyError
"""


def _without_leads(world: World, monkeypatch: pytest.MonkeyPatch) -> PythonExecutor:
    """One that traces nothing that follows from states, as where there are ever so many."""
    executor = world.executor()
    monkeypatch.setattr(executor._guidance.exploring, "_pursue", lambda _end: None)
    return executor


def _kept(executor: PythonExecutor) -> bytes:
    return b"".join([bytes(cast("bytes", entry[0])) for entry in executor._guidance.exploring._progress.entries])


def test_inputs_that_have_the_key_are_gone_on_from(monkeypatch: pytest.MonkeyPatch) -> None:
    with inhabited(TABLES) as world:
        executor = _without_leads(world, monkeypatch)
        world.fuzz(executor, b"[x]\na=1", 4000, trace=True)
        assert b"[limits]" in _kept(executor)
        assert b"memory=" in _kept(executor), "what such an input lacks is sought, too"


def test_keys_are_sought_when_there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with inhabited(TABLES) as world:
        executor = _without_leads(world, monkeypatch)
        monkeypatch.setattr(module_of_times, "SEEKING_SHARE", 0.0)
        monkeypatch.setattr(module_of_times, "LOOKING_AHEAD", 0.0)
        world.fuzz(executor, b"[x]\na=1", 4000, trace=True)
        assert b"[limits]" not in _kept(executor)
        exploring = executor._guidance.exploring
        assert exploring._seeking
        exploring._sought = 1.0
        with monkeypatch.context() as patch:
            patch.setattr(exploring, "begin_call", lambda _seconds, _found, _reached, _took: False)
            patch.setattr(module_of_times, "EXPLORED", 1)
            world.fuzz(executor, b"[x]\na=1", 4000)
        assert b"[limits]" in _kept(executor)


def test_when_states_are_learned_anew_so_are_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    with inhabited(TABLES) as world:
        exploring = world.executor()._guidance.exploring
        exploring._seeking.add((b"",), ["tool"], _many(b"tool"))
        exploring.begin_call(1.0, 0, 0)
        assert exploring._seeking
        monkeypatch.setattr(exploring.eagerness, "count", lambda _found, _reached, _executions: True)
        exploring.begin_call(1.0, 0, 0)
        assert not exploring._seeking
