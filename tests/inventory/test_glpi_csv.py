"""GLPI's lists: their headings in two languages, cells of several lines, and whether the list is whole."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from inventory.dataset import read_dataset
from inventory.importing import ImportResult, import_files
from inventory.problems import Severity
from inventory.provenance import where_from
from inventory.workspace import Workspace

DAY = date(2026, 11, 23)
Write = Callable[[str, str], Path]
Workbook = Callable[..., Path]
Codes = Callable[[ImportResult], list[str]]
FRENCH = (
    '"Nom";"Statut";"Fabricant";"Numéro de série";"Type";"Modèle";"Système d\'exploitation - Nom";'
    '"Système d\'exploitation - Version";"Lieu";"Dernière modification";"Composants - Processeur";'
    '"Composants - Mémoire (Mio)";"Réseau - IP";\n'
)


def row(name: str, serial: str = "S1", ram: str = "2048", ip: str = "10.0.0.1") -> str:
    return (
        f'"{name}";"En service";"Dell";"{serial}";"Serveur";"R740";"Debian GNU/Linux";"11";"Paris > Salle 1";'
        f'"2026-01-01 10:00";"Xeon\nXeon";"{ram}";"{ip}";\n'
    )


def test_a_list_in_french(write: Write, workspace: Workspace, codes: Codes) -> None:
    text = FRENCH + row("srv-a", ram="16384\n16384", ip="10.0.0.1\n10.0.0.2") + row("srv-b", "S2")
    result = import_files([write("glpi.csv", text)], workspace, today=DAY)
    assert (result.formats, codes(result)) == ({"glpi.csv": "glpi-csv"}, [])
    server = read_dataset(workspace)["servers"].row(0, named=True)
    assert (server["id"], server["os"], server["ram_gib"]) == ("srv-a", "Debian GNU/Linux 11", 32.0)
    assert (server["addresses"], server["serial"], server["site_id"]) == ("10.0.0.1|10.0.0.2", "S1", "Paris > Salle 1")
    [origin] = where_from(workspace, "servers", "srv-a", "ram_gib")
    assert (origin.row, origin.column) == (2, "Composants - Mémoire (Mio)")
    assert not import_files([write("glpi.csv", text)], workspace, today=date(2026, 12, 1)).written


def test_a_list_in_english(write: Write, workspace: Workspace) -> None:
    head = '"Name";"Status";"Manufacturers";"Serial number";"Types";"Model";"Operating system - Name";"Locations";"Last update";"Components - Processor"\n'
    body = '"srv-a";"Production";"Dell";"S1";"Server";"R740";"Windows Server 2012 R2";"Room 1";"2026-01-01";"Xeon"\n'
    result = import_files([write("glpi.csv", head + body)], workspace, today=DAY)
    assert result.formats == {"glpi.csv": "glpi-csv"}
    assert read_dataset(workspace)["servers"]["os"].to_list() == ["Windows Server 2012 R2"]


def test_two_machines_of_one_name_are_told_by_their_serial_numbers(write: Write, workspace: Workspace) -> None:
    import_files(
        [write("g.csv", FRENCH + row("localhost", "S1") + row("localhost", "S2") + row("c", "S3"))],
        workspace,
        today=DAY,
    )
    assert read_dataset(workspace)["servers"]["id"].to_list() == ["c", "s1-localhost", "s2-localhost"]


@pytest.mark.parametrize("end", ['"srv-b";"En serv', '"srv-b";"En service";"Dell"'])
def test_a_last_line_that_was_cut_is_refused(write: Write, workspace: Workspace, end: str) -> None:
    result = import_files([write("g.csv", FRENCH + row("srv-a") + end)], workspace, today=DAY)
    assert "INV-108" in {p.code for p in result.problems}
    assert result.refused
    assert not workspace.dataset.exists()


def test_a_last_cell_of_several_lines_is_not_a_cut(write: Write, workspace: Workspace, codes: Codes) -> None:
    text = FRENCH + row("srv-a", ip="10.0.0.1\n10.0.0.2\n10.0.0.3").rstrip("\n")
    assert codes(import_files([write("g.csv", text)], workspace, today=DAY)) == []


def test_the_rows_are_counted_against_an_announced_total(write: Write, workspace: Workspace) -> None:
    text = FRENCH + row("a", "1") + row("b", "2")
    short = import_files([write("g.csv", text + "De 1 à 2 sur 18 000;;\n")], workspace, today=DAY)
    assert [(p.code, p.value) for p in short.problems if p.severity is Severity.ERROR] == [("INV-107", "18000")]
    assert short.refused
    whole = import_files([write("h.csv", text + "De 1 à 2 sur 2;;;;;;;;;;;;;\n")], workspace, today=DAY)
    assert (whole.problems, whole.tables["servers"]["read"]) == ([], 2)


def test_the_total_may_stand_in_a_file_beside(write: Write, workspace: Workspace, codes: Codes) -> None:
    path = write("g.csv", FRENCH + row("a", "1"))
    write("g.csv.total", "300\n")
    assert codes(import_files([path], workspace, today=DAY)) == ["INV-107"]
    write("g.csv.total", "1\n")
    assert codes(import_files([path], workspace, today=DAY)) == []


def test_exactly_a_page_is_suspect_unless_the_total_says_so(write: Write, workspace: Workspace, codes: Codes) -> None:
    path = write("g.csv", FRENCH + "".join(row(f"s{n}", f"S{n}") for n in range(50)))
    result = import_files([path], workspace, today=DAY)
    assert (codes(result), result.refused) == (["INV-109"], False)
    write("g.csv.total", "50")
    assert codes(import_files([path], workspace, today=DAY)) == []


def test_a_row_without_a_name_stops_the_import(write: Write, workspace: Workspace) -> None:
    result = import_files([write("g.csv", FRENCH + row("a") + row(""))], workspace, today=DAY)
    assert [(p.code, p.row) for p in result.problems] == [("INV-012", 3)]


def test_software_is_led_to_the_servers_other_sources_know(
    write: Write, workbook: Workbook, workspace: Workspace, codes: Codes
) -> None:
    machines = [["VM", "CPUs", "Memory", "VM UUID"], ["srv-a", 2, 2048, "UU-1"]]
    text = "Serveur;Logiciel;Version;Éditeur\nSRV-A;PostgreSQL 13;13.4;PGDG\nsrv-z;Outil maison;1;\nsrv-z;Outil maison;2;\n"
    result = import_files([workbook("rv.xlsx", vInfo=machines), write("logiciels.csv", text)], workspace, today=DAY)
    assert result.formats["logiciels.csv"] == "software"
    components = read_dataset(workspace)["components"].select("subject_id", "role", "product", "version").rows()
    assert components == [("srv-z", "autre", "Outil maison", "1"), ("uu-1", "sgbd", "PostgreSQL 13", "13.4")]
    assert "INV-106" in codes(result)
    [origin] = where_from(workspace, "components", "server|uu-1|sgbd|PostgreSQL 13", "version")
    assert (origin.source, origin.row, origin.column) == ("logiciels.csv", 2, "Version")


def test_software_in_a_workbook(workbook: Workbook, workspace: Workspace) -> None:
    rows = [
        ["Export du 1er mars"],
        ["Computer name", "Product", "Version", "Install date"],
        ["s1", "nginx", "1.18", "2020-01-01"],
    ]
    result = import_files([workbook("l.xlsx", Logiciels=rows)], workspace, today=DAY)
    assert result.formats == {"l.xlsx": "software"}
    assert read_dataset(workspace)["components"]["role"].to_list() == ["web"]


def test_software_without_its_server_is_a_problem(write: Write, workspace: Workspace) -> None:
    result = import_files([write("l.csv", "Serveur;Logiciel;Version\n;nginx;1\ns1;;2\n")], workspace, today=DAY)
    assert [(p.code, p.row) for p in result.problems] == [("INV-012", 2), ("INV-012", 3)]


def test_a_list_of_servers_that_names_a_product_stays_one(write: Write, workspace: Workspace) -> None:
    result = import_files([write("s.csv", "Serveur;vCPU;Logiciel;Version\ns1;2;nginx;1.18\n")], workspace, today=DAY)
    assert result.formats == {"s.csv": "list"}
