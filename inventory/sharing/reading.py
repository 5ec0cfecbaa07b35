# ruff: noqa: S608 (names of tables and columns are those of our own schema, quoted; values are parameters)
"""An export read back, whatever complete format it is in, its digest verified."""

from __future__ import annotations

import base64
import io
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl

from inventory.dataset import schema
from inventory.language import _
from inventory.package import DESCRIPTOR, Package, canonical_digest, read_package
from inventory.parsing import parse
from inventory.problems import InvalidInput, Problem
from inventory.sharing.formulas import GUARD, unguarded
from inventory.sharing.package_export import Export

LARGEST = 8 * 2**30
"""Bytes that an archive may unpack to."""
EXTRAS = ("correspondence.sealed", "provenance.csv")
SQLITE = b"SQLite format 3\0"


def read_export(path: Path) -> Export:
    """Read an export: a folder or an archive of CSV or Parquet, a JSON document, a SQLite base; or a plain dataset.

    Raises:
        InvalidInput: not an export (``INV-212``), not what the contract says (``PKG-…``), not the content that its
            digest was made of (``INV-213``).
    """
    try:
        export = _read(path)
    except (OSError, sqlite3.Error, zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, KeyError, TypeError,
            AttributeError) as error:  # fmt: skip
        raise _not_one(path, str(error)) from error
    found = canonical_digest(schema(), export.tables)
    said = export.about.get("digest", found)
    if said != found:
        raise InvalidInput(
            Problem(code="INV-213", file=str(path), value=str(said),
                    message=_("the content is not what its digest was made of"),
                    hint=_("ask for it again: it was damaged, or changed by hand, on its way"))
        )  # fmt: skip
    return replace(export, about={**export.about, "digest": found})


def _read(path: Path) -> Export:
    if path.is_dir():
        return _folder(path)
    head = path.open("rb").read(16) if path.is_file() else b""
    if head.startswith(b"PK"):
        return _archive(path)
    if head == SQLITE:
        return _sqlite(path)
    if head.lstrip()[:1] == b"{":
        return _json(path)
    raise _not_one(path)


def _not_one(path: Path, why: str = "") -> InvalidInput:
    return InvalidInput(
        Problem(code="INV-212", file=str(path),
                message=_("this is not an export of a dataset") + (f" ({why})" if why else ""),
                hint=_("expected: a dataset's folder, or what “francecloud export” writes as csv, parquet, sqlite or json"))
    )  # fmt: skip


def _folder(path: Path) -> Export:
    package = read_package(path, schema())
    about = {k: v for k, v in package.descriptor.items() if k not in ("$schema", "name", "schema_version", "resources")}
    tables: Mapping[str, pl.DataFrame] = package.tables
    if about.pop("formula_guard", None) == GUARD:
        tables = {n: schema().tables[n].conform(unguarded(f)) for n, f in tables.items()}
    files = {n: (path / n).read_bytes() for n in EXTRAS if (path / n).is_file()}
    return Export(tables, about, files)


def _archive(path: Path) -> Export:
    wanted = {DESCRIPTOR, *EXTRAS, *(f"{n}.{kind}" for n in schema().tables for kind in ("csv", "parquet"))}
    with zipfile.ZipFile(path) as source, tempfile.TemporaryDirectory() as folder:
        entries = [e for e in source.infolist() if PurePosixPath(e.filename).name in wanted and not e.is_dir()]
        if sum(e.file_size for e in entries) > LARGEST:
            raise _not_one(path, _("it unpacks to more than it may"))
        for entry in entries:
            # The name alone: an archive's own paths lead nowhere here.
            (Path(folder) / PurePosixPath(entry.filename).name).write_bytes(source.read(entry))
        return _folder(Path(folder))


def _json(path: Path) -> Export:
    document = json.loads(path.read_text(encoding="utf-8"))
    if document.get("name") != schema().name or not isinstance(document.get("tables"), dict):
        raise _not_one(path)
    frames = {n: pl.DataFrame(document["tables"].get(n, []), schema=_loose(n), strict=True) for n in schema().tables}
    files = {n: base64.b64decode(b) for n, b in document.get("files", {}).items() if n in EXTRAS}
    about = {k: v for k, v in document.items() if k not in ("name", "schema_version", "tables", "files")}
    return _checked(path, document.get("schema_version"), frames, about, files)


def _sqlite(path: Path) -> Export:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as base:
        facts = dict(base.execute("SELECT key, value FROM _about"))
        if facts.get("name") != schema().name:
            raise _not_one(path)
        frames = {}
        for name, table in schema().tables.items():
            columns = ", ".join(f'"{c}"' for c in table.by_name)
            rows = base.execute(f'SELECT {columns} FROM "{name}"').fetchall()
            frames[name] = pl.DataFrame(rows, schema=_loose(name), orient="row")
        files = {n: b for n, b in base.execute("SELECT name, body FROM _files") if n in EXTRAS}
    structured = ("pseudonymised", "packages")
    about = {
        k: json.loads(v) if k in structured else v for k, v in facts.items() if k not in ("name", "schema_version")
    }
    return _checked(path, facts.get("schema_version"), frames, about, files)


def _loose(table: str) -> dict[str, Any]:
    """A table's columns as JSON and SQLite hold them: a date is a text there, a boolean of SQLite a number."""
    return {n: pl.String if kind == pl.Date else kind for n, kind in schema().tables[table].polars.items()}


def _checked(
    path: Path,
    version: object,
    frames: Mapping[str, pl.DataFrame],
    about: Mapping[str, Any],
    files: Mapping[str, bytes],
) -> Export:
    """The tables checked as those of a folder are."""
    if version != schema().version:
        raise InvalidInput(
            Problem(code="PKG-002", file=str(path), hint=_("write it again with this version of francecloud"),
                    message=_("this package is of version {found}, version {expected} is expected", found=version,
                              expected=schema().version))
        )  # fmt: skip
    problems: list[Problem] = []
    tables = {}
    for name, table in schema().tables.items():
        text = io.BytesIO()
        frames[name].write_csv(text, null_value="")
        tables[name] = table.conform(parse(table, text.getvalue(), path / name, problems))
    if problems:
        raise InvalidInput(*problems)
    return Export(tables, about, files)


def as_package(export: Export) -> Package:
    """An export as the dataset it is."""
    return Package(export.tables, dict(export.about))
