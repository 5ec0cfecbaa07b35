"""``francecloud questions``: the fewest answers to a decision, and the fiches to sign."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inventory.cli import as_of_option, emit, json_option, note, say, workspace_option
from rationalise.language import _

if TYPE_CHECKING:
    from rationalise.questioning.ranking import Question, Ranking
    from rationalise.questioning.sheets import Sheet

DEFAULT = "*"
"""``--write`` without a folder: the workspace's ``decisions/a-signer/``."""


@click.command(
    help=_(
        "The fewest answers that decide most applications: what to ask, to whom, and what each signature unlocks.\n\n"
        "An application is decided when nothing unknown can change where it goes. "
        "With --write, each answer becomes a decision sheet ready to sign.\n\n"
        "Example: francecloud questions --limit 12 --write"
    )
)
@click.option("--limit", type=click.IntRange(1), default=12, metavar="N", help=_("The most answers (default: 12)."))
@click.option(
    "--goal",
    type=click.Choice(["placement", "tiers"]),
    default="placement",
    help=_("Decided means: the placement stands (default), or every admissible tier is known."),
)
@click.option(
    "--write",
    "folder",
    is_flag=False,
    flag_value=DEFAULT,
    metavar="[DIR]",
    help=_("Write the sheets to sign (default: the workspace's decisions/a-signer/)."),
)
@workspace_option
@as_of_option
@json_option
def questions(limit: int, goal: str, folder: str | None, workspace: Path, as_of: date, as_json: bool) -> None:
    """Rank the answers to ask for."""
    from inventory import read_dataset
    from inventory.workspace import open_workspace
    from rationalise import load_decisions, load_doctrine
    from rationalise.questioning.notices import TO_SIGN, unsigned
    from rationalise.questioning.ranking import rank
    from rationalise.questioning.sheets import sheets, write_sheets
    from rationalise.sensitivity import sensitivity

    here = open_workspace(workspace)
    dataset, decisions = read_dataset(here), load_decisions(here.decisions)
    doctrine = load_doctrine(here.doctrine if here.doctrine.is_dir() else None)
    found = sensitivity(dataset, decisions, doctrine, as_of)
    ranking = rank(dataset, decisions, doctrine, as_of, found, limit=limit, goal=goal)  # type: ignore[arg-type]
    notices = unsigned(decisions, here.decisions)
    made = sheets(ranking, dataset, found, doctrine, as_of) if folder or as_json else []
    target = here.decisions / TO_SIGN if folder == DEFAULT else Path(folder) if folder else None
    written: list[Path] = []
    if target is not None:
        written, left = write_sheets(target, made, dataset, doctrine, as_of)
        notices += left
    if as_json:
        emit(_document(ranking, made, goal, as_of, target, written, [n.as_dict() for n in notices]))
        return
    for line in _lines(ranking, goal):
        say(line)
    for notice in notices:
        note(notice.text())
    if target is not None:
        say(_.plural("{n} sheet to sign in {path}", "{n} sheets to sign in {path}", len(written) // 2, path=target))


def _lines(ranking: Ranking, goal: str) -> list[str]:
    """The table: rank, question, to whom, unlocks, cumulative share."""
    from rationalise.questioning.table import share
    from rationalise.templating import number, percent

    total = ranking.applications
    lines = [
        _("{decided} of {total} applications are decided ({share}); every tier is settled for {settled}",
          decided=number(ranking.decided), total=number(total), share=percent(share(ranking.decided, total)),
          settled=number(ranking.settled)),
    ]  # fmt: skip
    if not ranking.questions:
        return [*lines, _("no answer would decide one more")]
    whom = max(len(_addressee(q)) for q in ranking.questions)
    heads = (_("to whom"), _("unlocks"), _("total"), _("users"))
    lines.append(f"{'':>3}  {heads[0]:{whom}}  {heads[1]:>8}  {heads[2]:>6}  {heads[3]:>6}  {_('question')}")
    for q in ranking.questions:
        lines.append(
            f"{q.rank:>3}  {_addressee(q):{whom}}  {number(q.unlocks):>8}  {percent(share(q.decided if goal == 'placement' else q.settled, total)):>6}"
            f"  {percent(share(q.users, ranking.all_users)):>6}  {q.text}"
        )
    lines.append(_("supposing each is answered as presumed; no answer counts before it is signed"))
    return lines


def _addressee(question: Question) -> str:
    return question.kind.whom + (f", {question.organisation_id}" if question.organisation_id else "")


def _document(
    ranking: Ranking, made: list[Sheet], goal: str, as_of: date, target: Path | None, written: list[Path],
    notices: list[dict[str, object]],
) -> dict[str, Any]:  # fmt: skip
    from rationalise.questioning.table import curve, share

    return {
        "as_of": as_of.isoformat(),
        "goal": goal,
        "applications": ranking.applications,
        "decided": ranking.decided,
        "decided_share": share(ranking.decided, ranking.applications),
        "curve": curve(ranking),
        "questions": [
            {
                "rank": q.rank, "id": q.id, "kind": q.kind.kind, "subject": q.subject, "text": str(q.text),
                "whom": q.kind.whom, "organisation": q.organisation_id, "cost": q.kind.cost, "ref": q.kind.ref,
                "attributes": list(q.kind.attributes), "applications": list(q.covers), "unlocks": q.unlocks,
                "decided": q.decided, "decided_share": share(q.decided, ranking.applications), "settled": q.settled,
                "users_share": share(q.users, ranking.all_users), "opens": dict(sheet.opens), "place": sheet.place,
                "decision": dict(sheet.decision),
            }
            for q, sheet in zip(ranking.questions, made, strict=True)
        ],
        "folder": str(target) if target else None,
        "written": [str(path) for path in written],
        "notices": notices,
    }  # fmt: skip
