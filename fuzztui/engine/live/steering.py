"""Changes a run while it goes on, as a person wishes: its limits, its workers, what counts as a failure.

A limit that the engine watches holds at once. What a worker is told when it loads its target (the longest input, the
dictionary, the contract) holds for a worker when it has been replaced: one after the other, so that the search goes on.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, assert_never

from fuzztui.engine.crew.crew import Crew
from fuzztui.engine.crew.launch import Launcher
from fuzztui.engine.keep.contract import contract_line, raises_words
from fuzztui.engine.keep.corpus import Entry
from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.live.wishes import (
    AddWorker,
    DropWorker,
    Expect,
    FocusOn,
    SetDictionary,
    SetMaxLen,
    SetMemoryLimit,
    SetTimeout,
    Setting,
)
from fuzztui.engine.request.dictionary import BadDictionary, read_dictionary
from fuzztui.engine.request.options import MOST_WORKERS, RunOptions
from fuzztui.engine.request.target import NamedTarget, PythonTarget
from fuzztui.engine.show.failure import CrasherKind
from fuzztui.engine.show.settings import Settings
from fuzztui.engine.show.text import NOTHING, Visible, command, duration, joined, label, one_line, os_error, say, size
from fuzztui.engine.work.coverage_log import CoverageLog
from fuzztui.engine.work.focus import Focus, find, read_source
from fuzztui.engine.work.search import Search

LEAST_TIMEOUT: Final = 0.001
"""Seconds."""


class Steering:
    """Does what a person wishes of a run's settings."""

    def __init__(
        self,
        options: RunOptions,
        crew: Crew,
        launcher: Launcher,
        search: Search,
        told: Callable[[Visible, bool], None],
    ) -> None:
        """`told` is called with what has come of a wish, and whether it was refused."""
        self._options = options
        self._crew = crew
        self._launcher = launcher
        self._search = search
        self._told = told
        self._dictionary = NOTHING
        self._contract = NOTHING
        self._focus = NOTHING
        self._found: Focus | None = None
        """What the focus names in the code that is executed now."""
        self._looked_at: tuple[CoverageLog, int] | None = None

    @property
    def settings(self) -> Settings:
        """As they are now."""
        options = self._options
        return Settings(
            timeout=options.timeout,
            memory_limit=options.memory_limit,
            max_len=self._launcher.max_len,
            tokens=len(options.dictionary),
            dictionary=self._dictionary,
            expected=tuple(one_line(name) for name in options.expected),
            contract=self._contract,
            focus=self._focus,
            renewing=self._crew.replacing.renewing,
        )

    def grant(self, wish: Setting) -> None:
        """Do it, or say why not."""
        match wish:
            case AddWorker():
                self._add_worker()
            case DropWorker():
                self._drop_worker()
            case SetTimeout(seconds):
                self._set_timeout(seconds)
            case SetMemoryLimit(limit):
                self._adopt(replace(self._options, memory_limit=limit))
                self._done(say("the memory limit is {} now", size(limit) if limit is not None else label("none")))
            case SetMaxLen(length):
                self._set_max_len(length)
            case SetDictionary(path):
                self._search.disk.do(lambda: _tokens_of(path), lambda tokens: self._set_dictionary(path, tokens))
            case Expect(bucket):
                self._expect(bucket)
            case FocusOn(name):
                self._focus_on(name)
            case _:
                assert_never(wish)

    def _adopt(self, options: RunOptions) -> None:
        self._options = options
        self._crew.adopt(options)
        self._launcher.adopt(options)
        self._search.adopt(options)

    def _done(self, message: Visible) -> None:
        self._told(message, False)

    def _refuse(self, message: Visible) -> None:
        self._told(message, True)

    def _renewed(self, message: Visible) -> None:
        """What has been said holds for each worker when it has been replaced."""
        self._crew.replacing.renew()
        self._done(say("{}; workers are replaced one after the other", message))

    # Workers ---------------------------------------------------------------------------------------------------------

    def _add_worker(self) -> None:
        live = self._crew.live
        if len(live) >= MOST_WORKERS:
            self._refuse(say("there are {} workers, more than that no run has", len(live)))
            return
        worker = self._crew.add_worker()
        self._adopt(replace(self._options, workers=len(self._crew.live)))
        self._done(say("worker {} is started: {} in all", worker, len(self._crew.live)))

    def _drop_worker(self) -> None:
        live = self._crew.live
        if len(live) < 2:
            self._refuse(label("it is the last worker: stopping it ends the run, which `s` does"))
            return
        self._crew.stop_worker(live[-1])
        self._adopt(replace(self._options, workers=len(live) - 1))
        self._done(say("worker {} is stopped: {} left", live[-1], len(live) - 1))

    # Limits ----------------------------------------------------------------------------------------------------------

    def _set_timeout(self, seconds: float) -> None:
        if not LEAST_TIMEOUT <= seconds < float("inf"):
            self._refuse(say("a time-out of {:g} s cannot be: want at least {:g} s", seconds, LEAST_TIMEOUT))
            return
        self._adopt(replace(self._options, timeout=seconds))
        words = duration(seconds) if seconds >= 10 and seconds == int(seconds) else say("{:g} s", seconds)
        self._done(say("the time-out is {} now", words))

    def _set_max_len(self, length: int) -> None:
        if not 1 <= length <= self._launcher.longest_max_len:
            most = self._launcher.longest_max_len
            self._refuse(say("at most {:,} bytes fit while a run goes on: --max-len at its start has no bound", most))
            return
        self._adopt(replace(self._options, max_len=length, chosen=self._options.chosen | {"max_len"}))
        self._renewed(say("generated inputs have at most {:,} bytes now", length))

    def _set_dictionary(self, path: Path | None, tokens: tuple[bytes, ...] | Visible) -> None:
        if isinstance(tokens, Visible):
            self._refuse(tokens)
            return
        self._adopt(replace(self._options, dictionary=tokens))
        self._dictionary = one_line(shown_path(path)) if path is not None else NOTHING
        what = say("the dictionary is {} now: {:,} tokens", self._dictionary, len(tokens))
        self._renewed(what if path is not None else label("there is no dictionary now"))

    # What counts -----------------------------------------------------------------------------------------------------

    def _expect(self, bucket: str) -> None:
        crasher = next((one for one in self._search.crashers.crashers if one.id == bucket), None)
        if crasher is None:
            self._refuse(label("there is no such crasher"))
            return
        failure = crasher.failure
        if failure.kind is not CrasherKind.EXCEPTION:
            self._refuse(say("only exceptions can be part of a contract, not {}", failure.type))
            return
        if failure.type in self._options.expected:
            self._refuse(say("{} is part of the contract already", failure.type))
            return
        self._adopt(replace(self._options, expected=(*self._options.expected, str(failure.type))))
        self._contract = self._contract_words()
        self._renewed(say("{} is part of the contract of this run now. Write {}", failure.type, self._contract))

    def _contract_words(self) -> Visible:
        types, target = self._options.expected, self._options.target
        if isinstance(target, NamedTarget):
            return command(*(word for each in types for word in ("--raises", each)))
        can_be_decorated = isinstance(target, PythonTarget) and not (target.form.is_program or target.form.is_property)
        if (
            isinstance(target, PythonTarget)
            and can_be_decorated
            and (source := read_source(str(target.file))) is not None
        ):
            found = contract_line(source, target.name.rpartition(".")[2], types)
            if found is not None:
                return say("{} ({}:{})", one_line(found[1], 1000), target.file.name, found[0])
        return say("{}", raises_words(types))

    def _focus_on(self, name: str) -> None:
        if not name:
            self._focus = NOTHING
            self._search.schedule.focus_on(None)
            self._done(label("no module or function is favoured any more"))
            return
        # Sources are read here, on the engine's loop: those of the code under test, which has just loaded them.
        found = find(name, self._search.coverage, read_source)
        if found is None:
            modules = sorted({each.partition("#")[0] for each in self._search.coverage.instrumented})[:5]
            have = joined(", ", map(one_line, modules)) if modules else label("none")
            self._refuse(say("no instrumented module or function is named {}; modules: {}", one_line(name, 80), have))
            return
        self._focus, self._found, self._looked_at = one_line(name, 80), found, self._code
        self._search.schedule.focus_on(self._is_in_focus)
        reached = found.reached
        entries = sum(map(found.reaches, self._search.corpus.entries))
        none_yet = label(", so nothing is favoured before some input gets there" if not entries else "")
        self._done(say("{} is favoured: {:,} inputs reach {:,} edges of it{}", self._focus, entries, reached, none_yet))

    @property
    def _code(self) -> tuple[CoverageLog, int]:
        """What is instrumented by now: another log when the code has been loaded anew."""
        return self._search.coverage, len(self._search.coverage.instrumented)

    def _is_in_focus(self, entry: Entry) -> bool:
        if self._looked_at != self._code:
            self._looked_at = self._code
            self._found = find(self._focus, self._search.coverage, read_source)
        return self._found is not None and self._found.reaches(entry)


def _tokens_of(path: Path | None) -> tuple[bytes, ...] | Visible:
    """The tokens of a dictionary, or a sentence on why there are none."""
    if path is None:
        return ()
    try:
        return read_dictionary(path)
    except BadDictionary as error:
        return say("the dictionary stays as it is: {}", error)
    except OSError as error:
        return say("the dictionary stays as it is, want a file of tokens: {}", os_error(error, path))
