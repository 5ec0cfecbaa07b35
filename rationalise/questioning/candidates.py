"""The answers that could be asked for in a portfolio, and what each would settle of each application.

Columnar: one row an application and answer. An answer fills what is unknown and nothing else, with the
value the analysis presumes; what the inventory knows stays. An application that inherits from
production is covered with it, since what is unknown of one is unknown of both.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from inventory.package import Package
from rationalise.inheritance import NO_REAL_DATA
from rationalise.questioning.kinds import Kind, kinds
from rationalise.questioning.space import SIGNED
from rationalise.sensitivity import PRESUMED, line

ART31 = ("secret_protege", "mission_essentielle", "atteinte")
EVERYWHERE = "*"
"""The subject of a perimeter declared over everything, where some application has no known organisation."""

ABOUT = ("kind", "subject", "organisation_id", "function", "told")
"""What is said of an answer."""


@dataclass(frozen=True)
class Candidates:
    """What could be answered.

    ``rows``: ``id`` (application), ``answer``, and one text column an attribute, what the answer would fill.
    ``answers``: ``answer``, ``kind``, ``subject``, ``organisation_id``, and of a family its ``function`` and
    ``told``, the known facts that set it apart (``attribute=value``, joined by ``,``).
    """

    rows: pl.DataFrame
    answers: pl.DataFrame


def candidates(dataset: Package, now: pl.DataFrame, own: pl.DataFrame, pairs: pl.DataFrame) -> Candidates:
    """Every answer that would settle something.

    Args:
        dataset: the inventory.
        now: ``id`` and what is known of each attribute, inherited values included.
        own: the same before anything is inherited.
        pairs: ``id``, ``production_id``: who inherits from whom.
    """
    names = now.columns[1:]
    facts = now.join(dataset["applications"].select("id", "organisation_id", "function", "users",
                                                    _harm=pl.col("atteinte").cast(pl.String)), on="id")  # fmt: skip
    lines = _lines(dataset)
    parts = []
    for kind in kinds().values():
        if kind.id == "perimeter":
            parts.append(_filled(kind, _perimeters(facts, lines), names))
        elif kind.scope == "family":
            parts.append(_families(kind, facts, names))
        elif kind.scope == "platform":
            parts.append(_filled(kind, _platforms(kind, dataset, facts), names))
        elif kind.scope == "application":
            alone = facts.filter(pl.col("organisation_id").is_null()).with_columns(subject=pl.col("id"))
            parts.append(_filled(kind, alone, names))
        elif kind.kind == "fictitious":
            parts.append(_fictitious(kind, facts, own, pairs, names))
        else:
            there = facts.filter(pl.col("organisation_id").is_not_null())
            parts.append(_filled(kind, there.with_columns(subject=pl.col("organisation_id")), names))
    rows = _with_production(pl.concat(parts), pairs, now)
    answers = rows.select("answer", *ABOUT).unique("answer", maintain_order=True)
    return Candidates(rows.select("id", "answer", *names), answers)


def _lines(dataset: Package) -> pl.DataFrame:
    """``organisation_id``, ``above``: every organisation with itself and whoever is above it."""
    parents = dict(dataset["organisations"].select("id", "parent_id").iter_rows())
    pairs = [(o, a) for o in sorted(parents) for a in sorted(line(o, parents))]
    return pl.DataFrame(pairs, schema={"organisation_id": pl.String, "above": pl.String}, orient="row")


def _perimeters(facts: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    within = facts.join(lines, on="organisation_id").with_columns(
        subject=pl.col("above"), organisation_id=pl.col("above")
    )
    roots = lines.group_by("organisation_id").agg(pl.len()).filter(pl.col("len") == 1)
    if facts["organisation_id"].is_null().any() and roots.height <= 1:
        # Only a declaration over everything covers what nobody is known to own; of several bodies nobody may make it.
        everywhere = facts.with_columns(subject=pl.lit(EVERYWHERE), organisation_id=pl.lit(None, pl.String))
        return pl.concat([within.drop("above"), everywhere])
    return within.drop("above")


def _platforms(kind: Kind, dataset: Package, facts: pl.DataFrame) -> pl.DataFrame:
    """Applications all of whose servers lie on one cluster, or else one host: that is their subject."""
    place = pl.coalesce("cluster", "host_id")
    on_servers = dataset["deployments"].filter(pl.col("target_kind") == "server")
    alone = (
        on_servers.join(dataset["servers"].select("id", place.alias("subject")), left_on="target_id", right_on="id")
        .group_by(pl.col("application_id").alias("id"))
        .agg(pl.col("subject").drop_nulls().n_unique().alias("_places"), pl.col("subject").is_null().any().alias("_lost"),
             pl.col("subject").min())
        .filter((pl.col("_places") == 1) & ~pl.col("_lost"))
        .select("id", "subject")
    )  # fmt: skip
    # What a platform is said to be must not contradict what is known of an application on it.
    known = [pl.col(n).is_null() | (pl.col(n) == PRESUMED[n]) for n in kind.attributes]
    return facts.join(alone, on="id").filter(pl.all_horizontal(known))


def _families(kind: Kind, facts: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """One sheet for the applications of one organisation and function whose known facts go the same way."""
    told = [
        pl.when(pl.col(n).is_not_null() & (pl.col(n) != PRESUMED[n]))
        .then(pl.format("{}={}", pl.lit(n), pl.col("_harm").fill_null("") if n == "atteinte" else pl.col(n)))
        for n in kind.attributes
    ]  # fmt: skip
    signature = pl.concat_str(told, separator=",", ignore_nulls=True)
    # A family is what one person can answer for at once; without an owner or a function each stands alone.
    function = (
        pl.when(pl.col("organisation_id").is_not_null()).then(pl.coalesce("function", "id")).otherwise(pl.col("id"))
    )
    grouped = facts.filter(
        pl.col("classification").is_null() | ~pl.col("classification").is_in(["secret", "tres_secret"])
    )
    subject = pl.concat_str([pl.col("organisation_id").fill_null(""), function, signature], separator="/")
    return _filled(kind, grouped.with_columns(subject=subject, told=signature), names)


def _fictitious(
    kind: Kind, facts: pl.DataFrame, own: pl.DataFrame, pairs: pl.DataFrame, names: list[str]
) -> pl.DataFrame:
    """Signed, the application is worth what it is: its own values, where it inherited others."""
    heirs = facts.filter(pl.col("id").is_in(pairs["id"].to_list()) & pl.col("organisation_id").is_not_null())
    itself = heirs.select("id").join(own, on="id", how="left", maintain_order="left")
    filled = [
        pl.lit(NO_REAL_DATA[n]).alias(n) if n in NO_REAL_DATA
        else pl.when(itself[n].is_not_null() & (itself[n] != heirs[n].fill_null(""))).then(itself[n]).alias(n)
        for n in names
    ]  # fmt: skip
    return heirs.with_columns(subject=pl.col("organisation_id")).select(
        "id", _named(kind), *_about(kind, heirs), *filled
    )


def _filled(kind: Kind, rows: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """What an answer of a kind fills of each row: the presumed value, where nothing is known."""
    values = {n: pl.lit(None, pl.String) for n in names}
    for name in kind.attributes:
        values[name] = pl.when(pl.col(name).is_null()).then(pl.lit(PRESUMED[name]))
    if set(ART31) <= set(kind.attributes):
        values[SIGNED] = pl.when((pl.col(SIGNED) != "signed").fill_null(True)).then(pl.lit("signed"))
    filled = rows.select(
        "id", _named(kind), *_about(kind, rows), *(value.alias(n) for n, value in values.items())
    )  # fmt: skip
    return filled.filter(pl.any_horizontal(pl.col(n).is_not_null() for n in names))


def _about(kind: Kind, rows: pl.DataFrame) -> list[pl.Expr]:
    family = "told" in rows.columns
    return [
        pl.lit(kind.id).alias("kind"),
        pl.col("subject"),
        pl.col("organisation_id"),
        (pl.col("function") if family else pl.lit(None, pl.String)).alias("function"),
        (pl.col("told") if family else pl.lit(None, pl.String)).alias("told"),
    ]


def _named(kind: Kind) -> pl.Expr:
    return pl.format("{}:{}", pl.lit(kind.id), pl.col("subject")).alias("answer")


def _with_production(rows: pl.DataFrame, pairs: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Leave out an heir from an answer that would leave unknown, of production, what it fills of the heir."""
    if pairs.height == 0:
        return rows
    names = now.columns[1:]
    wanted = rows.filter(pl.col("kind") != "fictitious").join(pairs, on="id")
    covered = rows.select(pl.col("id").alias("production_id"), "answer")
    alone = wanted.join(covered, on=["production_id", "answer"], how="anti")
    above = alone.join(now.rename({n: f"_{n}" for n in names}), left_on="production_id", right_on="id")
    unsigned = {
        n: (pl.col(f"_{n}") != "signed").fill_null(True) if n == SIGNED else pl.col(f"_{n}").is_null() for n in names
    }
    short = above.filter(pl.any_horizontal(pl.col(n).is_not_null() & unsigned[n] for n in names))
    return rows.join(short.select("id", "answer").unique(), on=["id", "answer"], how="anti", maintain_order="left")
