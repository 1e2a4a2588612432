"""`fuzztui run`."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from fuzztui.commands import libfuzzer
from fuzztui.commands.arguments import (
    AddressSpaceOption,
    AllParametersOption,
    ByName,
    CacheOption,
    ExcludeOption,
    IncludeOption,
    MemoryOption,
    PythonOption,
    RaisesOption,
    StartupOption,
    TimeoutOption,
    chosen_options,
    limits_of,
    parsed,
    patterns,
    usage,
    words_for_program,
)
from fuzztui.commands.several import TargetsArgument, campaign_of, limit_of_one, named_targets, run_plainly
from fuzztui.commands.sharing import NodeOption, ShareOption, share_options
from fuzztui.commands.targets import interpreter_of, options_of, print_problems
from fuzztui.engine.request.dictionary import BadDictionary, read_dictionary
from fuzztui.engine.request.options import (
    DEFAULT_MAX_LEN,
    DEFAULT_MINIMIZE_TIME,
    LARGEST_MAX_LEN,
    MOST_WORKERS,
    Limit,
    RunOptions,
    Watching,
    usable_cores,
)
from fuzztui.engine.session import Onlooker, Session
from fuzztui.engine.show.text import NOTHING, Visible, os_error, say
from fuzztui.plain.console import run_headless
from fuzztui.plain.json_lines import json_lines
from fuzztui.plain.lines import PlainLines
from fuzztui.plain.output import encoding_of, put
from fuzztui.sessions import detaching
from fuzztui.sessions.recorder import Recorder
from fuzztui.sessions.running import UnusableFolderError
from fuzztui.sessions.server import Server, described
from fuzztui.sessions.several import CampaignServer
from fuzztui.settings import Settings, Signal, read_settings, settings_file, signals
from fuzztui.target.discover import Discovery, TargetInfo
from fuzztui.terminal.showing import why_no_dashboard
from fuzztui.unread import unread_inputs
from fuzztui.words.units import parse_limit, parse_seconds_or_none

S = TypeVar("S", Server, CampaignServer)


def run(
    context: typer.Context,
    target: TargetsArgument,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TARGET|CORPUS]... [-- -FLAG=VALUE...]",
            help="More targets; or, for a program of Atheris, inputs to start from and flags of libFuzzer.",
            show_default=False,
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("-j", "--workers", min=1, max=MOST_WORKERS, help="Worker processes.  [default: one a core]"),
    ] = None,
    fuzz_time: Annotated[
        str | None, typer.Option("-t", "--fuzz-time", metavar="LIMIT", help="When to end: 30s, 1h30m, or 10000x.")
    ] = None,
    each: Annotated[
        str | None,
        typer.Option("--each", metavar="LIMIT", help="Of several targets: one after the other, each for so long."),
    ] = None,
    headless: Annotated[bool, typer.Option("--headless", help="No dashboard: plain lines on stderr.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="No dashboard: JSON Lines on stdout.")] = False,
    detach: Annotated[
        bool, typer.Option("--detach", help="Go on without the terminal; `fuzztui attach` shows it.")
    ] = False,
    keep_fuzzing: Annotated[
        bool | None,
        typer.Option(
            "--keep-fuzzing/--stop-on-crash",
            help="Go on after a crasher (default in the dashboard and of several targets), or stop (default else).",
        ),
    ] = None,
    timeout: TimeoutOption = "10s",
    startup_timeout: StartupOption = "60s",
    memory_limit: MemoryOption = "2G",
    address_space: AddressSpaceOption = "none",
    max_len: Annotated[
        int,
        typer.Option(
            "--max-len", min=1, max=LARGEST_MAX_LEN, help="Bytes of a generated input; a longer seed raises it."
        ),
    ] = DEFAULT_MAX_LEN,
    minimize_time: Annotated[
        str,
        typer.Option(
            "--minimize-time", metavar="TIME", help="The longest that a crasher is made smaller, or 0 for not at all."
        ),
    ] = f"{DEFAULT_MINIMIZE_TIME:g}s",
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
    notify: Annotated[
        list[str] | None,
        typer.Option("--notify", metavar="WAY", help="Call on a new crasher: bell, osc9, osc777, or none; repeatable."),
    ] = None,
    reload: Annotated[
        bool, typer.Option("--reload", help="Load code that changes by itself, and run the crashers again on it.")
    ] = False,
    share: ShareOption = None,
    node: NodeOption = None,
    all_parameters: AllParametersOption = False,
    raises: RaisesOption = None,
    python: PythonOption = None,
    cache_dir: CacheOption = None,
) -> None:
    """Fuzz a target, or several, in the dashboard if there is a terminal."""
    found, rest = named_targets(target, words or [], ByName(all_parameters, raises, python))
    is_several = len(found.targets) > 1
    print_problems(found.problems)
    typed = chosen_options(context)
    own = words_for_program(context)
    told = libfuzzer.told((*rest, *(own.words if own.are_flags else ())), typed)
    keep_fuzzing = True if told.keep_fuzzing and keep_fuzzing is None else keep_fuzzing
    limit = parsed(parse_limit, fuzz_time, "--fuzz-time") if fuzz_time is not None else Limit()
    limit_of_each = parsed(parse_limit, each, "--each") if each is not None else None
    coordinator = detaching.told()
    is_plain = headless or as_json or detach
    why_not = NOTHING if is_plain else why_no_dashboard(os.environ, sys.stdin, sys.stdout, sys.stderr)
    dashboard = not (is_plain or why_not)
    keeps_fuzzing = (dashboard or detach or is_several) if keep_fuzzing is None else keep_fuzzing
    given: dict[str, Any] = {
        "workers": workers or usable_cores(),
        "stop_on_crash": not keeps_fuzzing,
        **limits_of(context, timeout, startup_timeout, memory_limit, address_space),
        "max_len": max_len,
        "minimize_time": parsed(parse_seconds_or_none, minimize_time, "--minimize-time"),
        "seed": seed,
        "include": patterns(include, "--include"),
        "exclude": patterns(exclude, "--exclude"),
        "dictionary": tuple(
            token for path in (*(dictionary or ()), *told.dictionary) for token in _read_dictionary(path)
        ),
        "profile": profile,
        "niceness": 10 if dashboard else 0,  # a key is answered at once, however many workers there are
        **share_options(share, node),
        "watching": Watching.RELOAD if reload else Watching.CODE if dashboard or detach else Watching.INPUTS,
    }
    if is_several:
        interpreter = interpreter_of(python) or None

        def options_of_one(info: TargetInfo, own: Limit, look: Callable[[Path], Discovery]) -> RunOptions:
            return options_of(info, interpreter, cache_dir, look, limit=own, **given)

        begin_all = campaign_of(
            found,
            options_of_one,
            workers=given["workers"],
            limit=limit,
            each=limit_of_each,
            stop_on_crash=not keeps_fuzzing,
        )
        several = begin_all.options.targets
        if detach and coordinator is None:
            raise typer.Exit(_detach(several))
        if dashboard:
            from fuzztui.targets_app import run_targets_dashboard

            raise typer.Exit(run_targets_dashboard(begin_all, _settings(notify))[0])
        if why_not:
            put(sys.stderr, _plain_because(why_not))
        watchers = [_served(coordinator, CampaignServer, several)] if coordinator is not None else []
        campaign = begin_all(*watchers)
        raise typer.Exit(run_plainly(campaign, found, as_json=as_json, ends_unread=coordinator is None))
    (info,) = found.targets
    of_one = {
        **given,
        "limit": limit_of_one(limit, limit_of_each),
        "remarks": (*unread_inputs([info.file]), *told.remarks),
        "seeds": told.seeds,
        "arguments": told.arguments if own.are_flags else own.words,
        **told.fields,
        "chosen": typed | told.chosen,
    }
    options = options_of(info, python, cache_dir, **of_one)
    if detach and coordinator is None:
        raise typer.Exit(_detach([options]))
    if dashboard:
        from fuzztui.dashboard import (
            run_dashboard,  # Textual takes 0.3 s to import, which `list` and `replay` need not pay
        )

        def begin() -> Session:
            return Session(options, [Recorder(options)])

        raise typer.Exit(run_dashboard(begin(), options, _settings(notify), again=begin))
    if why_not:
        put(sys.stderr, _plain_because(why_not))
    onlookers: list[Onlooker] = [Recorder(options)]
    if coordinator is not None:
        onlookers.append(_served(coordinator, _of_one, [options]))
    session = Session(options, onlookers)
    printers = [(sys.stdout, json_lines)] if as_json else [(sys.stderr, PlainLines(encoding_of(sys.stderr)))]
    raise typer.Exit(run_headless(session, printers, ends_unread=coordinator is None).exit_code)


def _detach(options: Sequence[RunOptions]) -> int:
    """Have a coordinator of its own run these targets, and say where it is."""
    try:
        run_id, log = detaching.start(options[0])
    except detaching.StartError as error:
        put(sys.stderr, error.sentence)
        return error.status
    for line in detaching.started(run_id, described(options, log).target, log):
        put(sys.stdout, line)
    return 0


def _of_one(options: Sequence[RunOptions], log: Path) -> Server:
    return Server(described(options, log), options[0])


def _served(
    coordinator: detaching.Told, serve: Callable[[Sequence[RunOptions], Path], S], options: Sequence[RunOptions]
) -> S:
    """Listen for dashboards, and say so to whoever waits for that."""
    try:
        server = serve(options, coordinator.log)
    except UnusableFolderError as error:
        usage(error.sentence)
    except OSError as error:
        usage(say("no socket for `fuzztui attach`: {}", os_error(error)))
    detaching.say_ready(coordinator, server.running.id)
    return server


def _plain_because(why_not: Visible) -> Visible:
    return say("fuzz: {}, so plain lines instead of the dashboard", why_not)


def _settings(notify: list[str] | None) -> Settings:
    """Those of the person, but for how a new crasher calls, where that was said."""
    settings = read_settings(settings_file())
    return replace(settings, notify=_ways(notify)) if notify is not None else settings


def _ways(words: list[str]) -> tuple[Signal, ...]:
    """How a new crasher calls, instead of what the settings say."""
    known = {each.value: each for each in Signal}
    for word in words:
        if word not in (*known, "none"):
            usage(say("--notify: '{}' is none of {}, none", word, signals()))
    return () if "none" in words else tuple(dict.fromkeys(known[word] for word in words))


def _read_dictionary(path: Path) -> tuple[bytes, ...]:
    try:
        return read_dictionary(path)
    except BadDictionary as error:
        usage(say("--dict: {}", error))
    except OSError as error:
        usage(say("--dict: {}", os_error(error, path)))
