"""The questionnaire as a text file: YAML, the questions in its comments."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from inventory.documents import lines_of, read_document
from inventory.package import Package
from inventory.workspace import Workspace
from rationalise.decisions import Part
from rationalise.questionnaire.catalogue import Questionnaire, load_questionnaire
from rationalise.questionnaire.facts import suggested
from rationalise.questionnaire.filled import EXPIRES_ON, ROLE, SIGNED_ON, SIGNER, Filled
from rationalise.questionnaire.sheet import asked, instructions
from rationalise.templating import render

CODE = "INV-198"
Word = str | bool | int | date


class SignedBy(Part):
    """The signature, as it may be left empty."""

    role: str | None = None
    organisation: str | None = None


class Entry(Part):
    """An application of the form."""

    application: str
    answers: Mapping[str, Word | list[Word] | None] = Field(default_factory=dict)
    signed_by: SignedBy | None = None
    signed_on: Word | None = None
    expires_on: Word | None = None


class TextForm(Part):
    """The file."""

    kind: Literal["assessment_form"]
    questionnaire: str
    assessments: tuple[Entry, ...]


def text_form(
    dataset: Package,
    workspace: Workspace,
    as_of: date,
    *,
    applications: Sequence[str] = (),
    organisations: Sequence[str] = (),
) -> str:
    """The form as text, pre-filled as :func:`rationalise.questionnaire.sheet.questionnaire_sheet`.

    Raises:
        NotFound: no such organisation or application.
        InvalidInput: a decision cannot be read.
    """
    form = load_questionnaire()
    rows, before = asked(dataset, workspace, as_of, applications, organisations)
    facts = _facts(dataset, form)
    entries = [
        {"id": i, "name": _line(name), "facts": facts.get(i, []), "answers": {k: _yaml(form, k, v) for k, v in before.get(i, {}).items()}}
        for i, name in rows.select("id", "name").iter_rows()
    ]  # fmt: skip
    return render(
        "assessment/form.yaml.j2",
        questions=form.questions,
        version=form.version,
        entries=entries,
        instructions=instructions(),
    )


def _facts(dataset: Package, form: Questionnaire) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for identifier, attribute, answer, fact in suggested(dataset, form).iter_rows():
        found.setdefault(identifier, []).append(_line(f"{attribute} = {answer} ({fact})"))
    return found


def _line(text: str | None) -> str:
    """Text that cannot leave its comment."""
    return " ".join((text or "").split())


def _yaml(form: Questionnaire, name: str, value: str) -> str:
    question = form.by_attribute()[name]
    return json.dumps(value.split("|")) if question.kind == "many" and value != question.none else value


def read_text(path: Path) -> list[Filled]:
    """The applications of a text form.

    Raises:
        InvalidInput: it is not YAML (``WSP-003``) or not such a form (``INV-198``), every mistake with its line.
    """
    found = read_document(path, TextForm, code=CODE)
    lines = lines_of(path.read_text(encoding="utf-8"))
    return [_filled(path, number, entry, lines) for number, entry in enumerate(found.assessments)]


def _filled(path: Path, number: int, entry: Entry, lines: Mapping[tuple[int | str, ...], int]) -> Filled:
    signed = entry.signed_by or SignedBy()
    said: dict[str, Any] = {**entry.answers, ROLE: signed.role, SIGNER: signed.organisation, SIGNED_ON: entry.signed_on,
                            EXPIRES_ON: entry.expires_on}  # fmt: skip

    def place(key: str) -> Mapping[str, object]:
        inside = key.partition(":")[2]
        where = ("answers", key) if not inside else ("signed_by", inside) if key in (ROLE, SIGNER) else (inside,)
        whole = ("assessments", number, *where)
        return {
            "file": str(path),
            "row": next((lines[whole[:n]] for n in range(len(whole), 0, -1) if whole[:n] in lines), None),
        }

    return Filled(entry.application, {k: _said(v) for k, v in said.items() if v is not None}, place)


def _said(value: object) -> str:
    if isinstance(value, list):
        return ";".join(_said(v) for v in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
