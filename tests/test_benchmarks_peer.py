from contextlib import AbstractContextManager

import pytest

from benchmarks import modules, peer, throughput
from benchmarks.arena import BUGS, FOLDER, TARGETS, Arena, arena, bare_arena, bug_arena
from benchmarks.child import run

LOADED = ("ipaddress", "urls", "tokenize")
"""Modules that Atheris, or what runs it, has loaded before it instruments any."""


def module_arena(name: str) -> AbstractContextManager[Arena]:
    return bare_arena(name, FOLDER / "modules")


PLACES = {
    **{f"{name} with a bug": (bug_arena, name) for name in BUGS},
    **{name: (arena, name) for name in TARGETS},
    **{name: (module_arena, name) for name in LOADED},
}

VIRTUAL = {"six.moves"}
"""Made in memory: there is no source to instrument, which Atheris notices later than fuzztui."""

needs_peer = pytest.mark.skipif(peer.version() is None, reason="Atheris is part of the extra `bench`")


def test_what_a_third_party_package_needs_is_instrumented_for_the_peer_too() -> None:
    with bug_arena("dateutil") as made:
        assert {"fuzz_dateutil", "dateutil", "six"} <= set(peer.packages(made))


@needs_peer
@pytest.mark.parametrize("name", PLACES)
def test_both_fuzzers_instrument_the_same_modules(name: str) -> None:
    place, target = PLACES[name]
    with place(target) as made:
        ours = set(peer.modules(made.file.read_text(), made.function))
        arguments = (made.file, ",".join(peer.packages(made)), "-runs=1", "-verbosity=0")
        errors = run("benchmarks.children.peer_fuzz", *arguments, within=60.0).errors
    said = "INFO: Instrumenting "
    assert ours == {line.removeprefix(said) for line in errors.splitlines() if line.startswith(said)} - VIRTUAL


@needs_peer
def test_the_peer_has_its_processor_time_and_the_same_inputs_are_timed_both_ways() -> None:
    with module_arena("ipaddress") as made:
        assert throughput.atheris_rate(made, 1, 0.5) > 0
        assert len(list(made.seeds.iterdir())) > 10, "what it has covered is new to it only where it is instrumented"
        bare, lean, other = modules._calls(made, made.seeds)
    assert 0 < bare < other
    assert 0 < lean < other
