"""The quality of a dataset in words: problems, levels of maturity, the first questions to ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from inventory.dataset import schema
from inventory.language import _, language
from inventory.problems import Problem, render

ASKED = 10
"""Questions that the text shows; JSON and the template hold them all."""


def tell(problems: Sequence[Problem], levels: pl.DataFrame, asked: pl.DataFrame, known: pl.DataFrame) -> Iterator[str]:
    """The lines of ``check``.

    Args:
        problems: from :func:`inventory.checking.check_dataset`.
        levels: from :func:`inventory.quality.maturity.maturity`.
        asked: from :func:`inventory.quality.asking.questions`.
        known: from :func:`inventory.quality.needs.completeness`.
    """
    yield render(problems) if problems else _("nothing is wrong")
    if known.height:
        yield ""
        yield _(
            "Completeness: {share} % known of what the analysis needs", share=_percent(known["completeness"].mean())
        )
    held = levels.filter(pl.col("records") > 0)
    if held.height:
        yield ""
        yield _("Maturity, share of records complete at levels 1, 2 and 3:")
        for (table,), rows in held.group_by("table", maintain_order=True):
            shares = [f"{_percent(share):>4} %" for share in rows.sort("level")["share"]]
            yield f"  {schema().tables[str(table)].title[language()]:18}" + " ".join(shares)
    if asked.height:
        yield ""
        yield _("Questions to ask first:")
        for row in asked.head(ASKED).iter_rows(named=True):
            yield "  " + _.plural("{n} application", "{n} applications", row["applications"]) + " · " + _(
                "{text}: ask {whom} of {organisation} ({why})",
                text=row["text"], whom=row["whom"], organisation=row["organisation"] or "—", why=row["why"],
            )  # fmt: skip
        left = asked.height - ASKED
        if left > 0:
            yield _.plural("  … and {n} more question: --json, or francecloud template",
                           "  … and {n} more questions: --json, or francecloud template", left)  # fmt: skip


def _percent(share: object) -> int:
    return round(100 * float(str(share)))
