"""The command line: reads what was asked, picks a front end, returns the exit status."""

import contextlib
import io
import os
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer

from fuzztui import __version__
from fuzztui.console import (
    Formatter,
    PlainLines,
    change_lines,
    crasher_lines,
    input_lines,
    json_lines,
    problem_lines,
    run_headless,
)
from fuzztui.engine.dictionary import BadDictionary, read_dictionary
from fuzztui.engine.keep import places
from fuzztui.engine.keep.corpus import LONGEST
from fuzztui.engine.keep.storage import read_file
from fuzztui.engine.options import DEFAULT_MAX_LEN, Limit, RunOptions, usable_cores
from fuzztui.engine.session import Session
from fuzztui.engine.show.events import CorpusChanged, Event, InputRan
from fuzztui.engine.show.exit_status import FAILED, FAILING, USAGE
from fuzztui.engine.show.snapshot import InputVerdict, Outcome, StopReason
from fuzztui.engine.show.text import NOTHING, Visible, joined, label, os_error, say, visible
from fuzztui.engine.target import PythonTarget
from fuzztui.engine.task import ImportCorpus, MinimizeCorpus, RegressionTest, Replay
from fuzztui.output import encoding_of, fill_standard_descriptors, put, silence
from fuzztui.target.discover import Discovery, Problem, TargetInfo, discover, find
from fuzztui.target.errors import TargetNotFound
from fuzztui.units import parse_limit, parse_memory, parse_seconds
from fuzztui.words import plural

cli = typer.Typer(
    name="fuzztui",
    help="Fuzz Python functions with several coverage-guided workers, and watch them find your bugs.",
    no_args_is_help=True,
    rich_markup_mode=None,  # it would read the brackets of a default as markup
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

corpus = typer.Typer(help="Keep the generated corpus small; take in what other fuzzers have found.")
cli.add_typer(corpus, name="corpus")

T = TypeVar("T")

_UsageError: Any = typer.BadParameter.__base__
"""What the parser of arguments raises: the class of a library that typer brings along."""

TargetArgument = Annotated[str, typer.Argument(metavar="TARGET", help="`path/to/file.py::name`, or the file alone.")]
TimeoutOption = Annotated[
    str, typer.Option("--timeout", metavar="TIME", help="The longest that one execution may take.")
]
MemoryOption = Annotated[
    str, typer.Option("--memory-limit", metavar="SIZE", help="What one worker may use, or `none`.")
]
WorkersOption = Annotated[int, typer.Option("-j", "--workers", min=1, max=256, help="Worker processes.")]
IncludeOption = Annotated[
    list[str] | None, typer.Option("--include", metavar="MODULE", help="Instrument this module too; repeatable.")
]
ExcludeOption = Annotated[
    list[str] | None, typer.Option("--exclude", metavar="MODULE", help="Do not instrument it; repeatable.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON Lines on stdout.")]
CacheOption = Annotated[
    Path | None,
    typer.Option("--cache-dir", metavar="DIR", help="Generated corpus, crash records.  [default: PROJECT/.fuzztui]"),
]


def main() -> NoReturn:
    """Entry point of the `fuzztui` command."""
    fill_standard_descriptors()
    try:
        sys.exit(cli(standalone_mode=False))
    except _UsageError as error:  # of the arguments as such, which are names of files, too
        shown = io.StringIO()
        error.show(shown)
        put(sys.stderr, visible(shown.getvalue().rstrip("\n"), multiline=True))
        sys.exit(error.exit_code)
    except OSError as error:  # what was to be printed could not be: a full disk behind it, a reader that has gone
        with contextlib.suppress(OSError):
            put(sys.stderr, say("fuzztui: {}", os_error(error, "standard output")))
        silence(sys.stdout)
        sys.exit(FAILED)


def _version(wanted: bool) -> None:
    if wanted:
        put(sys.stdout, say("fuzztui {}", __version__))
        raise typer.Exit


@cli.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None: ...


@cli.command()
def run(
    target: TargetArgument,
    workers: Annotated[
        int | None, typer.Option("-j", "--workers", min=1, max=256, help="Worker processes.  [default: one a core]")
    ] = None,
    fuzz_time: Annotated[
        str | None, typer.Option("-t", "--fuzz-time", metavar="LIMIT", help="When to end: 30s, 1h30m, or 10000x.")
    ] = None,
    headless: Annotated[bool, typer.Option("--headless", help="No dashboard: plain lines on stderr.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="No dashboard: JSON Lines on stdout.")] = False,
    keep_fuzzing: Annotated[
        bool | None,
        typer.Option(
            "--keep-fuzzing/--stop-on-crash",
            help="Go on after a crasher (default in the dashboard), or stop (default without).",
        ),
    ] = None,
    timeout: TimeoutOption = "10s",
    memory_limit: MemoryOption = "2G",
    max_len: Annotated[
        int, typer.Option("--max-len", min=1, max=1 << 26, help="Bytes of a generated input; a longer seed raises it.")
    ] = DEFAULT_MAX_LEN,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Seed of the random choices.")] = None,
    include: IncludeOption = None,
    exclude: ExcludeOption = None,
    dictionary: Annotated[
        list[Path] | None,
        typer.Option("--dict", metavar="FILE", help="Tokens worth trying, in AFL's and libFuzzer's form; repeatable."),
    ] = None,
    profile: Annotated[
        bool, typer.Option("--profile", help="Sample what the workers' time goes on: mutation, target, and so on.")
    ] = False,
    cache_dir: CacheOption = None,
) -> None:
    """Fuzz one target, in the dashboard if there is a terminal."""
    info = _find(target)
    limit = _parsed(parse_limit, fuzz_time, "--fuzz-time") if fuzz_time is not None else Limit()
    # The dashboard reads keys from the first, prints its summary on the second and draws on the third.
    has_terminal = all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))
    dashboard = has_terminal and not headless and not as_json
    options = _options(
        info,
        cache_dir,
        workers=workers or usable_cores(),
        limit=limit,
        stop_on_crash=not (dashboard if keep_fuzzing is None else keep_fuzzing),
        timeout=_parsed(parse_seconds, timeout, "--timeout"),
        memory_limit=_parsed(parse_memory, memory_limit, "--memory-limit"),
        max_len=max_len,
        seed=seed,
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
        dictionary=tuple(token for path in dictionary or () for token in _read_dictionary(path)),
        profile=profile,
    )
    session = Session(options)
    if dashboard:
        from fuzztui.app import run_dashboard  # Textual takes 0.3 s to import, which `list` and `replay` need not pay

        raise typer.Exit(run_dashboard(session, options))
    if not headless and not as_json:
        put(sys.stderr, label("fuzz: no terminal, so plain lines instead of the dashboard"))
    printers = [(sys.stdout, json_lines)] if as_json else [(sys.stderr, PlainLines(encoding_of(sys.stderr)))]
    raise typer.Exit(run_headless(session, printers).exit_code)


@cli.command(name="list")
def list_targets(
    path: Annotated[Path, typer.Argument(metavar="[PATH]", help="A file, or a folder to search.")] = Path(),
) -> None:
    """Show the targets in a file or folder, without importing anything."""
    if not path.exists():
        _usage(say("{} does not exist", path))
    found = discover(path)
    rows = [(_shown_id(info), say("line {}", info.line), _signature(info)) for info in found.targets]
    widths = [max(len(row[column]) for row in rows) for column in range(2)] if rows else [0, 0]
    for row in rows:
        put(sys.stdout, say("{:<{}}  {:<{}}  {}", row[0], widths[0], row[1], widths[1], row[2]))
    _print_problems(found.problems)
    if not rows:
        put(sys.stderr, say("no fuzz targets in {}", path))
        raise typer.Exit(USAGE)


@cli.command()
def replay(
    target: TargetArgument,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Stored inputs.")],
    timeout: TimeoutOption = "10s",
    memory_limit: MemoryOption = "2G",
    as_json: JsonOption = False,
    cache_dir: CacheOption = None,
) -> None:
    """Run stored inputs once each in a worker: PASS, FAIL with the traceback, or MALFORMED if it is no input."""
    info = _find(target)
    try:
        inputs = tuple((str(path), read_file(path, LONGEST)) for path in files)
    except OSError as error:
        _usage(os_error(error))
    options = _options(
        info,
        cache_dir,
        workers=1,
        task=Replay(inputs),
        timeout=_parsed(parse_seconds, timeout, "--timeout"),
        memory_limit=_parsed(parse_memory, memory_limit, "--memory-limit"),
    )
    raise typer.Exit(_run_job(options, as_json, input_lines).exit_code)


@cli.command(name="test")
def run_tests(
    target: Annotated[
        str, typer.Argument(metavar="[TARGET]", help="A target, or a file or folder with several.")
    ] = ".",
    timeout: TimeoutOption = "10s",
    memory_limit: MemoryOption = "2G",
    as_json: JsonOption = False,
    cache_dir: CacheOption = None,
) -> None:
    """Run seeds and stored crashers as regression tests: nothing is fuzzed."""
    seconds = _parsed(parse_seconds, timeout, "--timeout")
    size = _parsed(parse_memory, memory_limit, "--memory-limit")
    found = _to_be_tested(target)
    _print_problems(found.problems)
    if not found.targets:
        _usage(say("no fuzz targets in {}", target))
    verdicts = Counter[InputVerdict]()
    not_run = 0
    for info in found.targets:
        if not as_json:
            put(sys.stdout, say("== {}", _shown_id(info)))
        options = _options(info, cache_dir, workers=1, task=RegressionTest(), timeout=seconds, memory_limit=size)
        before = verdicts.total()
        outcome = _run_job(options, as_json, _counting(verdicts))
        if outcome.reason.is_failure:
            not_run += 1
        elif outcome.reason is not StopReason.DONE:
            raise typer.Exit(outcome.exit_code)  # somebody has interrupted it
        elif verdicts.total() == before and not as_json:
            put(sys.stdout, label("    no stored inputs and no seeds"))
    if not as_json:
        put(sys.stdout, _tally(verdicts, not_run, len(found.problems)))
    if verdicts[InputVerdict.FAIL] or verdicts[InputVerdict.MALFORMED]:
        raise typer.Exit(FAILING)
    raise typer.Exit(FAILED if not_run else USAGE if found.problems else 0)


def _to_be_tested(spec: str) -> Discovery:
    path = Path(os.path.normpath(Path.cwd() / spec))
    if path.is_dir():
        return discover(path)
    if path.is_file() and (found := discover(path)).targets:
        return found
    return Discovery((_find(spec),), ())


def _counting(verdicts: "Counter[InputVerdict]") -> Formatter:
    """Lines for each input that also counts what became of it."""

    def count(event: Event) -> Visible:
        if isinstance(event, InputRan):
            verdicts[event.result.verdict] += 1
        return input_lines(event)

    return count


def _tally(verdicts: "Counter[InputVerdict]", not_run: int, problems: int) -> Visible:
    """The last line of a test: `12 passed, 1 failed`."""
    parts = [say("{} passed", verdicts[InputVerdict.PASS]), say("{} failed", verdicts[InputVerdict.FAIL])]
    if verdicts[InputVerdict.MALFORMED]:
        parts.append(say("{} malformed", verdicts[InputVerdict.MALFORMED]))
    if not_run:
        parts.append(say("{} could not be run", plural(not_run, "target")))
    if problems:
        parts.append(say("{} in target files", plural(problems, "problem")))
    return joined(", ", parts)


def _print_problems(problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        put(sys.stderr, say("{}:{}: {}", places.shown_path(problem.file), problem.line, problem.message))


@corpus.command(name="minimize")
def minimize_corpus(
    target: TargetArgument,
    workers: WorkersOption = 1,
    timeout: TimeoutOption = "10s",
    memory_limit: MemoryOption = "2G",
    include: IncludeOption = None,
    exclude: ExcludeOption = None,
    as_json: JsonOption = False,
    cache_dir: CacheOption = None,
) -> None:
    """Remove generated inputs whose coverage seeds, stored inputs and smaller ones have too."""
    options = _options(
        _find(target),
        cache_dir,
        workers=workers,
        task=MinimizeCorpus(),
        timeout=_parsed(parse_seconds, timeout, "--timeout"),
        memory_limit=_parsed(parse_memory, memory_limit, "--memory-limit"),
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
    )
    raise typer.Exit(
        _run_job(options, as_json, crasher_lines(encoding_of(sys.stdout)), change_lines("kept", "removed")).exit_code
    )


@corpus.command(name="import")
def import_corpus(
    target: TargetArgument,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Inputs of any fuzzer, a file each; no subfolders.")],
    workers: WorkersOption = 1,
    timeout: TimeoutOption = "10s",
    memory_limit: MemoryOption = "2G",
    include: IncludeOption = None,
    exclude: ExcludeOption = None,
    as_json: JsonOption = False,
    cache_dir: CacheOption = None,
) -> None:
    """Add those inputs of a folder to the generated corpus that cover something new."""
    if not folder.is_dir():
        _usage(say("{} is not a folder", folder))
    options = _options(
        _find(target),
        cache_dir,
        workers=workers,
        task=ImportCorpus(folder.absolute()),
        timeout=_parsed(parse_seconds, timeout, "--timeout"),
        memory_limit=_parsed(parse_memory, memory_limit, "--memory-limit"),
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
    )
    changes: list[CorpusChanged] = []

    def note(event: Event) -> Visible:
        changes.extend([event] if isinstance(event, CorpusChanged) else [])
        return NOTHING

    lines = crasher_lines(encoding_of(sys.stdout))
    outcome = _run_job(options, as_json, note, lines, change_lines("taken in", "cover nothing new"))
    if outcome.exit_code == 0 and any(
        event.change.malformed and not event.change.kept and not event.change.dropped for event in changes
    ):
        _usage(say("{} holds no input of this target", folder))
    raise typer.Exit(outcome.exit_code)


def _run_job(options: RunOptions, as_json: bool, *formatters: Formatter) -> Outcome:
    """Run inputs that exist already, as JSON Lines or as lines on stdout, with what is wrong on stderr."""
    session = Session(options)
    if as_json:
        return run_headless(session, [(sys.stdout, json_lines), *((None, formatter) for formatter in formatters)])
    return run_headless(session, [*((sys.stdout, formatter) for formatter in formatters), (sys.stderr, problem_lines)])


def _options(info: TargetInfo, cache_dir: Path | None, **given: Any) -> RunOptions:
    """The options of a run of this target; `given`: further fields of `RunOptions`."""
    project = places.project_root(info.file)
    if cache_dir is not None:
        _check_cache_dir(cache_dir)
    return RunOptions(
        target=PythonTarget(info.file, info.name, project),
        cache_dir=cache_dir.absolute() if cache_dir is not None else places.default_cache_dir(project),
        **given,
    )


def _check_cache_dir(folder: Path) -> None:
    """Make the folder that was asked for: what keeps it from being one is better said before the run than in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        # A file in its place or above it is the usual reason, and is said in one way.
        reason = label("is a file") if folder.is_file() else os_error(error, "")
        _usage(say("--cache-dir: {} cannot be made a folder: {}", folder, reason))
    if not os.access(folder, os.W_OK | os.X_OK):
        _usage(say("--cache-dir: {} cannot be written to", folder))


def _read_dictionary(path: Path) -> tuple[bytes, ...]:
    try:
        return read_dictionary(path)
    except BadDictionary as error:
        _usage(say("--dict: {}", error))
    except OSError as error:
        _usage(say("--dict: {}", os_error(error, path)))


def _find(spec: str) -> TargetInfo:
    try:
        return find(spec, Path.cwd())
    except TargetNotFound as error:
        _usage(visible(str(error), multiline=True))


def _parsed(parse: Callable[[str], T], value: str, option: str) -> T:
    try:
        return parse(value)
    except ValueError as error:
        _usage(say("{}: {}", option, error))


def _usage(message: Visible) -> NoReturn:
    put(sys.stderr, say("fuzztui: {}", message))
    raise typer.Exit(USAGE)


def _shown_id(info: TargetInfo) -> Visible:
    return say("{}::{}", places.shown_path(info.file), info.name)


def _signature(info: TargetInfo) -> Visible:
    return say("({})", joined(", ", (say("{}: {}", name, kind) for name, kind in info.parameters)))
