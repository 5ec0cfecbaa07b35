"""Witnesses: cases with their expected answer, kept as data, that an entry of the doctrine alone decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

import polars as pl
from pydantic import model_validator

from inventory.documents import nearest, read_document
from inventory.problems import InvalidInput, Problem
from rationalise.doctrine.catalogue import Doctrine, load_doctrine
from rationalise.doctrine.models import Entry, Hds, Offer, TierId
from rationalise.doctrine.proof.declared import harmless
from rationalise.doctrine.proof.fitness import fit_rules, fit_said
from rationalise.doctrine.proof.tables import altered, judge, word
from rationalise.language import _

SHIPPED = Path(__file__).parent.parent / "vectors"
CODE = "DOC-057"


class Shows(Entry):
    """What a vector supposes the offer to show, beyond the catalogue: so that a demand is witnessed met and unmet."""

    hds_version: int | None = None
    agrement_archives: bool | None = None
    homologation_dr: bool | None = None
    convention: Literal["signed", "none"] | None = None

    def on(self, offer: Offer) -> Offer:
        """The offer showing that, for ever."""
        facts: dict[str, Any] = self.model_dump(exclude={"hds_version"}, exclude_none=True)
        if self.hds_version is not None:
            always = Hds(version=self.hds_version, since=date.min, to=date.max, certificate="")
            facts["hds"] = (*offer.hds, always)
        return offer.model_copy(update=facts)


class Vector(Entry):
    """A case: a profile (said by how it differs from the harmless one), a day, a tier or an offer, the answer.

    ``aside``: entries set aside first, for what another entry would hide. ``speaks``: rules that must
    be among those that spoke. A gate's vector has ``in_force`` instead of a verdict; a fit rule's has the
    technical ``facts`` (or the ``stack``) and what the rule ``says`` of the offer.
    """

    id: str
    witnesses: tuple[str, ...] = ()
    as_of: date
    profile: Mapping[str, str | None] = {}
    tier: TierId | None = None
    offer: str | None = None
    shows: Shows | None = None
    verdict: Literal["allowed", "conditional", "denied"] | None = None
    speaks: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    in_force: bool | None = None
    facts: Mapping[str, str] = {}
    stack: Literal["openstack", "external"] | None = None
    says: Literal["against", "open", "warnings"] | None = None

    @model_validator(mode="after")
    def _one_question(self) -> Vector:
        if sum(said is not None for said in (self.in_force, self.verdict, self.says)) != 1:
            raise ValueError(_("a vector says a verdict, or whether a gate is in force"))
        if self.verdict is not None and (self.tier is None) == (self.offer is None):
            raise ValueError(_("a vector is about a tier or about an offer"))
        return self


class VectorsFile(Entry):
    """``vectors/*.yaml``."""

    vectors: tuple[Vector, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What the doctrine answers to a vector, in the terms of the vector."""

    verdict: str | None
    speaks: frozenset[str] = frozenset()
    in_force: bool | None = None


def expected(vector: Vector) -> Answer:
    """The answer the vector states."""
    return Answer(vector.verdict or vector.says, frozenset(vector.speaks), vector.in_force)


@dataclass(frozen=True)
class Witnesses:
    """The vectors: those shipped, and a workspace's own, which replace a shipped one of the same identifier."""

    shipped: tuple[Vector, ...]
    own: tuple[Vector, ...] = ()

    def __iter__(self) -> Iterator[Vector]:
        return iter((*self.shipped, *self.own))

    def of(self, entry: str) -> Witnesses:
        """Those that witness an entry."""
        both = (tuple(v for v in some if entry in v.witnesses) for some in (self.shipped, self.own))
        return Witnesses(*both)

    def answers(self, doctrine: Doctrine) -> dict[str, Answer]:
        """What the doctrine answers to each.

        A shipped vector is about the shipped entries as the overlay leaves them: rules a DSI adds and
        facts it learnt about offers are the matter of its own vectors.
        """
        return answers(_as_shipped(doctrine), self.shipped) | answers(doctrine, self.own)


def _as_shipped(doctrine: Doctrine) -> Doctrine:
    if not doctrine.overlaid:
        return doctrine
    shipped = load_doctrine()
    presumed = {p.id for p in shipped.presumptions}
    return altered(
        doctrine,
        "as shipped",
        rules={i: r for i, r in doctrine.rules.items() if i in shipped.rules},
        presumptions=tuple(p for p in doctrine.presumptions if p.id in presumed),
        gates={i: g for i, g in doctrine.gates.items() if i in shipped.gates},
        offers=shipped.offers,
    )


def read_vectors(doctrine: Doctrine, overlay: Path | None = None) -> Witnesses:
    """The shipped vectors, and those of a workspace's ``doctrine/vectors/``.

    Raises:
        InvalidInput: a file that is wrong, a vector that names what does not exist or repeats an
            identifier (``DOC-057``).
    """
    shipped, problems = _read(doctrine, SHIPPED)
    own, more = _read(doctrine, overlay / "vectors") if overlay is not None else ({}, [])
    if problems + more:
        raise InvalidInput(*problems, *more)
    return Witnesses(tuple(v for v in shipped.values() if v.id not in own), tuple(own.values()))


def _read(doctrine: Doctrine, folder: Path) -> tuple[dict[str, Vector], list[Problem]]:
    problems: list[Problem] = []
    found: dict[str, Vector] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            read = read_document(path, VectorsFile, code=CODE).vectors
        except InvalidInput as error:
            problems += error.problems
            continue
        for vector in read if fit_rules(doctrine) else (v for v in read if v.says is None):
            problems += _problems(doctrine, vector, path)
            if vector.id in found:
                problems.append(_problem(path, vector, _("“{id}” is given twice", id=vector.id)))
            found[vector.id] = vector
    return found, problems


def _problems(doctrine: Doctrine, vector: Vector, path: Path) -> list[Problem]:
    problems = []
    for name, value in vector.profile.items():
        attribute = doctrine.attributes.get(name)
        accepted = list(attribute.values) if attribute else list(doctrine.attributes)
        wrong = name if attribute is None else value
        if attribute is None or (value is not None and value not in attribute.values):
            problems.append(_problem(path, vector, _("“{word}” is not known", word=wrong), str(wrong), accepted))
    if vector.offer is not None and vector.offer not in doctrine.offers:
        message = _("there is no offer “{id}”", id=vector.offer)
        problems.append(_problem(path, vector, message, vector.offer, list(doctrine.offers)))
    return problems


def _problem(path: Path, vector: Vector, message: str, word: str = "", accepted: Sequence[str] = ()) -> Problem:
    near = nearest(word, list(accepted))
    hint = _("did you mean “{near}”?", near=near) if near else ", ".join(accepted) or None
    return Problem(code=CODE, message=message, file=str(path), field=vector.id, value=word or None, hint=hint)


def whole_profile(vector: Vector) -> dict[str, str | None]:
    """The profile with what the vector does not say at its harmless value."""
    return {**harmless(), **vector.profile}


def answers(doctrine: Doctrine, vectors: Iterable[Vector]) -> dict[str, Answer]:
    """What the doctrine answers to each vector; those of one day and one set aside are judged together."""
    found: dict[str, Answer] = {}
    groups: dict[tuple[date, tuple[str, ...], str], list[Vector]] = {}
    for vector in vectors:
        if vector.says is not None:
            found[vector.id] = Answer(
                fit_said(doctrine, vector.witnesses, vector.facts, vector.stack, vector.offer or "", vector.as_of)
            )
        elif vector.in_force is not None:
            found[vector.id] = Answer(None, frozenset(), _gates_in_force(doctrine, vector))
        else:
            groups.setdefault(
                (vector.as_of, vector.aside, repr((vector.shows, vector.shows and vector.offer))), []
            ).append(vector)
    for (day, aside, _shown), group in groups.items():
        found |= _judged(_showing(without(doctrine, aside), group[0]), day, group)
    return found


def _showing(doctrine: Doctrine, vector: Vector) -> Doctrine:
    """The doctrine with the vector's offer showing what it supposes."""
    offer = doctrine.offers.get(vector.offer or "")
    if vector.shows is None or offer is None:
        return doctrine
    label = f"{vector.offer} shows {vector.shows!r}"
    return altered(doctrine, label, offers={**doctrine.offers, offer.id: vector.shows.on(offer)})


def _gates_in_force(doctrine: Doctrine, vector: Vector) -> bool:
    gates = [doctrine.gates.get(name) for name in vector.witnesses]
    return bool(gates) and all(g is not None and g.in_force(vector.as_of) for g in gates)


def _judged(doctrine: Doctrine, day: date, vectors: Sequence[Vector]) -> dict[str, Answer]:
    offers = sorted({v.offer for v in vectors if v.offer is not None and v.offer in doctrine.offers})
    tiers = {v.tier for v in vectors}
    few = altered(doctrine, f"tiers {sorted(map(str, tiers))}", tiers={t: e for t, e in doctrine.tiers.items() if t in tiers} or doctrine.tiers)  # fmt: skip
    schema = dict.fromkeys(doctrine.attributes, pl.String)
    profiles = pl.DataFrame([whole_profile(v) for v in vectors], schema=schema, orient="row")
    frames = dict(judge(few, profiles, day, offers))
    found = {}
    for row, vector in enumerate(vectors):
        frame = frames.get(vector.offer or vector.tier or "")
        if frame is None:
            found[vector.id] = Answer(None)
            continue
        rank, rules, _causes = frame.row(row)
        spoke = frozenset(rules.split("|")) & frozenset(vector.speaks)
        found[vector.id] = Answer(None if rank is None else word(rank), spoke)
    return found


def without(doctrine: Doctrine, aside: Iterable[str]) -> Doctrine:
    """The doctrine with some of its rules, presumptions and gates set aside."""
    names = set(aside)
    if not names:
        return doctrine
    fit = fit_rules(doctrine)
    return replace(
        altered(
            doctrine,
            f"without {sorted(names)}",
            **({"fit_rules": {i: r for i, r in fit.items() if i not in names}} if fit else {}),
        ),
        rules={i: r for i, r in doctrine.rules.items() if i not in names},
        presumptions=tuple(p for p in doctrine.presumptions if p.id not in names),
        gates={i: g for i, g in doctrine.gates.items() if i not in names},
    )
