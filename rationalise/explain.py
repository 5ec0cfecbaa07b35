"""Why: everything that led to an application's verdict, and what would change it."""

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
from rationalise.doctrine.catalogue import Doctrine, load_doctrine
from rationalise.inheritance import with_production
from rationalise.language import _
from rationalise.propagation.telling import inherited_by, told
from rationalise.sensitivity import Sensitivity, sensitivity
from rationalise.treatment import reason_text


def explain_application(workspace: Workspace, identifier: str, as_of: date) -> dict[str, Any]:
    """The verdict of an application, worked out afresh from dataset, decisions and doctrine.

    Returns:
        Plain values for JSON: ``attributes`` (value, where from, value presumed), ``tiers`` and ``offers``
        (verdict, the rules that spoke with reference and date), ``treatment``, ``missing`` and ``text``,
        the same for a person.

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
    answer = _answer(few, decisions, doctrine, as_of, workspace, identifier, found.only(few["applications"]["id"]))
    answer["attributes"] = _attributes(found, doctrine, identifier)
    answer["inherited"] = inherited_by(found, identifier)
    _locate(answer["attributes"], workspace, dataset, identifier)
    answer["text"] = as_text(answer, doctrine)
    return answer


def as_text(answer: dict[str, Any], doctrine: Doctrine) -> str:
    """An explanation as lines for a person, in the current language."""
    lines = [_("{name} ({id}), judged on {day}", name=answer["name"], id=answer["id"], day=answer["as_of"]), ""]
    lines.append(_("Treatment: {treatment} — {reason}", treatment=answer["treatment"], reason=answer["reason"]))
    lines.append(_("Runner-up: {treatment}", treatment=answer["runner_up"] or "—"))
    lines.append(_("Proposed: {offer} ({tier})", offer=answer["offer"] or "—", tier=answer["tier"] or "—"))
    lines.append(
        _("If the presumptions are confirmed: {offer} ({tier})",
          offer=answer["presumed_offer"] or "—", tier=answer["presumed_tier"] or "—")
    )  # fmt: skip
    lines += ["", _("What is known:")]
    for name, cell in answer["attributes"].items():
        value = cell["value"] if cell["value"] is not None else _("unknown")
        lines.append(f"  {doctrine.attributes[name].title}: {value} ({cell['origin'] or _('nothing says it')})")
    if answer["inherited"]:
        lines += ["", _("What comes through links:"), *told(answer["inherited"])]
        lines.append(_("  Without them, lawful now: {tiers}", tiers=", ".join(answer["lawful_alone"]) or "—"))
    for title, key in ((_("Tiers:"), "tiers"), (_("Offers:"), "offers")):
        lines += ["", title]
        for name, verdict in answer[key].items():
            lines.append(f"  {name}: {_verdict_word(verdict['verdict'])}")
            lines += [f"    {r['id']} {r['title']} — {r['ref']} ({r['since']})" for r in verdict["rules"]]
    if answer["missing"]:
        lines += ["", _("What would change it: {facts}", facts=", ".join(answer["missing"]))]
    return "\n".join(lines)


def _verdict_word(verdict: str) -> str:
    words = {"allowed": _("allowed"), "conditional": _("conditional"), "denied": _("denied")}
    return words[verdict]


def _alone(dataset: Package, identifier: str) -> Package:
    """The dataset cut to what runs one application; organisations stay, and the applications it may inherit from."""
    there = dataset["deployments"].filter(pl.col("application_id") == identifier)
    return Package({**dataset.tables, "deployments": there}, dataset.descriptor)


def _answer(
    dataset: Package,
    decisions: Decisions,
    doctrine: Doctrine,
    as_of: date,
    workspace: Workspace,
    identifier: str,
    found: Sensitivity,
) -> dict[str, Any]:
    proposal = analyse(dataset, decisions, doctrine, as_of, workspace.settings, found)
    row = proposal["applications"].filter(pl.col("id") == identifier).row(0, named=True)
    tiers = proposal["profile_tiers"].filter(pl.col("profile_id") == row["profile_id"])
    offers = proposal["profile_offers"].filter(pl.col("profile_id") == row["profile_id"])
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
        "tiers": _verdicts(tiers, "tier", doctrine, list(doctrine.tiers)),
        "offers": _verdicts(offers, "offer", doctrine, list(doctrine.offers)),
    }


def _verdicts(rows: pl.DataFrame, key: str, doctrine: Doctrine, order: list[str]) -> dict[str, Any]:
    by_name = {row[key]: row for row in rows.iter_rows(named=True)}
    return {
        name: {
            "verdict": by_name[name]["verdict"],
            "because": (by_name[name]["conditions"] or "").split("|") if by_name[name]["conditions"] else [],
            "rules": [_rule(doctrine, i) for i in (by_name[name]["rules"] or "").split("|") if i],
        }
        for name in order
        if name in by_name
    }


def _rule(doctrine: Doctrine, identifier: str) -> dict[str, str]:
    note = rule_note(doctrine, identifier)
    return {
        "id": note.id, "title": note.title, "ref": note.ref, "since": note.since.isoformat(), "force": note.force,
        "conf": note.conf,
    }  # fmt: skip


def _locate(attributes: dict[str, dict[str, Any]], workspace: Workspace, dataset: Package, identifier: str) -> None:
    """Give each value of the inventory its place: file, sheet, row, column, and the sources that said else."""
    from inventory import where_from

    for name, cell in attributes.items():
        if cell["origin"] == "inventory":
            places = where_from(workspace, "applications", identifier, name, dataset)
            cell["places"] = [place.as_dict() for place in places]
            if places:
                cell["origin"] = places[0].text()


def _attributes(found: Sensitivity, doctrine: Doctrine, identifier: str) -> dict[str, dict[str, Any]]:
    here = pl.col("id") == identifier
    now, presumed, origin = (f.filter(here).row(0, named=True) for f in (found.now, found.presumed, found.origin))
    return {
        name: {"value": now[name], "origin": origin[name], "presumed": presumed[name]} for name in doctrine.attributes
    }
