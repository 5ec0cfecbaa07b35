"""``up`` and ``down``: what changes the cloud, each safe to run again after whatever happened before."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from pulumi.automation import CommandError

from inventory.problems import UserError
from stacks.context import PLATFORM_PROJECTS
from stacks.language import _
from stacks.run import journal
from stacks.run.failures import failure
from stacks.run.leftovers import operator_access
from stacks.run.problems import EngineFailed, problem
from stacks.run.recover import recover
from stacks.run.recovery.census import take_census
from stacks.run.recovery.cloud import connect
from stacks.run.recovery.doubtful import doubtful
from stacks.run.recovery.pending import pending_operations
from stacks.run.recovery.settle import Settled
from stacks.run.session import Session, opened
from stacks.run.steps import SECRET_MARK, Account, Step, as_dicts
from stacks.run.target import Target
from stacks.states import Deployment

if TYPE_CHECKING:
    from stacks.engine import Engine

Say = Callable[[str], None]

RESERVED = 150.0
"""Seconds for which Neutron may hold against the quota a request that a kill cut (its reservations last 120)."""
PAUSE = 15.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did: steps done, operations settled first, and what could not be removed."""

    target: Target
    verb: str
    steps: tuple[Step, ...]
    counts: dict[str, int]
    settled: tuple[Settled, ...] = ()
    left: tuple[str, ...] = ()
    outputs: dict[str, Any] = field(default_factory=dict)
    """What the program exported, secrets left out."""

    @property
    def changed(self) -> bool:
        """Whether anything moved."""
        return any(number for op, number in self.counts.items() if op != "same")

    def as_dict(self) -> dict[str, Any]:
        """The outcome for JSON."""
        return {
            "project": self.target.project,
            "stack": self.target.stack,
            "verb": self.verb,
            "as_of": self.target.as_of.isoformat(),
            "counts": self.counts,
            "steps": as_dicts(self.steps),
            "settled": [{"urn": s.urn, "act": s.act.value, "id": s.id} for s in self.settled],
            "left": list(self.left),
            "outputs": self.outputs,
        }


def deploy(
    target: Target,
    engine: Engine,
    mark: str,
    say: Say,
    *,
    parallel: int | None = None,
    progress: Callable[[Step], None] | None = None,
    program: Callable[[], None] | None = None,
) -> Outcome:
    """Make the stack what its program says. The gate has already spoken.

    Raises:
        Busy, Unsure: see :func:`stacks.run.recover.recover`.
        EngineFailed: the program, the engine or the cloud refused; what was done is recorded.
        Stopped: interrupted; what was running is recorded.
    """
    with opened(target, engine, create=True, program=program) as session:
        settled = recover(session, mark, say)
        until = time.monotonic() + RESERVED if settled else 0
        while True:
            account = Account(progress=progress, on_failure=partial(_doubt, target))
            try:
                _up(session, account, census(target), say, parallel)
                break
            except EngineFailed:
                if not account.over_quota or time.monotonic() > until:
                    raise
                say(_("a quota is full: the cloud may still count what the killed run had asked for; trying again"))
                time.sleep(PAUSE)
                settled += recover(session, mark, say)
        if not account.ended:
            raise EngineFailed(_silent(target))
        outputs = public_outputs(session.export())
    return Outcome(target, "up", tuple(account.steps), account.counts(), tuple(settled), outputs=outputs)


def _up(
    session: Session, account: Account, present: dict[str, list[str]] | None, say: Say, parallel: int | None
) -> None:
    with _written_down(session, "up", present):
        try:
            session.run("up", account, _interrupted(say), parallel=parallel, refresh=_live(session))
        except CommandError as error:
            raise failure(session, error, account) from error


def destroy(
    target: Target,
    engine: Engine,
    mark: str,
    say: Say,
    *,
    keep: bool = False,
    reset: Callable[[dict[str, Any]], list[str]] | None = None,
) -> Outcome:
    """Remove everything the stack holds, then the stack. *reset* undoes what deleting does not, and
    says what stays (quotas); it is given the deployment as it was before.

    Raises:
        Busy, Unsure, EngineFailed, Stopped: as :func:`deploy`.
    """
    with opened(target, engine) as session:
        settled = recover(session, mark, say)
        before = session.export()
        account = Account()
        with _written_down(session, "down", None):
            try:
                session.run("destroy", account, _interrupted(say))
            except CommandError as error:
                raise failure(session, error, account) from error
        if not account.ended:
            raise EngineFailed(_silent(target))
        left = reset(before) if reset else []
        if not keep and not session.export()["deployment"].get("resources"):
            session.cli("stack", "rm", "--yes")
    return Outcome(target, "down", tuple(account.steps), account.counts(), tuple(settled), tuple(left))


def public_outputs(deployment: Mapping[str, Any]) -> dict[str, Any]:
    """What a stack exports, without its secrets."""
    outputs = Deployment(deployment).outputs
    return {
        name: value
        for name, value in sorted(outputs.items())
        if not (isinstance(value, Mapping) and SECRET_MARK in value)
    }


def census(target: Target) -> dict[str, list[str]] | None:
    """What is there before, of the types that give no date; an operator's stacks alone make any."""
    if target.project not in PLATFORM_PROJECTS:
        return None
    return take_census(connect(operator_access(target)))


def _live(session: Session) -> bool:
    """Whether there is something to read again: what was changed by hand is seen, then set right."""
    return Deployment(session.export()).live


@contextmanager
def _written_down(session: Session, verb: str, present: dict[str, list[str]] | None) -> Iterator[None]:
    """Keep the operation in the journal while it runs, and for as long as it left something unfinished."""
    path = session.target.journal
    journal.begin(path, verb, present)
    session.command.started = partial(journal.engine_started, path)
    try:
        yield
    except UserError:
        session.command.started = None
        with suppress(CommandError):
            operation = journal.read(path)
            if not pending_operations(session.export()) and not (operation and operation.doubtful):
                journal.end(path)
        raise
    finally:
        session.command.started = None
    journal.end(path)


def _doubt(target: Target, metadata: Any) -> None:
    """Write down at once a creation that failed: its object may exist."""
    if entry := doubtful(metadata):
        journal.doubt(target.journal, entry)


def _interrupted(say: Say) -> Callable[[], None]:
    return lambda: say(_("interrupted: what is being made is finished and recorded, nothing new starts"))


def _silent(target: Target) -> Any:
    return problem(
        "RUN-032",
        _("{label}: the engine ended without an account of what it did", label=target.label),
        hint=_("run: francecloud drift {stack} --project {project}", stack=target.stack, project=target.project),
    )
