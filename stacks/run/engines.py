"""The engine the driver uses, or a sentence on how to get one."""

from __future__ import annotations

from typing import Protocol

from stacks.language import _
from stacks.run.problems import InvalidInput, problem
from stacks.run.session import Engine


class FoundEngine(Engine, Protocol):
    """An engine and where its OpenStack plugin comes from."""

    @property
    def built_here(self) -> bool:
        """Whether the plugin was built on this machine and is not Pulumi's own."""


def find() -> FoundEngine | None:
    """The engine of this machine, None where there is none."""
    from stacks.engine import find_engine

    return find_engine()


def required() -> FoundEngine:
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
