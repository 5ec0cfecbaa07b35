"""What the gate asks: may these applications be on this offer, today, on what is signed or known?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl

from inventory.language import language
from inventory.package import Package
from rationalise.decisions import Decisions
from rationalise.derogation import derogated
from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.evaluation import evaluate
from rationalise.doctrine.models import Dated
from rationalise.language import _
from rationalise.profiles import profiles_of
from rationalise.sensitivity import sensitivity


@dataclass(frozen=True, slots=True)
class RuleNote:
    """A rule as an answer names it."""

    id: str
    title: str
    ref: str
    since: date
    force: str
    conf: str


@dataclass(frozen=True, slots=True)
class Placement:
    """The verdict of an application on an offer; ``rules`` are those that denied or set a condition.

    A condition that awaits evidence nobody showed is *denied* here: nothing may be provisioned on it.
    """

    application_id: str
    name: str
    offer: str
    tier: str
    verdict: Literal["allowed", "conditional", "denied", "unknown"]
    rules: tuple[RuleNote, ...]
    profile: dict[str, str | None]
    reason: str = ""


def placements(
    dataset: Package,
    decisions: Decisions,
    doctrine: Doctrine,
    as_of: date,
    application_ids: Sequence[str],
    offer: str,
) -> list[Placement]:
    """Judge applications on an offer, by what is lawful now; presumptions in their favour do not count.

    Raises:
        InvalidInput: an offer nobody knows (``DOC-003``), a day before what is modelled (``DOC-010``).
    """
    wanted = dataset["applications"].filter(pl.col("id").is_in(list(application_ids)))
    # What an application inherits may come from anywhere: sensitivity is always that of the whole inventory.
    found = sensitivity(dataset, decisions, doctrine, as_of).only(application_ids)
    profiles, named = profiles_of(found, doctrine)
    verdicts = evaluate(doctrine, profiles.drop("id"), as_of, offers=[offer]).offers
    by_profile = dict(zip(profiles["id"], verdicts.sort("row").iter_rows(named=True), strict=True))
    cells = {row["id"]: {n: row[n] for n in doctrine.attributes} for row in profiles.iter_rows(named=True)}
    known = dict(named.select("id", "profile_id").iter_rows())
    names = dict(wanted.select("id", "name").iter_rows())
    return [
        _placement(doctrine, decisions, as_of, offer, a, names[a] or a, cells[known[a]], by_profile[known[a]])
        if a in known
        else _unknown(doctrine, as_of, offer, a)
        for a in application_ids
    ]


def _placement(
    doctrine: Doctrine,
    decisions: Decisions,
    as_of: date,
    offer: str,
    application: str,
    name: str,
    profile: dict[str, str | None],
    row: dict[str, object],
) -> Placement:
    causes = [c for c in str(row["causes"] or "").split("|") if c]
    verdict = str(row["verdict"])
    reason = ""
    if verdict == "denied" and (file := derogated(doctrine, decisions, as_of, application, offer, causes)):
        verdict, reason = "conditional", _("derogation {file}", file=file)
    elif row["blocking"]:
        verdict, reason = "denied", _("the evidence that the rule asks for is not shown")
    lapsed = doctrine.offers[offer].lapsed(as_of)
    if verdict == "denied" and lapsed:
        reason = _("its qualification ended on {day}, or was not read again", day=lapsed.isoformat())
    notes = tuple(rule_note(doctrine, c) for c in causes)
    tier = doctrine.offers[offer].tier(as_of)
    return Placement(application, name, offer, tier, verdict, notes, profile, reason)  # type: ignore[arg-type]


def _unknown(doctrine: Doctrine, as_of: date, offer: str, application: str) -> Placement:
    tier = doctrine.offers[offer].tier(as_of) if offer in doctrine.offers else ""
    return Placement(application, application, offer, tier, "unknown", (), {}, _("it is not in the dataset"))


def rule_note(doctrine: Doctrine, identifier: str) -> RuleNote:
    """A rule, or the blocking of what has no classification, in the current language."""
    entry: Dated = doctrine.rules.get(identifier, doctrine.blocking)
    title = entry.title.fr if language() == "fr" else entry.title.en
    return RuleNote(entry.id, title, entry.ref, entry.since, entry.force, entry.conf)
