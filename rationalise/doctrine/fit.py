"""Whether a technology fits an offer: rules as data, evaluated once per distinct profile of technical facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Literal

import polars as pl
from pydantic import Field, model_validator

from rationalise.doctrine.models import Dated, Entry, Offer, Text, TierId, Withdrawal
from rationalise.language import _

if TYPE_CHECKING:
    from rationalise.doctrine.catalogue import Doctrine

DECLARED: Mapping[str, tuple[str, str]] = {
    "linux": ("os", "linux"),
    "conteneurisable": ("conteneurisable", "true"),
    "sans_etat": ("sans_etat", "true"),
}
"""What a word of an offer's own ``fit`` asks of the application: fact, value."""

KEY = "_profile"

Accepted = Mapping[str, list[str]]


class FitFact(Entry):
    """A technical fact a fit rule may name, and its closed values."""

    name: str
    values: tuple[str, ...]
    title: Text


class FitTarget(Entry):
    """The offers a rule is about; one kind of target a rule."""

    offers: tuple[str, ...] = ()
    tiers: tuple[TierId, ...] = ()
    service_hours: tuple[Literal["ouvre", "etendu", "24x7"], ...] = ()
    declared: bool = False
    stack: Literal["openstack", "external"] | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> FitTarget:
        if sum(map(bool, (self.offers, self.tiers, self.service_hours, self.declared, self.stack))) != 1:
            raise ValueError(_("a target is one of offers, tiers, service_hours, declared, stack"))
        return self

    def concerns(self, offer: Offer, as_of: date) -> bool:
        """Whether an application's fit to this offer depends on the rule on a day."""
        return (
            offer.id in self.offers
            or (bool(self.tiers) and offer.tier(as_of) in self.tiers)
            or (offer.service_hours is not None and offer.service_hours in self.service_hours)
            or (self.declared and bool(offer.fit))
        )


class FitRule(Dated):
    """What a target requires, expects, forbids or warns of; see the head of ``fit.yaml``."""

    target: FitTarget
    requires: Accepted = Field(default_factory=dict)
    expects: Accepted = Field(default_factory=dict)
    forbids: Accepted = Field(default_factory=dict)
    warns: Accepted = Field(default_factory=dict)
    requires_api: tuple[Literal["openstack", "ec2", "s3", "kubernetes", "vsphere", "own"], ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> FitRule:
        said = bool(self.requires or self.expects or self.forbids or self.warns)
        if bool(self.requires_api) != (self.target.stack is not None):
            raise ValueError(_("requires_api goes with a target of kind stack, and only with it"))
        if said == (self.target.declared or self.target.stack is not None):
            raise ValueError(
                _("a rule on applications requires, expects, forbids or warns; one on declared or stack not")
            )
        return self

    def accepted(self) -> Iterable[tuple[str, str, list[str]]]:
        """Every ``(part, fact, values)`` the rule names."""
        for part in ("requires", "expects", "forbids", "warns"):
            for fact, values in getattr(self, part).items():
                yield part, fact, values


class FitFile(Entry):
    """``fit.yaml``."""

    facts: tuple[FitFact, ...] = ()
    fit: tuple[FitRule, ...] = ()
    withdrawn: tuple[Withdrawal, ...] = ()


def fitting(doctrine: Doctrine, facts: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """One boolean column an offer, one row a row of *facts*: whether the technology fits.

    Args:
        doctrine: the catalogue.
        facts: text columns named as the facts of ``fit.yaml``; null, or no column, is unknown.
        as_of: the day.
    """
    known = _known(doctrine, facts)
    offers = list(doctrine.offers.values())
    if known.width == 0:
        # Nothing can be asked: every row fits.
        return pl.DataFrame({o.id: [True] * facts.height for o in offers})
    keyed = known.with_columns(_key(doctrine).alias(KEY))
    distinct = keyed.unique(subset=KEY, keep="first", maintain_order=True)
    judged = distinct.select(
        KEY,
        *(
            reduce(and_, (_fits(rule, offer) for rule in _about(doctrine, offer, as_of)), pl.lit(True)).alias(offer.id)
            for offer in offers
        ),
    )
    return keyed.select(KEY).join(judged, on=KEY, how="left", maintain_order="left").drop(KEY)


def fit_reasons(doctrine: Doctrine, facts: Mapping[str, str | None], as_of: date) -> dict[str, dict[str, list[str]]]:
    """For one application, offer → ``against`` (rules that refuse), ``open`` (facts missing), ``warnings``."""
    row = _known(doctrine, pl.DataFrame({k: [v] for k, v in facts.items()}, schema=dict.fromkeys(facts, pl.String)))
    reasons = {}
    for offer in doctrine.offers.values():
        found: dict[str, list[str]] = {"against": [], "open": [], "warnings": []}
        for rule in _about(doctrine, offer, as_of):
            asked = {"against": ~_fits(rule, offer), "open": _asks(rule), "warnings": _all(rule.warns)}
            said = row.select(expression.alias(name) for name, expression in asked.items()).row(0, named=True)
            for name, speaks in said.items():
                found[name] += [rule.id] if speaks else []
        reasons[offer.id] = found
    return reasons


def stack_refusals(doctrine: Doctrine, stack: str, offer: Offer, as_of: date) -> list[FitRule]:
    """The rules by which a stack of this project cannot drive an offer."""
    return [
        rule
        for rule in doctrine.fit_rules.values()
        if rule.target.stack == stack and rule.in_force(as_of) and not set(rule.requires_api) & set(offer.api)
    ]


def _key(doctrine: Doctrine) -> pl.Expr:
    """One number for each profile of facts: joining on it is several times faster than on the texts."""
    total, stride = pl.lit(0, pl.Int64), 1
    for name, fact in doctrine.fit_facts.items():
        code = pl.col(name).cast(pl.Enum(fact.values)).to_physical().cast(pl.Int64).fill_null(len(fact.values))
        total, stride = total + code * stride, stride * (len(fact.values) + 1)
    return total


def _about(doctrine: Doctrine, offer: Offer, as_of: date) -> list[FitRule]:
    return [r for r in doctrine.fit_rules.values() if r.in_force(as_of) and r.target.concerns(offer, as_of)]


def _known(doctrine: Doctrine, facts: pl.DataFrame) -> pl.DataFrame:
    missing = [pl.lit(None, pl.String).alias(name) for name in doctrine.fit_facts if name not in facts.columns]
    closed = {name: list(fact.values) for name, fact in doctrine.fit_facts.items()}
    # A value outside the closed list says nothing that a rule could read: it is unknown.
    return facts.with_columns(missing).select(
        pl.when(pl.col(name).cast(pl.String).is_in(values)).then(pl.col(name).cast(pl.String)).alias(name)
        for name, values in closed.items()
    )


def _fits(rule: FitRule, offer: Offer) -> pl.Expr:
    requires = dict(rule.requires)
    if rule.target.declared:
        requires |= {fact: [value] for fact, value in (DECLARED[word] for word in offer.fit)}
    asked = [pl.col(fact).is_in(values).fill_null(False) for fact, values in requires.items()]
    asked += [pl.col(fact).is_in(values).fill_null(True) for fact, values in rule.expects.items()]
    return reduce(and_, asked, pl.lit(True)) & ~_all(rule.forbids)


def _asks(rule: FitRule) -> pl.Expr:
    """Whether a fact that is missing leaves the question open."""
    unknown = [pl.col(fact).is_null() for part, fact, _values in rule.accepted() if part in ("expects", "forbids")]
    return pl.any_horizontal(*unknown) if unknown else pl.lit(False)


def _all(conditions: Accepted) -> pl.Expr:
    """Whether all are known to hold; never when there is none."""
    held = [pl.col(fact).is_in(values).fill_null(False) for fact, values in conditions.items()]
    return reduce(and_, held) if held else pl.lit(False)
