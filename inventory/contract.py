"""What a package must be: its tables, their columns, read from the schema shipped beside the code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import polars as pl

from inventory.language import language

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
