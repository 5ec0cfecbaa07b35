"""What can go wrong with the engine, as problems a person can act on."""

from __future__ import annotations

from inventory.problems import Exit, Problem, UserError


class EngineError(UserError):
    """There is no engine and none could be installed or built (exit code 4)."""

    exit_code = Exit.RESOURCE


def engine_problem(code: str, message: str, hint: str | None = None) -> Problem:
    """A problem of the engine."""
    return Problem(code=code, message=message, hint=hint)
