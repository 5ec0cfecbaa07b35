"""A source removed from the dataset: what only it said goes, what others said comes back, all of it told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from inventory.cells import KEY
from inventory.dataset import COUNTED, schema
from inventory.documents import nearest
from inventory.language import _
from inventory.precedence import order_of
from inventory.problems import InvalidInput, NotFound, Problem
from inventory.stores import Session, open_store
from inventory.withdrawal import withdraw
from inventory.workspace import Workspace


@dataclass
class Removal:
    """What a removal does: the records that go, the cells that change, by table.

    ``cells``: ``table``, ``id``, ``field``, ``value`` (before), ``now`` (None when no other source says it),
    ``source`` (who says it now).
    """

    sources: list[str]
    records: dict[str, list[str]] = field(default_factory=dict)
    cells: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(
            schema=dict.fromkeys(("table", "id", "field", "value", "now", "source"), pl.String)
        )
    )
    written: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The answer of ``import --remove --json``."""
        return {"removed": self.sources, "written": self.written, "records": self.records, "cells": self.cells.to_dicts()}  # fmt: skip


def remove_sources(names: Sequence[str], workspace: Workspace, *, dry_run: bool = False) -> Removal:
    """Remove sources from the workspace's dataset.

    Args:
        names: the sources, as the table ``sources`` names them.
        workspace: where the dataset is.
        dry_run: only say what would go.

    Returns:
        Everything that goes or changes. The mapping files, which people may have edited, stay.

    Raises:
        NotFound: the dataset knows no such source (``INV-162``).
        InvalidInput: the dataset cannot be read, or cannot be written (``INV-024``).
    """
    with open_store(workspace).writing() as session:
        dataset = session.read()
        known = dataset["sources"]["id"].to_list()
        unknown = [n for n in names if n not in known]
        if unknown:
            raise NotFound(*(_unknown(n, known) for n in unknown))
        tables = dict(dataset.tables)
        removal = Removal(list(names))
        found = [removal.cells]
        for name in names:
            found += _without(tables, name, workspace, removal)
        moved = pl.concat(found).sort("table", "id", "field")
        gone = pl.DataFrame(
            [(t, i) for t, ids in removal.records.items() for i in ids],
            schema={"table": pl.String, "id": pl.String},
            orient="row",
        )
        removal.cells = moved.join(gone, on=["table", "id"], how="anti", maintain_order="left")
        if not dry_run:
            removal.written = _write(session, workspace, tables, dataset.descriptor)
        return removal


def _without(tables: dict[str, pl.DataFrame], name: str, workspace: Workspace, removal: Removal) -> list[pl.DataFrame]:
    order = order_of(workspace)
    found = []
    for table in COUNTED:
        left = withdraw(schema().tables[table], tables[table], tables["origins"], name, order)
        tables[table], tables["origins"] = left.rows, left.origins
        if left.gone:
            removal.records.setdefault(table, []).extend(left.gone)
        found.append(
            left.changes.select(pl.lit(table).alias("table"), pl.col(KEY).alias("id"), "field", "value",
                                pl.col("won").alias("now"), pl.col("winner").alias("source"))
        )  # fmt: skip
    tables["sources"] = tables["sources"].filter(pl.col("id") != name)
    tables["aliases"] = tables["aliases"].filter(pl.col("source") != name)
    return found


def _write(session: Session, workspace: Workspace, tables: dict[str, pl.DataFrame], descriptor: Any) -> bool:
    about = {k: v for k, v in descriptor.items() if k not in ("$schema", "name", "schema_version", "resources")}
    try:
        return session.write(tables, about)
    except OSError as error:
        raise InvalidInput(
            Problem(code="INV-024", message=_("the dataset cannot be written: {error}", error=error.strerror or error),
                    file=str(error.filename or workspace.dataset), hint=_("the dataset that was there is untouched"))
        ) from error  # fmt: skip


def _unknown(name: str, known: Sequence[str]) -> Problem:
    near = nearest(name, list(known))
    return Problem(
        code="INV-162", message=_("the dataset knows no source “{name}”", name=name), value=name,
        hint=_("did you mean “{near}”?", near=near) if near else _("known here: {known}", known=", ".join(known)),
    )  # fmt: skip
