"""The whole proof of a catalogue: every property, over every profile, at every date at which something changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.proof.declared import declared
from rationalise.doctrine.proof.findings import Failure
from rationalise.doctrine.proof.loosening import entries
from rationalise.doctrine.proof.properties import closed, complete, consistent, monotone
from rationalise.doctrine.proof.shadows import Shadow, shadows
from rationalise.doctrine.proof.soundness import unsound
from rationalise.doctrine.proof.stability import Day, days
from rationalise.doctrine.proof.tables import verdicts
from rationalise.doctrine.proof.vectors import Witnesses
from rationalise.doctrine.proof.witnessed import unseen, unwitnessed, wrong
from rationalise.language import _


@dataclass(frozen=True)
class Proof:
    """What was proved, over what, and what failed."""

    digest: str
    overlaid: tuple[str, ...]
    profiles: int
    """Raw profiles: the product of every attribute's values, unknown included."""
    classes: dict[str, int]
    """By tier, how many classes of profiles it tells apart."""
    verdicts: int
    """How many verdicts were computed and checked."""
    days: tuple[Day, ...]
    shadows: tuple[Shadow, ...]
    vectors: int
    entries: int
    loosenings: int
    unseen: tuple[tuple[str, str], ...]
    """Ways to loosen an entry that no vector notices: ``(entry, what)``."""
    failures: tuple[Failure, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing failed."""
        return not self.failures

    def as_dict(self) -> dict[str, Any]:
        """For JSON: the same bytes for the same catalogue."""
        return {
            "holds": self.holds,
            "digest": self.digest,
            "overlaid": list(self.overlaid),
            "profiles": self.profiles,
            "classes": self.classes,
            "verdicts": self.verdicts,
            "vectors": self.vectors,
            "entries": self.entries,
            "loosenings": self.loosenings,
            "unseen": [{"entry": entry, "loosening": what} for entry, what in self.unseen],
            "shadows": [
                {"entry": s.entry, "since": s.since.isoformat(), "until": s.until.isoformat() if s.until else None,
                 "shadowed_by": list(s.by)}
                for s in self.shadows
            ],
            "dates": [
                {
                    "date": d.day.isoformat(), "profiles": d.profiles, "classes": d.classes,
                    "changes": [{"entry": c.entry, "what": c.what, "detail": c.detail} for c in d.changes],
                    "moves": [
                        {"subject": m.subject, "before": m.before, "after": m.after, "profiles": m.profiles,
                         "witness": dict(m.witness)}
                        for m in d.moves
                    ],
                }
                for d in self.days
            ],
            "failures": [f.as_dict() for f in self.failures],
        }  # fmt: skip


def verify(doctrine: Doctrine, witnesses: Witnesses, progress: Callable[[str], None] = lambda step: None) -> Proof:
    """Prove a catalogue, or find what fails.

    Args:
        doctrine: the catalogue, overlays included.
        witnesses: its vectors.
        progress: told the name of each step as it begins.
    """
    # Without a declaration there is nothing to prove against.
    failures = [
        Failure("DOC-059", _("{attribute}: nothing is declared of it, so nothing can be proved", attribute=name), name)
        for name in doctrine.attributes
        if name not in declared()
    ]
    failures += wrong(doctrine, witnesses)
    progress(_("judging every profile"))
    found = verdicts(doctrine)
    for name, check in (
        (_("quotient"), unsound),
        (_("complete"), complete),
        (_("consistent"), consistent),
        (_("monotone"), monotone),
        (_("closed"), closed),
    ):
        progress(name)
        # A table with holes cannot be compared: what follows would only repeat it.
        if any(f.code == "DOC-050" for f in failures):
            break
        failures += check(found)
    progress(_("witnessed"))
    failures += unwitnessed(found, witnesses)
    count, left = unseen(doctrine, witnesses)
    progress(_("minimal"))
    shaded = shadows(found)
    progress(_("stable in time"))
    return Proof(
        digest=doctrine.digest,
        overlaid=doctrine.overlaid,
        profiles=found.whole.raw,
        classes={tier: domain.size for tier, domain in found.domains.items()},
        verdicts=sum(table.rows for epoch in found.epochs for table in epoch.tables.values()),
        days=tuple(days(found)),
        shadows=tuple(shaded),
        vectors=len(list(witnesses)),
        entries=len(entries(doctrine)),
        loosenings=count,
        unseen=tuple((one.entry, one.what) for one in left),
        failures=tuple(failures),
    )
