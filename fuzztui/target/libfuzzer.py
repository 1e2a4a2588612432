"""Words as libFuzzer's programs take them: `-flag=value`, and folders of inputs."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

COUNTERPARTS: Final[Mapping[str, str]] = {
    "max_len": "--max-len",
    "timeout": "--timeout",
    "dict": "--dict",
    "seed": "--seed",
    "runs": "--fuzz-time",
    "atheris_runs": "--fuzz-time",
    "max_total_time": "--fuzz-time",
    "rss_limit_mb": "--memory-limit",
    "malloc_limit_mb": "--memory-limit",
    "jobs": "--workers",
    "workers": "--workers",
    "fork": "--workers",
    "ignore_crashes": "--keep-fuzzing",
    "ignore_ooms": "--keep-fuzzing",
    "ignore_timeouts": "--keep-fuzzing",
}
"""Flag -> the option here that does the same."""

WITHOUT_EFFECT: Final = frozenset(
    [
        *("artifact_prefix", "exact_artifact_path", "close_fd_mask", "print_final_stats", "print_pcs", "print_funcs"),
        *("print_coverage", "print_full_coverage", "print_corpus_stats", "print_unstable_stats", "verbosity"),
        *("use_value_profile", "use_cmp", "use_memmem", "use_counters", "shrink", "reduce_inputs", "reload"),
        *("detect_leaks", "purge_allocator_interval", "trace_malloc", "report_slow_units", "len_control"),
        *("experimental_len_control", "cross_over", "cross_over_uniform_dist", "mutate_depth", "reduce_depth"),
        *("entropic", "entropic_feature_frequency_threshold", "entropic_number_of_rarest_features"),
        *("entropic_scale_per_exec_time", "keep_seed", "prefer_small", "shuffle", "only_ascii", "help"),
        *("enable_python_coverage", "symbolize_with_python", "handle_abrt", "handle_bus", "handle_fpe", "handle_ill"),
        *("handle_int", "handle_segv", "handle_term", "handle_unstable", "handle_usr1", "handle_usr2", "handle_xfsz"),
    ]
)
"""Flags of how libFuzzer itself works or prints, without a counterpart here and with no need for one."""

ELSEWHERE: Final[Mapping[str, str]] = {
    "merge": "fuzztui corpus import TARGET DIR",
    "minimize_crash": "fuzztui minimize TARGET FILE",
    "cleanse_crash": "fuzztui minimize TARGET FILE",
}
"""Flag -> the command that does what it asks for."""


class Words(NamedTuple):
    """What was said to a program of libFuzzer's kind."""

    flags: tuple[tuple[str, str], ...]
    """Name and value of each, in order; of one without `=` the value is empty."""
    paths: tuple[str, ...]
    """Folders of inputs, and files."""


def read_words(words: Iterable[str]) -> Words:
    """Tell flags from paths. What begins with two dashes is the program's own and neither."""
    flags: list[tuple[str, str]] = []
    paths: list[str] = []
    for word in words:
        if word.startswith("--"):
            continue
        if word.startswith("-"):
            name, _, value = word[1:].partition("=")
            flags.append((name, value))
            if name == "ignore_remaining_args" and value == "1":
                break
        else:
            paths.append(word)
    return Words(tuple(flags), tuple(paths))
