"""Sets of answers: those that decide together are found together, and the choice is near the best."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from rationalise.questioning.choice import FEW, Group, choose, deciding_sets, filled, greedy, worth

A, B, C = frozenset([0]), frozenset([1]), frozenset([2])


def test_answers_that_settle_nothing_alone_are_chosen_together() -> None:
    # 0 and 1 are worth nothing apart; 2 decides a little by itself.
    assert set(greedy([100, 5], [[A | B], [C]], [1, 1, 1], 2)) == {0, 1}
    assert greedy([100, 5], [[A | B], [C]], [1, 1, 1], 1) == [2]


def test_a_dear_answer_is_weighed_against_its_cost() -> None:
    assert greedy([10, 6], [[A], [B]], [10, 1], 1) == [1]


def test_nothing_is_asked_that_decides_nothing() -> None:
    assert greedy([1], [[]], [1.0], 5) == []
    assert greedy([3, 4], [[A], [A]], [1.0], 5) == [0]


def test_only_the_smallest_sets_are_kept_and_equals_stand_for_one_another() -> None:
    fills = {0: ("x", None), 1: ("x", None), 2: (None, "y"), 3: ("x", "y")}
    [ways] = deciding_sets([Group((None, None), fills, 1, 1)], lambda p: p == ("x", "y"))
    assert set(ways) == {frozenset([3]), frozenset([0, 2]), frozenset([1, 2])}
    assert deciding_sets([Group(("x", "y"), fills, 1, 1)], lambda p: p == ("x", "y")) == [[]]
    assert filled((None, "z"), [("x", None)]) == ("x", "z")


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[int], list[list[frozenset[int]]], int, int]:
    answers = draw(st.integers(1, 9))
    way = st.frozensets(st.integers(0, answers - 1), min_size=1, max_size=3)
    sets = draw(st.lists(st.lists(way, min_size=1, max_size=3, unique=True), min_size=1, max_size=8))
    weights = draw(st.lists(st.integers(1, 500), min_size=len(sets), max_size=len(sets)))
    return weights, sets, answers, draw(st.integers(1, answers))


@given(cases())
@settings(max_examples=150, deadline=None)
def test_the_choice_is_within_ten_percent_of_the_best_on_small_cases(
    case: tuple[list[int], list[list[frozenset[int]]], int, int],
) -> None:
    weights, sets, answers, limit = case
    assert answers <= FEW
    best = max(worth(weights, sets, some) for some in combinations(range(answers), limit))
    chosen = choose(weights, sets, [1.0] * answers, limit)
    assert len(chosen) == len(set(chosen)) <= limit
    assert worth(weights, sets, chosen) >= 0.9 * best


@given(cases())
@settings(max_examples=100, deadline=None)
def test_with_room_enough_everything_that_can_be_decided_is(
    case: tuple[list[int], list[list[frozenset[int]]], int, int],
) -> None:
    weights, sets, answers, _limit = case
    assert worth(weights, sets, greedy(weights, sets, [1.0] * answers, answers)) == sum(weights)


@given(cases(), st.integers(1, 9))
@settings(max_examples=100, deadline=None)
def test_greedy_weighs_what_it_kept_as_if_weighed_afresh(
    case: tuple[list[int], list[list[frozenset[int]]], int, int], limit: int
) -> None:
    # The lazy weighing against a plain one that forgets nothing and keeps nothing.
    weights, sets, answers, _limit = case
    chosen: list[int] = []
    while len(chosen) < limit:
        given_ = frozenset(chosen)
        base = worth(weights, sets, given_)
        open_ = {way - given_ for ways in sets if not any(w <= given_ for w in ways) for way in ways}
        fits = [w for w in open_ if len(w) <= limit - len(chosen)]
        if not fits:
            break
        ratio = max((worth(weights, sets, given_ | w) - base) / len(w) for w in fits)
        chosen += sorted(min((w for w in fits if (worth(weights, sets, given_ | w) - base) / len(w) == ratio),
                             key=lambda w: (len(w), sorted(w))))  # fmt: skip
    assert set(greedy(weights, sets, [1.0] * answers, limit)) == set(chosen)
