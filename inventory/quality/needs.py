"""What the analysis needs of each application and does not know, from a data file that says why and whom to ask."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import BaseModel, ConfigDict

from inventory.documents import read_document
from inventory.language import _, language
from inventory.package import Package
from inventory.problems import Problem, Severity

NEEDS_FILE = Path(__file__).parent.parent / "data/needs.yaml"
CODE = "PKG-005"
SERVERS = "servers"
"""The need that no column holds: at least one server."""


class Part(BaseModel):
    """Base of the data file's entries: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Why(Part):
    """A reason in both languages."""

    fr: str
    en: str

    def __str__(self) -> str:
        return self.fr if language() == "fr" else self.en


class Need(Part):
    """A fact the analysis needs: what it decides, why, and who can say it."""

    field: str
    decides: Literal["sovereignty", "legality", "feasibility", "value"]
    whom: Literal["owner", "organisation", "aqssi", "data_administrator"]
    why: Why


class Needs(Part):
    """The data file, as it is written."""

    read_on: date
    needs: tuple[Need, ...]
    maturity: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]]
    environments: dict[str, tuple[str, ...]]
    ram_overcommit: float
    stale_after_days: int

    def by_field(self) -> dict[str, Need]:
        """The needs by their field, in the order of the file."""
        return {need.field: need for need in self.needs}


@lru_cache
def needs() -> Needs:
    """The data file shipped beside the code."""
    return read_document(NEEDS_FILE, Needs, code=CODE)


def whom(role: str) -> str:
    """The role that answers, in words."""
    return {
        "owner": _("business owner"),
        "organisation": _("IT department"),
        "aqssi": _("AQSSI"),
        "data_administrator": _("data administrator"),
    }[role]


def unknown(dataset: Package) -> pl.DataFrame:
    """``applications`` as booleans: ``id``, ``organisation_id``, and a column a need, true where it is not known.

    The kind of entity counts as known where the application's organisation says it.
    """
    said = dataset["organisations"].filter(pl.col("entity_kind").is_not_null() | pl.col("kind").is_not_null())
    sized = pl.col("id").is_in(dataset["deployments"]["application_id"].unique().to_list())
    gaps: dict[str, pl.Expr] = {}
    for need in needs().needs:
        gaps[need.field] = ~sized if need.field == SERVERS else pl.col(need.field).is_null()
    by_organisation = pl.col("organisation_id").is_in(said["id"].to_list()).fill_null(False)
    gaps["entity_kind"] = gaps["entity_kind"] & ~by_organisation
    return dataset["applications"].select("id", "organisation_id", *(gap.alias(name) for name, gap in gaps.items()))


def completeness(dataset: Package) -> pl.DataFrame:
    """What the analysis needs of each application and does not know: ``id``, ``missing``, ``completeness``.

    ``missing`` is a list, what decides sovereignty first; ``completeness`` is the known share of the needs, 0 to 1.
    """
    gaps = unknown(dataset)
    names = [need.field for need in needs().needs]
    listed = pl.concat_list(pl.when(pl.col(name)).then(pl.lit(name)) for name in names).list.drop_nulls()
    known = 1 - pl.sum_horizontal(pl.col(name) for name in names) / len(names)
    return gaps.select("id", listed.alias("missing"), known.round(3).alias("completeness"))


def unknown_facts(dataset: Package) -> Iterator[Problem]:
    """What decides sovereignty and is unknown: one note a fact, with the share of applications."""
    gaps = unknown(dataset)
    for need in needs().needs:
        count = int(gaps[need.field].sum())
        if count and need.decides == "sovereignty":
            share = round(100 * count / gaps.height)
            yield Problem(
                code="INV-054", severity=Severity.INFO, file="dataset/applications.csv", field=need.field, value=str(count),
                message=_.plural("{field} is unknown for {n} application ({share} %)",
                                 "{field} is unknown for {n} applications ({share} %)", count, field=need.field, share=share),
                hint=str(need.why),
            )  # fmt: skip
