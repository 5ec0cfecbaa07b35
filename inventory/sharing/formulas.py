"""Texts that a spreadsheet would run as formulas are made inert by an apostrophe, and given back as they were."""

from __future__ import annotations

import polars as pl

GUARD = "'"
_RUNS = r"^('*[=+\-@\t\r].*)"
_GUARDED = r"^'('*[=+\-@\t\r])"


def guarded(frame: pl.DataFrame) -> pl.DataFrame:
    """*frame* with an apostrophe before each text that begins, apostrophes aside, as a formula does."""
    return frame.with_columns(pl.col(pl.String).str.replace(f"(?s){_RUNS}", "'$1"))


def unguarded(frame: pl.DataFrame) -> pl.DataFrame:
    """The inverse of :func:`guarded`: one apostrophe less where it stands before a formula's first character."""
    return frame.with_columns(pl.col(pl.String).str.replace(f"(?s){_GUARDED}", "$1"))
