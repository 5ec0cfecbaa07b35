"""Every name an entry uses must exist: attributes, values, offers, organisations, facts, other entries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from inventory.documents import Place, nearest
from inventory.problems import Problem
from rationalise.doctrine.figures import FiguresFile, TextsFile
from rationalise.doctrine.files import COLLECTIONS
from rationalise.doctrine.fit import FitFile
from rationalise.doctrine.models import EvidenceEntry, OffersFile, PresumptionsFile, RulesFile
from rationalise.doctrine.socle import OrganisationsFile, SharedServicesFile
from rationalise.language import _

if TYPE_CHECKING:
    from rationalise.doctrine.catalogue import Doctrine
    from rationalise.doctrine.overlay import Source

Used = tuple[Place, str, Collection[str]]
"""Where a word stands, the word, and those that are known there."""


def check_references(doctrine: Doctrine, source: Source) -> list[Problem]:
    """What a file names that does not exist in the doctrine it belongs to, and what it names twice."""
    problems = list(_twice(source))
    for place, word, known in _used(doctrine, source.content):
        if word in known:
            continue
        near = nearest(word, list(known))
        hint = _("did you mean “{near}”?", near=near) + " " if near else ""
        hint += _("accepted: {accepted}", accepted=", ".join(sorted(known)))
        owner = _owner(source.content, place)
        text = _("{rule}: “{word}” is not known", rule=owner, word=word)
        problems.append(source.problem("DOC-021", text, place, value=word, hint=hint))
    return problems


def _twice(source: Source) -> Iterator[Problem]:
    for part in COLLECTIONS.get(type(source.content), ()):
        entries = getattr(source.content, part)
        names = [str(e.id if hasattr(e, "id") else e.name) for e in entries]
        counted = Counter(names)
        for index, name in enumerate(names):
            if counted[name] > 1 and name in names[:index]:
                text = _("“{id}” is there twice: only one entry would count", id=name)
                hint = _("give the second one an identifier of its own, or remove it")
                yield source.problem("DOC-020", text, (part, index, "id"), value=name, hint=hint)


def _used(doctrine: Doctrine, content: object) -> Iterator[Used]:
    handlers: tuple[Callable[[Doctrine, Any], Iterator[Used]], ...] = (
        _rules, _presumptions, _fit, _offers, _one_fact, _organisations, _services, _texts, _figures,
    )  # fmt: skip
    kinds = (
        RulesFile, PresumptionsFile, FitFile, OffersFile, EvidenceEntry, OrganisationsFile, SharedServicesFile,
        TextsFile, FiguresFile,
    )  # fmt: skip
    for kind, handler in zip(kinds, handlers, strict=True):
        if isinstance(content, kind):
            yield from handler(doctrine, content)


def _rules(doctrine: Doctrine, content: RulesFile) -> Iterator[Used]:
    for n, rule in enumerate(content.rules):
        if not isinstance(rule.when, str):
            yield from _condition(doctrine, ("rules", n, "when"), rule.when)
        if rule.derogation is not None:
            yield ("rules", n, "derogation"), rule.derogation, doctrine.derogations


def _presumptions(doctrine: Doctrine, content: PresumptionsFile) -> Iterator[Used]:
    for n, presumption in enumerate(content.presume):
        yield from _condition(doctrine, ("presume", n, "when"), presumption.when)
        values = {name: [value] for name, value in presumption.then.items()}
        yield from _condition(doctrine, ("presume", n, "then"), values)


def _offers(doctrine: Doctrine, content: OffersFile) -> Iterator[Used]:
    kinds = doctrine.attributes["entity_kind"].values
    for n, offer in enumerate(content.offers):
        yield from _each(("offers", n, "admits"), offer.admits, kinds)
        yield from _each(("offers", n, "by_convention"), offer.by_convention, kinds)
        for q, qualification in enumerate(offer.qualifications):
            yield from _each(("offers", n, "qualifications", q, "layers"), qualification.layers, offer.layers)
    for n, fact in enumerate(content.evidence):
        yield from _evidence(doctrine, ("evidence", n), fact)


def _one_fact(doctrine: Doctrine, content: EvidenceEntry) -> Iterator[Used]:
    yield from _evidence(doctrine, (), content)


def _organisations(doctrine: Doctrine, content: OrganisationsFile) -> Iterator[Used]:
    for n, organisation in enumerate(content.organisations):
        if organisation.parent is not None:
            yield ("organisations", n, "parent"), organisation.parent, doctrine.organisations


def _texts(doctrine: Doctrine, content: TextsFile) -> Iterator[Used]:
    for n, text in enumerate(content.texts):
        yield from _each(("texts", n, "applied_by"), text.applied_by, _citable(doctrine))


def _figures(doctrine: Doctrine, content: FiguresFile) -> Iterator[Used]:
    for n, threshold in enumerate(content.thresholds):
        yield from _each(("thresholds", n, "used_by"), threshold.used_by, _citable(doctrine))
    for n, vehicle in enumerate(content.vehicles):
        if vehicle.operator is not None:
            yield ("vehicles", n, "operator"), vehicle.operator, doctrine.organisations


def _condition(doctrine: Doctrine, place: Place, when: Mapping[str, Any]) -> Iterator[Used]:
    for name, values in when.items():
        if isinstance(values, Mapping):
            yield from _condition(doctrine, (*place, name), values)
            continue
        yield (*place, name), name, doctrine.attributes
        if (attribute := doctrine.attributes.get(name)) is not None:
            yield from _each((*place, name), values, attribute.values)


def _fit(doctrine: Doctrine, content: FitFile) -> Iterator[Used]:
    for n, rule in enumerate(content.fit):
        yield from _each(("fit", n, "target", "offers"), rule.target.offers, doctrine.offers)
        for part, name, values in rule.accepted():
            yield ("fit", n, part, name), name, doctrine.fit_facts
            if (fact := doctrine.fit_facts.get(name)) is not None:
                yield from _each(("fit", n, part, name), values, fact.values)


def _evidence(doctrine: Doctrine, place: Place, fact: EvidenceEntry) -> Iterator[Used]:
    if (offer := doctrine.offers.get(fact.offer)) is not None:
        for n, qualification in enumerate(fact.qualifications):
            yield from _each((*place, "qualifications", n, "layers"), qualification.layers, offer.layers)


def _services(doctrine: Doctrine, content: SharedServicesFile) -> Iterator[Used]:
    for n, service in enumerate(content.shared_services):
        here: Place = ("shared_services", n)
        if service.operator is not None:
            yield (*here, "operator"), service.operator, doctrine.organisations
        for r, role in enumerate(service.roles):
            yield (*here, "roles", r, "organisation"), role.organisation, doctrine.organisations
        yield from _each((*here, "absorbs", "functions"), service.absorbs.functions, doctrine.socle_functions)
        yield from _each((*here, "offers"), service.offers, doctrine.offers)


def _citable(doctrine: Doctrine) -> set[str]:
    presumed = {p.id for p in doctrine.presumptions}
    return {*doctrine.rules, *doctrine.gates, *doctrine.derogations, *doctrine.fit_rules, *presumed}


def _each(place: Place, words: Iterable[str], known: Collection[str]) -> Iterator[Used]:
    for n, word in enumerate(words):
        yield (*place, n), word, known


def _owner(content: object, place: Place) -> str:
    """The identifier of the entry a place is in; where the file is one entry, the offer it is about."""
    if len(place) > 1 and isinstance(place[0], str) and isinstance(place[1], int):
        entry = getattr(content, place[0], ())[place[1]]
        return str(getattr(entry, "id", None) or getattr(entry, "offer", place[0]))
    return str(getattr(content, "offer", ""))
