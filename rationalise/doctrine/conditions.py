"""Conditions compiled once, to columnar expressions: never a loop per row.

Two readings of the same ``when`` mapping. *Closed*: unknown has already been replaced by the value
that closes, so the answer is yes or no. *Three-valued* (Kleene): an unknown attribute makes the
answer unknown unless another one settles it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import reduce
from operator import and_, or_
from typing import Literal

import polars as pl

from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.models import Condition

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


def presumed(doctrine: Doctrine, profiles: pl.DataFrame) -> pl.DataFrame:
    """Profiles with the presumptions applied, unknown still unknown.

    ``evaluation_art31`` unknown is worth none, hence the presumption that a negative answer counts
    only when signed; a signed assessment that says otherwise is stronger than a presumption of
    kind ``unless_signed``.
    """
    for presumption in doctrine.presumptions:
        holds = reduce(and_, (_presumes(doctrine, n, v) for n, v in presumption.when.items()), ALWAYS)
        for name, value in presumption.then.items():
            applies = holds
            if presumption.unless_signed:
                signed = (pl.col("evaluation_art31") == "signed").fill_null(False) & pl.col(name).is_not_null()
                applies = holds & ~signed
            profiles = profiles.with_columns(pl.when(applies).then(pl.lit(value)).otherwise(pl.col(name)).alias(name))
    return profiles


def closed(doctrine: Doctrine, profiles: pl.DataFrame) -> pl.DataFrame:
    """Profiles with every unknown replaced by the value that closes; blocking ones stay unknown."""
    return profiles.with_columns(
        pl.col(a.name).fill_null(a.unknown_as) for a in doctrine.attributes.values() if a.unknown_as is not None
    )


def _presumes(doctrine: Doctrine, name: str, values: Collection[str]) -> pl.Expr:
    # An assessment nobody knows of is no assessment; of any other attribute, unknown presumes nothing.
    column = pl.col(name)
    if name == "evaluation_art31":
        column = column.fill_null(doctrine.attributes[name].unknown_as)
    return column.is_in(list(values)).fill_null(False)
