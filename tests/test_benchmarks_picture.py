import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest

from benchmarks.picture import LEFT, RIGHT, draw, scale

SVG = "{http://www.w3.org/2000/svg}"

RECORD: dict[str, Any] = {
    "when": "2025-03-04T05:06:07+00:00",
    "python": "3.11.7",
    "atheris": "3.0.0",
    "benchmarks": {
        "throughput": [
            {"target": "empty", "times_atheris": 0.5},
            {"target": "json", "times_atheris": 4.0},
            {"target": "toml", "times_atheris": None},
        ],
        "bugs": [
            {
                "target": "tlv",
                "times_atheris": 0.02,
                "fuzztui_found": 3,
                "fuzztui_searches": 3,
                "atheris_found": 0,
                "atheris_searches": 2,
            }
        ],
        "coverage": [
            {"target": "html", "times_atheris": 1.1, "fuzztui": {"median": 132.0}, "atheris": {"median": 120.0}}
        ],
    },
}


def bars(picture: str) -> list[tuple[str, float, float]]:
    """Class, left and right end of each bar."""
    return [
        (bar.attrib["class"], float(bar.attrib["x"]), float(bar.attrib["x"]) + float(bar.attrib["width"]))
        for bar in ElementTree.fromstring(picture).iter(f"{SVG}rect")
    ]


def test_bars_leave_the_line_of_atheris_to_the_side_that_they_deserve() -> None:
    empty, json, tlv, html = bars(draw(RECORD))
    assert [bar[0] for bar in (empty, json, tlv, html)] == ["worse", "better", "better", "better"]
    assert empty[2] == pytest.approx(json[1], abs=0.11)  # both end at the line
    assert json[2] - json[1] == pytest.approx(2 * (empty[2] - empty[1]), abs=0.3)  # logarithms: 4 is twice 1/2
    assert html[1] == LEFT
    assert all(LEFT <= left < right <= RIGHT + 0.1 for _, left, right in (empty, json, tlv, html))


def test_picture_says_numbers_and_where_they_come_from() -> None:
    texts = [text.text for text in ElementTree.fromstring(draw(RECORD)).iter(f"{SVG}text")]
    for said in ("json", "4.0\u00d7", "50\u00d7", "found 3/3 : 0/2", "132 : 120"):
        assert said in texts
    assert "toml" not in texts
    assert any(text is not None and "Atheris 3.0.0" in text and "3.11.7" in text for text in texts)


def test_picture_without_comparison_says_so() -> None:
    assert "Nothing was compared" in draw({**RECORD, "benchmarks": {}})


def test_picture_escapes_what_it_is_given() -> None:
    rows = [{"target": "<a&b>", "times_atheris": 2.0}]
    texts = [text.text for text in ElementTree.fromstring(draw({**RECORD, "benchmarks": {"throughput": rows}})).iter()]
    assert "<a&b>" in texts


@pytest.mark.parametrize("logarithmic", [True, False])
def test_scale_has_room_for_one_and_for_every_value(logarithmic: bool) -> None:
    for values in ([5.0, 700.0], [0.01], [1.0], [0.3, 4.0]):
        x = scale(values, logarithmic)
        places = [x(value) for value in sorted([1.0, *values])]
        assert places == sorted(places)
        assert all(LEFT - 0.01 <= place <= RIGHT + 0.01 for place in places)
