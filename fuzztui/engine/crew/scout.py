"""A process that loads the target as it is now, beside the workers, to learn whether it can be loaded."""

import asyncio
import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fuzztui.engine.crew import findings
from fuzztui.engine.crew.launch import Launcher
from fuzztui.engine.crew.member import Member
from fuzztui.engine.crew.stint import Stint
from fuzztui.engine.crew.verdict import Killed
from fuzztui.engine.crew.versions import Loaded
from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.show import text
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.messages import Failed, Imported, Module, Pong, Remark, Result, Seed, Source

SCOUT: Final = -1
"""Its number, which no worker has."""

STACK_TIME: Final = 0.1
"""Seconds that a process is given to write the stack that it was asked for."""


@dataclass(frozen=True, slots=True)
class Scouted:
    """What a scout has learned."""

    loaded: Loaded
    """The version of each file that it has loaded, as far as it came."""
    parameters: tuple[str, ...] = ()
    """Names of the target's types."""
    seeds: tuple[bytes, ...] = ()
    problem: text.Visible = text.NOTHING
    """Why the target cannot be loaded, in a sentence that begins with the place if there is one; empty if it can."""


class Scout:
    """One such process. Constructed and used on the run's loop; `look` returns when the process has been reaped."""

    def __init__(self, options: RunOptions, launcher: Launcher) -> None:
        self._options = options
        self._launcher = launcher
        self._member = Member(SCOUT)
        self._stint: Stint | None = None
        self._parameters: tuple[str, ...] = ()
        self._news = asyncio.Event()
        """Set when the process has loaded the target, or has ended."""
        self._unwanted = asyncio.Event()

    async def look(self) -> Scouted | None:
        """Load the target, end the process and tell what came of that; None if the scout was told to stop."""
        if self._unwanted.is_set():
            return None
        try:
            stint = self._stint = self._launcher.start(
                self._member, instrumented=True, on_result=self._take, on_end=self._news.set
            )
        except OSError as error:
            return Scouted(Loaded(), problem=text.say("no process can be started: {}", text.os_error(error)))
        problem = text.NOTHING
        try:
            await asyncio.wait_for(self._news.wait(), self._options.startup_timeout)
        except TimeoutError:
            problem = await self._hung(stint)
        stint.process.stop()
        await stint.process.ended.wait()
        if not stint.is_ready and not problem:
            problem = self._why(stint)
        self._member.release()
        if self._unwanted.is_set():
            return None
        return Scouted(stint.loaded, self._parameters, tuple(stint.seeds), problem)

    def stop(self) -> None:
        """Nobody wants to know any more: ask the process to end."""
        self._unwanted.set()
        if self._stint is not None:
            self._stint.process.stop()

    def kill(self) -> None:
        """The same without patience."""
        self._unwanted.set()
        if self._stint is not None:
            self._stint.process.kill(Killed.STOP)

    async def abandon(self) -> None:
        """The machinery is broken: end the process by force; `look` may have been given up."""
        self.kill()
        if self._stint is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stint.process.ended.wait(), 2.0)
            self._member.release()

    def _take(self, stint: Stint, result: Result) -> None:
        """ProtocolError for what a process that only loads its target cannot have to say."""
        match result:
            case Source():
                stint.loaded.add(result, _path_of(result))
            case Seed():
                stint.take_seed(result.data)
            case Module() | Imported() | Remark():
                stint.take_announced(result)
            case Failed():
                stint.failed = result
            case Pong():
                self._parameters = tuple(result.parameters)
                stint.take_pong()
                self._news.set()
            case _:
                raise ProtocolError("a result of a process that was given nothing to do")

    async def _hung(self, stint: Stint) -> text.Visible:
        """Kill a process that does not come to an end, and say where it is."""
        stint.process.request_stack()
        until = time.monotonic() + STACK_TIME
        while not stint.process.stack() and time.monotonic() < until:
            await asyncio.sleep(STACK_TIME / 10)
        location, _ = findings.innermost_frame(findings.users_stack(stint.process.stack()))
        stint.process.kill(Killed.STARTUP_TIMEOUT)
        words = text.say("the target was not loaded within {:g} s", self._options.startup_timeout)
        return text.say("{}: {}", _shown_place(location), words) if location else words

    def _why(self, stint: Stint) -> text.Visible:
        failed, ending = stint.failed, stint.process.ending
        assert ending is not None
        if failed is not None and failed.place:
            return text.say("{}: {}", _shown_place(failed.place), text.one_line(failed.error, 300))
        if failed is not None:
            return text.one_line(failed.reason, 600)
        return findings.failure_sentence(ending, None, stint.process.complaint, self._options.startup_timeout)


def _path_of(source: Source) -> str:
    """A source's path, as Python has it."""
    return os.fsdecode(source.file)


def _shown_place(place: str) -> text.Visible:
    """`file:line` with the file as it is reached from here."""
    file, _, line = place.rpartition(":")
    return text.say("{}:{}", text.one_line(shown_path(Path(file)), 300), text.one_line(line, 20))
