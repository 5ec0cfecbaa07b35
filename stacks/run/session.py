"""A stack opened through the Automation API: engine, back end, passphrase, configuration, program."""

from __future__ import annotations

import gzip
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from pulumi import automation

from inventory.language import language, set_language
from inventory.problems import UserError
from stacks.context import driven
from stacks.language import _
from stacks.run.engine_process import LeashedCommand, attended
from stacks.run.problems import InvalidInput, NotFound, Stopped, problem
from stacks.run.steps import Account
from stacks.run.target import Target
from stacks.settings import read_settings, state_backend, state_folder
from stacks.states import CommandStates, Deployment

if TYPE_CHECKING:
    from stacks.engine import Engine

TEMPORARY = 60.0
"""Seconds after which a temporary file belongs to nobody: the engine keeps one for milliseconds."""

PASSPHRASES = ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")


def state_file(target: Target) -> Path | None:
    """The file that holds the stack's state, None when the back end is not a folder."""
    folder = state_folder(target.workspace)
    return None if folder is None else folder / ".pulumi" / "stacks" / target.project / f"{target.stack}.json"


def exists(target: Target) -> bool | None:
    """Whether the stack has a state; None when only asking the back end would tell."""
    path = state_file(target)
    return None if path is None else path.exists() or path.with_suffix(".json.gz").exists()


def stored(target: Target) -> dict[str, Any] | None:
    """The stack's deployment read from its file, without an engine; None where there is none to read."""
    path = state_file(target)
    if path is None or not exists(target):
        return None
    content = path.read_bytes() if path.exists() else gzip.decompress(path.with_suffix(".json.gz").read_bytes())
    checkpoint = json.loads(content).get("checkpoint") or {}
    return {"deployment": checkpoint.get("latest") or {}}


def program_of(project: str) -> Callable[[], None]:
    """The project's ``program()``, the very one plain Pulumi runs."""

    def program() -> None:
        import_module(f"stacks.{project}.program").program()

    return program


def _heard(program: Callable[[], None], refusals: list[UserError]) -> Callable[[], None]:
    """The program, made to speak the caller's language, its refusals kept as they are."""
    code = language()

    def run() -> None:
        # the engine calls back in a thread of its own, where the language is the default again
        set_language(code)
        try:
            program()
        except UserError as error:
            refusals.append(error)
            raise

    return run


@dataclass(slots=True)
class Session:
    """A stack ready to be driven."""

    target: Target
    engine: Engine
    stack: automation.Stack
    command: LeashedCommand
    folder: Path
    refusals: list[UserError]
    """What the program itself raised for a person to mend; the engine only makes a traceback of it."""

    def export(self, *, secrets: bool = False) -> dict[str, Any]:
        """The stack's deployment, secrets still encrypted unless asked for."""
        answer = self.cli("stack", "export", *(["--show-secrets"] if secrets else []))
        deployment: dict[str, Any] = json.loads(answer.stdout)
        return deployment

    def restore(self, deployment: dict[str, Any]) -> None:
        """Replace the stack's deployment by another one, secrets still encrypted."""
        path = self.folder / "deployment.json"
        path.write_text(json.dumps(deployment), encoding="utf-8")
        self.cli("stack", "import", "--file", str(path))
        path.unlink()

    def cli(self, *words: str) -> automation.CommandResult:
        """Call the engine's command on this stack.

        Raises:
            pulumi.automation.errors.CommandError: it left with another code than 0.
        """
        workspace = self.stack.workspace
        arguments = [*words, "--stack", self.target.stack]
        return self.command.run(arguments, workspace.work_dir, dict(workspace.env_vars))

    def run(self, verb: str, account: Account, on_interrupt: Callable[[], None], **options: Any) -> None:
        """Run ``up``, ``refresh``, ``destroy`` or a preview of one; *account* hears every event.

        Raises:
            pulumi.automation.errors.CommandError: the engine left with another code than 0.
            Stopped: somebody interrupted it (``RUN-040``).
        """
        work = getattr(self.stack, verb)
        try:
            _result, interrupted = attended(
                lambda: work(
                    on_event=account.hear, suppress_outputs=True, suppress_progress=True, color="never", **options
                ),
                self.command,
                on_interrupt,
            )
        except InterruptedError:
            interrupted = True
        if interrupted:
            raise Stopped(
                problem(
                    "RUN-040",
                    _("{label}: interrupted; what was running is recorded", label=self.target.label),
                    hint=_("the same command goes on from here"),
                )
            )


@contextmanager
def opened(
    target: Target,
    engine: Engine,
    *,
    empty: bool = False,
    create: bool = False,
    program: Callable[[], None] | None = None,
) -> Iterator[Session]:
    """The stack, opened. *empty*: a throw-away one, in a throw-away back end, for a preview of everything.

    Raises:
        InvalidInput: no passphrase in the environment for a stack that is kept (``RUN-002``).
        NotFound: the stack does not exist and *create* is not set (``RUN-005``).
    """
    if not empty:
        require_passphrase(target)
    with tempfile.TemporaryDirectory(prefix="francecloud-") as temporary:
        folder = Path(temporary)
        url = state_backend(target.workspace)
        variables = {
            # dynamic resources run in this interpreter's environment, whatever python3 is on PATH
            "PULUMI_RUNTIME_VIRTUALENV": sys.prefix,
            **engine.additions(),
            "FRANCECLOUD_WORKSPACE": str(target.workspace.root),
        }
        if empty:
            url = f"file://{folder / 'state'}"
            variables["PULUMI_CONFIG_PASSPHRASE"] = folder.name  # thrown away with the state
            (folder / "state").mkdir()
        elif states := state_folder(target.workspace):
            states.mkdir(parents=True, exist_ok=True)
            _sweep_torn_files(states / ".pulumi")
        variables["PULUMI_BACKEND_URL"] = url
        work = folder / target.project
        work.mkdir()
        _configure(work, target)
        command = LeashedCommand(engine.pulumi, engine.command.version)
        options = automation.LocalWorkspaceOptions(work_dir=str(work), pulumi_command=command, env_vars=variables)
        refusals: list[UserError] = []
        take = automation.create_or_select_stack if empty or create else automation.select_stack
        try:
            heard = _heard(program or program_of(target.project), refusals)
            stack = take(target.stack, target.project, heard, opts=options)
        except automation.StackNotFoundError as error:
            raise NotFound(
                problem(
                    "RUN-005",
                    _("{label} was never deployed: it has no state", label=target.label),
                    hint=_(
                        "deploy it with: francecloud up {stack} --project {project}",
                        stack=target.stack,
                        project=target.project,
                    ),
                )
            ) from error
        session = Session(target, engine, stack, command, folder, refusals)
        with driven(_States(session, empty)):
            yield session


@dataclass(slots=True)
class _States:
    """The states the program may ask for, its own and its neighbours', read when asked."""

    session: Session
    empty: bool

    def read(self, project: str, stack: str) -> Deployment | None:
        """The stack's deployment, None when it was never made (or is left aside).

        Raises:
            StateUnreadableError: it exists and cannot be read.
        """
        target = replace(self.session.target, project=project, stack=stack)
        if (self.empty and target == self.session.target) or exists(target) is False:
            return None
        variables = {**self.session.stack.workspace.env_vars, "PULUMI_BACKEND_URL": state_backend(target.workspace)}
        return CommandStates(str(self.session.engine.pulumi), variables, self.session.folder).read(project, stack)


def _sweep_torn_files(folder: Path) -> None:
    """Remove what a kill left half-written beside a state or a lock; neither is ever needed.

    Plain Pulumi writes companion files (``.attrs``) in place and reads no state beside a torn one; it takes
    for a lock whatever lies in a lock's folder, a temporary file included.
    """
    for path in (*folder.glob("*.attrs"), *folder.glob("stacks/**/*.attrs"), *folder.glob("locks/**/*.attrs")):
        with suppress(OSError):
            try:
                json.loads(path.read_bytes())
            except ValueError:
                path.unlink()
    for path in folder.glob("locks/**/*.tmp"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > TEMPORARY:
                path.unlink()


def require_passphrase(target: Target) -> None:
    """Refuse to open a kept state without the passphrase, which only ever comes from the environment.

    Raises:
        InvalidInput: it is not there (``RUN-002``).
    """
    provider = read_settings(target.workspace).state.secrets_provider
    if provider == "passphrase" and not any(name in os.environ for name in PASSPHRASES):
        raise InvalidInput(
            problem(
                "RUN-002",
                _("{label}: the passphrase of the state is not in the environment", label=target.label),
                hint=_("export PULUMI_CONFIG_PASSPHRASE_FILE=FILE (or PULUMI_CONFIG_PASSPHRASE) and run it again"),
            )
        )


def _configure(folder: Path, target: Target) -> None:
    """Lay the project and the stack's settings in the work folder: the person's, then the workspace and day."""
    own = target.workspace.stacks / target.project / "Pulumi.yaml"
    project = own if own.is_file() else Path(str(files("stacks"))) / target.project / "Pulumi.yaml"
    (folder / "Pulumi.yaml").write_bytes(project.read_bytes())
    settings: dict[str, Any] = {}
    if target.configuration.is_file():
        settings = yaml.safe_load(target.configuration.read_text(encoding="utf-8")) or {}
    settings["config"] = {
        **(settings.get("config") or {}),
        "francecloud:workspace": str(target.workspace.root),
        "francecloud:as_of": target.as_of.isoformat(),
    }
    (folder / target.configuration.name).write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
