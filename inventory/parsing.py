"""A table of a package read back, every mistake in it named by its line and column."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl

from inventory.contract import TYPES, Field, Table
from inventory.language import _
from inventory.problems import Problem


def parse(table: Table, body: bytes, path: Path, problems: list[Problem]) -> pl.DataFrame:
    """The rows of a table, typed; its problems are added to *problems*, and it is empty where it has any."""
    try:
        raw = pl.read_csv(body, infer_schema=False, empty_string_is_null=True)
    except pl.exceptions.PolarsError as error:
        problems.append(
            Problem(code="PKG-005", file=str(path), hint=_("restore it from git, or write the package again"),
                    message=_("the table {table} cannot be read: {error}", table=table.name, error=str(error).split("\n")[0]))
        )  # fmt: skip
        return table.empty()
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
    found = [p for f in table.fields for p in _column_problems(f, raw[f.name], path)]
    problems += found or _key_problems(table, raw, path)
    return raw.select(_cast(f) for f in table.fields) if not found else table.empty()


def parse_parquet(table: Table, body: bytes, path: Path, problems: list[Problem]) -> pl.DataFrame:
    """As :func:`parse`, of a table written as Parquet: its columns carry their types, closed lists are checked."""
    try:
        raw = pl.read_parquet(io.BytesIO(body))
    except (pl.exceptions.PolarsError, OSError) as error:
        problems.append(
            Problem(code="PKG-005", file=str(path), hint=_("restore it from git, or write the package again"),
                    message=_("the table {table} cannot be read: {error}", table=table.name, error=str(error).split("\n")[0]))
        )  # fmt: skip
        return table.empty()
    if dict(raw.schema) != table.polars or raw.columns != list(table.by_name):
        wrong = {n for n, kind in raw.schema.items() if table.polars.get(n) != kind} | (
            set(table.by_name) - set(raw.columns)
        )
        columns = ", ".join(sorted(wrong)) or _("another order")
        message = _("the columns are not those expected: {columns}", columns=columns)
        problems.append(Problem(code="PKG-003", file=str(path), message=message))
        return table.empty()
    found = [p for f in table.fields if f.enum for p in _column_problems(f, raw[f.name], path)]
    problems += found or _key_problems(table, raw, path)
    return raw if not found else table.empty()


def _key_problems(table: Table, raw: pl.DataFrame, path: Path) -> list[Problem]:
    """A record without its key, or two with the same."""
    rows = raw.with_row_index("", offset=2)
    keys = [f for f in table.primary_key if table.by_name[f].required]
    lost = [
        Problem(
            code="PKG-006", message=_("this record has no {field}", field=f), file=str(path), row=row, column=f, field=f
        )
        for f in keys
        for (row,) in rows.filter(pl.col(f).is_null()).select("").iter_rows()
    ]
    again = rows.filter(~pl.struct(table.primary_key).is_first_distinct())
    return lost + [
        Problem(code="PKG-006", message=_("“{value}” is there twice", value=" ".join(str(v) for v in key if v is not None)),
                file=str(path), row=row, column=table.primary_key[0])
        for row, *key in again.select("", *table.primary_key).iter_rows()
    ]  # fmt: skip


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
