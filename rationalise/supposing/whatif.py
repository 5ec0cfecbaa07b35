"""Both analyses, the one that stands and the supposed one, and what moves between them."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from inventory.workspace import Workspace
from rationalise.analysis import analyse
from rationalise.language import _
from rationalise.proposal import Proposal
from rationalise.supposing.derogations import with_derogations
from rationalise.supposing.moves import counted, moved_placements, moved_verdicts, totals
from rationalise.supposing.suppositions import Ground, Suppositions, grounds


def whatif(workspace: Workspace, supposed: Suppositions, as_of: date) -> dict[str, Any]:
    """What moves if something is otherwise. Nothing is written; the same arguments give the same answer.

    Returns:
        ``as_of``, ``supposed`` (sentences), ``counts``, ``groups`` (applications a move), ``moves`` (application ×
        tier or offer: before, after, the rules lifted and added), ``proposals`` (what is proposed instead), and
        ``shadows``: for each rule taken out, the rules that say the same where nothing moves.

    Raises:
        InvalidInput: a word nothing answers to (``ANA-060``), a file that is wrong, a day not modelled (``DOC-010``).
    """
    from inventory import read_dataset

    before_ground, after_ground = grounds(workspace, supposed, as_of)
    dataset = read_dataset(workspace)

    def run(ground: Ground) -> Proposal:
        return analyse(dataset, ground.decisions, ground.doctrine, ground.as_of, workspace.settings, questions=False)

    before, after = run(before_ground), run(after_ground)
    verdicts = with_derogations(moved_verdicts(before, after), (before_ground, before), (after_ground, after))
    placements = moved_placements(before, after)
    rules = [word for word in supposed.without if word in before_ground.doctrine.rules]
    return {
        "as_of": as_of.isoformat(),
        "supposed": list(after_ground.said),
        "counts": dict(totals(before, after, verdicts, placements)),
        "groups": counted(verdicts),
        "moves": [_move(row) for row in verdicts.iter_rows(named=True)],
        "proposals": list(placements.iter_rows(named=True)),
        "shadows": {rule: _shadows(before, rule, rules) for rule in rules},
    }


def _move(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "lifted": _split(row["lifted"]), "added": _split(row["added"])}


def _split(rules: str | None) -> list[str]:
    return rules.split("|") if rules else []


def _shadows(before: Proposal, rule: str, out: list[str]) -> list[str]:
    """The rules that weigh wherever *rule* does: taken out alone, it moves nothing there."""
    both = pl.concat([before[t].select("conditions") for t in ("profile_tiers", "profile_offers")])
    weighing = both.select(pl.col("conditions").str.split("|").alias("rules")).filter(
        pl.col("rules").list.contains(rule)
    )
    if weighing.height == 0:
        return []
    spread = weighing["rules"].list.unique().explode().value_counts()
    always = spread.filter(pl.col("count") == weighing.height).get_column("rules").to_list()
    return sorted(set(always) - set(out))


def as_text(found: dict[str, Any], shown: int) -> list[str]:
    """The answer for a terminal: the counts, then the moves by number of applications, *shown* at most."""
    counts = found["counts"]
    lines = [_("Supposed: {what}", what=" ; ".join(found["supposed"]))]
    lines.append(
        _("{n} of {all} applications have a verdict that moves ({opened} opened, {shut} shut); proposals that move: {proposals}",
          n=counts["applications_moved"], all=counts["applications"], opened=counts["opened"], shut=counts["shut"],
          proposals=counts["proposals_moved"])
    )  # fmt: skip
    lines.append(_("lawful now on some tier: {before} → {after}",
                   before=counts["lawful_now_before"], after=counts["lawful_now_after"]))  # fmt: skip
    for group in found["groups"][:shown]:
        lines.append(_group(group))
    if len(found["groups"]) > shown:
        lines.append(_.plural("… and {n} other sort of move (--limit, --json)",
                              "… and {n} other sorts of move (--limit, --json)", len(found["groups"]) - shown))  # fmt: skip
    for rule, others in found["shadows"].items():
        if others:
            lines.append(_("wherever {rule} weighs, so do: {others}", rule=rule, others=", ".join(others)))
    return lines


def _group(group: dict[str, Any]) -> str:
    because = [f"−{r}" for r in _split(group["lifted"])] + [f"+{r}" for r in _split(group["added"])]
    if group["tier_before"] and group["tier_after"] and group["tier_before"] != group["tier_after"]:
        because.append(f"{group['tier_before']} → {group['tier_after']}")
    first = ", ".join(group["first"]) + (", …" if group["applications"] > len(group["first"]) else "")
    return f"{group['applications']:>6}  {group['subject']}  {_word(group['before'])} → {_word(group['after'])}  " + (
        f"[{', '.join(because)}]  " if because else ""
    ) + first  # fmt: skip


def _word(verdict: str | None) -> str:
    words = {"allowed": _("allowed"), "conditional": _("conditional"), "denied": _("denied")}
    return words[verdict] if verdict else "∅"
