"""Adopting a colleague's object would one day delete it: what is sure, what is asked, what is left alone."""

from datetime import UTC, datetime, timedelta

import pytest

from stacks.run.recovery.kinds import Found, marked
from stacks.run.recovery.verdict import Act, decide

BEGAN = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
AFTER, BEFORE = BEGAN + timedelta(seconds=5), BEGAN - timedelta(minutes=5)
OURS = {"project_id": "nous", "began": BEGAN, "known": frozenset()}


def one(**changes: object) -> Found:
    return Found(**{"id": "a", "project_id": "nous", "created": AFTER, "marked": True, **changes})  # type: ignore[arg-type]


def test_one_object_bearing_our_mark_and_younger_than_the_run_is_ours() -> None:
    assert decide([one()], **OURS).act is Act.ADOPT  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "candidates",
    [[], [one(project_id="autre")], [one(created=BEFORE)], [one(created=BEFORE, marked=False)]],
    ids=["none", "another project", "older, ours by its mark", "older, a colleague's"],
)
def test_what_is_surely_not_of_this_run_is_left_alone(candidates: list[Found]) -> None:
    assert decide(candidates, **OURS).act is Act.FORGET  # type: ignore[arg-type]


def test_what_the_state_already_holds_is_no_find() -> None:
    assert decide([one()], project_id="nous", began=BEGAN, known={"a"}).act is Act.FORGET


@pytest.mark.parametrize("candidates", [[one(), one(id="b")], [one(marked=False)]], ids=["two fit", "without our mark"])
def test_anything_less_sure_is_asked(candidates: list[Found]) -> None:
    verdict = decide(candidates, **OURS)  # type: ignore[arg-type]
    assert verdict.act is Act.ASK
    assert list(verdict.found) == candidates


def test_without_the_moment_the_run_began_a_dated_object_is_asked_about() -> None:
    assert decide([one()], project_id="nous", began=None, known=()).act is Act.ASK


def test_a_namesake_in_our_project_made_before_does_not_hide_ours() -> None:
    verdict = decide([one(id="vieux", created=BEFORE), one()], **OURS)  # type: ignore[arg-type]
    assert (verdict.act, verdict.found) == (Act.ADOPT, (one(),))


def test_clocks_of_whole_seconds_are_allowed_for() -> None:
    assert decide([one(created=BEGAN - timedelta(seconds=1))], **OURS).act is Act.ADOPT  # type: ignore[arg-type]


def test_what_gives_no_date_needs_the_census() -> None:
    found = Found("a", "nous", counted=True)
    assert decide([found], **OURS).act is Act.ASK  # type: ignore[arg-type]
    assert decide([found], counted=True, **OURS).act is Act.ADOPT  # type: ignore[arg-type]
    assert decide([found], project_id="nous", began=BEGAN, known={"a"}, counted=True).act is Act.FORGET


@pytest.mark.parametrize("why", [{"adoptable": False}, {}], ids=["its secret is lost", "the cloud gave up on it"])
def test_what_cannot_be_taken_in_is_remade_where_it_can_be_removed(why: dict[str, bool]) -> None:
    found = one(broken=not why)
    assert decide([found], removable=True, **why, **OURS).act is Act.REMAKE  # type: ignore[arg-type]
    assert decide([found], removable=False, **why, **OURS).act is Act.ASK  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("place", "ours"),
    [
        (["francecloud:zone=z"], True), ({"francecloud:zone": "z"}, True), ("[francecloud:z] réseau", True),
        (["francecloud:zone=autre"], False), ("réseau [francecloud:z]", False), ("[francecloud:zz] réseau", False),
        (None, False),
    ],
)  # fmt: skip
def test_the_mark_is_read_wherever_a_type_can_carry_it(place: object, ours: bool) -> None:
    assert marked("francecloud:zone=z", place) is ours
