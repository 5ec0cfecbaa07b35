"""Data Packages on disk: typed tables in, the same bytes out, all of it or nothing of it.

A package is a folder: ``datapackage.json`` with a Table Schema a table, and one CSV a table
(`Data Package <https://datapackage.org>`_, version 2). Cells: empty is unknown; booleans are
``true``/``false``; dates ISO 8601; lists ``a|b`` sorted. Rows are sorted by primary key.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from inventory.language import _, language
from inventory.problems import InvalidInput, Problem

DESCRIPTOR = "datapackage.json"
TYPES: dict[str, pl.DataType | type[pl.DataType]] = {
    "string": pl.String,
    "list": pl.String,
    "integer": pl.Int64,
    "number": pl.Float64,
    "boolean": pl.Boolean,
    "date": pl.Date,
}
"""Table Schema types and the Polars ones that hold them; a list stays ``a|b`` text in a frame."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its type, its titles and descriptions in both languages, its closed values."""

    name: str
    type: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    enum: tuple[str, ...] = ()
    required: bool = False
    unit: str | None = None

    def label(self) -> str:
        """The title in the current language."""
        return self.title[language()]


@dataclass(frozen=True)
class Table:
    """A table of a package: its columns in order and what identifies a row."""

    name: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """The columns by their name."""
        return {f.name: f for f in self.fields}

    @cached_property
    def polars(self) -> dict[str, pl.DataType | type[pl.DataType]]:
        """The columns as a Polars schema."""
        return {f.name: TYPES[f.type] for f in self.fields}

    def empty(self) -> pl.DataFrame:
        """The table without a row."""
        return pl.DataFrame(schema=self.polars)

    def conform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """*frame* with exactly this table's columns, in order and typed, rows sorted.

        Missing columns become unknown (empty); unexpected ones are an error of the caller.
        """
        extra = set(frame.columns) - set(self.by_name)
        if extra:
            raise ValueError(f"{self.name}: columns not in the schema: {sorted(extra)}")
        typed = frame.select(
            pl.col(name).cast(kind) if name in frame.columns else pl.lit(None, kind).alias(name)
            for name, kind in self.polars.items()
        )
        return typed.sort(self.primary_key, nulls_last=True)


@dataclass(frozen=True)
class Schema:
    """The tables of a kind of package and the version of that contract."""

    name: str
    version: str
    tables: Mapping[str, Table]


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


@lru_cache
def load_schema(path: Path) -> Schema:
    """Read the published schema of a package, a JSON file shipped beside the code."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    tables = {
        t["name"]: Table(
            name=t["name"],
            title=t["title"],
            description=t["description"],
            primary_key=tuple(t["primaryKey"]),
            fields=tuple(
                Field(
                    name=f["name"],
                    type=f["type"],
                    title=f["title"],
                    description=f["description"],
                    enum=tuple(f.get("enum", ())),
                    required=f.get("required", False),
                    unit=f.get("unit"),
                )
                for f in t["fields"]
            ),
        )
        for t in raw["tables"]
    }
    return Schema(raw["name"], raw["schema_version"], tables)


def write_package(
    directory: Path,
    schema: Schema,
    tables: Mapping[str, pl.DataFrame],
    *,
    about: Mapping[str, Any] | None = None,
    files: Mapping[str, bytes] | None = None,
) -> bool:
    """Write a package so that a kill at any moment leaves the old one or the new one.

    Args:
        directory: the package's folder; replaced as a whole.
        schema: the contract; tables it names and *tables* lacks are written empty.
        tables: the content, one frame a table.
        about: more keys of the descriptor (title, marking, dates given by the caller).
        files: other files of the package, by name (``summary.json``).

    Returns:
        Whether anything changed; an identical package on disk is left untouched.
    """
    contents: dict[str, bytes] = dict(files or {})
    resources = []
    for name, table in schema.tables.items():
        body = _csv(table.conform(tables.get(name, table.empty())))
        contents[f"{name}.csv"] = body
        resources.append(_resource(table, body))
    descriptor = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": schema.name,
        "schema_version": schema.version,
        **(about or {}),
        "resources": resources,
    }
    text = json.dumps(descriptor, ensure_ascii=False, indent=1, sort_keys=False) + "\n"
    contents[DESCRIPTOR] = text.encode()
    recover(directory)
    if _same(directory, contents):
        return False
    _replace(directory, contents)
    return True


def read_package(directory: Path, schema: Schema) -> Package:
    """Read a package and check it against its contract.

    Raises:
        InvalidInput: absent (``PKG-001``), of another version (``PKG-002``), a table that does
            not have its columns, holds a value that is not of its type or closed list, or that
            was edited without its digest (the last is not an error: git owns the text).
    """
    recover(directory)
    path = directory / DESCRIPTOR
    if not path.is_file():
        raise InvalidInput(
            Problem(code="PKG-001", message=_("there is no {name} package here", name=schema.name), file=str(path))
        )
    descriptor = json.loads(path.read_text(encoding="utf-8"))
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
    for name, table in schema.tables.items():
        body = (directory / f"{name}.csv").read_bytes()
        hashes[name] = _hash(body)
        tables[name] = _parse(table, body, directory / f"{name}.csv", problems)
    if problems:
        raise InvalidInput(*problems)
    for resource in descriptor["resources"]:
        resource["hash"] = hashes[resource["name"]]
    return Package(tables, descriptor)


def recover(directory: Path) -> None:
    """Finish or undo a replacement that a kill interrupted between its two renames."""
    ready, previous = _beside(directory)
    if directory.exists():
        return
    if (ready / DESCRIPTOR).is_file():
        ready.rename(directory)
    elif previous.exists():
        previous.rename(directory)


def _beside(directory: Path) -> tuple[Path, Path]:
    return directory.with_name(f".{directory.name}.next"), directory.with_name(f".{directory.name}.previous")


def _replace(directory: Path, contents: Mapping[str, bytes]) -> None:
    # The descriptor is written last: a folder that has one is complete.
    ready, previous = _beside(directory)
    shutil.rmtree(ready, ignore_errors=True)
    shutil.rmtree(previous, ignore_errors=True)
    ready.mkdir(parents=True)
    for name, body in sorted(contents.items(), key=lambda item: item[0] == DESCRIPTOR):
        with (ready / name).open("wb") as out:
            out.write(body)
            out.flush()
            os.fsync(out.fileno())
    if directory.exists():
        directory.rename(previous)
    ready.rename(directory)
    shutil.rmtree(previous, ignore_errors=True)


def _same(directory: Path, contents: Mapping[str, bytes]) -> bool:
    if not directory.is_dir() or {p.name for p in directory.iterdir()} != set(contents):
        return False
    return all((directory / name).read_bytes() == body for name, body in contents.items())


def _csv(frame: pl.DataFrame) -> bytes:
    return frame.write_csv(null_value="").encode()


def _hash(body: bytes) -> str:
    return "sha256:" + hashlib.sha256(body).hexdigest()


def _resource(table: Table, body: bytes) -> dict[str, Any]:
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
        "path": f"{table.name}.csv",
        "format": "csv",
        "encoding": "utf-8",
        "hash": _hash(body),
        "schema": {"fields": fields, "primaryKey": list(table.primary_key), "missingValues": [""]},
    }


def _parse(table: Table, body: bytes, path: Path, problems: list[Problem]) -> pl.DataFrame:
    raw = pl.read_csv(body, infer_schema=False, empty_string_is_null=True)
    if raw.columns != list(table.by_name):
        problems.append(
            Problem(
                code="PKG-003",
                message=_(
                    "the columns are not those expected: {columns}",
                    columns=", ".join(sorted(set(raw.columns) ^ set(table.by_name))) or _("another order"),
                ),
                file=str(path),
                row=1,
            )
        )
        return table.empty()
    for f in table.fields:
        problems.extend(_column_problems(f, raw[f.name], path))
    if problems:
        return table.empty()
    return raw.select(_cast(f) for f in table.fields)


def _cast(f: Field) -> pl.Expr:
    if f.type == "boolean":
        return pl.col(f.name) == "true"
    if f.type == "date":
        return pl.col(f.name).str.to_date("%Y-%m-%d")
    return pl.col(f.name).cast(TYPES[f.type])


def _column_problems(f: Field, column: pl.Series, path: Path) -> list[Problem]:
    # a column may itself be called "row": the index takes a name no column can have
    frame = column.to_frame().with_row_index("", offset=2)
    value = pl.col(f.name)
    if f.type == "boolean":
        bad, expected = ~value.is_in(["true", "false"]), "true, false"
    elif f.type == "date":
        bad, expected = value.str.to_date("%Y-%m-%d", strict=False).is_null(), "2026-11-23"
    elif f.type in ("integer", "number"):
        bad, expected = value.cast(TYPES[f.type], strict=False).is_null(), _("a number")
    elif f.enum and f.type == "list":
        bad = ~value.str.split("|").list.eval(pl.element().is_in(list(f.enum))).list.all()
        expected = ", ".join(f.enum)
    elif f.enum:
        bad, expected = ~value.is_in(list(f.enum)), ", ".join(f.enum)
    else:
        return []
    wrong = frame.filter(value.is_not_null() & bad)
    return [
        Problem(
            code="PKG-004",
            message=_("“{value}” is not accepted here", value=cell),
            file=str(path),
            row=row,
            column=f.name,
            field=f.name,
            value=cell,
            hint=_("expected: {expected}", expected=expected),
        )
        for row, cell in wrong.iter_rows()
    ]
