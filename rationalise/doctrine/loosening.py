"""Whether an overlay says less than the catalogue: decided, or else presumed so.

Conditions are compared over the finite domain of the attributes they name; the rest by rules that
are conservative: a change that is not shown to tighten loosens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Literal

from rationalise.doctrine.models import (
    FORCES,
    Attribute,
    Condition,
    Dated,
    Derogation,
    Force,
    Offer,
    Presumption,
    Requirement,
    Rule,
    Text,
)
from rationalise.language import _

WIDEST = 50_000
"""Profiles beyond which two different conditions are no longer compared: they count as loosened."""

Domain = Mapping[str, Attribute]
When = Condition | Literal["always"]


@dataclass(frozen=True, slots=True)
class Loosened:
    """An entry that an overlay makes say less, with what it changes and the force it had."""

    file: str
    entry: str
    fields: tuple[str, ...]
    force: Force
    title: Text

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "file": self.file,
            "entry": self.entry,
            "fields": list(self.fields),
            "force": self.force,
            "title": {"fr": self.title.fr, "en": self.title.en},
        }

    def text(self) -> str:
        """One line for a person, in the current language."""
        return _("the workspace's doctrine loosens {entry} ({force}): {title}; changed: {fields}",
                 entry=self.entry, force=self.force, title=self.title, fields=", ".join(self.fields))  # fmt: skip


def rule_loosens(old: Rule, new: Rule, domain: Domain) -> list[str]:
    """The fields by which a rule that replaces another says less, on some day, profile, tier or offer."""
    fields = dated_loosens(old, new)
    if not covers(new.when, old.when, domain):
        fields.append("when")
    if not set(old.deny) <= set(new.deny):
        fields.append("deny")
    if not set(old.warn) <= {*new.warn, *new.deny}:
        fields.append("warn")
    if new.derogation not in (None, old.derogation):
        fields.append("derogation")
    if old.evidence and not set(old.evidence.tiers) <= {*(new.evidence.tiers if new.evidence else ()), *new.deny}:
        fields.append("evidence")
    if old.require_offer:
        left = [tier for tier in old.applies_to if tier not in new.deny]
        if left and not _demands(new.require_offer, old.require_offer):
            fields.append("require_offer")
        if not set(left) <= set(new.applies_to):
            fields.append("applies_to")
        if any(not _closes(new, old, tier) for tier in left if tier in new.applies_to):
            fields.append("if_unknown")
    if "if_unknown" not in fields and any(
        _opens(new, old, tier) for tier in {*old.deny, *old.applies_to} & {*new.deny}
    ):
        fields.append("if_unknown")
    return fields


def dated_loosens(old: Dated, new: Dated) -> list[str]:
    """Fewer days, less force, or another title or reference under an identifier that is taken."""
    fields = []
    if new.since > old.since:
        fields.append("since")
    if new.until is not None and (old.until is None or new.until < old.until):
        fields.append("until")
    if FORCES.index(new.force) > FORCES.index(old.force):
        fields.append("force")
    # The words of a law are not an overlay's to write; those of a policy may be.
    fields += [name for name in ("ref", "title") if old.force == "loi" and getattr(new, name) != getattr(old, name)]
    return fields


def other_loosens(old: Dated, new: Dated) -> list[str]:
    """As :func:`dated_loosens`, and any field of its own that differs: there is no order on them."""
    own = [n for n in type(old).model_fields if n not in Dated.model_fields]
    return dated_loosens(old, new) + [n for n in own if getattr(new, n, None) != getattr(old, n)]


def derogation_loosens(old: Derogation, new: Derogation) -> list[str]:
    """A way out that opens wider: engaged later, fewer conditions, a longer clock, more days."""
    fields = [n for n in ("ref", "title", "force") if getattr(new, n) != getattr(old, n)]
    if new.engaged_before > old.engaged_before:
        fields.append("engaged_before")
    if not set(old.requires) <= set(new.requires):
        fields.append("requires")
    if new.lapses_months > old.lapses_months:
        fields.append("lapses_months")
    if new.since < old.since:
        fields.append("since")
    if old.until is not None and (new.until is None or new.until > old.until):
        fields.append("until")
    return fields


def presumption_loosens(
    old: Presumption | None, new: Presumption, conditions: Iterable[When], domain: Domain
) -> list[str]:
    """What a presumption, added or changed, may open: it must only set values every condition accepts."""
    conditions = list(conditions)
    fields = [] if all(raises(n, v, conditions, domain) for n, v in new.then.items()) else ["then"]
    if old is None:
        return fields
    fields += dated_loosens(old, new)
    if new.unless_signed and not old.unless_signed:
        fields.append("unless_signed")
    if not covers(new.when, old.when, domain):
        fields.append("when")
    if not old.then.items() <= new.then.items() and "then" not in fields:
        fields.append("then")
    return fields


def attribute_loosens(old: Attribute, new: Attribute, conditions: Iterable[When], domain: Domain) -> list[str]:
    """What unknown is worth may only become a value that every condition accepts; blocking stays."""
    fields = ["block"] if old.block and not new.block else []
    changed = new.unknown_as != old.unknown_as and not new.block
    if changed and (new.unknown_as is None or not raises(old.name, new.unknown_as, conditions, domain)):
        fields.append("unknown_as")
    return fields


def offer_loosens(old: Offer, new: Offer) -> dict[str, Force]:
    """The fields by which an offer redefined would be open to more, each with the force of what it escapes."""
    opens: dict[str, bool] = {
        "internal": new.internal != old.internal,
        "law": new.law != old.law and new.law == "ue",
        "layers": not set(old.layers) <= set(new.layers),
        "country": new.country not in (None, old.country),
        **{n: not set(getattr(new, n)) <= set(getattr(old, n)) for n in ("qualifications", "hds", "shown")},
        # A statement that there is no convention closes; taking it back leaves a question open.
        "convention": new.convention not in (old.convention, "none"),
        **{
            n: getattr(new, n) is True and getattr(old, n) is not True for n in ("homologation_dr", "agrement_archives")
        },
    }
    less = {
        "admits": not {*new.admits, *new.by_convention} <= {*old.admits, *old.by_convention},
        "third_party_technology": bool(old.third_party_technology) and not new.third_party_technology,
        "service_hours": new.service_hours not in (old.service_hours, "ouvre"),
        "fit": not set(old.fit) <= set(new.fit),
    }
    found: dict[str, Force] = {name: "loi" for name, does in opens.items() if does}
    return found | {name: "politique" for name, does in less.items() if does}


def raises(name: str, value: str, conditions: Iterable[When], domain: Domain) -> bool:
    """Whether giving an attribute this value can only make more conditions hold.

    Never of ``entity_kind``, by which offers admit people, nor of an attribute whose absence blocks.
    """
    attribute = domain.get(name)
    if attribute is None or attribute.block or name == "entity_kind" or value not in attribute.values:
        return False
    return all(value in values for when in conditions for named, values in named_values(when) if named == name)


def covers(wide: When, narrow: When, domain: Domain) -> bool:
    """Whether *wide* holds wherever *narrow* does, unknown attributes included, in both readings of unknown."""
    if wide == narrow or wide == "always":
        return True
    names = sorted({name for when in (wide, narrow) for name, _values in named_values(when)})
    if any(name not in domain for name in names):
        return False
    choices = [(*domain[name].values, None) for name in names]
    if prod(map(len, choices)) > WIDEST:
        return False
    for combination in product(*choices):
        profile = dict(zip(names, combination, strict=True))
        closed = {n: domain[n].unknown_as if v is None else v for n, v in profile.items()}
        if any(_truth(wide, said) < _truth(narrow, said) for said in (profile, closed)):
            return False
    return True


def named_values(when: When) -> Iterable[tuple[str, list[str]]]:
    """Every attribute a condition names, with the values it accepts."""
    if isinstance(when, str):
        return
    for name, values in when.items():
        if isinstance(values, Mapping):
            yield from values.items()
        else:
            yield name, values


def _truth(when: When, profile: Mapping[str, str | None]) -> float:
    """Kleene's truth of a condition: 0 no, ½ unknown, 1 yes."""
    if isinstance(when, str):
        return 1.0
    truth = 1.0
    for name, values in when.items():
        if isinstance(values, Mapping):
            part = max((_atom(profile[n], v) for n, v in values.items()), default=0.0)
        else:
            part = _atom(profile[name], values)
        truth = min(truth, part)
    return truth


def _atom(value: str | None, accepted: list[str]) -> float:
    return 0.5 if value is None else float(value in accepted)


def _demands(new: Requirement | None, old: Requirement) -> bool:
    """Whether an offer that shows what *new* asks shows what *old* asks."""
    if new is None:
        return False
    if old.hds_version is not None and (new.hds_version is None or new.hds_version < old.hds_version):
        return False
    same = ("pays", "agrement_archives", "entite_admise", "convention")
    return all(getattr(old, n) is None or getattr(new, n) == getattr(old, n) for n in same)


def _closes(new: Rule, old: Rule, tier: str) -> bool:
    """Whether unknown is worth at least as much against the offer as before."""
    before, after = _unknown(old, tier), _unknown(new, tier)
    return after in {"open_question": ("open_question", "closed"), "closed": ("closed",)}.get(
        before, (before, "closed")
    )


def _opens(new: Rule, old: Rule, tier: str) -> bool:
    """Whether unknown is no longer worth what it was where the rule denies: an open question is neither yes nor no."""
    before, after = _unknown(old, tier) == "open_question", _unknown(new, tier) == "open_question"
    return before != after if tier in old.deny else after and not before


def _unknown(rule: Rule, tier: str) -> str:
    if not rule.if_unknown:
        return "plain"
    return "open_question" if {str(k): v for k, v in rule.if_unknown.items()}.get(tier) == "open_question" else "closed"
