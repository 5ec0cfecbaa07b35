"""What people answered, from a workbook or a text, checked: every mistake with its place, nothing guessed."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from inventory.documents import nearest
from inventory.problems import Problem, Severity
from inventory.values import convert
from rationalise.decisions import Answers, Signature
from rationalise.language import _
from rationalise.questionnaire.catalogue import Question, Questionnaire, answers_of

ROLE, SIGNER, SIGNED_ON, EXPIRES_ON = (
    "signature:role",
    "signature:organisation",
    "signature:signed_on",
    "signature:expires_on",
)
SIGNATURE = (ROLE, SIGNER, SIGNED_ON, EXPIRES_ON)

Place = Callable[[str], Mapping[str, object]]
"""A key of a filled row to the file, sheet, row and column of a problem about it."""


@dataclass(frozen=True)
class Filled:
    """An application as it was filled in: texts by attribute and signature key, and where each stands."""

    application: str
    said: Mapping[str, str]
    place: Place


@dataclass(frozen=True)
class Checked:
    """An application's answers and signature; without a whole signature it is not signed."""

    application: str
    answers: Answers
    values: Mapping[str, str] = field(default_factory=dict)
    signed_by: Signature | None = None
    signed_on: date | None = None
    expires_on: date | None = None
    place: Place = field(default=lambda key: {}, compare=False)


def check(filled: Filled, form: Questionnaire, problems: list[Problem]) -> Checked | None:
    """Check an application's answers; its problems are added. None where nothing was answered.

    Args:
        filled: the texts.
        form: the questions.
        problems: errors are ``INV-198`` (an answer) and ``INV-187`` (a signature).
    """
    values: dict[str, str] = {}
    for question in form.questions:
        text = filled.said.get(question.settles, "").strip()
        if not text:
            continue
        try:
            value = question.read(text)
        except ValueError:
            problems.append(_refused(filled, question, text))
            continue
        if value is not None:
            values[question.settles] = value
    problems += _beside_the_point(filled, form, values)
    signed_by, signed_on, expires_on = _signature(filled, form, problems)
    if not values:
        if signed_by and not any(filled.said.get(q.settles) for q in form.questions):
            problems.append(
                Problem(code="INV-187", severity=Severity.WARNING, field="signed_by",
                        message=_("{application}: signed, and nothing is answered", application=filled.application),
                        **filled.place(ROLE))  # type: ignore[arg-type]
            )  # fmt: skip
        return None
    return Checked(filled.application, answers_of(values), values, signed_by, signed_on, expires_on, filled.place)


def _refused(filled: Filled, question: Question, text: str) -> Problem:
    accepted = question.accepted()
    near = nearest(text, list(accepted))
    return Problem(
        code="INV-198", field=question.settles, value=text[:200],
        message=_("{application}, {question}: “{value}” is not accepted", application=filled.application, question=question.id,
                  value=text[:80]),
        hint=(_("did you mean “{near}”?", near=near) + " " if near else "") + _("accepted: {accepted}", accepted=" ; ".join(accepted)),
        **filled.place(question.settles),  # type: ignore[arg-type]
    )  # fmt: skip


def _beside_the_point(filled: Filled, form: Questionnaire, values: Mapping[str, str]) -> list[Problem]:
    """Answers to questions that another answer makes beside the point: one of the two is wrong."""
    found = []
    for question in form.questions:
        for name, accepted in question.applies_when.items():
            other = values.get(name)
            says = values.get(question.settles, "false") not in ("false", "")
            if other is not None and says and not set(other.split("|")) & set(accepted):
                found.append(
                    Problem(code="INV-198", field=question.settles, value=values[question.settles],
                            message=_("{application}, {question}: answered, though {other} is “{value}”",
                                      application=filled.application, question=question.id, other=name, value=other),
                            hint=_("empty one of the two, or change it"), **filled.place(question.settles))  # type: ignore[arg-type]
                )  # fmt: skip
    return found


def _signature(
    filled: Filled, form: Questionnaire, problems: list[Problem]
) -> tuple[Signature | None, date | None, date | None]:
    role, signer = (filled.said.get(k, "").strip() for k in (ROLE, SIGNER))
    signed_on, expires_on = (_day(filled, key, problems) for key in (SIGNED_ON, EXPIRES_ON))
    if not (role and signer and signed_on):
        if role or signer or signed_on or expires_on:
            problems.append(
                Problem(code="INV-187", severity=Severity.WARNING, field="signed_by",
                        message=_("{application}: the signature is not whole, so it is not signed", application=filled.application),
                        hint=_("a role, an organisation and a day are needed"), **filled.place(ROLE))  # type: ignore[arg-type]
            )  # fmt: skip
        return None, None, None
    last = months_later(signed_on, form.valid_months)
    end = expires_on or last
    if not signed_on <= end <= last:
        problems.append(
            Problem(code="INV-187", field="expires_on", value=str(end),
                    message=_("{application}: it expires on {end}, which is not between its signature and {last}",
                              application=filled.application, end=end, last=last), **filled.place(EXPIRES_ON))  # type: ignore[arg-type]
        )  # fmt: skip
    return Signature(role=role, organisation=signer), signed_on, end


def _day(filled: Filled, key: str, problems: list[Problem]) -> date | None:
    from inventory.dataset import schema

    text = filled.said.get(key, "").strip()
    if not text:
        return None
    found = convert(schema().tables["applications"].by_name["started"], [text])[text]
    if isinstance(found, str):
        return date.fromisoformat(found)
    if found is not None:
        problems.append(
            Problem(code="INV-187", field=key.partition(":")[2], value=text[:80],
                    message=_("{application}: “{value}” is not a date", application=filled.application, value=text[:80]),
                    hint=_("expected for example 2026-11-23"), **filled.place(key))  # type: ignore[arg-type]
        )  # fmt: skip
    return None


def months_later(day: date, months: int) -> date:
    """The same day *months* later, or the last of that month."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
