"""The context of a program, and what it refuses before anything is declared."""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from inventory.problems import Exit, NotFound
from inventory.workspace import Workspace
from stacks.context import Unfinished, make_context, refuse_while_pending
from stacks.states import CommandStates, Deployment, GivenStates, StateUnreadableError

AS_OF = date(2026, 11, 23)
URN = "urn:pulumi:z::landing_zone::openstack:networking/network:Network::z-net"
KILLED = {"deployment": {"pending_operations": [{"type": "creating", "resource": {"urn": URN}}]}}
REMOVING = {"deployment": {"pending_operations": [{"type": "deleting", "resource": {"urn": URN}}]}}


@pytest.fixture
def zone(put_zone: Callable[[dict[str, Any]], Path], document: dict[str, Any]) -> str:
    return put_zone(document).stem


class Plain:
    """States as plain Pulumi reads them, without its command."""

    def __init__(self, content: dict[str, Any] | None) -> None:
        self.content = content

    def read(self, project: str, stack: str) -> Deployment | None:
        return None if self.content is None else Deployment(self.content)


def context(workspace: Workspace, zone: str, content: dict[str, Any] | None, *, dry_run: bool, driven: bool) -> Any:
    made = make_context(workspace, "landing_zone", zone, AS_OF, states=Plain(content), dry_run=dry_run)
    return replace(made, driven=driven)


def test_a_plain_run_refuses_while_creations_are_pending(workspace: Workspace, zone: str) -> None:
    with pytest.raises(Unfinished) as caught:
        refuse_while_pending(context(workspace, zone, KILLED, dry_run=False, driven=False))
    assert caught.value.exit_code == Exit.RESOURCE
    [problem] = caught.value.problems
    assert problem.code == "GAT-006"
    assert "z-net" in problem.message
    assert f"francecloud up {zone}" in str(problem.hint)


@pytest.mark.parametrize(
    ("content", "dry_run", "driven"),
    [(KILLED, True, False), (KILLED, False, True), (REMOVING, False, False), (None, False, False)],
)
def test_previews_driven_runs_and_other_operations_pass(
    workspace: Workspace, zone: str, content: dict[str, Any] | None, dry_run: bool, driven: bool
) -> None:
    refuse_while_pending(context(workspace, zone, content, dry_run=dry_run, driven=driven))


def test_a_state_that_cannot_be_read_stops_a_real_run(workspace: Workspace, zone: str) -> None:
    made = make_context(workspace, "landing_zone", zone, AS_OF, dry_run=False)

    class Unreadable:
        def read(self, project: str, stack: str) -> Deployment | None:
            raise StateUnreadableError("no back end")

    with pytest.raises(Unfinished, match="GAT-007"):
        refuse_while_pending(replace(made, states=Unreadable()))


def test_a_zone_s_project_needs_a_zone_and_a_platform_s_a_platform(workspace: Workspace, zone: str) -> None:
    assert make_context(workspace, "external", zone, AS_OF).zone is not None
    with pytest.raises(NotFound, match="ZON-011"):
        make_context(workspace, "foundation", zone, AS_OF)
    with pytest.raises(NotFound, match="ZON-010"):
        make_context(workspace, "landing_zone", "absente", AS_OF)


def _command(tmp_path: Path, body: str) -> str:
    path = tmp_path / "pulumi"
    path.write_text(f"#!{sys.executable}\nimport json, sys\n{body}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_states_are_asked_of_the_command(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    answer = json.dumps({"deployment": {"resources": [{"type": "pulumi:pulumi:Stack", "outputs": {"a": 1}}]}})
    body = f"open({str(asked)!r}, 'w').write(' '.join(sys.argv[1:])); print({answer!r})"
    found = CommandStates(_command(tmp_path, body)).read("landing_zone", "z")
    assert found is not None
    assert found.outputs == {"a": 1}
    assert asked.read_text(encoding="utf-8").startswith("stack export --stack organization/landing_zone/z")


def test_a_stack_that_never_was_is_not_a_state_that_cannot_be_read(tmp_path: Path) -> None:
    body = "sys.exit(\"error: no stack named 'z' found\")"
    assert CommandStates(_command(tmp_path, body)).read("landing_zone", "z") is None
    with pytest.raises(StateUnreadableError, match="passphrase"):
        CommandStates(_command(tmp_path, "sys.exit('error: incorrect passphrase')")).read("landing_zone", "z")


def test_given_states_are_those_and_no_other() -> None:
    states = GivenStates({("network", "p"): KILLED})
    found = states.read("network", "p")
    assert found is not None
    assert found.pending_creations == [URN]
    assert not found.live
    assert states.read("foundation", "p") is None
