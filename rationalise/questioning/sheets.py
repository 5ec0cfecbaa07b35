"""Each answer as a *fiche de décision d'hébergement* ready to sign: the decision file, and the same for a person.

The file is in the format ``decisions/`` is read from and lies where nothing reads it: it takes effect
once signed and moved, or signed where it should be. Nothing a person has touched is written over.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from inventory.documents import write_text
from inventory.language import language
from inventory.package import Package
from inventory.problems import Problem, Severity
from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.evaluation import evaluate
from rationalise.language import _
from rationalise.note import inert
from rationalise.questioning.candidates import ART31, EVERYWHERE
from rationalise.questioning.notices import signature
from rationalise.questioning.ranking import Question, Ranking
from rationalise.sensitivity import PRESUMED, RAISING, Sensitivity, line
from rationalise.templating import render

FOLDERS = {"perimeter": "perimeters", "fictitious": "fictitious"}
MARK = "# francecloud questions "
"""The first line of a sheet, with the digest of the rest: by it a sheet that somebody edited is known."""
LISTED = 200
"""Applications named one by one in what a person reads; the file names them all."""


@dataclass(frozen=True)
class Sheet:
    """A fiche: where it goes under ``decisions/`` once signed, the decision, and what a person reads."""

    question: Question
    place: str
    decision: Mapping[str, Any]
    opens: Mapping[str, int]
    """Tier → applications it newly opens to, once the answers before it are signed."""

    def text(self) -> str:
        """The decision file, unsigned."""
        head = [
            _("Decision sheet to sign. Without signed_by and signed_on it has no effect."),
            _("The answers are supposed, not known: correct them before signing."),
            _("Once signed, put it at decisions/{place}", place=self.place),
        ]
        body = yaml.safe_dump(dict(self.decision), allow_unicode=True, sort_keys=False, width=120)
        role, owner = self.question.kind.whom, self.question.organisation_id or ""
        example = yaml.safe_dump({"role": role, "organisation": owner}, default_flow_style=True, allow_unicode=True)
        text = "".join(f"# {line}\n" for line in head) + body + f"signed_by:  # {example.strip()}\nsigned_on:\n"
        return f"{MARK}{_digest(text)}\n{text}"


def sheets(ranking: Ranking, dataset: Package, found: Sensitivity, doctrine: Doctrine, as_of: date) -> list[Sheet]:
    """The fiches of a ranking, in its order.

    Args:
        ranking: the answers to ask for.
        dataset: the inventory they were ranked on.
        found: what is known of each application.
        doctrine: the law, which says what each answer opens.
        as_of: the day; a fiche expires the months after it that its kind says.
    """
    opened = _opened(ranking, found, doctrine, as_of)
    return [
        Sheet(q, f"{FOLDERS.get(q.kind.id, 'assessments')}/{_stem(q)}.yaml", _decision(q, ranking, dataset, found, as_of), opened[q.id])
        for q in ranking.questions
    ]  # fmt: skip


def write_sheets(
    folder: Path, made: list[Sheet], dataset: Package, doctrine: Doctrine, as_of: date
) -> tuple[list[Path], list[Problem]]:
    """Write the fiches under *folder*: a YAML file and a Markdown page each.

    Returns:
        The files written or already so, and a notice for each one left alone since somebody signed or changed it
        (``ANA-022``).
    """
    written: list[Path] = []
    notices: list[Problem] = []
    for sheet in made:
        path = folder / sheet.place
        if path.is_file() and (changed := _touched(path)):
            notices.append(
                Problem(code="ANA-022", severity=Severity.WARNING, message=_("this sheet was left as it is: {why}", why=changed),
                        file=str(path), hint=_("move it under decisions/, or remove it to have it written again"))
            )  # fmt: skip
            continue
        write_text(path, sheet.text())
        write_text(path.with_suffix(".md"), page(sheet, dataset, doctrine, as_of))
        written += [path, path.with_suffix(".md")]
    return written, notices


def page(sheet: Sheet, dataset: Package, doctrine: Doctrine, as_of: date) -> str:
    """What a person reads before signing, as Markdown, in the language in force."""
    question = sheet.question
    named = dataset["applications"].filter(pl.col("id").is_in(list(question.covers))).sort("id")
    answers = sheet.decision.get("answers", {})
    return render(
        f"decision/fiche.{language()}.md.j2",
        **inert(
            {
                "question": str(question.text),
                "subject": str(question.name),
                "whom": question.kind.whom,
                "organisation": question.organisation_id or "",
                "ref": question.kind.ref,
                "place": sheet.place,
                "case_by_case": set(ART31) <= set(answers),
                "kind": question.kind.kind,
                "answers": [
                    {"title": str(doctrine.attributes[n].title), "value": _said(value)} for n, value in answers.items()
                ],
                "exceptions": [f"{e['application']} : {e['classification']}" for e in sheet.decision.get("except", ())],
                "applications": [
                    {"id": i, "name": name or i, "users": users}
                    for i, name, users in named.select("id", "name", "users").head(LISTED).iter_rows()
                ],
                "more": max(named.height - LISTED, 0),
                "opens": [{"tier": t, "title": str(doctrine.tiers[t].title), "n": n} for t, n in sheet.opens.items()],
                "unlocks": question.unlocks,
            }
        ),
        as_of=as_of,
        expires_on=sheet.decision["expires_on"],
    )


def _decision(
    question: Question, ranking: Ranking, dataset: Package, found: Sensitivity, as_of: date
) -> dict[str, Any]:
    kind, covers = question.kind, list(question.covers)
    reason = str(question.text)
    if kind.kind == "perimeter":
        where = {"all": True} if question.subject == EVERYWHERE else {"organisations": [question.subject]}
        apart = _set_apart(question, dataset, found)
        said: dict[str, Any] = {"kind": "perimeter", **where, "statement": "nothing_classified"}
        if apart:
            said["except"] = [{"application": i, "classification": c} for i, c in apart]
    elif kind.kind == "fictitious":
        said = {"kind": "fictitious_data", "applications": covers, "statement": "no_real_data"}
    else:
        said = {"kind": "assessment", "applications": covers, "answers": _answers(question, ranking)}
    return {**said, "reason": reason, "expires_on": _months_after(as_of, kind.valid_months)}


def _answers(question: Question, ranking: Ranking) -> dict[str, Any]:
    """What is to be signed: the presumed answer to what is unknown of some application, the known fact otherwise.

    The three questions of article 31 go together: an assessment that leaves one out is none.
    """
    filled = ranking.fills.filter(pl.col("answer") == question.id)
    whole = set(ART31) <= set(question.kind.attributes)
    return {
        n: _typed(n, question.told.get(n, PRESUMED[n]))
        for n in question.kind.attributes
        if filled[n].is_not_null().any() or (whole and n in ART31)
    }


def _typed(name: str, value: str) -> Any:
    if name == "atteinte":
        return "aucune" if value == "false" else [h for h in value.split("|") if h != "aucune"]
    return {"true": True, "false": False}.get(value, value)


def _set_apart(question: Question, dataset: Package, found: Sensitivity) -> list[tuple[str, str]]:
    """The applications of a perimeter that are known to be classified or marked: it must name them."""
    parents = dict(dataset["organisations"].select("id", "parent_id").iter_rows())
    inside = [o for o in parents if question.subject == EVERYWHERE or question.subject in line(o, parents)]
    within = pl.col("organisation_id").is_in(inside)
    if question.subject == EVERYWHERE:
        within = within | pl.col("organisation_id").is_null()
    marked = found.now.filter(pl.col("classification").is_in(RAISING)).select("id", "classification")
    there = dataset["applications"].filter(within).select("id")
    return list(marked.join(there, on="id").sort("id").iter_rows())


def _opened(ranking: Ranking, found: Sensitivity, doctrine: Doctrine, as_of: date) -> dict[str, dict[str, int]]:
    """For each answer, the tiers it opens once those before are signed, and to how many applications."""
    names = list(doctrine.attributes)
    known = found.now.select("id", *names)
    counts: dict[str, dict[str, int]] = {}
    for question in ranking.questions:
        fills = ranking.fills.filter(pl.col("answer") == question.id).drop("answer")
        before = known.filter(pl.col("id").is_in(fills["id"].to_list())).sort("id")
        after = before.update(fills.select("id", *names), on="id").sort("id")
        known = known.update(after, on="id")
        was, now = (_open(f, doctrine, as_of) for f in (before, after))
        gained = now.join(was, on=["id", "tier"], how="anti").group_by("tier").agg(pl.len())
        found_now = dict(gained.iter_rows())
        counts[question.id] = {t: found_now[t] for t in doctrine.tiers if t in found_now}
    return counts


def _open(profiles: pl.DataFrame, doctrine: Doctrine, as_of: date) -> pl.DataFrame:
    """``id``, ``tier``: nothing denies it and no evidence is missing."""
    judged = evaluate(doctrine, profiles.drop("id"), as_of).tiers
    rows = profiles.select("id").with_row_index("row")
    return (
        judged.filter((pl.col("verdict") != "denied") & ~pl.col("blocking")).join(rows, on="row").select("id", "tier")
    )


def _touched(path: Path) -> str | None:
    """Why a file on disk must not be written over, if so."""
    if signature(path):
        return _("it is signed")
    first, _sep, rest = path.read_text(encoding="utf-8").partition("\n")
    return None if first == f"{MARK}{_digest(rest)}" else _("somebody edited it")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return ", ".join(value) if isinstance(value, list) else str(value)


def _months_after(day: date, months: int) -> date:
    """The last valid day of what is signed for some months on *day*."""
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    return first + timedelta(days=min(day.day, 28) - 2) if day.day > 1 else first - timedelta(days=1)


def _stem(question: Question) -> str:
    """A file name people can read; the digest keeps two subjects apart."""
    plain = unicodedata.normalize("NFKD", question.id).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48].strip("-")
    return f"{words}-{hashlib.sha256(question.id.encode()).hexdigest()[:6]}"
