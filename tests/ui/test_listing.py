"""Crashers are grouped, ordered and searched by pure functions."""

import random

from fuzztui.engine.show.crasher import Crasher, Earlier
from fuzztui.engine.show.failure import CrasherKind
from fuzztui.engine.show.text import label
from fuzztui.screens.listing import Desk, Fold, Item, Order, groups_in, listed, matches
from tests.ui.fakes import crasher, snapshot

FOUND = (
    crasher(0, group="g", hits=5, data=b"aaaa", location="b.py:10"),
    crasher(1, group="h", hits=9, data=b"aa", location="b.py:9"),
    crasher(2, group="g", hits=6, data=b"a", location="a.py:77"),
    crasher(3, group="i", hits=1, data=b"aaa", location=""),
)


def shape(items: list[Item]) -> list[str]:
    return [f"{item.fold.value}{','.join(one.id[:1] for one in item.crashers)}" for item in items]


def numbers(crashers: tuple[Crasher, ...]) -> list[int]:
    return [FOUND.index(one) for one in crashers]


def rows(order: Order, words: str = "", unfolded: tuple[str, ...] = ()) -> list[tuple[Fold, list[int]]]:
    return [(item.fold, numbers(item.crashers)) for item in listed(FOUND, order, words, unfolded)]


def test_crashers_of_one_group_share_a_row_that_unfolds_into_them() -> None:
    assert rows(Order.NEWEST) == [(Fold.ALONE, [3]), (Fold.FOLDED, [2, 0]), (Fold.ALONE, [1])]
    assert rows(Order.NEWEST, unfolded=("g",)) == [
        (Fold.ALONE, [3]),
        (Fold.UNFOLDED, [2, 0]),
        (Fold.MEMBER, [2]),
        (Fold.MEMBER, [0]),
        (Fold.ALONE, [1]),
    ]
    assert groups_in(FOUND) == 3


def test_rows_and_crashers_within_them_are_in_the_order_that_is_asked_for() -> None:
    assert [first for _, (first, *_) in rows(Order.HITS)] == [2, 1, 3]  # the group's hits count together
    assert rows(Order.SIZE) == [(Fold.FOLDED, [2, 0]), (Fold.ALONE, [1]), (Fold.ALONE, [3])]
    assert rows(Order.WHERE) == [(Fold.FOLDED, [2, 0]), (Fold.ALONE, [1]), (Fold.ALONE, [3])]


def test_places_are_ordered_as_people_do_and_what_has_none_comes_last() -> None:
    found = tuple(crasher(i, location=place) for i, place in enumerate(("b.py:10", "", "b.py:9", "a.py:100", "odd")))
    assert [item.crasher.failure.location for item in listed(found, Order.WHERE, "")] == [
        "odd", "a.py:100", "b.py:9", "b.py:10", "",
    ]  # fmt: skip


def test_orders_follow_each_other_round_and_round() -> None:
    order, met = Order.NEWEST, []
    for _ in range(5):
        met.append(order)
        order = order.following
    assert met == [*Order, Order.NEWEST]


def test_search_wants_every_word_anywhere_in_any_case() -> None:
    one = crasher(
        0, type="json.JSONDecodeError", message="Expecting ',' delimiter", function="raw_decode",
        location="json/decoder.py:355", kind=CrasherKind.EXCEPTION,
    )  # fmt: skip
    for words in ("jsondecode", "DECODER.PY:355 raw", "delimiter exception", one.id, "u-100"):
        assert matches(one, words.casefold().split()), words
    assert not matches(one, ["delimiter", "nowhere"])


def test_group_is_searched_by_its_crashers_and_one_that_is_left_stands_alone() -> None:
    assert rows(Order.NEWEST, "a.py") == [(Fold.ALONE, [2])]
    assert rows(Order.NEWEST, "nowhere") == []


def test_row_keeps_its_key_when_another_crasher_joins_its_group_or_is_searched_away() -> None:
    alone = listed(FOUND[:1], Order.NEWEST, "")[0].key
    together = listed(FOUND, Order.NEWEST, "")[1].key
    searched = listed(FOUND, Order.NEWEST, "a.py")[0].key
    assert alone == together == searched


def test_every_crasher_is_listed_once_whatever_the_order() -> None:
    source = random.Random(7)
    found = tuple(
        crasher(i, group=f"g{source.randrange(9)}", hits=source.randrange(4), location=f"a.py:{source.randrange(5)}")
        for i in range(60)
    )
    for order in Order:
        desk = Desk(order=order, unfolded={"g1", "g2"})
        shown = snapshot(crashers=found)
        ids = [one.id for one in desk.sequence(shown)]
        assert sorted(ids) == sorted(one.id for one in found)
        members = [item.crasher.id for item in desk.items(shown) if item.fold is Fold.MEMBER]
        assert len(members) == len(set(members))
        assert len({item.key for item in desk.items(shown)}) == len(desk.items(shown))


def test_crasher_is_new_until_it_has_been_looked_at_and_one_from_before_never_is() -> None:
    desk = Desk()
    assert desk.is_new(FOUND[0])
    desk.seen.add(FOUND[0].id)
    assert not desk.is_new(FOUND[0])
    assert not desk.is_new(crasher(1, seed_name="stored"))
    yesterday = Earlier(label("2026-11-25"), label("2026-11-25"), 3, 1)
    assert not desk.is_new(crasher(2, earlier=yesterday))
