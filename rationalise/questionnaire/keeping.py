"""Answers kept under ``decisions/assessments/``, one file an application, signed or not.

What was signed is never overwritten by what is not, nor by what was signed before: that is said, and left to people.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from inventory.documents import nearest, write_text
from inventory.package import Package
from inventory.problems import Problem, Severity, has_errors
from rationalise.decisions import Assessment, Decisions, FromFact, load_decisions
from rationalise.language import _
from rationalise.questionnaire.catalogue import Questionnaire, load_questionnaire, values_of
from rationalise.questionnaire.facts import suggested
from rationalise.questionnaire.filled import Checked, Filled, check

FOLDER = "assessments"
LOW = frozenset({"false", "aucune", "none", "aucun"})


@dataclass
class Kept:
    """What was kept: names of files written and left as they were, applications that are not signed, problems."""

    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    signed: list[str] = field(default_factory=list)
    unsigned: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Whether an error stopped the whole call."""
        return has_errors(self.problems)


def keep(filled: Sequence[Filled], dataset: Package, decisions: Path) -> Kept:
    """Check answers and write them as assessments; every file, or none.

    Args:
        filled: what people answered.
        dataset: the inventory, for the applications and the facts.
        decisions: the folder ``decisions/``.

    Raises:
        InvalidInput: a decision already there cannot be read.
    """
    form, result = load_questionnaire(), Kept()
    before = load_decisions(decisions)
    known = dataset["applications"]["id"].to_list()
    facts = {str(i): rows for (i,), rows in suggested(dataset, form).group_by("id", maintain_order=True)}
    files: dict[str, str] = {}
    for item in _once(filled, known, result.problems):
        found = check(item, form, result.problems)
        if found is None:
            continue
        own = facts.get(found.application)
        result.problems += _against_facts(found, own)
        name = f"{FOLDER}/{file_name(found.application)}"
        assessment = _assessment(found, form, own)
        if _may_replace(found, assessment, name, before, result):
            files[name] = _text(assessment)
        (result.signed if found.signed_by else result.unsigned).append(found.application)
    if result.refused:
        return result
    for name, text in sorted(files.items()):
        (result.written if write_text(decisions / name, text) else result.unchanged).append(name)
    return result


def _once(filled: Iterable[Filled], known: Sequence[str], problems: list[Problem]) -> Iterable[Filled]:
    """Applications that exist, each once."""
    seen: set[str] = set()
    there = set(known)
    for item in filled:
        place: dict[str, Any] = dict(item.place("id"))
        if item.application not in there:
            near = nearest(item.application, list(known))
            problems.append(Problem(code="INV-192", value=item.application, **place,
                                    message=_("there is no application “{name}”", name=item.application),
                                    hint=_("did you mean “{near}”?", near=near) if near else None))  # fmt: skip
        elif item.application in seen:
            problems.append(Problem(code="INV-198", value=item.application, **place,
                                    message=_("{application} is answered twice", application=item.application)))  # fmt: skip
        else:
            yield item
        seen.add(item.application)


def file_name(application: str) -> str:
    """The file of an application: its identifier where a file may bear it, else as much of it and a digest."""
    slug = re.sub(r"[^A-Za-z0-9._-]+", "-", application).strip("-.")[:80]
    if not slug or slug != application:
        slug = f"{slug or 'application'}-{hashlib.sha256(application.encode()).hexdigest()[:8]}"
    return f"{slug}.yaml"


def _assessment(found: Checked, form: Questionnaire, facts: pl.DataFrame | None) -> Assessment:
    rows = facts.select("attribute", "answer", "fact").iter_rows() if facts is not None else ()
    left = tuple(
        FromFact(attribute=attribute, answer=answer, fact=fact)
        for attribute, answer, fact in rows
        if attribute not in found.values
    )
    return Assessment(
        kind="assessment", applications=(found.application,), questionnaire=form.version, answers=found.answers,
        suggested=left, signed_by=found.signed_by, signed_on=found.signed_on, expires_on=found.expires_on,
    )  # fmt: skip


def _text(assessment: Assessment) -> str:
    document = assessment.model_dump(mode="json", exclude_none=True)
    if not assessment.suggested:
        del document["suggested"]
    head = _(
        "Article 31 assessment; the answers count only while signed and in force. What facts suggest is not signed."
    )
    return f"# {head}\n" + yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=110)


def _against_facts(found: Checked, facts: pl.DataFrame | None) -> list[Problem]:
    """Answers of “no” where a fact says “yes”: said, and the answer stands, for it is a person's."""
    if facts is None:
        return []
    return [
        Problem(code="INV-189", severity=Severity.WARNING, field=attribute, value=found.values[attribute],
                message=_("{application}, {attribute}: answered “{answer}”, though {fact}", application=found.application,
                          attribute=attribute, answer=found.values[attribute], fact=fact),
                **found.place(attribute))  # type: ignore[arg-type]
        for attribute, answer, fact in facts.select("attribute", "answer", "fact").iter_rows()
        if found.values.get(attribute) in LOW and answer not in LOW
    ]  # fmt: skip


def _may_replace(found: Checked, new: Assessment, name: str, before: Decisions, result: Kept) -> bool:
    """Whether a file may be written in place of what is there; what stands in its way is said."""
    result.problems += [
        Problem(code="INV-188", severity=Severity.WARNING, file=f"decisions/{other}", value=found.application,
                message=_("{application} is assessed by this file too, with other answers", application=found.application),
                hint=_("of two that are in force the last by name wins: remove one"))
        for other, old in before.of(Assessment)
        if other != name and found.application in old.applications and old.signed_by and values_of(old.answers) != found.values
    ]  # fmt: skip
    old = before.by_file.get(name)
    if not isinstance(old, Assessment) or old.signed_by is None or old.signed_on is None:
        return True
    if new.signed_by is None:
        if values_of(old.answers) != found.values:
            result.problems.append(
                _stands(found, name, Severity.WARNING, _("the new answers are not signed: the signed ones stay"))
            )
        else:
            result.unchanged.append(name)
        return False
    assert new.signed_on is not None
    same = (old.signed_by, old.signed_on, old.expires_on) == (new.signed_by, new.signed_on, new.expires_on)
    if new.signed_on <= old.signed_on and not (same and values_of(old.answers) == found.values):
        result.problems.append(
            _stands(
                found,
                name,
                Severity.ERROR,
                _("what is there was signed on {day}, and these answers not later", day=old.signed_on),
            )
        )
        return False
    return True


def _stands(found: Checked, name: str, severity: Severity, why: str) -> Problem:
    return Problem(code="INV-188", severity=severity, file=f"decisions/{name}", value=found.application,
                   message=f"{found.application}: {why}", hint=_("sign the new answers with their day, or remove the file"))  # fmt: skip
