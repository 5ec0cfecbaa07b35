"""What is said of decisions that have no effect: unsigned where they should be, or signed where nothing reads them."""

from __future__ import annotations

from pathlib import Path

import yaml

from inventory.problems import Problem, Severity
from rationalise.decisions import Assessment, Decisions, Signed
from rationalise.language import _

TO_SIGN = "a-signer"
"""The folder under ``decisions/`` where fiches wait; nothing reads it."""


def unsigned(decisions: Decisions, folder: Path) -> list[Problem]:
    """A notice for each decision in place that nobody signed (``ANA-020``), or signed and still waiting (``ANA-021``).

    Assessments have their own, which says more (:func:`rationalise.decisions.not_counted`).
    """
    notices = [
        Problem(code="ANA-020", severity=Severity.INFO, file=str(folder / name),
                message=_("this decision is not signed: it has no effect"), hint=_("fill in signed_by and signed_on"))
        for name, decision in decisions.by_file.items()
        if isinstance(decision, Signed) and not isinstance(decision, Assessment) and (decision.signed_by is None or decision.signed_on is None)
    ]  # fmt: skip
    for path in sorted((folder / TO_SIGN).glob("*/*.y*ml")):
        if signature(path):
            notices.append(
                Problem(code="ANA-021", severity=Severity.WARNING, file=str(path),
                        message=_("this decision is signed but nothing reads it here: it has no effect"),
                        hint=_("move it to {path}", path=folder / path.relative_to(folder / TO_SIGN)))
            )  # fmt: skip
    return notices


def signature(path: Path) -> bool:
    """Whether somebody began to sign a file; what cannot be read is left to people."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return True
    return not isinstance(content, dict) or bool(content.get("signed_by") or content.get("signed_on"))
