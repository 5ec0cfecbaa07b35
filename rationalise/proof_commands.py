"""``francecloud doctrine verify``: the proof of the catalogue and of the workspace's overlay."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inventory.cli import emit, json_option, note, say, workspace_option
from inventory.problems import Exit
from rationalise.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rationalise.doctrine.proof.stability import Day
    from rationalise.doctrine.proof.verifying import Proof


@click.command(
    help=_(
        "Prove the catalogue, the workspace's overlay included: over every profile and every date at which something "
        "changes, complete, consistent, monotone, closed, minimal, stable in time, witnessed.\n\n"
        "Exit code 5 when a proof fails; each failure shows the smallest profile that breaks it."
    )
)
@workspace_option
@json_option
def verify(workspace: Path, as_json: bool) -> int:
    """Prove the doctrine."""
    from inventory.problems import render
    from inventory.workspace import find_root
    from rationalise import load_doctrine
    from rationalise.doctrine.proof.vectors import read_vectors
    from rationalise.doctrine.proof.verifying import verify as prove

    root = find_root(workspace)
    overlay = root / "doctrine" if root is not None and (root / "doctrine").is_dir() else None
    catalogue = load_doctrine(overlay)
    on_terminal = sys.stderr.isatty()
    proof = prove(
        catalogue, read_vectors(catalogue, overlay), (lambda step: note(f"… {step}")) if on_terminal else _quiet
    )
    if as_json:
        emit(proof.as_dict())
    else:
        for line in _lines(proof):
            say(line)
    if not proof.holds:
        click.echo(render(f.as_problem() for f in proof.failures), err=True)
    return int(Exit.OK if proof.holds else Exit.GOVERNANCE)


def _quiet(step: str) -> None:
    """Off a terminal, nothing is said of the work going on."""


def _lines(proof: Proof) -> Iterator[str]:
    from rationalise.templating import number

    total = sum(proof.classes.values())
    yield _("{profiles} profiles, {dates} dates at which something changes: {verdicts} verdicts checked",
            profiles=number(proof.profiles), dates=len(proof.days), verdicts=number(proof.verdicts))  # fmt: skip
    yield _("  classes of profiles that the law tells apart: {total} ({by_tier})", total=number(total),
            by_tier=", ".join(f"{tier} {number(n)}" for tier, n in proof.classes.items()))  # fmt: skip
    if proof.overlaid:
        yield _("  with the workspace's overlay: {entries}", entries=", ".join(proof.overlaid))
    yield from _failed(proof)
    yield _("minimal: without effect")
    for shadow in proof.shadows:
        until = shadow.until.isoformat() if shadow.until else "…"
        by = _("shadowed by {rules}", rules=", ".join(shadow.by)) if shadow.by else _("it never speaks alone")
        yield f"  {shadow.entry:8} {shadow.since} → {until}  {by}"
    yield _("stable in time")
    for day in proof.days:
        yield from _day(day)


def _failed(proof: Proof) -> Iterator[str]:
    """One line a property, held or not."""
    names = (
        ("DOC-056", _("quotient")), ("DOC-050", _("complete")), ("DOC-051", _("consistent")),
        ("DOC-052", _("monotone")), ("DOC-053", _("closed")),
    )  # fmt: skip
    by_code: Mapping[str, int] = {code: sum(f.code == code for f in proof.failures) for code, _name in names}
    for code, name in names:
        held = _.plural("{n} failure", "{n} failures", by_code[code]) if by_code[code] else _("proved")
        yield f"{name}: {held}"
    others = sum(f.code not in by_code for f in proof.failures)
    yield _(
        "witnessed: {entries} entries, {vectors} vectors; {seen} of {loosenings} ways to loosen an entry are noticed",
        entries=proof.entries,
        vectors=proof.vectors,
        seen=proof.loosenings - len(proof.unseen),
        loosenings=proof.loosenings,
    ) + (", " + _.plural("{n} failure", "{n} failures", others) if others else "")
    for entry, what in proof.unseen:
        yield _("  no vector notices: {entry}, {what}", entry=entry, what=what)


def _day(day: Day) -> Iterator[str]:
    from rationalise.doctrine.proof.declared import harmless
    from rationalise.templating import number

    yield _("  {day}: {profiles} profiles in {classes} classes; {changes}", day=day.day, profiles=number(day.profiles),
            classes=number(day.classes),
            changes=", ".join(c.text() for c in day.changes) or _("the doctrine is modelled from then on"))  # fmt: skip
    start, unknown = harmless(), _("unknown")
    for move in day.moves:
        shown = ", ".join(f"{n}={unknown if v is None else v}" for n, v in move.witness.items() if v != start.get(n))
        yield _("    {subject}: {before} → {after} for {n} profiles, for example {profile}", subject=move.subject,
                before=move.before, after=move.after, n=number(move.profiles),
                profile=shown or _("the harmless one"))  # fmt: skip
    if not day.moves and day.changes:
        yield _("    no verdict moves")
