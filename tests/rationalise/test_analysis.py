"""From a dataset to a proposal: what is signed counts, what is not does not, nothing denied is proposed."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from tests_checker import faults

from francecloud.demo.sample import lay_sample
from inventory.dataset import empty_dataset, read_dataset, schema
from inventory.importing import import_files
from inventory.package import Package
from inventory.problems import InvalidInput
from inventory.workspace import Workspace
from rationalise import analyse, load_decisions, load_doctrine, placements, write_proposal
from rationalise.decisions import Decisions

DAY = date(2026, 11, 23)
KNOWN = {
    "entity_kind": "etat", "secret_protege": False, "mission_essentielle": False, "atteinte": "aucune",
    "donnees_perso": "aucune", "sante": False, "responsable_distinct_hebergeur": False, "acces_hors_ue": "none",
    "siiv": False, "service_archivage": "aucun", "usage_collaboratif": False,
}  # fmt: skip


def dataset(*rows: dict[str, object]) -> Package:
    base = empty_dataset()
    table = schema().tables["applications"]
    frame = table.conform(pl.DataFrame(list(rows), infer_schema_length=None))
    organisations = pl.DataFrame(
        {"id": ["MIN", "DSI"], "name": ["Ministère", "DSI"], "kind": ["ministere", "dsi"], "parent_id": [None, "MIN"]}
    )
    deployments = pl.DataFrame({"application_id": [r["id"] for r in rows], "target_kind": "server", "target_id": "S1"})
    servers = pl.DataFrame(
        {
            "id": ["S1"],
            "name": ["s1"],
            "os": ["Debian GNU/Linux 13"],
            "vcpu": [4],
            "ram_gib": [8.0],
            "storage_gib": [50.0],
        }
    )
    more = {"applications": frame, "organisations": organisations, "deployments": deployments, "servers": servers}
    return Package({**base.tables, **{n: schema().tables[n].conform(f) for n, f in more.items()}})  # fmt: skip


def decisions(tmp_path: Path, **files: str) -> Decisions:
    for name, text in files.items():
        folder, _, stem = name.partition("__")
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / f"{stem}.yaml").write_text(text)
    return load_decisions(tmp_path)


PERIMETER = """
kind: perimeter
organisations: [MIN]
statement: nothing_classified
except: [{application: A2, classification: dr}]
signed_by: {role: AQSSI, organisation: MIN}
signed_on: 2026-01-05
expires_on: 2027-12-31
"""
ASSESSMENT = """
kind: assessment
applications: [A1]
answers: {secret_protege: false, mission_essentielle: false, atteinte: aucune}
signed_by: {role: administrateur des données}
signed_on: 2026-02-01
expires_on: 2027-12-31
"""


def row(proposal, identifier: str) -> dict[str, object]:
    return proposal["applications"].filter(pl.col("id") == identifier).row(0, named=True)


def application(identifier: str, **more: object) -> dict[str, object]:
    return {"id": identifier, "name": identifier, "organisation_id": "DSI", **KNOWN, **more}


def test_an_inventory_never_says_that_nothing_is_classified() -> None:
    found = row(analyse(dataset(application("A1", classification="aucune")), Decisions(), load_doctrine(), DAY), "A1")
    assert found["lawful_now"] is None
    assert found["blocked_by"] == "perimeter_missing"
    assert found["offer"] is None
    assert "INT" in str(found["lawful_if_confirmed"]).split("|")


def test_one_signature_answers_for_a_perimeter(tmp_path: Path) -> None:
    signed = decisions(tmp_path, perimeters__min=PERIMETER)
    proposal = analyse(dataset(application("A1"), application("A2")), signed, load_doctrine(), DAY)
    assert row(proposal, "A1")["lawful_now"] == "INT_DR|INT|SNC"
    assert row(proposal, "A1")["offer"] == "pi-usuelle"
    assert row(proposal, "A2")["offer"] == "pi-dr"
    assert row(proposal, "A2")["effective_sensitivity"] == "dr"


@pytest.mark.parametrize("change", [("signed_on: 2026-01-05", "signed_on: 2026-12-01"), ("expires_on: 2027-12-31", "expires_on: 2026-11-22"),
                                    ("signed_by: {role: AQSSI, organisation: MIN}\n", "")])  # fmt: skip
def test_what_is_unsigned_early_or_past_does_not_count(tmp_path: Path, change: tuple[str, str]) -> None:
    weak = decisions(tmp_path, perimeters__min=PERIMETER.replace(*change))
    assert (
        row(analyse(dataset(application("A1")), weak, load_doctrine(), DAY), "A1")["blocked_by"] == "perimeter_missing"
    )


def test_a_signed_assessment_opens_the_market(tmp_path: Path) -> None:
    signed = decisions(tmp_path, perimeters__min=PERIMETER, assessments__a=ASSESSMENT)
    found = row(
        analyse(
            dataset(application("A1", evaluation_art31="signed"), application("A3", evaluation_art31="signed")),
            signed,
            load_doctrine(),
            DAY,
        ),
        "A1",
    )
    assert found["lawful_now"] == "INT_DR|INT|SNC|COM_UE|COM_HORS_UE"
    other = analyse(dataset(application("A3", evaluation_art31="signed")), signed, load_doctrine(), DAY)
    assert row(other, "A3")["lawful_now"] == "INT_DR|INT|SNC"


def test_a_signed_no_against_a_known_yes_is_said(tmp_path: Path) -> None:
    signed = decisions(tmp_path, perimeters__min=PERIMETER, assessments__a=ASSESSMENT)
    proposal = analyse(dataset(application("A1", secret_protege=True)), signed, load_doctrine(), DAY)
    assert "conflict:A1:secret_protege" in proposal["questions"]["id"].to_list()


def test_a_price_chooses_among_equals_and_an_unknown_price_is_said(tmp_path: Path) -> None:
    signed = decisions(tmp_path, perimeters__min=PERIMETER)
    price = {"vcpu_month": 10.0, "ram_gib_month": 1.0, "storage_gib_month": 0.1}
    data = dataset(application("A1"))
    assert row(analyse(data, signed, load_doctrine(), DAY), "A1")["priced"] is False
    found = row(analyse(data, signed, load_doctrine(), DAY, {"offers": {"nubo": price}}), "A1")
    assert (found["offer"], found["cost_after"]) == ("nubo", 12 * (40.0 + 8.0 + 5.0))


def test_a_full_offer_takes_no_more(tmp_path: Path) -> None:
    signed = decisions(tmp_path, perimeters__min=PERIMETER)
    data = dataset(*(application(f"B{n}") for n in range(4)))
    proposal = analyse(data, signed, load_doctrine(), DAY, {"offers": {"pi-usuelle": {"capacity_vcpu": 2}}})
    assert proposal["applications"]["offer"].to_list() == ["pi-usuelle", "pi-usuelle", "nubo", "nubo"]


def test_the_gate_s_question(tmp_path: Path) -> None:
    signed = decisions(tmp_path, perimeters__min=PERIMETER)
    data = dataset(application("A1"), application("A2"))
    asked = placements(data, signed, load_doctrine(), DAY, ["A1", "A2", "A9"], "pi-usuelle")
    assert [p.verdict for p in asked] == ["conditional", "denied", "unknown"]
    [rule] = [r for r in asked[1].rules if r.id == "FC-03"]
    assert rule.since == date(2015, 1, 28)
    evidence = placements(data, signed, load_doctrine(), DAY, ["A2"], "ovh-snc-cloud-platform")
    assert (evidence[0].verdict, [r.id for r in evidence[0].rules]) == ("denied", ["FC-03"])


def test_a_lapsed_qualification_is_said_to_the_gate(tmp_path: Path) -> None:
    signed = decisions(tmp_path, perimeters__min=PERIMETER)
    data = dataset(application("A1"))
    assert (
        placements(data, signed, load_doctrine(), DAY, ["A1"], "outscale-cloudgouv-eu-west-1")[0].verdict == "allowed"
    )
    [late] = placements(data, signed, load_doctrine(), date(2026, 12, 1), ["A1"], "outscale-cloudgouv-eu-west-1")
    assert late.verdict == "denied"
    assert "2026-11-30" in late.reason


def test_a_decision_that_is_wrong_stops_everything(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        decisions(
            tmp_path,
            perimeters__min=PERIMETER.replace("nothing_classified", "rien"),
            assessments__a="kind: assessment\n",
        )
    assert {p.code for p in caught.value.problems} == {"ANA-001"}
    assert len(caught.value.problems) == 3


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("portfolio")
    (root / "francecloud.toml").write_text("")
    lay_sample(root)
    workspace = Workspace(root)
    assert not import_files(sorted((root / "sources").glob("*.*")), workspace, today=DAY).refused
    return workspace


def test_an_independent_checker_finds_nothing_and_the_bytes_are_the_same(portfolio: Workspace) -> None:
    def proposal():
        return analyse(read_dataset(portfolio), load_decisions(portfolio.decisions), load_doctrine(), DAY)

    assert write_proposal(portfolio.proposal, proposal())
    assert faults(portfolio.dataset, portfolio.proposal) == []
    assert not write_proposal(portfolio.proposal, proposal())


def test_the_checker_sees_a_denied_placement(portfolio: Workspace) -> None:
    proposal = analyse(read_dataset(portfolio), load_decisions(portfolio.decisions), load_doctrine(), DAY)
    spoilt = dict(proposal.tables)
    spoilt["applications"] = spoilt["applications"].with_columns(
        pl.when(pl.col("offer").is_not_null()).then(pl.lit("us-hyperscaler")).alias("offer")
    )
    from dataclasses import replace

    write_proposal(portfolio.root / "spoilt", replace(proposal, tables=spoilt))
    assert faults(portfolio.dataset, portfolio.root / "spoilt")
