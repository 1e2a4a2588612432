"""In which order what follows from inputs is traced."""

from collections.abc import Iterator

from fuzztui.worker.guidance.leads import LEAST_PROMISING, MAX_LEADS, REMEMBERED, SLIGHT, Leads
from fuzztui.worker.mutate.sizes import Arguments


def _many(name: bytes, count: int) -> Iterator[Arguments]:
    return ((name, number) for number in range(count))


def _taken(leads: Leads, count: int) -> list[object]:
    made = [leads.next() if leads else None for _ in range(count)]
    return [each and each[0] for each in made]


def test_what_is_new_catches_up_with_what_was_there() -> None:
    leads = Leads()
    leads.add(_many(b"old", 100))
    assert _taken(leads, 40) == [b"old"] * 40
    leads.add(_many(b"new", 100))
    assert _taken(leads, 40) == [b"new"] * 40
    assert _taken(leads, 40).count(b"old") > 10


def test_what_is_slight_has_less() -> None:
    leads = Leads()
    leads.add(_many(b"slight", 1000), is_slight=True)
    leads.add(_many(b"much", 1000))
    taken = _taken(leads, 100)
    assert taken.count(b"much") > 0.7 * SLIGHT * taken.count(b"slight")


def test_of_too_many_the_one_that_has_had_most_is_dropped() -> None:
    leads = Leads()
    leads.add(_many(b"first", 1000))
    _taken(leads, 10)
    for _ in range(MAX_LEADS):
        leads.add(_many(b"later", 4))
    assert b"first" not in _taken(leads, 4 * MAX_LEADS)


def test_what_has_ended_is_left() -> None:
    leads = Leads()
    leads.add(iter([(b"only",)]))
    assert _taken(leads, 2) == [b"only", None]
    assert not leads


def test_what_follows_from_several_is_traced_once_until_all_is_forgotten() -> None:
    leads = Leads()
    leads.add(iter([(b"same",), (b"one",)]))
    leads.add(iter([(b"same",), (b"other",)]))
    assert sorted(str(each) for each in _taken(leads, 8) if each) == ["b'one'", "b'other'", "b'same'"]
    leads.add(iter([(b"same",)]))
    assert _taken(leads, 2) == [None, None]
    leads.clear()
    leads.add(iter([(b"same",)]))
    assert leads.next() == (b"same",)


def test_what_is_traced_promises_as_much_as_has_led_further_of_late() -> None:
    leads = Leads()
    assert leads.promise == 1
    for _ in range(REMEMBERED):
        leads.note(is_further=False)
    assert leads.promise == LEAST_PROMISING
    for number in range(REMEMBERED):
        leads.note(is_further=number % 20 == 0)
    assert leads.promise == 1
