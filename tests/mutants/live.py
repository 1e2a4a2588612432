"""Faults in how changed code is loaded during a run, and in how runs are shown elsewhere and again."""

from typing import Final

from tests.mutants.breaks import Break

_RELOADER = "fuzztui/engine/live/reloader.py"
_REPLACING = "fuzztui/engine/crew/replacing.py"
_SCOUT = "fuzztui/engine/crew/scout.py"
_BASELINE = "fuzztui/engine/work/baseline.py"
_RELOADS = ("tests/engine/test_reloader.py",)
_REPLACED = ("tests/engine/test_replacing.py",)
_ATTACHED = ("tests/sessions/test_attached.py",)

BREAKS: Final = (
    Break(
        "new processes start before the old have ended",
        _REPLACING,
        "while any(member.stint is not None for member in self._place.everybody):",
        "while False:",
        _REPLACED,
    ),
    Break(
        "the version before stays the one that is wanted",
        _REPLACING,
        "        self._code.switch(scouted.loaded)\n",
        "",
        _REPLACED,
    ),
    Break("the crashers are not run again", _RELOADER, "        self._board.reload()\n", "", _RELOADS),
    Break(
        "coverage of the version before counts on",
        _RELOADER,
        "        self._search.reload(list(scouted.seeds))\n",
        "",
        _RELOADS,
    ),
    Break(
        "what could not be loaded replaces the workers all the same",
        _RELOADER,
        "            self._refuse(problem, before, scouted)\n            return\n",
        "            self._refuse(problem, before, scouted)\n",
        _RELOADS,
    ),
    Break(
        "a scout that fails has nothing to say",
        _SCOUT,
        "            problem = self._why(stint)\n",
        "            problem = text.NOTHING\n",
        _RELOADS,
    ),
    Break(
        "what a scout has loaded is not noted",
        _SCOUT,
        "                stint.loaded.add(result, _path_of(result))\n",
        "                pass\n",
        _RELOADS,
    ),
    Break(
        "what is only touched has changed",
        _RELOADER,
        "self._reader.do(lambda: changed_digests(wanted), take)\n\n    async",
        "self._reader.do(lambda: dict(list(wanted.items())[:1]), take)\n\n    async",
        _RELOADS,
    ),
    Break(
        "what has changed is loaded without anybody asking",
        _RELOADER,
        "if self._task is None and self.shown.by_itself and differing",
        "if self._task is None and differing",
        _RELOADS,
    ),
    Break(
        "nobody is told what came of a reload",
        _RELOADER,
        "        self._is_told = False\n",
        "",
        _RELOADS,
    ),
    Break(
        "the end of a run waits for a scout",
        _REPLACING,
        "        if self.scout is not None:\n            self.scout.stop()\n",
        "        pass\n",
        _RELOADS,
    ),
    Break(
        "data beside the code that changes is not told of",
        _RELOADER,
        "        if before and not self._state.is_stopping:\n",
        "        if False:\n",
        _RELOADS,
    ),
    Break(
        "an input of the baseline counts as often as it is told of",
        _BASELINE,
        "return self.total - len(self._open)",
        "return self.total - len(self._items)",
        ("tests/engine/work/test_baseline.py",),
    ),
    Break(
        "an input of the baseline is given back though it was judged",
        _BASELINE,
        "item for item in reversed(items) if id(item) in self._open",
        "item for item in reversed(items)",
        ("tests/engine/work/test_baseline.py",),
    ),
    Break(
        "a line is followed by its text alone",
        "fuzztui/engine/work/moved.py",
        "key=lambda number: (alike(number), -abs(number - at))",
        "key=lambda number: -abs(number - at)",
        ("tests/engine/work/test_moved.py",),
    ),
    Break(
        "a favoured line stays where it was",
        "fuzztui/engine/work/favouring.py",
        "search.lines.favoured, search.lines.favoured_source = (file, now), source",
        "search.lines.favoured, search.lines.favoured_source = (file, line), source",
        ("tests/engine/work/test_search.py",),
    ),
    Break(
        "a dashboard that was let go does not come back",
        "fuzztui/sessions/attached.py",
        "while not self._receive(on_event) and self._is_let_in_again():",
        "while not self._receive(on_event) and False:",
        _ATTACHED,
    ),
    Break(
        "a run that has ended unseen is taken for killed",
        "fuzztui/sessions/attached.py",
        "(final := lost.end_of(folder, name)) is not None",
        "(final := lost.end_of(folder, name)) is None",
        _ATTACHED,
    ),
    Break(
        "a killed run with crashers ends as one without",
        "fuzztui/sessions/lost.py",
        "UNSAVED if unsaved else FAILING if failing else FAILED",
        "UNSAVED if unsaved else FAILED",
        _ATTACHED,
    ),
)
