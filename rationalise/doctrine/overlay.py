"""A DSI's own entries laid over the shipped catalogue: added, or changed where that does not loosen the law.

What says less than an entry whose force is the law's is refused; what says less than a weaker one is
accepted and kept in ``Doctrine.loosened``. Facts about an offer are evidence, never a loosening.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inventory.documents import Place, lines_of, nearest, read_document
from inventory.problems import InvalidInput, Problem
from rationalise.doctrine import loosening
from rationalise.doctrine.files import COLLECTIONS, EVIDENCE, OVERLAID, VECTORS
from rationalise.doctrine.loosening import Loosened
from rationalise.doctrine.models import (
    FORCES,
    Attribute,
    Dated,
    Derogation,
    Entry,
    EvidenceEntry,
    Force,
    Offer,
    OffersFile,
    Presumption,
    Rule,
    RulesFile,
    Shown,
    Text,
    Withdrawal,
)
from rationalise.doctrine.references import check_references
from rationalise.doctrine.socle import Organisation
from rationalise.language import _

if TYPE_CHECKING:
    from rationalise.doctrine.catalogue import Doctrine

CODE, LOOSENS, UNKNOWN_OFFER, DOMAIN = "DOC-001", "DOC-002", "DOC-003", "DOC-022"


@dataclass
class Source:
    """A file that was read: what it holds, and where."""

    path: Path
    content: Entry

    @cached_property
    def lines(self) -> Mapping[Place, int]:
        """The line of each field; worked out when something is wrong."""
        return lines_of(self.path.read_text(encoding="utf-8"))

    def problem(
        self, code: str, message: str, place: Place, *, value: object = None, hint: str | None = None
    ) -> Problem:
        """A problem at a place of this file; the line is that of the nearest part that is written."""
        row = next((self.lines[place[:n]] for n in range(len(place), -1, -1) if place[:n] in self.lines), None)
        where = ".".join(map(str, place)) or None
        said = None if value is None else str(value)
        return Problem(code=code, message=message, file=str(self.path), row=row, field=where, value=said, hint=hint)


@dataclass
class Layer:
    """The doctrine as the overlay is laid, with what it changed, loosened and got wrong."""

    shipped: Doctrine
    doctrine: Doctrine
    changed: list[str] = field(default_factory=list)
    loosened: list[Loosened] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def judge(
        self, source: Source, place: Place, old: Dated, fields: Iterable[str], force: Force | None = None
    ) -> None:
        """Refuse what loosens the law, note what loosens less."""
        fields = list(dict.fromkeys(fields))
        force = force or old.force
        if fields and force == "loi":
            self.problems += [_refusal(source, (*place, name), old, name) for name in fields]
        elif fields:
            self.loosened.append(Loosened(source.path.name, old.id, tuple(fields), force, old.title))


def lay(shipped: Doctrine, folder: Path) -> Doctrine:
    """The doctrine with the entries of a folder over it.

    Raises:
        InvalidInput: everything wrong at once, each with file, line, field and remedy.
    """
    sources = _read(folder)
    layer = Layer(shipped, shipped)
    for source in sorted(sources, key=lambda s: list(OVERLAID.values()).index(type(s.content))):
        _lay_one(layer, source)
    for source in sources:
        layer.problems += check_references(layer.doctrine, source)
    if layer.problems:
        raise InvalidInput(*layer.problems)
    loosened = tuple(sorted(layer.loosened, key=lambda entry: (entry.file, entry.entry)))
    return replace(layer.doctrine, overlaid=tuple(sorted(set(layer.changed))), loosened=loosened)


def read_source(path: Path, model: type[Entry]) -> Source:
    """A file of the doctrine, checked, with its lines.

    Raises:
        InvalidInput: every mistake, with its line and field.
    """
    return Source(path, read_document(path, model, code=CODE))


def _read(folder: Path) -> list[Source]:
    problems: list[Problem] = []
    sources: list[Source] = []
    # Every folder below is looked into: a file that nobody reads would be silently without effect.
    for path in sorted(folder.rglob("*.y*ml")):
        where = path.relative_to(folder).parent.as_posix()
        if where == VECTORS:
            # Witnesses judge nothing; the proof reads them.
            continue
        model = {".": OVERLAID.get(path.name), EVIDENCE: EvidenceEntry}.get(where)
        if model is None:
            problems.append(_no_such_file(path))
            continue
        try:
            sources.append(read_source(path, model))
        except InvalidInput as error:
            problems += error.problems
    if problems:
        raise InvalidInput(*problems)
    return sources


def _no_such_file(path: Path) -> Problem:
    near = nearest(path.name, list(OVERLAID))
    expected = ", ".join(name for name in OVERLAID if name != EVIDENCE)
    return Problem(
        code=CODE,
        message=_("“{file}” is not a file of the doctrine", file=path.name),
        file=str(path),
        hint=(_("did you mean “{near}”?", near=near) + " " if near else "")
        + _("expected: {expected}", expected=f"{expected}, {EVIDENCE}/*.yaml"),
    )


def _lay_one(layer: Layer, source: Source) -> None:
    if isinstance(source.content, EvidenceEntry):
        _lay_evidence(layer, source, [((), source.content)])
        return
    if isinstance(source.content, RulesFile):
        _refuse_frame(layer, source, source.content)
    for part, attribute in COLLECTIONS[type(source.content)].items():
        entries = getattr(source.content, part)
        before: dict[str, Any] = _by_name(getattr(layer.doctrine, attribute))
        for index, entry in enumerate(entries):
            _judge(layer, source, (part, index), before.get(_name(entry)), entry)
        layer.changed += [f"{source.path.name}: {_name(entry)}" for entry in entries]
        _put(layer, attribute, {**before, **_by_name(entries)})
    _withdraw(layer, source)
    if isinstance(source.content, OffersFile):
        places = [(("evidence", n), fact) for n, fact in enumerate(source.content.evidence)]
        _lay_evidence(layer, source, places)
        if read := source.content.catalogue_read_on:
            latest = max(read, layer.doctrine.catalogue_read_on)
            layer.doctrine = replace(layer.doctrine, catalogue_read_on=latest)
            layer.changed.append(f"{source.path.name}: catalogue_read_on")


def _judge(layer: Layer, source: Source, place: Place, old: Any, new: Any) -> None:
    domain = layer.doctrine.attributes
    match new:
        case Attribute():
            _judge_attribute(layer, source, place, new)
        case Presumption():
            if new.until is not None or new.since > layer.doctrine.modelled_since:
                name = "until" if new.until is not None else "since"
                hint = _("leave out until, and begin on {day} or before", day=layer.doctrine.modelled_since)
                text = _("{id}: a presumption holds over the whole time modelled", id=new.id)
                layer.problems.append(source.problem("DOC-024", text, (*place, name), hint=hint))
            fields = loosening.presumption_loosens(old, new, _conditions(layer), domain)
            # What a presumption stops presuming may be what keeps the law's own rules closed.
            layer.judge(source, place, old or new, fields, "loi")
        case Rule() if old is not None:
            layer.judge(source, place, old, loosening.rule_loosens(old, new, domain))
        case Derogation() if old is not None:
            layer.judge(source, place, old, loosening.derogation_loosens(old, new))
        case Offer():
            _judge_offer(layer, source, place, old, new)
        case Organisation():
            _judge_organisation(layer, source, place, new)
        case Dated() if old is not None and (old.force == "loi" or place[0] in ("gates", "fit")):
            layer.judge(source, place, old, loosening.other_loosens(old, new))


def _judge_attribute(layer: Layer, source: Source, place: Place, new: Attribute) -> None:
    old = layer.doctrine.attributes.get(new.name)
    fixed = ("values", "set_of", "none")
    wrong = ["name"] if old is None else [n for n in fixed if getattr(old, n) != getattr(new, n)]
    near = nearest(new.name, list(layer.doctrine.attributes))
    for name in wrong:
        text = _("“{name}”: the attributes and their values are those the law is applied to", name=new.name)
        expected = "|".join(getattr(old, name) or ()) if old else near
        hint = _("expected: {expected}", expected=expected or ", ".join(layer.doctrine.attributes))
        layer.problems.append(source.problem(DOMAIN, text, (*place, name), value=new.name, hint=hint))
    if old is None or wrong:
        return
    standing = _standing(layer, old)
    fields = loosening.attribute_loosens(old, new, _conditions(layer), layer.doctrine.attributes)
    layer.judge(source, place, standing, fields)


def _standing(layer: Layer, attribute: Attribute) -> Dated:
    """What an attribute carries: the force and references of the strongest rules that name it."""
    blocking = layer.shipped.blocking
    presumed = {n for p in layer.shipped.presumptions for n in (*p.when, *p.then)}
    rules = [r for r in layer.shipped.rules.values() if attribute.name in dict(loosening.named_values(r.when))]
    force = min((r.force for r in rules), key=FORCES.index, default="politique")
    if attribute.block or attribute.name in presumed:
        force = "loi"
    refs = [r.ref for r in rules if r.force == force] or [blocking.ref]
    return blocking.model_copy(
        update={"id": attribute.name, "title": attribute.title, "force": force, "ref": " ; ".join(refs)}
    )


def _judge_offer(layer: Layer, source: Source, place: Place, old: Offer | None, new: Offer) -> None:
    if new.internal and not _run_by_the_state(layer, new):
        _refuse_internal(layer, source, place, new)
    if old is None:
        for index, qualification in enumerate(new.qualifications):
            if qualification.decision is None:
                text = _("a qualification is shown with the number of its decision (decision)")
                hint = _("without a decision nobody can check it: leave it out until it is published")
                where = (*place, "qualifications", index, "decision")
                layer.problems.append(source.problem("DOC-025", text, where, hint=hint))
        return
    found = loosening.offer_loosens(old, new)
    for name, force in found.items():
        if force == "loi":
            text = _("“{id}”: an overlay does not change “{field}” of an offer that is shipped", id=old.id, field=name)
            hint = _(
                "a fact about an offer is evidence: write it in doctrine/evidence/, with its reference and its day"
            )
            layer.problems.append(source.problem(LOOSENS, text, (*place, name), hint=hint))
    less = tuple(n for n, force in found.items() if force != "loi")
    if less:
        layer.loosened.append(Loosened(source.path.name, old.id, less, "politique", Text(fr=old.title, en=old.title)))


def _judge_organisation(layer: Layer, source: Source, place: Place, new: Organisation) -> None:
    """A provider of the catalogue is not made part of the State by an overlay."""
    private = {o.operator for o in layer.shipped.offers.values() if not o.internal}
    if new.state and new.id in private:
        text = _("“{id}” is a provider: an overlay does not make it an organisation of the State", id=new.id)
        hint = _("expected: {expected}", expected="operator, authority, buyer")
        layer.problems.append(source.problem("DOC-023", text, (*place, "kind"), value=new.kind, hint=hint))


def _run_by_the_state(layer: Layer, offer: Offer) -> bool:
    operator = layer.doctrine.organisations.get(offer.operator)
    return operator is not None and operator.state


def _refuse_internal(layer: Layer, source: Source, place: Place, offer: Offer) -> None:
    known = [o.id for o in layer.doctrine.organisations.values() if o.state]
    near = nearest(offer.operator, known)
    text = _("“{id}”: an internal offer is run by an organisation of the State, “{operator}” is not one",
             id=offer.id, operator=offer.operator)  # fmt: skip
    hint = _("did you mean “{near}”?", near=near) if near else _("name one of doctrine/organisations.yaml")
    layer.problems.append(source.problem("DOC-023", text, (*place, "operator"), value=offer.operator, hint=hint))


def _withdraw(layer: Layer, source: Source) -> None:
    withdrawn: tuple[Withdrawal, ...] = getattr(source.content, "withdrawn", ())
    for index, entry in enumerate(withdrawn):
        place: Place = ("withdrawn", index, "id")
        for attribute in COLLECTIONS[type(source.content)].values():
            known = _by_name(getattr(layer.doctrine, attribute))
            if (old := known.pop(entry.id, None)) is not None:
                force: Force | None = "loi" if isinstance(old, Presumption) else None
                if not isinstance(old, Derogation):
                    layer.judge(source, place[:-1], old, ["id"], force)
                layer.changed.append(f"{source.path.name}: {entry.id}")
                _put(layer, attribute, known)
                break
        else:
            names = [
                n for a in COLLECTIONS[type(source.content)].values() for n in _by_name(getattr(layer.doctrine, a))
            ]
            near = nearest(entry.id, names)
            hint = _("did you mean “{near}”?", near=near) if near else ", ".join(names)
            text = _("nothing is called “{word}”", word=entry.id)
            layer.problems.append(source.problem("DOC-021", text, place, value=entry.id, hint=hint))


def _lay_evidence(layer: Layer, source: Source, facts: Iterable[tuple[Place, EvidenceEntry]]) -> None:
    offers = dict(layer.doctrine.offers)
    for place, fact in facts:
        offer = offers.get(fact.offer)
        if offer is None:
            near = nearest(fact.offer, list(offers))
            hint = _("did you mean “{near}”?", near=near) if near else ", ".join(offers)
            text = _("there is no offer “{id}”", id=fact.offer)
            layer.problems.append(source.problem(UNKNOWN_OFFER, text, (*place, "offer"), value=fact.offer, hint=hint))
            continue
        offers[fact.offer] = _with_evidence(offer, fact)
        layer.changed.append(f"{source.path.name}: {fact.offer}")
    layer.doctrine = replace(layer.doctrine, offers=offers)


def _with_evidence(offer: Offer, fact: EvidenceEntry) -> Offer:
    said: dict[str, object] = {}
    if fact.since is None:
        said = dict(fact.facts())
    else:
        shown = [
            Shown(fact=name, value=value, since=fact.since, to=fact.to, ref=fact.ref)  # type: ignore[arg-type]
            for name, value in fact.facts().items()
        ]
        said = {"shown": (*offer.shown, *shown)}
    return offer.model_copy(
        update={
            **said,
            "qualifications": (*offer.qualifications, *fact.qualifications),
            "hds": (*offer.hds, *fact.hds),
            "read_on": max(offer.read_on, fact.read_on),
        }
    )


def _refuse_frame(layer: Layer, source: Source, content: RulesFile) -> None:
    for name in ("modelled_since", "blocking"):
        if getattr(content, name) is not None:
            text = _("“{field}” is the shipped catalogue's alone", field=name)
            layer.problems.append(source.problem(LOOSENS, text, (name,), hint=_("leave it out of an overlay")))


def _refusal(source: Source, place: Place, law: Dated, name: str) -> Problem:
    if name == "id":
        text = _(
            "{id} cannot be withdrawn: it has, or keeps closed, what has the force of law ({ref})",
            id=law.id,
            ref=law.ref,
        )
        return source.problem(
            LOOSENS, text, place, value=law.id, hint=_("only rules of a lesser force can be set aside")
        )
    text = _("{id}: “{field}” would say less than the law does ({ref})", id=law.id, field=name, ref=law.ref)
    said = law.model_dump(mode="json", by_alias=True).get(name)
    hint = _("keep at least what the catalogue says: {said}", said=said) + " " if said is not None else ""
    hint += _("or record a fact about an offer as evidence, or add a rule with an identifier of your own")
    return source.problem(LOOSENS, text, place, hint=hint)


def _conditions(layer: Layer) -> list[loosening.When]:
    rules: list[loosening.When] = [rule.when for rule in layer.doctrine.rules.values()]
    presumed = {p.id: p for p in (*layer.shipped.presumptions, *layer.doctrine.presumptions)}
    return rules + [dict(p.when) for p in presumed.values()]


def _put(layer: Layer, attribute: str, entries: dict[str, Any]) -> None:
    kept = tuple(entries.values()) if isinstance(getattr(layer.doctrine, attribute), tuple) else entries
    change: dict[str, Any] = {attribute: kept}
    layer.doctrine = replace(layer.doctrine, **change)


def _by_name(entries: Mapping[str, Any] | Iterable[Any]) -> dict[str, Any]:
    listed = entries.values() if isinstance(entries, Mapping) else entries
    return {_name(entry): entry for entry in listed}


def _name(entry: Any) -> str:
    return str(entry.id if hasattr(entry, "id") else entry.name)
