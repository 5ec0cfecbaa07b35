"""The questionnaire as a sheet of a workbook: a row an application, a column a question, the signature at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import polars as pl

from inventory.files import SourceFile
from inventory.forms.inventory_form import chosen_applications
from inventory.forms.model import Column, Form, Sheet
from inventory.package import Package
from inventory.problems import Problem
from inventory.readers.filled import filled_sheets
from inventory.readers.reading import ROW
from inventory.workspace import Workspace
from rationalise.decisions import Assessment, load_decisions
from rationalise.language import _
from rationalise.questionnaire.catalogue import Question, Questionnaire, load_questionnaire, values_of
from rationalise.questionnaire.facts import suggested
from rationalise.questionnaire.filled import EXPIRES_ON, ROLE, SIGNED_ON, SIGNER, Filled

TABLE = "assessment"
FACTS = "facts"


def questionnaire_sheet(
    dataset: Package,
    workspace: Workspace,
    as_of: date,
    *,
    applications: Sequence[str] = (),
    organisations: Sequence[str] = (),
) -> Sheet:
    """The sheet, pre-filled with the answers kept under ``decisions/``; the signature is never pre-filled.

    Args:
        dataset: the inventory.
        workspace: for what was answered before.
        as_of: the day; an assessment that counts on it is not asked again, unless it is named.
        applications: identifiers; all that have no assessment in force when empty.
        organisations: only theirs and those below them.

    Raises:
        NotFound: no such organisation or application.
        InvalidInput: a decision cannot be read.
    """
    form = load_questionnaire()
    rows, before = asked(dataset, workspace, as_of, applications, organisations)
    facts = facts_told(dataset, form)
    told = [before.get(i, {}) for i in rows["id"]]
    frame = rows.with_columns(
        pl.col("id").replace_strict(facts, default=None, return_dtype=pl.String).alias(FACTS),
        *(pl.Series(q.settles, [_written(q, values) for values in told], pl.String) for q in form.questions),
        *(pl.lit(None, pl.String).alias(key) for key in (ROLE, SIGNER, SIGNED_ON, EXPIRES_ON)),
    )
    columns = tuple(_columns(form))
    return Sheet(_("Article 31 assessment"), TABLE, columns, frame.select(c.key for c in columns))


def _written(question: Question, values: Mapping[str, str]) -> str | None:
    value = values.get(question.settles)
    # A sheet's own yes and no are written by the form; a label is not split, for it may hold what joins others.
    return value if value is None or question.kind == "boolean" else question.shown(value)


def asked(
    dataset: Package, workspace: Workspace, as_of: date, applications: Sequence[str], organisations: Sequence[str]
) -> tuple[pl.DataFrame, dict[str, dict[str, str]]]:
    """``id``, ``name``, ``organisation_id`` of the applications to assess, and what was answered before, by application.

    Raises:
        NotFound: no such organisation or application (``INV-192``).
        InvalidInput: a decision cannot be read.
    """
    kept = load_decisions(workspace.decisions).of(Assessment)
    before = {a: values_of(found.answers) for _file, found in kept for a in found.applications}
    from inventory.documents import nearest
    from inventory.problems import NotFound

    chosen = chosen_applications(dataset, organisations).select("id", "name", "organisation_id")
    if applications:
        known = chosen["id"].to_list()
        lost = sorted(set(applications) - set(known))
        if lost:
            raise NotFound(
                *(Problem(code="INV-192", value=a, message=_("no application to assess is called “{name}”", name=a),
                          hint=_("did you mean “{near}”?", near=near) if (near := nearest(a, known)) else None) for a in lost)
            )  # fmt: skip
        return chosen.filter(pl.col("id").is_in(list(applications))), before
    done = {a for _file, found in kept if found.counts(as_of) for a in found.applications}
    return chosen.filter(~pl.col("id").is_in(sorted(done))), before


def facts_told(dataset: Package, form: Questionnaire) -> dict[str, str]:
    """By application, what facts suggest, in a few lines."""
    questions = form.by_attribute()
    found = suggested(dataset, form)
    ids = {name: q.id for name, q in questions.items()}
    pairs = found.select("attribute", "answer").unique().rows()
    words = {f"{a}={v}": _yes(v) if questions[a].kind == "boolean" else questions[a].shown(v) for a, v in pairs}
    line = pl.format(
        "{}: {} ({})",
        pl.col("attribute").replace_strict(ids, return_dtype=pl.String),
        pl.format("{}={}", "attribute", "answer").replace_strict(words, return_dtype=pl.String),
        "fact",
    )
    told = (
        found.with_columns(line.alias("line")).group_by("id", maintain_order=True).agg(pl.col("line").str.join(" · "))
    )
    return dict(told.iter_rows())


def _yes(value: str) -> str:
    return _("yes") if value == "true" else _("no")


def _columns(form: Questionnaire) -> Iterator[Column]:
    yield Column("id", _("Application"), locked=True)
    yield Column("name", _("Name"), locked=True)
    yield Column("organisation_id", _("Organisation"), locked=True)
    yield Column(
        FACTS,
        _("What the inventory suggests"),
        _("Facts, not answers: only what you write counts, once signed."),
        locked=True,
    )
    for question in form.questions:
        yield _column(question)
    yield Column(
        ROLE, _("Signed by (role)"), _("The role of who signs, for example data administrator. No name is needed.")
    )
    yield Column(SIGNER, _("Signed for (organisation)"), _("The organisation the signer answers for."))
    yield Column(
        SIGNED_ON,
        _("Signed on"),
        _("Without a role, an organisation and a day, nothing is signed: it counts as unknown."),
        kind="date",
    )
    yield Column(
        EXPIRES_ON,
        _("Expires on"),
        _.plural("Empty: {n} month later.", "Empty: {n} months later.", form.valid_months),
        kind="date",
    )


def _column(question: Question) -> Column:
    notes = [str(question.help), _("Reference: {ref}", ref=question.ref)]
    if question.answers:
        notes.append(_("Answers: {answers}", answers=" ; ".join(question.labels())))
    if question.kind == "many":
        notes.append(_("Several answers: join them with “;”"))
    for name, values in question.applies_when.items():
        notes.append(_("Only where {name} is {values}", name=name, values=", ".join(values)))
    kind = "boolean" if question.kind == "boolean" else "string"
    return Column(question.settles, f"{question.id} · {question.question}", "\n".join(notes), kind, question.labels(),
                  many=question.kind == "many")  # fmt: skip


def questionnaire_form(sheet: Sheet) -> Form:
    """A workbook that holds the questionnaire alone."""
    return Form(
        title=_("Article 31 assessment (law 2024-449)"), instructions=instructions(), sheets=(sheet,),
        words=(_("yes"), _("no")), cover=_("Instructions"),
    )  # fmt: skip


def instructions() -> tuple[str, ...]:
    """The lines of the first sheet."""
    return (
        _("One row an application. Answer what you know; leave empty what you do not: unknown never counts as “no”."),
        _("Put the cursor on a heading to read the help, the reference of law and the accepted answers."),
        _("What the inventory suggests is shown beside and is never an answer: write yours."),
        _("Sign each row with a role, an organisation and a day. Unsigned answers are kept and count as unknown."),
        _("Write no name of a person, and nothing classified."),
        _("Send the file back: it is read by “francecloud assess read”."),
    )


def read_workbook(source: SourceFile) -> list[Filled]:
    """The applications of the questionnaire sheets of a workbook.

    Raises:
        InvalidInput: it is not a form of ours, or its headings were changed (``INV-190``).
    """
    found = []
    for sheet in filled_sheets(source):
        if sheet.table != TABLE:
            continue
        headings = {str(h.target): h.text for h in sheet.headings}
        for row in sheet.rows.filter(pl.col("id").is_not_null()).iter_rows(named=True):

            def place(
                key: str, row: int = row[ROW], sheet: str = sheet.name, headings: Mapping[str, str] = headings
            ) -> dict[str, object]:
                return {"file": str(source.path), "sheet": sheet, "row": row, "column": headings.get(key)}

            said = {k: v for k, v in row.items() if v is not None and k in headings}
            found.append(Filled(row["id"], said, place))
    return found
