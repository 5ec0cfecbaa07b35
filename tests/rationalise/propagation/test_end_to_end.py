"""A directory, a backup and a monitoring server linked to everything do not make everything restricted."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from inventory.dataset import empty_dataset, schema
from inventory.package import Package
from rationalise import analyse, load_decisions, load_doctrine, placements
from rationalise.decisions import Decisions
from rationalise.report import report_html

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


def test_hubs_linked_to_a_thousand_applications_leave_their_tier_to_all_but_the_restricted_one(tmp_path: Path) -> None:
    everyone = [f"APP-{n:04}" for n in range(1000)]
    hubs = {"AD": "Annuaire", "BKP": "Sauvegarde", "MON": "Supervision"}
    applications = [{"id": a, "classification": "dr" if a == "APP-0500" else None} for a in everyone]
    applications += [{"id": h, "function": f} for h, f in hubs.items()]
    flows = [(f"{h}-{a}-{way}", *((a, h) if way == "to" else (h, a)))
             for h in hubs for a in everyone for way in ("to", "from")]  # fmt: skip
    signed = decisions(tmp_path, assessments=assessed(*everyone, *hubs))
    linked = analyse(dataset(applications, flows), signed, load_doctrine(), DAY)
    apart = analyse(dataset(applications), signed, load_doctrine(), DAY)
    columns = ["id", "lawful_now", "lawful_if_confirmed", "tier", "offer", "effective_sensitivity"]
    business = pl.col("id").str.starts_with("APP-")
    assert linked["applications"].filter(business).select(columns).equals(
        apart["applications"].filter(business).select(columns)
    )
    sensitivities = linked["applications"].filter(business)["effective_sensitivity"].value_counts()
    assert dict(sensitivities.iter_rows()) == {"courante": 999, "dr": 1}
    assert tiers(linked, "APP-0001") == "INT_DR|INT|SNC|COM_UE"
    # The backup holds what it is sent, so it is itself restricted; the two others hold nothing of it.
    assert [tiers(linked, h, "effective_sensitivity") for h in hubs] == ["courante", "dr", "courante"]

    cuts = linked["cuts"]
    assert set(cuts["state"]) == {"assumed"}
    assert {h: cuts.filter(pl.col("hub_id") == h).height for h in hubs} == {"AD": 2000, "BKP": 2000, "MON": 2000}
    html = report_html(Package(linked.tables), linked.summary, "essai")
    for hub in hubs:
        assert f"<code>{hub}</code>" in html
    assert "2\u202f000" in html or "2,000" in html


def test_without_hubs_the_same_links_would_make_everything_restricted(tmp_path: Path) -> None:
    applications = [{"id": a, "classification": "dr" if a == "A" else None} for a in ("A", "B", "H")]
    flows = [("F1", "A", "H"), ("F2", "H", "B")]
    signed = decisions(tmp_path, assessments=assessed("A", "B", "H"))
    proposal = analyse(dataset(applications, flows), signed, load_doctrine(), DAY)
    assert tiers(proposal, "B", "effective_sensitivity") == "dr"
    assert tiers(proposal, "B", "lawful_alone") == "INT_DR|INT|SNC|COM_UE"
    line = proposal["inherited"].filter(pl.col("application_id") == "B").row(0, named=True)
    assert (line["value"], line["from_id"], line["via"], line["holder_id"], line["steps"]) == ("dr", "H", "F2", "A", 2)


@pytest.mark.parametrize("offer", ["pi-usuelle", "scaleway"])
def test_the_gate_judges_what_is_inherited(tmp_path: Path, offer: str) -> None:
    doctrine = load_doctrine()
    if offer not in doctrine.offers:
        offer = next(o.id for o in doctrine.offers.values() if o.tier(DAY) == "COM_UE")
    applications = [{"id": "A", "classification": "dr"}, {"id": "B"}, {"id": "C"}]
    signed = decisions(tmp_path, assessments=assessed("A", "B", "C"))
    flows = [("F1", "A", "C"), ("F2", "C", "B")]
    [alone] = placements(dataset(applications), signed, doctrine, DAY, ["B"], offer)
    [linked] = placements(dataset(applications, flows), signed, doctrine, DAY, ["B"], offer)
    assert alone.verdict != "denied"
    assert linked.verdict == "denied"
    assert "FC-03" in {r.id for r in linked.rules}
