"""pytest runs the seeds and the stored inputs of a project's targets."""

import json
from hashlib import sha256

import pytest

from fuzztui.engine.keep.before import write_before
from fuzztui.engine.keep.storage import Folder
from tests.support import mostly_soak
from tests.testing.site import Site

pytestmark = pytest.mark.processes

PLAIN = """
import fuzztui

def decode(data: bytes) -> int:
    return int(data)

@fuzztui.fuzz(seeds=[b"1", b"x"], raises=OverflowError)
def fuzz_int(data: bytes) -> None:
    decode(data)
"""


def test_each_seed_and_each_stored_input_is_a_test_of_its_own(site: Site) -> None:
    site.write("fuzz_int.py", PLAIN)
    name = site.store("fuzz_int", b"y")
    site.store("fuzz_int", b"12", "mine")
    tested = site.pytest(every_plugin=True)
    assert tested.outcomes == {
        "fuzz_int[seed 1]": "passed",
        "fuzz_int[seed 2]": "failed",
        f"fuzz_int[{name[:12]}]": "failed",
        "fuzz_int[mine]": "passed",
    }
    assert tested.status == 1
    assert f"FAILED fuzz_int.py::fuzz_int[{name[:12]}] - ValueError: " in tested.output


def test_failures_show_the_targets_own_traceback_and_nothing_of_ours(site: Site) -> None:
    file = site.write("fuzz_int.py", PLAIN)
    name = site.store("fuzz_int", b"y")
    for style in ("long", "short", "native"):
        tested = site.pytest(f"--tb={style}")
        text = tested.texts[f"fuzz_int[{name[:12]}]"]
        assert "decode(data)" in text
        assert "return int(data)" in text
        assert "testing" not in text.replace(str(site.folder), "")
        assert "pluggy" not in text
        assert "_pytest" not in text
    assert f'File "{file}", line ' in text


def test_collecting_imports_nothing(site: Site) -> None:
    site.write("fuzz_int.py", f"open('imported', 'w').close()\n{PLAIN}")
    tested = site.pytest("--collect-only", "-q")
    assert "fuzz_int.py::fuzz_int[seed 2]" in tested.output
    assert "2 tests collected" in tested.output
    assert not (site.folder / "imported").exists()


@pytest.mark.parametrize(
    "source",
    [
        "import fuzztui\ndef fuzz_it(data: bytes): (\n",
        "import fuzztui, no_such_module\n@fuzztui.fuzz(seeds=[b'a'])\ndef fuzz_it(data: bytes): pass\n",
        "import fuzztui\n1 / 0\n@fuzztui.fuzz(seeds=[b'a'])\ndef fuzz_it(data: bytes): pass\n",
        "import fuzztui\n@fuzztui.fuzz(seeds=[b'a'])\ndef fuzz_it(data): pass\n",
        "import fuzztui\n@fuzztui.fuzz(seeds=[b'a'], rises=1)\ndef fuzz_it(data: bytes): pass\n",
        "import fuzztui\n@fuzztui.fuzz(seeds=make())\ndef fuzz_it(data: bytes): pass\n",
        "import fuzztui\n@fuzztui.fuzz(seeds=[1])\ndef fuzz_it(data: bytes): pass\n",
    ],
)
@pytest.mark.parametrize("given", [(), ("fuzz_it.py", "test_other.py")])
@pytest.mark.mostly_soak(1)
def test_a_broken_harness_is_a_failing_test_and_no_end_of_collection(
    site: Site, source: str, given: tuple[str, ...]
) -> None:
    site.write("fuzz_it.py", source)
    site.write("test_other.py", "def test_other(): pass")
    tested = site.pytest(*given)
    assert tested.outcomes.pop("test_other") == "passed"
    assert set(tested.outcomes.values()) == {"failed"}, tested.output
    assert "Interrupted" not in tested.output
    assert "Traceback" not in "".join(tested.texts.values()) or "in <module>" in "".join(tested.texts.values())


def test_a_file_without_targets_is_none_of_ours(site: Site) -> None:
    site.write("fuzz_atheris.py", "import no_such_module\ndef fuzz_one(data):\n    pass\n")
    site.write("test_helper.py", "def fuzz_one(data: bytes):\n    pass\n\ndef test_it(): fuzz_one(b'')\n")
    tested = site.pytest()
    assert tested.outcomes == {"test_it": "passed"}
    assert "fuzz" not in tested.output.partition("test session starts")[2].partition("collected")[2]


def test_set_up_runs_once_for_all_inputs_and_cleans_up_after_them(site: Site) -> None:
    site.write(
        "fuzz_store.py",
        """
        import fuzztui

        def fuzz_store(f: fuzztui.F) -> None:
            log = open("log", "a")
            print("open", file=log)
            f.cleanup(log.close)
            f.cleanup(lambda: print("close", file=log))
            f.add("key", 3)
            f.add("", 0)

            @f.fuzz(raises=KeyError)
            def target(key: str, count: int) -> None:
                print("run", file=log)
                {}[key]
        """,
    )
    site.store("fuzz_store", b"fuzztui v1\n'a'\n1\n", "a")
    tested = site.pytest()
    assert tested.outcomes == dict.fromkeys(("fuzz_store[seed 1]", "fuzz_store[seed 2]", "fuzz_store[a]"), "passed")
    assert (site.folder / "log").read_text() == "open\nrun\nrun\nrun\nclose\n"


def test_a_cleanup_that_fails_is_an_error(site: Site) -> None:
    site.write(
        "fuzz_it.py",
        """
        import fuzztui

        def fuzz_it(f: fuzztui.F) -> None:
            f.cleanup(lambda: 1 / 0)
            f.add(3)

            @f.fuzz
            def target(n: int) -> None: ...
        """,
    )
    tested = site.pytest()
    assert tested.status == 1
    assert "ERROR fuzz_it.py::fuzz_it[seed 1]" in tested.output
    assert "ZeroDivisionError" in tested.output


def test_seeds_that_only_running_tells_are_tests_too(site: Site) -> None:
    site.write(
        "fuzz_it.py",
        """
        import fuzztui
        SEEDS = [str(n) for n in range(3)]

        @fuzztui.fuzz(seeds=SEEDS)
        def fuzz_listed(text: str) -> None:
            assert text != "2"

        def fuzz_added(f: fuzztui.F) -> None:
            for seed in SEEDS: f.add(seed)

            @f.fuzz
            def target(text: str) -> None: fuzz_listed(text)
        """,
    )
    tested = site.pytest()
    assert tested.outcomes == {
        "fuzz_listed[seed 1]": "passed",
        "fuzz_listed[seed 2]": "passed",
        "fuzz_listed[seed 3]": "failed",
        "fuzz_added[seeds]": "failed",
    }
    assert "with seed 3" in tested.texts["fuzz_added[seeds]"]


def test_a_target_that_declines_is_skipped_with_its_reason(site: Site) -> None:
    site.write(
        "fuzz_it.py",
        """
        import fuzztui

        def fuzz_it(f: fuzztui.F) -> None:
            f.add(1)
            f.skip("no database here")
        """,
    )
    site.write(
        "fuzz_file.py",
        "import pytest\npytest.skip('not today', allow_module_level=True)\ndef fuzz_b(data: bytes): pass\n",
    )
    site.store("fuzz_b", b"")
    tested = site.pytest()
    assert set(tested.outcomes.values()) == {"skipped"}
    assert len(tested.outcomes) == 2
    assert "SKIPPED [1] fuzz_it.py:4: " in tested.output
    assert "no database here" in tested.output
    assert "not today" in tested.output


def test_malformed_inputs_fail_in_one_sentence(site: Site) -> None:
    site.write("fuzz_it.py", "def fuzz_it(n: int) -> None: pass\n")
    site.store("fuzz_it", b"fuzztui v1\n'text'\n", "text")
    site.store("fuzz_it", b"\xff", "raw")
    (site.folder / "testdata" / "corpus" / "fuzz_it" / "folder").mkdir()
    tested = site.pytest()
    assert tested.outcomes == {"fuzz_it[text]": "failed", "fuzz_it[raw]": "failed"}
    assert "fuzz_it/text: for (str), the target takes (int)" in tested.texts["fuzz_it[text]"]
    assert "fuzz_it/raw: line 1: byte 0xff is not ASCII" in tested.texts["fuzz_it[raw]"]
    assert len(tested.texts["fuzz_it[raw]"].strip().splitlines()) == 2


DEADLY = """
import os, signal, time
import fuzztui

def fuzz_it(data: bytes) -> None:
    if data == b"exit": os._exit(3)
    if data == b"abort": os.abort()
    if data == b"sleep": time.sleep(1000)
    if data == b"kill": os.kill(os.getpid(), signal.SIGKILL)
"""


def test_an_input_known_to_end_its_process_runs_in_a_worker(site: Site) -> None:
    site.write("fuzz_it.py", DEADLY)
    for data, kind in ((b"exit", "exit"), (b"abort", "signal"), (b"sleep", "timeout")):
        name = site.store("fuzz_it", data)
        record = {"sha256": name, "kind": kind, "type": kind, "function": "fuzz_it"}
        site.write(f".fuzztui/crashes/fuzz_it.py/fuzz_it/{kind}.json", json.dumps(record))
    site.store("fuzz_it", b"fine", "fine")
    tested = site.pytest("-o", "fuzztui_timeout=1s")
    assert sorted(tested.outcomes.values()) == ["failed", "failed", "failed", "passed"]
    texts = {data: tested.texts[f"fuzz_it[{sha256(data).hexdigest()[:12]}]"] for data in (b"exit", b"abort", b"sleep")}
    assert "exit status 3" in texts[b"exit"]
    assert "SIGABRT" in texts[b"abort"]
    assert "timeout after 1 s" in texts[b"sleep"]
    assert 'fuzz_it.py", line 8 in fuzz_it' in texts[b"sleep"]


@pytest.mark.soak
def test_an_input_that_has_ended_pytest_runs_in_a_worker_the_next_time(site: Site) -> None:
    file = site.write("fuzz_it.py", DEADLY)
    name = f"fuzz_it[{site.store('fuzz_it', b'exit')[:12]}]"
    site.store("fuzz_it", b"fine", "fine")
    first = site.pytest()
    assert first.status == 3
    ended = f"fuzztui: fuzz_it.py::{name} has ended the process of pytest; the next session runs it in a worker process"
    assert first.output.splitlines()[-1] == ended
    again = site.pytest()
    assert ended not in again.output
    assert again.outcomes == {name: "failed", "fuzz_it[fine]": "passed"}
    assert "an earlier session of pytest has ended while it ran this test" in again.texts[name]
    file.write_text("def fuzz_it(data: bytes) -> None: pass\n")
    assert set(site.pytest().outcomes.values()) == {"passed"}
    file.write_text("import os\ndef fuzz_it(data: bytes) -> None: open('pid', 'w').write(str(os.getppid()))\n")
    assert set(site.pytest().outcomes.values()) == {"passed"}


PLAIN_REPORTS = """
import pytest

def odd(value):
    if type(value) in (dict, list, tuple):
        return [one for each in (value.items() if type(value) is dict else value) for one in odd(each)]
    return [] if value is None or type(value) in (str, int, float, bool, bytes) else [f"{type(value)} {value!r}"]

def pytest_runtest_logreport(report):
    assert not odd(report._to_json())
"""
"""What a project has whose reports go from one process to another, as those of pytest-xdist do: that takes no other
values.
"""


def test_what_people_have_decided_about_a_crasher_counts(site: Site) -> None:
    site.write("conftest.py", PLAIN_REPORTS)
    site.write("fuzz_it.py", "def fuzz_it(n: int) -> None:\n    if n < 3: {}[n]\n    [][n]\n")
    decisions = {
        1: 'status = "ignored"\nnote = "not ours"',
        2: 'status = "fixed"\nnote = "in 1.2"',
        3: 'status = "ignored"',
    }
    names = {n: f"fuzz_it[{site.store('fuzz_it', b'fuzztui v1%c%d%c' % (10, n, 10))[:12]}]" for n in (1, 2, 3)}
    for n, decision in decisions.items():
        digest = sha256(b"fuzztui v1\n%d\n" % n).hexdigest()
        title = 'title = "KeyError in fuzz_it"'
        site.write(f"testdata/triage/fuzz_it/2-{n}aa.toml", f"{title}\n{decision}\ninputs = ['{digest}']\n")
    for mode in ("auto", "worker"):
        tested = site.pytest(f"--fuzztui={mode}")
        assert tested.outcomes == {names[1]: "skipped", names[2]: "failed", names[3]: "failed"}
        assert f"XFAIL fuzz_it.py::{names[1]} - not ours" in tested.output
        assert "regressed: it was marked fixed: in 1.2" in tested.texts[names[2]]
        assert "IndexError" in tested.texts[names[3]], "another failure than the one that is ignored"
    site.write("fuzz_it.py", "def fuzz_it(n: int) -> None: pass\n")
    assert set(site.pytest().outcomes.values()) == {"passed"}


@pytest.mark.soak
def test_reports_of_what_prints_is_skipped_or_malformed_are_plain(site: Site) -> None:
    site.write("conftest.py", PLAIN_REPORTS)
    site.write(
        "fuzz_it.py",
        """
        import fuzztui

        def fuzz_it(n: int) -> None:
            print("printed")
            for link in range(n):
                try:
                    raise ValueError(link)
                except ValueError:
                    pass
                try:
                    raise KeyError from locals().get("last")
                except KeyError as error:
                    last = error
            raise last

        def fuzz_not(f: fuzztui.F) -> None:
            f.skip("not here")
        """,
    )
    for data in (b"fuzztui v1\n7\n", b"fuzztui v1\n200\n", b"no input"):
        site.store("fuzz_it", data)
    site.store("fuzz_not", b"x")
    for mode in ("auto", "worker"):
        tested = site.pytest(f"--fuzztui={mode}")
        assert tested.status == 1, tested.output
        assert sorted(tested.outcomes.values()) == ["failed", "failed", "failed", "skipped"]


@pytest.mark.soak
def test_an_input_that_needs_others_before_it_runs_after_them(site: Site) -> None:
    site.write(
        "fuzz_it.py",
        """
        seen = set()

        def fuzz_it(data: bytes) -> None:
            assert not (data == b"c" and {b"a", b"b"} <= seen)
            seen.add(data)
        """,
    )
    name = site.store("fuzz_it", b"c")
    assert set(site.pytest().outcomes.values()) == {"passed"}
    write_before(Folder(site.folder, ("testdata", "corpus", "fuzz_it")), Folder(site.folder), name, [b"a", b"b"])
    tested = site.pytest()
    assert tested.outcomes == {f"fuzz_it[{name[:12]}]": "failed"}
    assert "fails after the 2 inputs before it" in tested.texts[f"fuzz_it[{name[:12]}]"]


def test_a_hang_fails_in_time_even_if_it_swallows_exceptions(site: Site) -> None:
    site.write(
        "fuzz_it.py",
        """
        import time

        def fuzz_it(data: bytes) -> None:
            for _ in range(3):
                try:
                    time.sleep(1000)
                except BaseException:
                    pass
        """,
    )
    site.store("fuzz_it", b"", "empty")
    tested = site.pytest("-o", "fuzztui_timeout=500ms")
    assert tested.outcomes == {"fuzz_it[empty]": "failed"}
    assert "TimedOut: timeout after 0.5 s" in tested.texts["fuzz_it[empty]"]
    assert "time.sleep(1000)" in tested.texts["fuzz_it[empty]"]


EVIL = """
import fuzztui

class Evil(Exception):
    def __str__(self): raise SystemExit(9)
    __repr__ = __str__
    @property
    def __class__(self): raise KeyboardInterrupt

class Endless(Exception):
    def __str__(self):
        while True: pass

def chained():
    error = None
    for _ in range(5000):
        new = ValueError("x")
        new.__cause__ = error
        error = new
    raise error

@fuzztui.fuzz(seeds=[0, 1, 2, 3, 4, 5, 6])
def fuzz_it(n: int) -> None:
    import pytest, unittest
    if n == 0: raise Evil
    if n == 1: chained()
    if n == 2: pytest.skip("no")
    if n == 3: raise unittest.SkipTest("no")
    if n == 4: pytest.exit("no")
    if n == 5: raise Endless
"""


def test_no_exception_of_a_target_is_more_than_its_test_failing(site: Site) -> None:
    site.write("fuzz_it.py", EVIL)
    tested = site.pytest("-o", "fuzztui_timeout=2s")
    expected = {f"fuzz_it[seed {number}]": "failed" for number in range(1, 7)}
    assert tested.outcomes == {**expected, "fuzz_it[seed 7]": "passed"}, tested.output
    assert tested.status == 1


VERDICTS = """
import asyncio, gc, os, sys, threading, time
import fuzztui

class Loud:
    def __del__(self): raise ValueError("in a finalizer")

def fails_in_a_thread():
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()

async def fails_in_a_task():
    asyncio.ensure_future(asyncio.sleep(0, 1 / 1)).add_done_callback(lambda _: 1 / 0)
    await asyncio.sleep(0.01)

async def nothing(): pass

calls = 0

def flaky():
    global calls
    calls += 1
    if calls == 2: raise ValueError("the second time")

def loop():
    ring = [Loud()]
    ring.append(ring)

@fuzztui.fuzz(seeds=[0, 1, 2], raises=(KeyError, OSError))
def fuzz_it(n: int) -> None:
    if n == 1: raise KeyError
    if n == 2: raise LookupError
    if n == 3: raise FileNotFoundError
    if n == 4: sys.exit()
    if n == 5: sys.exit(0)
    if n == 6: sys.exit(1)
    if n == 7: raise SystemExit("text")
    if n == 8: raise KeyboardInterrupt
    if n == 9: raise GeneratorExit
    if n == 10: fails_in_a_thread()
    if n == 11: Loud()
    if n == 12: asyncio.run(fails_in_a_task())
    if n == 13: loop()
    if n == 14: raise ExceptionGroup("several", [ValueError(1), KeyError(2)])
    if n == 15: raise MemoryError
    if n == 16: fuzz_it(n - 1)
    if n == 17: raise StopIteration
    if n == 18: assert n < 0, "an assertion"
    if n == 19: time.sleep(60)
    if n == 20: threading.Thread(target=sys.exit, args=(3,)).start()
    if n == 21: sys.setrecursionlimit(sys.getrecursionlimit()); (lambda f: f(f))(lambda f: f(f))
    if n == 22: flaky()
    if n == 23: raise KeyError from ValueError()
    if n == 24: asyncio.run(nothing())

@fuzztui.fuzz(seeds=["", "\\ud800"], surrogates=False)
def fuzz_text(text: str) -> None:
    text.encode()

@fuzztui.fuzz(seeds=[1.5, float("nan"), float("inf")])
def fuzz_float(x: float) -> None:
    assert x == x

def fuzz_setup(f: fuzztui.F) -> None:
    state = []
    f.add(b"a", True)
    f.add(b"", False)
    @f.fuzz(raises=ZeroDivisionError)
    def target(data: bytes, flag: bool) -> None:
        state.append(data)
        if flag: 1 / 0
        assert len(state) < 2
"""

MORE = """
import fuzztui

def fuzz_it(data: bytes) -> None:
    assert data != b"other"

def fuzz_setup(f: fuzztui.F) -> None:
    f.skip("not here")
    @f.fuzz
    def target(n: int) -> None: ...
"""


def test_verdicts_are_those_of_the_command_test(site: Site) -> None:
    site.write("fuzz_a.py", VERDICTS)
    site.write("fuzz_b.py", MORE)
    for n in range(3, 25):
        site.store("fuzz_a.fuzz_it", b"fuzztui v1\n%d\n" % n, f"n{n}")
    site.store("fuzz_b.fuzz_it", b"other", "other")
    site.store("fuzz_it", b"fuzztui v1\n99\n", "shared")
    site.store("fuzz_it", b"raw \xff", "shared-raw")
    site.store("fuzz_text", b"fuzztui v1\n1\n", "wrong")
    site.store("fuzz_float", b"fuzztui v1\n1e999\n", "inf")
    site.store("fuzz_b.fuzz_setup", b"fuzztui v1\n1\n", "one")
    flaky = sha256(b"fuzztui v1\n22\n").hexdigest()
    site.write(".fuzztui/crashes/fuzz_a.py/fuzz_it/f.json", json.dumps({"sha256": flaky, "kind": "exception"}))
    events = [json.loads(line) for line in site.run("fuzztui", "test", "--json", "--timeout", "2s").stdout.splitlines()]
    expected: dict[str, str] = {}
    targets = iter(["fuzz_it", "fuzz_text", "fuzz_float", "fuzz_setup", "fuzz_it", "fuzz_setup"])
    files = iter(["fuzz_a", "fuzz_a", "fuzz_a", "fuzz_a", "fuzz_b", "fuzz_b"])
    file, target = next(files), next(targets)
    for event in events:
        if event["event"] == "end":
            file, target = next(files, ""), next(targets, "")
        if event["event"] == "input":
            word = {"pass": "passed", "fail": "failed", "malformed": "failed", "skip": "skipped"}[event["verdict"]]
            name = "*" if word == "skipped" else event["name"].rpartition("/")[2]
            expected[f"{file} {target}[{name}]"] = word
    found: dict[str, str] = {}
    for path in ("fuzz_a", "fuzz_b"):
        tested = site.pytest(f"{path}.py", "-o", "fuzztui_timeout=2s")
        for name, outcome in tested.outcomes.items():
            key = f"{name.partition('[')[0]}[*]" if outcome == "skipped" else name
            found[f"{path} {key}"] = outcome
    assert found == expected
    assert len(expected) > 35
    assert {"passed", "failed", "skipped"} == set(expected.values())


@pytest.mark.soak
def test_everything_runs_in_workers_where_that_is_asked_for(site: Site) -> None:
    site.write("fuzz_a.py", VERDICTS)
    site.store("fuzz_it", b"fuzztui v1\n6\n", "six")
    here = site.pytest()
    apart = site.pytest("--fuzztui=worker")
    by_setting = site.pytest("-o", "fuzztui=worker", "-k", "six")
    assert here.outcomes.pop("fuzz_setup[seed 2]") == "failed", "after the first seed, in one process"
    assert apart.outcomes.pop("fuzz_setup[seed 2]") == "passed"
    assert apart.outcomes == here.outcomes
    assert "input: 6" in apart.texts["fuzz_it[six]"] == by_setting.texts["fuzz_it[six]"]


@pytest.mark.parametrize("off", [("--fuzztui=off",), ("-p", "no:fuzztui"), ("-o", "fuzztui=off")])
@pytest.mark.mostly_soak(1)
def test_it_can_be_switched_off(site: Site, off: tuple[str, ...]) -> None:
    site.write("fuzz_int.py", PLAIN)
    site.write("test_it.py", "def test_it(): pass")
    assert site.pytest(*off).outcomes == {"test_it": "passed"}


def test_settings_that_say_nothing_are_usage_errors(site: Site) -> None:
    site.write("fuzz_int.py", PLAIN)
    for setting in ("fuzztui=maybe", "fuzztui_timeout=soon"):
        tested = site.pytest("-o", setting)
        assert tested.status == 4, tested.output
        assert "Traceback" not in tested.output
        assert setting.partition("=")[0] in tested.output


def test_files_are_chosen_by_name(site: Site) -> None:
    site.write("fuzz_int.py", PLAIN)
    site.write("int_fuzzing.py", PLAIN)
    site.write("test_int.py", PLAIN + "\ndef test_it(): pass\n")
    assert "test_int.py::fuzz_int[seed 1]" in site.pytest("--collect-only", "-q").output
    only = site.pytest("--collect-only", "-q", "-o", "fuzztui_files=*_fuzzing.py", "-o", "python_files=check_*").output
    assert "int_fuzzing.py::fuzz_int[seed 1]" in only
    assert "fuzz_int.py::fuzz_int[seed 1]\n" not in only.replace("int_fuzzing.py", "")
    given = site.pytest("--collect-only", "-q", "int_fuzzing.py").output
    assert "int_fuzzing.py::fuzz_int[seed 1]" in given


def test_who_has_no_targets_loads_nothing_but_the_hooks(site: Site) -> None:
    site.write("test_it.py", "def fuzz(data): pass\ndef test_it(): pass\n")
    look = "import sys\ndef pytest_sessionfinish(): print(sorted(each for each in sys.modules if 'fuzztui' in each))\n"
    site.write("conftest.py", look)
    assert "['fuzztui', 'fuzztui.testing', 'fuzztui.testing.plugin']" in site.pytest().output


def test_a_target_named_as_a_test_is_a_target(site: Site) -> None:
    site.write(
        "test_it.py",
        """
        import fuzztui

        @fuzztui.fuzz(seeds=[1])
        def test_roundtrip(n: int) -> None: assert n

        def test_store(f: fuzztui.F) -> None:
            f.add(0)
            @f.fuzz
            def target(n: int) -> None: assert n

        def test_other(tmp_path): pass
        """,
    )
    assert site.pytest().outcomes == {
        "test_roundtrip[seed 1]": "passed",
        "test_store[seed 1]": "failed",
        "test_other": "passed",
    }


def test_chosen_by_id_by_keyword_by_mark_and_as_failed_last(site: Site) -> None:
    site.write("fuzz_int.py", PLAIN)
    site.write("test_it.py", "def test_it(): pass")
    assert set(site.pytest("fuzz_int.py::fuzz_int[seed 2]").outcomes) == {"fuzz_int[seed 2]"}
    assert set(site.pytest("fuzz_int.py::fuzz_int").outcomes) == {"fuzz_int[seed 1]", "fuzz_int[seed 2]"}
    assert set(site.pytest("-k", "fuzz_int").outcomes) == {"fuzz_int[seed 1]", "fuzz_int[seed 2]"}
    assert set(site.pytest("-m", "not fuzztui", "--strict-markers").outcomes) == {"test_it"}
    site.pytest()
    assert set(site.pytest("--lf").outcomes) == {"fuzz_int[seed 2]"}


@pytest.mark.soak
def test_with_several_processes_of_pytest(site: Site) -> None:
    site.write("fuzz_int.py", PLAIN)
    deadly = site.write("fuzz_it.py", DEADLY).stem
    name = f"fuzz_it[{site.store(deadly, b'exit')[:12]}]"
    for n in range(20):
        site.store("fuzz_int", b"%d" % n, f"n{n}")
    tested = site.pytest("-n", "2", every_plugin=True)
    assert list(tested.outcomes.values()).count("passed") == 21, tested.output
    assert f"crashed while running 'fuzz_it.py::{name}'" in tested.output
    again = site.pytest("-n", "2", every_plugin=True)
    assert again.outcomes[name] == "failed"
    assert "exit status 3" in again.texts[name]
    assert list(again.outcomes.values()).count("passed") == 21


PATHS = """
import sys
before = set(sys.path)

def test_path(request):  # a package's own folder is pytest's doing
    assert set(sys.path) - before <= {str(request.config.rootpath)}
"""

LAYOUTS = {
    "flat": ("pkg/__init__.py", "fuzz_it.py", "from pkg.mod import f", "pkg/mod.py"),
    "src": ("src/pkg/__init__.py", "tests/fuzz_it.py", "from pkg.mod import f", "src/pkg/mod.py"),
    "package of tests": ("checks/__init__.py", "checks/fuzz_it.py", "from .mod import f", "checks/mod.py"),
    "nested": ("checks/__init__.py", "checks/fuzz/fuzz_it.py", "from mod import f", "checks/fuzz/mod.py"),
    "namespace": ("conftest.py", "checks/fuzz/fuzz_it.py", "from ..mod import f", "checks/mod.py"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("mode", mostly_soak(["prepend", "append", "importlib"], "importlib"))
@pytest.mark.mostly_soak(2)
def test_targets_are_imported_as_fuzztui_does_in_any_layout(site: Site, layout: str, mode: str) -> None:
    marker, file, line, module = LAYOUTS[layout]
    site.write("pyproject.toml", "[tool.pytest.ini_options]\npythonpath = ['src']\n")
    site.write(marker, "")
    site.write(module, "def f(n): assert n < 2\n")
    path = site.write(file, f"import fuzztui\n{line}\n@fuzztui.fuzz(seeds=[1, 2])\ndef fuzz_it(n: int): f(n)\n")
    site.store("fuzz_it", b"fuzztui v1\n3\n", "three", beside=str(path.parent.relative_to(site.folder)))
    site.write("others/test_paths.py", PATHS)
    expected = {"fuzz_it[seed 1]": "passed", "fuzz_it[seed 2]": "failed", "fuzz_it[three]": "failed"}
    tested = site.pytest(f"--import-mode={mode}")
    assert tested.outcomes == {**expected, "test_path": "passed"}, tested.output
    assert "assert 2 < 2" in tested.output or "assert n < 2" in tested.output
    if "." not in line.split()[1][:1] or layout == "package of tests":
        inner = site.pytest(f"--import-mode={mode}", path.name, cwd=str(path.parent.relative_to(site.folder)))
        assert inner.outcomes == expected, inner.output


def test_a_module_that_pytest_has_imported_is_not_imported_again(site: Site) -> None:
    site.write("test_it.py", f"open('imports', 'a').write('x')\n{PLAIN}\ndef test_it(): pass\n")
    site.pytest()
    assert (site.folder / "imports").read_text() == "x"


def test_interrupting_ends_pytest(site: Site) -> None:
    site.write("conftest.py", "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)")
    site.write(
        "fuzz_it.py",
        """
        import os, signal, time
        import fuzztui

        @fuzztui.fuzz(seeds=[1, 2])
        def fuzz_it(n: int) -> None:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(100)
        """,
    )
    tested = site.pytest("-o", "fuzztui_timeout=20s")
    assert tested.status == 2
    assert "KeyboardInterrupt" in tested.output
