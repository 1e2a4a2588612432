"""A worker's process belongs to its target: the target's files, clocks, signals and hooks do not disturb the worker."""

import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from py_compile import compile as compile_file

import pytest

from fuzztui.protocol.memory import Fault
from fuzztui.protocol.messages import Crashed, Done, Executed, Failed, Found, Fuzz
from tests.engine.worker_process import WorkerProcess, started
from tests.worker.test_library import Loaded, load

PARSE = "def parse(d):\n    if d[:1] == b'k':\n        return 1\n    return 2\n"


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[WorkerProcess]:
    with started("fuzztui.worker", tmp_path) as process:
        yield process


def covered(loaded: Loaded, data: bytes) -> set[str]:
    """The modules that an input reaches."""
    (result,) = loaded.run(data)
    assert isinstance(result, Executed), result
    return set(result.edges)


def test_functions_of_the_machinery_have_builtins_that_the_target_cannot_patch() -> None:
    script = (
        "import builtins, sys, types, fuzztui.worker.main\n"
        "for name, module in list(sys.modules.items()):\n"
        "    for each in vars(module).values() if name.startswith('fuzztui.') else ():\n"
        "        if isinstance(each, types.FunctionType) and each.__globals__ is vars(module):\n"
        "            each.__builtins__ is vars(builtins) and print(name, each.__name__)\n"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout == ""


# Whose modules ----------------------------------------------------------------------------------------------------


def test_a_projects_own_modules_win_over_those_of_the_standard_library_and_are_instrumented(
    worker: WorkerProcess, tmp_path: Path
) -> None:
    names = ["types", "token", "queue", "random", "re", "traceback", "struct", "colorsys", "socket", "fnmatch"]
    compiled = [name for name in ("array", "math", "select", "mmap") if name not in sys.builtin_module_names]
    names += compiled
    for name in names:
        (tmp_path / f"{name}.py").write_text(PARSE)
    calls = "; ".join(f"{name}.parse(data)" for name in names)
    loaded = load(worker, tmp_path, f"import {', '.join(names)}\ndef fuzz(data: bytes): {calls}\n")
    assert covered(loaded, b"k") == {"harness", *names}
    assert {each.name for each in loaded.imported.values() if each.instrumented} == set(names)


def test_a_module_is_the_projects_own_by_its_place_also_where_the_target_does_not_name_it(
    worker: WorkerProcess, tmp_path: Path
) -> None:
    (tmp_path / "queue.py").write_text(PARSE)
    (tmp_path / "library.py").write_text("import queue, sched\ndef use(d): return queue.parse(d), sched.scheduler()\n")
    loaded = load(worker, tmp_path, "import library\ndef fuzz(data: bytes): library.use(data)\n")
    assert covered(loaded, b"k") == {"library", "queue"} | {"harness"}
    assert {each.name for each in loaded.modules} == {"harness", "library", "queue"}


def test_nothing_that_the_worker_imports_late_comes_from_the_users_path(worker: WorkerProcess, tmp_path: Path) -> None:
    hostile = "raise SystemExit('the worker has imported a module of the project')\n"
    for name in sys.stdlib_module_names - {"__future__"} - set(sys.builtin_module_names):
        (tmp_path / f"{name}.py").write_text(hostile)
    source = "\n".join(
        [
            "from datetime import date" if "datetime" in sys.builtin_module_names else "",
            "n = 0",
            "def fuzz(data: bytes):",
            "    global n",
            "    n += 1",
            "    if data == b'fail' or n > 2000: raise ValueError('\\u00e9' * 100 + chr(0x4e00)) from KeyError(n)",
            "    try:",
            "        undefined_name if data[:1] == b'u' else data.index(b'magic')",
            "    except ValueError: pass",
        ]
    )
    loaded = load(worker, tmp_path, source)
    clean, failed, unknown = loaded.run(b"k", b"fail", b"u")
    assert isinstance(clean, Executed)
    assert isinstance(failed, Crashed)
    assert "KeyError: 2" in failed.failure.traceback
    assert isinstance(unknown, Crashed)
    assert unknown.failure.type == "NameError"
    worker.send(Fuzz(b"entry", 3600.0, 5000, {}, True))
    assert any(isinstance(each, Found) for each in worker.until(Done))
    assert worker.stop() == 0
    assert worker.output == ""


@pytest.mark.parametrize("parameters", ["data: bytes", "data: str, n: int", "data: datetime.date, x: float, b: bool"])
@pytest.mark.mostly_soak(1)
def test_fuzzing_puts_none_of_the_workers_modules_in_the_targets_sight(
    worker: WorkerProcess, tmp_path: Path, parameters: str
) -> None:
    source = f"""
import sys
{"import datetime" * ("datetime" in parameters)}
before = set(sys.modules)

def fuzz({parameters}):
    assert set(sys.modules) == before, set(sys.modules) - before
    if len(str(data)) > 7:
        if str(data).startswith("magic") or sum(1 for c in str(data) if c == "x") == 5: return 1
"""
    load(worker, tmp_path, source)
    entry = {
        "data: bytes": b"0123456789",
        "data: str, n: int": b"fuzztui v1\n'0123456789'\n7\n",
        "data: datetime.date, x: float, b: bool": b"fuzztui v1\n{'date': '2024-02-29'}\n1.5\nTrue\n",
    }[parameters]
    worker.send(Fuzz(entry, 3600.0, 20_000, {}, True))
    results = worker.until(Done)
    assert [each for each in results if isinstance(each, Crashed)] == []


# Names ------------------------------------------------------------------------------------------------------------


def test_a_module_of_a_namespace_package_has_one_name_and_its_exceptions_one_identity(
    worker: WorkerProcess, tmp_path: Path
) -> None:
    for path, source in (
        ("ns/pkg/__init__.py", ""),
        ("ns/pkg/core.py", "class ParseError(Exception): pass\ndef parse(d):\n    raise ParseError\n"),
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(source)
    source = """
import fuzztui
from .core import ParseError
import ns.pkg.core as absolute
import pkg.core as short

@fuzztui.fuzz(raises=ParseError)
def fuzz(data: bytes):
    assert absolute is short
    absolute.parse(data)
"""
    loaded = load(worker, tmp_path, source, file="ns/pkg/fuzz_two.py")
    assert covered(loaded, b"x") == {"ns.pkg.fuzz_two", "ns.pkg.core"}


@pytest.mark.parametrize("found_from", ["project", "nowhere"])
def test_relative_imports_work_in_a_folder_without_init(worker: WorkerProcess, tmp_path: Path, found_from: str) -> None:
    project = tmp_path if found_from == "project" else tmp_path / "not-a-name"
    (project / "ns" / "inner").mkdir(parents=True)
    (project / "ns" / "inner" / "core.py").write_text(PARSE)
    source = "from .core import parse\ndef fuzz(data: bytes): parse(data)\n"
    file = str((project / "ns" / "inner" / "fuzz_ns.py").relative_to(tmp_path))
    prefix = "ns.inner" if found_from == "project" else "inner"
    assert covered(load(worker, tmp_path, source, file=file), b"x") == {f"{prefix}.fuzz_ns", f"{prefix}.core"}


# Sources ----------------------------------------------------------------------------------------------------------


def test_a_plugin_that_is_loaded_anew_each_time_is_one_set_of_probes(worker: WorkerProcess, tmp_path: Path) -> None:
    source = f"""
import importlib, os, sys, tempfile
def fuzz(data: bytes):
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "plugin.py"), "w") as file:
            file.write({PARSE!r})
        sys.path.insert(0, folder)
        sys.modules.pop("plugin", None)
        import plugin
        importlib.reload(plugin).parse(data)
        sys.path.remove(folder)
"""
    loaded = load(worker, tmp_path, source)
    results = [loaded.run(b"k")[0] for _ in range(20)]
    edges = [each.edges["plugin"] for each in results if isinstance(each, Executed)]
    assert len(edges) == 20
    assert edges == edges[:1] * 20
    assert [each.name for each in loaded.modules] == ["harness", "importlib", "tempfile", "plugin"]
    assert len(list((tmp_path / "code").glob("*.code"))) <= 4, "the cache does not grow with each copy"
    assert {name for each in results if isinstance(each, Executed) for name in each.edges if "plugin" in name} == {
        "plugin"
    }


def test_a_module_that_is_generated_anew_each_time_does_not_fill_the_memory_with_probes(
    worker: WorkerProcess, tmp_path: Path
) -> None:
    source = f"""
import os, sys
n = 0
def fuzz(data: bytes):
    global n
    n += 1
    with open(os.path.join({str(tmp_path)!r}, "generated.py"), "w") as file:
        file.write(f"def f():\\n    if n: return {{n}}\\n" + "#" * n)
    sys.modules.pop("generated", None)
    import generated
"""
    loaded = load(worker, tmp_path, source)
    loaded.run(*[b"x"] * 40)
    assert len(loaded.announced("generated")) == 16


def test_loaders_that_hide_the_source_are_named_with_what_to_do(worker: WorkerProcess, tmp_path: Path) -> None:
    (tmp_path / "zipped.py").write_text(PARSE)
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as packed:
        packed.write(tmp_path / "zipped.py", "zipped.py")
    (tmp_path / "zipped.py").rename(tmp_path / "bytecode.py")
    compile_file(str(tmp_path / "bytecode.py"), str(tmp_path / "bytecode.pyc"))
    (tmp_path / "bytecode.py").unlink()
    (tmp_path / "folder").mkdir()
    (tmp_path / "hooked.txt").write_text(PARSE)
    source = f"""
import sys
from importlib.machinery import ModuleSpec, SourceFileLoader

class Hook(SourceFileLoader):
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "hooked":
            return ModuleSpec(name, Hook(name, {str(tmp_path / "hooked.txt")!r}), origin="x")

sys.meta_path.append(Hook)
sys.path.append({str(tmp_path / "packed.zip")!r})
import zipped, bytecode, hooked, folder, typing_extensions, math

def fuzz(data: bytes): zipped.parse(data)
"""
    loaded = load(worker, tmp_path, source)
    assert {name: each.reason for name, each in loaded.imported.items() if not each.instrumented} == {
        "zipped": "it lies in a zip file; unpack that",
        "bytecode": "there is only its bytecode (.pyc), not its source",
        "hooked": "an import hook loads it (harness.Hook)",
        "folder": "it is a folder without code of its own",
        "math": "it is compiled",
        "sys": "it is compiled",
    }
    assert loaded.imported["typing_extensions"].instrumented, "named, though it is noise otherwise"


def test_hidden_sources_are_told_of_whoever_imports_them(worker: WorkerProcess, tmp_path: Path) -> None:
    (tmp_path / "zipped.py").write_text(PARSE)
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as packed:
        for name in ("zipped.py", "other.py", "left_out.py"):
            packed.write(tmp_path / "zipped.py", name)
    (tmp_path / "zipped.py").rename(tmp_path / "bytecode.py")
    compile_file(str(tmp_path / "bytecode.py"), str(tmp_path / "bytecode.pyc"))
    (tmp_path / "bytecode.py").rename(tmp_path / "past.py")
    (tmp_path / "uses.py").write_text("import bytecode, other, zipped, math\n")
    source = f"""
import importlib.util, sys
sys.path.append({str(tmp_path / "packed.zip")!r})
spec = importlib.util.spec_from_file_location("past", {str(tmp_path / "past.py")!r})
sys.modules["past"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["past"])
import past, uses, zipped
importlib.import_module("left_out")

def fuzz(data: bytes): ...
"""
    loaded = load(worker, tmp_path, source, exclude=["left_out"])
    assert loaded.remarks == [
        "bytecode: not instrumented: there is only its bytecode (.pyc), not its source",
        "other: not instrumented: it lies in a zip file; unpack that",
    ]
    assert loaded.imported["zipped"].reason == "it lies in a zip file; unpack that"
    assert "past the import system; import it by its name" in loaded.imported["past"].reason


def test_what_is_excluded_is_told_of_and_noise_is_not_instrumented(worker: WorkerProcess, tmp_path: Path) -> None:
    (tmp_path / "uses.py").write_text("import typing_extensions, sysconfig\nsysconfig.get_config_vars()\n")
    loaded = load(worker, tmp_path, "import uses, string\ndef fuzz(data: bytes): ...\n", exclude=["string"])
    assert loaded.imported["string"].reason == "it is excluded"
    assert {each.name for each in loaded.modules} == {"harness", "uses"}


# The process ------------------------------------------------------------------------------------------------------

FREEZES = {
    "before": "import time\ntime.monotonic = time.perf_counter = lambda: 7.0\n"
    "time.monotonic_ns = time.perf_counter_ns = lambda: 7\n",
    "as freezers do": "import sys, time\n"
    "real = {id(each): (lambda value: lambda: value)(7) for name, each in vars(time).items() if callable(each)}\n"
    "for module in list(sys.modules.values()):\n"
    "    for name, value in list(vars(module).items()):\n"
    "        if id(value) in real and ('counter' in name or 'monotonic' in name):\n"
    "            setattr(module, name, real[id(value)])\n",
}


@pytest.mark.parametrize("freeze", FREEZES.values(), ids=FREEZES)
@pytest.mark.parametrize("when", ["at import", "while it runs"])
def test_a_target_that_freezes_the_clock_does_not_keep_a_call_from_ending(
    worker: WorkerProcess, tmp_path: Path, freeze: str, when: str
) -> None:
    body = "    exec(FREEZE)\n" if when == "while it runs" else ""
    source = (
        f"FREEZE = {freeze!r}\n{freeze if not body else ''}\ndef fuzz(data: bytes):\n{body}    return len(data) > 3\n"
    )
    loaded = load(worker, tmp_path, source)
    worker.send(Fuzz(b"entry", 0.05, 1 << 40, {}, True))
    done = worker.until(Done)[-1]
    assert isinstance(done, Done)
    assert done.executions < 1 << 30
    assert loaded.run(b"x")


def test_an_alarm_that_rings_between_two_executions_is_the_targets(worker: WorkerProcess, tmp_path: Path) -> None:
    source = """
import signal
def ring(*_):
    raise RuntimeError("ding")
signal.signal(signal.SIGALRM, ring)
def fuzz(data: bytes):
    signal.setitimer(signal.ITIMER_REAL, 0.05)
"""
    loaded = load(worker, tmp_path, source)
    loaded.run(b"x")
    status, results = worker.end()
    assert status == 70
    failed = results[-1]
    assert isinstance(failed, Failed)
    assert failed.harness
    place = re.escape(f"{tmp_path}/harness.py:4: ring")
    assert re.match(rf"{place} was called between two executions.*and raised RuntimeError: ding", failed.reason)
    assert worker.memory.fault is Fault.HARNESS
    assert "machinery" not in failed.reason + worker.output
    assert "line 4, in ring" in worker.output


def test_a_module_that_was_loaded_when_the_interpreter_started_is_loaded_anew_with_probes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text("import early, shlex\nearly.patched = shlex.patched = True\n")
    (tmp_path / "site" / "early.py").write_text(PARSE)
    monkeypatch.syspath_prepend(tmp_path / "site")
    source = (
        "import early, sys\ndef fuzz(data: bytes):\n    early.parse(data)\n    assert sys.modules['shlex'].patched\n"
    )
    with started("fuzztui.worker", tmp_path) as worker:
        assert covered(load(worker, tmp_path, source), b"k") == {"harness", "early"}
