"""``kill -9`` of ``francecloud up`` halfway, then ``up`` again: it converges, nothing twice, nothing lost."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from chain import AS_OF, COMMAND, environment
from test_plain_pulumi import pending

pytestmark = [pytest.mark.needs("shared", "engine", "lab"), pytest.mark.slow]


def the_command_alone(pid: int) -> list[int]:
    return [pid]


def everything_it_started(pid: int) -> list[int]:
    table = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = [tuple(map(int, line.split())) for line in table.splitlines()]
    found = [pid]
    for one in found:
        found += [child for child, parent in parents if parent == one]
    return found


def counted(chain: Any) -> dict[str, int]:
    """What the project holds, as its member sees it."""
    cloud = chain.as_member()
    mine, network = cloud.current_project_id, cloud.network
    return {
        "networks": len(list(network.networks(project_id=mine))),
        "subnets": len(list(network.subnets(project_id=mine))),
        "routers": len(list(network.routers(project_id=mine))),
        "ports": len(list(network.ports(project_id=mine))),
        "groups": sum(1 for group in network.security_groups(project_id=mine) if group.name != "default"),
        "rules": sum(1 for r in network.security_group_rules(project_id=mine) if chain.zone in str(r.description)),
        "volumes": len(list(cloud.block_storage.volumes())),
        "keys": len(list(cloud.compute.keypairs())),
        "credentials": len(list(cloud.identity.application_credentials(cloud.current_user_id))),
    }


@pytest.mark.parametrize("victims", [the_command_alone, everything_it_started])
def test_up_again_converges(founded: Any, victims: Callable[[int], list[int]], tmp_path: Path) -> None:
    zone = founded.zone
    whole = {"networks": 1, "subnets": 1, "routers": 1, "ports": 1, "groups": 3, "rules": 6, "volumes": 1, "keys": 1,
             "credentials": 1}  # fmt: skip
    told = (tmp_path / "dit").open("w+")
    process = subprocess.Popen(
        [*COMMAND, "up", zone, "--yes", "--as-of", AS_OF], cwd=founded.root, env=environment(founded.clouds),
        stdout=told, stderr=told, start_new_session=True,
    )  # fmt: skip
    limit = time.monotonic() + 60
    while not pending(founded.root, zone):
        assert process.poll() is None, (tmp_path / "dit").read_text(encoding="utf-8")
        assert time.monotonic() < limit
        time.sleep(0.02)
    # All at one instant: stopped first, so that none lives to write down the death of another.
    doomed = victims(process.pid)
    for sent in (signal.SIGSTOP, signal.SIGKILL):
        for pid in doomed:
            with suppress(ProcessLookupError):
                os.kill(pid, sent)
    process.wait()
    again = founded.run("up", zone, "--yes", "--json").ok()
    if victims is everything_it_started:  # else the engine, on its leash, may finish what it was making
        assert again.json["settled"], "the kill came between two creations: nothing was tried"
        assert "verrou" in again.err, "the lock left by the dead is taken away, and said"
    assert counted(founded) == whole
    assert founded.run("up", zone, "--yes", "--json").ok().json["steps"] == []
    founded.run("down", zone, "--yes").ok()
    assert not any(counted(founded).values())
