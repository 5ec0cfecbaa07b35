"""``francecloud questions`` as a person runs it."""

import json
from datetime import date
from pathlib import Path

import pytest
import yaml

from francecloud.main import run
from inventory.importing import import_files
from inventory.workspace import Workspace
from rationalise.edits import edits_between

DAY = "2026-11-23"
APPLICATIONS = (
    "Code application;Nom;Code organisation;Type d'entité;Nombre d'utilisateurs;Zone fonctionnelle\n"
    "A1;Paie | _test_;DSI;État;100;RH\nA2;Congés;DSI;État;;RH\nA3;Budget;DSI;État;5;Finances\n"
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "francecloud.toml").write_text("")
    (tmp_path / "sources").mkdir()
    source = tmp_path / "sources/a.csv"
    source.write_text(APPLICATIONS, encoding="utf-8")
    assert not import_files([source], Workspace(tmp_path), today=date(2026, 11, 23)).refused
    return tmp_path


def call(root: Path, *words: str) -> int:
    return run(["questions", "--workspace", str(root), "--as-of", DAY, *words])


def test_the_table(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(root, "--lang", "fr") == 0
    out, err = capsys.readouterr()
    assert out.startswith("0 applications décidées sur 3")
    assert "AQSSI, DSI" in out
    assert "100" in out
    assert err == ""


def test_json_is_one_document_with_the_curve(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(root, "--json", "--limit", "1") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["applications"], found["decided"], found["written"]) == (3, 0, [])
    assert call(root, "--json", "--limit", "2") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["curve"]["decided"] == [0, 0, 3]
    assert [q["whom"] for q in found["questions"]] == ["AQSSI", "délégué à la protection des données"]
    assert found["questions"][1]["decision"]["answers"] == {"sante": False}


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_sheets_are_written_signed_and_left_alone(root: Path, capsys: pytest.CaptureFixture[str], lang: str) -> None:
    assert call(root, "--write", "--lang", lang, "--goal", "tiers") == 0
    folder = root / "decisions/a-signer"
    files = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.yaml"))
    assert {f.split("/")[0] for f in files} == {"assessments", "perimeters"}
    for file in files:
        assert (folder / file).with_suffix(".md").read_text(encoding="utf-8").count("| A") >= 1
        document = yaml.safe_load((folder / file).read_text(encoding="utf-8"))
        assert (document["signed_by"], document["signed_on"]) == (None, None)
        assert document["expires_on"].year >= 2028
    page = next(folder.rglob("*family*.md")).read_text(encoding="utf-8")
    assert "L.311-6" in page
    # Again, the same bytes.
    before = {p: p.read_bytes() for p in folder.rglob("*.*")}
    assert call(root, "--write", "--lang", lang, "--goal", "tiers") == 0
    assert before == {p: p.read_bytes() for p in folder.rglob("*.*")}
    # Signed where it waits it has no effect, which is said; it is not written over.
    [perimeter] = (folder / "perimeters").glob("*.yaml")
    signed = perimeter.read_text(encoding="utf-8").replace("signed_by:", "signed_by: {role: AQSSI}")
    signed = signed.replace("signed_on:", f"signed_on: {DAY}")
    perimeter.write_text(signed, encoding="utf-8")
    capsys.readouterr()
    assert call(root, "--write", "--json", "--goal", "tiers") == 0
    found = json.loads(capsys.readouterr().out)
    assert sorted(n["code"] for n in found["notices"]) == ["ANA-021", "ANA-022"]
    assert perimeter.read_text(encoding="utf-8") == signed
    # In its place it counts.
    place = root / "decisions/perimeters" / perimeter.name
    place.parent.mkdir(parents=True)
    perimeter.rename(place)
    assert call(root, "--json", "--limit", "1") == 0
    found = json.loads(capsys.readouterr().out)
    assert "AQSSI" not in [q["whom"] for q in found["questions"]]


def test_a_sheet_somebody_is_correcting_is_left_alone(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(root, "--write") == 0
    [sheet] = (root / "decisions/a-signer/assessments").glob("*.yaml")
    sheet.write_text(sheet.read_text(encoding="utf-8").replace("- A3\n", ""), encoding="utf-8")
    edited = sheet.read_bytes()
    capsys.readouterr()
    assert call(root, "--write", "--json") == 0
    assert [n["code"] for n in json.loads(capsys.readouterr().out)["notices"]] == ["ANA-022"]
    assert sheet.read_bytes() == edited


def test_names_are_inert_in_what_people_read(root: Path) -> None:
    assert call(root, "--write") == 0
    page = next((root / "decisions/a-signer/perimeters").glob("*.md")).read_text(encoding="utf-8")
    assert "Paie \\| \\_test\\_" in page


def test_nothing_to_ask_is_said(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from inventory.dataset import empty_dataset, schema
    from inventory.package import write_package

    write_package(root / "dataset", schema(), empty_dataset().tables)
    assert call(root, "--lang", "en") == 0
    assert "no answer would decide one more" in capsys.readouterr().out


def test_an_unsigned_decision_in_place_is_said_by_the_analysis(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(root, "--write", str(root / "decisions")) == 0
    capsys.readouterr()
    assert run(["analyse", "--workspace", str(root), "--as-of", DAY, "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["summary"]["totals"]["lawful_now"] == 0
    assert (err.count("ANA-020"), err.count("INV-199")) == (1, 1)


def test_a_sheet_waiting_to_be_signed_is_no_edit() -> None:
    sheet = {"decisions/a-signer/perimeters/p.yaml": b"kind: perimeter"}
    assert edits_between(None, None, {}, sheet) == []
    assert len(edits_between(None, None, {}, {"decisions/perimeters/p.yaml": b"kind: perimeter"})) == 1
