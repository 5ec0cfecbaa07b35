"""From scored pairs to groups that hold together: mutual bests, one record a source, never two contradicting identifiers."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

import polars as pl

from inventory.matching import applications, servers
from inventory.matching.weights import Weights, weights

KINDS: dict[str, ModuleType] = {"servers": servers, "applications": applications}
"""What is compared, by table."""
ROUNDS = 12
PAIR = ["left", "right"]


@dataclass(frozen=True)
class Matches:
    """What is the same and what a person must see.

    ``same``: ``left``, ``right`` (identifiers of records), ``score``; ``review``: the same with a column a term, which
    holds the level observed.
    """

    same: pl.DataFrame
    review: pl.DataFrame


class Scorer:
    """Scores pairs of the records of a table."""

    def __init__(self, table: str, records: pl.DataFrame, sources: pl.DataFrame) -> None:
        self.kind, self.weights = KINDS[table], weights(table)
        profiles: pl.DataFrame = self.kind.profile(records)
        if table == "servers":
            profiles = servers.with_rarity(profiles, sources)
        self.profiles = profiles

    def candidates(self, sources: pl.DataFrame) -> pl.DataFrame:
        """Pairs worth comparing, of records that no source says both: ``left``, ``right`` (rows, left first)."""
        found = [pl.DataFrame(schema={"left": pl.UInt32, "right": pl.UInt32})]
        for key in self.kind.keys(self.profiles):
            block = key.filter(pl.len().over("key").is_between(2, self.weights.block))
            pairs = block.join(block, on="key", suffix="_r").filter(pl.col("_i") < pl.col("_i_r"))
            found.append(pairs.select(pl.col("_i").alias("left"), pl.col("_i_r").alias("right")).unique())
        every = pl.concat(found).unique()
        # One record a source: two records that the same source tells apart are two things.
        who = self.profiles.select("id").with_row_index("_i").join(sources, on="id").select("_i", "source")
        both = every.join(who, left_on="left", right_on="_i").join(
            who, left_on=["right", "source"], right_on=["_i", "source"], how="semi"
        )
        told_apart: pl.DataFrame = every.join(both, on=PAIR, how="anti")
        return told_apart

    def scored(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """*pairs* with the level of every term, ``score`` in bits, and ``zone``: same, review or different."""
        w: Weights = self.weights
        if pairs.height == 0:
            terms: pl.DataFrame = self.kind.compared(self.profiles.head(0), self.profiles.head(0))
        else:
            terms = self.kind.compared(self.profiles[pairs["left"]], self.profiles[pairs["right"]])
        whole = pl.concat([pairs, terms], how="horizontal").with_columns(w.score().alias("score"))
        zone = (
            pl.when(pl.col("contradiction")).then(pl.lit("different"))
            .when((pl.col("score") >= w.same) & ~w.cap()).then(pl.lit("same"))
            .when((pl.col("score") >= w.review) | w.floor()).then(pl.lit("review"))
            .otherwise(pl.lit("different"))
        )  # fmt: skip
        zoned: pl.DataFrame = whole.with_columns(zone.alias("zone"))
        return zoned


def match(table: str, records: pl.DataFrame, sources: pl.DataFrame, decided: pl.DataFrame) -> Matches:
    """Which records of a table are the same thing.

    Args:
        table: ``servers`` or ``applications``.
        records: the table's rows.
        sources: ``id``, ``source``: who says each record.
        decided: ``left``, ``right`` (identifiers), ``decision`` (``same`` or ``different``): what people settled.

    Returns:
        The pairs that are the same, which hold together when put in groups, and those to review.
    """
    scorer = Scorer(table, records, sources)
    ids = scorer.profiles.select("id").with_row_index("_i")
    scored = scorer.scored(scorer.candidates(sources))
    settled = _rows_of(decided, ids)
    forced = settled.filter(pl.col("decision") == "same").select(PAIR)
    apart = settled.filter(pl.col("decision") == "different").select(PAIR)
    group = _joined(ids.select("_i", pl.col("_i").alias("group")), forced)
    possible = scored.filter(pl.col("zone") != "different").join(apart, on=PAIR, how="anti")
    sure = possible.filter(pl.col("zone") == "same").select(*PAIR, "score")
    merged = [forced.with_columns(pl.lit(None, pl.Float64).alias("score"))]
    who = ids.join(sources, on="id").select("_i", "source")
    doubtful = pl.DataFrame(schema={"left": pl.UInt32, "right": pl.UInt32})
    for _round in range(ROUNDS):
        best, unclear = _bests(sure, group, who, scorer.weights.margin)
        doubtful = pl.concat([doubtful, unclear])
        held = _holding(best, group, scorer, apart)
        sure = sure.join(best.join(held, on=PAIR, how="anti"), on=PAIR, how="anti").join(unclear, on=PAIR, how="anti")
        if held.height == 0 and best.height == 0:
            break
        merged.append(held.select(*PAIR, "score"))
        group = _joined(group, held.select(PAIR))
    same = pl.concat(merged)
    review = possible.join(_grouped(possible.select(PAIR), group), on=PAIR, how="semi")
    return Matches(_named(same, ids), _named(review, ids).sort("score", *PAIR, descending=[True, False, False]))


def _rows_of(decided: pl.DataFrame, ids: pl.DataFrame) -> pl.DataFrame:
    found = decided.join(ids.rename({"id": "left", "_i": "a"}), on="left").join(
        ids.rename({"id": "right", "_i": "b"}), on="right"
    )
    pairs = found.filter(pl.col("a") != pl.col("b"))
    return pairs.select(
        pl.min_horizontal("a", "b").alias("left"), pl.max_horizontal("a", "b").alias("right"), "decision"
    )


def _named(pairs: pl.DataFrame, ids: pl.DataFrame) -> pl.DataFrame:
    return pairs.with_columns(
        ids["id"].gather(pairs["left"]).alias("left"), ids["id"].gather(pairs["right"]).alias("right")
    )


def _groups_of(pairs: pl.DataFrame, group: pl.DataFrame) -> pl.DataFrame:
    of = group["group"]
    return pairs.with_columns(of.gather(pairs["left"]).alias("_g"), of.gather(pairs["right"]).alias("_h"))


def _grouped(pairs: pl.DataFrame, group: pl.DataFrame) -> pl.DataFrame:
    """The pairs that are in two groups."""
    return _groups_of(pairs, group).filter(pl.col("_g") != pl.col("_h")).select(PAIR)


def _joined(group: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """*group* (``_i`` in order, ``group``) with the groups of each pair made one, under the lowest number."""
    while True:
        asked = _groups_of(pairs, group).filter(pl.col("_g") != pl.col("_h"))
        if asked.height == 0:
            return group
        low = asked.select(pl.max_horizontal("_g", "_h").alias("group"), pl.min_horizontal("_g", "_h").alias("_to"))
        low = low.group_by("group").agg(pl.col("_to").min())
        group = group.join(low, on="group", how="left", maintain_order="left").select(
            "_i", pl.coalesce("_to", "group").alias("group")
        )


def _bests(
    sure: pl.DataFrame, group: pl.DataFrame, who: pl.DataFrame, margin: float
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The pairs of groups that are each other's best, and those between which nothing decides.

    Two candidates are rivals where one source says both: then only one of them can be the same.
    """
    asked = _groups_of(sure, group).filter(pl.col("_g") != pl.col("_h"))
    asked = asked.with_columns(pl.min_horizontal("_g", "_h").alias("_g"), pl.max_horizontal("_g", "_h").alias("_h"))
    tops = asked.sort("score", *PAIR, descending=[True, False, False]).unique(
        ["_g", "_h"], keep="first", maintain_order=True
    )
    said = who.join(group, on="_i").select(pl.col("group").alias("_other"), "source").unique()
    ways = pl.concat([
        tops.select(*PAIR, "score", pl.col(a).alias("_own"), pl.col(b).alias("_other")) for a, b in (("_g", "_h"), ("_h", "_g"))
    ])  # fmt: skip
    place = ways.join(said, on="_other").with_columns(
        pl.col("score").max().over("_own", "source").alias("_top"),
        (pl.col("score") >= pl.col("score").max().over("_own", "source") - margin)
        .sum()
        .over("_own", "source")
        .alias("_near"),
    )
    unclear = place.filter((pl.col("_near") > 1) & (pl.col("score") >= pl.col("_top") - margin)).select(PAIR).unique()
    beaten = place.filter(pl.col("score") < pl.col("_top") - margin).select(PAIR).unique()
    left = tops.join(unclear, on=PAIR, how="anti").join(beaten, on=PAIR, how="anti")
    lone = left.filter(
        (pl.col("score").rank("ordinal", descending=True).over("_g") == 1)
        & (pl.col("score").rank("ordinal", descending=True).over("_h") == 1)
    )
    # A group is in one pair a round, whichever side it stands on.
    ends = pl.concat([lone.select(*PAIR, "score", pl.col(c).alias("_e")) for c in ("_g", "_h")])
    first = ends.sort("score", *PAIR, descending=[True, False, False]).with_columns(
        (pl.int_range(pl.len()).over("_e") == 0).alias("_first")
    )
    alone = first.group_by(PAIR).agg(pl.col("_first").all(), pl.col("score").first()).filter("_first")
    return alone.select(*PAIR, "score").sort(PAIR), unclear


def _holding(best: pl.DataFrame, group: pl.DataFrame, scorer: Scorer, apart: pl.DataFrame) -> pl.DataFrame:
    """The pairs whose two groups hold together: every record of one with every record of the other."""
    pairs = _groups_of(best, group)
    members = group.rename({"_i": "_m"})
    crossed = (
        pairs.join(members, left_on="_g", right_on="group").rename({"_m": "_a"})
        .join(members, left_on="_h", right_on="group").rename({"_m": "_b"})
        .select(pl.col("left").alias("_l"), pl.col("right").alias("_r"),
                pl.min_horizontal("_a", "_b").alias("left"), pl.max_horizontal("_a", "_b").alias("right"))
    )  # fmt: skip
    wrong = scorer.scored(crossed.select(PAIR).unique()).filter(pl.col("zone") == "different").select(PAIR)
    refused = crossed.join(pl.concat([wrong, apart]).unique(), on=PAIR, how="semi")
    return best.join(
        refused.select(pl.col("_l").alias("left"), pl.col("_r").alias("right")).unique(), on=PAIR, how="anti"
    )
