"""What a program needs to know before it declares anything: which zone, where, on which day.

The same program runs under plain ``pulumi`` and inline under ``francecloud``. It builds its context
from Pulumi's configuration (stack name, ``francecloud:workspace``, ``francecloud:as_of``) both ways;
a driver that has read and mended the state says so with :func:`driven`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from inventory.language import language_of_locale, set_language
from inventory.problems import Exit, InvalidInput, Problem, UserError
from inventory.workspace import Workspace, open_workspace
from stacks.language import _
from stacks.platform import Platform, find_platform
from stacks.run import journal
from stacks.settings import Settings, read_settings
from stacks.states import CommandStates, Deployment, States, StateUnreadableError
from stacks.zone import Zone, find_zone

ZONE_PROJECTS = ("landing_zone", "external")
PLATFORM_PROJECTS = ("foundation", "network")


class Unfinished(UserError):
    """The stack holds creations that were cut short, or its state cannot be read (exit code 4)."""

    exit_code = Exit.RESOURCE


@dataclass(frozen=True, slots=True)
class Context:
    """Where a program runs. Of ``zone`` and ``platform`` one is set, by the kind of project."""

    workspace: Workspace
    project: str
    stack: str
    as_of: date
    settings: Settings
    zone: Zone | None = None
    platform: Platform | None = None
    states: States = field(default_factory=CommandStates)
    driven: bool = False
    dry_run: bool = True

    @property
    def state(self) -> Deployment | None:
        """The stack's state before this run, None when there is none.

        Raises:
            Unfinished: it may exist and cannot be read (``GAT-007``).
        """
        return self.neighbour(self.project)

    def neighbour(self, project: str) -> Deployment | None:
        """The state of this stack's namesake in another project (``foundation`` for ``network``).

        Raises:
            Unfinished: it may exist and cannot be read (``GAT-007``).
        """
        try:
            return self.states.read(project, self.stack)
        except StateUnreadableError as error:
            message = _("{project}/{stack}: the state cannot be read: {error}",
                        project=project, stack=self.stack, error=error)  # fmt: skip
            hint = _("put “pulumi” on PATH (francecloud engine env) and name its back end as for “pulumi up”")
            raise Unfinished(Problem(code="GAT-007", message=message, hint=hint)) from error


def make_context(
    workspace: Workspace, project: str, stack: str, as_of: date, *, states: States | None = None, dry_run: bool = True
) -> Context:
    """A context from the workspace's own files.

    Raises:
        NotFound: no such zone or platform. InvalidInput: its file or the settings are invalid.
    """
    return Context(
        workspace=workspace, project=project, stack=stack, as_of=as_of, settings=read_settings(workspace),
        zone=find_zone(workspace, stack) if project in ZONE_PROJECTS else None,
        platform=find_platform(workspace, stack) if project in PLATFORM_PROJECTS else None,
        states=states or CommandStates(), driven=states is not None, dry_run=dry_run,
    )  # fmt: skip


_driver: States | None = None


@contextmanager
def driven(states: States) -> Iterator[None]:
    """Run programs of this process under a driver: it gives the states and has settled what was pending."""
    global _driver
    before, _driver = _driver, states
    try:
        yield
    finally:
        _driver = before


def context_for_program() -> Context:
    """The context of the Pulumi program that is running, plain or inline.

    Raises:
        InvalidInput, NotFound: see :func:`make_context`; no workspace; a date that is not one.
    """
    import pulumi

    if _driver is None:
        set_language(language_of_locale())
    configuration = pulumi.Config("francecloud")
    where = configuration.get("workspace") or os.environ.get("FRANCECLOUD_WORKSPACE") or "."
    day = configuration.get("as_of")
    try:
        as_of = date.fromisoformat(day) if day else date.today()
    except ValueError as error:
        message = _("francecloud:as_of: “{value}” is not a date; expected for example 2026-11-23", value=day)
        raise InvalidInput(Problem(code="ZON-006", message=message, value=day)) from error
    return make_context(
        open_workspace(Path(where)), pulumi.get_project(), pulumi.get_stack(), as_of,
        states=_driver, dry_run=pulumi.runtime.is_dry_run(),
    )  # fmt: skip


def refuse_while_pending(context: Context) -> None:
    """Stop a real run of plain Pulumi on a stack whose last one was killed while it created.

    Else write down that one begins now: killed in its turn, that is what tells our objects from older ones.

    Raises:
        Unfinished: creations are pending (``GAT-006``) or the state cannot be read (``GAT-007``).
    """
    if context.driven or context.dry_run:
        return
    state = context.state
    pending = state.pending_creations if state else []
    if pending:
        names = ", ".join(urn.rpartition("::")[2] for urn in pending)
        raise Unfinished(
            Problem(
                code="GAT-006",
                message=_("{project}/{stack}: creations were cut short and may exist already: {names}",
                          project=context.project, stack=context.stack, names=names),
                hint=_("Pulumi alone would make them twice; mend the stack with: {command}", command=mending(context)),
            )
        )  # fmt: skip
    journal.begin(journal.path_of(context.workspace.root, context.project, context.stack), "pulumi")


def mending(context: Context) -> str:
    """The command that settles what a killed run left."""
    project = "" if context.project == "landing_zone" else f" --project {context.project}"
    return f"francecloud up {context.stack}{project}"
