"""Gates: their state for each application, and what goes with an offer beside its verdict."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from inventory.dataset import empty_dataset, schema
from inventory.package import Package
from inventory.problems import InvalidInput
from rationalise import load_doctrine
from rationalise.doctrine.models import Qualification
from rationalise.doctrine.notices import last_day, notices
from rationalise.gates import STATES, gates

DOCTRINE = load_doctrine()
DAY = date(2026, 11, 23)
SNC, LONG = "outscale-cloudgouv-eu-west-1", "ovh-snc-cloud-platform"
PROFILE = {
    "entity_kind": "etat", "classification": "aucune", "secret_protege": "true", "mission_essentielle": "false",
    "atteinte": "true", "evaluation_art31": "signed", "donnees_perso": "aucune", "sante": "false",
    "responsable_distinct_hebergeur": "false", "acces_hors_ue": "none", "siiv": "false", "service_archivage": "aucun",
    "usage_collaboratif": "false",
}  # fmt: skip


def judged(
    treatment: str = "rehost",
    tier: str | None = "SNC",
    offer: str | None = SNC,
    *,
    profile=None,
    doctrine=DOCTRINE,
    **facts,
) -> dict:
    table = schema().tables["applications"].conform(pl.DataFrame([{"id": "A1", "name": "a", **facts}]))
    chosen = pl.DataFrame(
        {"id": ["A1"], "treatment": [treatment], "tier": [tier], "offer": [offer]},
        schema_overrides={"tier": pl.String, "offer": pl.String},
    )
    profiles = pl.DataFrame(
        [{"id": "P1", **PROFILE, **(profile or {})}], schema=dict.fromkeys(["id", *PROFILE], pl.String)
    )
    named = pl.DataFrame({"id": ["A1"], "profile_id": ["P1"]})
    dataset = Package({**empty_dataset().tables, "applications": table})
    return gates(dataset, named, profiles, chosen, doctrine, DAY).row(0, named=True)


def state(row: dict, gate: str) -> str:
    [found] = [s for s in STATES if gate in (row[s] or "").split("|")]
    return found


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, "unknown"),
        ({"homologation": "aucune"}, "missing"),
        ({"homologation": "valide", "homologation_until": DAY}, "satisfied"),
        ({"homologation": "valide", "homologation_until": date(2026, 11, 22)}, "missing"),
        ({"homologation": "dispensee"}, "satisfied"),
    ],
)
def test_homologation_is_shown_or_not(facts, expected: str) -> None:
    assert state(judged(**facts), "G-01") == expected


def test_the_opinion_of_the_dinum_is_due_from_nine_millions() -> None:
    # T14 of the published vectors: 8.2 M€ of construction, 0.5 M€ a year of maintenance over 24 months.
    row = judged(cout_construction_ttc=8_200_000.0, cout_mco_24m_ttc=1_000_000.0)
    assert row["dinum_opinion"] == "avis_conforme"
    assert state(row, "G-02") == state(row, "G-03") == "unknown"
    below = judged(cout_construction_ttc=8_200_000.0, cout_mco_24m_ttc=799_999.0)
    assert below["dinum_opinion"] is None
    assert state(below, "G-02") == "not_concerned"
    assert state(judged(cout_construction_ttc=8_200_000.0), "G-02") == "unknown"
    operator = judged(profile={"entity_kind": "operateur"}, cout_construction_ttc=9_000_000.0)
    assert operator["dinum_opinion"] == "avis"


def test_a_qualification_that_ends_in_the_planned_life_asks_for_a_fallback() -> None:
    ending = judged(contract_end=date(2028, 1, 1))
    assert (ending["lapses_on"], ending["fallback_offer"]) == (date(2026, 11, 30), "pi-usuelle")
    assert state(ending, "G-06") == "satisfied"
    few = replace(DOCTRINE, offers={o: DOCTRINE.offers[o] for o in (SNC, "scaleway", "us-hyperscaler")})
    alone = judged(doctrine=few, contract_end=date(2028, 1, 1))
    assert (alone["lapses_on"], alone["fallback_offer"]) == (date(2026, 11, 30), None)
    assert state(alone, "G-06") == "missing"


def test_among_qualified_fallbacks_the_one_that_stays_so_longest_comes_first() -> None:
    external = replace(DOCTRINE, offers={i: o for i, o in DOCTRINE.offers.items() if not o.internal})
    assert judged(doctrine=external)["fallback_offer"] == LONG
    short = replace(DOCTRINE, offers={o: DOCTRINE.offers[o] for o in (SNC, "ovh-hosted-private-cloud-vmware")})
    assert judged(doctrine=short)["fallback_offer"] == "ovh-hosted-private-cloud-vmware"


def test_a_life_that_ends_before_the_qualification_asks_for_none() -> None:
    row = judged(contract_end=date(2026, 11, 30))
    assert (state(row, "G-06"), row["lapses_on"]) == ("not_concerned", None)


def test_a_life_nobody_planned_has_no_end() -> None:
    assert judged(offer=LONG)["lapses_on"] == date(2029, 7, 31)


def test_a_dependence_is_shown() -> None:
    row = judged(offer="s3ns")
    assert "Google" in row["third_party_technology"]
    assert state(row, "G-09") == "satisfied"
    assert state(judged(offer=LONG), "G-09") == "not_concerned"


def test_what_is_retired_asks_for_the_archives_visa_and_has_no_tier() -> None:
    row = judged("retire", None, None)
    assert state(row, "G-10") == "unknown"
    assert state(row, "G-05") == "not_concerned"


def test_what_found_no_place_is_not_said_to_be_unconcerned() -> None:
    assert state(judged("rehost", None, None), "G-05") == "unknown"


def test_every_gate_in_force_has_one_state() -> None:
    row = judged()
    listed = [g for s in STATES for g in (row[s] or "").split("|") if g]
    assert sorted(listed) == sorted(DOCTRINE.gates)


def test_a_gate_of_the_workspace_is_judged_and_a_wrong_fact_is_named(tmp_path: Path) -> None:
    text = """
gates:
  - {id: DSI-1, title: {fr: Essai, en: Trial}, when: {tier: [SNC]}, met: {homologation: [valide]}, ref: note, since: 2026-01-01, force: politique, conf: A}
"""
    (tmp_path / "gates.yaml").write_text(text)
    assert state(judged(doctrine=load_doctrine(tmp_path)), "DSI-1") == "unknown"
    wrong = tmp_path / "wrong"
    wrong.mkdir()
    (wrong / "gates.yaml").write_text(text.replace("homologation: [valide]", "homologue: [valide]"))
    with pytest.raises(InvalidInput) as caught:
        load_doctrine(wrong)
    assert "homologue" in caught.value.problems[0].message
    assert caught.value.problems[0].row == 3


def test_notices_go_with_an_offer() -> None:
    kinds = {(n.offer, n.kind, n.gate) for n in notices(DOCTRINE, [SNC, "scaleway", "s3ns", "pi-usuelle"], DAY)}
    assert (SNC, "lapses", "G-06") in kinds
    assert ("scaleway", "in_progress", "G-06") in kinds
    assert ("s3ns", "third_party_technology", "G-09") in kinds
    assert not [k for k in kinds if k[0] == "pi-usuelle"]
    assert {n.kind for n in notices(DOCTRINE, [SNC], date(2026, 12, 1))} == {"lapsed", "reading_old"}
    assert not [n for n in notices(DOCTRINE, [SNC], DAY, life_end=date(2026, 11, 29)) if n.kind == "lapses"]


def test_a_renewal_without_a_gap_moves_the_last_day() -> None:
    offer = DOCTRINE.offers[SNC]
    renewed = Qualification(scheme="secnumcloud", layers=("iaas",), since=date(2026, 12, 1), to=date(2029, 11, 30))
    assert last_day(offer, DAY) == date(2026, 11, 30)
    assert last_day(offer.model_copy(update={"qualifications": (*offer.qualifications, renewed)}), DAY) == date(
        2029, 11, 30
    )
    late = renewed.model_copy(update={"since": date(2026, 12, 2)})
    assert last_day(offer.model_copy(update={"qualifications": (*offer.qualifications, late)}), DAY) == date(
        2026, 11, 30
    )
