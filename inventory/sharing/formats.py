# ruff: noqa: S608 (names of tables and columns are those of our own schema, quoted; values are parameters)
"""The formats a dataset is exported to: one function a format, from an export to bytes, the same every time."""

from __future__ import annotations

import base64
import json
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import polars as pl

from inventory.dataset import schema
from inventory.package import Package, package_files
from inventory.sharing.archives import Content
from inventory.sharing.formulas import GUARD, guarded
from inventory.sharing.package_export import Export

SQL_KINDS = {"string": "TEXT", "list": "TEXT", "integer": "INTEGER", "number": "REAL", "boolean": "BOOLEAN",
             "date": "DATE"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Format:
    """A format: how it ends (empty for a folder), and how it is made."""

    suffix: str
    write: Callable[[Export], Content]


def as_csv(export: Export) -> Mapping[str, bytes]:
    """A Data Package of CSV whose texts no spreadsheet runs."""
    about = {**export.about, "formula_guard": GUARD}
    tables = {n: guarded(f) for n, f in export.tables.items()}
    return package_files(schema(), tables, about=about, files=export.files)


def as_parquet(export: Export) -> Mapping[str, bytes]:
    """A Data Package of Parquet, typed."""
    return package_files(schema(), export.tables, about=export.about, files=export.files, parquet=True)


def as_json(export: Export) -> bytes:
    """One document: what is said of the export, then ``tables``, each a list of objects; unknown is null."""
    head = json.dumps({"name": schema().name, "schema_version": schema().version, **export.about,
                       "files": {n: base64.b64encode(b).decode() for n, b in sorted(export.files.items())}},
                      ensure_ascii=False, indent=1)  # fmt: skip
    tables = ",\n".join(f' "{n}": {_rows(f)}' for n, f in export.tables.items())
    return f'{head.rstrip().removesuffix("}").rstrip()},\n "tables": {{\n{tables}\n }}\n}}\n'.encode()


def _rows(frame: pl.DataFrame) -> str:
    return frame.write_json().replace("},{", "},\n  {") if frame.height else "[]"


def as_sqlite(export: Export) -> bytes:
    """A SQLite base: a typed table each, and ``_about`` with the marking."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.sqlite"
        base = sqlite3.connect(path)
        try:
            base.execute("CREATE TABLE _about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
            base.executemany("INSERT INTO _about VALUES (?, ?)", sorted(export.facts.items()))
            base.execute("CREATE TABLE _files (name TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID")
            base.executemany("INSERT INTO _files VALUES (?, ?)", sorted(export.files.items()))
            for name, table in schema().tables.items():
                columns = ", ".join(f'"{f.name}" {SQL_KINDS[f.type]}' for f in table.fields)
                base.execute(f'CREATE TABLE "{name}" ({columns})')
                marks = ", ".join("?" * len(table.fields))
                rows = export.tables[name].with_columns(pl.col(pl.Date).cast(pl.String))
                base.executemany(f'INSERT INTO "{name}" VALUES ({marks})', rows.iter_rows())
            base.commit()
        finally:
            base.close()
        return path.read_bytes()


def as_konveyor(export: Export) -> bytes:
    """The CSV that Konveyor imports."""
    body: bytes = import_module("inventory.export_konveyor").konveyor_csv(Package(export.tables, dict(export.about)))
    return body


def as_xlsx(export: Export) -> bytes:
    """A workbook, a sheet a table."""
    from inventory.sharing.spreadsheets import xlsx

    return xlsx(export)


def as_ods(export: Export) -> bytes:
    """An OpenDocument spreadsheet, a sheet a table."""
    from inventory.sharing.spreadsheets import ods

    return ods(export)


FORMATS: dict[str, Format] = {
    "csv": Format("", as_csv),
    "parquet": Format("", as_parquet),
    "xlsx": Format(".xlsx", as_xlsx),
    "ods": Format(".ods", as_ods),
    "sqlite": Format(".sqlite", as_sqlite),
    "json": Format(".json", as_json),
    "konveyor": Format(".csv", as_konveyor),
}
"""Every format by its name; ``csv`` and ``parquet`` are folders, or archives where the name given ends in ``.zip``."""
COMPLETE = ("csv", "parquet", "sqlite", "json")
"""Those that ``consolidate`` and ``--restore`` read back."""
