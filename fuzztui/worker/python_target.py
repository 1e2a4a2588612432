"""Loads Python targets: instruments what is imported, runs the set-up, and puts the executor together."""

import os
import random
import sys

from fuzztui.protocol.messages import Load, Module
from fuzztui.protocol.own import OWN_BUILTINS
from fuzztui.target.errors import HarnessError
from fuzztui.target.load import load
from fuzztui.target.values import encode
from fuzztui.worker import limits
from fuzztui.worker.executions import Executions
from fuzztui.worker.importer import install, selection
from fuzztui.worker.loop import PythonExecutor, Search
from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.probes import ProbedModule, ProbeMap
from fuzztui.worker.reports import Reports
from fuzztui.worker.texts import encodable

__builtins__ = OWN_BUILTINS


def load_python(call: Load, executions: Executions, reports: Reports) -> PythonExecutor:
    """Import the target under the instrumenting hook and run its set-up. HarnessError if that cannot be."""
    file, cache_dir = os.fsdecode(call.file), os.fsdecode(call.code_cache)
    probes = ProbeMap()
    wanted = selection(_read_source(file), call.include, call.exclude)

    def announce(module: ProbedModule) -> None:
        reports.note_module(Module(name=module.name, file=encodable(module.file), lines=module.lines))

    hook = install(probes, wanted, cache_dir=cache_dir, on_module=announce)
    refused = hook.reload_included()
    target = load(file, call.target, cwd=os.fsdecode(call.directory))
    for sentence in (*refused, *hook.failures, *(hook.cache.problems if hook.cache is not None else ())):
        print(f"fuzztui: {sentence}", file=sys.stderr)
    dictionary = Dictionary()
    for token in call.dictionary:
        dictionary.add(token)
    seeds = [encode(seed) for seed in target.seeds]
    max_len = max([call.max_len, *map(len, seeds)])
    search = Search(
        mutator=Mutator(target.parameters, random.Random(call.seed), dictionary, max_len),
        dictionary=dictionary,
        max_len=max_len,
        says_mutating=call.profile,
        weighs_probes=call.weigh_probes,
    )
    if target.harness is not None:
        target.harness.running = True
    executor = PythonExecutor(target, seeds, probes, search, executions, reports)
    if call.memory_limit is not None:
        limits.limit_memory(call.memory_limit)
    return executor


def _read_source(file: str) -> bytes:
    try:
        with open(file, "rb") as stream:  # noqa: PTH123 - pathlib would be loaded before the hook
            return stream.read()
    except OSError as error:
        raise HarnessError(f"{file}: {error.strerror}") from None
