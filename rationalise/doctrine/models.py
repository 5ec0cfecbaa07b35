"""The doctrine's vocabulary: what each entry of the data files holds. Unknown keys are refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from inventory.language import language
from rationalise.language import _

Force = Literal["loi", "circulaire", "instruction", "guide", "politique"]
Confidence = Literal["A", "B", "C"]
TierId = Literal["CLASSIFIE", "INT_DR", "INT", "SNC", "COM_UE", "COM_HORS_UE"]
FORCES: tuple[Force, ...] = ("loi", "circulaire", "instruction", "guide", "politique")
"""Strongest first."""

Id = Annotated[str, Field(min_length=1)]

Condition = Mapping[str, list[str] | Mapping[str, list[str]]]
"""``attribute -> accepted values``, all of them; ``any -> {…}`` holds when one of its entries does."""


class Entry(BaseModel):
    """Base of every entry: frozen, and no key but those declared."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Text(Entry):
    """A sentence in both languages."""

    fr: str
    en: str

    def __str__(self) -> str:
        return self.fr if language() == "fr" else self.en


class Attribute(Entry):
    """An attribute of a profile, its closed list, and what unknown is worth."""

    name: str
    values: tuple[str, ...]
    title: Text
    unknown_as: str | None = None
    block: bool = False
    set_of: tuple[str, ...] = ()
    none: str | None = None

    def accepted(self) -> tuple[str, ...]:
        """Every word a profile may carry for this attribute (a set joins several with ``|``)."""
        return (*self.values, *([self.none] if self.none else []), *self.set_of)


class Tier(Entry):
    """A class of hosting."""

    id: TierId
    order: int
    title: Text
    kind: Literal["outside", "internal", "external"]
    reserved_for: tuple[str, ...] = ()


class Dated(Entry):
    """What every legal entry carries: its reference, its days, its force, how sure it is."""

    id: Id
    title: Text
    ref: str
    since: date
    until: date | None = None
    force: Force
    conf: Confidence
    read_on: date | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Dated:
        if self.until is not None and self.until < self.since:
            raise ValueError(_("the last day (until) is before the first one (since)"))
        return self

    def in_force(self, as_of: date) -> bool:
        """Whether the entry applies on a day; ``until`` is the last one."""
        return self.since <= as_of and (self.until is None or as_of <= self.until)


class Requirement(Entry):
    """What an offer must show for a rule to let it pass."""

    hds_version: int | None = None
    pays: str | None = None
    agrement_archives: bool | None = None
    entite_admise: bool | None = None
    convention: Literal["signed"] | None = None


class Evidence(Entry):
    """What must be shown, on given tiers, before a placement is more than conditional."""

    tiers: tuple[TierId, ...]
    requires: Literal["homologation_dr"]
    text: Text


class Rule(Dated):
    """A rule: whom it concerns, what it denies, asks of an offer, or warns of."""

    when: Condition | Literal["always"]
    deny: tuple[TierId, ...] = ()
    warn: tuple[TierId, ...] = ()
    evidence: Evidence | None = None
    require_offer: Requirement | None = None
    applies_to: tuple[TierId, ...] = ()
    if_unknown: Mapping[TierId, Literal["open_question", "closed"]] = Field(default_factory=dict)
    derogation: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Rule:
        if not (self.deny or self.warn or self.require_offer or self.evidence):
            raise ValueError(_("a rule must deny, warn, require something of the offer, or ask for evidence"))
        if self.require_offer and not self.applies_to:
            raise ValueError(_("require_offer needs applies_to, the tiers it holds on"))
        return self


class Presumption(Dated):
    """What is taken as true until someone signs otherwise; every attribute of ``when`` must match.

    It holds over the whole time modelled: it has no ``until``, and its ``since`` is not later.
    """

    when: Mapping[str, list[str]]
    then: Mapping[str, str]
    unless_signed: bool = False


YES_NO = ("true", "false")
GATE_FACTS: Mapping[str, tuple[str, ...]] = {
    "entity_kind": ("etat", "operateur", "gip_liste", "gip_autre", "hors_perimetre"),
    "classification": ("aucune", "dr", "secret", "tres_secret"),
    "treatment": (
        "retire", "retire_archive", "mutualise", "repurchase", "retain", "refactor", "replatform", "relocate", "rehost",
        "to_investigate",
    ),
    "tier": ("none", "CLASSIFIE", "INT_DR", "INT", "SNC", "COM_UE", "COM_HORS_UE"),
    "homologation": ("aucune", "valide", "echue", "dispensee"),
    "dinum_threshold": ("reached", "below"),
    "renewal": YES_NO,
    "purchase": YES_NO,
    "reversibilite_provisionnee": YES_NO,
    "lapses": YES_NO,
    "fallback": YES_NO,
    "dependent": YES_NO,
    "equipment": ("recent", "old"),
}  # fmt: skip
"""What a gate's conditions may name, and the values of each; :mod:`rationalise.gates` works them out."""


class Gate(Dated):
    """A governance gate: what must exist before a step.

    ``when`` says whom it concerns; ``met`` what satisfies it, absent where no fact of the inventory tells.
    """

    when: Condition | Literal["always"] = "always"
    met: Condition | Literal["always"] | None = None

    @model_validator(mode="after")
    def _facts_exist(self) -> Gate:
        for condition in (self.when, self.met):
            for name, values in flattened(condition) if isinstance(condition, Mapping) else ():
                if name not in GATE_FACTS:
                    raise ValueError(f"“{name}” is not a fact of gates: {', '.join(GATE_FACTS)}")
                if wrong := [v for v in values if v not in GATE_FACTS[name]]:
                    raise ValueError(f"{name}: {', '.join(wrong)}: accepted {', '.join(GATE_FACTS[name])}")
        return self


def flattened(condition: Condition) -> list[tuple[str, list[str]]]:
    """Every attribute a condition names, with its values; those of ``any`` too."""
    found: list[tuple[str, list[str]]] = []
    for name, values in condition.items():
        found += [(name, values)] if isinstance(values, list) else list(values.items())
    return found


class Derogation(Dated):
    """A way out the law itself provides, with its conditions and its clock."""

    engaged_before: date
    requires: tuple[str, ...]
    lapses_months: int


class Spanned(Entry):
    """What holds from a day to a last valid one."""

    since: Annotated[date, Field(alias="from")]
    to: date

    @model_validator(mode="after")
    def _in_order(self) -> Spanned:
        if self.to < self.since:
            raise ValueError(_("the last day (to) is before the first one (from)"))
        return self

    def valid(self, as_of: date) -> bool:
        """Whether it stands on a day."""
        return self.since <= as_of <= self.to


class Qualification(Spanned):
    """A security qualification of named layers of a service; ``to`` is the last valid day."""

    scheme: Literal["secnumcloud", "eu_equivalent"]
    layers: tuple[str, ...]
    decision: str | None = None


class Hds(Spanned):
    """A health-data hosting certificate."""

    version: int
    certificate: str


class Shown(Entry):
    """A fact that somebody showed about an offer, for as long as it holds; ``to`` is the last day."""

    fact: Literal["convention", "homologation_dr", "agrement_archives"]
    value: str | bool
    since: Annotated[date, Field(alias="from")]
    to: date | None = None
    ref: str

    def valid(self, as_of: date) -> bool:
        """Whether it holds on a day."""
        return self.since <= as_of and (self.to is None or as_of <= self.to)


class Offer(Entry):
    """A named hosting service. What it does not say is unknown."""

    id: Id
    title: str
    operator: str
    layers: tuple[str, ...]
    api: tuple[Literal["openstack", "ec2", "s3", "kubernetes", "vsphere", "own"], ...]
    law: Literal["ue", "hors_ue"]
    country: str | None = None
    internal: Literal["INT", "INT_DR"] | None = None
    admits: tuple[str, ...] = ()
    by_convention: tuple[str, ...] = ()
    convention: Literal["signed", "none"] | None = None
    qualifications: tuple[Qualification, ...] = ()
    hds: tuple[Hds, ...] = ()
    agrement_archives: bool | None = None
    homologation_dr: bool | None = None
    third_party_technology: str | None = None
    in_progress: Literal["secnumcloud", "eu_equivalent"] | None = None
    service_hours: Literal["ouvre", "etendu", "24x7"] | None = None
    fit: tuple[Literal["linux", "conteneurisable", "sans_etat"], ...] = ()
    shown: tuple[Shown, ...] = ()
    note: Text | None = None
    read_on: date
    conf: Confidence
    ref: str

    def on(self, as_of: date) -> Offer:
        """The offer with the facts that hold on a day; what is not shown that day is unknown again."""
        facts: dict[str, str | bool] = {shown.fact: shown.value for shown in self.shown if shown.valid(as_of)}
        return self.model_copy(update=facts) if facts else self

    def qualified(self, as_of: date) -> bool:
        """Whether valid qualifications cover every layer of the service on a day."""
        covered = {layer for q in self.qualifications if q.valid(as_of) for layer in q.layers}
        return bool(self.layers) and set(self.layers) <= covered

    def tier(self, as_of: date) -> TierId:
        """What the service is worth on a day: qualification attaches to a service and has an end."""
        if self.internal:
            return self.internal
        if self.qualified(as_of):
            return "SNC"
        return "COM_UE" if self.law == "ue" else "COM_HORS_UE"

    def spans(self) -> list[tuple[date, date]]:
        """First and last valid days of every qualification, certificate and fact shown."""
        return (
            [(q.since, q.to) for q in self.qualifications]
            + [(h.since, h.to) for h in self.hds]
            + [(s.since, s.to or date.max) for s in self.shown]
        )

    def lapsed(self, as_of: date) -> date | None:
        """The last day of the latest qualification that has ended, when none is valid."""
        ended = [q.to for q in self.qualifications if q.to < as_of]
        return max(ended) if ended and not self.qualified(as_of) else None


class Withdrawal(Entry):
    """An entry a DSI sets aside, and why. What has the force of law cannot be."""

    id: Id
    reason: Text
    ref: str


class AttributesFile(Entry):
    """``attributes.yaml``."""

    attributes: tuple[Attribute, ...]


class TiersFile(Entry):
    """``tiers.yaml``."""

    tiers: tuple[Tier, ...]


class RulesFile(Entry):
    """``rules.yaml``; ``modelled_since`` and ``blocking`` are the shipped catalogue's alone."""

    modelled_since: date | None = None
    rules: tuple[Rule, ...] = ()
    withdrawn: tuple[Withdrawal, ...] = ()
    blocking: Dated | None = None


class PresumptionsFile(Entry):
    """``presumptions.yaml``."""

    presume: tuple[Presumption, ...] = ()
    withdrawn: tuple[Withdrawal, ...] = ()


class GatesFile(Entry):
    """``gates.yaml``."""

    gates: tuple[Gate, ...] = ()
    derogations: tuple[Derogation, ...] = ()
    withdrawn: tuple[Withdrawal, ...] = ()


class EvidenceEntry(Entry):
    """A fact a DSI learnt about an offer, with its source: never a loosening of a rule.

    ``from`` and ``to`` date the convention, the homologation or the agreement it shows (``to`` is the
    last day); qualifications and certificates have days of their own.
    """

    offer: str
    qualifications: tuple[Qualification, ...] = ()
    hds: tuple[Hds, ...] = ()
    convention: Literal["signed", "none"] | None = None
    homologation_dr: bool | None = None
    agrement_archives: bool | None = None
    since: Annotated[date | None, Field(alias="from")] = None
    to: date | None = None
    ref: str
    address: str | None = None
    read_on: date

    @model_validator(mode="after")
    def _shows_something(self) -> EvidenceEntry:
        if not (self.qualifications or self.hds or self.facts()):
            raise ValueError(_("evidence shows a qualification, a certificate, a convention or an approval"))
        if self.qualifications and self.address is None:
            raise ValueError(_("a qualification is shown with the address (address) where its decision can be read"))
        if any(q.decision is None for q in self.qualifications):
            raise ValueError(_("a qualification is shown with the number of its decision (decision)"))
        if self.to is not None and self.since is None:
            raise ValueError(_("a last day (to) needs a first one (from)"))
        return self

    def facts(self) -> dict[str, str | bool]:
        """The facts without days of their own."""
        found = {n: getattr(self, n) for n in ("convention", "homologation_dr", "agrement_archives")}
        return {name: value for name, value in found.items() if value is not None}


class OffersFile(Entry):
    """``offers.yaml``."""

    catalogue_read_on: date | None = None
    offers: tuple[Offer, ...] = ()
    evidence: tuple[EvidenceEntry, ...] = ()
