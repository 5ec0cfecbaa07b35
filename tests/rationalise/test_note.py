"""Notes: verdict first, never green by accident, inert, and short enough for any forge."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.problems import InvalidInput
from rationalise.note import BUDGET, forge_level, render_note

STACK = {"stack": "z", "project": "landing_zone", "create": 3, "update": 1, "replace": 0, "delete": 1, "same": 0}
PREVIEW: dict[str, Any] = {
    "verdict": "allowed",
    "as_of": "2026-11-23",
    "refusals": [],
    "stacks": [{**STACK, "mode": "engine"}],
    "details": [{"stack": "z", "op": "delete", "type": "networking/Network", "name": "n-1", "properties": []}],
}
REFUSAL = {"application": "APP-1", "rule": "FC-04", "title": "Titre", "ref": "Loi", "since": "2026-04-17"}
GREEN, RED = "✅", "⛔"


def first_line(note: str) -> str:
    return note.splitlines()[1]


def diff(moves: int, details: int = 0, **given_: Any) -> dict[str, Any]:
    side = {"applications": 10, "lawful_now": 3, "lawful_if_confirmed": 8}
    return {
        "verdict": "to confirm",
        "base": "main",
        "head": "HEAD",
        "as_of": "2026-11-23",
        "problems": [],
        "counts": {"before": side, "after": side, "moved": moves, "new": 0, "gone": 0, "tier": moves, "offer": 0,
                   "treatment": 0, "unlawful_in_zone": 0},
        "moves": [
            {"application": f"APP-{n}", "name": "Nom", "kind": "moved", "tier": "INT → SNC", "offer": "a",
             "treatment": "b", "unlawful_in": [], "edits": ["applications, APP, sante: non → oui"]}
            for n in range(moves)
        ],
        "details": [{"title": "applications", "text": f"edit {n}"} for n in range(details)],
        **given_,
    }  # fmt: skip


def test_a_lawful_preview_is_green_and_counted() -> None:
    note = render_note("preview", PREVIEW)
    assert note.startswith("<!-- francecloud:preview -->\n")
    assert GREEN in first_line(note)
    assert "| z | landing\\_zone | 3 | 1 | 0 | 1 | 0 |" in note
    assert "**n-1**" in note, "what is deleted is named"


@pytest.mark.parametrize("verdict", ["refused", "unknown", "", None, "ok", "ALLOWED"])
def test_any_other_word_is_never_green(verdict: str | None) -> None:
    assert RED in first_line(render_note("preview", {**PREVIEW, "verdict": verdict}))


def test_a_refusal_or_an_empty_preview_outweighs_a_green_word() -> None:
    refused = render_note("preview", {**PREVIEW, "refusals": [REFUSAL]})
    assert RED in first_line(refused)
    assert "| **APP-1** | FC-04 | Titre | Loi | 2026-04-17 |" in refused
    assert RED in first_line(render_note("preview", {**PREVIEW, "stacks": []}))


def test_a_preview_without_the_engine_says_so() -> None:
    assert "à blanc" in render_note("preview", {**PREVIEW, "stacks": [{**STACK, "mode": "blank"}]})


@given(st.text())
def test_no_text_of_ours_can_become_markup(text: str) -> None:
    move = {**diff(1)["moves"][0], "name": text}
    note = render_note("diff", {**diff(1), "moves": [move]})
    [row] = [line for line in note.split("\n") if line.startswith("| ") and "(APP-0)" in line]
    assert "<" not in row
    plain = row.replace("\\|", "")
    assert plain.count("|") == 6
    assert not [c for c in "@" if f"{c}\u200b" not in row and c in row]


@pytest.mark.parametrize(("moves", "details"), [(0, 20_000), (5_000, 20_000), (20_000, 0)])
def test_it_keeps_its_top_and_counts_what_it_cuts(moves: int, details: int) -> None:
    note = render_note("diff", diff(moves, details))
    assert len(note) <= BUDGET
    assert len(note) > BUDGET * 0.9, "no more is cut than needed"
    assert note.startswith("<!-- francecloud:diff -->\n## ")
    shown = note.count("(APP-"), note.count("\n- edit")
    assert shown[0] == moves or f"{moves - shown[0]} " in note
    assert f"{details - shown[1]} " in note or shown[1] == details


def test_a_forge_that_is_not_trusted_gets_counts_only() -> None:
    note = render_note("diff", diff(3, 2, forge_level="counts"))
    assert "APP-" not in note
    assert "edit" not in note
    assert "3" in first_line(note)
    assert "n-1" not in render_note("preview", {**PREVIEW, "forge_level": "counts"})


def test_the_forge_is_not_trusted_unless_the_settings_say_so() -> None:
    assert forge_level({}) == "counts"
    assert forge_level({"notes": {"forge_level": "full"}}) == "full"
    with pytest.raises(InvalidInput, match="ANA-070"):
        forge_level({"notes": {"forge_level": "everything"}})
