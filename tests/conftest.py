"""What holds for all tests: the same settings everywhere, nobody's cache, and of many long cases a few are ordinary."""

import gc
import os
from collections import defaultdict
from collections.abc import Iterator

import pytest
from hypothesis import settings

# Where one of these says that this is a machine for CI, Hypothesis keeps no examples and draws the same ones each time:
# tests, and the processes that they start, expect what it does for people. Its own list is in `hypothesis._settings`.
OF_CI = (
    "CI",
    "__TOX_ENVIRONMENT_VARIABLE_ORIGINAL_CI",
    "TF_BUILD",
    "bamboo.buildKey",
    "BUILDKITE",
    "CIRCLECI",
    "CIRRUS_CI",
    "CODEBUILD_BUILD_ID",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "HEROKU_TEST_RUN_ID",
    "TEAMCITY_VERSION",
)
for name in OF_CI:
    os.environ.pop(name, None)
settings.load_profile("default")

gc.set_threshold(700, 10, 100)
"""A tenth as many looks at all objects as are usual: there are a million, thousands of tests among them, and the looks
were a fifth of the time of tests of screens. What is let go waits for its end meanwhile, some tens of megabytes of it.
"""


@pytest.fixture(scope="session", autouse=True)
def user_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Lives as long as the session, so that later tests start with the instrumented code of earlier ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("user-cache")))
        yield


def pytest_collection_finish() -> None:
    """What has been loaded and collected by now stays to the end: the collector need not look at it again."""
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave so many cases of a test that is `mostly_soak(n)` where they are, the others to `make soak`.

    This comes before `-m` is heeded.
    """
    alike: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("mostly_soak") is not None:
            alike[item.nodeid.partition("[")[0]].append(item)
    for cases in alike.values():
        marker = cases[0].get_closest_marker("mostly_soak")
        assert marker is not None
        (ordinary,) = marker.args
        kept = {number * len(cases) // ordinary for number in range(ordinary)}
        for number, item in enumerate(cases):
            if number not in kept:
                item.add_marker(pytest.mark.soak)
