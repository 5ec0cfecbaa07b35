"""What can go wrong with the lab, as problems a person can act on."""

from __future__ import annotations

from inventory.problems import Exit, Problem, UserError


class LabError(UserError):
    """The lab cannot be made or does not work (exit code 4)."""

    exit_code = Exit.RESOURCE


def lab_error(code: str, message: str, hint: str | None = None) -> LabError:
    """One problem as an error to raise."""
    return LabError(Problem(code=code, message=message, hint=hint))
