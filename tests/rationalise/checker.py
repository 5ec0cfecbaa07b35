"""An independent checker of proposals: it shares no code with the analysis, only the published rules as data.

It re-reads the CSV files and the catalogue's YAML by itself, and answers what it finds wrong.
"""

import csv
import json
from datetime import date
from pathlib import Path

import yaml

CATALOGUE = Path(__file__).resolve().parents[2] / "rationalise/doctrine"


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def _yaml(name: str) -> dict:
    return yaml.safe_load((CATALOGUE / f"{name}.yaml").read_text(encoding="utf-8"))


def _holds(when, profile: dict[str, str]) -> bool:
    if when == "always":
        return True
    return all(
        any(profile[n] in v for n, v in values.items()) if name == "any" else profile[name] in values
        for name, values in when.items()
    )


def _closed(profile: dict[str, str]) -> dict[str, str]:
    cells = {a["name"]: profile[a["name"]] for a in _yaml("attributes")["attributes"]}
    if (cells["evaluation_art31"] or "none") != "signed":
        cells |= {"secret_protege": "true", "mission_essentielle": "true", "atteinte": "true"}
    elif cells["donnees_perso"] == "penal" and not cells["mission_essentielle"]:
        cells["mission_essentielle"] = "true"
    return {a["name"]: cells[a["name"]] or a.get("unknown_as", "") for a in _yaml("attributes")["attributes"]}


def _tier(offer: dict, day: date) -> str:
    if offer.get("internal"):
        return offer["internal"]
    covered = {x for q in offer.get("qualifications", []) if q["from"] <= day <= q["to"] for x in q["layers"]}
    if set(offer["layers"]) <= covered:
        return "SNC"
    return "COM_UE" if offer["law"] == "ue" else "COM_HORS_UE"


def denied(profile: dict[str, str], offer: dict, day: date) -> str | None:
    """The first rule that plainly denies a profile an offer, or None."""
    tier = _tier(offer, day)
    cells = _closed(profile)
    if not cells["classification"]:
        return "BLOCK-classification"
    for rule in _yaml("rules")["rules"]:
        if rule["since"] > day or not _holds(rule["when"], cells):
            continue
        if tier in rule.get("deny", []):
            return rule["id"]
        asked = rule.get("require_offer", {})
        if tier in rule.get("applies_to", []) and "pays" in asked and offer.get("country") != asked["pays"]:
            return rule["id"]
    return None


def faults(dataset: Path, proposal: Path) -> list[str]:
    """Everything wrong with a proposal: a denied placement, something lost, a sum that is off."""
    day = date.fromisoformat(json.loads((proposal / "summary.json").read_text())["as_of"])
    offers = {o["id"]: o for o in _yaml("offers")["offers"]}
    profiles = {p["id"]: p for p in _rows(proposal, "profiles")}
    applications = _rows(proposal, "applications")
    found = []
    for row in applications:
        for profile, chosen, tier in (
            ("profile_id", "offer", "tier"), ("presumed_profile_id", "presumed_offer", "presumed_tier"),
        ):  # fmt: skip
            if not row[chosen]:
                continue
            rule = denied(profiles[row[profile]], offers[row[chosen]], day)
            if rule:
                found.append(f"{row['id']} is placed on {row[chosen]}, which {rule} denies")
            if _tier(offers[row[chosen]], day) != row[tier]:
                found.append(f"{row['id']}: {row[chosen]} is not {row[tier]} on {day}")
            if row[tier] == "INT_DR" and profiles[row[profile]]["classification"] != "dr":
                found.append(f"{row['id']} takes reserved room")
    before = {r["id"] for r in _rows(dataset, "applications")}
    if {r["id"] for r in applications} != before:
        found.append("applications were lost or invented")
    totals = json.loads((proposal / "summary.json").read_text())["totals"]
    if totals["placed"] != sum(bool(r["offer"]) for r in applications):
        found.append("the total placed is off")
    if totals["lawful_now"] != sum(bool(r["lawful_now"]) for r in applications):
        found.append("the total lawful now is off")
    return found
