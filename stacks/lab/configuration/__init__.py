"""The configuration files of a lab: written from nothing at each start, one module a subject."""

from __future__ import annotations

import shutil
from pathlib import Path

from stacks.lab.clouds import write_clouds
from stacks.lab.configuration import (
    compute,
    dns,
    identity,
    infrastructure,
    network,
    objects,
    secrets_and_balancers,
    storage,
)
from stacks.lab.configuration.options import Writer
from stacks.lab.settings import Lab

PLUGINS = Path(__file__).parent.parent / "plugins"
EXTRA_WRITERS = {
    "barbican": secrets_and_balancers.write_barbican,
    "octavia": secrets_and_balancers.write_octavia,
    "designate": dns.write,
    "swift": objects.write,
}


def write_configuration(lab: Lab) -> None:
    """Write every configuration file of a lab, its ``clouds.yaml``, and lay out our drivers."""
    for folder in (lab.etc, lab.log, lab.run, lab.data):
        folder.mkdir(parents=True, exist_ok=True)
    # entry points are found through this folder on PYTHONPATH and the dist-info in it
    shutil.copytree(PLUGINS, lab.base / "plugins", dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    writer = Writer(lab)
    for part in (infrastructure, identity, network, compute, storage):
        part.write(writer)
    for project, write in EXTRA_WRITERS.items():
        if lab.has(project):
            write(writer)
    write_clouds(lab)
