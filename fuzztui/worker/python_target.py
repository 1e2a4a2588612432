"""Loads Python targets: instruments what is imported, runs the set-up, and puts the executor together."""

import atexit
import os
import random
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Final

from fuzztui.protocol.messages import Imported, Load, Module, Remark
from fuzztui.protocol.patterns import compiled
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.errors import HarnessError, Uncallable
from fuzztui.target.forms import Form
from fuzztui.target.imports import imports_of
from fuzztui.target.load import LoadedTarget, load, module_name
from fuzztui.target.values import stored
from fuzztui.worker.coverage.lines import LineTracer
from fuzztui.worker.coverage.measuring import Measuring
from fuzztui.worker.executor import Serve
from fuzztui.worker.failures.buckets import Buckets
from fuzztui.worker.failures.failure import known_types
from fuzztui.worker.failures.scenes import Scenes
from fuzztui.worker.failures.strays import EVENT_LOOPS, FUTURES, PROCESSES, Strays
from fuzztui.worker.failures.texts import encodable
from fuzztui.worker.instrumentation.importer import InstrumentingFinder, forget_shadowed, install, selection
from fuzztui.worker.instrumentation.inventory import inventory
from fuzztui.worker.instrumentation.probes import ProbedModule, ProbeMap, shortened
from fuzztui.worker.instrumentation.sources import SourceNotes
from fuzztui.worker.loop import MutationOptions, PythonExecutor
from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.process import limits
from fuzztui.worker.process.executions import Executions
from fuzztui.worker.programs import fuzzers
from fuzztui.worker.programs.running import NO_WISHES, Place, Wishes
from fuzztui.worker.reports import Reports

__builtins__ = PRIVATE_BUILTINS

MAX_REASON: Final = 500
"""Characters of the reason why a module has no probes; some quote an error."""

MOST_REMARKS: Final = 50
"""Sentences about loading the target: where everything fails, the first ones tell enough."""


def load_python(call: Load, executions: Executions, reports: Reports, serve: Serve) -> None:
    """Import the target under the instrumenting hook and run its set-up, or run its program. HarnessError if that
    cannot be.
    """
    if call.private:
        _make_private(call)
    loading = _Loading(call, executions, reports, serve)
    if call.program:
        loading.run_program()
    elif call.module:
        loading.import_named()
    else:
        loading.import_function()


def _make_private(call: Load) -> None:
    from fuzztui.worker.process.privacy import NotPossible, make_private

    try:
        make_private(os.fsdecode(call.directory), [os.fsdecode(call.code_cache)])
    except (NotPossible, OSError) as error:
        raise Uncallable(f"a worker cannot have folders and a network of its own ({error}): run one with -j1") from None


class _Loading:
    """What is in place around a target as it is loaded, from before its first line on."""

    def __init__(self, call: Load, executions: Executions, reports: Reports, serve: Serve) -> None:
        self._call = call
        self._executions = executions
        self._reports = reports
        self._serve = serve
        self._file, self._directory, cache_dir = map(os.fsdecode, (call.file, call.directory, call.code_cache))
        self._path = [os.fsdecode(each) for each in call.path]
        self._sources = SourceNotes(reports.note_module)
        self._probes = ProbeMap()
        # What a file that calls a function by its name would import.
        self._source = f"import {call.module}".encode() if call.module else _read_source(self._file)
        self._measuring = Measuring(self._probes, self._sources.source, reports.note_module)
        self._said: set[str] = set()
        self._remarks: list[str] = []
        """Sentences about the target as it is loaded."""
        self._noting = ExitStack()
        """Ends with loading: what is executed meanwhile is noted where arcs are wanted."""

        self._wanted = selection(self._source, call.include, call.exclude)
        if call.program:
            self._wanted = fuzzers.adjusted(Form(call.program), self._wanted, self._source)
        self._hook = install(
            self._probes,
            self._wanted,
            cache_dir=cache_dir,
            on_module=self._announce,
            sources=self._sources,
            with_probes=not call.measure,
        )
        self._refused = self._hook.reload_named()
        self._strays = Strays(executions.memory.words, self._buckets())
        self._strays.install()
        self._hook.after[EVENT_LOOPS] = self._strays.watch_event_loops
        self._hook.after[FUTURES] = self._strays.watch_futures
        for name in PROCESSES:
            self._hook.after[name] = lambda module: self._strays.watch_processes(module, self._remark)
        if call.measure:
            self._noting.enter_context(self._measuring.tracer.tracing())

    def import_function(self) -> None:
        """Load a target that a file defines, and have it served."""
        forget_shadowed([module_name(self._file)[0], *self._path, self._directory])
        with self._noting:
            target = load(self._file, self._call.target, cwd=self._directory, path=self._path, adopt=self._adopted)
            target = self._drawn(target)
        self._have_served(target, Wishes(remarks=tuple(self._remarks)))

    def import_named(self) -> None:
        """Load a function of a module by its name, and have it served."""
        from fuzztui.target.named.load import Asked, load_named  # it costs time that only those pay who need it

        call = self._call
        forget_shadowed([*self._path, self._directory])
        with self._noting:
            asked = Asked(call.module, call.target, call.all_parameters, call.raises)
            target, remarks = load_named(asked, self._file, self._path, self._directory)
            target = self._drawn(target)
        self._have_served(target, NO_WISHES._replace(remarks=(*remarks, *self._remarks)))

    def _adopted(self, thing: object) -> LoadedTarget | None:
        """The target that a property test is; None for anything else."""
        if "hypothesis" not in sys.modules:
            return None
        from fuzztui.worker.hypothesis.execution import is_property_test
        from fuzztui.worker.hypothesis.loading import load_property

        if not is_property_test(thing):
            return None
        target, remarks = load_property(thing, f"{self._file}: {self._call.target}")
        self._remarks.extend(remarks)
        return target

    def _drawn(self, target: LoadedTarget) -> LoadedTarget:
        """The target, whose parameters are drawn if some have types that only Hypothesis knows."""
        if target.left is None:
            return target
        from fuzztui.worker.hypothesis.drawing import drawn  # it imports Hypothesis

        whole, remarks = drawn(target)
        self._remarks.extend(remarks)
        return whole

    def run_program(self) -> None:
        """Execute the file, and have served what it gives to its fuzzer when it calls that."""
        with self._noting:
            fuzzers.run(
                Form(self._call.program),
                Place(self._file, self._source, self._directory, tuple(self._path), self._call.target),
                [os.fsdecode(each) for each in self._call.arguments],
                self._hook,
                self._have_served,
            )
        atexit._run_exitfuncs()  # as at the end of any program

    def _buckets(self) -> Buckets:
        return Buckets(self._wanted.is_project, self._sources.show_as_loaded)

    def _announce(self, module: ProbedModule) -> None:
        if self._call.measure:
            self._measuring.follow(module.file)
        self._reports.note_module(Module(name=module.name, file=encodable(module.file), lines=module.lines))

    def _remark(self, sentence: str) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
            self._reports.note_module(Remark(encodable(sentence[:MAX_REASON])))

    def _have_served(self, target: LoadedTarget, wishes: Wishes = NO_WISHES) -> None:
        """The target is loaded: answer calls until there are no more."""
        self._noting.close()
        call = self._call
        if call.measure:
            self._reports.note_module(self._measuring.take(None))
        target.raises = (*target.raises, *known_types(call.expected))
        self._strays.clean = target.raises
        self._tell_of_modules()
        for sentence in wishes.remarks:
            self._remark(sentence)
        dictionary = Dictionary()
        for token in call.dictionary:
            dictionary.add(token)
        seeds = [*(stored(seed, target.parameters) for seed in target.seeds), *wishes.seeds]
        wished = 0 if call.keeps_max_len else wishes.max_len
        max_len = max([wished or call.max_len, *map(len, seeds)])
        custom = None
        if wishes.mutation is not None:
            wishes.mutation.begin(random.Random(call.seed), dictionary)
            custom = wishes.mutation.operators
        options = MutationOptions(
            mutator=Mutator(target.parameters, random.Random(call.seed), dictionary, max_len, custom),
            dictionary=dictionary,
            max_len=max_len,
            says_mutating=call.profile,
            weighs_probes=call.weigh_probes,
        )
        if target.harness is not None:
            target.harness.running = True
        executor = PythonExecutor(
            target,
            seeds,
            self._probes,
            options,
            self._executions,
            self._reports,
            self._buckets(),
            self._strays,
            Scenes(self._wanted.is_project, self._sources),
            LineTracer(self._wanted.is_project),
            self._measuring,
        )
        if call.address_space is not None:
            limits.limit_address_space(call.address_space)
        self._serve(executor)

    def _tell_of_modules(self) -> None:
        """Say which modules have probes, and what is wrong with others."""
        hook, refused = self._hook, self._refused
        unsaid = fuzzers.UNSAID if self._call.program else frozenset[str]()
        if self._probes.modules:
            for item in inventory(imports_of(self._source), hook.name_of(self._file), hook, refused):
                is_aside = not item.instrumented and item.name.partition(".")[0] in self._wanted.aside
                if item.name in unsaid or is_aside:
                    continue
                hook.hidden.pop(item.name, None)
                name, reason = shortened(item.name), encodable(item.reason[:MAX_REASON])
                self._reports.note_module(Imported(name, item.instrumented, reason, item.probes))
        for sentence in (*_problems(hook, refused), *_vain(self._call.exclude))[:MOST_REMARKS]:
            self._reports.note_module(Remark(encodable(sentence[:MAX_REASON])))
        # Each start takes longer, and that is all.
        for sentence in hook.cache.problems if hook.cache is not None else ():
            print(f"fuzztui: {sentence}", file=sys.stderr)


def _problems(hook: InstrumentingFinder, refused: dict[str, str]) -> list[str]:
    """A sentence for each module that the user asked for by a pattern and that has no probes, and for each that could
    not be instrumented.
    """
    asked = [name for name in refused if hook.wanted.includes(name)]
    hidden: dict[str, list[str]] = {}
    for name, reason in hook.hidden.items():
        hidden.setdefault(reason, []).append(name)
    tops = {name.partition(".")[0]: name for name in reversed(asked)}  # one sentence for a package, not for each part
    return [
        *[f"{name} cannot be instrumented: {refused[name]}" for name in tops.values()],
        *[f"{name} runs without coverage: {reason}" for name, reason in hook.failures.items()],
        *[f"{name}: {reason}" for name, reason in hook.bare.items()],
        *[f"{', '.join(names)}: not instrumented: {reason}" for reason, names in hidden.items()],
    ]


def _vain(excluded: Sequence[str]) -> list[str]:
    """A sentence for each pattern of what is not to be instrumented that names no loaded module: mostly misspelt."""
    names = [name for name in list(sys.modules) if type(name) is str]
    return [
        f"--exclude {pattern} has no effect so far: no module of that name is loaded with the target"
        for pattern in excluded
        if not any(map(compiled(pattern), names))
    ]


def _read_source(file: str) -> bytes:
    try:
        with open(file, "rb") as stream:  # noqa: PTH123 - pathlib takes long to load
            return stream.read()
    except OSError as error:
        raise HarnessError(f"{file}: {error.strerror}") from None
