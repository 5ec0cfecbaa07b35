"""What an edit of a workspace moves in its analysis: tier, offer, treatment, application by application.

Both revisions are analysed again, at the same date: a proposal on disk may be stale and is not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from inventory.problems import Problem, UserError
from inventory.workspace import SETTINGS, Workspace
from rationalise.edits import Edit, edits_between
from rationalise.language import _
from rationalise.revisions import at_revision, describe

if TYPE_CHECKING:
    from inventory import Package

MOVING = ("tier", "offer", "treatment")
"""The answers whose change is a move."""


@dataclass(frozen=True, slots=True)
class Side:
    """One revision read and analysed."""

    applications: pl.DataFrame
    """Applications of the proposal; no row where the revision has no dataset."""
    dataset: Package | None
    files: Mapping[str, bytes]
    """Decisions, doctrine overlay, zones and settings, by path in the workspace."""
    loosened: tuple[str, ...] = ()
    """The rules that the workspace's own doctrine makes say less."""


def difference(workspace: Workspace, base: str, head: str, as_of: date) -> dict[str, Any]:
    """What moves from *base* to *head*, as data for :func:`rationalise.note.render_note` and ``--json``.

    Returns:
        ``verdict`` (``allowed``: nothing moves; ``to confirm``: something does; ``refused``: a revision
        cannot be read, or an application that a zone holds is no longer lawful there; ``unknown``: *base*
        has no dataset), ``counts``, ``moves``, ``details`` (every edit), ``problems``, ``base``, ``head``, ``as_of``.
    """
    about: dict[str, Any] = {"base": base, "head": head, "as_of": as_of.isoformat(), "problems": []}
    empty: dict[str, Any] = {"counts": {}, "moves": [], "details": []}
    try:
        about |= {"base": describe(workspace, base), "head": describe(workspace, head)}
        with at_revision(workspace, base) as before, at_revision(workspace, head) as after:
            sides = _analysed(before, as_of), _analysed(after, as_of)
            held = _zones_holding(after)
    except UserError as error:
        return {"verdict": "refused", **about, **empty, "problems": [_sentence(p) for p in error.problems]}
    moved = _moves(*sides, held)
    counts = _counts(*sides, moved["moves"])
    about["loosened"] = sorted({entry for side in sides for entry in side.loosened})
    return {"verdict": _verdict(*sides, counts), **about, "counts": counts, **moved}


def _analysed(workspace: Workspace, as_of: date) -> Side:
    from inventory import read_dataset
    from inventory.stores import open_store
    from rationalise import analyse, load_decisions, load_doctrine

    files = {SETTINGS: (workspace.root / SETTINGS).read_bytes()} | {
        str(path.relative_to(workspace.root)): path.read_bytes()
        for folder in (workspace.decisions, workspace.doctrine, workspace.zones)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in (".yaml", ".yml", ".json", ".toml")
    }
    if not open_store(workspace).exists():
        return Side(pl.DataFrame(schema={"id": pl.String}), None, files)
    dataset = read_dataset(workspace)
    doctrine = load_doctrine(workspace.doctrine if workspace.doctrine.is_dir() else None)
    proposal = analyse(dataset, load_decisions(workspace.decisions), doctrine, as_of, workspace.settings)
    return Side(proposal.tables["applications"], dataset, files, tuple(e.entry for e in doctrine.loosened))


def _zones_holding(workspace: Workspace) -> dict[str, list[tuple[str, str]]]:
    """For each application, the zones whose file names it, with the tier it is written there for."""
    import yaml

    held: dict[str, list[tuple[str, str]]] = {}
    for path in sorted(workspace.zones.glob("*.yaml")):
        zone = yaml.safe_load(path.read_bytes()) or {}
        for application in zone.get("applications") or ():
            held.setdefault(str(application.get("id")), []).append((path.stem, str(application.get("tier"))))
    return held


def _moves(before: Side, after: Side, held: Mapping[str, list[tuple[str, str]]]) -> dict[str, Any]:
    old = {row["id"]: row for row in before.applications.iter_rows(named=True)}
    new = {row["id"]: row for row in after.applications.iter_rows(named=True)}
    edits = edits_between(before.dataset, after.dataset, before.files, after.files)
    moves = []
    for identifier in sorted(old.keys() | new.keys()):
        was, now = old.get(identifier), new.get(identifier)
        lost = _unlawful_zones(was, now, held.get(identifier, ()))
        if was is None or now is None or lost or any(was[c] != now[c] for c in MOVING):
            moves.append(_move(identifier, was, now, lost, edits))
    return {"moves": moves, "details": [e.as_dict() for e in edits]}


def _move(
    identifier: str,
    was: Mapping[str, Any] | None,
    now: Mapping[str, Any] | None,
    lost: list[str],
    edits: Iterable[Edit],
) -> dict[str, Any]:
    known = now or was or {}
    causes = [e for e in edits if e.touches(identifier, known.get("organisation_id"))]
    return {
        "application": identifier,
        "name": known.get("name") or identifier,
        "kind": "new" if was is None else "gone" if now is None else "moved",
        **{c: _arrow(was, now, c) for c in MOVING},
        "before": {c: was[c] for c in MOVING} if was else None,
        "after": {c: now[c] for c in MOVING} if now else None,
        "unlawful_in": lost,
        "edits": [e.text for e in causes] or [_("not found among the edits")],
    }


def _arrow(was: Mapping[str, Any] | None, now: Mapping[str, Any] | None, column: str) -> str:
    before, after = ((row[column] or "—") if row else "∅" for row in (was, now))
    return before if before == after else f"{before} → {after}"


def _unlawful_zones(
    was: Mapping[str, Any] | None, now: Mapping[str, Any] | None, held: Iterable[tuple[str, str]]
) -> list[str]:
    """Zones holding the application on a tier that was lawful before and no longer is."""

    def lawful(row: Mapping[str, Any] | None) -> set[str]:
        return set(((row or {}).get("lawful_now") or "").split("|"))

    return [zone for zone, tier in held if tier in lawful(was) - lawful(now)]


def _counts(before: Side, after: Side, moves: list[dict[str, Any]]) -> dict[str, Any]:
    changed = [m for m in moves if m["kind"] == "moved"]
    return {
        "before": _totals(before.applications),
        "after": _totals(after.applications),
        "moved": len(changed),
        "new": sum(m["kind"] == "new" for m in moves),
        "gone": sum(m["kind"] == "gone" for m in moves),
        **{c: sum(m["before"][c] != m["after"][c] for m in changed) for c in MOVING},
        "unlawful_in_zone": sum(bool(m["unlawful_in"]) for m in moves),
    }


def _totals(applications: pl.DataFrame) -> dict[str, int]:
    def filled(column: str) -> int:
        known = column in applications.columns
        return applications.filter(pl.col(column).fill_null("") != "").height if known else 0

    return {
        "applications": applications.height,
        "lawful_now": filled("lawful_now"),
        "lawful_if_confirmed": filled("lawful_if_confirmed"),
    }


def _verdict(before: Side, after: Side, counts: Mapping[str, Any]) -> str:
    if counts["unlawful_in_zone"]:
        return "refused"
    if before.dataset is None or after.dataset is None:
        return "unknown"
    return "to confirm" if counts["moved"] + counts["new"] + counts["gone"] else "allowed"


def _sentence(problem: Problem) -> str:
    place = problem.place()
    return f"{problem.code}: {problem.message}" + (f" ({place})" if place else "")
