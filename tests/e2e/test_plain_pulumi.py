"""The same zone file with the ordinary Pulumi command, and with ours, in turn."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from chain import AS_OF, environment
from plain import pulumi

pytestmark = [pytest.mark.needs("shared", "engine", "lab"), pytest.mark.slow]


def test_plain_up_then_ours_changes_nothing_then_plain_destroy(founded: Any, engine: Any) -> None:
    zone, folder = founded.zone, founded.root / "stacks/landing_zone"

    def run(*words: str) -> Any:
        return pulumi(engine, *words, "--stack", zone, cwd=folder, clouds=founded.clouds)

    pulumi(engine, "stack", "init", zone, cwd=folder).ok()
    run("config", "set", "francecloud:as_of", AS_OF).ok()
    planned = run("preview", "--json").ok().json["changeSummary"]["create"]
    assert not list(founded.as_member().network.security_groups(name=f"{zone}-base"))
    run("up", "--yes", "--skip-preview").ok()
    assert [n.name for n in founded.as_member().network.networks(name=zone)] == [zone]
    ours = founded.run("up", zone, "--yes", "--json").ok().json
    assert ours["steps"] == []
    assert ours["counts"]["same"] == planned - 1, "the stack itself is not counted"
    assert run("preview", "--expect-no-changes").code == 0
    run("destroy", "--yes").ok()
    assert not list(founded.as_member().network.networks(name=zone))
    run("stack", "rm", "--yes").ok()
    (folder / f"Pulumi.{zone}.yaml").unlink(missing_ok=True)


def test_plain_up_refuses_while_creations_are_pending(founded: Any, engine: Any) -> None:
    zone, folder = founded.zone, founded.root / "stacks/landing_zone"

    def run(*words: str) -> Any:
        return pulumi(engine, *words, "--stack", zone, cwd=folder, clouds=founded.clouds)

    pulumi(engine, "stack", "init", zone, cwd=folder).ok()
    run("config", "set", "francecloud:as_of", AS_OF).ok()
    kill_plain_up(engine, zone, folder, founded.clouds)
    there = objects(founded)
    locked = run("up", "--yes", "--skip-preview")
    assert locked.code != 0, "the lock of the killed run"
    run("cancel", "--yes").ok()
    refused = run("up", "--yes", "--skip-preview")
    assert refused.code != 0
    assert "GAT-006" in refused.out + refused.err
    assert f"francecloud up {zone}" in refused.out + refused.err
    assert objects(founded) == there, "nothing was made twice"
    mended = founded.run("up", zone, "--yes", "--json").ok().json
    assert mended["settled"]
    assert objects(founded) == {"networks": 1, "groups": 3, "volumes": 1}
    assert run("up", "--yes", "--skip-preview", "--expect-no-changes").code == 0
    founded.run("down", zone, "--yes").ok()
    assert objects(founded) == {"networks": 0, "groups": 0, "volumes": 0}


def kill_plain_up(engine: Any, zone: str, folder: Path, clouds: Path) -> None:
    """Start a plain ``up`` and kill everything it started as soon as it creates."""
    env = engine.environment(environment(clouds))
    process = subprocess.Popen(
        ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--stack", zone], cwd=folder, env=env,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    limit = time.monotonic() + 60
    while not pending(folder.parents[1], zone):
        assert process.poll() is None
        assert time.monotonic() < limit
        time.sleep(0.02)
    table = subprocess.run(["ps", "-eo", "pid=,sid="], capture_output=True, text=True, check=True).stdout
    for pid, session in (map(int, line.split()) for line in table.splitlines()):
        if session == process.pid:
            os.kill(pid, signal.SIGKILL)
    process.wait()
    assert pending(folder.parents[1], zone), "the kill came too late"


def pending(root: Path, zone: str) -> list[Any]:
    """The objects of the cloud whose creation is under way, by the state."""
    path = root / f"state/.pulumi/stacks/landing_zone/{zone}.json"
    try:
        latest = json.loads(path.read_text(encoding="utf-8"))["checkpoint"].get("latest") or {}
    except (OSError, ValueError):
        return []
    return [cut for cut in latest.get("pending_operations") or [] if cut["resource"]["type"].startswith("openstack:")]


def objects(chain: Any) -> dict[str, int]:
    cloud = chain.as_member()
    mine = cloud.current_project_id
    return {
        "networks": len(list(cloud.network.networks(project_id=mine))),
        "groups": sum(1 for group in cloud.network.security_groups(project_id=mine) if group.name != "default"),
        "volumes": len(list(cloud.block_storage.volumes())),
    }
