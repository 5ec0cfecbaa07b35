"""What would change: by the real engine, or à blanc where there is none. Touches nothing, needs no credential."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi.automation import CommandError

from stacks.context import driven
from stacks.language import _
from stacks.run.blank import compare, declare
from stacks.run.failures import failure
from stacks.run.problems import EngineFailed, problem
from stacks.run.recovery.pending import pending_operations
from stacks.run.session import Session, exists, opened, program_of, stored
from stacks.run.steps import Account, Step, as_dicts, counts
from stacks.run.target import Target
from stacks.states import GivenStates

if TYPE_CHECKING:
    from stacks.engine import Engine


@dataclass(frozen=True, slots=True)
class Preview:
    """What a stack would become."""

    target: Target
    blank: bool
    """Whether it was made à blanc, without the engine."""
    empty: bool
    """Whether it starts from nothing: the stack has no state (or none that can be read)."""
    steps: tuple[Step, ...]
    warnings: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many resources are created, updated, deleted, replaced, left as they are."""
        return counts(self.steps)

    @property
    def changes(self) -> bool:
        """Whether anything would move."""
        return any(step.op != "same" for step in self.steps)

    def as_dict(self) -> dict[str, Any]:
        """The preview for JSON."""
        return {
            "project": self.target.project,
            "stack": self.target.stack,
            "as_of": self.target.as_of.isoformat(),
            "mode": "a_blanc" if self.blank else "engine",
            "base": "empty" if self.empty else "state",
            "counts": self.counts,
            "steps": as_dicts(self.steps),
            "warnings": list(self.warnings),
        }


def preview(
    target: Target, engine: Engine | None, *, without_state: bool = False, program: Callable[[], None] | None = None
) -> Preview:
    """Preview one stack. Never green by accident: an engine that says nothing proves nothing.

    Args:
        target: the stack; one that was never deployed is previewed from nothing.
        engine: None: the preview is made à blanc.
        without_state: leave the state aside (no passphrase, no access to the back end) and show everything.
        program: what to run instead of the project's own program.

    Raises:
        EngineFailed: the program, the provider or the engine refused (``RUN-030``…), or nothing came.
        InvalidInput: no passphrase for a state that exists (``RUN-002``).
    """
    run = program or program_of(target.project)
    if engine is None:
        return _blank(target, run, without_state=without_state)
    empty = without_state or exists(target) is False
    with opened(target, engine, empty=empty, create=True, program=run) as session:
        warnings = [] if empty else unfinished(session)
        account = Account()
        try:
            session.run("preview", account, lambda: None)
        except CommandError as error:
            raise failure(session, error, account) from error
    if not account.ended or not account.steps:
        raise EngineFailed(
            problem("RUN-034", _("{label}: the program declares nothing: this proves nothing", label=target.label))
        )
    steps = tuple(sorted(account.steps, key=lambda step: step.urn))
    return Preview(target, False, empty, steps, (*warnings, *account.warnings))


def _blank(target: Target, run: Callable[[], None], *, without_state: bool) -> Preview:
    deployment = None if without_state else stored(target)
    warnings: list[str] = []
    given = {} if deployment is None else {(target.project, target.stack): deployment}
    with driven(GivenStates(given)):
        declared = declare(target.project, target.stack, run, _configuration(target), warnings)
    return Preview(target, True, deployment is None, tuple(compare(declared, deployment)), tuple(warnings))


def unfinished(session: Session) -> list[str]:
    """Sentences about the operations that a kill left unfinished; none when there are none."""
    pending = pending_operations(session.export())
    if not pending:
        return []
    return [
        _.plural(
            "{n} operation was cut short by a kill: francecloud up {stack} settles it first",
            "{n} operations were cut short by a kill: francecloud up {stack} settles them first",
            len(pending),
            stack=session.target.stack,
        )
    ]


def _configuration(target: Target) -> dict[str, str]:
    return {"francecloud:workspace": str(target.workspace.root), "francecloud:as_of": target.as_of.isoformat()}
