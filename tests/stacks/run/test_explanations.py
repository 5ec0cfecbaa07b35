"""Every code the driver raises is explained, in both languages."""

import re
from pathlib import Path

import polib
import pytest

import stacks.run
from inventory.language import in_language
from stacks.run.explanations import EXPLANATIONS

SOURCES = sorted(Path(stacks.run.__file__).parent.rglob("*.py"))


def test_every_code_raised_is_explained_and_no_other() -> None:
    raised = {code for path in SOURCES if path.name != "explanations.py"
              for code in re.findall(r'"(RUN-\d{3})"', path.read_text(encoding="utf-8"))}  # fmt: skip
    assert raised == set(EXPLANATIONS)


@pytest.mark.parametrize("code", sorted(EXPLANATIONS))
def test_each_is_said_in_french(code: str) -> None:
    explanation = EXPLANATIONS[code]
    with in_language("en"):
        english = explanation.title(), explanation.body()
    catalogue = Path(stacks.run.__file__).parents[1] / "locale/fr/LC_MESSAGES/stacks.po"
    known = {entry.msgid for entry in polib.pofile(str(catalogue)) if entry.msgstr}
    assert set(english) <= known
    assert (explanation.title(), explanation.body()) != english
