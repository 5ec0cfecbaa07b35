"""The doctrine read from its data files, with a DSI's own entries laid over them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from inventory.problems import InvalidInput, Problem
from rationalise.doctrine.figures import Factor, Rate, Secret, TextRule, Threshold, Vehicle
from rationalise.doctrine.files import COLLECTIONS, FILES, SHIPPED
from rationalise.doctrine.fit import FitFact, FitRule
from rationalise.doctrine.loosening import Loosened
from rationalise.doctrine.models import (
    FORCES,
    Attribute,
    Dated,
    Derogation,
    Entry,
    Gate,
    Offer,
    OffersFile,
    Presumption,
    Rule,
    RulesFile,
    Tier,
)
from rationalise.doctrine.overlay import CODE, Source, lay, read_source
from rationalise.doctrine.references import check_references
from rationalise.doctrine.socle import Committee, Fact, Organisation, SharedService, SocleFunction
from rationalise.language import _


@dataclass(frozen=True)
class Doctrine:
    """Everything the law, the tiers and the offers say, with the digest of it all; mappings are by id."""

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
    loosened: tuple[Loosened, ...] = ()
    """What of it says less than the catalogue, none of it with the force of law."""
    fit_facts: Mapping[str, FitFact] = field(default_factory=dict)
    fit_rules: Mapping[str, FitRule] = field(default_factory=dict)
    organisations: Mapping[str, Organisation] = field(default_factory=dict)
    committees: Mapping[str, Committee] = field(default_factory=dict)
    socle_functions: Mapping[str, SocleFunction] = field(default_factory=dict)
    shared_services: Mapping[str, SharedService] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    texts: Mapping[str, TextRule] = field(default_factory=dict)
    factors: Mapping[str, Factor] = field(default_factory=dict)
    rates: Mapping[str, Rate] = field(default_factory=dict)
    thresholds: Mapping[str, Threshold] = field(default_factory=dict)
    vehicles: Mapping[str, Vehicle] = field(default_factory=dict)

    @property
    def read_on(self) -> date:
        """The day the most recently read entry was read."""
        return max(o.read_on for o in self.offers.values())

    @property
    def entries(self) -> dict[str, Tier | Dated | Offer]:
        """Every entry that has an identifier; where two kinds share one, the first of this order."""
        presumed = {p.id: p for p in self.presumptions}
        kinds: list[Mapping[str, Any]] = [
            self.tiers, self.rules, presumed, self.gates, self.derogations, self.offers, self.fit_rules,
            self.shared_services, self.organisations, self.committees, self.secrets, self.texts, self.factors,
            self.rates, self.thresholds, self.vehicles,
        ]  # fmt: skip
        found: dict[str, Tier | Dated | Offer] = {}
        for kind in kinds:
            found |= {name: entry for name, entry in kind.items() if name not in found}
        return found

    def not_confirmed(self) -> list[Fact]:
        """The entries that are said to be open, in the order of :attr:`entries`."""
        return [e for e in self.entries.values() if isinstance(e, Fact) and e.status != "established"]

    def absorbing(
        self, functions: Collection[str], as_of: date, *, products: Collection[str] = ()
    ) -> list[SharedService]:
        """The shared services that can take over one of these functions or products on a day.

        Args:
            functions: words of ``socle_functions``.
            as_of: the day.
            products: names as an inventory gives them; compared in lower case to those each function lists.
        """
        named = {product.lower() for product in products}
        betrayed = {f.name for f in self.socle_functions.values() if named & set(f.products)}
        wanted = {*functions, *betrayed}
        return [s for s in self.shared_services.values() if s.in_force(as_of) and s.absorbs_any(wanted, named)]


def load_doctrine(overlay: Path | None = None) -> Doctrine:
    """Read the shipped catalogue, then the overlay folder if there is one.

    Raises:
        InvalidInput: everything wrong at once, with file, line, field and remedy: a file that is not what it
            must be (``DOC-001``), an entry that loosens the law (``DOC-002``), an offer nobody knows
            (``DOC-003``), and ``DOC-020`` to ``DOC-025``.
    """
    folder = overlay if overlay is not None and overlay.is_dir() else None
    return _load(folder, _digest(SHIPPED, folder))


@lru_cache(maxsize=8)
def _load(overlay: Path | None, digest: str) -> Doctrine:
    # By digest: a file that changes in the life of a process is read again.
    result = replace(_shipped(), digest=digest)
    return lay(result, overlay) if overlay is not None else result


@lru_cache(maxsize=1)
def _shipped() -> Doctrine:
    sources = {name: read_source(SHIPPED / name, model) for name, model in FILES.items()}
    rules, offers = sources["rules.yaml"].content, sources["offers.yaml"].content
    assert isinstance(rules, RulesFile)
    assert isinstance(offers, OffersFile)
    if rules.blocking is None or rules.modelled_since is None or offers.catalogue_read_on is None:
        raise InvalidInput(Problem(code=CODE, message=_("the shipped catalogue is incomplete"), file=str(SHIPPED)))
    parts = {k: v for source in sources.values() for k, v in _collections(source).items()}
    shipped = Doctrine(
        **parts,
        blocking=rules.blocking,
        modelled_since=rules.modelled_since,
        catalogue_read_on=offers.catalogue_read_on,
        digest="",
    )
    problems = [p for source in sources.values() for p in check_references(shipped, source)]
    if problems:
        raise InvalidInput(*problems)
    return shipped


def _collections(source: Source) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part, attribute in COLLECTIONS[type(source.content)].items():
        entries: tuple[Entry, ...] = getattr(source.content, part)
        named = {getattr(e, "id", None) or getattr(e, "name", ""): e for e in entries}
        found[attribute] = entries if attribute == "presumptions" else named
    return found


def _digest(*folders: Path | None) -> str:
    total = hashlib.sha256()
    for folder in folders:
        if folder is None:
            continue
        for path in sorted(folder.rglob("*.y*ml")):
            name = path.relative_to(folder).as_posix()
            total.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return "sha256:" + total.hexdigest()


def strongest(rules: Iterable[Dated]) -> list[Dated]:
    """Entries by falling force, then by identifier."""
    return sorted(rules, key=lambda r: (FORCES.index(r.force), r.id))
