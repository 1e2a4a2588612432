# Everything runs in .venv, which is made when it is needed and made anew when the project's dependencies change.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test soak bench bench-full screenshots clean

demo: $(VENV)/installed
	@PATH="$(abspath $(BIN)):$$PATH" sh examples/demo.sh

test: $(VENV)/developing
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n auto -m "not soak"

# The promises that need hundreds of runs: ten minutes and more.
soak: $(VENV)/developing
	$(BIN)/pytest -m soak

# Ten minutes at most. With the peer, where it can be installed: make bench EXTRA=bench
# Only some of it, or drawn: make bench BENCH="bugs nested --picture bugs.svg"
bench: $(VENV)/developing
	@$(if $(EXTRA),$(BIN)/pip install --quiet --editable ".[$(EXTRA)]",true)
	$(BIN)/python -m benchmarks $(BENCH)

# Everything, long and often enough for figures that hold: hours. Takes EXTRA and BENCH too.
bench-full: $(VENV)/developing
	@$(if $(EXTRA),$(BIN)/pip install --quiet --editable ".[$(EXTRA)]",true)
	$(BIN)/python -m benchmarks --full $(BENCH)

screenshots: $(VENV)/developing
	$(BIN)/python -m screenshots.make

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "fuzztui needs Python 3.11 or later; say which: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/developing: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[dev]"
	@touch $@

clean:
	rm -rf $(VENV) .fuzztui .mypy_cache .ruff_cache .pytest_cache examples/testdata
