"""The part a piece of installed software plays, told by its name; what no pattern knows is ``autre``, and kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import polars as pl

from inventory.dataset import schema
from inventory.language import _
from inventory.problems import Severity
from inventory.readers.reading import ROW, SHEET, Reading
from inventory.readers.records import add, at
from inventory.values import free_text, plain

PATTERNS = Path(__file__).parent.parent / "data/software_roles.json"
OTHER = "autre"


@lru_cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    raw = json.loads(PATTERNS.read_text(encoding="utf-8"))
    return tuple((role, re.compile("|".join(f"(?:{p})" for p in listed))) for role, listed in raw.items())


@lru_cache(maxsize=100_000)
def role_of(product: str) -> str:
    """The role of a product: ``sgbd``, ``web``, ``middleware``, ``runtime``, else ``autre``."""
    name = plain(product)[:200]
    return next((role for role, pattern in _patterns() if pattern.search(name)), OTHER)


def roles(products: Iterable[str | None]) -> dict[str, str]:
    """The role of each distinct product."""
    return {name: role_of(name) for name in {p for p in products if p}}


def add_software(reading: Reading, installed: pl.DataFrame, *, shared: bool = False) -> None:
    """Add what servers run to the components of a reading.

    Args:
        reading: the source.
        installed: text columns ``subject_id``, ``product``, ``version``, the place of each, and ``role`` where known.
        shared: whether the roles given are to be kept; else each product's name tells its own.
    """
    known = installed.with_columns(free_text(pl.col("product")), free_text(pl.col("version"))).drop_nulls(
        ["subject_id", "product"]
    )
    if not shared:
        found = roles(known["product"].unique())
        known = known.with_columns(
            pl.col("product").replace_strict(found, default=OTHER, return_dtype=pl.String).alias("role")
        )
    rows = known.select(pl.lit("server").alias("subject_kind"), "subject_id", "role", "product", "version", SHEET, ROW)
    key = schema().tables["components"].primary_key
    several = rows.select(*key, "version").unique().drop_nulls("version").group_by(key).len().filter(pl.col("len") > 1)
    if several.height:
        some = ", ".join(several["product"].unique().sort().head(5))
        reading.problems.append(
            at(reading.source, int(rows[ROW][0]), "INV-106",
               _.plural("{n} product is there in several versions on one server: the first is kept ({some})",
                        "{n} products are there in several versions on one server: the first is kept ({some})",
                        several.height, some=some),
               sheet=rows[SHEET][0], severity=Severity.INFO)
        )  # fmt: skip
    add(reading, "components", rows, key=key)
