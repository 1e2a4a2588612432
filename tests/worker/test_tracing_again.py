"""What has been tried often enough in other entries gets a chance in one that is traced again."""

from tests.worker.test_repair import World

SOURCE = """
def f(data):
    return data[:4] == b"word"
"""


def suggested(world: World, entry: bytes) -> list[bytes]:
    """What follows from the entry with the word in it."""
    world.queue.clear()
    world.guidance.trace((entry,), 1000, 100.0)
    return [value for (value,) in world.queue if isinstance(value, bytes) and value.startswith(b"word")]


def test_what_no_longer_has_a_chance_in_new_entries_has_one_in_an_entry_that_is_traced_again() -> None:
    world = World(SOURCE)
    entries = [b"aaaa" + bytes((at,)) for at in range(6)]
    assert [bool(suggested(world, entry)) for entry in entries] == [True] * 3 + [False] * 3
    assert suggested(world, entries[-1])
