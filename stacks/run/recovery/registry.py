"""Every type whose unfinished creation can be settled: type token → how it is found."""

from __future__ import annotations

from stacks.run.recovery.compute_kinds import COMPUTE_KINDS
from stacks.run.recovery.identity_kinds import IDENTITY_KINDS
from stacks.run.recovery.kinds import Kind
from stacks.run.recovery.network_kinds import NETWORK_KINDS

KINDS: dict[str, Kind] = {**NETWORK_KINDS, **COMPUTE_KINDS, **IDENTITY_KINDS}
"""The whole table; a type that is in neither stops the recovery and a person is asked."""

REPEATABLE = frozenset({"pulumi-python:dynamic/francecloud:Bucket", "pulumi-python:dynamic/francecloud:PrivateNetwork"})
"""Types of ours whose creation takes what it finds under its name and mark: cut short, it is simply run again."""
