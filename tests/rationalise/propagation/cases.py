"""Small portfolios and signed decisions, for the tests of propagation."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from inventory.dataset import empty_dataset, schema
from inventory.package import Package
from rationalise import load_decisions
from rationalise.decisions import Decisions

DAY = date(2026, 11, 23)
SIGNED = "\nsigned_by: {role: AQSSI}\nsigned_on: 2026-01-05\nexpires_on: 2027-12-31\n"
PERIMETER = "kind: perimeter\nall: true\nstatement: nothing_classified" + SIGNED
ORDINARY = {
    "entity_kind": "etat",
    "secret_protege": False,
    "mission_essentielle": False,
    "atteinte": "aucune",
    "donnees_perso": "ordinaires",
    "sante": False,
    "responsable_distinct_hebergeur": False,
    "acces_hors_ue": "none",
    "siiv": False,
    "service_archivage": "aucun",
    "usage_collaboratif": False,
}


def dataset(applications: Iterable[dict[str, Any]], flows: Iterable[tuple[str, ...]] = (), **more: Any) -> Package:
    tables = schema().tables
    made = dict(empty_dataset().tables)
    rows = [{"name": a["id"], **ORDINARY, **a} for a in applications]
    made["applications"] = tables["applications"].conform(pl.DataFrame(rows, infer_schema_length=None))
    listed = [dict(zip(("id", "source_id", "target_id", "nature"), f, strict=False)) for f in flows]
    if listed:
        made["flows"] = tables["flows"].conform(pl.DataFrame(listed, infer_schema_length=None))
    for name, given in more.items():
        made[name] = tables[name].conform(pl.DataFrame(given, infer_schema_length=None))
    return Package(made)


def decisions(folder: Path, **files: str) -> Decisions:
    for name, text in {"perimeters": PERIMETER, **files}.items():
        for n, document in enumerate(text.split("\n---\n")):
            (folder / name).mkdir(parents=True, exist_ok=True)
            (folder / name / f"{n}.yaml").write_text(document, encoding="utf-8")
    return load_decisions(folder)


def assessed(*ids: str) -> str:
    answers = "{secret_protege: false, mission_essentielle: false, atteinte: aucune}"
    return f"kind: assessment\napplications: [{', '.join(ids)}]\nanswers: {answers}" + SIGNED


def tiers(proposal: Any, identifier: str, column: str = "lawful_now") -> str | None:
    return proposal["applications"].filter(pl.col("id") == identifier)[column].item()
