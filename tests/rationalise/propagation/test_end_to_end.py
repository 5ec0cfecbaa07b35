"""A directory, a backup and a monitoring server linked to everything do not make everything restricted."""

from pathlib import Path

import polars as pl
import pytest
from tests_propagation_cases import DAY, assessed, dataset, decisions, tiers

from inventory.package import Package
from rationalise import analyse, load_doctrine, placements
from rationalise.report import report_html


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
    assert (
        linked["applications"]
        .filter(business)
        .select(columns)
        .equals(apart["applications"].filter(business).select(columns))
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
