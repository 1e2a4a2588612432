"""Faults in what is known and decided of crashers, in exported tests, in bisecting and in the plugin of pytest."""

from typing import Final

from tests.mutants.breaks import Break

_PURE: Final = "tests/testing/test_pure_parts.py"
_MEANWHILE: Final = "tests/engine/test_decided_meanwhile.py"
_LEFT: Final = "tests/engine/test_left.py"
_FIXED: Final = "tests/engine/test_fixed_crashers.py"
_AGAIN: Final = "tests/engine/work/test_replay_again.py"


def _known(module: str, name: str, before: str, after: str, *tests: str) -> Break:
    return Break(
        name, f"fuzztui/engine/triage/{module}.py", before, after, tuple(f"tests/engine/{t}.py" for t in tests)
    )


BREAKS: Final = [
    # Decisions
    _known(
        "decision", "any-type-is-what-was-decided-about", 'f"{type_name} in ")', '"")', "test_triage", "test_memory"
    ),
    _known("decision", "comments-are-forgotten", "return self.comment + toml", "return toml", "test_decisions"),
    _known("decision", "unknown-keys-are-forgotten", "{**known, **self.others}", "known", "test_decisions"),
    _known("decisions", "the-folder-that-is-read-last-counts", "if bucket in places:", "if False:", "test_decisions"),
    _known(
        "decisions",
        "files-that-are-written-into-look-unchanged",
        "status.st_mtime_ns, ",
        "0, ",
        "test_decided_meanwhile",
    ),
    _known("decisions", "files-that-are-replaced-look-unchanged", "status.st_ino, ", "0, ", "test_decided_meanwhile"),
    _known("decisions", "an-undone-decision-stays", "if after is None:", "if False:", "test_decisions", "test_triage"),
    # What is known
    _known("triage", "merges-are-followed-once", "if alias in seen:", "if True:", "test_triage"),
    _known("triage", "hits-of-merged-buckets-are-lost", "for each in alike)", "for each in alike[:1])", "test_triage"),
    _known(
        "triage", "a-bucket-may-be-merged-into-itself", "self.canonical(change.alias) == bucket", "False", "test_triage"
    ),
    _known("triage", "the-oldest-bucket-comes-first", '"", reverse=True)', '"")', "test_triage"),
    _known("triage", "what-only-begins-so-is-no-bucket", "if len(found) == 1:", "if False:", "test_triage"),
    # A run's memory
    _known(
        "memory",
        "what-is-merged-meanwhile-counts",
        "into != crasher.id and into in known",
        "False",
        "test_decided_meanwhile",
    ),
    _known(
        "memory",
        "what-is-fixed-meanwhile-has-regressed",
        "is_fixed_here and decided",
        "False and decided",
        "test_decided_meanwhile",
    ),
    Break(
        "ignored-crashers-are-pursued",
        "fuzztui/engine/work/search.py",
        "each in self.wanted or self.is_wanted(each)",
        "True",
        (_MEANWHILE,),
    ),
    Break(
        "ignored-crashers-are-confirmed-to-the-end",
        "fuzztui/engine/work/confirming.py",
        "return candidate.is_wanted or self._search.is_wanted(candidate.failures[0].id)",
        "return True",
        (_MEANWHILE,),
    ),
    Break(
        "ignored-crashers-are-minimized-to-the-end",
        "fuzztui/engine/work/minimizing.py",
        "return candidate.is_wished or self._search.is_wanted(candidate.id)",
        "return True",
        (_MEANWHILE,),
    ),
    # What earlier sessions left
    _known("left", "what-is-fixed-has-regressed", "and not known.is_regressed", "and False", "test_left"),
    _known(
        "left",
        "what-runs-before-is-forgotten",
        "return replace(crasher, before=before, minimized",
        "return replace(crasher, minimized",
        "test_left",
    ),
    # What is marked fixed
    *(
        Break(name, f"fuzztui/engine/{file}.py", before, after, (_FIXED,))
        for name, file, before, after in (
            ("too-few-clean-runs-are-enough", "show/crasher", "has_failed and is_enough", "has_failed"),
            ("what-never-failed-alone-is-mended", "show/crasher", "has_failed and is_enough", "is_enough"),
            ("what-nobody-has-marked-is-settled", "show/crasher", "self.status is Status.FIXED and bool", "bool"),
            ("what-is-settled-counts", "show/crasher", " and not self.is_settled", ""),
            ("the-header-counts-what-is-settled", "show/snapshot", "sum(not crasher.is_settled for", "sum(1 for"),
            ("a-clean-run-settles-nothing", "keep/crashers", "if confirmation.had_failed:", "if False:"),
            ("a-reload-settles-nothing", "keep/crashers", "if recheck.fate.is_fixed:", "if False:"),
            ("failing-since-a-reload-is-no-regression", "keep/crashers", "elif recheck.fate.fails:", "elif False:"),
            ("a-hit-does-not-unsettle", "keep/crashers", "if has_run_clean or crasher.passed:", "if has_run_clean:"),
            ("old-code-s-answer-outlives-a-reload", "keep/crashers", ", passed=text.NOTHING) for", ") for"),
            ("that-it-passes-is-not-recorded", "keep/recording", "passed=crasher.passed,", ""),
            ("what-fails-again-is-recorded-as-old", "keep/recording", " or fails_again:", ":"),
            (
                "mended-again-is-still-regressed",
                "triage/triage",
                "record.regressed > record.passed",
                "record.regressed",
            ),
            ("what-is-rare-is-run-as-often", "work/confirming", "clean_runs_wanted(crasher.confirmation)", "0"),
            ("what-passed-yesterday-is-forgotten", "triage/left", "passed=one_line(record.passed),", ""),
        )
    ),
    Break(
        "a-known-crasher-counts-another-session",
        "fuzztui/engine/keep/recording.py",
        "hits=crasher.hits, is_counted=True",
        "hits=crasher.hits",
        (_LEFT,),
    ),
    Break(
        "a-fixed-one-that-fails-again-is-fine",
        "fuzztui/engine/keep/crashers.py",
        "elif confirmation.reproduces and (key in self._recalled or was_clean):",
        "elif False:",
        (_LEFT,),
    ),
    Break(
        "old-code-is-taken-for-that-of-today",
        "fuzztui/engine/keep/recording.py",
        "account.provenance.versions if account.is_met else {}",
        "account.provenance.versions",
        (_LEFT,),
    ),
    # Run again
    Break(
        "all-runs-share-a-process",
        "fuzztui/engine/work/replay.py",
        "object() if one.runs < FRESH else one.process",
        "one",
        (_AGAIN,),
    ),
    Break(
        "a-replay-of-a-fixed-one-tells-nobody",
        "fuzztui/engine/work/replay.py",
        '({"regressed": now} if is_fixed else {})',
        "{}",
        (_AGAIN,),
    ),
    Break(
        "another-failure-is-a-sign-of-this-one",
        "fuzztui/engine/work/replay.py",
        "        elif not one.failures:\n",
        "        else:\n",
        (_AGAIN,),
    ),
    # Exported tests
    Break(
        "an-edited-file-is-unedited",
        "fuzztui/engine/triage/export.py",
        "header[1] == _digest(text[header.end() :])",
        "True",
        (_PURE,),
    ),
    Break(
        "a-name-of-another-bucket-is-free",
        "fuzztui/engine/triage/export.py",
        'return any(f"Bucket',
        'return not before and any(f"Bucket',
        (_PURE,),
    ),
    Break(
        "signals-are-raised-in-pytest",
        "fuzztui/engine/triage/export.py",
        "if failure.kind is not CrasherKind.EXCEPTION or _origin(failure):",
        "if _origin(failure):",
        (_PURE,),
    ),
    # Bisecting
    Break(
        "a-revision-that-was-not-run-to-the-end-is-good",
        "fuzztui/outside/bisect.py",
        "if is_run and is_whole else",
        "if is_run else",
        (_PURE,),
    ),
    Break(
        "any-failure-is-this-one",
        "fuzztui/outside/bisect.py",
        'is not None and _is_like(event["failure"], failure)',
        "is not None",
        (_PURE,),
    ),
    Break(
        "a-crasher-that-is-ignored-passes",
        "fuzztui/outside/bisect.py",
        '("pass", "fail", "ignored")',
        '("pass", "fail")',
        (_PURE,),
    ),
    Break(
        "the-first-commit-is-not-asked",
        "fuzztui/outside/bisect.py",
        "        yield length - 1\n",
        "        yield length - 2\n",
        (_PURE,),
    ),
    # Pytest
    Break(
        "what-ends-pytest-is-forgotten",
        "fuzztui/testing/journal.py",
        "        if test:\n",
        "        if False:\n",
        (_PURE,),
    ),
    Break(
        "what-ran-to-its-end-is-deadly",
        "fuzztui/testing/journal.py",
        '            self._note(b"")\n',
        "            pass\n",
        (_PURE,),
    ),
    # Told apart
    Break(
        "each-context-makes-another-bug",
        "fuzztui/worker/failures/buckets.py",
        'and word.startswith("context ")',
        'and not word.startswith("context ")',
        ("tests/worker/test_buckets.py",),
    ),
]
