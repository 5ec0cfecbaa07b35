"""Merging: whatever the order and number of imports, who holds a cell is known, and nothing is lost in silence."""

import itertools
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.cells import Order
from inventory.dataset import read_dataset, schema
from inventory.importing import ImportResult, import_files
from inventory.merge import ORIGINS, From, merge
from inventory.problems import Severity
from inventory.provenance import where_from
from inventory.readers.reading import ROW, SHEET
from inventory.withdrawal import withdraw
from inventory.workspace import Workspace

DAY = date(2026, 11, 23)
Write = Callable[[str, str], Path]
Codes = Callable[[ImportResult], list[str]]
TABLE = schema().tables["hosts"]
EMPTY = pl.DataFrame(schema=ORIGINS)
FIELDS = ("vendor", "model")


def said(cells: dict[str, dict[str, str | None]]) -> pl.DataFrame:
    """A source's hosts: identifier → its fields."""
    rows = [{"id": i, **dict.fromkeys(FIELDS), **f, SHEET: None, ROW: n} for n, (i, f) in enumerate(cells.items(), 2)]
    kinds = {"id": pl.String, **dict.fromkeys(FIELDS, pl.String), SHEET: pl.String, ROW: pl.Int64}
    return pl.DataFrame(rows, schema=kinds)


def holders(rows: pl.DataFrame, origins: pl.DataFrame, record: str, field: str) -> list[str]:
    """Whose a cell is, read as the contract says: the sources that say it and that no other was heard over."""
    own = origins.filter(pl.col("id") == record)
    lost = own.filter(pl.col("field") == field)["source"].to_list()
    heads = own.filter(pl.col("field").is_null()).select("source", "fields")
    return [s for s, fields in heads.iter_rows() if (fields is None or field in fields.split("|")) and s not in lost]


records = st.dictionaries(
    st.sampled_from(["h1", "h2"]),
    st.fixed_dictionaries({f: st.sampled_from([None, "x", "y"]) for f in FIELDS}),
    min_size=1,
)
imports = st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), records), min_size=1, max_size=8)


@settings(deadline=None, max_examples=60)
@given(imports, st.permutations(["a", "b", "c"]).flatmap(lambda p: st.integers(0, 3).map(lambda n: p[:n])))
def test_a_cell_is_always_what_its_holder_said_last(history: list[tuple[str, dict]], precedence: list[str]) -> None:
    rows, origins = TABLE.empty(), EMPTY
    last: dict[tuple[str, str, str], str] = {}
    for source, cells in history:
        merged = merge(TABLE, rows, origins, said(cells), From(source, source, precedence))
        rows, origins = merged.rows, merged.origins
        last |= {(source, i, f): v for i, fields in cells.items() for f, v in fields.items() if v is not None}
        for record, field in itertools.product(rows["id"], FIELDS):
            value = rows.filter(pl.col("id") == record)[field][0]
            given = {s: last[s, record, field] for s in "abc" if (s, record, field) in last}
            lost = dict(
                origins.filter((pl.col("id") == record) & (pl.col("field") == field))
                .select("source", "value")
                .iter_rows()
            )
            assert (value is None) == (not given)
            assert lost == {s: v for s, v in given.items() if v != value}
            if value is not None:
                assert set(holders(rows, origins, record, field)) == {s for s, v in given.items() if v == value}
        assert origins.select("table", "id", "source", "field").is_unique().all()


@settings(deadline=None, max_examples=40)
@given(imports, st.permutations(["a", "b", "c"]))
def test_the_first_in_precedence_that_speaks_is_heard(history: list[tuple[str, dict]], precedence: list[str]) -> None:
    rows, origins = TABLE.empty(), EMPTY
    last: dict[tuple[str, str, str], str] = {}
    for source, cells in history:
        merged = merge(TABLE, rows, origins, said(cells), From(source, source, precedence))
        rows, origins = merged.rows, merged.origins
        last |= {(source, i, f): v for i, fields in cells.items() for f, v in fields.items() if v is not None}
    for record, field in itertools.product(rows["id"], FIELDS):
        first = next((last[s, record, field] for s in precedence if (s, record, field) in last), None)
        assert rows.filter(pl.col("id") == record)[field][0] == first


@settings(deadline=None, max_examples=40)
@given(imports, st.permutations(["a", "b", "c"]).flatmap(lambda p: st.integers(0, 3).map(lambda n: p[:n])))
def test_a_source_taken_back_leaves_what_the_others_said(
    history: list[tuple[str, dict]], precedence: list[str]
) -> None:
    rows, origins = TABLE.empty(), EMPTY
    others: dict[tuple[str, str], dict[str, str]] = {}
    for source, cells in history:
        merged = merge(TABLE, rows, origins, said(cells), From(source, source, precedence))
        rows, origins = merged.rows, merged.origins
        for record, fields in cells.items() if source != "c" else ():
            for field, value in fields.items():
                others.setdefault((record, field), {}).update({source: value} if value else {})
    left = withdraw(TABLE, rows, origins, "c", Order(precedence))
    assert set(left.rows["id"]) == {record for record, _field in others}
    assert "c" not in set(left.origins["source"])
    for (record, field), told in others.items():
        value = left.rows.filter(pl.col("id") == record)[field][0]
        first = next((told[s] for s in precedence if s in told), None)
        assert value == first if first else value in {*told.values()} if told else value is None
        lost = left.origins.filter((pl.col("id") == record) & (pl.col("field") == field))
        assert dict(lost.select("source", "value").iter_rows()) == {s: v for s, v in told.items() if v != value}
        if value is not None:
            assert set(holders(left.rows, left.origins, record, field)) == {s for s, v in told.items() if v == value}
    assert withdraw(TABLE, left.rows, left.origins, "c", Order(precedence)).gone == []


@settings(deadline=None, max_examples=40)
@given(imports)
def test_the_same_import_again_changes_nothing(history: list[tuple[str, dict]]) -> None:
    rows, origins = TABLE.empty(), EMPTY
    for source, cells in history:
        merged = merge(TABLE, rows, origins, said(cells), From(source, source))
        again = merge(TABLE, merged.rows, merged.origins, said(cells), From(source, source))
        assert again.rows.equals(merged.rows)
        assert set(again.origins.rows()) == set(merged.origins.rows())
        assert (again.created, again.updated) == (0, 0)
        rows, origins = merged.rows, merged.origins


def test_what_a_source_no_longer_says_stays_and_is_said(write: Write, workspace: Workspace, codes: Codes) -> None:
    import_files(
        [write("a.csv", "Code application;Nom;Langage;Nombre d'utilisateurs\nA1;Paie;Java;3\nA2;Stocks;;4\n")],
        workspace,
        today=DAY,
    )
    result = import_files(
        [write("a.csv", "Code application;Nom;Langage;Nombre d'utilisateurs\nA1;Paie;;\n")], workspace, today=DAY
    )
    assert codes(result) == ["INV-042", "INV-043", "INV-043"]
    assert {p.severity for p in result.problems} == {Severity.INFO}
    assert read_dataset(workspace)["applications"]["users"].to_list() == [3, 4]
    assert read_dataset(workspace)["components"].height == 1


@pytest.mark.parametrize(
    ("table", "record", "field", "source", "sheet", "row", "column"),
    [("applications", "A1", "id", "apps.csv", None, 2, "Code application"),
     ("applications", "A1", "organisation_id", "apps.csv", None, 2, "Organisation"),
     ("applications", "A1", "cout_run_annuel", "apps.csv", None, 2, "Coût annuel (k€)"),
     ("organisations", "DSI", "id", "apps.csv", None, 2, "Organisation"),
     ("components", "application|A1|langage|Java", "version", "apps.csv", None, 2, "Langage"),
     ("deployments", "A1|server|u-1", "target_id", "apps.csv", None, 2, "Serveurs"),
     ("servers", "u-1", "ram_gib", "rv.xlsx", "vInfo", 2, "Memory"),
     ("servers", "u-1", "id", "rv.xlsx", "vInfo", 2, "VM UUID"),
     ("servers", "u-1", "hypervisor", "rv.xlsx", "vInfo", 2, None),
     ("sites", "dc1", "name", "rv.xlsx", "vInfo", 2, "Datacenter"),
     ("hosts", "esx1", "id", "rv.xlsx", "vInfo", 2, "Host")],
)  # fmt: skip
def test_every_cell_says_its_file_sheet_row_and_column(
    write: Write, workbook: Callable[..., Path], workspace: Workspace,
    table: str, record: str, field: str, source: str, sheet: str | None, row: int, column: str | None,
) -> None:  # fmt: skip
    head = "Code application;Nom;Organisation;Coût annuel (k€);Langage;Serveurs"
    apps = write("apps.csv", f"{head}\nA1;Paie;DSI;12;Java 17;srv-a\n")
    info = [["VM", "Memory", "Datacenter", "Host", "VM UUID"], ["srv-a", 2048, "dc1", "esx1", "U-1"]]
    import_files([workbook("rv.xlsx", vInfo=info), apps], workspace, today=DAY)
    [origin] = where_from(workspace, table, record, field)
    assert (origin.source, origin.sheet, origin.row, origin.column, origin.wins) == (source, sheet, row, column, True)
    assert origin.read_on == "2026-11-23"


def test_every_cell_of_a_dataset_has_one_origin(
    write: Write, workbook: Callable[..., Path], workspace: Workspace
) -> None:
    apps = write(
        "apps.csv", "Code application;Nom;Organisation;SGBD;Serveurs;Criticité\nA1;Paie;DSI;Oracle 19c;srv-a;Haute\n"
    )
    more = write("autres.csv", "Code application;Nom;Criticité\nA1;Paie;Faible\nA2;Stocks;Vitale\n")
    flows = write("flux.csv", "Source;Cible;Nature\nPaie;Stocks;API\n")
    info = [["VM", "CPUs", "Memory", "Datacenter", "Host"], ["srv-a", 2, 2048, "dc1", "esx1"]]
    import_files([workbook("rv.xlsx", vInfo=info), apps, more, flows], workspace, today=DAY)
    dataset = read_dataset(workspace)
    for name in ("organisations", "applications", "components", "servers", "hosts", "sites", "deployments", "flows"):
        table = schema().tables[name]
        for row in dataset[name].iter_rows(named=True):
            key = "|".join(str(row[c]) for c in table.primary_key)
            for field, value in row.items():
                wins = [o for o in where_from(workspace, name, key, field, dataset) if o.wins]
                assert len(wins) == (value is not None), (name, key, field)


def test_where_a_value_comes_from_does_not_hang_on_the_settings(write: Write, workspace: Workspace) -> None:
    first, second = (
        write("b.csv", "Code application;Nom\nA1;Paie\n"),
        write("a.csv", "Code application;Nom\nA1;Solde\n"),
    )
    import_files([first, second], workspace, today=DAY)
    workspace.settings["inventory"] = {"precedence": ["a.csv"]}
    assert [o.source for o in where_from(workspace, "applications", "A1", "name") if o.wins] == ["b.csv"]
