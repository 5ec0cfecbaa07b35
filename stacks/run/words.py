"""The driver's results in words, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from stacks.language import _
from stacks.run.changes import Outcome
from stacks.run.drift import Drift
from stacks.run.preview import Preview
from stacks.run.steps import SIGNS, Step

LISTED = 60
"""Steps printed one by one; the others are counted."""


def preview_words(preview: Preview) -> Iterator[str]:
    """A preview: one line for the stack, one a step."""
    how = _("à blanc, without the engine") if preview.blank else _("by the engine")
    base = _("from an empty state") if preview.empty else _("against its state")
    yield _(
        "{label} ({how}, {base}): {tally}", label=preview.target.label, how=how, base=base, tally=tally(preview.counts)
    )
    yield from step_words(preview.steps)
    for warning in preview.warnings:
        yield f"  ! {warning}"


def outcome_words(outcome: Outcome) -> Iterator[str]:
    """An ``up`` or a ``down``: its count, and what stays."""
    yield _("{label}: {text}", label=outcome.target.label, text=tally(outcome.counts))
    if not outcome.changed:
        yield "  " + _("nothing to change")
    for line in outcome.left:
        yield "  " + _("not removed: {what}", what=line)


def drift_words(drift: Drift) -> Iterator[str]:
    """A drift: each resource that moved, each rule that nobody declared."""
    if not drift.found:
        yield _("{label}: the cloud is what the state says", label=drift.target.label)
    else:
        yield _("{label}: changed behind Pulumi's back:", label=drift.target.label)
    yield from step_words(drift.steps)
    for stray in drift.strays:
        yield "  + " + _("rule unknown to the state — {rule}", rule=stray.text)
    for warning in drift.warnings:
        yield f"  ! {warning}"


def tally(counts: Mapping[str, int]) -> str:
    """``+3 ~1 ±0 −0`` and how many stay as they are."""
    signs = " ".join(f"{SIGNS[op]}{counts[op]}" for op in ("create", "update", "replace", "delete"))
    return f"{signs} ({_.plural('{n} unchanged', '{n} unchanged', counts['same'])})"


def step_words(steps: Sequence[Step]) -> Iterator[str]:
    """One line a step that changes something, and what moves in it."""
    moving = [step for step in steps if step.op != "same"]
    for step in moving[:LISTED]:
        yield f"  {SIGNS[step.op]} {step.kind} {step.name}"
        for change in step.changes:
            yield f"      {change.path}: {change.before or '∅'} → {change.after or '∅'}"
    if len(moving) > LISTED:
        yield "  " + _.plural("… and {n} more", "… and {n} more", len(moving) - LISTED)
