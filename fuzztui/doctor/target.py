"""Whether a target can be loaded, what of it is instrumented, and what it starts from."""

import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from fuzztui.doctor import inputs
from fuzztui.doctor.check import Examination, Finding, NotExamined, Status, note, ok, problem
from fuzztui.doctor.loading import Loaded, load
from fuzztui.engine.keep.corpus import LONGEST, passed_by
from fuzztui.engine.keep.storage import NotRegularError, contents
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import ImportedModule
from fuzztui.engine.show.text import Visible, joined, label, lines_of, say, size
from fuzztui.words.sentences import module_sentences, plural

AREA: Final = "target"

WORKER: Final = "worker"
"""Name of the check that has a worker load something."""

SLOW: Final = 5.0
"""Seconds of loading that are felt: each worker takes them, and each that follows one that died."""

HEAD_LINES: Final = 6
"""Lines kept of a longer report's beginning, where a stack names the innermost place, and of its end, where a traceback
does.
"""

BY_SIGNAL: Final = frozenset({StopReason.INTERRUPTED, StopReason.TERMINATED, StopReason.HANGUP})
"""Ends of a loading that say nothing of its target."""

NOT_LOADED: Final = "the target was not loaded"

NOTHING_TO_DO: Final = "def fuzz_nothing(data: bytes) -> None:\n    pass\n"


class Loading:
    """Loads a target once, when the first check asks for it."""

    def __init__(self, options: RunOptions) -> None:
        self.options = options
        self.is_begun = False
        self.attempt: Loaded | None = None
        """What came of it; None before it was tried, and where the engine itself failed."""

    def try_once(self) -> Loaded:
        """Load the target. OSError where there is no place for temporary files; NotExamined after a failure."""
        if not self.is_begun:
            self.is_begun = True
            with tempfile.TemporaryDirectory(prefix="fuzztui-doctor-") as folder:  # the project's cache stays as it is
                self.attempt = load(replace(self.options, cache_dir=Path(folder)))
        if self.attempt is None:
            raise NotExamined(NOT_LOADED)
        return self.attempt

    @property
    def loaded(self) -> Loaded:
        """The target as it was loaded. NotExamined if it could not be."""
        attempt = self.try_once()
        if attempt.seconds is None:
            raise NotExamined(NOT_LOADED)
        return attempt


def loads(one: Loaded) -> Finding:
    """Whether a worker can load the target. NotExamined if a signal came first."""
    if one.outcome.reason in BY_SIGNAL:
        raise NotExamined(one.outcome.reason.value)
    if one.seconds is None:
        lines = lines_of(one.outcome.detail) or [label(one.outcome.reason.value)]
        if len(lines) > 2 * HEAD_LINES:
            left_out = say("… {} left out", plural(len(lines) - 2 * HEAD_LINES, "line"))
            lines = [*lines[:HEAD_LINES], left_out, *lines[-HEAD_LINES:]]
        shown = joined("\n", lines)
        return problem(shown, label("No run begins before a worker loads this."))
    memory = size(one.rss) if one.rss is not None else label("unknown memory")
    value = say("loaded in {:.2f} s, takes {}", one.seconds, memory)
    if one.outcome.exit_code:
        return problem(value, say("Then it failed: {}", one.outcome.detail or label(one.outcome.reason.value)))
    if one.warnings:
        return note(value, joined("\n", one.warnings))
    if one.seconds > SLOW:
        return note(
            value, label("Each worker takes that, and each that follows one that died: load less in the target's file.")
        )
    return ok("{}", value)


def modules(imported: Sequence[ImportedModule]) -> Finding:
    """Which of the modules that the target's file imports are instrumented."""
    instrumented = [module for module in imported if module.instrumented]
    names = joined(", ", (say("{} ({} probes)", module.name, module.probes) for module in instrumented))
    if not imported:
        return note(
            label("it imports none"),
            label(
                "Only the target's own file is instrumented: import what is to be fuzzed, or name it with --include."
            ),
        )
    value = say("{} of {} instrumented", len(instrumented), len(imported))
    value = joined("\n", [say("{}: {}", value, names) if instrumented else value, *module_sentences(imported)])
    foreign = [
        module for module in imported if not module.instrumented and _top(module.name) not in sys.stdlib_module_names
    ]
    if foreign or not instrumented:
        return note(
            value,
            label("What happens in modules without probes guides no mutation: fuzz through what is written in Python."),
        )
    return Finding(Status.OK, value)


def _top(module: str) -> str:
    return module.partition(".")[0]


def parameters(names: Sequence[Visible]) -> Finding:
    """What the target takes."""
    return ok("{}", joined(", ", names))


def found(target: PythonTarget) -> Finding:
    """The target that the command line means."""
    return ok("{}", target.command_words[0])


def not_found(reason: Visible) -> Examination:
    """The command line means no target; the reason says what to type instead."""
    return Examination(AREA, "target", lambda: problem(reason, label("Type it as `fuzztui list` shows it.")))


def examinations(loading: Loading, target: PythonTarget) -> list[Examination]:
    """Of a target that was found."""
    options = loading.options

    def types() -> tuple[str, ...]:
        return loading.loaded.declaration.kinds

    looks: dict[str, Callable[[], Finding]] = {
        "target": lambda: found(target),
        WORKER: lambda: loads(loading.try_once()),
        "modules": lambda: modules(loading.loaded.modules),
        "parameters": lambda: parameters(loading.loaded.declaration.parameters),
        "seeds": lambda: inputs.seeds(loading.loaded.declaration.seeds, options.max_len),
        "stored inputs": lambda: inputs.stored(
            [
                (path, content)
                for folder in target.stored_dirs
                for path, content in contents(folder, LONGEST, follow=True)
                if not isinstance(content, NotRegularError) or passed_by(path, content)
            ],
            types(),
            options.max_len,
        ),
        "generated corpus": lambda: inputs.generated(
            contents(target.generated_dir(options.cache_dir), LONGEST), types(), options.max_len
        ),
    }
    return [Examination(AREA, name, look) for name, look in looks.items()]


def of_no_target(options: Callable[[PythonTarget], RunOptions], python: str) -> list[Examination]:
    """Has a worker load a target that does nothing: whatever fails then is not a target's doing."""

    def look() -> Finding:
        with tempfile.TemporaryDirectory(prefix="fuzztui-doctor-") as folder:
            file = Path(folder, "fuzz_nothing.py")
            file.write_text(NOTHING_TO_DO, encoding="ascii")
            return loads(Loading(options(PythonTarget(file, "fuzz_nothing", Path(folder), python=python))).try_once())

    return [Examination(AREA, WORKER, look)]


def interrupted(loading: Loading | None) -> int:
    """The exit status if a signal ended the loading; 0 if none did."""
    attempt = loading.attempt if loading is not None else None
    return attempt.outcome.exit_code if attempt is not None and attempt.outcome.reason in BY_SIGNAL else 0
