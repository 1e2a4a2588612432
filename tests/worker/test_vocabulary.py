import re
import sys

from fuzztui.worker.instrument import instrument
from fuzztui.worker.mutate import Dictionary
from fuzztui.worker.probes import ProbeMap
from fuzztui.worker.vocabulary import Vocabulary

SOURCE = b"""
import re
NAME = re.compile("(?:get|put)" + "_[a-z]{3}")
SOURCE = "one|other"
OTHER = re.compile(SOURCE)
def f(x):
    if x == "keyword": return 31337
    return re.match("spelled|out", x), re.search(rb" bin # comment", x, flags=re.VERBOSE)
"""


def imported(probes: ProbeMap, name: str, source: bytes) -> None:
    made = instrument(source, f"{name}.py")
    base = probes.register(name, f"{name}.py", made.lines, made.constants, made.expressions)
    namespace: dict[str, object] = {"__name__": name}
    probes.attach(name, namespace)
    exec(made.at(base), namespace)


def test_the_dictionary_gets_constants_and_what_regular_expressions_match() -> None:
    probes, dictionary = ProbeMap(), Dictionary()
    imported(probes, "m", SOURCE)
    Vocabulary(probes, dictionary).update()
    assert {"keyword", "31337", "get_aza", "put_zaz", "get", "put", "spelled", "out", "bin"} <= set(dictionary.texts)
    assert b"bin" in dictionary.words
    assert not {"spelled|out", "one|other", " bin # comment"} & set(dictionary.texts)


def test_modules_imported_later_add_theirs_and_nothing_is_added_twice() -> None:
    probes, dictionary = ProbeMap(), Dictionary(capacity=8)
    imported(probes, "early", b"A = 'first'")
    vocabulary = Vocabulary(probes, dictionary)
    vocabulary.update()
    imported(probes, "late", b"import re\nB = re.compile('later')\nC = 'second'")
    vocabulary.update()
    vocabulary.update()
    assert dictionary.texts == ["first", "later", "second"]


def test_expressions_wait_until_the_target_has_loaded_re() -> None:
    probes, dictionary = ProbeMap(), Dictionary()
    imported(probes, "m", b"def f(re, x): return re.match('pattern', x)")
    vocabulary = Vocabulary(probes, dictionary)
    kept = sys.modules.pop("re")
    try:
        vocabulary.update()
    finally:
        sys.modules["re"] = kept
    assert "pattern" not in dictionary.texts
    imported(probes, "other", b"")
    vocabulary.update()
    assert "pattern" in dictionary.texts
    assert re.match("pattern", "pattern")
