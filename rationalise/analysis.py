"""The analysis, step by step: from the dataset, the decisions and the doctrine to a proposal.

Sensitivity and its propagation → eligibility (once per distinct profile) → obsolescence → usage → treatment → placement →
questions. Pure: the day is a parameter, nothing is read but the arguments, the same input gives the
same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from inventory.package import Package
from rationalise.decisions import Decisions
from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.evaluation import Evaluation, evaluate
from rationalise.duties import duties
from rationalise.gates import gates
from rationalise.obsolescence import application_support, server_support
from rationalise.placement import place, prices_of
from rationalise.profiles import profiles_of
from rationalise.propagation.freeing import alone
from rationalise.propagation.tables import propagation_summary, propagation_tables
from rationalise.proposal import Proposal
from rationalise.questioning.ranking import rank
from rationalise.questioning.table import curve, table
from rationalise.sensitivity import CLASSIFIED, Sensitivity, sensitivity
from rationalise.summary import summarise
from rationalise.treatment import facts, treatments
from rationalise.usage import sizes, usage_classes


def analyse(
    dataset: Package,
    decisions: Decisions,
    doctrine: Doctrine,
    as_of: date,
    settings: Mapping[str, Any] | None = None,
    found: Sensitivity | None = None,
    *,
    questions: bool = True,
) -> Proposal:
    """Analyse an inventory.

    Args:
        dataset: the inventory.
        decisions: what people signed.
        doctrine: the law, the offers, overlays included.
        as_of: the day everything is judged at.
        settings: the workspace's; ``[offers.<id>]`` gives prices and capacities.
        found: the sensitivity of these applications, where it was worked out on a larger inventory.
        questions: whether to rank the questions too; without, that table is empty.

    Raises:
        InvalidInput: the day is before what is modelled (``DOC-010``).
    """
    found = found or sensitivity(dataset, decisions, doctrine, as_of)
    profiles, named = profiles_of(found, doctrine)
    verdicts = _by_profile(evaluate(doctrine, profiles.drop("id"), as_of, offers=list(doctrine.offers)), profiles)
    systems = server_support(dataset, as_of)
    support = application_support(dataset, systems, as_of)
    size = sizes(dataset)
    lawful = _lawful(named, verdicts.tiers, doctrine)
    hosted = _hosted_lawfully(dataset, named, verdicts.offers, doctrine)
    treated = treatments(facts(dataset, support, size, hosted), decisions, as_of)
    movable = _movable(dataset, found, named, treated, size, systems)
    prices = prices_of(settings or {})
    now = place(movable, verdicts.offers, doctrine, as_of, prices)
    presumed = place(_as_presumed(movable, found), verdicts.offers, doctrine, as_of, prices)
    applications = _applications(
        dataset,
        found,
        doctrine,
        [named, lawful, treated, size, support, _chosen(now, presumed), alone(found, doctrine, as_of)],
    )
    chosen = treated.select("id", "treatment").join(now.select("id", "tier", "offer"), on="id", how="left")
    ranking = rank(dataset, decisions, doctrine, as_of, found) if questions else None
    tables = {
        "applications": applications,
        "profiles": profiles,
        "profile_tiers": _published(verdicts.tiers, ["tier"]),
        "profile_offers": _published(verdicts.offers, ["offer", "tier"], ["blocking"]),
        "gates": gates(dataset, named, profiles, chosen, doctrine, as_of),
        "servers": _servers(dataset, systems),
        "rules": _rules(doctrine, verdicts),
        "duties": duties(dataset["applications"], movable, now, profiles, doctrine, as_of, prices),
    }
    if ranking is not None:
        tables["questions"] = table(ranking, found.conflicts)
    effective = applications.select("id", "effective_sensitivity")
    tables |= propagation_tables(dataset, decisions, doctrine, as_of, found, effective)
    summary = {
        **summarise(tables, dataset, decisions, doctrine, as_of),
        "propagation": propagation_summary(tables, decisions, as_of),
    }
    return Proposal(tables, {**summary, "questions": curve(ranking)} if ranking is not None else summary)


def _by_profile(found: Evaluation, profiles: pl.DataFrame) -> Evaluation:
    identifiers = profiles.select(pl.col("id").alias("profile_id")).with_row_index("row")
    return Evaluation(found.tiers.join(identifiers, on="row"), found.offers.join(identifiers, on="row"))


def _lawful(named: pl.DataFrame, tiers: pl.DataFrame, doctrine: Doctrine) -> pl.DataFrame:
    """``id``, ``lawful_now``, ``lawful_if_confirmed``: tiers that nothing denies and no evidence is missing for."""
    order = {tier: t.order for tier, t in doctrine.tiers.items()}
    open_ = (
        tiers.filter((pl.col("verdict") != "denied") & ~pl.col("blocking"))
        .sort(pl.col("tier").replace_strict(order, return_dtype=pl.Int8))
        .group_by("profile_id")
        .agg(pl.col("tier").str.join("|"))
    )
    renamed = {"profile_id": "lawful_now", "presumed_profile_id": "lawful_if_confirmed"}
    result = named
    for column, tier in renamed.items():
        result = result.join(open_.rename({"profile_id": column, "tier": tier}), on=column, how="left")
    return result.select("id", *renamed.values())


def _hosted_lawfully(dataset: Package, named: pl.DataFrame, offers: pl.DataFrame, doctrine: Doctrine) -> pl.DataFrame:
    internal = [o.id for o in doctrine.offers.values() if o.internal]
    there = dataset["applications"].filter(pl.col("offre_actuelle").is_in(internal)).select("id", "offre_actuelle")
    lawful = offers.filter((pl.col("verdict") != "denied") & ~pl.col("blocking")).select("profile_id", "offer")
    return (
        there.join(named, on="id")
        .join(lawful, left_on=["profile_id", "offre_actuelle"], right_on=["profile_id", "offer"], how="semi")
        .select("id")
    )


def _movable(
    dataset: Package,
    found: Sensitivity,
    named: pl.DataFrame,
    treated: pl.DataFrame,
    size: pl.DataFrame,
    systems: pl.DataFrame,
) -> pl.DataFrame:
    """What placement needs to know of each application."""
    linux = (
        dataset["deployments"]
        .filter(pl.col("target_kind") == "server")
        .join(systems.select("id", "product"), left_on="target_id", right_on="id")
        .group_by(pl.col("application_id").alias("id"))
        .agg(
            (pl.col("product").is_not_null() & ~pl.col("product").str.starts_with("windows").fill_null(False))
            .all()
            .alias("linux")
        )
    )
    return (
        dataset["applications"]
        .select("id", "offre_actuelle", "conteneurisable", "sans_etat", "criticality")
        .join(found.hours, on="id")
        .join(named, on="id")
        .join(found.now.select("id", "classification"), on="id")
        .join(treated.select("id", "treatment"), on="id")
        .join(size, on="id", how="left")
        .join(linux, on="id", how="left")
        .sort("id")
    )


def _as_presumed(movable: pl.DataFrame, found: Sensitivity) -> pl.DataFrame:
    return (
        movable.drop("profile_id", "classification")
        .rename({"presumed_profile_id": "profile_id"})
        .join(found.presumed.select("id", "classification"), on="id", how="left", maintain_order="left")
    )


def _chosen(now: pl.DataFrame, presumed: pl.DataFrame) -> pl.DataFrame:
    later = presumed.select("id", pl.col("tier").alias("presumed_tier"), pl.col("offer").alias("presumed_offer"))
    return (
        now.rename({"cost": "cost_after"})
        .join(later, on="id")
        .with_columns(pl.when(pl.col("offer").is_not_null()).then(pl.col("cost_after").is_not_null()).alias("priced"))
    )


def _applications(dataset: Package, found: Sensitivity, doctrine: Doctrine, parts: list[pl.DataFrame]) -> pl.DataFrame:
    frame = dataset["applications"].select(
        "id", "name", "organisation_id", "function", pl.col("cout_run_annuel").alias("cost_before")
    )
    for part in (*parts, found.now.rename({n: f"_{n}" for n in doctrine.attributes})):
        frame = frame.join(part, on="id", how="left")
    names = list(doctrine.attributes)
    classified = pl.col("_classification").is_in(CLASSIFIED).fill_null(False)
    return frame.with_columns(
        # Of a classified system the tool keeps an identifier and nothing else.
        *(pl.when(classified).then(None).otherwise(pl.col(c)).alias(c) for c in ("name", "function", "cost_before")),
        _missing(doctrine).alias("missing"),
        _blocked(classified).alias("blocked_by"),
        _effective().alias("effective_sensitivity"),
        (pl.sum_horizontal(pl.col(f"_{n}").is_not_null() for n in names) / len(names)).round(3).alias("confidence"),
        pl.col("support_state").fill_null("unknown"),
        pl.col("servers").fill_null(0),
    ).drop(f"_{n}" for n in names)


def _missing(doctrine: Doctrine) -> pl.Expr:
    """The attributes whose answer could open a tier, where confirmation would open one."""
    differs = pl.col("lawful_now").fill_null("") != pl.col("lawful_if_confirmed").fill_null("")
    unsigned = pl.col("_evaluation_art31").fill_null("none") != "signed"
    closing = [a.name for a in doctrine.attributes.values() if a.block or a.unknown_as not in ("aucun", "false")]
    parts = [
        pl.when(unsigned if name == "evaluation_art31" else pl.col(f"_{name}").is_null()).then(pl.lit(name))
        for name in closing
    ]
    listed = pl.concat_str(parts, separator="|", ignore_nulls=True)
    return pl.when(differs & (listed != "")).then(listed)


def _blocked(classified: pl.Expr) -> pl.Expr:
    reasons = [
        pl.when(pl.col("_classification").is_null()).then(pl.lit("perimeter_missing")),
        pl.when(classified).then(pl.lit("classified")),
    ]
    listed = pl.concat_str(reasons, separator="|", ignore_nulls=True)
    return pl.when(listed != "").then(listed)


def _effective() -> pl.Expr:
    """The sensitivity that counts, as one word; what is not signed is worth what it might be."""
    signed = (pl.col("_evaluation_art31") == "signed").fill_null(False)
    secret = (pl.col("_secret_protege") == "true").fill_null(False) | (
        pl.col("_mission_essentielle") == "true"
    ).fill_null(False)
    personal = pl.col("_donnees_perso").fill_null("art9").is_in(["art9", "penal"]) | (
        pl.col("_sante") == "true"
    ).fill_null(False)
    return (
        pl.when(pl.col("_classification").is_null())
        .then(pl.lit("inconnue"))
        .when(pl.col("_classification").is_in(CLASSIFIED))
        .then(pl.lit("classe"))
        .when(pl.col("_classification") == "dr")
        .then(pl.lit("dr"))
        .when(signed & secret & (pl.col("_atteinte") == "true").fill_null(True))
        .then(pl.lit("art31"))
        .when(~signed | secret | personal)
        .then(pl.lit("sensible"))
        .otherwise(pl.lit("courante"))
    )


def _published(verdicts: pl.DataFrame, keys: list[str], more: list[str] | None = None) -> pl.DataFrame:
    empty = [pl.when(pl.col(c) != "").then(pl.col(c)).alias(c) for c in ("rules", "causes")]
    return (
        verdicts.with_columns(empty)
        .select("profile_id", *keys, "verdict", "rules", pl.col("causes").alias("conditions"), *(more or []))
        .sort("profile_id", keys[0])
    )


def _servers(dataset: Package, systems: pl.DataFrame) -> pl.DataFrame:
    servers = dataset["servers"]
    return (
        servers.select("id", "vcpu", "ram_gib")
        .join(usage_classes(servers), on="id")
        .join(systems.rename({"product": "os_product", "cycle": "os_cycle"}), on="id")
    )


def _rules(doctrine: Doctrine, verdicts: Evaluation) -> pl.DataFrame:
    spoken = set(pl.concat([verdicts.tiers["rules"], verdicts.offers["rules"]]).str.split("|").explode().drop_nulls())
    listed = [doctrine.rules.get(i, doctrine.blocking) for i in sorted(spoken - {""})]
    return pl.DataFrame(
        [(r.id, r.title.fr, r.title.en, r.ref, r.since, r.force, r.conf) for r in listed],
        schema={
            "id": pl.String, "title_fr": pl.String, "title_en": pl.String, "ref": pl.String, "since": pl.Date,
            "force": pl.String, "conf": pl.String,
        },
        orient="row",
    )  # fmt: skip
