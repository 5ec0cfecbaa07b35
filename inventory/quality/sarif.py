"""Problems as SARIF 2.1.0, which forges and editors show at their line."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from inventory.explanations import EXPLANATIONS
from inventory.language import language
from inventory.problems import Problem, Severity
from inventory.quality.places import Place, fingerprints

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def sarif(problems: Sequence[Problem], where: Sequence[Place]) -> dict[str, Any]:
    """One run of one tool: a rule a code, a result a problem."""
    codes = sorted({p.code for p in problems})
    position = {code: n for n, code in enumerate(codes)}
    marks = list(fingerprints(problems, where))
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "francecloud check",
                        "version": version("francecloud"),
                        "language": "fr-FR" if language() == "fr" else "en-US",
                        "rules": [_rule(code) for code in codes],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [
                    _result(p, place, mark, position[p.code])
                    for p, place, mark in zip(problems, where, marks, strict=True)
                ],
            }
        ],
    }


def _rule(code: str) -> dict[str, Any]:
    explained = EXPLANATIONS.get(code)
    if explained is None:
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": explained.title()},
        "fullDescription": {"text": explained.body()},
    }


def _result(problem: Problem, place: Place, mark: str, position: int) -> dict[str, Any]:
    origin = place.origin()
    text = problem.message + (f" ({origin})" if origin else "")
    return {
        "ruleId": problem.code,
        "ruleIndex": position,
        "level": LEVELS[problem.severity],
        "message": {"text": f"{text}. {problem.hint}" if problem.hint else text},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(place.path), "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": place.line},
                }
            }
        ],
        "partialFingerprints": {"recordAndField/v1": mark},
    }
