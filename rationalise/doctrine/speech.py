"""What the law says of a tier or an offer on a day: which rules speak, deny, ask, on which signals.

At tier level a demand on the offer is a condition; at offer level each part of it is met, open or not
met, and a part that is not met denies whatever else is open. Nothing here looks at a profile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.models import Offer, Requirement, Rule
from rationalise.doctrine.signals import Reading, Signal, Signals, Term, signal


@dataclass(frozen=True)
class Voice:
    """One rule on one tier or offer, as masks of signals: any of them is enough."""

    rule: str
    speaks: int = 0
    denies: int = 0
    asks: int = 0
    awaits: int = 0


@dataclass(frozen=True)
class Said:
    """What the rules come to for one pattern."""

    verdict: str
    rules: str
    causes: str
    blocking: bool


@dataclass(frozen=True)
class Voices:
    """Every rule that may speak of a tier or an offer, by identifier."""

    tier: str
    voices: tuple[Voice, ...]
    known: dict[int, Said] = field(default_factory=dict, compare=False, repr=False)

    @property
    def relevant(self) -> int:
        """The signals that matter here."""
        return _any(v.speaks | v.denies | v.asks | v.awaits for v in self.voices)

    def said(self, bits: int) -> Said:
        """The verdict on a pattern, of its relevant signals alone."""
        if bits not in self.known:
            self.known[bits] = self._weigh(bits)
        return self.known[bits]

    def _weigh(self, bits: int) -> Said:
        denied = any(bits & v.denies for v in self.voices)
        asked = any(bits & v.asks for v in self.voices)
        return Said(
            verdict="denied" if denied else "conditional" if asked else "allowed",
            rules="|".join(v.rule for v in self.voices if bits & v.speaks),
            causes="|".join(v.rule for v in self.voices if bits & (v.denies if denied else v.asks)),
            blocking=not denied and any(bits & v.awaits for v in self.voices),
        )


def tier_voices(doctrine: Doctrine, signals: Signals, tier: str, as_of: date) -> Voices:
    """What is said of a tier as such: the offer is not known yet."""
    said = [_blocked(doctrine, signals)]
    for rule in in_force(doctrine, as_of):
        said += _whatever_the_offer(signals, rule, tier, None)
        if rule.require_offer and tier in rule.applies_to:
            asked = signals.bit(_possible(rule))
            said.append(Voice(rule.id, speaks=asked, asks=asked))
    return Voices(tier, _by_rule(said))


def offer_voices(doctrine: Doctrine, signals: Signals, offer: Offer, as_of: date) -> Voices:
    """What is said of an offer, on the tier that it is worth on the day."""
    tier = offer.tier(as_of)
    said = [_blocked(doctrine, signals)]
    for rule in in_force(doctrine, as_of):
        said += _whatever_the_offer(signals, rule, tier, offer)
        if rule.require_offer and tier in rule.applies_to:
            said.append(_required(doctrine, signals, rule, rule.require_offer, offer, as_of))
    return Voices(tier, _by_rule(said))


def in_force(doctrine: Doctrine, as_of: date) -> list[Rule]:
    """The rules that apply on a day."""
    return [r for r in doctrine.rules.values() if r.in_force(as_of)]


def _blocked(doctrine: Doctrine, signals: Signals) -> Voice:
    asked = tuple((a.name, ()) for a in doctrine.attributes.values() if a.block)
    unknown = signals.bit((Term(asked, "unknown"),))
    return Voice(doctrine.blocking.id, speaks=unknown, denies=unknown)


def _whatever_the_offer(signals: Signals, rule: Rule, tier: str, offer: Offer | None) -> list[Voice]:
    """Denials, warnings, evidence to show."""
    if tier in rule.deny and rule.if_unknown.get(tier) == "open_question":
        possible = signals.bit(_possible(rule))
        return [Voice(rule.id, speaks=possible, denies=signals.bit(_sure(rule)), asks=possible)]
    if tier in rule.deny:
        holds = signals.bit(signal(rule.when, "closed"))
        return [Voice(rule.id, speaks=holds, denies=holds)]
    if rule.evidence and tier in rule.evidence.tiers:
        holds = signals.bit(signal(rule.when, "closed"))
        shown = offer is not None and bool(getattr(offer, rule.evidence.requires))
        missing = 0 if shown else holds
        return [Voice(rule.id, speaks=holds, asks=missing, awaits=missing)]
    if tier in rule.warn:
        return [Voice(rule.id, speaks=signals.bit(signal(rule.when, "closed")))]
    return []


def _required(doctrine: Doctrine, signals: Signals, rule: Rule, asked: Requirement, offer: Offer, as_of: date) -> Voice:
    """A demand on the offer. Where unknown opens a question, only what is sure denies; elsewhere it closes."""
    possible = _possible(rule)
    questions = rule.if_unknown.get(offer.tier(as_of)) == "open_question"
    denying = _sure(rule) if questions else possible
    denies = asks = 0
    for part in _parts(asked, offer, as_of):
        for unmet in _unless_admitted(doctrine, part):
            denies |= signals.bit((*denying, *unmet))
            asks |= signals.bit((*possible, *unmet)) if questions else 0
        if part.open and questions:
            asks |= signals.bit((*possible, *_admitted(part)))
        elif part.open:
            denies |= signals.bit((*denying, *_admitted(part)))
        if part.met and part.admits is not None:
            # An entity nobody named may turn out not to be admitted: a signed convention does not settle that.
            unnamed = signals.bit((*possible, Term((("entity_kind", ()),), "unknown")))
            asks, denies = (asks | unnamed, denies) if questions else (asks, denies | unnamed)
    return Voice(rule.id, speaks=signals.bit(possible), denies=denies, asks=asks)


@dataclass(frozen=True)
class Part:
    """One thing asked of an offer: shown or not, or open; *admits* where it depends on who asks."""

    met: bool
    open: bool = False
    admits: tuple[str, ...] | None = None


def _parts(asked: Requirement, offer: Offer, as_of: date) -> list[Part]:
    wanted = {name: value for name, value in asked if value is not None and value is not False}
    return [CHECKS[name](value, offer, as_of) for name, value in wanted.items()]


def _hds(version: int, offer: Offer, as_of: date) -> Part:
    return Part(any(h.version >= version and h.since <= as_of <= h.to for h in offer.hds))


def _convention(offer: Offer) -> Part:
    return Part(offer.convention == "signed", open=offer.convention is None)


def _entity(offer: Offer) -> Part:
    signed = _convention(offer)
    return Part(signed.met, signed.open, admits=(*offer.admits, *offer.by_convention))


CHECKS: Mapping[str, Callable[..., Part]] = {
    "hds_version": _hds,
    "pays": lambda country, offer, _day: Part(offer.country == country),
    "agrement_archives": lambda _asked, offer, _day: Part(offer.agrement_archives is True),
    "convention": lambda _asked, offer, _day: _convention(offer),
    "entite_admise": lambda _asked, offer, _day: _entity(offer),
}
"""How each demand is checked; one that nothing checks is an error, never a pass."""


def _unless_admitted(doctrine: Doctrine, part: Part) -> list[Signal]:
    """When a part is flatly not met: always, or for the entities that are not admitted."""
    if not part.met and not part.open:
        return [()]
    return [] if part.admits is None else [_entities(part.admits, "otherwise")]


def _admitted(part: Part) -> Signal:
    return () if part.admits is None else _entities(part.admits, "closed")


def _entities(kinds: Iterable[str], reading: Reading) -> Signal:
    return (Term((("entity_kind", tuple(sorted(kinds))),), reading),)


def _sure(rule: Rule) -> Signal:
    """Known to be concerned; where unknown has no meaning of its own, closed counts as known."""
    return signal(rule.when, "sure" if rule.if_unknown else "closed")


def _possible(rule: Rule) -> Signal:
    """Concerned, or not known not to be where the rule says what unknown is worth."""
    return signal(rule.when, "possible" if rule.if_unknown else "closed")


def _any(masks: Iterable[int]) -> int:
    total = 0
    for mask in masks:
        total |= mask
    return total


def _by_rule(said: Iterable[Voice]) -> tuple[Voice, ...]:
    """One voice a rule, in the order of identifiers: the order they were given in changes nothing."""
    merged: dict[str, Voice] = {}
    for v in said:
        old = merged.get(v.rule, Voice(v.rule))
        merged[v.rule] = Voice(
            v.rule, old.speaks | v.speaks, old.denies | v.denies, old.asks | v.asks, old.awaits | v.awaits
        )
    return tuple(merged[rule] for rule in sorted(merged))
