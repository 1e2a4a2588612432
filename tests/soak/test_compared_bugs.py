"""Bugs behind a `FuzzedDataProvider`, and behind objects, are found within a few thousand executions, whatever the
random seed.
"""

import os

import pytest

from benchmarks import objects, provider
from benchmarks.arena import FOLDER
from benchmarks.behind import Suite

SEED = int(os.environ.get("FUZZTUI_SOAK_SEED", "1"))


@pytest.mark.parametrize("suite", [provider.SUITE, objects.SUITE], ids=lambda suite: suite.name)
def test_all_targets_are_searched(suite: Suite) -> None:
    there = [file.stem.removeprefix("fuzz_") for file in FOLDER.glob(f"{suite.name}/fuzz_*.py")]
    assert sorted(suite.targets) == sorted(there)


@pytest.mark.processes
@pytest.mark.parametrize("target", provider.SUITE.targets)
@pytest.mark.soak
def test_bug_behind_a_provider_is_found(target: str) -> None:
    _find(provider.SUITE, target)


@pytest.mark.processes
@pytest.mark.parametrize("target", objects.SUITE.targets)
@pytest.mark.soak
def test_bug_behind_an_object_is_found(target: str) -> None:
    _find(objects.SUITE, target)


def _find(suite: Suite, target: str) -> None:
    for seed in (SEED, SEED + 1, SEED + 2):
        executions = suite.search(target, seed)
        assert executions is not None, f"seed {seed}"
        assert executions <= suite.limit
