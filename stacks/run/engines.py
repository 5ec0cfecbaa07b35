"""The engine the driver uses, or a sentence on how to get one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.language import _
from stacks.run.problems import InvalidInput, problem

if TYPE_CHECKING:
    from stacks.engine import Engine


def find() -> Engine | None:
    """The engine of this machine, None where there is none."""
    from stacks.engine import find_engine

    return find_engine()


def required() -> Engine:
    """The engine of this machine.

    Raises:
        InvalidInput: there is none (``RUN-003``).
    """
    engine = find()
    if engine is None:
        raise InvalidInput(
            problem("RUN-003", _("no Pulumi engine on this machine"), hint=_("francecloud engine install"))
        )
    return engine
