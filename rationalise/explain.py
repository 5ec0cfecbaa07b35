"""Why: everything that led to an application's verdict, and what would change it.

The verdict is worked out afresh, on the whole dataset, so that nothing inherited is forgotten; the proposal
on disk may be stale and is not read.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from inventory.package import Package
from inventory.problems import NotFound, Problem
from inventory.workspace import Workspace
from rationalise.admission import rule_note
from rationalise.analysis import analyse
from rationalise.decisions import Decisions, load_decisions
from rationalise.derogation import derogated
from rationalise.doctrine.catalogue import Doctrine, load_doctrine
from rationalise.doctrine.evaluation import evaluate
from rationalise.doctrine.models import Dated
from rationalise.explaining.changes import Start, Step, Ways, smallest_changes
from rationalise.explaining.matrix import matrix
from rationalise.explaining.sources import ages
from rationalise.explaining.text import as_text
from rationalise.inheritance import NO_REAL_DATA, heirs, with_production
from rationalise.language import _
from rationalise.propagation.telling import inherited_by
from rationalise.sensitivity import Sensitivity, sensitivity
from rationalise.treatment import reason_text


def explain_application(workspace: Workspace, identifier: str, as_of: date) -> dict[str, Any]:
    """The verdict of an application, worked out afresh from dataset, decisions and doctrine.

    Returns:
        Plain values for JSON: ``attributes`` (value, where from, value presumed), ``tiers`` and ``offers``
        (verdict, the rules that spoke with reference and date), ``matrix`` (rule → tier → what it does),
        ``treatment``, ``duties``, ``changes`` (the smallest sets of steps that open or close a tier), ``sources``
        (how old everything is), ``missing`` and ``text``, the same for a person.

    Raises:
        NotFound: no application has that identifier (``ANA-003``).
    """
    from inventory import read_dataset

    dataset = read_dataset(workspace)
    if identifier not in set(dataset["applications"]["id"]):
        raise NotFound(Problem(code="ANA-003", message=_("there is no application “{id}”", id=identifier)))
    doctrine = load_doctrine(workspace.doctrine if workspace.doctrine.is_dir() else None)
    decisions = load_decisions(workspace.decisions)
    found = sensitivity(dataset, decisions, doctrine, as_of)
    few = with_production(_alone(dataset, identifier), decisions, as_of, [identifier])
    answer = _proposed(few, decisions, doctrine, as_of, workspace, identifier, found.only(few["applications"]["id"]))
    answer |= _verdicts(found, decisions, doctrine, as_of, identifier)
    answer["matrix"] = matrix(answer["tiers"], doctrine)
    answer["confidence_of_law"] = _confidence(answer, doctrine)
    answer["attributes"] = _attributes(found, decisions, doctrine, identifier)
    answer["inherited"] = inherited_by(found, identifier)
    _locate(answer["attributes"], workspace, dataset, identifier)
    ways = _changes(dataset, found, decisions, doctrine, as_of, identifier)
    answer["changes"] = [way.as_dict() for way in ways]
    files = {c["origin"] for c in answer["attributes"].values() if c["kind"] == "decision"}
    used = [*answer["matrix"], *(name for name, v in answer["offers"].items() if v["open"])]
    answer["sources"] = ages(dataset, decisions, doctrine, as_of, identifier, files, used)
    answer["text"] = as_text(answer, doctrine, ways)
    return answer


def _alone(dataset: Package, identifier: str) -> Package:
    """The dataset cut to what runs one application; organisations stay, and the applications it may inherit from."""
    there = dataset["deployments"].filter(pl.col("application_id") == identifier)
    return Package({**dataset.tables, "deployments": there}, dataset.descriptor)


def _proposed(
    dataset: Package,
    decisions: Decisions,
    doctrine: Doctrine,
    as_of: date,
    workspace: Workspace,
    identifier: str,
    found: Sensitivity,
) -> dict[str, Any]:
    proposal = analyse(dataset, decisions, doctrine, as_of, workspace.settings, found, questions=False)
    row = proposal["applications"].filter(pl.col("id") == identifier).row(0, named=True)
    duties = proposal["duties"].filter(pl.col("application_id") == identifier).drop("id", "application_id")
    return {
        "id": identifier,
        "name": row["name"] or identifier,
        "as_of": as_of.isoformat(),
        "effective_sensitivity": row["effective_sensitivity"],
        "confidence": row["confidence"],
        "treatment": row["treatment"],
        "reason": reason_text(row["treatment_reason"]),
        "runner_up": row["runner_up"],
        "tier": row["tier"],
        "offer": row["offer"],
        "presumed_tier": row["presumed_tier"],
        "presumed_offer": row["presumed_offer"],
        "support": {"state": row["support_state"], "end": row["support_end"] and row["support_end"].isoformat()},
        "lawful_alone": (row["lawful_alone"] or "").split("|") if row["lawful_alone"] else [],
        "missing": (row["missing"] or "").split("|") if row["missing"] else [],
        "duties": [{**d, "until": d["until"] and d["until"].isoformat()} for d in duties.iter_rows(named=True)],
    }


def _verdicts(
    found: Sensitivity, decisions: Decisions, doctrine: Doctrine, as_of: date, identifier: str
) -> dict[str, Any]:
    profile = found.now.filter(pl.col("id") == identifier).drop("id")
    judged = evaluate(doctrine, profile, as_of, offers=list(doctrine.offers))
    tiers = {row["tier"]: _verdict(row, doctrine) for row in judged.tiers.iter_rows(named=True)}
    offers = {}
    for row in judged.offers.iter_rows(named=True):
        verdict = _verdict(row, doctrine)
        causes = verdict["because"] if verdict["verdict"] == "denied" else []
        file = derogated(doctrine, decisions, as_of, identifier, row["offer"], causes)
        opened = file is not None or (verdict["verdict"] != "denied" and not row["blocking"])
        offers[row["offer"]] = {**verdict, "tier": row["tier"], "open": opened, "derogation": file}
    return {"tiers": tiers, "offers": {name: offers[name] for name in doctrine.offers}}


def _verdict(row: dict[str, Any], doctrine: Doctrine) -> dict[str, Any]:
    return {
        "verdict": row["verdict"],
        "because": [i for i in (row["causes"] or "").split("|") if i],
        "rules": [_rule(doctrine, i) for i in (row["rules"] or "").split("|") if i],
    }


def _rule(doctrine: Doctrine, identifier: str) -> dict[str, str]:
    note = rule_note(doctrine, identifier)
    return {
        "id": note.id, "title": note.title, "ref": note.ref, "since": note.since.isoformat(), "force": note.force,
        "conf": note.conf,
    }  # fmt: skip


def _confidence(answer: dict[str, Any], doctrine: Doctrine) -> str | None:
    """The weakest confidence among the rules that weigh on a tier; A is the strongest."""
    weighing = {i for verdict in answer["tiers"].values() for i in verdict["because"]}
    entries: list[Dated] = [doctrine.rules.get(i, doctrine.blocking) for i in weighing]
    return max((entry.conf for entry in entries), default=None)


def _attributes(
    found: Sensitivity, decisions: Decisions, doctrine: Doctrine, identifier: str
) -> dict[str, dict[str, Any]]:
    here = pl.col("id") == identifier
    now, presumed, origin = (f.filter(here).row(0, named=True) for f in (found.now, found.presumed, found.origin))
    return {
        name: {"value": now[name], "origin": origin[name], "presumed": presumed[name],
               "kind": _kind(origin[name], decisions)}
        for name in doctrine.attributes
    }  # fmt: skip


def _kind(origin: str | None, decisions: Decisions) -> str | None:
    if origin in (None, "inventory", "organisation"):
        return origin
    return "decision" if origin in decisions.by_file else "inherited"


def _locate(attributes: dict[str, dict[str, Any]], workspace: Workspace, dataset: Package, identifier: str) -> None:
    """Give each value of the inventory its place: file, sheet, row, column, and the sources that said else."""
    from inventory import where_from

    for name, cell in attributes.items():
        if cell["origin"] == "inventory":
            places = where_from(workspace, "applications", identifier, name, dataset)
            cell["places"] = [place.as_dict() for place in places]
            if places:
                cell["origin"] = places[0].text()


def _changes(
    dataset: Package, found: Sensitivity, decisions: Decisions, doctrine: Doctrine, as_of: date, identifier: str
) -> list[Ways]:
    here = pl.col("id") == identifier
    starts = [Start(None, found.now.filter(here).drop("id").row(0, named=True))]
    if heirs(dataset, decisions, as_of).filter(here).height:
        own = found.own.filter(here).drop("id").row(0, named=True)
        starts.append(Start(Step("decision", "fictitious_data"), {**own, **NO_REAL_DATA}))
    engaged: date | None = dataset["applications"].filter(here)["projet_engage_avant"].item()
    latest = max((d.engaged_before for d in doctrine.derogations.values()), default=date.min)
    return smallest_changes(doctrine, as_of, starts, derogable=engaged is None or engaged < latest)
