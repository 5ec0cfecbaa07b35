"""Every way an entry of the doctrine can be removed or loosened, one at a time: what witnesses must see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.models import Dated, Presumption, Rule
from rationalise.doctrine.proof.dates import changes
from rationalise.doctrine.proof.declared import declared
from rationalise.doctrine.proof.fitness import fit_rules
from rationalise.doctrine.proof.tables import altered
from rationalise.doctrine.proof.vectors import without

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Loosening:
    """An entry, what is taken from it, and the doctrine without that."""

    entry: str
    what: str
    doctrine: Doctrine

    @property
    def removal(self) -> bool:
        """Whether the entry is wholly gone."""
        return self.what == "removed"


def entries(doctrine: Doctrine) -> list[str]:
    """What must have a witness: rules, presumptions, gates, fit rules, and the blocking of what has no classification."""
    presumptions = [p.id for p in doctrine.presumptions]
    return [*doctrine.rules, *presumptions, *doctrine.gates, *fit_rules(doctrine), doctrine.blocking.id]


def removals(doctrine: Doctrine) -> Iterator[Loosening]:
    """Each entry removed."""
    for entry in entries(doctrine):
        if entry != doctrine.blocking.id:
            yield Loosening(entry, "removed", without(doctrine, [entry]))
    unblocked = {n: a.model_copy(update={"block": False}) for n, a in doctrine.attributes.items()}
    yield Loosening(doctrine.blocking.id, "removed", altered(doctrine, "unblocked", attributes=unblocked))


def loosenings(doctrine: Doctrine) -> Iterator[Loosening]:
    """Each entry loosened in each way: shorter lists, later days, weaker demands, unknowns worth less."""
    last = list(changes(doctrine))[-1]
    for rule in doctrine.rules.values():
        for what, changed in [*_rule(doctrine, rule), *_days(doctrine, rule, last)]:
            rules = {**doctrine.rules, rule.id: rule.model_copy(update=changed)}
            yield Loosening(rule.id, what, altered(doctrine, f"{rule.id} {what}", rules=rules))
    for presumption in doctrine.presumptions:
        for what, changed in _presumption(presumption):
            others = tuple(p.model_copy(update=changed) if p is presumption else p for p in doctrine.presumptions)
            yield Loosening(presumption.id, what, altered(doctrine, f"{presumption.id} {what}", presumptions=others))
    for gate in doctrine.gates.values():
        for what, changed in _days(doctrine, gate, last):
            gates = {**doctrine.gates, gate.id: gate.model_copy(update=changed)}
            yield Loosening(gate.id, what, altered(doctrine, f"{gate.id} {what}", gates=gates))
    yield from _attributes(doctrine)


def _rule(doctrine: Doctrine, rule: Rule) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in ("deny", "warn", "applies_to"):
        yield from ((f"{name} without {t}", {name: _less(getattr(rule, name), t)}) for t in getattr(rule, name))
    if rule.evidence is not None:
        yield "evidence dropped", {"evidence": None}
        for tier in rule.evidence.tiers if len(rule.evidence.tiers) > 1 else ():
            fewer = rule.evidence.model_copy(update={"tiers": _less(rule.evidence.tiers, tier)})
            yield f"evidence without {tier}", {"evidence": fewer}
    if rule.require_offer is not None:
        for name, value in rule.require_offer.model_dump(exclude_none=True).items():
            # A convention is asked for with the admission it is about.
            if name != "convention":
                yield f"{name} not required", {"require_offer": rule.require_offer.model_copy(update={name: None})}
            if name == "hds_version":
                yield f"{name} lower", {"require_offer": rule.require_offer.model_copy(update={name: value - 1})}
    for tier, worth in rule.if_unknown.items():
        if worth == "closed":
            yield f"unknown asked on {tier}", {"if_unknown": {**rule.if_unknown, tier: "open_question"}}
    if rule.if_unknown:
        yield "unknown forgotten", {"if_unknown": {}}
    for what, when in _narrower(doctrine, rule.when):
        yield what, {"when": when}


def _narrower(doctrine: Doctrine, when: Any) -> Iterator[tuple[str, Any]]:
    """The condition with one accepted value less."""
    if when == "always":
        kinds = list(doctrine.attributes["entity_kind"].values)
        yield from ((f"not when {kind}", {"entity_kind": list(_less(kinds, kind))}) for kind in kinds)
        return
    for name, values in when.items():
        if isinstance(values, Mapping):
            for inner in values if len(values) > 1 else ():
                yield f"{name} without {inner}", {**when, name: {k: v for k, v in values.items() if k != inner}}
            continue
        for value in values if len(values) > 1 else ():
            yield f"{name} without {value}", {**when, name: list(_less(values, value))}


def _presumption(presumption: Presumption) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, values in presumption.when.items():
        for value in values if len(values) > 1 else ():
            yield f"{name} without {value}", {"when": {**presumption.when, name: list(_less(values, value))}}
    for name in presumption.then if len(presumption.then) > 1 else ():
        yield f"{name} not presumed", {"then": {k: v for k, v in presumption.then.items() if k != name}}
    if not presumption.unless_signed and "evaluation_art31" not in presumption.when:
        yield "unless signed", {"unless_signed": True}


def _days(doctrine: Doctrine, entry: Dated, last: date) -> Iterator[tuple[str, dict[str, Any]]]:
    since = max(entry.since, doctrine.modelled_since) + DAY
    yield "since later", {"since": since}
    until = min(entry.until, last) if entry.until else last
    if until > since:
        yield "until earlier", {"until": until - DAY}


def _attributes(doctrine: Doctrine) -> Iterator[Loosening]:
    """An unknown worth its harmless value."""
    for name, attribute in doctrine.attributes.items():
        best = declared()[name].harmless if name in declared() else None
        if name == "entity_kind":
            best = attribute.values[-1]
        if attribute.unknown_as is None or best is None or attribute.unknown_as == best:
            continue
        changed = {**doctrine.attributes, name: attribute.model_copy(update={"unknown_as": best})}
        yield Loosening(name, f"unknown as {best}", altered(doctrine, f"{name} unknown", attributes=changed))


def _less(values: Any, value: Any) -> tuple[Any, ...]:
    return tuple(v for v in values if v != value)
