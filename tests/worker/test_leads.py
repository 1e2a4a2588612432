"""In which order what follows from inputs is traced."""

from fuzztui.worker.guidance.leads import MAX_LEADS, SLIGHT, Leads


def _taken(leads: Leads, count: int) -> list[object]:
    made = [leads.next() for _ in range(count)]
    return [each and each[0] for each in made]


def test_what_is_new_catches_up_with_what_was_there() -> None:
    leads = Leads()
    leads.add(iter([(b"old",)] * 100))
    assert _taken(leads, 40) == [b"old"] * 40
    leads.add(iter([(b"new",)] * 100))
    assert _taken(leads, 40) == [b"new"] * 40
    assert _taken(leads, 40).count(b"old") > 10


def test_what_is_slight_has_less() -> None:
    leads = Leads()
    leads.add(iter([(b"slight",)] * 1000), is_slight=True)
    leads.add(iter([(b"much",)] * 1000))
    taken = _taken(leads, 100)
    assert taken.count(b"much") > 0.7 * SLIGHT * taken.count(b"slight")


def test_of_too_many_the_one_that_has_had_most_is_dropped() -> None:
    leads = Leads()
    leads.add(iter([(b"first",)] * 1000))
    _taken(leads, 10)
    for _ in range(MAX_LEADS):
        leads.add(iter([(b"later",)] * 4))
    assert b"first" not in _taken(leads, 4 * MAX_LEADS)


def test_what_has_ended_is_left() -> None:
    leads = Leads()
    leads.add(iter([(b"only",)]))
    assert _taken(leads, 2) == [b"only", None]
    assert not leads
