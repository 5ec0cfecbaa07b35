"""``explain``: the matrix fits a terminal, values say where they come from, duties and ages are told."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from francecloud.main import run
from inventory import read_dataset
from inventory.package import Package
from rationalise import load_decisions, load_doctrine, placements
from rationalise.explaining.matrix import WIDTH, lines, matrix

DAY = "2026-11-23"


def explained(workspace: Path, capsys: pytest.CaptureFixture[str], word: str, day: str = DAY) -> dict[str, object]:
    assert run(["explain", word, "--workspace", str(workspace), "--as-of", day, "--json", "--lang", "en"]) == 0
    return dict(json.loads(capsys.readouterr().out))


def test_the_matrix_says_what_each_rule_does(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = explained(workspace, capsys, "SECRET")["matrix"]
    assert found["FC-04"] == {"COM_UE": "denies", "COM_HORS_UE": "denies"}
    assert found["FC-12"]["SNC"] == "asks"
    assert found["FC-12"]["COM_UE"] == "speaks"
    assert explained(workspace, capsys, "DR")["matrix"]["FC-03"]["SNC"] == "awaits"


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("word", ["UNKNOWN", "DR"])
def test_the_matrix_fits_eighty_columns(
    workspace: Path, capsys: pytest.CaptureFixture[str], word: str, lang: str
) -> None:
    answer = explained(workspace, capsys, word)
    assert max(len(line) for line in lines(answer["matrix"], answer["tiers"])) <= WIDTH
    assert run(["explain", word, "--workspace", str(workspace), "--as-of", DAY, "--lang", lang]) == 0
    text = capsys.readouterr().out
    assert "COM_HORS_UE" in text
    assert "None" not in text


def test_a_long_rule_name_does_not_widen_the_matrix() -> None:
    tiers = {
        t: {"verdict": "denied", "because": ["X" * 60], "rules": [{"id": "X" * 60}]} for t in load_doctrine().tiers
    }
    assert max(len(line) for line in lines(matrix(tiers, load_doctrine()), tiers)) <= WIDTH


def test_each_value_says_where_it_comes_from(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = explained(workspace, capsys, "SIGNED")
    assert found["attributes"]["classification"]["kind"] == "decision"
    assert found["attributes"]["evaluation_art31"]["origin"] == "assessments/a.yaml"
    assert {d["file"]: d["expires_on"] for d in found["sources"]["decisions"]}["assessments/a.yaml"] == "2027-06-30"
    assert found["sources"]["decisions"][0]["days_left"] == 219
    heir = explained(workspace, capsys, "RH-REC")
    assert (heir["attributes"]["sante"]["kind"], heir["attributes"]["sante"]["origin"]) == ("inherited", "RH")
    assert any(
        step["subject"] == "fictitious_data" for way in heir["changes"] for steps in way["sets"] for step in steps
    )


def test_the_changes_are_those_of_the_application(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    by_tier = {w["tier"]: w for w in explained(workspace, capsys, "SECRET")["changes"]}
    assert by_tier["COM_UE"]["sets"] == [[{"kind": "derogation", "subject": "DER-31", "values": []}]]
    late = {w["tier"]: w for w in explained(workspace, capsys, "ELSEWHERE")["changes"]}
    assert late["COM_UE"]["sets"] == []


def test_duties_are_told_not_enforced(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    secret = explained(workspace, capsys, "SECRET")
    duties = {(d["gate"], d["needs"]): d for d in secret["duties"]}
    lapse = duties["G-06", "fallback"]
    assert (lapse["until"], lapse["lawful_after"], lapse["fallback_offer"]) == ("2026-11-30", False, "pi-usuelle")
    # Not homologated, and placed all the same: the gate is before exposure.
    assert ("G-01", "homologation") in duties
    assert secret["offer"] == "pi-usuelle"
    signed = {d["gate"]: d for d in explained(workspace, capsys, "SIGNED")["duties"]}
    assert "G-01" not in signed
    assert signed["G-06"]["lawful_after"] is True


def test_retiring_asks_for_the_visa_and_for_retention(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert [d["needs"] for d in explained(workspace, capsys, "OLD")["duties"]] == ["archives_visa", "gdpr_retention"]
    # Known to hold no personal data: nothing but the archives' visa is left to ask.
    assert [d["needs"] for d in explained(workspace, capsys, "EMPTY")["duties"]] == ["archives_visa"]


def test_old_readings_are_said(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    law = explained(workspace, capsys, "SECRET")["sources"]["doctrine"]
    assert law["age_days"] == 71
    assert {"id", "due", "address", "period_days"} <= set(law["stale"][0])


def test_the_same_question_gets_the_same_bytes(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert explained(workspace, capsys, "UNKNOWN") == explained(workspace, capsys, "UNKNOWN")


def test_homologation_gates_exposure_and_never_creation(workspace: Path) -> None:
    """The gate's own question is the same whatever is known of homologation; the duty alone tells it."""
    dataset, decisions = read_dataset(workspace / "dataset"), load_decisions(workspace / "decisions")
    verdicts = set()
    for state in (None, "aucune", "valide"):
        told = dataset["applications"].with_columns(homologation=pl.lit(state, pl.String))
        data = Package({**dataset.tables, "applications": told})
        verdicts |= {
            p.verdict
            for p in placements(data, decisions, load_doctrine(), date(2026, 11, 23), ["SECRET"], "pi-usuelle")
        }
    assert verdicts <= {"allowed", "conditional"}
    assert len(verdicts) == 1
    assert "avant l'exposition" in load_doctrine().gates["G-01"].title.fr
