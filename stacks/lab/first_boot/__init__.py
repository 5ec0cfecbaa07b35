"""The first boot: databases, keys, service users and endpoints, then the snapshot that ``reset`` restores."""

from __future__ import annotations

from collections.abc import Callable

from stacks.lab.first_boot.catalogue import register
from stacks.lab.first_boot.databases import create_databases, fill_databases
from stacks.lab.keeper import Keeper
from stacks.lab.service import Word
from stacks.lab.snapshot import take_snapshot
from stacks.language import _


def first_boot(keeper: Keeper, tell: Callable[[str], None]) -> None:
    """Make an empty cloud. The database runs before and after; nothing else needs to.

    Raises:
        LabError: LAB-007 or LAB-008, with the log to read.
    """
    lab = keeper.lab
    tell(_("first boot: filling the databases"))
    create_databases(lab)
    fill_databases(keeper, tell)
    keeper.start("keystone")
    keeper.wait("keystone")
    register(lab)
    tell(_("services and endpoints are in the catalogue"))
    if lab.has("designate"):
        _name_server_pool(keeper)
    keeper.stop(["keystone"])
    keeper.stop(["mariadb"])
    take_snapshot(lab)
    tell(_("snapshot taken"))
    keeper.start("mariadb")
    keeper.wait("mariadb")


def _name_server_pool(keeper: Keeper) -> None:
    # the pool is set through a message to designate-central
    keeper.wait("rabbitmq")
    keeper.start("designate-central")
    keeper.wait("designate-central")
    designate = keeper.lab.etc / "designate"
    command: list[Word] = ["designate-manage", "--config-file", designate / "designate.conf"]
    keeper.complete("setup-designate", [*command, "pool", "update", "--file", designate / "pools.yaml"])
    keeper.stop(["designate-central"])
