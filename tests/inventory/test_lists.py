"""Hand-kept lists: which table, which columns, references, components, flows, and their mapping file."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from inventory.dataset import read_dataset
from inventory.headings import find_layout
from inventory.importing import ImportResult, import_files
from inventory.problems import Severity
from inventory.workspace import Workspace

DAY = date(2026, 11, 23)
Write = Callable[[str, str], Path]
Workbook = Callable[..., Path]
Codes = Callable[[ImportResult], list[str]]
Rows = Callable[[Workspace, str, str, str], dict[object, object]]


@pytest.mark.parametrize(
    ("head", "table"),
    [("Code application;Nom;Criticité", "applications"), ("Nom du serveur;vCPU;RAM (Go)", "servers"),
     ("Code application;Serveur", "deployments"), ("Source;Cible;Nature", "flows"),
     ("Code organisation;Nom;Organisation de rattachement", "organisations"), ("NOME APPLICATIVO;SERVIZI SUPPORTATI", "applications")],
)  # fmt: skip
def test_the_headings_say_what_a_sheet_lists(head: str, table: str) -> None:
    layout = find_layout([head.split(";")])
    assert layout is not None
    assert layout.table == table


def test_a_list_of_servers_names_its_site_host_and_applications(
    write: Write, workspace: Workspace, rows_of: Rows
) -> None:
    head = "Serveur;vCPU;Mémoire (Mo);Site;Hôte;Application;SGBD"
    servers = write("serveurs.csv", f"{head}\nsrv-a;4;8192;Lyon;esx1;A1;Oracle 19c\n")
    result = import_files([servers, write("apps.csv", "Code application;Nom\nA1;Paie\n")], workspace, today=DAY)
    assert not result.refused
    server = read_dataset(workspace)["servers"].row(0, named=True)
    assert (server["id"], server["ram_gib"], server["site_id"], server["host_id"]) == ("srv-a", 8.0, "Lyon", "esx1")
    assert rows_of(workspace, "deployments", "application_id", "target_id") == {"A1": "srv-a"}
    found = read_dataset(workspace)["components"].select("subject_kind", "role", "product", "version").row(0)
    assert found == ("server", "sgbd", "Oracle", "19c")
    assert set(read_dataset(workspace)["sites"]["id"]) == {"Lyon"}


def test_organisations_are_found_by_their_name_whatever_the_order_of_files(
    write: Write, workspace: Workspace, rows_of: Rows
) -> None:
    apps = write(
        "apps.csv", "Code application;Nom;Organisation\nA1;Paie;dsi de la mer\nA2;Stocks;D2\nA3;Site;Ailleurs\n"
    )
    listed = write("orga.csv", "Code organisation;Nom;Type\nD1;DSI de la Mer;dsi\nD2;DSI de la Terre;dsi\n")
    import_files([apps, listed], workspace, today=DAY)
    assert rows_of(workspace, "applications", "id", "organisation_id") == {"A1": "D1", "A2": "D2", "A3": "Ailleurs"}
    assert set(read_dataset(workspace)["organisations"]["id"]) == {"D1", "D2", "Ailleurs"}


def test_an_application_known_by_its_name_keeps_its_identifier(write: Write, workspace: Workspace) -> None:
    import_files([write("apps.csv", "Code application;Nom\nA1;Paie Générale\n")], workspace, today=DAY)
    more = write("autre.csv", "Application;Langage;Criticité\nPAIE GENERALE;Java 17;Haute\n")
    result = import_files([more], workspace, today=DAY)
    assert result.tables["applications"] == {"read": 1, "created": 0, "updated": 1, "unchanged": 0}
    assert read_dataset(workspace)["components"]["subject_id"].to_list() == ["A1"]


def test_flows_lead_to_records_and_keep_the_names_of_others(write: Write, workspace: Workspace) -> None:
    apps = write("apps.csv", "Code application;Nom\nA1;Paie\nA2;Stocks\n")
    flows = write("flux.csv", "Source;Cible;Nature;Chiffré;Volume\nPaie;Stocks;API;Oui;12,5\nPaie;Banque;SFTP;NC;\n")
    import_files([flows, apps], workspace, today=DAY)
    kept = read_dataset(workspace)["flows"].select("source_id", "target_id", "encrypted", "volume").rows()
    assert sorted(kept, key=str) == [("A1", "A2", True, 12.5), ("A1", "Banque", None, None)]


def test_a_record_on_two_sheets_counts_once_and_is_said(
    workbook: Callable[..., Path], workspace: Workspace, rows_of: Rows
) -> None:
    head = ["Code application", "Nom"]
    path = workbook("l.xlsx", Nord=[head, ["A1", "Paie"]], Sud=[head, ["A2", "Stocks"], ["A1", "Paie bis"]])
    result = import_files([path], workspace, today=DAY)
    assert rows_of(workspace, "applications", "id", "name") == {"A1": "Paie", "A2": "Stocks"}
    [said] = [p for p in result.problems if p.code == "INV-014"]
    assert (said.sheet, said.row) == ("Sud", 3)
    assert "Nord" in said.message


def test_yes_is_not_a_kind_of_personal_data(write: Write, workspace: Workspace, rows_of: Rows) -> None:
    path = write("apps.csv", "Code application;Nom;Données personnelles\nA1;Paie;Oui\nA2;Stocks;Non\n")
    result = import_files([path], workspace, today=DAY)
    assert [(p.code, p.severity, p.row) for p in result.problems] == [("INV-021", Severity.WARNING, 2)]
    assert rows_of(workspace, "applications", "id", "donnees_perso") == {"A1": None, "A2": "aucune"}


def test_the_unit_of_a_heading_is_kept_and_may_be_edited(write: Write, workspace: Workspace, rows_of: Rows) -> None:
    path = write("apps.csv", "Code application;Nom;Coût annuel (k€);ETP\nA1;Paie;12,5;2\n")
    import_files([path], workspace, today=DAY)
    assert rows_of(workspace, "applications", "id", "cout_run_annuel") == {"A1": 12500.0}
    mapping = workspace.root / "sources/apps.csv.mapping.json"
    document = json.loads(mapping.read_text())
    assert document["sheets"][""]["Coût annuel (k€)"] == "applications.cout_run_annuel (k€)"
    document["sheets"][""]["Coût annuel (k€)"] = "applications.cout_run_annuel (M€)"
    mapping.write_text(json.dumps(document))
    import_files([path], workspace, today=DAY)
    assert rows_of(workspace, "applications", "id", "cout_run_annuel") == {"A1": 12_500_000.0}


@pytest.mark.parametrize(
    ("text", "code"),
    [("{", "INV-018"), ("[]", "INV-018"), ('{"sheets": {"": {"Nom": 3}}}', "INV-018"),
     ('{"sheets": {"": {"Nom": "applications.nmae"}}}', "INV-019"), ('{"sheets": {"": {"Nom": "autre chose"}}}', "INV-019")],
)  # fmt: skip
def test_a_mapping_that_is_wrong_is_a_problem(
    write: Write, workspace: Workspace, codes: Codes, text: str, code: str
) -> None:
    path = write("apps.csv", "Code application;Nom\nA1;Paie\n")
    (workspace.root / "sources").mkdir()
    (workspace.root / "sources/apps.csv.mapping.json").write_text(text)
    assert codes(import_files([path], workspace, today=DAY)) == [code]
    assert not workspace.dataset.exists()


def test_decimal_commas_do_not_hide_the_separator(write: Write, workspace: Workspace) -> None:
    path = write("s.csv", "Serveur;vCPU;RAM;Stockage\na;2;1,5;2,5\nb;2;3,5;4,5\n")
    import_files([path], workspace, today=DAY)
    assert read_dataset(workspace)["servers"]["ram_gib"].to_list() == [1.5, 3.5]


@pytest.mark.parametrize("note", ['"deux\nlignes"', "note"])
def test_rows_are_numbered_as_a_spreadsheet_shows_them(write: Write, workspace: Workspace, note: str) -> None:
    text = f"Titre\n\nCode application;Nom;Description;Classification\nA1;Paie;{note};\n\nA2;Stocks;;ultra\n"
    result = import_files([write("a.csv", text)], workspace, today=DAY)
    assert [p.row for p in result.problems if p.severity is Severity.ERROR] == [6]


def test_an_italian_list_is_read(workbook: Callable[..., Path], workspace: Workspace, rows_of: Rows) -> None:
    head = ["NOME APPLICATIVO", "INTERLOCUTORE", "SERVIZI SUPPORTATI"]
    path = workbook("lista.xlsx", Applicativi=[["ISTRUZIONI"], [], head, ["Protocollo", "Ditta", "Posta"]])
    import_files([path], workspace, today=DAY)
    assert rows_of(workspace, "applications", "id", "name") == {"protocollo": "Protocollo"}


def test_a_project_of_the_panorama_is_an_application(write: Write, workspace: Workspace, rows_of: Rows) -> None:
    head = (
        "Ministère porteur ,Ministère nom complet,Nom du projet,Phase du projet en cours,Coût estimé,Zone fonctionnelle"
    )
    path = write("panorama.csv", f"{head}\nMAA,Ministère de l'Agriculture,Expadon 2,Terminé,26.3,Alimentation\n")
    result = import_files([path], workspace, today=DAY)
    assert result.formats == {"panorama.csv": "panorama"}
    project = read_dataset(workspace)["applications"].select(
        "cout_construction_ttc", "lifecycle", "function", "organisation_id"
    )
    assert project.row(0) == (26_300_000.0, "production", "Alimentation", "MAA")
    assert rows_of(workspace, "organisations", "id", "name") == {"MAA": "Ministère de l'Agriculture"}


def test_what_one_file_says_of_a_name_another_may_not_share(tmp_path: Path, workspace: Workspace, codes: Codes) -> None:
    for folder, name in (("nord", "Paie"), ("sud", "Stocks")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "apps.csv").write_text(f"Code application;Nom\nA1;{name}\n")
    north, south = tmp_path / "nord/apps.csv", tmp_path / "sud/apps.csv"
    assert codes(import_files([north, south], workspace, today=DAY)) == ["INV-025"]
    assert import_files([north, north], workspace, today=DAY).tables["applications"]["read"] == 1
    assert read_dataset(workspace)["applications"]["name"].to_list() == ["Paie"]


@pytest.mark.parametrize(
    "head",
    [
        ["Ministère porteur ", "Ministère nom complet", "Nom du projet", "Début", "Phase du projet en cours", "Coût estimé", "Zone fonctionnelle"],
        ["Ministère", "Nom complet du ministère", "Intitulé du projet", "Date de début", "Phase en cours", "Coût estimé (M€ TTC)", "Zone fonctionnelle"],
        ["Ministère", "Ministère nom complet", "Projet", "Début du projet", "Phase du projet", "Coût prévisionnel en M€", "Zone fonctionnelle"],
    ],
)  # fmt: skip
def test_the_panorama_of_any_edition_as_a_workbook(workbook: Workbook, workspace: Workspace, head: list[str]) -> None:
    rows = [
        ["Panorama"],
        head,
        ["MEF", "Ministère des finances", "Paie", "01/01/2017", "Terminé", "6,8027397260274", "RH"],
    ]
    result = import_files([workbook("panorama.xlsx", Feuille=rows)], workspace, today=DAY)
    assert result.formats == {"panorama.xlsx": "panorama"}
    [application] = read_dataset(workspace)["applications"].rows(named=True)
    assert (application["cout_construction_ttc"], application["lifecycle"]) == (6802739.726027, "production")
    assert str(application["started"]) == "2017-01-01"


def test_an_ods_list_in_italian_with_a_banner(tmp_path: Path, workspace: Workspace) -> None:
    from odfdo import Document, Table

    document = Document("spreadsheet")
    document.body.clear()
    table = Table("Server")
    rows = [["ELENCO DEI SERVER"], [], ["Nome macchina", "Hostname", "Memoria (GB)", "Sistema operativo", "Indirizzo IP"],
            ["x", "srv1", "16", "Debian 11", "10.0.0.1"]]  # fmt: skip
    for row in rows:
        table.append_row()
        for position, cell in enumerate(row):
            table.set_value((position, table.height - 1), cell)
    document.body.append(table)
    document.save(tmp_path / "elenco.ods")
    result = import_files([tmp_path / "elenco.ods"], workspace, today=DAY)
    assert result.formats == {"elenco.ods": "list"}, result.problems
    [server] = read_dataset(workspace)["servers"].rows(named=True)
    assert (server["name"], server["ram_gib"], server["os"], server["ip"]) == ("srv1", 16.0, "Debian 11", "10.0.0.1")
