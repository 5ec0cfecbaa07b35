"""The life of a lab: up, down, reset, destroy, and how it is doing."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from stacks.lab import debian, environment
from stacks.lab import snapshot as snapshots
from stacks.lab.clouds import CLOUD
from stacks.lab.configuration import write_configuration
from stacks.lab.first_boot import first_boot
from stacks.lab.health import record_of
from stacks.lab.keeper import Keeper, Tell
from stacks.lab.ports import require_free
from stacks.lab.problems import lab_error
from stacks.lab.processes import read_record
from stacks.lab.services import FIRST, INFRASTRUCTURE, LATE
from stacks.lab.settings import Lab, check_place, names, recorded_lab, remember
from stacks.language import _

CONTENTS = ("etc", "log", "run", "data", "data.partial", "snapshot", "snapshot.partial", "plugins")
FILES = ("lab.json", "passwords.json", "clouds.yaml")


@dataclass(frozen=True, slots=True)
class ServiceState:
    """How one service is doing: ``state`` is ``ok``, ``unhealthy`` or ``down``; memory in MiB."""

    name: str
    state: str
    pid: int | None
    memory_mib: float


def up(asked: Lab, tell: Tell, *, ports_stated: bool = False) -> Lab:
    """Bring the lab up, from whatever state it is in; returns the lab that runs.

    *asked* names the folder, the ports and the optional services wished for. A lab already made
    keeps its own ports; asking for others (*ports_stated*) or for more services is refused.

    Raises:
        LabError, InvalidInput: see :mod:`stacks.lab.explanations`.
    """
    check_place(asked)
    debian.require_debian()
    with _alone(asked):
        lab = _agree(asked, ports_stated=ports_stated)
        keeper = Keeper(lab)
        if snapshots.is_made(lab) and snapshots.is_whole(lab) and all(keeper.healthy(name) for name in keeper.services):
            tell(_("the lab is already up"))
            _tell_how_to_use(lab, tell)
            return lab
        _start_everything(lab, keeper, tell)
        return lab


def down(lab: Lab, tell: Tell) -> None:
    """End every process of the lab, and no other."""
    with _alone(lab):
        _stop(Keeper(lab), tell)


def reset(lab: Lab, tell: Tell) -> None:
    """Give back the cloud as the first boot left it, running."""
    check_place(lab)
    debian.require_debian()
    with _alone(lab):
        keeper = Keeper(lab)
        # first of all: cut short anywhere, this is carried through by the next `up`
        snapshots.give_up_data(lab)
        _stop(keeper, tell)
        _start_everything(lab, keeper, tell)


def destroy(lab: Lab, tell: Tell, *, everything: bool = False) -> None:
    """End the lab's processes and delete what it holds; the virtual environment only with *everything*."""
    with _alone(lab):
        _stop(Keeper(lab), tell)
        for name in CONTENTS:
            shutil.rmtree(lab.base / name, ignore_errors=True)
        for name in FILES:
            (lab.base / name).unlink(missing_ok=True)
    if everything:
        shutil.rmtree(lab.base, ignore_errors=True)
        tell(_("the lab is gone"))
    else:
        tell(_("the lab is gone; its virtual environment stays in {folder}", folder=lab.venv))


def status(lab: Lab) -> list[ServiceState]:
    """How each service of the lab is doing."""
    keeper = Keeper(lab)
    states = []
    for name in keeper.services:
        if not keeper.alive(name):
            states.append(ServiceState(name, "down", None, 0.0))
            continue
        kept = read_record(record_of(lab, name))
        state = "ok" if keeper.healthy(name) else "unhealthy"
        states.append(ServiceState(name, state, kept.pid if kept else None, round(keeper.memory(name), 1)))
    return states


def _agree(asked: Lab, *, ports_stated: bool) -> Lab:
    """Settle what is asked for with what was made before in this folder."""
    kept = recorded_lab(asked.base)
    if kept is None or not snapshots.is_made(kept):
        if kept is not None and kept != asked:
            # a first boot cut short under other settings: its processes are found by their records
            _stop(Keeper(kept), lambda _line: None)
        remember(asked)
        return asked
    if ports_stated and asked.port_base != kept.port_base:
        raise _made_otherwise(_("this lab was made with its ports from {port} on", port=kept.port_base), kept)
    more = [word for word in asked.extras if word not in kept.extras]
    if more:
        raise _made_otherwise(_("this lab was made without {words}", words=names(more)), kept)
    if not snapshots.is_of_this_release(kept):
        raise _made_otherwise(_("this lab was made by another release, with other versions of OpenStack"), kept)
    return kept


def _made_otherwise(message: str, kept: Lab) -> Exception:
    return lab_error(
        "LAB-006",
        _("{reason} ({folder})", reason=message, folder=kept.base),
        _("“francecloud lab destroy”, then “francecloud lab up …” again; or another folder with --base"),
    )


def _start_everything(lab: Lab, keeper: Keeper, tell: Tell) -> None:
    made = snapshots.is_made(lab)
    # asked before minutes of installation; nothing that is ours and runs is in the way
    stopped = [service for service in keeper.services.values() if not keeper.alive(service.name)]
    keeper.stop([service.name for service in stopped])
    require_free(lab, [port for service in stopped for port in service.ports], made=made)
    debian.install(debian.wanted(lab), tell)
    environment.make(lab, tell)
    if not (made and snapshots.is_whole(lab)):
        # a first boot or a reset cut short: start over from nothing, or from the snapshot
        _stop(keeper, lambda _line: None)
        shutil.rmtree(lab.data, ignore_errors=True)
        if made:
            tell(_("restoring the snapshot"))
            snapshots.restore_snapshot(lab)
    write_configuration(lab)
    snapshots.lay_folders(lab)
    _start_database(keeper)
    if not made:
        first_boot(keeper, tell)
    _start_services(keeper, tell)
    tell(_("the lab is up"))
    _tell_how_to_use(lab, tell)


def _start_database(keeper: Keeper) -> None:
    lab = keeper.lab
    if not (lab.data / "mysql/mysql").exists():
        keeper.complete(
            "setup-mariadb",
            ["mariadb-install-db", "--no-defaults", f"--datadir={lab.data}/mysql"]
            + ["--skip-test-db", "--auth-root-authentication-method=normal"]
            + (["--user=root"] if os.geteuid() == 0 else []),
        )
    for name in INFRASTRUCTURE:
        keeper.start(name)
        if name == "epmd":
            # the broker starts a port mapper of its own where it finds none
            keeper.wait(name)
    keeper.wait("mariadb")


def _start_services(keeper: Keeper, tell: Tell) -> None:
    above = [name for name in keeper.services if name not in INFRASTRUCTURE]
    for name in above:
        if name not in LATE:
            keeper.start(name)
    for name in FIRST:
        keeper.wait(name)
        tell(_("{service} is up", service=name))
    for name in LATE:
        keeper.start(name)
    for name in above:
        if name not in FIRST:
            keeper.wait(name)
            tell(_("{service} is up", service=name))


def _stop(keeper: Keeper, tell: Tell) -> None:
    recorded = keeper.recorded()
    running = [name for name in recorded if keeper.alive(name)]
    # the broker before its port mapper, and everything else before both
    above = [name for name in recorded if name not in INFRASTRUCTURE]
    forced = keeper.stop(above) + keeper.stop(["mariadb", "memcached", "rabbitmq"]) + keeper.stop(["epmd"])
    for name in forced:
        tell(_("{service} did not end when asked, it was killed", service=name))
    if running:
        tell(_.plural("{n} service stopped", "{n} services stopped", len(running)))
    else:
        tell(_("nothing of the lab was running"))


def _tell_how_to_use(lab: Lab, tell: Tell) -> None:
    tell(_("to use it: export OS_CLIENT_CONFIG_FILE={file} OS_CLOUD={cloud}", file=lab.clouds_file, cloud=CLOUD))


@contextmanager
def _alone(lab: Lab) -> Iterator[None]:
    """Hold the lab's folder: one command at a time changes it. The hold dies with its process.

    Raises:
        LabError: LAB-009, another command holds it.
    """
    lab.base.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (lab.base / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise lab_error(
                "LAB-009",
                _("another “francecloud lab” command is at work in {folder}", folder=lab.base),
                _("wait for its end"),
            ) from None
        yield
