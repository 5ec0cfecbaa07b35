"""Konveyor read and written back, Azure Migrate's template, forms of one record, files that are no inventory."""

import csv
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from inventory.dataset import read_dataset
from inventory.export_konveyor import HEAD, konveyor_csv
from inventory.importing import ImportResult, import_files
from inventory.provenance import where_from
from inventory.workspace import Workspace

DAY = date(2026, 11, 23)
Write = Callable[[str, str], Path]
Workbook = Callable[..., Path]
Codes = Callable[[ImportResult], list[str]]
KONVEYOR = """Record Type 1,Application Name,Description,Business Service,Dependency,Dependency Direction,Tag Type 1,Tag 1,Tag Type 2,Tag 2
1,Paie,Outil de paie,RH,,,Operating System,RHEL 8,Database,Oracle 12c
1,Stocks,,,,,Language,Java,Region,Nord
2,Paie,,,Stocks,southbound
2,Paie,,,Portail,northbound
2,Paie,,,Stocks,vers le bas
"""


def test_headings_say_what_konveyor_columns_are(write: Write, workspace: Workspace, codes: Codes) -> None:
    result = import_files([write("k.csv", KONVEYOR)], workspace, today=DAY)
    assert codes(result) == ["INV-128", "INV-134"]
    dataset = read_dataset(workspace)
    assert dataset["applications"].select("id", "function").rows() == [("paie", "RH"), ("stocks", None)]
    components = dataset["components"].select("subject_id", "role", "product", "version").rows()
    assert components == [
        ("paie", "os", "RHEL", "8"),
        ("paie", "sgbd", "Oracle", "12c"),
        ("stocks", "langage", "Java", None),
    ]
    assert dataset["flows"].select("source_id", "target_id").sort("source_id").rows() == [
        ("paie", "stocks"),
        ("portail", "paie"),
    ]


def test_what_is_written_for_konveyor_is_read_back(write: Write, workspace: Workspace, tmp_path: Path) -> None:
    import_files([write("k.csv", KONVEYOR)], workspace, today=DAY)
    dataset = read_dataset(workspace)
    body = konveyor_csv(dataset)
    assert body == konveyor_csv(dataset)
    rows = list(csv.reader(io.StringIO(body.decode())))
    assert tuple(rows[0]) == HEAD
    assert len(HEAD) == 57
    assert {len(r) for r in rows} == {57}
    other = Workspace(tmp_path / "autre", {})
    (tmp_path / "autre").mkdir()
    (tmp_path / "retour.csv").write_bytes(body)
    import_files([tmp_path / "retour.csv"], other, today=DAY)
    again = read_dataset(other)
    for table in ("applications", "components"):
        assert again[table].equals(dataset[table])
    # The flow from an application that the dataset does not hold cannot be told by name.
    assert again["flows"].select("source_id", "target_id").rows() == [("paie", "stocks")]


def test_nothing_of_a_classified_application_is_written(write: Write, workspace: Workspace) -> None:
    import_files(
        [write("a.csv", "Code application;Nom;Classification\nA1;Paie;\nS9;Ombre;secret\n")], workspace, today=DAY
    )
    body = konveyor_csv(read_dataset(workspace)).decode()
    assert "Paie" in body
    assert "S9" not in body


def test_two_applications_of_one_name_are_told_apart(write: Write, workspace: Workspace) -> None:
    import_files([write("a.csv", "Code application;Nom\nA1;Paie RH\nA2;paie-rh\n")], workspace, today=DAY)
    rows = list(csv.reader(io.StringIO(konveyor_csv(read_dataset(workspace)).decode())))
    assert [r[1] for r in rows[1:]] == ["Paie RH (A1)", "paie-rh (A2)"]


def test_azure_migrate_sums_the_disks(write: Write, workspace: Workspace, codes: Codes) -> None:
    text = (
        "*Server name,IP addresses,*Cores,*Memory (In MB),*OS name,OS version,OS architecture,Number of disks,"
        "Disk 1 size (In GB),Disk 2 size (In GB),CPU utilization percentage\n"
        "srv-a,10.0.0.1,4,8192,Windows Server 2012 R2,,x64,2,100,250.5,12\n"
        "srv-b,,2,2048,Red Hat Enterprise Linux,7,x64,1,40,,\nsrv-c,,2,2048,Debian,11,x64,2,40,grand,\n,,2,,,,,,,,\n"
    )
    result = import_files([write("azure.csv", text)], workspace, today=DAY)
    assert codes(result) == ["INV-012"]
    rest = write("azure.csv", text.removesuffix(",,2,,,,,,,,\n"))
    result = import_files([rest], workspace, today=DAY)
    assert result.formats == {"azure.csv": "azure-migrate"}
    servers = (
        read_dataset(workspace)["servers"].select("name", "os", "vcpu", "ram_gib", "storage_gib", "cpu_used").rows()
    )
    assert servers == [
        ("srv-a", "Windows Server 2012 R2", 4, 8.0, 350.5, 12.0),
        ("srv-b", "Red Hat Enterprise Linux 7", 2, 2.0, 40.0, None),
        ("srv-c", "Debian 11", 2, 2.0, None, None),
    ]


FORM = [["FICHE D'ÉVALUATION"], ["Nom de l'application", "Paie"], ["Généralités"], ["Description", "Outil de paie", "aide"],
        ["Nombre d'utilisateurs", "1 200", "aide"], ["Coût annuel (k€)", "12,5"], ["Homologation", None, "aide"], ["Sponsor", "DRH"]]  # fmt: skip


def test_a_form_is_one_record_with_its_places(workbook: Workbook, workspace: Workspace, codes: Codes) -> None:
    result = import_files([workbook("fiche.xlsx", Fiche=FORM)], workspace, today=DAY)
    [application] = read_dataset(workspace)["applications"].rows(named=True)
    assert (application["name"], application["users"], application["cout_run_annuel"]) == ("Paie", 1200, 12500.0)
    assert application["homologation"] is None
    [said] = [p for p in result.problems if p.code == "INV-016"]
    assert "Sponsor" in said.message
    [place] = where_from(workspace, "applications", "paie", "users")
    assert (place.sheet, place.column) == ("Fiche", "Nombre d'utilisateurs")


def test_a_wrong_value_of_a_form_has_its_own_row(workbook: Workbook, workspace: Workspace) -> None:
    form = [list(row) for row in FORM]
    form[4][1] = "beaucoup"
    result = import_files([workbook("fiche.xlsx", Fiche=form)], workspace, today=DAY)
    [wrong] = [p for p in result.problems if p.code == "INV-020"]
    assert (wrong.sheet, wrong.row, wrong.column) == ("Fiche", 5, "Nombre d'utilisateurs")


def test_a_form_that_is_still_the_model_is_said(workbook: Workbook, workspace: Workspace, codes: Codes) -> None:
    form = [["Nom de l'application", "[Nom de l'application]"], ["Description", "[À remplir]"], ["Utilisateurs", None]]
    result = import_files([workbook("fiche.xlsx", Fiche=form)], workspace, today=DAY)
    assert codes(result) == ["INV-135"]
    assert not read_dataset(workspace)["applications"].height


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [("s.json", '{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Tout"}', "Tout"),
     ("q.yaml", "name: Prêt\nsections:\n  - order: 1\n    questions:\n      - answers:\n          - risk: red\n", "Prêt"),
     ("e.json", '{"products": {"x": {"title": "X", "releases": []}}}', "endoflife")],
)  # fmt: skip
def test_what_is_no_inventory_is_told(write: Write, workspace: Workspace, name: str, text: str, word: str) -> None:
    [problem] = import_files([write(name, text)], workspace, today=DAY).problems
    assert problem.code == "INV-125"
    assert word in problem.message
