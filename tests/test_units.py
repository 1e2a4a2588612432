import pytest

from fuzztui.engine.options import Limit
from fuzztui.units import parse_limit, parse_memory, parse_seconds, parse_size


@pytest.mark.parametrize(
    ("spec", "limit"),
    [
        ("30s", Limit(seconds=30)),
        ("1h30m", Limit(seconds=5400)),
        ("500ms", Limit(seconds=0.5)),
        ("10000x", Limit(executions=10_000)),
    ],
)
def test_limits_as_people_type_them(spec: str, limit: Limit) -> None:
    assert parse_limit(spec) == limit


@pytest.mark.parametrize("spec", ["0", "-1s", "5", "", "x", "0x", "0s", "1.5x", "s", "10 s", "-3x", "1h30", "tomorrow"])
def test_a_limit_that_is_none_is_refused_with_an_example(spec: str) -> None:
    with pytest.raises(ValueError, match=r"30s.*10000x"):
        parse_limit(spec)


def test_sizes() -> None:
    assert parse_size("512M") == 512 << 20
    assert parse_size("2GiB") == 2 << 30
    assert parse_size("65536") == 65536
    assert parse_size("none") is None
    for spec in ("0", "-1M", "lots", ""):
        with pytest.raises(ValueError, match="want one like"):
            parse_size(spec)


def test_a_memory_limit_that_no_python_code_can_live_with_is_refused() -> None:
    assert parse_memory("none") is None
    assert parse_memory("64M") == 64 << 20
    with pytest.raises(ValueError, match="want at least 32M"):
        parse_memory("10M")


def test_times() -> None:
    assert parse_seconds("2.5s") == 2.5
    with pytest.raises(ValueError, match="want one like"):
        parse_seconds("3")
