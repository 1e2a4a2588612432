"""Says where nothing of what a run executes is instrumented, though people may expect it to be."""

from collections.abc import Iterator

from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.show.text import NOTHING, Visible, label, say, shell_word
from fuzztui.engine.work.search import Search
from fuzztui.protocol.patterns import compiled


def vain_patterns(options: RunOptions, search: Search) -> Iterator[tuple[str, Visible]]:
    """Of what the user wants to be instrumented and nothing is: the pattern, and a sentence. Excluded modules are the
    worker's to tell of.
    """
    for pattern in options.include:
        if not search.coverage.has_module(compiled(pattern)):
            yield (
                pattern,
                say(
                    "--include {} has no effect: the target has imported no module of that name so far, or none "
                    "that can be instrumented, which compiled ones and the interpreter's own cannot.",
                    shell_word(pattern),
                ),
            )


def lacking_coverage(search: Search) -> Visible:
    """What to do where inputs have run and nothing is covered; empty where something is."""
    if len(search.coverage) or not search.ran_clean:
        return NOTHING
    return label(
        "No coverage: nothing that the target calls is instrumented, so inputs are tried blindly. "
        "Import the code under test in the target's file, or name its modules with --include."
    )


def next_to_nothing(missed: Visible) -> Visible:
    """What to do about modules of which hardly anything was reached; `missed`: which these are, with figures."""
    return say(
        "Of what the target imports, nothing or next to nothing was reached: {}. Have the target call it with what it "
        "is given; where it does, another module or compiled code does the work: --include instruments more.",
        missed,
    )
