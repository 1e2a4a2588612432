"""Events and scores of property tests, as coverage."""

from fuzztui.protocol.messages import Module
from fuzztui.worker.choices.observations import EVENTS, Observations, bucket
from fuzztui.worker.instrumentation.probes import ProbeMap


def observed() -> tuple[ProbeMap, list[Module], Observations]:
    probes, modules = ProbeMap(), list[Module]()
    return probes, modules, Observations(probes, modules.append, "/test_it.py", 7)


def test_each_event_has_a_probe_of_its_own() -> None:
    probes, modules, made = observed()
    made.note({"retried": ""}, {})
    made.note({"retried": "", "gave up because of a filter": ""}, {})
    made.note({"sent": ""}, {})
    assert [(each.name, each.file, each.lines) for each in modules] == [
        ("event retried", "/test_it.py", [7]),
        ("event sent", "/test_it.py", [7]),
    ]
    assert probes.cells == b"\1\1"
    assert made.take() == ({"retried": 2, "sent": 1}, {})
    assert made.take() == ({}, {})


def test_higher_scores_have_probes_of_their_own() -> None:
    probes, _, made = observed()
    covered = []
    for score in (-1e9, -1000.0, -10.0, -1.0, 0.0, 1.0, 10.0, 1000.0, 1e12, 1e300):
        before = probes.cells.count(1)
        made.note({}, {"size": score})
        covered.append(probes.cells.count(1) - before)
    assert covered == [1] * 9 + [0]
    assert made.take() == ({}, {"size": 1e300})
    made.note({}, {"size": 0.0})
    assert made.take() == ({}, {})
    assert made.best == {"size": 1e300}


def test_a_higher_score_never_counts_as_a_lower_one() -> None:
    scores = [-1e300, -1e9, -5.5, -5.0, -0.1, 0.0, 0.1, 3, 4.5, 1e6, 1e300]
    assert [bucket(score) for score in scores] == sorted(bucket(score) for score in scores)


def test_events_named_after_values_do_not_fill_the_map() -> None:
    probes, _, made = observed()
    for number in range(EVENTS + 10):
        made.note({f"event {number}": ""}, {})
    assert len(probes.cells) == EVENTS
