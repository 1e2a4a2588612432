import pytest

from fuzztui.engine.request.options import Limit
from fuzztui.words.units import parse_limit, parse_memory, parse_seconds, parse_size


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


@pytest.mark.parametrize(
    ("spec", "meant"),
    [
        ("5min", "5m"),
        ("60sec", "60s"),
        ("2hours", "2h"),
        ("1h 30m", "1h30m"),
        ("1 hour 30 minutes", "1h30m"),
        ("10,000x", "10000x"),
        ("10k", "10000x"),
        ("500 runs", "500x"),
        ("=30s", "30s"),
    ],
)
def test_a_limit_in_other_words_is_told_as_it_is_written(spec: str, meant: str) -> None:
    with pytest.raises(ValueError, match=f"; write {meant}; want a time like 30s"):
        parse_limit(spec)


@pytest.mark.parametrize(("spec", "meant"), [("3", "3s"), ("3seconds", "3s"), ("1 day", "1d")])
def test_a_time_in_other_words_is_told_as_it_is_written(spec: str, meant: str) -> None:
    with pytest.raises(ValueError, match=f"write {meant}; want one like"):
        parse_seconds(spec)


@pytest.mark.parametrize("spec", ["soon", "x", "10 potatoes", "1e6x", "-5min", "5xm"])
def test_nothing_is_guessed_from_what_says_nothing(spec: str) -> None:
    with pytest.raises(ValueError, match="want") as caught:
        parse_limit(spec)
    assert "write" not in str(caught.value)


def test_times_are_not_counted() -> None:
    with pytest.raises(ValueError, match="want one like") as caught:
        parse_seconds("10k")
    assert "write" not in str(caught.value)
