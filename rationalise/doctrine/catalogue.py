"""The doctrine read from its data files, with a DSI's own entries laid over them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from inventory.documents import nearest, read_document
from inventory.problems import InvalidInput, Problem
from rationalise.doctrine.models import (
    FORCES,
    Attribute,
    AttributesFile,
    Dated,
    Derogation,
    Entry,
    EvidenceEntry,
    Gate,
    GatesFile,
    Offer,
    OffersFile,
    Presumption,
    Rule,
    RulesFile,
    Tier,
    TiersFile,
)
from rationalise.language import _

SHIPPED = Path(__file__).parent
OVERLAID: Mapping[str, type[Entry]] = {"rules.yaml": RulesFile, "gates.yaml": GatesFile, "offers.yaml": OffersFile}
"""The files a DSI may write in its own ``doctrine/`` folder, and what each must be."""

CODE = "DOC-001"
F = TypeVar("F", bound=Entry)


@dataclass(frozen=True)
class Doctrine:
    """Everything the law, the tiers and the offers say, with the digest of it all."""

    attributes: Mapping[str, Attribute]
    tiers: Mapping[str, Tier]
    rules: Mapping[str, Rule]
    presumptions: tuple[Presumption, ...]
    blocking: Dated
    gates: Mapping[str, Gate]
    derogations: Mapping[str, Derogation]
    offers: Mapping[str, Offer]
    modelled_since: date
    catalogue_read_on: date
    digest: str
    overlaid: tuple[str, ...] = ()
    """What a DSI's overlay changed, each as ``file: entry``; shown in every output that used it."""

    @property
    def read_on(self) -> date:
        """The day the most recently read entry was read."""
        return max(o.read_on for o in self.offers.values())


@lru_cache(maxsize=8)
def load_doctrine(overlay: Path | None = None) -> Doctrine:
    """Read the shipped catalogue, then the overlay folder if there is one.

    Raises:
        InvalidInput: a file, line and field that is wrong (``DOC-001``), or an overlay entry that
            loosens a rule whose force is the law's (``DOC-002``), or names an offer nobody knows
            (``DOC-003``).
    """
    rules = read_document(SHIPPED / "rules.yaml", RulesFile, code=CODE)
    gates = read_document(SHIPPED / "gates.yaml", GatesFile, code=CODE)
    offers = read_document(SHIPPED / "offers.yaml", OffersFile, code=CODE)
    if rules.blocking is None or rules.modelled_since is None or offers.catalogue_read_on is None:
        raise InvalidInput(Problem(code=CODE, message=_("the shipped catalogue is incomplete"), file=str(SHIPPED)))
    shipped = Doctrine(
        attributes={
            a.name: a for a in read_document(SHIPPED / "attributes.yaml", AttributesFile, code=CODE).attributes
        },
        tiers={t.id: t for t in read_document(SHIPPED / "tiers.yaml", TiersFile, code=CODE).tiers},
        rules={r.id: r for r in rules.rules},
        presumptions=rules.presume,
        blocking=rules.blocking,
        gates={g.id: g for g in gates.gates},
        derogations={d.id: d for d in gates.derogations},
        offers={o.id: o for o in offers.offers},
        modelled_since=rules.modelled_since,
        catalogue_read_on=offers.catalogue_read_on,
        digest=_digest(SHIPPED, overlay),
    )
    _check_conditions(shipped, SHIPPED / "rules.yaml")
    if overlay is None or not overlay.is_dir():
        return shipped
    return _overlay(shipped, overlay)


def _overlay(shipped: Doctrine, folder: Path) -> Doctrine:
    problems: list[Problem] = []
    found: dict[str, Entry] = {}
    for path in sorted(folder.glob("*.yaml")):
        model = OVERLAID.get(path.name)
        if model is None:
            near = nearest(path.name, list(OVERLAID))
            problems.append(
                Problem(
                    code=CODE,
                    message=_("“{file}” is not a file of the doctrine", file=path.name),
                    file=str(path),
                    hint=_("did you mean “{near}”?", near=near) if near else ", ".join(OVERLAID),
                )
            )
            continue
        try:
            found[path.name] = read_document(path, model, code=CODE)
        except InvalidInput as error:
            problems += error.problems
    if problems:
        raise InvalidInput(*problems)
    changed: list[str] = []
    result = shipped
    rules = found.get("rules.yaml")
    if isinstance(rules, RulesFile):
        problems += _loosened(shipped, rules, folder / "rules.yaml")
        result = replace(result, rules={**result.rules, **{r.id: r for r in rules.rules}})
        changed += [f"rules.yaml: {r.id}" for r in rules.rules]
    gates = found.get("gates.yaml")
    if isinstance(gates, GatesFile):
        result = replace(result, gates={**result.gates, **{g.id: g for g in gates.gates}})
        changed += [f"gates.yaml: {g.id}" for g in gates.gates]
    offers = found.get("offers.yaml")
    if isinstance(offers, OffersFile):
        known = {**result.offers, **{o.id: o for o in offers.offers if o.id not in result.offers}}
        problems += _redefined(shipped, offers, folder / "offers.yaml")
        problems += _unknown_offers(known, offers.evidence, folder / "offers.yaml")
        result = replace(result, offers=_with_evidence(known, offers.evidence))
        changed += [f"offers.yaml: {o.id}" for o in offers.offers] + [
            f"offers.yaml: {e.offer}" for e in offers.evidence
        ]
    if problems:
        raise InvalidInput(*problems)
    _check_conditions(result, folder / "rules.yaml")
    return replace(result, overlaid=tuple(sorted(changed)))


def _loosened(shipped: Doctrine, overlay: RulesFile, path: Path) -> list[Problem]:
    """Overlay entries that would say less than a shipped rule whose force is the law's."""
    problems = []
    if overlay.presume or overlay.blocking or overlay.modelled_since:
        problems.append(Problem(code="DOC-002", message=_("an overlay changes no presumption"), file=str(path)))
    for rule in overlay.rules:
        law = shipped.rules.get(rule.id)
        if law is not None and law.force == "loi" and rule != law:
            problems.append(
                Problem(
                    code="DOC-002",
                    message=_("{id} has the force of law: an overlay cannot change it ({ref})", id=law.id, ref=law.ref),
                    file=str(path),
                    field=rule.id,
                    hint=_("record a fact about an offer as evidence, or add a rule with an identifier of your own"),
                )
            )
    return problems


def _redefined(shipped: Doctrine, overlay: OffersFile, path: Path) -> list[Problem]:
    return [
        Problem(
            code="DOC-002",
            message=_("“{id}” is shipped: an overlay adds offers, and evidence about those shipped", id=o.id),
            file=str(path),
            field=o.id,
            hint=_("write it under “evidence”, with its reference and the day it was read"),
        )
        for o in overlay.offers
        if o.id in shipped.offers
    ]


def _unknown_offers(known: Mapping[str, Offer], evidence: Iterable[EvidenceEntry], path: Path) -> list[Problem]:
    return [
        Problem(
            code="DOC-003",
            message=_("there is no offer “{id}”", id=e.offer),
            file=str(path),
            field="offer",
            value=e.offer,
            hint=_("did you mean “{near}”?", near=near) if (near := nearest(e.offer, list(known))) else None,
        )
        for e in evidence
        if e.offer not in known
    ]


def _with_evidence(offers: Mapping[str, Offer], evidence: Iterable[EvidenceEntry]) -> dict[str, Offer]:
    result = dict(offers)
    for fact in evidence:
        offer = result.get(fact.offer)
        if offer is None:
            continue
        said = {
            name: value
            for name in ("convention", "homologation_dr", "agrement_archives")
            if (value := getattr(fact, name)) is not None
        }
        result[fact.offer] = offer.model_copy(
            update={
                **said,
                "qualifications": (*offer.qualifications, *fact.qualifications),
                "hds": (*offer.hds, *fact.hds),
                "read_on": max(offer.read_on, fact.read_on),
            }
        )
    return result


def _check_conditions(doctrine: Doctrine, path: Path) -> None:
    """Every attribute and value a condition names must exist."""
    problems = []
    conditions = [(r.id, r.when) for r in doctrine.rules.values() if r.when != "always"]
    conditions += [(p.id, p.when) for p in doctrine.presumptions]
    for owner, when in conditions:
        assert not isinstance(when, str)
        for name, values in _pairs(when):
            attribute = doctrine.attributes.get(name)
            wrong = [name] if attribute is None else [v for v in values if v not in attribute.values]
            accepted = list(doctrine.attributes) if attribute is None else list(attribute.values)
            problems += [
                Problem(
                    code=CODE,
                    message=_("{rule}: “{word}” is not known", rule=owner, word=word),
                    file=str(path),
                    field=owner,
                    value=word,
                    hint=_("accepted: {accepted}", accepted=", ".join(accepted)),
                )
                for word in wrong
            ]
    if problems:
        raise InvalidInput(*problems)


def _pairs(when: Mapping[str, list[str] | Mapping[str, list[str]]]) -> Iterable[tuple[str, list[str]]]:
    for name, values in when.items():
        if isinstance(values, list):
            yield name, values
        else:
            yield from values.items()


def _digest(*folders: Path | None) -> str:
    total = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.glob("*.yaml")) if folder and folder.is_dir() else []:
            total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return "sha256:" + total.hexdigest()


def strongest(rules: Iterable[Dated]) -> list[Dated]:
    """Entries by falling force, then by identifier."""
    return sorted(rules, key=lambda r: (FORCES.index(r.force), r.id))
