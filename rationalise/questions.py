"""The missing facts worth asking for, sorted by how many verdicts hang on each."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.models import Text

WHOM = {"perimeter": "AQSSI", "assessment": "administrateur des données", "attribute": "responsable métier"}
TEXTS: Mapping[str, Text] = {
    "perimeter": Text(
        fr="Déclaration de périmètre de {subject} : rien n'y est classifié, sauf ce qui est nommé ?",
        en="Perimeter declaration of {subject}: nothing in it is classified, except what is named?",
    ),
    "assessment": Text(
        fr="Évaluation de l'article 31 à signer pour les applications de {subject}",
        en="Article 31 assessment to be signed for the applications of {subject}",
    ),
    "attribute": Text(fr="{subject} : à établir", en="{subject}: to be established"),
    "conflict": Text(
        fr="{subject} : la décision {attribute} dit non, l'inventaire dit oui",
        en="{subject}: decision {attribute} says no, the inventory says yes",
    ),
}


def questions(
    applications: pl.DataFrame, conflicts: pl.DataFrame, doctrine: Doctrine, names: Mapping[str, str]
) -> pl.DataFrame:
    """Questions, one a perimeter, an organisation to assess, an attribute, a conflict.

    Args:
        applications: ``id``, ``organisation_id``, ``missing``.
        conflicts: ``id``, ``attribute``, ``file``.
        doctrine: for the attributes' titles.
        names: organisation names.
    """
    rows: list[dict[str, object]] = []
    lacks = pl.col("missing").fill_null("").str.split("|").list
    for kind, attribute in (("perimeter", "classification"), ("assessment", "evaluation_art31")):
        hanging = applications.filter(lacks.contains(attribute)).group_by("organisation_id").agg(pl.len())
        for organisation, count in hanging.sort("organisation_id").iter_rows():
            subject = names.get(organisation or "") or organisation or "—"
            rows.append(_row(kind, organisation or "", attribute, count, subject))
    missing = (
        applications.filter(pl.col("missing").is_not_null())
        .select("id", pl.col("missing").str.split("|").alias("attribute"))
        .explode("attribute")
        .group_by("attribute")
        .agg(pl.len())
    )
    for attribute, count in missing.sort("attribute").iter_rows():
        if attribute not in ("classification", "evaluation_art31"):
            rows.append(_row("attribute", attribute, attribute, count, doctrine.attributes[attribute].title))
    for application, attribute, file in conflicts.iter_rows():
        rows.append(_row("conflict", application, attribute, 1, f"{application}, {attribute}", file))
    schema = {
        "id": pl.String, "kind": pl.String, "subject": pl.String, "attribute": pl.String, "applications": pl.Int64,
        "text_fr": pl.String, "text_en": pl.String, "whom": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _row(kind: str, subject: str, attribute: str, count: int, shown: str | Text, file: str = "") -> dict[str, object]:
    text = TEXTS[kind]
    title = shown if isinstance(shown, Text) else Text(fr=shown, en=shown)
    return {
        "id": f"{kind}:{subject}" if kind != "conflict" else f"conflict:{subject}:{attribute}",
        "kind": kind,
        "subject": subject,
        "attribute": attribute,
        "applications": count,
        "text_fr": text.fr.format(subject=title.fr, attribute=file),
        "text_en": text.en.format(subject=title.en, attribute=file),
        "whom": WHOM.get(kind, "administrateur des données"),
    }
