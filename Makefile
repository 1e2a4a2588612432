# Everything runs in VENV, which is made when it is needed and made anew when the project's dependencies change.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# What to test: files, folders, or tests by name, as pytest takes them; and how many at a time: most of them wait.
TEST :=
JOBS := $(shell echo $$((2 * $$(nproc))))

# Who has nothing left to run takes tests from another: the slow ones lie close together.
PYTEST := $(BIN)/pytest -n $(JOBS) --dist worksteal

# Most tests start workers, which would compile every module again each time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test lint format suite again test-fast soak coverage mutants bench bench-full screenshots snapshots clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(VENV)/installed ## the dashboard on the standard library's JSON decoder, whose bug it finds in seconds
	@PATH="$(abspath $(BIN)):$$PATH" sh examples/demo.sh

test: lint suite ## what every change must pass: lint, and all tests but the soak ones

lint: $(VENV)/developing ## style, formatting, types, layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/developing ## write the code in the project's form, with what the linter can mend by itself
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

suite: $(VENV)/developing ## all tests but the soak ones; some: make suite TEST="tests/engine -k stop"
	@$(PYTEST) -m "not soak" $(TEST) || { status=$$?; [ $$status -eq 1 ] || exit $$status; $(MAKE) again; }

# Beside twice as many others as there are cores a process may get nothing for seconds; alone, a failure is one.
again: $(VENV)/developing ## the tests that failed last time, one by one
	@echo "== what failed runs once more, one by one"
	$(BIN)/pytest -m "not soak" --last-failed --last-failed-no-failures none --maxfail 5

test-fast: $(VENV)/developing ## the tests that run no engine: a minute on two idle cores; some: make test-fast TEST=tests/worker
	$(PYTEST) -m "not soak and not processes" $(TEST)

soak: $(VENV)/developing ## the promises that need hundreds of runs: ten minutes and more
	FUZZTUI_SOAK_SEED=$${FUZZTUI_SOAK_SEED:-$$(date +%s)} $(BIN)/pytest -m soak $(TEST)

# Whether tests pass is the matter of `make test`: those whose targets take the builtins away from coverage.py fail here.
coverage: $(VENV)/developing ## which lines the tests run, in every process, workers too; report in htmlcov/
	$(BIN)/coverage erase
	-$(BIN)/coverage run -m pytest -n $(JOBS) -m "not soak" $(TEST)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage html --quiet
	$(BIN)/coverage report --skip-covered --skip-empty

mutants: $(VENV)/developing ## break the code on purpose, and see whether a test notices
	$(BIN)/python -m tests.mutants $(MUTANTS)

# Only some of it, or drawn: make bench BENCH="bugs nested --picture bugs.svg"
bench: $(VENV)/developing ## benchmarks, ten minutes at most; beside Atheris, where it can be installed: EXTRA=bench
	@$(if $(EXTRA),$(BIN)/pip install --quiet --editable ".[$(EXTRA)]",true)
	$(BIN)/python -m benchmarks $(BENCH)

bench-full: $(VENV)/developing ## benchmarks, long and often enough for figures that hold: hours; takes EXTRA and BENCH too
	@$(if $(EXTRA),$(BIN)/pip install --quiet --editable ".[$(EXTRA)]",true)
	$(BIN)/python -m benchmarks --full $(BENCH)

screenshots: $(VENV)/developing ## draw the pictures in screenshots/ anew
	$(BIN)/python -m screenshots.make

snapshots: $(VENV)/developing ## accept what the dashboard looks like now; look at the changed pictures before you commit
	$(BIN)/pytest --snapshot-update tests/ui/test_tour.py

clean: ## remove what can be made again, environments too
	rm -rf $(VENV) .venv-* .fuzztui .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	rm -rf .coverage .coverage.* htmlcov dist examples/testdata

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "fuzztui needs Python 3.11 or later; say which: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)

# The version, which is in the package's metadata, stands in fuzztui/__init__.py.
$(VENV)/installed: pyproject.toml fuzztui/__init__.py | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/developing: pyproject.toml fuzztui/__init__.py | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[dev]"
	@touch $@
