"""The answers to ask for, in order, and the curve: how many verdicts stand after each signature."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Literal

import polars as pl

from inventory.package import Package
from rationalise.decisions import Decisions
from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.models import Text
from rationalise.inheritance import heirs
from rationalise.questioning.candidates import EVERYWHERE, Candidates, candidates
from rationalise.questioning.choice import Group, choose, deciding_sets, filled
from rationalise.questioning.floors import floored
from rationalise.questioning.kinds import Kind, kinds
from rationalise.questioning.space import Profile, Space, space
from rationalise.sensitivity import Sensitivity

Goal = Literal["placement", "tiers"]
"""What counts as decided: a placement no unknown can change, or every admissible tier settled too."""
LIMIT = 50
"""The most answers ranked where nobody says how many."""


@dataclass(frozen=True)
class Question:
    """An answer to ask for, its place in the order, and what the order has decided once it is signed."""

    rank: int
    id: str
    kind: Kind
    subject: str
    name: Text
    """The subject as people call it."""
    organisation_id: str | None
    covers: tuple[str, ...]
    """The applications it fills something of."""
    told: Mapping[str, str]
    """What is known already of all of them and is not as presumed; a set of harms joins them with ``|``."""
    unlocks: int
    """Applications it decides, in the sense of the goal, once those before it are signed."""
    decided: int
    settled: int
    users: int
    """Users of the applications decided so far, one where unknown."""

    @property
    def text(self) -> Text:
        """The question, in both languages."""
        return Text(
            fr=self.kind.text.fr.format(subject=self.name.fr), en=self.kind.text.en.format(subject=self.name.en)
        )


@dataclass(frozen=True)
class Ranking:
    """The order and the curve.

    ``decided``, ``settled`` and ``users`` are those of before any answer; ``standing`` says of each
    application whether it is decided now (``id``, ``decided``).
    """

    questions: tuple[Question, ...]
    applications: int
    decided: int
    settled: int
    users: int
    all_users: int
    standing: pl.DataFrame
    fills: pl.DataFrame = field(repr=False)
    """``id``, ``answer`` and what it fills, for the answers ranked."""


def rank(
    dataset: Package,
    decisions: Decisions,
    doctrine: Doctrine,
    as_of: date,
    found: Sensitivity,
    *,
    limit: int = LIMIT,
    goal: Goal = "placement",
) -> Ranking:
    """Rank the answers that would settle most verdicts × users, supposing each is answered as presumed.

    Args:
        dataset: the inventory.
        decisions: what is signed already.
        doctrine: the law.
        as_of: the day.
        found: what is known of each application.
        limit: the most answers.
        goal: what counts as decided.
    """
    law = space(doctrine, as_of)
    pairs = heirs(dataset, decisions, as_of)
    possible = candidates(dataset, found.now, found.own, pairs)
    possible = replace(possible, rows=floored(possible.rows, found.inherited))
    order = {answer: n for n, answer in enumerate(_ordered(possible.answers))}
    groups, profiles = _groups(dataset, found.now, possible, order, law)
    judged = law.decided if goal == "placement" else lambda profile: law.standing(profile)[0]
    described = {row["answer"]: row for row in possible.answers.iter_rows(named=True)}
    names = list(order)
    costs = [kinds()[described[a]["kind"]].cost for a in names]
    chosen = choose([g.weight for g in groups], deciding_sets(groups, judged), costs, limit)
    steps = _curve(groups, chosen, law)
    picked = [names[n] for n in chosen]
    covers = _covers(possible.rows, picked)
    labels = _labels(dataset)
    questions = tuple(
        Question(n, answer, kinds()[described[answer]["kind"]], described[answer]["subject"],
                 _name(described[answer], labels, doctrine), described[answer]["organisation_id"], covers[answer],
                 _told(described[answer]["told"]),
                 after.of(goal) - before.of(goal), after.decided, after.settled, after.users)
        for n, (answer, before, after) in enumerate(zip(picked, steps, steps[1:], strict=False), 1)
    )  # fmt: skip
    start = steps[0]
    return Ranking(
        questions, sum(g.applications for g in groups), start.decided, start.settled, start.users,
        sum(g.weight for g in groups), profiles, possible.rows.filter(pl.col("answer").is_in(picked)),
    )  # fmt: skip


@dataclass(frozen=True)
class _Point:
    decided: int
    settled: int
    users: int

    def of(self, goal: Goal) -> int:
        return self.decided if goal == "placement" else self.settled


def _curve(groups: list[Group], chosen: list[int], law: Space) -> list[_Point]:
    """The count before any answer and after each."""
    profiles = [g.profile for g in groups]
    standing = [law.standing(p) for p in profiles]
    holders: dict[int, list[int]] = {}
    for n, group in enumerate(groups):
        for answer in group.effects:
            holders.setdefault(answer, []).append(n)
    decided = sum(g.applications for g, s in zip(groups, standing, strict=True) if any(s))
    settled = sum(g.applications for g, s in zip(groups, standing, strict=True) if s[0])
    users = sum(g.weight for g, s in zip(groups, standing, strict=True) if any(s))
    points = [_Point(decided, settled, users)]
    for answer in chosen:
        for n in holders[answer]:
            profiles[n] = filled(profiles[n], [groups[n].effects[answer]])
            after = law.standing(profiles[n])
            decided += groups[n].applications * (any(after) - any(standing[n]))
            settled += groups[n].applications * (after[0] - standing[n][0])
            users += groups[n].weight * (any(after) - any(standing[n]))
            standing[n] = after
        points.append(_Point(decided, settled, users))
    return points


def _groups(
    dataset: Package, now: pl.DataFrame, possible: Candidates, order: Mapping[str, int], law: Space
) -> tuple[list[Group], pl.DataFrame]:
    """Like applications, counted once; and of each application whether it is decided."""
    names = list(law.names)
    known = now.select("id", *names).join(
        dataset["applications"].select("id", pl.col("users").fill_null(1).clip(1)), on="id"
    )
    effect = pl.concat_str([pl.col(n).fill_null("") for n in names], separator="\x1f")
    covered = (
        possible.rows.select(
            "id", pl.col("answer").replace_strict(order, return_dtype=pl.UInt32), effect.alias("effect")
        )
        .sort("answer")
        .group_by("id", maintain_order=True)
        .agg(pl.format("{}\x1e{}", "answer", "effect").alias("effects"))
        .with_columns(pl.col("effects").list.join("\x1d"))
    )
    joined = known.join(covered, on="id", how="left")
    counted = joined.group_by([*names, "effects"]).agg(pl.len(), pl.col("users").sum()).sort([*names, "effects"])
    groups = [
        Group(tuple(row[: len(names)]), _effects(row[len(names)]), row[-2], row[-1]) for row in counted.iter_rows()
    ]
    distinct = known.select(names).unique()
    stands = distinct.with_columns(
        pl.Series("decided", [law.decided(tuple(row)) for row in distinct.iter_rows()], dtype=pl.Boolean)
    )
    return groups, known.join(stands, on=names, nulls_equal=True).select("id", "decided").sort("id")


def _effects(text: str | None) -> dict[int, Profile]:
    if not text:
        return {}
    parted = (entry.partition("\x1e") for entry in text.split("\x1d"))
    return {int(answer): _effect(effect) for answer, _sep, effect in parted}


@lru_cache(maxsize=4096)
def _effect(text: str) -> Profile:
    return tuple(v or None for v in text.split("\x1f"))


def _ordered(answers: pl.DataFrame) -> list[str]:
    """Answers as equals are preferred: by kind, then by subject."""
    position = {kind: n for n, kind in enumerate(kinds())}
    return answers.sort(pl.col("kind").replace_strict(position, return_dtype=pl.UInt8), "subject")["answer"].to_list()


def _covers(rows: pl.DataFrame, picked: list[str]) -> dict[str, tuple[str, ...]]:
    there = rows.filter(pl.col("answer").is_in(picked)).sort("id").group_by("answer").agg("id")
    return {answer: tuple(ids) for answer, ids in there.iter_rows()}


def _labels(dataset: Package) -> dict[str, str]:
    named = pl.concat([dataset[t].select("id", "name") for t in ("applications", "hosts", "organisations")])
    return {identifier: name or identifier for identifier, name in named.iter_rows()}


def _name(answer: Mapping[str, str | None], labels: Mapping[str, str], doctrine: Doctrine) -> Text:
    subject, owner = answer["subject"] or "", answer["organisation_id"] or ""
    if subject == EVERYWHERE:
        return Text(fr="tout l'inventaire", en="the whole inventory")
    if answer["told"] is None:
        return Text(fr=labels.get(subject, subject), en=labels.get(subject, subject))
    lone = subject.split("/")[1] if not answer["function"] else ""
    head = ", ".join(part for part in (labels.get(owner, owner), answer["function"] or labels.get(lone, lone)) if part)
    said = [(doctrine.attributes[name].title, value) for name, value in _told(answer["told"]).items()]
    return Text(
        fr="; ".join([head, *(f"{title.fr} : {_YES_NO.get(value, (value, ''))[0]}" for title, value in said)]),
        en="; ".join(
            [head, *(f"{title.en}: {value if value not in _YES_NO else _YES_NO[value][1]}" for title, value in said)]
        ),
    )


def _told(text: str | None) -> dict[str, str]:
    parted = (part.partition("=") for part in (text or "").split(",") if part)
    return {name: value for name, _sep, value in parted}


_YES_NO = {"true": ("oui", "yes"), "false": ("non", "no")}
