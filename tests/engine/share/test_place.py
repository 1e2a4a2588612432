"""Where a campaign is shared: what is a place, what is none, and what of it is not safe."""

from pathlib import Path

import pytest

from fuzztui.engine.share.place import (
    BadPlaceError,
    FolderPlace,
    ServerPlace,
    check_name,
    name_from,
    parse_place,
)

HERE = Path("/work")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("shared", FolderPlace(HERE / "shared")),
        ("../all", FolderPlace(Path("/all"))),
        ("/mnt/x", FolderPlace(Path("/mnt/x"))),
        ("valkey://h", ServerPlace("h")),
        ("redis://h:7000/3", ServerPlace("h", 7000, 3)),
        ("REDISS://u:p%40w@h", ServerPlace("h", 6379, 0, True, "u", "p@w")),
        ("valkeys://:secret@[::1]:1/", ServerPlace("::1", 1, 0, True, "", "secret")),
    ],
)
def test_places(text: str, place: object) -> None:
    assert parse_place(text, HERE) == place


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "it is empty"),
        ("http://h", "http:// is no kind of store"),
        ("valkey://", "no host is named"),
        ("valkey://h:x", "Port could not be cast"),
        ("valkey://h:99999", "Port out of range"),
        ("valkey://h:0", "nobody listens on port 0"),
        ("valkey://h/topic", "the database is a number, not topic"),
        ("valkey://h/-1", "the database is a number, not -1"),
        ("valkey://[h", "Invalid IPv6"),
        ("valkey://h?db=1", "nothing may follow"),
        ("a\0b", "no folder has a null character"),
    ],
)
def test_what_is_no_place_is_told_in_a_sentence(text: str, says: str) -> None:
    with pytest.raises(BadPlaceError) as caught:
        parse_place(text, HERE)
    assert caught.value.sentence.startswith(says)


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("valkey://far", "has no password and no TLS"),
        ("valkey://:p@far", "has no TLS"),
        ("valkeys://far", "has no password"),
        ("valkeys://:p@far", ""),
        ("valkey://localhost", ""),
        ("valkey://127.0.0.2:1", ""),
        ("valkey://[::1]", ""),
        ("valkey://localhost.evil.example", "has no password and no TLS"),
        ("/mnt/x", ""),
    ],
)
def test_what_lets_strangers_in_is_warned_of(text: str, lacks: str) -> None:
    assert lacks in parse_place(text, HERE).doubts
    assert bool(parse_place(text, HERE).doubts) == bool(lacks)


def test_a_password_is_never_shown() -> None:
    place = parse_place("valkey://user:hunter2@far:7", HERE)
    assert place.shown == "valkey://far:7"
    assert "hunter2" not in place.doubts


@pytest.mark.parametrize("name", ["", ".", "..", ".a", "-a", "a/b", "a b", "a\n", "ä", "x" * 49])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(BadPlaceError):
        check_name(name)


@pytest.mark.parametrize("host", ["", ".hidden", "my host", "x" * 300, "ümlaut", "-"])
def test_every_machine_has_a_name(host: str) -> None:
    check_name(name_from(host))
