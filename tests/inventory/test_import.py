"""Import: what is read, what is refused, and that a second time moves not a byte."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from inventory.dataset import read_dataset
from inventory.importing import import_files
from inventory.problems import Severity
from inventory.provenance import where_from
from inventory.workspace import Workspace

DAY = date(2026, 11, 23)
INFO = [
    ["VM", "Powerstate", "Template", "SRM Placeholder", "CPUs", "Memory", "Provisioned MiB", "Datacenter", "Cluster", "Host",
     "OS according to the VMware Tools", "VM UUID"],
    ["srv-a", "poweredOn", "False", "False", 4, 8192, 102400, "dc1", "c1", "esx1", "Debian GNU/Linux 12 (64-bit)", "AAAA-1"],
    ["srv-b", "poweredOff", "False", "False", 2, 2048, 51200, "dc1", "c1", "esx1", "VM", "AAAA-2"],
    ["modele", "poweredOff", "True", "False", 2, 2048, 1, "dc1", "c1", "esx1", "VM", "AAAA-3"],
    ["pra", "poweredOff", "False", "True", 2, 2048, 1, "dc1", "c1", "esx1", "VM", "AAAA-4"],
]  # fmt: skip


def codes(result) -> list[str]:
    return sorted(p.code for p in result.problems)


def tree(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*"))
            if p.is_file() and ".francecloud" not in p.parts}  # fmt: skip


def test_a_workbook_gives_servers_and_leaves_out_templates(workbook: Callable[..., Path], workspace: Workspace) -> None:
    result = import_files([workbook("rv.xlsx", vInfo=INFO)], workspace, today=DAY)
    assert result.tables["servers"] == {"read": 2, "created": 2, "updated": 0, "unchanged": 0}
    assert codes(result) == ["INV-031", "INV-032"]
    assert {p.severity for p in result.problems} == {Severity.INFO}
    first = read_dataset(workspace)["servers"].filter(pl.col("name") == "srv-a").row(0, named=True)
    assert (first["vcpu"], first["ram_gib"], first["storage_gib"], first["power_state"]) == (4, 8.0, 100.0, "on")


def test_the_literal_vm_is_an_empty_cell(workbook: Callable[..., Path], workspace: Workspace) -> None:
    import_files([workbook("rv.xlsx", vInfo=INFO)], workspace, today=DAY)
    assert read_dataset(workspace)["servers"].filter(pl.col("name") == "srv-b")["os"].to_list() == [None]


def test_old_headers_are_the_same_columns(workbook: Callable[..., Path], workspace: Workspace) -> None:
    old = [[h.replace("MiB", "MB") if isinstance(h, str) else h for h in row] for row in INFO]
    import_files([workbook("rv.xlsx", vInfo=old)], workspace, today=DAY)
    assert read_dataset(workspace)["servers"]["storage_gib"].sort().to_list() == [50.0, 100.0]


@pytest.mark.parametrize(
    ("encoding", "separator"), [("utf-8", ";"), ("utf-8-sig", ","), ("cp1252", ";"), ("utf-16", "\t")]
)
def test_a_list_is_read_however_it_is_written(
    tmp_path: Path, workspace: Workspace, encoding: str, separator: str
) -> None:
    rows = ["Code application|Nom|Classification|Données personnelles", "A1|Élections|Diffusion restreinte|Article 9"]
    path = tmp_path / "liste.csv"
    path.write_bytes("\r\n".join(r.replace("|", separator) for r in rows).encode(encoding))
    result = import_files([path], workspace, today=DAY)
    assert not result.refused
    row = read_dataset(workspace)["applications"].row(0, named=True)
    assert (row["id"], row["name"], row["classification"], row["donnees_perso"]) == ("A1", "Élections", "dr", "art9")


def test_headings_are_found_below_a_banner(workbook: Callable[..., Path], workspace: Workspace) -> None:
    rows = [["Inventaire de la DSI", None, None], [None, None, None], ["Code application", "Nom", "Stockage inutile"],
            ["A1", "Paie", "x"]]  # fmt: skip
    result = import_files([workbook("liste.xlsx", Feuille=rows)], workspace, today=DAY)
    assert result.tables["applications"]["read"] == 1
    [ignored] = [p for p in result.problems if p.code == "INV-016"]
    assert ignored.row == 3


def test_every_error_comes_at_once_with_its_place_and_nothing_is_written(tmp_path: Path, workspace: Workspace) -> None:
    before = tree(workspace.root)
    path = tmp_path / "liste.csv"
    path.write_text(
        "Code application;Nom;Classification;Nombre d'utilisateurs\nA1;Paie;ultra;> 100\nA2;Stocks;secrett;12\n"
    )
    result = import_files([path], workspace, today=DAY)
    places = {(p.row, p.column, p.value) for p in result.problems if p.severity is Severity.ERROR}
    assert places == {
        (2, "Classification", "ultra"),
        (2, "Nombre d'utilisateurs", "> 100"),
        (3, "Classification", "secrett"),
    }
    assert any("secret" in (p.hint or "") for p in result.problems)
    assert tree(workspace.root) == before


def test_one_bad_file_keeps_the_good_ones_out(tmp_path: Path, workspace: Workspace) -> None:
    good, bad = tmp_path / "a.csv", tmp_path / "b.csv"
    good.write_text("Code application;Nom\nA1;Paie\n")
    bad.write_text("Code application;Nom;Classification\nA2;Stocks;ultra\n")
    assert import_files([good, bad], workspace, today=DAY).refused
    assert not workspace.dataset.exists()


def test_a_second_import_moves_not_a_byte(workbook: Callable[..., Path], tmp_path: Path, workspace: Workspace) -> None:
    lists = tmp_path / "apps.csv"
    lists.write_text("Code application;Nom;Serveurs\nA1;Paie;srv-a, srv-b\n")
    files = [workbook("rv.xlsx", vInfo=INFO), lists]
    import_files(files, workspace, today=DAY)
    before = tree(workspace.root)
    again = import_files(files, workspace, today=date(2027, 1, 1))
    assert tree(workspace.root) == before
    assert all(c["unchanged"] == c["read"] for c in again.tables.values())


def test_servers_are_linked_by_name_whatever_the_case(
    workbook: Callable[..., Path], tmp_path: Path, workspace: Workspace
) -> None:
    lists = tmp_path / "liens.csv"
    lists.write_text("Code application;Serveur\nA1;SRV-A\nA1;srv-c\n")
    apps = tmp_path / "apps.csv"
    apps.write_text("Code application;Nom\nA1;Paie\n")
    result = import_files([workbook("rv.xlsx", vInfo=INFO), apps, lists], workspace, today=DAY)
    assert read_dataset(workspace)["deployments"].height == 1
    [lost] = [p for p in result.problems if p.code == "INV-040"]
    assert (lost.value, lost.row, lost.severity) == ("srv-c", 3, Severity.WARNING)


def test_of_a_classified_application_only_an_identifier_is_kept(tmp_path: Path, workspace: Workspace) -> None:
    path = tmp_path / "liste.csv"
    path.write_text("Code application;Nom;Description;Classification\nA9;Nom sensible;Détail;Secret\n")
    import_files([path], workspace, today=DAY)
    row = read_dataset(workspace)["applications"].row(0, named=True)
    assert (row["id"], row["classification"], row["name"], row["description"]) == ("A9", "secret", None, None)
    assert b"Nom sensible" not in b"".join(tree(workspace.root).values())


def test_precedence_settles_a_dispute_and_where_from_tells(tmp_path: Path, workspace: Workspace) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("Code application;Nom;Nombre d'utilisateurs\nA1;Paie;10\n")
    second.write_text("Code application;Nom;Nombre d'utilisateurs;Criticité\nA1;Paie;12;Haute\n")
    workspace.settings["inventory"] = {"precedence": ["b.csv", "a.csv"]}
    result = import_files([first, second], workspace, today=DAY)
    assert [p.code for p in result.problems] == ["INV-041"]
    assert read_dataset(workspace)["applications"]["users"].to_list() == [12]
    users = where_from(workspace, "applications", "A1", "users")
    assert [(o.source, o.row, o.column, o.wins) for o in users] == [
        ("b.csv", 2, "Nombre d'utilisateurs", True),
        ("a.csv", 2, "Nombre d'utilisateurs", False),
    ]


def test_without_precedence_the_value_already_there_stays(tmp_path: Path, workspace: Workspace) -> None:
    first, second = tmp_path / "b.csv", tmp_path / "a.csv"
    first.write_text("Code application;Nom;Nombre d'utilisateurs\nA1;Paie;10\n")
    second.write_text("Code application;Nom;Nombre d'utilisateurs\nA1;Paie;12\n")
    import_files([first], workspace, today=DAY)
    import_files([second], workspace, today=DAY)
    assert read_dataset(workspace)["applications"]["users"].to_list() == [10]
    assert where_from(workspace, "applications", "A1", "users")[0].source == "b.csv"


def test_a_source_changes_its_own_value_and_deletes_nothing(tmp_path: Path, workspace: Workspace) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Code application;Nom;Nombre d'utilisateurs\nA1;Paie;10\nA2;Stocks;5\n")
    import_files([path], workspace, today=DAY)
    path.write_text("Code application;Nom;Nombre d'utilisateurs\nA1;Paie;11\n")
    result = import_files([path], workspace, today=DAY)
    assert result.tables["applications"] == {"read": 1, "created": 0, "updated": 1, "unchanged": 0}
    assert dict(read_dataset(workspace)["applications"].select("id", "users").iter_rows()) == {"A1": 11, "A2": 5}


def test_a_mapping_people_edit_wins(tmp_path: Path, workspace: Workspace) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Code application;Nom;Sigle interne\nA1;Paie;12\n")
    import_files([path], workspace, today=DAY)
    mapping = workspace.root / "sources/a.csv.mapping.json"
    document = json.loads(mapping.read_text())
    assert document["sheets"][""]["Sigle interne"] is None
    document["sheets"][""]["Sigle interne"] = "applications.users"
    mapping.write_text(json.dumps(document))
    import_files([path], workspace, today=DAY)
    assert read_dataset(workspace)["applications"]["users"].to_list() == [12]


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "INV-005"), (b"PK\x03\x04 truncated", "INV-006"), (b"\x00\x01\x02" * 50, "INV-004"), (b"bonjour\n", "INV-010"),
     (b"Code application;Nom\n\"jamais ferm\xe9" + b"x" * 1_100_000, "INV-008")],
)  # fmt: skip
def test_a_broken_file_is_a_problem_and_not_a_traceback(
    tmp_path: Path, workspace: Workspace, content: bytes, code: str
) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(content)
    result = import_files([path], workspace, today=DAY)
    assert code in codes(result)
    assert not workspace.dataset.exists()


def test_a_missing_file_is_a_problem(tmp_path: Path, workspace: Workspace) -> None:
    assert codes(import_files([tmp_path / "absent.csv"], workspace, today=DAY)) == ["INV-001"]


@pytest.mark.parametrize("cut", [100, 2000, 5000])
def test_a_truncated_workbook_is_a_problem(workbook: Callable[..., Path], workspace: Workspace, cut: int) -> None:
    path = workbook("rv.xlsx", vInfo=INFO)
    path.write_bytes(path.read_bytes()[:-cut])
    assert codes(import_files([path], workspace, today=DAY)) == ["INV-006"]


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path, workspace: Workspace) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Code application;Nom\nA1;=1+1\n")
    import_files([path], workspace, today=DAY)
    assert read_dataset(workspace)["applications"]["name"].to_list() == ["=1+1"]


@pytest.mark.needs("shared")
@pytest.mark.parametrize(
    ("sample", "table", "count"),
    [("rvtools/rvtools-small-complete.xlsx", "servers", 3), ("rvtools/kubev2v-example1.xlsx", "servers", 9),
     ("rvtools/kubev2v-example1.xlsx", "hosts", 7),
     ("panorama/Panorama_des_grands_projets_SI_-_20170630.csv", "applications", 61)],
)  # fmt: skip
def test_real_files_give_their_counts(shared: Path, workspace: Workspace, sample: str, table: str, count: int) -> None:
    result = import_files([shared / "samples" / sample], workspace, today=DAY)
    assert not result.refused
    assert result.tables[table]["read"] == count
    assert read_dataset(workspace)[table].height == count


@pytest.mark.needs("shared")
@pytest.mark.parametrize(
    ("sample", "expected"),
    [("Allegato_Lista_degli_applicativi.xlsx", ["INV-016", "INV-022"]), ("Allegato_Scheda_di_assessment_dell_applicativo.xlsx", ["INV-017", "INV-017", "INV-135"])],
)  # fmt: skip
def test_an_empty_template_and_a_form_are_listed_problems(
    shared: Path, workspace: Workspace, sample: str, expected: list[str]
) -> None:
    assert codes(import_files([shared / "samples/italy" / sample], workspace, today=DAY)) == expected


@pytest.mark.needs("shared")
def test_the_cost_of_a_project_is_in_millions_of_euros(shared: Path, workspace: Workspace) -> None:
    import_files([shared / "samples/panorama/Panorama_des_grands_projets_SI_-_20170630.csv"], workspace, today=DAY)
    costs = read_dataset(workspace)["applications"]["cout_construction_ttc"]
    assert costs.drop_nulls().min() >= 1e5
    assert costs.max() < 1e9
