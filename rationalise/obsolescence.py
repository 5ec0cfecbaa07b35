"""End of support: the names found in an inventory, mapped to dated cycles, judged at a date.

The dates come from a snapshot of endoflife.date shipped with its day and licence; what no pattern maps
is *unknown*, never *supported*.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from inventory.package import Package

DATA = Path(__file__).parent / "data"
STATES = ("ended", "extended", "unknown", "ending", "supported")
"""Worst first: an unknown component is worse news than one whose end is known to be near."""
NEAR = 365
"""Days before its end from which support is said to be ending."""
SUPPORT = {"product": pl.String, "cycle": pl.String, "support_state": pl.String, "support_end": pl.Date}


@dataclass(frozen=True)
class Pattern:
    """How a name leads to a tracked product and cycle."""

    expression: re.Pattern[str]
    product: str
    cycles: Mapping[str, str]
    fixed: str | None


@dataclass(frozen=True)
class Snapshot:
    """The shipped dates, with their day."""

    day: date
    source: str
    products: Mapping[str, Mapping[str, tuple[Any, ...]]]


@lru_cache
def snapshot() -> Snapshot:
    """The shipped snapshot: product → cycle → (end of support, of active support, of paid support)."""
    raw = json.loads((DATA / "endoflife/snapshot.json").read_text(encoding="utf-8"))
    products = {
        name: {str(release[0]): tuple(release[2:5]) for release in product["releases"]}
        for name, product in raw["products"].items()
    }
    return Snapshot(date.fromisoformat(raw["date"]), f"{raw['source']}@{raw['commit'][:12]}", products)


@lru_cache
def patterns() -> tuple[Pattern, ...]:
    """The alias table, in the order it is tried."""
    raw = yaml.safe_load((DATA / "products.yaml").read_text(encoding="utf-8"))
    return tuple(
        Pattern(
            re.compile(entry["match"], re.IGNORECASE),
            entry["product"],
            {str(k): str(v) for k, v in entry.get("cycles", {}).items()},
            entry.get("fixed"),
        )
        for entry in raw["products"]
    )


def product_cycle(name: str) -> tuple[str, str] | None:
    """The tracked product and cycle a name stands for, or None when nothing maps it without a guess."""
    for pattern in patterns():
        found = pattern.expression.search(name)
        if found is None:
            continue
        parts = found.groupdict()
        version = pattern.fixed or str(parts.get("cycle") or "").lower()
        if parts.get("minor"):
            version = f"{version}.{parts['minor']}"
        version = pattern.cycles.get(version, version)
        known = snapshot().products.get(pattern.product, {})
        cycle = next((c for c in (version, f"{version}.0") if c in known), None)
        return (pattern.product, cycle) if cycle else None
    return None


def support_at(name: str | None, as_of: date) -> tuple[str | None, str | None, str, date | None]:
    """Product, cycle, support state and end of support of a name on a day."""
    found = product_cycle(name) if name else None
    if found is None:
        return None, None, "unknown", None
    eol, _active, paid = snapshot().products[found[0]][found[1]]
    end, extended = _day(eol), _day(paid)
    if eol is True or (end is not None and end < as_of):
        still = extended is not None and as_of <= extended
        return *found, "extended" if still else "ended", end
    if end is None:
        return *found, "supported" if eol is False else "unknown", None
    return *found, "ending" if (end - as_of).days <= NEAR else "supported", end


def supports(names: Iterable[str | None], as_of: date) -> pl.DataFrame:
    """The support of each distinct name: ``name``, ``product``, ``cycle``, ``support_state``, ``support_end``."""
    distinct = sorted({name for name in names if name})
    rows = [(name, *support_at(name, as_of)) for name in distinct]
    return pl.DataFrame(rows, schema={"name": pl.String, **SUPPORT}, orient="row")


def server_support(dataset: Package, as_of: date) -> pl.DataFrame:
    """Each server's operating system: ``id``, ``product``, ``cycle``, ``support_state``, ``support_end``."""
    servers = dataset["servers"].select("id", "os")
    known = supports(servers["os"], as_of)
    return (
        servers.join(known, left_on="os", right_on="name", how="left")
        .with_columns(pl.col("support_state").fill_null("unknown"))
        .drop("os")
    )


def application_support(dataset: Package, servers: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The worst component of each application: ``id``, ``support_state``, ``support_end``.

    Components are the systems of its servers, its databases, and the products declared for it.
    """
    deployed = dataset["deployments"].select("application_id", "target_kind", "target_id")
    systems = deployed.filter(pl.col("target_kind") == "server").join(servers, left_on="target_id", right_on="id")
    parts = [
        systems.select(pl.col("application_id").alias("id"), "support_state", "support_end"),
        _products(dataset, deployed, as_of),
    ]
    worst = pl.col("support_state").replace_strict({s: n for n, s in enumerate(STATES)}, return_dtype=pl.Int8)
    return (
        pl.concat(parts)
        .with_columns(worst.alias("_rank"))
        .sort("id", "_rank", "support_end", nulls_last=True)
        .group_by("id", maintain_order=True)
        .agg(pl.col("support_state").first(), pl.col("support_end").first())
    )


def _products(dataset: Package, deployed: pl.DataFrame, as_of: date) -> pl.DataFrame:
    named = pl.concat_str(["product", "version"], separator=" ", ignore_nulls=True).alias("name")
    components = dataset["components"].select("subject_kind", "subject_id", named)
    own = components.filter(pl.col("subject_kind") == "application").select(pl.col("subject_id").alias("id"), "name")
    engine = pl.concat_str(["engine", "version"], separator=" ", ignore_nulls=True).alias("name")
    bases = (
        deployed.filter(pl.col("target_kind") == "database")
        .join(dataset["databases"].select("id", engine), left_on="target_id", right_on="id")
        .select(pl.col("application_id").alias("id"), "name")
    )
    listed = pl.concat([own, bases])
    known = supports(listed["name"], as_of)
    return (
        listed.join(known, on="name", how="left")
        .with_columns(pl.col("support_state").fill_null("unknown"))
        .select("id", "support_state", "support_end")
    )


def _day(value: object) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None
