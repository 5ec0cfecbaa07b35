"""A preview “à blanc”: the program is run before a monitor of ours that only writes down what it declares.

No engine, no provider, no cloud. It tells which resources the program declares and with which inputs,
and, beside an exported state, which are new and which are gone; it cannot tell what the provider would
refuse or replace. It is shown as such wherever it shows.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from google.protobuf import json_format
from google.protobuf.empty_pb2 import Empty
from pulumi import Resource
from pulumi.runtime import run_in_stack, set_all_config
from pulumi.runtime.mocks import MockCallArgs, MockEngine, MockMonitor, MockResourceArgs, Mocks, MockSettings
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import configure, set_root_resource

from stacks.language import _
from stacks.run.problems import EngineFailed, problem
from stacks.run.steps import Change, Step, name_of, shown

ROOT = "pulumi:pulumi:Stack"


class _NoCalls(Mocks):
    """Answers nothing: a program that looks something up on a cloud cannot be previewed à blanc."""

    def call(self, args: MockCallArgs) -> Any:
        raise LookupError(args.token)

    def new_resource(self, args: MockResourceArgs) -> Any:
        raise LookupError(args.typ)


@dataclass
class Declared:
    """One resource as the program declares it."""

    urn: str
    type: str
    custom: bool
    inputs: dict[str, Any] = field(default_factory=dict)


class RecordingMonitor(MockMonitor):
    """Takes every registration and gives back its inputs; ids and computed values stay unknown."""

    def __init__(self, project: str, stack: str) -> None:
        super().__init__(_NoCalls())
        self.prefix = f"urn:pulumi:{stack}::{project}::"
        self.declared: list[Declared] = []

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """The URN the engine would give: a resource at the stack's root does not name it."""
        above = "" if not parent or f"::{ROOT}::" in parent else parent.split("::")[2] + "$"
        return f"{self.prefix}{above}{type_}::{name}"

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 the name the protocol gives
        """Write the registration down and answer as an engine in preview does."""
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type != ROOT:
            inputs = json_format.MessageToDict(request.object)
            self.declared.append(Declared(urn, request.type, bool(request.custom), inputs))
        return resource_pb2.RegisterResourceResponse(urn=urn, object=request.object)


class _Listening(logging.Handler):
    """Keeps what the program warns of."""

    def __init__(self, warnings: list[str]) -> None:
        super().__init__(logging.WARNING)
        self.warnings = warnings

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage() not in self.warnings:
            self.warnings.append(record.getMessage())


def declare(
    project: str,
    stack: str,
    program: Callable[[], None],
    configuration: Mapping[str, str],
    warnings: list[str] | None = None,
) -> list[Declared]:
    """Run *program* before the recording monitor: the resources it declares, in URN order.

    *warnings* receives what the program warns of.

    Raises:
        EngineFailed: the program failed (``RUN-033``) or declared nothing (``RUN-034``).
    """
    monitor = RecordingMonitor(project, stack)
    logger = logging.Logger(f"{project}/{stack}")
    logger.addHandler(_Listening([] if warnings is None else warnings))

    def run() -> None:
        configure(
            MockSettings(  # type: ignore[no-untyped-call]
                monitor=monitor,
                engine=MockEngine(logger),
                project=project,
                stack=stack,
                dry_run=True,
                organization="organization",
                root_directory=None,
                parallel=1,
                package_refs={},
                monitor_features=set(monitor.GetDeploymentInfo(Empty()).supportedFeatures),  # type: ignore[no-untyped-call]
            )
        )
        set_root_resource(cast(Resource, None))
        set_all_config(dict(configuration))
        loop = asyncio.new_event_loop()
        try:
            loop.run_until_complete(run_in_stack(program))
        finally:
            loop.close()

    try:
        contextvars.copy_context().run(run)
    except Exception as error:
        if hasattr(error, "problems"):
            raise
        raise EngineFailed(
            problem(
                "RUN-033",
                _(
                    "{label}: the program failed: {error}",
                    label=f"{project}/{stack}",
                    error=f"{type(error).__name__}: {error}",
                ),
            )
        ) from error
    if not monitor.declared:
        raise EngineFailed(
            problem(
                "RUN-034", _("{label}: the program declares nothing: this proves nothing", label=f"{project}/{stack}")
            )
        )
    return sorted(monitor.declared, key=lambda item: item.urn)


def compare(declared: list[Declared], deployment: Mapping[str, Any] | None) -> list[Step]:
    """The steps that a comparison of inputs with an exported state lets one expect."""
    resources = ((deployment or {}).get("deployment") or {}).get("resources") or ()
    before = {r["urn"]: r for r in resources if r["type"] != ROOT}
    steps = []
    for item in declared:
        old = before.pop(item.urn, None)
        changes = () if old is None or not item.custom else tuple(_differences(old.get("inputs") or {}, item.inputs))
        op = "create" if old is None else "update" if changes else "same"
        steps.append(Step(op, item.type, name_of(item.urn), item.urn, changes))
    steps += [Step("delete", old["type"], name_of(urn), urn) for urn, old in sorted(before.items())]
    return steps


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    names = sorted((set(old) | set(new)) - {"__defaults", "version"})
    found = []
    for name in names:
        before, after = shown(old.get(name)), shown(new.get(name))
        if before == after or "?" in (before, after) or "[secret]" in (before, after):
            continue
        # defaults the provider fills in are in the state and never in the program
        if after is None and name in (old.get("__defaults") or ()):
            continue
        kind = "add" if before is None else "delete" if after is None else "update"
        found.append(Change(name, kind, before, after))
    return found
