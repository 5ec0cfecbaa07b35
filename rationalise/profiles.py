"""Distinct profiles: the law is applied once to each, whatever the number of applications."""

from __future__ import annotations

import hashlib

import polars as pl

from rationalise.doctrine.catalogue import Doctrine
from rationalise.sensitivity import Sensitivity


def profiles_of(found: Sensitivity, doctrine: Doctrine) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The distinct profiles of both readings, and which profile each application has.

    Returns:
        ``profiles`` (``id`` and the attributes, sorted by ``id``) and ``applications``
        (``id``, ``profile_id``, ``presumed_profile_id``).
    """
    names = list(doctrine.attributes)
    distinct = pl.concat([found.now.select(names), found.presumed.select(names)]).unique(maintain_order=True)
    identifiers = [_identifier(row) for row in distinct.iter_rows()]
    profiles = distinct.insert_column(0, pl.Series("id", identifiers, dtype=pl.String)).sort("id")
    return profiles, _named(found.now, profiles, names, "profile_id").join(
        _named(found.presumed, profiles, names, "presumed_profile_id"), on="id"
    )


def _named(frame: pl.DataFrame, profiles: pl.DataFrame, names: list[str], column: str) -> pl.DataFrame:
    known = profiles.rename({"id": column})
    return frame.join(known, on=names, how="left", nulls_equal=True, maintain_order="left").select("id", column)


def _identifier(row: tuple[str | None, ...]) -> str:
    """A profile's identifier depends on its values only, so it is the same in every portfolio."""
    text = "\0".join("" if value is None else value for value in row)
    return "P-" + hashlib.sha256(text.encode()).hexdigest()[:12]
