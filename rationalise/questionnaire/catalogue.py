"""The questions, read from their data file: what each asks, accepts, settles, and which facts suggest an answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

from inventory.documents import read_document
from inventory.values import NO, UNKNOWN, YES, plain
from rationalise.decisions import Answers
from rationalise.doctrine.models import Entry, Text

QUESTIONS_FILE = Path(__file__).parent / "questions.yaml"
CODE = "ANA-001"


class Answer(Entry):
    """An accepted answer and its words."""

    value: str
    label: Text


class Fact(Entry):
    """Facts of the inventory that suggest an answer: columns of applications and their values, ``*`` for any."""

    when: Mapping[str, tuple[str, ...]]
    answer: str
    fact: Text


class Question(Entry):
    """A closed question; its answer settles one attribute. It applies where earlier answers say so, else always."""

    id: str
    settles: str
    kind: Literal["boolean", "one", "many"]
    question: Text
    help: Text
    ref: str
    answers: tuple[Answer, ...] = ()
    none: str | None = None
    applies_when: Mapping[str, tuple[str, ...]] = {}
    from_facts: tuple[Fact, ...] = ()

    def labels(self) -> tuple[str, ...]:
        """The closed list, in the current language."""
        return tuple(str(a.label) for a in self.answers)

    def shown(self, value: str) -> str:
        """A value as a person reads it; of several, joined by “;”."""
        known = {a.value: str(a.label) for a in self.answers}
        return " ; ".join(known.get(v, v) for v in value.split("|"))

    def read(self, text: str) -> str | None:
        """The value that a text says, several joined by ``|``; None where it means unknown.

        Raises:
            ValueError: no accepted answer, or “none” beside another.
        """
        word = plain(text)
        if self.kind == "boolean":
            return _yes_or_no(word)
        known = {plain(w): a.value for a in self.answers for w in (a.value, a.label.fr, a.label.en)}
        known |= {plain(a.value.replace("_", " ")): a.value for a in self.answers}
        if word in known:
            return known[word]
        if word in UNKNOWN:
            return None
        parts = [plain(p) for p in text.replace("|", ";").replace(",", ";").replace("\n", ";").split(";") if p.strip()]
        if self.kind == "one" or not all(p in known for p in parts):
            raise ValueError(text)
        values = sorted({known[p] for p in parts})
        if self.none in values and len(values) > 1:
            raise ValueError(text)
        return "|".join(values)

    def accepted(self) -> tuple[str, ...]:
        """What may be written, in the current language."""
        return self.labels() if self.answers else ("oui", "non")


class Questionnaire(Entry):
    """The data file."""

    version: str
    read_on: date
    valid_months: int
    questions: tuple[Question, ...]

    def by_attribute(self) -> dict[str, Question]:
        """The questions by the attribute they settle, in order."""
        return {q.settles: q for q in self.questions}


@lru_cache
def load_questionnaire() -> Questionnaire:
    """The questionnaire shipped beside the code."""
    return read_document(QUESTIONS_FILE, Questionnaire, code=CODE)


def _yes_or_no(word: str) -> str | None:
    if word in UNKNOWN:
        return None
    if word in YES or word in NO:
        return "true" if word in YES else "false"
    raise ValueError(word)


def answers_of(values: Mapping[str, str]) -> Answers:
    """Values by attribute, as the answers of a decision."""
    known = load_questionnaire().by_attribute()
    said: dict[str, object] = {}
    for name, value in values.items():
        question = known[name]
        if question.kind == "boolean":
            said[name] = value == "true"
        elif question.kind == "many" and value != question.none:
            said[name] = tuple(value.split("|"))
        else:
            said[name] = value
    return Answers.model_validate(said)


def values_of(answers: Answers) -> dict[str, str]:
    """The answers of a decision as values by attribute; what is not answered is not there."""
    values = {}
    for name, value in answers.model_dump(exclude_none=True).items():
        if isinstance(value, bool):
            values[name] = str(value).lower()
        elif isinstance(value, str):
            values[name] = value
        elif value or name == "atteinte":
            values[name] = "|".join(sorted(value)) or "aucune"
    return values
