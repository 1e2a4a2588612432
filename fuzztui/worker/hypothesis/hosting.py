"""Runs property tests that pytest has to set up: within pytest, for which serving is the test.

pytest loads conftest and plugins, collects, and sets fixtures up as it always does. Where it would call the test, the
coordinator is served, and when there are no more calls the test ends by SystemExit, so that pytest tears all down.
"""

import sys
from collections.abc import Callable, Generator, Mapping
from copy import copy
from types import TracebackType
from typing import Any, Final, NoReturn

import pytest
from hypothesis.internal.reflection import get_signature

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.errors import HarnessError, LoadFailed, Skipped, Uncallable
from fuzztui.target.load import reported
from fuzztui.worker.hypothesis.execution import Code
from fuzztui.worker.hypothesis.loading import load_property
from fuzztui.worker.hypothesis.variants import Variants
from fuzztui.worker.hypothesis.within import call_with, is_called_within
from fuzztui.worker.instrumentation.importer import InstrumentingFinder
from fuzztui.worker.programs.running import Place, Program, Served, Wishes

__builtins__ = PRIVATE_BUILTINS

WHAT: Final = "the test"

_ARGUMENTS: Final = ("--assert=plain", "--capture=no", "-q", "--no-header", "--no-summary", "-m", "", "-k", "")
"""The test file is loaded without pytest's own rewriting, output is seen where it appears, nothing is deselected."""

_UNWANTED: Final = ("fuzztui", "faulthandler", "unraisableexception", "threadexception", "randomly")
"""Plugins that would be in the way: what they watch, the worker watches."""

_CALMED: Final = {
    "numprocesses": 0,
    "dist": "no",
    "tx": [],
    "maxprocesses": 0,
    "timeout": 0,
    "no_cov": True,
    "reruns": 0,
    "count": 1,
    "randomly_reset_seed": False,
    "randomly_reorganize": False,
    "usepdb": False,
}
"""Options of plugins -> what they are here, whatever the project says: one process, no end, one run."""

_SETTING: Final = ("lfplugin", "nfplugin", "stepwiseplugin")
"""Plugins by which one run of pytest leaves something for the next: this run is none of those."""

_LINE: Final = 300
"""Characters of a reason that go into a sentence."""


def run(name: str, place: Place, finder: InstrumentingFinder, served: Served) -> None:
    """Have pytest run the test of this name, and serve the coordinator in its place. HarnessError, or Skipped, where
    it does not come to be called.
    """
    program = Program(place, finder, served, WHAT)
    host = _Host(name, program)
    # Not yet: plugins of pytest are loaded without probes.
    sys.meta_path.remove(finder)
    for folder in (*place.path, place.directory):
        if folder not in sys.path:
            sys.path.append(folder)
    program.execute([], host.run)


class _Host:
    """The plugin of pytest that serves the coordinator."""

    def __init__(self, name: str, program: Program) -> None:
        self._name = name
        self._program = program
        self._place = program.place
        self._argument = f"{self._place.file}::{name}"
        self._remarks: list[str] = []
        self._items: list[pytest.Item] = []
        """What pytest runs, and after that one the others that differ from it by their parameters."""
        self._failures: list[BaseException] = []
        """Why the test does not come to be called, the first reason first."""
        self._fixture = ""
        """The last one whose set-up has failed."""
        self._is_served = False
        self._said: list[str] = []

    def run(self) -> None:
        """Run pytest to its end. Raises what explains why the test was not called, or what a tear-down raised."""
        plugins = [f"no:{each}" for each in _UNWANTED]
        arguments = [*(word for each in plugins for word in ("-p", each)), *_ARGUMENTS]
        stderr = sys.stderr
        noting: Any = _Noting(stderr, self._said)
        sys.stderr = noting
        try:
            status = pytest.main([self._argument, *arguments], plugins=[self])
        finally:
            sys.stderr = stderr
        if self._failures:
            raise self._failures[0]
        if not self._is_served:
            raise self._unserved(status)

    # Set-up -----------------------------------------------------------------------------------------------------------

    def pytest_plugin_registered(self, plugin: object, manager: Any) -> None:
        """The first one is this one: plugins that the project's settings name are loaded from here on."""
        if plugin is not self:
            return
        load = manager.import_plugin

        def import_plugin(modname: str, consider_entry_points: bool = False) -> None:
            try:
                load(modname, consider_entry_points)
            except ImportError as error:
                missing = getattr(error.__cause__, "name", None)
                if not consider_entry_points or missing != modname.partition(".")[0]:
                    raise
                self._remarks.append(f"the project's settings have pytest load {modname}, which is not installed")

        manager.import_plugin = import_plugin

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_load_initial_conftests(
        self, early_config: pytest.Config, parser: pytest.Parser, args: list[str]
    ) -> Generator[None, Any, Any]:
        """Plugins are loaded, and nothing of the project's is: instrument from here on. When it is loaded, all options
        are known that there are.
        """
        self._instrument()
        result = yield
        _, unknown = parser.parse_known_and_unknown_args(args, namespace=copy(early_config.known_args_namespace))
        if unknown:
            args[:] = [each for each in args if each not in unknown]
            words = ", ".join(unknown)[:_LINE]
            self._remarks.append(f"pytest has no plugin for what the project's settings ask of it: {words} is left out")
        return result

    def _instrument(self) -> None:
        finder: Any = self._program.finder
        sys.meta_path.insert(0, finder)
        library: Any = sys.modules["importlib.util"]  # the target's, by which pytest loads files in its importlib mode
        made = library.spec_from_file_location

        def spec_from_file_location(*arguments: Any, **named: Any) -> Any:
            return finder.instrumented(made(*arguments, **named))

        library.spec_from_file_location = spec_from_file_location

    @pytest.hookimpl(wrapper=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> Generator[None, Any, Any]:
        for option, value in _CALMED.items():
            if hasattr(config.option, option):
                setattr(config.option, option, value)
        config.args = [self._argument]  # alone, whatever the project's settings name
        return (yield)

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        manager = config.pluginmanager
        for name in _SETTING:
            if manager.has_plugin(name):
                manager.unregister(name=name)
        reporter: Any = manager.get_plugin("terminalreporter")
        if reporter is not None:
            manager.unregister(reporter)
            for each in ("write", "write_line", "write_sep", "line", "ensure_newline", "section", "rewrite"):
                setattr(reporter, each, _nothing)
            manager.register(_Quiet(reporter), "terminalreporter")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self._items = list(items)
        items[:] = items[:1]

    # What goes wrong --------------------------------------------------------------------------------------------------

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped and isinstance(report.longrepr, tuple):
            path, line, reason = report.longrepr
            self._note(Skipped(f"{path}:{line}: {self._name} is not collected: {_skipped(str(reason))}"))

    def pytest_exception_interact(self, call: pytest.CallInfo[Any], report: Any) -> None:
        if isinstance(report, pytest.CollectReport) and call.excinfo is not None:
            error = call.excinfo.value
            self._note_raised(f"collecting {self._place.file}", error.__cause__ or error)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Generator[None, Any, Any]:
        try:
            return (yield)
        except BaseException:
            self._fixture = self._fixture or fixturedef.argname
            raise

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        if call.excinfo is None or (self._is_served and call.when == "call"):
            return
        error = call.excinfo.value
        if isinstance(error, pytest.skip.Exception):
            self._note(Skipped(f"{item.nodeid} is skipped: {_skipped(str(error))}"))
        elif type(error).__name__ == "FailedHealthCheck":
            first = str(error).strip().partition("\n")[0].rstrip(".")
            what = "Hypothesis' health check fails, as it does in pytest"
            self._note(Uncallable(f"{self._place.file}: {what}: {first}"))
        elif call.when == "setup" and type(error).__name__ == "FixtureLookupError":
            wanted = getattr(error, "argname", "")
            self._note(Uncallable(f"{self._place.file}: {self._name} takes {wanted}, and there is no such fixture"))
        elif call.when == "setup":
            what = f"fixture {self._fixture} of {self._name}" if self._fixture else f"setting up {self._name}"
            self._note_raised(what, error)
        elif call.when == "teardown":
            self._failures.append(error)
        else:
            self._note_raised(f"calling {self._name}", error)

    def _note_raised(self, doing: str, error: BaseException) -> None:
        error.__traceback__ = _users_part(error.__traceback__)
        try:
            with reported(f"{self._place.file}: {doing}", LoadFailed, self._place.file):
                raise error
        except HarnessError as told:
            self._note(told)

    def _note(self, error: HarnessError) -> None:
        self._failures.append(error)

    def _unserved(self, status: int | pytest.ExitCode) -> HarnessError:
        file = self._place.file
        if status == pytest.ExitCode.NO_TESTS_COLLECTED:
            return Uncallable(f"{file}: pytest collects no test {self._name}: it looks for other names or classes")
        said = " ".join(" ".join(self._said).split()).removeprefix("ERROR: ")
        why = said[:_LINE] or f"it ended with status {int(status)}"
        return HarnessError(f"{file}: pytest does not run {self._name}: {why}")

    # The test ---------------------------------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> None:
        """Of unittest's tests pytest calls no hook: what it calls as the method is ours."""
        test: Any = item
        if type(item).__name__ == "TestCaseFunction" and not getattr(test.obj, "__unittest_skip__", False):
            method = test.obj
            test.obj = lambda: self._call(test, method, {})

    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> NoReturn:
        """After the plugins that make an async test an ordinary one."""
        names = get_signature(pyfuncitem.obj).parameters
        given = {name: pyfuncitem.funcargs[name] for name in names if name in pyfuncitem.funcargs}
        self._call(pyfuncitem, pyfuncitem.obj, given)

    def _call(self, item: pytest.Item, test: Any, keywords: Mapping[str, object]) -> NoReturn:
        """Serve the coordinator with a test, or with what it calls."""
        if is_called_within(test):
            owner = getattr(test, "__self__", None)
            code = Code(getattr(test, "__func__", test).__globals__, (self._place.file, _line_of(item)))
            call_with(lambda: test(**keywords), owner, lambda made, given: self._serve(item, made, given, code))
            raise Uncallable(
                f"{self._place.file}: {self._name} is no test of Hypothesis: it calls nothing under @given"
            )
        self._serve(item, test, keywords)

    def _serve(
        self, item: pytest.Item, test: Callable[..., object], keywords: Mapping[str, object], code: Code | None = None
    ) -> NoReturn:
        _forget_nothing_more(item)
        sys.stderr = getattr(sys.stderr, "stream", sys.stderr)
        variants = Variants.of(self._items, keywords)
        target, remarks = load_property(test, f"{self._place.file}: {self._name}", keywords, variants, code)
        self._is_served = True
        self._program.enter(target, Wishes(remarks=(*self._remarks, *remarks, *_expected(item))))


class _Noting:
    """A stream that remembers what is written to it as long as pytest has not come to the test."""

    def __init__(self, stream: Any, said: list[str]) -> None:
        self.stream = stream
        self._said = said

    def write(self, text: str) -> int:
        self._said.append(text)
        return int(self.stream.write(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


class _Quiet:
    """Stands for the plugin that prints how the run goes, for plugins that ask for it; it has none of its hooks."""

    def __init__(self, reporter: Any) -> None:
        self._reporter = reporter

    def __getattr__(self, name: str) -> Any:
        if name.startswith("pytest_"):
            raise AttributeError(name)
        return getattr(self._reporter, name)


def _nothing(*_arguments: object, **_named: object) -> None:
    """Print nothing."""


_RUNNING: Final = frozenset(
    {"_pytest", "pytest", "pluggy", "pytest_asyncio", "anyio", "unittest", "fuzztui", "importlib"}
)
"""Packages that call fixtures and load test files."""


def _users_part(traceback: TracebackType | None) -> TracebackType | None:
    """A traceback from the first function on that is not of what runs tests; whole where all of it is."""
    part = traceback
    while part is not None:
        name = str(part.tb_frame.f_globals.get("__name__", ""))
        if name.partition(".")[0] not in _RUNNING:
            return part
        part = part.tb_next
    return traceback


def _expected(item: pytest.Item) -> tuple[str, ...]:
    mark = item.get_closest_marker("xfail")
    if mark is None:
        return ()
    reason = _skipped(str(mark.kwargs.get("reason", "")))
    return (f"the test is marked xfail ({reason}): what fails here is what pytest expects",)


def _line_of(item: pytest.Item) -> int:
    return (item.location[1] or 0) + 1


def _skipped(reason: str) -> str:
    return " ".join(reason.removeprefix("Skipped: ").split())[:_LINE] or "no reason is given"


def _forget_nothing_more(item: pytest.Item) -> None:
    """What pytest keeps of a test until its end, warnings and log records, would fill the memory in a million runs."""
    warned: Any = sys.modules["warnings"]
    warned.showwarning = _nothing
    if "caplog" in getattr(item, "fixturenames", ()):
        return
    root: Any = sys.modules["logging"].getLogger()  # the target's
    for handler in list(root.handlers):
        if type(handler).__name__ == "LogCaptureHandler":
            root.removeHandler(handler)
