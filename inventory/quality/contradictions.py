"""Facts that cannot all be right: within a record, between a record and its parts, between a date and another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from inventory.dataset import COUNTED, schema
from inventory.language import _
from inventory.package import Package
from inventory.problems import Problem, Severity
from inventory.quality.needs import needs
from inventory.readers.reading import ROW

TOLERANCE = 1.01
"""Times a part may exceed its whole: sources round."""


@dataclass(frozen=True)
class Rule:
    """Rows of a table where two facts contradict each other.

    ``sentence`` may show the record's ``{id}`` and the facts ``{a}`` and ``{b}``.
    """

    code: str
    table: str
    field: str
    condition: pl.Expr
    sentence: Callable[[], str]
    a: pl.Expr | None = None
    b: pl.Expr | None = None


def contradictions(dataset: Package, as_of: date | None) -> Iterator[Problem]:
    """Every contradiction, rule by rule, with the line of its record.

    Args:
        dataset: the inventory.
        as_of: the day the future begins after; without one nothing is judged against it.
    """
    tables = _with_parts(dataset)
    for rule in (*_sensitivity(), *_dates(as_of), *_states(), *_sizes(), *_negative()):
        sentence = rule.sentence()
        shown = (_shown(rule.a, "_a"), _shown(rule.b, "_b"))
        wrong = tables[rule.table].filter(rule.condition.fill_null(False)).select(ROW, "id", *shown)
        for row, identifier, a, b in wrong.iter_rows():
            yield Problem(
                code=rule.code, severity=Severity.WARNING, message=sentence.format(id=identifier, a=a, b=b),
                file=f"dataset/{rule.table}.csv", row=row, column=rule.field, field=rule.field, value=identifier,
            )  # fmt: skip


def _shown(fact: pl.Expr | None, name: str) -> pl.Expr:
    return (pl.lit(None) if fact is None else fact).cast(pl.String).alias(name)


def _sensitivity() -> list[Rule]:
    c = pl.col
    return [
        Rule("INV-052", "applications", "secrets", ~c("secret_protege") & c("secrets").is_not_null(),
             lambda: _("{id}: secrets are listed but “protected secret” is no")),
        Rule("INV-052", "applications", "sante", c("sante") & (c("donnees_perso") == "aucune"),
             lambda: _("{id}: health data without personal data")),
        Rule("INV-052", "applications", "atteinte", c("atteinte").str.contains("aucune") & c("atteinte").str.contains(r"\|"),
             lambda: _("{id}: harm is both none and something")),
        Rule("INV-052", "applications", "homologation", (c("homologation") == "aucune") & c("homologation_until").is_not_null(),
             lambda: _("{id}: not homologated, yet until {a}"), c("homologation_until")),
    ]  # fmt: skip


def _dates(as_of: date | None) -> list[Rule]:
    c, day = pl.col, pl.lit(as_of, pl.Date)
    later = [
        ("applications", "contract_end", "started", lambda: _("{id}: the contract ends ({a}) before the application starts ({b})")),
        ("applications", "last_used", "started", lambda: _("{id}: last used ({a}) before it started ({b})")),
    ]  # fmt: skip
    return [
        *(Rule("INV-182", t, end, c(end) < c(start), say, c(end), c(start)) for t, end, start, say in later),
        Rule("INV-182", "applications", "started", (c("started") > day) & (c("lifecycle") == "production"),
             lambda: _("{id}: in production, yet starting on {a}"), c("started")),
        Rule("INV-182", "applications", "last_used", c("last_used") > day,
             lambda: _("{id}: last used on a day to come, {a}"), c("last_used")),
        Rule("INV-182", "servers", "created", c("created") > day,
             lambda: _("{id}: created on a day to come, {a}"), c("created")),
        Rule("INV-182", "hosts", "purchased", c("purchased") > day,
             lambda: _("{id}: bought on a day to come, {a}"), c("purchased")),
        Rule("INV-182", "applications", "homologation_until", (c("homologation") == "valide") & (c("homologation_until") < day),
             lambda: _("{id}: the homologation is said valid and ended on {a}"), c("homologation_until")),
    ]  # fmt: skip


def _states() -> list[Rule]:
    c = pl.col
    return [
        Rule("INV-183", "applications", "lifecycle", (c("lifecycle") == "arrete") & (c("_on") > 0),
             lambda: _("{id}: stopped, yet {a} of its servers are powered on"), c("_on")),
        Rule("INV-183", "servers", "power_state", (c("power_state") == "off") & (c("cpu_used") > 0),
             lambda: _("{id}: powered off, yet its processor is used at {a} %"), c("cpu_used")),
        *(Rule("INV-184", table, "environment", _named_otherwise(),
               lambda: _("{id}: its name “{a}” does not sound like {b}"), c("name"), c("environment"))
          for table in ("servers", "applications")),
    ]  # fmt: skip


def _named_otherwise() -> pl.Expr:
    """A name that holds the word of another environment than the one stated, and no word of that one."""
    name = pl.col("name").str.to_lowercase()
    says = {
        e: name.str.contains(rf"(?:^|[^a-z])(?:{'|'.join(w)})\d*(?:[^a-z]|$)") for e, w in needs().environments.items()
    }
    stated = [(pl.col("environment") == e) & ~own & pl.any_horizontal(o for k, o in says.items() if k != e) for e, own in says.items()]  # fmt: skip
    return pl.any_horizontal(stated)


def _sizes() -> list[Rule]:
    c = pl.col
    over = needs().ram_overcommit
    return [
        Rule("INV-185", "servers", "storage_used_gib", c("storage_used_gib") > c("storage_gib") * TOLERANCE,
             lambda: _("{id}: {a} GiB used of {b} GiB"), c("storage_used_gib"), c("storage_gib")),
        Rule("INV-185", "servers", "storage_gib", c("_databases") > c("storage_gib") * TOLERANCE,
             lambda: _("{id}: its databases weigh {a} GiB, its storage {b} GiB"), c("_databases").round(1), c("storage_gib")),
        Rule("INV-185", "hosts", "ram_gib", c("_ram") > c("ram_gib") * over,
             lambda: _("{id}: its machines hold {a} GiB of memory, it has {b} GiB"), c("_ram").round(1), c("ram_gib")),
        *(Rule("INV-185", "servers", f, c(f) > 100, lambda: _("{id}: used at {a} %, more than all"), c(f))
          for f in ("cpu_used", "ram_used")),
    ]  # fmt: skip


def _negative() -> list[Rule]:
    def rule(table: str, field: str) -> Rule:
        return Rule("INV-185", table, field, pl.col(field) < 0, lambda: _("{id}: {b} is below zero: {a}"),
                    pl.col(field), pl.lit(field))  # fmt: skip

    return [
        rule(name, f.name)
        for name in COUNTED
        for f in schema().tables[name].fields
        if f.type in ("integer", "number") and "id" in schema().tables[name].by_name
    ]


def _with_parts(dataset: Package) -> dict[str, pl.DataFrame]:
    """The tables with their line, and the sums of their parts: ``_on``, ``_databases``, ``_ram``."""
    tables = {n: dataset[n].with_row_index(ROW, offset=2) for n in COUNTED}
    on = dataset["servers"].filter(pl.col("power_state") == "on")
    running = (
        dataset["deployments"]
        .filter(pl.col("target_kind") == "server")
        .join(on, left_on="target_id", right_on="id", how="semi")
        .group_by(pl.col("application_id").alias("id"))
        .agg(pl.len().alias("_on"))
    )
    weight = (
        dataset["databases"].group_by(pl.col("server_id").alias("id")).agg(pl.col("size_gib").sum().alias("_databases"))
    )
    memory = on.group_by(pl.col("host_id").alias("id")).agg(pl.col("ram_gib").sum().alias("_ram"))
    for table, part in (("applications", running), ("servers", weight), ("hosts", memory)):
        tables[table] = tables[table].join(part, on="id", how="left", maintain_order="left")
    return tables
