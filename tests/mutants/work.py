"""Faults in what there is to execute (`work/`) and in what is stored (`keep/`)."""

from typing import Final

from tests.mutants.breaks import Break

_WORK: Final = "fuzztui/engine/work"
_TESTS: Final = "tests/engine/work"


def _in(module: str, name: str, before: str, after: str, *tests: str) -> Break:
    """A fault in a module of `work/`; its tests are those of the same name and `tests` besides."""
    nearest = (module, *tests) if module not in ("assignment", "call", "coverage_log", "ledger", "job") else tests
    return Break(name, f"{_WORK}/{module}.py", before, after, tuple(f"{_TESTS}/test_{test}.py" for test in nearest))


def _kept(module: str, name: str, before: str, after: str, test: str) -> Break:
    return Break(name, f"fuzztui/engine/keep/{module}.py", before, after, (f"tests/engine/{test}.py",))


BREAKS: Final = [
    # The board: who is asked, what is told
    _in("board", "finishing-asks-all-jobs", "if finishing and not job.may_finish:", "if False:"),
    _in(
        "board",
        "a-fresh-process-is-renewed",
        "if assignment.calls and job.needs_fresh_process(assignment.worker):",
        "if job.needs_fresh_process(assignment.worker):",
        "suspects",
    ),
    _in(
        "board",
        "no-process-is-ever-renewed",
        "if assignment.calls and job.needs_fresh_process(assignment.worker):",
        "if False:",
        "suspects",
    ),
    _in("board", "calls-are-not-counted", "                assignment.calls += 1\n", "", "suspects"),
    _in("board", "later-jobs-do-not-wait", "if job.comes_first and not job.is_done:", "if False:", "baseline"),
    _in("board", "nobody-is-noted-as-waiting", "        self._turned_away = True\n", "", "distill"),
    _in(
        "board",
        "who-waits-is-told-for-ever",
        "others_wait, self._turned_away = self._turned_away, False",
        "others_wait = self._turned_away",
        "distill",
    ),
    _in(
        "board",
        "what-the-budget-does-not-allow-is-lost",
        "                job.give_back(assignment.worker, work.items[granted:])\n",
        "                pass\n",
        "suspects",
    ),
    _in(
        "board",
        "what-is-covered-is-told-again-and-again",
        "        assignment.log_position = len(coverage)\n",
        "",
    ),
    _in("board", "coverage-of-a-batch-is-not-logged", "new = self._search.coverage.add(result.edges)", "new = 0"),
    # The board: results
    _in(
        "board",
        "a-clean-input-stays-unanswered",
        "        item.answered = True\n        self._search.ran_clean = True\n",
        "        self._search.ran_clean = True\n",
    ),
    _in(
        "board",
        "a-failing-input-stays-unanswered",
        "        item.answered = True\n        return call, item\n",
        "        return call, item\n",
    ),
    _in("board", "failing-inputs-are-not-checked", "        self._search.check_input(data)\n", ""),
    _in(
        "board",
        "a-failing-input-need-not-be-the-one-asked-for",
        "if item.data != data:",
        "if False:",
    ),
    _in(
        "board",
        "repeats-beyond-the-grant",
        "result.hits > assignment.call.granted:",
        "result.hits > 2 * assignment.call.granted:",
    ),
    _in(
        "board",
        "one-execution-beyond-the-grant",
        "if result.executions > call.granted:",
        "if result.executions > call.granted + 1:",
    ),
    _in(
        "board",
        "a-finished-call-settles-what-was-granted",
        "call.job.account.settle(call.granted, result.executions)",
        "call.job.account.settle(call.granted, call.granted)",
    ),
    _in(
        "board",
        "a-finished-call-settles-twice",
        "        call.job.account.settle(call.granted, result.executions)\n",
        "        call.job.account.settle(call.granted, result.executions)\n"
        "        call.job.account.settle(0, result.executions)\n",
        "accounts_through_deaths",
    ),
    _in(
        "board",
        "an-interrupted-batch-loses-its-rest",
        "            call.job.give_back(assignment.worker, unanswered)\n        others_wait",
        "            pass\n        others_wait",
    ),
    # The board: deaths
    _in(
        "board",
        "a-dead-call-settles-nothing",
        "        call.job.account.settle(call.granted, used)\n",
        "",
        "accounts_through_deaths",
    ),
    _in(
        "board",
        "a-dead-call-settles-what-was-granted",
        "call.job.account.settle(call.granted, used)",
        "call.job.account.settle(call.granted, call.granted)",
        "accounts_through_deaths",
    ),
    _in(
        "board",
        "the-input-of-a-death-goes-back-too",
        "rest = unanswered[1:] if was_executing else unanswered",
        "rest = unanswered",
    ),
    _in(
        "board",
        "a-death-before-the-first-input-blames-it",
        "used > len(call.items) - len(unanswered)",
        "used >= len(call.items) - len(unanswered)",
    ),
    _in(
        "board",
        "a-dead-process-loses-its-rest",
        "            call.job.give_back(assignment.worker, rest)\n",
        "            pass\n",
    ),
    _in("board", "a-death-between-inputs-reaches-the-job", "if call.items and item is None:", "if False:"),
    _in(
        "board",
        "an-innocent-input-is-lost",
        "            call.job.give_back(assignment.worker, [item])\n",
        "            pass\n",
    ),
    _in(
        "board",
        "nobody-is-told-that-a-worker-left",
        "            job.leave(worker)\n",
        "            pass\n",
        "suspects",
    ),
    _in(
        "board",
        "finishing-ends-with-the-last-grant",
        "not job.account.is_spent for job",
        "job.account.available for job",
    ),
    _in(
        "board",
        "a-done-run-is-spent",
        "any(job.account.is_spent for job in self.jobs if not job.is_done)",
        "any(job.account.is_spent for job in self.jobs)",
    ),
    # Calls and accounts
    _in(
        "assignment",
        "a-lying-counter-is-believed",
        "min(call.granted, max(0, counter - call.executions_before))",
        "counter - call.executions_before",
        "board",
    ),
    _in(
        "assignment",
        "settled-executions-are-forgotten",
        "        self.settled += used\n",
        "",
        "accounts_through_deaths",
    ),
    _in(
        "ledger",
        "reserved-executions-are-available",
        "self._limit - self.used - self._reserved",
        "self._limit - self.used",
        "board",
    ),
    _in("ledger", "a-limit-is-spent-one-early", "self.used >= self._limit", "self.used >= self._limit - 1", "board"),
    # The baseline
    _in("baseline", "shares-are-twice-as-large", "// (2 * workers)", "// workers"),
    _in("baseline", "one-input-too-many", "len(items) < share", "len(items) <= share"),
    _in("baseline", "bytes-of-a-call-are-not-counted", "            size += len(items[-1].data)\n", ""),
    _in("baseline", "a-call-is-full-at-its-first-byte", "size < BATCH_BYTES", "not size"),
    _in(
        "baseline",
        "what-comes-back-is-turned-round",
        "self._items.extendleft(reversed(items))",
        "self._items.extendleft(items)",
        "board",
    ),
    _in(
        "baseline",
        "what-comes-back-comes-last",
        "self._items.extendleft(reversed(items))",
        "self._items.extend(items)",
        "board",
    ),
    _in(
        "baseline",
        "a-death-is-not-counted",
        "death.failure, item.seed)\n            self.done += 1\n",
        "death.failure, item.seed)\n",
    ),
    _in("baseline", "a-failing-seed-is-a-discovery", "report.failure, item.seed)", "report.failure, None)"),
    # Fuzzing
    _in("fuzzing", "every-slice-is-traced", "trace = entry.fuzzed == 0", "trace = True"),
    _in("fuzzing", "a-limit-is-not-shared-out", "self.account.available // (2 * workers)", "self.account.available"),
    _in("fuzzing", "slices-ignore-the-cores", "max(1.0, workers / self._cores)", "1.0"),
    _in(
        "fuzzing",
        "what-others-found-is-kept-twice",
        "if self._search.coverage.add(edges):",
        "if self._search.coverage.add(edges) >= 0:",
    ),
    _in("fuzzing", "a-cleared-suspect-is-always-an-entry", "elif report.new:", "else:"),
    # Suspects
    _in("suspects", "cleared-after-two-of-three", "suspect.clean_runs < TRIES", "suspect.clean_runs < TRIES - 1"),
    _in("suspects", "only-the-last-run-counts-for-coverage", "suspect.new += report.new", "suspect.new = report.new"),
    _in(
        "suspects",
        "any-process-runs-what-others-left",
        "return bool(self._left) and not self._waiting.get(worker)",
        "return False",
    ),
    _in(
        "suspects",
        "own-suspects-want-a-fresh-process-too",
        "return bool(self._left) and not self._waiting.get(worker)",
        "return bool(self._left)",
    ),
    _in("suspects", "the-last-suspect-is-run-first", "queue.popleft()", "queue.pop()"),
    _in("suspects", "running-suspects-are-done", "not self._left and not self._running and", "not self._left and"),
    _in(
        "suspects",
        "a-suspect-that-was-left-is-lost",
        "        self._left.extend(self._waiting.pop(worker, ()))\n",
        "        self._waiting.pop(worker, ())\n",
    ),
    _in("suspects", "running-suspects-are-lost-at-the-end", "(*self._running.values(), *self._left)", "self._left"),
    # Replay
    _in(
        "replay",
        "malformed-inputs-do-not-fail",
        "self.failing += result.verdict is not InputVerdict.PASS",
        "self.failing += result.verdict is InputVerdict.FAIL",
    ),
    _in(
        "replay",
        "done-while-one-is-running",
        "return not self._waiting and not self._running",
        "return not self._waiting",
    ),
    _in("replay", "a-suspicious-death-is-a-verdict", "if death.suspicion:", "if False:"),
    _in(
        "replay",
        "an-input-that-was-not-run-comes-last",
        "self._waiting.appendleft((name, item.data))",
        "self._waiting.append((name, item.data))",
    ),
    # Distilling
    _in(
        "distill",
        "candidates-in-any-order",
        "for path, data in sorted(candidates, key=lambda candidate: (len(candidate[1]), candidate[0])):",
        "for path, data in candidates:",
    ),
    _in("distill", "candidates-do-not-wait", "        if self._unrun:\n", "        if False:\n"),
    _in("distill", "what-covers-nothing-new-stays", "elif report.new:", "elif report.new >= 0:"),
    _in("distill", "an-interrupted-run-removes", "if self.is_done and self._items:", "if self._items:"),
    _in("distill", "the-only-copy-is-removed", "if self._search.crashers.is_stored(report.failure.id):", "if True:"),
    _in(
        "distill",
        "known-failures-are-crashers-again",
        "            self._known_failures.add(report.failure.id)\n",
        "            pass\n",
    ),
    _in(
        "distill",
        "what-does-not-parse-is-not-told",
        '                self._malformed.append(say("{}: {}", path.name, error))\n',
        "                pass\n",
    ),
    _in(
        "distill",
        "what-was-not-taken-in-counts-as-saved",
        "            self.unsaved += 1\n            self._kept -= 1\n",
        "            self._kept -= 1\n",
    ),
    _in("distill", "what-was-not-removed-counts-as-saved", "                self.unsaved += 1\n", ""),
    _in(
        "distill",
        "links-are-not-followed",
        "contents(self._folder, LONGEST, follow=True)",
        "contents(self._folder, LONGEST)",
    ),
    # What is shared
    _in(
        "search",
        "a-hit-is-counted-twice",
        "        self.hits[worker] += hits\n",
        "        self.hits[worker] += 2 * hits\n",
    ),
    _in(
        "search",
        "parameters-before-seeds-are-checked",
        "        for seed in seeds:\n",
        "        self.parameters = parameters\n        for seed in seeds:\n",
    ),
    _in(
        "coverage_log",
        "a-module-may-shrink",
        "if known is not None and len(module.lines) <= len(known.lines):",
        "if False:",
        "search",
    ),
    _in(
        "coverage_log",
        "a-module-that-grows-counts-twice",
        "self.probes - (len(known.lines) if known is not None else 0)",
        "self.probes",
        "search",
    ),
    _in(
        "plan",
        "suspects-have-a-budget-of-their-own",
        "suspects = Suspects(account,",
        "suspects = Suspects(Account(search.options.limit.executions),",
    ),
    _in(
        "plan",
        "a-regression-test-is-instrumented",
        "not isinstance(task, Replay | RegressionTest)",
        "not isinstance(task, Replay)",
    ),
    # What is stored
    _kept(
        "crashers",
        "a-crasher-that-is-there-counts-as-stored",
        "                self.duplicates += 1\n            return folder",
        "                self.stored += 1\n            return folder",
        "test_crasher_book",
    ),
    _kept(
        "crashers",
        "unsaved-ones-are-forgotten",
        "        self._unsaved[failure_id] = data\n",
        "        pass\n",
        "test_crasher_book",
    ),
    _kept(
        "crashers",
        "a-later-one-has-no-command",
        "path=path, command=self._command(path))",
        "path=path)",
        "test_crasher_book",
    ),
    _kept(
        "crashers",
        "a-later-one-has-no-record",
        "                self.crashers[position] = crasher\n                self._write_record(crasher)\n",
        "                self.crashers[position] = crasher\n",
        "test_crasher_book",
    ),
    _kept(
        "crashers",
        "records-are-named-after-inputs",
        'f"{crasher.id}.json"',
        'f"{crasher.sha256}.json"',
        "test_crasher_book",
    ),
    _kept(
        "crashers",
        "a-failing-seed-was-received",
        "self.received += seed is None",
        "self.received += 1",
        "test_crasher_book",
    ),
    _kept(
        "crashers",
        "an-old-problem-stays",
        "        self.problem = text.NOTHING\n        path =",
        "        path =",
        "test_crasher_book",
    ),
    _kept(
        "crashers",
        "the-cache-is-no-place",
        "for folder in (self._folder, self._records):",
        "for folder in (self._folder,):",
        "test_crasher_book",
    ),
    _kept("crashers", "repeats-are-no-duplicates", "        self.duplicates += hits\n", "", "test_crasher_book"),
    _kept(
        "corpus",
        "a-known-input-is-found-again",
        "            return None\n        self.new += 1",
        "            return entry\n        self.new += 1",
        "test_corpus_entries",
    ),
    _kept("corpus", "what-is-found-is-not-stored", "        self.keep(data)\n", "", "test_corpus_entries"),
    _kept(
        "corpus",
        "the-zero-value-is-always-an-entry",
        "        if not self.entries:\n",
        "        if True:\n",
        "test_corpus_entries",
    ),
    _kept(
        "corpus",
        "what-the-fuzzer-made-is-the-users",
        "in (Origin.SEED, Origin.STORED)",
        "is not Origin.ZERO",
        "test_corpus_entries",
    ),
    _kept(
        "corpus",
        "what-cannot-be-stored-is-no-entry",
        "        if not self._add(entry):\n            return None\n        self.new += 1\n        self.keep(data)\n",
        "        self.keep(data)\n        if not self._add(entry):\n            return None\n        self.new += 1\n",
        "test_corpus_entries",
    ),
]
