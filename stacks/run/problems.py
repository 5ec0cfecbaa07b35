"""What can stop the driver, each with its exit code. Codes RUN-xxx, explained in ``explanations``."""

from __future__ import annotations

from inventory.problems import Exit, InvalidInput, NotFound, Problem, UserError

__all__ = ["Busy", "EngineFailed", "InvalidInput", "NotFound", "Stopped", "Unsure", "problem"]


class Busy(UserError):
    """Somebody else is working on the stack (exit code 4)."""

    exit_code = Exit.RESOURCE


class Unsure(UserError):
    """A creation cut short could not be settled without a person (exit code 4)."""

    exit_code = Exit.RESOURCE


class EngineFailed(UserError):
    """The engine, the program or the cloud said no, or said nothing (exit code 4)."""

    exit_code = Exit.RESOURCE


class Stopped(UserError):
    """Somebody interrupted the run (exit code 8)."""

    exit_code = Exit.CANCELLED


def problem(code: str, message: str, hint: str | None = None, value: str | None = None) -> Problem:
    """A problem of the driver: it has a code and a remedy, seldom a file."""
    return Problem(code=code, message=message, hint=hint, value=value)
