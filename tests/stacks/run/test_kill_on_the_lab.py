"""A kill -9 at the worst moment, then the same command again: neither twin nor orphan, counted on the cloud."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import every_kind
from killed import environment, state

pytestmark = [pytest.mark.needs("engine", "lab"), pytest.mark.slow]
MARK = f"francecloud:zone={every_kind.NAME}"

KILLS: dict[str, Callable[[int], None]] = {}


def kill_of(name: str) -> Callable[[Callable[[int], None]], Callable[[int], None]]:
    def register(kill: Callable[[int], None]) -> Callable[[int], None]:
        KILLS[name] = kill
        return kill

    return register


@kill_of("the driver")
def _driver(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


@kill_of("the engine")
def _engine(pid: int) -> None:
    for child in descendants(pid):
        with suppress(ProcessLookupError, FileNotFoundError):  # some live a moment only
            if Path(f"/proc/{child}/comm").read_text().strip() == "pulumi":
                os.kill(child, signal.SIGKILL)


@kill_of("the plugin")
def _plugin(pid: int) -> None:
    for child in descendants(pid):
        with suppress(ProcessLookupError, FileNotFoundError):
            if Path(f"/proc/{child}/comm").read_text().startswith("pulumi-resource"):
                os.kill(child, signal.SIGKILL)


@kill_of("everything")
def _everything(pid: int) -> None:
    # At one instant: stopped first, so that none lives to write down the death of another.
    doomed = [pid, *descendants(pid)]
    for sent in (signal.SIGSTOP, signal.SIGKILL):
        for process in doomed:
            with suppress(ProcessLookupError):  # some live a moment only
                os.kill(process, sent)


def descendants(pid: int) -> list[int]:
    table = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in table.splitlines()]
    children = [child for child, parent in pairs if parent == pid]
    return [*children, *(below for child in children for below in descendants(child))]


EXPECTED = {
    "networks": 2, "subnets": 2, "routers": 1, "ports": 1, "groups": 1, "scopes": 1, "pools": 1, "volumes": 1,
    "types": 1, "servers": 1, "keys": 2, "flavors": 1, "apart": 1, "projects": 1, "people": 1, "roles": 1,
    "credentials": 1, "addresses": 1, "rules": 1,
}  # fmt: skip
"""One of each, as the program declares them."""


@pytest.mark.parametrize("victim", KILLS)
def test_a_kill_in_the_middle_leaves_neither_twin_nor_orphan(
    victim: str, cloud: Any, image: str, engine: Any, tmp_path: Path
) -> None:
    from inventory.workspace import open_workspace
    from stacks.run.changes import deploy, destroy
    from stacks.run.target import Target

    assert not any(every_kind.census(cloud).values())
    (tmp_path / "francecloud.toml").touch()
    other = Target(open_workspace(tmp_path), "landing_zone", every_kind.NAME, date(2026, 11, 23))
    told = tmp_path / "dit"
    script = Path(__file__).with_name("run_every_kind.py")
    with told.open("w") as out:
        process = subprocess.Popen([sys.executable, str(script), str(tmp_path), image], stdout=out, stderr=out,
                                   env=environment(), start_new_session=True)  # fmt: skip
    limit = time.monotonic() + 60
    while "create subnet" not in told.read_text():
        assert process.poll() is None, told.read_text()
        assert time.monotonic() < limit
        time.sleep(0.02)
    KILLS[victim](process.pid)
    process.wait()
    pending = json.loads(state(other).read_text())["checkpoint"]["latest"].get("pending_operations")
    # Without its driver the engine, on its leash, finishes what it was making: fewer are left to settle, or none.
    # Without its plugin it writes the creations down as failed: what they made is in doubt, not pending.
    outlived = victim in ("the driver", "the plugin")
    assert pending or outlived, "the kill came between two creations: nothing is tried"
    said: list[str] = []

    def run() -> Any:
        return deploy(other, engine, MARK, said.append, program=lambda: every_kind.program({"image": image}))

    outcome = run()
    assert outlived or len(outcome.settled) == len(pending)
    assert every_kind.census(cloud) == EXPECTED
    assert not run().changed
    destroy(other, engine, MARK, said.append)
    assert not any(every_kind.census(cloud).values())
