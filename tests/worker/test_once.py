"""What is handed out once."""

from fuzztui.worker.guidance.once import Once


def test_an_input_is_there_for_the_first_time_once() -> None:
    once = Once()
    assert (b"one",) not in once
    assert once.add((b"one",))
    assert (b"one",) in once
    assert not once.add((b"one",))
    once.discard((b"one",))
    assert once.add((b"one",))
    once.clear()
    assert once.add((b"one",))


def test_what_is_remembered_is_bounded() -> None:
    once = Once(2)
    for each in (b"one", b"two", b"three"):
        assert once.add((each,))
    assert (b"three",) in once
    assert (b"one",) not in once
