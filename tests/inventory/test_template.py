"""The template sent, filled in and read back, in both formats: what was left changes nothing, what was written is taken."""

import io
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from odfdo import Document

from francecloud.main import run
from inventory.dataset import empty_dataset, read_dataset, schema
from inventory.files import SourceFile
from inventory.forms.inventory_form import inventory_form
from inventory.forms.writing import content
from inventory.importing import ImportResult, import_files
from inventory.language import in_language
from inventory.package import Package
from inventory.problems import NotFound
from inventory.provenance import where_from
from inventory.readers import reader_for
from inventory.readers.template_workbook import TemplateWorkbook
from inventory.workbooks import sheets
from inventory.workspace import Workspace

Write = Callable[[str, str], Path]
DAY = date(2026, 11, 23)
FORMATS = pytest.mark.parametrize("suffix", [".xlsx", ".ods"])
APPLICATIONS = (
    "Code application;Nom;Code organisation;Utilisateurs;Coût annuel;Début;Données de santé;Publics;Serveurs;Classification\n"
    "A1;Paie & <Congés>;DSI-A;1200;12,5;01/03/2018;Non;agents, particuliers;srv-a;\n"
    "A2;=Somme;DSI-B;;;;;;srv-b;\n"
    "A3;007;DSI-A;3;0,1;;Oui;;;dr\n"
    "A4;Caché;DSI-A;;;;;;;secret\n"
)
SERVERS = "Serveur;vCPU;Mémoire (Go);Environnement\nsrv-a;4;1,5;production\nsrv-b;2;8;recette\nsrv-c;1;1;\n"
FLOWS = "Source;Cible;Nature\nA1;A2;fichier\n"
PEOPLE = "Code organisation;Nom;Organisation de rattachement\nDSI-A;DSI A;MIN\nDSI-B;DSI B;\nMIN;Ministère;\n"


@pytest.fixture
def filled(workspace: Workspace, write: Write) -> Workspace:
    """A workspace that holds four applications, one of them classified."""
    paths = [
        write("apps.csv", APPLICATIONS),
        write("serveurs.csv", SERVERS),
        write("flux.csv", FLOWS),
        write("orga.csv", PEOPLE),
    ]
    assert not import_files(paths, workspace, today=DAY).refused
    return workspace


def send(workspace: Workspace, path: Path, **options: object) -> Path:
    """Write the template of a workspace."""
    path.write_bytes(content(inventory_form(read_dataset(workspace), prefilled=True, **options), path.suffix))  # type: ignore[arg-type]
    return path


def fill(path: Path, sheet: str, cells: dict[tuple[int, str], object]) -> Path:
    """Write cells by row (1-based) and heading, as a person would in a spreadsheet."""
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        page = book[sheet]
        places = {cell.value: cell.column for cell in page[1]}
        for (row, heading), value in cells.items():
            page.cell(row, places[heading]).value = value  # type: ignore[index]
        book.save(path)
    else:
        document = Document(path)
        table = document.body.get_table(name=sheet)  # type: ignore[union-attr]
        heads = [cell.value for cell in table.get_row(0).cells]
        for (row, heading), value in cells.items():
            table.set_value((heads.index(heading), row - 1), value)
        document.save(path)
    return path


def back(workspace: Workspace, path: Path) -> ImportResult:
    """Read it back."""
    return import_files([path], workspace, today=DAY)


def cells(workspace: Workspace, table: str, column: str) -> dict[str, object]:
    """A column of the dataset by identifier."""
    return dict(read_dataset(workspace)[table].select("id", column).iter_rows())


@FORMATS
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_what_was_left_changes_nothing(filled: Workspace, tmp_path: Path, suffix: str, lang: str) -> None:
    before = read_dataset(filled)
    with in_language(lang):
        path = send(filled, tmp_path / f"modele{suffix}")
    result = back(filled, path)
    after = read_dataset(filled)
    assert result.problems == []
    assert result.formats == {path.name: "template"}
    for name in before.tables:
        if name != "sources":
            assert after[name].equals(before[name]), name


@FORMATS
def test_what_was_written_is_taken_with_its_place(filled: Workspace, tmp_path: Path, suffix: str) -> None:
    path = send(filled, tmp_path / f"modele{suffix}")
    fill(
        path,
        "Applications",
        {
            (3, "Utilisateurs"): 40,
            (3, "Données de santé"): "non",
            (3, "Début"): "02/01/2020",
            (2, "Criticité"): "haute",
        },
    )
    fill(path, "Serveurs", {(2, "Applications portées"): "A1 ; A2"})
    result = back(filled, path)
    assert [p.code for p in result.problems] == []
    assert cells(filled, "applications", "users") == {"A1": 1200, "A2": 40, "A3": 3, "A4": None}
    assert cells(filled, "applications", "sante")["A2"] is False
    assert cells(filled, "applications", "started")["A2"] == date(2020, 1, 2)
    assert cells(filled, "applications", "criticality")["A1"] == "haute"
    [place] = [o for o in where_from(filled, "applications", "A2", "users") if o.wins]
    assert (place.source, place.sheet, place.row, place.column) == (path.name, "Applications", 3, "Utilisateurs")
    [kept] = [o for o in where_from(filled, "applications", "A2", "name") if o.wins]
    assert kept.source == "apps.csv"
    deployed = read_dataset(filled)["deployments"].filter(pl.col("target_id") == "srv-a")["application_id"].to_list()
    assert deployed == ["A1", "A2"]
    # what said nothing gained no origin
    origins = read_dataset(filled)["origins"].filter(pl.col("source") == path.name)
    assert set(origins["id"]) == {"A1", "A2", "A2|server|srv-a"}


@FORMATS
def test_a_correction_wins_and_the_disagreement_is_said(
    filled: Workspace, tmp_path: Path, write: Write, suffix: str
) -> None:
    path = fill(send(filled, tmp_path / f"modele{suffix}"), "Applications", {(2, "Utilisateurs"): 900})
    result = back(filled, path)
    assert [(p.code, p.row, p.value) for p in result.problems] == [("INV-041", 2, "900")]
    assert cells(filled, "applications", "users")["A1"] == 900
    before = read_dataset(filled)
    assert back(filled, path).tables["applications"]["updated"] == 0
    back(filled, write("apps.csv", APPLICATIONS))
    assert read_dataset(filled)["applications"].equals(before["applications"])


def test_a_source_that_the_settings_put_first_stays_first(filled: Workspace, tmp_path: Path) -> None:
    filled.settings["inventory"] = {"precedence": ["apps.csv"]}
    back(filled, fill(send(filled, tmp_path / "modele.xlsx"), "Applications", {(2, "Utilisateurs"): 900}))
    assert cells(filled, "applications", "users")["A1"] == 1200


@FORMATS
def test_a_cell_emptied_or_a_row_taken_out_deletes_nothing(filled: Workspace, tmp_path: Path, suffix: str) -> None:
    path = send(filled, tmp_path / f"modele{suffix}")
    row = {(2, c.title): None for c in inventory_form(read_dataset(filled)).sheets[0].columns}
    fill(path, "Applications", {**row, (4, "Utilisateurs"): None})
    before = read_dataset(filled)
    result = back(filled, path)
    assert sorted((p.code, p.severity.value) for p in result.problems) == [("INV-193", "info"), ("INV-194", "info")]
    assert read_dataset(filled)["applications"].equals(before["applications"])


@FORMATS
def test_what_is_not_accepted_is_listed_with_its_place_and_nothing_is_written(
    filled: Workspace, tmp_path: Path, suffix: str
) -> None:
    path = send(filled, tmp_path / f"modele{suffix}")
    fill(path, "Applications", {(2, "Criticité"): "hautte", (3, "Utilisateurs"): "beaucoup"})
    fill(path, "Serveurs", {(2, "Mémoire (GiB)"): "1.5 pommes"})
    before = read_dataset(filled)
    result = back(filled, path)
    assert result.refused
    assert {(p.sheet, p.row, p.column, p.value) for p in result.problems if p.code == "INV-020"} == {
        ("Applications", 2, "Criticité", "hautte"),
        ("Applications", 3, "Utilisateurs", "beaucoup"),
        ("Serveurs", 2, "Mémoire (GiB)", "1.5 pommes"),
    }
    assert any("haute" in (p.hint or "") for p in result.problems)
    assert read_dataset(filled)["applications"].equals(before["applications"])


@FORMATS
def test_an_identifier_that_was_changed_is_refused(filled: Workspace, tmp_path: Path, suffix: str) -> None:
    path = fill(send(filled, tmp_path / f"modele{suffix}"), "Applications", {(3, "Identifiant"): "A2-bis"})
    result = back(filled, path)
    assert [(p.code, p.row, p.value) for p in result.problems if p.severity == "error"] == [("INV-191", 3, "A2-bis")]
    assert "A2-bis" not in cells(filled, "applications", "name")


@FORMATS
def test_new_records_are_taken_by_identifier_or_by_name(filled: Workspace, tmp_path: Path, suffix: str) -> None:
    path = fill(send(filled, tmp_path / f"modele{suffix}"), "Applications", {
        (5, "Identifiant"): "N1", (5, "Nom"): "Neuve", (6, "Nom"): "Sans code", (6, "Organisation"): "DSI-Z", (7, "Phase"): "production",
    })  # fmt: skip
    result = back(filled, path)
    assert [(p.code, p.row) for p in result.problems if p.severity == "error"] == [("INV-012", 7)]
    fill(path, "Applications", {(7, "Phase"): None})
    assert not back(filled, path).refused
    assert {"N1", "dsi-z-sans-code"} <= set(cells(filled, "applications", "name"))
    assert "DSI-Z" in cells(filled, "organisations", "name")


@FORMATS
def test_the_template_may_be_empty_and_filled_from_nothing(workspace: Workspace, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"vide{suffix}"
    path.write_bytes(content(inventory_form(empty_dataset()), suffix))
    assert not back(workspace, path).refused
    fill(path, "Applications", {(2, "Nom"): "Première", (2, "Utilisateurs"): "1 200"})
    fill(path, "Flux", {(2, "Source"): "Première", (2, "Cible"): "ailleurs"})
    assert not back(workspace, path).refused
    assert cells(workspace, "applications", "users") == {"premiere": 1200}
    assert cells(workspace, "flows", "source_id") == {"premiere-ailleurs": "premiere"}


def test_rows_sorted_columns_moved_and_a_banner_change_nothing(filled: Workspace, tmp_path: Path) -> None:
    path = send(filled, tmp_path / "modele.xlsx")
    book = openpyxl.load_workbook(path)
    page = book["Applications"]
    rows = [list(r)[::-1] for r in page.iter_rows(values_only=True)]
    page.delete_rows(1, page.max_row)
    for row in [["À rendre vendredi"], rows[0], *rows[:0:-1]]:
        page.append(row)
    for cell in (c for r in page.iter_rows() for c in r if str(c.value).startswith("=")):
        cell.data_type = "s"
    book.save(path)
    before = read_dataset(filled)
    assert back(filled, path).problems == []
    assert read_dataset(filled)["applications"].equals(before["applications"])


def test_headings_that_were_changed_are_said(filled: Workspace, tmp_path: Path) -> None:
    path = fill(send(filled, tmp_path / "modele.xlsx"), "Applications", {(1, "Identifiant"): "Code"})
    assert [(p.code, p.sheet, p.row) for p in back(filled, path).problems] == [("INV-190", "Applications", 1)]
    path = fill(send(filled, tmp_path / "modele.xlsx"), "Applications", {(1, "Utilisateurs"): "Nombre"})
    assert [(p.code, p.severity.value) for p in back(filled, path).problems] == [("INV-190", "warning")]
    book = openpyxl.load_workbook(send(filled, tmp_path / "modele.xlsx"))
    book["Flux"].title = "Mes flux"
    book.save(path)
    assert [(p.code, p.sheet) for p in back(filled, path).problems] == [("INV-190", "Flux")]


def test_only_some_organisations_and_those_below(filled: Workspace) -> None:
    data = read_dataset(filled)

    def ids(**options: object) -> list[list[str]]:
        return [s.rows["id"].to_list() for s in inventory_form(data, prefilled=True, **options).sheets]  # type: ignore[arg-type]

    assert ids() == [["A1", "A2", "A3"], ["srv-a", "srv-b", "srv-c"], ["a1-a2-fichier"]]
    assert ids(organisations=["MIN"]) == [["A1", "A3"], ["srv-a"], ["a1-a2-fichier"]]
    assert ids(organisations=["DSI B"])[:2] == [["A2"], ["srv-b"]]
    with pytest.raises(NotFound) as error:
        inventory_form(data, organisations=["DSI-X", "DSI B"])
    assert [(p.code, p.value) for p in error.value.problems] == [("INV-192", "DSI-X")]
    assert "DSI" in (error.value.problems[0].hint or "")


def test_only_the_questions_that_matter(filled: Workspace) -> None:
    applications, servers = inventory_form(read_dataset(filled), missing=True).sheets
    keys = {c.key for c in applications.columns}
    assert {"id", "name", "mission_essentielle", "users"} <= keys
    assert not keys & {"gpu", "description", "evaluation_art31"}
    assert servers.rows["id"].to_list() == ["srv-c"]


@FORMATS
def test_the_workbook_offers_lists_notes_and_locks(filled: Workspace, tmp_path: Path, suffix: str) -> None:
    path = send(filled, tmp_path / f"modele{suffix}")
    if suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        page = book["Applications"]
        heads = {c.value: c for c in page[1]}
        assert "GiB" in str(book["Serveurs"]["H1"].value) + str(
            [c.comment.text for c in book["Serveurs"][1] if c.comment]
        )
        assert "AQSSI" in heads["Classification"].comment.text  # type: ignore[union-attr]
        assert page.protection.sheet
        assert page["A2"].protection.locked
        assert not page["B2"].protection.locked
        listed = {str(v.sqref).split(":")[0]: v for v in page.data_validations.dataValidation}
        rule = listed[f"{heads['Criticité'].column_letter}2"]
        name, _bang, area = rule.formula1.partition("!")
        assert [c[0].value for c in book[name.strip("'")][area.replace("$", "")]] == list(
            schema().tables["applications"].by_name["criticality"].enum
        )
        assert {s for s in book.sheetnames if book[s].sheet_state == "visible"} == {
            "Mode d’emploi",
            "Applications",
            "Serveurs",
            "Flux",
        }
    else:
        text = Document(path).container.get_part("content.xml").decode()  # type: ignore[union-attr]
        assert "cell-content-is-in-list(&quot;faible&quot;" in text or 'cell-content-is-in-list("faible"' in text
        assert "AQSSI" in text
        assert 'table:protected="true"' in text


@FORMATS
def test_the_same_inventory_makes_the_same_bytes(filled: Workspace, suffix: str) -> None:
    data = read_dataset(filled)
    assert content(inventory_form(data, prefilled=True), suffix) == content(
        inventory_form(data, prefilled=True), suffix
    )


@FORMATS
def test_nothing_classified_is_sent(filled: Workspace, suffix: str) -> None:
    packed = content(inventory_form(read_dataset(filled), prefilled=True), suffix)
    texts = {str(v) for _name, frame in sheets(packed) for row in frame.rows() for v in row}
    assert "A3" in texts
    assert not {"A4", "Caché"} & texts


def test_the_command_overwrites_nothing_and_needs_no_workspace_for_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["template", "--lang", "fr"]) == 0
    assert (tmp_path / "modele.xlsx").is_file()
    before = (tmp_path / "modele.xlsx").read_bytes()
    assert run(["template", "--lang", "fr"]) == 2
    assert "INV-196" in capsys.readouterr().err
    assert run(["template", "modele.xls", "--lang", "fr"]) == 2
    assert "modele.xlsx" in capsys.readouterr().err
    assert run(["template", "autre.xlsx", "--prefilled"]) == 2
    assert run(["template", "--force", "--lang", "fr"]) == 0
    assert (tmp_path / "modele.xlsx").read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["modele.xlsx"]


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cn"]), min_size=1, max_size=30).map(
    lambda t: " ".join(t.split())
)


@FORMATS
@settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(
    names=st.lists(TEXTS.filter(lambda t: t), min_size=1, max_size=4),
    cost=st.none() | st.floats(0, 1e12, allow_subnormal=False).map(lambda x: round(x, 6)),
    health=st.none() | st.booleans(),
    started=st.none() | st.dates(date(1900, 3, 1), date(2200, 1, 1)),
)
def test_any_inventory_sent_and_left_says_nothing(
    suffix: str, names: list[str], cost: float | None, health: bool | None, started: date | None
) -> None:
    table = schema().tables["applications"]
    rows = [
        {"id": f"A{n}", "name": name, "cout_run_annuel": cost, "sante": health, "started": started}
        for n, name in enumerate(names)
    ]
    schemas = {k: table.polars[k] for k in rows[0]}
    data = Package(
        {**empty_dataset().tables, "applications": table.conform(pl.DataFrame(rows, schema=schemas, orient="row"))}, {}
    )
    source = SourceFile(Path(f"m{suffix}"), content(inventory_form(data, prefilled=True), suffix))
    reading = TemplateWorkbook().read(source, {})
    assert reading.problems == []
    assert reading.tables == {}


def test_a_template_is_told_from_other_workbooks(filled: Workspace, tmp_path: Path) -> None:
    path = send(filled, tmp_path / "modele.ods")
    assert reader_for(SourceFile(path, path.read_bytes())).name == "template"
    book = openpyxl.Workbook()
    book.active.append(["Code application", "Nom"])  # type: ignore[union-attr]
    book.active.append(["A", "b"])  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    assert reader_for(SourceFile(Path("liste.xlsx"), out.getvalue())).name == "list"


@FORMATS
def test_an_office_suite_gives_it_back_unchanged(filled: Workspace, tmp_path: Path, suffix: str) -> None:
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("no LibreOffice on PATH: the template is not opened and saved by an office suite here")
    path = send(filled, tmp_path / f"modele{suffix}")
    for kind in ("xlsx", "ods"):
        out = tmp_path / f"out-{kind}"
        subprocess.run([office, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", kind,
                        "--outdir", str(out), str(path)], check=True, capture_output=True, timeout=120)  # fmt: skip
        before = read_dataset(filled)
        result = back(filled, out / f"modele.{kind}")
        assert result.problems == []
        assert read_dataset(filled)["applications"].equals(before["applications"])


@pytest.mark.parametrize("rows", [[], [["francecloud-template"]], [["francecloud-template", "1"], ["sheet", "Applications", "applications"]],
                                  [["francecloud-template", "9", "", ""]],
                                  [["francecloud-template", "1", "", ""], ["sheet", "Applications", "applications", ""]]])  # fmt: skip
def test_a_marker_that_was_damaged_is_a_problem_or_no_template(
    workspace: Workspace, tmp_path: Path, rows: list[list[str]]
) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Applications"  # type: ignore[union-attr]
    book.active.append(["Nom", "Rien"])  # type: ignore[union-attr]
    page = book.create_sheet("_francecloud")
    for row in rows:
        page.append(row)
    book.save(tmp_path / "m.xlsx")
    result = back(workspace, tmp_path / "m.xlsx")
    assert {p.code for p in result.problems if p.severity == "error"} in ({"INV-190"}, {"INV-010"})
