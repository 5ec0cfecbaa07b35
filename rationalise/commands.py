"""The verbs of the analysis: ``analyse`` and ``doctrine``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inventory.cli import Day, as_of_option, emit, json_option, note, say, workspace_option
from rationalise.language import _
from rationalise.proof_commands import verify
from rationalise.timeline_commands import timeline

if TYPE_CHECKING:
    from rationalise.doctrine.catalogue import Doctrine


@click.command(help=_("Apply the doctrine to the dataset and write the proposal."))
@workspace_option
@as_of_option
@json_option
def analyse(workspace: Path, as_of: date, as_json: bool) -> None:
    """Dataset, decisions and doctrine to a proposal."""
    from inventory import read_dataset
    from inventory.workspace import open_workspace
    from rationalise import analyse as run
    from rationalise import load_decisions, write_proposal
    from rationalise.decisions import not_counted
    from rationalise.questioning.notices import unsigned

    here = open_workspace(workspace)
    doctrine_ = _doctrine_of(here.doctrine)
    decisions = load_decisions(here.decisions)
    for notice in (*not_counted(decisions, as_of), *unsigned(decisions, here.decisions)):
        note(notice.text())
    proposal = run(read_dataset(here), decisions, doctrine_, as_of, here.settings)
    for loosened in doctrine_.loosened:
        note(loosened.text())
    changed = write_proposal(here.proposal, proposal)
    if as_json:
        emit({"written": changed, "proposal": str(here.proposal), "summary": dict(proposal.summary)})
        return
    totals = proposal.summary["totals"]
    say(
        _.plural(
            "{n} application judged on {day}", "{n} applications judged on {day}", totals["applications"], day=as_of
        )
    )
    say(_("  lawful now on some tier: {n}", n=totals["lawful_now"]))
    say(_("  lawful if the presumptions are confirmed: {n}", n=totals["lawful_if_confirmed"]))
    say(_("  blocked: {n}", n=totals["blocked"]))
    say(_("  placed on an offer: {n}, of which unpriced: {unpriced}", n=totals["placed"], unpriced=totals["unpriced"]))
    say(_("proposal: {path}", path=here.proposal) + ("" if changed else _(" (unchanged)")))


@click.group(help=_("The law, the tiers and the offers: show them, apply them, see what must be read again."))
def doctrine() -> None:
    """The doctrine's verbs."""


@doctrine.command(help=_("Apply the doctrine to profiles: --set attribute=value, or --profiles FILE.csv."))
@click.option("--set", "words", multiple=True, metavar=_("ATTRIBUTE=VALUE"), help=_("An attribute of the profile."))
@click.option("--profiles", type=click.Path(path_type=Path), help=_("A CSV: id, as_of, and any of the attributes."))
@click.option("--offer", "offers", multiple=True, metavar="ID", help=_("Judge this offer too; may be repeated."))
@click.option("--offers", "all_offers", is_flag=True, help=_("Judge every offer."))
@workspace_option
@as_of_option
@json_option
def evaluate(
    words: tuple[str, ...],
    profiles: Path | None,
    offers: tuple[str, ...],
    all_offers: bool,
    workspace: Path,
    as_of: date,
    as_json: bool,
) -> None:
    """Profiles to verdicts."""
    from rationalise.doctrine.documents import (
        answers,
        answers_as_json,
        notice_lines,
        profile_from_words,
        profiles_from_csv,
    )

    catalogue = _doctrine_near(workspace)
    if profiles is not None and words:
        raise click.UsageError(_("--set and --profiles exclude each other"))
    frame = profiles_from_csv(catalogue, profiles) if profiles else profile_from_words(catalogue, words)
    wanted = list(catalogue.offers) if all_offers else list(offers)
    if as_json:
        for part in answers_as_json(catalogue, frame, as_of, offers=wanted):
            click.echo(part, nl=False)
        return
    for loosened in catalogue.loosened:
        note(loosened.text())
    for document in answers(catalogue, frame, as_of, offers=wanted):
        lines = [f"{document['id']} ({document['as_of']})"]
        for kind in ("tiers", "offers"):
            for name, verdict in document.get(kind, {}).items():
                lines.append(f"  {name:32} {verdict['verdict']:12} {', '.join(verdict['rules'])}")
        say("\n".join(lines))
    for line in notice_lines(catalogue, wanted, as_of):
        say(line)


@doctrine.command(
    help=_(
        "Show a rule, a gate, a tier or an offer, in both languages, with its witnesses and whom it touches; "
        "without a word, list them."
    )
)
@click.argument("word", required=False)
@workspace_option
@as_of_option
@json_option
def show(word: str | None, workspace: Path, as_of: date, as_json: bool) -> None:
    """Entries of the catalogue."""
    from inventory.documents import nearest
    from inventory.problems import NotFound, Problem
    from rationalise.explaining.entries import as_text, document, entries

    catalogue = _doctrine_near(workspace)
    known = entries(catalogue)
    if word is not None and word not in known:
        near = nearest(word, list(known))
        hint = _("did you mean “{near}”?", near=near) if near else None
        raise NotFound(Problem(code="DOC-004", message=_("nothing is called “{word}”", word=word), hint=hint))
    if word is not None:
        touches = _touched_near(workspace, catalogue, word, as_of)
        if as_json:
            emit([document(catalogue, word, as_of, touches)])
            return
        for line in as_text(catalogue, word, as_of, touches):
            say(line)
        return
    if as_json:
        emit([e.model_dump(mode="json", by_alias=True, exclude_none=True) for e in known.values()])
        return
    for name, entry in known.items():
        say(f"{name:32} {entry.title}")


def _touched_near(start: Path, catalogue: Doctrine, word: str, as_of: date) -> dict[str, Any] | None:
    """How many applications an entry touches, where there is a workspace with a dataset."""
    from inventory import read_dataset
    from inventory.stores import open_store
    from inventory.workspace import find_root, open_workspace
    from rationalise import load_decisions
    from rationalise.explaining.touched import touched

    root = find_root(start)
    if root is None or not open_store(here := open_workspace(root)).exists():
        return None
    return touched(read_dataset(here), load_decisions(here.decisions), catalogue, word, as_of)


@doctrine.command(help=_("What must be read again: entries whose reading is older than its period."))
@click.option("--as-of", type=Day(), default="today", metavar="DATE", help=_("The day (default: today)."))
@workspace_option
@json_option
def stale(as_of: date, workspace: Path, as_json: bool) -> None:
    """Entries to re-read."""
    from rationalise.doctrine.staleness import stale_entries

    found = stale_entries(_doctrine_near(workspace), as_of)
    if as_json:
        emit([entry.as_dict() for entry in found])
        return
    for entry in found:
        if entry.read_on is None:
            say(_("{id}: no reading is dated, to be read every {n} days ({ref})", id=entry.id, n=entry.period_days,
                  ref=entry.ref))  # fmt: skip
        else:
            say(_("{id}: read on {read_on}, to be read again since {due}, every {n} days ({ref})", id=entry.id,
                  read_on=entry.read_on, due=entry.due, n=entry.period_days, ref=entry.ref))  # fmt: skip
        say(f"    {entry.address}")
    if not found:
        say(_("nothing is to be read again on {day}", day=as_of))


def _doctrine_near(start: Path) -> Doctrine:
    """The doctrine with the overlay of the workspace around *start*, if there is one."""
    from inventory.workspace import find_root

    root = find_root(start)
    return _doctrine_of(root / "doctrine" if root else None)


def _doctrine_of(overlay: Path | None) -> Doctrine:
    from rationalise import load_doctrine

    return load_doctrine(overlay if overlay is not None and overlay.is_dir() else None)


# A verb of its own module; what it needs is only imported when it runs.
doctrine.add_command(verify)
doctrine.add_command(timeline)
