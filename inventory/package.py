"""Data Packages on disk: typed tables in, the same bytes out, all of it or nothing of it.

A package is a folder: ``datapackage.json`` with a Table Schema a table, and one CSV a table
(`Data Package <https://datapackage.org>`_, version 2), or one Parquet a table for large portfolios. Cells: empty is
unknown; booleans are ``true``/``false``; dates ISO 8601; lists ``a|b`` sorted. Rows are sorted by primary key.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from inventory.contract import Field, Schema, Table, load_schema
from inventory.holding import alone
from inventory.language import _
from inventory.parsing import parse, parse_parquet
from inventory.problems import InvalidInput, Problem
from inventory.swap import carry, replace
from inventory.swap import recover as _recover

__all__ = [
    "DESCRIPTOR",
    "Field",
    "Package",
    "Schema",
    "Table",
    "canonical_digest",
    "load_schema",
    "package_files",
    "read_package",
    "recover",
    "replace_folder",
    "write_package",
]

DESCRIPTOR = "datapackage.json"


@dataclass(frozen=True)
class Package:
    """A package read back: every table typed, the descriptor, the digest of the content."""

    tables: Mapping[str, pl.DataFrame]
    descriptor: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, table: str) -> pl.DataFrame:
        return self.tables[table]

    @cached_property
    def digest(self) -> str:
        """``sha256:…`` over the digests of the tables, in the order of their names."""
        listed = sorted((r["name"], r["hash"]) for r in self.descriptor.get("resources", []))
        return "sha256:" + hashlib.sha256(json.dumps(listed).encode()).hexdigest()


def write_package(
    directory: Path,
    schema: Schema,
    tables: Mapping[str, pl.DataFrame],
    *,
    about: Mapping[str, Any] | None = None,
    files: Mapping[str, bytes] | None = None,
    mappings: Mapping[str, bytes] | None = None,
    parquet: bool = False,
) -> bool:
    """Write a package so that a kill at any moment leaves the old one or the new one.

    Args:
        directory: the package's folder; replaced as a whole.
        schema: the contract; tables it names and *tables* lacks are written empty.
        tables: the content, one frame a table.
        about: more keys of the descriptor (title, marking, dates given by the caller).
        files: other files of the package, by name (``summary.json``).
        mappings: files of the ``sources/`` beside it that change with it, by name.
        parquet: tables as Parquet rather than CSV.

    Returns:
        Whether anything changed; an identical package on disk is left untouched.
    """
    contents = package_files(schema, tables, about=about, files=files, parquet=parquet)
    return replace_folder(directory, contents, mappings)


def package_files(
    schema: Schema,
    tables: Mapping[str, pl.DataFrame],
    *,
    about: Mapping[str, Any] | None = None,
    files: Mapping[str, bytes] | None = None,
    parquet: bool = False,
) -> dict[str, bytes]:
    """The files of a package by name, as :func:`write_package` writes them."""
    contents: dict[str, bytes] = dict(files or {})
    resources = []
    for name, table in schema.tables.items():
        frame = table.conform(tables.get(name, table.empty()))
        kind = "parquet" if parquet else "csv"
        body = _parquet(frame) if parquet else _csv(frame)
        contents[f"{name}.{kind}"] = body
        resources.append(_described(table, _hash(body), kind))
    descriptor = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": schema.name,
        "schema_version": schema.version,
        **(about or {}),
        "resources": resources,
    }
    text = json.dumps(descriptor, ensure_ascii=False, indent=1, sort_keys=False) + "\n"
    contents[DESCRIPTOR] = text.encode()
    return contents


def canonical_digest(schema: Schema, tables: Mapping[str, pl.DataFrame]) -> str:
    """The digest of a content, whatever it is written as: that of the package of CSV it would be."""
    listed = sorted((n, _hash(_csv(t.conform(tables.get(n, t.empty()))))) for n, t in schema.tables.items())
    return "sha256:" + hashlib.sha256(json.dumps(listed).encode()).hexdigest()


def read_package(directory: Path, schema: Schema) -> Package:
    """Read a package and check it against its contract.

    Raises:
        InvalidInput: absent (``PKG-001``), of another version (``PKG-002``), a table that does
            not have its columns (``PKG-003``), holds a value that is not of its type or closed list
            (``PKG-004``), is missing or cannot be cut into cells (``PKG-005``), has a record without its
            key or twice the same (``PKG-006``). A text edited without its digest is not an error.
    """
    recover(directory)
    path = directory / DESCRIPTOR
    if not path.is_file():
        raise InvalidInput(
            Problem(code="PKG-001", message=_("there is no {name} package here", name=schema.name), file=str(path))
        )
    descriptor = _descriptor(path)
    found = descriptor.get("schema_version")
    if found != schema.version:
        raise InvalidInput(
            Problem(
                code="PKG-002",
                message=_(
                    "this package is of version {found}, version {expected} is expected",
                    found=found,
                    expected=schema.version,
                ),
                file=str(path),
                hint=_("write it again with this version of francecloud"),
            )
        )
    problems: list[Problem] = []
    tables: dict[str, pl.DataFrame] = {}
    hashes: dict[str, str] = {}
    kind = _kind(descriptor)
    for name, table in schema.tables.items():
        file = directory / f"{name}.{kind}"
        try:
            body = file.read_bytes()
        except OSError as error:
            problems.append(
                Problem(code="PKG-005", message=_("the table {table} cannot be read: {error}", table=name,
                                                  error=error.strerror or error), file=str(file),
                        hint=_("restore it from git, or write the package again"))
            )  # fmt: skip
            continue
        hashes[name] = _hash(body)
        tables[name] = (parse_parquet if kind == "parquet" else parse)(table, body, file, problems)
    if problems:
        raise InvalidInput(*problems)
    # The text is git's and people may edit it: the digests are those of what is there.
    resources = [_described(table, hashes[name], kind) for name, table in schema.tables.items()]
    return Package(tables, {**descriptor, "resources": resources})


def _kind(descriptor: Mapping[str, Any]) -> str:
    """How the tables are written: ``csv``, or ``parquet`` where the descriptor says so of every table."""
    listed = descriptor.get("resources")
    formats = {r.get("format") for r in listed if isinstance(r, dict)} if isinstance(listed, list) else set()
    return "parquet" if formats == {"parquet"} else "csv"


def _descriptor(path: Path) -> dict[str, Any]:
    try:
        descriptor = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(
            Problem(code="PKG-005", message=_("the descriptor cannot be read: {error}", error=error), file=str(path),
                    row=getattr(error, "lineno", None), hint=_("restore it from git, or write the package again"))
        ) from error  # fmt: skip
    return descriptor if isinstance(descriptor, dict) else {}


def recover(directory: Path) -> None:
    """Finish or undo a replacement that a kill interrupted.

    Raises:
        InvalidInput: it cannot be finished here (``INV-220``).
    """
    _recover(directory, DESCRIPTOR)


def replace_folder(directory: Path, contents: Mapping[str, bytes], mappings: Mapping[str, bytes] | None = None) -> bool:
    """Replace a package's folder as a whole, where it is not the same already; whether it was not.

    Args:
        directory: the folder.
        contents: its files, by name.
        mappings: files of the ``sources/`` beside it that change with it, by name.
    """
    directory.parent.mkdir(parents=True, exist_ok=True)
    with alone(directory):
        recover(directory)
        if _same(directory, contents):
            carry(directory, mappings or {})
            return False
        replace(directory, contents, DESCRIPTOR, mappings or {})
    return True


def _same(directory: Path, contents: Mapping[str, bytes]) -> bool:
    if not directory.is_dir() or {p.name for p in directory.iterdir()} != set(contents):
        return False
    return all((directory / name).read_bytes() == body for name, body in contents.items())


def _csv(frame: pl.DataFrame) -> bytes:
    return frame.write_csv(null_value="").encode()


def _parquet(frame: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.write_parquet(out, compression="zstd", statistics=True)
    return out.getvalue()


def _hash(body: bytes) -> str:
    return "sha256:" + hashlib.sha256(body).hexdigest()


def _described(table: Table, digest: str, kind: str = "csv") -> dict[str, Any]:
    fields: list[dict[str, Any]] = []
    for f in table.fields:
        entry: dict[str, Any] = {
            "name": f.name,
            "type": f.type,
            "title": f.title["fr"],
            "description": f.description["fr"],
        }
        if f.type == "list":
            entry["delimiter"] = "|"
        constraints: dict[str, Any] = {}
        if f.enum and f.type != "list":
            constraints["enum"] = list(f.enum)
        if f.required:
            constraints["required"] = True
        if constraints:
            entry["constraints"] = constraints
        fields.append(entry)
    return {
        "name": table.name,
        "path": f"{table.name}.{kind}",
        "format": kind,
        **({"encoding": "utf-8"} if kind == "csv" else {}),
        "hash": digest,
        "schema": {"fields": fields, "primaryKey": list(table.primary_key), "missingValues": [""]},
    }
