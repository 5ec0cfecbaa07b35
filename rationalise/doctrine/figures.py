"""Texts, secrets and figures of the doctrine: each with its unit, its source, and whether it is confirmed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from rationalise.doctrine.models import Entry, Text
from rationalise.doctrine.socle import Fact


class Secret(Fact):
    """A secret of CRPA L.311-5 or L.311-6: the closed list of the questionnaire."""

    article: str


class TextRule(Fact):
    """A rule of a text, or a question about it. ``content`` is null where nobody transcribed it: no paraphrase."""

    text: str
    content: Text | None
    applied_by: tuple[str, ...] = ()
    """Rules and gates of this catalogue that carry it."""
    treated_as: Text | None = None
    """What the tool does as long as it is open."""


class Factor(Fact):
    """Carbon of a kilowatt-hour; never a bare constant, for sources differ by a factor of two."""

    value: float
    unit: Literal["kgCO2e/kWh"]
    year: int
    method: Literal["lca", "consumption_mix", "mixed"]
    territory: str
    default: bool = False


class Rate(Fact):
    """A discount rate, real or nominal, in per cent; ``built_from`` says how it is composed."""

    value: float
    unit: Literal["percent_per_year"]
    terms: Literal["real", "nominal"]
    default: bool = False
    built_from: dict[str, float] = Field(default_factory=dict)


class Threshold(Fact):
    """A limit or share that a text or an audit fixes."""

    value: float
    unit: Literal["eur_ttc", "months", "days", "share", "ratio"]
    used_by: tuple[str, ...] = ()


class Vehicle(Fact):
    """A way to buy, or to pay a quote-part."""

    purpose: Literal["purchase", "quote_part"]
    operator: str | None


class SecretsFile(Entry):
    """``secrets.yaml``."""

    secrets: tuple[Secret, ...] = ()


class TextsFile(Entry):
    """``texts.yaml``."""

    texts: tuple[TextRule, ...] = ()


class FiguresFile(Entry):
    """``figures.yaml``."""

    factors: tuple[Factor, ...] = ()
    rates: tuple[Rate, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    vehicles: tuple[Vehicle, ...] = ()
