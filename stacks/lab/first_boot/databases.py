"""Databases and keys, each filled by the management command its OpenStack project ships."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from stacks.lab.configuration.objects import STORES
from stacks.lab.configuration.options import Writer
from stacks.lab.health import sql
from stacks.lab.keeper import Keeper
from stacks.lab.passwords import passwords
from stacks.lab.service import Word
from stacks.lab.settings import HOST, REGION, Lab
from stacks.language import _

CORE_DATABASES = ("keystone", "placement", "glance", "neutron", "nova_api", "nova_cell0", "nova", "cinder")
AT_ONCE = 3
"""Management commands side by side: each keeps one core busy."""


def create_databases(lab: Lab) -> None:
    """Create the empty databases and the one database user of all services."""
    with_database = [project for project in ("barbican", "octavia", "designate") if lab.has(project)]
    statements = [f"create database if not exists {name};" for name in (*CORE_DATABASES, *with_database)]
    statements += [
        f"create or replace user lab@'{HOST}' identified by '{passwords(lab)['database']}';",
        f"grant all on *.* to lab@'{HOST}';",
    ]
    sql(lab, "\n".join(statements))


def fill_databases(keeper: Keeper, tell: Callable[[str], None]) -> None:
    """Fill all of them, a few at a time, the longest first.

    Raises:
        LabError: LAB-008 for the first command that fails; the others are waited for.
    """
    steps = {"nova": _nova, "keystone": _keystone, "neutron": _neutron, "cinder": _cinder,
             "glance": _glance, "placement": _placement}  # fmt: skip
    extras = {"barbican": _barbican, "octavia": _octavia, "designate": _designate, "swift": _swift}
    steps |= {project: step for project, step in extras.items() if keeper.lab.has(project)}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        names = {pool.submit(step, keeper): name for name, step in steps.items()}
        for done in as_completed(names):
            done.result()
            tell(_("{service}: database ready", service=names[done]))


def _manage(keeper: Keeper, project: str, file: str, *commands: Sequence[Word], tool: str = "") -> None:
    """Run a project's management command several times, with its configuration file."""
    for command in commands:
        keeper.complete(
            f"setup-{project}",
            [tool or f"{project}-manage", "--config-file", keeper.lab.etc / project / file, *command],
        )


def _keystone(keeper: Keeper) -> None:
    lab = keeper.lab
    for kind in ("fernet", "credential"):
        (lab.data / "keystone" / kind).mkdir(parents=True, exist_ok=True, mode=0o700)
    owner: list[Word] = ["--keystone-user", os.getuid(), "--keystone-group", os.getgid()]
    url = lab.url("keystone", "/v3")
    addresses = [word for face in ("admin", "internal", "public") for word in (f"--bootstrap-{face}-url", url)]
    _manage(
        keeper, "keystone", "keystone.conf",
        ["fernet_setup", *owner], ["credential_setup", *owner], ["db_sync"],
        ["bootstrap", "--bootstrap-password", passwords(lab)["admin"], "--bootstrap-region-id", REGION, *addresses],
    )  # fmt: skip


def _placement(keeper: Keeper) -> None:
    _manage(keeper, "placement", "placement.conf", ["db", "sync"])


def _glance(keeper: Keeper) -> None:
    definitions = keeper.lab.venv / "etc/glance/metadefs"
    _manage(keeper, "glance", "glance-api.conf", ["db_sync"], ["db", "load_metadefs", "--path", definitions])


def _neutron(keeper: Keeper) -> None:
    _manage(keeper, "neutron", "neutron.conf", ["upgrade", "heads"], tool="neutron-db-manage")


def _nova(keeper: Keeper) -> None:
    cell0 = Writer(keeper.lab).database_url("nova_cell0")
    _manage(
        keeper, "nova", "nova.conf",
        ["api_db", "sync"], ["cell_v2", "map_cell0", "--database_connection", cell0],
        ["cell_v2", "create_cell", "--name", "cell1"], ["db", "sync"],
    )  # fmt: skip


def _cinder(keeper: Keeper) -> None:
    _manage(keeper, "cinder", "cinder.conf", ["db", "sync"])


def _barbican(keeper: Keeper) -> None:
    lab = keeper.lab
    keeper.complete(
        "setup-barbican",
        ["barbican-manage", "db", "upgrade", "--db-url", Writer(lab).database_url("barbican")],
        {"HOME": lab.etc / "barbican"},
    )


def _octavia(keeper: Keeper) -> None:
    _manage(keeper, "octavia", "octavia.conf", ["upgrade", "head"], tool="octavia-db-manage")


def _designate(keeper: Keeper) -> None:
    _manage(keeper, "designate", "designate.conf", ["database", "sync"])


def _swift(keeper: Keeper) -> None:
    # a ring for each kind of server: 2**4 partitions, one replica, one device
    lab = keeper.lab
    (lab.data / "swift/d1").mkdir(parents=True, exist_ok=True)
    for kind in STORES:
        for stale in (lab.etc / "swift").glob(f"{kind}.*"):
            stale.unlink()
        builder: list[Word] = ["swift-ring-builder", lab.etc / f"swift/{kind}.builder"]
        device = f"r1z1-{HOST}:{lab.port(f'swift-{kind}')}/d1"
        for command in (["create", "4", "1", "1"], ["add", device, "1"], ["rebalance"]):
            keeper.complete("setup-swift", [*builder, *command])
