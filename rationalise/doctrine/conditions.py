"""Conditions compiled once, to columnar expressions: never a loop per row.

Over columns with unknowns the answer is three-valued (Kleene): an unknown attribute makes it unknown
unless another one settles it. The doctrine's own rules are read by :mod:`rationalise.doctrine.signals`,
all at once; a condition here is one expression over any table.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import reduce
from operator import and_, or_
from typing import Literal

import polars as pl

from rationalise.doctrine.models import Attribute, Condition, Presumption

ASSESSED = "evaluation_art31"
NEVER, ALWAYS = pl.lit(False), pl.lit(True)


def compile_condition(when: Condition | Literal["always"]) -> pl.Expr:
    """A ``when`` mapping as a boolean expression over the columns of profiles.

    Polars' own logic is Kleene's: over columns with nulls the expression is three-valued, over
    columns without it is two-valued.
    """
    if when == "always":
        return ALWAYS
    assert not isinstance(when, str)
    parts = []
    for name, values in when.items():
        if isinstance(values, Mapping):
            parts.append(reduce(or_, (pl.col(n).is_in(v) for n, v in values.items()), NEVER))
        else:
            parts.append(pl.col(name).is_in(list(values)))
    return reduce(and_, parts, ALWAYS)


def presumed(
    attributes: Mapping[str, Attribute], presumptions: Sequence[Presumption], profiles: pl.DataFrame
) -> pl.DataFrame:
    """Profiles with the presumptions applied one after the other, unknown still unknown.

    ``evaluation_art31`` unknown is worth none, hence the presumption that a negative answer counts
    only when signed; a signed assessment that says otherwise is stronger than a presumption of
    kind ``unless_signed``. Columns of text or of closed lists, left as they are.
    """
    for presumption in presumptions:
        holds = reduce(and_, (_presumes(attributes, n, v) for n, v in presumption.when.items()), ALWAYS)
        filled = []
        for name, value in presumption.then.items():
            applies = holds
            if presumption.unless_signed:
                signed = (pl.col(ASSESSED) == "signed").fill_null(False) & pl.col(name).is_not_null()
                applies = holds & ~signed
            kept = pl.lit(value, profiles.schema[name])
            filled.append(pl.when(applies).then(kept).otherwise(pl.col(name)).alias(name))
        profiles = profiles.with_columns(filled)
    return profiles


def _presumes(attributes: Mapping[str, Attribute], name: str, values: Collection[str]) -> pl.Expr:
    # An assessment nobody knows of is no assessment; of any other attribute, unknown presumes nothing.
    column = pl.col(name)
    unknown = name == ASSESSED and attributes[name].unknown_as in values
    return reduce(or_, (column == value for value in values), NEVER).fill_null(unknown)
