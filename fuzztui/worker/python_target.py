"""Loads Python targets: instruments what is imported, runs the set-up, and puts the executor together."""

import os
import random
import sys
from typing import Final

from fuzztui.protocol.messages import Imported, Load, Module
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.errors import HarnessError
from fuzztui.target.imports import imports_of
from fuzztui.target.load import load, module_name
from fuzztui.target.values import encode
from fuzztui.worker import limits
from fuzztui.worker.executions import Executions
from fuzztui.worker.importer import InstrumentingFinder, forget_shadowed, install, selection
from fuzztui.worker.inventory import inventory
from fuzztui.worker.loop import MutationOptions, PythonExecutor
from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.probes import ProbedModule, ProbeMap, shortened
from fuzztui.worker.reports import Reports
from fuzztui.worker.texts import encodable

__builtins__ = PRIVATE_BUILTINS

MAX_REASON: Final = 500
"""Characters of the reason why a module has no probes; some quote an error."""


def load_python(call: Load, executions: Executions, reports: Reports) -> PythonExecutor:
    """Import the target under the instrumenting hook and run its set-up. HarnessError if that cannot be."""
    file, directory, cache_dir = map(os.fsdecode, (call.file, call.directory, call.code_cache))
    probes = ProbeMap()
    source = _read_source(file)

    def announce(module: ProbedModule) -> None:
        reports.note_module(Module(name=module.name, file=encodable(module.file), lines=module.lines))

    wanted = selection(source, call.include, call.exclude)
    hook = install(probes, wanted, cache_dir=cache_dir, on_module=announce)
    refused = hook.reload_named()
    forget_shadowed([module_name(file)[0], directory])
    target = load(file, call.target, cwd=directory)
    if probes.modules:
        for item in inventory(imports_of(source), hook.name_of(file), hook, refused):
            name, reason = shortened(item.name), encodable(item.reason[:MAX_REASON])
            reports.note_module(Imported(name, item.instrumented, reason, item.probes))
    for sentence in (*_problems(hook, refused), *(hook.cache.problems if hook.cache is not None else ())):
        print(f"fuzztui: {sentence}", file=sys.stderr)
    dictionary = Dictionary()
    for token in call.dictionary:
        dictionary.add(token)
    seeds = [encode(seed) for seed in target.seeds]
    max_len = max([call.max_len, *map(len, seeds)])
    options = MutationOptions(
        mutator=Mutator(target.parameters, random.Random(call.seed), dictionary, max_len),
        dictionary=dictionary,
        max_len=max_len,
        says_mutating=call.profile,
        weighs_probes=call.weigh_probes,
    )
    if target.harness is not None:
        target.harness.running = True
    executor = PythonExecutor(target, seeds, probes, options, executions, reports)
    if call.memory_limit is not None:
        limits.limit_memory(call.memory_limit)
    return executor


def _problems(hook: InstrumentingFinder, refused: dict[str, str]) -> list[str]:
    """A sentence for each module that the user asked for by a pattern and that has no probes, and for each that could
    not be instrumented.
    """
    asked = [name for name in refused if hook.wanted.includes(name)]
    tops = {name.partition(".")[0]: name for name in reversed(asked)}  # one sentence for a package, not for each part
    return [
        *[f"{name} cannot be instrumented: {refused[name]}" for name in tops.values()],
        *[f"{name} runs without coverage: {reason}" for name, reason in hook.failures.items()],
        *[f"{name}: {reason}" for name, reason in hook.bare.items()],
    ]


def _read_source(file: str) -> bytes:
    try:
        with open(file, "rb") as stream:  # noqa: PTH123 - pathlib takes long to load
            return stream.read()
    except OSError as error:
        raise HarnessError(f"{file}: {error.strerror}") from None
