"""The limits of a run as they are typed, so that an input fails again that fails by these only."""

from fuzztui.engine.request.options import DEFAULT_MEMORY_LIMIT, DEFAULT_TIMEOUT, RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.show import text


def limit_words(options: RunOptions) -> list[text.Visible]:
    """The limits of a run that are not the usual ones, as typed: an input may fail by these only. Beside a program for
    another fuzzer there may be others than the usual ones, so there all that were chosen are typed again.
    """
    words: list[text.Visible] = []
    is_program = isinstance(options.target, PythonTarget) and options.target.form.is_program
    chosen = options.chosen if is_program else frozenset()
    if options.timeout != DEFAULT_TIMEOUT or "timeout" in chosen:
        words += [text.label("--timeout"), text.say("{:g}s", options.timeout)]
    if options.memory_limit != DEFAULT_MEMORY_LIMIT or "memory_limit" in chosen:
        words += [text.label("--memory-limit"), _size_word(options.memory_limit)]
    if options.address_space is not None:
        words += [text.label("--address-space"), _size_word(options.address_space)]
    return words


def _size_word(size: int | None) -> text.Visible:
    if size is None:
        return text.label("none")
    return text.say("{}", size) if size % (1 << 20) else text.say("{}M", size >> 20)
