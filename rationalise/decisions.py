"""What people decided and signed, read from ``decisions/``: the only thing that turns unknown into "no".

Unsigned, not yet in force or past, a decision does not count. Perimeters answer ``classification``
for whole organisations; assessments answer the case-by-case analysis of article 31, or state facts;
fictitious_data says that a copy for tests holds nothing real; overrides fix a treatment; derogations record DER-31;
cuts say through which links sensitivity does not pass, hubs which applications are technical hubs. Break-glass decisions belong to the stacks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from inventory.documents import read_document
from inventory.problems import InvalidInput, Problem, Severity
from rationalise.language import _

CODE = "ANA-001"
TREATMENTS = Literal[
    "retire", "retire_archive", "mutualise", "repurchase", "retain", "refactor", "replatform", "relocate", "rehost"
]


class Part(BaseModel):
    """Base of decisions: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Signature(Part):
    """Who signs, in what capacity. A role is enough; a name is personal data and optional."""

    role: str
    organisation: str | None = None
    name: str | None = None


class Signed(Part):
    """A decision's signature and life; without a signature and a day it does not count."""

    signed_by: Signature | None = None
    signed_on: date | None = None
    expires_on: date | None = None
    reason: str | None = None

    def counts(self, as_of: date) -> bool:
        """Whether it is signed and in force on a day."""
        return self.state(as_of) == "in_force"

    def state(self, as_of: date) -> Literal["unsigned", "to_come", "expired", "in_force"]:
        """Where it stands on a day; only one in force counts."""
        if self.signed_by is None or self.signed_on is None:
            return "unsigned"
        if self.signed_on > as_of:
            return "to_come"
        return "expired" if self.expires_on is not None and as_of > self.expires_on else "in_force"


class SetApart(Part):
    """An application a perimeter declaration sets apart, and what it is."""

    application: str
    classification: Literal["dr", "secret", "tres_secret"]


class Perimeter(Signed):
    """The AQSSI's declaration: nothing classified in these organisations, except what is named."""

    kind: Literal["perimeter"]
    organisations: tuple[str, ...] = ()
    all: bool = False
    statement: Literal["nothing_classified"]
    exceptions: tuple[SetApart, ...] = Field(default=(), alias="except")


class Answers(Part):
    """Answers to the case-by-case analysis; what is not answered stays unknown."""

    entity_kind: Literal["etat", "operateur", "gip_liste", "gip_autre", "hors_perimetre"] | None = None
    secret_protege: bool | None = None
    secrets: tuple[str, ...] | None = None
    mission_essentielle: bool | None = None
    atteinte: (
        Literal["aucune"]
        | tuple[Literal["ordre_public", "securite_publique", "sante_vie", "propriete_intellectuelle"], ...]
        | None
    ) = None
    donnees_perso: Literal["aucune", "ordinaires", "art9", "penal"] | None = None
    sante: bool | None = None
    responsable_distinct_hebergeur: bool | None = None
    acces_hors_ue: Literal["none", "documente", "non_documente"] | None = None
    siiv: bool | None = None
    service_archivage: Literal["aucun", "tiers_intermediaire", "definitif"] | None = None
    usage_collaboratif: bool | None = None

    @property
    def case_by_case(self) -> bool:
        """Whether the three questions of article 31 are answered: less than that is a fact, not an assessment."""
        return None not in (self.secret_protege, self.mission_essentielle, self.atteinte)

    def as_cells(self) -> dict[str, str]:
        """The answers as the text cells of a profile; a set of harms is worth true, "aucune" false."""
        cells: dict[str, str] = {}
        for name, value in self.model_dump(exclude_none=True, exclude={"secrets", "atteinte"}).items():
            cells[name] = str(value).lower() if isinstance(value, bool) else value
        if self.atteinte is not None:
            cells["atteinte"] = "false" if self.atteinte in ("aucune", ()) else "true"
        return cells


class FromFact(Part):
    """An answer that a fact of the inventory suggests and nobody gave: no signature covers it."""

    attribute: str
    answer: str
    from_facts: Literal[True] = True
    fact: str


class Assessment(Signed):
    """A signed article 31 assessment of some applications (décret 2026-272; DINUM vade-mecum)."""

    kind: Literal["assessment"]
    applications: tuple[str, ...]
    questionnaire: str | None = None
    """The version of the questions that were answered."""
    answers: Answers
    suggested: tuple[FromFact, ...] = ()


class FictitiousData(Signed):
    """Non-production applications whose data were made up, or from which nobody can be found again."""

    kind: Literal["fictitious_data"]
    applications: tuple[str, ...]
    statement: Literal["no_real_data"]


class Override(Signed):
    """A treatment a person chose instead of the proposed one."""

    kind: Literal["override"]
    application: str
    treatment: TREATMENTS


class DerogationDecision(Signed):
    """A derogation granted under article 31 III, with what the law asks of it."""

    kind: Literal["derogation"]
    derogation: Literal["DER-31"]
    applications: tuple[str, ...]
    offer: str
    engaged_on: date
    published: bool
    decision_ministre: bool
    validation_premier_ministre: bool
    acceptable_offer_since: date | None = None


class Cut(Signed):
    """A link through which sensitivity does not pass: an anonymised flow, a one-way diode, a separate database.

    It lists the flows, or the applications of the database, that its author knew: a later one is not cut.
    """

    kind: Literal["cut"]
    means: Literal["anonymised_flow", "one_way_diode", "separate_database"]
    source: str | None = None
    """The system the flows leave from."""
    target: str | None = None
    flows: tuple[str, ...] = ()
    database: str | None = None
    applications: tuple[str, ...] = ()
    """The applications of the database that hold their data apart in it."""

    @model_validator(mode="after")
    def _whole(self) -> Cut:
        if self.means == "separate_database":
            if not self.database or not self.applications:
                raise ValueError(_("a separate database names the database and its applications"))
        elif not (self.source and self.target and self.flows):
            raise ValueError(_("a cut flow names its source, its target and the flows that were known"))
        if self.signed_on is not None and self.expires_on is None:
            raise ValueError(_("a signed cut has a day on which it expires (expires_on)"))
        return self


class Hub(Signed):
    """That an application is a technical hub, or is none whatever its words say."""

    kind: Literal["hub"]
    application: str
    hub: Literal["directory", "bus", "backup", "monitoring", "mail_relay", "names_and_time", "none"]


Decision = Perimeter | Assessment | FictitiousData | Override | DerogationDecision | Cut | Hub
FOLDERS: Mapping[str, type[Decision]] = {
    "perimeters": Perimeter,
    "assessments": Assessment,
    "fictitious": FictitiousData,
    "overrides": Override,
    "derogations": DerogationDecision,
    "cuts": Cut,
    "hubs": Hub,
}
"""The folders of ``decisions/`` this room reads, and what their files hold."""

D = TypeVar("D", bound=Signed)


@dataclass(frozen=True)
class Decisions:
    """Every decision by the path of its file, and the digest of them all."""

    by_file: Mapping[str, Decision] = field(default_factory=dict)
    digest: str = "sha256:" + hashlib.sha256().hexdigest()

    def of(self, kind: type[D], as_of: date | None = None) -> list[tuple[str, D]]:
        """The decisions of a kind, with their file, only those that count on *as_of* when it is given."""
        return [
            (name, decision)
            for name, decision in self.by_file.items()
            if isinstance(decision, kind) and (as_of is None or decision.counts(as_of))
        ]


def load_decisions(folder: Path) -> Decisions:
    """Read ``decisions/``; a missing folder holds none.

    Raises:
        InvalidInput: every file that is not what its folder says, with line and field (``ANA-001``).
    """
    found: dict[str, Decision] = {}
    problems: list[Problem] = []
    total = hashlib.sha256()
    for name, model in FOLDERS.items():
        for path in sorted((folder / name).glob("*.y*ml")):
            total.update(f"{name}/{path.name}\0".encode() + path.read_bytes() + b"\0")
            try:
                found[f"{name}/{path.name}"] = read_document(path, model, code=CODE)
            except InvalidInput as error:
                problems += error.problems
    problems += _misplaced(folder)
    if problems:
        raise InvalidInput(*problems)
    return Decisions(found, "sha256:" + total.hexdigest())


def not_counted(decisions: Decisions, as_of: date) -> list[Problem]:
    """A warning an assessment that does not count on a day, with why: what it answers is unknown (``INV-199``)."""
    why = {
        "unsigned": _("it is not signed"),
        "to_come": _("it is signed for a later day"),
        "expired": _("it has expired"),
    }
    return [
        Problem(code="INV-199", severity=Severity.WARNING, file=f"decisions/{name}", value=", ".join(found.applications[:5]),
                message=_("{applications}: this assessment does not count, {why}", applications=", ".join(found.applications[:5]),
                          why=why[state]),
                hint=_("its answers are worth unknown: have it signed, with francecloud assess form"))
        for name, found in decisions.of(Assessment)
        if (state := found.state(as_of)) != "in_force"
    ]  # fmt: skip


def _misplaced(folder: Path) -> list[Problem]:
    """A decision at the root of the folder would be silently without effect."""
    return [
        Problem(
            code="ANA-002",
            message=_("this decision is in no folder, so nothing reads it"),
            file=str(path),
            hint=_("put it under one of: {folders}", folders=", ".join([*FOLDERS, "breakglass"])),
        )
        for path in sorted(folder.glob("*.y*ml"))
    ]
