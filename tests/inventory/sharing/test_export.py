"""``export`` as a user runs it: every format, the same bytes twice, the marking in each, formulas made inert."""

import json
import sqlite3
import sys
import types
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import fastexcel
import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from francecloud.main import run
from inventory.dataset import COUNTED, read_dataset, schema
from inventory.importing import import_files
from inventory.package import write_package
from inventory.sharing import archives
from inventory.sharing.formulas import guarded, unguarded
from inventory.sharing.package_export import Export, export_of
from inventory.sharing.reading import read_export
from inventory.workspace import Workspace

Tree = Callable[[Path], dict[str, bytes]]
DAY = date(2026, 11, 23)
OUTPUTS = {"csv": "o", "parquet": "o", "xlsx": "o.xlsx", "ods": "o.ods", "sqlite": "o.sqlite", "json": "o.json"}


def export(workspace: Workspace, output: Path, *words: object) -> int:
    return run(["export", "-o", str(output), "--workspace", str(workspace.root), *map(str, words)])


def content(path: Path, tree: Tree) -> object:
    return tree(path) if path.is_dir() else path.read_bytes()


@pytest.mark.parametrize("name", list(OUTPUTS))
def test_the_same_dataset_gives_the_same_bytes_any_day(
    name: str, filled: Workspace, tmp_path: Path, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = tmp_path / "x" / OUTPUTS[name], tmp_path / "y" / OUTPUTS[name]
    assert export(filled, first, "--format", name) == 0
    import time

    later = time.time() + 40_000_000
    monkeypatch.setattr(time, "time", lambda: later)
    monkeypatch.setattr(time, "localtime", lambda *_: time.gmtime(later))
    assert export(filled, second, "--format", name) == 0
    assert content(first, tree) == content(second, tree)
    assert export(filled, first, "--format", name) == 0
    assert content(first, tree) == content(second, tree)


@pytest.mark.parametrize("output", ["o", "o.zip", "o.json", "o.sqlite", "p", "p.zip"])
def test_a_complete_format_is_read_back_to_the_same_dataset(output: str, filled: Workspace, tmp_path: Path) -> None:
    words = ["--format", "parquet"] if output.startswith("p") else []
    assert export(filled, tmp_path / output, *words) == 0
    found, dataset = read_export(tmp_path / output), read_dataset(filled)
    for name in schema().tables:
        assert found.tables[name].equals(dataset[name]), name
    assert found.about["digest"] == dataset.digest
    assert found.about["marking"] == "restreinte"


def test_the_marking_is_in_every_format(filled: Workspace, tmp_path: Path) -> None:
    for name, output in OUTPUTS.items():
        path = tmp_path / name / output
        path.parent.mkdir()
        assert export(filled, path, "--format", name) == 0
    assert json.loads((tmp_path / "csv/o/datapackage.json").read_text())["marking"] == "restreinte"
    assert json.loads((tmp_path / "parquet/o/datapackage.json").read_text())["marking"] == "restreinte"
    assert json.loads((tmp_path / "json/o.json").read_text())["marking"] == "restreinte"
    book = openpyxl.load_workbook(tmp_path / "xlsx/o.xlsx")
    assert book.properties.category == "restreinte"
    assert ("marking", "restreinte") in list(book["_marking"].values)
    with sqlite3.connect(tmp_path / "sqlite/o.sqlite") as base:
        assert base.execute("SELECT value FROM _about WHERE key = 'marking'").fetchone() == ("restreinte",)
    with zipfile.ZipFile(tmp_path / "ods/o.ods") as ods:
        assert ods.namelist()[0] == "mimetype"
        assert b"restreinte" in ods.read("meta.xml")
        assert b"restreinte" in ods.read("content.xml")


@pytest.mark.parametrize("name", ["xlsx", "ods"])
def test_a_workbook_holds_typed_cells_and_no_formula(name: str, filled: Workspace, tmp_path: Path) -> None:
    path = tmp_path / OUTPUTS[name]
    assert export(filled, path) == 0
    frame = fastexcel.read_excel(path).load_sheet("applications").to_polars().sort("id")
    assert frame["id"].to_list() == ["COMPTA-02", "PAIE-01", "VIDE-03"]
    assert frame["name"].to_list() == ["'-Compta", "'=Paie RH", "'@relance"]
    assert frame["users"].to_list() == [30, 1200, None]
    assert frame["cout_run_annuel"].to_list() == [0.1, 1234.56, None]
    assert str(frame["contract_end"].to_list()[1])[:10] == "2027-01-01"


@pytest.mark.parametrize("name", ["csv", "xlsx", "ods"])
def test_an_export_imported_again_gives_the_same_values(name: str, filled: Workspace, tmp_path: Path) -> None:
    path = tmp_path / OUTPUTS[name]
    assert export(filled, path, "--format", name) == 0
    other = Workspace(tmp_path / "other", {})
    other.root.mkdir()
    file = path / "applications.csv" if name == "csv" else path
    result = import_files([file], other, today=DAY)
    assert not result.refused, [p.text() for p in result.problems]
    before, after = read_dataset(filled)["applications"], read_dataset(other)["applications"]
    for column in ("id", "name", "users", "classification", "cout_run_annuel", "contract_end", "description"):
        assert before[column].to_list() == after[column].to_list(), column
    if name != "csv":
        for table in COUNTED:
            assert read_dataset(filled)[table].equals(read_dataset(other)[table]), table


def test_sqlite_has_typed_columns(filled: Workspace, tmp_path: Path) -> None:
    assert export(filled, tmp_path / "o.sqlite") == 0
    with sqlite3.connect(tmp_path / "o.sqlite") as base:
        kinds = {row[1]: row[2] for row in base.execute("PRAGMA table_info(applications)")}
        assert (kinds["users"], kinds["sante"], kinds["contract_end"], kinds["etp"]) == (
            "INTEGER",
            "BOOLEAN",
            "DATE",
            "REAL",
        )
        assert base.execute("SELECT name FROM applications WHERE id = 'PAIE-01'").fetchone() == ("=Paie RH",)


@given(st.lists(st.text(alphabet=st.sampled_from("'=+-@\t\r\nab")), min_size=1))
def test_formulas_are_made_inert_and_given_back(texts: list[str]) -> None:
    frame = pl.DataFrame({"t": texts}, schema={"t": pl.String})
    inert = guarded(frame)
    assert not any(t[:1] in "=+-@\t\r" for t in inert["t"] if t)
    assert unguarded(inert).equals(frame)


def test_what_a_sheet_cannot_hold_is_named_and_nothing_is_written(
    filled: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = dict(read_dataset(filled).tables)
    tables["applications"] = tables["applications"].with_columns(description=pl.lit("x" * 40_000))
    tables["sites"] = tables["sites"].with_columns(name=pl.lit("a\x01b"))
    write_package(filled.dataset, schema(), tables, about={"marking": "sensible"})
    for output in ("o.xlsx", "o.ods"):
        assert export(filled, tmp_path / output, "--json") == 2
        problems = json.loads(capsys.readouterr().out)["problems"]
        assert [(p["code"], p["column"], p["row"]) for p in problems] == [
            ("INV-208", "description", 2), ("INV-208", "description", 3), ("INV-208", "description", 4),
            ("INV-208", "name", 2),
        ]  # fmt: skip
        assert not (tmp_path / output).exists()
    assert export(filled, tmp_path / "o.json") == 0


def test_an_export_never_replaces_a_folder_of_something_else(filled: Workspace, tmp_path: Path, tree: Tree) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    assert export(filled, mine) == 2
    assert (mine / "thesis.txt").read_text() == "years of work"
    assert export(filled, tmp_path / "o") == 0
    (tmp_path / "o/notes.txt").write_text("kept")
    assert export(filled, tmp_path / "o") == 2
    assert (tmp_path / "o/notes.txt").read_text() == "kept"
    assert export(filled, filled.root / "francecloud.toml", "--format", "json") == 2
    assert "essai" in (filled.root / "francecloud.toml").read_text()


def test_a_kill_while_a_file_is_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "o.json"
    archives.write_whole(path, b"old")

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(archives.os, "fsync", cut)
    with pytest.raises(KeyboardInterrupt):
        archives.write_whole(path, b"new")
    assert path.read_bytes() == b"old"


def test_konveyor_is_asked_for_by_its_contract(
    filled: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub = types.ModuleType("inventory.export_konveyor")
    stub.konveyor_csv = lambda package: ",".join(package["applications"]["id"]).encode()
    monkeypatch.setitem(sys.modules, "inventory.export_konveyor", stub)
    assert export(filled, tmp_path / "k.csv", "--format", "konveyor") == 0
    assert (tmp_path / "k.csv").read_text() == "COMPTA-02,PAIE-01,VIDE-03"
    assert json.loads((tmp_path / "k.csv-metadata.json").read_text())["marking"] == "restreinte"


def test_an_unknown_marking_stops_the_export(filled: Workspace, tmp_path: Path) -> None:
    write_package(filled.dataset, schema(), read_dataset(filled).tables, about={"marking": "publique"})
    assert export(filled, tmp_path / "o.json") == 2
    assert not (tmp_path / "o.json").exists()


def test_an_empty_dataset_goes_through_every_format(workspace: Workspace, tmp_path: Path) -> None:
    write_package(workspace.dataset, schema(), {}, about={"marking": "sensible"})
    for name, output in OUTPUTS.items():
        path = tmp_path / name / output
        path.parent.mkdir()
        assert export(workspace, path, "--format", name) == 0
        if name in ("csv", "parquet", "json", "sqlite"):
            assert isinstance(read_export(path), Export)


def test_an_export_is_what_it_says(filled: Workspace) -> None:
    ready = export_of(read_dataset(filled), "essai")
    assert ready.about["publisher"] == "essai"
    assert list(ready.tables) == list(schema().tables)
