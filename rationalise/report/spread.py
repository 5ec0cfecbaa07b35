"""The report's section on what comes through links: cuts assumed, links that raise, decisions to sign again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from inventory.language import language
from inventory.package import Package
from rationalise.language import _
from rationalise.propagation.hubs import hub_words
from rationalise.report.tables import Cut, Row, cut

LINES = 30
"""Lines shown of each list."""
NEEDED = ("cuts", "raising_flows", "signatures", "shared_places", "inherited")


def spread_section(proposal: Package, summary: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the section shows, or None of a proposal that has none of its tables."""
    if any(name not in proposal.tables for name in NEEDED):
        return None
    cuts = proposal["cuts"]
    return {
        "figures": summary.get("propagation", {}),
        "hubs": cut(_hubs(cuts), LINES),
        "other": cut(_by_word(cuts), LINES),
        "decisions": cut(_decided(cuts), LINES),
        "raising": cut(_raising(proposal["raising_flows"]), LINES),
        "signatures": cut(proposal["signatures"].to_dicts(), LINES),
        "mixed": _mixed(proposal["shared_places"]),
    }


def _hubs(cuts: pl.DataFrame) -> list[Row]:
    """Links cut because one end is a hub, a line a hub."""
    kinds = {h.id: h.title for h in hub_words().hubs}
    counted = (
        cuts.filter(pl.col("hub_id").is_not_null())
        .group_by("hub_id", "reason", "how", "state")
        .agg(links=pl.len())
        .sort("links", "hub_id", descending=[True, False])
        .to_dicts()
    )
    for row in counted:
        title = kinds.get(row["reason"].removeprefix("hub:"))
        row["kind"] = getattr(title, language()) if title else row["reason"]
        row["how_name"] = how_name(row["how"])
    return counted


def _by_word(cuts: pl.DataFrame) -> list[Row]:
    """Links cut because their nature bears no data, a line a nature."""
    listed = cuts.filter((pl.col("how") == "nature") & pl.col("hub_id").is_null())
    return (
        listed.group_by(nature=pl.col("reason").str.strip_prefix("nature:"))
        .agg(links=pl.len())
        .sort("links", "nature", descending=[True, False])
        .to_dicts()
    )


def _decided(cuts: pl.DataFrame) -> list[Row]:
    listed = cuts.filter(pl.col("reason").str.starts_with("cut:")).sort("how", "state", "via", "source_id", "target_id")
    return [{**r, "state_name": state_name(r["state"]), "means": means_name(r["reason"])} for r in listed.to_dicts()]


def _raising(flows: pl.DataFrame) -> list[Row]:
    return [{**r, "attributes": (r["attributes"] or "").split("|")} for r in flows.sort("rank").to_dicts()]


def _mixed(places: pl.DataFrame) -> Cut:
    listed = places.filter(pl.col("mixed").fill_null(False) & pl.col("kind").is_in(["server", "host", "database"]))
    rows = listed.sort("applications", "kind", "id", descending=[True, False, False]).to_dicts()
    return cut([{**r, "kind_name": place_name(r["kind"])} for r in rows], LINES)


def place_name(code: str) -> str:
    """What applications share."""
    return {"server": _("server"), "host": _("host"), "database": _("database")}[code]


def how_name(code: str) -> str:
    """How a hub was recognised; a decision is named by its file."""
    return {"function": _("its function"), "name": _("its name"), "flows": _("its flows")}.get(code, code)


def state_name(code: str) -> str:
    """The state of a cut."""
    return {
        "assumed": _("assumed"),
        "signed": _("signed"),
        "unsigned": _("not signed: cuts nothing"),
        "expired": _("expired: cuts nothing"),
        "to_sign_again": _("to be signed again: this link passes"),
        "no_such_link": _("no such link in the inventory"),
    }.get(code, code)


def means_name(reason: str) -> str:
    """What a signed cut relies on."""
    return {
        "cut:anonymised_flow": _("anonymised flow"),
        "cut:one_way_diode": _("one-way diode"),
        "cut:separate_database": _("separate database"),
    }.get(reason, reason)
