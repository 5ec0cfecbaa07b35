"""What is known of each application's sensitivity: from the inventory, the organisation, what was signed.

Two readings side by side. *Now*: only what is signed or known; an inventory never says that nothing is
classified, nor that an assessment is signed. *Presumed*: what would hold if the missing "no" were
confirmed and the drafts signed. Each value keeps where it came from.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from inventory.package import Package
from rationalise.decisions import Assessment, Decisions, FictitiousData, Perimeter
from rationalise.doctrine.catalogue import Doctrine
from rationalise.inheritance import NO_REAL_DATA, heirs, inherited, non_production
from rationalise.propagation.inheriting import raised
from rationalise.propagation.network import network
from rationalise.propagation.spread import SENSES, Spread, spread

CLASSIFIED = ("secret", "tres_secret")
RAISING = ("dr", *CLASSIFIED)
PRESUMED: Mapping[str, str] = {
    "entity_kind": "etat",
    "classification": "aucune",
    "secret_protege": "false",
    "mission_essentielle": "false",
    "atteinte": "false",
    "evaluation_art31": "signed",
    "donnees_perso": "ordinaires",
    "sante": "false",
    "responsable_distinct_hebergeur": "false",
    "acces_hors_ue": "none",
    "siiv": "false",
    "service_archivage": "aucun",
    "usage_collaboratif": "false",
}
"""The answer that the second reading supposes someone will confirm where nothing is known.

Personal data are presumed ordinary, not absent: almost every application has users.
"""


@dataclass(frozen=True)
class Sensitivity:
    """Both readings and the origins, three frames with ``id`` and one text column an attribute.

    ``origin`` holds ``inventory``, ``organisation``, the file of a decision, the identifier of the application
    (or outside system) a value is inherited from, or null for unknown.
    ``conflicts``: ``id``, ``attribute``, ``file``, where a signed "no" meets a fact of the inventory.
    """

    now: pl.DataFrame
    presumed: pl.DataFrame
    origin: pl.DataFrame
    conflicts: pl.DataFrame
    own: pl.DataFrame
    """As ``now``, before anything is inherited from production."""
    alone_now: pl.DataFrame
    """As ``now``, before anything came through flows and shared databases."""
    alone_presumed: pl.DataFrame
    inherited: pl.DataFrame
    """One line a value that came through a link and raised something: see ``propagation.inheriting``."""
    spread: Spread
    """How it came, link by link, and what is cut."""
    hours: pl.DataFrame
    """``id``, ``service_hours``: an attribute of fit, raised by what depends on the application."""

    def only(self, identifiers: Collection[str]) -> Sensitivity:
        """The same of some applications; what they inherit stays inherited."""
        cut: dict[str, Any] = {
            name: frame.filter(pl.col("id").is_in(list(identifiers)))
            for name, frame in vars(self).items()
            if isinstance(frame, pl.DataFrame) and "id" in frame.columns
        }
        return replace(self, **cut)


def sensitivity(dataset: Package, decisions: Decisions, doctrine: Doctrine, as_of: date) -> Sensitivity:
    """Gather what is known of every application of *dataset*, on the day *as_of*.

    Args:
        dataset: the inventory.
        decisions: what was signed; only what counts on *as_of* is used.
        doctrine: for the list of attributes.
        as_of: the day.
    """
    names = list(doctrine.attributes)
    stated = _stated(dataset, names)
    signed = _signed(dataset, decisions, as_of)
    joined = stated.join(signed, on="id", how="left")
    now = joined.select("id", *(_settled(name).alias(name) for name in names))
    origin = joined.select("id", *(_origin(name).alias(name) for name in names))
    own = now
    now, origin = inherited(own, origin, heirs(dataset, decisions, as_of))
    presumed = now.with_columns(
        pl.when(pl.col("evaluation_art31").is_in(["none", "draft"]))
        .then(None)
        .otherwise(pl.col("evaluation_art31"))
        .alias("evaluation_art31")
    ).with_columns(pl.col(name).fill_null(PRESUMED[name]) for name in names)
    hours = dataset["applications"].select("id", pl.col("service_hours").cast(pl.String))
    known = now.select("id", *(n for n in SENSES if n in names)).join(hours, on="id", how="left", maintain_order="left")
    came = spread(network(dataset, decisions, as_of), known)
    whole, later, sources = (f.join(hours, on="id", how="left", maintain_order="left") for f in (now, presumed, origin))
    higher = raised(came, whole, later, sources.with_columns(service_hours=pl.lit("inventory")))
    return Sensitivity(
        higher.now.drop("service_hours"), higher.presumed.drop("service_hours"), higher.origin.drop("service_hours"),
        _conflicts(joined, names), own, now, presumed, higher.inherited, came,
        higher.now.select("id", "service_hours"),
    )  # fmt: skip


def _stated(dataset: Package, names: list[str]) -> pl.DataFrame:
    """What the inventory says, as the text cells of profiles."""
    applications = dataset["applications"]
    kinds = _entity_kinds(dataset["organisations"])
    kind = pl.col("organisation_id").replace_strict(kinds, default=None, return_dtype=pl.String)
    harm = pl.col("atteinte")
    cells = {name: pl.col(name).cast(pl.String) for name in names}
    cells["entity_kind"] = pl.coalesce(pl.col("entity_kind"), kind)
    cells["atteinte"] = (
        pl.when(harm.is_null()).then(None).when(harm == "aucune").then(pl.lit("false")).otherwise(pl.lit("true"))
    )
    # A list kept by hand does not sign: these two answers come from decisions only.
    cells["classification"] = pl.when(pl.col("classification").is_in(RAISING)).then(pl.col("classification"))
    cells["evaluation_art31"] = pl.col("evaluation_art31").replace({"signed": "draft"})
    return applications.select(
        "id",
        pl.col("entity_kind").is_null().alias("_kind_of_organisation"),
        *(expression.alias(name) for name, expression in cells.items()),
    )


def _entity_kinds(organisations: pl.DataFrame) -> dict[str, str | None]:
    """The entity kind of each organisation: its own, else its parent's, else what its kind says."""
    rows = {row["id"]: row for row in organisations.iter_rows(named=True)}
    said = {"ministere": "etat", "dnum": "etat", "dsi": "etat", "service_territorial": "etat", "operateur": "operateur"}

    def kind(identifier: str, seen: frozenset[str]) -> str | None:
        row = rows.get(identifier)
        if row is None or identifier in seen:
            return None
        own: str | None = row["entity_kind"]
        return own or kind(row["parent_id"] or "", seen | {identifier}) or said.get(row["kind"] or "")

    return {identifier: kind(identifier, frozenset()) for identifier in rows}


def _signed(dataset: Package, decisions: Decisions, as_of: date) -> pl.DataFrame:
    """What decisions answer, one row an application: ``signed_<attribute>`` and ``file_<attribute>``."""
    answers: dict[str, dict[str, tuple[str, str]]] = {}
    elsewhere = set(non_production(dataset)["id"])
    for file, fictitious in decisions.of(FictitiousData, as_of):
        for application in elsewhere.intersection(fictitious.applications):
            answers.setdefault(application, {}).update({n: (value, file) for n, value in NO_REAL_DATA.items()})
    for file, assessment in decisions.of(Assessment, as_of):
        cells = assessment.answers.as_cells()
        if assessment.answers.case_by_case:
            cells["evaluation_art31"] = "signed"
        for application in assessment.applications:
            answers.setdefault(application, {}).update({name: (value, file) for name, value in cells.items()})
    for application, (value, file) in _classifications(dataset, decisions, as_of).items():
        answers.setdefault(application, {})["classification"] = (value, file)
    columns = [*PRESUMED]
    rows = [
        [application]
        + [said.get(name, (None, None))[0] for name in columns]
        + [said.get(name, (None, None))[1] for name in columns]
        for application, said in sorted(answers.items())
    ]
    schema = dict.fromkeys(["id", *(f"signed_{n}" for n in columns), *(f"file_{n}" for n in columns)], pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row")


def _classifications(dataset: Package, decisions: Decisions, as_of: date) -> dict[str, tuple[str, str]]:
    """What perimeter declarations say of each application they cover, with the file that says it."""
    parents = dict(dataset["organisations"].select("id", "parent_id").iter_rows())
    owned = dataset["applications"].select("id", "organisation_id").rows()
    found: dict[str, tuple[str, str]] = {}
    for file, perimeter in decisions.of(Perimeter, as_of):
        inside = set(perimeter.organisations)
        covered = {a for a, o in owned if perimeter.all or inside & line(o, parents)}
        found |= {application: ("aucune", file) for application in covered if application not in found}
    # An exception raises whoever declared it, and whatever another declaration says.
    for file, perimeter in decisions.of(Perimeter, as_of):
        found |= {e.application: (e.classification, file) for e in perimeter.exceptions}
    return found


def line(organisation: str | None, parents: Mapping[str, str | None]) -> set[str]:
    """An organisation and everyone above it."""
    found: set[str] = set()
    while organisation and organisation not in found:
        found.add(organisation)
        organisation = parents.get(organisation)
    return found


def _settled(name: str) -> pl.Expr:
    stated, signed = pl.col(name), pl.col(f"signed_{name}")
    if name == "classification":
        order = {"tres_secret": 3, "secret": 2, "dr": 1, "aucune": 0}
        higher = stated.replace_strict(order, return_dtype=pl.Int8, default=-1) >= signed.replace_strict(
            order, return_dtype=pl.Int8, default=-1
        )
        return pl.when(higher).then(stated).otherwise(signed)
    return pl.coalesce(signed, stated)


def _origin(name: str) -> pl.Expr:
    stated = pl.col(name).is_not_null()
    inventory = pl.lit("inventory")
    if name == "entity_kind":
        inventory = pl.when(pl.col("_kind_of_organisation")).then(pl.lit("organisation")).otherwise(inventory)
    from_file = pl.col(f"file_{name}")
    settled_by_file = pl.col(f"signed_{name}").is_not_null() & (_settled(name) == pl.col(f"signed_{name}"))
    return pl.when(settled_by_file).then(from_file).when(stated).then(inventory)


def _conflicts(joined: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Signed "no" where the inventory says "yes": said, never resolved in silence."""
    low = ("false", "aucune")
    parts = [
        joined.filter(
            pl.col(f"signed_{name}").is_in(low)
            & pl.col(name).is_not_null()
            & ~pl.col(name).is_in([*low, "none", "draft"])
        ).select("id", pl.lit(name).alias("attribute"), pl.col(f"file_{name}").alias("file"))
        for name in names
    ]
    return pl.concat(parts).sort("id", "attribute")
