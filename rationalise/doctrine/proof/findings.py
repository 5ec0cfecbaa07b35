"""What the proof finds: a property that fails, with the smallest profile that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from inventory.problems import Problem
from rationalise.doctrine.proof.domain import Domain
from rationalise.language import _


@dataclass(frozen=True)
class Failure:
    """A property that does not hold."""

    code: str
    message: str
    subject: str = ""
    """The tier, offer or entry it is about."""
    day: date | None = None
    profile: Mapping[str, str | None] | None = None
    """The counter-example: the profile with fewest values that are not harmless."""

    def as_problem(self) -> Problem:
        """For a terminal: the counter-example as ``attribute = value`` lines."""
        unknown = _("unknown")
        lines = [f"{name} = {unknown if value is None else value}" for name, value in (self.profile or {}).items()]
        return Problem(
            code=self.code,
            message="\n    ".join([self.message, *lines]),
            field=self.subject or None,
            value=self.day.isoformat() if self.day else None,
        )

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "code": self.code,
            "message": self.message,
            "subject": self.subject,
            "date": self.day.isoformat() if self.day else None,
            "profile": dict(self.profile) if self.profile is not None else None,
        }


@dataclass
class Seeker:
    """Finds, among classes that break a property, the one to show."""

    domain: Domain
    _distances: pl.Series | None = field(default=None, repr=False)

    def first(self, broken: pl.Series) -> int:
        """The class with fewest values that are not harmless; the first of them."""
        if self._distances is None:
            self._distances = self.domain.distances()
        return int(broken.sort()[self._distances.gather(broken.sort()).arg_min() or 0])
