"""A worker's life: bind itself to its coordinator, load the target, answer the ping, serve calls, exit with 0 or 70."""

import os
import random
import sys
from typing import NoReturn

from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.memory import FAULT, STATE, Fault, SharedMemory, State
from fuzztui.protocol.messages import Execute, Failed, Fuzz, Load, Module, Ping, Pong, Result, Seed, Stop
from fuzztui.protocol.own import OWN_BUILTINS
from fuzztui.protocol.process import EXIT_FAILED
from fuzztui.target.errors import HarnessError, UserCodeFailed
from fuzztui.target.load import LoadedTarget, load
from fuzztui.target.values import encode
from fuzztui.worker import limits
from fuzztui.worker.channel import Channel, ChannelClosed
from fuzztui.worker.importer import install, selection
from fuzztui.worker.loop import Executor
from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.probes import ProbedModule, ProbeMap

__builtins__ = OWN_BUILTINS

_end_process = os._exit  # the target may have put something else in its place by then


class Worker:
    """One worker process, from the first call to the last."""

    def __init__(self, channel: Channel, memory: SharedMemory) -> None:
        """The descriptors are in place; nothing of the user's has been loaded."""
        self._channel = channel
        self._memory = memory
        self._probes = ProbeMap()
        self._dictionary = Dictionary()
        self._modules: list[Module] = []
        """Instrumented and not yet reported. Modules may be imported by any thread of the target's, so they are only
        noted then and sent by this thread, before the next result."""
        self._target: LoadedTarget | None = None

    def run(self) -> None:
        """Serve calls until `Stop`."""
        executor = self._load(self._expect_load())
        while True:
            match self._channel.receive():
                case Ping():
                    self._send(Pong(parameters=list(executor.parameters)))
                case Execute() as call:
                    executor.execute(call)
                case Fuzz() as call:
                    executor.fuzz(call)
                case Stop():
                    break
                case Load():
                    raise ProtocolError("a second target to load")
        if self._target is not None:
            self._target.close()

    def _expect_load(self) -> Load:
        call = self._channel.receive()
        if not isinstance(call, Load):
            raise ProtocolError("calls before a target is loaded")
        return call

    def _load(self, call: Load) -> Executor:
        """Import the target under the instrumenting hook and run its set-up. HarnessError if that cannot be."""
        wanted = selection(_read_source(call.file), call.include, call.exclude)
        hook = install(self._probes, wanted, cache_dir=call.code_cache, on_module=self._note_module)
        refused = hook.reload_included()
        target = self._target = load(call.file, call.target, cwd=call.directory)
        for sentence in (*refused, *hook.failures):
            print(f"fuzztui: {sentence}", file=sys.stderr)
        for token in call.dictionary:
            self._dictionary.add(token)
        max_len = call.max_len
        for number, seed in enumerate(target.seeds, 1):
            data = encode(seed)
            if len(data) > self._memory.capacity:
                raise HarnessError(
                    f"seed {number} has {len(data)} bytes, at most {self._memory.capacity} fit: raise --max-len"
                )
            max_len = max(max_len, len(data))
            self._send(Seed(data=data))
        generator = random.Random(call.seed)
        mutator = Mutator(target.parameters, generator, self._dictionary, max_len)
        if target.harness is not None:
            target.harness.running = True
        executor = Executor(
            target,
            self._memory,
            self._probes,
            mutator,
            self._dictionary,
            max_len,
            self._send,
            tells_mutation=call.profile,
            weighs_probes=call.weigh_probes,
        )
        if call.memory_limit is not None:
            limits.limit_memory(call.memory_limit)
        self._memory.words[STATE] = State.IDLE
        return executor

    def _note_module(self, module: ProbedModule) -> None:
        self._modules.append(Module(name=module.name, file=module.file, lines=module.lines))

    def _send(self, result: Result) -> None:
        modules, self._modules = self._modules, []
        for module in modules:
            self._channel.send(module)
        self._channel.send(result)


def _read_source(file: str) -> bytes:
    try:
        with open(file, "rb") as stream:  # noqa: PTH123 - pathlib would be loaded before the hook
            return stream.read()
    except OSError as error:
        raise HarnessError(f"{file}: {error.strerror}") from None


def main() -> NoReturn:
    """Run the process that `sys.argv` describes: socket, memory, stack descriptor, capacity, the coordinator's pid."""
    socket_fd, memory_fd, stack_fd, capacity, parent = map(int, sys.argv[1:])
    limits.die_with(parent)
    limits.no_core_files()
    limits.take_signals_by_default()
    limits.dump_stacks_to(limits.move_up(stack_fd))
    channel = Channel(limits.move_up(socket_fd))
    memory = SharedMemory(memory_fd, capacity)
    memory.keep_from_children()
    os.close(memory_fd)
    memory.words[STATE] = State.LOADING
    sys.argv[1:] = []
    _exit(_run(Worker(channel, memory), channel, memory))


def _run(worker: Worker, channel: Channel, memory: SharedMemory) -> int:
    """Serve until the end; returns the exit status. Whatever is raised here is not an input's doing."""
    try:
        worker.run()
    except HarnessError as error:
        text = str(error)
        if isinstance(error, UserCodeFailed):
            print(error.traceback, file=sys.stderr)
        return _failed(channel, memory, Fault.HARNESS, text)
    except ChannelClosed as error:
        return _failed(channel, memory, Fault.DESCRIPTORS, f"the connection to the coordinator is lost: {error}")
    except ProtocolError as error:
        return _failed(channel, memory, Fault.PROTOCOL, str(error))
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        return _failed(channel, memory, Fault.BUG, f"{type(error).__name__} in the worker's own machinery: {error}")
    return 0


def _failed(channel: Channel, memory: SharedMemory, fault: Fault, reason: str) -> int:
    """Leave word of the failure where it survives, and say it if that is still possible."""
    memory.words[FAULT] = fault
    memory.words[STATE] = State.INTERNAL
    try:
        channel.send(Failed(reason=reason, harness=fault is Fault.HARNESS))
    except ChannelClosed:
        print(f"fuzztui: {reason}", file=sys.stderr)
    return EXIT_FAILED


def _exit(status: int) -> NoReturn:
    """End the process now: threads, exit handlers and finalizers of the target could keep it from ending."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            continue  # the target has closed or replaced it: there is nobody to tell
    _end_process(status)
