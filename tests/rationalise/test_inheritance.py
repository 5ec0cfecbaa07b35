"""A copy for tests is as sensitive as its production, until its fictitious data are signed."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from inventory.dataset import empty_dataset, schema
from inventory.package import Package, write_package
from inventory.workspace import Workspace
from rationalise import analyse, explain_application, load_decisions, load_doctrine, placements
from rationalise.decisions import Decisions
from rationalise.sensitivity import sensitivity

DAY = date(2026, 11, 23)
PERIMETER = """
kind: perimeter
organisations: [DSI]
statement: nothing_classified
signed_by: {role: AQSSI}
signed_on: 2026-01-05
"""
FICTITIOUS = """
kind: fictitious_data
applications: [REC]
statement: no_real_data
signed_by: {role: administrateur des données}
signed_on: 2026-01-05
expires_on: 2027-12-31
"""
KNOWN = {"organisation_id": "DSI", "entity_kind": "etat", "responsable_distinct_hebergeur": True}


def dataset(*rows: dict[str, object]) -> Package:
    table = schema().tables["applications"]
    organisations = schema().tables["organisations"].conform(pl.DataFrame({"id": ["DSI"], "kind": ["dsi"]}))
    applications = table.conform(pl.DataFrame([{**KNOWN, **r} for r in rows], infer_schema_length=None))
    return Package({**empty_dataset().tables, "applications": applications, "organisations": organisations})


def production(**more: object) -> dict[str, object]:
    return {
        "id": "PRD",
        "name": "Suivi médical",
        "environment": "Production",
        "sante": True,
        "donnees_perso": "art9",
        **more,
    }


def copy(**more: object) -> dict[str, object]:
    return {"id": "REC", "name": "Suivi médical (recette)", "environment": "Recette", **more}


def decisions(folder: Path, **files: str) -> Decisions:
    for name, text in files.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "d.yaml").write_text(text, encoding="utf-8")
    return load_decisions(folder)


def profile(data: Package, signed: Decisions, application: str = "REC") -> dict[str, str | None]:
    found = sensitivity(data, signed, load_doctrine(), DAY).now
    return found.filter(pl.col("id") == application).row(0, named=True)


def test_without_a_signature_the_copy_is_worth_its_production(tmp_path: Path) -> None:
    signed = decisions(tmp_path, perimeters=PERIMETER)
    found = profile(dataset(production(), copy(sante=False, donnees_perso="aucune")), signed)
    assert (found["sante"], found["donnees_perso"]) == ("true", "art9")
    proposal = analyse(dataset(production(), copy(sante=False)), signed, load_doctrine(), DAY)
    assert proposal["applications"]["offer"].to_list() == [None, None]


def test_signed_fictitious_data_are_judged_as_what_they_are(tmp_path: Path) -> None:
    signed = decisions(tmp_path, perimeters=PERIMETER, fictitious=FICTITIOUS)
    data = dataset(production(), copy())
    found = profile(data, signed)
    assert (found["sante"], found["donnees_perso"]) == ("false", "aucune")
    # Nothing else is supposed: what the statement does not say stays unknown, and closes.
    assert found["secret_protege"] is None
    offers = dict(analyse(data, signed, load_doctrine(), DAY)["applications"].select("id", "lawful_now").iter_rows())
    assert "COM_UE" not in offers["REC"]
    assert profile(data, signed, "PRD")["sante"] == "true"


@pytest.mark.parametrize(
    "change",
    [
        ("signed_by: {role: administrateur des données}\n", ""),
        ("signed_on: 2026-01-05\n", ""),
        ("2027-12-31", "2026-11-22"),
        ("[REC]", "[PRD]"),  # a production application cannot be declared fictitious
    ],
)
def test_unsigned_past_or_about_production_it_changes_nothing(tmp_path: Path, change: tuple[str, str]) -> None:
    weak = decisions(tmp_path, perimeters=PERIMETER, fictitious=FICTITIOUS.replace(*change))
    data = dataset(production(), copy())
    for application in ("PRD", "REC"):
        assert profile(data, weak, application)["sante"] == "true"


def test_what_is_unknown_of_production_is_unknown_of_its_copy(tmp_path: Path) -> None:
    found = profile(dataset(production(sante=None), copy(sante=False)), decisions(tmp_path, perimeters=PERIMETER))
    assert found["sante"] is None


def test_a_copy_more_sensitive_than_its_production_stays_so(tmp_path: Path) -> None:
    data = dataset(production(sante=False), copy(sante=True, classification="dr"))
    found = profile(data, decisions(tmp_path, perimeters=PERIMETER))
    assert (found["sante"], found["classification"]) == ("true", "dr")


def test_a_restricted_copy_of_a_production_nobody_classified_is_placed_nowhere_and_marked_all_the_same() -> None:
    data = dataset(production(), copy(classification="dr"))
    proposal = analyse(data, Decisions(), load_doctrine(), DAY)
    assert profile(data, Decisions())["classification"] is None
    assert proposal.summary["marking"]["code"] == "restreinte"


@pytest.mark.parametrize(
    ("name", "environment", "heir"),
    [
        ("Suivi médical", "Pré-production", True),
        ("Suivi médical - DEV", None, True),
        ("SUIVI MEDICAL", "test", True),
        ("Suivi médical", "Secours", False),
        ("Suivi médical bis", "Recette", False),
        ("Suivi médical", None, False),
    ],
)
def test_who_inherits(name: str, environment: str | None, heir: bool) -> None:
    found = profile(dataset(production(), copy(name=name, environment=environment)), Decisions())
    assert (found["sante"] == "true") is heir


def test_another_body_s_production_is_not_inherited() -> None:
    found = profile(dataset(production(organisation_id="AUTRE"), copy()), Decisions())
    assert found["sante"] is None


def test_where_an_inherited_value_comes_from_is_said() -> None:
    found = sensitivity(dataset(production(), copy()), Decisions(), load_doctrine(), DAY).origin
    assert found.filter(pl.col("id") == "REC")["sante"].to_list() == ["PRD"]


def test_the_gate_and_explain_judge_a_copy_alone_as_sensitive_as_with_its_production(tmp_path: Path) -> None:
    signed = decisions(tmp_path / "decisions", perimeters=PERIMETER)
    data = dataset(production(), copy(sante=False))
    [verdict] = placements(data, signed, load_doctrine(), DAY, ["REC"], "pi-usuelle")
    assert (verdict.verdict, verdict.profile["sante"]) == ("denied", "true")
    (tmp_path / "francecloud.toml").write_text("")
    write_package(tmp_path / "dataset", schema(), data.tables)
    answer = explain_application(Workspace(tmp_path), "REC", DAY)
    assert answer["attributes"]["sante"]["origin"] == "PRD"
    assert answer["offers"]["pi-usuelle"]["verdict"] == "denied"
    assert answer["id"] == "REC"
