"""Several datasets added up to one: a ministry's from its DSIs', the State's from the ministries'.

Nothing depends on the order in which they are given. The same record in two datasets counts once and is told; two
records that only share an identifier are told apart by whose they are, and only they are renamed.

Two records are the same when they are equal; or when they bear the same name or UUID, are not of two organisations,
and either agree on all that both know or, for those that an organisation owns, are of the same one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from inventory.contract import Table
from inventory.dataset import COUNTED, schema
from inventory.language import _
from inventory.package import Package, canonical_digest, package_files
from inventory.problems import Problem, Severity
from inventory.sharing.marking import highest, marking_of
from inventory.sharing.package_export import Export
from inventory.sharing.pseudonyms import record_key

FROM = "_from"
"""The column that says which dataset a row is of."""
OWNER = {"organisations": "name", "applications": "organisation_id", "servers": "organisation_id"}
"""Of the records that somebody answers for, the column that says who (of an organisation, which)."""
EVIDENCE = {"organisations": ("name",), "applications": ("name",), "servers": ("uuid", "name")}
NAMED = ("organisations", "sites", "hosts", "applications", "servers", "databases", "sources", "flows")
"""Tables whose records have an identifier of their own, each after those it refers to."""
REFERENCES = {
    "organisations": (("organisations", "parent_id"), ("applications", "organisation_id"), ("servers", "organisation_id")),
    "sites": (("servers", "site_id"), ("hosts", "site_id")),
    "hosts": (("servers", "host_id"),),
    "applications": (("deployments", "application_id"), ("flows", "source_id"), ("flows", "target_id")),
    "servers": (("databases", "server_id"), ("flows", "source_id"), ("flows", "target_id")),
    "databases": (),
    "sources": (("origins", "source"),),
    "flows": (),
}  # fmt: skip
"""Where the identifiers of a table are referred to by column alone."""
BY_KIND = {"applications": "application", "servers": "server", "databases": "database"}
SUMS = {"applications": ("users", "cout_construction_ttc", "cout_mco_24m_ttc", "cout_run_annuel", "etp"),
        "servers": ("vcpu", "ram_gib", "storage_gib")}  # fmt: skip


@dataclass(frozen=True)
class Shared:
    """A dataset to be added up: what it is called, its content, what is known of where its own records came from."""

    label: str
    digest: str
    marking: str
    tables: Mapping[str, pl.DataFrame]
    provenance: pl.DataFrame | None = None
    packages: Sequence[Mapping[str, Any]] = ()

    @classmethod
    def of(cls, package: Package, publisher: str | None, provenance: pl.DataFrame | None = None) -> Shared:
        """A dataset under the name of whoever publishes it, else of its digest."""
        digest = canonical_digest(schema(), package.tables)
        packages = package.descriptor.get("packages", ())
        return cls(publisher or digest.removeprefix("sha256:")[:12], digest, marking_of(package), package.tables,
                   provenance, packages if isinstance(packages, list) else ())  # fmt: skip

    @classmethod
    def of_export(cls, export: Export) -> Shared:
        """As :meth:`of`, of an export read back."""
        body = export.files.get(PROVENANCE)
        known = pl.read_csv(body, infer_schema=False, empty_string_is_null=True) if body else None
        publisher = export.about.get("publisher")
        return cls.of(
            Package(export.tables, dict(export.about)), publisher if isinstance(publisher, str) else None, known
        )


PROVENANCE = "provenance.csv"


@dataclass
class Consolidated:
    """The sum: its tables, which dataset each record is of, what was renamed, met twice or disagreed on."""

    tables: dict[str, pl.DataFrame]
    provenance: pl.DataFrame
    about: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)
    overlaps: list[dict[str, Any]] = field(default_factory=list)
    renamed: list[dict[str, str]] = field(default_factory=list)
    totals: list[dict[str, Any]] = field(default_factory=list)

    def package(self) -> Package:
        """The sum as a dataset."""
        body = package_files(schema(), self.tables, about=self.about)["datapackage.json"]
        return Package(self.tables, json.loads(body))

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {"marking": self.about["marking"], "digest": self.about["digest"], "packages": self.about["packages"],
                "totals": self.totals, "overlaps": self.overlaps, "renamed": self.renamed,
                "problems": [p.as_dict() for p in self.problems]}  # fmt: skip


def consolidate(packages: Sequence[Shared]) -> Consolidated:
    """Add up datasets.

    Args:
        packages: in any order; one given twice counts once.

    Returns:
        The sum, whose figures are those of the datasets less what was met twice, exactly.
    """
    once = _labelled(packages)
    problems = _given_twice(packages)
    stacked = {
        n: pl.concat([p.tables[n].with_columns(pl.lit(label).alias(FROM)) for label, p in once.items()])
        for n in schema().tables
    }
    before = {n: f.with_columns(record_key(schema().tables[n])) for n, f in stacked.items() if n != "origins"}
    renamed: list[dict[str, str]] = []
    for name in NAMED:
        _tell_apart(name, stacked, renamed)
    _follow(stacked, before)
    tables: dict[str, pl.DataFrame] = {}
    overlaps: list[dict[str, Any]] = []
    ranks = _ranks(once)
    for name, table in schema().tables.items():
        rows = stacked[name].with_columns(pl.col(FROM).replace_strict(ranks, return_dtype=pl.Int64).alias("_rank"))
        tables[name] = table.conform(_once(table, rows).drop(FROM, "_rank"))
        if name in COUNTED:
            overlaps += _overlaps(table, rows)
    problems += [_met(o) for o in overlaps] + [_told(r) for r in renamed]
    about = {
        "title": "Inventaire consolidé",
        "marking": highest(p.marking for p in once.values()),
        "digest": canonical_digest(schema(), tables),
        "packages": [
            {
                "label": label,
                "digest": p.digest,
                "marking": p.marking,
                **({"packages": list(p.packages)} if p.packages else {}),
            }
            for label, p in once.items()
        ],
    }
    return Consolidated(tables, _provenance(stacked, before, once), about, problems, overlaps, renamed,
                        _totals(stacked, tables))  # fmt: skip


def _labelled(packages: Sequence[Shared]) -> dict[str, Shared]:
    """The distinct datasets by name, in the order of names; two of one name are told by their digests too."""
    distinct: dict[str, Shared] = {}
    for p in sorted(packages, key=lambda p: (p.digest, p.label, p.provenance is not None)):
        before = distinct.get(p.digest)
        # The same content under two markings bears the higher.
        distinct[p.digest] = replace(p, marking=highest([p.marking, before.marking])) if before else p
    names = [p.label for p in distinct.values()]
    found = {
        p.label if names.count(p.label) == 1 else f"{p.label}@{p.digest.removeprefix('sha256:')[:8]}": p
        for p in distinct.values()
    }
    return dict(sorted(found.items()))


def _given_twice(packages: Sequence[Shared]) -> list[Problem]:
    digests = [p.digest for p in packages]
    again = sorted({(p.label, p.digest) for p in packages if digests.count(p.digest) > 1})
    return [
        Problem(code="INV-217", severity=Severity.INFO, value=digest,
                message=_("the dataset of {label} was given several times: it counts once", label=label))
        for label, digest in again
    ]  # fmt: skip


def _ranks(packages: Mapping[str, Shared]) -> dict[str, int]:
    """The order in which datasets are believed where they disagree: the one that read its sources last comes first."""

    def latest(label: str) -> str:
        return str(packages[label].tables["sources"]["read_on"].max() or "")

    order = sorted(packages)
    order.sort(key=latest, reverse=True)
    return {label: rank for rank, label in enumerate(order)}


def _tell_apart(name: str, stacked: dict[str, pl.DataFrame], renamed: list[dict[str, str]]) -> None:
    """Rename the records of a table that only share an identifier, and whatever refers to them in their dataset."""
    rows = stacked[name]
    shared = rows.filter(pl.len().over("id") > 1)
    if shared.height == 0:
        return
    strangers = _strangers(name, shared)
    if strangers.height == 0:
        return
    change = _new_names(name, strangers, rows["id"])
    renamed += [
        {"table": name, "package": label, "id": old, "new_id": new}
        for label, old, new in change.sort(FROM, "_old").iter_rows()
    ]
    stacked[name] = _changed(rows, "id", change)
    for table, column in REFERENCES[name]:
        stacked[table] = _changed(stacked[table], column, change)
    kind = BY_KIND.get(name)
    if kind:
        stacked["components"] = _changed(stacked["components"], "subject_id", change, pl.col("subject_kind") == kind)
        stacked["deployments"] = _changed(stacked["deployments"], "target_id", change, pl.col("target_kind") == kind)


def _new_names(name: str, strangers: pl.DataFrame, taken: pl.Series) -> pl.DataFrame:
    """``_from``, ``_old``, ``_new``: an identifier behind its organisation's, or its dataset's where that is not enough."""
    owner = OWNER.get(name, FROM) if name != "organisations" else FROM
    whose = pl.coalesce(pl.col(owner), pl.col(FROM))
    alone = pl.len().over("id", whose) == 1
    head = pl.when(alone).then(whose).otherwise(pl.col(FROM))
    change = strangers.select(FROM, pl.col("id").alias("_old"), pl.concat_str(head, pl.lit(":"), "id").alias("_new"))
    while True:
        clash = pl.col("_new").is_in(taken.implode()) | (pl.len().over("_new") > 1)
        if not change.select(clash.any()).item():
            return change
        change = change.with_columns(
            pl.when(clash).then(pl.concat_str(FROM, pl.lit(":"), "_new")).otherwise("_new").alias("_new")
        )


def _changed(rows: pl.DataFrame, column: str, change: pl.DataFrame, where: pl.Expr | None = None) -> pl.DataFrame:
    joined = rows.join(change, left_on=[FROM, column], right_on=[FROM, "_old"], how="left", maintain_order="left")
    new = pl.coalesce("_new", column)
    return joined.with_columns(
        (new if where is None else pl.when(where).then(new).otherwise(column)).alias(column)
    ).drop("_new")


def _strangers(name: str, shared: pl.DataFrame) -> pl.DataFrame:
    """Of the rows that share an identifier, those of identifiers whose rows are not all the same record."""
    columns = [c for c in schema().tables[name].by_name if c != "id"]
    owner = OWNER.get(name)
    agree = pl.all_horizontal(pl.col(c).drop_nulls().n_unique() <= 1 for c in columns) if columns else pl.lit(True)
    evidence = EVIDENCE.get(name, ("name",) if "name" in columns else ())
    known = [(pl.col(c).null_count() == 0) & (pl.col(c).n_unique() == 1) for c in evidence]
    judged = shared.group_by("id").agg(
        (pl.struct(columns).n_unique() == 1).alias("equal"),
        agree.alias("agree"),
        (pl.any_horizontal(known) if known else pl.lit(False)).alias("seen"),
        ((pl.col(owner).n_unique() == 1) & (pl.col(owner).null_count() == 0) if owner else pl.lit(False)).alias("own"),
        (pl.col(owner).drop_nulls().n_unique() > 1 if owner else pl.lit(False)).alias("two"),
    )
    same = pl.col("equal") | (~pl.col("two") & (pl.col("own") | (pl.col("seen") & pl.col("agree"))))
    return shared.join(judged.filter(~same).select("id"), on="id", how="semi").sort(FROM, "id")


def _follow(stacked: dict[str, pl.DataFrame], before: Mapping[str, pl.DataFrame]) -> None:
    """The keys that ``origins`` bears, after their records."""
    keys = []
    for name, rows in before.items():
        now = stacked[name].select(record_key(schema().tables[name])).to_series()
        keys.append(
            rows.select(pl.lit(name).alias("table"), FROM, pl.col("key").alias("id")).with_columns(now.alias("_new"))
        )
    change = pl.concat(keys).filter(pl.col("id") != pl.col("_new")).unique(["table", FROM, "id"])
    origins = stacked["origins"].join(change, on=["table", FROM, "id"], how="left", maintain_order="left")
    stacked["origins"] = origins.with_columns(pl.coalesce("_new", "id").alias("id")).drop("_new")


def _once(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """Each record once: what its first dataset knows, completed by the others."""
    keys = list(table.primary_key)
    lone = rows.filter(pl.len().over(keys) == 1)
    several = rows.filter(pl.len().over(keys) > 1).sort("_rank")
    if several.height == 0:
        return lone
    others = [c for c in rows.columns if c not in keys]
    merged = several.group_by(keys, maintain_order=True).agg(pl.col(c).drop_nulls().first() for c in others)
    return pl.concat([lone, merged.select(lone.columns)])


def _overlaps(table: Table, rows: pl.DataFrame) -> list[dict[str, Any]]:
    """The records that several datasets hold, and the columns on which these disagree."""
    keys = list(table.primary_key)
    several = rows.filter(pl.len().over(keys) > 1)
    if several.height == 0:
        return []
    others = [c for c in table.by_name if c not in keys]
    found = several.with_columns(record_key(table)).group_by("key").agg(
        pl.col(FROM).sort(), *((pl.col(c).drop_nulls().n_unique() > 1).alias(c) for c in others)
    )  # fmt: skip
    return [
        {"table": table.name, "id": row["key"], "packages": row[FROM], "disagree": [c for c in others if row[c]]}
        for row in found.sort("key").iter_rows(named=True)
    ]


def _met(overlap: Mapping[str, Any]) -> Problem:
    where = ", ".join(overlap["packages"])
    if overlap["disagree"]:
        return Problem(
            code="INV-218", severity=Severity.WARNING, value=overlap["id"], field=overlap["disagree"][0],
            message=_("{table} “{id}”: {packages} disagree on {columns}; the one read last is kept", table=overlap["table"],
                      id=overlap["id"], packages=where, columns=", ".join(overlap["disagree"])),
        )  # fmt: skip
    return Problem(
        code="INV-217", severity=Severity.INFO, value=overlap["id"],
        message=_("{table} “{id}” is in several datasets and counts once: {packages}", table=overlap["table"],
                  id=overlap["id"], packages=where),
    )  # fmt: skip


def _told(renamed: Mapping[str, str]) -> Problem:
    return Problem(
        code="INV-216", severity=Severity.INFO, value=renamed["id"],
        message=_("{table} “{id}” of {package} shares its identifier with another: it becomes “{new_id}”", **renamed),
    )  # fmt: skip


def _provenance(
    stacked: Mapping[str, pl.DataFrame], before: Mapping[str, pl.DataFrame], packages: Mapping[str, Shared]
) -> pl.DataFrame:
    """A row a record and dataset: ``table``, ``id``, ``package``; a dataset that was itself a sum is ``sum/part``."""
    found = []
    for name in before:
        now = stacked[name].select(FROM, record_key(schema().tables[name]).alias("id"))
        rows = now.select(pl.lit(name).alias("table"), "id", pl.col(FROM).alias("package")).with_columns(
            before[name]["key"].alias("_old")
        )
        found.append(rows)
    direct = pl.concat(found)
    parts = [direct.drop("_old")]
    for label, package in packages.items():
        if package.provenance is not None:
            nested = direct.filter(pl.col("package") == label).join(
                package.provenance.rename({"package": "_part"}), left_on=["table", "_old"], right_on=["table", "id"]
            )
            parts.append(nested.select("table", "id", pl.concat_str(pl.lit(f"{label}/"), "_part").alias("package")))
    return pl.concat(parts).unique().sort("table", "id", "package")


def _totals(stacked: Mapping[str, pl.DataFrame], tables: Mapping[str, pl.DataFrame]) -> list[dict[str, Any]]:
    """Records and figures: in the datasets, in the sum, and the difference that overlaps make, to the last digit."""
    found = []
    for name in COUNTED:
        given, kept = stacked[name], tables[name]
        found.append(
            {"figure": name, "given": given.height, "met_again": given.height - kept.height, "total": kept.height}
        )
        for column in SUMS.get(name, ()):
            given_sum, kept_sum = (round(math.fsum(f[column].drop_nulls().to_list()), 6) for f in (given, kept))
            found.append({"figure": f"{name}.{column}", "given": given_sum, "met_again": round(given_sum - kept_sum, 6), "total": kept_sum})  # fmt: skip
    return found
