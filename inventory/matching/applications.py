"""What is compared of two applications: names without what does not tell, organisations, function, age."""

from __future__ import annotations

import polars as pl

from inventory.linking import folded
from inventory.matching.servers import with_likeness
from inventory.readers.records import slugged

EMPTY_WORDS = r"\b(si|s i|application|appli|projet|programme|systeme|d information|outil|portail|logiciel|de|du|des|la|le|les|l|d|et)\b"
VERSION = r"\s+(?:v|version|phase|cycle|lot|tranche)?\s*((?:\d+(?:\.\d+)*)|i{1,3}|iv|v)$"
CLOSE = 90
"""Likeness of two names, of 100, from which they are called close."""


def profile(applications: pl.DataFrame) -> pl.DataFrame:
    """What is compared of each application; ``id`` first, a row an application, in the order given."""
    plain = (
        pl.col("name").str.normalize("NFKD").str.replace_all(r"\p{M}", "").str.to_lowercase()
        .str.replace_all(r"[^a-z0-9.]+", " ").str.strip_chars()
    )  # fmt: skip
    core = (
        plain.str.replace(VERSION, "")
        .str.replace_all(EMPTY_WORDS, " ")
        .str.replace_all(r"[^a-z0-9]+", " ")
        .str.strip_chars()
    )
    made = (pl.col("id") == slugged(pl.col("name"))) | (
        pl.col("id") == slugged(pl.concat_str(["organisation_id", "name"], separator="-", ignore_nulls=True))
    )
    return applications.select(
        "id",
        folded("name").alias("_name"),
        pl.when(core != "").then(core).alias("_core"),
        plain.str.extract(VERSION).alias("_version"),
        pl.when(~made.fill_null(False)).then("id").alias("_code"),
        *(pl.col(c).str.to_lowercase().str.strip_chars().alias(f"_{c}") for c in ("organisation_id", "function")),
        pl.col("started").dt.year().alias("_started"),
    )


def compared(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """The level observed for every term of some pairs; null where one of the two does not know."""
    from rapidfuzz.fuzz import token_sort_ratio

    pairs = pl.concat([left, right.rename({c: c + "_r" for c in right.columns})], how="horizontal")
    pairs = with_likeness(pairs, "_core", "_like", token_sort_ratio)
    bare = (pl.col("_core").str.replace_all(" ", "") == pl.col("_core_r").str.replace_all(" ", "")).fill_null(False)
    versions = (pl.col("_version") != pl.col("_version_r")).fill_null(False)
    name = (
        pl.when(pl.col("_name").is_null() | pl.col("_name_r").is_null()).then(pl.lit(None, pl.String))
        .when(pl.col("_name") == pl.col("_name_r")).then(pl.lit("exact"))
        .when(bare & versions).then(pl.lit("version"))
        .when(bare).then(pl.lit("core"))
        .when((pl.col("_like") >= CLOSE) & ~versions).then(pl.lit("close"))
        .otherwise(pl.lit("differs"))
    )  # fmt: skip
    coded = pl.col("_code").is_not_null() & pl.col("_code_r").is_not_null()
    return pairs.select(
        pl.lit(False).alias("contradiction"),
        name.alias("name"),
        pl.when(coded).then(pl.lit("differs")).alias("code"),
        *(_equal(c).alias(n) for c, n in (("_organisation_id", "organisation"), ("_function", "function"), ("_started", "started"))),
    )  # fmt: skip


def _equal(column: str) -> pl.Expr:
    same = pl.col(column) == pl.col(column + "_r")
    return pl.when(same).then(pl.lit("same")).when(~same).then(pl.lit("differs"))


def keys(profiles: pl.DataFrame) -> list[pl.DataFrame]:
    """What may bring two applications together: the name, what is left of it, and each of its words."""
    rows = profiles.with_row_index("_i")
    words = rows.select("_i", pl.col("_core").str.split(" ").alias("key")).explode("key")
    return [
        rows.select("_i", pl.col("_name").alias("key")).drop_nulls(),
        rows.select("_i", pl.col("_core").str.replace_all(" ", "").alias("key")).drop_nulls(),
        words.drop_nulls().filter(pl.col("key").str.len_chars() > 3).unique(),
    ]
