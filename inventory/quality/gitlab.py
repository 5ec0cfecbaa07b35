"""Problems as GitLab's Code Quality report, shown on a merge request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inventory.problems import Problem, Severity
from inventory.quality.places import Place, fingerprints

SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.INFO: "info"}


def code_quality(problems: Sequence[Problem], where: Sequence[Place]) -> list[dict[str, Any]]:
    """One entry a problem, as `GitLab documents it <https://docs.gitlab.com/ci/testing/code_quality/>`_."""
    return [
        {
            "description": problem.message + (f" ({origin})" if (origin := place.origin()) else ""),
            "check_name": problem.code,
            "fingerprint": fingerprint,
            "severity": SEVERITIES[problem.severity],
            "location": {"path": place.path, "lines": {"begin": place.line}},
        }
        for problem, place, fingerprint in zip(problems, where, fingerprints(problems, where), strict=True)
    ]
