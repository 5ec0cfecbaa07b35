"""The cloud as the first boot left it, kept beside, so that ``reset`` costs a copy and not a boot."""

from __future__ import annotations

import shutil
from pathlib import Path

from stacks.lab.environment import digest
from stacks.lab.settings import Lab

_STAMP = "made-by"
_SHAPE = 1
"""Raised when a first boot leaves data that the configuration of earlier releases does not fit."""
FOLDERS = (
    "rabbitmq", "glance/images", "glance/staging", "glance/tasks", "neutron/lock", "nova/lock", "nova/instances",
    "cinder/lock", "cinder/coordination", "designate/lock", "designate/coordination", "swift/d1", "named",
)  # fmt: skip


def take_snapshot(lab: Lab) -> None:
    """Copy the data of a stopped cloud. From then on the lab counts as made."""
    (lab.data / _STAMP).write_text(stamp(lab), encoding="ascii")
    # the broker runs meanwhile, and what it holds is made again at its start
    _copy(lab.data, lab.snapshot, "rabbitmq")


def restore_snapshot(lab: Lab) -> None:
    """Put the data back as the first boot left it. The cloud must be stopped."""
    shutil.rmtree(lab.data, ignore_errors=True)
    _copy(lab.snapshot, lab.data)


def give_up_data(lab: Lab) -> None:
    """Mark the data as not worth keeping: from then on every start restores the snapshot."""
    (lab.data / _STAMP).unlink(missing_ok=True)


def is_made(lab: Lab) -> bool:
    """Whether the first boot was carried through."""
    return (lab.snapshot / _STAMP).exists()


def is_whole(lab: Lab) -> bool:
    """Whether the data are there: a first boot or a reset that was cut short leaves them out."""
    return (lab.data / _STAMP).exists()


def is_of_this_release(lab: Lab) -> bool:
    """Whether the data were made by a release that this one can go on with."""
    return (lab.snapshot / _STAMP).read_text(encoding="ascii") == stamp(lab)


def stamp(lab: Lab) -> str:
    """What identifies the maker of a lab's data: our own layout, and the versions of OpenStack."""
    return f"{_SHAPE} {digest(lab)}"


def lay_folders(lab: Lab) -> None:
    """Create the folders that services expect to find."""
    for name in FOLDERS:
        (lab.data / name).mkdir(parents=True, exist_ok=True)


def _copy(source: Path, target: Path, *without: str) -> None:
    """Copy a tree so that *target* is there whole or not at all."""
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(source, partial, ignore=shutil.ignore_patterns(*without))
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)
