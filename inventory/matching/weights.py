"""How much each observation weighs, and where the zones begin: data, with its source."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import log2
from pathlib import Path

import polars as pl

DATA = Path(__file__).parent.parent / "data/matching.json"


@dataclass(frozen=True)
class Weights:
    """The weights of a table, in bits; ``prior`` is that of two records before anything is compared.

    ``capped``: for a term, the levels under which a pair is never better than "to review", each with the term whose
    agreement lifts that ("" where nothing does). ``seen``: for a term, the levels under which a person must see the pair
    whatever the rest says.
    """

    prior: float
    same: float
    review: float
    margin: float
    block: int
    bits: Mapping[str, Mapping[str, float]]
    capped: Mapping[str, Mapping[str, str]]
    seen: Mapping[str, list[str]]

    def score(self) -> pl.Expr:
        """The score of a pair whose terms hold the name of the level observed; what is unknown weighs nothing."""
        return pl.sum_horizontal(pl.lit(self.prior), *(self.weight(t) for t in self.bits))

    def weight(self, term: str) -> pl.Expr:
        """The weight of a term, in bits; 0 where nothing can be compared."""
        return pl.col(term).replace_strict(dict(self.bits[term]), default=0.0, return_dtype=pl.Float64)

    def cap(self) -> pl.Expr:
        """Whether what was observed forbids more than "to review"."""
        found = [pl.lit(False)]
        for term, levels in self.capped.items():
            for level, unless in levels.items():
                lifted = pl.col(unless).is_null() if unless else pl.lit(True)
                found.append((pl.col(term) == level).fill_null(False) & lifted)
        return pl.any_horizontal(found)

    def floor(self) -> pl.Expr:
        """Whether a person must see the pair, whatever else was observed."""
        return pl.any_horizontal(pl.col(t).is_in(levels).fill_null(False) for t, levels in self.seen.items())


@lru_cache
def weights(table: str) -> Weights:
    """The weights of a table."""
    raw = json.loads(DATA.read_text(encoding="utf-8"))
    own = raw["tables"][table]
    return Weights(
        prior=own["prior"],
        same=own["same"],
        review=own["review"],
        margin=raw["margin"],
        block=raw["block"],
        bits={t: {n: log2(o["m"] / o["u"]) for n, o in levels.items()} for t, levels in own["terms"].items()},
        capped={
            t: {n: o.get("unless", "") for n, o in levels.items() if "at_most" in o}
            for t, levels in own["terms"].items()
        },
        seen={t: [n for n, o in levels.items() if "at_least" in o] for t, levels in own["terms"].items()},
    )
