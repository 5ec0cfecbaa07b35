"""Answers that facts of the inventory suggest: shown, kept as such, and never signed."""

from __future__ import annotations

from contextlib import suppress

import polars as pl

from inventory.package import Package
from rationalise.language import _
from rationalise.questionnaire.catalogue import Fact, Question, Questionnaire

SUGGESTED = {"id": pl.String, "attribute": pl.String, "answer": pl.String, "fact": pl.String}


def suggested(dataset: Package, form: Questionnaire) -> pl.DataFrame:
    """``id``, ``attribute``, ``answer``, ``fact`` (a sentence): a row an application and fact, in the order of questions.

    First what the inventory says of the attribute itself, then what other facts imply; where they disagree both stand.
    """
    applications = dataset["applications"]
    found = [pl.DataFrame(schema={**SUGGESTED, "_n": pl.Int64})]
    for number, question in enumerate(form.questions):
        name = question.settles
        value = _canonical(question, applications[name])
        own = pl.format(_("the inventory says {name} = {value}", name=name, value="{}"), value)
        said = applications.filter(pl.col(name).is_not_null())
        found.append(_rows(said, name, value, own, number))
        for fact in question.from_facts:
            # A fact about the very attribute is said above already.
            told = applications.filter(_holds(fact))
            found.append(_rows(told, name, pl.lit(fact.answer), pl.lit(str(fact.fact)), number))
    return pl.concat(found).sort("id", "_n", maintain_order=True).drop("_n")


def _rows(applications: pl.DataFrame, name: str, answer: pl.Expr, fact: pl.Expr, number: int) -> pl.DataFrame:
    return applications.select(
        "id",
        pl.lit(name).alias("attribute"),
        answer.alias("answer"),
        fact.alias("fact"),
        pl.lit(number, pl.Int64).alias("_n"),
    )


def _canonical(question: Question, column: pl.Series) -> pl.Expr:
    """What the inventory says in the words of the question where it knows them, else as it stands."""
    texts = column.cast(pl.String)
    known = {}
    for text in texts.unique().drop_nulls():
        with suppress(ValueError):
            known[text] = question.read(text) or text
    return pl.col(question.settles).cast(pl.String).replace(known)


def _holds(fact: Fact) -> pl.Expr:
    """Whether every column of a fact is known and among its values."""
    parts = [
        pl.col(name).is_not_null()
        if "*" in values
        else pl.col(name).cast(pl.String).is_in(list(values)).fill_null(False)
        for name, values in fact.when.items()
    ]
    return pl.all_horizontal(parts)
