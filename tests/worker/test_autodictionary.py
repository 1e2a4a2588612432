import re
import sys
from typing import Any

from fuzztui.worker.guidance.autodictionary import NEAR, AutoDictionary
from fuzztui.worker.instrumentation.instrument import instrument
from fuzztui.worker.instrumentation.probes import ProbeMap
from fuzztui.worker.mutate import Dictionary

SOURCE = b"""
import re
NAME = re.compile("(?:get|put)" + "_[a-z]{3}")
SOURCE = "one|other"
OTHER = re.compile(SOURCE)
def f(x):
    if x == "keyword": return 31337
    return re.match("spelled|out", x), re.search(rb" bin # comment", x, flags=re.VERBOSE)
"""


def imported(probes: ProbeMap, name: str, source: bytes) -> dict[str, Any]:
    made = instrument(source, f"{name}.py")
    base = probes.register(name, f"{name}.py", made.lines, made.constants, made.expressions)
    namespace: dict[str, Any] = {"__name__": name}
    probes.attach(name, namespace)
    exec(made.at(base), namespace)
    return namespace


def test_the_dictionary_gets_constants_and_what_regular_expressions_match() -> None:
    probes, dictionary = ProbeMap(), Dictionary()
    imported(probes, "m", SOURCE)
    AutoDictionary(probes, dictionary).update()
    assert {"keyword", "31337", "get_aza", "put_zaz", "get", "put", "spelled", "out", "bin"} <= set(dictionary.texts)
    assert b"bin" in dictionary.words
    assert not {"spelled|out", "one|other", " bin # comment"} & set(dictionary.texts)


def test_modules_imported_later_add_theirs_and_nothing_is_added_twice() -> None:
    probes, dictionary = ProbeMap(), Dictionary(capacity=8)
    imported(probes, "early", b"A = 'first'")
    autodictionary = AutoDictionary(probes, dictionary)
    autodictionary.update()
    imported(probes, "late", b"import re\nB = re.compile('later')\nC = 'second'")
    autodictionary.update()
    autodictionary.update()
    assert dictionary.texts == ["first", "later", "second"]


def test_expressions_wait_until_the_target_has_loaded_re() -> None:
    probes, dictionary = ProbeMap(), Dictionary()
    imported(probes, "m", b"def f(re, x): return re.match('pattern', x)")
    autodictionary = AutoDictionary(probes, dictionary)
    kept = sys.modules.pop("re")
    try:
        autodictionary.update()
    finally:
        sys.modules["re"] = kept
    assert "pattern" not in dictionary.texts
    imported(probes, "other", b"")
    autodictionary.update()
    assert "pattern" in dictionary.texts
    assert re.match("pattern", "pattern")


FRONTIER = b"""
import re
TAG = re.compile("<[a-z]>")
PARTS = "[0-9]+|-"
NUMBER = re.compile(PARTS)
def f(x, pattern=PARTS):
    if x == "begin":
        if x[:0] == "":
            return 3
    return x
def g(x):
    if TAG.match(x) and x[1] == "unusual":
        return 4096
    return 0
"""


def ranked(autodictionary: AutoDictionary, dictionary: Dictionary) -> set[str]:
    autodictionary.update()
    assert set(dictionary.near_texts) == {word.decode() for word in dictionary.near_words}
    return set(dictionary.near_texts)


def test_what_is_closest_to_branches_not_taken_is_preferred_and_that_changes_as_they_are() -> None:
    probes, dictionary = ProbeMap(), Dictionary()
    namespace = imported(probes, "m", FRONTIER)
    autodictionary = AutoDictionary(probes, dictionary)
    assert ranked(autodictionary, dictionary) == set()
    namespace["f"]("other")
    assert ranked(autodictionary, dictionary) == {"begin"}
    namespace["g"]("other")
    now = ranked(autodictionary, dictionary)
    assert {"begin", "unusual", "4096"} <= now
    assert any(re.fullmatch("<[a-z]>", text) for text in now)
    namespace["f"]("begin")
    probes.cells[:] = b"\1" * len(probes.cells)
    assert ranked(autodictionary, dictionary) == set()


def test_nothing_is_ranked_anew_as_long_as_nothing_new_has_been_seen() -> None:
    probes, dictionary = ProbeMap(), Dictionary()
    namespace = imported(probes, "m", FRONTIER)
    autodictionary = AutoDictionary(probes, dictionary)
    namespace["f"]("other")
    assert ranked(autodictionary, dictionary) == {"begin"}
    dictionary.set_near([])
    namespace["f"]("another")
    assert ranked(autodictionary, dictionary) == set()


def test_no_more_is_preferred_than_a_few_dozen() -> None:
    probes, dictionary = ProbeMap(), Dictionary()
    tests = "".join(f"    if x == 'word {n}': return {n}\n" for n in range(1000))
    namespace = imported(probes, "m", f"def f(x):\n{tests}".encode())
    autodictionary = AutoDictionary(probes, dictionary)
    namespace["f"]("other")
    assert NEAR <= len(ranked(autodictionary, dictionary)) <= NEAR + 40
